/* SPDX-License-Identifier: Apache-2.0
 * A map of pages by time, twice: true accesses, and what the policy's looks at A bits showed. It
 * has at most HEAT_ROWS x HEAT_COLUMNS cells; when a run outgrows them, rows (or columns) are
 * merged in pairs. Pages are numbered in the order in which programs first use them. */
#ifndef COWALK_OBSERVER_HEAT_H
#define COWALK_OBSERVER_HEAT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct heat;

enum { HEAT_ROWS = 128, HEAT_COLUMNS = 128 };

struct heat_cell {
  uint64_t accesses;    /* retired, fetches included */
  uint32_t used, looks; /* looks that found A set, or a system call's mark; all looks */
};

struct heat *heat_create(void); /* NULL: out of host memory. 16 bytes a page beside the cells. */
void heat_destroy(struct heat *h);
/* The number + 1 of a page of a task; 0: out of host memory. */
uint32_t heat_page(struct heat *h, uint32_t task, uint64_t vpn);
void heat_access(struct heat *h, uint32_t page, uint64_t cycle);
void heat_look(struct heat *h, uint32_t page, uint64_t cycle, bool used);

uint32_t heat_pages(const struct heat *h);         /* numbered so far */
uint32_t heat_row_pages(const struct heat *h);     /* pages a row */
uint64_t heat_column_cycles(const struct heat *h); /* cycles a column */
const struct heat_cell *heat_cell(const struct heat *h, uint32_t row, uint32_t column);
/* Both maps side by side, as SVG. hz: cycles a second. */
void heat_draw(const struct heat *h, const char *title, uint64_t hz, FILE *out);

#endif

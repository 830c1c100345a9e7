// SPDX-License-Identifier: Apache-2.0
// Promises: cells are sums, so merging loses no count; the same events give the same map.
#include "observer/heat.h"

#include <stdlib.h>
#include <string.h>

struct page {
  uint64_t key; /* task << 52 | page number, + 1; 0: empty */
  uint32_t id;
};

struct heat {
  struct page *page; /* linear probing */
  uint32_t room, pages;
  uint32_t row_pages;
  uint64_t column_cycles;
  struct heat_cell cell[HEAT_ROWS][HEAT_COLUMNS];
};

struct heat *heat_create(void) {
  struct heat *h = calloc(1, sizeof *h);
  if (h == NULL) return NULL;
  h->room = 4096;
  h->row_pages = 1;
  h->column_cycles = 1024;
  h->page = calloc(h->room, sizeof *h->page);
  if (h->page != NULL) return h;
  free(h);
  return NULL;
}

void heat_destroy(struct heat *h) {
  if (h != NULL) free(h->page);
  free(h);
}

/* ---- pages by number ---- */

static struct page *place(struct page *table, uint32_t room, uint64_t key) {
  uint32_t i = (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (room - 1);
  while (table[i].key != 0 && table[i].key != key)
    i = (i + 1) & (room - 1);
  return &table[i];
}

static bool grow(struct heat *h) {
  uint32_t room = 2 * h->room;
  struct page *table = room != 0 ? calloc(room, sizeof *table) : NULL;
  if (table == NULL) return false;
  for (uint32_t i = 0; i < h->room; i++)
    if (h->page[i].key != 0) *place(table, room, h->page[i].key) = h->page[i];
  free(h->page);
  h->page = table;
  h->room = room;
  return true;
}

uint32_t heat_page(struct heat *h, uint32_t task, uint64_t vpn) {
  uint64_t key = ((uint64_t)task << 52 | (vpn & ((UINT64_C(1) << 52) - 1))) + 1;
  struct page *p = place(h->page, h->room, key);
  if (p->key == 0) {
    if ((uint64_t)h->pages * 4 >= (uint64_t)h->room * 3) {
      if (!grow(h)) return 0;
      p = place(h->page, h->room, key);
    }
    *p = (struct page){.key = key, .id = h->pages++};
  }
  return p->id + 1;
}

/* ---- cells ---- */

static void merge(struct heat_cell *to, const struct heat_cell *from) {
  to->accesses += from->accesses;
  to->used += from->used;
  to->looks += from->looks;
}

static void halve_rows(struct heat *h) {
  static const struct heat_cell none;
  for (uint32_t r = 0; r < HEAT_ROWS; r++)
    for (uint32_t c = 0; c < HEAT_COLUMNS; c++) {
      h->cell[r][c] = 2 * r < HEAT_ROWS ? h->cell[2 * r][c] : none;
      if (2 * r < HEAT_ROWS) merge(&h->cell[r][c], &h->cell[2 * r + 1][c]);
    }
  h->row_pages *= 2;
}

static void halve_columns(struct heat *h) {
  static const struct heat_cell none;
  for (uint32_t r = 0; r < HEAT_ROWS; r++)
    for (uint32_t c = 0; c < HEAT_COLUMNS; c++) {
      h->cell[r][c] = 2 * c < HEAT_COLUMNS ? h->cell[r][2 * c] : none;
      if (2 * c < HEAT_COLUMNS) merge(&h->cell[r][c], &h->cell[r][2 * c + 1]);
    }
  h->column_cycles *= 2;
}

static struct heat_cell *find(struct heat *h, uint32_t page, uint64_t cycle) {
  while (page / h->row_pages >= HEAT_ROWS)
    halve_rows(h);
  while (cycle / h->column_cycles >= HEAT_COLUMNS)
    halve_columns(h);
  return &h->cell[page / h->row_pages][cycle / h->column_cycles];
}

void heat_access(struct heat *h, uint32_t page, uint64_t cycle) {
  find(h, page, cycle)->accesses++;
}

void heat_look(struct heat *h, uint32_t page, uint64_t cycle, bool used) {
  struct heat_cell *c = find(h, page, cycle);
  c->looks++;
  c->used += used;
}

uint32_t heat_pages(const struct heat *h) {
  return h->pages;
}

uint32_t heat_row_pages(const struct heat *h) {
  return h->row_pages;
}

uint64_t heat_column_cycles(const struct heat *h) {
  return h->column_cycles;
}

const struct heat_cell *heat_cell(const struct heat *h, uint32_t row, uint32_t column) {
  return &h->cell[row][column];
}

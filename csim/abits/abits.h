/* SPDX-License-Identifier: Apache-2.0
 * The experiment of docs/abits.md: one scenario under every replacement policy, with cleared A bits
 * flushed from the TLBs page by page, in batches or not at all, on every architecture, with A set
 * by hardware or by a fault; what the policy believed is held against what was used. */
#ifndef COWALK_ABITS_ABITS_H
#define COWALK_ABITS_ABITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "backend/mmu.h"
#include "observer/sight.h"

struct scenario;

enum { ABITS_FLUSHES = 3 };
extern const char *const abits_flush[ABITS_FLUSHES]; /* "page", "batch", "none" */

/* One run. Plain data: it travels between processes. Cycles are of the simulated clock. */
struct abits_row {
  char policy[24];
  uint32_t arch;  /* enum mmu_arch */
  uint32_t flush; /* index into abits_flush */
  bool by_fault;  /* A is set by the OS after a fault (Arm HA=0, RISC-V Svade) */
  bool ran;
  char error[256]; /* if not, or a contract was broken */
  struct sight_counts sight;
  uint64_t cycles; /* until the last program ended */
  uint64_t shootdowns, ipis, broadcasts;
  uint64_t shootdown_cycles; /* of all CPUs: sent, taken and waited for */
  uint64_t clear_cycles;     /* of these, for nothing but cleared A bits */
  uint64_t a_cleared, a_faults, major_faults;
};

struct abits {
  struct abits_row *row; /* policy, architecture, hardware before fault, flush: in this order */
  size_t rows;
  uint64_t window; /* evictions; see observer/sight.h */
};

struct abits_options {
  const char *const *policy; /* names, NULL at the end; NULL: all there are */
  uint64_t window;           /* 0: as many as the machine has managed pages */
  uint32_t jobs;             /* processes at once, at least 1 */
  bool progress;             /* tell on stderr */
};

/* Runs all. s is changed (policy, flush, hw_a, hw_d). Rows that failed carry why. False with one
 * line in err if nothing could be run. The caller frees with abits_free. */
bool abits_run(struct abits *a, struct scenario *s, const struct abits_options *opt, char *err,
               size_t err_len);
void abits_free(struct abits *a);
/* Every row ran and kept every contract. */
bool abits_passed(const struct abits *a);
/* The run of the same policy and machine that flushes page by page. */
const struct abits_row *abits_page_by_page(const struct abits *a, const struct abits_row *r);

/* Cycles that flushing page by page, at the mean of that run for a cleared bit, would have cost for
 * the bits that this run cleared, beyond what its own flushing cost. Evictions, of which each run
 * has another number, are not in it. */
double abits_saved(const struct abits *a, const struct abits_row *r);
/* Cycles of all shootdowns for each page that left memory. */
double abits_cost(const struct abits_row *r);

void abits_text(const struct abits *a, const char *name, FILE *out);
/* The same in short: a line a policy. */
void abits_summary(const struct abits *a, FILE *out);
void abits_csv(const struct abits *a, FILE *out);
char *abits_json(const struct abits *a, const char *name); /* the caller frees; NULL: no memory */
void abits_plot(const struct abits *a, const char *name, FILE *out);

#endif

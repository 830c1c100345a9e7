/* SPDX-License-Identifier: Apache-2.0
 * A small kernel around csim/lru, for runs without MMU and OS model: one node, one CPU, one process
 * that maps one file and one anonymous area. It has zones with watermarks and reserves, per-CPU
 * free lists, page tables with A bits (an access after a clear always sets A again), a page
 * cache, swap, kswapd and direct reclaim in a fixed order. Simplified: kswapd runs to its end as
 * soon as it is woken; time is a sum of fixed costs. */
#ifndef COWALK_LRU_HOST_HOST_H
#define COWALK_LRU_HOST_HOST_H

#include <stddef.h>
#include <stdint.h>

#include "lru/host/access_list.h"
#include "lru/lru.h"

struct lru_machine;

struct lru_machine_zone {
  uint32_t managed, free; /* pages; free at the start, those on per-CPU lists included */
  uint32_t min, low, high;
  uint32_t reserve; /* for requests that may use any zone (lowmem_reserve) */
  uint32_t pcp_batch, pcp_high;
};

struct lru_machine_cfg {
  struct lru_machine_zone zone[2]; /* DMA, DMA32 */
  uint32_t swap_pages;
  struct lru_tunables tun;
  /* Microseconds: an access without and with a miss, a page looked at by reclaim, a page written
   * to swap (one after another). */
  uint32_t access_us, miss_us, scan_us, write_us;
};
/* The recorded guest of 256 MiB: see docs/lru.md for where each figure comes from. */
struct lru_machine_cfg lru_machine_guest_256m(void);

struct lru_machine_stats {
  uint64_t accesses[LRU_OPS][LRU_CLASSES], misses[LRU_OPS][LRU_CLASSES];
  uint64_t pgfault, pgmajfault, pswpin, pswpout;
  uint64_t pageoutrun, allocstall, low_hit_quickly, high_hit_quickly;
  struct lru_stats lru;
};

/* Areas of so many pages. NULL: out of host memory. */
struct lru_machine *lru_machine_create(const struct lru_ops *ops, const struct lru_machine_cfg *cfg,
                                       uint32_t anon_pages, uint32_t file_pages);
void lru_machine_destroy(struct lru_machine *m);
/* One access of a list (not a mark). Returns whether it missed: a major fault, or a pread of a page
 * not in the page cache; -1 if memory is exhausted (a real kernel would call the OOM killer). */
int lru_machine_access(struct lru_machine *m, enum lru_access_op op, unsigned cls, uint32_t page);
/* So far. */
struct lru_machine_stats lru_machine_stats(const struct lru_machine *m);
/* Pages in memory, in the areas. */
uint64_t lru_machine_resident(const struct lru_machine *m);
/* Run a whole list. One phase a mark, with what happened since the mark before; the caller frees
 * *phases. 0, or -1 with one line in err (out of host memory; memory of the machine exhausted; a
 * check failed), and then *phases is NULL. */
struct lru_run_phase {
  unsigned mark;
  struct lru_machine_stats st;
  uint64_t resident; /* at its end */
};
int lru_machine_run(const struct lru_ops *ops, const struct lru_machine_cfg *cfg,
                    const struct lru_access_list *list, struct lru_run_phase **phases,
                    size_t *count, char *err, size_t err_len);
/* Frames conserved, counts right, the policy's own check. 0, or -1 with one line in err. */
int lru_machine_check(const struct lru_machine *m, char *err, size_t err_len);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Cycle figures of the hardware, each measured on a fresh backend with constant memory latency. */
#ifndef COWALK_BENCH_FIGURES_H
#define COWALK_BENCH_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/backend.h"

typedef struct mmu_backend *backend_create_fn(const struct mmu_backend_config *cfg, char *err,
                                              size_t err_len);

struct figures {
  uint32_t hit_cycles;       /* from offer to answer of an L1 hit */
  double hits_per_cycle;     /* back to back */
  uint32_t l2_hit_cycles;    /* from offer to answer of an L2 hit, one page size in the L2 */
  double l2_hits_per_cycle;  /* back to back */
  uint32_t cold_reads;       /* of a walk of four levels with nothing cached */
  uint32_t cold_cycles;      /* of that walk, offer to answer, memory latency 1 */
  uint32_t level_cycles;     /* the hardware's own cycles for one level, memory excluded */
  uint32_t cached_reads;     /* of a walk whose last table the walk cache knows */
  uint32_t one_walk_cycles;  /* such a walk alone, memory latency 100 */
  uint32_t two_walks_cycles; /* two of them offered together */
};

/* false with one line in err if the backend failed. */
bool figures_measure(enum mmu_arch arch, backend_create_fn *create, struct figures *out, char *err,
                     size_t err_len);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Random page tables, accesses, table changes, invalidations and memory errors against any MMU
 * backend, with the coverage of what was met. Deterministic for a seed. */
#ifndef COWALK_FUZZ_FUZZ_H
#define COWALK_FUZZ_FUZZ_H

#include "backend/lockstep.h"
#include "observer/coverage.h"

struct fuzz_config {
  enum mmu_arch arch;
  mmu_backend_make *make; /* the backend; mmu_backend_lockstep and such judge themselves */
  struct mmu_geometry geometry;
  uint64_t seed, accesses;
  struct coverage *coverage; /* borrowed; may be NULL */
  /* Called now and then with the accesses made so far; may be NULL. */
  void (*progress)(void *self, uint64_t accesses);
  void *progress_self;
};

struct fuzz_report {
  uint64_t accesses, ok, faults, retries, writes, invalidations, cycles;
  struct mmu_backend_stats stats;
};

/* 0, or -1 with the reason (perhaps many lines) in err. The report is filled in either case. */
int fuzz_run(const struct fuzz_config *cfg, struct fuzz_report *report, char *err, size_t err_len);

#endif

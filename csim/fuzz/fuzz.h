/* SPDX-License-Identifier: Apache-2.0
 * Random page tables, accesses, table changes, invalidations and memory errors against any MMU
 * backend, with the coverage of what was met. Deterministic for a seed. */
#ifndef COWALK_FUZZ_FUZZ_H
#define COWALK_FUZZ_FUZZ_H

#include "backend/lockstep.h"
#include "fuzz/mix.h"
#include "observer/coverage.h"

struct fuzz_config {
  enum mmu_arch arch;
  uint8_t stages;         /* 1, 2, or 3: both kinds of world in turn */
  mmu_backend_make *make; /* the backend; mmu_backend_lockstep and such judge themselves */
  struct mmu_geometry geometry;
  uint64_t seed, accesses;
  struct coverage *coverage; /* borrowed; may be NULL */
  const char *waves;         /* NULL, or a file for an FST of the cycles from..to */
  uint64_t waves_from, waves_to;
  /* Called now and then with the accesses made so far; may be NULL. */
  void (*progress)(void *self, uint64_t accesses);
  void *progress_self;
};

struct fuzz_report {
  uint64_t accesses, ok, faults, retries;
  uint64_t writes, invalidations, cycles;
  struct mmu_backend_stats stats;
  struct fuzz_mix mix; /* of those with a stage 2 */
};

enum { FUZZ_OK = 0, FUZZ_REFUSED = -1, FUZZ_NOT_STARTED = -2 };

/* FUZZ_REFUSED: the backend stopped or fell silent; err has the reason, perhaps many lines, and
 * the report is filled. FUZZ_NOT_STARTED: no such backend, geometry or memory; err has one line. */
int fuzz_run(const struct fuzz_config *cfg, struct fuzz_report *report, char *err, size_t err_len);

#endif

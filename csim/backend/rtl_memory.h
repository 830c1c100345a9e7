/* SPDX-License-Identifier: Apache-2.0
 * The memory side of the rtl backend: requests of the hardware take effect in the simulated memory
 * when they are accepted and are answered after their latency, out of order if it so happens.
 * Plain value, owned by the backend; what cfg borrows must outlive it. */
#ifndef COWALK_BACKEND_RTL_MEMORY_H
#define COWALK_BACKEND_RTL_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/backend.h"
#include "testbench/shim.h"

enum { RTL_MEMORY_MAX = 64 }; /* requests outstanding */

struct rtl_memory_answer {
  uint64_t due; /* the clock edge that takes it */
  uint64_t old;
  uint8_t id, error;
  bool ok;
};

struct rtl_memory {
  size_t count;
  struct rtl_memory_answer answer[RTL_MEMORY_MAX]; /* ordered by due, then by acceptance */
};

/* Let the request in `out` take effect at cycle `now`: memory, observer and counters see it. */
void rtl_memory_accept(struct rtl_memory *m, const struct mmu_backend_config *cfg, uint64_t now,
                       const struct hw_out *out, struct mmu_backend_stats *stats);
/* The edge that takes the next answer; MMU_NEVER if nothing is outstanding. */
static inline uint64_t rtl_memory_due(const struct rtl_memory *m) {
  return m->count != 0 ? m->answer[0].due : MMU_NEVER;
}
/* Hand the earliest answer to the hardware. Only if there is one. */
void rtl_memory_deliver(struct rtl_memory *m, struct hw_in *in);

#endif

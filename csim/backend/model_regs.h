/* SPDX-License-Identifier: Apache-2.0
 * The registers of docs/registers.md in C: what is stored, the fault queue, and what a write does.
 * Whoever embeds it says when faults are answered and what the counters stand at. Also the
 * lockstep's copy of the context in force. A plain value, no ownership. */
#ifndef COWALK_BACKEND_MODEL_REGS_H
#define COWALK_BACKEND_MODEL_REGS_H

#include <stdbool.h>
#include <stdint.h>

#include "backend/mmu.h"
#include "backend/mmu_regs.h"

struct model_fault {
  struct mmu_syndrome syndrome;
  uint64_t va;
  uint8_t port, tag;
};

/* The registers of the map by number: MODEL_REG_CONTROL and so on. */
#define MODEL_REG(name, offset, readable, writable, rw, w1c, reset, build) MODEL_REG_##name,
enum { MMU_REG_LIST(MODEL_REG) MODEL_REGS };
#undef MODEL_REG

struct model_regs {
  enum mmu_arch arch;
  uint64_t value[MODEL_REGS];                  /* of those that keep what is written */
  struct model_fault fault[MMU_FAULT_ENTRIES]; /* a ring */
  uint32_t head, count, drops;
  bool overflow;
  /* counters: counted[i], and while counting what came on top of base[i] */
  uint64_t counted[MMU_PERF_COUNT], base[MMU_PERF_COUNT];
};

void model_regs_reset(struct model_regs *r, enum mmu_arch arch);
/* `events`: how often each event of enum mmu_perf happened since reset, whether counted or not.
 * 0, or -1 if the access is refused. */
int model_regs_write(struct model_regs *r, const uint64_t events[MMU_PERF_COUNT], uint32_t offset,
                     uint64_t value);
int model_regs_read(const struct model_regs *r, const uint64_t events[MMU_PERF_COUNT],
                    uint32_t offset, uint64_t *value);
/* A fault is answered. */
void model_regs_fault(struct model_regs *r, const struct mmu_response *a);
/* What a request is translated under that comes with `own` and says from_regs. */
struct mmu_context model_regs_context(const struct model_regs *r, const struct mmu_context *own);

#endif

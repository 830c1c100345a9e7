// SPDX-License-Identifier: Apache-2.0
// Serves the memory port of the Verilated hardware. The order of effect is the order of acceptance
// (the design's memory port); latencies come from csim/timing.
// Promises: every accepted request is answered once, with the id it came with.
#include "backend/rtl_memory.h"

#include <string.h>

#include "mem/physmem.h"
#include "timing/memtiming.h"

/* Which of accessed and dirty an update changes: SDM 4.8, Arm D8.5, RISC-V Sv39 A and D. EPT has
 * bits of its own, which no other update changes: SDM 29.3.5. */
static void count_update(enum mmu_arch arch, uint64_t change, struct mmu_backend_stats *stats) {
  static const uint64_t ept_a = 1u << 8, ept_d = 1u << 9;
  static const uint64_t a_bit[MMU_ARCH_COUNT] = {1u << 5, 1u << 10, 1u << 6};
  static const uint64_t d_bit[MMU_ARCH_COUNT] = {1u << 6, 1u << 7, 1u << 7};
  stats->cas_a += (change & (a_bit[arch] | (arch == MMU_ARCH_X86 ? ept_a : 0))) != 0;
  stats->cas_d += (change & (d_bit[arch] | (arch == MMU_ARCH_X86 ? ept_d : 0))) != 0;
}

static void take_effect(struct rtl_memory_answer *a, const struct mmu_backend_config *cfg,
                        const struct hw_out *out, struct mmu_backend_stats *stats) {
  if (!out->mem_req_cas) {
    a->error = (uint8_t)physmem_read64(cfg->memory, out->mem_req_addr, &a->old);
    stats->walk_reads++;
    stats->s2_reads += out->mem_req_stage == 2;
    return;
  }
  a->error = (uint8_t)physmem_cas64(cfg->memory, out->mem_req_addr, out->mem_req_expected,
                                    out->mem_req_desired, MEM_WRITER_HW, &a->old, &a->ok);
  if (a->ok)
    count_update(cfg->arch, out->mem_req_expected ^ out->mem_req_desired, stats);
  else
    stats->cas_lost += a->error == MMU_MEM_OK;
}

static void tell_observer(const struct rtl_memory_answer *a, const struct mmu_backend_config *cfg,
                          uint64_t now, uint32_t latency, const struct hw_out *out) {
  struct mmu_event ev = {.cycle = now,
                         .addr = out->mem_req_addr,
                         .old = a->old,
                         .expected = out->mem_req_cas ? out->mem_req_expected : 0,
                         .desired = out->mem_req_cas ? out->mem_req_desired : 0,
                         .kind = out->mem_req_cas ? MMU_EV_CAS : MMU_EV_READ,
                         .latency = latency,
                         .tag = out->mem_req_tag,
                         .port = out->mem_req_port,
                         .level = out->mem_req_level,
                         .stage = out->mem_req_stage,
                         .slot = out->mem_req_slot,
                         .error = a->error,
                         .ok = a->ok};
  cfg->observer.event(cfg->observer.self, &ev);
}

void rtl_memory_accept(struct rtl_memory *m, const struct mmu_backend_config *cfg, uint64_t now,
                       const struct hw_out *out, struct mmu_backend_stats *stats) {
  struct rtl_memory_answer a = {.id = out->mem_req_id};
  uint32_t latency = 1;
  take_effect(&a, cfg, out, stats);
  if (cfg->timing != NULL)
    latency = memtiming_access(cfg->timing, out->mem_req_addr, out->mem_req_cas);
  if (cfg->observer.event != NULL) tell_observer(&a, cfg, now, latency, out);
  a.due = now + latency;
  size_t i = m->count++;
  for (; i > 0 && m->answer[i - 1].due > a.due; i--)
    m->answer[i] = m->answer[i - 1];
  m->answer[i] = a;
}

void rtl_memory_deliver(struct rtl_memory *m, struct hw_in *in) {
  const struct rtl_memory_answer *a = &m->answer[0];
  in->mem_rsp_valid = true;
  in->mem_rsp_id = a->id;
  in->mem_rsp_error = a->error;
  in->mem_rsp_ok = a->ok;
  in->mem_rsp_old = a->old;
  m->count--;
  memmove(&m->answer[0], &m->answer[1], m->count * sizeof m->answer[0]);
}

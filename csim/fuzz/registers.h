/* SPDX-License-Identifier: Apache-2.0
 * A context as the writes that bring it into the registers (docs/registers.md), for the
 * fuzzer and tests. */
#ifndef COWALK_FUZZ_REGISTERS_H
#define COWALK_FUZZ_REGISTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/mmu.h"
#include "backend/mmu_regs.h"

enum { CONTEXT_WRITES = 6 };

struct context_write {
  uint16_t offset;
  uint64_t value;
};

static inline uint64_t option(bool on, uint64_t mask) {
  return on ? mask : 0;
}

static inline void context_writes(const struct mmu_context *c,
                                  struct context_write out[CONTEXT_WRITES]) {
  out[0] = (struct context_write){MMU_REG_S1_ROOT0, c->s1_root0};
  out[1] = (struct context_write){MMU_REG_S1_ROOT1, c->s1_root1};
  out[2] = (struct context_write){MMU_REG_S2_ROOT, c->s2_root};
  out[3] = (struct context_write){MMU_REG_MODES,
                                  (uint64_t)c->s1_mode << MMU_MODES_S1_MODE_LSB |
                                      (uint64_t)c->s2_mode << MMU_MODES_S2_MODE_LSB |
                                      (uint64_t)c->regime << MMU_MODES_REGIME_LSB |
                                      (uint64_t)c->pa_width << MMU_MODES_PA_WIDTH_LSB |
                                      (uint64_t)c->t0sz << MMU_MODES_T0SZ_LSB |
                                      (uint64_t)c->t1sz << MMU_MODES_T1SZ_LSB |
                                      (uint64_t)c->s2_pa_width << MMU_MODES_S2_PA_WIDTH_LSB |
                                      (uint64_t)c->s2_t0sz << MMU_MODES_S2_T0SZ_LSB |
                                      (uint64_t)c->s2_top << MMU_MODES_S2_TOP_LSB};
  out[4] = (struct context_write){MMU_REG_SPACE, (uint64_t)c->asid << MMU_SPACE_ASID_LSB |
                                                     (uint64_t)c->vmid << MMU_SPACE_VMID_LSB};
  out[5] = (struct context_write){
      MMU_REG_OPTIONS,
      option(c->wp, MMU_OPTIONS_WP) | option(c->nxe, MMU_OPTIONS_NXE) |
          option(c->smep, MMU_OPTIONS_SMEP) | option(c->smap, MMU_OPTIONS_SMAP) |
          option(c->pke, MMU_OPTIONS_PKE) | option(c->page1g, MMU_OPTIONS_PAGE1G) |
          option(c->pbmte, MMU_OPTIONS_PBMTE) | option(c->wxn, MMU_OPTIONS_WXN) |
          option(c->epd0, MMU_OPTIONS_EPD0) | option(c->epd1, MMU_OPTIONS_EPD1) |
          option(c->tbi0, MMU_OPTIONS_TBI0) | option(c->tbi1, MMU_OPTIONS_TBI1) |
          option(c->hpd0, MMU_OPTIONS_HPD0) | option(c->hpd1, MMU_OPTIONS_HPD1) |
          option(c->s1_hw_a, MMU_OPTIONS_S1_HW_A) | option(c->s1_hw_d, MMU_OPTIONS_S1_HW_D) |
          option(c->s2_hw_a, MMU_OPTIONS_S2_HW_A) | option(c->s2_hw_d, MMU_OPTIONS_S2_HW_D) |
          option(c->s2_mbec, MMU_OPTIONS_S2_MBEC) |
          option(c->s2_exec_only, MMU_OPTIONS_S2_EXEC_ONLY) |
          option(c->s2_page1g, MMU_OPTIONS_S2_PAGE1G) |
          option(c->s2_exit_info, MMU_OPTIONS_S2_EXIT_INFO) |
          option(c->s2_nxe, MMU_OPTIONS_S2_NXE) | option(c->s2_ptw, MMU_OPTIONS_S2_PTW) |
          option(c->s2_mxr, MMU_OPTIONS_S2_MXR) | option(c->s2_pbmte, MMU_OPTIONS_S2_PBMTE)};
}

#endif

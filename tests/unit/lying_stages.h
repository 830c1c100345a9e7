/* SPDX-License-Identifier: Apache-2.0
 * A machine of two stages with a lying MMU before the judge (lying_backend.h), in every mode of
 * stage
 * 2. To be included by one test program each. */
#ifndef COWALK_TESTS_LYING_STAGES_H
#define COWALK_TESTS_LYING_STAGES_H

#include "tests/unit/lying_backend.h"
#include "tests/unit/two_stages.h"

static bool stage1_began, stage1_ended; /* of the walk that the liar tells of */

/* One table's height each is enough: four levels, or three of RISC-V. */
static const struct {
  enum mmu_arch arch;
  uint8_t mode, levels;
} modes[] = {{MMU_ARCH_X86, MMU_S2_EPT, 4},
             {MMU_ARCH_X86, MMU_S2_NPT, 4},
             {MMU_ARCH_ARM, MMU_S2_ARM, 4},
             {MMU_ARCH_RISCV, MMU_S2_RISCV, 3}};
enum { MODES = sizeof modes / sizeof modes[0], VA = 0x3000 };

static const struct mmu_geometry small = {.l1i_entries = 4,
                                          .l1d_entries = 4,
                                          .pwc_entries = {4, 4, 4, 4},
                                          .walks = 2,
                                          .miss_queue = 4,
                                          .nested_entries = 8};

static struct mmu_backend *judged_liar(const struct mmu_backend_config *cfg, char *err,
                                       size_t err_len) {
  return mmu_backend_judged(make_liar, cfg, err, err_len);
}

/* Two pages of 4 KiB in both stages, and a liar before the judge. */
static struct stages liar_of(unsigned mode) {
  struct stages s = stages_on(judged_liar, modes[mode].arch, modes[mode].mode, modes[mode].levels,
                              modes[mode].levels, &small);
  s.ctx.s2_hw_a = s.ctx.s2_hw_d = true;
  stage1_began = stage1_ended = false;
  for (uint64_t i = 0; i < 2; i++) {
    s1_map(&s, VA + i * 0x1000, GUEST_DATA + i * 0x1000, 0, 0);
    s2_map(&s, GUEST_DATA + i * 0x1000, 0);
  }
  return s;
}

/* Ask; the answer, if the judge lets it pass. */
static bool asked(struct stages *s, uint64_t va, uint8_t kind, struct mmu_response *r) {
  struct mmu_request q = {.va = va, .access = {.kind = kind}, .ctx = &s->ctx, .tag = 3};
  q.port = kind == MMU_FETCH ? MMU_PORT_FETCH : MMU_PORT_DATA;
  return mmu_translate(s->b, &q, r) == 0 && s->b->ops->error(s->b) == NULL;
}

#endif

/* SPDX-License-Identifier: Apache-2.0
 * A small x86 machine with one mapped page and a lying MMU (lying_backend.h), for tests of the
 * judge. */
#ifndef COWALK_TESTS_LIAR_H
#define COWALK_TESTS_LIAR_H

#include "tests/unit/lying_backend.h"

enum {
  P = 1,
  RW = 2,
  US = 4,
  A = 32,
  D = 64,
  G = 256,
  ROOT = 0x1000,
  L2 = 0x2000,
  L1 = 0x3000,
  L0 = 0x4000,
  PTE = L0 + 8, /* of VA */
  VA = 0x1000,
  FRAME = 0x123000
};

/* Without an L2 TLB: what one port does not know is walked for. */
static const struct mmu_geometry small = {
    .l1i_entries = 4, .l1d_entries = 4, .pwc_entries = {4, 4, 4, 4}, .walks = 2, .miss_queue = 4};

struct machine {
  struct physmem *mem;
  struct mmu_backend *b;
  struct mmu_context ctx;
  bool refused;
  char why[160]; /* first line of the refusal */
};

static void put(struct machine *m, uint64_t addr, uint64_t value) {
  physmem_write64(m->mem, addr, value, MEM_WRITER_OS);
}

static struct machine machine(uint64_t pte) {
  struct machine m = {.mem = physmem_create(1 << 24)};
  put(&m, ROOT, L2 | P | RW | US | A);
  put(&m, L2, L1 | P | RW | US | A);
  put(&m, L1, L0 | P | RW | US | A);
  put(&m, PTE, pte);
  struct mmu_backend_config cfg = {
      .arch = MMU_ARCH_X86, .geometry = small, .memory = m.mem, .seed = 42, .cpu = 5};
  char err[200] = "";
  m.b = mmu_backend_judged(make_liar, &cfg, err, sizeof err);
  assert_non_null(m.b);
  m.ctx = (struct mmu_context){.s1_root0 = ROOT,
                               .asid = 1,
                               .s1_mode = MMU_S1_X86_L4,
                               .priv = MMU_USER,
                               .pa_width = 40,
                               .wp = true,
                               .nxe = true,
                               .s1_hw_a = true,
                               .s1_hw_d = true};
  return m;
}

static void note_refusal(struct machine *m) {
  const char *story = m->b->ops->error(m->b);
  m->refused = story != NULL;
  if (story != NULL) snprintf(m->why, sizeof m->why, "%.*s", (int)strcspn(story, "\n"), story);
}

static struct mmu_response access_page(struct machine *m, uint8_t kind) {
  struct mmu_response r = {0};
  struct mmu_request q = {.va = VA + 8,
                          .access = {.kind = kind, .size = 3},
                          .ctx = &m->ctx,
                          .tag = 3,
                          .port = kind == MMU_FETCH ? MMU_PORT_FETCH : MMU_PORT_DATA};
  mmu_translate(m->b, &q, &r);
  note_refusal(m);
  return r;
}

static void finish(struct machine *m) {
  m->b->ops->destroy(m->b);
  physmem_destroy(m->mem);
}

static bool is_answer(const struct mmu_event *ev) {
  return ev->kind == MMU_EV_ANSWER;
}

static void expect_refused(const char *name, bool refused) {
  if (!refused) print_error("accepted: %s\n", name);
  assert_true(refused);
}

#endif

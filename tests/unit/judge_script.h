/* SPDX-License-Identifier: Apache-2.0
 * A judge without an MMU: the test tells it what an MMU does, event by event, and asks whether it
 * was believed. For what no backend at hand does, and for lies. */
#ifndef COWALK_TESTS_JUDGE_SCRIPT_H
#define COWALK_TESTS_JUDGE_SCRIPT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "backend/judge.h"

struct script {
  struct judge *judge;
  struct mmu_context ctx;
  uint64_t va; /* of the request asked last */
  uint8_t kind, tag;
};

static struct script script(enum mmu_arch arch, const struct mmu_context *ctx, uint32_t pwc_kind,
                            uint32_t l2_sets) {
  struct mmu_backend_config cfg = {.arch = arch, .geometry = mmu_geometry_default()};
  cfg.geometry.pwc_kind = pwc_kind;
  cfg.geometry.l2_sets = l2_sets;
  struct script s = {.judge = judge_create(&cfg), .ctx = *ctx};
  assert_non_null(s.judge);
  return s;
}

static void ask(struct script *s, uint8_t kind, uint64_t va) {
  s->va = va;
  s->kind = kind;
  struct mmu_request q = {
      .va = va, .access = {.kind = kind}, .ctx = &s->ctx, .tag = ++s->tag, .port = MMU_PORT_DATA};
  judge_submit(s->judge, &q);
}

static void tell(struct script *s, struct mmu_event ev) {
  ev.tag = s->tag;
  ev.port = MMU_PORT_DATA;
  judge_event(s->judge, &ev);
}

static void reads(struct script *s, uint8_t level, uint64_t addr, uint64_t value) {
  tell(s, (struct mmu_event){.kind = MMU_EV_READ, .level = level, .addr = addr, .old = value});
}

static void swaps(struct script *s, uint8_t level, uint64_t addr, uint64_t from, uint64_t to,
                  bool ok) {
  tell(s, (struct mmu_event){.kind = MMU_EV_CAS,
                             .level = level,
                             .addr = addr,
                             .old = ok ? from : 0,
                             .expected = from,
                             .desired = to,
                             .ok = ok});
}

static void answers(struct script *s, struct mmu_response a) {
  a.tag = s->tag;
  a.port = MMU_PORT_DATA;
  tell(s, (struct mmu_event){.kind = MMU_EV_ANSWER, .response = &a});
}

/* The request is answered: this page, this base. */
static void maps_to(struct script *s, uint64_t base, uint8_t shift) {
  answers(s,
          (struct mmu_response){.pa = base | (s->va & ~(UINT64_MAX << shift)), .s1_shift = shift});
}

static void starts(struct script *s, uint8_t kind, uint64_t addr) {
  struct mmu_inval inv = {.kind = kind, .addr = addr, .asid = s->ctx.asid};
  judge_invalidate(s->judge, &inv);
}

static void is_done(struct script *s) {
  tell(s, (struct mmu_event){.kind = MMU_EV_INVAL_DONE});
}

static void invalidates(struct script *s, uint8_t kind, uint64_t addr) {
  starts(s, kind, addr);
  is_done(s);
}

/* End the script: was all of it believed? */
static bool believed(struct script *s) {
  bool ok = judge_refusal(s->judge) == NULL;
  judge_destroy(s->judge);
  s->judge = NULL;
  return ok;
}

#endif

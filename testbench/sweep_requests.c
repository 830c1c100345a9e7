/* SPDX-License-Identifier: Apache-2.0
 * Events of the sweeper that are requests: a second one, and one under a changed context. */
#include "testbench/sweep_run.h"

#include <stdio.h>
#include <string.h>

/* ---- events: other requests
 * --------------------------------------------------------------------------- */

static bool finish_with_second(struct sweep_run *r, size_t second, const struct sweep_outcome *want,
                               struct sweep_result *res) {
  if (!bench_settle(r->b, BOUND)) return sweep_sound(r);
  res->runs++;
  if (!sweep_expect(r, "first request", r->main, &r->before)) return false;
  if (!sweep_expect(r, "second request", second, want)) return false;
  if (!sweep_updates_legal(r)) return false;
  return sweep_probe(r, &r->before) && sweep_unrelated_hits(r);
}

static bool run_second(struct sweep_run *r, unsigned variant, struct sweep_result *res) {
  static const char *const names[] = {
      "same-page-read", "same-page-write", "same-page-fetch", "sibling", "far", "other-space"};
  struct bench *b = r->b;
  sweep_build(r);
  snprintf(r->variant, sizeof r->variant, "%s", names[variant]);
  struct mmu_access access = {.kind = MMU_READ, .size = 2};
  struct mmu_context ctx = r->s.ctx;
  uint64_t va = r->va + 0x120;
  struct sweep_outcome want = r->before;
  const bool on_page = r->w->fault == SWEEP_SOUND;
  switch (variant) {
    case 0:
      break;
    case 1:
      access.kind = MMU_WRITE;
      break;
    case 2:
      access.kind = MMU_FETCH;
      break;
    case 3:
      va = r->sibling + 0x120;
      want = (struct sweep_outcome){.pa = PA_SIBLING, .height = r->w->height, .valid = true};
      if (!on_page && r->w->fault_height > r->w->height) want = r->before;
      if (!on_page && r->w->fault_height == r->w->height) want.cause = MMU_CAUSE_NONE;
      break;
    case 4:
      va = r->far + 0x120;
      want = (struct sweep_outcome){.pa = PA_FAR, .valid = true};
      break;
    default: {
      struct space other = space_new(b, r->f);
      other.ctx.asid = OTHER_ASID;
      if (r->n != NULL) nested_share(&other.ctx, &r->s.ctx);
      space_map(&other, r->va, 0, PA_OTHER_SPACE, PAGE_ALL);
      ctx = other.ctx;
      want = (struct sweep_outcome){.pa = PA_OTHER_SPACE, .valid = true};
      break;
    }
  }
  if (variant < 3 && on_page)
    want.cause = format_judge(&r->s, r->w->flags, (enum mmu_access_kind)access.kind);
  sweep_start(r);
  const size_t second = bench_ask(b, va, &access, &ctx);
  return finish_with_second(r, second, &want, res);
}

bool sweep_second(struct sweep_run *r, unsigned cycles, struct sweep_result *res) {
  for (unsigned variant = 0; variant < 6; variant++) {
    for (r->at = 0; r->at < cycles; r->at++) {
      if (!run_second(r, variant, res)) return false;
    }
  }
  return true;
}

/* One field of the context differs in what follows the swept request. */
static const char *change_context(struct mmu_context *c, unsigned field) {
  switch (field) {
    case 0:
      c->s1_root0 ^= 0x1000000;
      return "root0";
    case 1:
      c->s1_root1 ^= 0x1000000;
      return "root1";
    case 2:
      c->asid ^= 0x8000;
      return "asid";
    case 3:
      c->vmid ^= 0x8000;
      return "vmid";
    case 4:
      c->priv = MMU_SUPERVISOR;
      return "priv";
    case 5:
      c->s1_mode = MMU_S1_OFF;
      return "s1_mode";
    case 6:
      c->pa_width = 24;
      return "pa_width";
    case 7:
      c->t0sz = 34;
      return "t0sz";
    case 8:
      c->t1sz = 34;
      return "t1sz";
    case 9:
      c->wp = !c->wp;
      return "wp";
    case 10:
      c->nxe = !c->nxe;
      return "nxe";
    case 11:
      c->smep = !c->smep;
      return "smep";
    case 12:
      c->smap = !c->smap;
      return "smap";
    case 13:
      c->pke = true;
      c->pkru = UINT32_MAX;
      return "pkru";
    case 14:
      c->page1g = !c->page1g;
      return "page1g";
    case 15:
      c->sum = !c->sum;
      return "sum";
    case 16:
      c->mxr = !c->mxr;
      return "mxr";
    case 17:
      c->pan = !c->pan;
      return "pan";
    case 18:
      c->wxn = !c->wxn;
      return "wxn";
    case 19:
      c->epd0 = !c->epd0;
      return "epd0";
    case 20:
      c->epd1 = !c->epd1;
      return "epd1";
    case 21:
      c->hpd0 = c->hpd1 = true;
      return "hpd";
    case 22:
      c->s1_hw_a = c->s1_hw_d = !c->s1_hw_a;
      return "hw_ad";
    case 23:
      c->s1_hw_d = !c->s1_hw_d;
      return "hw_d";
    case 24:
      c->s2_root ^= 0x1000000;
      return "s2_root";
    case 25:
      c->s2_mode = MMU_S2_OFF;
      return "s2_mode";
    case 26:
      c->s2_pa_width = 24;
      return "s2_pa_width";
    case 27:
      c->s2_hw_a = c->s2_hw_d = !c->s2_hw_a;
      return "s2_hw_ad";
    default:
      return NULL;
  }
}

/* Fields that an architecture does not have stay 0 (the contract of struct mmu_context). */
static bool field_exists(const struct sweep_run *r, unsigned field) {
  const enum mmu_arch arch = r->f->arch;
  switch (field) {
    case 25:
    case 26:
      return r->n != NULL;
    case 27:
      return r->n != NULL && r->n->mode != MMU_S2_NPT;
    case 9:
    case 10:
    case 11:
    case 12:
    case 13:
    case 14:
      return arch == MMU_ARCH_X86;
    case 15:
    case 16:
      return arch == MMU_ARCH_RISCV;
    case 22:
      return arch != MMU_ARCH_X86;
    case 0:
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
    case 24:
      return true;
    default:
      return arch == MMU_ARCH_ARM;
  }
}

static bool same_answer(const struct mmu_response *a, const struct mmu_response *b) {
  if (a->status != b->status) return false;
  if (a->status == MMU_OK) return a->pa == b->pa && a->s1_shift == b->s1_shift;
  return memcmp(a->syndrome.reg, b->syndrome.reg, sizeof a->syndrome.reg) == 0 &&
         a->syndrome.to_hyp == b->syndrome.to_hyp && a->fault.cause == b->fault.cause &&
         a->fault.s1_level == b->fault.s1_level;
}

static bool run_context(struct sweep_run *r, unsigned field, const struct mmu_response *alone,
                        struct sweep_result *res) {
  sweep_build(r);
  struct mmu_context ctx = r->s.ctx;
  (void)change_context(&ctx, field);
  sweep_start(r);
  const struct mmu_access load = {.kind = MMU_READ, .size = 3};
  const size_t second = bench_ask(r->b, r->far, &load, &ctx);
  if (!bench_settle(r->b, BOUND)) return sweep_sound(r);
  res->runs++;
  if (!sweep_expect(r, "first request", r->main, &r->before)) return false;
  char text[160];
  /* what the nested TLB knows of the VMID may answer it */
  const bool known = r->n != NULL && field >= 24 && field != 25;
  if (!known && !same_answer(&r->b->request[second].response, alone))
    return sweep_complain(r, "the second request is answered differently than alone: %s",
                          sweep_show(&r->b->request[second], text, sizeof text));
  return sweep_probe(r, &r->before) && sweep_unrelated_hits(r);
}

bool sweep_context(struct sweep_run *r, unsigned cycles, struct sweep_result *res) {
  for (unsigned field = 0;; field++) {
    r->at = 0;
    sweep_build(r);
    struct mmu_context ctx = r->s.ctx;
    const char *name = change_context(&ctx, field);
    if (name == NULL) return true;
    if (!field_exists(r, field)) continue;
    snprintf(r->variant, sizeof r->variant, "%s", name);
    /* what the second request is answered on its own */
    const struct mmu_access load = {.kind = MMU_READ, .size = 3};
    const struct mmu_response alone = bench_translate(r->b, r->far, &load, &ctx)->response;
    if (!sweep_sound(r)) return false;
    /* a long walk: of what stage 1 is told every third cycle */
    const unsigned step = r->n != NULL && field < 24 ? 3 : 1;
    for (r->at = field % step; r->at < cycles; r->at += step) {
      if (!run_context(r, field, &alone, res)) return false;
    }
  }
}

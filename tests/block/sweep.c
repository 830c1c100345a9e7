/* SPDX-License-Identifier: Apache-2.0
 * The sweep over descriptors, and the comparison (sweep.h). */
#include "sweep.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

void sweep_init(struct sweep *s, enum mmu_arch arch,
                void (*expect)(const struct arch_in *in, struct expect *e)) {
  *s = (struct sweep){.box = arch_box_create(arch), .arch = arch, .expect = expect};
  assert_non_null(s->box);
}

void sweep_free(struct sweep *s) {
  arch_box_destroy(s->box);
}

uint64_t sweep_random(uint64_t *state) {
  uint64_t x = *state;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  *state = x;
  return x * 0x2545f4914f6cdd1dULL;
}

static void print_case(const struct arch_in *in, const struct expect *e, const struct arch_out *o) {
  const struct mmu_context *c = &in->ctx;
  printf("pte %016" PRIx64
         " level %u rights %02x upper %d global %d kind %u op %u implicit %d "
         "hlvx %d priv %u\n",
         in->pte, in->level, in->rights, in->upper, in->global, in->access.kind, in->access.op,
         in->access.implicit_sup, in->access.exec_as_read, c->priv);
  printf(
      "  pa_width %u wp %d nxe %d smep %d smap %d ac %d page1g %d pke %d pkru %08x sum %d mxr %d"
      " pbmte %d pan %d wxn %d hpd %d%d hw_a %d hw_d %d\n",
      c->pa_width, c->wp, c->nxe, c->smep, c->smap, c->ac, c->page1g, c->pke, c->pkru, c->sum,
      c->mxr, c->pbmte, c->pan, c->wxn, c->hpd0, c->hpd1, c->s1_hw_a, c->s1_hw_d);
  printf("  expected kind %u cause %u next %" PRIx64
         " shift %u rights %02x attrs %02x g %d d %d "
         "update %d %016" PRIx64 "\n",
         e->kind, e->cause, e->next, e->page_shift, e->rights, e->attrs, e->global, e->dirty,
         e->update, e->new_pte);
  printf("  hardware kind %u cause %u next %" PRIx64
         " shift %u rights %02x attrs %02x g %d d %d "
         "update %d %016" PRIx64 "\n",
         o->step.kind, o->step.cause, o->step.next, o->step.page_shift, o->step.rights,
         o->step.attrs, o->step.global, o->step.dirty, o->step.update, o->step.new_pte);
}

static bool same(const struct expect *e, const struct arch_out *o) {
  if (o->step.kind != e->kind) return false;
  if (e->kind == ARCH_FAULT) return o->step.cause == e->cause && !o->step.update;
  if (o->step.cause != MMU_CAUSE_NONE || o->step.next != e->next || o->step.rights != e->rights ||
      o->step.global != e->global || o->step.update != e->update)
    return false;
  if (e->update && o->step.new_pte != e->new_pte) return false;
  if (e->kind == ARCH_TABLE) return true;
  return o->step.page_shift == e->page_shift && o->step.attrs == e->attrs &&
         o->step.dirty == e->dirty;
}

static void judge(struct sweep *s, const struct arch_in *in, struct expect *e, struct arch_out *o) {
  arch_box_eval(s->box, in, o);
  s->expect(in, e);
  s->cases++;
  s->kinds[e->kind]++;
  if (e->kind == ARCH_FAULT) s->causes[e->cause]++;
  if (!same(e, o) && s->mismatches++ < 5) print_case(in, e, o);
}

void sweep_case(struct sweep *s, const struct arch_in *in) {
  struct expect e = {0};
  struct arch_out o;
  judge(s, in, &e, &o);
}

void sweep_flip(struct sweep *s, const struct arch_in *in) {
  struct arch_in flipped = *in;
  sweep_case(s, in);
  for (unsigned bit = 0; bit < 64; bit++) {
    flipped.pte = in->pte ^ (1ULL << bit);
    sweep_case(s, &flipped);
  }
}

void sweep_hit(struct sweep *s, const struct arch_in *in, const struct arch_in *other) {
  struct expect e = {0}, later = {0};
  struct arch_out o, need;
  judge(s, in, &e, &o);
  if (e.kind != ARCH_LEAF || o.step.kind != ARCH_LEAF) return;
  struct arch_in again = *other;
  again.pte = e.update ? e.new_pte : in->pte;
  again.hit_rights = o.step.rights;
  again.hit_attrs = o.step.attrs;
  again.hit_dirty = o.step.dirty;
  arch_box_eval(s->box, &again, &need);
  s->expect(&again, &later);
  bool allowed = later.kind == ARCH_LEAF && !later.update;
  s->cases++;
  if (need.hit_met != allowed && s->mismatches++ < 5) {
    printf("a hit on what this filled should be %d:\n", allowed);
    print_case(in, &e, &o);
    printf("by:\n");
    print_case(&again, &later, &need);
  }
}

void sweep_verdict(const struct sweep *s, const uint8_t *causes) {
  printf("  %" PRIu64 " cases: %" PRIu64 " tables, %" PRIu64 " leaves, %" PRIu64 " faults\n",
         s->cases, s->kinds[ARCH_TABLE], s->kinds[ARCH_LEAF], s->kinds[ARCH_FAULT]);
  if (s->mismatches != 0) fail_msg("%" PRIu64 " mismatches", s->mismatches);
  assert_true(s->kinds[ARCH_TABLE] > 0 && s->kinds[ARCH_LEAF] > 0);
  for (; *causes != MMU_CAUSE_NONE; causes++)
    if (s->causes[*causes] == 0) fail_msg("cause %u never came up", *causes);
}

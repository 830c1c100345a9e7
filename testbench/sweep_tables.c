/* SPDX-License-Identifier: Apache-2.0
 * Events of the sweeper that change tables: with an invalidation, and as a race without one. */
#include "testbench/sweep_run.h"

#include <stdio.h>

/* ---- events: tables change
 * -------------------------------------------------------------------------- */

/* Prepare a change: what to write where, and what the tables say afterwards. False: this change
 * makes no sense for this case. */
static bool plan(struct sweep_run *r, enum change change, uint64_t *addr, uint64_t *value) {
  const struct format *f = r->f;
  struct bench *b = r->b;
  const unsigned h = r->slot_height;
  const uint64_t word = bench_peek(b, r->slot);
  const uint64_t index = r->va >> 12;
  *addr = r->slot;
  switch (change) {
    case CHANGE_MOVE:
      if (h > f->big) return false;
      *value = format_leaf(f, h, PA_NEW, PAGE_ALL);
      r->after = sweep_page_outcome(r, h, PAGE_ALL, PA_NEW);
      return true;
    case CHANGE_UNMAP:
      if (r->w->fault == SWEEP_ABSENT) return false;
      *value = 0;
      r->after =
          (struct sweep_outcome){.cause = MMU_CAUSE_NOT_PRESENT, .height = (uint8_t)h, .valid = 1};
      return true;
    case CHANGE_SPLIT: {
      if (h == 0) return false;
      uint64_t table = bench_frame(b);
      *value = format_pointer(f, table, true);
      for (unsigned g = h - 1;; g--) {
        const uint64_t slot = table + 8 * (index >> (9 * g) & 511);
        if (g == 0) {
          bench_poke(b, slot, format_leaf(f, 0, PA_NEW, PAGE_ALL));
          break;
        }
        table = bench_frame(b);
        bench_poke(b, slot, format_pointer(f, table, true));
      }
      r->after = sweep_page_outcome(r, 0, PAGE_ALL, PA_NEW);
      return true;
    }
    case CHANGE_TABLE: {
      if (h == f->top || h > f->big) return false;
      const uint64_t table = bench_frame(b);
      bench_poke(b, table + 8 * (index >> (9 * h) & 511), format_leaf(f, h, PA_NEW, PAGE_ALL));
      *addr = space_slot(&r->s, r->va, h + 1);
      *value = format_pointer(f, table, true);
      r->after = sweep_page_outcome(r, h, PAGE_ALL, PA_NEW);
      return true;
    }
    case CHANGE_A:
    case CHANGE_AD: {
      const unsigned with = change == CHANGE_A ? PAGE_A : PAGE_A | PAGE_D;
      if (r->w->fault != SWEEP_SOUND || (r->w->flags & with) == with) return false;
      if (change == CHANGE_AD && (r->w->flags & PAGE_W) == 0) return false;
      *value = format_leaf(f, h, PA_OLD, r->w->flags | with);
      r->after = sweep_page_outcome(r, h, r->w->flags | with, PA_OLD);
      return *value != word;
    }
    default:
      return sweep_stage2_plan(r, change, addr, value);
  }
}

static const char *const change_names[CHANGES] = {"move",    "unmap",   "split",   "table",
                                                  "set-a",   "set-ad",  "page-2",  "unmap-2",
                                                  "table-2", "set-a-2", "set-ad-2"};

static const struct operation x86_operations[] = {
    {MMU_INV_X86_INVLPG, "invlpg", true, true, true},
    {MMU_INV_X86_CR3, "cr3", true, false, true},
    {MMU_INV_X86_ALL, "pge", true, false, false},
    {MMU_INV_X86_PCID_ADDR, "invpcid0", true, true, true},
    {MMU_INV_X86_PCID, "invpcid1", true, false, true},
    {MMU_INV_X86_ALL_GLOBAL, "invpcid2", true, false, false},
    {MMU_INV_X86_ALL_PCID, "invpcid3", true, false, false},
};
static const struct operation arm_operations[] = {
    {MMU_INV_ARM_VMALLE1, "vmalle1", true, false, false},
    {MMU_INV_ARM_VAE1, "vae1", true, true, true},
    {MMU_INV_ARM_VALE1, "vale1", false, true, true},
    {MMU_INV_ARM_VAAE1, "vaae1", true, true, false},
    {MMU_INV_ARM_VAALE1, "vaale1", false, true, false},
    {MMU_INV_ARM_ASIDE1, "aside1", true, false, true},
    {MMU_INV_ARM_RVAE1, "rvae1", true, true, true},
    {MMU_INV_ARM_RVALE1, "rvale1", false, true, true},
    {MMU_INV_ARM_RVAAE1, "rvaae1", true, true, false},
    {MMU_INV_ARM_RVAALE1, "rvaale1", false, true, false},
};
static const struct operation riscv_operations[] = {
    {MMU_INV_RISCV_ALL, "sfence", true, false, false},
    {MMU_INV_RISCV_ADDR, "sfence-va", false, true, false},
    {MMU_INV_RISCV_ASID, "sfence-asid", true, false, true},
    {MMU_INV_RISCV_ADDR_ASID, "sfence-va-asid", false, true, true},
};

static size_t operations_of(enum mmu_arch arch, const struct operation **list) {
  switch (arch) {
    case MMU_ARCH_X86:
      *list = x86_operations;
      return sizeof x86_operations / sizeof x86_operations[0];
    case MMU_ARCH_ARM:
      *list = arm_operations;
      return sizeof arm_operations / sizeof arm_operations[0];
    default:
      *list = riscv_operations;
      return sizeof riscv_operations / sizeof riscv_operations[0];
  }
}

/* Whether the swept request was answered with the tables before or after the change, and that it
 * may have been. changed: the edge before which memory changed. */
static bool judge_main(struct sweep_run *r, uint64_t changed, uint64_t done,
                       struct sweep_result *res) {
  const struct bench_request *q = &r->b->request[r->main];
  const bool is_old = sweep_answer_is(r, q, &r->before);
  const bool is_new = sweep_answer_is(r, q, &r->after);
  char text[160];
  if (!is_old && !is_new)
    return sweep_complain(r, "answered neither old nor new: %s", sweep_show(q, text, sizeof text));
  if (is_new && !is_old && q->answered <= changed)
    return sweep_complain(r, "answered the new tables before they existed");
  if (is_old && !is_new && q->answered > done)
    return sweep_complain(r, "answered the old tables after the invalidation was done");
  res->old_answer += is_old && !is_new;
  res->new_answer += is_new && !is_old;
  if (is_new && r->after.cause == MMU_CAUSE_NONE && q->answered > changed) {
    const bool same = r->after.height == r->slot_height && r->after.pa == PA_OLD;
    const uint64_t slot = r->moved_slot != 0 ? r->moved_slot
                          : same             ? r->slot
                                             : space_slot(&r->s, r->va, r->after.height);
    if (!sweep_flags_set(r, bench_peek(r->b, slot), r->w->kind == MMU_WRITE)) return false;
  }
  /* An old page that needed an update was updated before it answered. */
  if (is_old && !is_new && r->before.cause == MMU_CAUSE_NONE) {
    uint64_t word = format_leaf(r->f, r->w->height, PA_OLD, r->w->flags);
    for (size_t i = 0; i < r->b->accesses; i++) {
      const struct bench_access *a = &r->b->access[i];
      if (a->cas && a->ok && a->addr == r->slot) word = a->desired;
    }
    if (!sweep_flags_set(r, word, r->w->kind == MMU_WRITE)) return false;
  }
  return sweep_updates_legal(r);
}

/* An address of the swept page to invalidate by: the accessed one, the first, the last in turn. */
static uint64_t inside_page(const struct sweep_run *r) {
  const uint64_t within = sweep_page_bytes(r->w->height) - 1;
  return r->at % 3 == 0 ? r->va : r->at % 3 == 1 ? r->va & ~within : r->va | within;
}

static bool run_invalidate(struct sweep_run *r, enum change change, const struct operation *op,
                           struct sweep_result *res) {
  struct bench *b = r->b;
  uint64_t addr, value;
  sweep_build(r);
  if (!plan(r, change, &addr, &value)) return true;
  sweep_start(r);
  const uint64_t changed = b->now;
  bench_poke(b, addr, value);
  const uint64_t operand = change >= CHANGE_PAGE_2 ? sweep_stage2_operand(r, op->kind)
                                                   : invalidation_operand(op->kind, inside_page(r));
  const size_t i = bench_invalidate(b, op->kind, operand, r->s.ctx.asid, r->s.ctx.vmid);
  if (!bench_settle(b, BOUND)) return sweep_sound(r);
  res->runs++;
  if (!judge_main(r, changed, b->inval[i].done, res)) return false;
  /* What the old tables led to may be free memory by now. */
  for (size_t k = 0; change == CHANGE_TABLE && k < b->accesses; k++) {
    if (b->access[k].addr == r->slot && b->access[k].cas && b->access[k].cycle >= b->inval[i].done)
      return sweep_complain(r, "a swap in the old table after the invalidation was done");
  }
  if (!sweep_probe(r, &r->after)) return false;
  if (op->address || op->asid) return sweep_unrelated_hits(r);
  return true;
}

static bool with_invalidation(enum change change) {
  return change <= CHANGE_TABLE || (change >= CHANGE_PAGE_2 && change <= CHANGE_TABLE_2);
}

bool sweep_invalidate(struct sweep_run *r, unsigned cycles, struct sweep_result *res) {
  const struct operation *list;
  for (enum change change = CHANGE_MOVE; change < CHANGES; change++) {
    if (!with_invalidation(change) || (change >= CHANGE_PAGE_2 && r->n == NULL)) continue;
    size_t n = change >= CHANGE_PAGE_2 ? sweep_stage2_operations(r, &list)
                                       : operations_of(r->f->arch, &list);
    if (r->n != NULL && n > 4) n = 2; /* of stage 1 the walks without a stage 2 have them all */
    for (size_t i = 0; i < n; i++) {
      if (change == CHANGE_TABLE && !list[i].pointers) continue;
      snprintf(r->variant, sizeof r->variant, "%s/%s", change_names[change], list[i].name);
      for (r->at = 0; r->at < cycles; r->at++) {
        if (!run_invalidate(r, change, &list[i], res)) return false;
      }
    }
  }
  return true;
}

/* The deciding descriptor as it is now, with A or A and D set: how another CPU would leave it. */
static uint64_t flagged(const struct sweep_run *r, bool dirty) {
  uint64_t v = bench_peek(r->b, r->slot) | format_a(r->f);
  if (!dirty) return v;
  return r->f->arch == MMU_ARCH_ARM ? v & ~format_d(r->f) : v | format_d(r->f);
}

/* The page, as the architecture invalidates one; or all of stage 2. */
static void forget_page(struct sweep_run *r, bool stage2) {
  const enum mmu_inval_kind one_page[MMU_ARCH_COUNT] = {MMU_INV_X86_INVLPG, MMU_INV_ARM_VAE1,
                                                        MMU_INV_RISCV_ADDR_ASID};
  const struct guest g = {.s = r->s, .n = r->n};
  struct mmu_inval inv = {.kind = one_page[r->f->arch], .addr = r->va};
  if (stage2) inv = nested_inval(&g);
  (void)bench_invalidate(r->b, inv.kind, inv.addr, r->s.ctx.asid, r->s.ctx.vmid);
}

static bool run_race(struct sweep_run *r, enum change change, struct sweep_result *res) {
  struct bench *b = r->b;
  uint64_t addr, value;
  sweep_build(r);
  if (!plan(r, change, &addr, &value)) return true;
  sweep_start(r);
  const uint64_t changed = b->now;
  if (change >= CHANGE_A_2) value |= bench_peek(b, addr);
  if (change == CHANGE_A || change == CHANGE_AD) value = flagged(r, change == CHANGE_AD);
  bench_poke(b, addr, value);
  if (!bench_settle(b, BOUND)) return sweep_sound(r);
  res->runs++;
  if (!judge_main(r, changed, BENCH_NEVER, res)) return false;
  /* A fault is never remembered: the new tables answer without any invalidation. Neither is a
   * descriptor that nobody has read. */
  const struct bench_request *q = &b->request[r->main];
  if (q->response.status == MMU_OK && r->after.cause != r->before.cause) {
    forget_page(r, change >= CHANGE_PAGE_2);
    if (!bench_settle(b, BOUND)) return sweep_sound(r);
  } else if (q->response.status == MMU_OK && sweep_answer_is(r, q, &r->before)) {
    return sweep_unrelated_hits(r);
  }
  if (!sweep_probe(r, &r->after)) return false;
  return change >= CHANGE_PAGE_2 || sweep_unrelated_hits(r);
}

bool sweep_race(struct sweep_run *r, unsigned cycles, struct sweep_result *res) {
  for (enum change change = CHANGE_MOVE; change < CHANGES; change++) {
    if (change == CHANGE_TABLE || change == CHANGE_TABLE_2) continue;
    snprintf(r->variant, sizeof r->variant, "%s", change_names[change]);
    for (r->at = 0; r->at < cycles; r->at++) {
      if (!run_race(r, change, res)) return false;
    }
  }
  return true;
}

/* SPDX-License-Identifier: Apache-2.0
 * The sweeper's stage 2. It maps every address to itself, mostly by pages of 4 KiB, so that what
 * the tables of stage 1 say stays true; its own changes are the page or the last table somewhere
 * else, the page absent, and A and D set by another CPU. */
#include "testbench/sweep_run.h"

enum { FRAMES_FROM = 0x100000 };

static const struct operation ept_operations[] = {
    {MMU_INV_X86_EPT, "invept1", true, false, false},
    {MMU_INV_X86_EPT_ALL, "invept2", true, false, false},
};
static const struct operation npt_operations[] = {
    {MMU_INV_AMD_ASID, "tlb-control3", true, false, false},
    {MMU_INV_AMD_ALL, "tlb-control1", true, false, false},
};
static const struct operation arm_operations[] = {
    {MMU_INV_ARM_VMALLS12E1, "vmalls12e1", true, false, false},
    {MMU_INV_ARM_ALLE1, "alle1", true, false, false},
};
static const struct operation riscv_operations[] = {
    {MMU_INV_RISCV_GVMA_ALL, "gvma", true, false, false},
    {MMU_INV_RISCV_GVMA_ADDR, "gvma-gpa", true, false, false},
    {MMU_INV_RISCV_GVMA_VMID, "gvma-vmid", true, false, false},
    {MMU_INV_RISCV_GVMA_ADDR_VMID, "gvma-gpa-vmid", true, false, false},
};

size_t sweep_stage2_operations(const struct sweep_run *r, const struct operation **list) {
  switch (r->n->mode) {
    case MMU_S2_EPT:
      *list = ept_operations;
      return 2;
    case MMU_S2_NPT:
      *list = npt_operations;
      return 2;
    case MMU_S2_ARM:
      *list = arm_operations;
      return 2;
    default:
      *list = riscv_operations;
      return 4;
  }
}

/* All changes of stage 2 are told by the page's address but that of the table. */
uint64_t sweep_stage2_operand(const struct sweep_run *r, enum mmu_inval_kind kind) {
  if (kind == MMU_INV_X86_EPT) return r->s.ctx.s2_root;
  if (kind != MMU_INV_RISCV_GVMA_ADDR && kind != MMU_INV_RISCV_GVMA_ADDR_VMID) return 0;
  return r->changed_gpa >> 2;
}

/* The first whose addresses reach all pages of the sweeper. */
const struct nested *sweep_stage2_format(const struct format *f, unsigned which) {
  for (size_t i = 0; i < NESTEDS; i++) {
    if (nesteds[i].arch != f->arch || nested_bits(&nesteds[i]) < 48) continue;
    if (--which == 0) return &nesteds[i];
  }
  return NULL;
}

static struct guest guest_of(const struct sweep_run *r) {
  return (struct guest){.s = r->s, .n = r->n};
}

void sweep_stage2_build(struct sweep_run *r) {
  static const uint64_t others[] = {PA_SIBLING, PA_FAR, PA_UNRELATED, PA_OTHER_SPACE};
  r->n = sweep_stage2_format(r->f, r->w->stage2);
  nested_new(r->b, r->n, &r->s.ctx);
  nested_share(&r->unrelated.ctx, &r->s.ctx);
  struct guest g = guest_of(r);
  for (uint64_t i = 0; i < BENCH_FRAMES; i++)
    nested_map_to(&g, FRAMES_FROM + 4096 * i, 0, FRAMES_FROM + 4096 * i, PAGE_ALL);
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    nested_map_to(&g, others[i], 0, others[i], PAGE_ALL);
  nested_map_to(&g, PA_NEW, 1, PA_NEW, PAGE_ALL); /* some changes make it a 2 MiB page */
  nested_map_to(&g, PA_OLD, 0, PA_OLD, r->w->flags2);
}

bool sweep_stage2_plan(struct sweep_run *r, enum change change, uint64_t *addr, uint64_t *value) {
  struct guest g = guest_of(r);
  const struct nested *n = r->n;
  if (n == NULL || r->w->fault != SWEEP_SOUND) return false;
  r->changed_gpa = PA_OLD;
  *addr = nested_slot(&g, PA_OLD, 0);
  switch (change) {
    case CHANGE_PAGE_2:
      *value = nested_leaf(n, 0, PA_NEW, PAGE_ALL);
      r->after = sweep_page_outcome(r, 0, r->w->flags, PA_NEW);
      return true;
    case CHANGE_UNMAP_2:
      *value = 0;
      r->after = (struct sweep_outcome){.cause = MMU_CAUSE_NOT_PRESENT, .valid = true};
      r->after.stage2 = true;
      return r->before.cause == MMU_CAUSE_NONE;
    case CHANGE_TABLE_2: {
      const uint64_t table = bench_frame(r->b);
      bench_poke(r->b, table | (r->slot & 4095), format_leaf(r->f, 0, PA_NEW, PAGE_ALL));
      r->changed_gpa = r->slot;
      r->moved_slot = table | (r->slot & 4095);
      *addr = nested_slot(&g, r->slot, 0);
      *value = nested_leaf(n, 0, table, PAGE_ALL);
      r->after = sweep_page_outcome(r, 0, PAGE_ALL, PA_NEW);
      return true;
    }
    default: {
      const uint64_t before = bench_peek(r->b, *addr);
      *value = before | nested_a(n) | (change == CHANGE_AD_2 ? nested_d(n) : 0);
      r->after = r->before;
      return *value != before;
    }
  }
}

/* A, or A and D by a write; to EPT and NPT a table access is one. */
bool sweep_stage2_update_legal(const struct sweep_run *r, const struct bench_access *a) {
  const uint64_t changed = a->expected ^ a->desired;
  const enum mmu_access_kind kind = (enum mmu_access_kind)r->b->request[a->tag].req.access.kind;
  const bool write = kind == MMU_WRITE || kind == MMU_RMW;
  if (changed == 0 || (changed & ~(nested_a(r->n) | nested_d(r->n))) != 0) return false;
  if ((a->expected & changed) != 0) return false;
  return (changed & nested_d(r->n)) == 0 || (a->level == 0 && write);
}

bool sweep_stage2_faults(const struct sweep_run *r, const struct bench_request *q,
                         const struct sweep_outcome *want) {
  const struct guest g = guest_of(r);
  const struct nested_fault f = {.question = ON_FINAL,
                                 .cause = want->cause,
                                 .height = want->height,
                                 .gpa = PA_OLD | (q->req.va & 4095)};
  return nested_faults(&g, q, &f);
}

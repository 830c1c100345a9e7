/* SPDX-License-Identifier: Apache-2.0
 * The walk cache that is tagged by physical address (docs/tlb.md), by the table reads that it
 * spares. Geometries with the other kind have nothing to show. */
#include "directed.h"

static bool other_kind(const struct test *t) {
  return t->b->ops->geometry.pwc_kind != MMU_PWC_PHYSICAL;
}

static size_t reads_of(struct test *t, const struct space *s, uint64_t va, uint64_t pa) {
  const size_t from = t->b->accesses;
  check(t, maps_to(translate_in(t, s, va, MMU_READ), pa), "a wrong translation");
  return bench_reads(t->b, from);
}

/* It knows no spaces: what one has read of a shared table another need not read. */
TEST_EACH_FORMAT(shared_tables_are_read_once) {
  const uint64_t va = space_va(t->f, 3), next = same_table(va, 1);
  const unsigned top = t->f->top;
  if (other_kind(t) || top < 2) return;
  space_map(&t->s, va, 0, PA_1, PAGE_ALL);
  space_map(&t->s, next, 0, PA_2, PAGE_ALL);
  struct space twin = space_new(t->b, t->f);
  twin.ctx.asid = 2;
  bench_poke(t->b, space_slot(&twin, va, top), bench_peek(t->b, space_slot(&t->s, va, top)));
  check(t, reads_of(t, &t->s, va, PA_1) == top + 1u, "the first walk");
  check(t, reads_of(t, &t->s, next, PA_2) == 1, "only the last descriptor");
  check(t, reads_of(t, &twin, va, PA_1) == 2, "its own first descriptor and the last");
  check(t, reads_of(t, &twin, next, PA_2) == 1, "only the last descriptor");
}

/* All of it goes, unless the invalidation is by address and of leaves alone. */
TEST_EACH_FORMAT(which_invalidations_drop_it) {
  static const struct {
    enum mmu_inval_kind kind;
    bool keeps;
  } ops[] = {{MMU_INV_X86_INVLPG, false},     {MMU_INV_X86_CR3, false},
             {MMU_INV_X86_PCID, false},       {MMU_INV_X86_ALL, false},
             {MMU_INV_ARM_VAE1, false},       {MMU_INV_ARM_VALE1, true},
             {MMU_INV_ARM_VAALE1, true},      {MMU_INV_ARM_ASIDE1, false},
             {MMU_INV_ARM_VMALLE1, false},    {MMU_INV_RISCV_ALL, false},
             {MMU_INV_RISCV_ADDR, true},      {MMU_INV_RISCV_ASID, false},
             {MMU_INV_RISCV_ADDR_ASID, true}, {MMU_INV_X86_PCID_ADDR, false},
             {MMU_INV_X86_ALL_GLOBAL, false}, {MMU_INV_X86_ALL_PCID, false},
             {MMU_INV_ARM_VAAE1, false},      {MMU_INV_ARM_RVAE1, false},
             {MMU_INV_ARM_RVALE1, true},      {MMU_INV_ARM_RVAAE1, false},
             {MMU_INV_ARM_RVAALE1, true}};
  const uint64_t va = space_va(t->f, 3);
  if (other_kind(t)) return;
  for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
    if ((unsigned)ops[i].kind / 16 != (unsigned)t->f->arch) continue;
    renew(t);
    space_map(&t->s, va, 0, PA_1, PAGE_ALL);
    translate(t, va, MMU_READ);
    flush(t, ops[i].kind, invalidation_operand(ops[i].kind, va));
    const size_t reads = reads_of(t, &t->s, va, PA_1);
    check(t, reads == (ops[i].keeps ? 1 : t->f->top + 1u), "operation %d: %zu reads", ops[i].kind,
          reads);
  }
}

/* Known from a context that reaches farther: refused, but only by what memory says now. */
TEST_EACH_FORMAT(refused_descriptor_is_read_from_memory) {
  const uint64_t va = space_va(t->f, 3), next = same_table(va, 1), table = PA_1;
  const enum mmu_cause too_far =
      t->f->arch == MMU_ARCH_X86 ? MMU_CAUSE_RESERVED : MMU_CAUSE_ADDRESS_SIZE;
  if (other_kind(t)) return;
  for (unsigned mended = 0; mended < 2; mended++) {
    renew(t);
    bench_poke(t->b, space_slot(&t->s, va, 1), format_pointer(t->f, table, true));
    space_map(&t->s, va, 0, 0x7000, PAGE_ALL);
    check(t, maps_to(translate(t, va, MMU_READ), 0x7000), "within reach");
    const uint64_t near = bench_frame(t->b);
    bench_poke(t->b, near + 8 * (next >> 12 & 511), format_leaf(t->f, 0, 0x8000, PAGE_ALL));
    if (mended != 0) bench_poke(t->b, space_slot(&t->s, va, 1), format_pointer(t->f, near, true));
    t->s.ctx.pa_width = 40;
    const struct bench_request *q = translate(t, next, MMU_READ);
    check(t, mended != 0 ? maps_to(q, 0x8000) : faults(t, q, too_far, 1), "mended %u", mended);
  }
}

/* x86: two walks set A in the same pointers; the one that comes second reads what is there now. */
TEST_EACH_FORMAT(lost_race_reads_memory) {
  const uint64_t va = space_va(t->f, 3), next = same_table(va, 1);
  if (other_kind(t) || t->f->arch != MMU_ARCH_X86 || t->b->ops->geometry.walks < 2) return;
  size_t lost = 0;
  for (unsigned apart = 0; apart < 6; apart++) {
    renew(t);
    bench_memory(t->b, 5, 0, 0, 1);
    space_map(&t->s, va, 0, PA_1, PAGE_ALL);
    space_map(&t->s, next, 0, PA_2, PAGE_ALL);
    for (unsigned h = 1; h <= t->f->top; h++) {
      const uint64_t slot = space_slot(&t->s, va, h);
      bench_poke(t->b, slot, bench_peek(t->b, slot) & ~format_a(t->f));
    }
    ask(t, va, MMU_READ);
    for (unsigned c = 0; c < apart; c++)
      bench_step(t->b);
    ask(t, next, MMU_FETCH);
    bench_settle(t->b, 2000);
    check(t, maps_to(&t->b->request[0], PA_1) && maps_to(&t->b->request[1], PA_2), "apart %u",
          apart);
    for (size_t i = 0; i < t->b->accesses; i++) {
      const struct bench_access *swap = &t->b->access[i];
      if (!swap->cas || swap->ok) continue;
      lost++;
      size_t j = i + 1;
      while (j < t->b->accesses && t->b->access[j].slot != swap->slot)
        j++;
      check(t, j < t->b->accesses && !t->b->access[j].cas && t->b->access[j].addr == swap->addr,
            "apart %u: access %zu lost and was not read again", apart, i);
    }
  }
  check(t, lost > 0, "no race was lost");
}

/* A walk read a pointer, the pointer changed, another space was invalidated, and then the walk goes
 * on: what it read is not stored, or the other space would meet it. */
TEST_EACH_FORMAT(read_before_an_invalidation_is_not_stored) {
  const uint64_t va = space_va(t->f, 3);
  const unsigned top = t->f->top;
  if (other_kind(t) || top < 2) return;
  size_t old_reads = 0;
  for (unsigned apart = 0; apart < 60; apart++) {
    renew(t);
    bench_memory(t->b, 6, 0, 0, 1);
    space_map(&t->s, va, 0, PA_1, PAGE_ALL);
    struct space twin = space_new(t->b, t->f);
    twin.ctx.asid = 2;
    bench_poke(t->b, space_slot(&twin, va, top), bench_peek(t->b, space_slot(&t->s, va, top)));
    const uint64_t pointer = space_slot(&t->s, va, 1), table = bench_frame(t->b);
    bench_poke(t->b, table + 8 * (va >> 12 & 511), format_leaf(t->f, 0, PA_2, PAGE_ALL));
    ask(t, va, MMU_READ);
    for (unsigned c = 0; c < apart; c++)
      bench_step(t->b);
    bench_poke(t->b, pointer, format_pointer(t->f, table, true));
    bench_invalidate_wait(t->b, invalidate_space(t->f), 0, 2, 0);
    check(t, maps_to(translate_in(t, &twin, va, MMU_READ), PA_2), "apart %u: the old table", apart);
    bench_settle(t->b, 2000);
    old_reads += maps_to(&t->b->request[0], PA_1);
  }
  check(t, old_reads > 0, "the walk never read the old pointer");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shared_tables_are_read_once),
      cmocka_unit_test(which_invalidations_drop_it),
      cmocka_unit_test(refused_descriptor_is_read_from_memory),
      cmocka_unit_test(lost_race_reads_memory),
      cmocka_unit_test(read_before_an_invalidation_is_not_stored),
  };
  return run_directed(tests, sizeof tests / sizeof tests[0]);
}

/* SPDX-License-Identifier: Apache-2.0
 * Hazards of invalidation where there are two stages (docs/hazards.md, I2 to I16). */
#include "guests.h"

enum { OTHER_VMID = 2 };

/* A question may be answered from before an invalidation; nothing may be kept of it. With stage 1
 * off there is but one, and what it left would be found by the next. */
static void flush_during_a_question(struct vm *t, uint64_t va, bool off, unsigned at) {
  const uint64_t low = va & 4095;
  vm_renew(t);
  bench_memory(t->b, 5, 0, 0, 1); /* what was read before is long under way */
  if (off) t->g.s.ctx.s1_mode = MMU_S1_OFF;
  if (off) nested_map(&t->g, GUEST_PAGE, 0, PAGE_ALL);
  if (!off) guest_page(&t->g, va, GUEST_PAGE);
  const struct mmu_access load = access_of(MMU_READ);
  const size_t i = bench_ask(t->b, va, &load, &t->g.s.ctx);
  for (unsigned c = 0; c < at; c++)
    bench_step(t->b);
  nested_map_to(&t->g, GUEST_PAGE, 0, PA_2, PAGE_ALL);
  vm_flush_gpa(t, &t->g, GUEST_PAGE);
  const struct bench_request *q = &t->b->request[i];
  vcheck(t, maps_to(q, t->g.s.host + GUEST_PAGE + low) || maps_to(q, PA_2 + low),
         "at %u: a third answer", at);
  vcheck(t, maps_to(vm_translate(t, va, MMU_READ), PA_2 + low), "at %u: an entry survived", at);
  vm_flush_combined(t, &t->g);
  vcheck(t, maps_to(vm_translate(t, va, MMU_READ), PA_2 + low), "at %u: a nested one did", at);
}

TEST_EACH_NESTED(hazard_I2_nested_entry_filled_during_an_invalidation) {
  for (unsigned at = 0; at < 200; at++)
    flush_during_a_question(t, space_va(t->f, 3), false, at);
  for (unsigned at = 0; at < 60; at++)
    flush_during_a_question(t, GUEST_PAGE, true, at);
}

/* The place of a guest's table changes in stage 2 during a walk. */
TEST_EACH_NESTED(hazard_I3_table_moved_in_stage_2_during_a_walk) {
  const uint64_t va = space_va(t->f, 3), beside = same_table(va, 1);
  for (unsigned at = 0; at < 200; at++) {
    vm_renew(t);
    bench_memory(t->b, 5, 0, 0, 1); /* what was read before is long under way */
    guest_page(&t->g, va, GUEST_PAGE);
    guest_page(&t->g, beside, GUEST_PAGE + 4096);
    const uint64_t slot = guest_slot(&t->g, beside, 0), table = slot & ~UINT64_C(4095);
    const uint64_t moved = bench_frame(t->b);
    bench_poke(t->b, moved | (slot & 4095), format_leaf(t->f, 0, GUEST_PAGE + 8192, PAGE_ALL));
    nested_map(&t->g, GUEST_PAGE + 8192, 0, PAGE_ALL);
    const struct mmu_access load = access_of(MMU_READ);
    bench_ask(t->b, va, &load, &t->g.s.ctx);
    for (unsigned c = 0; c < at; c++)
      bench_step(t->b);
    nested_map_to(&t->g, table - t->g.s.host, 0, moved, PAGE_ALL);
    vm_flush_gpa(t, &t->g, table - t->g.s.host);
    const struct bench_request *q = vm_translate(t, beside, MMU_READ);
    vcheck(t, maps_to(q, t->g.s.host + GUEST_PAGE + 8192 + (va & 4095)), "at %u: the old table",
           at);
  }
}

/* Pages of a large one of stage 1 that lie on small ones of stage 2 are entries of their own; the
 * guest invalidates its large page by any address in it, and all of them must go. */
TEST_EACH_NESTED(hazard_I5_large_page_of_stage_1_over_small_ones) {
  const uint64_t va = space_va(t->f, 3), far = vm_far(t);
  for (unsigned height = 1; far != 0 && height <= t->f->big && height < 3; height++) {
    for (unsigned last = 0; last < 2; last++) {
      vm_renew(t);
      const uint64_t size = UINT64_C(1) << (12 + 9 * height), beside = va ^ 0x7000;
      const uint64_t outside = va ^ size;
      const uint64_t slot = guest_map(&t->g, va, height, far, PAGE_ALL);
      guest_map(&t->g, outside, height, far, PAGE_ALL);
      for (unsigned i = 0; i < 2; i++) {
        const uint64_t base = far + i * size;
        nested_map_to(&t->g, base | (va & (size - 1)), 0, i == 0 ? PA_1 : PA_2, PAGE_ALL);
        nested_map_to(&t->g, base | (beside & (size - 1)), 0, (i == 0 ? PA_1 : PA_2) + 4096,
                      PAGE_ALL);
      }
      vm_translate(t, va, MMU_READ);
      vm_translate(t, beside, MMU_READ);
      vm_translate(t, va, MMU_FETCH);
      vm_translate(t, outside, MMU_READ);
      bench_poke(t->b, slot, format_leaf(t->f, height, far + size, PAGE_ALL));
      /* an address of neither */
      const uint64_t within = last != 0 ? va | (size - 1) : va & ~(size - 1);
      vm_flush(t, &t->g, invalidate_page(t->f), within);
      const uint64_t low = va & 4095;
      vcheck(t, maps_to(vm_translate(t, va, MMU_READ), PA_2 + low), "%u: stale", height);
      vcheck(t, maps_to(vm_translate(t, beside, MMU_READ), PA_2 + 4096 + low), "%u: the second",
             height);
      vcheck(t, maps_to(vm_translate(t, va, MMU_FETCH), PA_2 + low), "%u: for a fetch", height);
      vcheck(t, hits_at(vm_translate(t, outside, MMU_READ), PA_1 + low), "%u: too much", height);
    }
  }
}

/* The other way round: a small page of stage 1 goes alone; a large one of stage 2 goes with any
 * address inside it. */
TEST_EACH_NESTED(hazard_I5_small_pages_of_stage_1_over_a_large_one) {
  const uint64_t va = space_va(t->f, 3), beside = same_table(va, 1), far = vm_far(t);
  for (unsigned height = 1; far != 0 && height <= t->n->big; height++) {
    vm_renew(t);
    const uint64_t size = UINT64_C(1) << (12 + 9 * height), low = va & 4095;
    const uint64_t base = height < 3 ? far : UINT64_C(1) << 39;
    guest_map(&t->g, va, 0, base + 0x5000, PAGE_ALL);
    guest_map(&t->g, beside, 0, base + 0x6000, PAGE_ALL);
    nested_map_to(&t->g, base, height, PA_1, PAGE_ALL);
    vm_translate(t, va, MMU_READ);
    vm_translate(t, beside, MMU_READ);
    vm_flush(t, &t->g, invalidate_page(t->f), va);
    vcheck(t, hits_at(vm_translate(t, beside, MMU_READ), PA_1 + 0x6000 + low), "too much");
    vcheck(t, !vm_translate(t, va, MMU_READ)->response.hit, "it stayed");
    nested_map_to(&t->g, base, height, PA_2, PAGE_ALL);
    vm_flush_gpa(t, &t->g, base + size - 0x1000);
    vcheck(t, maps_to(vm_translate(t, va, MMU_READ), PA_2 + 0x5000 + low), "%u: stale", height);
    vcheck(t, maps_to(vm_translate(t, beside, MMU_READ), PA_2 + 0x6000 + low), "%u: stale", height);
  }
}

/* A fault is of the level of the stage that faulted; mended, the sizes are of each stage. */
TEST_EACH_NESTED(hazard_I6_level_of_the_stage_that_faulted) {
  const uint64_t va = space_va(t->f, 3), far = vm_far(t);
  for (unsigned s1 = 0; far != 0 && s1 <= t->f->big && s1 < 3; s1++) {
    for (unsigned s2 = 0; s2 <= t->n->top; s2++) {
      vm_renew(t);
      const uint64_t gpa = far | (va & ((UINT64_C(1) << (12 + 9 * s1)) - 1));
      const unsigned leaf = s2 <= t->n->big && s2 < 3 ? s2 : 0;
      guest_map(&t->g, va, s1, far, PAGE_ALL);
      nested_map(&t->g, gpa, leaf, PAGE_ALL);
      const uint64_t slot = nested_slot(&t->g, gpa, s2), good = bench_peek(t->b, slot);
      bench_poke(t->b, slot,
                 s2 == leaf ? nested_leaf(t->n, leaf, PA_1, PAGE_ALL) & ~UINT64_C(7)
                            : good & ~UINT64_C(0x407));
      if (s2 == leaf) bench_poke(t->b, slot, 0);
      const bool tables_lost = s2 > 2; /* the same entry leads to the tables */
      const struct bench_request *q = vm_translate(t, va, MMU_READ);
      vcheck(t, q->response.status == MMU_FAULT && q->response.fault.stage2, "no fault");
      vcheck(t, q->response.fault.s2_level == s2, "level %u for %u", q->response.fault.s2_level,
             s2);
      if (!tables_lost)
        vcheck(t, vm_faults(t, q, ON_FINAL, MMU_CAUSE_NOT_PRESENT, s2, 0, gpa), "registers");
      bench_poke(t->b, slot, good);
      vm_flush_gpa(t, &t->g, gpa);
      q = vm_translate(t, va, MMU_READ);
      vcheck(t, maps_to(q, t->g.s.host + gpa), "not mended");
      vcheck(t, q->response.s1_shift == 12 + 9 * s1 && q->response.s2_shift == 12 + 9 * leaf,
             "sizes %u and %u", q->response.s1_shift, q->response.s2_shift);
    }
  }
}

/* The global bit of a stage-2 leaf means nothing. */
TEST_EACH_NESTED(hazard_I7_global_bit_in_stage_2) {
  const uint64_t va = space_va(t->f, 3), low = va & 4095;
  guest_map(&t->g, va, 0, GUEST_PAGE, PAGE_ALL);
  nested_map_to(&t->g, GUEST_PAGE, 0, PA_1, PAGE_ALL | PAGE_G);
  vcheck(t, maps_to(vm_translate(t, va, MMU_READ), PA_1 + low), "not mapped");
  struct guest other = t->g;
  other.s.ctx.asid = 2;
  vcheck(t, !vm_ask(t, &other, va, MMU_READ)->response.hit, "another space hits");
  vm_flush(t, &t->g, invalidate_space(t->f), 0);
  vcheck(t, !vm_translate(t, va, MMU_READ)->response.hit, "it outlives its space");
}

/* A guest-physical operand names its page: every bit of the page number counts, once. */
TEST_EACH_NESTED(hazard_I8_guest_physical_operand_is_taken_as_it_is) {
  if (t->f->arch == MMU_ARCH_X86) return; /* has no such operand */
  const struct mmu_access load = access_of(MMU_READ);
  const unsigned bits = nested_bits(t->n) < 48 ? nested_bits(t->n) : 48;
  for (unsigned bit = 12; bit < bits; bit++) {
    vm_renew(t);
    struct mmu_context off = t->g.s.ctx;
    off.s1_mode = MMU_S1_OFF;
    const uint64_t gpa = UINT64_C(1) << bit, other = gpa ^ (bit == 12 ? 0x2000 : 0x1000);
    nested_map_to(&t->g, gpa, 0, PA_1, PAGE_ALL);
    nested_map_to(&t->g, other, 0, PA_1 + 4096, PAGE_ALL);
    bench_translate(t->b, gpa, &load, &off);
    bench_translate(t->b, other, &load, &off);
    nested_map_to(&t->g, gpa, 0, PA_2, PAGE_ALL);
    vm_flush_gpa(t, &t->g, gpa);
    bench_forget(t->b);
    vcheck(t, maps_to(bench_translate(t->b, other, &load, &off), PA_1 + 4096), "bit %u", bit);
    if (t->b->ops->geometry.nested_entries != 0)
      vcheck(t, bench_reads(t->b, 0) == 0, "bit %u: too much is dropped", bit);
    vcheck(t, maps_to(bench_translate(t->b, gpa, &load, &off), PA_2), "bit %u: stale", bit);
  }
}

/* Two machines whose VMIDs differ in one bit (EPT: in one bit of the root) share nothing. */
TEST_EACH_NESTED(hazard_I10_every_bit_of_the_vmid_in_stage_2) {
  const struct mmu_access load = access_of(MMU_READ);
  for (unsigned bit = 0; bit < 16; bit++) {
    vm_renew(t);
    struct guest a = t->g, b = guest_new(t->b, t->f, t->n);
    a.s.ctx.s1_mode = b.s.ctx.s1_mode = MMU_S1_OFF;
    a.s.ctx.vmid = 0x5a5a;
    b.s.ctx.vmid = (uint16_t)(0x5a5a ^ 1U << bit);
    nested_map_to(&a, GUEST_PAGE, 0, PA_1, PAGE_ALL);
    nested_map_to(&b, GUEST_PAGE, 0, PA_2, PAGE_ALL);
    for (unsigned round = 0; round < 2; round++) {
      bench_forget(t->b);
      vcheck(t, maps_to(bench_translate(t->b, GUEST_PAGE, &load, &a.s.ctx), PA_1), "bit %u", bit);
      vcheck(t, maps_to(bench_translate(t->b, GUEST_PAGE, &load, &b.s.ctx), PA_2), "bit %u", bit);
      vm_flush_combined(t, &a);
      vm_flush_combined(t, &b);
    }
    vcheck(t, t->b->accesses == 0 || t->b->ops->geometry.nested_entries == 0, "bit %u: lost", bit);
    nested_map_to(&a, GUEST_PAGE, 0, PA_3, PAGE_ALL);
    nested_map_to(&b, GUEST_PAGE, 0, PA_3, PAGE_ALL);
    vm_flush_both(t, &a);
    vcheck(t, maps_to(bench_translate(t->b, GUEST_PAGE, &load, &a.s.ctx), PA_3), "bit %u", bit);
    if (t->b->ops->geometry.nested_entries != 0)
      vcheck(t, maps_to(bench_translate(t->b, GUEST_PAGE, &load, &b.s.ctx), PA_2),
             "bit %u: the other machine's is gone", bit);
  }
}

/* VMID 0 with and without stage 2, VMID 1 with it: a fence of one concerns no other, and that of a
 * VMID what it has, whether stage 2 is on or off. */
TEST_EACH_NESTED(hazard_I11_fences_while_stage_2_is_off) {
  const uint64_t va = space_va(t->f, 3), low = va & 4095;
  guest_map(&t->g, va, 0, GUEST_PAGE, PAGE_ALL);
  nested_map_to(&t->g, GUEST_PAGE, 0, PA_1, PAGE_ALL);
  struct guest on0 = t->g, on1 = t->g;
  on0.s.ctx.vmid = 0;
  struct space off0 = space_new(t->b, t->f);
  const uint64_t slot0 = space_map(&off0, va, 0, PA_2, PAGE_ALL);
  for (unsigned round = 0; round < 2; round++) {
    vm_ask(t, &on0, va, MMU_READ);
    vm_ask(t, &on1, va, MMU_READ);
    const struct mmu_access load = access_of(MMU_READ);
    bench_translate(t->b, va, &load, &off0.ctx);
    if (round == 0) { /* stage 1, of VMID 0 */
      bench_poke(t->b, slot0, format_leaf(t->f, 0, PA_3, PAGE_ALL));
      guest_map(&t->g, va, 0, GUEST_PAGE + 4096, PAGE_ALL);
      nested_map_to(&t->g, GUEST_PAGE + 4096, 0, PA_3, PAGE_ALL);
      vm_flush(t, &on0, invalidate_all(t->f), 0);
      vcheck(t, maps_to(bench_translate(t->b, va, &load, &off0.ctx), PA_3 + low), "stage 2 off");
      vcheck(t, maps_to(vm_ask(t, &on0, va, MMU_READ), PA_3 + low), "stage 2 on");
      vcheck(t, hits_at(vm_ask(t, &on1, va, MMU_READ), PA_1 + low), "another VMID's");
      vm_flush(t, &on1, invalidate_all(t->f), 0);
    } else { /* stage 2, of VMID 0 (EPT: of the root, which both have) */
      nested_map_to(&t->g, GUEST_PAGE + 4096, 0, PA_2 + 4096, PAGE_ALL);
      vm_flush_both(t, &on0);
      vcheck(t, maps_to(vm_ask(t, &on0, va, MMU_READ), PA_2 + 4096 + low), "stage 2 on");
      if (t->n->mode == MMU_S2_RISCV || t->n->mode == MMU_S2_EPT)
        vcheck(t, hits_at(bench_translate(t->b, va, &load, &off0.ctx), PA_3 + low), "off");
      if (t->n->mode != MMU_S2_EPT)
        vcheck(t, hits_at(vm_ask(t, &on1, va, MMU_READ), PA_3 + low), "another VMID's");
    }
  }
}

/* A new root of stage 2 without a fence. EPT tells roots apart: the answer is always the root's
 * own. The others may give either page, never a third. */
TEST_EACH_NESTED(hazard_I12_stage_2_root_changes_without_a_fence) {
  const uint64_t va = space_va(t->f, 3), low = va & 4095;
  struct guest a = t->g;
  guest_map(&a, va, 0, GUEST_PAGE, PAGE_ALL);
  nested_map_to(&a, GUEST_PAGE, 0, PA_1, PAGE_ALL);
  struct guest b = vm_twin(t, &a, a.s.ctx.vmid);
  guest_map(&b, va, 0, GUEST_PAGE, PAGE_ALL);
  nested_map_to(&b, GUEST_PAGE, 0, PA_2, PAGE_ALL);
  for (unsigned i = 0; i < 6; i++) {
    const enum mmu_access_kind kind = i % 3 == 2 ? MMU_FETCH : MMU_READ;
    const struct bench_request *q = vm_ask(t, i % 2 == 0 ? &a : &b, va, kind);
    const bool first = maps_to(q, PA_1 + low), second = maps_to(q, PA_2 + low);
    vcheck(t, first || second, "a third page");
    vcheck(t, t->n->mode != MMU_S2_EPT || first == (i % 2 == 0), "%u: the other root's", i);
  }
}

/* Two machines with the same guest-physical addresses: what is remembered of one's tables is not
 * the other's, and an invalidation by one leaves nothing stale in it. */
TEST_EACH_NESTED(hazard_I16_same_guest_addresses_in_two_machines) {
  const uint64_t va = space_va(t->f, 3), beside = same_table(va, 1), low = va & 4095;
  struct guest a = t->g;
  guest_map(&a, va, 0, GUEST_PAGE, PAGE_ALL);
  guest_map(&a, beside, 0, GUEST_PAGE + 4096, PAGE_ALL);
  nested_map_to(&a, GUEST_PAGE, 0, PA_1, PAGE_ALL);
  nested_map_to(&a, GUEST_PAGE + 4096, 0, PA_1 + 4096, PAGE_ALL);
  struct guest b = vm_twin(t, &a, OTHER_VMID);
  guest_map(&b, va, 0, GUEST_PAGE, PAGE_ALL);
  guest_map(&b, beside, 0, GUEST_PAGE + 8192, PAGE_ALL);
  nested_map_to(&b, GUEST_PAGE, 0, PA_2, PAGE_ALL);
  nested_map_to(&b, GUEST_PAGE + 8192, 0, PA_2 + 4096, PAGE_ALL);
  vcheck(t, guest_slot(&a, va, 0) - a.s.host == guest_slot(&b, va, 0) - b.s.host, "the test");
  vcheck(t, maps_to(vm_ask(t, &a, va, MMU_READ), PA_1 + low), "the first machine");
  vcheck(t, maps_to(vm_ask(t, &b, va, MMU_READ), PA_2 + low), "the second machine");
  vcheck(t, maps_to(vm_ask(t, &a, beside, MMU_READ), PA_1 + 4096 + low), "the first's tables");
  vcheck(t, maps_to(vm_ask(t, &b, beside, MMU_READ), PA_2 + 4096 + low), "the second's tables");
  /* the guest's last table moves, in one machine */
  const uint64_t slot = guest_slot(&a, va, 0), table = bench_frame(t->b) - a.s.host;
  nested_map(&a, table, 0, PAGE_ALL);
  bench_poke(t->b, (table + a.s.host) | (slot & 4095),
             format_leaf(t->f, 0, GUEST_PAGE + 4096, PAGE_ALL));
  bench_poke(t->b, space_slot(&a.s, va, 1), format_pointer(t->f, table, true));
  vm_flush_combined(t, &a);
  vcheck(t, maps_to(vm_ask(t, &a, va, MMU_READ), PA_1 + 4096 + low), "a stale table");
  vcheck(t, maps_to(vm_ask(t, &b, va, MMU_READ), PA_2 + low), "the second machine is hit");
  /* a third has its tables elsewhere for the same addresses */
  struct guest c = guest_new(t->b, t->f, t->n);
  c.s.ctx.vmid = OTHER_VMID + 1;
  guest_map(&c, va, 0, GUEST_PAGE, PAGE_ALL);
  guest_map(&c, beside, 0, GUEST_PAGE + 4096, PAGE_ALL);
  nested_map_to(&c, GUEST_PAGE, 0, PA_3, PAGE_ALL);
  nested_map_to(&c, GUEST_PAGE + 4096, 0, PA_3 + 4096, PAGE_ALL);
  vcheck(t, maps_to(vm_ask(t, &c, va, MMU_READ), PA_3 + low), "the third machine");
  vcheck(t, maps_to(vm_ask(t, &b, beside, MMU_READ), PA_2 + 4096 + low), "the second's pointers");
  vcheck(t, maps_to(vm_ask(t, &c, beside, MMU_READ), PA_3 + 4096 + low), "the third's pointers");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(hazard_I2_nested_entry_filled_during_an_invalidation),
      cmocka_unit_test(hazard_I3_table_moved_in_stage_2_during_a_walk),
      cmocka_unit_test(hazard_I5_large_page_of_stage_1_over_small_ones),
      cmocka_unit_test(hazard_I5_small_pages_of_stage_1_over_a_large_one),
      cmocka_unit_test(hazard_I6_level_of_the_stage_that_faulted),
      cmocka_unit_test(hazard_I7_global_bit_in_stage_2),
      cmocka_unit_test(hazard_I8_guest_physical_operand_is_taken_as_it_is),
      cmocka_unit_test(hazard_I10_every_bit_of_the_vmid_in_stage_2),
      cmocka_unit_test(hazard_I11_fences_while_stage_2_is_off),
      cmocka_unit_test(hazard_I12_stage_2_root_changes_without_a_fence),
      cmocka_unit_test(hazard_I16_same_guest_addresses_in_two_machines),
  };
  return run_directed(tests, sizeof tests / sizeof tests[0]);
}

/* SPDX-License-Identifier: Apache-2.0
 * Hazards of the accessed and dirty flags (docs/hazards.md, D1 to D9), one test each. */
#include "directed.h"

enum { FRESH = PAGE_ALL & ~(PAGE_A | PAGE_D) };

/* Step until the hardware has read the descriptor at `slot`, then `more` cycles. */
static void step_past_read(struct test *t, uint64_t slot, unsigned more) {
  for (unsigned c = 0; c < 500; c++) {
    const size_t n = t->b->accesses;
    if (n != 0 && t->b->access[n - 1].addr == slot) break;
    bench_step(t->b);
  }
  for (unsigned c = 0; c < more; c++)
    bench_step(t->b);
}

TEST_EACH_FORMAT(hazard_D1_no_update_resurrects_an_unmapped_page) {
  const uint64_t va = space_va(t->f, 3);
  for (unsigned at = 0; at < 40; at++) {
    renew(t);
    const uint64_t slot = space_map(&t->s, va, 0, PA_1, FRESH);
    const size_t i = ask(t, va, MMU_WRITE);
    for (unsigned c = 0; c < at; c++)
      bench_step(t->b);
    bench_poke(t->b, slot, 0);
    bench_settle(t->b, 1000);
    const struct bench_request *q = &t->b->request[i];
    check(t, maps_to(q, PA_1) || faults(t, q, MMU_CAUSE_NOT_PRESENT, 0), "at %u", at);
    check(t, bench_peek(t->b, slot) == 0, "at %u: the page came back as %llx", at,
          (unsigned long long)bench_peek(t->b, slot));
  }
}

/* The page is split between the read and the compare-and-swap: the walk must go down. */
TEST_EACH_FORMAT(hazard_D2_lost_race_judges_the_descriptor_again) {
  const uint64_t va = space_va(t->f, 3);
  unsigned caught = 0;
  for (unsigned more = 0; more < 6; more++) {
    renew(t);
    bench_memory(t->b, 2, 0, 0, 1);
    const uint64_t slot = space_map(&t->s, va, 1, PA_1, FRESH);
    const uint64_t table = bench_frame(t->b);
    const uint64_t small = table + 8 * (va >> 12 & 511);
    bench_poke(t->b, small, format_leaf(t->f, 0, PA_2, FRESH));
    const size_t i = ask(t, va, MMU_WRITE);
    step_past_read(t, slot, more);
    size_t swaps = 0;
    for (size_t k = 0; k < t->b->accesses; k++)
      swaps += t->b->access[k].cas;
    bench_poke(t->b, slot, format_pointer(t->f, table, true));
    bench_settle(t->b, 1000);
    const struct bench_request *q = &t->b->request[i];
    if (swaps != 0) continue; /* too late: the old page was updated first */
    caught++;
    check(t, maps_to(q, PA_2) && q->response.s1_shift == 12, "the split page answers %llx",
          (unsigned long long)q->response.pa);
    check(t, bench_peek(t->b, small) == format_leaf(t->f, 0, PA_2, PAGE_ALL), "its A and D");
    check(t, bench_peek(t->b, slot) == format_pointer(t->f, table, true), "the pointer changed");
  }
  check(t, caught != 0, "no race was placed");
}

/* What the lost version of a descriptor granted, refused or shared must leave no trace. */
TEST_EACH_FORMAT(hazard_D2_nothing_of_the_lost_version_remains) {
  const uint64_t va = space_va(t->f, 3);
  for (unsigned more = 0; more < 4; more++) {
    /* a global page becomes private to its space */
    renew(t);
    bench_memory(t->b, 3, 0, 0, 1);
    uint64_t slot = space_map(&t->s, va, 0, PA_1, (FRESH | PAGE_G) & ~(PAGE_W | PAGE_X));
    size_t i = ask(t, va, MMU_READ);
    step_past_read(t, slot, more);
    bench_poke(t->b, slot, format_leaf(t->f, 0, PA_2, FRESH));
    bench_settle(t->b, 1000);
    if (maps_to(&t->b->request[i], PA_2)) {
      struct space other = t->s;
      other.ctx.asid = 9;
      check(t, !translate_in(t, &other, va, MMU_READ)->response.hit, "it is still global");
      check(t, maps_to(translate(t, va, MMU_WRITE), PA_2), "it is still read-only");
      check(t, maps_to(translate(t, va, MMU_FETCH), PA_2), "it is still not executable");
    }
    /* a page for the kernel alone becomes one that users may write: Arm lets no kernel run it,
     * RISC-V lets no kernel run or read it */
    renew(t);
    bench_memory(t->b, 3, 0, 0, 1);
    t->s.ctx.priv = MMU_SUPERVISOR;
    slot = space_map(&t->s, va, 0, PA_1, FRESH & ~PAGE_U);
    i = ask(t, va, MMU_FETCH);
    step_past_read(t, slot, more);
    const uint64_t word =
        format_leaf(t->f, 0, PA_2, FRESH) & ~(t->f->arch == MMU_ARCH_ARM ? UINT64_C(1) << 53 : 0);
    bench_poke(t->b, slot, word);
    bench_settle(t->b, 1000);
    const struct bench_request *q = &t->b->request[i];
    if (t->f->arch == MMU_ARCH_X86) {
      check(t, maps_to(q, PA_1) || maps_to(q, PA_2), "a kernel fetch on x86");
    } else {
      check(t, maps_to(q, PA_1) || faults(t, q, MMU_CAUSE_PERMISSION, 0), "a kernel fetch");
    }
    /* x86: the pointer above is read-only at first; its own update loses the race */
    if (t->f->arch != MMU_ARCH_X86) continue;
    renew(t);
    bench_memory(t->b, 3, 0, 0, 1);
    space_map(&t->s, va, 0, PA_1, FRESH);
    slot = space_slot(&t->s, va, 1);
    const uint64_t pointer = bench_peek(t->b, slot) & ~format_a(t->f);
    bench_poke(t->b, slot, pointer & ~UINT64_C(2));
    i = ask(t, va, MMU_WRITE);
    step_past_read(t, slot, more);
    size_t swaps = 0;
    for (size_t k = 0; k < t->b->accesses; k++)
      swaps += t->b->access[k].cas;
    bench_poke(t->b, slot, pointer);
    bench_settle(t->b, 1000);
    q = &t->b->request[i];
    check(t, maps_to(q, PA_1) || (swaps != 0 && faults(t, q, MMU_CAUSE_PERMISSION, 0)),
          "the lost pointer's rights count");
    const uint64_t neighbour = same_table(va, 1);
    space_map(&t->s, neighbour, 0, PA_2, FRESH);
    if (maps_to(q, PA_1))
      check(t, maps_to(translate(t, neighbour, MMU_WRITE), PA_2), "the walk cache has them");
  }
}

TEST_EACH_FORMAT(hazard_D3_a_refused_access_sets_nothing) {
  const uint64_t va = space_va(t->f, 3);
  for (unsigned h = 0; h <= t->f->big; h++) {
    for (int kind = MMU_READ; kind <= MMU_RMW; kind++) {
      renew(t);
      const unsigned page = kind == MMU_FETCH  ? FRESH & ~PAGE_X
                            : kind == MMU_READ ? FRESH & ~PAGE_U
                                               : FRESH & ~PAGE_W;
      const uint64_t slot = space_map(&t->s, va, h, PA_1, page);
      const struct bench_request *q = translate(t, va, (enum mmu_access_kind)kind);
      check(t, faults(t, q, MMU_CAUSE_PERMISSION, h), "kind %d at %u", kind, h);
      check(t, bench_peek(t->b, slot) == format_leaf(t->f, h, PA_1, page),
            "kind %d at %u: A or D was set", kind, h);
    }
  }
}

TEST_EACH_FORMAT(hazard_D4_update_refused_by_memory) {
  static const struct {
    enum mmu_mem_error error;
    enum mmu_cause cause;
  } errors[] = {{MMU_MEM_BUS, MMU_CAUSE_BUS},
                {MMU_MEM_NO_ATOMIC, MMU_CAUSE_NO_ATOMIC},
                {MMU_MEM_PARITY, MMU_CAUSE_PARITY}};
  const uint64_t va = space_va(t->f, 3);
  for (size_t e = 0; e < 3; e++) {
    for (int kind = MMU_READ; kind <= MMU_FETCH; kind++) {
      renew(t);
      const uint64_t slot = space_map(&t->s, va, 0, PA_1, FRESH);
      bench_error(t->b, t->f->top + 1u, errors[e].error); /* after one read a level */
      const struct bench_request *q = translate(t, va, (enum mmu_access_kind)kind);
      check(t, faults(t, q, errors[e].cause, 0), "error %zu", e);
      check(t, q->response.fault.on_ad_write && !q->response.fault.on_walk, "error %zu", e);
      check(t, bench_peek(t->b, slot) == format_leaf(t->f, 0, PA_1, FRESH), "memory changed");
      q = translate(t, va, (enum mmu_access_kind)kind);
      check(t, maps_to(q, PA_1) && !q->response.hit, "error %zu: an entry was filled", e);
    }
  }
}

TEST_EACH_FORMAT(hazard_D5_store_to_a_page_that_a_load_brought_in) {
  const uint64_t va = space_va(t->f, 3);
  for (unsigned h = 0; h <= t->f->big; h++) {
    for (int rmw = 0; rmw < 2; rmw++) {
      renew(t);
      const uint64_t slot = space_map(&t->s, va, h, PA_1, FRESH);
      translate(t, va, MMU_READ);
      check(t, bench_peek(t->b, slot) == format_leaf(t->f, h, PA_1, PAGE_ALL & ~PAGE_D),
            "height %u: after the load", h);
      check(t, translate(t, va, MMU_READ)->response.hit, "height %u: the load is not cached", h);
      const struct bench_request *q = translate(t, va, rmw != 0 ? MMU_RMW : MMU_WRITE);
      check(t, q->response.status == MMU_OK, "height %u: the store", h);
      check(t, bench_peek(t->b, slot) == format_leaf(t->f, h, PA_1, PAGE_ALL),
            "height %u: D was never set", h);
      check(t, translate(t, va, MMU_WRITE)->response.hit, "height %u: a dirty page hits", h);
    }
  }
}

TEST_EACH_FORMAT(hazard_D7_which_levels_get_the_accessed_flag) {
  const uint64_t va = space_va(t->f, 3);
  uint64_t slot[5], before[5];
  space_map(&t->s, va, 0, PA_1, FRESH);
  for (unsigned h = 0; h <= t->f->top; h++) {
    slot[h] = space_slot(&t->s, va, h);
    before[h] = bench_peek(t->b, slot[h]);
    if (h != 0 && t->f->arch == MMU_ARCH_X86) {
      before[h] &= ~format_a(t->f);
      bench_poke(t->b, slot[h], before[h]);
    }
  }
  translate(t, va, MMU_READ);
  for (unsigned h = 0; h <= t->f->top; h++) {
    const bool sets = h == 0 || t->f->arch == MMU_ARCH_X86;
    check(t, bench_peek(t->b, slot[h]) == (before[h] | (sets ? format_a(t->f) : 0)),
          "height %u: %llx", h, (unsigned long long)bench_peek(t->b, slot[h]));
  }
}

/* Every setting of the two enables. x86 has none: it always sets both. RISC-V has one for both.
 * Arm ignores HD without HA. */
TEST_EACH_FORMAT(hazard_D8_every_setting_of_the_enables) {
  const uint64_t va = space_va(t->f, 3);
  for (unsigned mode = 0; mode < 4; mode++) {
    const bool a = (mode & 1) != 0, d = (mode & 2) != 0;
    if (t->f->arch == MMU_ARCH_X86 && mode != 3) continue;
    if (t->f->arch == MMU_ARCH_RISCV && a != d) continue;
    renew(t);
    t->s.ctx.s1_hw_a = a;
    t->s.ctx.s1_hw_d = d;
    uint64_t slot = space_map(&t->s, va, 0, PA_1, FRESH);
    const struct bench_request *q = translate(t, va, MMU_READ);
    check(t, a ? maps_to(q, PA_1) : faults(t, q, MMU_CAUSE_ACCESS_FLAG, 0), "mode %u: A", mode);
    check(t, bench_peek(t->b, slot) == format_leaf(t->f, 0, PA_1, a ? FRESH | PAGE_A : FRESH),
          "mode %u: the word after a read", mode);
    const uint64_t other = same_table(va, 1);
    slot = space_map(&t->s, other, 0, PA_2, FRESH | PAGE_A);
    q = translate(t, other, MMU_WRITE);
    const enum mmu_cause clean =
        t->f->arch == MMU_ARCH_ARM ? MMU_CAUSE_PERMISSION : MMU_CAUSE_DIRTY_FLAG;
    const bool sets = a && d;
    check(t, sets ? maps_to(q, PA_2) : faults(t, q, clean, 0), "mode %u: D", mode);
    check(t, bench_peek(t->b, slot) == format_leaf(t->f, 0, PA_2, sets ? PAGE_ALL : FRESH | PAGE_A),
          "mode %u: the word after a write", mode);
  }
}

TEST_EACH_FORMAT(hazard_D9_which_accesses_set_the_dirty_flag) {
  const uint64_t va = space_va(t->f, 3);
  const struct mmu_access accesses[] = {{.kind = MMU_READ},
                                        {.kind = MMU_FETCH},
                                        {.kind = MMU_WRITE},
                                        {.kind = MMU_RMW},
                                        {.kind = MMU_READ, .op = MMU_OP_CACHE},
                                        {.kind = MMU_WRITE, .op = MMU_OP_CACHE},
                                        {.kind = MMU_WRITE, .op = MMU_OP_TRANSLATE}};
  for (size_t i = 0; i < sizeof accesses / sizeof accesses[0]; i++) {
    const struct mmu_access *a = &accesses[i];
    if (a->op == MMU_OP_TRANSLATE && t->f->arch != MMU_ARCH_ARM) continue;
    /* RISC-V's cbo.zero stores; Arm's DC IVAC needs the right to write, and no more; x86 has none
     */
    if (a->op == MMU_OP_CACHE && a->kind == MMU_WRITE && t->f->arch == MMU_ARCH_X86) continue;
    renew(t);
    const uint64_t slot = space_map(&t->s, va, 0, PA_1, FRESH | PAGE_A);
    const struct bench_request *q = bench_translate(t->b, va, a, &t->s.ctx);
    check(t, maps_to(q, PA_1), "access %zu", i);
    const bool stores =
        a->op == MMU_OP_NORMAL || (a->op == MMU_OP_CACHE && t->f->arch == MMU_ARCH_RISCV);
    const bool dirties = stores && (a->kind == MMU_WRITE || a->kind == MMU_RMW);
    check(t,
          bench_peek(t->b, slot) == format_leaf(t->f, 0, PA_1, dirties ? PAGE_ALL : FRESH | PAGE_A),
          "access %zu: D", i);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(hazard_D1_no_update_resurrects_an_unmapped_page),
      cmocka_unit_test(hazard_D2_lost_race_judges_the_descriptor_again),
      cmocka_unit_test(hazard_D2_nothing_of_the_lost_version_remains),
      cmocka_unit_test(hazard_D3_a_refused_access_sets_nothing),
      cmocka_unit_test(hazard_D4_update_refused_by_memory),
      cmocka_unit_test(hazard_D5_store_to_a_page_that_a_load_brought_in),
      cmocka_unit_test(hazard_D7_which_levels_get_the_accessed_flag),
      cmocka_unit_test(hazard_D8_every_setting_of_the_enables),
      cmocka_unit_test(hazard_D9_which_accesses_set_the_dirty_flag),
  };
  return run_directed(tests, sizeof tests / sizeof tests[0]);
}

/* SPDX-License-Identifier: Apache-2.0
 * Hazards of faults where there are two stages: who faults, first, and what the hypervisor is told
 * (docs/hazards.md, F1 to F16). */
#include "guests.h"

enum { KINDS = 4, READ_ONLY = PAGE_ALL & ~(PAGE_W | PAGE_D) };

static const enum mmu_access_kind kinds[KINDS] = {MMU_READ, MMU_WRITE, MMU_FETCH, MMU_RMW};

static bool tables_are_written(const struct vm *t) {
  return t->n->mode == MMU_S2_NPT;
}

/* All of the guest's tables in stage-2 pages with these flags. */
static void tables_with(struct vm *t, uint64_t va, unsigned flags) {
  for (unsigned h = 0; h <= t->f->top; h++)
    nested_map(&t->g, guest_slot(&t->g, va, h) - t->g.s.host, 0, flags);
}

/* Tables that may only be read serve every access; D of their pages stays. */
TEST_EACH_NESTED(hazard_F1_a_table_is_read_whatever_the_access) {
  const uint64_t va = space_va(t->f, 3), low = va & 4095;
  if (tables_are_written(t)) return; /* hazard_D6 */
  const unsigned flags = PAGE_R | PAGE_A | (t->n->mode == MMU_S2_ARM ? 0 : PAGE_U);
  for (unsigned k = 0; k < KINDS; k++) {
    vm_renew(t);
    if (t->n->mode == MMU_S2_EPT) t->g.s.ctx.s2_hw_a = t->g.s.ctx.s2_hw_d = false;
    const uint64_t pa = guest_page(&t->g, va, GUEST_PAGE) | low;
    tables_with(t, va, flags);
    const uint64_t leaf = nested_slot(&t->g, guest_slot(&t->g, va, 0) - t->g.s.host, 0);
    const uint64_t before = bench_peek(t->b, leaf);
    vcheck(t, maps_to(vm_translate(t, va, kinds[k]), pa), "kind %u is refused", kinds[k]);
    vcheck(t, bench_peek(t->b, leaf) == before, "kind %u: the table's page is dirty", kinds[k]);
  }
  if (t->f->arch != MMU_ARCH_RISCV) return;
  vm_renew(t);
  const uint64_t pa = guest_page(&t->g, va, GUEST_PAGE) | low;
  tables_with(t, va, flags);
  const struct mmu_access hlvx = {.kind = MMU_READ, .size = 2, .exec_as_read = true};
  vcheck(t, maps_to(bench_translate(t->b, va, &hlvx, &t->g.s.ctx), pa), "HLVX");
}

/* A fault of a table read is told as the access, as far as the architecture tells it. */
TEST_EACH_NESTED(hazard_F2_fault_of_a_table_is_of_the_access) {
  const uint64_t va = space_va(t->f, 3);
  for (unsigned h = 0; h <= t->f->top; h++) {
    for (unsigned k = 0; k < KINDS; k++) {
      vm_renew(t);
      guest_page(&t->g, va, GUEST_PAGE);
      const uint64_t gpa = guest_slot(&t->g, va, h) - t->g.s.host;
      bench_poke(t->b, nested_slot(&t->g, gpa, 0), 0);
      const struct bench_request *q = vm_translate(t, va, kinds[k]);
      vcheck(t, vm_faults(t, q, ON_TABLE, MMU_CAUSE_NOT_PRESENT, 0, 0, gpa),
             "kind %u, table of height %u", kinds[k], h);
      vcheck(t, q->response.fault.s1_level == h, "level %u", q->response.fault.s1_level);
    }
  }
}

/* So is an error of the memory in a table of stage 2, whatever was looked for there. */
TEST_EACH_NESTED(hazard_F2_memory_error_in_stage_2_is_of_the_access) {
  const uint64_t va = space_va(t->f, 3), low = va & 4095;
  const unsigned top = t->n->top; /* a question takes top + 1 reads, and a table one more */
  for (unsigned h = 0; h <= top; h++) {
    for (unsigned k = 0; k < 2 * KINDS; k++) {
      const bool final = k >= KINDS;
      vm_renew(t);
      guest_page(&t->g, va, GUEST_PAGE);
      const uint64_t gpa =
          final ? GUEST_PAGE | low : guest_slot(&t->g, va, t->f->top) - t->g.s.host;
      bench_error(t->b, (final ? (t->f->top + 1u) * (top + 2u) : 0) + top - h, MMU_MEM_BUS);
      const struct bench_request *q = vm_translate(t, va, kinds[k % KINDS]);
      vcheck(t, vm_faults(t, q, final ? ON_FINAL : ON_TABLE, MMU_CAUSE_BUS, h, 0, gpa),
             "kind %u, height %u, final %d", kinds[k % KINDS], h, final);
    }
  }
}

/* RISC-V and NPT: a page that user mode may not use is nobody's. */
TEST_EACH_NESTED(hazard_F3_stage_2_is_user_mode) {
  const uint64_t va = space_va(t->f, 3);
  if (t->n->mode != MMU_S2_RISCV && t->n->mode != MMU_S2_NPT) return;
  for (unsigned k = 0; k < KINDS; k++) {
    for (unsigned priv = MMU_USER; priv <= MMU_SUPERVISOR; priv++) {
      vm_renew(t);
      t->g.s.ctx.priv = (uint8_t)priv;
      const unsigned mine = priv == MMU_USER ? PAGE_ALL : PAGE_ALL & ~PAGE_U;
      guest_map(&t->g, va, 0, GUEST_PAGE, mine);
      nested_map(&t->g, GUEST_PAGE, 0, PAGE_ALL & ~PAGE_U);
      const uint64_t gpa = GUEST_PAGE | (va & 4095);
      const struct bench_request *q = vm_translate(t, va, kinds[k]);
      vcheck(t, vm_faults(t, q, ON_FINAL, MMU_CAUSE_PERMISSION, 0, 7, gpa), "kind %u", kinds[k]);
      tables_with(t, va, PAGE_ALL & ~PAGE_U);
      vm_flush_both(t, &t->g);
      q = vm_translate(t, va, kinds[k]);
      vcheck(t, q->response.status == MMU_FAULT && q->response.fault.on_walk, "of a table");
    }
  }
}

/* The lowest address bit that stage 2 does not translate, if stage 1 can put it out; else 0. */
static unsigned bit_beyond(const struct vm *t) {
  const unsigned most[MMU_ARCH_COUNT] = {52, 48, 56};
  return nested_bits(t->n) < most[t->f->arch] ? nested_bits(t->n) : 0;
}

TEST_EACH_NESTED(hazard_F4_guest_physical_address_out_of_range) {
  const uint64_t va = space_va(t->f, 3), low = va & 4095;
  const unsigned bit = bit_beyond(t);
  const unsigned height = t->n->mode == MMU_S2_ARM ? 3 : t->n->top;
  const uint64_t far = UINT64_C(1) << bit;
  for (unsigned h = 0; bit != 0 && h <= t->f->top + 1u; h++) { /* leaf, pointers, root */
    for (unsigned valid = 0; valid < 2; valid++) {
      vm_renew(t);
      if (t->f->arch == MMU_ARCH_X86) t->g.s.ctx.pa_width = 52;
      guest_page(&t->g, va, GUEST_PAGE);
      uint64_t gpa = far | GUEST_PAGE | low;
      if (h <= t->f->top) {
        const uint64_t slot = guest_slot(&t->g, va, h);
        uint64_t word = h == 0 ? format_leaf(t->f, 0, far | GUEST_PAGE, PAGE_ALL)
                               : format_pointer(t->f, far | 0x5000, true);
        if (h != 0) gpa = far | 0x5000 | 8 * (va >> (12 + 9 * (h - 1)) & 511);
        bench_poke(t->b, slot, valid != 0 ? word : word & ~UINT64_C(1));
      } else {
        gpa = (guest_slot(&t->g, va, t->f->top) - t->g.s.host) | far;
        t->g.s.ctx.s1_root0 |= far;
      }
      const size_t from = t->b->accesses;
      const struct bench_request *q = vm_translate(t, va, MMU_WRITE);
      if (valid == 0 && h <= t->f->top) {
        vcheck(t, !q->response.fault.stage2 && !q->response.syndrome.to_hyp, "V=0, height %u", h);
        continue;
      }
      vcheck(t,
             vm_faults(t, q, h == 0 ? ON_FINAL : ON_TABLE, MMU_CAUSE_NON_CANONICAL, height, 0, gpa),
             "height %u", h);
      if (h > t->f->top) vcheck(t, t->b->accesses == from, "it read something");
    }
  }
  if (bit == 0 || t->f->arch == MMU_ARCH_ARM) return; /* Arm: stage 1 has a width of its own */
  vm_renew(t);
  if (t->f->arch == MMU_ARCH_X86) t->g.s.ctx.pa_width = 52;
  t->g.s.ctx.s1_mode = MMU_S1_OFF;
  const struct bench_request *q = vm_translate(t, far | GUEST_PAGE, MMU_READ);
  vcheck(t, vm_faults(t, q, ON_FINAL, MMU_CAUSE_NON_CANONICAL, height, 0, far | GUEST_PAGE),
         "stage 1 off");
}

/* A height that no walk of this format can begin at. */
TEST_EACH_NESTED(hazard_F4_first_height_that_the_format_lacks) {
  const uint64_t va = space_va(t->f, 3);
  if (t->n->mode != MMU_S2_ARM) return; /* the others take the height from their mode */
  for (uint8_t top = 4; top < 8; top++) {
    vm_renew(t);
    guest_page(&t->g, va, GUEST_PAGE);
    t->g.s.ctx.s2_top = top;
    const uint64_t root = guest_slot(&t->g, va, t->f->top) - t->g.s.host;
    const size_t from = t->b->accesses;
    const struct bench_request *q = vm_translate(t, va, MMU_READ);
    vcheck(t, vm_faults(t, q, ON_TABLE, MMU_CAUSE_NON_CANONICAL, 3, 0, root), "height %u", top);
    vcheck(t, t->b->accesses == from, "height %u: it read something", top);
  }
}

/* Where stage 1 refuses the access, stage 2 is not asked about it, whatever it would say. */
TEST_EACH_NESTED(hazard_F6_stage_1_permission_goes_first) {
  const uint64_t va = space_va(t->f, 3);
  const unsigned bit = bit_beyond(t);
  for (unsigned far = 0; far <= (bit != 0 ? 1u : 0u); far++) {
    vm_renew(t);
    if (t->f->arch == MMU_ARCH_X86) t->g.s.ctx.pa_width = 52;
    const uint64_t gpa = GUEST_PAGE | (far != 0 ? UINT64_C(1) << bit : 0); /* nothing is there */
    guest_map(&t->g, va, 0, gpa, READ_ONLY);
    const struct bench_request *q = vm_translate(t, va, MMU_WRITE);
    vcheck(t, q->response.status == MMU_FAULT && !q->response.fault.stage2, "stage 2 goes first");
    vcheck(t, q->response.fault.cause == MMU_CAUSE_PERMISSION && !q->response.syndrome.to_hyp,
           "cause %u", q->response.fault.cause);
    q = vm_translate(t, va, MMU_READ);
    vcheck(t, q->response.fault.stage2 && q->response.syndrome.to_hyp, "read: stage 2 allows it");
  }
}

/* Two faults of one walk, of different stages: the one that is found first. */
TEST_EACH_NESTED(hazard_F5_first_fault_of_two_stages) {
  const uint64_t va = space_va(t->f, 3), low = va & 4095;
  for (unsigned h = 0; h <= t->f->top; h++) {
    /* a table that stage 2 lacks, whatever would be in it */
    guest_map(&t->g, va, 0, GUEST_PAGE, PAGE_ALL);
    const uint64_t slot = guest_slot(&t->g, va, h), gpa = slot - t->g.s.host;
    bench_poke(t->b, slot, format_absent(t->f, h, GUEST_PAGE));
    bench_poke(t->b, nested_slot(&t->g, gpa, 0), 0);
    const struct bench_request *q = vm_translate(t, va, MMU_WRITE);
    vcheck(t, vm_faults(t, q, ON_TABLE, MMU_CAUSE_NOT_PRESENT, 0, 0, gpa), "height %u", h);
    /* a bad descriptor, whatever stage 2 says of the page */
    nested_map(&t->g, gpa, 0, PAGE_ALL);
    q = vm_translate(t, va, MMU_WRITE);
    vcheck(t, q->response.fault.cause == MMU_CAUSE_NOT_PRESENT && !q->response.fault.stage2,
           "height %u: not stage 1's", h);
    vm_renew(t);
  }
  /* A and D of stage 1 are set before stage 2 is asked about the page */
  bench_poke(t->b, nested_slot(&t->g, GUEST_PAGE, 0), 0);
  const uint64_t slot = guest_map(&t->g, va, 0, GUEST_PAGE, PAGE_ALL & ~(PAGE_A | PAGE_D));
  const struct bench_request *q = vm_translate(t, va, MMU_WRITE);
  vcheck(t, vm_faults(t, q, ON_FINAL, MMU_CAUSE_NOT_PRESENT, 0, 0, GUEST_PAGE | low), "the page");
  vcheck(t, (bench_peek(t->b, slot) & format_a(t->f)) != 0, "A is not set");
}

/* What the table access was: a read, but for the update itself. */
TEST_EACH_NESTED(hazard_F10_implicit_access_that_faulted) {
  const uint64_t va = space_va(t->f, 3);
  for (unsigned k = 0; k < KINDS; k++) {
    vm_renew(t);
    guest_page(&t->g, va, GUEST_PAGE);
    guest_map(&t->g, va, 0, GUEST_PAGE, PAGE_ALL & ~(PAGE_A | PAGE_D));
    const uint64_t gpa = guest_slot(&t->g, va, 0) - t->g.s.host;
    nested_map(&t->g, gpa, 0, READ_ONLY);
    if (t->n->mode == MMU_S2_EPT) t->g.s.ctx.s2_hw_a = t->g.s.ctx.s2_hw_d = false;
    const unsigned rights = PAGE_R | PAGE_X;
    const struct bench_request *q = vm_translate(t, va, kinds[k]);
    vcheck(t,
           vm_faults(t, q, tables_are_written(t) ? ON_TABLE : ON_SWAP, MMU_CAUSE_PERMISSION, 0,
                     rights, gpa),
           "kind %u", kinds[k]);
  }
}

/* A store whose table cannot even be read is no update. */
TEST_EACH_NESTED(hazard_F12_only_an_update_writes_a_table) {
  const uint64_t va = space_va(t->f, 3);
  for (unsigned h = 0; h <= t->f->top; h++) {
    vm_renew(t);
    guest_page(&t->g, va, GUEST_PAGE);
    guest_map(&t->g, va, 0, GUEST_PAGE, PAGE_ALL & ~(PAGE_A | PAGE_D));
    const uint64_t gpa = guest_slot(&t->g, va, h) - t->g.s.host;
    bench_poke(t->b, nested_slot(&t->g, gpa, 0), 0);
    const struct bench_request *q = vm_translate(t, va, MMU_WRITE);
    vcheck(t, vm_faults(t, q, ON_TABLE, MMU_CAUSE_NOT_PRESENT, 0, 0, gpa), "height %u", h);
  }
}

/* Both addresses, to the last bit. */
TEST_EACH_NESTED(hazard_F11_guest_physical_address_keeps_its_low_bits) {
  for (unsigned offset = 0; offset < 4096; offset += 8 * 37 + 5) {
    vm_renew(t);
    const uint64_t va = (space_va(t->f, 3) & ~UINT64_C(4095)) | offset;
    guest_page(&t->g, va, GUEST_PAGE);
    nested_map(&t->g, GUEST_PAGE, 0, PAGE_ALL & ~(PAGE_W | PAGE_D));
    const struct bench_request *q = vm_translate(t, va, MMU_WRITE);
    vcheck(t,
           vm_faults(t, q, ON_FINAL, MMU_CAUSE_PERMISSION, 0, PAGE_R | PAGE_X, GUEST_PAGE | offset),
           "offset %#x", offset);
    struct mmu_context off = t->g.s.ctx;
    off.s1_mode = MMU_S1_OFF;
    const struct mmu_access store = access_of(MMU_WRITE);
    q = bench_translate(t->b, GUEST_PAGE | offset, &store, &off);
    vcheck(t,
           vm_faults(t, q, ON_FINAL, MMU_CAUSE_PERMISSION, 0, PAGE_R | PAGE_X, GUEST_PAGE | offset),
           "offset %#x, stage 1 off", offset);
  }
}

/* Settings of the guest do not count in stage 2. */
TEST_EACH_NESTED(hazard_F13_guest_settings_in_stage_2) {
  const uint64_t va = space_va(t->f, 3), low = va & 4095, pa = t->g.s.host | GUEST_PAGE | low;
  if (t->n->mode == MMU_S2_NPT) { /* SMEP, SMAP: every page of a nested table is the user's */
    t->g.s.ctx.smep = t->g.s.ctx.smap = true;
    t->g.s.ctx.priv = MMU_SUPERVISOR;
    guest_map(&t->g, va, 0, GUEST_PAGE, PAGE_ALL & ~PAGE_U);
    nested_map(&t->g, GUEST_PAGE, 0, PAGE_ALL);
    vcheck(t, maps_to(vm_translate(t, va, MMU_READ), pa), "SMAP in stage 2");
    vcheck(t, maps_to(vm_translate(t, va, MMU_FETCH), pa), "SMEP in stage 2");
  }
  if (t->n->mode != MMU_S2_RISCV) return;
  guest_page(&t->g, va, GUEST_PAGE);
  nested_map(&t->g, GUEST_PAGE, 0, PAGE_ALL & ~(PAGE_R | PAGE_W | PAGE_D)); /* X alone */
  for (unsigned i = 0; i < 4; i++) {
    t->g.s.ctx.mxr = (i & 1) != 0;
    t->g.s.ctx.s2_mxr = (i & 2) != 0;
    const struct bench_request *q = vm_translate(t, va, MMU_READ);
    vcheck(t,
           (i & 2) != 0
               ? maps_to(q, pa)
               : vm_faults(t, q, ON_FINAL, MMU_CAUSE_PERMISSION, 0, PAGE_X, GUEST_PAGE | low),
           "MXR %u, the hypervisor's %u", i & 1, i >> 1);
    vm_flush_both(t, &t->g);
  }
  /* SUM opens the user's pages to the supervisor in stage 1; in stage 2 all are the user's */
  t->g.s.ctx = guest_new(t->b, t->f, t->n).s.ctx;
  t->g.s.ctx.sum = true;
  t->g.s.ctx.priv = MMU_SUPERVISOR;
  guest_map(&t->g, va, 0, GUEST_PAGE, PAGE_ALL);
  nested_map(&t->g, GUEST_PAGE, 0, PAGE_ALL & ~PAGE_U);
  const struct bench_request *q = vm_translate(t, va, MMU_READ);
  vcheck(t, vm_faults(t, q, ON_FINAL, MMU_CAUSE_PERMISSION, 0, 7, GUEST_PAGE | low), "SUM");
}

/* No fault of stage 2 is remembered. */
TEST_EACH_NESTED(hazard_F16_mended_stage_2_needs_no_invalidation) {
  const uint64_t va = space_va(t->f, 3), low = va & 4095;
  const uint64_t pa = guest_page(&t->g, va, GUEST_PAGE) | low;
  for (unsigned h = 0; h <= t->n->top; h++) {
    const uint64_t slot = nested_slot(&t->g, GUEST_PAGE, h), good = bench_peek(t->b, slot);
    vm_flush_both(t, &t->g);
    vm_flush_combined(t, &t->g);
    bench_poke(t->b, slot, 0);
    const struct bench_request *q = vm_translate(t, va, MMU_READ);
    vcheck(t, q->response.status == MMU_FAULT && q->response.fault.stage2, "height %u", h);
    bench_poke(t->b, slot, good);
    vcheck(t, maps_to(vm_translate(t, va, MMU_READ), pa), "height %u: remembered", h);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(hazard_F1_a_table_is_read_whatever_the_access),
      cmocka_unit_test(hazard_F2_fault_of_a_table_is_of_the_access),
      cmocka_unit_test(hazard_F2_memory_error_in_stage_2_is_of_the_access),
      cmocka_unit_test(hazard_F3_stage_2_is_user_mode),
      cmocka_unit_test(hazard_F4_guest_physical_address_out_of_range),
      cmocka_unit_test(hazard_F5_first_fault_of_two_stages),
      cmocka_unit_test(hazard_F4_first_height_that_the_format_lacks),
      cmocka_unit_test(hazard_F6_stage_1_permission_goes_first),
      cmocka_unit_test(hazard_F10_implicit_access_that_faulted),
      cmocka_unit_test(hazard_F11_guest_physical_address_keeps_its_low_bits),
      cmocka_unit_test(hazard_F12_only_an_update_writes_a_table),
      cmocka_unit_test(hazard_F13_guest_settings_in_stage_2),
      cmocka_unit_test(hazard_F16_mended_stage_2_needs_no_invalidation),
  };
  return run_directed(tests, sizeof tests / sizeof tests[0]);
}

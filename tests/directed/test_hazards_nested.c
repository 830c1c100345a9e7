/* SPDX-License-Identifier: Apache-2.0
 * Hazards of the walk and of A and D where there are two stages (docs/hazards.md, W7 to W13, D1
 * to D8). */
#include "guests.h"

enum { FRESH = PAGE_ALL & ~(PAGE_A | PAGE_D) };

static bool reads_at(const struct vm *t, uint64_t page) {
  for (size_t i = 0; i < t->b->accesses; i++)
    if ((t->b->access[i].addr ^ page) >> 12 == 0) return true;
  return false;
}

/* The guest-physical address is in the fault record: nothing is walked for it again, however much
 * is refilled meanwhile. */
TEST_EACH_NESTED(hazard_W7_guest_physical_address_without_a_second_walk) {
  enum { PAGES = 8 };
  const uint64_t va = space_va(t->f, 3), base = va & ~UINT64_C(0xffff);
  for (unsigned at = 0; at < 2 * PAGES; at++) {
    vm_renew(t);
    const uint64_t gpa = GUEST_PAGE & ~UINT64_C(0xffff);
    for (unsigned i = 0; i < PAGES; i++)
      guest_page(&t->g, base + 4096 * i, gpa + 4096 * i);
    const uint64_t missing = gpa + 0x9000, slot = nested_slot(&t->g, missing, 0);
    guest_map(&t->g, base + 0x9000, 0, missing, PAGE_ALL);
    bench_memory(t->b, 3, 4, 0, at + 1);
    size_t fault = 0;
    for (unsigned i = 0; i < 2 * PAGES; i++) {
      const struct mmu_access a = access_of(i % 3 == 2 ? MMU_FETCH : MMU_READ);
      if (i == at) fault = bench_ask(t->b, base + 0x9128, &a, &t->g.s.ctx);
      bench_ask(t->b, base + 4096 * (i % PAGES), &a, &t->g.s.ctx);
    }
    bench_settle(t->b, 20000);
    vcheck(
        t,
        vm_faults(t, &t->b->request[fault], ON_FINAL, MMU_CAUSE_NOT_PRESENT, 0, 0, missing + 0x128),
        "place %u", at);
    unsigned read = 0;
    for (size_t i = 0; i < t->b->accesses; i++)
      read += t->b->access[i].addr == slot;
    vcheck(t, read == 1, "place %u: the entry is read %u times", at, read);
  }
}

/* No table is read before stage 2 has said where it is and the memory reaches so far. */
TEST_EACH_NESTED(hazard_W9_no_read_before_stage_2_allows_it) {
  const uint64_t va = space_va(t->f, 3);
  for (unsigned h = 0; h <= t->f->top; h++) {
    vm_renew(t);
    guest_page(&t->g, va, GUEST_PAGE);
    const uint64_t table = guest_slot(&t->g, va, h), gpa = table - t->g.s.host;
    bench_poke(t->b, nested_slot(&t->g, gpa, 0), 0);
    bench_forget(t->b);
    vm_translate(t, va, MMU_READ);
    vcheck(t, !reads_at(t, table), "height %u: read although absent", h);
    vcheck(t, !reads_at(t, gpa) && !reads_at(t, 0), "height %u: read at another place", h);
    /* a page beyond the width */
    nested_map_to(&t->g, gpa, 0, UINT64_C(1) << 47, PAGE_ALL);
    t->g.s.ctx.s2_pa_width = 46;
    vm_flush_both(t, &t->g);
    bench_forget(t->b);
    const struct bench_request *q = vm_translate(t, va, MMU_READ);
    vcheck(t, q->response.status == MMU_FAULT && q->response.fault.stage2, "beyond the width");
    vcheck(t, !reads_at(t, UINT64_C(1) << 47), "height %u: read beyond the width", h);
  }
  for (unsigned h = 1; h <= t->n->top; h++) { /* a table of stage 2 beyond it */
    vm_renew(t);
    guest_page(&t->g, va, GUEST_PAGE);
    const uint64_t slot = nested_slot(&t->g, guest_slot(&t->g, va, t->f->top) - t->g.s.host, h);
    bench_poke(t->b, slot, nested_pointer(t->n, UINT64_C(1) << 47, true));
    t->g.s.ctx.s2_pa_width = 46;
    bench_forget(t->b);
    const struct bench_request *q = vm_translate(t, va, MMU_READ);
    vcheck(t, q->response.status == MMU_FAULT && q->response.fault.s2_level == h, "height %u", h);
    vcheck(t, !reads_at(t, (UINT64_C(1) << 47) | (slot & 4095)), "stage-2 table beyond the width");
  }
}

/* A guest-physical address is none of the memory's: the memory's width does not bind it. */
TEST_EACH_NESTED(hazard_W9_guest_address_is_not_checked_as_a_physical_one) {
  const uint64_t va = space_va(t->f, 3), low = va & 4095;
  if (nested_bits(t->n) < 45) return;
  const uint64_t gpa = UINT64_C(3) << 43;
  t->g.s.ctx.s2_pa_width = 42;
  guest_map(&t->g, va, 0, gpa, PAGE_ALL);
  nested_map_to(&t->g, gpa, 0, NESTED_HOST + GUEST_PAGE, PAGE_ALL);
  vcheck(t, maps_to(vm_translate(t, va, MMU_READ), NESTED_HOST + GUEST_PAGE + low), "refused");
}

/* Everything as high as it can be: tables and page of both stages. */
TEST_EACH_NESTED(hazard_W10_tables_and_pages_at_the_top_of_both_stages) {
  const unsigned physical = t->f->arch == MMU_ARCH_ARM ? 48 : 52;
  const unsigned most[MMU_ARCH_COUNT] = {52, 48, 56};
  unsigned width = nested_bits(t->n);
  if (width > most[t->f->arch]) width = most[t->f->arch];
  const uint64_t va = space_va(t->f, 3), low = va & 4095, frames = UINT64_C(1) << 20;
  const uint64_t top = UINT64_C(1) << physical, guest_top = UINT64_C(1) << width;
  bench_clear_memory(t->b, top - frames);
  t->g = guest_new(t->b, t->f, t->n);
  uint64_t *root = t->f->upper ? &t->g.s.ctx.s1_root1 : &t->g.s.ctx.s1_root0;
  *root += t->g.s.host;
  t->g.s.host = top - guest_top;
  *root -= t->g.s.host;
  t->g.s.ctx.s2_pa_width = (uint8_t)physical;
  t->g.s.ctx.pa_width = t->f->arch == MMU_ARCH_ARM ? 48 : 52;
  const uint64_t gpa = guest_top - 4096, pa = guest_page(&t->g, va, gpa) | low;
  vcheck(t, pa >> 12 == (top - 1) >> 12, "the test");
  vcheck(t, maps_to(vm_translate(t, va, MMU_WRITE), pa), "the page at the top");
  for (size_t i = 0; i < t->b->accesses; i++)
    vcheck(t, t->b->access[i].addr >= top - frames, "a read at %llx",
           (unsigned long long)t->b->access[i].addr);
  nested_map(&t->g, gpa, 0, PAGE_ALL & ~(PAGE_W | PAGE_D));
  vm_flush_both(t, &t->g);
  vm_flush_combined(t, &t->g);
  const struct bench_request *q = vm_translate(t, va, MMU_WRITE);
  vcheck(t, vm_faults(t, q, ON_FINAL, MMU_CAUSE_PERMISSION, 0, PAGE_R | PAGE_X, gpa | low),
         "its fault");
}

/* The two roots in regions of their own; whatever cache answers first, the walk goes on below the
 * right one. */
TEST_EACH_NESTED(hazard_W13_caches_of_either_stage_answer_first) {
  const uint64_t va = space_va(t->f, 3), low = va & 4095;
  if (nested_bits(t->n) < 41) return;
  t->g.s.host -= UINT64_C(3) << 39; /* the guest's tables are at 3 x 512 GiB, stage 2's at 5 */
  *(t->f->upper ? &t->g.s.ctx.s1_root1 : &t->g.s.ctx.s1_root0) += UINT64_C(3) << 39;
  uint64_t pa[8];
  for (unsigned i = 0; i < 8; i++)
    pa[i] = guest_page(&t->g, same_table(va, i), GUEST_PAGE + 4096 * i) | low;
  for (unsigned i = 0; i < 8; i++) {
    vcheck(t, maps_to(vm_translate(t, same_table(va, i), MMU_READ), pa[i]), "page %u", i);
    if (i % 4 == 1) vm_flush_combined(t, &t->g); /* the nested TLB stays */
    if (i % 4 == 2) vm_flush_both(t, &t->g);
    if (i % 4 == 3 && t->f->arch == MMU_ARCH_ARM) /* the walk cache stays */
      vm_flush(t, &t->g, MMU_INV_ARM_IPAS2E1,
               guest_slot(&t->g, same_table(va, i), 0) - t->g.s.host);
  }
}

/* ---- accessed and dirty -------------------------------------------------------------------------
 */

/* Translate while another CPU writes the word at `addr` just before the first swap of it. */
static const struct bench_request *race(struct vm *t, uint64_t va, enum mmu_access_kind kind,
                                        uint64_t addr, uint64_t value) {
  const struct mmu_access a = access_of(kind);
  const size_t i = bench_ask(t->b, va, &a, &t->g.s.ctx);
  bool raced = false;
  for (unsigned c = 0; c < 3000 && t->b->request[i].answered == BENCH_NEVER; c++) {
    const struct hw_out *o = &t->b->out;
    if (!raced && o->mem_req_valid && o->mem_req_cas && o->mem_req_addr == addr) {
      bench_poke(t->b, addr, value);
      raced = true;
    }
    bench_step(t->b);
  }
  bench_settle(t->b, 2000);
  vcheck(t, raced, "no swap of it");
  return &t->b->request[i];
}

/* An entry that is unmapped before its update stays so. */
TEST_EACH_NESTED(hazard_D1_no_update_resurrects_an_entry_of_stage_2) {
  const uint64_t va = space_va(t->f, 3);
  guest_map(&t->g, va, 0, GUEST_PAGE, PAGE_ALL);
  const uint64_t slot = nested_map(&t->g, GUEST_PAGE, 0, FRESH);
  const struct bench_request *q = race(t, va, MMU_WRITE, slot, 0);
  vcheck(t, vm_faults(t, q, ON_FINAL, MMU_CAUSE_NOT_PRESENT, 0, 0, GUEST_PAGE | (va & 4095)),
         "no fault");
  vcheck(t, bench_peek(t->b, slot) == 0, "it is back");
}

/* ... and one that leads elsewhere, or grants less, is judged as it is then. */
TEST_EACH_NESTED(hazard_D2_lost_race_in_stage_2_is_judged_again) {
  const uint64_t va = space_va(t->f, 3), low = va & 4095;
  guest_map(&t->g, va, 0, GUEST_PAGE, PAGE_ALL);
  const uint64_t slot = nested_map(&t->g, GUEST_PAGE, 0, FRESH);
  const struct bench_request *q =
      race(t, va, MMU_READ, slot, nested_leaf(t->n, 0, PA_2, PAGE_ALL & ~PAGE_D));
  vcheck(t, maps_to(q, PA_2 + low), "the lost page");
  vcheck(t, maps_to(vm_translate(t, va, MMU_WRITE), PA_2 + low), "the write");
  vcheck(t, nested_dirty(t->n, bench_peek(t->b, slot)), "D of the lost version counts");
  vm_renew(t);
  guest_map(&t->g, va, 0, GUEST_PAGE, PAGE_ALL);
  const uint64_t again = nested_map(&t->g, GUEST_PAGE, 0, FRESH);
  const uint64_t less = nested_leaf(t->n, 0, PA_2, FRESH & ~PAGE_W);
  q = race(t, va, MMU_WRITE, again, less);
  vcheck(t, vm_faults(t, q, ON_FINAL, MMU_CAUSE_PERMISSION, 0, PAGE_R | PAGE_X, GUEST_PAGE | low),
         "the lost right");
  vcheck(t, bench_peek(t->b, again) == less, "it is changed");
}

/* Stage 1's descriptor moves while its update is asked for: it is read again at its new place. */
TEST_EACH_NESTED(hazard_D2_descriptor_moves_in_stage_2_before_its_update) {
  const uint64_t va = space_va(t->f, 3), low = va & 4095;
  const uint64_t pa = guest_page(&t->g, va, GUEST_PAGE) | low;
  const uint64_t slot = guest_map(&t->g, va, 0, GUEST_PAGE, FRESH), gpa = slot - t->g.s.host;
  const uint64_t moved = bench_frame(t->b), leaf = nested_slot(&t->g, gpa, 0);
  const uint64_t old = bench_peek(t->b, slot);
  if (t->b->ops->geometry.nested_entries != 0) return; /* it is not asked again */
  bench_poke(t->b, moved | (slot & 4095), old);
  const struct mmu_access a = access_of(MMU_READ);
  const size_t i = bench_ask(t->b, va, &a, &t->g.s.ctx);
  while (t->b->problem[0] == '\0' && !(t->b->out.mem_req_valid && t->b->out.mem_req_addr == slot))
    bench_step(t->b);
  bench_step(t->b);
  bench_poke(t->b, leaf, nested_leaf(t->n, 0, moved, PAGE_ALL));
  bench_settle(t->b, 2000);
  vcheck(t, maps_to(&t->b->request[i], pa), "not mapped");
  vcheck(t, bench_peek(t->b, slot) == old, "the old place is written");
  vcheck(t, (bench_peek(t->b, moved | (slot & 4095)) & format_a(t->f)) != 0, "the new one is not");
}

/* ... and if it moves each time, the walk gives up without having written anything. */
TEST_EACH_NESTED(hazard_D2_descriptor_that_moves_each_time_ends_the_walk) {
  enum { CYCLES = 20000 };
  const uint64_t va = space_va(t->f, 3), low = va & 4095;
  const uint64_t pa = guest_page(&t->g, va, GUEST_PAGE) | low;
  const uint64_t slot = guest_map(&t->g, va, 0, GUEST_PAGE, FRESH), gpa = slot - t->g.s.host;
  const uint64_t leaf = nested_slot(&t->g, gpa, 0), old = bench_peek(t->b, slot);
  const uint64_t page[2] = {slot & ~UINT64_C(4095), bench_frame(t->b)};
  if (t->b->ops->geometry.nested_entries != 0) return; /* it is not asked again */
  bench_poke(t->b, page[1] | (slot & 4095), old);
  const struct mmu_access a = access_of(MMU_READ);
  const size_t i = bench_ask(t->b, va, &a, &t->g.s.ctx);
  const struct bench_request *q = &t->b->request[i];
  unsigned moves = 0;
  for (unsigned c = 0; c < CYCLES && q->answered == BENCH_NEVER; c++) {
    const struct hw_out *o = &t->b->out;
    const bool read = o->mem_req_valid && o->mem_req_addr == (page[moves % 2] | (slot & 4095));
    bench_step(t->b);
    if (read) bench_poke(t->b, leaf, nested_leaf(t->n, 0, page[++moves % 2], PAGE_ALL));
  }
  vcheck(t, q->answered != BENCH_NEVER && q->response.status == MMU_RETRY, "after %u moves", moves);
  for (unsigned k = 0; k < 2; k++)
    vcheck(t, bench_peek(t->b, page[k] | (slot & 4095)) == old, "place %u is written", k);
  vcheck(t, maps_to(vm_translate(t, va, MMU_READ), pa), "asked again");
}

/* Refused by stage 2, nothing is set in its leaf. */
TEST_EACH_NESTED(hazard_D3_an_access_that_stage_2_refuses_sets_nothing) {
  const uint64_t va = space_va(t->f, 3);
  static const struct {
    unsigned lacks;
    enum mmu_access_kind kind;
  } cases[] = {{PAGE_W, MMU_WRITE}, {PAGE_X, MMU_FETCH}, {PAGE_W, MMU_RMW}};
  for (unsigned i = 0; i < 3; i++) {
    guest_map(&t->g, va, 0, GUEST_PAGE, PAGE_ALL);
    const uint64_t slot = nested_map(&t->g, GUEST_PAGE, 0, FRESH & ~cases[i].lacks);
    const uint64_t before = bench_peek(t->b, slot);
    const struct bench_request *q = vm_translate(t, va, cases[i].kind);
    vcheck(t, q->response.status == MMU_FAULT && q->response.fault.stage2, "case %u passes", i);
    const uint64_t after = bench_peek(t->b, slot);
    /* EPT sets A in all entries that were used, before it judges: so may it here (SDM) */
    vcheck(t, after == before, "case %u: %llx became %llx", i, (unsigned long long)before,
           (unsigned long long)after);
  }
}

/* An update that stage 2 refuses is stage 2's fault; the descriptor stays, and nothing is kept. */
TEST_EACH_NESTED(hazard_D4_update_refused_by_stage_2) {
  const uint64_t va = space_va(t->f, 3), low = va & 4095;
  if (t->n->mode == MMU_S2_NPT) return; /* refuses the read: hazard_D6 */
  if (t->n->mode == MMU_S2_EPT) t->g.s.ctx.s2_hw_a = t->g.s.ctx.s2_hw_d = false;
  for (unsigned k = 0; k < 2; k++) {
    const uint64_t pa = guest_page(&t->g, va, GUEST_PAGE) | low;
    const unsigned flags = k == 0 ? FRESH : PAGE_ALL & ~PAGE_D;
    const uint64_t slot = guest_map(&t->g, va, 0, GUEST_PAGE, flags);
    const uint64_t before = bench_peek(t->b, slot), gpa = slot - t->g.s.host;
    nested_map(&t->g, gpa, 0, PAGE_ALL & ~(PAGE_W | PAGE_D));
    vm_flush_both(t, &t->g);
    const enum mmu_access_kind kind = k == 0 ? MMU_READ : MMU_WRITE;
    const struct bench_request *q = vm_translate(t, va, kind);
    vcheck(t, vm_faults(t, q, ON_SWAP, MMU_CAUSE_PERMISSION, 0, PAGE_R | PAGE_X, gpa), "%u", k);
    vcheck(t, bench_peek(t->b, slot) == before, "%u: the descriptor is written", k);
    nested_map(&t->g, gpa, 0, PAGE_ALL);
    vm_flush_both(t, &t->g);
    q = vm_translate(t, va, kind);
    vcheck(t, maps_to(q, pa) && !q->response.hit, "%u: mended", k);
    vm_renew(t);
    if (t->n->mode == MMU_S2_EPT) t->g.s.ctx.s2_hw_a = t->g.s.ctx.s2_hw_d = false;
  }
}

/* D of stage 2 is set by the first store, whatever brought the page in, and in each size. */
TEST_EACH_NESTED(hazard_D5_store_to_a_page_that_stage_2_has_clean) {
  const uint64_t va = space_va(t->f, 3), low = va & 4095, far = vm_far(t);
  for (unsigned height = 0; height <= t->n->big && height < 3; height++) {
    for (unsigned how = 0; how < 3; how++) {
      vm_renew(t);
      const uint64_t gpa = far != 0 ? far + 0x5000 : GUEST_PAGE;
      if (far == 0 && height != 0) continue;
      guest_map(&t->g, va, 0, gpa, PAGE_ALL);
      const uint64_t slot = nested_map(&t->g, gpa, height, PAGE_ALL & ~PAGE_D);
      const uint64_t pa = (t->g.s.host + gpa) | low;
      vcheck(t, maps_to(vm_translate(t, va, how == 1 ? MMU_FETCH : MMU_READ), pa), "the load");
      vcheck(t, !nested_dirty(t->n, bench_peek(t->b, slot)), "a load sets D");
      if (how == 2) vm_flush_combined(t, &t->g); /* only the nested TLB has it */
      vcheck(t, maps_to(vm_translate(t, va, MMU_WRITE), pa), "the store");
      vcheck(t, nested_dirty(t->n, bench_peek(t->b, slot)), "height %u, %u: D is not set", height,
             how);
      vcheck(t, hits_at(vm_translate(t, va, MMU_WRITE), pa), "the second store");
    }
  }
}

/* What a table needs that is only read: the right to read; with A/D flags of EPT, and always with
 * NPT, to write. */
TEST_EACH_NESTED(hazard_D6_what_a_table_needs_of_stage_2) {
  const uint64_t va = space_va(t->f, 3), low = va & 4095;
  for (unsigned flags = 0; flags < 2; flags++) {
    vm_renew(t);
    if (t->n->mode == MMU_S2_EPT) t->g.s.ctx.s2_hw_a = t->g.s.ctx.s2_hw_d = flags != 0;
    const bool writes = t->n->mode == MMU_S2_NPT || (t->n->mode == MMU_S2_EPT && flags != 0);
    const uint64_t pa = guest_page(&t->g, va, GUEST_PAGE) | low;
    const uint64_t gpa = guest_slot(&t->g, va, 0) - t->g.s.host;
    const uint64_t leaf = nested_map(&t->g, gpa, 0, PAGE_ALL & ~(PAGE_W | PAGE_D));
    const struct bench_request *q = vm_translate(t, va, MMU_READ);
    vcheck(t,
           writes ? vm_faults(t, q, ON_TABLE, MMU_CAUSE_PERMISSION, 0, PAGE_R | PAGE_X, gpa)
                  : maps_to(q, pa),
           "flags %u", flags);
    nested_map(&t->g, gpa, 0, PAGE_ALL & ~PAGE_D);
    vm_flush_both(t, &t->g);
    vm_flush_combined(t, &t->g);
    vcheck(t, maps_to(vm_translate(t, va, MMU_READ), pa), "writable");
    vcheck(t, nested_dirty(t->n, bench_peek(t->b, leaf)) == writes || flags == 0,
           "the table's page");
  }
}

/* EPT and NPT: A in every entry that was used; Arm, RISC-V: in the leaf. */
TEST_EACH_NESTED(hazard_D7_which_levels_of_stage_2_get_A) {
  const uint64_t va = space_va(t->f, 3);
  guest_map(&t->g, va, 0, GUEST_PAGE, PAGE_ALL);
  nested_map(&t->g, GUEST_PAGE, 0, FRESH);
  uint64_t slot[5], before[5];
  for (unsigned h = 0; h <= t->n->top; h++) {
    slot[h] = nested_slot(&t->g, GUEST_PAGE, h);
    if (t->f->arch == MMU_ARCH_X86)
      bench_poke(t->b, slot[h], bench_peek(t->b, slot[h]) & ~nested_a(t->n));
    before[h] = bench_peek(t->b, slot[h]);
  }
  vcheck(t, vm_translate(t, va, MMU_READ)->response.status == MMU_OK, "not mapped");
  for (unsigned h = 0; h <= t->n->top; h++) {
    const bool gets = h == 0 || t->f->arch == MMU_ARCH_X86;
    vcheck(t, bench_peek(t->b, slot[h]) == (before[h] | (gets ? nested_a(t->n) : 0)),
           "height %u: %llx", h, (unsigned long long)bench_peek(t->b, slot[h]));
  }
}

/* Hardware sets A, D or neither: the enables of stage 2, not those of the guest. */
TEST_EACH_NESTED(hazard_D8_enables_of_stage_2) {
  const uint64_t va = space_va(t->f, 3), low = va & 4095;
  if (t->n->mode == MMU_S2_NPT) return; /* has none */
  guest_map(&t->g, va, 0, GUEST_PAGE, PAGE_ALL);
  const uint64_t slot = nested_map(&t->g, GUEST_PAGE, 0, FRESH), before = bench_peek(t->b, slot);
  t->g.s.ctx.s2_hw_a = t->g.s.ctx.s2_hw_d = false;
  const struct bench_request *q = vm_translate(t, va, MMU_READ);
  if (t->n->mode == MMU_S2_EPT) {
    vcheck(t, maps_to(q, (t->g.s.host + GUEST_PAGE) | low), "without A/D flags");
  } else {
    vcheck(t, vm_faults(t, q, ON_FINAL, MMU_CAUSE_ACCESS_FLAG, 0, 7, GUEST_PAGE | low), "A");
    nested_map(&t->g, GUEST_PAGE, 0, PAGE_ALL & ~PAGE_D);
    q = vm_translate(t, va, MMU_WRITE);
    const bool arm = t->n->mode == MMU_S2_ARM;
    const enum mmu_cause cause = arm ? MMU_CAUSE_PERMISSION : MMU_CAUSE_DIRTY_FLAG;
    vcheck(t, vm_faults(t, q, ON_FINAL, cause, 0, arm ? 5 : 7, GUEST_PAGE | low), "D");
    nested_map(&t->g, GUEST_PAGE, 0, FRESH);
  }
  vcheck(t, bench_peek(t->b, slot) == before, "it is set");
  t->g.s.ctx.s2_hw_a = t->g.s.ctx.s2_hw_d = true;
  if (t->f->arch != MMU_ARCH_X86) t->g.s.ctx.s1_hw_a = t->g.s.ctx.s1_hw_d = false;
  vm_flush_both(t, &t->g);
  vm_flush_combined(t, &t->g);
  q = vm_translate(t, va, MMU_WRITE);
  vcheck(t, maps_to(q, (t->g.s.host + GUEST_PAGE) | low), "by hardware");
  vcheck(t, nested_dirty(t->n, bench_peek(t->b, slot)), "it is not set");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(hazard_W7_guest_physical_address_without_a_second_walk),
      cmocka_unit_test(hazard_W9_no_read_before_stage_2_allows_it),
      cmocka_unit_test(hazard_W9_guest_address_is_not_checked_as_a_physical_one),
      cmocka_unit_test(hazard_W10_tables_and_pages_at_the_top_of_both_stages),
      cmocka_unit_test(hazard_W13_caches_of_either_stage_answer_first),
      cmocka_unit_test(hazard_D1_no_update_resurrects_an_entry_of_stage_2),
      cmocka_unit_test(hazard_D2_lost_race_in_stage_2_is_judged_again),
      cmocka_unit_test(hazard_D2_descriptor_moves_in_stage_2_before_its_update),
      cmocka_unit_test(hazard_D2_descriptor_that_moves_each_time_ends_the_walk),
      cmocka_unit_test(hazard_D3_an_access_that_stage_2_refuses_sets_nothing),
      cmocka_unit_test(hazard_D4_update_refused_by_stage_2),
      cmocka_unit_test(hazard_D5_store_to_a_page_that_stage_2_has_clean),
      cmocka_unit_test(hazard_D6_what_a_table_needs_of_stage_2),
      cmocka_unit_test(hazard_D7_which_levels_of_stage_2_get_A),
      cmocka_unit_test(hazard_D8_enables_of_stage_2),
  };
  return run_directed(tests, sizeof tests / sizeof tests[0]);
}

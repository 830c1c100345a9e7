/* SPDX-License-Identifier: Apache-2.0
 * Hazards of invalidation (docs/hazards.md, I1 to I18), one test each, in every format. */
#include "directed.h"

TEST_EACH_FORMAT(hazard_I1_operands_of_two_fences_back_to_back) {
  const uint64_t a = space_va(t->f, 3), b = same_table(a, 1), c = same_table(a, 2);
  const uint64_t slot_a = space_map(&t->s, a, 0, PA_1, PAGE_ALL);
  const uint64_t slot_b = space_map(&t->s, b, 0, PA_2, PAGE_ALL);
  space_map(&t->s, c, 0, PA_3, PAGE_ALL);
  translate(t, a, MMU_READ);
  translate(t, b, MMU_READ);
  translate(t, c, MMU_READ);
  bench_poke(t->b, slot_a, format_leaf(t->f, 0, PA_1 + 4096, PAGE_ALL));
  bench_poke(t->b, slot_b, format_leaf(t->f, 0, PA_2 + 4096, PAGE_ALL));
  bench_invalidate(t->b, invalidate_page(t->f), a, t->s.ctx.asid, 0);
  bench_invalidate(t->b, invalidate_page(t->f), b, t->s.ctx.asid, 0);
  const size_t between = ask(t, c, MMU_READ);
  bench_settle(t->b, 1000);
  check(t, hits_at(&t->b->request[between], PA_3), "the third page no longer hits");
  check(t, maps_to(translate(t, a, MMU_READ), PA_1 + 4096), "the first page is stale");
  check(t, maps_to(translate(t, b, MMU_READ), PA_2 + 4096), "the second page is stale");
  check(t, hits_at(translate(t, c, MMU_READ), PA_3), "the third page is gone");
}

TEST_EACH_FORMAT(hazard_I2_invalidate_in_the_cycle_of_a_refill) {
  const uint64_t va = space_va(t->f, 3);
  for (int kind = MMU_READ; kind <= MMU_FETCH; kind++) {
    for (unsigned at = 0; at < 40; at++) {
      renew(t);
      const uint64_t slot = space_map(&t->s, va, 0, PA_1, PAGE_ALL);
      const size_t i = ask(t, va, (enum mmu_access_kind)kind);
      for (unsigned c = 0; c < at; c++)
        bench_step(t->b);
      bench_poke(t->b, slot, format_leaf(t->f, 0, PA_2, PAGE_ALL));
      flush(t, invalidate_page(t->f), va);
      const struct bench_request *q = &t->b->request[i];
      check(t, maps_to(q, PA_1) || maps_to(q, PA_2), "at %u: a third answer", at);
      check(t, maps_to(translate(t, va, (enum mmu_access_kind)kind), PA_2),
            "at %u: the refill survived", at);
    }
  }
}

TEST_EACH_FORMAT(hazard_I3_walk_cache_filled_by_an_overtaken_walk) {
  const uint64_t va = space_va(t->f, 3), neighbour = same_table(va, 1);
  if (t->f->top == 0) return;
  for (unsigned at = 0; at < 40; at++) {
    renew(t);
    space_map(&t->s, va, 0, PA_1, PAGE_ALL);
    space_map(&t->s, neighbour, 0, PA_1 + 4096, PAGE_ALL);
    /* a second last-level table, swapped in during the walk */
    const uint64_t table = bench_frame(t->b);
    bench_poke(t->b, table + 8 * (neighbour >> 12 & 511), format_leaf(t->f, 0, PA_2, PAGE_ALL));
    ask(t, va, MMU_READ);
    for (unsigned c = 0; c < at; c++)
      bench_step(t->b);
    bench_poke(t->b, space_slot(&t->s, va, 1), format_pointer(t->f, table, true));
    flush(t, invalidate_space(t->f), va);
    check(t, maps_to(translate(t, neighbour, MMU_READ), PA_2), "at %u: a stale pointer", at);
  }
}

TEST_EACH_FORMAT(hazard_I4_flush_every_cycle_while_reads_are_outstanding) {
  enum { PAGES = 16 };
  const uint64_t va = space_va(t->f, 3);
  for (unsigned seed = 1; seed <= 4; seed++) {
    renew(t);
    for (unsigned p = 0; p < PAGES; p++) {
      space_map(&t->s, same_table(va, p), 0, PA_1 + 4096 * (uint64_t)p, PAGE_ALL);
    }
    bench_memory(t->b, 1, 9, 40, seed);
    for (unsigned p = 0; p < 2 * PAGES; p++) {
      ask(t, same_table(va, p % PAGES) + 8 * p, p % 3 == 2 ? MMU_FETCH : MMU_READ);
    }
    for (unsigned i = 0; i < 20; i++) {
      bench_invalidate(t->b, i % 2 != 0 ? invalidate_page(t->f) : invalidate_space(t->f),
                       same_table(va, i % PAGES), t->s.ctx.asid, 0);
      bench_step(t->b);
    }
    bench_settle(t->b, 20000);
    /* a walk that is overtaken time and again gives up, and is asked for again */
    unsigned retries = 0;
    for (unsigned p = 0; p < 2 * PAGES; p++) {
      const struct bench_request *q = &t->b->request[p];
      if (q->response.status == MMU_RETRY) {
        retries++;
        q = translate(t, q->req.va, (enum mmu_access_kind)q->req.access.kind);
      }
      check(t, maps_to(q, PA_1 + 4096 * (uint64_t)(p % PAGES) + (q->req.va & 4095)),
            "seed %u: request %u is answered with another's data", seed, p);
    }
    /* eight restarts each, and a burst overtakes all walks in flight alike */
    check(t, retries <= 2 * t->b->ops->geometry.walks && 8 * retries <= t->b->restarts,
          "seed %u: %u retries of %zu restarts", seed, retries, t->b->restarts);
  }
}

/* What an operation does to an entry: by the manuals' tables of invalidation operations. */
struct operation {
  enum mmu_inval_kind kind;
  bool drops_global, drops_local, drops_other_space;
};

static const struct operation operations[] = {
    {MMU_INV_X86_INVLPG, true, true, false},      {MMU_INV_X86_CR3, false, true, false},
    {MMU_INV_X86_ALL, true, true, true},          {MMU_INV_X86_PCID_ADDR, false, true, false},
    {MMU_INV_X86_PCID, false, true, false},       {MMU_INV_X86_ALL_GLOBAL, true, true, true},
    {MMU_INV_X86_ALL_PCID, false, true, true},    {MMU_INV_ARM_VMALLE1, true, true, true},
    {MMU_INV_ARM_VAE1, true, true, false},        {MMU_INV_ARM_VALE1, true, true, false},
    {MMU_INV_ARM_VAAE1, true, true, true},        {MMU_INV_ARM_VAALE1, true, true, true},
    {MMU_INV_ARM_ASIDE1, false, true, false},     {MMU_INV_ARM_RVAE1, true, true, false},
    {MMU_INV_ARM_RVALE1, true, true, false},      {MMU_INV_ARM_RVAAE1, true, true, true},
    {MMU_INV_ARM_RVAALE1, true, true, true},      {MMU_INV_RISCV_ALL, true, true, true},
    {MMU_INV_RISCV_ADDR, true, true, true},       {MMU_INV_RISCV_ASID, false, true, false},
    {MMU_INV_RISCV_ADDR_ASID, false, true, false}};

static bool of_architecture(enum mmu_inval_kind kind, enum mmu_arch arch) {
  return (unsigned)kind / 16 == (unsigned)arch;
}

/* A number that no operation has is taken as all of them (docs/architectures.md). */
TEST_EACH_FORMAT(unknown_operation_drops_everything) {
  enum { UNKNOWN = 200 };
  const uint64_t va = space_va(t->f, 3), aside = va ^ (UINT64_C(1) << 18);
  renew(t);
  struct space other = space_new(t->b, t->f);
  other.ctx.asid = 2;
  const uint64_t slot = space_map(&t->s, va, 0, PA_1, PAGE_ALL | PAGE_G);
  const uint64_t slot_aside = space_map(&other, aside, 0, PA_1, PAGE_ALL);
  translate(t, va, MMU_READ);
  translate_in(t, &other, aside, MMU_READ);
  bench_poke(t->b, slot, format_leaf(t->f, 0, PA_2, PAGE_ALL));
  bench_poke(t->b, slot_aside, format_leaf(t->f, 0, PA_3, PAGE_ALL));
  flush(t, (enum mmu_inval_kind)UNKNOWN, 0);
  check(t, maps_to(translate(t, va, MMU_READ), PA_2), "a global page stays");
  check(t, maps_to(translate_in(t, &other, aside, MMU_READ), PA_3), "another space's page stays");
}

/* One stage of it: a page goes with any address inside it, and with none outside. */
TEST_EACH_FORMAT(hazard_I5_invalidate_a_large_page_from_anywhere_inside) {
  const uint64_t va = space_va(t->f, 3);
  for (unsigned h = 0; h <= t->f->big; h++) {
    const uint64_t size = UINT64_C(1) << (12 + 9 * h), first = va & ~(size - 1);
    const uint64_t inside[] = {first, first + size / 2, first + size - 1, va};
    const uint64_t outside[] = {first - 1, first + size};
    for (size_t i = 0; i < 4; i++) {
      renew(t);
      const uint64_t slot = space_map(&t->s, va, h, PA_1, PAGE_ALL);
      const uint64_t in_page = va & (size - 1);
      translate(t, va, MMU_READ);
      for (size_t k = 0; k < 2; k++) {
        flush(t, invalidate_page(t->f), outside[k]);
        check(t, hits_at(translate(t, va, MMU_READ), PA_1 + in_page),
              "height %u: dropped with an address outside", h);
      }
      bench_poke(t->b, slot, format_leaf(t->f, h, PA_2, PAGE_ALL));
      flush(t, invalidate_page(t->f), inside[i]);
      check(t, maps_to(translate(t, va, MMU_READ), PA_2 + in_page),
            "height %u: stays with address %zu inside", h, i);
    }
  }
}

TEST_EACH_FORMAT(hazard_I7_global_entries_under_every_operation) {
  const uint64_t va = space_va(t->f, 3);
  for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
    const struct operation *op = &operations[i];
    if (!of_architecture(op->kind, t->f->arch)) continue;
    for (int global = 0; global < 2; global++) {
      renew(t);
      struct space other = space_new(t->b, t->f);
      other.ctx.asid = 2;
      const uint64_t slot =
          space_map(&t->s, va, 0, PA_1, global != 0 ? PAGE_ALL | PAGE_G : PAGE_ALL);
      const uint64_t aside = va ^ (UINT64_C(1) << 18);
      space_map(&other, aside, 0, PA_3, PAGE_ALL);
      translate(t, va, MMU_READ);
      translate_in(t, &other, aside, MMU_READ);
      if (global != 0)
        check(t, hits_at(translate_in(t, &other, va, MMU_READ), PA_1),
              "a global page misses after a switch of ASID");
      const bool drops = global != 0 ? op->drops_global : op->drops_local;
      if (drops) bench_poke(t->b, slot, format_leaf(t->f, 0, PA_2, PAGE_ALL));
      flush(t, op->kind, invalidation_operand(op->kind, va));
      const struct bench_request *q = translate(t, va, MMU_READ);
      if (drops) {
        check(t, maps_to(q, PA_2), "operation %d, global %d: survives", op->kind, global);
      } else {
        check(t, hits_at(q, PA_1), "operation %d, global %d: lost", op->kind, global);
      }
      /* the same operation, given the other space's page */
      if (!op->drops_other_space) {
        bench_invalidate_wait(t->b, op->kind, invalidation_operand(op->kind, aside), t->s.ctx.asid,
                              0);
        check(t, hits_at(translate_in(t, &other, aside, MMU_READ), PA_3),
              "operation %d drops the entry of another ASID", op->kind);
      }
    }
  }
}

TEST_EACH_FORMAT(hazard_I9_every_address_bit_is_in_the_tag) {
  const unsigned top_bit = 11u + 9u * t->f->top + t->f->first_bits;
  for (unsigned bit = 12; bit <= top_bit; bit++) {
    renew(t);
    const uint64_t a = space_va(t->f, 3), b = a ^ (UINT64_C(1) << bit);
    /* the top bit is the sign where there is one: flip it with all that copy it */
    const bool sign = t->f->arch != MMU_ARCH_ARM && bit == top_bit;
    const uint64_t vb = sign ? a ^ (UINT64_MAX << bit) : b;
    const uint64_t slot = space_map(&t->s, a, 0, PA_1, PAGE_ALL);
    space_map(&t->s, vb, 0, PA_2, PAGE_ALL);
    translate(t, a, MMU_READ);
    check(t, maps_to(translate(t, vb, MMU_READ), PA_2), "bit %u: answered by the other page", bit);
    check(t, hits_at(translate(t, a, MMU_READ), PA_1), "bit %u: replaced by the other page", bit);
    check(t, hits_at(translate(t, vb, MMU_READ), PA_2), "bit %u: the entry does not hit", bit);
    bench_poke(t->b, slot, format_leaf(t->f, 0, PA_3, PAGE_ALL));
    flush(t, invalidate_page(t->f), vb);
    if (bit < 56) /* an invalidation compares bits 55:12; more than asked for is legal */
      check(t, hits_at(translate(t, a, MMU_READ), PA_1), "bit %u: dropped for another page", bit);
    flush(t, invalidate_page(t->f), a);
    check(t, maps_to(translate(t, a, MMU_READ), PA_3), "bit %u: cannot be invalidated", bit);
  }
}

TEST_EACH_FORMAT(hazard_I10_every_bit_of_asid_and_vmid_is_compared) {
  const uint64_t va = space_va(t->f, 3);
  const unsigned asid_bits = t->f->arch == MMU_ARCH_X86 ? 12 : 16;
  for (unsigned bit = 0; bit < asid_bits + 16; bit++) {
    renew(t);
    struct space other = space_new(t->b, t->f);
    other.ctx.asid = t->s.ctx.asid = 0x0a5a;
    other.ctx.vmid = t->s.ctx.vmid = 0x3c96;
    if (bit < asid_bits) {
      other.ctx.asid = (uint16_t)(other.ctx.asid ^ 1u << bit);
    } else {
      other.ctx.vmid = (uint16_t)(other.ctx.vmid ^ 1u << (bit - asid_bits));
    }
    const uint64_t slot = space_map(&t->s, va, 0, PA_1, PAGE_ALL);
    space_map(&other, va, 0, PA_2, PAGE_ALL);
    translate(t, va, MMU_READ);
    check(t, maps_to(translate_in(t, &other, va, MMU_READ), PA_2),
          "bit %u: answered for another space", bit);
    check(t, hits_at(translate(t, va, MMU_READ), PA_1), "bit %u: one replaced the other", bit);
    bench_poke(t->b, slot, format_leaf(t->f, 0, PA_3, PAGE_ALL));
    bench_invalidate_wait(t->b, invalidate_space(t->f), va, other.ctx.asid, other.ctx.vmid);
    check(t, hits_at(translate(t, va, MMU_READ), PA_1), "bit %u: dropped for another id", bit);
    flush(t, invalidate_space(t->f), va);
    check(t, maps_to(translate(t, va, MMU_READ), PA_3), "bit %u: survives its own id", bit);
  }
}

TEST_EACH_FORMAT(hazard_I12_root_or_mode_changes_without_a_fence) {
  const uint64_t va = space_va(t->f, 3), neighbour = same_table(va, 1);
  for (size_t i = 0; i < FORMATS; i++) {
    const struct format *g = &formats[i];
    if (g->arch != t->f->arch || g->upper != t->f->upper) continue;
    renew(t);
    space_map(&t->s, va, 0, PA_1, PAGE_ALL);
    space_map(&t->s, neighbour, 0, PA_1 + 4096, PAGE_ALL);
    translate(t, va, MMU_READ);
    struct space other = space_new(t->b, g); /* same ASID */
    space_map(&other, va, 0, PA_2, PAGE_ALL);
    space_map(&other, neighbour, 0, PA_2 + 4096, PAGE_ALL);
    const struct bench_request *q = translate_in(t, &other, va, MMU_READ);
    const bool in_reach = g->top >= t->f->top;
    const bool is_new = in_reach ? maps_to(q, PA_2) : q->response.status == MMU_FAULT;
    check(t, is_new || (g->mode == t->f->mode && maps_to(q, PA_1)),
          "neither the new translation nor one of this mode");
    q = translate_in(t, &other, va, MMU_FETCH);
    check(t,
          maps_to(q, PA_2) || q->response.status == MMU_FAULT ||
              (g->mode == t->f->mode && maps_to(q, PA_1)),
          "the L2 answers with an entry of another mode");
    q = translate_in(t, &other, neighbour, MMU_READ);
    check(t, q->response.status == MMU_FAULT || maps_to(q, PA_1 + 4096) || maps_to(q, PA_2 + 4096),
          "a mix of two translations");
    if (g->mode != t->f->mode)
      check(t, !maps_to(q, PA_1 + 4096), "an entry of another mode answers");
  }
}

/* A 4 KiB page, cached, is merged into a 2 MiB page that covers it, and then split again; the OS
 * invalidates only another address (x86, Arm) or what is not global (RISC-V). Either translation is
 * legal then; a mix never is, and nothing may hang on. */
TEST_EACH_FORMAT(hazard_I13_pages_of_two_sizes_never_mix) {
  const uint64_t va = space_va(t->f, 3), elsewhere = same_table(va, 7);
  const uint64_t in_large = va & (MIB2 - 1), offset = elsewhere & (MIB2 - 1);
  const bool riscv = t->f->arch == MMU_ARCH_RISCV;
  const uint8_t kinds = riscv ? PAGE_ALL | PAGE_G : PAGE_ALL;
  space_map(&t->s, va, 0, PA_1, kinds);
  translate(t, va, MMU_READ);
  const uint64_t slot = space_slot(&t->s, va, 1), table = bench_peek(t->b, slot);
  bench_poke(t->b, slot, format_leaf(t->f, 1, PA_2, PAGE_ALL));
  flush(t, riscv ? MMU_INV_RISCV_ASID : invalidate_page(t->f), elsewhere);
  check(t, maps_to(translate(t, elsewhere, MMU_READ), PA_2 + offset), "the merged page");
  for (unsigned i = 0; i < 4; i++) {
    const struct bench_request *q = translate(t, va, i % 2 ? MMU_FETCH : MMU_READ);
    check(t, maps_to(q, PA_2 + in_large) || maps_to(q, PA_1), "a mix: %llx",
          (unsigned long long)q->response.pa);
    check(t, maps_to(translate(t, elsewhere, MMU_READ), PA_2 + offset), "the large page");
  }
  flush(t, invalidate_space(t->f), va);
  if (riscv) flush(t, MMU_INV_RISCV_ADDR, va);
  check(t, maps_to(translate(t, va, MMU_READ), PA_2 + in_large), "the small page outlived a fence");
  bench_poke(t->b, slot, table);
  const struct bench_request *q = translate(t, va, MMU_READ);
  check(t, maps_to(q, PA_2 + in_large), "the large page is still cached");
  flush(t, invalidate_page(t->f), va);
  q = translate(t, va, MMU_READ);
  check(t, maps_to(q, PA_1), "split: %llx", (unsigned long long)q->response.pa);
}

static void requests_during(struct test *t, enum mmu_inval_kind op, unsigned at) {
  enum { STREAM = 60 };
  const uint64_t va = space_va(t->f, 3);
  renew(t);
  const uint64_t slot = space_map(&t->s, va, 0, PA_1, PAGE_ALL);
  translate(t, va, MMU_READ);
  translate(t, va, MMU_FETCH);
  bench_forget(t->b);
  size_t inval = 0;
  for (unsigned c = 0; c < STREAM; c++) {
    ask(t, va, c % 2 != 0 ? MMU_FETCH : MMU_READ);
    if (c == at) {
      bench_poke(t->b, slot, format_leaf(t->f, 0, PA_2, PAGE_ALL));
      inval = bench_invalidate(t->b, op, va, t->s.ctx.asid, 0);
    }
    bench_step(t->b);
  }
  bench_settle(t->b, 2000);
  const uint64_t done = t->b->inval[inval].done;
  for (size_t i = 0; i < t->b->requests; i++) {
    const struct bench_request *q = &t->b->request[i];
    check(t, maps_to(q, PA_1) || maps_to(q, PA_2), "at %u: request %zu", at, i);
    check(t, q->answered <= done || maps_to(q, PA_2), "operation %d at %u: old after done", op, at);
  }
  for (int kind = MMU_READ; kind <= MMU_FETCH; kind++)
    check(t, maps_to(translate(t, va, (enum mmu_access_kind)kind), PA_2), "at %u: left behind", at);
}

/* By address one set of the L2 is swept, by space all of them, one after the other. */
TEST_EACH_FORMAT(hazard_I15_requests_every_cycle_during_an_invalidation) {
  for (unsigned at = 0; at < 20; at++) {
    requests_during(t, invalidate_page(t->f), at);
    requests_during(t, invalidate_space(t->f), at);
    requests_during(t, invalidate_all(t->f), at);
  }
}

/* The spaces share the table that the descriptor of a height points to; below it a pointer or a
 * page changes. An invalidation of a space concerns all that the space may use, whoever brought it
 * in. */
static void share_and_change(struct test *t, unsigned height, bool twin_first) {
  const uint64_t va = space_va(t->f, 3);
  renew(t);
  space_map(&t->s, va, 0, PA_1, PAGE_ALL);
  struct space twin = space_new(t->b, t->f);
  twin.ctx.asid = 2;
  bench_poke(t->b, space_slot(&twin, va, height), bench_peek(t->b, space_slot(&t->s, va, height)));
  translate(t, va, MMU_READ);
  check(t, maps_to(translate_in(t, &twin, va, MMU_READ), PA_1), "the shared table");
  if (height == 1) {
    bench_poke(t->b, space_slot(&t->s, va, 0), format_leaf(t->f, 0, PA_2, PAGE_ALL));
  } else {
    const uint64_t table = bench_frame(t->b);
    bench_poke(t->b, table + 8 * (va >> 12 & 511), format_leaf(t->f, 0, PA_2, PAGE_ALL));
    bench_poke(t->b, space_slot(&t->s, va, 1), format_pointer(t->f, table, true));
  }
  for (unsigned i = 0; i < 2; i++) {
    const struct space *s = (i == 0) == twin_first ? &twin : &t->s;
    bench_invalidate_wait(t->b, invalidate_space(t->f), va, s->ctx.asid, 0);
    check(t, maps_to(translate_in(t, s, va, MMU_READ), PA_2), "height %u: stale in space %u",
          height, s->ctx.asid);
  }
}

TEST_EACH_FORMAT(hazard_I16_one_table_page_under_two_roots) {
  for (unsigned h = 1; h <= t->f->top; h++) {
    share_and_change(t, h, false);
    share_and_change(t, h, true);
  }
}

TEST_EACH_ARCH(hazard_I17_hundred_thousand_flushes_under_load) {
  const uint64_t va = space_va(t->f, 3);
  for (unsigned p = 0; p < 4; p++) {
    space_map(&t->s, same_table(va, p), 0, PA_1 + 4096 * (uint64_t)p, PAGE_ALL);
  }
  for (unsigned round = 0; round < 100000 / 4; round++) {
    for (unsigned p = 0; p < 4; p++) {
      ask(t, same_table(va, p), p % 2 != 0 ? MMU_FETCH : MMU_WRITE);
      bench_invalidate(t->b, (round + p) % 3 == 0 ? invalidate_space(t->f) : invalidate_page(t->f),
                       same_table(va, (round + p) % 4), t->s.ctx.asid, 0);
    }
    bench_settle(t->b, 400);
    for (unsigned p = 0; p < 4; p++) {
      check(t, maps_to(&t->b->request[p], PA_1 + 4096 * (uint64_t)p), "round %u", round);
    }
    bench_forget(t->b);
  }
}

TEST_EACH_FORMAT(hazard_I18_done_covers_every_block) {
  if (t->f->top == 0) return;
  const uint64_t va = space_va(t->f, 3);
  for (unsigned early = 0; early < 2; early++) {
    renew(t);
    space_map(&t->s, va, 0, PA_1, PAGE_ALL);
    translate(t, va, MMU_READ);
    translate(t, va, MMU_FETCH);
    bench_forget(t->b);
    const uint64_t table = bench_frame(t->b);
    bench_poke(t->b, table + 8 * (va >> 12 & 511), format_leaf(t->f, 0, PA_2, PAGE_ALL));
    bench_poke(t->b, space_slot(&t->s, va, 1), format_pointer(t->f, table, true));
    const size_t i = bench_invalidate(t->b, invalidate_space(t->f), va, t->s.ctx.asid, 0);
    while (t->b->inval[i].done == BENCH_NEVER && t->b->problem[0] == '\0')
      bench_step(t->b);
    /* both TLBs and the walk cache are asked in the cycle that says done */
    ask(t, va, early != 0 ? MMU_FETCH : MMU_READ);
    ask(t, va, early != 0 ? MMU_READ : MMU_FETCH);
    bench_settle(t->b, 1000);
    check(t, maps_to(&t->b->request[0], PA_2) && maps_to(&t->b->request[1], PA_2),
          "something old answered after done");
  }
}

/* An update that an overtaken walk has on its way, and that the memory is slow to take: after done
 * the tables belong to the software, and only what was read since may be updated. */
TEST_EACH_FORMAT(hazard_I18_no_old_update_after_done) {
  const uint64_t va = space_va(t->f, 3);
  size_t updates = 0;
  for (unsigned at = 0; at < 80; at++) {
    renew(t);
    bench_memory(t->b, 1, 0, 230, at + 1);
    const uint64_t slot = space_map(&t->s, va, 0, PA_1, PAGE_ALL & ~(PAGE_A | PAGE_D));
    ask(t, va, MMU_WRITE);
    for (unsigned c = 0; c < 2 * at; c++)
      bench_step(t->b);
    const size_t i = bench_invalidate(t->b, invalidate_page(t->f), va, t->s.ctx.asid, 0);
    bench_settle(t->b, 2000);
    const struct bench_inval *inval = &t->b->inval[i];
    for (size_t k = 0, read = 0; k < t->b->accesses; k++) {
      const struct bench_access *a = &t->b->access[k];
      if (!a->cas && a->addr == slot) read = a->cycle;
      if (!a->cas) continue;
      updates++;
      check(t, a->cycle <= inval->done || read > inval->accepted, "at %u: an old update", at);
    }
  }
  check(t, updates >= 80, "%zu updates", updates);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(hazard_I1_operands_of_two_fences_back_to_back),
      cmocka_unit_test(hazard_I2_invalidate_in_the_cycle_of_a_refill),
      cmocka_unit_test(hazard_I3_walk_cache_filled_by_an_overtaken_walk),
      cmocka_unit_test(hazard_I4_flush_every_cycle_while_reads_are_outstanding),
      cmocka_unit_test(hazard_I5_invalidate_a_large_page_from_anywhere_inside),
      cmocka_unit_test(hazard_I7_global_entries_under_every_operation),
      cmocka_unit_test(unknown_operation_drops_everything),
      cmocka_unit_test(hazard_I9_every_address_bit_is_in_the_tag),
      cmocka_unit_test(hazard_I10_every_bit_of_asid_and_vmid_is_compared),
      cmocka_unit_test(hazard_I12_root_or_mode_changes_without_a_fence),
      cmocka_unit_test(hazard_I13_pages_of_two_sizes_never_mix),
      cmocka_unit_test(hazard_I15_requests_every_cycle_during_an_invalidation),
      cmocka_unit_test(hazard_I16_one_table_page_under_two_roots),
      cmocka_unit_test(hazard_I17_hundred_thousand_flushes_under_load),
      cmocka_unit_test(hazard_I18_done_covers_every_block),
      cmocka_unit_test(hazard_I18_no_old_update_after_done),
  };
  return run_directed(tests, sizeof tests / sizeof tests[0]);
}

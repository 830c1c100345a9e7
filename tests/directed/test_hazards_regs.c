/* SPDX-License-Identifier: Apache-2.0
 * Hazards of the fault queue and the registers (docs/hazards.md, Q1 to Q7), one test each, in every
 * format. What the registers promise is in docs/registers.md. */
#include "directed.h"
#include "fuzz/registers.h"

enum { N = MMU_FAULT_ENTRIES, LISTEN = MMU_CONTROL_FAULT_ENABLE | MMU_CONTROL_IRQ_ENABLE };

static uint64_t get(struct test *t, uint16_t offset) {
  return bench_reg_read(t->b, offset);
}

static void set(struct test *t, uint16_t offset, uint64_t value) {
  bench_reg_write(t->b, offset, value);
}

static uint64_t count(struct test *t) {
  return (get(t, MMU_REG_FAULT_POINTERS) & MMU_FAULT_POINTERS_COUNT) >>
         MMU_FAULT_POINTERS_COUNT_LSB;
}

static bool overflow(struct test *t) {
  return (get(t, MMU_REG_FAULT_STATUS) & MMU_FAULT_STATUS_OVERFLOW) != 0;
}

static void pop(struct test *t) {
  set(t, MMU_REG_FAULT_POP, MMU_FAULT_POP_POP);
}

/* An unmapped page: each `page` another address, in a table that is there. */
static uint64_t bad_va(struct test *t, unsigned page) {
  return same_table(space_va(t->f, 3), page) | 0x18;
}

static void begin(struct test *t) {
  renew(t);
  (void)space_slot(&t->s, space_va(t->f, 3), 0);
  set(t, MMU_REG_CONTROL, LISTEN);
}

/* One fault, answered; its record is in the queue after the step. */
static void fault(struct test *t, unsigned page) {
  bench_forget(t->b);
  const struct bench_request *q = translate(t, bad_va(t, page), MMU_READ);
  check(t, q->response.status == MMU_FAULT, "page %u does not fault", page);
  bench_step(t->b);
}

/* The oldest record is that of this page, with the registers that the answer had. */
static void expect_record(struct test *t, unsigned page) {
  const struct mmu_access a = access_of(MMU_READ);
  const struct mmu_syndrome want =
      format_syndrome(t->f, &t->s.ctx, &a, bad_va(t, page), MMU_CAUSE_NOT_PRESENT, 0);
  const uint64_t info = get(t, MMU_REG_FAULT_INFO);
  check(t, (info & MMU_FAULT_INFO_VALID) != 0, "page %u: no record", page);
  check(t, (info & MMU_FAULT_INFO_PORT) != 0, "page %u: the wrong port", page);
  check(t, get(t, MMU_REG_FAULT_VA) == bad_va(t, page), "page %u: another address", page);
  for (unsigned i = 0; i < 4; i++)
    check(t, get(t, (uint16_t)(MMU_REG_FAULT_REG0 + 8 * i)) == want.reg[i], "page %u: register %u",
          page, i);
}

static void expect_empty(struct test *t, const char *when) {
  check(t, count(t) == 0, "%s: records are left", when);
  for (uint16_t r = MMU_REG_FAULT_INFO; r <= MMU_REG_FAULT_REG3; r += 8)
    check(t, get(t, r) == 0, "%s: %#x shows something", when, r);
}

TEST_EACH_FORMAT(hazard_Q1_queue_fills_whole_wherever_its_head_is) {
  for (unsigned head = 0; head < N; head++) {
    begin(t);
    for (unsigned i = 0; i < head; i++) {
      fault(t, 100);
      pop(t);
    }
    check(t, (get(t, MMU_REG_FAULT_POINTERS) & MMU_FAULT_POINTERS_HEAD) == head, "head %u", head);
    for (unsigned i = 0; i < N; i++) {
      check(t, (get(t, MMU_REG_FAULT_STATUS) & MMU_FAULT_STATUS_FULL) == 0, "head %u: full at %u",
            head, i);
      fault(t, i);
    }
    check(t, count(t) == N && !overflow(t), "head %u: not all are there", head);
    check(t, (get(t, MMU_REG_FAULT_STATUS) & MMU_FAULT_STATUS_FULL) != 0, "head %u: full", head);
    fault(t, 200);
    check(t, count(t) == N && overflow(t), "head %u: no overflow", head);
    check(t, get(t, MMU_REG_FAULT_DROPS) == 1, "head %u: drops", head);
    for (unsigned i = 0; i < N; i++) {
      expect_record(t, i);
      pop(t);
    }
    expect_empty(t, "drained");
  }
}

/* The address of the request that was answered as number `n`. */
static uint64_t answered_as(struct test *t, unsigned n) {
  for (size_t i = 0; i < t->b->requests; i++) {
    const struct bench_request *q = &t->b->request[i];
    unsigned before = 0;
    for (size_t k = 0; k < t->b->requests; k++)
      before += t->b->request[k].answered < q->answered;
    if (q->answered != BENCH_NEVER && before == n) return q->req.va;
  }
  return 0;
}

static void take(struct test *t, unsigned *taken, unsigned delay) {
  check(t, get(t, MMU_REG_FAULT_VA) == answered_as(t, *taken), "delay %u: record %u", delay,
        *taken);
  pop(t);
  ++*taken;
}

TEST_EACH_FORMAT(hazard_Q2_slow_reader_loses_nothing_while_there_is_room) {
  enum { FAULTS = 24 };
  for (unsigned delay = 1; delay <= 20; delay++) {
    begin(t);
    unsigned asked = 0, taken = 0;
    for (unsigned cycle = 0; taken < FAULTS && cycle < 4000; cycle++) {
      if (asked < FAULTS && asked - taken < N) ask(t, bad_va(t, asked++), MMU_READ);
      if (cycle % delay == 0 && (get(t, MMU_REG_FAULT_STATUS) & MMU_FAULT_STATUS_PENDING) != 0)
        take(t, &taken, delay);
      else
        bench_step(t->b);
    }
    check(t, taken == FAULTS && !overflow(t), "delay %u: %u records", delay, taken);
    expect_empty(t, "all taken");
  }
  /* full, and a record comes in the cycle of the pop */
  begin(t);
  for (unsigned i = 0; i < N; i++)
    fault(t, i);
  bench_forget(t->b);
  ask(t, bad_va(t, N), MMU_READ);
  while (!t->b->out.miss_valid[MMU_PORT_DATA] && t->b->problem[0] == '\0')
    bench_step(t->b);
  pop(t);
  check(t, count(t) == N && !overflow(t), "a pop makes no room for the record of its cycle");
  for (unsigned i = 1; i <= N; i++) {
    expect_record(t, i);
    pop(t);
  }
}

TEST_EACH_FORMAT(hazard_Q3_faults_in_adjacent_cycles_are_two_records) {
  unsigned adjacent = 0;
  for (unsigned apart = 0; apart < 12; apart++) {
    begin(t);
    const size_t first = ask(t, bad_va(t, 1), MMU_READ);
    for (unsigned c = 0; c < apart; c++)
      bench_step(t->b);
    const size_t second = ask(t, bad_va(t, 2), MMU_FETCH);
    check(t, bench_settle(t->b, 400), "apart %u", apart);
    const struct bench_request *q[2] = {&t->b->request[first], &t->b->request[second]};
    const bool in_order = q[0]->answered < q[1]->answered;
    const uint64_t gap =
        in_order ? q[1]->answered - q[0]->answered : q[0]->answered - q[1]->answered;
    adjacent += gap == 1;
    check(t, gap != 0, "apart %u: two answers in a cycle", apart);
    bench_step(t->b);
    check(t, count(t) == 2, "apart %u, gap %u: not two records", apart, (unsigned)gap);
    for (unsigned i = 0; i < 2; i++) {
      const struct bench_request *r = q[in_order ? i : 1 - i];
      check(t, get(t, MMU_REG_FAULT_VA) == r->req.va, "apart %u: the order", apart);
      pop(t);
    }
  }
  check(t, adjacent != 0, "no two faults were adjacent");
}

TEST_EACH_FORMAT(hazard_Q4_faults_while_disabled_never_appear) {
  begin(t);
  set(t, MMU_REG_CONTROL, MMU_CONTROL_IRQ_ENABLE);
  for (unsigned i = 0; i < N + 2; i++)
    fault(t, i);
  check(t, !t->b->out.irq, "an interrupt while disabled");
  set(t, MMU_REG_CONTROL, LISTEN);
  expect_empty(t, "enabled again");
  check(t, get(t, MMU_REG_FAULT_STATUS) == 0 && get(t, MMU_REG_FAULT_DROPS) == 0, "an overflow");
  fault(t, 50);
  expect_record(t, 50);
  /* what is in the queue stays while it is disabled */
  set(t, MMU_REG_CONTROL, 0);
  fault(t, 51);
  check(t, count(t) == 1, "recorded while disabled");
  expect_record(t, 50);
  set(t, MMU_REG_CONTROL, LISTEN);
  pop(t);
  expect_empty(t, "popped");
  /* what overflowed is gone */
  for (unsigned i = 0; i < N + 3; i++)
    fault(t, i);
  check(t, overflow(t) && get(t, MMU_REG_FAULT_DROPS) == 3, "the overflow");
  for (unsigned i = 0; i < N; i++) {
    expect_record(t, i);
    pop(t);
  }
  expect_empty(t, "drained");
  check(t, overflow(t), "the flag did not stay");
  set(t, MMU_REG_FAULT_STATUS, MMU_FAULT_STATUS_OVERFLOW);
  check(t, !overflow(t), "the flag does not go");
  for (unsigned c = 0; c < 20; c++)
    bench_step(t->b);
  expect_empty(t, "later");
}

/* Step 0 below is the one that writes the record of the fault. */
TEST_EACH_FORMAT(hazard_Q5_fault_in_the_cycle_of_the_acknowledge) {
  /* how many steps from the question to the step that shows the answer */
  begin(t);
  fault(t, 1); /* the tables are known from here on */
  bench_forget(t->b);
  const size_t probe = ask(t, bad_va(t, 2), MMU_READ);
  const uint64_t start = t->b->now;
  bench_settle(t->b, 400);
  const int answer = (int)(t->b->request[probe].answered - start);
  for (int when = -3; when <= 3; when++) {
    /* one record, and its pop around the arrival of the next */
    begin(t);
    fault(t, 1);
    bench_forget(t->b);
    check(t, t->b->out.irq, "no interrupt");
    ask(t, bad_va(t, 2), MMU_READ);
    for (int c = 0; c < answer + when; c++)
      bench_step(t->b);
    pop(t);
    check(t, t->b->out.irq == (when >= 0), "pop at %d: the line", when);
    bench_settle(t->b, 400);
    bench_step(t->b);
    check(t, t->b->out.irq && count(t) == 1, "pop at %d: the new record does not interrupt", when);
    expect_record(t, 2);
    pop(t);
    check(t, !t->b->out.irq, "pop at %d: the line stays high", when);
    /* an overflow, and its clearing around the next drop */
    begin(t);
    for (unsigned i = 0; i < N + 1; i++)
      fault(t, i);
    bench_forget(t->b);
    ask(t, bad_va(t, 100), MMU_READ);
    for (int c = 0; c < answer + when; c++)
      bench_step(t->b);
    set(t, MMU_REG_FAULT_STATUS, MMU_FAULT_STATUS_OVERFLOW);
    bench_settle(t->b, 400);
    bench_step(t->b);
    check(t, get(t, MMU_REG_FAULT_DROPS) == 2, "clear at %d: the drops", when);
    check(t, overflow(t) == (when <= 0), "clear at %d: the flag", when);
    /* either order of pop and clear: the line falls with the last of them */
    if (when <= 0 && when % 2 == 0) set(t, MMU_REG_FAULT_STATUS, MMU_FAULT_STATUS_OVERFLOW);
    for (unsigned i = 0; i < N; i++) {
      check(t, t->b->out.irq, "the line fell early");
      pop(t);
    }
    if (overflow(t)) {
      check(t, t->b->out.irq, "the line does not tell of the overflow");
      set(t, MMU_REG_FAULT_STATUS, MMU_FAULT_STATUS_OVERFLOW);
    }
    check(t, !t->b->out.irq, "the line does not fall");
  }
}

static void put_context(struct test *t, const struct mmu_context *c) {
  struct context_write w[CONTEXT_WRITES];
  context_writes(c, w);
  for (unsigned i = 0; i < CONTEXT_WRITES; i++)
    set(t, w[i].offset, w[i].value);
}

/* What comes with a request from the registers; the rest is junk that must not count. */
static struct mmu_context own_part(const struct mmu_context *c) {
  return (struct mmu_context){.s1_root0 = 0xbad000,
                              .s1_root1 = 0xbad000,
                              .asid = 0x777,
                              .pa_width = 13,
                              .priv = c->priv,
                              .ac = c->ac,
                              .pkru = c->pkru,
                              .pan = c->pan,
                              .sum = c->sum,
                              .mxr = c->mxr};
}

TEST_EACH_FORMAT(hazard_Q6_register_write_at_every_cycle_of_a_walk) {
  const uint64_t va = space_va(t->f, 3);
  const uint16_t root = t->f->upper ? MMU_REG_S1_ROOT1 : MMU_REG_S1_ROOT0;
  const struct mmu_access read = access_of(MMU_READ);
  /* the root; the enable */
  for (unsigned what = 0; what < 2; what++) {
    for (unsigned when = 0; when < 30; when++) {
      renew(t);
      space_map(&t->s, va, 0, PA_1, PAGE_ALL);
      struct space other = space_new(t->b, t->f);
      space_map(&other, va, 0, PA_2, PAGE_ALL);
      put_context(t, &t->s.ctx);
      set(t, MMU_REG_CONTROL, MMU_CONTROL_ENABLE);
      const struct mmu_context own = own_part(&t->s.ctx);
      const uint64_t other_root = t->f->upper ? other.ctx.s1_root1 : other.ctx.s1_root0;
      bench_ask_from_regs(t->b, va + 8, &read, &own);
      for (unsigned c = 0; c < when; c++)
        bench_step(t->b);
      const uint64_t written = t->b->now;
      if (what == 0)
        set(t, root, other_root);
      else
        set(t, MMU_REG_CONTROL, 0);
      bench_settle(t->b, 1000);
      const struct bench_request *q = &t->b->request[0];
      check(t, written >= q->accepted, "at %u: asked too late", when);
      check(t, maps_to(q, PA_1 + 8), "at %u: the write of %s reached a request accepted before",
            when, what == 0 ? "the root" : "the enable");
      /* and it is in force for the next one */
      if (what == 0) {
        struct mmu_context next = other.ctx;
        next.asid++; /* what the first one left is no concern of it */
        put_context(t, &next);
      }
      const uint64_t asked = what == 0 ? va : 0x123450;
      const size_t n = bench_ask_from_regs(t->b, asked, &read, &own);
      bench_settle(t->b, 1000);
      check(t, maps_to(&t->b->request[n], what == 0 ? PA_2 : asked), "at %u: not in force", when);
    }
  }
  /* asked in the cycle after the write: the new root */
  renew(t);
  space_map(&t->s, va, 0, PA_1, PAGE_ALL);
  struct mmu_context empty = t->s.ctx;
  empty.s1_root0 = empty.s1_root1 = bench_frame(t->b);
  put_context(t, &empty);
  set(t, MMU_REG_CONTROL, MMU_CONTROL_ENABLE);
  set(t, root, t->f->upper ? t->s.ctx.s1_root1 : t->s.ctx.s1_root0);
  const struct mmu_context own = own_part(&t->s.ctx);
  const size_t n = bench_ask_from_regs(t->b, va, &read, &own);
  bench_settle(t->b, 1000);
  check(t, maps_to(&t->b->request[n], PA_1), "the new root is not in force");
}

static const struct bench_request *speculate(struct test *t, uint64_t va,
                                             enum mmu_access_kind kind) {
  struct mmu_access a = access_of(kind);
  a.speculative = true;
  return bench_translate(t->b, va, &a, &t->s.ctx);
}

TEST_EACH_FORMAT(hazard_Q7_killed_access_leaves_no_entry_and_no_dirty_flag) {
  const uint64_t va = space_va(t->f, 3);
  static const enum mmu_access_kind kinds[] = {MMU_READ, MMU_FETCH, MMU_WRITE};
  for (unsigned height = 0; height <= t->f->big; height++) {
    for (unsigned k = 0; k < 3; k++) {
      renew(t);
      space_map(&t->s, va, height, PA_1, PAGE_ALL);
      const struct bench_request *q = speculate(t, va, kinds[k]);
      check(t, q->response.status == MMU_OK && !q->response.hit, "height %u: no answer", height);
      /* nothing was remembered: neither the page nor a pointer */
      const size_t from = t->b->accesses;
      q = translate(t, va, kinds[k]);
      check(t, q->response.status == MMU_OK && !q->response.hit, "height %u: an entry", height);
      check(t, bench_reads(t->b, from) == t->f->top - height + 1u, "height %u: a pointer", height);
      /* what others left may be used */
      q = speculate(t, va, kinds[k]);
      check(t, q->response.status == MMU_OK && q->response.hit, "height %u: no hit", height);
    }
    /* D stays, whoever asks and however often; A may come */
    renew(t);
    const uint64_t slot = space_map(&t->s, va, height, PA_1, PAGE_ALL & ~(PAGE_A | PAGE_D));
    const uint64_t before = bench_peek(t->b, slot);
    for (unsigned i = 0; i < 3; i++) {
      const struct bench_request *q = speculate(t, va, i == 2 ? MMU_RMW : MMU_WRITE);
      check(t, q->response.status == MMU_RETRY, "height %u: a write that sets D", height);
      check(t, bench_peek(t->b, slot) == before, "height %u: the descriptor", height);
    }
    check(t, speculate(t, va, MMU_READ)->response.status == MMU_OK, "height %u: read", height);
    check(t, bench_peek(t->b, slot) == format_leaf(t->f, height, PA_1, PAGE_ALL & ~PAGE_D),
          "height %u: A", height);
    check(t, translate(t, va, MMU_WRITE)->response.status == MMU_OK, "height %u: write", height);
    check(t, bench_peek(t->b, slot) == format_leaf(t->f, height, PA_1, PAGE_ALL), "height %u: D",
          height);
  }
  /* its fault is nobody's yet */
  begin(t);
  check(t, speculate(t, bad_va(t, 1), MMU_READ)->response.status == MMU_FAULT, "no fault");
  bench_step(t->b);
  expect_empty(t, "after a speculative fault");
  fault(t, 1);
  expect_record(t, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(hazard_Q1_queue_fills_whole_wherever_its_head_is),
      cmocka_unit_test(hazard_Q2_slow_reader_loses_nothing_while_there_is_room),
      cmocka_unit_test(hazard_Q3_faults_in_adjacent_cycles_are_two_records),
      cmocka_unit_test(hazard_Q4_faults_while_disabled_never_appear),
      cmocka_unit_test(hazard_Q5_fault_in_the_cycle_of_the_acknowledge),
      cmocka_unit_test(hazard_Q6_register_write_at_every_cycle_of_a_walk),
      cmocka_unit_test(hazard_Q7_killed_access_leaves_no_entry_and_no_dirty_flag),
  };
  return run_directed(tests, sizeof tests / sizeof tests[0]);
}

// SPDX-License-Identifier: Apache-2.0
// Where the ledger books the cycles of one access, by hand-made slots: hits of both TLBs, walks,
// waiting for a turn; and the contract on walks that had the MMU to themselves.
#include <string.h>

#include "machine/machine_internal.h"
#include "machine/mmu_cycles.h"
#include "tests/unit/machine_fixture.h"

enum { SENT = 1000, LATENCY = 14 };

static struct machine m;
static struct slot_far far;

/* A CPU whose books are closed up to SENT, and an access sent then. */
static struct cpu *cpu(struct slot *s) {
  struct cpu *c = &m.cpu[0];
  memset(&m, 0, sizeof m);
  memset(s, 0, sizeof *s);
  s->far = &far;
  m.cfg.geometry = mmu_geometry_default();
  c->m = &m;
  c->booked = s->tried = s->sent_at = SENT;
  s->ev.kind = TRACE_READ;
  s->parts = s->sent = 1;
  return c;
}

static void answer(struct slot *s, uint64_t after) {
  s->answered = 1;
  s->answered_at = SENT + after;
}

static uint64_t of(enum ledger_account account) {
  return m.results.ledger.cycles[0][account];
}

/* Everything up to the answer is booked, and what was asked for is in the account. */
static void expect(const struct slot *s, enum ledger_account account, uint64_t cycles) {
  assert_int_equal(of(account), cycles);
  assert_int_equal(m.results.ledger.booked[0], s->answered_at - SENT);
}

static void test_l1_hit(void **state) {
  struct slot s;
  struct cpu *c = cpu(&s);
  (void)state;
  answer(&s, 1);
  booking_slot(c, &s, s.answered_at);
  expect(&s, LEDGER_TLB_HIT, 1);
}

/* An answer of the L2 takes 3 cycles, one of them the L1's; any more is waiting for a turn. */
static void test_l2_hit(void **state) {
  (void)state;
  for (uint64_t turn = 0; turn < 4; turn++) {
    struct slot s;
    struct cpu *c = cpu(&s);
    answer(&s, 3 + turn);
    s.l2 = true;
    s.shift = 12;
    booking_slot(c, &s, s.answered_at);
    expect(&s, LEDGER_L2_HIT, 2);
    assert_int_equal(of(LEDGER_TLB_HIT), 1);
    assert_int_equal(of(LEDGER_MMU_WAIT), turn);
  }
}

/* A 2 MiB page is looked up after the 4 KiB ones, in one more cycle. */
static void test_l2_hit_of_a_large_page(void **state) {
  struct slot s;
  struct cpu *c = cpu(&s);
  (void)state;
  answer(&s, 4);
  s.l2 = true;
  s.shift = 21;
  booking_slot(c, &s, s.answered_at);
  expect(&s, LEDGER_L2_HIT, 3);
  assert_int_equal(of(LEDGER_MMU_WAIT), 0);
}

/* The same wait without the L2's word is another walk's. */
static void test_another_s_walk(void **state) {
  struct slot s;
  struct cpu *c = cpu(&s);
  (void)state;
  answer(&s, 30);
  booking_slot(c, &s, s.answered_at);
  expect(&s, LEDGER_MMU_WAIT, 29);
  assert_int_equal(of(LEDGER_L2_HIT), 0);
}

/* n table accesses; returns the documented time from acceptance to the answer. */
static uint64_t walk(struct cpu *c, struct slot *s, unsigned n) {
  uint64_t at = SENT + 1 + mmu_cycles_to_first(&m.cfg.geometry, 1);
  for (unsigned i = 0; i < n; i++) {
    booking_phase(c, s, at, LATENCY, i + 1 < n ? LEDGER_WALK_MEMORY : LEDGER_AD_UPDATE);
    at += LATENCY + mmu_cycles_after_each();
  }
  return at - SENT;
}

static void test_walk_alone(void **state) {
  (void)state;
  for (int late = 0; late < 2; late++) {
    struct slot s;
    struct cpu *c = cpu(&s);
    uint64_t cycles = walk(c, &s, 4);
    booking_answer(c, &s);
    assert_true(s.alone);
    answer(&s, cycles + (uint64_t)late);
    booking_slot(c, &s, s.answered_at);
    expect(&s, LEDGER_WALK_MEMORY, UINT64_C(3) * LATENCY);
    assert_int_equal(of(LEDGER_AD_UPDATE), LATENCY);
    assert_int_equal(of(LEDGER_WALK_HARDWARE),
                     mmu_cycles_to_first(&m.cfg.geometry, 1) + 4 * mmu_cycles_after_each());
    assert_int_equal(of(LEDGER_MMU_WAIT), late);
    assert_int_equal(m.results.contracts.record[CONTRACT_LEDGER].checked, 1);
    assert_int_equal(m.results.contracts.record[CONTRACT_LEDGER].broken, late);
  }
}

/* A walk that an invalidation or another walk was near is not held against the clock. */
static void test_walk_in_company(void **state) {
  struct slot s;
  struct cpu *c = cpu(&s);
  (void)state;
  uint64_t cycles = walk(c, &s, 2);
  c->inval_end = SENT;
  booking_answer(c, &s);
  assert_false(s.alone);
  answer(&s, cycles + 9);
  booking_slot(c, &s, s.answered_at);
  expect(&s, LEDGER_MMU_WAIT, 9);
  assert_int_equal(m.results.contracts.record[CONTRACT_LEDGER].checked, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_l1_hit),
      cmocka_unit_test(test_l2_hit),
      cmocka_unit_test(test_l2_hit_of_a_large_page),
      cmocka_unit_test(test_another_s_walk),
      cmocka_unit_test(test_walk_alone),
      cmocka_unit_test(test_walk_in_company),
  };
  return cmocka_run_group_tests_name("machine booking", tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// The event queue, the ledger and time that jumps.
#include <string.h>
#include <time.h>

#include "observer/ledger.h"
#include "tests/unit/machine_fixture.h"
#include "time/event_queue.h"

struct log {
  char text[64];
  struct event_queue *q;
};

struct note {
  struct log *log;
  char letter;
};

static void write_note(void *arg, uint64_t cycle) {
  struct note *n = arg;
  size_t len = strlen(n->log->text);
  (void)cycle;
  n->log->text[len] = n->letter;
  n->log->text[len + 1] = '\0';
}

static void test_order(void **state) {
  (void)state;
  struct log log = {.q = event_queue_create()};
  struct note n[6];
  for (int i = 0; i < 6; i++)
    n[i] = (struct note){&log, (char)('a' + i)};
  assert_int_equal(event_queue_next(log.q), EVENT_NEVER);
  event_queue_add(log.q, 20, 1, write_note, &n[0]);
  event_queue_add(log.q, 10, 1, write_note, &n[1]); /* same cycle: rank first */
  event_queue_add(log.q, 10, 0, write_note, &n[2]);
  event_queue_add(log.q, 10, 1, write_note, &n[3]); /* same rank: first in, first out */
  uint64_t gone = event_queue_add(log.q, 5, 0, write_note, &n[4]);
  event_queue_add(log.q, UINT64_MAX - 1, 0, write_note, &n[5]);
  assert_int_equal(event_queue_next(log.q), 5);
  assert_true(event_queue_cancel(log.q, gone));
  assert_false(event_queue_cancel(log.q, gone));
  assert_int_equal(event_queue_next(log.q), 10);
  while (event_queue_run(log.q)) {
  }
  assert_string_equal(log.text, "cbdaf");
  event_queue_destroy(log.q);
}

/* Against a plain sorted list, with cancellations. */
static void test_order_random(void **state) {
  enum { N = 500 };
  static struct log log;
  static struct note n[N];
  static uint64_t cycle[N], id[N];
  uint64_t x = 88172645463325252u, last = 0;
  int ran = 0, cancelled = 0;
  (void)state;
  log.q = event_queue_create();
  for (int i = 0; i < N; i++) {
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    cycle[i] = x % 100;
    n[i] = (struct note){&log, 'x'};
    id[i] = event_queue_add(log.q, cycle[i], (uint32_t)(x >> 32) % 3, write_note, &n[i]);
  }
  for (int i = 0; i < N; i += 3)
    cancelled += event_queue_cancel(log.q, id[i]);
  for (; event_queue_next(log.q) != EVENT_NEVER; ran++) {
    assert_true(event_queue_next(log.q) >= last);
    last = event_queue_next(log.q);
    log.text[0] = '\0';
    event_queue_run(log.q);
  }
  assert_int_equal(ran + cancelled, N);
  event_queue_destroy(log.q);
}

static void test_ledger_audit(void **state) {
  static struct ledger l;
  char why[160];
  (void)state;
  ledger_book(&l, 1, LEDGER_COMPUTE, 70);
  ledger_book(&l, 1, LEDGER_IDLE, 30);
  assert_true(ledger_balanced(&l, 1, 100, why, sizeof why));
  assert_false(ledger_balanced(&l, 1, 101, why, sizeof why));
  assert_non_null(strstr(why, "1 cycles that no account owns"));
  assert_false(ledger_balanced(&l, 1, 98, why, sizeof why));
  assert_non_null(strstr(why, "2 cycles booked twice"));
  assert_int_equal(ledger_total(&l, 2, LEDGER_COMPUTE), 70);
}

static void test_accounts_have_names(void **state) {
  (void)state;
  for (int a = 0; a < LEDGER_ACCOUNTS; a++)
    for (int b = 0; b < a; b++)
      assert_string_not_equal(ledger_name((enum ledger_account)a),
                              ledger_name((enum ledger_account)b));
}

static double cpu_seconds(void) {
  return (double)clock() / CLOCKS_PER_SEC;
}

/* A disk 1000 times slower: the clock shows it, the host does not feel it. */
static void test_waits_cost_nothing(void **state) {
  struct machine_config c = fixture_config(MMU_ARCH_RISCV, 1);
  const char *spec = "synthetic:pages=3000 accesses=30000 run=4 pattern=random";
  (void)state;
  double start = cpu_seconds();
  struct machine_results fast = fixture_run(&c, spec, 1);
  double fast_time = cpu_seconds() - start;
  c.disk_latency *= 1000;
  start = cpu_seconds();
  struct machine_results slow = fixture_run(&c, spec, 1);
  double slow_time = cpu_seconds() - start;
  assert_true(fast.disk_reads > 100);
  assert_true(slow.cycles > 100 * fast.cycles);
  assert_true(slow_time < 3 * fast_time + 0.2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_order),
      cmocka_unit_test(test_order_random),
      cmocka_unit_test(test_ledger_audit),
      cmocka_unit_test(test_accounts_have_names),
      cmocka_unit_test(test_waits_cost_nothing),
  };
  return cmocka_run_group_tests_name("machine time", tests, NULL, NULL);
}

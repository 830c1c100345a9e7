// SPDX-License-Identifier: Apache-2.0
// Queries: the histogram of their durations against sorted values, and what the programs that have
// queries do: how many, which pages, marks in their places.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "machine/program.h"
#include "observer/latency.h"

static int by_value(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a;
  uint64_t y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static void percentiles(void **state) {
  (void)state;
  enum { COUNT = 4001 };
  static struct latency l;
  static uint64_t value[COUNT];
  uint64_t sum = 0;
  uint64_t x = 1;
  assert_int_equal(latency_percentile(&l, 50), 0); /* nothing yet */
  for (int i = 0; i < COUNT; i++) {
    x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
    value[i] = x >> (x >> 58); /* of any size */
    latency_add(&l, value[i]);
    sum += value[i];
  }
  qsort(value, COUNT, sizeof value[0], by_value);
  assert_int_equal(l.count, COUNT);
  assert_int_equal(l.sum, sum);
  assert_int_equal(l.max, value[COUNT - 1]);
  for (unsigned p = 1; p <= 100; p++) {
    uint64_t exact = value[(COUNT * p + 99) / 100 - 1];
    uint64_t got = latency_percentile(&l, p);
    assert_true(got >= exact && got - exact <= exact / 64);
  }
}

static void small_values_are_exact(void **state) {
  (void)state;
  static struct latency l;
  for (uint64_t v = 0; v < 100; v++)
    latency_add(&l, v);
  assert_int_equal(latency_percentile(&l, 1), 0);
  assert_int_equal(latency_percentile(&l, 50), 49);
  assert_int_equal(latency_percentile(&l, 99), 98);
  assert_int_equal(latency_percentile(&l, 100), 99);
}

struct tally {
  uint64_t begun, ended, reads, writes, fetches, maps, hot, in_order, scan_after;
  uint64_t instructions;
};

/* Among the first eighth of the ranks? Uniform references would be there one time in eight. */
static bool is_hot(uint64_t page, uint64_t pages) {
  for (uint64_t rank = 0; pages <= 1000 && rank < pages / 8; rank++)
    if ((rank * 40507 + 12345) % pages == page) return true;
  return false;
}

/* All events of a program; pages of file accesses by event or by address. */
static struct tally run(const char *spec, uint64_t seed, uint64_t pages) {
  char err[200] = "";
  struct tally t = {0};
  struct trace_event ev;
  uint64_t last = UINT64_MAX;
  struct program *p = program_open(spec, 38, seed, err, sizeof err);
  if (p == NULL) fail_msg("%s", err);
  while (program_next(p, &ev) == 1) {
    if (ev.kind == PROGRAM_QUERY) {
      t.begun += ev.count == 0;
      t.ended += ev.count;
    } else if (ev.kind == TRACE_FETCH) {
      t.fetches++;
      t.instructions += ev.count;
    } else if (ev.kind == TRACE_MAP) {
      t.maps++;
    } else if (ev.kind != TRACE_EXIT) {
      bool file = ev.kind == TRACE_FILE_READ || ev.kind == TRACE_FILE_WRITE;
      uint64_t page = file ? ev.offset >> 12 : (ev.addr - UINT64_C(0x2000000000)) >> 12;
      bool write = ev.kind == TRACE_FILE_WRITE || ev.kind == TRACE_WRITE;
      assert_true(page < pages);
      if (write) assert_int_equal(page, last); /* what was just read */
      t.writes += write;
      t.reads += !write;
      t.in_order += !write && page == (last + 1) % pages;
      t.hot += !write && is_hot(page, pages);
      last = page;
    }
  }
  assert_int_equal(program_next(p, &ev), 0);
  program_close(p);
  return t;
}

static void database(void **state) {
  (void)state;
  struct tally t = run("db:pages=1000 queries=500 touch=4 update=50 work=30", 1, 1000);
  assert_int_equal(t.begun, 1);
  assert_int_equal(t.ended, 500);
  assert_int_equal(t.reads, 2000);
  assert_int_equal(t.fetches, 2000);
  assert_int_equal(t.instructions, 60000);
  assert_int_equal(t.maps, 1);
  assert_in_range(t.writes, 800, 1200);
  assert_in_range(t.hot, 550, 700); /* 5/16 of 2000, by density 1/rank */
  assert_true(t.in_order < 100);
  struct tally again = run("db:pages=1000 queries=500 touch=4 update=50 work=30", 1, 1000);
  assert_memory_equal(&t, &again, sizeof t);
  struct tally other = run("db:pages=1000 queries=500 touch=4 update=50 work=30", 2, 1000);
  assert_int_not_equal(t.hot, other.hot); /* not the same sequence, nor shifted by one */
}

static void scans_and_order(void **state) {
  (void)state;
  struct tally t =
      run("db:pages=100 queries=10 touch=1 scan=5 scan_pages=150 update=100 io=map", 1, 100);
  assert_int_equal(t.reads, 8 + 2 * 150);
  assert_int_equal(t.writes, 8); /* scans read */
  assert_int_equal(t.maps, 2);
  assert_int_equal(t.ended, 10);
  assert_true(t.in_order >= 2 * 149);
  t = run("db:pages=100 queries=250 touch=1 update=0 pattern=order timed=0", 1, 100);
  assert_int_equal(t.ended + t.begun, 0);
  assert_int_equal(t.in_order, 250); /* page 0 is (UINT64_MAX + 1) % 100, too */
}

static void synthetic_queries(void **state) {
  (void)state;
  struct tally t = run("synthetic:pages=1 file=50 accesses=1000 query=100 stamp=0 write=0 cross=0",
                       1, UINT64_MAX);
  assert_int_equal(t.begun, 1);
  assert_int_equal(t.ended, 10);
  assert_int_equal(t.reads, 1000);
  char err[200];
  struct trace_event ev;
  struct program *p = program_open("synthetic:pages=8 accesses=100 query=10 stamp=1 cross=0", 38, 1,
                                   err, sizeof err);
  uint64_t accesses = 0;
  uint64_t stamps = 0;
  while (program_next(p, &ev) == 1) {
    bool stamp = ev.kind == TRACE_MODIFY && ev.addr >= UINT64_C(0x3000000000);
    bool access = ev.kind >= TRACE_READ && ev.kind <= TRACE_MODIFY && !stamp;
    if (stamp) stamps++;
    if (access) assert_int_equal(accesses++, stamps); /* the one before has its stamp */
    if (ev.kind == PROGRAM_QUERY) assert_int_equal(accesses, stamps);
  }
  assert_int_equal(accesses, 100);
  assert_int_equal(stamps, 100);
  program_close(p);
}

static void refusals(void **state) {
  (void)state;
  static const char *const bad[] = {"db:pages=0",      "db:io=write", "db:pattern=hot",
                                    "db:touch",        "db:scan=-1",  "db:frames=3",
                                    "synthetic:query", "hog:touch=x", "synthetic:stamp=2"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    char err[400] = "";
    assert_null(program_open(bad[i], 38, 1, err, sizeof err));
    assert_non_null(strstr(err, "needs key=value"));
    assert_null(strchr(err, '\n'));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(percentiles),       cmocka_unit_test(small_values_are_exact),
      cmocka_unit_test(database),          cmocka_unit_test(scans_and_order),
      cmocka_unit_test(synthetic_queries), cmocka_unit_test(refusals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

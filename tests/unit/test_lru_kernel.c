/* SPDX-License-Identifier: Apache-2.0
 * Both policies on the access lists that a booted Linux 6.1 was given, against its misses and its
 * counters (tests/data/linux). Nothing here was fitted: see docs/lru.md for the bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "lru/host/host.h"

static const struct lru_ops *const policy[2] = {&lru_twolist, &lru_mglru};
static const char *const recorded_as[2] = {"classic", "mglru"};
static const char *const op_name[LRU_OPS] = {"anon_load", "anon_store", "file_mmap", "file_pread"};

struct run {
  struct lru_run_phase *phase;
  size_t phases;
};

static struct run run(const char *name, uint64_t seed, int p) {
  char err[200] = "";
  struct lru_access_list list;
  struct run r;
  if (lru_access_list_make(name, seed, &list, err, sizeof err) != 0) fail_msg("%s", err);
  struct lru_machine_cfg cfg = lru_machine_guest_256m();
  if (lru_machine_run(policy[p], &cfg, &list, &r.phase, &r.phases, err, sizeof err) != 0)
    fail_msg("%s %s: %s", name, policy[p]->name, err);
  lru_access_list_free(&list);
  return r;
}

static const struct lru_machine_stats *in_phase(const struct run *r, unsigned mark) {
  for (size_t i = 0; i < r->phases; i++)
    if (r->phase[i].mark == mark) return &r->phase[i].st;
  fail_msg("no phase %u", mark);
  return NULL;
}

static uint64_t misses(const char *name, uint64_t seed, int p, unsigned mark,
                       enum lru_access_op op) {
  struct run r = run(name, seed, p);
  uint64_t n = in_phase(&r, mark)->misses[op][0];
  free(r.phase);
  return n;
}

static void within(const char *what, uint64_t got, uint64_t want, double share) {
  double off = (double)got - (double)want;
  if (off > share * (double)want || -off > share * (double)want)
    fail_msg("%s: %llu, recorded %llu", what, (unsigned long long)got, (unsigned long long)want);
}

/* ---- the lists are the recorded ones ---- */

static void lists(void **state) {
  (void)state;
  FILE *f = fopen("tests/data/linux/lists.txt", "r");
  assert_non_null(f);
  char name[16];
  unsigned long long seed, records, anon, file, hash;
  int n = 0;
  while (fscanf(f,
                "list %15s seed %llu records %llu anon_pages %llu file_pages %llu fnv1a64 %llx\n",
                name, &seed, &records, &anon, &file, &hash) == 6) {
    struct lru_access_list l;
    char err[200];
    assert_int_equal(lru_access_list_make(name, seed, &l, err, sizeof err), 0);
    assert_int_equal(l.count, records);
    assert_int_equal(l.anon_pages, anon);
    assert_int_equal(l.file_pages, file);
    assert_int_equal(lru_access_list_hash(&l), hash);
    lru_access_list_free(&l);
    n++;
  }
  (void)fclose(f);
  assert_int_equal(n, 5);
}

static void bad_names(void **state) {
  (void)state;
  static const char *const bad[] = {"",         "zipf",      "zipf_xx", "hs_mm",
                                    "hs_mm_xx", "hs_mm_mmm", "hs_mm-mm"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct lru_access_list l;
    char err[200] = "";
    assert_int_equal(lru_access_list_make(bad[i], 1, &l, err, sizeof err), -1);
    assert_non_null(strstr(err, "hs_X_Y"));
    assert_null(l.record);
  }
}

/* ---- misses ---- */

static void zipf(void **state) {
  (void)state;
  static const struct {
    const char *name;
    uint64_t seed, classic, mglru; /* misses of the second phase, mean of the runs */
    enum lru_access_op op;
  } v[] = {{"zipf_fd", 1, 39570, 43026, LRU_FILE_PREAD},
           {"zipf_fd", 2, 39385, 42661, LRU_FILE_PREAD},
           {"zipf_mm", 1, 42158, 41053, LRU_FILE_LOAD},
           {"zipf_mm", 2, 41968, 40938, LRU_FILE_LOAD}};
  for (size_t i = 0; i < 4; i++) {
    uint64_t classic = misses(v[i].name, v[i].seed, 0, 2, v[i].op);
    uint64_t mglru = misses(v[i].name, v[i].seed, 1, 2, v[i].op);
    within(v[i].name, classic, v[i].classic, 0.02);
    within(v[i].name, mglru, v[i].mglru, 0.03);
    double ratio = (double)mglru / (double)classic;
    double want = (double)v[i].mglru / (double)v[i].classic;
    assert_true(ratio > want - 0.02 && ratio < want + 0.02);
    /* And the order: MGLRU better with mappings, worse with read(). */
    assert_int_equal(mglru < classic, v[i].op == LRU_FILE_LOAD);
  }
}

/* Hot pages and a scan: lost alike when both fault, kept when the scan reads. */
static void hot_and_scan(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 2; seed++)
    for (int p = 0; p < 2; p++) {
      assert_in_range(misses("hs_mm_mm", seed, p, 2, LRU_FILE_LOAD), 7600, 8200);
      assert_in_range(misses("hs_an_an", seed, p, 2, LRU_ANON_STORE), 7600, 8200);
      assert_in_range(misses("hs_mm_fd", seed, p, 2, LRU_FILE_LOAD), 0, 20);
      assert_in_range(misses("hs_mm_fd", seed, p, 3, LRU_FILE_LOAD), 0, 20);
    }
}

/* ---- counters ---- */

enum { COLUMNS = 64, NAMES = 16, BOUND_PAGES = 344 };

static int split(char *line, char *field[COLUMNS]) {
  int n = 0;
  line[strcspn(line, "\r\n")] = '\0';
  for (char *at = line; at != NULL && n < COLUMNS;) {
    field[n++] = at;
    at = strchr(at, ',');
    if (at != NULL) *at++ = '\0';
  }
  return n;
}

static const char *column(char *const field[], char *const names[], int n, const char *name) {
  for (int i = 0; i < n; i++)
    if (strcmp(names[i], name) == 0) return field[i];
  fail_msg("no column %s", name);
  return "";
}

struct counter {
  const char *name;
  uint64_t got;
};

static void counters(const struct lru_machine_stats *s, struct counter out[NAMES]) {
  const struct lru_stats *l = &s->lru;
  const struct counter c[NAMES] = {
      {"pgscan_anon", l->pgscan[LRU_ANON]},
      {"pgscan_file", l->pgscan[LRU_FILE]},
      {"pgsteal_anon", l->pgsteal[LRU_ANON]},
      {"pgsteal_file", l->pgsteal[LRU_FILE]},
      {"workingset_refault_anon", l->workingset_refault[LRU_ANON]},
      {"workingset_refault_file", l->workingset_refault[LRU_FILE]},
      {"workingset_activate_anon", l->workingset_activate[LRU_ANON]},
      {"workingset_activate_file", l->workingset_activate[LRU_FILE]},
      {"workingset_restore_anon", l->workingset_restore[LRU_ANON]},
      {"workingset_restore_file", l->workingset_restore[LRU_FILE]},
      {"pgactivate", l->pgactivate},
      {"pgdeactivate", l->pgdeactivate},
      {"pgrefill", l->pgrefill},
      {"pswpin", s->pswpin},
      {"pswpout", s->pswpout},
      {"pgmajfault", s->pgmajfault},
  };
  memcpy(out, c, sizeof c);
}

struct row { /* what the kernel's runs of one list, policy and phase lie between */
  uint64_t low[NAMES], high[NAMES];
  uint64_t misses_low, misses_high;
  int runs;
};

static void widen(uint64_t *low, uint64_t *high, uint64_t v, bool first) {
  if (first || v < *low) *low = v;
  if (first || v > *high) *high = v;
}

/* False: the kernel did not do this operation in that phase. */
static bool read_rows(const char *wl, int p, unsigned mark, int op, int cls, struct row *r) {
  FILE *f = fopen("tests/data/linux/replacement.csv", "r");
  assert_non_null(f);
  char names[2048];
  char line[2048];
  char *name[COLUMNS] = {NULL};
  char *field[COLUMNS] = {NULL};
  assert_non_null(fgets(names, sizeof names, f));
  int n = split(names, name);
  struct lru_machine_stats none = {0};
  struct counter c[NAMES];
  counters(&none, c);
  *r = (struct row){.runs = 0};
  while (fgets(line, sizeof line, f) != NULL) {
    assert_int_equal(split(line, field), n);
    if (strcmp(column(field, name, n, "wl"), wl) != 0 ||
        strcmp(column(field, name, n, "lru"), recorded_as[p]) != 0 ||
        strtoul(column(field, name, n, "mark"), NULL, 10) != mark ||
        strcmp(column(field, name, n, "op"), op_name[op]) != 0 ||
        atoi(column(field, name, n, "cls")) != cls)
      continue;
    for (int i = 0; i < NAMES; i++)
      widen(&r->low[i], &r->high[i], strtoull(column(field, name, n, c[i].name), NULL, 10),
            r->runs == 0);
    widen(&r->misses_low, &r->misses_high, strtoull(column(field, name, n, "misses"), NULL, 10),
          r->runs == 0);
    r->runs++;
  }
  (void)fclose(f);
  return r->runs != 0;
}

/* Within 15 % of what the runs lie between, or two kswapd runs of 172 pages, which is what a
 * phase can end too early or too late by at its two ends. */
static void near(const char *where, const char *what, uint64_t got, uint64_t low, uint64_t high) {
  uint64_t off = got < low ? low - got : got > high ? got - high : 0;
  uint64_t ref = got < low ? low : high;
  if (off * 100 <= ref * 15 || off <= BOUND_PAGES) return;
  fail_msg("%s %s: %llu, recorded %llu to %llu", where, what, (unsigned long long)got,
           (unsigned long long)low, (unsigned long long)high);
}

static void all_counters(void **state) {
  (void)state;
  static const char *const lists[] = {"hs_an_an", "hs_mm_fd", "hs_mm_mm", "zipf_fd", "zipf_mm"};
  int rows = 0;
  for (size_t i = 0; i < 5; i++)
    for (int p = 0; p < 2; p++) {
      struct run r = run(lists[i], 1, p);
      for (size_t k = 0; k < r.phases; k++)
        for (int op = 0; op < LRU_OPS; op++)
          for (int cls = 0; cls < LRU_CLASSES; cls++) {
            struct row want;
            struct counter c[NAMES];
            char where[80];
            if (!read_rows(lists[i], p, r.phase[k].mark, op, cls, &want)) continue;
            (void)snprintf(where, sizeof where, "%s %s phase %u %s", lists[i], policy[p]->name,
                           r.phase[k].mark, op_name[op]);
            near(where, "misses", r.phase[k].st.misses[op][cls], want.misses_low, want.misses_high);
            counters(&r.phase[k].st, c);
            for (int j = 0; j < NAMES; j++)
              near(where, c[j].name, c[j].got, want.low[j], want.high[j]);
            rows++;
          }
      free(r.phase);
    }
  assert_int_equal(rows, 32);
}

/* MGLRU's counter means less than the other's (it skips what left in older generations). */
static void refaults_differ(void **state) {
  (void)state;
  struct run r = run("zipf_fd", 1, 1);
  const struct lru_machine_stats *s = in_phase(&r, 2);
  assert_true(s->lru.workingset_refault[LRU_FILE] <= s->misses[LRU_FILE_PREAD][0]);
  free(r.phase);
  r = run("zipf_mm", 1, 1);
  s = in_phase(&r, 2);
  assert_true(s->lru.workingset_refault[LRU_FILE] * 2 < s->misses[LRU_FILE_LOAD][0]);
  free(r.phase);
}

/* No swap, more anonymous pages than memory: nothing can be reclaimed, and it says so. */
static void exhausted(void **state) {
  (void)state;
  struct lru_access_list list;
  char err[200] = "";
  assert_int_equal(lru_access_list_make("zipf_an", 1, &list, err, sizeof err), 0);
  struct lru_machine_cfg cfg = lru_machine_guest_256m();
  cfg.swap_pages = 0;
  for (int p = 0; p < 2; p++) {
    struct lru_run_phase *phase;
    size_t n;
    assert_int_equal(lru_machine_run(policy[p], &cfg, &list, &phase, &n, err, sizeof err), -1);
    assert_non_null(strstr(err, "out of memory"));
    assert_null(phase);
  }
  lru_access_list_free(&list);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lists),        cmocka_unit_test(bad_names),
      cmocka_unit_test(zipf),         cmocka_unit_test(hot_and_scan),
      cmocka_unit_test(all_counters), cmocka_unit_test(refaults_differ),
      cmocka_unit_test(exhausted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

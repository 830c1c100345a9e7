/* SPDX-License-Identifier: Apache-2.0
 * The recorded out-of-memory experiments of tests/data/linux/oom.json, run in the model: the same
 * processes in the same order, and what the model's own faults make of them. Victims must come in
 * the recorded order, with the recorded pages. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/machine_fixture.h"
/* cmocka first */
#include <cjson/cJSON.h>

enum {
  /* What the guest's kernel, init and initramfs hold and no process of the table does: of 55,908
   * pages the first report of oom_06 accounts 48,689 to free, anon, per-CPU lists and page tables.
   */
  SYSTEM_PAGES = 55908 - 48689,
  TOOL_PAGES = 314, /* total_vm of the recording tool beside its data */
  MOST = 8
};

struct hog {
  char kind[8];
  unsigned pages;
  int adj;
};

static cJSON *recorded(void) {
  FILE *f = fopen("tests/data/linux/oom.json", "r");
  assert_non_null(f);
  size_t room = 1 << 20;
  char *text = calloc(room, 1);
  assert_non_null(text);
  assert_true(fread(text, 1, room - 1, f) > 0);
  (void)fclose(f);
  cJSON *all = cJSON_Parse(text);
  free(text);
  assert_non_null(all);
  return all;
}

static const cJSON *run_of(const cJSON *all, const char *name) {
  const cJSON *run;
  cJSON_ArrayForEach(run, all) {
    if (strcmp(cJSON_GetObjectItem(run, "run")->valuestring, name) == 0) return run;
  }
  fail_msg("no run %s", name);
  return NULL;
}

static unsigned number(const cJSON *o, const char *key) {
  return (unsigned)cJSON_GetObjectItem(o, key)->valuedouble;
}

static size_t hogs_of(const cJSON *run, struct hog *hog) {
  size_t n = 0;
  const char *s = cJSON_GetObjectItem(run, "hogs")->valuestring;
  for (int used = 0;
       sscanf(s, "%7[^:]:%u:%d%n", hog[n].kind, &hog[n].pages, &hog[n].adj, &used) == 3; s++) {
    n++;
    s += used;
    if (*s != ',') break;
  }
  return n;
}

static void add(struct machine *m, const char *spec) {
  char err[256];
  if (!machine_add(m, spec, 1, err, sizeof err)) fail_msg("%s: %s", spec, err);
}

/* The processes of a run, the system's own pages before and the eater behind them. */
static struct machine *guest(enum mmu_arch arch, const cJSON *run, const struct hog *hog, size_t n,
                             unsigned eater, bool chapter, const char *policy) {
  char spec[160];
  char err[256] = "";
  struct machine_config c = fixture_config(arch, 1);
  unsigned managed = number(run, "memtotal_pages");
  c.os.memory_bytes = UINT64_C(256) << 20;
  c.os.reserved_bytes = c.os.memory_bytes - ((uint64_t)managed << 12);
  c.os.swap_pages = number(run, "swaptotal_pages");
  c.os.zero_page = true;
  c.os.oom_formula = chapter;
  c.os.policy = policy;
  struct machine *m = machine_create(&c, err, sizeof err);
  if (m == NULL) fail_msg("%s", err);
  snprintf(spec, sizeof spec, "hog: pages=%d lock=1 oom_score_adj=-1000 name=system", SYSTEM_PAGES);
  add(m, spec);
  for (size_t i = 0; i < n; i++) {
    snprintf(spec, sizeof spec, "hog: kind=%s pages=%u oom_score_adj=%d phase=%zu", hog[i].kind,
             hog[i].pages, hog[i].adj, i + 1);
    add(m, spec);
  }
  add(m, "hog: pages=65 phase=20 name=sleep");
  snprintf(spec, sizeof spec, "hog: pages=%u hold=0 oom_score_adj=-1000 phase=21 name=eater",
           eater);
  add(m, spec);
  return m;
}

static void run_it(struct machine *m, struct machine_results *r) {
  if (!machine_run(m)) fail_msg("%s", machine_error(m));
  machine_results(m, r);
  for (int k = 0; k < CONTRACT_COUNT; k++)
    if (r->contracts.record[k].broken != 0)
      fail_msg("%s: %s", contract_name((enum contract)k), r->contracts.record[k].first);
}

/* The pid in the model of a recorded pid: rows of the first table are in order of creation. */
static unsigned place(const cJSON *run, unsigned pid) {
  const cJSON *table =
      cJSON_GetObjectItem(cJSON_GetArrayItem(cJSON_GetObjectItem(run, "events"), 0), "table");
  for (int i = 0; i < cJSON_GetArraySize(table); i++)
    if (number(cJSON_GetArrayItem(table, i), "pid") == pid) return (unsigned)i + 2;
  return 0;
}

static const cJSON *row(const cJSON *event, unsigned pid) {
  const cJSON *t;
  cJSON_ArrayForEach(t, cJSON_GetObjectItem(event, "table")) {
    if (number(t, "pid") == pid) return t;
  }
  return NULL;
}

/* Pages of the eater: its total_vm is what it asked for. */
static unsigned eater_pages(const cJSON *event) {
  const cJSON *t;
  unsigned pages = 0;
  cJSON_ArrayForEach(t, cJSON_GetObjectItem(event, "table")) {
    if ((int)cJSON_GetObjectItem(t, "adj")->valuedouble == -1000)
      pages = number(t, "total_vm") - TOOL_PAGES;
  }
  return pages;
}

static void same_victims(enum mmu_arch arch, const char *name, const char *policy) {
  cJSON *all = recorded();
  struct hog hog[MOST];
  struct machine_results r;
  const cJSON *run = run_of(all, name);
  const cJSON *events = cJSON_GetObjectItem(run, "events");
  size_t n = hogs_of(run, hog);
  assert_true(n >= 3);
  struct machine *m =
      guest(arch, run, hog, n, eater_pages(cJSON_GetArrayItem(events, 0)), false, policy);
  run_it(m, &r);
  int kills = cJSON_GetArraySize(events);
  uint64_t swapped = 0;
  if (r.kills != (uint64_t)kills)
    fail_msg("%s: %u kills, recorded are %d", name, (unsigned)r.kills, kills);
  for (int i = 0; i < kills; i++) {
    const cJSON *e = cJSON_GetArrayItem(events, i);
    const struct os_oom_kill *k = &r.kill[i];
    unsigned pid = number(e, "victim");
    const cJSON *t = row(e, pid);
    assert_non_null(t);
    if (k->pid != place(run, pid))
      fail_msg("%s: kill %d takes pid %u with %lld points, recorded is the process of pid %u", name,
               i + 1, k->pid, (long long)k->points, place(run, pid));
    /* The tool has about 85 pages and a dozen tables of its own. */
    unsigned pages = number(t, "rss") + number(t, "swapents");
    assert_in_range(k->rss + k->swapents + 90, pages, pages + 90);
    unsigned tables = number(t, "pgtables_bytes") / 4096;
    assert_in_range(k->tables + 24, tables, tables + 24);
    if (number(t, "swapents") != 0) swapped += k->swapents;
    /* What is in swap counts as much as what is resident. */
    assert_int_equal(k->points, (int64_t)(k->rss + k->swapents + k->tables) +
                                    k->oom_score_adj * (int64_t)(number(run, "totalpages") / 1000));
  }
  assert_int_equal(swapped != 0, number(run, "swaptotal_pages") != 0);
  assert_int_equal(r.os.oom_kill, kills);
  assert_int_equal(r.panic[0], '\0');
  machine_destroy(m);
  cJSON_Delete(all);
}

static void test_recorded_victims(void **state) {
  (void)state;
  static const char *const runs[] = {"oom_01_plain", "oom_02_adj", "oom_06_pgtables", "oom_09_swap",
                                     "oom_12_adj200"};
  for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++)
    same_victims(MMU_ARCH_X86, runs[i], NULL);
  same_victims(MMU_ARCH_RISCV, "oom_06_pgtables", NULL);
}

/* oom_11 is oom_09 under MGLRU: the same processes, the same victims. Its own table was not kept,
 * so the model is held to that of oom_09; and so is the classic policy, under which that was
 * recorded. */
static void test_recorded_policies(void **state) {
  (void)state;
  same_victims(MMU_ARCH_X86, "oom_09_swap", "twolist");
  same_victims(MMU_ARCH_X86, "oom_09_swap", "mglru");
  same_victims(MMU_ARCH_ARM, "oom_09_swap", "mglru");
}

/* oom_13: 5000, the sleep, then nobody. */
static void test_recorded_panic(void **state) {
  (void)state;
  cJSON *all = recorded();
  struct hog hog[MOST];
  struct machine_results r;
  const cJSON *run = run_of(all, "oom_13_panic");
  size_t n = hogs_of(run, hog);
  assert_int_equal(n, 2);
  struct machine *m = guest(MMU_ARCH_X86, run, hog, n, 55000, false, NULL);
  run_it(m, &r);
  assert_int_equal(r.kills, 2);
  assert_int_equal(r.kill[0].pid, 3);
  assert_string_equal(r.kill[1].name, "sleep");
  assert_string_equal(r.panic, "System is deadlocked on memory");
  assert_int_equal(r.os.panics, 1);
  machine_destroy(m);
  cJSON_Delete(all);
}

/* The book's formula takes half of the virtual size for memory: the one that only read dies. */
static void test_chapter_formula(void **state) {
  (void)state;
  cJSON *all = recorded();
  struct hog hog[MOST];
  struct machine_results r;
  const cJSON *run = run_of(all, "oom_06_pgtables");
  size_t n = hogs_of(run, hog);
  struct machine *m = guest(MMU_ARCH_X86, run, hog, n, 44000, true, NULL);
  run_it(m, &r);
  assert_true(r.kills >= 1);
  assert_int_equal(r.kill[0].pid, 3);
  machine_destroy(m);
  cJSON_Delete(all);
}

/* A program must have a place to wait for, and words that make sense. */
static void test_bad_settings(void **state) {
  (void)state;
  static const char *const bad[] = {"hog: pages=-1",
                                    "hog: kind=big",
                                    "hog: pages=5 oom_score_adj=1001",
                                    "synthetic:pages=5 phase=x",
                                    "hog: name=",
                                    "hog: hold=2"};
  struct machine_config c = fixture_config(MMU_ARCH_X86, 1);
  char err[256];
  struct machine *m = machine_create(&c, err, sizeof err);
  assert_non_null(m);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    err[0] = '\0';
    assert_false(machine_add(m, bad[i], 1, err, sizeof err));
    assert_non_null(strstr(err, "program"));
  }
  machine_destroy(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_recorded_victims), cmocka_unit_test(test_recorded_policies),
      cmocka_unit_test(test_recorded_panic), cmocka_unit_test(test_chapter_formula),
      cmocka_unit_test(test_bad_settings)};
  return cmocka_run_group_tests_name("machine oom", tests, NULL, NULL);
}

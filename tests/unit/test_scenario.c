// SPDX-License-Identifier: Apache-2.0
// Scenario files: defaults, values, overrides, and one clear line for every mistake.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "observer/metric.h"
#include "scenario/keys.h"
#include "scenario/scenario.h"

static char path[64];

/* A scenario from text; NULL with the message in err. */
static struct scenario *load_text(const char *text, char *err, size_t err_len) {
  strcpy(path, "/tmp/cowalk-test-XXXXXX");
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, text, strlen(text)), strlen(text));
  close(fd);
  struct scenario *s = scenario_load(path, err, err_len);
  unlink(path);
  return s;
}

static void test_defaults(void **state) {
  struct machine_config c;
  enum mmu_arch arch[MMU_ARCH_COUNT];
  char err[400];
  struct scenario *s = scenario_create();
  (void)state;
  assert_int_equal(scenario_archs(s, arch), 3);
  scenario_config(s, MMU_ARCH_RISCV, &c);
  assert_int_equal(c.arch, MMU_ARCH_RISCV);
  assert_int_equal(c.os.mode, MMU_S1_SV39);
  assert_int_equal(c.cpus, 1);
  assert_int_equal(c.window, 8);
  assert_int_equal(c.backend, MACHINE_LOCKSTEP);
  assert_int_equal(c.os.memory_bytes, 64 << 20);
  assert_int_equal(c.os.swap_pages, 65536);
  assert_true(c.os.hw_a && c.os.hw_d);
  assert_null(c.fst);
  assert_false(scenario_check(s, err, sizeof err)); /* no program */
  assert_non_null(strstr(err, "program"));
  scenario_destroy(s);
}

static void test_values(void **state) {
  char err[400] = "";
  struct machine_config c;
  enum mmu_arch arch[MMU_ARCH_COUNT];
  (void)state;
  struct scenario *s = load_text(
      "; a comment\n"
      "[machine]\narch = riscv, x86\nriscv_mode = sv48\nmemory = 24M\n"
      "cpus = 2 ; two\n[mmu]\nbackend = model\nhw_d = off\nl2_sets = 0\n"
      "pwc_kind = physical\nreplacement = random\n"
      "[os]\nswap = 1G\na_flush = none\n[cost]\nipi = 77\n"
      "[workload]\nprogram = 3 * trace.zst\nprogram = synthetic:pages=7\n"
      "[expect]\nwalks = 12\n",
      err, sizeof err);
  assert_string_equal(err, "");
  assert_int_equal(scenario_archs(s, arch), 2);
  assert_int_equal(arch[1], MMU_ARCH_RISCV);
  scenario_config(s, MMU_ARCH_RISCV, &c);
  assert_int_equal(c.os.mode, MMU_S1_SV48);
  assert_int_equal(c.os.memory_bytes, 24 << 20);
  assert_int_equal(c.os.swap_pages, 1 << 18);
  assert_int_equal(c.os.a_flush, OS_A_FLUSH_NONE);
  assert_int_equal(c.cpus, 2);
  assert_int_equal(c.backend, MACHINE_MODEL);
  assert_false(c.os.hw_d);
  assert_int_equal(c.geometry.l2_sets, 0);
  assert_int_equal(c.geometry.pwc_kind, MMU_PWC_PHYSICAL);
  assert_int_equal(c.geometry.replacement, MMU_REPLACE_RANDOM);
  assert_int_equal(c.cost[OS_WORK_IPI], 77);
  assert_int_equal(scenario_expect(s, metric_find("walks")), 12);
  assert_int_equal(s->programs, 2);
  assert_int_equal(s->program[0].copies, 3);
  assert_string_equal(s->program[0].spec, "/tmp/trace.zst"); /* beside the scenario */
  assert_string_equal(s->program[1].spec, "synthetic:pages=7");
  scenario_destroy(s);
}

static void test_overrides(void **state) {
  char err[400] = "";
  struct scenario *s = load_text("[workload]\nprogram = a\nprogram = b\n", err, sizeof err);
  (void)state;
  assert_non_null(s);
  assert_true(scenario_set(s, "--set", "workload.program=2 * c.zst", err, sizeof err));
  assert_int_equal(s->programs, 1);
  assert_string_equal(s->program[0].spec, "c.zst");
  assert_true(scenario_set(s, "--set", "machine.memory=0x1000000", err, sizeof err));
  assert_int_equal(s->machine.os.memory_bytes, 16 << 20);
  assert_false(scenario_set(s, "--set", "machine.memory", err, sizeof err));
  assert_false(scenario_set(s, "--set", "memory=1M", err, sizeof err));
  assert_non_null(strstr(err, "section.key=value"));
  scenario_destroy(s);
}

/* Text, and two pieces that the message must hold: the place and the remedy. */
static void test_mistakes(void **state) {
  static const char *const cases[][3] = {
      {"[machine]\nmemroy = 1M\n", ":2: machine.memroy", "unknown key"},
      {"[machin]\nmemory = 1M\n", ":2: machin.memory", "unknown section"},
      {"[machine]\ncpus = 0\n", ":2: machine.cpus = 0", "from 1 to 16"},
      {"[machine]\n\ncpus = 17\n", ":3: machine.cpus", "from 1 to 16"},
      {"[machine]\ncpus = two\n", ":2: machine.cpus = two", "whole number"},
      {"[machine]\ncpus = -1\n", ":2:", "whole number"},
      {"[machine]\nmemory = 12Q\n", ":2: machine.memory = 12Q", "K, M, G"},
      {"[machine]\nmemory = 99999999999999G\n", ":2:", "K, M, G"},
      {"[machine]\nmemory = 1K\n", ":2:", "from 1048576"},
      {"[machine]\narch = mips\n", ":2: machine.arch", "x86, arm, riscv"},
      {"[machine]\narch =\n", ":2:", "x86, arm, riscv"},
      {"[mmu]\nbackend = verilog\n", ":2:", "rtl, model, lockstep"},
      {"[mmu]\nhw_a = maybe\n", ":2:", "yes or no"},
      {"[os]\nswap = 0\npolicy = lru\n", ":3: os.policy = lru",
       "one of clock, twolist, mglru, fifo, clock2, lru-sampled, arc-sampled, 2q-sampled"},
      {"[os]\npolicy =\n", ":2: os.policy", "one of clock"},
      {"[os]\na_flush = never\n", ":2: os.a_flush", "batch, page, none"},
      {"[mmu]\npwc_kind = 1\n", ":2: mmu.pwc_kind", "virtual, physical"},
      {"[mmu]\nreplacement = mru\n", ":2: mmu.replacement", "plru, lru, fifo, random"},
      {"[expect]\nwalkz = 1\n", ":2: expect.walkz", "unknown metric"},
      {"[expect]\nwalks = many\n", ":2: expect.walks", "whole number"},
      {"[workload]\nprogram = 0 * x\n", ":2:", "1 to 1000"},
      {"[workload]\nprogram = \n", ":2:", "synthetic:SETTINGS"},
      {"[machine\ncpus = 1\n", ":1:", "neither [section] nor key = value"},
      {"nonsense\n", ":1:", "neither [section] nor key = value"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char err[600] = "";
    struct scenario *s = load_text(cases[i][0], err, sizeof err);
    if (s != NULL) fail_msg("accepted: %s", cases[i][0]);
    if (strstr(err, path) == NULL || strstr(err, cases[i][1]) == NULL ||
        strstr(err, cases[i][2]) == NULL || strchr(err, '\n') != NULL)
      fail_msg("%s\n  gives: %s", cases[i][0], err);
  }
}

/* Programs are only opened when all keys are known; their mistakes have a place, too. */
static void test_bad_programs(void **state) {
  static const char *const cases[][3] = {
      {"[workload]\nprogram = synthetic:\n\nprogram = synthetic:foo=1\n", ":4: workload.program",
       "keys: pages"},
      {"[workload]\nprogram = hog:pages=-1\n", ":2: workload.program", "keys: kind"},
      {"[os]\nswap = 0\n[workload]\nprogram = list:foo,1\n", ":4: workload.program", "hs_X_Y"},
      {"[workload]\nprogram = no-such.zst\n", ":2: workload.program", "no-such.zst: No such file"},
      {"[workload]\nprogram = -\n", ":2: workload.program", "only once"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char err[900] = "";
    struct scenario *s = load_text(cases[i][0], err, sizeof err);
    if (s == NULL) fail_msg("%s gives: %s", cases[i][0], err);
    assert_false(scenario_check_programs(s, err, sizeof err));
    if (strncmp(err, path, strlen(path)) != 0 || strstr(err, cases[i][1]) == NULL ||
        strstr(err, cases[i][2]) == NULL || strchr(err, '\n') != NULL)
      fail_msg("%s\n  gives: %s", cases[i][0], err);
    assert_true(scenario_set(s, "--set", "workload.program=hog:x=1", err, sizeof err));
    assert_false(scenario_check_programs(s, err, sizeof err));
    assert_int_equal(strncmp(err, "--set workload.program: ", 24), 0);
    scenario_destroy(s);
  }
}

static void test_missing_file(void **state) {
  char err[400] = "";
  (void)state;
  assert_null(scenario_load("/no/such/scenario.ini", err, sizeof err));
  assert_non_null(strstr(err, "/no/such/scenario.ini"));
  assert_non_null(strstr(err, "No such file"));
  assert_null(scenario_load("/tmp", err, sizeof err));
  assert_non_null(strstr(err, "directory"));
}

static void test_values_that_do_not_fit(void **state) {
  static const char *const cases[][2] = {
      {"mmu.hw_a=no", "x86"},
      {"mmu.l2_sets=12", "power of two"},
      {"machine.reserved=40M", "half"},
      {"machine.memory=10000001", "multiple of 4K"},
      {"os.swap=100", "multiple of 4K"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char err[400] = "";
    struct scenario *s = load_text("[workload]\nprogram = synthetic:\n", err, sizeof err);
    assert_true(scenario_check(s, err, sizeof err));
    assert_true(scenario_set(s, "--set", cases[i][0], err, sizeof err));
    assert_false(scenario_check(s, err, sizeof err));
    if (strstr(err, cases[i][1]) == NULL) fail_msg("%s gives: %s", cases[i][0], err);
    scenario_destroy(s);
  }
}

/* Every key that takes a name refuses another, and says which there are; every number has ends. */
static void test_every_key_refuses(void **state) {
  (void)state;
  size_t names = 0;
  for (size_t i = 0; i < key_count(); i++) {
    const struct key *k = key_at(i);
    char text[200], err[900] = "", value[40] = "no-such-name", name[80];
    bool number = k->type == KEY_U32 || k->type == KEY_U64 || k->type == KEY_SIZE;
    if (k->type == KEY_TEXT) continue; /* a path */
    if (number && k->max != UINT64_MAX)
      (void)snprintf(value, sizeof value, "%llu", (unsigned long long)k->max + 1);
    if (number && k->max == UINT64_MAX) strcpy(value, "18446744073709551616");
    (void)snprintf(text, sizeof text, "\n[%s]\n%s = %s\n", k->section, k->name, value);
    (void)snprintf(name, sizeof name, ":3: %s.%s = %s: must be ", k->section, k->name, value);
    struct scenario *s = load_text(text, err, sizeof err);
    if (s != NULL || strstr(err, name) == NULL) fail_msg("%s gives: %s", text, err);
    for (size_t c = 0; key_choice(k, c) != NULL; c++, names++)
      if (strstr(err, key_choice(k, c)) == NULL) fail_msg("%s does not list it", err);
    if (!number || k->min == 0) continue;
    (void)snprintf(text, sizeof text, "[%s]\n%s = %llu\n", k->section, k->name,
                   (unsigned long long)k->min - 1);
    s = load_text(text, err, sizeof err);
    if (s != NULL || strstr(err, ":2: ") == NULL) fail_msg("%s gives: %s", text, err);
  }
  assert_true(names > 30);
}

/* What does not fit has a line, too, if the file gives it. */
static void test_lines_of_what_does_not_fit(void **state) {
  static const char *const cases[][2] = {
      {"[machine]\nreserved = 40M\n", ":4: machine.reserved takes"},
      {"[machine]\n\nmemory = 10000001\n", ":5: machine.memory must be"},
      {"[os]\nswap = 100\n", ":4: os.swap"},
      {"[mmu]\nhw_a = no\nhw_d = no\n", ":4: x86 always"},
      {"[mmu]\nbackend = model\n[trace]\nfst = a.fst\n", ":6: trace.fst needs"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char err[600] = "", text[200];
    (void)snprintf(text, sizeof text, "[workload]\nprogram = synthetic:\n%s", cases[i][0]);
    struct scenario *s = load_text(text, err, sizeof err);
    assert_non_null(s);
    assert_false(scenario_check(s, err, sizeof err));
    if (strstr(err, path) == NULL || strstr(err, cases[i][1]) == NULL)
      fail_msg("%s gives: %s", text, err);
    scenario_destroy(s);
  }
}

static void test_a_and_d_modes(void **state) {
  char err[400];
  (void)state;
  struct scenario *s = load_text(
      "[workload]\nprogram = synthetic:\n[machine]\narch = riscv\n"
      "[mmu]\nhw_d = no\n",
      err, sizeof err);
  assert_false(scenario_check(s, err, sizeof err)); /* Svadu does both or none */
  assert_true(scenario_set(s, "--set", "mmu.hw_a=no", err, sizeof err));
  assert_true(scenario_check(s, err, sizeof err));
  assert_true(scenario_set(s, "--set", "mmu.hw_d=yes", err, sizeof err));
  assert_true(scenario_set(s, "--set", "machine.arch=arm", err, sizeof err));
  assert_false(scenario_check(s, err, sizeof err)); /* HD needs HA */
  assert_true(scenario_set(s, "--set", "mmu.hw_a=yes", err, sizeof err));
  assert_true(scenario_set(s, "--set", "mmu.hw_d=no", err, sizeof err));
  assert_true(scenario_check(s, err, sizeof err));
  scenario_destroy(s);
}

/* What a key prints, it reads; every metric has a place for its minimum. */
static void test_every_key(void **state) {
  struct scenario *s = scenario_create();
  char name[80], value[SCENARIO_TEXT], setting[600], err[700];
  size_t i = 0;
  (void)state;
  for (; scenario_key(s, i, name, sizeof name, value, sizeof value); i++) {
    snprintf(setting, sizeof setting, "%s=%s", name, value);
    if (!scenario_set(s, "--set", setting, err, sizeof err)) fail_msg("%s", err);
  }
  assert_int_equal(i, key_count());
  assert_true(metric_count() <= SCENARIO_METRICS);
  for (size_t k = 0; k < metric_count(); k++)
    assert_int_equal(metric_find(metric_at(k)->name), k);
  scenario_destroy(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_defaults),
      cmocka_unit_test(test_values),
      cmocka_unit_test(test_overrides),
      cmocka_unit_test(test_mistakes),
      cmocka_unit_test(test_bad_programs),
      cmocka_unit_test(test_missing_file),
      cmocka_unit_test(test_values_that_do_not_fit),
      cmocka_unit_test(test_every_key_refuses),
      cmocka_unit_test(test_lines_of_what_does_not_fit),
      cmocka_unit_test(test_a_and_d_modes),
      cmocka_unit_test(test_every_key),
  };
  return cmocka_run_group_tests_name("scenario", tests, NULL, NULL);
}

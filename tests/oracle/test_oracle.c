/* SPDX-License-Identifier: Apache-2.0
 * Recorded results of an emulator (tests/oracle/record.sh; QEMU 7.2.22, Bochs 2.7) against the
 * rules, the model and the hardware, on machines that have no emulator; and whether the judge of
 * such results would notice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>

#include "oracle/files.h"
#include "oracle/replay.h"
#include "oracle/suite.h"

enum { VERSION = 7, MOST = 2000000 }; /* the deviations of x86 are those of any version */
enum { MISCONFIGURATION = 49 };       /* of EPT: defines no qualification */

struct kept {
  const struct oracle_arch *arch;
  char *bytes;
  FILE *f;
  uint32_t cases, next;
  uint32_t known;
  struct oracle_case c;
  struct oracle_raw raw;
  struct oracle_outcome seen;
};

static void *read_all(const char *path, size_t *size) {
  void *packed = malloc(MOST);
  FILE *f = fopen(path, "rb");
  assert_non_null(packed);
  assert_non_null(f);
  *size = fread(packed, 1, MOST, f);
  fclose(f);
  return packed;
}

static struct kept *open_kept(const char *name) {
  char path[64];
  size_t packed_size;
  struct kept *k = calloc(1, sizeof *k);
  assert_non_null(k);
  snprintf(path, sizeof path, "tests/oracle/%s.zst", name);
  void *packed = read_all(path, &packed_size);
  k->arch = oracle_arch_of(name);
  k->known = oracle_known(k->arch, VERSION);
  k->bytes = malloc(MOST);
  assert_non_null(k->bytes);
  size_t size = ZSTD_decompress(k->bytes, MOST, packed, packed_size);
  assert_false(ZSTD_isError(size));
  free(packed);
  k->f = fmemopen(k->bytes, size, "rb");
  assert_non_null(k->f);
  assert_int_equal(oracle_read_head(k->f, k->arch->arch, &k->cases), 0);
  return k;
}

static bool next(struct kept *k) {
  if (k->next == k->cases) return false;
  assert_int_equal(oracle_read_case(k->f, k->arch, &k->c), 0);
  assert_int_equal(oracle_read_kept(k->f, k->next, &k->c, &k->raw), 0);
  oracle_observe(k->arch, &k->c, &k->raw, &k->seen);
  k->next++;
  return true;
}

static void close_kept(struct kept *k) {
  assert_true(k->next > 400);
  fclose(k->f);
  free(k->bytes);
  free(k);
}

static enum oracle_verdict judge(struct kept *k, uint32_t known, uint32_t *excepted, char *why) {
  struct oracle_class class;
  return oracle_judge(k->arch, &k->c, known, &k->seen, &class, excepted, why, 160);
}

static void recorded_as_predicted(void **state) {
  struct kept *k = open_kept(*state);
  uint32_t excepted, agree = 0, all = 0;
  char why[160];
  while (next(k)) {
    enum oracle_verdict v = judge(k, k->known, &excepted, why);
    if (v >= ORACLE_STALE) fail_msg("case %u: %s", k->next - 1, why);
    agree += v == ORACLE_AGREES;
    all |= excepted;
  }
  assert_true(agree > k->cases / 2);
  assert_true(all != 0 || k->arch == &oracle_ryzen); /* it has one, which is rare */
  close_kept(k);
}

static void replay(const char *arch, const char *backend) {
  struct kept *k = open_kept(arch);
  char err[400], why[160];
  struct oracle_replay *r = oracle_replay_new(k->arch, backend, err, sizeof err);
  assert_non_null(r);
  while (next(k)) {
    struct oracle_outcome ours;
    struct oracle_expected e;
    int status = oracle_replay_run(r, &k->c, &ours, err, sizeof err);
    if (status == ORACLE_REPLAY_UNTOLD) continue;
    if (status != 0) fail_msg("case %u: %s", k->next - 1, err);
    oracle_expect(k->arch, &k->c, 0, &e);
    if (oracle_differs(&e, &ours, why, sizeof why) != NULL)
      fail_msg("case %u: %s", k->next - 1, why);
  }
  oracle_replay_free(r);
  close_kept(k);
}

static void model_as_recorded(void **state) {
  replay(*state, "model");
}

static void hardware_as_recorded(void **state) {
  replay(*state, "lockstep");
}

/* One bit of a result at a time is wrong. */
static void judge_notices_a_bit(void **state) {
  struct kept *k = open_kept(*state);
  uint32_t excepted;
  char why[160];
  while (next(k)) {
    const struct oracle_outcome right = k->seen;
    k->seen.taker = right.taker == ORACLE_GUEST ? ORACLE_HYPERVISOR : ORACLE_GUEST;
    assert_true(judge(k, k->known, &excepted, why) >= ORACLE_STALE);
    k->seen = right;
    k->seen.memory.word[k->next % right.memory.count].value ^= UINT64_C(1) << 40;
    assert_true(judge(k, k->known, &excepted, why) >= ORACLE_STALE);
    k->seen = right;
    if (right.taker == ORACLE_NOBODY) continue;
    unsigned i = right.reg[0] == MISCONFIGURATION ? 0 : k->next % 2;
    k->seen.reg[i] ^= UINT64_C(1) << (i == 0 ? k->next / 2 % 6 : 20);
    assert_true(judge(k, k->known, &excepted, why) >= ORACLE_STALE);
  }
  close_kept(k);
}

/* An exception that is no longer one, and one that is not known. */
static void exceptions_are_exact(void **state) {
  struct kept *k = open_kept(*state);
  uint32_t excepted, stale = 0, unknown = 0;
  char why[160];
  while (next(k)) {
    struct oracle_expected manual;
    if (judge(k, k->known, &excepted, why) != ORACLE_EXCEPTED) continue;
    assert_true(judge(k, k->known & ~excepted, &excepted, why) != ORACLE_AGREES);
    unknown++;
    oracle_expect(k->arch, &k->c, 0, &manual);
    k->seen = manual.outcome;
    stale += judge(k, k->known, &excepted, why) == ORACLE_STALE;
  }
  assert_true(unknown > 20);
  assert_true(stale > unknown / 2);
  close_kept(k);
}

static void generator_repeats(void **state) {
  const struct oracle_arch *arch = oracle_arch_of(*state);
  struct oracle_bins *bins = oracle_bins_new(arch);
  assert_non_null(bins);
  for (uint32_t i = 0; i < oracle_bins_count(bins); i += 7) {
    struct fuzz_random a = {.state = i}, b = {.state = i};
    struct oracle_case c, d;
    struct oracle_class aim = oracle_bins_class(bins, i);
    assert_true(oracle_make(arch, &a, &aim, false, oracle_known(arch, VERSION), &c));
    assert_true(oracle_make(arch, &b, &aim, false, oracle_known(arch, VERSION), &d));
    assert_memory_equal(c.reg, d.reg, sizeof c.reg);
    assert_int_equal(c.memory.count, d.memory.count);
    assert_memory_equal(c.memory.word, d.memory.word, c.memory.count * sizeof c.memory.word[0]);
  }
  oracle_bins_free(bins);
}

#define ON(arch, f) \
  { #f " (" #arch ")", f, NULL, NULL, (void *)arch }
#define MOST_OF(f) ON(arm64, f), ON(riscv, f), ON(amd, f), ON(intel, f)
#define ALL(f) MOST_OF(f), ON(ryzen, f)

int main(void) {
  static char arm64[] = "arm64", riscv[] = "riscv";
  static char amd[] = "amd", intel[] = "intel", ryzen[] = "ryzen";
  const struct CMUnitTest tests[] = {
      ALL(recorded_as_predicted), ALL(model_as_recorded),        ALL(hardware_as_recorded),
      ALL(judge_notices_a_bit),   MOST_OF(exceptions_are_exact), /* Bochs has too few on ryzen */
      ALL(generator_repeats),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 * The host's side of `make oracle`:
 *   oracle make ARCH SEED CASES FILE         make the cases
 *   oracle judge ARCH FILE RESULTS VERSION   compare what an emulator made of them
 *   oracle replay ARCH FILE BACKEND          compare what a backend of our own makes of them
 *   oracle record ARCH FILE RESULTS EVERY    every so many of them, with the results, to stdout
 * ARCH: arm64, riscv, amd, intel, ryzen. VERSION: the emulator's first number. BACKEND: rtl, model,
 * lockstep. */
#include <stdlib.h>
#include <string.h>

#include "oracle/files.h"
#include "oracle/replay.h"
#include "oracle/suite.h"

enum { SHOWN = 20, FREE_PERCENT = 40, ENOUGH = 10000 };

static int usage(void) {
  fputs(
      "usage: oracle make ARCH SEED CASES FILE\n       oracle judge ARCH FILE RESULTS VERSION\n"
      "       oracle replay ARCH FILE BACKEND\n       oracle record ARCH FILE RESULTS EVERY\n",
      stderr);
  return 2;
}

static int make(const struct oracle_arch *arch, uint64_t seed, uint32_t cases, const char *path) {
  struct fuzz_random r = {.state = seed};
  struct oracle_bins *bins = oracle_bins_new(arch);
  FILE *f = fopen(path, "wb");
  uint32_t missed = 0;
  if (bins == NULL || f == NULL || oracle_write_head(f, arch->arch, cases) != 0) return 1;
  uint32_t count = oracle_bins_count(bins);
  for (uint32_t i = 0, aim = 0; i < cases; aim++) {
    struct oracle_case c;
    struct oracle_class k = oracle_bins_class(bins, aim % count);
    bool anyhow = aim >= count && fuzz_chance(&r, FREE_PERCENT);
    bool made = oracle_make(arch, &r, &k, anyhow, oracle_known(arch, 7), &c);
    if (!made && aim < count) {
      char text[160];
      oracle_class_text(&k, text, sizeof text);
      printf("  no case found: %s\n", text);
      missed++;
    }
    if (!made) continue;
    if (oracle_write_case(f, i++, &c) != 0) return 1;
  }
  oracle_bins_free(bins);
  return fclose(f) == 0 && missed == 0 ? 0 : 1;
}

struct tally {
  uint32_t cases, verdict[4], exception[32], unexpected;
};

static void complain(uint32_t index, const struct oracle_class *k, enum oracle_verdict v,
                     const char *why) {
  static const char *const words[4] = {"", "", "no deviation where one is known", "differs"};
  char text[160];
  oracle_class_text(k, text, sizeof text);
  printf("  case %u %s: %s\n      %s\n", index, words[v], text, why);
}

static void count_exceptions(struct tally *t, uint32_t excepted) {
  for (unsigned i = 0; i < 32; i++)
    t->exception[i] += excepted >> i & 1;
}

/* An exception may not grow; nor may it vanish, for then a rule has become what the emulator does.
 */
static bool wrong_share(const struct oracle_arch *arch, size_t i, uint64_t count, uint64_t cases) {
  if (arch->most == NULL || cases < ENOUGH) return false;
  bool many = count * 100 > arch->most[i] * cases;
  if (many) printf("  that is more than %u percent of all\n", arch->most[i]);
  if (count == 0) printf("  there should be some\n");
  return many || count == 0;
}

static int report(const struct oracle_arch *arch, const struct oracle_bins *bins,
                  const struct tally *t, uint32_t cases) {
  uint32_t empty = oracle_bins_print(bins, stdout), excess = 0;
  for (size_t i = 0; i < arch->deviation_count; i++) {
    const struct oracle_deviation *d = &arch->deviations[i];
    unsigned n = 0;
    while (d->bit >> n != 1)
      n++;
    printf("  exception %-22s %6u cases; %s\n", d->name, t->exception[n], d->manual);
    excess += wrong_share(arch, i, t->exception[n], t->cases);
  }
  uint32_t bad =
      t->verdict[ORACLE_DIFFERS] + t->verdict[ORACLE_STALE] + t->unexpected + (cases - t->cases);
  printf("%s: %u cases, %u agree, %u excepted as predicted, %u differ, %u bins empty\n", arch->name,
         t->cases, t->verdict[ORACLE_AGREES], t->verdict[ORACLE_EXCEPTED], bad, empty);
  return bad == 0 && empty == 0 && excess == 0 ? 0 : 1;
}

static int judge(const struct oracle_arch *arch, const char *path, const char *results,
                 unsigned version) {
  FILE *f = fopen(path, "rb"), *g = fopen(results, "rb");
  struct oracle_bins *bins = oracle_bins_new(arch);
  struct tally t = {0};
  uint32_t cases, known = oracle_known(arch, version), shown = 0;
  if (f == NULL || g == NULL || bins == NULL || oracle_read_head(f, arch->arch, &cases) != 0)
    return 1;
  for (; t.cases < cases; t.cases++) {
    struct oracle_case c;
    struct oracle_raw raw;
    struct oracle_outcome seen;
    struct oracle_class class;
    uint32_t excepted;
    char why[160] = "";
    if (oracle_read_case(f, arch, &c) != 0) break;
    if (oracle_read_result(g, arch, t.cases, &c, &raw) != 0) {
      printf("  the emulator stopped in case %u\n", t.cases);
      break;
    }
    oracle_observe(arch, &c, &raw, &seen);
    enum oracle_verdict v =
        oracle_judge(arch, &c, known, &seen, &class, &excepted, why, sizeof why);
    t.verdict[v]++;
    if (!oracle_bins_add(bins, &class)) {
      t.unexpected++;
      complain(t.cases, &class, ORACLE_DIFFERS, "no access was said to be able to end like this");
    }
    count_exceptions(&t, excepted);
    if (v >= ORACLE_STALE && shown++ < SHOWN) complain(t.cases, &class, v, why);
  }
  fclose(f);
  fclose(g);
  int status = report(arch, bins, &t, cases);
  oracle_bins_free(bins);
  return status;
}

static int replay(const struct oracle_arch *arch, const char *path, const char *backend) {
  char err[2000];
  uint32_t cases, differ = 0, untold = 0, i = 0;
  FILE *f = fopen(path, "rb");
  struct oracle_replay *r = oracle_replay_new(arch, backend, err, sizeof err);
  if (r == NULL) printf("  %s\n", err);
  if (f == NULL || r == NULL || oracle_read_head(f, arch->arch, &cases) != 0) return 1;
  for (; i < cases; i++) {
    struct oracle_case c;
    struct oracle_outcome seen;
    struct oracle_expected e;
    char why[160];
    if (oracle_read_case(f, arch, &c) != 0) break;
    int status = oracle_replay_run(r, &c, &seen, err, sizeof err);
    if (status < 0) {
      printf("  the backend stopped in case %u: %s\n", i, err);
      break;
    }
    untold += status == ORACLE_REPLAY_UNTOLD;
    if (status == ORACLE_REPLAY_UNTOLD) continue;
    oracle_expect(arch, &c, 0, &e);
    if (oracle_differs(&e, &seen, why, sizeof why) == NULL) continue;
    if (differ++ < SHOWN) complain(i, &e.class, ORACLE_DIFFERS, why);
  }
  fclose(f);
  oracle_replay_free(r);
  printf("%s: %u cases on %s, %u agree, %u untold, %u differ\n", arch->name, i, backend,
         i - differ - untold, untold, differ + (cases - i));
  return i == cases && differ == 0 ? 0 : 1;
}

static int record(const struct oracle_arch *arch, const char *path, const char *results,
                  uint32_t every) {
  uint32_t cases, kept = 0;
  FILE *f = fopen(path, "rb"), *g = fopen(results, "rb");
  if (f == NULL || g == NULL || every == 0 || oracle_read_head(f, arch->arch, &cases) != 0)
    return 1;
  if (oracle_write_head(stdout, arch->arch, (cases + every - 1) / every) != 0) return 1;
  for (uint32_t i = 0; i < cases; i++) {
    struct oracle_case c;
    struct oracle_raw raw;
    if (oracle_read_case(f, arch, &c) != 0 || oracle_read_result(g, arch, i, &c, &raw) != 0)
      return 1;
    if (i % every != 0) continue;
    if (oracle_write_case(stdout, kept, &c) != 0 || oracle_write_raw(stdout, kept, &c, &raw) != 0)
      return 1;
    kept++;
  }
  fclose(f);
  fclose(g);
  return fflush(stdout) == 0 ? 0 : 1;
}

static uint32_t number(const char *text) {
  return (uint32_t)strtoul(text, NULL, 0);
}

int main(int argc, char **argv) {
  const struct oracle_arch *arch = argc >= 5 ? oracle_arch_of(argv[2]) : NULL;
  if (arch == NULL) return usage();
  if (argc == 5 && strcmp(argv[1], "replay") == 0) return replay(arch, argv[3], argv[4]);
  if (argc != 6) return usage();
  if (strcmp(argv[1], "make") == 0)
    return make(arch, strtoull(argv[3], NULL, 0), number(argv[4]), argv[5]);
  if (strcmp(argv[1], "judge") == 0) return judge(arch, argv[3], argv[4], number(argv[5]));
  if (strcmp(argv[1], "record") == 0) return record(arch, argv[3], argv[4], number(argv[5]));
  return usage();
}

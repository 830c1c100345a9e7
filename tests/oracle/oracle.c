/* SPDX-License-Identifier: Apache-2.0
 * The host's side of `make oracle`:
 *   oracle make ARCH SEED CASES FILE              make the cases
 *   oracle judge ARCH FILE RESULTS VERSION        compare what an emulator made of them
 * ARCH: arm64, riscv. VERSION: the emulator's first number. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/files.h"
#include "oracle/suite.h"

enum { SHOWN = 20 };

static int usage(void) {
  fputs("usage: oracle make ARCH SEED CASES FILE | oracle judge ARCH FILE RESULTS VERSION\n",
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
    bool made = oracle_make(arch, &r, &k, oracle_known(arch, 7), &c);
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
  uint32_t cases, verdict[4], exception[32];
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

static int report(const struct oracle_arch *arch, const struct oracle_bins *bins,
                  const struct tally *t, uint32_t cases) {
  uint32_t empty = oracle_bins_print(bins, stdout);
  for (size_t i = 0; i < arch->deviation_count; i++) {
    const struct oracle_deviation *d = &arch->deviations[i];
    unsigned n = 0;
    while (d->bit >> n != 1)
      n++;
    printf("  exception %-22s %6u cases; %s\n", d->name, t->exception[n], d->manual);
  }
  uint32_t bad = t->verdict[ORACLE_DIFFERS] + t->verdict[ORACLE_STALE] + (cases - t->cases);
  printf("%s: %u cases, %u agree, %u excepted as predicted, %u differ, %u bins empty\n", arch->name,
         t->cases, t->verdict[ORACLE_AGREES], t->verdict[ORACLE_EXCEPTED], bad, empty);
  return bad == 0 && empty == 0 ? 0 : 1;
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
    struct oracle_outcome seen;
    struct oracle_class class;
    uint32_t excepted;
    char why[160] = "";
    if (oracle_read_case(f, arch, &c) != 0) break;
    if (oracle_read_result(g, arch, t.cases, &c, &seen) != 0) {
      printf("  the emulator stopped in case %u\n", t.cases);
      break;
    }
    enum oracle_verdict v =
        oracle_judge(arch, &c, known, &seen, &class, &excepted, why, sizeof why);
    t.verdict[v]++;
    oracle_bins_add(bins, &class);
    count_exceptions(&t, excepted);
    if (v >= ORACLE_STALE && shown++ < SHOWN) complain(t.cases, &class, v, why);
  }
  fclose(f);
  fclose(g);
  int status = report(arch, bins, &t, cases);
  oracle_bins_free(bins);
  return status;
}

int main(int argc, char **argv) {
  const struct oracle_arch *arch = argc == 6 ? oracle_arch_of(argv[2]) : NULL;
  if (arch == NULL) return usage();
  if (strcmp(argv[1], "make") == 0)
    return make(arch, strtoull(argv[3], NULL, 0), (uint32_t)strtoul(argv[4], NULL, 0), argv[5]);
  if (strcmp(argv[1], "judge") == 0)
    return judge(arch, argv[3], argv[4], (unsigned)strtoul(argv[5], NULL, 0));
  return usage();
}

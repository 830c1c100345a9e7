/* SPDX-License-Identifier: Apache-2.0
 * Judging a case. The rule for exceptions: what an emulator shows must be exactly what the manual
 * says, or exactly what its known deviations predict where that is something else. */
#include "oracle/suite.h"

#include <string.h>

#include "oracle/change.h"

enum { ATTEMPTS = 300 };

bool oracle_make(const struct oracle_arch *arch, struct fuzz_random *r,
                 const struct oracle_class *aim, bool anyhow, uint32_t known,
                 struct oracle_case *c) {
  for (unsigned i = 0; i < ATTEMPTS; i++) {
    struct oracle_expected e;
    *c = (struct oracle_case){
        .memory = {.first = arch->ram, .last = arch->ram + arch->ram_bytes - 1}};
    if (!arch->generate(r, aim, c)) continue;
    oracle_expect(arch, c, 0, &e);
    if (e.outcome.taker == ORACLE_LOST) continue;
    if (!anyhow && !oracle_bins_same(&e.class, aim)) continue;
    oracle_expect(arch, c, known, &e);
    if (e.outcome.taker != ORACLE_LOST && e.outcome.memory.count == c->memory.count) return true;
  }
  return false;
}

uint32_t oracle_known(const struct oracle_arch *arch, unsigned version) {
  uint32_t known = 0;
  for (size_t i = 0; i < arch->deviation_count; i++) {
    const struct oracle_deviation *d = &arch->deviations[i];
    if (version >= d->first && version <= d->last) known |= d->bit;
  }
  return known;
}

/* Without one of them, is the prediction no longer what was seen? */
static bool matters(const struct oracle_arch *arch, const struct oracle_case *c, uint32_t known,
                    uint32_t bit, const struct oracle_outcome *seen,
                    struct oracle_expected *without) {
  char why[160];
  oracle_expect(arch, c, known & ~bit, without);
  return oracle_differs(without, seen, why, sizeof why) != NULL;
}

/* The guest took the same; only what its vector's fetch has marked as accessed is another. */
static bool vector_only(const struct oracle_expected *a, const struct oracle_expected *b) {
  return a->outcome.taker == ORACLE_GUEST && oracle_only_bits(a, b, 0);
}

/* A set of `known` that predicts what was seen, each of which matters. */
static uint32_t least_set(const struct oracle_arch *arch, const struct oracle_case *c,
                          uint32_t known, const struct oracle_outcome *seen) {
  struct oracle_expected without;
  uint32_t set = known, before;
  do {
    before = set;
    for (size_t i = 0; i < arch->deviation_count; i++) {
      uint32_t bit = arch->deviations[i].bit;
      if ((set & bit) && !matters(arch, c, set, bit, seen, &without)) set &= ~bit;
    }
  } while (set != before);
  return set;
}

/* 0 if one of the set makes a difference that is not its own to make. */
static uint32_t responsible(const struct oracle_arch *arch, const struct oracle_case *c,
                            uint32_t known, const struct oracle_outcome *seen) {
  struct oracle_expected with, without;
  uint32_t set = least_set(arch, c, known, seen);
  oracle_expect(arch, c, set, &with);
  for (size_t i = 0; i < arch->deviation_count; i++) {
    const struct oracle_deviation *d = &arch->deviations[i];
    if (!(set & d->bit)) continue;
    oracle_expect(arch, c, set & ~d->bit, &without);
    if (!d->explains(c, &without, &with) && !vector_only(&without, &with)) return 0;
  }
  return set;
}

enum oracle_verdict oracle_judge(const struct oracle_arch *arch, const struct oracle_case *c,
                                 uint32_t known, const struct oracle_outcome *seen,
                                 struct oracle_class *class, uint32_t *excepted, char *why,
                                 size_t size) {
  struct oracle_expected manual, predicted;
  char ignored[160];
  oracle_expect(arch, c, 0, &manual);
  oracle_expect(arch, c, known, &predicted);
  *class = manual.class;
  *excepted = 0;
  bool deviates = oracle_differs(&manual, &predicted.outcome, ignored, sizeof ignored) != NULL;
  bool by_manual = oracle_differs(&manual, seen, why, size) == NULL;
  if (by_manual && !deviates) return ORACLE_AGREES;
  if (oracle_differs(&predicted, seen, by_manual ? ignored : why,
                     by_manual ? sizeof ignored : size) != NULL)
    return by_manual ? ORACLE_STALE : ORACLE_DIFFERS;
  *excepted = responsible(arch, c, known, seen);
  return *excepted != 0 ? ORACLE_EXCEPTED : ORACLE_DIFFERS;
}

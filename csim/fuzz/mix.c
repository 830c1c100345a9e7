/* SPDX-License-Identifier: Apache-2.0
 * See mix.h. Promise: every answer under a context with a stage 2 is counted in one place. */
#include "fuzz/mix.h"

#include <inttypes.h>

void fuzz_mix_count(struct fuzz_mix *m, const struct mmu_context *c, const struct mmu_response *a) {
  const struct mmu_fault *f = &a->fault;
  if (c->s2_mode < MMU_S2_EPT) return;
  m->accesses++;
  if (a->status == MMU_OK) {
    m->ok++;
    m->hits += a->hit;
    m->pages[0][a->s1_shift & 63]++;
    m->pages[1][a->s2_shift & 63]++;
  } else if (a->status == MMU_RETRY) {
    m->retries++;
  } else if (!f->stage2) {
    m->guest[f->cause]++;
  } else {
    m->nested[f->cause][f->on_walk       ? RULES_ABOUT_TABLE
                        : f->on_ad_write ? RULES_ABOUT_SWAP
                                         : RULES_ABOUT_FINAL]++;
  }
}

uint64_t fuzz_mix_nested_faults(const struct fuzz_mix *m) {
  uint64_t sum = 0;
  for (unsigned c = 0; c < MMU_CAUSE_COUNT; c++)
    for (unsigned a = 0; a <= RULES_ABOUT_FINAL; a++)
      sum += m->nested[c][a];
  return sum;
}

static const char *cause_name(unsigned cause) {
  static const char *const name[MMU_CAUSE_COUNT] = {
      "none",       "not present",  "reserved",      "permission",    "access flag",
      "dirty flag", "address size", "non-canonical", "root size",     "root disabled",
      "bus",        "no atomics",   "parity",        "protection key"};
  return name[cause];
}

static void print_pages(const uint64_t pages[64], const char *stage, FILE *out) {
  fprintf(out, "  answers by page of %s:", stage);
  for (unsigned s = 0; s < 64; s++)
    if (pages[s] != 0) fprintf(out, " 2^%u %" PRIu64, s, pages[s]);
  fprintf(out, "\n");
}

void fuzz_mix_print(const struct fuzz_mix *m, FILE *out) {
  print_pages(m->pages[0], "stage 1", out);
  print_pages(m->pages[1], "stage 2", out);
  fprintf(out, "  %-16s %10s %10s %10s %10s\n", "faults", "stage 1", "table", "swap", "final");
  for (unsigned c = 0; c < MMU_CAUSE_COUNT; c++) {
    const uint64_t *n = m->nested[c];
    if (m->guest[c] + n[0] + n[1] + n[2] != 0)
      fprintf(out, "  %-16s %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64 "\n",
              cause_name(c), m->guest[c], n[RULES_ABOUT_TABLE], n[RULES_ABOUT_SWAP],
              n[RULES_ABOUT_FINAL]);
  }
}

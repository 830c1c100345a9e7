/* SPDX-License-Identifier: Apache-2.0
 * See coverage_nested.h. Source of the legal list: Intel SDM vol. 3 "EPT Misconfigurations", "EPT
 * Violations"; AMD APM vol. 2, 15.25; Arm ARM D8 (stage 2); RISC-V hypervisor extension. */
#include "observer/coverage_nested.h"

#include <inttypes.h>

#include "observer/coverage.h"

_Static_assert(COVERAGE_LEVELS == 6 && COVERAGE_KINDS == 4, "as in COVERAGE_NESTED_BINS");

static uint32_t bin_index(const struct coverage_nested_bin *b) {
  uint32_t i = b->mode - (uint32_t)MMU_S2_EPT;
  i = i * MMU_CAUSE_COUNT + b->cause;
  i = i * COVERAGE_LEVELS + b->level;
  i = i * COVERAGE_QUESTIONS + b->question;
  return i * COVERAGE_KINDS + b->kind;
}

static struct coverage_nested_bin bin_at(uint32_t i) {
  struct coverage_nested_bin b;
  b.kind = (uint8_t)(i % COVERAGE_KINDS);
  i /= COVERAGE_KINDS;
  b.question = (uint8_t)(i % COVERAGE_QUESTIONS);
  i /= COVERAGE_QUESTIONS;
  b.level = (uint8_t)(i % COVERAGE_LEVELS);
  i /= COVERAGE_LEVELS;
  b.cause = (uint8_t)(i % MMU_CAUSE_COUNT);
  b.mode = (uint8_t)(MMU_S2_EPT + i / MMU_CAUSE_COUNT);
  return b;
}

static bool root_cause(uint8_t cause) {
  return cause == MMU_CAUSE_NON_CANONICAL || cause == MMU_CAUSE_ROOT_SIZE;
}

void coverage_nested_count(struct coverage_nested *c, const struct mmu_context *ctx,
                           const struct mmu_access *acc, const struct mmu_response *answer) {
  const struct mmu_fault *f = &answer->fault;
  struct coverage_nested_bin b = {.mode = ctx->s2_mode, .kind = acc->kind & 3};
  if (b.mode < MMU_S2_EPT || b.mode > MMU_S2_RISCV) return;
  if (answer->status == MMU_OK) {
    b.question = COVERAGE_FINAL;
    b.level = (uint8_t)((answer->s2_shift - 12) / 9); /* a group's is its pages' */
  } else if (answer->status == MMU_FAULT && f->stage2) {
    b.question = f->on_walk ? COVERAGE_TABLE : f->on_ad_write ? COVERAGE_SWAP : COVERAGE_FINAL;
    b.cause = f->cause;
    b.level = root_cause(b.cause) ? COVERAGE_NO_LEVEL : f->s2_level;
  } else {
    return;
  }
  if (b.cause < MMU_CAUSE_COUNT && b.level < COVERAGE_LEVELS) c->count[bin_index(&b)]++;
}

/* ---- what is possible ---- */

bool coverage_nested_legal(const struct coverage_nested_bin *b) {
  const bool arm = b->mode == MMU_S2_ARM, riscv = b->mode == MMU_S2_RISCV;
  const bool table = b->level <= (arm ? 3 : 4), leaf = b->level <= (riscv ? 4 : 2);
  const bool writes = b->kind == MMU_WRITE || b->kind == MMU_RMW;
  switch (b->cause) {
    case MMU_CAUSE_NONE:
      return leaf && b->question == COVERAGE_FINAL;
    case MMU_CAUSE_NOT_PRESENT:
    case MMU_CAUSE_BUS:
    case MMU_CAUSE_PARITY:
      return table;
    case MMU_CAUSE_RESERVED: /* Arm: a block where none may be, no page at the last level */
      return arm ? b->level == 0 || b->level == 3 : table;
    case MMU_CAUSE_PERMISSION:
      return leaf;
    case MMU_CAUSE_ACCESS_FLAG: /* EPT and NPT have no such fault */
      return (arm || riscv) && leaf;
    case MMU_CAUSE_DIRTY_FLAG: /* of writes; Arm has a read-only page instead */
      return riscv && leaf &&
             (b->question == COVERAGE_SWAP || (b->question == COVERAGE_FINAL && writes));
    case MMU_CAUSE_ADDRESS_SIZE: /* EPT and NPT: reserved bits */
      return (arm || riscv) && table;
    case MMU_CAUSE_NO_ATOMIC: /* EPT and NPT write A into pointers too */
      return arm || riscv ? leaf : table;
    case MMU_CAUSE_NON_CANONICAL: /* found before a table is read, so before it can be updated */
    case MMU_CAUSE_ROOT_SIZE:
      return b->level == COVERAGE_NO_LEVEL && b->question != COVERAGE_SWAP;
    default:
      return false;
  }
}

/* ---- reading it ---- */

static bool of_arch(uint8_t mode, enum mmu_arch arch) {
  static const uint8_t arch_of[COVERAGE_S2_MODES] = {MMU_ARCH_X86, MMU_ARCH_X86, MMU_ARCH_ARM,
                                                     MMU_ARCH_RISCV};
  return arch_of[mode - MMU_S2_EPT] == arch;
}

bool coverage_nested_next(const struct coverage_nested *c, enum mmu_arch arch, uint32_t *cursor,
                          struct coverage_nested_bin *bin, uint64_t *count) {
  while (*cursor < COVERAGE_NESTED_BINS) {
    uint32_t i = (*cursor)++;
    *bin = bin_at(i);
    *count = c->count[i];
    if (of_arch(bin->mode, arch) && (*count != 0 || coverage_nested_legal(bin))) return true;
  }
  return false;
}

bool coverage_nested_any(const struct coverage_nested *c, enum mmu_arch arch) {
  for (uint32_t i = 0; i < COVERAGE_NESTED_BINS; i++)
    if (c->count[i] != 0 && of_arch(bin_at(i).mode, arch)) return true;
  return false;
}

static const char *mode_name(uint8_t mode) {
  static const char *const name[COVERAGE_S2_MODES] = {"EPT", "NPT", "Arm", "G-stage"};
  return name[mode - MMU_S2_EPT];
}

void coverage_nested_name(const struct coverage_nested_bin *b, char *out, size_t out_len) {
  static const char *const question[COVERAGE_QUESTIONS] = {"table of a ", "table update of a ", ""};
  char level[16] = "no level";
  if (b->level != COVERAGE_NO_LEVEL) snprintf(level, sizeof level, "level %u", b->level);
  snprintf(out, out_len, "%s, %s%s, %s, %s", mode_name(b->mode), question[b->question],
           coverage_kind_name(b->kind), coverage_cause_name(b->cause), level);
}

void coverage_nested_print(const struct coverage_nested *c, enum mmu_arch arch, FILE *out) {
  struct coverage_nested_bin b, row = {.level = UINT8_MAX};
  uint64_t n;
  uint32_t column = 0;
  fprintf(out,
          "  stage 2: t- asked for a table, u- for an update of one, f- for the access itself\n");
  fprintf(out, "  %-7s %-13s %5s", "mode", "outcome", "level");
  for (int i = 0; i < COVERAGE_KINDS * COVERAGE_QUESTIONS; i++)
    fprintf(out, " %c-%-6s", "tuf"[i / COVERAGE_KINDS],
            coverage_kind_name((uint8_t)(i % COVERAGE_KINDS)));
  for (uint32_t cursor = 0; coverage_nested_next(c, arch, &cursor, &b, &n); column++) {
    if (b.mode != row.mode || b.cause != row.cause || b.level != row.level) {
      char level[8] = "-";
      if (b.level != COVERAGE_NO_LEVEL) snprintf(level, sizeof level, "%u", b.level);
      fprintf(out, "\n  %-7s %-13s %5s", mode_name(b.mode), coverage_cause_name(b.cause), level);
      row = b;
      column = 0;
    }
    for (; column < (uint32_t)(b.question * COVERAGE_KINDS + b.kind); column++)
      fprintf(out, " %8s", "-");
    fprintf(out, " %8" PRIu64, n);
  }
  fprintf(out, "\n");
}

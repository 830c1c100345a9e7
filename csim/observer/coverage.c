/* SPDX-License-Identifier: Apache-2.0
 * Counts answers by bin, and says which bins the architectures make possible. Source of the legal
 * list: Intel SDM vol. 3 chapter 4, Arm ARM chapter D8, RISC-V privileged ISA (supervisor
 * chapter, Svnapot). Promise: every answer lands in exactly one bin. */
#include "observer/coverage.h"

#include <inttypes.h>
#include <stdlib.h>

enum { SIZES = 9 };
static const uint8_t size_shift[SIZES] = {0, 12, 16, 21, 25, 30, 34, 39, 48};
#define BINS (COVERAGE_LEVELS * SIZES * MMU_CAUSE_COUNT * COVERAGE_KINDS * COVERAGE_PRIVS)

struct coverage {
  uint64_t count[MMU_ARCH_COUNT][BINS];
  struct coverage_nested nested;
  struct coverage_operations operations;
};

struct coverage *coverage_create(void) {
  return calloc(1, sizeof(struct coverage));
}

void coverage_destroy(struct coverage *c) {
  free(c);
}

static uint32_t size_index(uint8_t shift) {
  uint32_t i = 0;
  while (i < SIZES && size_shift[i] != shift)
    i++;
  return i; /* SIZES: no such page */
}

static uint32_t bin_index(const struct coverage_bin *b) {
  uint32_t i = b->cause;
  i = i * COVERAGE_LEVELS + b->level;
  i = i * SIZES + size_index(b->shift);
  i = i * COVERAGE_PRIVS + b->priv;
  return i * COVERAGE_KINDS + b->kind;
}

static struct coverage_bin bin_at(uint32_t i) {
  struct coverage_bin b;
  b.kind = (uint8_t)(i % COVERAGE_KINDS);
  i /= COVERAGE_KINDS;
  b.priv = (uint8_t)(i % COVERAGE_PRIVS);
  i /= COVERAGE_PRIVS;
  b.shift = size_shift[i % SIZES];
  i /= SIZES;
  b.level = (uint8_t)(i % COVERAGE_LEVELS);
  b.cause = (uint8_t)(i / COVERAGE_LEVELS);
  return b;
}

/* Causes judged on a leaf that is otherwise well formed: the page size is known. */
static bool leaf_cause(uint8_t cause) {
  return cause == MMU_CAUSE_PERMISSION || cause == MMU_CAUSE_ACCESS_FLAG ||
         cause == MMU_CAUSE_DIRTY_FLAG || cause == MMU_CAUSE_PKEY;
}

static bool root_cause(uint8_t cause) {
  return cause == MMU_CAUSE_NON_CANONICAL || cause == MMU_CAUSE_ROOT_SIZE ||
         cause == MMU_CAUSE_ROOT_DISABLED;
}

void coverage_count(struct coverage *c, enum mmu_arch arch, const struct mmu_context *ctx,
                    const struct mmu_access *acc, const struct mmu_response *answer) {
  if (answer->status == MMU_RETRY || arch >= MMU_ARCH_COUNT) return;
  if (ctx->s2_mode >= MMU_S2_EPT) {
    coverage_nested_count(&c->nested, ctx, acc, answer);
    return;
  }
  struct coverage_bin b = {.level = COVERAGE_NO_LEVEL, .kind = acc->kind & 3};
  b.priv = ctx->priv == MMU_USER && !acc->implicit_sup ? MMU_USER : MMU_SUPERVISOR;
  bool off = ctx->s1_mode == MMU_S1_OFF;
  if (answer->status == MMU_OK) {
    if (!off) {
      b.shift = answer->s1_shift;
      b.level = (uint8_t)((answer->s1_shift - 12) / 9);
    }
  } else {
    b.cause = answer->fault.cause;
    if (!off && !root_cause(b.cause)) b.level = answer->fault.s1_level;
    if (leaf_cause(b.cause)) b.shift = (uint8_t)(12 + 9 * b.level);
  }
  if (b.cause < MMU_CAUSE_COUNT && b.level < COVERAGE_LEVELS && size_index(b.shift) < SIZES)
    c->count[arch][bin_index(&b)]++;
}

const struct coverage_nested *coverage_stage2(const struct coverage *c) {
  return &c->nested;
}

void coverage_count_operation(struct coverage *c, enum mmu_arch arch, const struct mmu_inval *inv) {
  coverage_operations_count(&c->operations, arch, inv);
}

const struct coverage_operations *coverage_invalidations(const struct coverage *c) {
  return &c->operations;
}

uint64_t coverage_get(const struct coverage *c, enum mmu_arch arch,
                      const struct coverage_bin *bin) {
  return c->count[arch][bin_index(bin)];
}

/* ---- what is possible ---- */

/* Highest table, and highest descriptor that may map a page, of the formats modelled. */
static uint8_t top_table(enum mmu_arch a) {
  return a == MMU_ARCH_ARM ? 3 : 4;
}
static uint8_t top_leaf(enum mmu_arch a) {
  return a == MMU_ARCH_RISCV ? 4 : 2;
}

static bool legal_level(enum mmu_arch a, const struct coverage_bin *b) {
  uint8_t table = top_table(a);
  uint8_t leaf = top_leaf(a);
  bool write = b->kind == MMU_WRITE || b->kind == MMU_RMW;
  switch (b->cause) {
    case MMU_CAUSE_NONE:
    case MMU_CAUSE_PERMISSION:
      return b->level <= leaf;
    case MMU_CAUSE_NOT_PRESENT:
    case MMU_CAUSE_BUS:
    case MMU_CAUSE_PARITY:
      return b->level <= table;
    case MMU_CAUSE_RESERVED: /* Arm: a block where none may be, no page at the last level */
      return a == MMU_ARCH_ARM ? b->level == 0 || b->level == 3 : b->level <= table;
    case MMU_CAUSE_ACCESS_FLAG: /* x86 sets A itself */
      return a != MMU_ARCH_X86 && b->level <= leaf;
    case MMU_CAUSE_DIRTY_FLAG: /* Arm has a read-only page instead */
      return a == MMU_ARCH_RISCV && write && b->level <= leaf;
    case MMU_CAUSE_ADDRESS_SIZE: /* x86: reserved bits */
      return a != MMU_ARCH_X86 && b->level <= table;
    case MMU_CAUSE_NO_ATOMIC: /* x86 writes A into pointers too */
      return b->level <= (a == MMU_ARCH_X86 ? table : leaf);
    case MMU_CAUSE_PKEY: /* data accesses to user pages */
      return a == MMU_ARCH_X86 && b->kind != MMU_FETCH && b->level <= leaf;
    default: /* root causes have no level */
      return false;
  }
}

static bool legal_without_level(enum mmu_arch a, uint8_t cause) {
  switch (cause) {
    case MMU_CAUSE_NONE: /* stage 1 off */
    case MMU_CAUSE_NON_CANONICAL:
      return true;
    case MMU_CAUSE_ADDRESS_SIZE: /* stage 1 off; x86 in long mode always has it on */
    case MMU_CAUSE_ROOT_SIZE:    /* x86: MOV CR3 refuses such a root */
      return a != MMU_ARCH_X86;
    case MMU_CAUSE_ROOT_DISABLED:
      return a == MMU_ARCH_ARM;
    default:
      return false;
  }
}

/* Translated by one descriptor of a group of 16. */
static bool group(enum mmu_arch a, const struct coverage_bin *b) {
  bool exists = a == MMU_ARCH_ARM || (a == MMU_ARCH_RISCV && b->level == 0);
  return exists && b->cause == MMU_CAUSE_NONE && b->shift == 12 + 9 * b->level + 4;
}

bool coverage_legal(enum mmu_arch arch, const struct coverage_bin *b) {
  if (b->level == COVERAGE_NO_LEVEL) return b->shift == 0 && legal_without_level(arch, b->cause);
  bool page = b->cause == MMU_CAUSE_NONE || leaf_cause(b->cause);
  if (b->shift != (page ? 12 + 9 * b->level : 0) && !group(arch, b)) return false;
  return legal_level(arch, b);
}

/* ---- reading it ---- */

bool coverage_next(const struct coverage *c, enum mmu_arch arch, uint32_t *cursor,
                   struct coverage_bin *bin, uint64_t *count) {
  while (*cursor < BINS) {
    uint32_t i = (*cursor)++;
    *bin = bin_at(i);
    *count = c->count[arch][i];
    if (*count != 0 || coverage_legal(arch, bin)) return true;
  }
  return false;
}

struct coverage_summary coverage_sum(const struct coverage *c, enum mmu_arch arch, uint64_t least) {
  struct coverage_summary s = {.fewest = UINT64_MAX};
  struct coverage_bin b;
  uint64_t n;
  for (uint32_t cursor = 0; coverage_next(c, arch, &cursor, &b, &n);) {
    s.answers += n;
    if (!coverage_legal(arch, &b)) {
      s.illegal++;
      continue;
    }
    s.legal++;
    s.reached += n != 0;
    s.full += n >= least;
    if (n < s.fewest) s.fewest = n;
  }
  struct coverage_operation op;
  bool two_stages = coverage_nested_any(&c->nested, arch);
  for (uint32_t cursor = 0; coverage_operations_next(&c->operations, arch, &cursor, &op, &n);) {
    if (op.of_stage2 && !two_stages) continue;
    s.operations++;
    s.operations_full += n >= least;
  }
  return s;
}

const char *coverage_cause_name(uint8_t cause) {
  static const char *const name[MMU_CAUSE_COUNT] = {
      "translated", "not present",  "reserved",      "permission",    "access flag",
      "dirty flag", "address size", "non-canonical", "root size",     "root disabled",
      "bus error",  "no atomic",    "parity",        "protection key"};
  return cause < MMU_CAUSE_COUNT ? name[cause] : "?";
}

static const char *size_name(uint8_t shift) {
  static const char *const name[SIZES] = {"",      "4 KiB",  "64 KiB",  "2 MiB",  "32 MiB",
                                          "1 GiB", "16 GiB", "512 GiB", "256 TiB"};
  return name[size_index(shift)];
}

const char *coverage_kind_name(uint8_t kind) {
  static const char *const name[COVERAGE_KINDS] = {"read", "write", "fetch", "modify"};
  return name[kind & 3];
}

void coverage_name(const struct coverage_bin *b, char *out, size_t out_len) {
  char level[16] = "no level";
  if (b->level != COVERAGE_NO_LEVEL) snprintf(level, sizeof level, "level %u", b->level);
  snprintf(out, out_len, "%s %s, %s, %s%s%s", b->priv == MMU_USER ? "user" : "supervisor",
           coverage_kind_name(b->kind), coverage_cause_name(b->cause), level,
           b->shift != 0 ? ", " : "", size_name(b->shift));
}

void coverage_print(const struct coverage *c, enum mmu_arch arch, FILE *out) {
  struct coverage_bin b;
  uint64_t n;
  uint32_t column = 0;
  fprintf(out, "  %-14s %5s %8s", "outcome", "level", "page");
  for (int i = 0; i < COVERAGE_KINDS * COVERAGE_PRIVS; i++)
    fprintf(out, " %2s%-7s", i < COVERAGE_KINDS ? "u-" : "s-",
            coverage_kind_name((uint8_t)(i % COVERAGE_KINDS)));
  struct coverage_bin row = {.level = UINT8_MAX};
  for (uint32_t cursor = 0; coverage_next(c, arch, &cursor, &b, &n); column++) {
    if (b.cause != row.cause || b.level != row.level || b.shift != row.shift) {
      char level[8] = "-";
      if (b.level != COVERAGE_NO_LEVEL) snprintf(level, sizeof level, "%u", b.level);
      fprintf(out, "\n  %-14s %5s %8s", coverage_cause_name(b.cause), level, size_name(b.shift));
      row = b;
      column = 0;
    }
    for (; column < (uint32_t)(b.priv * COVERAGE_KINDS + b.kind); column++)
      fprintf(out, " %9s", "-");
    fprintf(out, " %9" PRIu64, n);
  }
  coverage_operations_print(&c->operations, arch, out);
}

/* SPDX-License-Identifier: Apache-2.0
 * Questions to the rules of stage 2, for their tests: one question, and every bit of a descriptor
 * flipped against an expectation that is spelled out. */
#ifndef COWALK_TESTS_STAGE2_ASK_H
#define COWALK_TESTS_STAGE2_ASK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "rules/rules.h"

struct ask {
  const struct rules_ops *rules;
  struct mmu_context ctx;
  struct mmu_access acc;
  enum rules_about about;
  bool user_page;
  uint8_t rights; /* gathered above; 0 stands for all */
};

static inline struct rules_s2_step ask(const struct ask *a, uint8_t level, uint64_t pte) {
  struct rules_s2_need need;
  struct rules_s2_step s;
  a->rules->s2_need(&a->ctx, &a->acc, a->about, a->user_page, &need);
  a->rules->s2_step(&a->ctx, &a->acc, a->about, &need, level, pte,
                    a->rights != 0 ? a->rights : RULES_ALL_S2_RIGHTS, &s);
  return s;
}

/* The outcome in a letter: . goes on, n absent, r reserved, p permission, a access flag, d dirty
 * flag, s address size. */
static inline char outcome(const struct rules_s2_step *s) {
  static const char letters[MMU_CAUSE_COUNT] = {
      [MMU_CAUSE_NOT_PRESENT] = 'n', [MMU_CAUSE_RESERVED] = 'r',     [MMU_CAUSE_PERMISSION] = 'p',
      [MMU_CAUSE_ACCESS_FLAG] = 'a', [MMU_CAUSE_ADDRESS_SIZE] = 's', [MMU_CAUSE_DIRTY_FLAG] = 'd'};
  if (s->kind != RULES_FAULT) return '.';
  return letters[s->cause] != 0 ? letters[s->cause] : '?';
}

static inline char ask_letter(const struct ask *a, uint8_t level, uint64_t pte) {
  struct rules_s2_step s = ask(a, level, pte);
  assert_false(s.kind == RULES_FAULT && s.update);
  if (s.cause == MMU_CAUSE_NOT_PRESENT) assert_int_equal(s.rights, 0);
  return outcome(&s);
}

/* `want` has a letter for each bit, 63 first; a digit n says the letter before it n times in all,
 * two digits always; spaces are for the eye. */
static inline void flip_each(const struct ask *a, uint8_t level, uint64_t base, const char *want) {
  char letters[64];
  int n = 0;
  for (const char *p = want; *p != 0; p++) {
    if (*p == ' ') continue;
    if (*p >= '0' && *p <= '9') {
      int times = (p[0] - '0') * 10 + (p[1] - '0');
      for (int i = 1; i < times && n < 64; i++, n++)
        letters[n] = letters[n - 1];
      p++;
    } else if (n < 64) {
      letters[n++] = *p;
    }
  }
  if (n != 64) fail_msg("\"%s\" spells %d bits", want, n);
  for (int bit = 0; bit < 64; bit++) {
    char got = ask_letter(a, level, base ^ UINT64_C(1) << bit);
    if (got != letters[63 - bit])
      fail_msg("level %u, %#llx with bit %d flipped: %c, expected %c", level,
               (unsigned long long)base, bit, got, letters[63 - bit]);
  }
}

static inline struct rules_root root_of(const struct ask *a, uint64_t gpa) {
  struct rules_root r;
  a->rules->s2_root(&a->ctx, gpa, &r);
  return r;
}

struct fault_row {
  struct mmu_access acc;
  struct mmu_fault f;
  uint64_t reg[4], open[4]; /* what the manual says, and which bits it leaves open */
};

/* `defined` must leave open what the row says, and such bits are 0. */
static inline void expect_registers(const struct ask *a, const struct fault_row *row,
                                    struct mmu_syndrome *out) {
  uint64_t mask[4];
  a->rules->syndrome(&a->ctx, &row->acc, &row->f, out);
  a->rules->defined(&a->ctx, &row->acc, &row->f, mask);
  for (unsigned i = 0; i < 4; i++) {
    if (out->reg[i] != row->reg[i] || mask[i] != ~row->open[i])
      fail_msg("cause %u, access %u: register %u is %#llx, defined %#llx; expected %#llx, %#llx",
               row->f.cause, row->acc.kind, i, (unsigned long long)out->reg[i],
               (unsigned long long)mask[i], (unsigned long long)row->reg[i],
               (unsigned long long)~row->open[i]);
  }
}

#endif

/* SPDX-License-Identifier: Apache-2.0
 * One row of the fault vectors, read (README.md). Header-only, so that another test may drive the
 * rows through a memory management unit. */
#ifndef COWALK_TESTS_VECTOR_H
#define COWALK_TESTS_VECTOR_H

#include <stdlib.h>
#include <string.h>

#include "backend/mmu.h"

struct vector {
  struct mmu_context ctx; /* without the tables: roots are 0 */
  struct mmu_access acc;
  struct mmu_fault f;
  uint64_t reg[4], defined[4];
  bool to_hyp, gva;
};

enum {
  VECTOR_S1,
  VECTOR_S2,
  VECTOR_WITH,
  VECTOR_PRIV,
  VECTOR_ACCESS,
  VECTOR_OP,
  VECTOR_SIZE,
  VECTOR_INSN,
  VECTOR_VA,
  VECTOR_STAGE,
  VECTOR_QUESTION,
  VECTOR_HEIGHT,
  VECTOR_CAUSE,
  VECTOR_RIGHTS1,
  VECTOR_RIGHTS2,
  VECTOR_GPA,
  VECTOR_TAKER,
  VECTOR_GVA,
  VECTOR_REG0,
  VECTOR_COLUMNS = VECTOR_REG0 + 4
};

/* The place of a word in a list that ends with NULL, or -1. */
static inline int vector_find(const char *const list[], const char *word) {
  for (int i = 0; list[i] != NULL; i++)
    if (strcmp(list[i], word) == 0) return i;
  return -1;
}

static inline bool vector_s1(const char *word, struct mmu_context *c) {
  static const char *const modes[] = {"off",  "4-level", "5-level", "4k",
                                      "sv39", "sv48",    "sv57",    NULL}; /* enum mmu_s1_mode */
  const int mode = vector_find(modes, word);
  c->s1_mode = (uint8_t)mode;
  c->pa_width = mode == MMU_S1_ARM_4K ? 48 : 52;
  if (mode == MMU_S1_ARM_4K) c->t0sz = c->t1sz = 16;
  return mode >= 0;
}

static inline bool vector_s2(const char *word, struct mmu_context *c) {
  static const struct {
    const char *word;
    uint8_t mode, top, t0sz;
  } row[] = {{"off", MMU_S2_OFF, 0, 0},        {"ept4", MMU_S2_EPT, 3, 0},
             {"ept5", MMU_S2_EPT, 4, 0},       {"npt4", MMU_S2_NPT, 3, 0},
             {"npt5", MMU_S2_NPT, 4, 0},       {"arm-l0-48", MMU_S2_ARM, 3, 16},
             {"arm-l1-40", MMU_S2_ARM, 2, 24}, {"arm-l2-34", MMU_S2_ARM, 1, 30},
             {"sv39x4", MMU_S2_RISCV, 2, 0},   {"sv48x4", MMU_S2_RISCV, 3, 0},
             {"sv57x4", MMU_S2_RISCV, 4, 0}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    if (strcmp(row[i].word, word) != 0) continue;
    c->s2_mode = row[i].mode;
    c->s2_top = row[i].top;
    c->s2_t0sz = row[i].t0sz;
    if (c->s2_mode != MMU_S2_OFF) c->s2_pa_width = 46;
    if (c->s2_mode == MMU_S2_NPT) c->s2_hw_a = c->s2_hw_d = true;
    return true;
  }
  return false;
}

/* One setting. */
static inline bool vector_with(const char *word, struct vector *v) {
  struct mmu_context *c = &v->ctx;
  const struct {
    const char *word;
    bool *is;
  } row[] = {{"nxe", &c->nxe},
             {"smep", &c->smep},
             {"smap", &c->smap},
             {"wp", &c->wp},
             {"pke", &c->pke},
             {"pan", &c->pan},
             {"implicit", &v->acc.implicit_sup},
             {"hlvx", &v->acc.exec_as_read},
             {"ad", &c->s2_hw_a},
             {"mbec", &c->s2_mbec},
             {"info", &c->s2_exit_info},
             {"execonly", &c->s2_exec_only},
             {"hostnxe", &c->s2_nxe}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    if (strcmp(row[i].word, word) != 0) continue;
    *row[i].is = true;
    if (row[i].is == &c->s2_hw_a) c->s2_hw_d = true;
    return true;
  }
  return false;
}

static inline bool vector_settings(char *words, struct vector *v) {
  char *next = NULL;
  for (char *w = strtok_r(words, " ", &next); w != NULL; w = strtok_r(NULL, " ", &next))
    if (!vector_with(w, v)) return false;
  return true;
}

/* Each letter is the bit of its place. */
static inline bool vector_rights(const char *letters, const char *order, uint8_t *out) {
  *out = 0;
  for (; *letters != 0; letters++) {
    const char *at = strchr(order, *letters);
    if (at == NULL) return false;
    *out |= (uint8_t)(1U << (at - order));
  }
  return true;
}

/* value, value~undefined, or - */
static inline bool vector_register(const char *word, uint64_t *value, uint64_t *defined) {
  char *end;
  *value = *defined = 0;
  if (strcmp(word, "-") == 0) return true;
  *value = strtoull(word, &end, 16);
  *defined = UINT64_MAX;
  if (*end == '~') *defined = ~strtoull(end + 1, &end, 16);
  return *end == 0 && end != word;
}

static inline bool vector_fault(char *cell[], struct mmu_fault *f) {
  static const char *const causes[] = {
      "none",       "not-present",  "reserved",      "permission", "access-flag",
      "dirty-flag", "address-size", "non-canonical", "root-size",  "root-disabled",
      "bus",        "no-atomic",    "parity",        "pkey",       NULL}; /* enum mmu_cause */
  static const char *const questions[] = {"final", "table", "swap", NULL};
  const int cause = vector_find(causes, cell[VECTOR_CAUSE]);
  const int question = vector_find(questions, cell[VECTOR_QUESTION]);
  const uint8_t height = (uint8_t)atoi(cell[VECTOR_HEIGHT]);
  if (cause < 0 || question < 0) return false;
  f->gva = strtoull(cell[VECTOR_VA], NULL, 16);
  f->gpa = strtoull(cell[VECTOR_GPA], NULL, 16);
  f->cause = (uint8_t)cause;
  f->stage2 = cell[VECTOR_STAGE][0] == '2';
  *(f->stage2 ? &f->s2_level : &f->s1_level) = height;
  f->on_walk = question == 1;
  f->on_ad_write = question == 2;
  if (cause >= MMU_CAUSE_BUS && cause <= MMU_CAUSE_PARITY)
    f->mem_error = (uint8_t)(cause - MMU_CAUSE_BUS + MMU_MEM_BUS);
  return vector_rights(cell[VECTOR_RIGHTS1], "RWXrwxU", &f->s1_rights) &&
         vector_rights(cell[VECTOR_RIGHTS2], "rwus", &f->s2_rights);
}

/* Reads one row, and writes into it. NULL, or the cell that it cannot read. */
static inline const char *vector_parse(char *line, struct vector *v) {
  static const char *const privs[] = {"user", "supervisor", "hypervisor", NULL};
  static const char *const kinds[] = {"read", "write", "fetch", "rmw", NULL};
  static const char *const ops[] = {"normal", "cache", "translate", NULL};
  char *cell[VECTOR_COLUMNS];
  line[strcspn(line, "\n")] = 0;
  for (unsigned i = 0; i < VECTOR_COLUMNS; i++) {
    if (line == NULL) return "too few cells";
    cell[i] = line;
    line = strchr(line, ',');
    if (line != NULL) *line++ = 0;
  }
  if (line != NULL) return line;
  *v = (struct vector){.to_hyp = strcmp(cell[VECTOR_TAKER], "hypervisor") == 0,
                       .gva = cell[VECTOR_GVA][0] == '1'};
  const int priv = vector_find(privs, cell[VECTOR_PRIV]);
  const int kind = vector_find(kinds, cell[VECTOR_ACCESS]), op = vector_find(ops, cell[VECTOR_OP]);
  if (priv < 0 || kind < 0 || op < 0) return cell[VECTOR_ACCESS];
  v->ctx.priv = (uint8_t)priv;
  v->acc.kind = (uint8_t)kind;
  v->acc.op = (uint8_t)op;
  v->acc.size = (uint8_t)atoi(cell[VECTOR_SIZE]);
  v->acc.insn = (uint32_t)strtoul(cell[VECTOR_INSN], NULL, 16);
  if (!vector_s1(cell[VECTOR_S1], &v->ctx)) return cell[VECTOR_S1];
  if (!vector_s2(cell[VECTOR_S2], &v->ctx)) return cell[VECTOR_S2];
  if (!vector_settings(cell[VECTOR_WITH], v)) return cell[VECTOR_WITH];
  if (!vector_fault(cell, &v->f)) return cell[VECTOR_CAUSE];
  for (unsigned i = 0; i < 4; i++)
    if (!vector_register(cell[VECTOR_REG0 + i], &v->reg[i], &v->defined[i]))
      return cell[VECTOR_REG0 + i];
  return NULL;
}

#endif

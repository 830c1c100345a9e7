/* SPDX-License-Identifier: Apache-2.0
 * What a case must show: its accesses are walked one after the other on the case's own memory. */
#include <inttypes.h>
#include <string.h>

#include "oracle/oracle.h"

static void classify(const struct oracle_access *a, const struct oracle_walk *w,
                     struct oracle_class *k) {
  const struct mmu_fault *f = &w->fault;
  bool s2 = a->ctx.s2_mode > MMU_S2_PASS;
  k->kind = a->acc.kind;
  k->door = (uint8_t)(k->door | (a->ctx.priv == MMU_USER ? 0 : 1));
  k->regime = !s2 ? ORACLE_S1_ONLY : a->ctx.s1_mode == MMU_S1_OFF ? ORACLE_S2_ONLY : ORACLE_BOTH;
  k->table = 0;
  if (w->status == MMU_OK) {
    k->where = ORACLE_DONE;
    k->level = w->s1_leaf;
    k->cause = w->s2_leaf;
    return;
  }
  k->cause = f->cause;
  k->where = !f->stage2       ? ORACLE_STAGE1
             : f->on_walk     ? ORACLE_S2_TABLE
             : f->on_ad_write ? ORACLE_S2_SWAP
                              : ORACLE_S2_FINAL;
  k->level = f->stage2 ? f->s2_level : f->s1_level;
  if (f->on_walk || f->on_ad_write) k->table = f->s1_level;
}

/* The access got through: what it does to its page. */
static void perform(const struct oracle_arch *arch, const struct oracle_access *a, uint64_t pa,
                    struct oracle_expected *e) {
  struct oracle_outcome *o = &e->outcome;
  o->taker = ORACLE_NOBODY;
  if (a->acc.op == MMU_OP_TRANSLATE) {
    o->value = oracle_par_of_address(pa);
    return;
  }
  e->any_value = a->acc.kind == MMU_WRITE || a->acc.implicit_sup;
  if (!oracle_in_ram(&o->memory, pa)) {
    for (unsigned i = 0; i < 4; i++)
      e->defined[i] = UINT64_MAX;
    if (arch->astray == NULL || !arch->astray(a, pa, o)) o->taker = ORACLE_LOST;
    return;
  }
  struct oracle_word *w = oracle_find(&o->memory, pa & ~UINT64_C(7));
  if (a->acc.kind == MMU_FETCH) {
    o->value = oracle_page_number(pa);
    if (w == NULL || w->value != arch->landing(pa)) o->taker = ORACLE_LOST;
    return;
  }
  if (w == NULL || !oracle_read(&o->memory, w->addr, &o->value)) {
    o->taker = ORACLE_LOST; /* no case is made to go there */
    return;
  }
  if (a->acc.size == 2) o->value &= UINT32_MAX;
  if (a->acc.kind != MMU_READ) w->value = oracle_stored(w->value, a->acc.size);
}

static void take(enum mmu_arch arch, const struct oracle_access *a, const struct oracle_walk *w,
                 struct oracle_expected *e) {
  const struct mmu_syndrome *s = &w->syndrome;
  if (a->acc.op == MMU_OP_TRANSLATE && !s->to_hyp && w->fault.cause != MMU_CAUSE_BUS) {
    e->outcome.value = oracle_par_of_fault(s->reg[0]);
    return;
  }
  e->outcome.taker = s->to_hyp ? ORACLE_HYPERVISOR : ORACLE_GUEST;
  e->outcome.gva = s->gva;
  memcpy(e->outcome.reg, s->reg, sizeof s->reg);
  memcpy(e->defined, w->defined, sizeof w->defined);
  if (!s->to_hyp && arch != MMU_ARCH_X86) e->defined[2] = e->defined[3] = 0;
  e->partly = arch == MMU_ARCH_X86;
  e->zero_instead = arch == MMU_ARCH_RISCV && !w->fault.on_walk && !w->fault.on_ad_write;
}

/* The guest took it, so its vector is fetched; a case for which that brings the guest another fault
 * would never end. */
static void follow_vector(const struct oracle_arch *arch, const struct oracle_case *c,
                          uint32_t deviations, struct oracle_expected *e) {
  struct oracle_access a;
  struct oracle_walk w;
  uint64_t word = 0;
  if (e->outcome.taker != ORACLE_GUEST || arch->vector == NULL) return;
  arch->vector(c, &a);
  oracle_walk(arch->arch, &a, deviations, &e->outcome.memory, &w);
  if (w.status == MMU_FAULT && w.syndrome.to_hyp) return;
  if (w.status == MMU_OK && oracle_read(&e->outcome.memory, w.pa, &word) &&
      word == arch->vector_word)
    return;
  e->outcome.taker = ORACLE_LOST;
}

static void walk(const struct oracle_arch *arch, const struct oracle_access *a, uint32_t deviations,
                 struct oracle_expected *e, struct oracle_walk *w) {
  struct oracle_access half = *a;
  if (a->acc.kind == MMU_RMW && (deviations & ORACLE_DEV_SPLIT_RMW)) {
    half.acc.kind = MMU_READ;
    oracle_walk(arch->arch, &half, deviations, &e->outcome.memory, w);
    if (w->status == MMU_FAULT) return;
    half.acc.kind = MMU_WRITE;
  }
  oracle_walk(arch->arch, &half, deviations, &e->outcome.memory, w);
}

/* Is the instruction where its fetch went? */
static bool fetched(const struct oracle_memory *m, uint64_t pa, const struct oracle_access *next) {
  uint64_t word;
  return oracle_read(m, pa, &word) && (uint32_t)word == next->acc.insn;
}

static void faulted(const struct oracle_arch *arch, const struct oracle_case *c,
                    const struct oracle_access *a, uint32_t deviations, const struct oracle_walk *w,
                    struct oracle_expected *e) {
  memcpy(e->open_addr, w->open_addr, sizeof w->open_addr);
  memcpy(e->may, w->may, sizeof w->may);
  take(arch->arch, a, w, e);
  follow_vector(arch, c, deviations, e);
}

void oracle_expect(const struct oracle_arch *arch, const struct oracle_case *c, uint32_t deviations,
                   struct oracle_expected *e) {
  struct oracle_access list[ORACLE_ACCESSES];
  struct oracle_walk w = {0};
  unsigned n = arch->accesses(c, list);
  *e = (struct oracle_expected){.outcome.memory = c->memory};
  for (unsigned i = 0; i < n; i++) {
    e->before = e->outcome.memory;
    walk(arch, &list[i], deviations, e, &w);
    e->class.door = c->door != 0 && i == n - 1 ? 2 : 0;
    classify(&list[i], &w, &e->class);
    if (w.status == MMU_FAULT) {
      faulted(arch, c, &list[i], deviations, &w, e);
      return;
    }
    if (i == 0 && n > 1 && !fetched(&e->outcome.memory, w.pa, &list[1])) {
      e->outcome.taker = ORACLE_LOST;
      return;
    }
  }
  perform(arch, &list[n - 1], w.pa, e);
  follow_vector(arch, c, deviations, e);
}

static const char *say(char *why, size_t size, const char *what, uint64_t expected, uint64_t seen) {
  snprintf(why, size, "%s: expected %016" PRIx64 ", seen %016" PRIx64, what, expected, seen);
  return why;
}

static bool is_open(const struct oracle_expected *e, uint64_t addr, uint64_t value) {
  for (unsigned i = 0; i < 2; i++)
    if (e->open_addr[i] == addr && addr != 0 && e->may[i] == value) return true;
  return false;
}

static bool is_between(const struct oracle_expected *e, uint32_t i, uint64_t value) {
  uint64_t before = e->before.word[i].value;
  return e->partly && ((value ^ before) & ~(e->outcome.memory.word[i].value ^ before)) == 0;
}

static const char *memory_differs(const struct oracle_expected *e, const struct oracle_memory *seen,
                                  char *why, size_t size) {
  const struct oracle_memory *m = &e->outcome.memory;
  for (uint32_t i = 0; i < seen->count; i++) {
    const struct oracle_word *a = &m->word[i], *b = &seen->word[i];
    if (a->value == b->value || is_open(e, a->addr, b->value) || is_between(e, i, b->value))
      continue;
    char what[40];
    snprintf(what, sizeof what, "word at %09" PRIx64, a->addr);
    return say(why, size, what, a->value, b->value);
  }
  return NULL;
}

const char *oracle_differs(const struct oracle_expected *e, const struct oracle_outcome *seen,
                           char *why, size_t size) {
  static const char *const names[4] = {"register 0", "register 1", "register 2", "register 3"};
  const struct oracle_outcome *o = &e->outcome;
  if (o->taker != seen->taker) return say(why, size, "taker", o->taker, seen->taker);
  if (o->taker == ORACLE_NOBODY && !e->any_value && o->value != seen->value)
    return say(why, size, "value", o->value, seen->value);
  for (unsigned i = 0; i < 4 && o->taker != ORACLE_NOBODY; i++) {
    if (i == 3 && e->zero_instead && seen->reg[3] == 0) continue;
    if (((o->reg[i] ^ seen->reg[i]) & e->defined[i]) != 0)
      return say(why, size, names[i], o->reg[i], seen->reg[i]);
  }
  if (o->gva != seen->gva) return say(why, size, "GVA", o->gva, seen->gva);
  return memory_differs(e, &seen->memory, why, size);
}

/* SPDX-License-Identifier: Apache-2.0
 * The judge on answers: a translation must be what its own walk found, or what the hardware may
 * still remember; a fault must have been met by this very walk, and its record and registers must
 * be those of the manual (csim/rules). */
#include <inttypes.h>
#include <string.h>

#include "backend/judge_parts.h"

static bool fits(const struct mmu_response *a, uint64_t base, uint8_t shift, uint8_t attrs,
                 uint64_t va) {
  return a->pa == (base | (va & ~(UINT64_MAX << shift))) && a->s1_shift == shift &&
         a->attrs == attrs;
}

/* Is there a live entry that allows the access and gives this answer? */
static bool remembered(struct judge *j, const struct judge_story *s, const struct mmu_response *a) {
  struct judge_node *n = NULL;
  bool first = true;
  if (a->s1_shift > 63) return false;
  while ((n = judge_cache_find(j->cache, s->va, s->space, s->ctx.asid, false, a->s1_shift, n)) !=
         NULL) {
    if (rules_allows(&s->need, n->rights, n->attrs) && (!s->need.write || n->dirty) &&
        fits(a, n->base, n->shift, n->attrs, s->req.va)) {
      j->counts.stale += !first;
      return true;
    }
    first = false;
  }
  return false;
}

static void tell_remembered(struct judge *j, const struct judge_story *s, size_t *used) {
  unsigned told = 0;
  for (uint8_t size = 0; size < 2 * 5; size++) { /* of each level: a page, and a group of pages */
    uint8_t shift = (uint8_t)(judge_range_of(size / 2) + (size & 1) * RULES_GROUP_BITS);
    struct judge_node *n = NULL;
    while (told < 8 && (n = judge_cache_find(j->cache, s->va, s->space, s->ctx.asid, false, shift,
                                             n)) != NULL) {
      judge_say(j->text, used,
                "%spa %#" PRIx64 " page 2^%u attrs %#x (descriptor [%#" PRIx64 "] = %#" PRIx64
                "%s%s)",
                told++ == 0 ? "" : "; or ", n->base | (s->req.va & ~(UINT64_MAX << n->shift)),
                n->shift, n->attrs, n->addr, n->value,
                rules_allows(&s->need, n->rights, n->attrs) ? "" : ", not for this access",
                s->need.write && !n->dirty ? ", not dirty" : "");
    }
  }
  judge_say(j->text, used, "%s\n", told == 0 ? "no answer without a walk" : "");
}

/* What its own walk says to an answer: NULL if nothing or the same, else why it is refused. */
static const char *walk_objects(const struct judge_story *s, const struct mmu_response *a) {
  const char *why = NULL;
  if (s->state != JUDGE_READ) return NULL;
  for (uint32_t i = 0; i < s->ways; i++) {
    const struct rules_step *t = &s->way[i].step;
    if (t->kind == RULES_TABLE) return NULL; /* not finished: then from what it remembers */
    if (t->kind == RULES_FAULT)
      why = "an answer where its own walk met a fault";
    else if (t->update && !s->swapped)
      why = "an answer before the A/D update that it needs";
    else if (fits(a, t->next, t->shift, t->attrs, s->req.va))
      return NULL;
    else
      why = "the answer is not what its own walk found";
  }
  return why;
}

/* Did its own walk end in this answer, and is what it read still good? */
static bool own_walk_says(const struct judge *j, const struct judge_story *s,
                          const struct mmu_response *a) {
  if (s->state != JUDGE_READ) return false;
  for (uint32_t i = 0; i < s->ways; i++) {
    const struct rules_step *t = &s->way[i].step;
    struct rules_entry e = judge_entry(s, t->shift, t->global, false);
    if (t->kind == RULES_LEAF && (!t->update || s->swapped) &&
        fits(a, t->next, t->shift, t->attrs, s->req.va) &&
        !judge_cache_ended(j->cache, &e, s->way[i].since))
      return true;
  }
  return false;
}

/* A speculative write that found a leaf to be updated. */
static bool held_back(const struct judge_story *s) {
  for (uint32_t i = 0; s->state == JUDGE_READ && i < s->ways; i++)
    if (judge_holds_back(s, &s->way[i].step)) return true;
  return false;
}

static void tell_walk(struct judge *j, const struct judge_story *s, size_t *used) {
  const struct rules_step *t = &s->way[0].step;
  if (t->kind == RULES_FAULT)
    judge_say(j->text, used, "fault %s level %u\n", judge_cause_name(t->cause), s->level);
  else
    judge_say(j->text, used, "pa %#" PRIx64 " page 2^%u attrs %#x%s\n",
              t->next | (s->req.va & ~(UINT64_MAX << t->shift)), t->shift, t->attrs,
              t->update && !s->swapped ? ", once the descriptor is updated" : "");
}

static void judge_ok(struct judge *j, struct judge_story *s, const struct mmu_response *a) {
  size_t used;
  if (s->ctx.s1_mode == MMU_S1_OFF) {
    const struct rules_root *root = judge_root_of(j, s);
    if (root->cause == MMU_CAUSE_NONE && a->pa == root->table && s->reads == 0) return;
    judge_refuse_plainly(j, "a wrong answer with translation off", s, a,
                         root->cause == MMU_CAUSE_NONE ? "the address itself" : "a fault");
    return;
  }
  const char *why = walk_objects(s, a);
  if (why != NULL) {
    if (judge_refuse(j, why, s, a, &used)) tell_walk(j, s, &used);
    return;
  }
  if (remembered(j, s, a) || (s->req.access.speculative && own_walk_says(j, s, a))) return;
  if (judge_refuse(j, "an answer from nothing the hardware may still remember", s, a, &used))
    tell_remembered(j, s, &used);
}

static uint8_t cause_of(uint8_t error) {
  switch (error) {
    case MMU_MEM_PARITY:
      return MMU_CAUSE_PARITY;
    case MMU_MEM_NO_ATOMIC:
      return MMU_CAUSE_NO_ATOMIC;
    default:
      return MMU_CAUSE_BUS;
  }
}

/* The fault record the rules imply; false if they imply none. `way` is used after a walk. */
static bool implied_fault(struct judge *j, struct judge_story *s, const struct judge_way *w,
                          struct mmu_fault *f) {
  *f = (struct mmu_fault){.gva = s->req.va};
  if (s->state == JUDGE_FRESH) {
    const struct rules_root *root = judge_root_of(j, s);
    f->cause = root->cause;
    f->s1_level = root->level;
    return root->cause != MMU_CAUSE_NONE;
  }
  f->s1_level = s->level;
  if (s->state == JUDGE_ERROR) {
    f->cause = cause_of(s->error);
    f->mem_error = s->error;
    f->on_ad_write = s->error_on_swap;
    f->on_walk = !s->error_on_swap;
    return true;
  }
  f->cause = w->step.cause;
  f->s1_rights = w->step.rights;
  return s->state == JUDGE_READ && w->step.kind == RULES_FAULT;
}

/* Bits of reg[0] that the manual leaves open for this fault: ESR's EA and WnR with status 0x31. */
static uint64_t open_bits(const struct judge *j, const struct mmu_fault *f) {
  return j->arch == MMU_ARCH_ARM && f->cause == MMU_CAUSE_NO_ATOMIC ? 1U << 9 | 1U << 6 : 0;
}

/* A root or an untranslated address that x86 cannot have: only the cause is prescribed. */
static bool registers_open(const struct judge *j, const struct mmu_fault *f) {
  return j->arch == MMU_ARCH_X86 &&
         (f->cause == MMU_CAUSE_ROOT_SIZE || f->cause == MMU_CAUSE_ADDRESS_SIZE);
}

/* NULL if the answer's record and registers are those of f, else what differs. */
static const char *fault_difference(const struct judge *j, const struct judge_story *s,
                                    const struct mmu_fault *f, const struct mmu_response *a,
                                    struct mmu_syndrome *want) {
  const struct mmu_fault *got = &a->fault;
  j->rules->syndrome(&s->ctx, &s->req.access, f, want);
  if (got->cause != f->cause) return "the wrong cause";
  if (got->gva != f->gva) return "the wrong address in the fault record";
  bool level_open = f->cause >= MMU_CAUSE_NON_CANONICAL && f->cause <= MMU_CAUSE_ROOT_DISABLED &&
                    j->arch != MMU_ARCH_ARM;
  bool off = s->ctx.s1_mode == MMU_S1_OFF;
  if (got->s1_level != f->s1_level && !level_open && !(off && j->arch != MMU_ARCH_ARM))
    return "the wrong level";
  if (got->mem_error != f->mem_error || got->on_ad_write != f->on_ad_write ||
      (f->mem_error != 0 && got->on_walk != f->on_walk))
    return "the wrong access blamed";
  if (got->stage2 || a->syndrome.to_hyp) return "the wrong stage";
  if (registers_open(j, f)) return NULL;
  if (((a->syndrome.reg[0] ^ want->reg[0]) & ~open_bits(j, f)) != 0 ||
      memcmp(&a->syndrome.reg[1], &want->reg[1], 3 * sizeof(uint64_t)) != 0)
    return "the wrong fault registers";
  return NULL;
}

static void judge_fault(struct judge *j, struct judge_story *s, const struct mmu_response *a) {
  const char *why = "a fault that this walk did not meet";
  struct mmu_fault f = {0};
  struct mmu_syndrome want = {0};
  bool implied = false;
  uint32_t n = s->state == JUDGE_FRESH ? 1 : s->ways;
  for (uint32_t i = 0; i < n; i++) {
    struct mmu_fault candidate;
    if (!implied_fault(j, s, &s->way[i], &candidate)) continue;
    const char *difference = fault_difference(j, s, &candidate, a, &want);
    struct rules_entry e = judge_entry(s, judge_range_of(s->level), false, false);
    bool late = s->state != JUDGE_FRESH && judge_cache_ended(j->cache, &e, s->way[i].since);
    if (difference == NULL && !late) return;
    implied = true;
    f = candidate;
    why = difference != NULL ? difference : "a fault from before a completed invalidation";
  }
  size_t used;
  if (!judge_refuse(j, why, s, a, &used)) return;
  if (implied)
    judge_say(j->text, &used,
              "fault %s level %u%s%s, registers %#" PRIx64 " %#" PRIx64 " %#" PRIx64 "\n",
              judge_cause_name(f.cause), f.s1_level, f.on_walk ? " on-walk" : "",
              f.on_ad_write ? " on-ad-write" : "", want.reg[0], want.reg[1], want.reg[2]);
  else if (s->ways != 0 && s->state == JUDGE_READ && s->way[0].step.kind == RULES_LEAF)
    judge_say(j->text, &used, "pa %#" PRIx64 "\n", s->way[0].step.next);
  else
    judge_say(j->text, &used, "no fault before the walk is done\n");
}

void judge_answer(struct judge *j, const struct mmu_event *ev) {
  const struct mmu_response *a = ev->response;
  struct judge_story *s = &j->story[ev->port & 1][ev->tag];
  j->counts.answers++;
  j->counts.hits += a->hit;
  j->counts.l2 += a->l2;
  if (!s->open) {
    judge_refuse_plainly(j, "an answer that nobody waits for", s, a, "one answer a request");
    return;
  }
  s->open = false;
  if (a->l2 && (a->hit || a->status != MMU_OK || !j->has_l2)) {
    judge_refuse_plainly(j, "the L2 TLB is named where it cannot have answered", s, a,
                         "translations of an L2 TLB that exists, on the miss lane");
    return;
  }
  switch (a->status) {
    case MMU_OK:
      judge_ok(j, s, a);
      break;
    case MMU_FAULT:
      j->counts.faults++;
      judge_fault(j, s, a);
      break;
    default:
      j->counts.retries++;
      if (s->lost == 0 && s->restarts == 0 && !held_back(s))
        judge_refuse_plainly(j, "a retry without a lost race or a restart", s, a,
                             "an answer or a fault");
  }
}

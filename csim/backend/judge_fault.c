/* SPDX-License-Identifier: Apache-2.0
 * The judge on faults: a fault must have been met by this very walk, in the stage it names, and its
 * record and registers must be those of the manual (csim/rules). */
#include <inttypes.h>

#include "backend/judge_parts.h"

/* A fault that the rules imply, and what it comes from. */
struct implied {
  struct mmu_fault fault;
  bool late; /* a completed invalidation has ended what it comes from */
};

/* Verdict on the answer so far. */
struct verdict {
  bool right, implied;
  const char *why;
  struct mmu_fault fault;
  struct mmu_syndrome want;
};

/* A root, or an address out of a table's reach: the level says nothing but on Arm. */
static bool of_a_root(const struct mmu_fault *f) {
  return f->cause >= MMU_CAUSE_NON_CANONICAL && f->cause <= MMU_CAUSE_ROOT_DISABLED;
}

static const char *level_difference(const struct judge *j, const struct judge_story *s,
                                    const struct mmu_fault *f, const struct mmu_fault *got) {
  bool arm = j->arch == MMU_ARCH_ARM;
  bool level_open = !f->stage2 && of_a_root(f) && !arm;
  bool off = s->ctx.s1_mode == MMU_S1_OFF && (!arm || f->stage2);
  if (got->s1_level != f->s1_level && !level_open && !off) return "the wrong level";
  if (f->stage2 && got->s2_level != f->s2_level && (arm || !of_a_root(f)))
    return "the wrong level of stage 2";
  return NULL;
}

/* Of other causes it is not said which entries were used. */
static bool tells_rights(const struct mmu_fault *f) {
  return f->cause == MMU_CAUSE_NOT_PRESENT || f->cause == MMU_CAUSE_PERMISSION ||
         f->cause == MMU_CAUSE_ACCESS_FLAG || f->cause == MMU_CAUSE_DIRTY_FLAG;
}

/* Was it asked for what the record says, and did it grant what the record says? */
static const char *question_difference(const struct mmu_fault *f, const struct mmu_fault *got) {
  if (!f->stage2) return NULL;
  if (got->gpa != f->gpa) return "the wrong guest-physical address";
  if (got->on_walk != f->on_walk || got->on_ad_write != f->on_ad_write)
    return "the wrong access blamed";
  if (tells_rights(f) && got->s2_rights != f->s2_rights) return "the wrong rights of stage 2";
  return NULL;
}

static bool same_registers(const struct judge *j, const struct judge_story *s,
                           const struct mmu_fault *f, const struct mmu_syndrome *got,
                           const struct mmu_syndrome *want) {
  uint64_t mask[4];
  j->rules->defined(&s->ctx, &s->req.access, f, mask);
  for (unsigned i = 0; i < 4; i++)
    if (((got->reg[i] ^ want->reg[i]) & mask[i]) != 0) return false;
  return true;
}

/* NULL if the answer's record and registers are those of f, else what differs. */
static const char *fault_difference(const struct judge *j, const struct judge_story *s,
                                    const struct mmu_fault *f, const struct mmu_response *a,
                                    struct mmu_syndrome *want) {
  const struct mmu_fault *got = &a->fault;
  j->rules->syndrome(&s->ctx, &s->req.access, f, want);
  if (got->stage2 != f->stage2) return "the wrong stage";
  if (got->cause != f->cause) return "the wrong cause";
  if (got->gva != f->gva) return "the wrong address in the fault record";
  const char *level = level_difference(j, s, f, got);
  if (level != NULL) return level;
  if (got->mem_error != f->mem_error || got->on_ad_write != f->on_ad_write ||
      (f->mem_error != 0 && got->on_walk != f->on_walk))
    return "the wrong access blamed";
  const char *question = question_difference(f, got);
  if (question != NULL) return question;
  if (a->syndrome.to_hyp != want->to_hyp) return "a fault for the wrong level of privilege";
  if (a->syndrome.gva != want->gva) return "the wrong GVA flag";
  return same_registers(j, s, f, &a->syndrome, want) ? NULL : "the wrong fault registers";
}

static void consider(struct judge *j, const struct judge_story *s, const struct implied *i,
                     const struct mmu_response *a, struct verdict *v) {
  struct mmu_syndrome want;
  if (v->right) return;
  const char *difference = fault_difference(j, s, &i->fault, a, &want);
  v->right = difference == NULL && !i->late;
  v->implied = true;
  v->fault = i->fault;
  v->want = want;
  v->why = difference != NULL ? difference : "a fault from before a completed invalidation";
}

/* ---- stage 1 ---- */

static void consider_root(struct judge *j, struct judge_story *s, const struct mmu_response *a,
                          struct verdict *v) {
  const struct rules_root *root = judge_root_of(j, s);
  struct implied i = {.fault = {.gva = s->req.va, .cause = root->cause, .s1_level = root->level}};
  if (root->cause != MMU_CAUSE_NONE) consider(j, s, &i, a, v);
}

/* What the descriptor read last implies on one way. */
static void consider_way(struct judge *j, const struct judge_story *s, const struct judge_way *w,
                         const struct mmu_response *a, struct verdict *v) {
  struct rules_entry e = judge_entry(s, judge_range_of(s->level), false, false);
  struct implied i = {.fault = {.gva = s->req.va, .s1_level = s->level},
                      .late = judge_cache_ended(j->cache, &e, w->since)};
  if (s->state == JUDGE_ERROR) {
    i.fault.cause = rules_memory_cause(s->error);
    i.fault.mem_error = s->error;
    i.fault.on_ad_write = s->error_on_swap;
    i.fault.on_walk = !s->error_on_swap;
  } else if (s->state == JUDGE_READ && w->step.kind == RULES_FAULT) {
    i.fault.cause = w->step.cause;
    i.fault.s1_rights = w->step.rights;
  } else {
    return;
  }
  consider(j, s, &i, a, v);
}

static void consider_stage1(struct judge *j, struct judge_story *s, const struct mmu_response *a,
                            struct verdict *v) {
  if (s->two_stages && judge_nested_open(s)) return;
  if (s->state == JUDGE_FRESH) {
    consider_root(j, s, a, v);
    return;
  }
  for (uint32_t i = 0; i < s->ways; i++)
    consider_way(j, s, &s->way[i], a, v);
}

/* ---- stage 2 ---- */

static struct implied of_question(const struct judge *j, const struct judge_story *s,
                                  const struct judge_question *q) {
  struct rules_entry e = judge_nested_entry(s, q->gpa, 12);
  bool above_ended =
      q->above_since != JUDGE_ROOT && judge_cache_ended(j->cache, &q->above, q->above_since);
  return (struct implied){.fault = {.gva = s->req.va,
                                    .gpa = q->gpa,
                                    .s1_level = q->s1_level,
                                    .s1_rights = q->s1_rights,
                                    .stage2 = true,
                                    .on_walk = q->about == RULES_ABOUT_TABLE,
                                    .on_ad_write = q->about == RULES_ABOUT_SWAP,
                                    .s1_leaf = q->about == RULES_ABOUT_FINAL},
                          .late = above_ended || judge_cache_ended(j->cache, &e, q->since)};
}

/* Of the walk of stage 2 under way. */
static void consider_nested(struct judge *j, const struct judge_story *s,
                            const struct mmu_response *a, struct verdict *v) {
  const struct judge_nested *n = &s->nested;
  for (uint32_t k = 0; k < n->asked.count; k++) {
    const struct judge_question *q = &n->asked.question[k];
    struct implied i = of_question(j, s, q);
    i.fault.s2_level = n->level;
    if (n->state == JUDGE_ERROR) {
      i.fault.cause = rules_memory_cause(n->error);
      i.fault.mem_error = n->error;
    } else if (n->state == JUDGE_READ && q->step.kind == RULES_FAULT) {
      i.fault.cause = q->step.cause;
      i.fault.s2_rights = q->step.rights;
    } else {
      continue;
    }
    consider(j, s, &i, a, v);
  }
}

/* Of a question whose walk cannot even begin. */
static void consider_unreachable(struct judge *j, struct judge_story *s, bool again,
                                 const struct mmu_response *a, struct verdict *v) {
  struct judge_questions asked = {.count = 0};
  judge_questions_now(j, s, again, &asked);
  for (uint32_t k = 0; k < asked.count; k++) {
    struct rules_root root;
    j->rules->s2_root(&s->ctx, asked.question[k].gpa, &root);
    if (root.cause == MMU_CAUSE_NONE) continue;
    asked.question[k].since = judge_cache_accepted(j->cache);
    struct implied i = of_question(j, s, &asked.question[k]);
    i.fault.cause = root.cause;
    i.fault.s2_level = root.level;
    consider(j, s, &i, a, v);
  }
}

/* ---- both ---- */

static void tell_verdict(struct judge *j, const struct judge_story *s, const struct verdict *v,
                         size_t *used) {
  const struct mmu_fault *f = &v->fault;
  if (v->implied)
    judge_tell_fault(j->text, used, f, &v->want);
  else if (s->ways != 0 && s->state == JUDGE_READ && s->way[0].step.kind == RULES_LEAF)
    judge_say(j->text, used, "pa %#" PRIx64 "\n", s->way[0].step.next);
  else
    judge_say(j->text, used, "no fault before the walk is done\n");
}

void judge_fault(struct judge *j, struct judge_story *s, const struct mmu_response *a) {
  struct verdict v = {.why = "a fault that this walk did not meet"};
  consider_stage1(j, s, a, &v);
  if (s->two_stages) {
    consider_nested(j, s, a, &v);
    if (!judge_nested_open(s)) consider_unreachable(j, s, false, a, &v);
    if (judge_overtaken(j, s)) {
      consider_unreachable(j, s, true, a, &v);
      consider_root(j, s, a, &v);
    }
  }
  size_t used;
  if (!v.right && judge_refuse(j, v.why, s, a, &used)) tell_verdict(j, s, &v, &used);
}

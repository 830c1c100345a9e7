/* SPDX-License-Identifier: Apache-2.0
 * The judge on walks of stage 2: each read must be the next descriptor of the walk for a question
 * that some legal way of stage 1 asks now, each write the update that the manual prescribes
 * (csim/rules). What is found is remembered. Promise: every question that the walk may be for is
 * followed, up to JUDGE_QUESTIONS. */
#include <inttypes.h>

#include "backend/judge_parts.h"

static bool ends_well(const struct judge_nested *n, const struct judge_question *q) {
  return n->state == JUDGE_READ && q->step.kind == RULES_LEAF && (!q->step.update || n->swapped);
}

bool judge_nested_open(const struct judge_story *s) {
  const struct judge_nested *n = &s->nested;
  if (n->state == JUDGE_FRESH) return false;
  for (uint32_t i = 0; i < n->asked.count; i++)
    if (ends_well(n, &n->asked.question[i])) return false;
  return true;
}

/* ---- which questions ---- */

static void keep(struct judge_questions *set, const struct judge_question *q) {
  if (set->count < JUDGE_QUESTIONS) set->question[set->count++] = *q;
}

static bool ended(const struct judge *j, const struct judge_story *s,
                  const struct judge_question *q) {
  struct rules_entry e = judge_nested_entry(s, q->gpa, 12);
  return judge_cache_ended(j->cache, &e, q->since) ||
         (q->above_since != JUDGE_ROOT && judge_cache_ended(j->cache, &q->above, q->above_since));
}

/* The next descriptor of the walk under way, or the same once more after a lost swap. */
static void go_on(const struct judge *j, const struct judge_story *s, const struct mmu_event *ev,
                  struct judge_questions *out) {
  const struct judge_nested *n = &s->nested;
  bool lost = n->state == JUDGE_LOST && ev->addr == n->addr && ev->level == n->level;
  bool down = n->state == JUDGE_READ && n->level != 0 && ev->level == n->level - 1;
  for (uint32_t i = 0; (lost || down) && i < n->asked.count; i++) {
    struct judge_question q = n->asked.question[i];
    if (ended(j, s, &q)) continue;
    if (down) {
      if (q.step.kind != RULES_TABLE || (q.step.update && !n->swapped)) continue;
      if (rules_pte_addr(q.step.next, q.gpa, ev->level, 9) != ev->addr) continue;
      q.rights = q.step.rights;
    }
    struct rules_entry e = judge_nested_entry(s, q.gpa, 12);
    q.since = judge_cache_since(j->cache, &e, q.since);
    keep(out, &q);
  }
}

/* A walk for one of these begins. */
static void begin(const struct judge *j, const struct judge_story *s, const struct mmu_event *ev,
                  const struct judge_questions *from, struct judge_questions *out) {
  for (uint32_t i = 0; i < from->count; i++) {
    struct judge_question q = from->question[i];
    struct rules_root root;
    j->rules->s2_root(&s->ctx, q.gpa, &root);
    if (root.cause != MMU_CAUSE_NONE || root.level != ev->level) continue;
    if (rules_pte_addr(root.table, q.gpa, root.level, root.index_bits) != ev->addr) continue;
    q.since = judge_cache_accepted(j->cache);
    keep(out, &q);
  }
}

/* If only a walk that has begun again can ask these, it has. */
static void settle(struct judge *j, struct judge_story *s) {
  struct judge_questions *set = &s->nested.asked;
  for (uint32_t i = 0; i < set->count; i++)
    if (!set->question[i].again) return;
  for (uint32_t i = 0; i < set->count; i++)
    set->question[i].again = false;
  judge_begin_again(j, s);
  s->state = JUDGE_FRESH;
  s->begun = true;
  s->at_start = false;
  /* It may have begun again some questions ago: they may have been asked since, or not. */
  for (uint32_t i = 0; i < JUDGE_OWN; i++)
    s->nested.own[i].about = JUDGE_UNSURE;
}

static void find_questions(struct judge *j, struct judge_story *s, const struct mmu_event *ev,
                           struct judge_questions *out) {
  out->count = 0;
  if (!s->two_stages) return;
  go_on(j, s, ev, out);
  if (out->count == 0 && !judge_nested_open(s)) {
    struct judge_questions now = {.count = 0};
    judge_questions_now(j, s, false, &now);
    begin(j, s, ev, &now, out);
    if (out->count != 0 && s->state == JUDGE_FRESH && !s->begun) {
      s->begun = true;
      j->counts.walks++;
      s->walk_since = judge_cache_completed(j->cache);
    }
  }
  if (judge_overtaken(j, s)) {
    struct judge_questions again = {.count = 0};
    judge_questions_now(j, s, true, &again);
    begin(j, s, ev, &again, out);
  }
}

/* ---- what is found ---- */

static void remember(struct judge *j, const struct judge_story *s, const struct judge_question *q) {
  const struct rules_s2_step *t = &q->step;
  uint64_t vmid = s->ctx.s2_mode == MMU_S2_EPT ? 0 : s->ctx.vmid;
  struct judge_node n = {.va = q->gpa & (UINT64_MAX << t->shift),
                         .base = t->next,
                         .addr = s->nested.addr,
                         .value = t->update ? t->new_pte : s->nested.pte,
                         .space = (uint64_t)s->ctx.s2_mode << 48 | vmid << 16,
                         .s2_root = s->s2_root,
                         .kind = JUDGE_NESTED,
                         .shift = t->shift,
                         .rights = t->rights,
                         .attrs = t->attrs,
                         .dirty = t->dirty,
                         .since = q->since};
  if (!judge_cache_learn(j->cache, &n)) judge_out_of_memory(j);
}

/* The walks that this access ends well. */
static void take_results(struct judge *j, struct judge_story *s) {
  struct judge_nested *n = &s->nested;
  for (uint32_t i = 0; i < n->asked.count; i++) {
    const struct judge_question *q = &n->asked.question[i];
    if (!ends_well(n, q)) continue;
    uint32_t at = n->own_count++ % JUDGE_OWN;
    n->own[at].gpa = q->gpa;
    n->own[at].s1_level = q->s1_level;
    n->own[at].about = n->asked.count == 1 ? q->about : JUDGE_UNSURE;
    n->own[at].place = (struct judge_place){.gpa = q->gpa & (UINT64_MAX << q->step.shift),
                                            .base = q->step.next,
                                            .shift = q->step.shift,
                                            .rights = q->step.rights,
                                            .attrs = q->step.attrs,
                                            .dirty = q->step.dirty,
                                            .since = q->since};
    s->at_start = s->at_start || q->again;
    if (!s->req.access.speculative) remember(j, s, q);
  }
  judge_combine(j, s);
}

/* ---- events ---- */

void judge_nested_read(struct judge *j, struct judge_story *s, const struct mmu_event *ev) {
  struct judge_questions found;
  find_questions(j, s, ev, &found);
  judge_log_event(s, ev);
  j->counts.reads++;
  if (found.count == 0) {
    judge_refuse_plainly(j, "a table read of stage 2 that no legal walk makes here", s, NULL,
                         "the next descriptor of a question that the walk of stage 1 asks now");
    return;
  }
  struct judge_nested *n = &s->nested;
  s->reads++;
  n->asked = found;
  n->addr = ev->addr;
  n->level = ev->level;
  n->pte = ev->old;
  n->error = ev->error;
  n->error_on_swap = n->swapped = false;
  n->state = ev->error != MMU_MEM_OK ? JUDGE_ERROR : JUDGE_READ;
  settle(j, s);
  if (n->state == JUDGE_ERROR) return;
  for (uint32_t i = 0; i < n->asked.count; i++) {
    struct judge_question *q = &n->asked.question[i];
    j->rules->s2_step(&s->ctx, &s->req.access, (enum rules_about)q->about, &q->need, n->level,
                      n->pte, q->rights, &q->step);
  }
  take_results(j, s);
}

/* Would it set D for a write that may yet be killed? */
static bool sets_dirty(const struct judge *j, const struct judge_story *s,
                       const struct judge_question *q) {
  struct rules_s2_need clean = q->need;
  struct rules_s2_step t;
  clean.write = false;
  j->rules->s2_step(&s->ctx, &s->req.access, (enum rules_about)q->about, &clean, s->nested.level,
                    s->nested.pte, q->rights, &t);
  return t.kind == RULES_LEAF && !t.dirty;
}

static bool for_a_killed_write(const struct judge_story *s, const struct judge_question *q) {
  return s->req.access.speculative && q->about == RULES_ABOUT_FINAL && q->need.write &&
         q->step.kind == RULES_LEAF && q->step.update;
}

bool judge_nested_holds_back(const struct judge_story *s) {
  const struct judge_nested *n = &s->nested;
  for (uint32_t i = 0; n->state == JUDGE_READ && i < n->asked.count; i++)
    if (for_a_killed_write(s, &n->asked.question[i])) return true;
  return false;
}

/* Keep the questions for which this is the prescribed update; false if there is none. */
static bool keep_updates(const struct judge *j, struct judge_story *s, const struct mmu_event *ev) {
  struct judge_nested *n = &s->nested;
  uint32_t kept = 0;
  if (!s->two_stages || n->state != JUDGE_READ || n->swapped || ev->addr != n->addr ||
      ev->level != n->level || ev->expected != n->pte)
    return false;
  for (uint32_t i = 0; i < n->asked.count; i++) {
    const struct judge_question *q = &n->asked.question[i];
    if (q->step.kind == RULES_FAULT || !q->step.update || q->step.new_pte != ev->desired) continue;
    if (for_a_killed_write(s, q) && sets_dirty(j, s, q)) continue;
    n->asked.question[kept++] = *q;
  }
  if (kept != 0) n->asked.count = kept;
  return kept != 0;
}

static void refuse_swap(struct judge *j, const struct judge_story *s) {
  const struct judge_nested *n = &s->nested;
  size_t used;
  if (!judge_refuse(j, "a table write of stage 2 that the rules do not ask for", s, NULL, &used))
    return;
  const struct rules_s2_step *t = &n->asked.question[0].step;
  if (!s->two_stages || n->state != JUDGE_READ)
    judge_say(j->text, &used, "no table write now\n");
  else if (t->kind == RULES_FAULT)
    judge_say(j->text, &used, "a fault (%s), and no table write\n", judge_cause_name(t->cause));
  else if (t->update)
    judge_say(j->text, &used, "swap [%#" PRIx64 "] %#" PRIx64 " -> %#" PRIx64 "\n", n->addr, n->pte,
              t->new_pte);
  else
    judge_say(j->text, &used, "the descriptor as it is, no table write\n");
}

void judge_nested_swap(struct judge *j, struct judge_story *s, const struct mmu_event *ev) {
  struct judge_nested *n = &s->nested;
  bool legal = keep_updates(j, s, ev);
  judge_log_event(s, ev);
  j->counts.swaps++;
  if (!legal) {
    refuse_swap(j, s);
    return;
  }
  settle(j, s);
  if (ev->error != MMU_MEM_OK) {
    n->state = JUDGE_ERROR;
    n->error = ev->error;
    n->error_on_swap = true;
  } else if (!ev->ok) {
    n->state = JUDGE_LOST;
    s->lost++;
    j->counts.lost++;
  } else {
    n->swapped = true;
    take_results(j, s);
  }
}

/* SPDX-License-Identifier: Apache-2.0
 * What the judge knows of stage 2's answers, and what a walk may ask of it: the places where a
 * guest-physical address may be, by the walk's own questions or from a nested TLB, and the
 * questions that each legal way of stage 1 leads to (docs/stage2.md). Promise: nothing is left out
 * that a legal MMU could use, up to JUDGE_PLACES and JUDGE_QUESTIONS. */
#include "backend/judge_parts.h"

/* ---- places ---- */

struct rules_entry judge_nested_entry(const struct judge_story *s, uint64_t gpa, uint8_t shift) {
  return (struct rules_entry){.va = gpa,
                              .s2_root = s->s2_root,
                              .vmid = s->ctx.vmid,
                              .s2_mode = s->ctx.s2_mode,
                              .shift = shift,
                              .nested = true};
}

/* If it answers the question; of two that differ only in age the younger stays. Its age is that of
 * what is found through it now. */
static void add_place(struct judge *j, const struct judge_story *s, enum rules_about about,
                      const struct rules_s2_need *need, struct judge_place *p,
                      struct judge_places *out) {
  struct rules_entry e = judge_nested_entry(s, p->gpa, p->shift);
  if (!rules_s2_allows(need, p->rights) || (need->write && !p->dirty)) return;
  if (rules_s2_protects(&s->ctx, about, p->attrs)) return;
  p->since = judge_cache_since(j->cache, &e, p->since);
  for (uint32_t i = 0; i < out->count; i++) {
    struct judge_place *q = &out->place[i];
    if (q->base != p->base || q->shift != p->shift || q->rights != p->rights ||
        q->attrs != p->attrs || q->dirty != p->dirty)
      continue;
    if (p->since > q->since) q->since = p->since;
    return;
  }
  if (out->count < JUDGE_PLACES) out->place[out->count++] = *p;
}

static void own_places(struct judge *j, const struct judge_story *s, enum rules_about about,
                       const struct rules_s2_need *need, uint64_t gpa, struct judge_places *out) {
  uint32_t n = s->nested.own_count < JUDGE_OWN ? s->nested.own_count : JUDGE_OWN;
  for (uint32_t i = 0; i < n; i++) {
    struct judge_place p = s->nested.own[i].place;
    struct rules_entry e = judge_nested_entry(s, p.gpa, p.shift);
    if ((gpa ^ p.gpa) >> p.shift == 0 && !judge_cache_ended(j->cache, &e, p.since))
      add_place(j, s, about, need, &p, out);
  }
}

void judge_places_of(struct judge *j, const struct judge_story *s, enum rules_about about,
                     bool user_page, uint64_t gpa, struct judge_places *out) {
  struct rules_s2_need need;
  struct judge_key key = {.va = gpa, .s2_root = s->s2_root, .kind = JUDGE_NESTED};
  key.space = (uint64_t)s->ctx.s2_mode << 48;
  if (s->ctx.s2_mode != MMU_S2_EPT) key.space |= (uint64_t)s->ctx.vmid << 16;
  out->count = 0;
  j->rules->s2_need(&s->ctx, &s->req.access, about, user_page, &need);
  own_places(j, s, about, &need, gpa, out);
  for (uint64_t sizes = judge_cache_nested_sizes(j->cache); sizes != 0; sizes &= sizes - 1) {
    struct judge_node *n = NULL;
    key.shift = (uint8_t)__builtin_ctzll(sizes);
    while ((n = judge_cache_find(j->cache, &key, n)) != NULL) {
      struct judge_place p = {.gpa = n->va,
                              .base = n->base,
                              .shift = n->shift,
                              .rights = n->rights,
                              .attrs = n->attrs,
                              .dirty = n->dirty,
                              .since = n->since};
      add_place(j, s, about, &need, &p, out);
    }
  }
}

bool judge_moved(struct judge *j, const struct judge_story *s, const struct judge_way *w) {
  struct judge_places p;
  if (s->state != JUDGE_READ || w->step.kind == RULES_FAULT || !w->step.update || s->swapped)
    return false;
  judge_places_of(j, s, RULES_ABOUT_SWAP, false, w->gpa, &p);
  for (uint32_t i = 0; i < p.count; i++)
    if (judge_address_in(&p.place[i], w->gpa) != s->addr) return true;
  return false;
}

/* ---- questions ---- */

struct asking {
  struct judge *j;
  struct judge_story *s;
  bool again;
  struct judge_questions *out;
};

/* Has its own walk of stage 2 answered this since stage 1 read last? A descriptor may come again at
 * another height. */
static bool answered(const struct asking *a, enum rules_about about, uint64_t gpa, uint8_t level) {
  const struct judge_nested *n = &a->s->nested;
  uint32_t count = n->own_count < JUDGE_OWN ? n->own_count : JUDGE_OWN;
  for (uint32_t i = 0; i < count; i++) {
    const struct judge_place *p = &n->own[i].place;
    struct rules_entry e = judge_nested_entry(a->s, p->gpa, p->shift);
    if (n->own[i].about == about && n->own[i].gpa == gpa && n->own[i].s1_level == level &&
        !judge_cache_ended(a->j->cache, &e, p->since))
      return true;
  }
  return false;
}

/* above: NULL if a root leads to it. */
static void ask(const struct asking *a, enum rules_about about, uint64_t gpa, uint8_t level,
                uint8_t rights, const struct rules_entry *above, uint32_t above_since) {
  struct judge_questions *out = a->out;
  bool user_page = a->s->ctx.s1_mode == MMU_S1_OFF || (rights & MMU_R_USER);
  if (above != NULL && judge_cache_ended(a->j->cache, above, above_since)) return;
  if (!a->again && answered(a, about, gpa, level)) return;
  for (uint32_t i = 0; i < out->count; i++) {
    struct judge_question *q = &out->question[i];
    if (q->about != about || q->gpa != gpa || q->s1_level != level || q->s1_rights != rights)
      continue;
    if (above_since > q->above_since) q->above_since = above_since;
    return;
  }
  if (out->count == JUDGE_QUESTIONS) return;
  struct judge_question *q = &out->question[out->count++];
  *q = (struct judge_question){.gpa = gpa,
                               .about = (uint8_t)about,
                               .again = a->again,
                               .s1_level = level,
                               .s1_rights = rights,
                               .above_since = above != NULL ? above_since : JUDGE_ROOT,
                               .rights = RULES_ALL_S2_RIGHTS};
  if (above != NULL) q->above = *above;
  a->j->rules->s2_need(&a->s->ctx, &a->s->req.access, about, user_page, &q->need);
}

static void ask_table(const struct asking *a, uint64_t table, uint8_t level, uint8_t rights,
                      bool global, const struct rules_entry *above, uint32_t above_since);

/* Beyond the pointers of a physically tagged walk cache. */
static void ask_beyond(const struct asking *a, uint64_t addr, uint8_t level, uint8_t rights,
                       bool global, uint32_t above_since) {
  struct judge *j = a->j;
  struct judge_story *s = a->s;
  struct judge_pointer *p = NULL;
  while ((p = judge_pwc_find(j->pwc, addr, level, s->pwc_ended, p)) != NULL) {
    struct rules_step t;
    j->rules->step(&s->ctx, &s->req.access, s->va, level, s->root.upper, p->value, rights, global,
                   &t);
    if (t.kind != RULES_TABLE || t.update) continue;
    if (judge_ended_for(j, s, level, t.global, p->since)) continue;
    struct rules_entry e = judge_entry(s, judge_range_of(level), t.global, true);
    uint32_t since = judge_older(p->since, above_since);
    ask_table(a, t.next, (uint8_t)(level - 1), t.rights, t.global, &e, since);
  }
}

/* Where the descriptor of this height is, and what it leads to if it is known there. */
static void ask_descriptor(const struct asking *a, uint64_t gpa, uint8_t level, uint8_t rights,
                           bool global, const struct rules_entry *above, uint32_t above_since) {
  ask(a, RULES_ABOUT_TABLE, gpa, level, rights, above, above_since);
  if (a->j->pwc == NULL || level == 0) return;
  struct judge_places p;
  judge_places_of(a->j, a->s, RULES_ABOUT_TABLE, false, gpa, &p);
  for (uint32_t i = 0; i < p.count; i++)
    ask_beyond(a, judge_address_in(&p.place[i], gpa), level, rights, global,
               above != NULL ? above_since : JUDGE_ROOT);
}

static void ask_table(const struct asking *a, uint64_t table, uint8_t level, uint8_t rights,
                      bool global, const struct rules_entry *above, uint32_t above_since) {
  uint64_t gpa = judge_descriptor_at(a->s, table, level);
  ask_descriptor(a, gpa, level, rights, global, above, above_since);
}

/* At the root, or below it at a pointer the hardware may remember for this address. */
static void ask_from_start(const struct asking *a) {
  struct judge_story *s = a->s;
  const struct rules_root *root = judge_root_of(a->j, s);
  if (root->cause != MMU_CAUSE_NONE) return;
  if (s->ctx.s1_mode == MMU_S1_OFF) {
    ask(a, RULES_ABOUT_FINAL, root->table, root->level, RULES_ALL_RIGHTS & ~(unsigned)MMU_R_USER,
        NULL, JUDGE_ROOT);
    return;
  }
  ask_table(a, root->table, root->level, RULES_ALL_RIGHTS, false, NULL, JUDGE_ROOT);
  if (a->j->pwc != NULL) return;
  for (uint8_t level = 0; level < root->level; level++) {
    struct judge_key key = judge_key_of(s, JUDGE_POINTER, judge_range_of((uint8_t)(level + 1)));
    struct judge_node *p = NULL;
    while ((p = judge_cache_find(a->j->cache, &key, p)) != NULL) {
      struct rules_entry e = judge_cache_entry(p);
      ask(a, RULES_ABOUT_TABLE, judge_descriptor_at(s, p->base, level), level, p->rights, &e,
          p->since);
    }
  }
}

/* About the descriptor read last: where it may be written, or read once more. */
static void ask_again(const struct asking *a, enum rules_about about, const struct judge_way *w) {
  struct rules_entry e =
      judge_entry(a->s, judge_range_of((uint8_t)(a->s->level + 1)), w->parent_global, true);
  const struct rules_entry *above = w->parent_since == JUDGE_ROOT ? NULL : &e;
  if (about == RULES_ABOUT_SWAP)
    ask(a, about, w->gpa, a->s->level, w->rights, above, w->parent_since);
  else
    ask_descriptor(a, w->gpa, a->s->level, w->rights, w->global, above, w->parent_since);
}

/* What one way to the descriptor read last leads to. */
static void ask_onward(const struct asking *a, const struct judge_way *w) {
  struct judge_story *s = a->s;
  const struct rules_step *t = &w->step;
  if (s->state == JUDGE_LOST) {
    ask_again(a, RULES_ABOUT_TABLE, w);
  } else if (t->kind == RULES_FAULT) {
    return;
  } else if (t->update && !s->swapped) {
    if (judge_holds_back(s, t)) return;
    ask_again(a, RULES_ABOUT_SWAP, w);
    if (judge_moved(a->j, s, w)) ask_again(a, RULES_ABOUT_TABLE, w);
  } else if (t->kind == RULES_TABLE) {
    struct rules_entry e = judge_entry(s, judge_range_of(s->level), t->global, true);
    if (!judge_cache_ended(a->j->cache, &e, w->since))
      ask_table(a, t->next, (uint8_t)(s->level - 1), t->rights, t->global, &e, w->since);
  } else {
    struct rules_entry e = judge_entry(s, t->shift, t->global, false);
    ask(a, RULES_ABOUT_FINAL, t->next | (s->req.va & ~(UINT64_MAX << t->shift)), s->level,
        t->rights, &e, w->since);
  }
}

void judge_questions_now(struct judge *j, struct judge_story *s, bool again,
                         struct judge_questions *out) {
  struct asking a = {.j = j, .s = s, .again = again, .out = out};
  if (again) {
    ask_from_start(&a);
    return;
  }
  for (uint32_t i = 0; (s->state == JUDGE_READ || s->state == JUDGE_LOST) && i < s->ways; i++)
    ask_onward(&a, &s->way[i]);
  if (s->state == JUDGE_FRESH || s->at_start) ask_from_start(&a);
}

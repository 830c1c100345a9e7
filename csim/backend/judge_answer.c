/* SPDX-License-Identifier: Apache-2.0
 * The judge on answers: a translation must be what its own walk found, or what the hardware may
 * still remember. Of two stages: judge_combine.c. Faults: judge_fault.c. */
#include <inttypes.h>

#include "backend/judge_parts.h"

static bool fits(const struct mmu_response *a, uint64_t base, uint8_t shift, uint8_t attrs,
                 uint64_t va) {
  return a->pa == (base | (va & ~(UINT64_MAX << shift))) && a->s1_shift == shift &&
         a->attrs == attrs;
}

/* The page of such an answer: with two stages the smaller of both. */
static uint8_t shift_of(const struct judge_story *s, const struct mmu_response *a) {
  return s->two_stages && a->s2_shift < a->s1_shift ? a->s2_shift : a->s1_shift;
}

/* May the access go through it? */
static bool serves(struct judge *j, const struct judge_story *s, const struct judge_node *n) {
  if (!rules_allows(&s->need, n->rights, n->attrs) || (s->need.write && !n->dirty)) return false;
  if (!s->two_stages) return true;
  struct rules_s2_need need;
  j->rules->s2_need(&s->ctx, &s->req.access, RULES_ABOUT_FINAL, true, &need);
  return rules_s2_allows(&need, n->s2_rights) && (!need.write || n->dirty);
}

/* Is this the answer that it gives? */
static bool says(const struct judge_story *s, const struct judge_node *n,
                 const struct mmu_response *a) {
  if (!s->two_stages) return fits(a, n->base, n->shift, n->attrs, s->req.va);
  return a->pa == (n->base | (s->req.va & ~(UINT64_MAX << n->shift))) && a->attrs == n->attrs &&
         a->s1_shift == n->s1_shift && a->s2_shift == n->s2_shift && a->s2_attrs == n->s2_attrs;
}

bool judge_remembered(struct judge *j, const struct judge_story *s, const struct mmu_response *a) {
  struct judge_node *n = NULL;
  bool first = true;
  struct judge_key key = judge_key_of(s, JUDGE_TRANSLATION, shift_of(s, a));
  if (key.shift > 63) return false;
  while ((n = judge_cache_find(j->cache, &key, n)) != NULL) {
    if (says(s, n, a) && serves(j, s, n)) {
      j->counts.stale += !first;
      return true;
    }
    first = false;
  }
  return false;
}

static void tell_node(struct judge *j, const struct judge_story *s, const struct judge_node *n,
                      size_t *used) {
  judge_say(
      j->text, used, "pa %#" PRIx64 " page 2^%u attrs %#x (descriptor [%#" PRIx64 "] = %#" PRIx64,
      n->base | (s->req.va & ~(UINT64_MAX << n->shift)), n->shift, n->attrs, n->addr, n->value);
  if (s->two_stages)
    judge_say(j->text, used, ", sizes 2^%u and 2^%u, rights %#x and %#x, attrs %#x of stage 2",
              n->s1_shift, n->s2_shift, n->rights, n->s2_rights, n->s2_attrs);
  judge_say(j->text, used, "%s%s)", serves(j, s, n) ? "" : ", not for this access",
            s->need.write && !n->dirty ? ", not dirty" : "");
}

void judge_tell_remembered(struct judge *j, const struct judge_story *s, size_t *used) {
  unsigned told = 0;
  for (uint8_t size = 0; size < 2 * 5; size++) { /* of each level: a page, and a group of pages */
    uint8_t shift = (uint8_t)(judge_range_of(size / 2) + (size & 1) * RULES_GROUP_BITS);
    struct judge_key key = judge_key_of(s, JUDGE_TRANSLATION, shift);
    struct judge_node *n = NULL;
    while (told < 8 && (n = judge_cache_find(j->cache, &key, n)) != NULL) {
      if (told++ != 0) judge_say(j->text, used, "; or ");
      tell_node(j, s, n, used);
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
  if (s->two_stages && judge_nested_holds_back(s)) return true;
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
  if (s->two_stages) {
    judge_ok_two(j, s, a);
    return;
  }
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
  if (judge_remembered(j, s, a) || (s->req.access.speculative && own_walk_says(j, s, a))) return;
  if (judge_refuse(j, "an answer from nothing the hardware may still remember", s, a, &used))
    judge_tell_remembered(j, s, &used);
}

/* With two stages a walk may begin again, and be overtaken again, before it is seen to. */
static bool unseen_restart(const struct judge *j, const struct judge_story *s) {
  return s->two_stages && judge_cache_accepted(j->cache) != s->first_since;
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
      if (s->lost == 0 && s->restarts == 0 && !unseen_restart(j, s) && !held_back(s))
        judge_refuse_plainly(j, "a retry without a lost race or a restart", s, a,
                             "an answer or a fault");
  }
}

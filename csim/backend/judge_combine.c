/* SPDX-License-Identifier: Apache-2.0
 * The judge on translations by both stages: what a walk may have put together from its leaf of
 * stage 1 and from what stage 2 says of its page, and answers from it. Promise: an answer is
 * accepted if some legal walk made it, or could have filled a TLB with it, and nothing has ended it
 * since. */
#include "backend/judge_parts.h"

/* Under EPT with mode-based execute control the execute right of the kind of page that stage 1
 * makes it counts, whatever the access. */
static uint8_t folded(const struct judge_story *s, uint8_t s1_rights, uint8_t rights) {
  bool user = s->ctx.s1_mode == MMU_S1_OFF || (s1_rights & MMU_R_USER);
  if (!s->ctx.s2_mbec) return rights;
  unsigned x = rights & (user ? MMU_R2_UX : MMU_R2_SX) ? MMU_R2_UX | MMU_R2_SX : 0;
  return (uint8_t)((rights & (MMU_R2_R | MMU_R2_W)) | x);
}

static struct judge_node node_of(const struct judge_story *s, const struct rules_step *t,
                                 uint32_t since, uint64_t gpa, const struct judge_place *p) {
  uint8_t shift = t->shift < p->shift ? t->shift : p->shift;
  return (struct judge_node){.va = s->va & (UINT64_MAX << shift),
                             .base = judge_address_in(p, gpa) & (UINT64_MAX << shift),
                             .addr = s->addr,
                             .value = t->update ? t->new_pte : s->pte,
                             .space = s->space,
                             .s2_root = s->s2_root,
                             .asid = s->ctx.asid,
                             .kind = JUDGE_TRANSLATION,
                             .shift = shift,
                             .rights = t->rights,
                             .attrs = t->attrs,
                             .s1_shift = t->shift,
                             .s2_shift = p->shift,
                             .s2_rights = folded(s, t->rights, p->rights),
                             .s2_attrs = p->attrs,
                             .global = t->global,
                             .dirty = t->dirty && p->dirty,
                             .since = judge_older(since, p->since)};
}

static bool combine_leaf(struct judge *j, struct judge_story *s, const struct rules_step *t,
                         uint32_t since, const struct mmu_response *a, judge_visit *visit) {
  uint64_t gpa = t->next | (s->req.va & ~(UINT64_MAX << t->shift));
  struct judge_places p;
  bool user_page = s->ctx.s1_mode == MMU_S1_OFF || (t->rights & MMU_R_USER);
  judge_places_of(j, s, RULES_ABOUT_FINAL, user_page, gpa, &p);
  for (uint32_t i = 0; i < p.count; i++) {
    struct judge_node n = node_of(s, t, since, gpa, &p.place[i]);
    if (visit(j, s, &n, a)) return true;
  }
  return false;
}

/* With stage 1 off: one page that everybody may use, but no user page. */
static bool combine_untranslated(struct judge *j, struct judge_story *s,
                                 const struct mmu_response *a, judge_visit *visit) {
  const struct rules_root *root = judge_root_of(j, s);
  if (root->cause != MMU_CAUSE_NONE) return false;
  const struct rules_step t = {.next = root->table & (UINT64_MAX << MMU_NO_PAGES),
                               .kind = RULES_LEAF,
                               .shift = MMU_NO_PAGES,
                               .rights = RULES_ALL_RIGHTS & ~(unsigned)MMU_R_USER,
                               .dirty = true};
  return combine_leaf(j, s, &t, JUDGE_ROOT, a, visit);
}

bool judge_combinations(struct judge *j, struct judge_story *s, const struct mmu_response *a,
                        judge_visit *visit) {
  if (s->ctx.s1_mode == MMU_S1_OFF) return combine_untranslated(j, s, a, visit);
  for (uint32_t i = 0; s->state == JUDGE_READ && i < s->ways; i++) {
    const struct judge_way *w = &s->way[i];
    struct rules_entry e = judge_entry(s, w->step.shift, w->step.global, false);
    if (w->step.kind != RULES_LEAF || (w->step.update && !s->swapped)) continue;
    if (judge_cache_ended(j->cache, &e, w->since)) continue;
    if (combine_leaf(j, s, &w->step, w->since, a, visit)) return true;
  }
  return false;
}

static bool learn(struct judge *j, const struct judge_story *s, const struct judge_node *n,
                  const struct mmu_response *a) {
  (void)s;
  (void)a;
  if (!judge_cache_learn(j->cache, n)) judge_out_of_memory(j);
  return false;
}

void judge_combine(struct judge *j, struct judge_story *s) {
  if (!s->req.access.speculative) judge_combinations(j, s, NULL, learn);
}

/* ---- answers ---- */

static bool fits(struct judge *j, const struct judge_story *s, const struct judge_node *n,
                 const struct mmu_response *a) {
  struct rules_entry e = judge_cache_entry(n);
  return a->pa == (n->base | (s->req.va & ~(UINT64_MAX << n->shift))) &&
         a->s1_shift == n->s1_shift && a->s2_shift == n->s2_shift && a->attrs == n->attrs &&
         a->s2_attrs == n->s2_attrs && !judge_cache_ended(j->cache, &e, n->since);
}

/* Has every walk of stage 2 that may be under way met a fault? */
static bool stage2_faults(const struct judge_story *s) {
  const struct judge_nested *n = &s->nested;
  if (n->state == JUDGE_ERROR) return true;
  for (uint32_t i = 0; n->state == JUDGE_READ && i < n->asked.count; i++)
    if (n->asked.question[i].step.kind != RULES_FAULT) return false;
  return n->state == JUDGE_READ;
}

/* What its own walk says to an answer: NULL if nothing or the same, else why it is refused. */
static const char *walk_objects(struct judge *j, struct judge_story *s,
                                const struct mmu_response *a) {
  const char *why = NULL;
  /* With stage 1 off a walk that begins again may need no read. */
  bool unseen = s->ctx.s1_mode == MMU_S1_OFF && judge_overtaken(j, s);
  if (s->at_start || unseen) return NULL;
  if (stage2_faults(s)) return "an answer where its own walk met a fault of stage 2";
  if (s->state != JUDGE_READ) return NULL;
  for (uint32_t i = 0; i < s->ways; i++) {
    const struct rules_step *t = &s->way[i].step;
    if (t->kind == RULES_TABLE) return NULL; /* not finished: then from what it remembers */
    why = t->kind == RULES_FAULT     ? "an answer where its own walk met a fault"
          : t->update && !s->swapped ? "an answer before the A/D update that it needs"
                                     : "the answer is not what its own walk found";
  }
  return judge_combinations(j, s, a, fits) ? NULL : why;
}

/* Others may have put together something just before they are answered themselves. */
static void combine_all(struct judge *j) {
  for (uint32_t i = 0; i < 2 * 256; i++) {
    struct judge_story *s = &j->story[i / 256][i % 256];
    if (s->open && s->two_stages) judge_combine(j, s);
  }
}

void judge_ok_two(struct judge *j, struct judge_story *s, const struct mmu_response *a) {
  size_t used;
  const char *why = walk_objects(j, s, a);
  judge_combine(j, s);
  if (why == NULL && judge_remembered(j, s, a)) return;
  if (why == NULL && s->req.access.speculative && judge_combinations(j, s, a, fits)) return;
  if (why == NULL) {
    combine_all(j);
    if (judge_remembered(j, s, a)) return;
    why = "an answer from nothing the hardware may still remember";
  }
  if (judge_refuse(j, why, s, a, &used)) judge_tell_remembered(j, s, &used);
}

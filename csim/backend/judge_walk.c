/* SPDX-License-Identifier: Apache-2.0
 * The judge on walks: each table read must be one that a legal walk makes here, each table write
 * the update that the manual prescribes (csim/rules). What becomes usable is remembered.
 * Promise: every legal way to have come to a descriptor is kept, up to JUDGE_WAYS. */
#include <inttypes.h>

#include "backend/judge_parts.h"

uint64_t judge_descriptor_at(const struct judge_story *s, uint64_t table, uint8_t level) {
  uint8_t bits = level == s->root.level ? s->root.index_bits : 9;
  return rules_pte_addr(table, s->va, level, bits);
}

struct ways {
  uint32_t count;
  struct judge_way way[JUDGE_WAYS];
};

static uint32_t age(const struct judge_way *w) {
  return judge_older(w->parent_since, w->place_since);
}

/* Add a way; of two that differ only in age the younger stays. */
static void add_way(struct ways *set, struct judge_way way) {
  for (uint32_t i = 0; i < set->count; i++) {
    struct judge_way *w = &set->way[i];
    if (w->rights != way.rights || w->global != way.global || w->gpa != way.gpa) continue;
    if (age(&way) > age(w)) *w = way;
    return;
  }
  if (set->count < JUDGE_WAYS) set->way[set->count++] = way;
}

/* How old is what is read at this height on the way w? */
static uint32_t since_below(const struct judge *j, const struct judge_story *s, uint8_t level,
                            const struct judge_way *w) {
  if (w->parent_since == JUDGE_ROOT) return judge_cache_accepted(j->cache);
  struct rules_entry p =
      judge_entry(s, judge_range_of((uint8_t)(level + 1)), w->parent_global, true);
  return judge_cache_since(j->cache, &p, w->parent_since);
}

bool judge_ended_for(const struct judge *j, const struct judge_story *s, uint8_t level, bool global,
                     uint32_t since) {
  if (since >= judge_pwc_ended(j->pwc)) return false;
  struct rules_entry e = judge_entry(s, judge_range_of(level), global, true);
  return judge_cache_ended(j->cache, &e, since);
}

static void descend(struct judge *j, const struct judge_story *s, const struct mmu_event *ev,
                    uint64_t table, uint8_t level, struct judge_way way, struct ways *out);

/* The descriptor is at addr. Either it is the one being read, or the hardware passes through
 * pointers of a physically tagged walk cache, each judged as if it had been read now. One that
 * needs an update, or is no pointer, must be read. */
static void descend_at(struct judge *j, const struct judge_story *s, const struct mmu_event *ev,
                       uint64_t addr, uint8_t level, struct judge_way way, struct ways *out) {
  if (level == ev->level && addr == ev->addr) add_way(out, way);
  if (j->pwc == NULL || level <= ev->level) return;
  uint32_t above = judge_older(since_below(j, s, level, &way), way.place_since);
  struct judge_pointer *p = NULL;
  while ((p = judge_pwc_find(j->pwc, addr, level, s->pwc_ended, p)) != NULL) {
    struct rules_step t;
    j->rules->step(&s->ctx, &s->req.access, s->va, level, s->root.upper, p->value, way.rights,
                   way.global, &t);
    if (t.kind != RULES_TABLE || t.update) continue;
    if (judge_ended_for(j, s, level, t.global, p->since)) continue;
    descend(j, s, ev, t.next, (uint8_t)(level - 1),
            (struct judge_way){.rights = t.rights,
                               .global = t.global,
                               .parent_since = p->since < above ? p->since : above,
                               .parent_global = t.global},
            out);
  }
}

/* From the table of this height, to which `way` leads, to the descriptor being read. */
static void descend(struct judge *j, const struct judge_story *s, const struct mmu_event *ev,
                    uint64_t table, uint8_t level, struct judge_way way, struct ways *out) {
  way.gpa = judge_descriptor_at(s, table, level);
  way.place_since = JUDGE_ROOT;
  if (!s->two_stages) {
    descend_at(j, s, ev, way.gpa, level, way, out);
    return;
  }
  struct judge_places p;
  judge_places_of(j, s, RULES_ABOUT_TABLE, false, way.gpa, &p);
  for (uint32_t i = 0; i < p.count; i++) {
    way.place_since = p.place[i].since;
    descend_at(j, s, ev, judge_address_in(&p.place[i], way.gpa), level, way, out);
  }
}

/* Go on from the pointer read last, unless a completed invalidation has ended it. */
static void ways_onward(struct judge *j, const struct judge_story *s, const struct mmu_event *ev,
                        struct ways *out) {
  if (s->state != JUDGE_READ || s->level == 0) return;
  for (uint32_t i = 0; i < s->ways; i++) {
    const struct judge_way *w = &s->way[i];
    if (w->step.kind != RULES_TABLE || (w->step.update && !s->swapped)) continue;
    struct rules_entry p = judge_entry(s, judge_range_of(s->level), w->step.global, true);
    if (judge_cache_ended(j->cache, &p, w->since)) continue;
    descend(j, s, ev, w->step.next, (uint8_t)(s->level - 1),
            (struct judge_way){.rights = w->step.rights,
                               .global = w->step.global,
                               .parent_since = w->since,
                               .parent_global = w->step.global},
            out);
  }
}

/* Begin at the root, or below it at a pointer the hardware may remember for this address. */
static void ways_from_start(struct judge *j, struct judge_story *s, const struct mmu_event *ev,
                            struct ways *out) {
  const struct rules_root *root = judge_root_of(j, s);
  if (root->cause != MMU_CAUSE_NONE || s->ctx.s1_mode == MMU_S1_OFF) return;
  descend(j, s, ev, root->table, root->level,
          (struct judge_way){.rights = RULES_ALL_RIGHTS, .parent_since = JUDGE_ROOT}, out);
  if (j->pwc != NULL || ev->level >= root->level) return;
  struct judge_key key = judge_key_of(s, JUDGE_POINTER, judge_range_of((uint8_t)(ev->level + 1)));
  struct judge_node *p = NULL;
  while ((p = judge_cache_find(j->cache, &key, p)) != NULL) {
    if (!s->two_stages && judge_descriptor_at(s, p->base, ev->level) != ev->addr) continue;
    descend(j, s, ev, p->base, ev->level,
            (struct judge_way){.rights = p->rights,
                               .global = p->global,
                               .parent_since = p->since,
                               .parent_global = p->global},
            out);
  }
}

static bool parent_ended(const struct judge *j, const struct judge_story *s,
                         const struct judge_way *w) {
  struct rules_entry p =
      judge_entry(s, judge_range_of((uint8_t)(s->level + 1)), w->parent_global, true);
  return w->parent_since != JUDGE_ROOT && judge_cache_ended(j->cache, &p, w->parent_since);
}

/* With a stage 2 the descriptor may also be read wherever that says it is now, or be known there.
 */
static void ways_placed_anew(struct judge *j, const struct judge_story *s,
                             const struct mmu_event *ev, struct judge_way way, struct ways *out) {
  struct judge_places p;
  judge_places_of(j, s, RULES_ABOUT_TABLE, false, way.gpa, &p);
  for (uint32_t i = 0; i < p.count; i++) {
    way.place_since = p.place[i].since;
    descend_at(j, s, ev, judge_address_in(&p.place[i], way.gpa), s->level, way, out);
  }
}

/* The same descriptor once more, after a lost compare-and-swap, or because stage 2 names another
 * place for the swap than that where it was read. */
static void ways_again(struct judge *j, struct judge_story *s, const struct mmu_event *ev,
                       struct ways *out) {
  bool lost = s->state == JUDGE_LOST, two = s->two_stages;
  if (ev->level > s->level || (!lost && (s->state != JUDGE_READ || !two))) return;
  if (ev->level != s->level && (!two || j->pwc == NULL)) return;
  for (uint32_t i = 0; i < s->ways; i++) {
    const struct judge_way *w = &s->way[i];
    if (parent_ended(j, s, w)) continue;
    if (lost && ev->addr == s->addr && ev->level == s->level) add_way(out, *w);
    if (!two || (!lost && !judge_moved(j, s, w))) continue;
    uint32_t before = out->count;
    ways_placed_anew(j, s, ev, *w, out);
    if (!lost && out->count != before) s->lost++;
  }
}

bool judge_overtaken(const struct judge *j, const struct judge_story *s) {
  uint32_t accepted = judge_cache_accepted(j->cache);
  return s->walk_since != accepted && s->restarts < accepted - s->first_since;
}

void judge_begin_again(struct judge *j, struct judge_story *s) {
  s->restarts++;
  j->counts.restarts++;
  s->walk_since = judge_cache_completed(j->cache);
}

/* All legal ways to the descriptor being read; none if no legal walk reads there now. */
static void find_ways(struct judge *j, struct judge_story *s, const struct mmu_event *ev,
                      struct ways *out) {
  out->count = 0;
  bool nested_open = s->two_stages && judge_nested_open(s);
  if (!nested_open) {
    ways_onward(j, s, ev, out);
    ways_again(j, s, ev, out);
  }
  bool onward = out->count != 0;
  /* A walk begins, or begins again because an invalidation came or was still under way. */
  bool begins = (s->state == JUDGE_FRESH || s->at_start) && !nested_open;
  if (!begins && !judge_overtaken(j, s)) return;
  ways_from_start(j, s, ev, out);
  if (onward || out->count == 0) return;
  if (!begins) {
    judge_begin_again(j, s);
  } else if (s->state == JUDGE_FRESH && !s->begun) {
    j->counts.walks++;
    s->walk_since = judge_cache_completed(j->cache);
  }
}

void judge_out_of_memory(struct judge *j) {
  judge_refuse_plainly(j, "the host is out of memory", NULL, NULL, "a machine with more of it");
}

/* The descriptor may be used now: so it may be remembered, if it was not read for an access that
 * may yet be killed. */
static void learn(struct judge *j, const struct judge_story *s, const struct judge_way *w) {
  const struct rules_step *t = &w->step;
  if (s->req.access.speculative || (s->two_stages && t->kind == RULES_LEAF)) return;
  if (j->pwc != NULL && t->kind == RULES_TABLE) {
    struct judge_pointer p = {.addr = s->addr,
                              .value = t->update ? t->new_pte : s->pte,
                              .level = s->level,
                              .since = s->read_accepted};
    if (!judge_pwc_learn(j->pwc, &p)) judge_out_of_memory(j);
    return;
  }
  uint8_t shift = t->kind == RULES_LEAF ? t->shift : judge_range_of(s->level);
  struct judge_node n = {.va = s->va & (UINT64_MAX << shift),
                         .base = t->next,
                         .addr = s->addr,
                         .value = t->update ? t->new_pte : s->pte,
                         .space = s->space,
                         .s2_root = s->s2_root,
                         .asid = s->ctx.asid,
                         .kind = t->kind == RULES_TABLE ? JUDGE_POINTER : JUDGE_TRANSLATION,
                         .shift = shift,
                         .rights = t->rights,
                         .attrs = t->attrs,
                         .global = t->global,
                         .dirty = t->dirty,
                         .since = w->since};
  if (!judge_cache_learn(j->cache, &n)) judge_out_of_memory(j);
}

void judge_log_event(struct judge_story *s, const struct mmu_event *ev) {
  s->event[s->events++ % JUDGE_EVENTS] = *ev;
}

/* What stage 2 was asked before is done with. */
static void forget_stage2(struct judge_story *s) {
  if (!s->two_stages) return;
  s->nested.state = JUDGE_FRESH;
  s->nested.own_count = 0;
  s->begun = true;
  s->at_start = false;
}

void judge_table_read(struct judge *j, struct judge_story *s, const struct mmu_event *ev) {
  struct ways found;
  find_ways(j, s, ev, &found);
  judge_log_event(s, ev);
  j->counts.reads++;
  if (found.count == 0) {
    judge_refuse_plainly(j, "a table read that no legal walk makes here", s, NULL,
                         "the next descriptor of this walk, or of a pointer still remembered");
    return;
  }
  s->reads++;
  s->addr = ev->addr;
  s->level = ev->level;
  s->pte = ev->old;
  s->read_accepted = judge_cache_accepted(j->cache);
  s->error = ev->error;
  s->error_on_swap = s->swapped = false;
  forget_stage2(s);
  s->ways = found.count;
  s->state = ev->error != MMU_MEM_OK ? JUDGE_ERROR : JUDGE_READ;
  for (uint32_t i = 0; i < found.count; i++) {
    struct judge_way *w = &s->way[i];
    *w = found.way[i];
    w->since = judge_older(since_below(j, s, s->level, w), w->place_since);
    if (s->state == JUDGE_ERROR) continue;
    j->rules->step(&s->ctx, &s->req.access, s->va, s->level, s->root.upper, s->pte, w->rights,
                   w->global, &w->step);
    if (w->step.kind != RULES_FAULT && !w->step.update) learn(j, s, w);
  }
  if (s->two_stages) judge_combine(j, s);
}

/* Does stage 2 allow the swap where it is made? */
static bool placed_for_swap(struct judge *j, const struct judge_story *s,
                            const struct judge_way *w) {
  struct judge_places p;
  if (!s->two_stages) return true;
  if (judge_nested_open(s)) return false;
  judge_places_of(j, s, RULES_ABOUT_SWAP, false, w->gpa, &p);
  for (uint32_t i = 0; i < p.count; i++)
    if (judge_address_in(&p.place[i], w->gpa) == s->addr) return true;
  return false;
}

/* Keep the ways in which this is the prescribed update; false if there is none. */
static bool keep_updates(struct judge *j, struct judge_story *s, const struct mmu_event *ev) {
  uint32_t kept = 0;
  if (s->state != JUDGE_READ || s->swapped || ev->addr != s->addr || ev->level != s->level ||
      ev->expected != s->pte)
    return false;
  for (uint32_t i = 0; i < s->ways; i++) {
    const struct rules_step *t = &s->way[i].step;
    if (t->kind == RULES_FAULT || !t->update || t->new_pte != ev->desired) continue;
    if (judge_holds_back(s, t) || !placed_for_swap(j, s, &s->way[i])) continue;
    s->way[kept++] = s->way[i];
  }
  if (kept != 0) s->ways = kept;
  return kept != 0;
}

void judge_table_swap(struct judge *j, struct judge_story *s, const struct mmu_event *ev) {
  bool legal = keep_updates(j, s, ev);
  judge_log_event(s, ev);
  j->counts.swaps++;
  if (!legal) {
    size_t used;
    if (!judge_refuse(j, "a table write that the rules do not ask for", s, NULL, &used)) return;
    const struct rules_step *t = &s->way[0].step;
    if (s->state != JUDGE_READ || s->ways == 0)
      judge_say(j->text, &used, "no table write now\n");
    else if (t->kind == RULES_FAULT)
      judge_say(j->text, &used, "a fault (%s), and no table write\n", judge_cause_name(t->cause));
    else if (t->update)
      judge_say(j->text, &used, "swap [%#" PRIx64 "] %#" PRIx64 " -> %#" PRIx64 "\n", s->addr,
                s->pte, t->new_pte);
    else
      judge_say(j->text, &used, "the descriptor as it is, no table write\n");
    return;
  }
  forget_stage2(s);
  if (ev->error != MMU_MEM_OK) {
    s->state = JUDGE_ERROR;
    s->error = ev->error;
    s->error_on_swap = true;
  } else if (!ev->ok) {
    s->state = JUDGE_LOST;
    s->lost++;
    j->counts.lost++;
  } else {
    s->swapped = true;
    for (uint32_t i = 0; i < s->ways; i++)
      learn(j, s, &s->way[i]);
    if (s->two_stages) judge_combine(j, s);
  }
}

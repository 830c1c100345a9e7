/* SPDX-License-Identifier: Apache-2.0
 * The judge's verdicts. Each request is followed through its table reads, with every legal way to
 * have come there (an unknown walk-cache entry may have been used), and its answer is held
 * against the rules of the manuals and against what the hardware may remember (judge_cache.h).
 * Promise: the first thing that no legal MMU could have done ends the run, with both stories. */
#include "backend/judge.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "backend/judge_cache.h"
#include "backend/judge_story.h"

struct judge {
  enum mmu_arch arch;
  const struct rules_ops *rules;
  struct judge_cache *cache;
  struct judge_story story[2][256];
  bool inval_open;
  uint64_t cycle, seed;
  uint32_t cpu;
  struct judge_counts counts;
  bool refused;
  char text[JUDGE_TEXT];
};

struct judge *judge_create(enum mmu_arch arch, uint64_t seed, uint32_t cpu) {
  struct judge *j = calloc(1, sizeof *j);
  if (j == NULL) return NULL;
  j->arch = arch;
  j->rules = rules_of(arch);
  j->seed = seed;
  j->cpu = cpu;
  j->cache = judge_cache_create(j->rules);
  if (j->cache != NULL) return j;
  free(j);
  return NULL;
}

void judge_destroy(struct judge *j) {
  if (j == NULL) return;
  judge_cache_destroy(j->cache);
  free(j);
}

const char *judge_refusal(const struct judge *j) {
  return j->refused ? j->text : NULL;
}

void judge_counts(const struct judge *j, struct judge_counts *out) {
  *out = j->counts;
}

/* ---- refusing ---- */

/* Start the text of a refusal; false if one was made before. The caller adds what is allowed. */
static bool refuse(struct judge *j, const char *why, const struct judge_story *s,
                   const struct mmu_response *answer, size_t *used) {
  if (j->refused) return false;
  j->refused = true;
  *used = 0;
  judge_say(j->text, used,
            "lockstep refused (%s, cpu %u, cycle %" PRIu64 ", seed %" PRIu64 "): %s\n",
            judge_arch_name(j->arch), j->cpu, j->cycle, j->seed, why);
  if (s != NULL) judge_tell_story(j->text, used, s, answer);
  judge_say(j->text, used, "the rules allow: ");
  return true;
}

static void refuse_plainly(struct judge *j, const char *why, const struct judge_story *s,
                           const struct mmu_response *answer, const char *allowed) {
  size_t used;
  if (refuse(j, why, s, answer, &used)) judge_say(j->text, &used, "%s\n", allowed);
}

/* ---- requests and invalidations ---- */

void judge_submit(struct judge *j, const struct mmu_request *req) {
  struct judge_story *s = &j->story[req->port & 1][req->tag];
  if (s->open) {
    refuse_plainly(j, "a tag was used again before its answer", s, NULL, "one request per tag");
    return;
  }
  s->open = true;
  s->req = *req;
  s->ctx = *req->ctx;
  s->req.ctx = &s->ctx;
  j->rules->need(&s->ctx, &s->req.access, &s->need);
  s->va = j->rules->address(&s->ctx, &s->req.access, req->va);
  s->space = (uint64_t)s->ctx.vmid << 16 | (uint64_t)s->ctx.regime << 32 |
             (uint64_t)s->ctx.s1_mode << 40 | (uint64_t)s->ctx.s2_mode << 48;
  s->cycle = j->cycle;
  s->state = JUDGE_FRESH;
  s->root.level = UINT8_MAX; /* looked up when needed */
  s->ways = s->reads = s->lost = s->restarts = s->events = 0;
  s->walk_since = s->first_since = judge_cache_completed(j->cache);
}

void judge_retract(struct judge *j, const struct mmu_request *req) {
  j->story[req->port & 1][req->tag].open = false;
}

void judge_invalidate(struct judge *j, const struct mmu_inval *inv) {
  if (j->inval_open)
    refuse_plainly(j, "a second invalidation was accepted before the first was done", NULL, NULL,
                   "one at a time");
  j->inval_open = true;
  judge_cache_invalidate(j->cache, inv);
}

static void inval_done(struct judge *j) {
  if (!j->inval_open)
    refuse_plainly(j, "an invalidation is done that nobody asked for", NULL, NULL, "nothing");
  j->inval_open = false;
  judge_cache_done(j->cache);
}

/* ---- walks ---- */

static const struct rules_root *root_of(struct judge *j, struct judge_story *s) {
  if (s->root.level == UINT8_MAX) j->rules->root(&s->ctx, &s->req.access, s->req.va, &s->root);
  return &s->root;
}

static struct rules_entry entry(const struct judge_story *s, uint8_t shift, bool global,
                                bool pointer) {
  return (struct rules_entry){.va = s->va,
                              .asid = s->ctx.asid,
                              .vmid = s->ctx.vmid,
                              .regime = s->ctx.regime,
                              .shift = shift,
                              .global = global,
                              .pointer = pointer};
}

static uint8_t range_of(uint8_t level) {
  return (uint8_t)(12 + 9 * level);
}

static uint64_t descriptor_at(const struct judge_story *s, uint64_t table, uint8_t level) {
  uint8_t bits = level == s->root.level ? s->root.index_bits : 9;
  return rules_pte_addr(table, s->va, level, bits);
}

struct ways {
  uint32_t count;
  struct judge_way way[JUDGE_WAYS];
};

/* Add a way; of two that differ only in age the younger stays. */
static void add_way(struct ways *set, struct judge_way way) {
  for (uint32_t i = 0; i < set->count; i++) {
    struct judge_way *w = &set->way[i];
    if (w->rights != way.rights || w->global != way.global) continue;
    if (way.parent_since > w->parent_since) *w = way;
    return;
  }
  if (set->count < JUDGE_WAYS) set->way[set->count++] = way;
}

/* Go on from the pointer read last, unless a completed invalidation has ended it. */
static void ways_onward(const struct judge *j, const struct judge_story *s,
                        const struct mmu_event *ev, struct ways *out) {
  if (s->state != JUDGE_READ || s->level != ev->level + 1) return;
  for (uint32_t i = 0; i < s->ways; i++) {
    const struct judge_way *w = &s->way[i];
    if (w->step.kind != RULES_TABLE || (w->step.update && !s->swapped)) continue;
    if (descriptor_at(s, w->step.next, ev->level) != ev->addr) continue;
    struct rules_entry p = entry(s, range_of(s->level), w->step.global, true);
    if (judge_cache_ended(j->cache, &p, w->since)) continue;
    add_way(out, (struct judge_way){.rights = w->step.rights,
                                    .global = w->step.global,
                                    .parent_since = w->since,
                                    .parent_global = w->step.global});
  }
}

/* Begin here: at the root, or at a pointer the hardware may remember. */
static void ways_from_start(struct judge *j, struct judge_story *s, const struct mmu_event *ev,
                            struct ways *out) {
  const struct rules_root *root = root_of(j, s);
  if (root->cause != MMU_CAUSE_NONE || s->ctx.s1_mode == MMU_S1_OFF) return;
  if (ev->level == root->level && descriptor_at(s, root->table, ev->level) == ev->addr)
    add_way(out, (struct judge_way){.rights = RULES_ALL_RIGHTS, .parent_since = JUDGE_ROOT});
  if (ev->level >= root->level) return;
  uint8_t shift = range_of((uint8_t)(ev->level + 1));
  struct judge_node *p = NULL;
  while ((p = judge_cache_find(j->cache, s->va, s->space, s->ctx.asid, true, shift, p)) != NULL) {
    if (descriptor_at(s, p->base, ev->level) != ev->addr) continue;
    add_way(out, (struct judge_way){.rights = p->rights,
                                    .global = p->global,
                                    .parent_since = p->since,
                                    .parent_global = p->global});
  }
}

/* The same descriptor once more, after a lost compare-and-swap. */
static void ways_again(const struct judge *j, const struct judge_story *s,
                       const struct mmu_event *ev, struct ways *out) {
  if (s->state != JUDGE_LOST || ev->addr != s->addr || ev->level != s->level) return;
  for (uint32_t i = 0; i < s->ways; i++) {
    const struct judge_way *w = &s->way[i];
    struct rules_entry p = entry(s, range_of((uint8_t)(s->level + 1)), w->parent_global, true);
    if (w->parent_since == JUDGE_ROOT || !judge_cache_ended(j->cache, &p, w->parent_since))
      add_way(out, *w);
  }
}

/* All legal ways to the descriptor being read; none if no legal walk reads there now. */
static void find_ways(struct judge *j, struct judge_story *s, const struct mmu_event *ev,
                      struct ways *out) {
  out->count = 0;
  ways_onward(j, s, ev, out);
  ways_again(j, s, ev, out);
  bool onward = out->count != 0;
  /* A walk begins, or begins again because an invalidation came or was still under way. */
  uint32_t accepted = judge_cache_accepted(j->cache);
  bool overtaken = s->walk_since != accepted && s->restarts < accepted - s->first_since;
  if (s->state != JUDGE_FRESH && !overtaken) return;
  ways_from_start(j, s, ev, out);
  if (onward || out->count == 0) return;
  if (s->state == JUDGE_FRESH) {
    j->counts.walks++;
  } else {
    s->restarts++;
    j->counts.restarts++;
  }
  s->walk_since = judge_cache_completed(j->cache);
}

/* How old is what was just read this way? */
static uint32_t since_of(const struct judge *j, const struct judge_story *s,
                         const struct judge_way *w) {
  if (w->parent_since == JUDGE_ROOT) return judge_cache_accepted(j->cache);
  struct rules_entry p = entry(s, range_of((uint8_t)(s->level + 1)), w->parent_global, true);
  return judge_cache_since(j->cache, &p, w->parent_since);
}

/* The descriptor may be used now: so it may be remembered. */
static void learn(struct judge *j, const struct judge_story *s, const struct judge_way *w) {
  const struct rules_step *t = &w->step;
  uint8_t shift = t->kind == RULES_LEAF ? t->shift : range_of(s->level);
  struct judge_node n = {.va = s->va & (UINT64_MAX << shift),
                         .base = t->next,
                         .addr = s->addr,
                         .value = t->update ? t->new_pte : s->pte,
                         .asid = s->ctx.asid,
                         .space = s->space,
                         .shift = shift,
                         .rights = t->rights,
                         .attrs = t->attrs,
                         .pointer = t->kind == RULES_TABLE,
                         .global = t->global,
                         .dirty = t->dirty,
                         .since = w->since};
  if (!judge_cache_learn(j->cache, &n))
    refuse_plainly(j, "the host is out of memory", NULL, NULL, "a machine with more of it");
}

static void log_event(struct judge_story *s, const struct mmu_event *ev) {
  s->event[s->events++ % JUDGE_EVENTS] = *ev;
}

static void table_read(struct judge *j, struct judge_story *s, const struct mmu_event *ev) {
  struct ways found;
  find_ways(j, s, ev, &found);
  log_event(s, ev);
  j->counts.reads++;
  if (found.count == 0) {
    refuse_plainly(j, "a table read that no legal walk makes here", s, NULL,
                   "the next descriptor of this walk, or of a pointer still remembered");
    return;
  }
  s->reads++;
  s->addr = ev->addr;
  s->level = ev->level;
  s->pte = ev->old;
  s->error = ev->error;
  s->error_on_swap = s->swapped = false;
  s->ways = found.count;
  s->state = ev->error != MMU_MEM_OK ? JUDGE_ERROR : JUDGE_READ;
  for (uint32_t i = 0; i < found.count; i++) {
    struct judge_way *w = &s->way[i];
    *w = found.way[i];
    w->since = since_of(j, s, w);
    if (s->state == JUDGE_ERROR) continue;
    j->rules->step(&s->ctx, &s->req.access, s->level, s->root.upper, s->pte, w->rights, w->global,
                   &w->step);
    if (w->step.kind != RULES_FAULT && !w->step.update) learn(j, s, w);
  }
}

/* Keep the ways in which this is the prescribed update; false if there is none. */
static bool keep_updates(struct judge_story *s, const struct mmu_event *ev) {
  uint32_t kept = 0;
  if (s->state != JUDGE_READ || s->swapped || ev->addr != s->addr || ev->level != s->level ||
      ev->expected != s->pte)
    return false;
  for (uint32_t i = 0; i < s->ways; i++) {
    const struct rules_step *t = &s->way[i].step;
    if (t->kind == RULES_FAULT || !t->update || t->new_pte != ev->desired) continue;
    s->way[kept++] = s->way[i];
  }
  if (kept != 0) s->ways = kept;
  return kept != 0;
}

static void table_swap(struct judge *j, struct judge_story *s, const struct mmu_event *ev) {
  bool legal = keep_updates(s, ev);
  log_event(s, ev);
  j->counts.swaps++;
  if (!legal) {
    size_t used;
    if (!refuse(j, "a table write that the rules do not ask for", s, NULL, &used)) return;
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
  }
}

/* ---- answers ---- */

static bool fits(const struct mmu_response *a, uint64_t base, uint8_t shift, uint8_t attrs,
                 uint64_t va) {
  return a->pa == (base | (va & ~(UINT64_MAX << shift))) && a->s1_shift == shift &&
         a->attrs == attrs;
}

/* Is there a live entry that allows the access and gives this answer? */
static bool remembered(struct judge *j, const struct judge_story *s, const struct mmu_response *a) {
  struct judge_node *n = NULL;
  bool first = true;
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
  for (uint8_t level = 0; level < 5; level++) {
    struct judge_node *n = NULL;
    while (told < 8 && (n = judge_cache_find(j->cache, s->va, s->space, s->ctx.asid, false,
                                             range_of(level), n)) != NULL) {
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
    const struct rules_root *root = root_of(j, s);
    if (root->cause == MMU_CAUSE_NONE && a->pa == root->table && s->reads == 0) return;
    refuse_plainly(j, "a wrong answer with translation off", s, a,
                   root->cause == MMU_CAUSE_NONE ? "the address itself" : "a fault");
    return;
  }
  const char *why = walk_objects(s, a);
  if (why != NULL) {
    if (refuse(j, why, s, a, &used)) tell_walk(j, s, &used);
    return;
  }
  if (remembered(j, s, a)) return;
  if (refuse(j, "an answer from nothing the hardware may still remember", s, a, &used))
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
    const struct rules_root *root = root_of(j, s);
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

/* Bits of reg[0] that the manual leaves open for this fault. */
static uint64_t open_bits(const struct judge *j, const struct mmu_fault *f) {
  if (j->arch != MMU_ARCH_ARM) return 0;
  if (f->cause == MMU_CAUSE_NO_ATOMIC) return 1U << 9 | 1U << 6; /* EA, WnR */
  return f->cause == MMU_CAUSE_BUS || f->cause == MMU_CAUSE_PARITY ? 1U << 9 : 0;
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
  struct mmu_syndrome want = {{0}, false};
  bool implied = false;
  uint32_t n = s->state == JUDGE_FRESH ? 1 : s->ways;
  for (uint32_t i = 0; i < n; i++) {
    struct mmu_fault candidate;
    if (!implied_fault(j, s, &s->way[i], &candidate)) continue;
    const char *difference = fault_difference(j, s, &candidate, a, &want);
    struct rules_entry e = entry(s, range_of(s->level), false, false);
    bool late = s->state != JUDGE_FRESH && judge_cache_ended(j->cache, &e, s->way[i].since);
    if (difference == NULL && !late) return;
    implied = true;
    f = candidate;
    why = difference != NULL ? difference : "a fault from before a completed invalidation";
  }
  size_t used;
  if (!refuse(j, why, s, a, &used)) return;
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

static void answered(struct judge *j, const struct mmu_event *ev) {
  const struct mmu_response *a = ev->response;
  struct judge_story *s = &j->story[ev->port & 1][ev->tag];
  j->counts.answers++;
  j->counts.hits += a->hit;
  if (!s->open) {
    refuse_plainly(j, "an answer that nobody waits for", s, a, "one answer a request");
    return;
  }
  s->open = false;
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
      if (s->lost == 0 && s->restarts == 0)
        refuse_plainly(j, "a retry without a lost race or a restart", s, a, "an answer or a fault");
  }
}

void judge_event(struct judge *j, const struct mmu_event *ev) {
  if (j->refused) return;
  j->cycle = ev->cycle;
  if (ev->kind == MMU_EV_INVAL_DONE) {
    inval_done(j);
    return;
  }
  if (ev->kind == MMU_EV_ANSWER) {
    answered(j, ev);
    return;
  }
  struct judge_story *s = &j->story[ev->port & 1][ev->tag];
  if (!s->open)
    refuse_plainly(j, "a table access for a request that is not outstanding", s, NULL, "none");
  else if (ev->kind == MMU_EV_READ)
    table_read(j, s, ev);
  else
    table_swap(j, s, ev);
}

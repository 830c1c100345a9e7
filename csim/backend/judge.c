/* SPDX-License-Identifier: Apache-2.0
 * The judge's verdicts. Each request is followed through its table reads, with every legal way to
 * have come there (an unknown walk-cache entry may have been used), and its answer is held
 * against the rules of the manuals and against what the hardware may remember (judge_cache.h).
 * Promise: the first thing that no legal MMU could have done ends the run, with both stories. */
#include <inttypes.h>
#include <stdlib.h>

#include "backend/judge_parts.h"

struct judge *judge_create(const struct mmu_backend_config *cfg) {
  struct judge *j = calloc(1, sizeof *j);
  if (j == NULL) return NULL;
  bool physical = cfg->geometry.pwc_kind == MMU_PWC_PHYSICAL;
  j->arch = cfg->arch;
  j->rules = rules_of(cfg->arch);
  j->has_l2 = cfg->geometry.l2_sets != 0;
  j->seed = cfg->seed;
  j->cpu = cfg->cpu;
  j->cache = judge_cache_create(j->rules);
  j->pwc = physical ? judge_pwc_create() : NULL;
  if (j->cache != NULL && (j->pwc != NULL || !physical)) return j;
  judge_destroy(j);
  return NULL;
}

void judge_destroy(struct judge *j) {
  if (j == NULL) return;
  judge_cache_destroy(j->cache);
  judge_pwc_destroy(j->pwc);
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
bool judge_refuse(struct judge *j, const char *why, const struct judge_story *s,
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

void judge_refuse_plainly(struct judge *j, const char *why, const struct judge_story *s,
                          const struct mmu_response *answer, const char *allowed) {
  size_t used;
  if (judge_refuse(j, why, s, answer, &used)) judge_say(j->text, &used, "%s\n", allowed);
}

/* ---- requests and invalidations ---- */

void judge_submit(struct judge *j, const struct mmu_request *req) {
  struct judge_story *s = &j->story[req->port & 1][req->tag];
  if (s->open) {
    judge_refuse_plainly(j, "a tag was used again before its answer", s, NULL,
                         "one request per tag");
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
  s->s2_root = s->ctx.s2_mode == MMU_S2_EPT ? s->ctx.s2_root : 0;
  s->two_stages = s->ctx.s2_mode >= MMU_S2_EPT;
  s->begun = s->at_start = false;
  s->nested.state = JUDGE_FRESH;
  s->nested.own_count = 0;
  s->cycle = j->cycle;
  s->state = JUDGE_FRESH;
  s->root.level = UINT8_MAX; /* looked up when needed */
  s->ways = s->reads = s->lost = s->restarts = s->events = 0;
  s->walk_since = s->first_since = judge_cache_completed(j->cache);
  s->pwc_ended = j->pwc != NULL ? judge_pwc_ended(j->pwc) : 0;
}

void judge_retract(struct judge *j, const struct mmu_request *req) {
  j->story[req->port & 1][req->tag].open = false;
}

void judge_invalidate(struct judge *j, const struct mmu_inval *inv) {
  if (j->inval_open)
    judge_refuse_plainly(j, "a second invalidation was accepted before the first was done", NULL,
                         NULL, "one at a time");
  j->inval_open = true;
  j->inval_kind = inv->kind;
  judge_cache_invalidate(j->cache, inv);
}

/* The cache of pointers is empty, but a walk may have passed some and not yet read beyond them. */
static void end_pointers(struct judge *j) {
  uint32_t before = judge_cache_completed(j->cache), keep = before;
  for (uint32_t i = 0; i < 2 * 256; i++) {
    const struct judge_story *s = &j->story[i / 256][i % 256];
    if (s->open && s->pwc_ended < keep) keep = s->pwc_ended;
  }
  judge_pwc_end(j->pwc, before, keep);
}

static void inval_done(struct judge *j) {
  if (!j->inval_open)
    judge_refuse_plainly(j, "an invalidation is done that nobody asked for", NULL, NULL, "nothing");
  j->inval_open = false;
  judge_cache_done(j->cache);
  if (j->pwc != NULL && rules_ends_pointers(j->inval_kind)) end_pointers(j);
}

void judge_event(struct judge *j, const struct mmu_event *ev) {
  if (j->refused) return;
  j->cycle = ev->cycle;
  if (ev->kind == MMU_EV_INVAL_DONE) {
    inval_done(j);
    return;
  }
  if (ev->kind == MMU_EV_ANSWER) {
    judge_answer(j, ev);
    return;
  }
  struct judge_story *s = &j->story[ev->port & 1][ev->tag];
  if (!s->open)
    judge_refuse_plainly(j, "a table access for a request that is not outstanding", s, NULL,
                         "none");
  else if (ev->kind == MMU_EV_READ)
    (ev->stage == 2 ? judge_nested_read : judge_table_read)(j, s, ev);
  else
    (ev->stage == 2 ? judge_nested_swap : judge_table_swap)(j, s, ev);
  /* A read of stage 2 passes no pointer of stage 1: those passed before it still count. */
  if (j->pwc != NULL && ev->stage != 2) s->pwc_ended = judge_pwc_ended(j->pwc);
}

void judge_memory(struct judge *j, const struct mmu_event *ev, enum mmu_mem_error error,
                  uint64_t held) {
  if (j->refused || (error == ev->error && (error != MMU_MEM_OK || held == ev->old))) return;
  judge_refuse_plainly(j, "a table read found what memory does not hold",
                       &j->story[ev->port & 1][ev->tag], NULL, "the descriptor that is there");
}

// SPDX-License-Identifier: Apache-2.0
// Runs policies over a trace. Promises: exact counts; the same trace gives the same counts.
#include <stdlib.h>
#include <string.h>

#include "policy/run.h"
#include "replay/kernel.h"
#include "replay/progress.h"
#include "replay/replay.h"

uint32_t *replay_next_use(const struct replay_trace *t) {
  uint32_t *next = malloc((t->count + 1) * sizeof *next);
  uint32_t *later = malloc(((size_t)t->pages + 1) * sizeof *later); /* use of each page */
  if (next == NULL || later == NULL) {
    free(next);
    free(later);
    return NULL;
  }
  memset(later, 0xff, ((size_t)t->pages + 1) * sizeof *later);
  for (uint64_t i = t->count; i-- > 0;) {
    const uint32_t page = t->access[i] >> 1;
    next[i] = later[page];
    later[page] = (uint32_t)i;
  }
  free(later);
  return next;
}

struct world {
  struct policy_run run;
  struct policy_future future;
  struct policy *policy;
};

static void world_close(struct world *w, const struct policy_spec *s) {
  if (w->policy != NULL) s->ops->destroy(w->policy);
  free(w->run.frame_of);
  free(w->run.page_of);
}

/* w stays where it is: the policy keeps pointers into it. */
static bool world_open(struct world *w, const struct replay_trace *t, const struct policy_spec *s,
                       uint32_t frames, const uint32_t *next_use) {
  /* No page is evicted if all fit, so more memory than pages is as good as that many. */
  if (frames > t->pages) frames = t->pages;
  const size_t pages = (size_t)t->pages + 1;
  *w = (struct world){.run = {.access = t->access, .to = t->count, .frames = frames}};
  w->run.frame_of = malloc(pages * sizeof *w->run.frame_of);
  w->run.page_of = malloc(((size_t)frames + 1) * sizeof *w->run.page_of);
  struct policy_config c = {.frames = frames, .capacity = frames, .options = s->options};
  if (s->ops->needs_dirty && t->tells_writes)
    c.host = (struct policy_host){.ctx = &w->run, .dirty = policy_run_dirty};
  if (w->run.frame_of != NULL && w->run.page_of != NULL) {
    memset(w->run.frame_of, 0xff, pages * sizeof *w->run.frame_of);
    if (s->ops->needs_future) {
      w->future =
          (struct policy_future){t->access, next_use, w->run.frame_of, (uint32_t)t->count, 0};
      w->run.future = &w->future;
      c.future = &w->future;
    }
    w->policy = s->ops->create(&c);
  }
  if (w->policy != NULL) return true;
  world_close(w, s);
  return false;
}

bool replay_one(const struct replay_trace *t, const struct policy_spec *s, uint32_t frames,
                const uint32_t *next_use, struct replay_result *out) {
  struct world w;
  if (!world_open(&w, t, s, frames, next_use)) return false;
  const double from = progress_now();
  s->ops->run(w.policy, &w.run);
  *out = (struct replay_result){w.run.misses, w.run.evictions, w.run.writebacks, w.run.looked,
                                progress_now() - from};
  world_close(&w, s);
  return true;
}

static bool any_needs_future(const struct replay *r) {
  for (size_t i = 0; i < r->policies; i++)
    if (r->policy[i].ops->needs_future) return true;
  return false;
}

bool replay_all(struct replay *r) {
  struct progress progress = progress_start();
  const size_t runs = r->policies * r->sizes;
  uint32_t *next_use = any_needs_future(r) ? replay_next_use(r->trace) : NULL;
  r->result = calloc(runs, sizeof *r->result);
  (void)snprintf(r->error, sizeof r->error, "out of memory");
  bool good = r->result != NULL && (next_use != NULL || !any_needs_future(r));
  for (size_t i = 0; i < runs && good; i++) {
    const struct policy_spec *s = &r->policy[i / r->sizes];
    const uint32_t frames = r->frames[i % r->sizes];
    progress_say(&progress, "%s: run %zu of %zu, %s with %u frames", r->source, i + 1, runs,
                 s->label, frames);
    struct replay_result *out = &r->result[i];
    good = replay_is_kernel(s) ? replay_kernel(r->trace, s, frames, out, r->error, sizeof r->error)
                               : replay_one(r->trace, s, frames, next_use, out);
  }
  progress_end(&progress);
  free(next_use);
  return good;
}

static void step(struct world *w, const struct replay_trace *t, const struct policy_spec *s,
                 uint64_t i, FILE *out) {
  const uint64_t misses = w->run.misses;
  const uint64_t evictions = w->run.evictions;
  w->run.from = i;
  w->run.to = i + 1;
  s->ops->run(w->policy, &w->run);
  fprintf(out, "%8llu %c %-12llu %s", (unsigned long long)i + 1,
          (t->access[i] & 1) != 0 ? 'w' : 'r', (unsigned long long)t->identity[t->access[i] >> 1],
          w->run.misses != misses ? "miss" : "hit ");
  if (w->run.evictions != evictions)
    fprintf(out, " evicts %-12llu", (unsigned long long)t->identity[w->run.gone]);
  else
    fprintf(out, " %-19s", "");
  fprintf(out, " ");
  s->ops->show(w->policy, out, t->identity);
  fprintf(out, "\n");
}

bool replay_steps(const struct replay_trace *t, const struct policy_spec *s, uint32_t frames,
                  FILE *out) {
  struct world w;
  uint32_t *next_use = s->ops->needs_future ? replay_next_use(t) : NULL;
  if (s->ops->needs_future && next_use == NULL) return false;
  const bool good = world_open(&w, t, s, frames, next_use);
  if (good) {
    fprintf(out, "%s, %u frames\n", s->label, frames);
    for (uint64_t i = 0; i < t->count; i++)
      step(&w, t, s, i, out);
    fprintf(out, "%llu misses\n", (unsigned long long)w.run.misses);
    world_close(&w, s);
  }
  free(next_use);
  return good;
}

/* SPDX-License-Identifier: Apache-2.0
 * The MMU in C: the backend interface, answers and time. The rules are those of
 * the manuals (csim/rules); the timing is its own, near that of the hardware.
 * Promises: any geometry; one request a port and cycle, a hit answered in the next cycle; nothing
 * older than an invalidation answers once it is done; deterministic. */
#include "backend/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/table.h"

static struct model *self(struct mmu_backend *b) {
  return (struct model *)b;
}

/* ---- answers ---- */

struct mmu_response *model_answer(struct model *m, const struct mmu_request *req, uint64_t cycle) {
  struct mmu_response *a = &m->answer[(m->answer_head + m->answer_count++) % MODEL_ANSWERS];
  model_answer_init(m, a, req, cycle);
  return a;
}

void model_answer_entry(struct mmu_response *a, const struct model_entry *e, uint64_t va) {
  a->pa = e->base | (va & ~(UINT64_MAX << e->shift));
  a->s1_shift = e->s1_shift;
  a->s2_shift = e->s2_shift;
  a->attrs = e->attrs;
  a->s2_attrs = e->s2_attrs;
}

void model_answer_fault(struct model *m, const struct mmu_request *req, uint64_t cycle,
                        const struct mmu_fault *f) {
  struct mmu_response *a = model_answer(m, req, cycle);
  a->status = MMU_FAULT;
  a->pa = 0;
  a->s1_shift = a->s2_shift = a->attrs = a->s2_attrs = 0;
  a->fault = *f;
  m->unrecorded[a - m->answer] = req->access.speculative;
  m->rules->syndrome(req->ctx, &req->access, f, &a->syndrome);
  m->stats.faults++;
}

/* Answers have appeared: the fault queue and the observer get to know. */
static void announce(struct model *m) {
  for (; m->announced < m->answer_count; m->announced++) {
    const struct mmu_response *a = &m->answer[(m->answer_head + m->announced) % MODEL_ANSWERS];
    if (a->cycle > m->now) return;
    if (a->status == MMU_FAULT && !m->unrecorded[a - m->answer]) model_regs_fault(&m->regs, a);
    if (m->cfg.observer.event == NULL) continue;
    m->cfg.observer.event(m->cfg.observer.self, &(struct mmu_event){.cycle = a->cycle,
                                                                    .response = a,
                                                                    .kind = MMU_EV_ANSWER,
                                                                    .tag = a->tag,
                                                                    .port = a->port});
  }
}

static bool answer_ready(const struct model *m) {
  return m->answer_count != 0 && m->answer[m->answer_head].cycle <= m->now;
}

static size_t model_poll(struct mmu_backend *b, struct mmu_response *out, size_t max) {
  struct model *m = self(b);
  size_t n = 0;
  for (; n < max && answer_ready(m); n++) {
    const struct mmu_response *a = &m->answer[m->answer_head];
    if (a->status == MMU_FAULT)
      out[n] = *a;
    else
      memcpy(&out[n], a, offsetof(struct mmu_response, fault));
    m->stats.hits += a->hit;
    m->stats.misses += !a->hit;
    m->answer_head = (m->answer_head + 1) % MODEL_ANSWERS;
    m->answer_count--;
    if (m->announced != 0) m->announced--;
  }
  model_tell_due(m);
  return n;
}

/* ---- requests ---- */

bool model_can_accept(const struct model *m, unsigned port) {
  return m->base.accepted_at[port] != m->now + 1 && model_queue_free(m) &&
         m->answer_count + m->lookers + m->waiters + m->walking + 2 < MODEL_ANSWERS;
}

static bool model_submit(struct mmu_backend *b, const struct mmu_request *req) {
  struct model *m = self(b);
  unsigned port = req->port & 1;
  if (!model_can_accept(m, port)) return false;
  m->base.accepted_at[port] = m->now + 1;
  m->base.changes[port]++;
  m->stats.requests++;
  struct mmu_request q = *req;
  struct mmu_context ctx;
  if (req->from_regs) {
    ctx = model_regs_context(&m->regs, req->ctx);
    q.ctx = &ctx;
  }
  enum model_stream stream = model_stream_of(req->port, req->access.kind);
  m->perf.asked[stream]++;
  m->perf.missed[stream] += !model_l1_look(m, &q);
  model_tell_due(m);
  return true;
}

/* ---- invalidation ---- */

static bool model_invalidate(struct mmu_backend *b, const struct mmu_inval *inv) {
  b->changes[0]++, b->changes[1]++;
  bool begun = model_inval_begin(self(b), inv);
  model_tell_due(self(b));
  return begun;
}

static bool model_inval_poll(struct mmu_backend *b, uint8_t *id) {
  struct model *m = self(b);
  if (m->inval_done > m->now) return false;
  m->inval_done = MMU_NEVER;
  *id = m->inval_id;
  model_tell_due(m);
  return true;
}

/* ---- time ---- */

static uint64_t next_step(const struct model *m) {
  return m->next_walk != NULL ? m->next_walk->due : MMU_NEVER;
}

static uint64_t model_next_event(struct mmu_backend *b) {
  struct model *m = self(b);
  uint64_t t = model_next(m);
  return t == MMU_NEVER || t > m->now ? t : m->now + 1;
}

/* Time reaches a cycle up to which all is done: tell what appeared. */
static void arrive(struct model *m, uint64_t cycle) {
  bool inval_was_due = m->inval_done <= m->now;
  m->now = cycle;
  if (m->announced != m->answer_count) announce(m);
  if (!inval_was_due && m->inval_done <= m->now && m->cfg.observer.event != NULL)
    m->cfg.observer.event(
        m->cfg.observer.self,
        &(struct mmu_event){.cycle = m->now, .kind = MMU_EV_INVAL_DONE, .tag = m->inval_id});
}

/* Do what is due first, up to a cycle; false if nothing is. */
static bool step(struct model *m, uint64_t limit) {
  if (m->look_due <= limit && m->look_due <= next_step(m))
    model_look(m);
  else if (next_step(m) <= limit)
    model_walk_step(m);
  else
    return false;
  return true;
}

static uint64_t model_step_to(struct mmu_backend *b, uint64_t cycle) {
  struct model *m = self(b);
  bool inval_was_due = m->inval_done <= m->now;
  if (inval_was_due || answer_ready(m)) return m->now;
  while (step(m, earlier(model_next_result(m), cycle)))
    ;
  uint64_t stop = earlier(model_next_result(m), cycle);
  arrive(m, stop > m->now ? stop : m->now);
  model_tell_due(m);
  return m->now;
}

/* ---- registers ---- */

/* An access takes a cycle, whatever else appears in it. */
static void spend_cycle(struct model *m) {
  while (step(m, m->now + 1))
    ;
  arrive(m, m->now + 1);
  model_tell_due(m);
}

static int model_reg_write(struct mmu_backend *b, uint32_t offset, uint64_t value) {
  struct model *m = self(b);
  uint64_t events[MMU_PERF_COUNT];
  model_perf_events(m, events);
  b->changes[0]++, b->changes[1]++;
  int failed = model_regs_write(&m->regs, events, offset, value);
  spend_cycle(m);
  return failed;
}

static int model_reg_read(struct mmu_backend *b, uint32_t offset, uint64_t *value) {
  struct model *m = self(b);
  uint64_t events[MMU_PERF_COUNT];
  model_perf_events(m, events);
  int failed = model_regs_read(&m->regs, events, offset, value);
  spend_cycle(m);
  return failed;
}

static uint64_t model_now(const struct mmu_backend *b) {
  return ((const struct model *)b)->now;
}

static const char *model_error(const struct mmu_backend *b) {
  (void)b;
  return NULL;
}

static void model_stats(const struct mmu_backend *b, struct mmu_backend_stats *out) {
  *out = ((const struct model *)b)->stats;
  for (unsigned kind = 0; kind < 4; kind++) {
    out->requests += b->again[kind];
    out->hits += b->again[kind];
  }
}

static int model_trace(struct mmu_backend *b, const char *path, uint64_t from, uint64_t to) {
  (void)b, (void)path, (void)from, (void)to;
  return 0;
}

/* ---- birth and death ---- */

static void model_destroy(struct mmu_backend *b) {
  struct model *m = self(b);
  model_cache_destroy(m->l1[0]);
  model_cache_destroy(m->l1[1]);
  model_cache_destroy(m->l2);
  model_cache_destroy(m->descriptors);
  model_cache_destroy(m->nested);
  for (unsigned h = 1; h < MODEL_LEVELS; h++)
    model_cache_destroy(m->pointers[h]);
  free(m->walk);
  host_table_free(m->hint);
  free(m->request);
  free(m->idle);
  free(m->looking);
  free(m->waiting);
  free(m);
}

static const struct mmu_backend_ops model_ops = {
    .name = "model",
    .submit = model_submit,
    .offer = model_offer,
    .hit_again = model_hit_again,
    .glimpse = model_glimpse,
    .expect = model_expect,
    .foresee = model_foresee,
    .poll = model_poll,
    .invalidate = model_invalidate,
    .inval_poll = model_inval_poll,
    .next_event = model_next_event,
    .step_to = model_step_to,
    .now = model_now,
    .reg_write = model_reg_write,
    .reg_read = model_reg_read,
    .error = model_error,
    .stats = model_stats,
    .trace = model_trace,
    .destroy = model_destroy,
};

static struct model_cache *tlb(const struct mmu_geometry *g, uint32_t sets, uint32_t ways) {
  return model_cache_create(&(struct model_cache_shape){
      .sets = sets, .ways = ways, .policy = (enum mmu_replacement)g->replacement});
}

static struct model_cache *walk_cache(const struct mmu_geometry *g, uint32_t entries) {
  return model_cache_create(
      &(struct model_cache_shape){.sets = 1,
                                  .ways = entries,
                                  .policy = (enum mmu_replacement)g->replacement,
                                  .pointers = true});
}

/* All walk caches allocated? */
static bool build_walk_caches(struct model *m) {
  const struct mmu_geometry *g = &m->cfg.geometry;
  bool physical = g->pwc_kind == MMU_PWC_PHYSICAL;
  uint32_t sum = 0;
  for (unsigned h = 1; h < MODEL_LEVELS; h++) {
    sum += g->pwc_entries[h - 1];
    m->pointers[h] = walk_cache(g, physical ? 0 : g->pwc_entries[h - 1]);
    if (m->pointers[h] == NULL) return false;
  }
  if (physical && sum != 0) m->descriptors = walk_cache(g, sum);
  return !physical || sum == 0 || m->descriptors != NULL;
}

/* All parts allocated? */
static bool build(struct model *m) {
  const struct mmu_geometry *g = &m->cfg.geometry;
  m->l1[MMU_PORT_FETCH] = tlb(g, 1, g->l1i_entries);
  m->l1[MMU_PORT_DATA] = tlb(g, 1, g->l1d_entries);
  if (g->l2_sets != 0) m->l2 = tlb(g, g->l2_sets, g->l2_ways);
  m->nested =
      model_cache_create(&(struct model_cache_shape){.sets = 1,
                                                     .ways = g->nested_entries,
                                                     .policy = (enum mmu_replacement)g->replacement,
                                                     .nested = true});
  m->walk = calloc(g->walks, sizeof *m->walk);
  m->hint = host_table(MODEL_HINTS * sizeof *m->hint);
  m->request = calloc(g->walks + g->miss_queue, sizeof *m->request);
  m->idle = calloc(g->walks + g->miss_queue, sizeof(struct model_request *));
  m->looking = calloc(g->miss_queue, sizeof(struct model_request *));
  m->waiting = calloc(g->miss_queue, sizeof(struct model_request *));
  if (m->l1[0] == NULL || m->l1[1] == NULL || (g->l2_sets != 0 && m->l2 == NULL)) return false;
  if (m->nested == NULL || m->walk == NULL || m->request == NULL || m->idle == NULL) return false;
  if (m->looking == NULL || m->waiting == NULL || m->hint == NULL) return false;
  for (uint32_t i = 0; i < g->walks + g->miss_queue; i++)
    m->idle[i] = &m->request[i];
  return build_walk_caches(m);
}

struct mmu_backend *mmu_backend_model(const struct mmu_backend_config *cfg, char *err,
                                      size_t err_len) {
  const char *why = mmu_geometry_fault(&cfg->geometry);
  if (why != NULL) {
    snprintf(err, err_len, "model backend: %s", why);
    return NULL;
  }
  struct model *m = calloc(1, sizeof *m);
  if (m != NULL) {
    m->base.ops = &model_ops;
    m->cfg = *cfg;
    m->rules = rules_of(cfg->arch);
    m->inval_done = m->look_due = MMU_NEVER;
    model_tell_due(m);
    model_regs_reset(&m->regs, cfg->arch);
  }
  if (m == NULL || !build(m)) {
    if (m != NULL) model_destroy(&m->base);
    snprintf(err, err_len, "model backend: the host is out of memory");
    return NULL;
  }
  return &m->base;
}

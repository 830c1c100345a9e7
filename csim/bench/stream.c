// SPDX-License-Identifier: Apache-2.0
// Keeps a window of requests outstanding on a backend until enough are answered.
// Host time is the CPU time of the process (POSIX CLOCK_PROCESS_CPUTIME_ID).
// Promises: one request a cycle a port at most, no tag used twice at once.
#include "bench/stream.h"

#include <time.h>

double host_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

enum { LONG_WAIT = 1000000 };

struct run {
  struct mmu_backend *b;
  const struct stream *s;
  size_t next; /* request to issue */
  unsigned outstanding;
  uint8_t tag[2];
  bool busy[2][256];
};

enum offer { OFFERED, REFUSED, WINDOW_FULL };

/* Offer the next request if the window allows. */
static enum offer issue(struct run *r) {
  if (r->outstanding == r->s->window) return WINDOW_FULL;
  struct mmu_request req = r->s->requests[r->next];
  req.tag = r->tag[req.port];
  if (r->busy[req.port][req.tag] || !r->b->ops->submit(r->b, &req)) return REFUSED;
  r->busy[req.port][req.tag] = true;
  r->tag[req.port]++;
  r->outstanding++;
  r->next = r->next + 1 < r->s->count ? r->next + 1 : 0;
  return OFFERED;
}

/* Let time pass until there may be room again: the backend stops at the first answer by itself. */
static bool step(struct run *r, enum offer offer) {
  uint64_t now = r->b->ops->now(r->b);
  uint64_t next = now + 1;
  if (offer == WINDOW_FULL)
    next = now + LONG_WAIT;
  else if (offer == REFUSED)
    next = r->b->ops->next_event(r->b);
  if (next == MMU_NEVER || next <= now) next = now + 1;
  return r->b->ops->step_to(r->b, next) != MMU_NEVER;
}

static void subtract(struct mmu_backend_stats *after, const struct mmu_backend_stats *before) {
  after->cycles_clocked -= before->cycles_clocked;
  after->eval_ns -= before->eval_ns;
  after->requests -= before->requests;
  after->hits -= before->hits;
  after->misses -= before->misses;
  after->l2_hits -= before->l2_hits;
  after->l2_misses -= before->l2_misses;
  after->walks -= before->walks;
  after->walk_reads -= before->walk_reads;
  after->cas_a -= before->cas_a;
  after->cas_d -= before->cas_d;
}

bool stream_run(struct mmu_backend *b, const struct stream *s, uint64_t translations,
                struct stream_result *out) {
  struct run r = {.b = b, .s = s};
  struct mmu_response answers[8];
  struct mmu_backend_stats before;
  b->ops->stats(b, &before);
  *out = (struct stream_result){0};
  uint64_t first_cycle = b->ops->now(b);
  double start = host_seconds();
  while (out->translations < translations) {
    enum offer offer = issue(&r);
    if (!step(&r, offer)) return false;
    size_t n = b->ops->poll(b, answers, 8);
    for (size_t i = 0; i < n; i++) {
      r.busy[answers[i].port][answers[i].tag] = false;
      out->faults += answers[i].status != MMU_OK;
    }
    out->translations += n;
    r.outstanding -= (unsigned)n;
    if (n != 0 && s->idle_gap != 0 && b->ops->step_to(b, b->ops->now(b) + s->idle_gap) == MMU_NEVER)
      return false;
  }
  while (r.outstanding != 0) { /* leave nothing behind for the next stream */
    if (!step(&r, WINDOW_FULL)) return false;
    r.outstanding -= (unsigned)b->ops->poll(b, answers, 8);
  }
  out->seconds = host_seconds() - start;
  out->cycles = b->ops->now(b) - first_cycle;
  b->ops->stats(b, &out->stats);
  subtract(&out->stats, &before);
  return true;
}

// SPDX-License-Identifier: Apache-2.0
// The rtl backend: clocks one Verilated MMU, serves its memory port from the simulated memory and
// hands its answers on. Follows testbench/shim.h (one step is one clock edge) and backend.h.
// Promises: a table access takes effect when it is accepted, in acceptance order; the hardware is
// not evaluated while it only waits; a hardware that stops answering is an error, never a hang.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "backend/rtl_geometry.h"
#include "backend/rtl_memory.h"
#include "testbench/shim.h"

enum {
  LANES = 4,
  MAX_ANSWERS = 64,          /* step_to stops at the first; register accesses go on */
  NO_PROGRESS_CYCLES = 20000 /* clocked without memory outstanding, answer or memory request */
};

struct rtl {
  struct mmu_backend base;
  struct mmu_backend_config cfg;
  const struct hw_ops *hw_ops;
  struct hw *hw;
  uint64_t now;
  struct hw_out out;
  /* offered to the next clock edge */
  bool offered[2], inval_offered;
  struct mmu_request request[2];
  struct mmu_context context[2];
  struct mmu_inval inval;
  /* what is outstanding */
  struct rtl_memory memory;
  uint32_t waiting[2];
  uint64_t asked[2][256]; /* by tag: when a hit is answered; 0: the tag is free */
  bool inval_waiting;
  const struct hw_reg_access *reg; /* for the next clock edge */
  /* ready to be taken */
  size_t answers;
  struct mmu_response answer[MAX_ANSWERS];
  bool inval_done;
  uint8_t inval_id;
  /* wave window */
  char *trace_path;
  uint64_t trace_from, trace_to;
  bool tracing;
  uint32_t quiet; /* clocked cycles without progress */
  struct mmu_backend_stats stats;
  bool failed;
  char error[512];
};

static struct rtl *self(struct mmu_backend *b) {
  return (struct rtl *)b;
}
static const struct rtl *self_const(const struct mmu_backend *b) {
  return (const struct rtl *)b;
}

__attribute__((format(printf, 2, 3))) static void fail(struct rtl *r, const char *format, ...) {
  if (r->failed) return;
  int n = snprintf(r->error, sizeof r->error, "rtl %s, cpu %u, cycle %llu: ", r->hw_ops->name,
                   r->cfg.cpu, (unsigned long long)r->now);
  size_t used = n > 0 ? (size_t)n : 0;
  va_list args;
  va_start(args, format);
  vsnprintf(r->error + used, sizeof r->error - used, format, args);
  va_end(args);
  r->failed = true;
}

static void notify(struct rtl *r, const struct mmu_event *ev) {
  if (r->cfg.observer.event != NULL) r->cfg.observer.event(r->cfg.observer.self, ev);
}

/* ---- requests ---- */

static bool rtl_submit(struct mmu_backend *b, const struct mmu_request *req) {
  struct rtl *r = self(b);
  unsigned port = req->port & 1;
  bool ready = port == MMU_PORT_FETCH ? r->out.fetch_ready : r->out.data_ready;
  if (r->failed || !ready || r->offered[port]) return false;
  if (r->asked[port][req->tag] != 0) {
    fail(r, "tag %u of port %u was used again before its answer", req->tag, port);
    return false;
  }
  r->asked[port][req->tag] = r->now + 1;
  r->waiting[port]++;
  r->offered[port] = true;
  r->context[port] = *req->ctx;
  r->request[port] = *req;
  r->request[port].ctx = &r->context[port];
  r->stats.requests++;
  return true;
}

static size_t rtl_poll(struct mmu_backend *b, struct mmu_response *out, size_t max) {
  struct rtl *r = self(b);
  size_t n = r->answers < max ? r->answers : max;
  memcpy(out, r->answer, n * sizeof *out);
  r->answers -= n;
  if (r->answers != 0) memmove(r->answer, r->answer + n, r->answers * sizeof *out);
  return n;
}

static bool rtl_invalidate(struct mmu_backend *b, const struct mmu_inval *inv) {
  struct rtl *r = self(b);
  if (r->failed || !r->out.inval_ready || r->inval_offered || r->inval_waiting) return false;
  r->inval = *inv;
  r->inval_offered = true;
  r->inval_waiting = true;
  r->stats.invals++;
  return true;
}

static bool rtl_inval_poll(struct mmu_backend *b, uint8_t *id) {
  struct rtl *r = self(b);
  if (!r->inval_done) return false;
  r->inval_done = false;
  *id = r->inval_id;
  return true;
}

/* ---- one clock edge ---- */

static void take_answer(struct rtl *r, const struct mmu_response *rsp, unsigned port, bool hit) {
  struct mmu_response *a = &r->answer[r->answers++];
  *a = *rsp;
  a->cycle = r->now;
  a->port = (uint8_t)port;
  a->hit = hit;
  uint64_t asked = r->asked[port][a->tag];
  if (asked == 0) {
    fail(r, "an answer to tag %u of port %u, which nobody waits for", a->tag, port);
    return;
  }
  r->asked[port][a->tag] = 0;
  r->waiting[port]--;
  /* A merged miss is answered on the hit lane too, but later. */
  bool at_once = hit && r->now == asked;
  r->stats.hits += at_once;
  r->stats.misses += !at_once;
  r->stats.faults += a->status == MMU_FAULT;
  r->stats.retries += a->status == MMU_RETRY;
  notify(r, &(struct mmu_event){.cycle = r->now,
                                .kind = MMU_EV_ANSWER,
                                .response = a,
                                .tag = a->tag,
                                .port = (uint8_t)port});
}

static void take_inval_done(struct rtl *r) {
  if (!r->inval_waiting || r->inval_done) {
    fail(r, "invalidation %u finished, which nobody waits for", r->out.inval_id);
    return;
  }
  r->inval_waiting = false;
  r->inval_done = true;
  r->inval_id = r->out.inval_id;
  notify(r,
         &(struct mmu_event){.cycle = r->now, .kind = MMU_EV_INVAL_DONE, .tag = r->out.inval_id});
}

static void take_outputs(struct rtl *r) {
  const struct hw_out *o = &r->out;
  for (unsigned port = 0; port < 2; port++) {
    if (o->hit_valid[port]) take_answer(r, &o->hit[port], port, true);
    if (o->miss_valid[port]) take_answer(r, &o->miss[port], port, false);
  }
  if (o->inval_done) take_inval_done(r);
  r->stats.walks += o->ev_walk_start;
  r->stats.l2_hits += o->ev_l2_hit;
  r->stats.l2_misses += o->ev_l2_miss;
  r->stats.pwc_hits += o->ev_pwc_hit;
  r->stats.nested_hits += o->ev_nested_hit;
  r->stats.merges += o->ev_merge;
  r->stats.overlaps += o->ev_overlap;
  r->stats.restarts += o->ev_restart;
}

/* The wave window opens and closes between clock edges. */
static void follow_trace(struct rtl *r) {
  if (!r->tracing && r->now >= r->trace_from && r->now <= r->trace_to) {
    if (r->hw_ops->trace_open(r->hw, r->trace_path) != 0)
      fail(r, "cannot write the wave file %s", r->trace_path);
    r->tracing = true;
  }
  if (r->tracing && r->now > r->trace_to) {
    r->hw_ops->trace_close(r->hw);
    r->tracing = false;
    free(r->trace_path);
    r->trace_path = NULL;
  } else if (r->tracing) {
    r->hw_ops->trace_time(r->hw, r->now);
  }
}

static void clock_once(struct rtl *r) {
  struct hw_in in = {.mem_req_ready = r->memory.count < RTL_MEMORY_MAX};
  bool progress = false;
  if (r->trace_path != NULL) follow_trace(r);
  if (r->offered[MMU_PORT_FETCH]) in.fetch = &r->request[MMU_PORT_FETCH];
  if (r->offered[MMU_PORT_DATA]) in.data = &r->request[MMU_PORT_DATA];
  if (r->inval_offered) in.inval = &r->inval;
  in.reg = r->reg;
  in.time = (uint32_t)r->now;
  if (rtl_memory_due(&r->memory) <= r->now) rtl_memory_deliver(&r->memory, &in);
  if (r->out.mem_req_valid && in.mem_req_ready) {
    rtl_memory_accept(&r->memory, &r->cfg, r->now, &r->out, &r->stats);
    progress = true;
  }
  r->offered[0] = r->offered[1] = r->inval_offered = false;
  if (r->hw_ops->step(r->hw, &in, &r->out) != 0) {
    const char *why = r->hw_ops->error(r->hw);
    fail(r, "%s", why != NULL ? why : "the hardware stopped");
    return;
  }
  r->now++;
  r->stats.cycles_clocked++;
  take_outputs(r);
  progress = progress || r->memory.count != 0 || r->answers != 0 || r->inval_done;
  r->quiet = progress ? 0 : r->quiet + 1;
  if (r->quiet > NO_PROGRESS_CYCLES && (r->waiting[0] + r->waiting[1] != 0 || r->inval_waiting))
    fail(r, "no progress in %u cycles with %u requests%s outstanding", r->quiet,
         r->waiting[0] + r->waiting[1], r->inval_waiting ? " and an invalidation" : "");
}

/* ---- time ---- */

static bool in_window(const struct rtl *r) {
  return r->trace_path != NULL && r->now >= r->trace_from && r->now <= r->trace_to;
}

/* The next edge has something to do, or somebody wants to see that it has not. */
static bool must_clock(const struct rtl *r) {
  return in_window(r) || !r->out.idle || r->out.mem_req_valid || r->offered[0] || r->offered[1] ||
         r->inval_offered || rtl_memory_due(&r->memory) <= r->now;
}

static uint64_t rtl_next_event(struct mmu_backend *b) {
  struct rtl *r = self(b);
  if (must_clock(r)) return r->now + 1;
  uint64_t due = rtl_memory_due(&r->memory);
  return due != MMU_NEVER ? due + 1 : MMU_NEVER;
}

/* Nothing to clock before `cycle` or the next memory answer: go there. */
static void skip(struct rtl *r, uint64_t cycle) {
  uint64_t due = rtl_memory_due(&r->memory);
  if (due == MMU_NEVER && (r->waiting[0] + r->waiting[1] != 0 || r->inval_waiting)) {
    fail(r, "the hardware went idle with %u requests%s unanswered", r->waiting[0] + r->waiting[1],
         r->inval_waiting ? " and an invalidation" : "");
    return;
  }
  if (r->trace_path != NULL && r->now < r->trace_from && r->trace_from < cycle)
    cycle = r->trace_from;
  r->now = due < cycle ? due : cycle;
}

static uint64_t rtl_step_to(struct mmu_backend *b, uint64_t cycle) {
  struct rtl *r = self(b);
  while (!r->failed && r->now < cycle && r->answers == 0 && !r->inval_done) {
    if (must_clock(r))
      clock_once(r);
    else
      skip(r, cycle);
  }
  return r->failed ? MMU_NEVER : r->now;
}

/* One clock edge with the access; the answer is there after it. */
static int access_register(struct rtl *r, const struct hw_reg_access *access) {
  if (!r->failed && r->answers > MAX_ANSWERS - LANES)
    fail(r, "a register access with %zu answers not taken", r->answers);
  if (r->failed) return -1;
  r->reg = access;
  clock_once(r);
  r->reg = NULL;
  if (!r->failed && !r->out.reg_valid) fail(r, "a register access was not answered");
  return r->failed || r->out.reg_error ? -1 : 0;
}

static int rtl_reg_write(struct mmu_backend *b, uint32_t offset, uint64_t value) {
  if (offset > 0xfff) return -1;
  return access_register(
      self(b), &(struct hw_reg_access){.write = true, .offset = (uint16_t)offset, .value = value});
}

static int rtl_reg_read(struct mmu_backend *b, uint32_t offset, uint64_t *value) {
  if (offset > 0xfff) return -1;
  int failed = access_register(self(b), &(struct hw_reg_access){.offset = (uint16_t)offset});
  if (failed == 0) *value = self(b)->out.reg_value;
  return failed;
}

static uint64_t rtl_now(const struct mmu_backend *b) {
  return self_const(b)->now;
}

static const char *rtl_error(const struct mmu_backend *b) {
  return self_const(b)->failed ? self_const(b)->error : NULL;
}

static void rtl_stats(const struct mmu_backend *b, struct mmu_backend_stats *out) {
  const struct rtl *r = self_const(b);
  *out = r->stats;
  out->eval_ns = r->hw_ops->eval_ns(r->hw);
}

static void end_trace(struct rtl *r) {
  if (r->tracing) r->hw_ops->trace_close(r->hw);
  r->tracing = false;
  free(r->trace_path);
  r->trace_path = NULL;
}

static int rtl_trace(struct mmu_backend *b, const char *path, uint64_t from, uint64_t to) {
  struct rtl *r = self(b);
  end_trace(r);
  FILE *f = fopen(path, "w"); /* tell now, not at cycle `from`, that it cannot be written */
  if (f == NULL) return -1;
  fclose(f);
  r->trace_path = strdup(path);
  if (r->trace_path == NULL) return -1;
  r->trace_from = from;
  r->trace_to = to;
  return 0;
}

static void rtl_destroy(struct mmu_backend *b) {
  struct rtl *r = self(b);
  end_trace(r);
  if (r->hw != NULL) r->hw_ops->destroy(r->hw);
  free(r);
}

static const struct mmu_backend_ops rtl_ops = {
    .name = "rtl",
    .submit = rtl_submit,
    .poll = rtl_poll,
    .invalidate = rtl_invalidate,
    .inval_poll = rtl_inval_poll,
    .next_event = rtl_next_event,
    .step_to = rtl_step_to,
    .now = rtl_now,
    .reg_write = rtl_reg_write,
    .reg_read = rtl_reg_read,
    .error = rtl_error,
    .stats = rtl_stats,
    .trace = rtl_trace,
    .destroy = rtl_destroy,
};

struct mmu_backend *mmu_backend_rtl(const struct mmu_backend_config *cfg, char *err,
                                    size_t err_len) {
  const struct hw_ops *hw_ops = rtl_find_hw(cfg->arch, &cfg->geometry, err, err_len);
  if (hw_ops == NULL) return NULL;
  struct rtl *r = calloc(1, sizeof *r);
  struct hw *hw = r != NULL ? hw_ops->create(cfg->seed) : NULL;
  if (hw == NULL) {
    free(r);
    snprintf(err, err_len, "rtl backend: the host is out of memory");
    return NULL;
  }
  r->base.ops = &rtl_ops;
  r->cfg = *cfg;
  r->hw_ops = hw_ops;
  r->hw = hw;
  hw_ops->reset(hw, &r->out);
  return &r->base;
}

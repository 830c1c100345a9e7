// SPDX-License-Identifier: Apache-2.0
// User mode: events of a program issue in order into a window of outstanding accesses.
// Follows the design's CPU model: loads translate ahead, a store or read-modify-write translates
// when it is the oldest (D is never speculative), a fault is taken when its access is the oldest
// and squashes everything younger, which is then done again.
// Promises: retires in order; a cycle is booked to what the oldest access waits for.
#include "machine/machine_internal.h"

static const uint8_t mmu_kind[] = {[TRACE_FETCH] = MMU_FETCH,
                                   [TRACE_READ] = MMU_READ,
                                   [TRACE_WRITE] = MMU_WRITE,
                                   [TRACE_MODIFY] = MMU_RMW};

static struct slot *slot_at(struct task *k, uint32_t i) {
  return &k->slot[(k->head + i) % WINDOW_MAX];
}

static bool free_tag(struct cpu *c, uint8_t port, uint8_t *tag) {
  for (unsigned i = 0; i < TAGS; i++) {
    uint8_t t = c->next_tag[port];
    c->next_tag[port] = (uint8_t)((t + 1) % TAGS);
    if (c->in_use[port][t]) continue;
    *tag = t;
    return true;
  }
  return false;
}

static uint8_t size_log2(uint64_t bytes) {
  if (bytes <= 1) return 0;
  return bytes > 32 ? 6 : (uint8_t)(64 - __builtin_clzll(bytes - 1));
}

/* ---- the time of data ---- */

static void time_data(struct cpu *c, struct slot *s) {
  uint32_t latency = 0;
  for (unsigned part = 0; part < 2; part++) {
    if ((s->parts & (1u << part)) == 0) continue;
    uint32_t cycles = memtiming_access(c->timing, s->pa[part], s->ev.kind != TRACE_READ);
    if (cycles > latency) latency = cycles;
  }
  if (s->ev.kind != TRACE_WRITE) s->done_at += latency; /* a store buffer takes stores */
}

/* The caches are asked in order, but as late as it makes no difference: the host has fetched what
 * they hold by then. Now it does. */
static inline void time_all(struct cpu *c) {
  for (uint32_t i = 0; i < c->untimed_count; i++)
    time_data(c, c->untimed[i]);
  c->untimed_count = 0;
}

static void translated(struct cpu *c, struct slot *s) {
  s->done_at = s->answered_at;
  if (s->ev.kind == TRACE_FETCH) {
    s->done_at += (s->ev.count != 0 ? s->ev.count : 1) - 1;
    c->issue_at = s->done_at;
    c->fetch_pending = false;
    return;
  }
  if (c->untimed_count == 0 && slot_at(c->current->task, 0) == s) {
    time_data(c, s);
    return;
  }
  memtiming_expect(c->timing, s->pa[0]);
  c->untimed[c->untimed_count++] = s;
}

/* When the oldest access is done; it is answered. */
static uint64_t done_at(struct cpu *c, const struct slot *s) {
  if (c->untimed_count != 0) time_all(c);
  return s->done_at;
}

/* ---- requests ---- */

/* The backend is at this CPU's time, which may run ahead while nothing happens in it. */
static void catch_up(struct cpu *c) {
  if (c->backend->ops->hit == NULL) return;
  time_all(c);
  (void)c->backend->ops->step_to(c->backend, c->now);
}

static void answered(struct cpu *c, struct slot *s, unsigned part, uint64_t pa, uint8_t shift,
                     uint64_t cycle) {
  s->answered |= (uint8_t)(1u << part);
  s->shift = shift;
  s->pa[part] = pa;
  s->answered_at = cycle;
  if (s->answered == s->parts && !s->faulted) translated(c, s);
}

/* The short way: if the L1 has it and nothing else happens until its answer, one cycle from now,
 * the answer is taken already. Nobody can tell: an access is not used before its answered_at. */
static bool may_shorten(const struct cpu *c) {
  return c->backend->ops->hit != NULL && c->inval_count == 0 && c->now + 1 < c->m->horizon &&
         c->m->cfg.watch.event == NULL;
}

static void hit(struct cpu *c, struct slot *s, unsigned part, uint64_t pa, uint8_t shift) {
  if (s->sent == 0) s->sent_at = c->now;
  s->sent |= (uint8_t)(1u << part);
  c->hit_at = c->now;
  answered(c, s, part, pa, shift, c->now + 1);
}

static void remember(struct cpu *c, const struct slot *s, unsigned part,
                     const struct mmu_request *q, const struct mmu_response *a, uint8_t serves) {
  bool stale = s->leaf_at[part] != 0 && s->judged[part] != c->m->invalidated;
  c->again[q->port] = (struct page_again){.page = q->va >> a->s1_shift,
                                          .frame = a->pa >> a->s1_shift << a->s1_shift,
                                          .changes = c->backend->changes[q->port],
                                          .invalidated = c->m->invalidated,
                                          .reads = c->leaf_reads,
                                          .leaf_at = s->leaf_at[part],
                                          .shift = a->s1_shift,
                                          .kinds = stale ? 0 : serves,
                                          .huge = s->leaf_huge[part]};
}

static bool hit_at_once(struct cpu *c, struct slot *s, unsigned part, const struct mmu_request *q) {
  struct mmu_response a;
  uint8_t serves;
  if (!may_shorten(c) || !c->backend->ops->hit(c->backend, q, c->now, &a, &serves)) return false;
  watch_hit(c, s, part, q, &a);
  remember(c, s, part, q, &a, serves);
  hit(c, s, part, a.pa, a.s1_shift);
  return true;
}

/* The shortest way: an access to the page of the port's last hit, when all is as it was. */
static inline bool hit_again(struct cpu *c, struct slot *s) {
  struct page_again *p = &c->again[s->port];
  uint8_t kind = mmu_kind[s->ev.kind];
  if (s->parts != 1 || s->ev.addr >> p->shift != p->page || (p->kinds >> kind & 1) == 0 ||
      p->changes != c->backend->changes[s->port] || p->invalidated != c->m->invalidated ||
      !may_shorten(c) || !c->backend->ops->hit_again(c->backend, s->port, kind, c->now))
    return false;
  watch_hit_again(c, s, p);
  hit(c, s, 0, p->frame | (s->ev.addr & ~(UINT64_MAX << p->shift)), p->shift);
  return true;
}

/* Ask for part 0 or 1 of an access now; false if the port does not take it. */
static bool send_part(struct cpu *c, struct slot *s, unsigned part) {
  struct mmu_request q = {.va = s->ev.addr,
                          .access = {.kind = mmu_kind[s->ev.kind]},
                          .ctx = os_task_context(c->current->task->os),
                          .port = s->port};
  uint8_t tag;
  if (part == 1) q.va = (s->ev.addr + s->ev.bytes - 1) & ~UINT64_C(0xfff);
  q.access.size = s->ev.kind == TRACE_FETCH ? 2 : size_log2(s->parts == 3 ? 1 : s->ev.bytes);
  if (hit_at_once(c, s, part, &q)) return true;
  catch_up(c);
  content_expect_page(c->current->task->content, q.va);
  if (!free_tag(c, s->port, &tag)) return false;
  q.tag = tag;
  if (!c->backend->ops->submit(c->backend, &q)) return false;
  c->in_use[s->port][tag] = true;
  c->owner[s->port][tag] = s;
  c->leaf_known[s->port][tag] = false;
  c->page[s->port][tag] = q.va;
  c->asid[s->port][tag] = q.ctx->asid;
  c->outstanding++;
  s->tag[part] = tag;
  if (s->sent == 0) s->sent_at = c->now;
  s->sent |= (uint8_t)(1u << part);
  return true;
}

static __attribute__((noinline)) bool send_parts(struct cpu *c, struct slot *s) {
  for (unsigned part = 0; part < 2; part++) {
    uint8_t bit = (uint8_t)(1u << part);
    if ((s->parts & bit) != 0 && (s->sent & bit) == 0 && !send_part(c, s, part)) break;
  }
  return s->sent == s->parts;
}

/* Ask for what is left to ask of an access; true if nothing is left. */
static bool send(struct cpu *c, struct slot *s) {
  return (s->sent == 0 && hit_again(c, s)) || send_parts(c, s);
}

static void send_first(struct cpu *c, struct slot *s) {
  s->tried = c->now;
  c->unsent += !send(c, s);
}

static void send_unsent(struct cpu *c, struct task *k) {
  for (uint32_t i = 0; i < k->issued && c->unsent != 0; i++) {
    struct slot *s = slot_at(k, i);
    if (s->sent == s->parts || (s->in_order && i != 0)) continue;
    if (!send(c, s)) return; /* the port is in order */
    c->unsent--;
  }
}

void window_answer(struct cpu *c, const struct mmu_response *a, struct slot *s) {
  unsigned part = slot_part(s, a->tag);
  uint8_t bit = (uint8_t)(1u << part);
  if (a->status == MMU_RETRY) {
    c->unsent += s->sent == s->parts;
    s->sent &= (uint8_t)~bit;
    s->crowded = true;
    return;
  }
  booking_answer(c, s);
  s->l2 = s->l2 || a->l2;
  if (a->status == MMU_FAULT && !s->faulted) {
    s->faulted = true;
    s->fault = *a;
  }
  if (!s->faulted) content_expect_frame(c->m->content, a->pa >> 12);
  answered(c, s, part, a->pa, a->s1_shift, c->now);
}

/* ---- issue and retirement ---- */

static void reset_slot(struct slot *s) {
  s->sent = s->answered = s->phases = 0;
  s->faulted = s->crowded = s->alone = s->l2 = false;
}

uint32_t window_translated(const struct cpu *c) {
  const struct task *k = c->current->task;
  uint32_t i = k->issued;
  while (i != 0 && k->slot[(k->head + i - 1) % WINDOW_MAX].answered == 0)
    i--;
  return i;
}

void window_squash(struct cpu *c) {
  struct task *k = c->current->task;
  time_all(c);
  if (k->issued != 0) booking_slot(c, slot_at(k, 0), c->now);
  for (uint32_t i = 0; i < k->issued; i++) {
    struct slot *s = slot_at(k, i);
    for (unsigned part = 0; part < 2; part++)
      if ((s->sent & (1u << part)) != 0 && c->owner[s->port][s->tag[part]] == s)
        c->owner[s->port][s->tag[part]] = NULL;
    reset_slot(s);
  }
  c->m->results.squashed += k->issued;
  k->issued = 0;
  c->unsent = 0;
  c->fetch_pending = false;
  c->issue_at = c->next = c->now;
  if (c->drains != 0) cpu_answer_drains(c, true);
}

static void retire(struct cpu *c, struct task *k) {
  struct machine *m = c->m;
  struct slot *s = slot_at(k, 0);
  booking_slot(c, s, c->now);
  watch_access(c, s);
  if (s->ev.kind == TRACE_FETCH) {
    m->results.instructions += s->ev.count;
  } else {
    m->results.page_crossings += s->parts == 3;
  }
  if (s->ev.tag != 0) phase_access(m, s->ev.tag);
  if (++m->results.accesses == m->cfg.max_accesses) m->stopping = true;
  k->head = (k->head + 1) % WINDOW_MAX;
  k->count--;
  k->issued--;
  c->retired++;
  if (c->drains != 0) cpu_answer_drains(c, false);
  if (k->issued == 0) return;
  s = slot_at(k, 0);
  if (s->in_order && s->sent == 0) send_first(c, s);
}

static void take_fault(struct cpu *c, struct task *k) {
  struct slot *s = slot_at(k, 0);
  watch_fault(c, s);
  k->syndrome = s->fault.syndrome;
  window_squash(c);
  c->m->results.squashed--; /* the one that faulted */
  task_enter_kernel(c, REQUEST_FAULT);
}

static bool may_issue(const struct cpu *c, const struct task *k) {
  return k->issued < k->count && k->issued < c->m->cfg.window && !c->fetch_pending &&
         c->unsent == 0 && k->slot[(k->head + k->issued) % WINDOW_MAX].ev.kind <= TRACE_MODIFY;
}

static void issue(struct cpu *c, struct task *k) {
  struct slot *s = slot_at(k, k->issued++);
  reset_slot(s);
  c->issue_at = c->now + 1;
  c->fetch_pending = s->ev.kind == TRACE_FETCH;
  if (!s->in_order || k->issued == 1) send_first(c, s);
}

/* Nothing is in the window: leave user mode if there is a reason to. */
static bool leave_user(struct cpu *c, struct task *k) {
  struct machine *m = c->m;
  if (c->now < c->issue_at) return false;
  if (m->stopping || k->exhausted || k->killed) {
    task_enter_kernel(c, REQUEST_EXIT);
  } else if (sched_others(c)) {
    struct thread *t = c->current;
    c->current = NULL;
    sched_ready(m, t);
    sched_pick(c);
  } else if (slot_at(k, 0)->ev.kind > TRACE_MODIFY) {
    task_enter_kernel(c, REQUEST_CALL);
  } else {
    return false;
  }
  return true;
}

static uint64_t next_action(struct cpu *c, const struct task *k, bool drain) {
  uint64_t soon = c->now + 1;
  uint64_t next = MMU_NEVER;
  c->backend_next = c->outstanding == 0 && c->inval_count == 0 ? MMU_NEVER : soon;
  if (c->unsent != 0) return soon;
  if (k->issued == k->count && c->hit_at == c->now) return soon; /* the answer; more events then */
  if (k->issued == 0 || (!drain && may_issue(c, k))) next = c->issue_at;
  if (next <= soon) return soon;
  if (k->issued != 0) {
    const struct slot *s = &k->slot[k->head];
    if (s->answered == s->parts && done_at(c, s) < next) next = s->done_at;
  }
  if (c->backend_next != MMU_NEVER) {
    c->backend_next = cpu_backend_next(c);
    if (c->backend_next < next) next = c->backend_next;
  }
  return next > soon ? next : soon;
}

/* Retire what is done; false if a fault or an interrupt took the CPU into the kernel. */
static bool retire_all(struct cpu *c, struct task *k) {
  uint32_t before = k->issued;
  while (k->issued != 0) {
    const struct slot *s = slot_at(k, 0);
    if (s->faulted) {
      take_fault(c, k);
      return false;
    }
    if (s->answered != s->parts || done_at(c, s) > c->now) break;
    retire(c, k);
    if (interrupt_due(c)) break; /* between two accesses */
  }
  if (!interrupt_due(c) || (k->issued == before && before != 0)) return true;
  interrupt_take(c);
  return false;
}

static void run(struct cpu *c) {
  struct machine *m = c->m;
  struct task *k = c->current->task;
  while (!m->failed) {
    if (!retire_all(c, k)) return;
    if (c->unsent != 0) send_unsent(c, k);
    if (k->issued == k->count) task_fill(m, k);
    bool drain = m->stopping || k->killed || sched_others(c) || interrupt_due(c);
    if (k->issued == 0 && leave_user(c, k)) return;
    while (!drain && c->issue_at <= c->now && may_issue(c, k))
      issue(c, k);
    c->next = next_action(c, k, drain);
    if (c->next >= m->horizon) return;
    if (c->next < c->backend_next && c->backend->ops->hit != NULL) {
      c->now = m->now = c->next;
      continue;
    }
    time_all(c);
    uint64_t reached = c->backend->ops->step_to(c->backend, c->next);
    if (reached == MMU_NEVER) {
      cpu_sync(c, c->next); /* reports the error */
      return;
    }
    c->now = m->now = reached;
    if (c->outstanding != 0 || c->inval_count != 0) cpu_take_answers(c);
  }
}

void window_run(struct cpu *c) {
  run(c);
  catch_up(c);
}

void window_enter(struct cpu *c) {
  struct machine *m = c->m;
  char why[160];
  if (!shootdown_enter(c)) return;
  contract_checked(&m->results.contracts, CONTRACT_LEDGER);
  if (!ledger_balanced(&m->results.ledger, c->id, c->now, why, sizeof why))
    contract_break(&m->results.contracts, CONTRACT_LEDGER, "%s", why);
  c->again[0].kinds = c->again[1].kinds = 0; /* it may be another address space */
  c->mode = CPU_USER;
  c->booked = c->issue_at = c->next = c->now;
}

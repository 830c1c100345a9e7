// SPDX-License-Identifier: Apache-2.0
// The fast lane of user mode: cycles in which nothing happens but that accesses issue and retire,
// each of which the L1 answered at once. What the window asks in every cycle is asked here on
// entry, and what it counts is told on leaving. Promise: all is then as if the window had gone
// through the same cycles (tests/unit/test_machine_hits.c).
#include "machine/machine_internal.h"
#include "observer/sight.h"

/* What the lane keeps at hand of the CPU and its task, and what has come together. */
struct lane {
  uint64_t now, limit; /* the first cycle that is not the lane's */
  uint64_t booked;
  uint64_t room; /* accesses until the machine has made as many as it was asked for; 0: wraps */
  uint64_t retired, instructions, aged;
  uint64_t compute, tlb_hit, data; /* cycles */
  uint64_t head, issued, left;     /* as in struct task; wide, see slot.h on loads */
};

static inline struct lane enter(const struct cpu *c, const struct task *k) {
  const struct machine *m = c->m;
  const uint64_t limit = earlier(m->horizon, c->backend->due);
  return (struct lane){.now = c->now,
                       .limit = m->ready_first != NULL ? earlier(limit, c->slice_end) : limit,
                       .booked = c->booked,
                       .room = m->cfg.max_accesses - m->results.accesses,
                       .head = k->head,
                       .issued = k->issued,
                       .left = k->left};
}

/* By value: what has an address stays out of the host's registers. */
static __attribute__((noinline)) void leave(struct cpu *c, struct task *k, const struct lane l) {
  struct machine *m = c->m;
  struct contracts *contracts = &m->results.contracts;
  const uint64_t checked = k->content != NULL ? l.retired : 0;
  ledger_book(&m->results.ledger, c->id, LEDGER_COMPUTE, l.compute);
  ledger_book(&m->results.ledger, c->id, LEDGER_TLB_HIT, l.tlb_hit);
  ledger_book(&m->results.ledger, c->id, LEDGER_DATA_MEMORY, l.data);
  contracts->record[CONTRACT_DATA].checked += checked;
  contracts->record[CONTRACT_FRAME].checked += checked;
  contracts->record[CONTRACT_STALE].checked += checked + l.aged;
  m->results.instructions += l.instructions;
  m->results.accesses += l.retired;
  if (l.retired != 0 && l.room == 0) m->stopping = true;
  c->retired += l.retired;
  c->booked = l.booked;
  k->head = (uint32_t)l.head;
  k->count -= (uint32_t)l.retired;
  k->issued = (uint32_t)l.issued;
  k->left = (uint32_t)l.left;
}

/* Ask for its page; false: it has gone another way, or has not gone. */
static inline bool send(struct cpu *c, struct slot *s) {
  s->tried = c->now;
  c->unsent += !request_send(c, s);
  return s->plain;
}

/* Is it what the lane is for, and good? Then its contents are checked and changed, and it must
 * retire; else nothing has happened, and the window asks again. */
static inline bool accept(const struct cpu *c, const struct task *k, const struct lane *l,
                          const struct slot *s) {
  if (!s->plain || l->booked < s->sent_at) return false;
  if (s->first.leaf_at != 0 && s->first.judged != c->m->invalidated) return false;
  return k->content == NULL ||
         content_access(k->content, s->ev.addr, s->first.pa >> 12, slot_right(s)) == CONTENT_OK;
}

/* Its cycles since the last that were booked: as in booking.c. */
static inline void book(struct lane *l, const struct slot *s) {
  const bool fetch = s->ev.kind == TRACE_FETCH;
  const uint64_t looked = !fetch & (l->booked == s->sent_at);
  l->tlb_hit += looked;
  l->booked += looked;
  const uint64_t took = l->now - l->booked;
  l->compute += fetch ? took : 0;
  l->data += fetch ? 0 : took;
  l->booked = l->now;
  l->instructions += fetch ? s->ev.count : 0;
}

/* Retire what is done; false: the window must go on with this cycle. */
static inline bool retire_all(struct cpu *c, struct task *k, struct lane *l) {
  struct machine *m = c->m;
  while (l->issued != 0) {
    struct slot *s = &k->slot[l->head];
    if (s->done_at > l->now) break;
    if (!accept(c, k, l, s)) return false;
    book(l, s);
    l->aged += s->first.leaf_at != 0;
    if (m->cfg.sight != NULL)
      sight_access(m->cfg.sight, s->first.pa >> 12, k->pid, s->ev.addr >> 12, s->sent_at, l->now);
    if (s->ev.tag != 0) phase_access(m, s->ev.tag);
    l->retired++;
    l->issued--;
    l->head = (l->head + 1) % SLOTS;
    l->room--;
    s = &k->slot[l->head];
    if (l->issued != 0 && s->in_order && s->sent == 0 && !send(c, s)) return false;
    if (l->room == 0) return false;
  }
  return l->issued != 0 || l->left != 0;
}

/* Issue the next; false: it has gone another way. */
static inline bool issue(struct cpu *c, struct task *k, struct lane *l) {
  struct slot *s = &k->slot[(l->head + l->issued++) % SLOTS];
  l->left--;
  slot_reset(s);
  c->issue_at = l->now + 1;
  if (s->in_order && l->issued != 1) return true;
  c->fetch_pending = s->ev.kind == TRACE_FETCH;
  return send(c, s);
}

/* When the window acts next: as in window.c. */
static inline uint64_t next(const struct cpu *c, const struct task *k, const struct lane *l,
                            bool last) {
  const uint64_t soon = l->now + 1;
  if (last && c->hit_at == l->now) return soon;
  uint64_t at = MMU_NEVER;
  if (l->issued == 0 || (l->left != 0 && l->issued < c->m->cfg.window)) at = c->issue_at;
  if (l->issued != 0) at = earlier(at, k->slot[l->head].done_at);
  return at > soon ? at : soon;
}

/* As far as it goes; true if its last cycle is done. */
static inline bool go(struct cpu *c, struct task *k, struct lane *l) {
  for (;;) {
    if (!retire_all(c, k, l) || k->count == l->issued + l->retired) return false;
    if (l->left != 0 && l->issued < c->m->cfg.window && c->issue_at <= l->now && !issue(c, k, l))
      return true;
    uint64_t at = next(c, k, l, k->count == l->issued + l->retired);
    if (at >= l->limit) return true;
    c->now = c->m->now = l->now = at;
  }
}

/* Apart from the window's loop: the compiler then keeps what the lane has at hand in registers. */
__attribute__((noinline)) bool lane_run(struct cpu *c, struct task *k) {
  struct lane l = enter(c, k);
  if (l.now >= l.limit) return false;
  bool whole = go(c, k, &l);
  leave(c, k, l);
  return whole;
}

// SPDX-License-Identifier: Apache-2.0
// What an access asks of the MMU and of the caches. In the model backend most requests are hits of
// the L1 TLB that nothing can interfere with; those take a short way, without tags and queues.
// Promises: the short ways change nothing: the same cycles, counters, checks and breaks
// (tests/unit/test_machine_hits.c).
#include "machine/machine_internal.h"

static const uint8_t mmu_kind[] = {[TRACE_FETCH] = MMU_FETCH,
                                   [TRACE_READ] = MMU_READ,
                                   [TRACE_WRITE] = MMU_WRITE,
                                   [TRACE_MODIFY] = MMU_RMW};

/* The next tag of a port that is free. */
static bool free_tag(const struct cpu *c, uint8_t port, uint8_t *tag) {
  for (unsigned i = 0; i < TAGS; i++) {
    *tag = (uint8_t)((c->next_tag[port] + i) % TAGS);
    if (!c->asked[port][*tag].in_use) return true;
  }
  return false;
}

static uint8_t size_log2(uint64_t bytes) {
  if (bytes <= 1) return 0;
  return bytes > 32 ? 6 : (uint8_t)(64 - __builtin_clzll(bytes - 1));
}

/* ---- the time of data ---- */

static inline void time_data(struct cpu *c, struct slot *s) {
  const bool write = s->ev.kind != TRACE_READ;
  uint32_t latency = memtiming_access(c->timing, s->first.pa, write);
  if (s->parts == 3) {
    uint32_t second = memtiming_access(c->timing, s->far->second.pa, write);
    if (second > latency) latency = second;
  }
  s->done_at += s->ev.kind != TRACE_WRITE ? latency : 0; /* a store buffer takes stores */
}

static inline void translated(struct cpu *c, struct slot *s) {
  s->done_at = s->answered_at;
  if (s->ev.kind == TRACE_FETCH) {
    s->done_at += (s->ev.count != 0 ? s->ev.count : 1) - 1;
    c->issue_at = s->done_at;
    c->fetch_pending = false;
    return;
  }
  time_data(c, s);
}

/* ---- requests ---- */

void request_catch_up(struct cpu *c) {
  if (c->backend->ops->offer == NULL) return;
  (void)c->backend->ops->step_to(c->backend, c->now);
}

static void answered(struct cpu *c, struct slot *s, unsigned part, uint64_t pa, uint8_t shift,
                     uint64_t cycle) {
  s->answered |= (uint8_t)(1u << part);
  s->shift = shift;
  slot_part(s, part)->pa = pa;
  s->answered_at = cycle;
  if (s->answered == s->parts && !s->faulted) translated(c, s);
}

/* The short way: if the L1 has it and nothing else happens until its answer, one cycle from now,
 * the answer is taken already. Nobody can tell: an access is not used before its answered_at. */
static inline bool nothing_before(const struct cpu *c) {
  return c->inval_count == 0 && c->now + 1 < c->m->horizon;
}

static bool may_shorten(const struct cpu *c) {
  return c->backend->ops->offer != NULL && c->m->cfg.watch.event == NULL && nothing_before(c);
}

static void hit(struct cpu *c, struct slot *s, unsigned part, uint64_t pa, uint8_t shift) {
  if (s->sent == 0) s->sent_at = c->now;
  s->sent |= (uint8_t)(1u << part);
  c->hit_at = c->now;
  s->plain = s->parts == 1;
  answered(c, s, part, pa, shift, c->now + 1);
}

static void remember(struct cpu *c, const struct slot_part *p, const struct mmu_request *q,
                     const struct mmu_response *a, uint8_t serves) {
  bool stale = p->leaf_at != 0 && p->judged != c->m->invalidated;
  c->again[q->port] = (struct page_again){.page = q->va >> a->s1_shift,
                                          .frame = a->pa >> a->s1_shift << a->s1_shift,
                                          .changes = c->backend->changes[q->port],
                                          .reads = c->leaf_reads,
                                          .leaf_at = p->leaf_at,
                                          .shift = a->s1_shift,
                                          .kinds = stale ? 0 : serves,
                                          .huge = p->leaf_huge};
}

static inline void age_again(struct cpu *c, struct slot *s, struct page_again *p) {
  if (c->m->cfg.coverage != NULL)
    watch_cover(c, s, &(struct mmu_response){.status = MMU_OK, .s1_shift = p->shift});
  if (p->reads != c->leaf_reads) { /* it may have fallen out of the tables meanwhile */
    watch_page_again(c, s, p);
    return;
  }
  s->first.leaf_huge = p->huge;
  s->first.leaf_at = p->leaf_at;
  s->first.judged = c->m->invalidated;
  c->m->results.contracts.record[CONTRACT_STALE].checked += p->leaf_at != 0;
}

/* Is it an access to the page of the port's last hit, when all is as it was? */
static inline bool may_hit_again(const struct cpu *c, const struct slot *s) {
  const struct page_again *p = &c->again[s->port];
  return s->sent == 0 && s->parts == 1 && s->ev.addr >> p->shift == p->page &&
         (p->kinds >> mmu_kind[s->ev.kind] & 1) != 0 &&
         p->changes == c->backend->changes[s->port] && nothing_before(c);
}

/* It does: the shortest way. */
static inline void hit_again(struct cpu *c, struct slot *s) {
  struct page_again *p = &c->again[s->port];
  age_again(c, s, p);
  s->sent = s->answered = 1;
  s->plain = true;
  s->shift = p->shift;
  s->first.pa = p->frame | (s->ev.addr & ~(UINT64_MAX << p->shift));
  s->sent_at = c->hit_at = c->now;
  s->answered_at = c->now + 1;
  translated(c, s);
}

/* The backend has taken it: its answer comes by poll. */
static void taken(struct cpu *c, struct slot *s, unsigned part, const struct mmu_request *q) {
  uint8_t port = q->port, tag = q->tag;
  c->next_tag[port] = (uint8_t)((tag + 1) % TAGS);
  c->asked[port][tag] =
      (struct asked){.owner = s, .page = q->va, .asid = q->ctx->asid, .in_use = true};
  c->outstanding++;
  slot_part(s, part)->tag = tag;
  if (s->sent == 0) s->sent_at = c->now;
  s->sent |= (uint8_t)(1u << part);
}

static enum mmu_taken offer(struct cpu *c, struct slot *s, unsigned part,
                            const struct mmu_request *q) {
  struct mmu_response a;
  uint8_t serves;
  if (!may_shorten(c)) {
    request_catch_up(c);
    return c->backend->ops->submit(c->backend, q) ? MMU_TAKEN : MMU_REFUSED;
  }
  enum mmu_taken t = c->backend->ops->offer(c->backend, q, c->now, &a, &serves);
  if (t == MMU_ANSWERED) {
    watch_hit(c, s, part, q, &a);
    remember(c, slot_part(s, part), q, &a, serves);
    hit(c, s, part, a.pa, a.s1_shift);
  }
  return t;
}

/* Ask for part 0 or 1 of an access now; false if the port does not take it. */
static bool send_part(struct cpu *c, struct slot *s, unsigned part) {
  if (c->backend->accepted_at[s->port] == c->now + 1) return false; /* one a cycle */
  struct mmu_request q = {.va = s->ev.addr,
                          .access = {.kind = mmu_kind[s->ev.kind]},
                          .ctx = os_task_context(c->current->task->os),
                          .port = s->port};
  if (part == 1) q.va = (s->ev.addr + s->ev.bytes - 1) & ~UINT64_C(0xfff);
  q.access.size = s->ev.kind == TRACE_FETCH ? 2 : size_log2(s->parts == 3 ? 1 : s->ev.bytes);
  if (!free_tag(c, s->port, &q.tag)) return false;
  enum mmu_taken t = offer(c, s, part, &q);
  if (t == MMU_TAKEN) taken(c, s, part, &q);
  return t != MMU_REFUSED;
}

static __attribute__((noinline)) bool send_parts(struct cpu *c, struct slot *s) {
  for (unsigned part = 0; part < 2; part++) {
    uint8_t bit = (uint8_t)(1u << part);
    if ((s->parts & bit) != 0 && (s->sent & bit) == 0 && !send_part(c, s, part)) break;
  }
  return s->sent == s->parts;
}

bool request_send(struct cpu *c, struct slot *s) {
  if (!may_hit_again(c, s) || !mmu_hit_again(c->backend, s->port, mmu_kind[s->ev.kind], c->now))
    return send_parts(c, s);
  hit_again(c, s);
  return true;
}

void request_answer(struct cpu *c, const struct mmu_response *a, struct slot *s) {
  unsigned part = slot_part_of(s, a->tag);
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
    s->done_at = 0;
    s->far->fault = *a;
  }
  answered(c, s, part, a->pa, a->s1_shift, c->now);
}

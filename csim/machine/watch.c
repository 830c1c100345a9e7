// SPDX-License-Identifier: Apache-2.0
// The observer inside the machine: contract checks on backend events, retired accesses, faults and
// returns from the kernel. It sees both sides; neither side sees it.
// Follows the design's list of contracts. Promises: changes nothing but counters.
#include <inttypes.h>
#include <stdio.h>

#include "machine/machine_internal.h"
#include "observer/coverage.h"
#include "observer/sight.h"
#include "observer/syndrome_check.h"

/* By kind of a program's event. */
static const uint8_t access_kind[] = {MMU_FETCH, MMU_READ, MMU_WRITE, MMU_RMW};

/* ---- what the MMU does ---- */

/* Its leaf, or that of the 2 MiB round it, may just have been read. */
static void note_age(struct cpu *c, const struct asked *q, const struct mmu_event *ev, bool good) {
  struct freshness *f = c->m->freshness;
  if (f == NULL) return;
  c->leaf_reads++;
  if (ev->level == 0 && good) freshness_read(f, c->id, q->asid, q->page, ev->cycle);
  if (ev->level == 1 && good) freshness_read_huge(f, c->id, q->asid, q->page, ev->cycle);
}

static void watch_table_access(struct cpu *c, const struct mmu_event *ev) {
  struct asked *q = &c->asked[ev->port][ev->tag % TAGS];
  struct slot *s = q->owner;
  bool cas = ev->kind == MMU_EV_CAS;
  const bool good = ev->error == MMU_MEM_OK && (!cas || ev->ok);
  if (good) {
    q->leaf = cas ? ev->desired : ev->old;
    q->leaf_known = true;
  }
  note_age(c, q, ev, good);
  booking_phase(c, s, ev->cycle, ev->latency, cas ? LEDGER_AD_UPDATE : LEDGER_WALK_MEMORY);
}

/* A fill: the leaf that the walk ended with has A, and D for a store. */
static void check_fill(struct cpu *c, const struct slot *s, const struct mmu_response *a) {
  struct machine *m = c->m;
  struct contracts *k = &m->results.contracts;
  const struct mmu_context *ctx = os_task_context(c->current->task->os);
  uint64_t leaf = c->asked[a->port][a->tag % TAGS].leaf;
  contract_checked(k, CONTRACT_A);
  if (!contract_leaf_accessed(m->cfg.arch, leaf))
    contract_break(k, CONTRACT_A,
                   "cycle %" PRIu64 ", cpu %u, address 0x%" PRIx64
                   ": translated through leaf 0x%" PRIx64 ", whose accessed flag is clear",
                   a->cycle, (unsigned)c->id, s->ev.addr, leaf);
  if (!s->in_order || (m->cfg.arch != MMU_ARCH_X86 && !ctx->s1_hw_d)) return;
  contract_checked(k, CONTRACT_D);
  if (!contract_leaf_dirty(m->cfg.arch, leaf))
    contract_break(k, CONTRACT_D,
                   "cycle %" PRIu64 ", cpu %u, address 0x%" PRIx64
                   ": a store was translated through leaf 0x%" PRIx64 ", which is not dirty",
                   a->cycle, (unsigned)c->id, s->ev.addr, leaf);
}

/* No access, on any CPU, uses a translation older than a completed shootdown of its page. */
static void break_age(struct cpu *c, struct slot *s, unsigned part, const char *when) {
  struct machine *m = c->m;
  uint64_t va = part == 0 ? s->ev.addr : s->ev.addr + s->ev.bytes - 1;
  contract_break(&m->results.contracts, CONTRACT_STALE,
                 "cycle %" PRIu64 ", cpu %u, address 0x%" PRIx64
                 ", %s: its descriptor was read "
                 "at cycle %" PRIu64 ", before a shootdown of it that is complete",
                 m->now, (unsigned)c->id, va, when, slot_part(s, part)->leaf_at);
}

/* At the answer ... */
static void begin_age(struct cpu *c, struct slot *s, unsigned part, uint16_t asid, uint64_t page,
                      uint8_t shift) {
  struct machine *m = c->m;
  struct slot_part *p = slot_part(s, part);
  bool stale = false;
  bool huge = shift == 21;
  p->leaf_at = 0;
  if ((shift != 12 && !huge) || m->freshness == NULL) return;
  uint64_t read = freshness_age(m->freshness, c->id, asid, page, huge, &stale);
  p->leaf_huge = huge;
  p->leaf_at = read;
  if (read == 0) return;
  contract_checked(&m->results.contracts, CONTRACT_STALE);
  p->judged = stale ? MMU_NEVER : m->invalidated;
  if (stale) break_age(c, s, part, "answered");
}

/* ... and when the access retires. */
static inline void end_age(struct cpu *c, struct slot *s, unsigned part, uint64_t va) {
  struct machine *m = c->m;
  const struct slot_part *p = slot_part(s, part);
  if (p->leaf_at == 0) return;
  contract_checked(&m->results.contracts, CONTRACT_STALE);
  if (p->judged == m->invalidated) return; /* good, and nothing was invalidated since */
  uint16_t asid = os_task_context(c->current->task->os)->asid;
  if (freshness_stale(m->freshness, asid, va, p->leaf_huge, p->leaf_at))
    break_age(c, s, part, "retired");
}

void watch_cover(struct cpu *c, const struct slot *s, const struct mmu_response *a) {
  struct machine *m = c->m;
  struct mmu_access access = {.kind = access_kind[s->ev.kind]};
  coverage_count(m->cfg.coverage, m->cfg.arch, os_task_context(c->current->task->os), &access, a);
}

void watch_hit(struct cpu *c, struct slot *s, unsigned part, const struct mmu_request *q,
               const struct mmu_response *a) {
  if (c->m->cfg.coverage != NULL) watch_cover(c, s, a);
  begin_age(c, s, part, q->ctx->asid, q->va, a->s1_shift);
  *(a->s1_shift == 12 ? &c->small_pages : &c->large_pages) = true;
}

void watch_page_again(struct cpu *c, struct slot *s, struct page_again *p) {
  uint16_t asid = os_task_context(c->current->task->os)->asid;
  begin_age(c, s, 0, asid, s->ev.addr, p->shift);
  p->reads = c->leaf_reads;
  p->leaf_at = s->first.leaf_at;
}

static void watch_answer(struct cpu *c, const struct mmu_response *a) {
  const struct asked *q = &c->asked[a->port][a->tag % TAGS];
  struct slot *s = q->owner;
  if (s == NULL || c->current == NULL || c->current->task == NULL) return;
  unsigned part = slot_part_of(s, a->tag);
  if (c->m->cfg.coverage != NULL) watch_cover(c, s, a);
  if (a->status != MMU_OK) {
    slot_part(s, part)->leaf_at = 0;
    return;
  }
  begin_age(c, s, part, q->asid, q->page, a->s1_shift);
  *(a->s1_shift == 12 ? &c->small_pages : &c->large_pages) = true;
  if (!a->hit && q->leaf_known) check_fill(c, s, a);
}

void watch_event(void *cpu, const struct mmu_event *ev) {
  struct cpu *c = cpu;
  const struct mmu_observer *w = &c->m->cfg.watch;
  if (ev->kind == MMU_EV_ANSWER)
    watch_answer(c, ev->response);
  else if (ev->kind != MMU_EV_INVAL_DONE)
    watch_table_access(c, ev);
  if (w->event != NULL) w->event(w->self, ev);
}

/* ---- what programs see ---- */

static __attribute__((noinline)) void broken(struct cpu *c, const struct slot *s,
                                             enum content_verdict v, uint64_t va) {
  static const enum contract kinds[] = {[CONTENT_STALE] = CONTRACT_STALE,
                                        [CONTENT_LOST] = CONTRACT_DATA,
                                        [CONTENT_FOREIGN] = CONTRACT_FRAME};
  static const char *const names[] = {"fetch", "load", "store", "read-modify-write"};
  struct machine *m = c->m;
  if (v == CONTENT_UNKNOWN) {
    machine_fail(m, "the host is out of memory");
    return;
  }
  contract_break(&m->results.contracts, kinds[v],
                 "cycle %" PRIu64 ", cpu %u, task %u, %s at 0x%" PRIx64 ": %s", c->now,
                 (unsigned)c->id, (unsigned)c->current->task->pid, names[s->ev.kind], va,
                 content_story(m->content));
}

static inline void check_part(struct cpu *c, struct slot *s, unsigned part, uint64_t va) {
  struct contracts *k = &c->m->results.contracts;
  contract_checked(k, CONTRACT_DATA);
  contract_checked(k, CONTRACT_STALE);
  contract_checked(k, CONTRACT_FRAME);
  end_age(c, s, part, va);
  enum content_verdict v =
      content_access(c->current->task->content, va, slot_part(s, part)->pa >> 12, slot_right(s));
  if (v != CONTENT_OK) broken(c, s, v, va);
}

static inline void watch_part(struct cpu *c, struct slot *s, unsigned part, uint64_t va) {
  const struct task *task = c->current->task;
  if (task->content != NULL) check_part(c, s, part, va);
  if (c->m->cfg.sight != NULL)
    sight_access(c->m->cfg.sight, slot_part(s, part)->pa >> 12, task->pid, va >> 12, s->sent_at,
                 c->now);
}

void watch_access(struct cpu *c, struct slot *s) {
  if ((s->parts & 1) != 0) watch_part(c, s, 0, s->ev.addr);
  if ((s->parts & 2) != 0) watch_part(c, s, 1, s->ev.addr + s->ev.bytes - 1);
}

/* What this CPU still has to do for the shootdown of a thread; NULL: nothing. */
static const char *unfinished(const struct cpu *c, const struct thread *owner) {
  const struct handler *h = &c->handler;
  for (uint32_t i = 0; i < c->inval_count; i++)
    if (c->inval[(c->inval_head + i) % INVALS].owner == owner) return "its MMU has not done it";
  for (uint32_t i = 0; i < c->drains; i++)
    if (c->draining[(c->drain_head + i) % INVALS].owner == owner)
      return "it has older accesses in its window";
  for (uint32_t i = 0; i < h->sent; i++)
    if (h->call[(h->head + i) % LEDGER_MAX_CPUS]->owner == owner) return "it has not answered";
  return NULL;
}

void watch_shootdown(struct machine *m, const struct thread *owner) {
  struct contracts *k = &m->results.contracts;
  contract_checked(k, CONTRACT_STALE);
  for (uint32_t i = 0; i < m->cfg.cpus; i++) {
    const char *why = unfinished(&m->cpu[i], owner);
    if (why != NULL)
      contract_break(k, CONTRACT_STALE,
                     "cycle %" PRIu64 ", cpu %u: a shootdown returns to cpu %u, but %s", m->now,
                     (unsigned)i, (unsigned)owner->cpu->id, why);
  }
}

void watch_invalidated(struct machine *m, const struct mmu_inval *inv, uint64_t begun) {
  m->invalidated++;
  for (uint32_t i = 0; i < m->cfg.cpus; i++) /* what was not stale may be now */
    m->cpu[i].again[0].kinds = m->cpu[i].again[1].kinds = 0;
  if (m->freshness == NULL) return;
  bool space = inv->kind == MMU_INV_X86_PCID || inv->kind == MMU_INV_ARM_ASIDE1 ||
               inv->kind == MMU_INV_RISCV_ASID;
  if (space)
    freshness_space(m->freshness, inv->asid, begun);
  else
    freshness_page(m->freshness, inv->asid, inv->addr, begun);
}

/* ---- faults: the registers tell the walker's cause ---- */

void watch_fault(struct cpu *c, const struct slot *s) {
  struct machine *m = c->m;
  struct contracts *k = &m->results.contracts;
  const struct mmu_context *ctx = os_task_context(c->current->task->os);
  const struct mmu_response *a = &s->far->fault;
  contract_checked(k, CONTRACT_SYNDROME);
  const char *story =
      syndrome_check(m->cfg.arch, ctx, access_kind[s->ev.kind], &a->fault, &a->syndrome);
  if (story == NULL) return;
  contract_break(
      k, CONTRACT_SYNDROME,
      "cycle %" PRIu64 ", cpu %u, address 0x%" PRIx64
      ", cause %u at level %u: of the registers 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 ", %s",
      c->now, (unsigned)c->id, a->fault.gva, (unsigned)a->fault.cause, (unsigned)a->fault.s1_level,
      a->syndrome.reg[0], a->syndrome.reg[1], a->syndrome.reg[2], story);
}

/* ---- watermarks ---- */

/* All of them, as they were when they first had nothing to do, not waiting for something else. */
static bool kswapd_asleep(const struct machine *m) {
  for (const struct thread *t = m->all; t != NULL; t = t->all_next)
    if (t->reclaimer && (t->state != THREAD_WAITING || t->waiting_on != t->home)) return false;
  return true;
}

enum { MAX_RECLAIM_RETRIES = 16 }; /* mm/internal.h */

void watch_kernel_exit(struct machine *m, struct thread *t) {
  struct os_zone_info zone[24];
  struct os_stats st;
  struct watermark_sample s = {.below_low = true, .below_min = true, .asleep = kswapd_asleep(m)};
  bool checked;
  size_t n = os_zones(m->os, zone, 24);
  uint64_t free_pages = 0;
  for (size_t i = 0; i < n; i++) {
    free_pages += zone[i].free;
    s.below_low = s.below_low && zone[i].free <= zone[i].low + zone[i].kept;
    s.below_min = s.below_min && zone[i].free <= zone[i].min + zone[i].kept;
  }
  sample_free(m, free_pages);
  os_stats(m->os, &st);
  s.allocations = st.pgalloc;
  s.given = st.given;
  s.wakeups = st.kswapd_wakeups;
  s.kswapd_reclaimed = st.pgsteal_kswapd;
  s.gave_up = st.kswapd_failures >= MAX_RECLAIM_RETRIES;
  s.direct_stalls = st.allocstall;
  s.slow = st.slow_requests;
  const char *story = watermark_check(&m->watermark, &s, &checked);
  if (checked) contract_checked(&m->results.contracts, CONTRACT_WATERMARK);
  if (story != NULL)
    contract_break(&m->results.contracts, CONTRACT_WATERMARK, "cycle %" PRIu64 ", %s: %s", m->now,
                   t->name, story);
}

void watch_end(struct machine *m) {
  struct contracts *k = &m->results.contracts;
  char why[256];
  contract_checked(k, CONTRACT_OS_CHECK);
  if (os_check(m->os, why, sizeof why) != 0) contract_break(k, CONTRACT_OS_CHECK, "%s", why);
}

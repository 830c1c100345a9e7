// SPDX-License-Identifier: Apache-2.0
// Where the cycles go that the oldest access of a window waits for: the TLBs, table reads and A/D
// updates (reported by the memory as they happen), the walker's own cycles (mmu_cycles.h), waiting
// for the MMU (a port that is not ready, the queue, another walk), and the data.
// Promises: a walk that had the MMU to itself waits for nothing else; a cycle more or less than the
// hardware's documented time breaks the ledger's contract.
#include <inttypes.h>

#include "machine/machine_internal.h"
#include "machine/mmu_cycles.h"

static void book(struct cpu *c, uint64_t from, uint64_t to, enum ledger_account account) {
  if (from < c->booked) from = c->booked;
  if (to <= from) return;
  ledger_book(&c->m->results.ledger, c->id, account, to - from);
  c->booked = to;
}

/* [from, to) without a table access, of which `own` cycles at most are `whose`: the last. */
static void book_gap(struct cpu *c, uint64_t from, uint64_t to, uint64_t own,
                     enum ledger_account whose) {
  if (to <= from) return;
  uint64_t turn = to - from > own ? to - own : from;
  book(c, from, turn, LEDGER_MMU_WAIT);
  book(c, turn, to, whose);
}

static uint32_t sizes(const struct cpu *c) {
  return (uint32_t)c->small_pages + (uint32_t)c->large_pages;
}

/* Waiting for a walk in [from, to). */
static void book_walk(struct cpu *c, const struct slot *s, uint64_t from, uint64_t to) {
  uint64_t at = from;
  const struct mmu_geometry *g = &c->m->cfg.geometry;
  const uint32_t cached = mmu_cycles_cached(g);
  uint64_t own = mmu_cycles_to_first(g, sizes(c)) + cached;
  for (unsigned i = 0; i < s->phases; i++, own = mmu_cycles_after_each() + cached) {
    const struct phase *p = &s->far->phase[i];
    uint64_t start = earlier(p->from, to);
    uint64_t end = earlier(p->from + p->cycles, to);
    if (start > at) {
      book_gap(c, at, start, own, LEDGER_WALK_HARDWARE);
      at = start;
    }
    book(c, at, end, (enum ledger_account)p->account);
    if (end > at) at = end;
  }
  if (s->phases == 0)
    own = s->faulted ? mmu_cycles_no_access(g, sizes(c)) : 0; /* else another's walk */
  book_gap(c, at, to, own, LEDGER_WALK_HARDWARE);
}

/* The documented time of a walk that had the MMU to itself, held against the clock. */
static void check_walk(struct cpu *c, const struct slot *s) {
  struct contracts *k = &c->m->results.contracts;
  const struct mmu_geometry *g = &c->m->cfg.geometry;
  uint64_t cycles = 1 + mmu_cycles_to_first(g, sizes(c));
  uint64_t unsure = mmu_cycles_to_first(g, sizes(c)) - mmu_cycles_to_first(g, 1);
  uint64_t took = s->answered_at - s->sent_at;
  for (unsigned i = 0; i < s->phases; i++)
    cycles += s->far->phase[i].cycles + mmu_cycles_after_each();
  contract_checked(k, CONTRACT_LEDGER);
  if (took > cycles + mmu_cycles_cached(g) || took < cycles - unsure)
    contract_break(k, CONTRACT_LEDGER,
                   "cycle %" PRIu64 ", cpu %u, address 0x%" PRIx64
                   ": a walk of %u table accesses took %" PRIu64
                   " cycles, the accounts own %" PRIu64,
                   c->now, (unsigned)c->id, s->ev.addr, (unsigned)s->phases, took, cycles);
}

/* Of an access that the L1 answered, all that there may be to book: cycles from c->booked on. */
static inline void book_hit(struct cpu *c, const struct slot *s, uint64_t upto) {
  bool fetch = s->ev.kind == TRACE_FETCH;
  uint64_t answered = earlier(s->answered_at, upto);
  if (fetch && answered > s->sent_at) answered--; /* instructions start at once */
  if (c->booked < s->sent_at) book(c, s->tried, s->sent_at, LEDGER_MMU_WAIT);
  if (c->booked < answered) book(c, s->sent_at, answered, LEDGER_TLB_HIT);
  book(c, answered, upto, fetch ? LEDGER_COMPUTE : LEDGER_DATA_MEMORY);
}

static __attribute__((noinline)) void book_any(struct cpu *c, const struct slot *s, uint64_t upto) {
  bool fetch = s->ev.kind == TRACE_FETCH;
  if (s->sent == 0) {
    book(c, s->tried, upto, LEDGER_MMU_WAIT);
    return;
  }
  bool complete = s->answered == s->parts && !s->faulted;
  uint64_t answered = s->answered == s->parts || s->faulted ? earlier(s->answered_at, upto) : upto;
  if (s->alone) check_walk(c, s);
  if (fetch && complete && answered > s->sent_at) answered--; /* instructions start at once */
  book(c, s->tried, s->sent_at, LEDGER_MMU_WAIT);
  book(c, s->sent_at, earlier(s->sent_at + 1, answered), LEDGER_TLB_HIT);
  if (s->l2 && s->phases == 0)
    book_gap(c, s->sent_at + 1, answered, mmu_cycles_l2_hit(s->shift), LEDGER_L2_HIT);
  else
    book_walk(c, s, s->sent_at + 1, answered);
  if (complete) book(c, answered, upto, fetch ? LEDGER_COMPUTE : LEDGER_DATA_MEMORY);
}

void booking_slot(struct cpu *c, const struct slot *s, uint64_t upto) {
  if (s->answered == s->parts && !s->faulted && s->answered_at == s->sent_at + 1)
    book_hit(c, s, upto);
  else
    book_any(c, s, upto);
}

void booking_phase(struct cpu *c, struct slot *s, uint64_t from, uint32_t cycles,
                   enum ledger_account account) {
  if (s != NULL) {
    bool other = s->phases == 0 ? c->walker_end + SETTLED >= s->sent_at : c->walker != s;
    s->crowded = s->crowded || other;
    if (s->phases == PHASES)
      machine_fail(c->m, "cpu %u, address 0x%" PRIx64 ": a walk made more than %d table accesses",
                   (unsigned)c->id, s->ev.addr, PHASES);
    else
      s->far->phase[s->phases++] =
          (struct phase){.from = from, .cycles = cycles, .account = (uint8_t)account};
  }
  c->walker = s;
  if (from + cycles > c->walker_end) c->walker_end = from + cycles; /* a longer one may go on */
}

void booking_answer(const struct cpu *c, struct slot *s) {
  s->alone = s->phases != 0 && !s->crowded && s->parts == 1 && c->outstanding == 0 &&
             c->walker == s && c->below_end + SETTLED < s->sent_at && c->inval_count == 0 &&
             c->inval_end + SETTLED < s->sent_at;
}

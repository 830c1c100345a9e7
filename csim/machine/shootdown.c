// SPDX-License-Identifier: Apache-2.0
// Shootdowns: invalidations that reach every CPU that may hold what is invalidated.
// Follows Linux 6.1: x86 (arch/x86/mm/tlb.c) interrupts the CPUs that run the address space, not
// those that are lazily in it unless tables are freed; RISC-V calls the firmware (SBI, RFENCE) with
// the harts that have it loaded; every other CPU finds at its next switch to it that a generation
// has passed, and flushes the identifier. Arm broadcasts (TLBI ..IS, DSB ISH; Arm ARM D8.14).
// Promises: returns when no access of any CPU uses an older translation any more; a CPU that was
// left out uses none either, because it flushes before it runs the address space again.
#include <stdlib.h>

#include "machine/machine_internal.h"

bool shootdown_create(struct machine *m) {
  m->generation = calloc(IDENTIFIERS, sizeof *m->generation);
  if (m->cfg.access_checks) m->freshness = freshness_create(m->cfg.cpus);
  if (m->generation == NULL || (m->cfg.access_checks && m->freshness == NULL)) return false;
  for (uint32_t a = 0; a < IDENTIFIERS; a++)
    m->generation[a] = 1;
  return true;
}

/* ---- which CPUs ---- */

/* The address space is in the root register, but no task of it runs: idle, or a kernel thread. */
static bool lazy(const struct cpu *c) {
  return c->current == NULL || c->current->task == NULL;
}

static bool held(const struct cpu *c, uint16_t asid) {
  return c->fresh[asid] != 0;
}

/* Must this CPU act now, or is it enough that it flushes when it comes back? */
static bool concerned(const struct cpu *c, const struct shootdown *s, uint16_t asid) {
  if (!held(c, asid)) return false;
  if (cpu_walks_in(c, asid)) return true; /* left over from before a switch */
  if (c->loaded != asid) return false;
  return c->m->cfg.arch == MMU_ARCH_RISCV || s->why == OS_INVAL_TABLES || !lazy(c) ||
         c == s->owner->cpu;
}

static bool target(const struct cpu *c, const struct shootdown *s) {
  if (c->m->cfg.shootdown == MACHINE_SHOOT_ALL) return true;
  for (uint32_t k = 0; k < s->count; k++)
    if (concerned(c, s, s->inv[k].asid)) return true;
  return false;
}

/* ---- what a CPU does ---- */

static struct mmu_inval whole(const struct machine *m, uint16_t asid) {
  static const uint8_t kind[MMU_ARCH_COUNT] = {MMU_INV_X86_PCID, MMU_INV_ARM_ASIDE1,
                                               MMU_INV_RISCV_ASID};
  return (struct mmu_inval){.asid = asid, .kind = kind[m->cfg.arch]};
}

/* Is k the first operation of its identifier? */
static bool first_of(const struct shootdown *s, uint32_t k) {
  for (uint32_t i = 0; i < k; i++)
    if (s->inv[i].asid == s->inv[k].asid) return false;
  return true;
}

static uint32_t do_each(struct cpu *c, const struct shootdown *s, uint32_t first,
                        enum inval_reason reason) {
  uint16_t asid = s->inv[first].asid;
  uint32_t done = 0;
  uint32_t last = first;
  for (uint32_t k = first; k < s->count; k++)
    if (s->inv[k].asid == asid) last = k;
  for (uint32_t k = first; k <= last; k++) {
    if (s->inv[k].asid != asid) continue;
    const struct cpu_inval i = {.inval = s->inv[k],
                                .owner = s->owner,
                                .mark = k == last ? s->generation[k] : 0,
                                .reason = reason};
    cpu_invalidate(c, &i);
    done++;
  }
  return done;
}

static void do_whole(struct cpu *c, uint16_t asid, struct thread *owner, enum inval_reason reason) {
  const struct cpu_inval i = {
      .inval = whole(c->m, asid), .owner = owner, .mark = c->m->generation[asid], .reason = reason};
  cpu_invalidate(c, &i);
}

/* Start what this CPU has to do for s; how many operations its MMU gets. A CPU that has missed
 * something before drops the whole identifier; one that has flushed it since has nothing to do. */
uint32_t shootdown_work(struct cpu *c, const struct shootdown *s, enum inval_reason reason) {
  struct machine *m = c->m;
  uint32_t done = 0;
  bool all = m->cfg.shootdown == MACHINE_SHOOT_ALL;
  for (uint32_t k = 0; k < s->count; k++) {
    uint16_t asid = s->inv[k].asid;
    if (!first_of(s, k) || (!all && !concerned(c, s, asid))) continue;
    if (all || c->fresh[asid] + 1 == s->generation[k]) {
      done += do_each(c, s, k, reason);
    } else if (c->fresh[asid] < s->generation[k]) {
      do_whole(c, asid, s->owner, reason);
      done++;
    }
  }
  if (reason == INVAL_HANDLER) m->results.shootdown.remote_ops += done;
  return done;
}

/* ---- changing address spaces ---- */

void shootdown_load(struct cpu *c) {
  const struct task *k = c->current->task;
  if (k != NULL && k->os != NULL) c->loaded = os_task_context(k->os)->asid;
}

bool shootdown_enter(struct cpu *c) {
  struct machine *m = c->m;
  shootdown_load(c);
  uint16_t asid = (uint16_t)c->loaded;
  if (m->cfg.arch == MMU_ARCH_ARM || c->fresh[asid] == m->generation[asid]) return true;
  if (!held(c, asid)) {
    c->fresh[asid] = m->generation[asid];
    return true;
  }
  m->results.shootdown.deferred++;
  c->current->invals = 1;
  do_whole(c, asid, c->current, INVAL_OWN);
  c->mode = CPU_SPIN;
  c->spin_from = c->now;
  c->next = cpu_backend_next(c);
  return false;
}

/* ---- the initiator, in a kernel context ---- */

void shootdown_answered(struct thread *owner, struct cpu *by) {
  struct cpu *waiting = owner->cpu;
  if (--owner->invals != 0 || waiting == by || waiting->mode != CPU_SPIN) return;
  if (waiting->next <= by->now) return;
  waiting->next = by->now > waiting->now ? by->now : waiting->now;
  machine_touch(by->m, waiting->next);
}

static void spend(struct thread *t, enum os_work work) {
  if (t->flushes_a) t->m->results.shootdown.for_a += t->m->cfg.cost[work];
  cpu_spend(t, t->m->cfg.cost[work], LEDGER_SHOOTDOWN);
}

/* false: no other CPU had to be told. */
static bool by_interrupt(struct machine *m, const struct shootdown *s) {
  struct thread *t = s->owner;
  struct shootdown_stats *st = &m->results.shootdown;
  struct cpu *targets[LEDGER_MAX_CPUS];
  uint32_t n = 0;
  for (uint32_t i = 0; i < m->cfg.cpus; i++)
    if (&m->cpu[i] != t->cpu && target(&m->cpu[i], s)) targets[n++] = &m->cpu[i];
  st->ipis += n;
  st->ipis_avoided += m->cfg.cpus - 1 - n;
  t->invals = n;
  if (n != 0 && m->cfg.arch == MMU_ARCH_RISCV) spend(t, OS_WORK_SBI);
  for (uint32_t i = 0; i < n; i++) {
    if (i == 0 || !m->cfg.ipi_multicast) spend(t, OS_WORK_IPI_SEND);
    if (!interrupt_send(m, targets[i], s)) machine_fail(m, "the host is out of memory");
  }
  t->invals += shootdown_work(t->cpu, s, INVAL_OWN);
  return n != 0;
}

static bool by_broadcast(struct machine *m, const struct shootdown *s) {
  struct thread *t = s->owner;
  struct shootdown_stats *st = &m->results.shootdown;
  t->invals = s->count * m->cfg.cpus;
  st->remote_ops += (uint64_t)s->count * (m->cfg.cpus - 1);
  if (m->cfg.cpus != 1) st->broadcasts += s->count;
  for (uint32_t k = 0; k < s->count; k++) {
    struct cpu_inval i = {.inval = s->inv[k], .owner = t, .reason = INVAL_OWN};
    cpu_invalidate(t->cpu, &i);
    if (m->cfg.cpus == 1) continue;
    spend(t, OS_WORK_DVM);
    i.reason = INVAL_BROADCAST;
    for (uint32_t n = 0; n < m->cfg.cpus; n++)
      if (&m->cpu[n] != t->cpu) cpu_invalidate(&m->cpu[n], &i);
  }
  return m->cfg.cpus != 1;
}

static void count_time(struct shootdown_stats *st, uint64_t cycles, uint64_t waited) {
  unsigned bin = 0;
  while (bin < SHOOTDOWN_BINS - 1 && cycles >> (bin + 1) != 0)
    bin++;
  st->took[bin]++;
  st->remote++;
  st->initiator += cycles;
  st->waited += waited;
  if (cycles > st->initiator_max) st->initiator_max = cycles;
}

static void shoot(struct machine *m, const struct mmu_inval *inv, uint32_t count,
                  enum os_inval_why why) {
  struct thread *t = m->running->current;
  struct shootdown s = {.owner = t, .inv = inv, .count = count, .why = why};
  bool broadcast = m->cfg.arch == MMU_ARCH_ARM;
  uint64_t begun = m->now;
  m->results.shootdown.shootdowns++;
  m->results.shootdown.operations += count;
  t->flushes_a = why == OS_INVAL_A;
  for (uint32_t k = 0; k < count; k++)
    s.generation[k] = m->generation[inv[k].asid] += first_of(&s, k);
  bool remote = broadcast ? by_broadcast(m, &s) : by_interrupt(m, &s);
  uint64_t sent = m->now;
  cpu_spin(t);
  if (broadcast && remote) spend(t, OS_WORK_DVM); /* the sync that DSB sends, and its answer */
  t->flushes_a = false;
  if (remote) count_time(&m->results.shootdown, m->now - begun, m->now - sent);
  watch_shootdown(m, t);
  for (uint32_t k = 0; k < count; k++)
    watch_invalidated(m, &inv[k], begun);
}

void shootdown_many(struct machine *m, const struct mmu_inval *inv, uint32_t count,
                    enum os_inval_why why) {
  for (uint32_t done = 0; done < count; done += SHOOTDOWN_PART) {
    uint32_t part = count - done < SHOOTDOWN_PART ? count - done : SHOOTDOWN_PART;
    shoot(m, &inv[done], part, why);
  }
}

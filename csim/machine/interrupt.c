// SPDX-License-Identifier: Apache-2.0
// Interrupts between CPUs: on their way, taken when the target may take them, the handler's work on
// the target's own MMU, the acknowledgement, and back to what the CPU did.
// Follows Linux 6.1 kernel/smp.c and arch/x86/mm/tlb.c; on RISC-V OpenSBI's remote fence, whose
// interrupt goes to machine mode, which the kernel cannot hold off.
// Promises: acknowledged only when the target's MMU has done what was asked; one interrupt serves
// every call that has arrived.
#include "machine/machine_internal.h"

static void arrive(void *arg, uint64_t cycle) {
  struct cpu *c = arg;
  cpu_sync(c, cycle);
  c->handler.arrived++;
  if (c->handler.phase == HANDLER_NONE) c->next = c->now;
}

bool interrupt_send(struct machine *m, struct cpu *target, const struct shootdown *s) {
  struct handler *h = &target->handler;
  uint64_t at = m->now + m->cfg.cost[OS_WORK_IPI_DELIVER];
  h->call[(h->head + h->sent++) % LEDGER_MAX_CPUS] = s;
  machine_touch(m, at);
  return event_queue_add(m->events, at, RANK_IPI, arrive, target) != 0;
}

/* The kernel takes none while it enters it from user mode or switches threads. */
bool interrupt_allowed(const struct cpu *c) {
  if (c->mode == CPU_USER || c->mode == CPU_HANDLER) return false;
  if (c->mode != CPU_BUSY || c->now >= c->busy_until || c->m->cfg.arch == MMU_ARCH_RISCV)
    return true;
  return c->busy_account != LEDGER_CONTEXT_SWITCH && c->busy_account != LEDGER_FAULT_ENTRY;
}

static void enter_phase(struct cpu *c, enum handler_phase phase, uint32_t cycles) {
  c->handler.phase = phase;
  c->handler.until = c->now + cycles;
  c->next = earlier(c->handler.until, cpu_backend_next(c));
}

void interrupt_take(struct cpu *c) {
  struct machine *m = c->m;
  struct handler *h = &c->handler;
  h->paused = c->mode;
  h->left = 0;
  switch (c->mode) {
    case CPU_USER:
      window_squash(c);
      break;
    case CPU_IDLE:
      cpu_idle_until(c, c->now);
      break;
    case CPU_SPIN:
      cpu_book_spin(c);
      break;
    default:
      if (c->busy_until > c->now) h->left = c->busy_until - c->now;
      break;
  }
  c->mode = CPU_HANDLER;
  h->from = c->now;
  bool firmware = m->cfg.arch == MMU_ARCH_RISCV;
  enter_phase(c, HANDLER_ENTRY, m->cfg.cost[firmware ? OS_WORK_SBI_IPI : OS_WORK_IPI]);
}

static void go_back(struct cpu *c) {
  struct machine *m = c->m;
  struct handler *h = &c->handler;
  uint64_t took = c->now - h->from;
  ledger_book(&m->results.ledger, c->id, LEDGER_SHOOTDOWN, took);
  m->results.shootdown.for_a += took * h->served_a / h->served; /* they share it alike */
  h->served = h->served_a = 0;
  if (h->paused == CPU_USER || (h->paused == CPU_BUSY && c->busy_account != LEDGER_SHOOTDOWN))
    m->results.shootdown.stolen += took;
  h->phase = HANDLER_NONE;
  c->mode = h->paused;
  switch (h->paused) {
    case CPU_USER:
      window_enter(c);
      break;
    case CPU_IDLE:
      sched_pick(c); /* somebody may have become ready */
      break;
    case CPU_SPIN:
      c->spin_from = c->next = c->now;
      break;
    default:
      c->busy_until = c->now + h->left;
      c->next = earlier(c->busy_until, cpu_backend_next(c));
      break;
  }
  if (h->arrived != 0) c->next = c->now; /* another one, meanwhile */
}

/* Work on the first call; those that arrive meanwhile are done in the same interrupt. */
static void work(struct cpu *c) {
  struct handler *h = &c->handler;
  h->phase = HANDLER_WORK;
  h->served++;
  h->served_a += h->call[h->head]->why == OS_INVAL_A;
  h->invals = shootdown_work(c, h->call[h->head], INVAL_HANDLER);
  c->next = h->invals != 0 ? cpu_backend_next(c) : c->now;
}

void interrupt_run(struct cpu *c) {
  struct handler *h = &c->handler;
  if (h->phase == HANDLER_WORK && h->invals == 0) {
    struct thread *owner = h->call[h->head]->owner;
    h->head = (h->head + 1) % LEDGER_MAX_CPUS;
    h->sent--;
    h->arrived--;
    shootdown_answered(owner, c);
    if (h->arrived != 0)
      work(c);
    else
      enter_phase(c, HANDLER_EXIT, c->m->cfg.cost[OS_WORK_FAULT_EXIT]);
  } else if (h->phase == HANDLER_WORK) {
    c->next = cpu_backend_next(c);
  } else if (c->now < h->until) {
    c->next = earlier(h->until, cpu_backend_next(c));
  } else if (h->phase == HANDLER_ENTRY) {
    work(c);
  } else {
    go_back(c);
  }
}

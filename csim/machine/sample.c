// SPDX-License-Identifier: Apache-2.0
// What the machine tells an observer at chosen cycles, and of a task about to go.
// Promises: taking samples changes nothing; a sample is of its own cycle, also for CPUs whose books
// are ahead of it or behind.
#include "machine/machine_internal.h"
#include "mem/physmem.h"
#include "os/proc_smaps.h"

static void sum_zones(const struct machine *m, struct machine_sample *s) {
  struct os_zone_info zone[24];
  size_t n = os_zones(m->os, zone, 24);
  for (size_t i = 0; i < n; i++) {
    s->free += zone[i].free;
    s->managed += zone[i].managed;
    s->min += zone[i].min;
    s->low += zone[i].low;
    s->high += zone[i].high;
  }
}

static void count_threads(const struct machine *m, struct machine_sample *s) {
  for (const struct thread *t = m->all; t != NULL; t = t->all_next) {
    s->runnable += t->state == THREAD_READY || t->state == THREAD_RUNNING;
    s->blocked += t->task != NULL && t->state == THREAD_WAITING && t->in_kernel && t->cpu != NULL;
  }
}

static bool in_kernel(enum ledger_account a) {
  return a >= LEDGER_FAULT_ENTRY && a <= LEDGER_CONTEXT_SWITCH;
}

/* Cycles of a CPU up to `cycle`: what its ledger says, and what is not yet booked, or too early. */
static void add_times(const struct cpu *c, uint64_t cycle, struct machine_sample *s) {
  const uint64_t *booked = c->m->results.ledger.cycles[c->id];
  for (int a = LEDGER_FAULT_ENTRY; a <= LEDGER_CONTEXT_SWITCH; a++)
    s->system += booked[a];
  s->disk_wait += booked[LEDGER_DISK_WAIT];
  s->idle += booked[LEDGER_IDLE];
  if (c->mode == CPU_IDLE && cycle > c->idle_from)
    *(disk_outstanding(c->m->disk) != 0 ? &s->disk_wait : &s->idle) += cycle - c->idle_from;
  if (c->mode == CPU_SPIN && cycle > c->spin_from) s->system += cycle - c->spin_from;
  if (c->mode == CPU_HANDLER && cycle > c->handler.from) s->system += cycle - c->handler.from;
  if (c->mode == CPU_HANDLER && in_kernel(c->busy_account)) s->system -= c->handler.left;
  if (c->mode == CPU_BUSY && c->busy_until > cycle && in_kernel(c->busy_account))
    s->system -= c->busy_until - cycle;
}

void sample_take(struct machine *m, uint64_t cycle) {
  struct machine_sample s = {.cycle = cycle, .cpus = m->cfg.cpus};
  struct machine_results disk = {0};
  sum_zones(m, &s);
  s.least_free = s.free;
  if (m->sampled && m->least_free < s.free) s.least_free = m->least_free;
  m->least_free = s.free;
  m->sampled = true;
  os_stats(m->os, &s.os);
  count_threads(m, &s);
  for (uint32_t i = 0; i < m->cfg.cpus; i++)
    add_times(&m->cpu[i], cycle, &s);
  disk_results(m->disk, &disk);
  s.disk_reads = disk.disk_reads;
  s.disk_writes = disk.disk_writes;
  s.switches = m->results.context_switches;
  s.interrupts = m->results.shootdown.ipis + s.disk_reads + s.disk_writes;
  m->sample_at = m->cfg.sample(m->cfg.sample_arg, &s);
  if (m->sample_at <= cycle) m->sample_at = cycle + 1;
}

void sample_free(struct machine *m, uint64_t free_pages) {
  if (free_pages < m->least_free) m->least_free = free_pages;
}

static uint64_t peek(void *machine, uint64_t pa) {
  uint64_t value = 0;
  (void)physmem_read64(((struct machine *)machine)->memory, pa, &value);
  return value;
}

void machine_smaps(struct machine *m, const struct os_task *t, FILE *out) {
  os_smaps_print(t, peek, m, out);
}

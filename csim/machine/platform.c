// SPDX-License-Identifier: Apache-2.0
// What the OS model may ask of its machine: time, timed table accesses, invalidations, sleep, disk.
// Follows csim/os/platform.h; invalidations are in shootdown.c.
// Promises: a table access takes effect at the end of its time.
#include "mem/physmem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "machine/machine_internal.h"
#include "observer/sight.h"

static struct thread *current(struct machine *m) {
  return m->running->current;
}

enum ledger_account machine_account(enum os_account a) {
  static const enum ledger_account accounts[OS_ACCT_COUNT] = {
      [OS_ACCT_FAULT] = LEDGER_FAULT_HANDLER,   [OS_ACCT_SYSCALL] = LEDGER_SYSCALL,
      [OS_ACCT_KSWAPD] = LEDGER_KSWAPD,         [OS_ACCT_DIRECT_RECLAIM] = LEDGER_DIRECT_RECLAIM,
      [OS_ACCT_WRITEBACK] = LEDGER_WRITEBACK,   [OS_ACCT_KHUGEPAGED] = LEDGER_KHUGEPAGED,
      [OS_ACCT_COMPACTION] = LEDGER_COMPACTION,
  };
  return accounts[a];
}

static uint64_t now(void *self) {
  return ((struct machine *)self)->now;
}

static uint32_t cpus(void *self) {
  return ((struct machine *)self)->cfg.cpus;
}

static uint32_t running_cpu(void *self) {
  const struct machine *m = self;
  return m->running != NULL ? m->running->id : 0;
}

static enum os_account account(void *self, enum os_account a) {
  struct thread *t = current(self);
  enum os_account was = t->account;
  t->account = a;
  return was;
}

static void spend(void *self, enum os_work work, uint32_t count) {
  struct machine *m = self;
  struct thread *t = current(m);
  enum ledger_account a = machine_account(t->account);
  if (work == OS_WORK_FAULT_ENTRY || work == OS_WORK_FAULT_EXIT) a = LEDGER_FAULT_ENTRY;
  if (work == OS_WORK_CONTEXT_SWITCH) a = LEDGER_CONTEXT_SWITCH;
  cpu_spend(t, (uint64_t)m->cfg.cost[work] * count, a);
}

/* ---- tables in simulated memory ---- */

static void pass_memory_time(struct thread *t, uint64_t pa, bool write) {
  uint32_t cycles = memtiming_access(t->cpu->timing, pa, write);
  cpu_spend(t, cycles, machine_account(t->account));
}

static void check(struct machine *m, uint64_t pa, enum mmu_mem_error e) {
  if (e != MMU_MEM_OK)
    machine_fail(m, "the OS model touched physical address 0x%" PRIx64 ", which memory refuses",
                 pa);
}

static uint64_t leaf_frame(enum mmu_arch arch, uint64_t leaf) {
  return arch == MMU_ARCH_RISCV ? leaf >> 10 & ((UINT64_C(1) << 44) - 1)
                                : leaf >> 12 & ((UINT64_C(1) << 36) - 1);
}

/* An exchange that takes the A bit from a leaf, or the mapping itself. */
static void watch_clear(struct machine *m, uint64_t expected, uint64_t desired) {
  enum mmu_arch arch = m->cfg.arch;
  if (m->cfg.sight == NULL || (expected & 1) == 0) return; /* bit 0: present, on all three */
  uint64_t pfn = leaf_frame(arch, expected);
  bool stays = (desired & 1) != 0 && leaf_frame(arch, desired) == pfn;
  bool cleared = contract_leaf_accessed(arch, expected) && !contract_leaf_accessed(arch, desired);
  if (!stays)
    sight_unmapped(m->cfg.sight, pfn, m->now);
  else if (cleared)
    sight_cleared(m->cfg.sight, pfn, m->now);
}

static uint64_t read64(void *self, uint64_t pa) {
  struct machine *m = self;
  uint64_t value = 0;
  pass_memory_time(current(m), pa, false);
  check(m, pa, physmem_read64(m->memory, pa, &value));
  return value;
}

static void write64(void *self, uint64_t pa, uint64_t value) {
  struct machine *m = self;
  pass_memory_time(current(m), pa, true);
  check(m, pa, physmem_write64(m->memory, pa, value, MEM_WRITER_OS));
}

static bool cas64(void *self, uint64_t pa, uint64_t expected, uint64_t desired, uint64_t *old) {
  struct machine *m = self;
  bool swapped = false;
  pass_memory_time(current(m), pa, true);
  check(m, pa, physmem_cas64(m->memory, pa, expected, desired, MEM_WRITER_OS, old, &swapped));
  if (swapped) watch_clear(m, expected, desired);
  return swapped;
}

/* ---- invalidation ---- */

static void invalidate(void *self, const struct mmu_inval *inv, uint32_t count,
                       enum os_inval_why why) {
  shootdown_many(self, inv, count, why);
}

/* ---- sleeping and waking ---- */

static void wait_for(void *self, struct os_waitq *q) {
  sched_wait(current(self), q);
}

static bool wait_until(void *self, struct os_waitq *q, uint64_t cycle) {
  return sched_wait_until(current(self), q, cycle);
}

static void wake(void *self, struct os_waitq *q) {
  sched_wake(self, q);
}

static void resched(void *self) {
  struct thread *t = current(self);
  if (sched_others(t->cpu)) sched_give_way(t);
}

static void thread_main(void *arg) {
  struct thread *t = arg;
  t->fn(t->arg);
}

static void spawn(void *self, const char *name, void (*fn)(void *arg), void *arg,
                  enum os_account a) {
  struct machine *m = self;
  struct thread *t = sched_thread(m, name, a);
  if (t != NULL) {
    t->fn = fn;
    t->reclaimer = a == OS_ACCT_KSWAPD;
    t->arg = arg;
    t->context = context_create(thread_main, t);
  }
  if (t == NULL || t->context == NULL)
    machine_fail(m, "the host is out of memory");
  else
    sched_ready(m, t);
}

/* ---- tasks ---- */

static void **current_word(void *self) {
  return &current(self)->kernel_word;
}

static void load(void *self) {
  shootdown_load(((struct machine *)self)->running);
}

static void fatal_signal(void *self, uint32_t pid) {
  struct machine *m = self;
  for (struct thread *t = m->all; t != NULL; t = t->all_next)
    if (t->task != NULL && t->task->pid == pid) t->task->killed = true;
  sched_wake(m, &m->stage); /* it may wait there for others */
}

static void no_memory(void *self) {
  machine_fail(self, "the host is out of memory");
}

static void panicked(void *self, const char *why) {
  struct machine *m = self;
  snprintf(m->panic, sizeof m->panic, "%s", why);
  machine_touch(m, m->now);
}

/* ---- disk and frames ---- */

static void submit(void *self, struct os_io *io) {
  disk_submit(((struct machine *)self)->disk, io);
}

static void frame_zero(void *self, uint64_t pfn) {
  content_frame_zero(((struct machine *)self)->content, pfn);
}

static void frame_copy(void *self, uint64_t to, uint64_t from) {
  content_frame_copy(((struct machine *)self)->content, to, from);
}

static void frame_free(void *self, uint64_t pfn) {
  struct machine *m = self;
  content_frame_free(m->content, pfn);
  if (m->cfg.sight != NULL) sight_free(m->cfg.sight, pfn);
}

static void frame_file_access(void *self, uint64_t pfn, uint32_t file, uint64_t page, bool write) {
  struct machine *m = self;
  struct contracts *k = &m->results.contracts;
  if (m->content == NULL) return;
  contract_checked(k, CONTRACT_DATA);
  if (content_frame_file(m->content, pfn, file, page, write) != CONTENT_OK)
    contract_break(k, CONTRACT_DATA, "cycle %" PRIu64 ", read or write of file %u: %s", m->now,
                   (unsigned)file, content_story(m->content));
}

static void page_seen(void *self, enum os_seen what, uint64_t pfn, uint64_t key) {
  struct machine *m = self;
  struct sight *s = m->cfg.sight;
  if (s == NULL) return;
  if (what == OS_SEEN_EVICTED)
    sight_evict(s, pfn, key);
  else if (what == OS_SEEN_RETURNED)
    sight_return(s, key);
  else if (what == OS_SEEN_MOVED)
    sight_moved(s, pfn, key);
  else
    sight_look(s, pfn, what == OS_SEEN_USED, m->now);
}

const struct os_platform_ops machine_platform_ops = {
    .now = now,
    .cpus = cpus,
    .cpu = running_cpu,
    .account = account,
    .spend = spend,
    .read64 = read64,
    .write64 = write64,
    .cas64 = cas64,
    .invalidate = invalidate,
    .wait = wait_for,
    .wait_until = wait_until,
    .wake = wake,
    .resched = resched,
    .spawn = spawn,
    .current = current_word,
    .load = load,
    .signal = fatal_signal,
    .no_memory = no_memory,
    .panic = panicked,
    .disk_submit = submit,
    .frame_zero = frame_zero,
    .frame_copy = frame_copy,
    .frame_free = frame_free,
    .frame_file_access = frame_file_access,
    .page_seen = page_seen,
};

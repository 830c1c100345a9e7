// SPDX-License-Identifier: Apache-2.0
// Programs as tasks: events into the window, faults and system calls into the kernel and back.
// Follows the design: the handler gets the syndrome registers and nothing else.
// Promises: the truth of an address space changes when the call that changes it has returned.
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/table.h"
#include "machine/machine_internal.h"

#define PAGE_MASK UINT64_C(0xfff)

static uint32_t user_bits(const struct machine *m) {
  if (m->cfg.os.mode == MMU_S1_SV39) return 38;
  return m->cfg.arch == MMU_ARCH_ARM ? 48 : 47;
}

static const char *task_name(const struct task *k) {
  const char *name = program_options(k->program)->name;
  return name[0] != '\0' ? name : program_name(k->program);
}

/* Is its truth known, where anybody's is? */
static bool is_followed(const struct machine *m, const struct task *k) {
  return k->content != NULL || m->content == NULL;
}

/* A thread with a task that task_destroy can take; NULL: out of host memory. */
static struct task *new_task(struct machine *m, uint32_t pid) {
  char name[24];
  snprintf(name, sizeof name, "task%u", (unsigned)pid);
  struct task *k = host_table(sizeof *k);
  struct thread *t = k != NULL ? sched_thread(m, name, OS_ACCT_SYSCALL) : NULL;
  if (t == NULL) {
    host_table_free(k);
    return NULL;
  }
  k->pid = pid;
  k->got = 1;
  for (unsigned i = 0; i < SLOTS; i++)
    k->slot[i].far = &k->far[i % WINDOW_MAX]; /* so many in a row are issued at most */
  t->task = k;
  t->context = context_create(task_main, t);
  k->content = content_task_create(m->content, pid);
  return t->context != NULL && is_followed(m, k) ? k : NULL;
}

bool task_create(struct machine *m, const char *spec, const uint32_t *file, char *err,
                 size_t err_len) {
  struct task *k = new_task(m, ++m->tasks);
  if (k == NULL) {
    snprintf(err, err_len, "the host is out of memory");
    return false;
  }
  k->file = file;
  k->program = program_open(spec, user_bits(m), m->cfg.seed + k->pid, err, err_len);
  if (k->program == NULL) return false;
  k->phase = program_options(k->program)->phase;
  k->holds = program_holds(k->program);
  m->alive++;
  m->expected += program_length(k->program);
  m->results.footprint_pages += program_footprint(k->program);
  return true;
}

void task_destroy(struct task *k) {
  if (k->os != NULL) os_task_free(k->os);
  program_close(k->program);
  content_task_destroy(k->content);
  host_table_free(k);
}

static inline void describe(struct slot *s) {
  bool fetch = s->ev.kind == TRACE_FETCH;
  s->port = fetch ? MMU_PORT_FETCH : MMU_PORT_DATA;
  s->in_order = s->ev.kind == TRACE_WRITE || s->ev.kind == TRACE_MODIFY;
  s->parts = 1;
  if (fetch) return;
  if (s->ev.bytes == 0) s->ev.bytes = 1;
  if (((s->ev.addr ^ (s->ev.addr + s->ev.bytes - 1)) & ~PAGE_MASK) != 0) s->parts = 3;
}

/* An access: what is no access ends what is read ahead, because it may change what comes then. */
static bool is_access(const struct slot *s) {
  return s->ev.kind <= TRACE_MODIFY;
}

/* Read on, as far as there is room. */
static void read_ahead(struct cpu *c, struct task *k) {
  const uint32_t first = k->head + k->count;
  uint32_t n = k->ahead;
  bool access = n == 0 || is_access(&k->slot[(first + n - 1) % SLOTS]);
  while (n < WINDOW_MAX && access && k->got > 0) {
    struct slot *s = &k->slot[(first + n) % SLOTS];
    int got = program_next(k->program, &s->ev);
    if (got <= 0 || s->ev.kind == TRACE_EXIT) {
      k->got = got > 0 ? 0 : got;
      break;
    }
    describe(s);
    n++;
    access = is_access(s);
    if (access && s->port == MMU_PORT_DATA && s->ev.addr >> 12 != k->outlook.last)
      expect_new_page(c, k, s->ev.addr);
  }
  k->ahead = n;
}

/* Nothing was read ahead: read what is behind a call, or know that there is no more. */
static bool find_more(struct cpu *c, struct task *k) {
  read_ahead(c, k);
  if (k->ahead != 0) return true;
  if (k->got < 0) machine_fail(c->m, "%s", program_error(k->program));
  k->ended = true;
  return false;
}

/* Hold accesses that were read ahead, up to what is none. There are events, and there is room. */
static void hold_accesses(struct cpu *c, struct task *k) {
  uint32_t n = WINDOW_MAX - k->count;
  if (n > k->ahead) n = k->ahead;
  if (n == k->ahead && !is_access(task_slot(k, k->count + n - 1))) n--;
  c->m->results.events += n;
  k->ahead -= n;
  k->count += n;
  k->left += n;
}

bool task_fill(struct cpu *c, struct task *k) {
  const uint32_t held = k->count;
  bool called = false;
  while (!called && k->count < WINDOW_MAX && !k->ended) {
    if (k->ahead == 0 && !find_more(c, k)) break;
    hold_accesses(c, k);
    if (k->ahead == 0 || k->count == WINDOW_MAX) continue;
    /* There is room, and one left: it is no access. */
    const struct trace_event *ev = &task_slot(k, k->count)->ev;
    c->m->results.events++;
    k->ahead = 0;
    called = ev->kind != TRACE_MARK || ev->tag != 0;
    k->count += called;
  }
  expect_places(c, k, held);
  if (!called) read_ahead(c, k);
  expect_end(c, k);
  k->exhausted = k->ended && k->count == 0;
  return k->count != 0;
}

void task_enter_kernel(struct cpu *c, enum request_kind why) {
  struct thread *t = c->current;
  struct task *k = t->task;
  k->request = why;
  if (why == REQUEST_CALL) {
    k->call = k->slot[k->head].ev;
    k->head = (k->head + 1) % SLOTS;
    k->count--;
  }
  t->in_kernel = true;
  t->account = why == REQUEST_FAULT ? OS_ACCT_FAULT : OS_ACCT_SYSCALL;
  c->mode = CPU_BUSY; /* the kernel starts now */
  c->busy_until = c->next = c->now;
}

/* ---- in the task's kernel context ---- */

/* What the truth was told; it must know everything, or the run ends. */
static void told(struct machine *m, bool ok) {
  if (!ok) machine_fail(m, "the host is out of memory");
}

static int map(struct machine *m, struct task *k, const struct trace_event *ev) {
  struct os_mapping map = {.va = ev->addr & ~PAGE_MASK,
                           .file = ev->file != 0 ? k->file[ev->file - 1] : 0,
                           .file_page = ev->offset >> 12,
                           .prot = ev->prot,
                           .shared = ev->shared,
                           .huge = ev->huge};
  map.bytes = (ev->addr + ev->bytes + PAGE_MASK - map.va) & ~PAGE_MASK;
  int r = os_mmap(k->os, &map);
  if (r == 0) {
    told(m,
         content_map(k->content, map.va, map.bytes, map.prot, map.file, map.file_page, map.shared));
    return 0;
  }
  if (r == -ENOMEM) { /* the program is told, as by mmap(); what was there is gone */
    told(m, content_unmap(k->content, map.va, map.bytes));
    return r;
  }
  machine_fail(m, "task %u: the OS model refuses to map 0x%" PRIx64 "..0x%" PRIx64 ": %s",
               (unsigned)k->pid, map.va, map.va + map.bytes, strerror(-r));
  return r;
}

static int file_io(struct task *k, const struct trace_event *ev) {
  if (ev->file == 0 || ev->bytes == 0) return 0;
  uint64_t first = ev->offset >> 12;
  uint64_t last = (ev->offset + ev->bytes - 1) >> 12;
  return os_file_io(k->os, k->file[ev->file - 1], first, last - first + 1,
                    ev->kind == TRACE_FILE_WRITE);
}

/* A thread for the child, ready to run when the kernel has copied what it must. */
static int fork_task(struct machine *m, struct task *k) {
  uint32_t pid = ++m->tasks;
  struct os_task *os = os_task_fork(k->os, pid);
  if (os == NULL) return -ENOMEM;
  struct task *child = new_task(m, pid);
  struct thread *t = m->all_last;
  if (child != NULL) {
    content_task_destroy(child->content);
    child->content = content_task_fork(k->content, pid);
    child->program = program_fork(k->program, pid);
    child->file = k->file;
    child->os = os;
    child->query_from = k->query_from;
  }
  if (child == NULL || !is_followed(m, child) || child->program == NULL) {
    machine_fail(m, "the host is out of memory");
    return -ENOMEM;
  }
  m->alive++;
  sched_ready(m, t);
  return 0;
}

/* The truth of the new address space is empty, too. */
static int exec_task(struct machine *m, struct task *k) {
  int r = os_task_exec(k->os, task_name(k));
  if (r != 0) return r;
  content_task_destroy(k->content);
  k->content = content_task_create(m->content, k->pid);
  if (!is_followed(m, k)) machine_fail(m, "the host is out of memory");
  return 0;
}

static void system_call(struct machine *m, struct task *k) {
  const struct trace_event *ev = &k->call;
  uint64_t va = ev->addr & ~PAGE_MASK;
  uint64_t bytes = (ev->addr + ev->bytes + PAGE_MASK - va) & ~PAGE_MASK;
  int r = 0;
  switch (ev->kind) {
    case TRACE_MARK:
      phase_end(m, ev->count);
      return;
    case PROGRAM_QUERY:
      query_mark(m, k, ev->count != 0);
      return;
    case TRACE_MAP:
      r = map(m, k, ev);
      break;
    case TRACE_UNMAP:
      r = os_munmap(k->os, va, bytes);
      if (r == 0) told(m, content_unmap(k->content, va, bytes));
      break;
    case TRACE_PROTECT:
      r = os_mprotect(k->os, va, bytes, ev->prot);
      if (r == 0) told(m, content_protect(k->content, va, bytes, ev->prot));
      break;
    case PROGRAM_LOCK:
      r = os_mlock(k->os, va, bytes);
      break;
    case PROGRAM_UNLOCK:
      r = os_munlock(k->os, va, bytes);
      break;
    case PROGRAM_LOCK_ALL:
      r = os_mlockall(k->os, ev->count);
      break;
    case PROGRAM_FORK:
      r = fork_task(m, k);
      break;
    case PROGRAM_EXEC:
      r = exec_task(m, k);
      break;
    case PROGRAM_SYNC:
      r = os_msync(k->os, va, bytes);
      break;
    case PROGRAM_BEGIN:
      stage_begin(m, k);
      break;
    case PROGRAM_SETTLE:
      stage_settle(m, k);
      break;
    default:
      r = file_io(k, ev);
      phase_access(m, ev->tag);
      break;
  }
  m->results.syscalls++;
  m->results.failed_syscalls += r != 0;
}

static bool serve(struct machine *m, struct task *k) {
  uint64_t misses = os_task_misses(k->os);
  bool alive = true;
  switch (k->request) {
    case REQUEST_FAULT:
      alive = os_fault(k->os, &k->syndrome) == OS_RESUME;
      phase_misses(m, k->slot[k->head].ev.tag, os_task_misses(k->os) - misses);
      return alive;
    case REQUEST_CALL:
      system_call(m, k);
      phase_misses(m, k->call.tag, os_task_misses(k->os) - misses);
      return !k->killed;
    default:
      return false;
  }
}

void task_main(void *thread) {
  struct thread *t = thread;
  struct machine *m = t->m;
  struct task *k = t->task;
  bool forked = k->os != NULL; /* by fork_task */
  if (!forked) k->os = os_task_create(m->os, k->pid);
  if (k->os == NULL) machine_fail(m, "task %u: the OS model cannot create it", (unsigned)k->pid);
  bool alive = k->os != NULL;
  if (alive && !forked)
    os_task_describe(k->os, task_name(k), program_options(k->program)->oom_score_adj);
  while (alive) {
    t->in_kernel = false;
    if (!cpu_user_mode(t)) context_leave();
    alive = serve(m, k);
    watch_kernel_exit(m, t);
  }
  if (k->os != NULL) {
    const char *why = os_task_death(k->os);
    if (why != NULL && m->death[0] == '\0')
      snprintf(m->death, sizeof m->death, "task %u (%s): %s", (unsigned)k->pid, task_name(k), why);
    m->other_deaths += why != NULL && !os_task_oom_killed(k->os);
    if (m->cfg.task_ends != NULL) m->cfg.task_ends(m->cfg.sample_arg, m, k->os, k->pid);
    os_task_exit(k->os);
  }
  m->alive--;
  stage_left(m, k);
  machine_touch(m, m->now); /* the main loop looks whether this was the last */
}

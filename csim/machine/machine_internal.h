/* SPDX-License-Identifier: Apache-2.0
 * Inside the machine: its parts and who calls whom. Not for others.
 *   machine.c  the clock's main loop        cpu.c      a CPU: its time, backend, interrupts
 *   sched.c    threads and the run queue    window.c   issue and retirement of user accesses
 *   request.c  what accesses ask of MMU and caches     lane.c  the window's short way
 *   task.c     programs in and out of the kernel       platform.c  what the OS model may ask
 *   shootdown.c  invalidations of all CPUs  interrupt.c  a CPU takes interrupts of others
 *   watch.c    observer checks              disk.c     the disk
 *   expect.c   hints to the host (outlook.h) */
#ifndef COWALK_MACHINE_MACHINE_INTERNAL_H
#define COWALK_MACHINE_MACHINE_INTERNAL_H

#include "machine/content.h"
#include "machine/context.h"
#include "machine/freshness.h"
#include "machine/machine.h"
#include "machine/outlook.h"
#include "machine/program.h"
#include "machine/slot.h"
#include "observer/latency.h"
#include "observer/watermark.h"
#include "time/event_queue.h"

enum {
  SHOOTDOWN_PART = 64, /* operations that are sent and waited for together */
  /* Every CPU may have one part here by broadcast; or a CPU its own, one for another, one more. */
  INVALS = SHOOTDOWN_PART * LEDGER_MAX_CPUS,
  IDENTIFIERS = 1 << 16
};
enum {
  SETTLED = 8
}; /* cycles after which a finished walk or invalidation disturbs no other walk */
enum { RANK_DISK = 0, RANK_TIMER = 1, RANK_IPI = 2 };

/* ---- programs in the kernel ---- */

enum request_kind { REQUEST_CREATE, REQUEST_FAULT, REQUEST_CALL, REQUEST_EXIT };

struct task {
  struct os_task *os;
  struct program *program;
  struct content_task *content; /* NULL: access_checks are off */
  const uint32_t *file;         /* file numbers of the program -> those of the OS */
  uint32_t head, count, issued; /* ring: events held, and how many of them are issued */
  uint32_t left;                /* accesses held that are not issued */
  uint32_t ahead;               /* events read behind those */
  int got;                      /* 1: the program has more to say; else as program_next says */
  bool ended, exhausted, stopped;
  bool killed;         /* a fatal signal waits for it */
  bool settled, holds; /* stage.c: its accesses are done; it stays until nobody works any more */
  uint32_t phase;      /* it begins when all of lower phases have settled */
  uint32_t pid;
  enum request_kind request;
  struct trace_event call;
  struct mmu_syndrome syndrome;
  uint64_t query_from; /* when its query began */
  struct outlook outlook;
  _Alignas(64) struct slot slot[SLOTS]; /* and the task: from a line of the host on */
  struct slot_far far[WINDOW_MAX];      /* of slots that are issued */
};

static inline struct slot *task_slot(struct task *k, uint32_t i) {
  return &k->slot[(k->head + i) % SLOTS];
}

enum thread_state { THREAD_READY, THREAD_RUNNING, THREAD_WAITING, THREAD_ENDED };

struct thread {
  struct machine *m;
  struct context *context;
  struct cpu *cpu;
  struct thread *next; /* in the run queue or a wait queue */
  struct thread *all_next;
  struct os_waitq *waiting_on, *home; /* home: where it first slept */
  uint64_t timer;                     /* event of wait_until; 0: none */
  void *kernel_word;                  /* see os_platform_ops.current */
  struct task *task;                  /* NULL: a kernel thread */
  void (*fn)(void *arg);
  void *arg;
  enum thread_state state;
  enum os_account account;
  uint32_t invals; /* of its shootdown: own invalidations and answers of CPUs still to come */
  bool in_kernel, woken, reclaimer;
  bool left;      /* its context was left in user mode, or by what ended user mode */
  bool flushes_a; /* its shootdown is for cleared A bits only */
  char name[24];
};

/* ---- CPUs ---- */

enum cpu_mode {
  CPU_IDLE,
  CPU_USER,
  CPU_BUSY,   /* until busy_until: kernel time, a switch */
  CPU_SPIN,   /* waits for invalidations to complete */
  CPU_HANDLER /* takes an interrupt from another CPU */
};

enum inval_reason {
  INVAL_OWN,      /* of the owner's shootdown, on its own CPU */
  INVAL_HANDLER,  /* in an interrupt handler */
  INVAL_BROADCAST /* from another CPU's broadcast: answered when no access needs the old any more */
};

struct cpu_inval {
  struct mmu_inval inval;
  struct thread *owner;
  uint64_t mark;  /* the CPU is fresh up to this generation of inval.asid then; 0: says nothing */
  uint64_t since; /* when the MMU accepted it */
  enum inval_reason reason;
};

/* Some invalidations at once, on their way to the CPUs; lives until the last has answered. */
struct shootdown {
  struct thread *owner;
  const struct mmu_inval *inv;
  uint32_t count;
  enum os_inval_why why;
  uint64_t generation[SHOOTDOWN_PART]; /* that it makes of the identifier of each */
};

enum handler_phase { HANDLER_NONE, HANDLER_ENTRY, HANDLER_WORK, HANDLER_EXIT };

/* Interrupts from other CPUs. */
struct handler {
  uint32_t head, sent, arrived; /* of the ring `call`: first arrived, then on their way */
  uint32_t invals;              /* for the call it works on, not yet done */
  uint32_t served, served_a;    /* calls of this interrupt; those for cleared A bits only */
  enum handler_phase phase;
  enum cpu_mode paused; /* what the CPU did, ... */
  uint64_t left;        /* ... and for how long it still would have been busy */
  uint64_t from, until;
  const struct shootdown *call[LEDGER_MAX_CPUS];
};

struct cpu {
  struct machine *m;
  struct mmu_backend *backend;
  struct memtiming *timing;
  struct thread *current, *previous;
  uint64_t now;  /* it and its backend are here */
  uint64_t next; /* its next action; MMU_NEVER */
  uint64_t busy_until, spin_from, idle_from, slice_end;
  enum ledger_account busy_account;
  enum cpu_mode mode;
  uint32_t id;
  /* requests in the backend, by tag */
  uint8_t next_tag[2];
  uint32_t outstanding;
  const struct slot *walker;     /* whose walk last had a table access; NULL: squashed */
  bool small_pages, large_pages; /* sizes that its MMU ever held */
  uint64_t walker_end;           /* when that was answered */
  uint64_t below_end; /* when the L2 or a walk last answered: both have one look-up a cycle */
  uint64_t inval_end; /* when the last invalidation was done */
  /* the window */
  uint64_t issue_at, booked;
  uint64_t leaf_reads;        /* table accesses that m->freshness was told of */
  struct page_again again[2]; /* by port */
  uint64_t hit_at;            /* when it last had a hit at once */
  uint64_t retired;           /* accesses, ever */
  uint32_t unsent;            /* issued slots that have a request to make now */
  bool fetch_pending;
  /* invalidations for this backend, oldest first; the first may be under way */
  uint32_t inval_head, inval_count; /* of the ring `inval` */
  uint8_t inval_id;
  bool inval_running;
  struct draining *draining; /* a ring of INVALS */
  uint32_t drain_head, drains;
  /* address spaces: shootdown.c */
  uint32_t loaded; /* identifier in the root register; 0: none */
  uint64_t *fresh; /* by identifier: generation up to which nothing old is cached; 0: never held */
  struct handler handler;
  /* What is large comes last, so that the rest lies close together. */
  struct asked asked[2][TAGS];
  struct cpu_inval inval[INVALS];
};

struct disk; /* disk.c */

struct machine {
  struct machine_config cfg;
  uint64_t now;
  uint64_t horizon; /* the running CPU may go on alone until just before this cycle */
  struct event_queue *events;
  struct physmem *memory;
  struct content *content; /* NULL: access_checks are off */
  struct os *os;
  struct disk *disk;
  struct cpu *running;           /* whose kernel context or window is running now */
  struct thread *all, *all_last; /* in order of creation */
  uint32_t tasks, alive;
  uint32_t other_deaths; /* killed, but not by the OOM killer */
  struct thread *ready_first, *ready_last;
  uint32_t **group; /* of each program added, its files' OS numbers; tasks borrow them */
  uint32_t groups;
  bool stopping, failed;
  uint64_t expected; /* events of all programs */
  struct watermark_state watermark;
  uint64_t *generation; /* by identifier: 1 + shootdowns of it; what cpu.fresh is compared with */
  struct freshness *freshness; /* NULL: access_checks are off */
  uint64_t invalidated;        /* operations that have been done everywhere */
  uint64_t sample_at;          /* next sample; MMU_NEVER without a sampler */
  uint64_t least_free;
  bool sampled;
  struct machine_results results;
  struct os_stats phase_stats; /* at the last mark */
  uint64_t phase_from;
  struct latency queries;
  struct os_waitq stage;
  char death[256], panic[160], error[1024];
  struct cpu cpu[LEDGER_MAX_CPUS]; /* cfg.cpus of them; large */
};

/* machine.c */
__attribute__((format(printf, 2, 3))) void machine_fail(struct machine *m, const char *format, ...);
/* Something will happen at `cycle`: nobody may run past it unseen. */
void machine_touch(struct machine *m, uint64_t cycle);

/* sched.c */
struct thread *sched_thread(struct machine *m, const char *name, enum os_account account);
void sched_ready(struct machine *m, struct thread *t); /* to the tail of the run queue */
void sched_pick(struct cpu *c);                        /* c has nothing to run: switch or idle */
void sched_wait(struct thread *t, struct os_waitq *q); /* in its context: sleep */
bool sched_wait_until(struct thread *t, struct os_waitq *q, uint64_t cycle);
void sched_wake(struct machine *m, struct os_waitq *q);
void sched_give_way(struct thread *t); /* in its context: let others run */
/* Slice over and someone waits? */
static inline bool sched_others(const struct cpu *c) {
  return c->now >= c->slice_end && c->m->ready_first != NULL;
}
void sched_destroy(struct machine *m);

/* cpu.c */
bool cpu_create(struct machine *m, uint32_t id, char *err, size_t err_len);
void cpu_destroy(struct cpu *c);
/* In the context of a task that leaves the kernel: be in user mode as long as nobody else acts.
 * true: it is back in the kernel; false: the caller must leave its context until it is. */
bool cpu_user_mode(struct thread *t);
void cpu_run(struct cpu *c);                  /* until its next action is not before m->horizon */
void cpu_sync(struct cpu *c, uint64_t cycle); /* bring it and its backend there */
bool cpu_take_answers(struct cpu *c);         /* and finished invalidations; true: an answer */
uint64_t cpu_backend_next(const struct cpu *c);
void cpu_busy(struct cpu *c, uint64_t cycles, enum ledger_account account);
void cpu_idle_until(struct cpu *c, uint64_t cycle); /* book idle time so far */
/* Have this CPU's MMU do it after those it already has to do; i->inval.id is chosen here. */
void cpu_invalidate(struct cpu *c, const struct cpu_inval *i);
bool cpu_walks_in(const struct cpu *c, uint16_t asid); /* a request of it is out */
void cpu_answer_drains(struct cpu *c, bool squashed);  /* c->drains != 0, and retired or squashed */
/* In a kernel context on its CPU: let this much time pass. */
void cpu_spend(struct thread *t, uint64_t cycles, enum ledger_account account);
void cpu_spin(struct thread *t);   /* until t->invals is 0 */
void cpu_book_spin(struct cpu *c); /* what has passed of it */

/* interrupt.c */
bool interrupt_send(struct machine *m, struct cpu *target, const struct shootdown *s);
/* One has arrived, and this CPU may take it now. In user mode: between two accesses only. */
static inline bool interrupt_due(const struct cpu *c) {
  return c->handler.arrived != 0 && c->handler.phase == HANDLER_NONE;
}
bool interrupt_allowed(const struct cpu *c);
void interrupt_take(struct cpu *c);
void interrupt_run(struct cpu *c); /* in CPU_HANDLER: go on */

/* shootdown.c */
bool shootdown_create(struct machine *m);
void shootdown_load(struct cpu *c); /* its thread's address space is switched to now */
/* Its thread goes to user mode. false: it first waits in CPU_SPIN for what was put off. */
bool shootdown_enter(struct cpu *c);
/* In a kernel context: the whole of it. */
void shootdown_many(struct machine *m, const struct mmu_inval *inv, uint32_t count,
                    enum os_inval_why why);
uint32_t shootdown_work(struct cpu *c, const struct shootdown *s, enum inval_reason reason);
void shootdown_answered(struct thread *owner, struct cpu *by); /* one less to wait for */

/* window.c */
void window_enter(struct cpu *c); /* its thread goes (back) to user mode now */
void window_run(struct cpu *c);

/* lane.c: may only the window act, and has it nothing unusual to do? (What is not plain it
 * retires.)
 */
static inline bool lane_open(const struct cpu *c, const struct task *k) {
  const struct machine *m = c->m;
  return c->backend->quiet && (k->issued == 0 || k->slot[k->head].plain) && c->unsent == 0 &&
         c->inval_count == 0 && c->drains == 0 && !c->fetch_pending && !m->stopping && !m->failed &&
         !k->killed && !interrupt_due(c);
}
/* If it is open: go through cycles of the CPU's window in which only plain accesses act; true if
 * the cycle it is in then is done, but for next_action; false if the window must do it, or the
 * rest. */
bool lane_run(struct cpu *c, struct task *k);

/* request.c: ask for what is left to ask of an access, true if nothing is left; take an answer. */
bool request_send(struct cpu *c, struct slot *s);
void request_answer(struct cpu *c, const struct mmu_response *a, struct slot *s);
/* The backend comes to this CPU's time, which may run ahead while nothing happens in it. */
void request_catch_up(struct cpu *c);
/* booking.c: the oldest access was waited for until `upto`; a table access took [from, from +
 * cycles), s being NULL if its request was squashed; an answer for s was taken. */
void booking_slot(struct cpu *c, const struct slot *s, uint64_t upto);
void booking_phase(struct cpu *c, struct slot *s, uint64_t from, uint32_t cycles,
                   enum ledger_account account);
void booking_answer(const struct cpu *c, struct slot *s);
void window_squash(struct cpu *c);
/* Up to the youngest access that has (part of) its translation: how many, the oldest included. */
uint32_t window_translated(const struct cpu *c);

/* task.c */
bool task_create(struct machine *m, const char *spec, const uint32_t *file, char *err,
                 size_t err_len);
void task_destroy(struct task *t);
bool task_fill(struct cpu *c, struct task *t); /* keep events in the ring; false: none left */
void task_enter_kernel(struct cpu *c, enum request_kind why);
void task_main(void *thread); /* its kernel context */

/* phase.c: an access with this tag has retired, or missed so often; a mark was reached. */
void phase_access(struct machine *m, uint8_t tag);
void phase_misses(struct machine *m, uint8_t tag, uint64_t misses);
void phase_end(struct machine *m, uint32_t mark);
/* query.c: a query begins, or ended and the next one begins */
void query_mark(struct machine *m, struct task *k, bool ended);
void query_results(const struct machine *m, struct machine_results *out);
/* stage.c: in the task's kernel context */
void stage_begin(struct machine *m, struct task *k);
void stage_settle(struct machine *m, struct task *k);
void stage_left(struct machine *m, struct task *k); /* it has ended */

/* watch.c */
void watch_event(void *cpu, const struct mmu_event *ev); /* backend observer */
/* An answer of the L1 that was taken before its time, for part 0 or 1: no event tells of it. */
void watch_hit(struct cpu *c, struct slot *s, unsigned part, const struct mmu_request *q,
               const struct mmu_response *a);
/* The same for one part in a page whose descriptor is known not to be stale: the coverage; and, if
 * tables were read meanwhile, when the descriptor was. */
void watch_cover(struct cpu *c, const struct slot *s, const struct mmu_response *a);
void watch_page_again(struct cpu *c, struct slot *s, struct page_again *p);
void watch_access(struct cpu *c, struct slot *s); /* a retired access */
void watch_fault(struct cpu *c, const struct slot *s);
void watch_kernel_exit(struct machine *m, struct thread *t);
void watch_shootdown(struct machine *m, const struct thread *owner); /* it returns now */
void watch_invalidated(struct machine *m, const struct mmu_inval *inv, uint64_t begun);
void watch_end(struct machine *m);

/* sample.c */
void sample_take(struct machine *m, uint64_t cycle);
void sample_free(struct machine *m, uint64_t free_pages); /* as a task leaves the kernel */

/* platform.c */
extern const struct os_platform_ops machine_platform_ops;
enum ledger_account machine_account(enum os_account a);

/* disk.c */
struct disk *disk_create(struct machine *m);
void disk_destroy(struct disk *d);
void disk_submit(struct disk *d, struct os_io *io);
uint32_t disk_outstanding(const struct disk *d);
void disk_results(const struct disk *d, struct machine_results *out);

#endif

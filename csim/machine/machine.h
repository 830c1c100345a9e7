/* SPDX-License-Identifier: Apache-2.0
 * The simulated machine: CPUs with their MMU backends, one clock, a scheduler, a disk, the OS model
 * and the programs that run on it. Create it, add programs, run it once, read the results.
 * The caller owns it; nothing is shared between two machines. */
#ifndef COWALK_MACHINE_MACHINE_H
#define COWALK_MACHINE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "backend/backend.h"
#include "observer/contract.h"
#include "observer/ledger.h"
#include "os/os.h"
#include "timing/memtiming.h"

struct machine;
struct coverage;
struct sight;
struct machine_sample;

enum machine_backend { MACHINE_RTL, MACHINE_MODEL, MACHINE_LOCKSTEP };
/* x86 and RISC-V: the CPUs that a shootdown interrupts. See docs/shootdown.md. */
enum machine_shootdown { MACHINE_SHOOT_RUNNING, MACHINE_SHOOT_ALL };

struct machine_config {
  enum mmu_arch arch;
  enum machine_backend backend;
  uint32_t cpus;   /* 1..LEDGER_MAX_CPUS */
  uint32_t window; /* outstanding accesses of one CPU, 1..32 */
  uint64_t slice_cycles;
  struct mmu_geometry geometry;
  struct memtiming_config timing;
  struct os_config os; /* arch is taken from above */
  uint64_t disk_latency, disk_block_cycles;
  uint32_t disk_queue; /* transfers worked on at once */
  uint32_t cost[OS_WORK_COUNT];
  uint32_t shootdown; /* enum machine_shootdown */
  bool ipi_multicast; /* sending costs the same for any number of targets */
  /* Hold each access against what its program stored, and against completed shootdowns: contracts
   * no_lost_data, no_stale_translation, no_frame_twice. Changes nothing else. */
  bool access_checks;
  uint64_t max_accesses, max_cycles; /* 0: no limit */
  uint64_t seed;
  const char *fst; /* NULL: none; a wave file of CPU 0 for cycles fst_from..fst_to */
  uint64_t fst_from, fst_to;
  /* Called now and then during machine_run; may be NULL. */
  void (*progress)(void *arg, uint64_t accesses, uint64_t expected, uint64_t cycles);
  void *progress_arg;
  struct coverage *coverage; /* borrowed, may be NULL */
  struct sight *sight;       /* borrowed, may be NULL */
  /* Called at cycle 0, at the cycle it returned last, and at the end; may be NULL. */
  uint64_t (*sample)(void *arg, const struct machine_sample *s);
  /* A task ends, by itself or killed, and still has its memory; may be NULL. */
  void (*task_ends)(void *arg, struct machine *m, const struct os_task *t, uint32_t pid);
  void *sample_arg;          /* of both */
  struct mmu_observer watch; /* gets every backend event of every CPU; event may be NULL */
};

/* A part of a program that it marked the end of (list: programs). Operations by enum lru_access_op
 * of lru/host/access_list.h; a miss is a major fault, or a page that pread had to bring in. */
enum { MACHINE_OPS = 4, MACHINE_CLASSES = 2, MACHINE_PHASES = 8 };
struct machine_phase {
  uint32_t mark;
  uint64_t cycles;
  uint64_t accesses[MACHINE_OPS][MACHINE_CLASSES], misses[MACHINE_OPS][MACHINE_CLASSES];
  struct os_stats os; /* since the phase before */
};

enum { SHOOTDOWN_BINS = 24 };

/* Invalidations that the OS model asked for, and what became of them. Cycles unless said. */
struct shootdown_stats {
  uint64_t shootdowns; /* calls: one or more operations that are waited for together */
  uint64_t operations; /* by address or by identifier, counted once each */
  uint64_t remote;     /* shootdowns that had to reach another CPU */
  uint64_t ipis, ipis_avoided;
  uint64_t broadcasts; /* operations sent to all other CPUs (Arm) */
  uint64_t remote_ops; /* operations done by the MMUs of CPUs that did not start them */
  uint64_t deferred;   /* identifiers flushed when a CPU went back to an address space */
  uint64_t initiator;  /* of remote shootdowns, from the call to its return */
  uint64_t initiator_max;
  uint64_t waited; /* of these: waiting, after all is sent, for MMUs and acknowledgements */
  uint64_t stolen; /* by handlers, from CPUs that neither idle nor wait for a shootdown of theirs */
  uint64_t for_a;  /* of the ledger's cycles: calls for nothing but cleared A bits */
  uint64_t hardware;             /* invalidations in the MMUs, from acceptance to done */
  uint64_t took[SHOOTDOWN_BINS]; /* remote shootdowns; [i]: 2^i <= cycles < 2^(i+1), last: more */
};

/* Queries of programs that have them (machine/query.c), in cycles. */
struct query_stats {
  uint64_t count, cycles, p50, p99, max; /* cycles: the sum */
};

/* What happened. Sums over CPUs unless said. */
struct machine_results {
  uint64_t cycles; /* of the one clock, until the last program ended */
  uint64_t accesses, instructions, page_crossings, squashed, context_switches;
  uint64_t syscalls, failed_syscalls;
  uint64_t disk_reads, disk_writes, disk_busy_cycles;
  uint64_t timing[4];       /* hits of L1, L2, L3, and DRAM accesses */
  uint64_t footprint_pages; /* distinct pages of all tasks, 0 if a program does not know */
  uint64_t events;          /* of the programs */
  struct mmu_backend_stats backend;
  struct shootdown_stats shootdown;
  struct query_stats queries;
  uint64_t perf[MMU_PERF_COUNT]; /* the MMUs' own counters, by enum mmu_perf */
  struct os_stats os;
  uint64_t kills;        /* of the OOM killer: how many are in kill[], in order */
  uint64_t other_deaths; /* programs killed for another reason */
  struct os_oom_kill kill[OS_OOM_KILLS];
  char panic[160]; /* why the kernel stopped for ever; empty: it did not */
  struct ledger ledger;
  struct contracts contracts;
  struct machine_phase phase[MACHINE_PHASES + 1]; /* the last: under way */
  uint32_t phases;                                /* ended */
};

/* The machine at a cycle. Counts and cycles are since the start; pages are now. */
struct machine_sample {
  uint64_t cycle;
  uint32_t cpus, runnable, blocked; /* threads that run or could; tasks that sleep in the kernel */
  uint64_t managed, free, min, low, high; /* pages of all zones; marks with the boost */
  uint64_t least_free;                    /* since the last sample, as tasks left the kernel */
  uint64_t system, disk_wait, idle;       /* cycles of all CPUs */
  uint64_t interrupts, switches, disk_reads, disk_writes;
  struct os_stats os;
};

/* One CPU with everything that has a usual value; architecture, backend, sizes and policy are still
 * to be chosen. */
struct machine_config machine_config_default(void);
struct machine *machine_create(const struct machine_config *cfg, char *err, size_t err_len);
void machine_destroy(struct machine *m);
/* `copies` tasks that each run this program (see machine/program.h); copies share its files. */
bool machine_add(struct machine *m, const char *spec, uint32_t copies, char *err, size_t err_len);
/* Run until every program has ended or a limit is reached. false: machine_error tells why. */
bool machine_run(struct machine *m);
const char *machine_error(const struct machine *m);
void machine_results(struct machine *m, struct machine_results *out);
size_t machine_zones(const struct machine *m, struct os_zone_info *out, size_t max);
/* The OS model's file `index` of os/proc.h, as it is now. */
void machine_proc(const struct machine *m, size_t index, FILE *out);
/* /proc/PID/smaps of a task that has not ended yet (task_ends). */
void machine_smaps(struct machine *m, const struct os_task *t, FILE *out);
uint32_t machine_tasks(const struct machine *m);
/* Programs that were killed: the first one's reason, or NULL. */
const char *machine_death(const struct machine *m);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * The MMU backend: one interface in front of the Verilated hardware (rtl), the C model (model)
 * and the hardware under its judge (lockstep). One backend serves one simulated CPU.
 * Time is in CPU cycles and belongs to the caller; a backend never runs past what it is told. */
#ifndef COWALK_BACKEND_BACKEND_H
#define COWALK_BACKEND_BACKEND_H

#include <stddef.h>
#include <stdint.h>

#include "backend/mmu.h"
#include "backend/mmu_regs.h"

struct physmem;
struct memtiming;
struct mmu_backend;

/* A cycle that does not come. */
#define MMU_NEVER UINT64_MAX
static inline uint64_t earlier(uint64_t a, uint64_t b) { /* of two cycles */
  return a < b ? a : b;
}

/* What an observer sees. Never shown to the OS model. */
enum mmu_event_kind {
  MMU_EV_READ, /* a table read took effect: addr, old = value */
  MMU_EV_CAS,  /* a compare-and-swap took effect: addr, old = value found, expected, desired, ok */
  MMU_EV_ANSWER,    /* response points to the answer */
  MMU_EV_INVAL_DONE /* tag = id */
};

struct mmu_event {
  uint64_t cycle;
  uint64_t addr, old, expected, desired;
  const struct mmu_response *response;
  enum mmu_event_kind kind;
  uint32_t latency;  /* of a READ or CAS: cycles until the hardware has its answer */
  uint8_t tag, port; /* of the request walked for */
  uint8_t level;     /* height of the descriptor */
  uint8_t stage;     /* 1 or 2 */
  uint8_t slot;      /* walk slot */
  uint8_t error;     /* enum mmu_mem_error */
  bool ok;           /* compare-and-swap succeeded */
};

struct mmu_observer {
  void (*event)(void *self, const struct mmu_event *ev); /* may be NULL */
  void *self;
};

struct mmu_backend_config {
  enum mmu_arch arch;
  struct mmu_geometry geometry;
  struct physmem *memory;       /* borrowed */
  struct memtiming *timing;     /* borrowed; NULL: every access takes one cycle */
  struct mmu_observer observer; /* borrowed; event may be NULL */
  uint64_t seed;                /* initial values of unreset state, and the model's choices */
  uint32_t cpu;                 /* number for messages and events */
};

/* hits: requests answered in the next cycle; misses: all others, answered by the L2, walked or
 * merged with a walk. l2_hits, l2_misses: look-ups in the L2; one that misses ends in a walk or
 * waits for one. pwc_hits: walks that the virtual walk cache shortened, or table reads that the
 * physical one saved. walk_reads: of both stages; s2_reads: those of stage 2 among them.
 * nested_hits: questions to stage 2 that the nested TLB answered. */
struct mmu_backend_stats {
  uint64_t cycles_clocked; /* cycles in which the hardware was evaluated */
  uint64_t eval_ns;        /* host time inside the Verilated eval; 0 unless sampled */
  uint64_t requests, hits, misses, l2_hits, l2_misses, walks, walk_reads, cas_a, cas_d, cas_lost,
      faults, retries, invals, pwc_hits, merges, overlaps, restarts, s2_reads, nested_hits;
};

enum mmu_taken { MMU_REFUSED, MMU_TAKEN, MMU_ANSWERED };

struct mmu_backend_ops {
  const char *name;
  /* Offer a request at the current cycle; true if accepted. False: not ready, step and retry. */
  bool (*submit)(struct mmu_backend *b, const struct mmu_request *req);
  /* May be NULL. As submit, at `cycle`; the caller's invalidations are done, and the backend need
   * not have been stepped up to here if nothing was to happen in it. If the L1 TLB answers, and no
   * other answer and no table access comes up to the next cycle, all that submit now and poll then
   * would do is done at once, except for telling the observer: MMU_ANSWERED, *out, and in *serves
   * which kinds of access the page would serve likewise, a bit each by enum mmu_access_kind. */
  enum mmu_taken (*offer)(struct mmu_backend *b, const struct mmu_request *req, uint64_t cycle,
                          struct mmu_response *out, uint8_t *serves);
  /* Not NULL if offer is not. The same for an access of this kind to the page that the port was
   * last answered at once for, when that page serves such accesses and the port's `changes` is what
   * it was: true, or nothing has happened, but the MMU's time may be `cycle`. */
  bool (*hit_again)(struct mmu_backend *b, uint8_t port, uint8_t kind, uint64_t cycle);
  /* Hints to the host, all or none NULL; they change nothing that counts. glimpse: an access to va
   * will be offered. expect: the same, a while after; *where becomes the host's address of what
   * will be read, if that is known. foresee: where the access will probably go, a while after
   * expect, which returned `at`; false: unknown. */
  void (*glimpse)(const struct mmu_backend *b, uint64_t va);
  uint64_t (*expect)(struct mmu_backend *b, const struct mmu_context *ctx, uint64_t va,
                     const void **where);
  bool (*foresee)(const struct mmu_backend *b, const struct mmu_context *ctx, uint64_t va,
                  uint64_t at, uint64_t *pa);
  /* Take answers that have appeared up to the current cycle; returns how many were written. */
  size_t (*poll)(struct mmu_backend *b, struct mmu_response *out, size_t max);
  /* Start an invalidation; true if accepted. Completion: inval_poll returns true with its id. */
  bool (*invalidate)(struct mmu_backend *b, const struct mmu_inval *inv);
  bool (*inval_poll)(struct mmu_backend *b, uint8_t *id);
  /* Earliest cycle after the current one at which something may change; MMU_NEVER if idle. */
  uint64_t (*next_event)(struct mmu_backend *b);
  /* Advance to `cycle`, stopping early at the first cycle in which an answer or a finished
   * invalidation is ready to be taken (at once if one is already). Returns the cycle reached, or
   * MMU_NEVER after an error (see error). */
  uint64_t (*step_to)(struct mmu_backend *b, uint64_t cycle);
  uint64_t (*now)(const struct mmu_backend *b);
  /* Access a register (docs/registers.md, offsets in mmu_regs.h). Takes one cycle, in which
   * requests and invalidations offered before are accepted; answers that appear meanwhile wait
   * for poll. 0, or -1 if the access is refused or the backend has stopped (see error). */
  int (*reg_write)(struct mmu_backend *b, uint32_t offset, uint64_t value);
  int (*reg_read)(struct mmu_backend *b, uint32_t offset, uint64_t *value);
  /* NULL, or why the backend stopped (lockstep refusal, RTL assertion); one or more lines. */
  const char *(*error)(const struct mmu_backend *b);
  void (*stats)(const struct mmu_backend *b, struct mmu_backend_stats *out);
  /* Open an FST for cycles from..to (no-op where there is no hardware). 0, or -1 and errno. */
  int (*trace)(struct mmu_backend *b, const char *path, uint64_t from, uint64_t to);
  void (*destroy)(struct mmu_backend *b);
};

/* Every implementation starts with this. All but ops is for those with ops->offer. */
struct mmu_backend {
  const struct mmu_backend_ops *ops;
  uint64_t changes[2];     /* moves when a port's L1 may have changed, but by an answer at once */
  uint64_t accepted_at[2]; /* cycle of a port's last request, plus 1 */
  uint64_t again[4];       /* hits of mmu_hit_again that nobody else counts, by access kind */
  bool quiet;              /* no request is under way, no answer waits */
  uint64_t due;            /* nothing happens in it before this cycle */
  uint64_t result;         /* nothing can be taken from it before this cycle */
};

/* ops->hit_again, which is not called if there is nothing to ask. */
static inline bool mmu_hit_again(struct mmu_backend *b, uint8_t port, uint8_t kind,
                                 uint64_t cycle) {
  if (!b->quiet) return b->ops->hit_again(b, port, kind, cycle);
  if (b->accepted_at[port] == cycle + 1) return false;
  b->accepted_at[port] = cycle + 1;
  b->again[kind]++;
  return true;
}

struct mmu_backend *mmu_backend_rtl(const struct mmu_backend_config *cfg, char *err,
                                    size_t err_len);
struct mmu_backend *mmu_backend_model(const struct mmu_backend_config *cfg, char *err,
                                      size_t err_len);
struct mmu_backend *mmu_backend_lockstep(const struct mmu_backend_config *cfg, char *err,
                                         size_t err_len);

/* Default geometry: 64 + 64 L1 entries, 128 sets of 8 ways in the L2, 16 walk-cache entries a
 * height by virtual address, 2 walks, 4 waiting, tree pseudo-LRU. */
struct mmu_geometry mmu_geometry_default(void);
/* NULL, or what is wrong with it: one line with the remedy. */
const char *mmu_geometry_fault(const struct mmu_geometry *g);
bool mmu_geometry_same(const struct mmu_geometry *a, const struct mmu_geometry *b);
/* As text: L1I-L1D-L2SETS-L2WAYS-PWC1-PWC2-PWC3-PWC4-PWCKIND-WALKS-QUEUE-REPLACEMENT-NESTED, all
 * numbers, as in the names of built models (testbench/hw.mk). parse: false if it is not of this
 * form. */
enum { MMU_GEOMETRY_TEXT = 160 };
void mmu_geometry_text(const struct mmu_geometry *g, char text[MMU_GEOMETRY_TEXT]);
bool mmu_geometry_parse(const char *text, struct mmu_geometry *g);

/* Submit one request and step until it is answered (retry answers are returned). Returns 0, or
 * -1 if the backend failed. For tests and tools with nothing else outstanding. */
int mmu_translate(struct mmu_backend *b, const struct mmu_request *req, struct mmu_response *out);
/* Read all performance counters, by enum mmu_perf (mmu_regs.h). Returns 0, or -1. */
int mmu_read_counters(struct mmu_backend *b, uint64_t count[MMU_PERF_COUNT]);
const char *mmu_counter_name(enum mmu_perf counter);
/* Start one invalidation and step until it is done. Returns 0, or -1 if the backend failed. */
int mmu_invalidate_wait(struct mmu_backend *b, const struct mmu_inval *inv);

#endif

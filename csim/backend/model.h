/* SPDX-License-Identifier: Apache-2.0
 * Inside the model backend: its state, shared by model.c (interface and time) and model_walk.c
 * (walks). Not for others. */
#ifndef COWALK_BACKEND_MODEL_H
#define COWALK_BACKEND_MODEL_H

#include "backend/backend.h"
#include "backend/model_cache.h"
#include "backend/model_regs.h"
#include "rules/rules.h"

enum {
  MODEL_ANSWERS = 64, /* answers not yet taken; a submit is refused when it could overflow */
  MODEL_RETRIES = 8,  /* lost races and restarts of one walk before the answer is "retry" */
  MODEL_LEVELS = 5,
  MODEL_START_CYCLES = 3, /* from the request, or a free slot, to the first table read */
  MODEL_LEVEL_CYCLES = 2, /* own cycles a level, on top of the memory's */
  MODEL_INVAL_CYCLES = 2
};

struct model_request {
  struct mmu_request req; /* .ctx points to ctx below */
  struct mmu_context ctx;
  struct rules_need need;
  uint64_t va; /* as the caches know it: without an ignored tag */
  uint64_t tag;
};

enum model_state { MODEL_IDLE, MODEL_START, MODEL_READING, MODEL_SWAPPING };

struct model_walk {
  struct model_request *r;
  enum model_state state;
  uint64_t due; /* cycle of its next step */
  uint64_t began;
  struct rules_root root;
  struct rules_step step;
  uint64_t table, addr, pte;
  uint8_t level, rights;
  bool global, overtaken, swapped;
  uint8_t error; /* enum mmu_mem_error of the access in flight */
  uint32_t retries;
};

/* What the counters need beyond the backend's statistics. */
struct model_perf {
  uint64_t asked[3], missed[3]; /* by enum model_stream */
  uint64_t walks_ended, slot_cycles, active_cycles, active_since;
};

enum model_stream { MODEL_FETCHES, MODEL_LOADS, MODEL_STORES };

struct model {
  struct mmu_backend base;
  struct mmu_backend_config cfg;
  const struct rules_ops *rules;
  uint64_t now;
  struct model_cache *l1[2];
  struct model_cache *pointers[MODEL_LEVELS]; /* by height of the descriptor, 1..4 */
  struct model_walk *walk;                    /* cfg.geometry.walks of them */
  uint32_t walking;                           /* how many are not idle */
  struct model_request *request;              /* room for all that wait or are walked for */
  struct model_request **idle;                /* those not in use, a stack */
  struct model_request **waiting;             /* cfg.geometry.miss_queue, oldest first */
  uint32_t waiters;
  struct mmu_response answer[MODEL_ANSWERS]; /* a ring in order of cycle */
  bool unrecorded[MODEL_ANSWERS];            /* faults that do not go into the fault queue */
  uint32_t answer_head, answer_count, announced;
  uint64_t accepted_at[2]; /* cycle of the last request taken, plus 1 */
  uint64_t inval_done;     /* cycle at which it is done; MMU_NEVER: none */
  uint8_t inval_id, epoch;
  struct mmu_backend_stats stats;
  struct model_regs regs;
  struct model_perf perf;
};

/* Room for an answer of this cycle at the end of the ring. */
struct mmu_response *model_answer(struct model *m, const struct mmu_request *req, uint64_t cycle);
void model_answer_leaf(struct mmu_response *a, uint64_t base, uint8_t shift, uint8_t attrs,
                       uint64_t va);
void model_answer_fault(struct model *m, const struct mmu_request *req, uint64_t cycle,
                        const struct mmu_fault *f);

/* Take over a request that missed: queue it, and start what can start. */
void model_miss(struct model *m, const struct mmu_request *q, const struct rules_need *need,
                uint64_t va, uint64_t tag);
/* The walk whose next step comes first, NULL if there is none; do that step. */
struct model_walk *model_walk_next(const struct model *m);
void model_walk_step(struct model *m, struct model_walk *w);
/* For the counters: a walk of these begins, or has answered at this cycle. */
void model_perf_begin(struct model *m, struct model_walk *w, uint64_t cycle);
void model_perf_end(struct model *m, const struct model_walk *w, uint64_t cycle);
/* How often each event happened since reset. */
void model_perf_events(const struct model *m, uint64_t events[MMU_PERF_COUNT]);
/* All walks start again; returns the cycle by which no table write of theirs is outstanding. */
uint64_t model_walk_overtake(struct model *m);

#endif

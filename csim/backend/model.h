/* SPDX-License-Identifier: Apache-2.0
 * Inside the model backend: its state, shared by model.c (interface and time), model_l1.c (L1
 * look-ups), model_hit.c (the short ways), model_expect.c (hints to the host, and reads by them),
 * model_inval.c (invalidation), model_queue.c (L2 look-ups and the miss queue), model_walk.c
 * (walks), model_table.c (which table a walk reads next), model_stage2.c (what a walk asks stage 2)
 * and model_memory.c (its table accesses). Not for others. */
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
  MODEL_HINTS = 1 << 15,
  MODEL_L2_CYCLES = 2,    /* from the request to the look-up of the first page size in the L2 */
  MODEL_QUEUE_CYCLES = 1, /* from the request to a walk slot, without an L2 */
  MODEL_START_CYCLES = 3, /* from a slot to the first table read */
  MODEL_LEVEL_CYCLES = 2, /* own cycles a level, on top of the memory's */
  MODEL_NESTED_CYCLES =
      2, /* of a question to stage 2: to look into the nested TLB, to take the answer */
  MODEL_INVAL_CYCLES = 4 /* of an invalidation, and one a set of the L2 that it looks at */
};

/* What a request asks of an entry. */
struct model_need {
  struct rules_need s1;
  bool two_stages;
  struct rules_s2_need s2; /* with two stages, as is the next */
  uint64_t s2_root;        /* model_root_tag */
};

struct model_request {
  struct mmu_request req; /* .ctx points to ctx below */
  struct mmu_context ctx;
  struct model_need need;
  uint64_t va; /* as the caches know it: without an ignored tag */
  uint64_t tag;
};

/* descending: served by the physical walk cache, about to look for the next descriptor; asking:
 * about to look in the nested TLB */
enum model_state {
  MODEL_IDLE,
  MODEL_START,
  MODEL_DESCENDING,
  MODEL_READING,
  MODEL_SWAPPING,
  MODEL_ASKING,
  MODEL_S2_READING,
  MODEL_S2_SWAPPING
};

/* A question to stage 2, and how far its walk is. */
struct model_question {
  uint64_t gpa;
  enum rules_about about;
  struct rules_s2_need need;
  struct rules_s2_step step;
  uint64_t table, addr, pte;
  uint8_t level, rights, index_bits;
  uint32_t lost;
};

struct model_walk {
  struct model_request *r;
  enum model_state state;
  uint64_t due; /* cycle of its next step */
  uint64_t began;
  struct rules_root root;
  struct rules_step step;
  uint64_t table, gpa; /* gpa: the descriptor's address as the guest knows it */
  uint64_t addr, pte;
  uint8_t level, rights;
  bool global, overtaken, swapped;
  uint8_t error; /* enum mmu_mem_error of the access in flight */
  uint32_t retries;
  struct model_question asked;
};

/* What stage 2 answered: base and size of the page, and its rights, attrs and dirty state. */
struct model_place {
  uint64_t base;
  uint8_t shift, rights, attrs;
  bool dirty;
};

/* What the counters need beyond the backend's statistics. */
struct model_perf {
  uint64_t asked[3], missed[3]; /* by enum model_stream */
  uint64_t walks_ended, slot_cycles, active_cycles, active_since;
  uint64_t s2_walks;
};

enum model_stream { MODEL_FETCHES, MODEL_LOADS, MODEL_STORES };

static inline enum model_stream model_stream_of(uint8_t port, uint8_t kind) {
  if ((port & 1) == MMU_PORT_FETCH) return MODEL_FETCHES;
  return kind == MMU_WRITE || kind == MMU_RMW ? MODEL_STORES : MODEL_LOADS;
}

/* What the requests of one context need, worked out once: see model_offer. */
struct model_asker {
  struct mmu_context ctx;
  uint64_t tag;
  struct rules_need need[4]; /* by enum mmu_access_kind */
  bool plain;                /* one stage, which is on */
};

/* For the host: where the table of 2 MiB of addresses was found. The places are good as long as
 * physmem_moved says `moved`. */
struct model_hint {
  _Alignas(32) uint64_t key; /* so that none lies in two lines of the host's cache */
  const char *where;         /* place of the table; NULL: one page is all of it */
  const char *above;         /* place of the descriptor that leads there */
  uint32_t frame;            /* of the table, or the first of the page */
  uint32_t moved;
};

struct model {
  struct mmu_backend base;
  struct mmu_backend_config cfg;
  const struct rules_ops *rules;
  uint64_t now;
  struct model_cache *l1[2];
  struct model_cache *l2;                     /* NULL: none */
  bool l2_parts;                              /* it may have parts of large pages of stage 1 */
  struct model_cache *pointers[MODEL_LEVELS]; /* by height of the descriptor, 1..4 */
  struct model_cache *descriptors;            /* physical walk cache; NULL: none */
  struct model_cache *nested;                 /* nested TLB, perhaps of no entries */
  struct model_walk *walk;                    /* cfg.geometry.walks of them */
  struct model_walk *next_walk;               /* whose step comes first; NULL: all are idle */
  uint32_t walking;                           /* how many are not idle */
  struct model_request *request;              /* room for all that wait or are walked for */
  struct model_request **idle;                /* those not in use, a stack */
  /* the miss queue: cfg.geometry.miss_queue requests, in two lists, each oldest first */
  struct model_request **looking; /* for an entry in the L2; the first one does */
  struct model_request **waiting; /* for a walk slot, or for the walk of the same page */
  uint32_t lookers, waiters;
  uint64_t look_due;   /* cycle of the next look-up; MMU_NEVER: none */
  uint64_t look_sizes; /* page sizes the first of them has still to look for */
  struct mmu_response answer[MODEL_ANSWERS]; /* a ring in order of cycle */
  bool unrecorded[MODEL_ANSWERS];            /* faults that do not go into the fault queue */
  uint32_t answer_head, answer_count, announced;
  uint64_t inval_done; /* cycle at which it is done; MMU_NEVER: none */
  uint8_t inval_id, epoch;
  struct mmu_backend_stats stats;
  struct model_asker asker;
  struct model_regs regs;
  struct model_perf perf;
  struct model_hint *hint; /* MODEL_HINTS of them, by address */
};

/* May a request be taken at this port now? */
bool model_can_accept(const struct model *m, unsigned port);
/* The first cycle at which an answer or a finished invalidation can be taken. */
static inline uint64_t model_next_result(const struct model *m) {
  uint64_t t = m->answer_count != 0 ? m->answer[m->answer_head].cycle : MMU_NEVER;
  return t < m->inval_done ? t : m->inval_done;
}
/* The first cycle at which something happens by itself. */
static inline uint64_t model_next(const struct model *m) {
  uint64_t t = model_next_result(m);
  if (m->look_due < t) t = m->look_due;
  return m->next_walk != NULL && m->next_walk->due < t ? m->next_walk->due : t;
}
/* Tell the caller's side of it (struct mmu_backend), behind whatever may change it. */
static inline void model_tell_due(struct model *m) {
  m->base.quiet = (m->answer_count | m->lookers | m->waiters | m->walking) == 0;
  m->base.result = model_next_result(m);
  m->base.due = model_next(m);
}
/* mmu_backend_ops.offer, .hit_again */
enum mmu_taken model_offer(struct mmu_backend *b, const struct mmu_request *req, uint64_t cycle,
                           struct mmu_response *out, uint8_t *serves);
bool model_hit_again(struct mmu_backend *b, uint8_t port, uint8_t kind, uint64_t cycle);

/* mmu_backend_ops.glimpse, .expect, .foresee */
void model_glimpse(const struct mmu_backend *b, uint64_t va);
uint64_t model_expect(struct mmu_backend *b, const struct mmu_context *ctx, uint64_t va,
                      const void **where);
bool model_foresee(const struct mmu_backend *b, const struct mmu_context *ctx, uint64_t va,
                   uint64_t at, uint64_t *pa);
/* The descriptor at an address that stage 1 of a walk of va reads in a table of 4 KiB pages. */
enum mmu_mem_error model_read_lowest(const struct model *m, uint64_t va, uint64_t addr,
                                     uint64_t *pte);

static inline void model_answer_init(const struct model *m, struct mmu_response *a,
                                     const struct mmu_request *req, uint64_t cycle) {
  a->cycle = cycle;
  a->tag = req->tag;
  a->port = req->port;
  a->status = MMU_OK;
  a->hit = a->l2 = false;
  a->epoch = m->epoch;
}
/* Room for an answer of this cycle at the end of the ring. */
struct mmu_response *model_answer(struct model *m, const struct mmu_request *req, uint64_t cycle);
void model_answer_entry(struct mmu_response *a, const struct model_entry *e, uint64_t va);
void model_answer_fault(struct model *m, const struct mmu_request *req, uint64_t cycle,
                        const struct mmu_fault *f);

/* Room for one more request? */
bool model_queue_free(const struct model *m);
/* Look a request up in its L1: answered, or taken over by the miss queue (false). */
bool model_l1_look(struct model *m, const struct mmu_request *q);
/* Take over a request that missed its L1. */
void model_miss(struct model *m, const struct mmu_request *q, const struct model_need *need,
                uint64_t va, uint64_t tag);
/* The first request looks for one page size in the L2: due at look_due. */
void model_look(struct model *m);
/* A walk is over: whoever waits for the same page looks again; others may walk. */
void model_release(struct model *m, struct model_walk *w, uint64_t cycle);
/* Fill the TLBs with what a walk found, unless it was for a speculative request. */
void model_fill(struct model *m, const struct model_request *r, const struct model_entry *found);
/* May a request go through this entry? */
static inline bool model_satisfies(const struct model_need *n, const struct model_entry *e) {
  if (!rules_allows(&n->s1, e->rights, e->attrs) || (n->s1.write && !e->dirty)) return false;
  return !n->two_stages || (e->s2_root == n->s2_root && rules_s2_allows(&n->s2, e->s2_rights) &&
                            (!n->s2.write || e->dirty));
}

/* Begin a walk: its first step is due MODEL_START_CYCLES later. */
void model_walk_begin(struct model *m, struct model_request *r, uint64_t cycle);
/* Do the next step of next_walk. */
void model_walk_step(struct model *m);

/* ---- what the files of a walk do for each other ---- */

/* Read or swap the descriptor of stage 1 at w->addr, or that of stage 2 at w->asked.addr. Counts,
 * tells the observer, and makes the next step due when the memory has answered. */
void model_memory_read(struct model *m, struct model_walk *w, bool stage2);
void model_memory_swap(struct model *m, struct model_walk *w, bool stage2);
/* Ask stage 2 where gpa is. The answer is model_walk_placed or a fault. */
void model_ask(struct model *m, struct model_walk *w, enum rules_about about, uint64_t gpa);
/* Steps of a question, by state. */
void model_ask_nested(struct model *m, struct model_walk *w);
void model_ask_judge(struct model *m, struct model_walk *w);
void model_ask_after_swap(struct model *m, struct model_walk *w);
void model_walk_placed(struct model *m, struct model_walk *w, const struct model_place *p);
/* The walk ends with the answer "retry", or with this fault; gva is filled in. */
void model_walk_give_up(struct model *m, struct model_walk *w);
void model_walk_fault(struct model *m, struct model_walk *w, struct mmu_fault *f);

/* For the counters: a walk of these begins, or has answered at this cycle. */
void model_perf_begin(struct model *m, struct model_walk *w, uint64_t cycle);
void model_perf_end(struct model *m, const struct model_walk *w, uint64_t cycle);
/* How often each event happened since reset. */
void model_perf_events(const struct model *m, uint64_t events[MMU_PERF_COUNT]);
/* All walks start again; returns the cycle by which no table write of theirs is outstanding. */
uint64_t model_walk_overtake(struct model *m);

/* Do away with what an operation covers; false while another is under way. */
bool model_inval_begin(struct model *m, const struct mmu_inval *inv);

/* ---- walk caches ---- */

/* Start at the root, or at the deepest table that the virtual walk cache knows. */
void model_table_start(struct model *m, struct model_walk *w);
/* The descriptor w->step is a good pointer: go down to its table. */
void model_table_down(struct model_walk *w);
/* Remember the descriptor at w->addr, which was read from memory: pte, meaning w->step. */
void model_table_remember(struct model *m, const struct model_walk *w);
/* Set w->gpa, and w->addr as it is without a stage 2, of the descriptor that comes next. */
void model_table_address(struct model_walk *w);
/* Is the descriptor at w->addr a good pointer in the physical walk cache? If so, w->step is what it
 * means. */
bool model_table_known(struct model *m, struct model_walk *w);
void model_table_invalidate(struct model *m, const struct mmu_inval *inv, bool by_address);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Inside the judge: its state, what it knows of one request, and the words in which a refusal is
 * told. Shared by the judge's own files; not for others. */
#ifndef COWALK_BACKEND_JUDGE_PARTS_H
#define COWALK_BACKEND_JUDGE_PARTS_H

#include <stddef.h>

#include "backend/judge.h"
#include "backend/judge_cache.h"
#include "backend/judge_pwc.h"
#include "rules/rules.h"

enum { JUDGE_WAYS = 16, JUDGE_EVENTS = 24, JUDGE_TEXT = 6144 };
#define JUDGE_ROOT UINT32_MAX

/* One legal way to have come to the descriptor read last. Walk caches may leave several. */
struct judge_way {
  uint8_t rights; /* gathered above the descriptor */
  bool global;
  uint32_t parent_since; /* of the pointer above; JUDGE_ROOT if there is none */
  bool parent_global;
  uint32_t since; /* see judge_cache_since */
  struct rules_step step;
};

enum judge_state {
  JUDGE_FRESH, /* nothing read yet */
  JUDGE_READ,  /* ways[] judge the descriptor read last; an update may be pending */
  JUDGE_LOST,  /* its compare-and-swap lost: the same descriptor is to be read again */
  JUDGE_ERROR  /* the memory refused the last access */
};

struct judge_story {
  bool open;
  struct mmu_request req;
  struct mmu_context ctx;
  struct rules_need need;
  struct rules_root root;
  uint64_t va; /* rules_ops.address */
  uint64_t space;
  uint64_t cycle;
  enum judge_state state;
  uint64_t addr, pte;     /* descriptor read last */
  uint32_t read_accepted; /* invalidations accepted before it was read */
  uint8_t level, error;
  bool swapped, error_on_swap;
  uint32_t ways;
  struct judge_way way[JUDGE_WAYS];
  uint32_t first_since; /* invalidations completed before the request came */
  uint32_t walk_since;  /* ... before the current walk began */
  uint32_t
      pwc_ended; /* judge_pwc_ended at its last event: what was there then it may have passed */
  uint32_t reads, lost, restarts;
  struct mmu_event event[JUDGE_EVENTS]; /* the last ones, a ring */
  uint32_t events;
};

struct judge {
  enum mmu_arch arch;
  const struct rules_ops *rules;
  struct judge_cache *cache;
  struct judge_pwc *pwc; /* NULL: the walk cache tags pointers by address, they are in `cache` */
  struct judge_story story[2][256];
  bool has_l2, inval_open;
  uint8_t inval_kind; /* of the invalidation accepted last */
  uint64_t cycle, seed;
  uint32_t cpu;
  struct judge_counts counts;
  bool refused;
  char text[JUDGE_TEXT];
};

/* Set up on first use: most requests hit and need no root. */
static inline const struct rules_root *judge_root_of(struct judge *j, struct judge_story *s) {
  if (s->root.level == UINT8_MAX) j->rules->root(&s->ctx, &s->req.access, s->req.va, &s->root);
  return &s->root;
}

static inline struct rules_entry judge_entry(const struct judge_story *s, uint8_t shift,
                                             bool global, bool pointer) {
  return (struct rules_entry){.va = s->va,
                              .asid = s->ctx.asid,
                              .vmid = s->ctx.vmid,
                              .regime = s->ctx.regime,
                              .shift = shift,
                              .global = global,
                              .pointer = pointer};
}

/* A write that may yet be killed gets no update of its leaf. */
static inline bool judge_holds_back(const struct judge_story *s, const struct rules_step *t) {
  return s->req.access.speculative && s->need.write && t->kind == RULES_LEAF && t->update;
}

static inline uint8_t judge_range_of(uint8_t level) {
  return (uint8_t)(12 + 9 * level);
}

/* A table read, and a compare-and-swap, made for the request s. */
void judge_table_read(struct judge *j, struct judge_story *s, const struct mmu_event *ev);
void judge_table_swap(struct judge *j, struct judge_story *s, const struct mmu_event *ev);
void judge_answer(struct judge *j, const struct mmu_event *ev);

/* Start the text of a refusal, up to "the rules allow: "; false if one was made before. */
bool judge_refuse(struct judge *j, const char *why, const struct judge_story *s,
                  const struct mmu_response *answer, size_t *used);
void judge_refuse_plainly(struct judge *j, const char *why, const struct judge_story *s,
                          const struct mmu_response *answer, const char *allowed);

const char *judge_arch_name(enum mmu_arch a);
const char *judge_cause_name(uint8_t cause);
/* Append to text (a buffer of JUDGE_TEXT); *used counts. */
__attribute__((format(printf, 3, 4))) void judge_say(char *text, size_t *used, const char *format,
                                                     ...);
/* The request and what the hardware did for it. */
void judge_tell_story(char *text, size_t *used, const struct judge_story *s,
                      const struct mmu_response *answer);

#endif

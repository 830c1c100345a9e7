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

enum {
  JUDGE_WAYS = 32,
  JUDGE_EVENTS = 40,
  JUDGE_TEXT = 8192,
  JUDGE_QUESTIONS = 32,
  JUDGE_PLACES = 32,
  JUDGE_OWN = 64,
  JUDGE_UNSURE = 255
};
#define JUDGE_ROOT UINT32_MAX

/* One legal way to have come to the descriptor read last. Walk caches may leave several. */
struct judge_way {
  uint64_t gpa;         /* where the descriptor is; with a stage 2, to the guest */
  uint32_t place_since; /* of what stage 2 said of gpa; JUDGE_ROOT without a stage 2 */
  uint8_t rights;       /* gathered above the descriptor */
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

/* Where stage 2 puts a page: found by the walk itself, or remembered. */
struct judge_place {
  uint64_t gpa, base; /* of the page */
  uint8_t shift, rights, attrs;
  bool dirty;
  uint32_t since;
};

struct judge_places {
  uint32_t count;
  struct judge_place place[JUDGE_PLACES];
};

/* A question that the walk may be asking stage 2. */
struct judge_question {
  uint64_t gpa;
  uint8_t about; /* enum rules_about */
  bool again;    /* by a walk that has begun again */
  uint8_t s1_level, s1_rights;
  struct rules_entry above; /* what stage 1 it comes from ... */
  uint32_t above_since;     /* ... JUDGE_ROOT: from a root */
  struct rules_s2_need need;
  uint8_t rights; /* gathered above the descriptor */
  uint32_t since; /* see judge_cache_since */
  struct rules_s2_step step;
};

struct judge_questions {
  uint32_t count;
  struct judge_question question[JUDGE_QUESTIONS];
};

/* The walk of stage 2 under way, or the last one. */
struct judge_nested {
  enum judge_state state; /* JUDGE_FRESH: none since stage 1 read or swapped */
  uint64_t addr, pte;     /* descriptor read last */
  uint8_t level, error;
  bool swapped, error_on_swap;
  struct judge_questions asked;
  /* what such walks found since stage 1 read or swapped; a ring */
  uint32_t own_count;
  struct {
    struct judge_place place;
    uint64_t gpa;
    uint8_t about; /* JUDGE_UNSURE: another question may have been asked */
    uint8_t s1_level;
  } own[JUDGE_OWN];
};

struct judge_story {
  bool open;
  struct mmu_request req;
  struct mmu_context ctx;
  struct rules_need need;
  struct rules_root root;
  uint64_t va;             /* rules_ops.address */
  uint64_t space, s2_root; /* as in struct judge_key */
  bool two_stages;
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
  /* with two stages */
  bool begun;    /* the walk asks stage 2 where its first descriptor is, or has asked */
  bool at_start; /* the walk may have begun again; nothing tells yet */
  struct judge_nested nested;
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
                              .s2_root = s->s2_root,
                              .asid = s->ctx.asid,
                              .vmid = s->ctx.vmid,
                              .regime = s->ctx.regime,
                              .s2_mode = s->ctx.s2_mode,
                              .shift = shift,
                              .global = global,
                              .pointer = pointer};
}

static inline struct judge_key judge_key_of(const struct judge_story *s, enum judge_kind kind,
                                            uint8_t shift) {
  return (struct judge_key){.va = s->va,
                            .space = s->space,
                            .s2_root = s->s2_root,
                            .asid = s->ctx.asid,
                            .kind = (uint8_t)kind,
                            .shift = shift};
}

/* A write that may yet be killed gets no update of its leaf. */
static inline bool judge_holds_back(const struct judge_story *s, const struct rules_step *t) {
  return s->req.access.speculative && s->need.write && t->kind == RULES_LEAF && t->update;
}

static inline uint8_t judge_range_of(uint8_t level) {
  return (uint8_t)(12 + 9 * level);
}

static inline uint32_t judge_older(uint32_t a, uint32_t b) {
  return a < b ? a : b;
}

/* A table read, and a compare-and-swap, made for the request s. */
void judge_table_read(struct judge *j, struct judge_story *s, const struct mmu_event *ev);
void judge_table_swap(struct judge *j, struct judge_story *s, const struct mmu_event *ev);
void judge_answer(struct judge *j, const struct mmu_event *ev);
/* A fault; and an answer of two stages. */
void judge_fault(struct judge *j, struct judge_story *s, const struct mmu_response *a);
void judge_ok_two(struct judge *j, struct judge_story *s, const struct mmu_response *a);

/* May the walk have to begin again, because an invalidation came or was still under way? */
bool judge_overtaken(const struct judge *j, const struct judge_story *s);
/* It has begun again. */
void judge_begin_again(struct judge *j, struct judge_story *s);
/* Address of the descriptor of the request in a table of this height. */
uint64_t judge_descriptor_at(const struct judge_story *s, uint64_t table, uint8_t level);
/* Was a pointer of a physically tagged walk cache ended for this walk itself? One that is gone from
 * the cache for another's sake the walk may have passed before. */
bool judge_ended_for(const struct judge *j, const struct judge_story *s, uint8_t level, bool global,
                     uint32_t since);
void judge_log_event(struct judge_story *s, const struct mmu_event *ev);
void judge_out_of_memory(struct judge *j);

/* ---- stage 2 ---- */

/* The same two of stage 2. */
void judge_nested_read(struct judge *j, struct judge_story *s, const struct mmu_event *ev);
void judge_nested_swap(struct judge *j, struct judge_story *s, const struct mmu_event *ev);
/* Is a walk of stage 2 under way that has not ended well? */
bool judge_nested_open(const struct judge_story *s);
/* A write of this request may yet be killed, and stage 2's leaf of its page would need an update.
 */
bool judge_nested_holds_back(const struct judge_story *s);
/* Where stage 2 may say that gpa is, for such a question, and the address in such a page. */
void judge_places_of(struct judge *j, const struct judge_story *s, enum rules_about about,
                     bool user_page, uint64_t gpa, struct judge_places *out);
static inline uint64_t judge_address_in(const struct judge_place *p, uint64_t gpa) {
  return p->base | (gpa & ~(UINT64_MAX << p->shift));
}
/* The questions that the walk may ask now; or, with `again`, when it begins again. */
void judge_questions_now(struct judge *j, struct judge_story *s, bool again,
                         struct judge_questions *out);
/* Is a place named for a swap of the way's descriptor other than where it was read? */
bool judge_moved(struct judge *j, const struct judge_story *s, const struct judge_way *w);
/* A question's address as an invalidation of stage 2 sees it. */
struct rules_entry judge_nested_entry(const struct judge_story *s, uint64_t gpa, uint8_t shift);

/* Each translation by both stages that the walk may have found: visit, until it says true. */
typedef bool judge_visit(struct judge *j, const struct judge_story *s, const struct judge_node *n,
                         const struct mmu_response *a);
bool judge_combinations(struct judge *j, struct judge_story *s, const struct mmu_response *a,
                        judge_visit *visit);
/* Remember them all, unless the request is speculative. */
void judge_combine(struct judge *j, struct judge_story *s);

/* Start the text of a refusal, up to "the rules allow: "; false if one was made before. */
bool judge_refuse(struct judge *j, const char *why, const struct judge_story *s,
                  const struct mmu_response *answer, size_t *used);
void judge_refuse_plainly(struct judge *j, const char *why, const struct judge_story *s,
                          const struct mmu_response *answer, const char *allowed);

const char *judge_arch_name(enum mmu_arch a);
const char *judge_cause_name(uint8_t cause);
/* Is there a live entry that allows the access and gives this answer? And what there is. */
bool judge_remembered(struct judge *j, const struct judge_story *s, const struct mmu_response *a);
void judge_tell_remembered(struct judge *j, const struct judge_story *s, size_t *used);
/* Append to text (a buffer of JUDGE_TEXT); *used counts. */
__attribute__((format(printf, 3, 4))) void judge_say(char *text, size_t *used, const char *format,
                                                     ...);
/* A fault and its registers, in one line. */
void judge_tell_fault(char *text, size_t *used, const struct mmu_fault *f,
                      const struct mmu_syndrome *regs);
/* The request and what the hardware did for it. */
void judge_tell_story(char *text, size_t *used, const struct judge_story *s,
                      const struct mmu_response *answer);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Inside the judge: what it knows of one request, and the words in which a refusal is told. */
#ifndef COWALK_BACKEND_JUDGE_STORY_H
#define COWALK_BACKEND_JUDGE_STORY_H

#include <stddef.h>

#include "backend/backend.h"
#include "rules/rules.h"

enum { JUDGE_WAYS = 8, JUDGE_EVENTS = 24, JUDGE_TEXT = 6144 };
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
  uint64_t addr, pte; /* descriptor read last */
  uint8_t level, error;
  bool swapped, error_on_swap;
  uint32_t ways;
  struct judge_way way[JUDGE_WAYS];
  uint32_t first_since; /* invalidations completed before the request came */
  uint32_t walk_since;  /* ... before the current walk began */
  uint32_t reads, lost, restarts;
  struct mmu_event event[JUDGE_EVENTS]; /* the last ones, a ring */
  uint32_t events;
};

const char *judge_arch_name(enum mmu_arch a);
const char *judge_cause_name(uint8_t cause);
/* Append to text (a buffer of JUDGE_TEXT); *used counts. */
__attribute__((format(printf, 3, 4))) void judge_say(char *text, size_t *used, const char *format,
                                                     ...);
/* The request and what the hardware did for it. */
void judge_tell_story(char *text, size_t *used, const struct judge_story *s,
                      const struct mmu_response *answer);

#endif

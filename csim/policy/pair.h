/* SPDX-License-Identifier: Apache-2.0
 * What ARC and 2Q share: two lists of frames, and ghosts of what left them. A frame's state is its
 * list + 1. Private to csim/policy. */
#ifndef COWALK_POLICY_PAIR_H
#define COWALK_POLICY_PAIR_H

#include "policy/ghost.h"
#include "policy/links.h"

struct pair {
  struct links links;
  struct ghosts *ghosts;
  uint64_t count[2];
};

static inline void pair_free(struct pair *t) {
  links_free(&t->links);
  ghosts_destroy(t->ghosts);
}

/* Frames below that number, room for so many ghosts. False if out of memory; free it in any case.
 */
static inline bool pair_init(struct pair *t, uint32_t frames, uint32_t ghosts) {
  t->ghosts = ghosts_create(ghosts);
  return links_init(&t->links, frames, 2) && t->ghosts != NULL;
}

static inline void pair_push(struct pair *t, unsigned list, uint32_t frame) {
  t->links.state[frame] = (uint8_t)(list + 1);
  links_push(&t->links, list, frame);
  t->count[list]++;
}

static inline void pair_take(struct pair *t, uint32_t frame) {
  t->count[t->links.state[frame] - 1]--;
  t->links.state[frame] = 0;
  links_take(&t->links, frame);
}

static inline uint64_t pair_size(const struct pair *t) {
  return t->count[0] + t->count[1];
}

static inline int pair_check(const struct pair *t, char *err, size_t err_len) {
  for (unsigned list = 0; list < 2; list++)
    if (links_check(&t->links, list, t->count[list], (uint8_t)(list + 1), err, err_len) != 0)
      return -1;
  return 0;
}

static inline void pair_near(const struct pair *t, uint32_t frame) {
  __builtin_prefetch(&t->links.at[frame], 1);
  __builtin_prefetch(&t->links.state[frame], 1);
}

#endif

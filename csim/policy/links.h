/* SPDX-License-Identifier: Apache-2.0
 * Circular lists of frames, linked by number: one array of links for all lists of a policy, each
 * list with a sentinel after the frames. The newest page is next of the sentinel, the oldest prev.
 * Private to csim/policy. */
#ifndef COWALK_POLICY_LINKS_H
#define COWALK_POLICY_LINKS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "policy/policy.h"

struct link {
  uint32_t prev, next;
};

struct links {
  struct link *at; /* frames, then the sentinels */
  uint64_t *page;  /* what each frame holds */
  uint8_t *state;  /* of each frame; 0: on no list. The policy gives it meaning */
  uint32_t frames;
};

/* False if out of memory; free it in any case. */
bool links_init(struct links *l, uint32_t frames, uint32_t lists);
void links_free(struct links *l);
/* 0, or -1 with one line in err: list must hold count frames, each in that state (0: any). */
int links_check(const struct links *l, uint32_t list, uint64_t count, uint8_t state, char *err,
                size_t err_len);
/* The pages of a list, newest first, after its name. names: as in struct policy_ops. */
void links_show(const struct links *l, uint32_t list, const char *name, const uint64_t *names,
                FILE *out);

static inline uint32_t links_head(const struct links *l, uint32_t list) {
  return l->frames + list;
}

static inline uint32_t links_oldest(const struct links *l, uint32_t list) {
  return l->at[links_head(l, list)].prev;
}

/* Put a frame just behind another (or a sentinel), that is, on its next side. */
static inline void links_after(struct links *l, uint32_t where, uint32_t frame) {
  const uint32_t next = l->at[where].next;
  l->at[frame] = (struct link){where, next};
  l->at[next].prev = frame;
  l->at[where].next = frame;
}

static inline void links_push(struct links *l, uint32_t list, uint32_t frame) {
  links_after(l, links_head(l, list), frame);
}

static inline void links_take(struct links *l, uint32_t frame) {
  const struct link k = l->at[frame];
  l->at[k.prev].next = k.next;
  l->at[k.next].prev = k.prev;
}

/* A list as a ring: the frame behind this one, or behind the sentinel; the sentinel if empty. */
static inline uint32_t links_round(const struct links *l, uint32_t list, uint32_t frame) {
  const uint32_t next = l->at[frame].next;
  return next == links_head(l, list) ? l->at[next].next : next;
}

#endif

/* SPDX-License-Identifier: Apache-2.0
 * What FIFO and LRU share: one list, whose oldest frame is the victim. Private to csim/policy; a
 * file that includes it defines a policy. */
#ifndef COWALK_POLICY_QUEUE_H
#define COWALK_POLICY_QUEUE_H

#include <stdlib.h>

#include "policy/links.h"
#include "policy/run.h"

enum { QUEUE_LISTED = 1 };

struct policy {
  struct links links;
  uint64_t count;
};

static inline void queue_destroy(struct policy *p) {
  if (p == NULL) return;
  links_free(&p->links);
  free(p);
}

static inline struct policy *queue_create(const struct policy_config *c) {
  struct policy *p = calloc(1, sizeof *p);
  if (p == NULL || links_init(&p->links, c->frames, 1)) return p;
  queue_destroy(p);
  return NULL;
}

static inline void queue_enter(struct policy *p, uint32_t frame, uint64_t page) {
  p->links.page[frame] = page;
  p->links.state[frame] = QUEUE_LISTED;
  links_push(&p->links, 0, frame);
  p->count++;
}

static inline void queue_leave(struct policy *p, uint32_t frame) {
  p->links.state[frame] = 0;
  links_take(&p->links, frame);
  p->count--;
}

static inline uint32_t queue_victim(struct policy *p, uint64_t incoming, uint64_t *budget) {
  (void)incoming;
  if (p->count == 0 || *budget == 0) return POLICY_NONE;
  const uint32_t frame = links_oldest(&p->links, 0);
  --*budget;
  queue_leave(p, frame);
  return frame;
}

static inline uint64_t queue_size(const struct policy *p) {
  return p->count;
}

static inline int queue_check(const struct policy *p, char *err, size_t err_len) {
  return links_check(&p->links, 0, p->count, QUEUE_LISTED, err, err_len);
}

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Pointers by physical address: see judge_pwc.h. Follows the contract of the physically tagged
 * walk cache (docs/lockstep.md). Promise: nothing is found that had ended by the time the caller
 * names. */
#include "backend/judge_pwc.h"

#include <stdlib.h>

enum { BUCKETS = 4096 }; /* tables are few: one pointer for each */

struct judge_pwc {
  struct judge_pointer *bucket[BUCKETS];
  uint32_t ended; /* pointers with a smaller `since` are gone */
  uint32_t keep;  /* ... and forgotten, with one smaller than this */
};

struct judge_pwc *judge_pwc_create(void) {
  return calloc(1, sizeof(struct judge_pwc));
}

void judge_pwc_destroy(struct judge_pwc *c) {
  if (c == NULL) return;
  for (uint32_t i = 0; i < BUCKETS; i++) {
    while (c->bucket[i] != NULL) {
      struct judge_pointer *p = c->bucket[i];
      c->bucket[i] = p->next;
      free(p);
    }
  }
  free(c);
}

void judge_pwc_end(struct judge_pwc *c, uint32_t before, uint32_t keep) {
  c->ended = before;
  c->keep = keep;
}

uint32_t judge_pwc_ended(const struct judge_pwc *c) {
  return c->ended;
}

static struct judge_pointer **bucket_of(struct judge_pwc *c, uint64_t addr) {
  return &c->bucket[(addr >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> 52]; /* 12 bits */
}

/* Unlink and free what is forgotten at *link until something else or the end stands there. */
static struct judge_pointer *kept(const struct judge_pwc *c, struct judge_pointer **link) {
  while (*link != NULL && (*link)->since < c->keep) {
    struct judge_pointer *p = *link;
    *link = p->next;
    free(p);
  }
  return *link;
}

struct judge_pointer *judge_pwc_find(struct judge_pwc *c, uint64_t addr, uint8_t level,
                                     uint32_t ended, struct judge_pointer *after) {
  struct judge_pointer **link = after != NULL ? &after->next : bucket_of(c, addr);
  for (; kept(c, link) != NULL; link = &(*link)->next)
    if ((*link)->addr == addr && (*link)->level == level && (*link)->since >= ended) return *link;
  return NULL;
}

bool judge_pwc_learn(struct judge_pwc *c, const struct judge_pointer *p) {
  struct judge_pointer *old = NULL;
  while ((old = judge_pwc_find(c, p->addr, p->level, 0, old)) != NULL) {
    if (old->value != p->value) continue;
    if (p->since > old->since) old->since = p->since;
    return true;
  }
  struct judge_pointer *copy = malloc(sizeof *copy);
  if (copy == NULL) return false;
  struct judge_pointer **head = bucket_of(c, p->addr);
  *copy = *p;
  copy->next = *head;
  *head = copy;
  return true;
}

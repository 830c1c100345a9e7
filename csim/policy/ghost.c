// SPDX-License-Identifier: Apache-2.0
// Ghost lists: nodes in one array, chained by hash, linked by age. No allocation after create.
#include "policy/ghost.h"

#include <stdlib.h>

#include "policy/policy.h"

struct ghost {
  uint64_t page;
  uint32_t prev, next; /* by age; next of the sentinel is the newest */
  uint32_t chain;      /* next in the bucket, or in the list of free nodes */
  uint32_t list;
};

struct ghosts {
  struct ghost *node; /* two sentinels first */
  uint32_t *bucket;
  unsigned shift;
  uint32_t free; /* chain of nodes that were in use; then those from `fresh` on */
  uint32_t fresh;
  uint32_t count[GHOST_LISTS];
};

struct ghosts *ghosts_create(uint32_t room) {
  struct ghosts *g = calloc(1, sizeof *g);
  if (g == NULL) return NULL;
  unsigned bits = 4;
  while (bits < 32 && (UINT64_C(1) << bits) < room)
    bits++;
  g->shift = 64 - bits;
  const size_t nodes = (size_t)room + GHOST_LISTS;
  g->node = malloc(nodes * sizeof *g->node);
  g->bucket = malloc(((size_t)1 << bits) * sizeof *g->bucket);
  if (g->node == NULL || g->bucket == NULL) {
    ghosts_destroy(g);
    return NULL;
  }
  for (size_t i = 0; i < (size_t)1 << bits; i++)
    g->bucket[i] = GHOST_NONE;
  for (uint32_t i = 0; i < GHOST_LISTS; i++)
    g->node[i] = (struct ghost){.prev = i, .next = i};
  g->free = GHOST_NONE;
  g->fresh = GHOST_LISTS;
  return g;
}

void ghosts_destroy(struct ghosts *g) {
  if (g == NULL) return;
  free(g->node);
  free(g->bucket);
  free(g);
}

static uint32_t *bucket_of(const struct ghosts *g, uint64_t page) {
  return &g->bucket[(page * UINT64_C(0x9E3779B97F4A7C15)) >>
                    g->shift]; /* Knuth's, multiplicative */
}

uint32_t ghosts_find(const struct ghosts *g, uint64_t page) {
  uint32_t n = *bucket_of(g, page);
  while (n != GHOST_NONE && g->node[n].page != page)
    n = g->node[n].chain;
  return n;
}

unsigned ghosts_list(const struct ghosts *g, uint32_t node) {
  return g->node[node].list;
}

uint32_t ghosts_count(const struct ghosts *g, unsigned list) {
  return g->count[list];
}

void ghosts_push(struct ghosts *g, unsigned list, uint64_t page) {
  const uint32_t n = g->free != GHOST_NONE ? g->free : g->fresh++;
  struct ghost *k = &g->node[n];
  uint32_t *bucket = bucket_of(g, page);
  if (n == g->free) g->free = k->chain;
  *k = (struct ghost){page, list, g->node[list].next, *bucket, list};
  *bucket = n;
  g->node[k->next].prev = n;
  g->node[list].next = n;
  g->count[list]++;
}

void ghosts_remove(struct ghosts *g, uint32_t node) {
  struct ghost *k = &g->node[node];
  uint32_t *from = bucket_of(g, k->page);
  while (*from != node)
    from = &g->node[*from].chain;
  *from = k->chain;
  g->node[k->prev].next = k->next;
  g->node[k->next].prev = k->prev;
  g->count[k->list]--;
  k->chain = g->free;
  g->free = node;
}

uint64_t ghosts_drop(struct ghosts *g, unsigned list) {
  const uint32_t oldest = g->node[list].prev;
  const uint64_t page = g->node[oldest].page;
  ghosts_remove(g, oldest);
  return page;
}

void ghosts_show(const struct ghosts *g, unsigned list, const char *name, const uint64_t *names,
                 FILE *out) {
  fprintf(out, "%s:", name);
  for (uint32_t n = g->node[list].next; n != list; n = g->node[n].next)
    fprintf(out, " %llu", (unsigned long long)policy_name(names, g->node[n].page));
}

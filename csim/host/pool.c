// SPDX-License-Identifier: Apache-2.0
// Blocks are cut from chunks of an eighth of all before, at least 64 KiB and at most a huge page;
// blocks that were given back are taken first.
// Promises: AddressSanitizer sees a use of a block that nobody has taken.
#include "host/pool.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "host/poison.h"
#include "host/table.h"

enum { LEAST_CHUNK = 64 << 10, MOST_CHUNK = 2 << 20, PART = 8 };

struct given { /* at the start of a block that is free */
  struct given *next;
};

struct host_pool {
  size_t block;
  char *at;    /* of the last chunk: not cut yet, ... */
  size_t left; /* ... and so many bytes */
  struct given *given;
  void **chunk;
  size_t chunks, bytes; /* of all chunks */
};

struct host_pool *host_pool_create(size_t block) {
  assert(block % 16 == 0 && block != 0 && block <= LEAST_CHUNK);
  struct host_pool *p = calloc(1, sizeof *p);
  if (p != NULL) p->block = block;
  return p;
}

void host_pool_destroy(struct host_pool *p) {
  if (p == NULL) return;
  for (size_t i = 0; i < p->chunks; i++)
    host_table_free(p->chunk[i]);
  free(p->chunk);
  free(p);
}

static size_t next_chunk(const struct host_pool *p) {
  size_t bytes = p->bytes / PART / LEAST_CHUNK * LEAST_CHUNK;
  if (bytes < LEAST_CHUNK) return LEAST_CHUNK;
  return bytes < MOST_CHUNK ? bytes : MOST_CHUNK;
}

static bool add_chunk(struct host_pool *p) {
  const size_t bytes = next_chunk(p);
  void **list = realloc(p->chunk, (p->chunks + 1) * sizeof *list);
  if (list == NULL) return false;
  p->chunk = list;
  char *chunk = host_table(bytes);
  if (chunk == NULL) return false;
  p->chunk[p->chunks++] = chunk;
  p->bytes += bytes;
  p->at = chunk;
  p->left = bytes;
  ASAN_POISON_MEMORY_REGION(p->at, p->left);
  return true;
}

void *host_pool_take(struct host_pool *p) {
  struct given *g = p->given;
  if (g != NULL) {
    ASAN_UNPOISON_MEMORY_REGION(g, p->block);
    p->given = g->next;
    return memset(g, 0, p->block);
  }
  if (p->left < p->block && !add_chunk(p)) return NULL;
  char *block = p->at;
  p->at += p->block;
  p->left -= p->block;
  ASAN_UNPOISON_MEMORY_REGION(block, p->block);
  return block;
}

void host_pool_give(struct host_pool *p, void *block) {
  if (block == NULL) return;
  struct given *g = block;
  g->next = p->given;
  p->given = g;
  ASAN_POISON_MEMORY_REGION(block, p->block);
}

// SPDX-License-Identifier: Apache-2.0
// A binary heap of future events, ordered by (cycle, rank of the source, sequence).
// Follows the design's one-clock rule: time only ever moves to the first event of this queue.
// Promises: a total order that depends on nothing but the order of insertion.
#include "time/event_queue.h"

#include <stdlib.h>

struct event {
  uint64_t cycle, sequence;
  event_fn *fn;
  void *arg;
  uint32_t rank;
};

struct event_queue {
  struct event *heap;
  uint32_t count, capacity;
  uint64_t sequence;
};

struct event_queue *event_queue_create(void) {
  return calloc(1, sizeof(struct event_queue));
}

void event_queue_destroy(struct event_queue *q) {
  if (q == NULL) return;
  free(q->heap);
  free(q);
}

static bool before(const struct event *a, const struct event *b) {
  if (a->cycle != b->cycle) return a->cycle < b->cycle;
  if (a->rank != b->rank) return a->rank < b->rank;
  return a->sequence < b->sequence;
}

static void rise(struct event_queue *q, uint32_t i, struct event e) {
  while (i > 0 && before(&e, &q->heap[(i - 1) / 2])) {
    q->heap[i] = q->heap[(i - 1) / 2];
    i = (i - 1) / 2;
  }
  q->heap[i] = e;
}

static void sink(struct event_queue *q, uint32_t i, struct event e) {
  for (;;) {
    uint32_t child = 2 * i + 1;
    if (child >= q->count) break;
    if (child + 1 < q->count && before(&q->heap[child + 1], &q->heap[child])) child++;
    if (!before(&q->heap[child], &e)) break;
    q->heap[i] = q->heap[child];
    i = child;
  }
  q->heap[i] = e;
}

uint64_t event_queue_add(struct event_queue *q, uint64_t cycle, uint32_t rank, event_fn *fn,
                         void *arg) {
  if (q->count == q->capacity) {
    uint32_t capacity = q->capacity == 0 ? 16 : 2 * q->capacity;
    struct event *heap = realloc(q->heap, capacity * sizeof *heap);
    if (heap == NULL) return 0;
    q->heap = heap;
    q->capacity = capacity;
  }
  struct event e = {.cycle = cycle, .sequence = ++q->sequence, .fn = fn, .arg = arg, .rank = rank};
  rise(q, q->count++, e);
  return e.sequence;
}

/* Remove the event at i, keeping the heap's order. */
static void take(struct event_queue *q, uint32_t i) {
  struct event last = q->heap[--q->count];
  if (i == q->count) return;
  if (i > 0 && before(&last, &q->heap[(i - 1) / 2]))
    rise(q, i, last);
  else
    sink(q, i, last);
}

bool event_queue_cancel(struct event_queue *q, uint64_t id) {
  for (uint32_t i = 0; i < q->count; i++) {
    if (q->heap[i].sequence != id) continue;
    take(q, i);
    return true;
  }
  return false;
}

uint64_t event_queue_next(const struct event_queue *q) {
  return q->count != 0 ? q->heap[0].cycle : EVENT_NEVER;
}

bool event_queue_run(struct event_queue *q) {
  if (q->count == 0) return false;
  struct event e = q->heap[0];
  take(q, 0);
  e.fn(e.arg, e.cycle);
  return true;
}

/* SPDX-License-Identifier: Apache-2.0
 * The queue of future events. Order: cycle, then rank of the source, then order of insertion, so
 * that two runs never differ. The owner destroys it; callbacks may add and cancel events. */
#ifndef COWALK_TIME_EVENT_QUEUE_H
#define COWALK_TIME_EVENT_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#define EVENT_NEVER UINT64_MAX

typedef void event_fn(void *arg, uint64_t cycle);

struct event_queue;

struct event_queue *event_queue_create(void); /* NULL: out of host memory */
void event_queue_destroy(struct event_queue *q);
/* Returns a number to cancel it by, never 0; 0 if the host is out of memory. */
uint64_t event_queue_add(struct event_queue *q, uint64_t cycle, uint32_t rank, event_fn *fn,
                         void *arg);
/* true if it had not run yet. */
bool event_queue_cancel(struct event_queue *q, uint64_t id);
/* Cycle of the first event, EVENT_NEVER if there is none. */
uint64_t event_queue_next(const struct event_queue *q);
/* Take the first event out and run it; false if there is none. */
bool event_queue_run(struct event_queue *q);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Inside the machine: pages of coming accesses, of which the host is told (expect.c). Not for
 * others. */
#ifndef COWALK_MACHINE_OUTLOOK_H
#define COWALK_MACHINE_OUTLOOK_H

#include "machine/slot.h"

struct cpu;
struct task;

/* A page that events of a task will need: see expect.c. */
struct outlook_page {
  uint64_t va;                           /* 0: it was expected not long ago, and needs no hint */
  uint64_t at;                           /* what the backend says of it */
  uint64_t frame;                        /* of the simulated machine */
  const void *descriptor, *truth, *held; /* places of the host; NULL: unknown */
  bool known;                            /* the frame is */
};

/* All of them, in order; one begins where an event's page is not that of the last event. */
struct outlook {
  uint64_t last, seen; /* page of the last event read, of the last foreseen */
  /* So many pages were, ever: read >= expected >= fetched, and expected >= foreseen >= held. */
  uint32_t read, expected, fetched, foreseen, held;
  struct outlook_page page[SLOTS]; /* a ring */
  uint64_t recent[64];             /* pages that were expected, by their low bits */
};

/* An access to another page was read ahead; the task holds events from `from` on; all is read. */
void expect_new_page(struct cpu *c, struct task *k, uint64_t va);
void expect_places(struct cpu *c, struct task *k, uint32_t from);
void expect_end(struct cpu *c, struct task *k);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Inside the machine: an access on its way through the window, and what is remembered of requests
 * and of pages meanwhile. Plain data. Not for others. */
#ifndef COWALK_MACHINE_SLOT_H
#define COWALK_MACHINE_SLOT_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "backend/backend.h"
#include "machine/content.h"
#include "trace/trace.h"

/* A task holds as many events for the window as that may have at most, and as many read ahead. */
enum { WINDOW_MAX = 32, SLOTS = 2 * WINDOW_MAX, TAGS = 64, PHASES = 200 };

struct phase { /* of a walk: [from, from + cycles) went to `account` */
  uint64_t from;
  uint32_t cycles;
  uint8_t account;
};

/* A page of an access, once it is translated. */
struct slot_part {
  uint64_t pa;
  uint64_t leaf_at; /* when this CPU last read the descriptor it goes through; 0: unknown */
  uint64_t judged;  /* machine.invalidated when that was found not to be stale */
  uint8_t tag;
  bool leaf_huge; /* of 2 MiB */
};

/* What few accesses need. */
struct slot_far {
  struct phase phase[PHASES];
  struct mmu_response fault;
  struct slot_part second; /* the page that it crosses into */
};

/* One event of a program on its way through the window: two lines of the host's cache. What is
 * cleared together when it is issued lies apart from what was said before: a load of the host that
 * spans bytes of two recent stores waits until both have left for the cache. */
struct slot {
  struct trace_event ev;
  uint8_t sent, answered; /* a bit each of parts */
  uint8_t phases;
  bool faulted;
  bool crowded, alone; /* its walk met another; it had the MMU to itself */
  bool l2;             /* answered by the L2 TLB */
  bool plain;          /* of one part, which the L1 answered in the next cycle: see lane.c */
  uint64_t tried;      /* when it first asked for the port */
  uint64_t sent_at, answered_at;
  uint64_t done_at; /* MMU_NEVER: not yet known; 0: it faulted */
  struct slot_part first;
  uint8_t parts; /* one bit a request: 1, or 3 if it crosses a page */
  uint8_t port;
  bool in_order;        /* translates only when it is the oldest */
  uint8_t shift;        /* of the page, log2 */
  struct slot_far *far; /* the task's */
};

static_assert(sizeof(struct slot) == 128, "an index is a shift");

/* As it is when it is issued. */
static inline void slot_reset(struct slot *s) {
  s->sent = s->answered = s->phases = 0;
  s->faulted = s->crowded = s->alone = s->l2 = s->plain = false;
  s->done_at = MMU_NEVER;
}

/* What the access needs, as content.h says it. */
static inline uint8_t slot_right(const struct slot *s) {
  static const uint8_t rights[] = {[TRACE_FETCH] = CONTENT_EXEC,
                                   [TRACE_READ] = CONTENT_READ,
                                   [TRACE_WRITE] = CONTENT_WRITE,
                                   [TRACE_MODIFY] = CONTENT_WRITE};
  return rights[s->ev.kind];
}

static inline struct slot_part *slot_part(struct slot *s, unsigned part) {
  return part == 0 ? &s->first : &s->far->second;
}

/* Which part of it an answer is for. */
static inline unsigned slot_part_of(const struct slot *s, uint8_t tag) {
  return (s->sent & ~s->answered & 1) != 0 && s->first.tag == tag ? 0 : 1;
}

/* The page of a port's last hit: what is as it was need not be looked up again. */
struct page_again {
  uint64_t page;    /* va >> shift */
  uint64_t frame;   /* physical address of the page */
  uint64_t changes; /* of the backend, as it was */
  uint64_t reads;   /* of the CPU */
  uint64_t leaf_at; /* as in struct slot */
  uint8_t shift;
  uint8_t kinds; /* accesses known to be served, a bit each; 0: nothing is known */
  bool huge;
};

/* A request in the backend, by its tag. */
struct asked {
  struct slot *owner; /* NULL: free or squashed */
  uint64_t page;      /* address asked for, and in which identifier; squashed ones too */
  uint64_t leaf;      /* last descriptor read for it, for the contract checks */
  uint16_t asid;
  bool in_use, leaf_known;
};

struct thread;

/* Accesses of the window that used a translation older than a broadcast. */
struct draining {
  struct thread *owner;
  uint64_t until; /* cpu.retired by which they are gone */
};

#endif

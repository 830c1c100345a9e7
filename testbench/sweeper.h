/* SPDX-License-Identifier: Apache-2.0
 * The sweeper: takes one translation, learns how long it runs, and repeats it once for each of
 * its cycles with one event placed there. What must hold whatever the cycle is:
 *   - every request is answered exactly once, in bounded time;
 *   - an answer is that of the tables before or after the event, as the order of events allows,
 *     and only the one after it once an invalidation that covers it is done;
 *   - table words change only by legal updates of A and D;
 *   - nothing stale is left behind: asked again, the new tables answer;
 *   - an entry that the event does not concern still hits. */
#ifndef COWALK_TESTBENCH_SWEEPER_H
#define COWALK_TESTBENCH_SWEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "testbench/bench.h"
#include "testbench/tables.h"

enum sweep_fault {
  SWEEP_SOUND = 0, /* the tables lead to the page; its flags decide */
  SWEEP_ABSENT,    /* the descriptor of fault_height is not present */
  SWEEP_RESERVED   /* ... has a reserved encoding */
};

/* One translation to sweep. */
struct sweep_walk {
  const char *name;
  uint8_t height; /* of the page */
  uint8_t flags;  /* of the page */
  uint8_t kind;   /* enum mmu_access_kind */
  uint8_t fault;  /* enum sweep_fault */
  uint8_t fault_height;
  bool warm;           /* pointers are in the walk cache already */
  bool fresh_pointers; /* x86: A clear in every pointer */
  bool software_flags; /* software sets A and D */
  bool door;           /* every table and page passes the door to stage 2 */
  uint8_t stage2;      /* 1: stage 2 translates; 2: by the other format that x86 has */
  uint8_t flags2;      /* of its page, with stage2 */
};

enum sweep_event {
  SWEEP_INVALIDATE, /* the OS changes tables and invalidates; variants: change x operation */
  SWEEP_RACE,       /* the OS (or another CPU) changes tables without invalidation */
  SWEEP_SECOND,     /* another request */
  SWEEP_CONTEXT,    /* a request under a context that differs in one field */
  SWEEP_ERROR,      /* a table access fails; the place is an access, not a cycle */
  SWEEP_RESET,
  SWEEP_EVENTS
};

struct sweep_timing {
  unsigned latency, jitter, stall;
};

struct sweep_result {
  size_t runs;       /* placements tried */
  size_t old_answer; /* of the runs with a change: answered by the tables before it */
  size_t new_answer;
};

/* Sweep one event over one walk, all its variants. Adds to *result. On the first wrong thing
 * returns false with the case, variant, cycle and reason in err. */
bool sweep(struct bench *b, const struct format *f, const struct sweep_walk *walk,
           enum sweep_event event, const struct sweep_timing *timing, struct sweep_result *result,
           char *err, size_t err_len);

const char *sweep_event_name(enum sweep_event event);

#endif

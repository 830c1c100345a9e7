/* SPDX-License-Identifier: Apache-2.0
 * Inside the sweeper: one case with an event at one place. Each case builds its tables in a fixed
 * layout, so what each outcome must be is known from how the case was built:
 *   main       the page whose walk is swept, at OLD before a change and at NEW after it
 *   sibling    the neighbour in the same table: warms the walk cache
 *   far        a 4 KiB page below another entry of the first table
 *   unrelated  the same, in another address space, loaded before: must survive
 * Functions that return bool return false with the reason in run.err. */
#ifndef COWALK_TESTBENCH_SWEEP_RUN_H
#define COWALK_TESTBENCH_SWEEP_RUN_H

#include "testbench/nested.h"
#include "testbench/sweeper.h"

#define PA_OLD (UINT64_C(1) << 44)
#define PA_NEW (UINT64_C(1) << 45)
#define PA_SIBLING (UINT64_C(3) << 44)
#define PA_FAR UINT64_C(0x0012345000)
#define PA_UNRELATED UINT64_C(0x0054321000)
#define PA_OTHER_SPACE (UINT64_C(5) << 44)

enum { BOUND = 3000, OFFSET = 0x9a8, UNRELATED_ASID = 0x0102, OTHER_ASID = 0x0003 };

/* What a request must be answered with. */
struct sweep_outcome {
  enum mmu_cause cause; /* MMU_CAUSE_NONE: the address */
  uint64_t pa;          /* of the first byte of the page */
  uint8_t height;       /* of the page, or of the faulting descriptor */
  bool valid;
  bool stage2; /* the fault is stage 2's, of the page itself */
};

enum change {
  CHANGE_MOVE,    /* the deciding descriptor becomes a page elsewhere */
  CHANGE_UNMAP,   /* ... becomes 0 */
  CHANGE_SPLIT,   /* ... becomes a pointer to a table */
  CHANGE_TABLE,   /* the pointer above it leads to another table */
  CHANGE_A,       /* someone else sets A in it */
  CHANGE_AD,      /* ... A and D */
  CHANGE_PAGE_2,  /* stage 2 has the page elsewhere */
  CHANGE_UNMAP_2, /* ... no longer */
  CHANGE_TABLE_2, /* ... the guest's last table elsewhere */
  CHANGE_A_2,     /* someone else sets A in stage 2's leaf */
  CHANGE_AD_2,    /* ... A and D */
  CHANGES
};

struct operation {
  enum mmu_inval_kind kind;
  const char *name;
  bool pointers; /* covers cached pointers of the address */
  bool address;  /* spares other addresses */
  bool asid;     /* spares other address spaces */
};

struct sweep_run {
  struct bench *b;
  const struct format *f;
  const struct sweep_walk *w;
  const struct sweep_timing *timing;
  struct space s;         /* the swept address space */
  struct space unrelated; /* the one that must survive */
  const struct nested *n; /* stage 2, which leaves every address as it is, or NULL */
  struct mmu_access access;
  uint64_t va, sibling, far;
  uint64_t changed_gpa; /* whose translation a change of stage 2 concerns */
  uint64_t moved_slot;  /* where it is after stage 2 has moved its table, or 0 */
  uint64_t slot;        /* the deciding descriptor: of the page, or the faulting one */
  unsigned slot_height;
  struct sweep_outcome before, after;
  size_t main; /* index of the swept request */
  char *err;
  size_t err_len;
  const char *event;
  char variant[48];
  unsigned at;
};

bool sweep_complain(struct sweep_run *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The port protocol was kept so far. */
bool sweep_sound(struct sweep_run *r);
uint64_t sweep_page_bytes(unsigned height);
/* What the swept access finds at a page with these flags. */
struct sweep_outcome sweep_page_outcome(const struct sweep_run *r, unsigned height, unsigned flags,
                                        uint64_t pa);
/* Fresh hardware, tables, and what the hardware knows before; records forgotten. */
void sweep_build(struct sweep_run *r);
/* Ask the swept request and run to the cycle of the event. */
void sweep_start(struct sweep_run *r);

bool sweep_answer_is(const struct sweep_run *r, const struct bench_request *q,
                     const struct sweep_outcome *want);
const char *sweep_show(const struct bench_request *q, char *text, size_t len);
bool sweep_expect(struct sweep_run *r, const char *who, size_t i, const struct sweep_outcome *want);
/* The hardware wrote nothing but A and D, where it may. */
bool sweep_updates_legal(struct sweep_run *r);
/* A page that answers has its flags: A, and D after a write. */
bool sweep_flags_set(struct sweep_run *r, uint64_t word, bool write);
/* Ask again, at leisure: the tables as they are now must answer, and no fault from memory of it. */
bool sweep_probe(struct sweep_run *r, const struct sweep_outcome *want);
bool sweep_unrelated_hits(struct sweep_run *r);

/* With a stage 2: its tables, of both spaces; the format; what an operation on it is; a change of
 * it planned, as one of stage 1 is. */
void sweep_stage2_build(struct sweep_run *r);
const struct nested *sweep_stage2_format(const struct format *f, unsigned which);
size_t sweep_stage2_operations(const struct sweep_run *r, const struct operation **list);
uint64_t sweep_stage2_operand(const struct sweep_run *r, enum mmu_inval_kind kind);
bool sweep_stage2_plan(struct sweep_run *r, enum change change, uint64_t *addr, uint64_t *value);
bool sweep_stage2_update_legal(const struct sweep_run *r, const struct bench_access *a);
bool sweep_stage2_faults(const struct sweep_run *r, const struct bench_request *q,
                         const struct sweep_outcome *want);

/* The events, each over all its variants and places. */
bool sweep_invalidate(struct sweep_run *r, unsigned cycles, struct sweep_result *res);
bool sweep_race(struct sweep_run *r, unsigned cycles, struct sweep_result *res);
bool sweep_second(struct sweep_run *r, unsigned cycles, struct sweep_result *res);
bool sweep_context(struct sweep_run *r, unsigned cycles, struct sweep_result *res);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * The judge: accepts or refuses what an MMU does, from the manuals' rules (csim/rules) and from
 * what it saw the MMU read. It is an acceptor: answers from remembered entries are legal until an
 * invalidation that covers them completes; where nothing is stale there is one legal answer.
 * It checks: one answer a request; table reads only where a legal walk reads; compare-and-swap
 * only of the descriptor just read, to the value the manual prescribes, before its use and never
 * on a fault; address, page size and attributes; faults only from descriptors read for this very
 * request; syndrome registers and fault record. It assumes no duration of anything. */
#ifndef COWALK_BACKEND_JUDGE_H
#define COWALK_BACKEND_JUDGE_H

#include "backend/backend.h"

struct judge;

struct judge_counts {
  uint64_t answers, hits, l2, walks, faults, retries, reads, swaps, lost, restarts;
  uint64_t stale; /* answers from an entry older than the newest one known for the page */
};

/* The architecture and the geometry count: whether there is an L2 TLB, and by what a walk cache
 * tags; seed and cpu are only quoted in the story. NULL if out of host memory. */
struct judge *judge_create(const struct mmu_backend_config *cfg);
void judge_destroy(struct judge *j);

/* Call before the request is offered; retract if it was not accepted. */
void judge_submit(struct judge *j, const struct mmu_request *req);
void judge_retract(struct judge *j, const struct mmu_request *req);
void judge_invalidate(struct judge *j, const struct mmu_inval *inv);
void judge_event(struct judge *j, const struct mmu_event *ev);
/* Behind the event of a table read, before anybody acts: what memory holds there, or its error. */
void judge_memory(struct judge *j, const struct mmu_event *ev, enum mmu_mem_error error,
                  uint64_t held);

/* NULL, or the first refusal: what the hardware did and what the judge allows. */
const char *judge_refusal(const struct judge *j);
void judge_counts(const struct judge *j, struct judge_counts *out);

#endif

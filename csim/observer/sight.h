/* SPDX-License-Identifier: Apache-2.0
 * What programs really used, beside what page replacement believed from A bits: looks that were
 * wrong, and evictions that followed from them. The true side comes from retired accesses, the
 * believed side from the OS model's reports (os/platform.h, page_seen); neither reads this.
 *
 * A look at a page is wrong if it says "not used" although an access that asked for its translation
 * after the page's A bit was last cleared, or a mapping of it taken down, has retired: the access
 * went through a TLB entry that already had A. An eviction is misled if the last look before it was
 * wrong. A return is early if the page is read back before `window` further evictions, as Linux
 * measures refault distances; an eviction is wrong if it is misled and its page returns early. */
#ifndef COWALK_OBSERVER_SIGHT_H
#define COWALK_OBSERVER_SIGHT_H

#include <stdbool.h>
#include <stdint.h>

struct sight;
struct heat;

/* Counts, ever. */
struct sight_counts {
  uint64_t looks, unused; /* looks at a page; of them, that said "not used" */
  uint64_t wrong_looks;   /* of these, that were wrong */
  uint64_t rescued;       /* pages so misjudged, unmapped, and faulted back before they left */
  uint64_t evictions, misled;
  uint64_t returns, early, wrong; /* wrong: evictions, see above */
  uint64_t moved;                 /* pages to other frames */
};

/* For `frames` frames. window: in evictions. heat: borrowed, may be NULL; gets every access and
 * look, by page. NULL: out of host memory. 24 bytes a frame, 24 a page that was ever evicted. */
struct sight *sight_create(uint64_t frames, uint64_t window, struct heat *heat);
void sight_destroy(struct sight *s);

/* An access to the frame retired at `cycle`; it asked for its translation at `asked`. */
void sight_access(struct sight *s, uint64_t pfn, uint32_t task, uint64_t vpn, uint64_t asked,
                  uint64_t cycle);
/* The OS cleared the A bit of an entry that maps the frame, or took the entry away. */
void sight_cleared(struct sight *s, uint64_t pfn, uint64_t cycle);
void sight_unmapped(struct sight *s, uint64_t pfn, uint64_t cycle);
void sight_look(struct sight *s, uint64_t pfn, bool used, uint64_t cycle);
/* key: which page it is, the same when it comes back. */
void sight_evict(struct sight *s, uint64_t pfn, uint64_t key);
void sight_return(struct sight *s, uint64_t key);
void sight_moved(struct sight *s, uint64_t from, uint64_t to); /* its page has another frame */
void sight_free(struct sight *s, uint64_t pfn); /* the frame is free: nothing is known of it */

struct sight_counts sight_counts(const struct sight *s);
/* False once the host ran out of memory: the counts of returns are too low. */
bool sight_complete(const struct sight *s);

#endif

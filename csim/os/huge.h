/* SPDX-License-Identifier: Apache-2.0
 * Pages of 2 MiB: transparent ones for anonymous memory (Linux 6.1 mm/huge_memory.c,
 * mm/khugepaged.c) and the explicit pool (mm/hugetlb.c). A huge page is a block of 512 frames. The
 * first, with OS_F_HUGE, stands for all: references, place on the policy's list. The others carry
 * OS_F_TAIL and one reference that nobody gives back. One entry maps it, a leaf of height 1 that
 * the first frame's mapping tells of; or, with OS_F_PTES, entries of height 0 map its frames one by
 * one, and each frame has its own mapping. A huge page stays one until its frames are split, which
 * is possible while nobody but the caller holds on to it. */
#ifndef COWALK_OS_HUGE_H
#define COWALK_OS_HUGE_H

#include <stdbool.h>
#include <stdint.h>

#include "os/cache.h"
#include "os/mm.h"

enum { OS_HUGE_ORDER = 9, OS_HUGE_PAGES = 512 };
#define OS_HUGE_BYTES (UINT64_C(1) << 21)

/* The pool. head: free pages, linked by next. */
struct os_hugetlb {
  uint32_t head;
  uint64_t total, free, reserved; /* huge pages */
};

/* Pages that one mapping of the frame stands for: 512 for the first of a huge page mapped by one
 * entry, else 1. */
uint32_t os_frame_pages(const struct os_frame *f);
/* The frame that counts references: the first of a huge page, else the frame itself. */
uint32_t os_huge_head(const struct os *os, uint32_t pfn);
/* How many frames from this one may each have mappings of their own: 512 for the first of a huge
 * page under OS_F_PTES, else 1. */
uint32_t os_huge_parts(const struct os_frame *f);

/* May this machine have huge entries at all? If not, no walk looks for them. */
bool os_huge_on(const struct os *os);
/* hugepage_vma_check: may the 2 MiB round va be one transparent huge page of area v? */
bool os_huge_eligible(const struct os *os, const struct os_vma *v, uint64_t va);

/* The fault if 2 MiB at once are in question; *handled says whether it was. The task itself, map
 * lock held. [yields] */
enum os_get os_huge_fault(struct os_mm *mm, const struct os_vma *v, uint64_t va, bool write,
                          bool *handled);
/* __split_huge_pmd: the huge entry at pmd_pa (2 MiB from va) gives way to the table that was set
 * aside for it, with rights, A and D of the entry. Invalidates in between. The frames stay one
 * page. Table lock held. [yields] */
void os_huge_split(struct os_mm *mm, uint64_t pmd_pa, uint64_t va);
/* The entries of all transparent huge pages that [start, end) touches. Table lock held. [yields] */
void os_huge_split_range(struct os_mm *mm, uint64_t start, uint64_t end);
/* The frames of all such pages of which [start, end) holds a part, their entries split already, as
 * far as nobody else holds on to them. Map lock held. [yields] */
void os_huge_split_frames(struct os_mm *mm, uint64_t start, uint64_t end);
/* split_huge_page: the entry, then the frames. The caller holds the frame lock and a reference;
 * true if the frame is an ordinary one now. False: others hold on to it, or nothing maps it.
 * [yields] */
bool os_huge_split_frame(struct os *os, uint32_t pfn);

/* ---- huge pages of which a part was unmapped, to be split when memory is short (huge_defer.c)
 * ---- */
/* A node's, in the order they came; links in the second frames. */
struct os_deferred {
  uint32_t head; /* OS_NO_FRAME: none */
  uint64_t length;
  uint64_t owed; /* to scan, from calls that had too little to do (shrinker's nr_deferred) */
};
struct os_node;
/* deferred_split_huge_page: a mapping of this frame went. Does nothing for ordinary frames. */
void os_huge_defer(struct os *os, uint32_t pfn);
void os_huge_undefer(struct os *os, uint32_t head); /* if it is queued */
/* shrink_slab's share of one pass at that priority. [yields] */
void os_huge_shrink(struct os_node *n, int priority);
/* The last reference went: to the buddies, or back to the pool. */
void os_huge_free(struct os *os, uint32_t pfn);

/* An anonymous block of 512 frames, a reference to the first; OS_NO_FRAME. How much is done for it
 * os.thp_defrag says, and whether the area has MADV_HUGEPAGE (vma_thp_gfp_mask). [yields] */
uint32_t os_huge_alloc(struct os *os, bool madvised);
/* The same for khugepaged, which always reclaims and compacts (khugepaged/defrag = 1). [yields] */
uint32_t os_huge_alloc_khugepaged(struct os *os);

/* Tables set aside for splitting, counted as tables of mm (pgtable_trans_huge_deposit). */
void os_deposit(struct os_mm *mm, uint32_t pfn);
uint32_t os_deposit_take(struct os_mm *mm);

void os_khugepaged(void *os); /* the thread */

/* The pool: filled at the start, as far as there are free blocks; reservations of areas. */
void os_hugetlb_init(struct os *os, uint64_t pages);
bool os_hugetlb_reserve(struct os *os, uint64_t pages); /* false: not that many are left */
void os_hugetlb_unreserve(struct os *os, uint64_t pages);
/* Any area of the pool's pages that touches [start, end) but does not end on 2 MiB there? */
bool os_hugetlb_cuts(const struct os_mm *mm, uint64_t start, uint64_t end);
/* Reservations that go with the areas in [start, end): pages not faulted in yet. [yields] */
uint64_t os_hugetlb_untouched(struct os_mm *mm, uint64_t start, uint64_t end);

/* os.dma_pools: what dma_atomic_pool_init takes, before anything else is allocated. */
void os_dma_pools(struct os *os);
/* os.fragment: one frame of that percentage of the free pageblocks is taken for good, in the
 * middle, so that no huge page fits there. At the start, before anything is allocated. */
void os_fragment(struct os *os, uint32_t percent);

#endif

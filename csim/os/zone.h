/* SPDX-License-Identifier: Apache-2.0
 * Memory zones of all nodes and their watermarks, by the formulas of Linux 6.1 (mm/page_alloc.c,
 * mm/khugepaged.c). Pure functions on plain values; pages are 4 KiB, marks and reserves are in
 * pages, min_free_kbytes in KiB; divisions truncate, as there. */
#ifndef COWALK_OS_ZONE_H
#define COWALK_OS_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/mmu.h"

enum { OS_ZONE_DMA = 0, OS_ZONE_DMA32, OS_ZONE_NORMAL, OS_ZONE_MOVABLE, OS_ZONE_DEVICE, OS_ZONES };
enum os_mark { OS_MARK_MIN, OS_MARK_LOW, OS_MARK_HIGH, OS_MARK_PROMO, OS_MARKS };

enum {
  OS_NODES = 8,           /* at most */
  OS_ORDERS = 11,         /* blocks of 2^0 .. 2^10 pages (MAX_ORDER of 6.1) */
  OS_PAGEBLOCK_ORDER = 9, /* pages are grouped by mobility in blocks of this order */
  OS_PAGEBLOCK = 1 << OS_PAGEBLOCK_ORDER,
  OS_COSTLY_ORDER = 3 /* PAGE_ALLOC_COSTLY_ORDER */
};

/* Rights of a request against the marks (mm/internal.h, ALLOC_*). */
enum os_alloc_right {
  OS_ALLOC_MIN_RESERVE = 1, /* __GFP_HIGH: half of the mark */
  OS_ALLOC_NON_BLOCK = 2,   /* may not sleep: with MIN_RESERVE a quarter less again */
  OS_ALLOC_HIGHATOMIC = 4,  /* may use the reserved high-order blocks */
  OS_ALLOC_OOM = 8,         /* an OOM victim on its way out: half of what is left */
  OS_ALLOC_NO_MARKS = 16    /* PF_MEMALLOC: a reclaimer's own request; no mark holds */
};

struct os_zone {
  const char *name;
  uint8_t node, index;
  bool highmem;        /* 32-bit: not in the kernel's own mapping */
  uint32_t first, end; /* frames, reserved ones included */
  uint64_t spanned, present, managed, free;
  uint64_t blocks[OS_ORDERS]; /* free ones of each order */
  uint64_t highatomic;        /* pages in pageblocks kept for large requests that may not wait */
  uint64_t atomic_blocks[OS_ORDERS]; /* of blocks, those in such pageblocks */
  uint64_t mark[OS_MARKS];           /* without the boost */
  uint64_t boost;
  uint64_t reserve[OS_ZONES]; /* lowmem_reserve, by the request's zone */
};

struct os_zones {
  unsigned nodes;
  struct os_zone zone[OS_NODES][OS_ZONES];
};

/* No memory, all names set. */
void os_zones_init(struct os_zones *z, unsigned nodes);
const char *os_zone_name(unsigned index);
/* Cut memory of `frames` frames, the first `reserved` unmanaged, into nodes of about the same size
 * (borders are multiples of 2^10 frames) and the zones of an architecture. 0, or -1 if a node would
 * have no memory. */
int os_zones_cut(struct os_zones *z, enum mmu_arch arch, uint32_t frames, uint32_t reserved,
                 unsigned nodes);
uint64_t os_zones_managed(const struct os_zones *z);
uint64_t os_zones_free(const struct os_zones *z);

/* nr_free_buffer_pages: what lies above the high marks in the zones that kernel and user requests
 * may both use. */
uint64_t os_zones_buffer_pages(const struct os_zones *z);
/* calculate_min_free_kbytes, for the marks as they are (at boot: 0). */
uint64_t os_zones_min_free_kbytes(const struct os_zones *z);
/* set_recommended_min_free_kbytes: what khugepaged raises it to while THP is on. */
uint64_t os_zones_thp_min_free_kbytes(const struct os_zones *z, uint64_t min_free_kbytes);
/* hugepage_init: machines with less than 512 MiB boot with THP off. */
bool os_zones_thp_boots(const struct os_zones *z);
/* What a booted machine has: the above in order. Sets the marks. thp: always or madvise. */
uint64_t os_zones_boot(struct os_zones *z, uint64_t watermark_scale_factor, bool thp);

/* __setup_per_zone_wmarks. Boosts end. */
void os_zones_set_marks(struct os_zones *z, uint64_t min_free_kbytes,
                        uint64_t watermark_scale_factor);
/* setup_per_zone_lowmem_reserve. */
void os_zones_set_reserves(struct os_zones *z, const uint32_t ratio[OS_ZONES]);
extern const uint32_t os_lowmem_reserve_ratio[OS_ZONES]; /* Linux's default */
/* calculate_totalreserve_pages. */
uint64_t os_zones_totalreserve(const struct os_zones *z);
/* si_mem_available (mm/page_alloc.c): file and reclaimable kernel pages count, less what is kept.
 */
uint64_t os_zones_available(const struct os_zones *z, uint64_t file, uint64_t reclaimable);

/* boost_watermark: after a request had to take pages from a block of another mobility. False if
 * boosting is off (factor 0) or the zone too small. factor: per 10000. */
bool os_zone_boost(struct os_zone *z, uint64_t watermark_boost_factor);

/* wmark_pages: a mark as it holds now. */
static inline uint64_t os_zone_mark(const struct os_zone *z, enum os_mark m) {
  return z->mark[m] + z->boost;
}
/* __zone_watermark_ok: may a request of this order for zones up to `highest` be served against
 * `mark`. rights: enum os_alloc_right. */
bool os_zone_ok(const struct os_zone *z, unsigned order, uint64_t mark, unsigned highest,
                unsigned rights);
/* pgdat_balanced: at least one zone of the node is above its high mark. */
bool os_zones_balanced(const struct os_zones *z, unsigned node, unsigned order, unsigned highest);

/* How the free memory of a zone is split up (mm/vmstat.c, fragmentation_index,
 * unusable_free_index), in thousandths. Index: -1000 if the request would succeed; else near 0
 * means it fails for lack of memory, near 1000 because of fragmentation. */
int os_zone_fragmentation_index(const struct os_zone *z, unsigned order);
int os_zone_unusable_index(const struct os_zone *z, unsigned order);

/* zone_batchsize and zone_highsize: pages that move between a CPU's list and the zone at once, and
 * how many such a list may hold. cpus: of the zone's node. */
uint64_t os_zone_pcp_batch(const struct os_zone *z);
uint64_t os_zone_pcp_high(const struct os_zone *z, unsigned cpus);
/* calculate_normal_threshold (mm/vmstat.c): how far a CPU's own counts of a zone may be off. cpus:
 * of the machine. */
uint64_t os_zone_stat_threshold(const struct os_zone *z, unsigned cpus);
/* populated_zone: it has memory, though perhaps none that the kernel hands out. */
static inline bool os_zone_populated(const struct os_zone *z) {
  return z->present != 0;
}

#endif

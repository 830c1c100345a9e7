/* SPDX-License-Identifier: Apache-2.0
 * One struct a physical page frame: what it holds, who refers to it, where it is listed.
 * A frame lives while refs > 0: one for each mapping, one for the file or swap cache, one for a
 * write in flight, one for each kernel path that holds on to it. The last put frees it.
 * A frame of zeros is a free one that nobody has touched yet, so that large machines start fast. */
#ifndef COWALK_OS_FRAME_H
#define COWALK_OS_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "os/platform.h"

struct os;
struct os_rmap;

enum os_frame_type {
  OS_FRAME_NONE = 0, /* free, inside a block but not its first frame (all zero at the start) */
  OS_FRAME_FREE,     /* first frame of a free block */
  OS_FRAME_PCP,      /* free, on a CPU's list */
  OS_FRAME_RESERVED,
  OS_FRAME_TABLE,
  OS_FRAME_ANON,
  OS_FRAME_FILE,
  OS_FRAME_SHMEM,   /* of shared anonymous memory, in its file: see os/shmem.h */
  OS_FRAME_HUGETLB, /* of the pool of huge pages, in use or not */
  OS_FRAME_KERNEL,  /* the kernel's own, for good */
  OS_FRAME_TYPES
};

enum {
  OS_F_LOCKED = 1,
  OS_F_UPTODATE = 2,
  OS_F_DIRTY = 4,       /* newer than its file page or swap slot */
  OS_F_WRITEBACK = 8,   /* on its way to the disk */
  OS_F_LISTED = 16,     /* known to the replacement policy */
  OS_F_REFERENCED = 32, /* used by a system call since the policy last looked */
  OS_F_RECLAIM = 64,    /* to be freed as soon as it has been written (PG_reclaim) */
  OS_F_MLOCKED = 128,   /* a locked area maps it: on no list */
  OS_F_QUEUED = 0x1000, /* second frame of a huge page: the page waits to be split */
  OS_F_PTES = 0x2000,   /* with HUGE: mapped by entries for its parts, not by one for all */
  OS_F_ISOLATED = 256, /* a reclaimer or compaction took it off its list and will see to it again */
  OS_F_HUGE = 0x4000,  /* first frame of a huge page: see os/huge.h */
  OS_F_TAIL = 0x8000   /* another of its frames */
};

enum { OS_NO_FRAME = 0 }; /* frame 0 is always reserved */
#define OS_NO_SLOT UINT32_MAX

struct os_frame {
  uint32_t next, prev; /* free lists, or the policy's list */
  uint32_t refs, mapcount;
  union {
    uint64_t map;         /* mapcount 1: page number << 16 | identifier of the address space */
    struct os_rmap *rmap; /* mapcount > 1 */
  };
  uint32_t file; /* file and shmem pages: which; 0: none any more */
  union {
    uint32_t page; /* and its page */
    uint32_t slot; /* anon: swap slot of the swap cache, or OS_NO_SLOT */
  };
  uint16_t flags;
  uint8_t type;
  uint8_t height;   /* of a page table; of a free block: its order */
  uint8_t zone;     /* node * OS_ZONES + zone, once allocated */
  uint8_t mobility; /* of the free list it is on */
};
_Static_assert(sizeof(struct os_frame) <= 40, "host memory: 64 bytes a frame, lists included");

struct os_frame *os_frame(struct os *os, uint32_t pfn);

/* References. Of a huge page the first frame counts, whichever of its frames is named. put: true if
 * that was the last one; the frame is free then. Costs no time: kernel contexts spend
 * OS_WORK_FREE_FRAME for the frames they freed. */
void os_frame_get(struct os *os, uint32_t pfn);
bool os_frame_put(struct os *os, uint32_t pfn);

/* Add delta (1 or -1) to what counts frames of its type. */
void os_frame_count(struct os *os, uint32_t pfn, int delta);

/* File pages are counted as dirty; anon pages just are. */
void os_frame_set_dirty(struct os *os, uint32_t pfn);
void os_frame_clear_dirty(struct os *os, uint32_t pfn);

bool os_frame_trylock(struct os *os, uint32_t pfn);
void os_frame_lock(struct os *os, uint32_t pfn); /* [yields] */
void os_frame_unlock(struct os *os, uint32_t pfn);

#endif

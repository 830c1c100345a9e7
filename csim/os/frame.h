/* SPDX-License-Identifier: Apache-2.0
 * One struct a physical page frame: what it holds, who refers to it, where it is listed.
 * A frame lives while refs > 0: one for each mapping, one for the file or swap cache, one for a
 * write in flight, one for each kernel path that holds on to it. The last put frees it. */
#ifndef COWALK_OS_FRAME_H
#define COWALK_OS_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "os/platform.h"

struct os;
struct os_rmap;

enum os_frame_type {
  OS_FRAME_FRESH = 0, /* never allocated (all zero) */
  OS_FRAME_FREE,
  OS_FRAME_RESERVED,
  OS_FRAME_TABLE,
  OS_FRAME_ANON,
  OS_FRAME_FILE,
  OS_FRAME_TYPES
};

enum {
  OS_F_LOCKED = 1,
  OS_F_UPTODATE = 2,
  OS_F_DIRTY = 4,      /* newer than its file page or swap slot */
  OS_F_WRITEBACK = 8,  /* on its way to the disk */
  OS_F_LISTED = 16,    /* known to the replacement policy */
  OS_F_REFERENCED = 32 /* used by a system call since the policy last looked */
};

enum { OS_NO_FRAME = 0 }; /* frame 0 is always reserved */
#define OS_NO_SLOT UINT32_MAX

struct os_frame {
  uint32_t next, prev; /* free list, or the policy's list */
  uint32_t refs, mapcount;
  uint32_t slot; /* anon: swap slot of the swap cache, or OS_NO_SLOT */
  uint32_t file; /* file pages: which */
  uint64_t page; /* and its page */
  struct os_rmap *rmap;
  struct os_waitq wait;        /* for the lock */
  uint8_t type, flags, height; /* height: of a page table */
};

struct os_frame *os_frame(struct os *os, uint32_t pfn);

/* Allocates with refs = 1. Reclaims when memory is short; OS_NO_FRAME when nothing can be had. The
 * caller holds no lock. Contents are undefined. [yields] */
uint32_t os_frame_alloc(struct os *os, enum os_frame_type type);
void os_frame_get(struct os *os, uint32_t pfn);
/* Returns true if that was the last reference; the frame is free then. Costs no time: kernel
 * contexts spend OS_WORK_FREE_FRAME for the frames they freed. */
bool os_frame_put(struct os *os, uint32_t pfn);

bool os_frame_trylock(struct os *os, uint32_t pfn);
void os_frame_lock(struct os *os, uint32_t pfn); /* [yields] */
void os_frame_unlock(struct os *os, uint32_t pfn);

#endif

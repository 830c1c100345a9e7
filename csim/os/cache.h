/* SPDX-License-Identifier: Apache-2.0
 * Pages of files and of swap: where each is in memory, or when it left (shadow entries, Linux
 * mm/workingset.c), where it is on the disk, and the transfers between. */
#ifndef COWALK_OS_CACHE_H
#define COWALK_OS_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "os/frame.h"

/* An entry of a cache: 0 nothing; a frame; or the shadow of a page that was evicted; of shared
 * anonymous memory, which has no shadows there: the slot of a page in swap. */
typedef uint64_t os_entry;
static inline os_entry os_entry_frame(uint32_t pfn) {
  return (os_entry)pfn << 1;
}
static inline os_entry os_entry_shadow(uint64_t age) {
  return age << 1 | 1;
}
static inline uint64_t os_entry_age(os_entry shadow) {
  return shadow >> 1;
}
static inline bool os_entry_is_shadow(os_entry e) {
  return (e & 1) != 0;
}
static inline uint32_t os_entry_pfn(os_entry e) {
  return os_entry_is_shadow(e) ? OS_NO_FRAME : (uint32_t)(e >> 1);
}

static inline os_entry os_entry_swap(uint32_t slot) {
  return (os_entry)slot << 1 | 1;
}
static inline bool os_entry_is_swap(os_entry e) {
  return (e & 1) != 0;
}
static inline uint32_t os_entry_slot(os_entry e) {
  return (uint32_t)(e >> 1);
}

struct os_file {
  uint64_t block, pages;
  os_entry *page;
  uint64_t *dirty; /* a bit a page */
  uint64_t dirty_pages;
  uint64_t dirtied_us; /* when the first of them became dirty */
  uint64_t write_from; /* where the flusher goes on */
  bool shmem;          /* unnamed: shared anonymous memory, see os/shmem.h; no blocks, no `dirty` */
  uint32_t areas;      /* that map it */
  uint32_t next;       /* of those to be freed, or of unused numbers */
  uint64_t swapped;    /* pages in swap */
};

/* Shared anonymous memory: lists of numbers. */
struct os_shmem {
  uint32_t unused, orphans;
};

struct os_swap {
  uint32_t slots, used, hand;
  uint16_t *maps; /* page-table entries that point to the slot; or a file's entry */
  os_entry *page; /* swap cache, shadows */
  uint8_t *taken;
};

/* Result of bringing a page in. */
enum os_get { OS_GET_OK, OS_GET_OOM, OS_GET_EOF, OS_GET_IO_ERROR, OS_GET_CHANGED };

/* A page of a file: up to date, locked and referenced by the caller. *major: the disk was read.
 * [yields] */
enum os_get os_file_get(struct os *os, uint32_t file, uint64_t page, uint32_t *pfn, bool *major);
/* The page of a slot that a page-table entry refers to, likewise. OS_GET_CHANGED: the slot's state
 * changed meanwhile, look at the entry again. [yields] */
enum os_get os_swap_get(struct os *os, uint32_t slot, uint32_t *pfn, bool *major);

bool os_swap_available(const struct os *os);
/* Give an anon frame a slot and put it in the swap cache; false if there is none. [yields] */
bool os_swap_attach(struct os *os, uint32_t pfn);
/* Take the frame out of the swap cache, with a shadow if evicted; the cache's reference goes. The
 * slot is free once no entry refers to it. */
void os_swap_detach(struct os *os, uint32_t pfn, bool evicted);
void os_swap_map(struct os *os, uint32_t slot);
/* An entry goes away. Frees what nobody needs then. */
void os_swap_unmap(struct os *os, uint32_t slot);
/* Drop a swap-cache page that neither an entry nor a mapping refers to, unless it is busy: then the
 * reclaimer or the end of the write does it. */
void os_swap_forget(struct os *os, uint32_t pfn);
/* Is the page in its cache: a file's, or the swap cache? */
bool os_frame_cached(const struct os *os, uint32_t pfn);
/* Remove an evicted or failed file page from its cache; the cache's reference goes. */
void os_file_detach(struct os *os, uint32_t pfn, bool evicted);
/* Write a locked, unmapped, dirty page to its place; returns at once. The frame is under writeback
 * until the transfer is complete. [yields] */
void os_page_write(struct os *os, uint32_t pfn);

int os_swap_init(struct os *os);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Address spaces: areas, identifiers, counts. An os_mm outlives its task while the reverse map or
 * a reclaimer refers to it. */
#ifndef COWALK_OS_MM_H
#define COWALK_OS_MM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "os/machine.h"
#include "os/os.h"

struct os_vma {
  uint64_t start, end;
  uint64_t file_page; /* at start */
  uint32_t file;      /* 0: anonymous */
  uint8_t prot;
  bool shared;
  bool shmem;     /* shared anonymous memory: `file` is the unnamed file that holds it */
  bool accounted; /* counts for Committed_AS */
  uint8_t huge;   /* enum os_vma_huge */
  bool locked;    /* mlock: its pages stay */
  bool anon;      /* has had pages of its own (anon_vma): fork copies its entries */
};

struct os_mm {
  struct os *os;
  uint32_t id, refs; /* id: from 1, never reused */
  uint16_t asid;
  uint64_t root;         /* physical address of the top table; 0 after exit */
  uint32_t unflushed;    /* pages unmapped by reclaimers that have not invalidated them yet */
  struct os_mutex map;   /* the areas, and which tables there are (mmap_lock); before the others */
  struct os_mutex table; /* entries of the page tables; see machine.h for the order */
  struct os_vma *vma;    /* ordered, disjoint */
  size_t vmas, vma_room;
  uint64_t rss, swapped, tables; /* pages */
  uint64_t file_rss, shmem_rss;  /* of rss: pages of files, of shared anonymous memory */
  uint32_t walked;               /* nodes whose ageing walk has come by, a bit each */
  uint32_t deposit;              /* tables set aside for huge pages, linked by next */
  bool lock_future;              /* new areas are locked (mlockall) */
  bool unstable;      /* the OOM reaper has been here: pages are missing (MMF_UNSTABLE) */
  bool oom_skip;      /* nothing is left to be had from it (MMF_OOM_SKIP) */
  struct os_mm *next; /* all of them, by id */
};

struct os_task {
  struct os *os;
  struct os_mm *mm;
  uint32_t pid;
  uint64_t majflt, reads; /* major faults; pages that read() and write() brought in */
  uint32_t io_file;       /* page of a file that they used last */
  uint64_t io_page;
  uint64_t dirtied; /* pages of files, since it was last looked whether it must wait */
  struct mmu_context ctx;
  bool dead;
  char death[160];
  char name[16];
  int oom_score_adj;
  bool oom_victim;      /* being killed: may use reserves */
  struct os_task *next; /* all tasks in order of creation */
};

struct os_mm *os_mm_create(struct os *os); /* NULL: out of memory or identifiers. [yields] */
void os_mm_get(struct os_mm *mm);
void os_mm_put(struct os_mm *mm);

/* The area that holds va, or NULL. Good until the areas change. */
const struct os_vma *os_vma_find(const struct os_mm *mm, uint64_t va);
/* The area that holds va has pages of its own from now on. */
void os_vma_has_anon(struct os_mm *mm, uint64_t va);
/* The first area that ends above va, copied; false: there is none. */
bool os_vma_next(const struct os_mm *mm, uint64_t va, struct os_vma *out);
/* Whether any area touches [start, end). */
bool os_vma_any(const struct os_mm *mm, uint64_t start, uint64_t end);
/* 0 or -1 (out of host memory). The range must be free; joins a neighbour that continues it. */
int os_vma_insert(struct os_mm *mm, const struct os_vma *v);
/* Cut [start, end) out of all areas. */
int os_vma_remove(struct os_mm *mm, uint64_t start, uint64_t end);
/* Drop all areas. */
void os_vma_clear(struct os_mm *mm);
/* Set the protection of [start, end), which must be covered by areas. */
int os_vma_protect(struct os_mm *mm, uint64_t start, uint64_t end, uint8_t prot);
/* Set `huge` of [start, end), likewise. */
int os_vma_advise(struct os_mm *mm, uint64_t start, uint64_t end, uint8_t huge);
/* Lock or unlock [start, end), likewise. 0 or -1. */
int os_vma_lock(struct os_mm *mm, uint64_t start, uint64_t end, bool locked);
/* Pages of the areas in [start, end): in all; that are accounted; that would be if they became
 * writable. */
struct os_vma_pages {
  uint64_t all, accounted, accountable;
};
struct os_vma_pages os_vma_count(const struct os_mm *mm, uint64_t start, uint64_t end);
bool os_vma_covered(const struct os_mm *mm, uint64_t start, uint64_t end);

/* Unmap the pages of [start, end), then free the tables no area needs any more. [yields] */
void os_zap(struct os_mm *mm, uint64_t start, uint64_t end);
/* Unmap the pages only (MADV_DONTNEED): tables stay. [yields] */
void os_discard(struct os_mm *mm, uint64_t start, uint64_t end);
/* Put the areas' protection into the entries of [start, end). [yields] */
void os_reprotect(struct os_mm *mm, uint64_t start, uint64_t end);
/* What the hardware may do with a page of this area. own: the page is the process's own. dirty: the
 * entry is or becomes dirty. An entry of a shared file allows writing only while it is dirty
 * (vma_wants_writenotify): the kernel sees the first store after each time the page was cleaned. */
uint8_t os_leaf_prot(const struct os_vma *v, bool own, bool dirty);

/* A few invalidations collected and done together. Zero-initialise. */
enum {
  OS_INVAL_BATCH = 64,
  /* More pages than this of one address space: its whole identifier at once (Linux on x86:
   * tlb_single_page_flush_ceiling). */
  OS_INVAL_CEILING = 33
};
struct os_inval_batch {
  size_t count;
  struct os_inval_page {
    struct os_mm *mm; /* a reference each */
    uint64_t va;
    bool unmapped, done;
  } page[OS_INVAL_BATCH];
};
/* unmapped: the entry is not present any more (else its A bit was cleared), and nobody but this
 * batch invalidates it: until then mm->unflushed tells others that stale translations may be about.
 * [yields] when full */
void os_inval_add(struct os *os, struct os_inval_batch *b, struct os_mm *mm, uint64_t va,
                  bool unmapped);
void os_inval_flush(struct os *os, struct os_inval_batch *b); /* [yields] */
/* No more than OS_INVAL_CEILING. */
void os_inval_pages(struct os_mm *mm, const uint64_t *va, uint32_t count); /* [yields] */
void os_inval_page(struct os_mm *mm, uint64_t va);                         /* [yields] */
void os_inval_cleared(struct os_mm *mm, uint64_t va); /* only its A bit; [yields] */
/* tables: page tables are freed after it. */
void os_inval_asid(struct os_mm *mm, bool tables); /* [yields] */

#endif

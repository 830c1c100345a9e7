/* SPDX-License-Identifier: Apache-2.0
 * The operating-system model as the machine sees it: create it, hand it faults (as syndrome
 * registers, nothing else) and system calls, read its statistics. It acts on the world through
 * struct os_platform only, and sees page use only through A and D bits in memory, the faults it
 * takes and the system calls it serves. */
#ifndef COWALK_OS_OS_H
#define COWALK_OS_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/mmu.h"
#include "os/platform.h"

struct os;
struct os_task;

/* When the translations of cleared A bits are invalidated: at the end of a batch of the scan, page
 * by page, or not at all (Linux on x86). */
enum os_a_flush { OS_A_FLUSH_BATCH = 0, OS_A_FLUSH_PAGE = 1, OS_A_FLUSH_NONE = 2 };

/* Which anonymous memory may get transparent huge pages
 * (/sys/kernel/mm/transparent_hugepage/enabled, as if written after boot). */
enum os_thp { OS_THP_NEVER, OS_THP_MADVISE, OS_THP_ALWAYS };

/* What a fault does for a huge page when there is no block
 * (/sys/kernel/mm/transparent_hugepage/defrag); the default is Linux's. */
enum os_thp_defrag {
  OS_THP_DEFRAG_MADVISE, /* reclaim and compact in areas with MADV_HUGEPAGE, nothing in others */
  OS_THP_DEFRAG_ALWAYS,
  OS_THP_DEFRAG_DEFER, /* wake kswapd and kcompactd */
  OS_THP_DEFRAG_DEFER_MADVISE,
  OS_THP_DEFRAG_NEVER
};

/* Page tables: any frame, or one contiguous region (an option of the book). */
enum os_pt_placement { OS_PT_SPARSE, OS_PT_POOLED };

/* Values of vm.*, by Linux's names; defaults from os_sysctl_default. */
enum { OS_ZONE_RECLAIM = 1, OS_ZONE_RECLAIM_WRITE = 2, OS_ZONE_RECLAIM_UNMAP = 4 };
enum { OS_ZONE_RECLAIM_ANY = 7, OS_RATIOS = 5 };
struct os_sysctl {
  uint32_t watermark_boost_factor; /* per 10000; 0: off */
  uint32_t lowmem_reserve_ratio[OS_RATIOS];
  uint32_t zone_reclaim_mode;  /* bits above */
  uint32_t min_unmapped_ratio; /* per cent of a node */
  uint32_t extfrag_threshold;  /* thousandths: below, a block is missing for lack of memory */
  uint32_t overcommit_memory;  /* 0 guess, 1 always, 2 never */
  uint32_t overcommit_ratio;   /* per cent of memory, for 2 */
  uint32_t overcommit_kbytes;  /* 0: by the ratio */
  uint32_t dirty_background_ratio, dirty_ratio; /* per cent of what could be dirty */
  uint32_t dirty_expire_centisecs, dirty_writeback_centisecs;
};
struct os_sysctl os_sysctl_default(void);

struct os_config {
  enum mmu_arch arch;
  enum mmu_s1_mode mode;   /* page-table format: X86_L4, ARM_4K, SV39, SV48 */
  uint64_t memory_bytes;   /* RAM, from physical address 0 */
  uint64_t reserved_bytes; /* kernel image and the like, never managed */
  uint64_t swap_pages;
  uint32_t nodes;                  /* NUMA nodes; 0: one */
  uint32_t min_free_kbytes;        /* 0: Linux's formula */
  uint32_t watermark_scale_factor; /* per 10000; Linux's default 10 */
  uint32_t swappiness;             /* 0..200, Linux's default 60 */
  bool hw_a, hw_d;    /* whether the hardware sets A, D, or faults for software to do it */
  const char *policy; /* a name of os/policy.c; NULL: clock */
  uint32_t
      lru_gen_min_ttl_ms; /* mglru: generations younger than that are not evicted; 0: all are */
  enum os_a_flush a_flush;
  uint64_t cpu_hz;     /* for the naps that Linux measures in time; 0: 3 GHz */
  uint64_t disk_pages; /* swap first, then the files; 0: as large as needed */
  uint64_t seed;
  bool zero_page;                 /* a page that was only read is the shared page of zeroes */
  bool oom_formula;               /* the book's formula chooses whom the OOM killer takes */
  const struct os_sysctl *sysctl; /* copied; NULL: defaults */
  uint32_t thp;                   /* enum os_thp */
  uint32_t thp_defrag;            /* enum os_thp_defrag */
  bool no_compaction;             /* CONFIG_COMPACTION off */
  /* khugepaged: PTEs a round (0: 4096), ms between rounds (0: 10000), empty PTEs it fills */
  uint32_t khugepaged_pages_to_scan, khugepaged_scan_sleep_ms, khugepaged_max_ptes_none;
  uint64_t nr_hugepages; /* the explicit pool, 2 MiB pages */
  uint32_t fragment;     /* per cent of the free pageblocks in which no huge page fits, at start */
  bool dma_pools; /* the kernel keeps pools for DMA in each zone (CONFIG_DMA_COHERENT_POOL) */
  uint32_t pt_placement; /* enum os_pt_placement */
  bool pt_reclaim;       /* reclaim frees empty tables (Linux does not) */
};

enum os_prot { OS_PROT_READ = 1, OS_PROT_WRITE = 2, OS_PROT_EXEC = 4 };

/* What an area says of huge pages: nothing, MADV_HUGEPAGE, MADV_NOHUGEPAGE, MAP_HUGETLB (va and
 * bytes are multiples of 2 MiB then). */
enum os_vma_huge { OS_VMA_HUGE_DEFAULT, OS_VMA_HUGE, OS_VMA_NOHUGE, OS_VMA_HUGETLB };

struct os_mapping {
  uint64_t va, bytes; /* multiples of 4096 */
  uint64_t file_page; /* first page of the file */
  uint32_t file;      /* 0: anonymous; else from os_file_create */
  uint8_t prot;       /* enum os_prot */
  bool shared;        /* file: writes go to the file; anonymous: children share the pages (shmem);
                         else private (copy on write) */
  uint8_t huge;       /* enum os_vma_huge; anonymous only */
};

enum os_outcome {
  OS_RESUME, /* try the access again */
  OS_KILL    /* the task got a fatal signal (see os_task_death) */
};

/* The replacement policies there are, by name; NULL past the last. */
const char *os_policy_name(size_t index);

/* NULL with one line in err (bad sizes, unknown policy, out of host memory). Starts kswapd. */
struct os *os_create(const struct os_config *cfg, const struct os_platform *plat, char *err,
                     size_t err_len);
void os_destroy(struct os *os);

/* A file of `pages` pages on the disk; returns its number (from 1), 0 if the disk is full.
 * os_file_block: disk block of a page of it. */
uint32_t os_file_create(struct os *os, uint64_t pages);
uint64_t os_file_block(const struct os *os, uint32_t file, uint64_t page);

/* Kernel-context calls; all may yield. */
struct os_task *os_task_create(struct os *os, uint32_t pid);
void os_task_exit(struct os_task *t); /* unmaps and frees everything; t stays until os_task_free */
void os_task_free(struct os_task *t);
/* Name (as /proc/PID/comm: 15 characters) and oom_score_adj, -1000 to 1000, of a task. */
void os_task_describe(struct os_task *t, const char *name, int oom_score_adj);
enum os_outcome os_fault(struct os_task *t, const struct mmu_syndrome *syn);
/* A child with the same memory, copy on write; for t's own context, the child's is started by the
 * caller. NULL: out of memory or identifiers, or more than may be promised; nothing is left of it.
 */
struct os_task *os_task_fork(struct os_task *t, uint32_t pid);
/* exec: the address space goes, with its locks; the task goes on with an empty one, under this name
 * and with its oom_score_adj. 0, or -ENOMEM (nothing has changed). */
int os_task_exec(struct os_task *t, const char *name);
/* 0 or a negative errno. */
int os_mmap(struct os_task *t, const struct os_mapping *m);
int os_munmap(struct os_task *t, uint64_t va, uint64_t bytes);
int os_mprotect(struct os_task *t, uint64_t va, uint64_t bytes, uint8_t prot);
enum os_advice { OS_MADV_DONTNEED, OS_MADV_HUGEPAGE, OS_MADV_NOHUGEPAGE };
int os_madvise(struct os_task *t, uint64_t va, uint64_t bytes, enum os_advice advice);
/* mlock and munlock: the pages are brought in and stay. mlockall: enum os_mcl. */
enum os_mcl { OS_MCL_CURRENT = 1, OS_MCL_FUTURE = 2 };
int os_mlock(struct os_task *t, uint64_t va, uint64_t bytes);
int os_munlock(struct os_task *t, uint64_t va, uint64_t bytes);
int os_mlockall(struct os_task *t, unsigned what);
int os_munlockall(struct os_task *t);
/* Write what is dirty of those pages of a file, and wait for it. */
int os_fsync(struct os_task *t, uint32_t file, uint64_t first_page, uint64_t pages);
/* msync(MS_SYNC): the same for the shared mappings of files in a range, which areas must cover. */
int os_msync(struct os_task *t, uint64_t va, uint64_t bytes);
int os_file_io(struct os_task *t, uint32_t file, uint64_t first_page, uint64_t pages, bool write);

/* Any context. */
const struct mmu_context *os_task_context(const struct os_task *t); /* user mode, this task */
const char *os_task_death(const struct os_task *t); /* NULL, or why it was killed, one line */
uint64_t os_task_rss(const struct os_task *t);      /* pages */
/* Major faults, and pages that its read() and write() calls brought in (getrusage, /proc/PID/io).
 */
uint64_t os_task_misses(const struct os_task *t);
uint64_t os_task_pgtables(const struct os_task *t); /* pages: mm->pgtables_bytes, VmPTE */

struct os_zone_info {
  const char *name;
  unsigned node;
  uint64_t managed, free, min, low, high; /* pages; marks with the boost */
  uint64_t protection[5];
  uint64_t kept; /* of protection, what is kept from every request: the share of page tables */
};
size_t os_zones(const struct os *os, struct os_zone_info *out, size_t max);

/* Linux's names (vmstat); counts in pages or events. */
struct os_stats {
  uint64_t pgfault, pgmajfault, pgscan_kswapd, pgsteal_kswapd, pgscan_direct, pgsteal_direct,
      pgpgin, pgpgout, /* KiB from and to the disk */
      pswpin, pswpout, workingset_refault_anon, workingset_refault_file, allocstall, pageoutrun,
      kswapd_wakeups, pgactivate, pgdeactivate, pgfree, pgalloc, nr_dirty_written,
      nr_page_table_pages, nr_anon, nr_file, nr_swap_used, a_cleared, d_cleared, a_faults, d_faults,
      kswapd_failures, /* rounds in a row that freed nothing; at 16 it gives up */

      nr_vmscan_immediate_reclaim, pgscan_direct_throttle, zone_reclaim_success,
      zone_reclaim_failed, kswapd_low_wmark_hit_quickly, kswapd_high_wmark_hit_quickly, nr_dirtied,
      nr_dirty, nr_writeback, balance_dirty_pauses, /* times a writer was made to wait */
      slow_requests, /* for frames, under way, that were not served at once */
      given,         /* blocks that became free, of any order */
      extfrag,       /* blocks taken from another kind (mm_page_alloc_extfrag) */
      committed,     /* Committed_AS, pages */

      workingset_activate_anon, workingset_activate_file, workingset_restore_anon,
      workingset_restore_file, pgrefill, pgrotated, pgscan_anon, pgscan_file, pgsteal_anon,
      pgsteal_file, thp_fault_alloc, thp_fault_fallback, thp_collapse_alloc,
      thp_collapse_alloc_failed, thp_split_page, thp_split_page_failed, thp_split_pmd,
      thp_deferred_split_page, thp_swpout_fallback, nr_anon_thps, /* huge pages */
      page_table_pages_max, anon_thps_max,                        /* the most there ever were */
      hugepages_total, hugepages_free, hugepages_rsvd,            /* of the pool, huge pages */
      pt_reclaimed, /* empty tables that reclaim freed */

      compact_migrate_scanned, compact_free_scanned, compact_isolated, compact_stall, compact_fail,
      compact_success, compact_daemon_wake, compact_daemon_migrate_scanned,
      compact_daemon_free_scanned, pgmigrate_success, pgmigrate_fail,

      nr_shmem, shmem_max, /* resident pages of shared anonymous memory; the most there ever were */
      mkwrite,             /* first stores to pages of shared files since they were clean */

      cow, segv, oom_kill, panics, forks, execs,
      cow_reused; /* writes to a page that had been shared and whose sole owner is left */
};
void os_stats(const struct os *os, struct os_stats *out);

/* Tasks that the OOM killer took, in order; the first OS_OOM_KILLS are kept. */
enum { OS_OOM_KILLS = 64 };
struct os_oom_kill {
  uint32_t pid;
  int oom_score_adj;
  char name[16];
  int64_t points;
  uint64_t cycle, rss, swapents, tables; /* pages, but the cycle */
};
size_t os_oom_kills(const struct os *os, struct os_oom_kill *out, size_t max);
/* Why the kernel has panicked, one line, or NULL. */
const char *os_panic(const struct os *os);
bool os_task_oom_killed(const struct os_task *t);

/* Self-check: frames conserved, lists consistent, rss sums. 0, or -1 with one line in err. */
int os_check(const struct os *os, char *err, size_t err_len);

#endif

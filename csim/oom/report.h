/* SPDX-License-Identifier: Apache-2.0
 * The facts of one OOM report of Linux, as its log tells them or as a model has them. Plain data;
 * the arrays belong to the report. Sources: mm/oom_kill.c (dump_header, dump_tasks,
 * dump_oom_summary, __oom_kill_process), mm/page_alloc.c (__show_free_areas), lib/show_mem.c and
 * mm/memcontrol.c (mem_cgroup_print_oom_meminfo) of 6.1. */
#ifndef COWALK_OOM_REPORT_H
#define COWALK_OOM_REPORT_H

#include "oom/badness.h"

/* A number that the report does not have. */
#define OOM_ABSENT UINT64_MAX

enum { OOM_TEXT = 256, OOM_ORDERS = 11, OOM_RESERVES = 8, OOM_TYPES = 8 };

/* Counters of the whole machine, in pages, in the order of 6.1. */
enum oom_stat {
  OOM_ACTIVE_ANON,
  OOM_INACTIVE_ANON,
  OOM_ISOLATED_ANON,
  OOM_ACTIVE_FILE,
  OOM_INACTIVE_FILE,
  OOM_ISOLATED_FILE,
  OOM_UNEVICTABLE,
  OOM_DIRTY,
  OOM_WRITEBACK,
  OOM_SLAB_RECLAIMABLE,
  OOM_SLAB_UNRECLAIMABLE,
  OOM_MAPPED,
  OOM_SHMEM,
  OOM_PAGETABLES,
  OOM_SEC_PAGETABLES,
  OOM_BOUNCE,
  OOM_MISC_RECLAIMABLE,
  OOM_FREE,
  OOM_FREE_PCP,
  OOM_FREE_CMA,
  OOM_STATS
};
extern const char *const oom_stat_name[OOM_STATS];

enum { OOM_NODE_STATS = 18, OOM_ZONE_STATS = 19 };
extern const char *const oom_node_name[OOM_NODE_STATS]; /* kB */
extern const char *const oom_zone_name[OOM_ZONE_STATS]; /* kB */
enum oom_zone_stat { ZONE_FREE, ZONE_BOOST, ZONE_MIN, ZONE_LOW, ZONE_HIGH };
enum { ZONE_PRESENT = 12, ZONE_MANAGED = 13 };

struct oom_node {
  int id;
  uint64_t kb[OOM_NODE_STATS];
  bool unreclaimable;
};

struct oom_zone {
  int node; /* -1: the kernel has no nodes */
  char name[16];
  uint64_t kb[OOM_ZONE_STATS];
  int64_t reserve[OOM_RESERVES]; /* pages */
  size_t reserves;
  uint64_t blocks[OOM_ORDERS];       /* free blocks of each order; blocks[0] OOM_ABSENT: no line */
  char types[OOM_ORDERS][OOM_TYPES]; /* letters, such as UM, of their mobility types */
  uint64_t blocks_kb;                /* their sum */
};

struct oom_hugepages {
  int node;
  uint64_t total, free, surplus, size_kb;
};

enum oom_constraint { OOM_CONSTRAINT_UNKNOWN, OOM_GLOBAL, OOM_CPUSET, OOM_MEMPOLICY, OOM_MEMCG };

struct oom_cgroup {
  uint64_t usage_kb, limit_kb, failures;                /* memory */
  uint64_t swap_usage_kb, swap_limit_kb, swap_failures; /* v2: swap; v1: memory and swap together */
  bool v1;
  uint64_t kmem_usage_kb, kmem_limit_kb, kmem_failures; /* v1 */
};

struct oom_kill {
  int64_t pid, uid;
  char name[OOM_NAME];
  char message[64]; /* "Out of memory", ... */
  uint64_t total_vm_kb, anon_kb, file_kb, shmem_kb, pgtables_kb;
  int adj;
  uint64_t score; /* kernels before 5.1 print it */
};

/* What a reader may miss; a bit each. */
enum oom_missing {
  OOM_LACKS_START = 1,
  OOM_LACKS_MEMINFO = 2,
  OOM_LACKS_TABLE = 4,
  OOM_LACKS_ROWS = 8, /* the table has rows that cannot be read */
  OOM_LACKS_OUTCOME = 16
};

struct oom_report {
  size_t line; /* of its first line in the file, from 1 */
  unsigned missing;
  bool started; /* the line with "invoked oom-killer" is there */
  char invoker[OOM_NAME];
  uint64_t gfp;
  char gfp_names[OOM_TEXT];
  int order; /* -1: asked for by SysRq */
  int invoker_adj;
  int64_t cpu, invoker_pid; /* -1: not told */
  char release[OOM_TEXT];   /* and what the kernel says of its build */
  unsigned major, minor;    /* of the kernel; 0.0: unknown */

  uint64_t stat[OOM_STATS];
  struct oom_node *nodes;
  struct oom_zone *zones;
  struct oom_hugepages *huge;
  size_t node_count, zone_count, huge_count;
  uint64_t pagecache, swapcache; /* pages */
  uint64_t swap_free_kb, swap_total_kb;
  uint64_t ram, highmem, reserved, cma, poisoned; /* pages */
  uint64_t block_kb; /* size of a free block of order 0: the page; 0: not told */
  struct oom_cgroup cgroup;
  uint32_t page_bytes;
  bool page_bytes_known; /* else 4096 is taken for granted */

  bool table;    /* the task table's heading is there */
  bool has_swap; /* ... with a column of swap */
  bool has_page_tables, has_adj;
  bool has_uid;
  bool tables_in_pages; /* columns nr_ptes, ...; pgtables_bytes is made from them */
  struct oom_task *tasks;
  size_t task_count, bad_rows;
  size_t bad_line; /* of the file, the first of bad_rows */

  enum oom_constraint constraint;
  char nodemask[OOM_TEXT], cpuset[OOM_TEXT], mems_allowed[OOM_TEXT];
  char memcg[OOM_TEXT]; /* whose limit was hit */
  char task_memcg[OOM_TEXT];
  struct oom_kill chosen; /* pid -1: no line that names only the choice */
  struct oom_kill *kills; /* more than one: memory.oom.group */
  size_t kill_count;
  bool group;         /* memory.oom.group was set */
  bool no_candidates; /* "no killable processes" */
  char panic[OOM_TEXT];
};

/* An empty report: numbers absent, pages of 4096 bytes. */
void oom_report_init(struct oom_report *r);
void oom_report_free(struct oom_report *r);

/* Append one element of *size bytes, zeroed; NULL: out of memory. */
void *oom_grow(void **array, size_t *count, size_t size);

/* Whether a list such as "0-1,4" has the number. */
bool oom_in_list(const char *list, int number);

struct oom_total {
  uint64_t pages; /* OOM_ABSENT: not to be had */
  bool exact;     /* else `how` says what was assumed */
  char how[OOM_TEXT];
};

/* totalpages as constrained_alloc (mm/oom_kill.c) and mem_cgroup_get_max (mm/memcontrol.c) find
 * it, from what the report prints, and how in words. */
struct oom_total oom_report_total(const struct oom_report *r);

#endif

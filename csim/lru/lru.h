/* SPDX-License-Identifier: Apache-2.0
 * The two page-replacement policies of Linux 6.1 for one node: the two-list LRU (mm/vmscan.c,
 * mm/swap.c, mm/workingset.c) and MGLRU (the CONFIG_LRU_GEN part of the same files). docs/lru.md
 * says which kernel function each part follows.
 *
 * The library knows frames by number and everything else through struct lru_host; it depends on
 * nothing else of cowalk. It owns its arrays (12 bytes a frame) and never keeps a host's pointer
 * beyond `self`. A huge page is known by its first frame; all sizes are counted in 4 KiB pages.
 *
 * Contract with the host. A frame is in one of three states: unknown, listed (after `add`), or
 * isolated (inside shrink or age, holding the reference that host.get took). Callbacks marked
 * [yields] may let other contexts run, and those may call any function here. So:
 *  - get() must make the frame stay what it is until evict() frees it or release() is called;
 *  - a frame that dies is made unknown with `remove` before it is used again, in evict() too; only
 *    when release() answers false the library does so itself;
 *  - shrink may run in several contexts at once, each with its own struct lru_scan.
 * All other callbacks must not call back into the library, except as said at each. */
#ifndef COWALK_LRU_LRU_H
#define COWALK_LRU_LRU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lru;      /* one node's lists */
struct lru_look; /* a look-around in progress */
struct lru_walk; /* an ageing walk in progress */

enum lru_type { LRU_ANON, LRU_FILE, LRU_TYPES };

enum {
  LRU_ZONES = 5,         /* DMA, DMA32, NORMAL, MOVABLE, DEVICE */
  LRU_SWAP_CLUSTER = 32, /* SWAP_CLUSTER_MAX */
  LRU_MIN_BATCH = 64,    /* MIN_LRU_BATCH: bits of a long */
  LRU_MAX_BATCH = 4096,  /* MAX_LRU_BATCH */
  LRU_DEF_PRIORITY = 12,
  LRU_NO_SHADOW = 0
};

/* What a frame is at this moment. */
enum lru_page_bits {
  LRU_PAGE_MAPPED = 1,
  LRU_PAGE_DIRTY = 2, /* PG_dirty; D bits in page tables do not count until collected */
  LRU_PAGE_WRITEBACK = 4,
  LRU_PAGE_LOCKED = 8,
  LRU_PAGE_SWAPCACHE = 16,  /* anon: has a swap slot */
  LRU_PAGE_UNEVICTABLE = 32 /* mlocked */
};

/* Answer of the reverse-map walk (folio_referenced). */
struct lru_young {
  uint32_t mappings; /* whose entry was young */
  bool exec;         /* one of these lies in an executable area */
  bool mlocked;      /* a mapping in a locked area was met */
  bool busy;         /* locks not to be had: nothing was looked at */
};

enum lru_fate {
  LRU_FATE_FREED,    /* gone, the isolation's reference too; `remove` was called */
  LRU_FATE_KEPT,     /* locked, someone else's reference, clean_only and dirty: back as it was */
  LRU_FATE_ACTIVATE, /* not to be had for long: no swap slot, unmap failed */
  LRU_FATE_DIRTY,    /* a dirty file page that reclaim may not write: marked, tried when written */
  LRU_FATE_WRITING,  /* its write was started; `written` will be called */
  LRU_FATE_SPLIT     /* a huge page that cannot go as one: ops.split was called, a reference to
                        each part taken; they are tried one by one */
};

struct lru_victim {
  uint32_t frame;
  bool clean_only; /* FOLIOREF_RECLAIM_CLEAN: do not write it out */
  bool marked;     /* PG_reclaim: reclaim has met it dirty before */
  enum lru_fate fate;
};

/* One reclaim run; struct scan_control. Zero it, then set the inputs. */
struct lru_scan {
  int priority;             /* 12 first, 0 last */
  unsigned highest_zone;    /* reclaim_idx */
  uint64_t to_reclaim;      /* pages wanted */
  bool kswapd;              /* else direct */
  bool may_swap, may_unmap; /* boost reclaim may not swap */
  bool may_writepage;
  bool node_writeback; /* PGDAT_WRITEBACK: a whole batch was found under writeback lately */
  bool force_deactivate;
  /* out; the library adds, the host zeroes `scanned` for each round */
  uint64_t scanned, reclaimed;
  bool skipped_deactivate;
  /* of the last call of shrink, for throttling (sc->nr) */
  uint64_t dirty, unqueued_dirty, congested, writeback, immediate, taken, file_taken;
  /* the library's own */
  uint64_t last_reclaimed;
  bool need_aging;
  uint8_t may_deactivate; /* a bit each type */
  bool cache_trim, file_is_tiny;
  uint64_t cost[LRU_TYPES];
};

struct lru_zone_state { /* pages; managed 0: no such zone */
  uint64_t managed, free, low, high;
};

struct lru_host {
  void *self;
  /* The state of a frame, lru_page_bits. */
  unsigned (*page)(void *self, uint32_t frame);
  /* Take a reference for isolation; false: the frame is dying. */
  bool (*get)(void *self, uint32_t frame);
  /* Drop it. True: the page lives and goes back to a list. */
  bool (*release)(void *self, uint32_t frame);
  /* Test and clear A in every mapping of the frame; whether to flush is the host's affair. With
   * look != NULL, at each mapping found young (areas advised sequential or random excepted), do
   * before: get the window from lru_look_window, clear every young entry in it that
   * lru_look_wants, its own too, tell lru_look_young of each, then lru_look_done once. [yields] */
  void (*referenced)(void *self, uint32_t frame, struct lru_look *look, struct lru_young *out);
  /* Unmap each victim and free it, or start writing it: fill in `fate`. Where the host removes a
   * page from its cache it calls lru_ops.evicted for the shadow. One flush for all of them.
   * [yields] */
  void (*evict)(void *self, struct lru_victim *v, size_t count, const struct lru_scan *sc);
  /* Ageing: go over all address spaces. For each lru_walk_mm says whether to go on; for each of
   * its page tables of last level, when lru_walk_nonleaf(), test and clear A of the entry that
   * points to it and skip it if that was clear; then lru_walk_table; then clear every young entry
   * that lru_walk_wants (areas locked, or advised sequential or random, are left out),
   * lru_walk_young for each, and lru_walk_table_done with the number of entries looked at. [yields]
   */
  void (*walk)(void *self, struct lru_walk *walk);
  /* Another context walks: wait until its walk has ended. NULL: there is never another. [yields] */
  void (*await_walk)(void *self);
  struct lru_zone_state (*zone)(void *self, unsigned zone);
  /* Direct reclaim, more pages isolated than an eighth of those inactive: wait 20 ms or until some
   * came back (VMSCAN_THROTTLE_ISOLATED). [yields] */
  void (*too_many_isolated)(void *self);
  uint64_t (*swap_free)(void *self);  /* slots */
  uint64_t (*swap_total)(void *self); /* slots */
  uint64_t (*now_ms)(void *self);
};

struct lru_tunables {
  unsigned swappiness; /* 0..200 */
  uint64_t min_ttl_ms; /* MGLRU; 0: off */
  bool walk_tables;    /* lru_gen/enabled bit 2, and the CPU sets A itself */
  bool nonleaf_young;  /* bit 4, and the CPU sets A in entries that point to tables */
};
/* 60, 0, true, true */
struct lru_tunables lru_tunables_default(void);

struct lru_stats { /* named as in /proc/vmstat where it has them */
  uint64_t pgscan_kswapd, pgscan_direct, pgsteal_kswapd, pgsteal_direct;
  uint64_t pgscan[LRU_TYPES], pgsteal[LRU_TYPES];
  uint64_t workingset_refault[LRU_TYPES], workingset_activate[LRU_TYPES];
  uint64_t workingset_restore[LRU_TYPES];
  uint64_t pgactivate, pgdeactivate, pgrefill, pgrotated;
  uint64_t pgscan_skip[LRU_ZONES];
  /* MGLRU: ageings, and MM_LEAF_*, MM_NONLEAF_* of debugfs lru_gen_full */
  uint64_t aged, leaf_total, leaf_young, nonleaf_total, nonleaf_found, nonleaf_added;
};

/* A page that comes into memory. */
struct lru_new {
  enum lru_type type;
  unsigned zone;
  unsigned order;  /* the frame is the first of 2^order, which are one page */
  uint64_t shadow; /* what was kept when it left, or LRU_NO_SHADOW */
  bool in_fault;   /* for a page fault, in an area not advised sequential or random */
};

struct lru_ops {
  const char *name;
  /* Frames first .. first + count - 1, node number in shadows. NULL: out of host memory. The host
   * struct is copied. */
  struct lru *(*create)(const struct lru_host *host, uint32_t first, uint32_t count, unsigned node);
  void (*destroy)(struct lru *l); /* NULL is allowed */
  /* workingset_refault and folio_add_lru. The frame is unknown before. */
  void (*add)(struct lru *l, uint32_t frame, const struct lru_new *page);
  void (*remove)(struct lru *l, uint32_t frame);
  /* __split_huge_page: a frame added with an order, listed or isolated, falls into its pages. From
   * evict() too, for a victim. */
  void (*split)(struct lru *l, uint32_t frame);
  /* Compaction moves pages (isolate_migratepages_block, putback_movable_pages): isolate takes a
   * listed frame, through host.get; then putback, or moved when another frame of the same zone has
   * taken its place and its reference. */
  void (*isolate)(struct lru *l, uint32_t frame);
  void (*putback)(struct lru *l, uint32_t frame);
  void (*moved)(struct lru *l, uint32_t from, uint32_t to);
  /* folio_mark_accessed: a system call used the page, or a young mapping of a file page went. */
  void (*mark_accessed)(struct lru *l, uint32_t frame);
  /* folio_end_writeback: if reclaim had asked for the write the page goes where it is next. */
  void (*written)(struct lru *l, uint32_t frame);
  /* workingset_eviction: from evict(), once for each page that leaves its cache with something to
   * remember. */
  uint64_t (*evicted)(struct lru *l, uint32_t frame);
  /* kswapd before each round (kswapd_age_node). True: everything is younger than min_ttl_ms, call
   * the OOM killer. [yields] */
  bool (*age)(struct lru *l, struct lru_scan *sc);
  /* shrink_node's work on this node's lists at sc->priority. [yields] */
  void (*shrink)(struct lru *l, struct lru_scan *sc);
  /* The run of kswapd or direct reclaim is over (snapshot_refaults). */
  void (*end_run)(struct lru *l);
  /* Pages on the lists counted active or inactive, as /proc/vmstat nr_active_* do. */
  uint64_t (*size)(const struct lru *l, enum lru_type type, bool active);
  /* Of the active ones, those of a zone (nr_zone_active_*). */
  uint64_t (*active_in)(const struct lru *l, enum lru_type type, unsigned zone);
  /* Every list, count and flag. 0, or -1 with one line in err. */
  int (*check)(const struct lru *l, char *err, size_t err_len);
};

extern const struct lru_ops lru_twolist, lru_mglru;

/* Of any policy. */
void lru_set_tunables(struct lru *l, const struct lru_tunables *t);
const struct lru_stats *lru_stats(const struct lru *l);

/* ---- from host.referenced ---- */
/* The part of the page table that a look-around covers (lru_gen_look_around): at most 64 pages
 * around va inside one last-level table and the area [area, area_end). Bytes. */
void lru_look_window(uint64_t va, uint64_t area, uint64_t area_end, uint64_t table_bytes,
                     uint64_t *start, uint64_t *end);
/* Is the frame of this node, and of a type that can be evicted. */
bool lru_look_wants(const struct lru_look *look, uint32_t frame);
void lru_look_young(struct lru_look *look, uint32_t frame);
/* entries: in the window; table: any number that stays with the page table while it lives. */
void lru_look_done(struct lru_look *look, uint32_t entries, uint64_t table);

/* ---- from host.walk ----
 * lru_walk_table: does the walk descend. lru_walk_wants: as lru_look_wants. */
struct lru_walk_space {
  bool fresh;              /* no walk has come by since it was made */
  bool ran;                /* since the last walk; the host clears its mark */
  uint64_t rss[LRU_TYPES]; /* pages; shared memory counts as anon */
};
bool lru_walk_mm(struct lru_walk *w, const struct lru_walk_space *space);
bool lru_walk_nonleaf(const struct lru_walk *w);
bool lru_walk_table(struct lru_walk *w, uint64_t table);
bool lru_walk_wants(const struct lru_walk *w, uint32_t frame);
/* In place of all that for an entry that maps a huge page (walk_pmd_range): it was looked at. */
void lru_walk_huge(struct lru_walk *w);
void lru_walk_young(struct lru_walk *w, uint32_t frame);
void lru_walk_table_done(struct lru_walk *w, uint64_t table, uint32_t entries, uint32_t young);

#endif

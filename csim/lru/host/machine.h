/* SPDX-License-Identifier: Apache-2.0
 * The small kernel's insides, csim/lru/host only. */
#ifndef COWALK_LRU_HOST_MACHINE_H
#define COWALK_LRU_HOST_MACHINE_H

#include <stdbool.h>

#include "lru/host/host.h"

enum { ZONES = 2, TABLE_PAGES = 512, NODE_PAGES = 64, NODES_PER_PAGE = 7 };
#define NO_FRAME UINT32_MAX

struct zone {
  struct lru_machine_zone cfg;
  uint32_t *stack; /* free frames, the per-CPU list on top */
  uint32_t count, pcp;
  unsigned free_factor;
};

enum { PTE_PRESENT = 1, PTE_YOUNG = 2, PTE_DIRTY = 4, PAGE_SLOT = 8, PAGE_KNOWN = 16 };

struct area { /* file: its page cache too */
  uint32_t pages;
  uint8_t *pte;     /* PTE_* of each page; PAGE_SLOT: anon with a swap slot */
  uint32_t *frame;  /* of the page in memory, or NO_FRAME */
  uint64_t *shadow; /* of a page not in memory */
  uint8_t *table;   /* of each page table: PTE_PRESENT, PTE_YOUNG (A of the entry above) */
  uint8_t *node;    /* is there a tree node for these 64 pages */
  uint64_t mapped;
};

struct frame {
  uint32_t page;
  uint8_t type, used, dirty, writeback;
};

struct write {
  uint32_t frame;
  uint64_t done_us;
};

struct lru_machine {
  const struct lru_ops *ops;
  struct lru *lru;
  struct lru_machine_cfg cfg;
  struct zone zone[ZONES];
  struct area area[LRU_TYPES];
  struct frame *frame;
  uint32_t frames, kernel_frames, tree_nodes;
  uint32_t swap_used;
  uint32_t last_pread; /* the file position is in this page (struct file_ra_state prev_pos) */
  bool walked;
  /* time, and the swap device */
  uint64_t now_us;
  struct write *write; /* ring of [frames] */
  uint32_t writes, write_first;
  /* kswapd */
  bool awake, napping, reclaiming, node_writeback, node_dirty;
  unsigned failures;
  uint64_t nap_end_us;
  struct lru_machine_stats st;
};

/* zone.c */
bool lru_zone_init(struct zone *z, const struct lru_machine_zone *cfg, uint32_t first_frame);
uint32_t lru_zone_nr_free(const struct zone *z); /* without per-CPU lists */
bool lru_zone_above(const struct zone *z, uint32_t mark);
uint32_t lru_zone_take(struct zone *z);
void lru_zone_give(struct zone *z, uint32_t frame, bool reclaiming);
/* Reclaims when it must. NO_FRAME: nothing to be had. */
uint32_t lru_machine_alloc(struct lru_machine *m);
unsigned lru_machine_zone_of(const struct lru_machine *m, uint32_t frame);
void lru_machine_free(struct lru_machine *m, uint32_t frame);

/* pages.c */
struct lru_host lru_machine_host(struct lru_machine *m);
void lru_machine_spend(struct lru_machine *m, uint64_t us);

/* reclaim.c */
void lru_machine_wake_kswapd(struct lru_machine *m);
uint64_t lru_machine_direct_reclaim(struct lru_machine *m);
/* A nap may be over. */
void lru_machine_tick(struct lru_machine *m);

#endif

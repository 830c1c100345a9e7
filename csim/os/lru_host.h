/* SPDX-License-Identifier: Apache-2.0
 * What stands between csim/lru and this kernel, one a node. For csim/os only. */
#ifndef COWALK_OS_LRU_HOST_H
#define COWALK_OS_LRU_HOST_H

#include "lru/lru.h"
#include "os/kernel.h"

struct os_policy {
  struct os *os;
  struct os_node *node;
  const struct lru_ops *ops;
  struct lru *lru;              /* owned */
  struct os_inval_batch clears; /* A bits cleared, not invalidated yet (OS_A_FLUSH_BATCH) */
  struct os_waitq isolated;     /* direct reclaimers that found too many pages isolated */
  uint32_t isolated_waiters;
  struct os_waitq walk; /* those who wait for an ageing walk */
  bool walking;
};

/* Invalidate what was cleared so far. Others may add meanwhile. [yields] */
void os_lru_flush_clears(struct os_policy *p);
/* Callbacks of struct lru_host; self is the os_policy. [yield] */
void os_lru_referenced(void *self, uint32_t pfn, struct lru_look *look, struct lru_young *out);
void os_lru_walk(void *self, struct lru_walk *walk);

/* Of struct os_policy_ops (lru_pages.c). */
void os_lru_add(struct os_policy *p, uint32_t pfn, bool back);
void os_lru_enter(struct os_policy *p, uint32_t pfn, const uint64_t *shadow);
uint64_t os_lru_evicted(struct os_policy *p, uint32_t pfn);
void os_lru_remove(struct os_policy *p, uint32_t pfn);
void os_lru_used(struct os_policy *p, uint32_t pfn);
void os_lru_written(struct os_policy *p, uint32_t pfn);
void os_lru_split(struct os_policy *p, uint32_t pfn);
void os_lru_hold(struct os_policy *p, uint32_t pfn);
void os_lru_unhold(struct os_policy *p, uint32_t pfn);
void os_lru_moved(struct os_policy *p, uint32_t from, uint32_t to);
uint64_t os_lru_active_in(const struct os_policy *p, bool file, unsigned zone);
uint64_t os_lru_size(const struct os_policy *p);
void os_lru_stats(const struct os_policy *p, struct os_stats *sum);
int os_lru_check(const struct os_policy *p, char *err, size_t err_len);

#endif

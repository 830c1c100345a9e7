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

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Clock (Corbato's second chance): all pages, file and anon, in one ring; the hand clears the A
 * bits of a page that was used and passes on, and takes a page that was not. New pages come in
 * just behind the hand. It sees A bits in memory and system calls, nothing else; swappiness is not
 * consulted. Links are kept in the frames' next and prev. */
#include <stdio.h>
#include <stdlib.h>

#include "os/kernel.h"

struct os_policy {
  struct os *os;
  uint32_t hand; /* OS_NO_FRAME: the ring is empty */
  uint64_t count;
};

static struct os_policy *create(struct os *os, unsigned node) {
  (void)node;
  struct os_policy *p = calloc(1, sizeof *p);
  if (p != NULL) p->os = os;
  return p;
}

static void destroy(struct os_policy *p) {
  free(p);
}

static void add(struct os_policy *p, uint32_t pfn, bool back) {
  (void)back;
  struct os_frame *f = os_frame(p->os, pfn);
  if (p->hand == OS_NO_FRAME) {
    f->next = f->prev = p->hand = pfn;
  } else {
    struct os_frame *h = os_frame(p->os, p->hand);
    f->next = p->hand;
    f->prev = h->prev;
    os_frame(p->os, h->prev)->next = pfn;
    h->prev = pfn;
  }
  p->count++;
}

static void unlink_page(struct os_policy *p, uint32_t pfn) {
  const struct os_frame *f = os_frame(p->os, pfn);
  if (p->hand == pfn) p->hand = f->next != pfn ? f->next : OS_NO_FRAME;
  os_frame(p->os, f->prev)->next = f->next;
  os_frame(p->os, f->next)->prev = f->prev;
  p->count--;
}

static void soon(struct os_policy *p, uint32_t pfn) {
  unlink_page(p, pfn);
  add(p, pfn, true);
  p->hand = pfn;
}

/* Look at the page under the hand and move on. True if it is a victim. */
static bool look(struct os_policy *p, uint32_t pfn, struct os_inval_batch *inval) {
  struct os *os = p->os;
  struct os_frame *f = os_frame(os, pfn);
  p->hand = f->next;
  if ((f->flags & (OS_F_LOCKED | OS_F_WRITEBACK)) != 0) return false;
  os_frame_get(os, pfn);
  bool used = os_rmap_referenced(os, pfn, inval);
  bool listed = (f->flags & OS_F_LISTED) != 0; /* it may have gone meanwhile */
  if (used && listed) os->st.pgactivate++;
  if (!used && listed) {
    unlink_page(p, pfn);
    os_policy_isolate(os, pfn);
    return true; /* keeps the reference */
  }
  (void)os_frame_put(os, pfn);
  return false;
}

static void isolate(struct os_policy *p, uint64_t scan_max, struct os_victims *out) {
  struct os_inval_batch inval = {0};
  uint64_t passed = 0; /* not asked for */
  uint64_t taken = 0;
  while (taken < scan_max && taken < (uint64_t)2 * OS_BATCH && out->count < OS_BATCH &&
         p->hand != OS_NO_FRAME) {
    uint32_t pfn = p->hand;
    os_policy_scanned(p->os, pfn);
    if (!os_policy_wants(p->os, out, pfn)) {
      if (passed++ >= p->count) break; /* once round */
      p->hand = os_frame(p->os, pfn)->next;
      os_spend(p->os, OS_WORK_LIST_MOVE, 1);
      continue;
    }
    taken++;
    os_spend(p->os, OS_WORK_LIST_MOVE, 1);
    pfn = p->hand; /* time has passed */
    if (pfn == OS_NO_FRAME) break;
    if (look(p, pfn, &inval)) out->pfn[out->count++] = pfn;
  }
  out->scanned += passed + taken;
  os_inval_flush(p->os, &inval);
}

static uint64_t size(const struct os_policy *p) {
  return p->count;
}

static int check(const struct os_policy *p, char *err, size_t err_len) {
  uint64_t n = 0;
  for (uint32_t pfn = p->hand; pfn != OS_NO_FRAME && n <= p->count; n++) {
    const struct os_frame *f = os_frame(p->os, pfn);
    if ((f->flags & OS_F_LISTED) == 0 || os_frame(p->os, f->next)->prev != pfn) {
      (void)snprintf(err, err_len, "clock: frame %u is in the ring but not linked well", pfn);
      return -1;
    }
    pfn = f->next;
    if (pfn == p->hand) {
      n++;
      break;
    }
  }
  if (n == p->count) return 0;
  (void)snprintf(err, err_len, "clock: ring of %llu pages, count says %llu", (unsigned long long)n,
                 (unsigned long long)p->count);
  return -1;
}

const struct os_policy_ops os_policy_clock = {.name = "clock",
                                              .create = create,
                                              .destroy = destroy,
                                              .add = add,
                                              .remove = unlink_page,
                                              .soon = soon,
                                              .isolate = isolate,
                                              .size = size,
                                              .check = check};

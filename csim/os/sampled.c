/* SPDX-License-Identifier: Apache-2.0
 * The policies of csim/policy over this kernel's pages. FIFO needs nothing but faults; two-handed
 * Clock asks for A bits itself. LRU, ARC and 2Q want to know of every access: here they get what a
 * kernel can have, samples, and are named so. Each time victims are wanted, a hand that goes round
 * the frames reads and clears the A bits of as many pages as may be looked at and tells the policy
 * of those in use; a victim found in use when its turn comes goes back as used. System calls are
 * told of at once. A page's identity is a number given when it first comes; the cache keeps it as
 * the shadow, so that ARC and 2Q know a page that returns. */
#include <stdio.h>
#include <stdlib.h>

#include "os/kernel.h"
#include "policy/policy.h"

enum place {
  NOWHERE, /* or a victim */
  LISTED,  /* by the policy */
  WRITING, /* a victim on its way to the disk, off the policy's lists */
  READY    /* one that has been written: the next to go */
};

struct os_policy {
  struct os *os;
  const struct policy_ops *ops;
  struct policy *policy; /* owned */
  bool samples;
  uint32_t first, frames, hand; /* frame number - first is the policy's number */
  uint64_t *page;               /* [frames] identities */
  uint8_t *place;               /* [frames] enum place */
  uint64_t next_page, aside;    /* aside: pages WRITING or READY */
  uint32_t ready;               /* list of those READY, by the frames' links; or OS_NO_FRAME */
  struct os_inval_batch clears; /* A bits cleared, not invalidated yet */
};

/* ---- A and D bits ---- */

static void flush_clears(struct os_policy *p) {
  if (p->clears.count == 0) return;
  struct os_inval_batch mine = p->clears;
  p->clears.count = 0; /* others may add while this one is flushed */
  os_inval_flush(p->os, &mine);
}

/* The caller holds a reference. [yields] */
static bool young(struct os_policy *p, uint32_t pfn) {
  struct os_inval_batch found;
  found.count = 0;
  bool used = os_rmap_referenced(p->os, pfn, &found);
  for (size_t i = 0; i < found.count; i++) {
    if (p->clears.count == OS_INVAL_BATCH) flush_clears(p);
    p->clears.page[p->clears.count++] = found.page[i];
  }
  return used;
}

static bool test_and_clear(void *ctx, uint32_t frame) {
  struct os_policy *p = ctx;
  uint32_t pfn = p->first + frame;
  os_policy_scanned(p->os, pfn);
  os_frame_get(p->os, pfn);
  os_spend(p->os, OS_WORK_LIST_MOVE, 1);
  bool used = young(p, pfn);
  (void)os_frame_put(p->os, pfn);
  return used;
}

/* Would the page have to be written? D bits of mappings count. */
static bool dirty(void *ctx, uint32_t frame) {
  struct os_policy *p = ctx;
  struct os *os = p->os;
  uint32_t pfn = p->first + frame;
  const struct os_frame *f = os_frame(os, pfn);
  bool is = (f->flags & OS_F_DIRTY) != 0 || (f->type == OS_FRAME_ANON && f->slot == OS_NO_SLOT);
  struct os_mm *mm = NULL;
  uint32_t id = 0;
  uint64_t va = 0;
  os_frame_get(os, pfn);
  for (uint64_t at = 0; !is && os_rmap_next(os, pfn, id, va, &mm, &at); va = at + 1) {
    os_spend(os, OS_WORK_RMAP_STEP, 1);
    id = mm->id;
    uint64_t pa = os_pt_lookup(mm, at);
    uint64_t e = pa != 0 ? os_rd(os, pa) : 0;
    is = os->pt->present(e) && os->pt->dirty(e);
    os_unlock(os, &mm->table);
    os_mm_put(mm);
  }
  (void)os_frame_put(os, pfn);
  return is;
}

/* ---- pages come and go ---- */

static void push_ready(struct os_policy *p, uint32_t pfn) {
  struct os_frame *f = os_frame(p->os, pfn);
  p->place[pfn - p->first] = READY;
  if (p->ready == OS_NO_FRAME) {
    f->next = f->prev = p->ready = pfn;
    return;
  }
  struct os_frame *head = os_frame(p->os, p->ready);
  f->next = p->ready;
  f->prev = head->prev;
  os_frame(p->os, head->prev)->next = pfn;
  head->prev = pfn;
}

static void take_ready(struct os_policy *p, uint32_t pfn) {
  const struct os_frame *f = os_frame(p->os, pfn);
  if (p->ready == pfn) p->ready = f->next != pfn ? f->next : OS_NO_FRAME;
  os_frame(p->os, f->prev)->next = f->next;
  os_frame(p->os, f->next)->prev = f->prev;
}

static void enter(struct os_policy *p, uint32_t pfn, const uint64_t *shadow) {
  uint32_t i = pfn - p->first;
  if (shadow != NULL) os_refault(p->os, os_frame(p->os, pfn)->type == OS_FRAME_FILE);
  p->page[i] = shadow != NULL ? *shadow : p->next_page;
  p->next_page += shadow == NULL ? OS_NODES : 0;
  p->place[i] = LISTED;
  p->ops->enter(p->policy, i, p->page[i]);
}

/* What reclaim wrote or could free now stays aside; anything else was chosen in vain. */
static void add(struct os_policy *p, uint32_t pfn, bool back) {
  const struct os_frame *f = os_frame(p->os, pfn);
  uint32_t i = pfn - p->first;
  if (!back) {
    enter(p, pfn, NULL);
    return;
  }
  bool asked = (f->flags & OS_F_RECLAIM) != 0 && (f->flags & OS_F_WRITEBACK) != 0;
  bool clean = (f->flags & (OS_F_DIRTY | OS_F_WRITEBACK)) == 0 && f->mapcount == 0;
  if (asked || clean) {
    p->aside++;
    p->place[i] = WRITING;
    if (clean) push_ready(p, pfn);
    return;
  }
  p->place[i] = LISTED;
  p->ops->back(p->policy, i, p->page[i]);
}

/* The page keeps its identity, though not its place. */
static void moved(struct os_policy *p, uint32_t from, uint32_t to) {
  uint64_t page = p->page[from - p->first];
  p->page[to - p->first] = page;
  p->place[to - p->first] = LISTED;
  p->ops->enter(p->policy, to - p->first, page);
}

static void remove_page(struct os_policy *p, uint32_t pfn) {
  uint32_t i = pfn - p->first;
  if (p->place[i] == READY) take_ready(p, pfn);
  if (p->place[i] == LISTED)
    p->ops->leave(p->policy, i);
  else
    p->aside--;
  p->place[i] = NOWHERE;
}

static void soon(struct os_policy *p, uint32_t pfn) {
  if (p->place[pfn - p->first] == WRITING) push_ready(p, pfn);
}

static void used(struct os_policy *p, uint32_t pfn) {
  if (p->place[pfn - p->first] == LISTED) p->ops->used(p->policy, pfn - p->first);
}

static uint64_t evicted(struct os_policy *p, uint32_t pfn) {
  return p->page[pfn - p->first];
}

/* ---- victims ---- */

/* The hand reads the A bits of up to `pages` pages. */
static void sample(struct os_policy *p, uint64_t pages) {
  struct os *os = p->os;
  for (uint32_t steps = 0; steps < p->frames && pages != 0; steps++) {
    uint32_t i = p->hand = p->hand + 1 < p->frames ? p->hand + 1 : 0;
    uint32_t pfn = p->first + i;
    if (p->place[i] != LISTED) continue;
    pages--;
    os_frame_get(os, pfn);
    os_spend(os, OS_WORK_LIST_MOVE, 1);
    if (young(p, pfn)) {
      os->st.pgactivate++;
      used(p, pfn);
    }
    (void)os_frame_put(os, pfn);
  }
}

/* A victim that is not to go after all; its reference is given back. */
static void spare(struct os_policy *p, uint32_t pfn, bool was_used) {
  struct os *os = p->os;
  const struct os_frame *f = os_frame(os, pfn);
  os_swap_forget(os, pfn);
  if (os_policy_may_return(os, pfn) && f->refs > 1) {
    p->place[pfn - p->first] = LISTED;
    p->ops->back(p->policy, pfn - p->first, p->page[pfn - p->first]);
    os_policy_listed(os, pfn);
    if (was_used) used(p, pfn);
  }
  (void)os_frame_put(os, pfn);
}

/* Off the lists, a reference held: does it go? */
static void try_victim(struct os_policy *p, uint32_t pfn, bool ask, struct os_victims *out) {
  struct os *os = p->os;
  os_frame_get(os, pfn);
  os_policy_isolate(os, pfn);
  p->place[pfn - p->first] = NOWHERE;
  os_spend(os, OS_WORK_LIST_MOVE, 1);
  out->scanned++;
  if (!os_policy_wants(os, out, pfn)) {
    spare(p, pfn, false);
  } else if (ask && young(p, pfn)) {
    os->st.pgactivate++;
    spare(p, pfn, true);
  } else {
    out->pfn[out->count++] = pfn;
  }
}

static void isolate(struct os_policy *p, uint64_t scan_max, struct os_victims *out) {
  uint64_t budget = scan_max < (uint64_t)2 * OS_BATCH ? scan_max : (uint64_t)2 * OS_BATCH;
  for (; p->ready != OS_NO_FRAME && budget != 0 && out->count < OS_BATCH; budget--) {
    uint32_t pfn = p->ready;
    take_ready(p, pfn);
    p->aside--;
    os_policy_scanned(p->os, pfn);
    try_victim(p, pfn, true, out);
  }
  if (p->samples) sample(p, budget);
  while (budget != 0 && out->count < OS_BATCH) {
    uint64_t before = budget;
    uint32_t i = p->ops->victim(p->policy, POLICY_NO_PAGE, &budget);
    if (i == POLICY_NONE) {
      out->scanned += before - budget;
      break;
    }
    out->scanned += before - budget - 1;
    if (!p->ops->asks) os_policy_scanned(p->os, p->first + i);
    try_victim(p, p->first + i, p->samples, out);
  }
  flush_clears(p);
}

/* ---- one a node ---- */

static void destroy(struct os_policy *p) {
  if (p->policy != NULL) p->ops->destroy(p->policy);
  free(p->page);
  free(p->place);
  free(p);
}

static struct os_policy *create(struct os *os, unsigned node, const struct policy_ops *ops,
                                bool samples) {
  uint64_t managed = 0;
  uint32_t first = os->frame_count;
  uint32_t end = 0;
  for (unsigned i = 0; i < OS_ZONES; i++) {
    const struct os_zone *z = &os->zones.zone[node][i];
    managed += z->managed;
    if (z->managed != 0 && z->first < first) first = z->first;
    if (z->managed != 0 && z->end > end) end = z->end;
  }
  struct os_policy *p = calloc(1, sizeof *p);
  if (p == NULL) return NULL;
  *p = (struct os_policy){.os = os,
                          .ops = ops,
                          .samples = samples,
                          .first = first,
                          .frames = end > first ? end - first : 1,
                          .next_page = node};
  struct policy_config c = {.frames = p->frames,
                            .capacity = managed != 0 ? (uint32_t)managed : 1,
                            .host = {.ctx = p, .test_and_clear = test_and_clear, .dirty = dirty}};
  policy_options_default(&c.options);
  p->page = calloc(p->frames, sizeof *p->page);
  p->place = calloc(p->frames, sizeof *p->place);
  p->policy = p->page != NULL && p->place != NULL ? ops->create(&c) : NULL;
  if (p->policy != NULL) return p;
  destroy(p);
  return NULL;
}

static uint64_t size(const struct os_policy *p) {
  return p->ops->size(p->policy) + p->aside;
}

static int check(const struct os_policy *p, char *err, size_t err_len) {
  uint64_t count[READY + 1] = {0};
  for (uint32_t i = 0; i < p->frames; i++)
    count[p->place[i]]++;
  if (count[LISTED] != p->ops->size(p->policy) || count[WRITING] + count[READY] != p->aside) {
    (void)snprintf(err, err_len, "%s: %llu pages listed and %llu aside do not add up", p->ops->name,
                   (unsigned long long)count[LISTED], (unsigned long long)p->aside);
    return -1;
  }
  return p->ops->check(p->policy, err, err_len);
}

#define POLICY(symbol, text, library, sampled)                                \
  static struct os_policy *create_##symbol(struct os *os, unsigned node) {    \
    return create(os, node, &(library), sampled);                             \
  }                                                                           \
  const struct os_policy_ops os_policy_##symbol = {.name = (text),            \
                                                   .create = create_##symbol, \
                                                   .destroy = destroy,        \
                                                   .add = add,                \
                                                   .remove = remove_page,     \
                                                   .soon = soon,              \
                                                   .isolate = isolate,        \
                                                   .size = size,              \
                                                   .check = check,            \
                                                   .enter = enter,            \
                                                   .evicted = evicted,        \
                                                   .used = used,              \
                                                   .moved = moved};

POLICY(fifo, "fifo", policy_fifo, false)
POLICY(clock2, "clock2", policy_clock2, false)
POLICY(lru, "lru-sampled", policy_lru, true)
POLICY(arc, "arc-sampled", policy_arc, true)
POLICY(2q, "2q-sampled", policy_2q, true)

/* SPDX-License-Identifier: Apache-2.0
 * The queue of huge pages of which a part was unmapped: nobody can use that part until the page is
 * split, and that is done when memory is short, by a shrinker (Linux 6.1 mm/huge_memory.c,
 * deferred_split_huge_page, deferred_split_scan; mm/vmscan.c, do_shrink_slab). The queue is a ring
 * through the second frames, whose links nothing else uses. */
#include "os/huge.h"
#include "os/kernel.h"

enum { SHRINK_BATCH = 128, SEEKS = 2 /* DEFAULT_SEEKS */ };

static struct os_frame *link_of(struct os *os, uint32_t head) {
  return os_frame(os, head + 1);
}

static void push(struct os *os, struct os_deferred *q, uint32_t head) {
  struct os_frame *f = link_of(os, head);
  f->flags |= OS_F_QUEUED;
  if (q->head == OS_NO_FRAME) {
    f->next = f->prev = q->head = head;
  } else {
    struct os_frame *first = link_of(os, q->head);
    f->next = q->head;
    f->prev = first->prev;
    link_of(os, first->prev)->next = head;
    first->prev = head;
  }
  q->length++;
}

void os_huge_defer(struct os *os, uint32_t pfn) {
  uint32_t head = os_huge_head(os, pfn);
  if ((os_frame(os, head)->flags & OS_F_PTES) == 0) return;
  if ((link_of(os, head)->flags & OS_F_QUEUED) != 0) return;
  push(os, &os_node_of(os, head)->deferred, head);
  os->st.thp_deferred_split_page++;
}

void os_huge_undefer(struct os *os, uint32_t head) {
  struct os_deferred *q = &os_node_of(os, head)->deferred;
  struct os_frame *f = link_of(os, head);
  if ((f->flags & OS_F_QUEUED) == 0) return;
  f->flags &= (uint16_t)~OS_F_QUEUED;
  if (q->head == head) q->head = f->next != head ? f->next : OS_NO_FRAME;
  link_of(os, f->prev)->next = f->next;
  link_of(os, f->next)->prev = f->prev;
  f->next = f->prev = 0;
  q->length--;
}

/* One from the front; it goes to the back if it cannot be split now. */
static bool split_first(struct os *os, struct os_deferred *q) {
  uint32_t head = q->head;
  os_frame_get(os, head);
  q->head = link_of(os, head)->next;
  bool split = false;
  if (os_frame_trylock(os, head)) {
    split = os_huge_split_frame(os, head);
    os_frame_unlock(os, head);
  }
  if (os_frame_put(os, head)) os_spend(os, OS_WORK_FREE_FRAME, 1);
  return split;
}

/* False: stop, there is nothing left. */
static bool scan(struct os *os, struct os_deferred *q, uint64_t pages) {
  uint64_t split = 0;
  if (pages > q->length) pages = q->length;
  for (; pages != 0 && q->head != OS_NO_FRAME; pages--)
    split += split_first(os, q);
  return split != 0 || q->head != OS_NO_FRAME;
}

void os_huge_shrink(struct os_node *n, int priority) {
  struct os *os = n->os;
  struct os_deferred *q = &n->deferred;
  uint64_t freeable = q->length;
  if (freeable == 0) return;
  uint64_t owed = q->owed;
  uint64_t delta = (freeable >> priority) * 4 / SEEKS;
  uint64_t left = (owed >> priority) + delta;
  uint64_t scanned = 0;
  q->owed = 0; /* others may come meanwhile */
  if (left > 2 * freeable) left = 2 * freeable;
  while (left >= SHRINK_BATCH || left >= freeable) {
    uint64_t batch = left < SHRINK_BATCH ? left : SHRINK_BATCH;
    if (!scan(os, q, batch)) break;
    left -= batch;
    scanned += batch;
    os->plat.ops->resched(os->plat.self);
  }
  uint64_t rest = owed + delta > scanned ? owed + delta - scanned : 0;
  q->owed += rest < 2 * freeable ? rest : 2 * freeable;
}

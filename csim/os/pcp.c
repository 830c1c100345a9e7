/* SPDX-License-Identifier: Apache-2.0
 * The CPUs' lists after Linux 6.1 mm/page_alloc.c (rmqueue_pcplist, free_unref_page_commit,
 * nr_pcp_free, nr_pcp_high, free_pcppages_bulk). Only order 0 goes through them. */
#include "os/pcp.h"

#include <stdio.h>
#include <stdlib.h>

struct pcp {
  uint32_t head[OS_MOBILITIES];
  uint32_t count;
  uint16_t free_factor; /* doubles what goes back at once while only frees come */
};

struct os_pcps {
  struct os_buddy *buddy;
  struct os_frame *frame;
  struct os_zones *zones;
  unsigned cpus;
  struct pcp pcp[]; /* by node, zone, CPU */
};

static struct pcp *pcp_of(struct os_pcps *p, const struct os_zone *z, unsigned cpu) {
  return &p->pcp[(z->node * (size_t)OS_ZONES + z->index) * p->cpus + cpu];
}

struct os_pcps *os_pcps_create(struct os_buddy *b, struct os_frame *frames, struct os_zones *zones,
                               unsigned cpus) {
  size_t lists = (size_t)zones->nodes * OS_ZONES * cpus;
  struct os_pcps *p = calloc(1, sizeof *p + lists * sizeof p->pcp[0]);
  if (p == NULL) return NULL;
  p->buddy = b;
  p->frame = frames;
  p->zones = zones;
  p->cpus = cpus;
  return p;
}

void os_pcps_destroy(struct os_pcps *p) {
  free(p);
}

unsigned os_pcps_sharers(const struct os_pcps *p, unsigned node) {
  unsigned n = 0;
  for (unsigned c = 0; c < p->cpus; c++)
    n += c * p->zones->nodes / p->cpus == node;
  return n != 0 ? n : p->cpus; /* a node of memory alone serves all */
}

static void push(struct os_pcps *p, struct pcp *c, uint32_t pfn, enum os_mobility m, bool tail) {
  struct os_frame *f = &p->frame[pfn];
  uint32_t head = c->head[m];
  f->type = OS_FRAME_PCP;
  f->mobility = (uint8_t)m;
  if (head == OS_NO_FRAME) {
    f->next = f->prev = pfn;
  } else {
    f->next = head;
    f->prev = p->frame[head].prev;
    p->frame[f->prev].next = pfn;
    p->frame[head].prev = pfn;
  }
  if (head == OS_NO_FRAME || !tail) c->head[m] = pfn;
  c->count++;
}

static uint32_t pop(struct os_pcps *p, struct pcp *c, enum os_mobility m, bool tail) {
  uint32_t head = c->head[m];
  uint32_t pfn = tail ? p->frame[head].prev : head;
  struct os_frame *f = &p->frame[pfn];
  if (head == pfn) c->head[m] = f->next != pfn ? f->next : OS_NO_FRAME;
  p->frame[f->prev].next = f->next;
  p->frame[f->next].prev = f->prev;
  f->next = f->prev = 0;
  f->type = OS_FRAME_NONE;
  c->count--;
  return pfn;
}

uint32_t os_pcp_take(struct os_pcps *p, struct os_zone *z, unsigned cpu, enum os_mobility mobility,
                     bool no_fragment, bool *boosted) {
  struct pcp *c = pcp_of(p, z, cpu);
  enum os_mobility m = os_buddy_mobility(p->buddy, mobility);
  c->free_factor >>= 1;
  if (c->head[m] == OS_NO_FRAME) {
    uint64_t batch = os_zone_pcp_batch(z);
    for (uint64_t i = 0; i < batch; i++) {
      uint32_t pfn = os_buddy_take(p->buddy, z, 0, m, no_fragment, boosted);
      if (pfn == OS_NO_FRAME) break;
      push(p, c, pfn, m, true);
    }
  }
  return c->head[m] != OS_NO_FRAME ? pop(p, c, m, false) : OS_NO_FRAME;
}

/* Oldest first, from one list after the other. */
static void give_back(struct os_pcps *p, struct os_zone *z, struct pcp *c, uint64_t count) {
  if (count > c->count) count = c->count;
  for (unsigned m = 0; count != 0; m = (m + 1) % OS_MOBILITIES) {
    if (c->head[m] == OS_NO_FRAME) continue;
    os_buddy_give(p->buddy, z, pop(p, c, (enum os_mobility)m, true), 0);
    count--;
  }
}

/* nr_pcp_free: more each time while nothing is taken in between, but a batch stays. */
static uint64_t how_many(struct pcp *c, uint64_t high, uint64_t batch) {
  uint64_t most = high - batch; /* high is four batches at least */
  uint64_t n = batch << c->free_factor;
  if (n >= most) return most;
  c->free_factor++;
  return n;
}

void os_pcp_give(struct os_pcps *p, struct os_zone *z, unsigned cpu, uint32_t pfn,
                 bool reclaiming) {
  struct pcp *c = pcp_of(p, z, cpu);
  enum os_mobility m = os_buddy_block(p->buddy, pfn);
  push(p, c, pfn, m == OS_HIGHATOMIC ? OS_MOVABLE : m, false);
  uint64_t batch = os_zone_pcp_batch(z);
  uint64_t full = os_zone_pcp_high(z, os_pcps_sharers(p, z->node));
  uint64_t high = reclaiming && full > batch * 4 ? batch * 4 : full;
  if (c->count >= high) give_back(p, z, c, how_many(c, full, batch));
}

uint64_t os_pcp_drain(struct os_pcps *p, struct os_zone *z, unsigned cpu) {
  struct pcp *c = pcp_of(p, z, cpu);
  uint64_t drained = c->count;
  give_back(p, z, c, c->count);
  return drained;
}

uint64_t os_pcps_drain(struct os_pcps *p) {
  uint64_t drained = 0;
  for (unsigned n = 0; n < p->zones->nodes; n++)
    for (unsigned i = 0; i < OS_ZONES; i++)
      for (unsigned cpu = 0; cpu < p->cpus; cpu++) {
        drained += os_pcp_drain(p, &p->zones->zone[n][i], cpu);
      }
  return drained;
}

uint64_t os_pcp_count(const struct os_pcps *p, const struct os_zone *z, unsigned cpu) {
  return p->pcp[(z->node * (size_t)OS_ZONES + z->index) * p->cpus + cpu].count;
}

int os_pcps_check(const struct os_pcps *p, char *err, size_t err_len) {
  for (unsigned n = 0; n < p->zones->nodes; n++)
    for (unsigned i = 0; i < OS_ZONES * p->cpus; i++) {
      const struct pcp *c = &p->pcp[n * OS_ZONES * p->cpus + i];
      uint64_t count = 0;
      bool good = true;
      for (unsigned m = 0; m < OS_MOBILITIES && good; m++)
        for (uint32_t at = c->head[m]; at != OS_NO_FRAME && good;) {
          const struct os_frame *f = &p->frame[at];
          good = f->type == OS_FRAME_PCP && f->mobility == m && count++ <= c->count &&
                 p->frame[f->next].prev == at;
          at = f->next != c->head[m] ? f->next : OS_NO_FRAME;
        }
      if (good && count == c->count) continue;
      (void)snprintf(err, err_len, "node %u: a CPU's list of free frames is broken", n);
      return -1;
    }
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0
 * Questions to a zone: is there enough for a request (Linux 6.1 mm/page_alloc.c,
 * __zone_watermark_ok, pgdat_balanced), how fragmented is it (mm/vmstat.c), how large are the CPUs'
 * lists (zone_batchsize, zone_highsize). */
#include "os/zone.h"

static uint64_t less(uint64_t a, uint64_t b) {
  return a > b ? a - b : 0;
}

bool os_zone_ok(const struct os_zone *z, unsigned order, uint64_t mark, unsigned highest,
                unsigned rights) {
  if ((rights & OS_ALLOC_NO_MARKS) == 0) {
    unsigned reserves =
        OS_ALLOC_MIN_RESERVE | OS_ALLOC_NON_BLOCK | OS_ALLOC_HIGHATOMIC | OS_ALLOC_OOM;
    uint64_t free = less(z->free, (UINT64_C(1) << order) - 1);
    if ((rights & reserves) == 0) free = less(free, z->highatomic);
    if ((rights & OS_ALLOC_MIN_RESERVE) != 0) {
      mark -= mark / 2;
      if ((rights & OS_ALLOC_NON_BLOCK) != 0) mark -= mark / 4;
    }
    if ((rights & OS_ALLOC_OOM) != 0) mark -= mark / 2;
    if (free <= mark + z->reserve[highest]) return false;
  }
  if (order == 0) return true;
  bool atomic = (rights & (OS_ALLOC_HIGHATOMIC | OS_ALLOC_OOM)) != 0;
  for (unsigned o = order; o < OS_ORDERS; o++)
    if (z->blocks[o] > (atomic ? 0 : z->atomic_blocks[o])) return true;
  return false;
}

bool os_zones_balanced(const struct os_zones *z, unsigned node, unsigned order, unsigned highest) {
  bool managed = false;
  for (unsigned i = 0; i <= highest; i++) {
    const struct os_zone *o = &z->zone[node][i];
    if (o->managed == 0) continue;
    managed = true;
    if (os_zone_ok(o, order, os_zone_mark(o, OS_MARK_HIGH), highest, 0)) return true;
  }
  return !managed; /* nothing to balance */
}

/* ---- fragmentation ---- */

struct content {
  uint64_t pages, blocks, suitable; /* free: in all, blocks of any order, blocks large enough */
};

static struct content content_of(const struct os_zone *z, unsigned order) {
  struct content c = {0};
  for (unsigned o = 0; o < OS_ORDERS; o++) {
    c.blocks += z->blocks[o];
    c.pages += z->blocks[o] << o;
    if (o >= order) c.suitable += z->blocks[o] << (o - order);
  }
  return c;
}

int os_zone_fragmentation_index(const struct os_zone *z, unsigned order) {
  struct content c = content_of(z, order);
  if (c.blocks == 0) return 0;
  if (c.suitable != 0) return -1000;
  return 1000 - (int)((1000 + c.pages * 1000 / (UINT64_C(1) << order)) / c.blocks);
}

int os_zone_unusable_index(const struct os_zone *z, unsigned order) {
  struct content c = content_of(z, order);
  if (c.pages == 0) return 1000;
  return (int)((c.pages - (c.suitable << order)) * 1000 / c.pages);
}

/* ---- the CPUs' own lists ---- */

uint64_t os_zone_pcp_batch(const struct os_zone *z) {
  uint64_t batch = z->managed >> 10;
  if (batch > 256) batch = 256; /* 1 MiB */
  batch /= 4;
  if (batch < 1) batch = 1;
  batch += batch / 2;
  uint64_t power = 1;
  while (power * 2 <= batch)
    power *= 2;
  return power > 2 ? power - 1 : 1;
}

uint64_t os_zone_pcp_high(const struct os_zone *z, unsigned cpus) {
  uint64_t high = z->mark[OS_MARK_LOW] / (cpus != 0 ? cpus : 1);
  uint64_t batch = os_zone_pcp_batch(z);
  return high > batch * 4 ? high : batch * 4;
}

/* fls */
static unsigned bits(uint64_t n) {
  unsigned k = 0;
  for (; n != 0; n >>= 1)
    k++;
  return k;
}

uint64_t os_zone_stat_threshold(const struct os_zone *z, unsigned cpus) {
  enum { MOST = 125, UNIT_SHIFT = 27 - 12 }; /* by zone size in 128 MiB */
  uint64_t n = UINT64_C(2) * bits(cpus) * (1 + bits(z->managed >> UNIT_SHIFT));
  return n < MOST ? n : MOST;
}

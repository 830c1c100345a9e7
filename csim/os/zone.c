/* SPDX-License-Identifier: Apache-2.0
 * Zones, watermarks and reserves after Linux 6.1 mm/page_alloc.c (calculate_min_free_kbytes,
 * __setup_per_zone_wmarks, setup_per_zone_lowmem_reserve, calculate_totalreserve_pages) and
 * mm/khugepaged.c (set_recommended_min_free_kbytes). Integer arithmetic as there; exact to the
 * page. */
#include "os/zone.h"

static const char *const zone_name[OS_ZONES] = {"DMA", "DMA32", "Normal", "Movable", "Device"};

const uint32_t os_lowmem_reserve_ratio[OS_ZONES] = {256, 256, 32, 0, 0};

/* First frame above a zone. arm64 calls everything below 4 GiB DMA; RISC-V calls it DMA32. */
static const uint64_t zone_limit[MMU_ARCH_COUNT][OS_ZONE_NORMAL] = {
    [MMU_ARCH_X86] = {UINT64_C(16) << 8, UINT64_C(4096) << 8},
    [MMU_ARCH_ARM] = {UINT64_C(4096) << 8, UINT64_C(4096) << 8},
    [MMU_ARCH_RISCV] = {0, UINT64_C(4096) << 8},
};

const char *os_zone_name(unsigned index) {
  return zone_name[index];
}

void os_zones_init(struct os_zones *z, unsigned nodes) {
  *z = (struct os_zones){.nodes = nodes};
  for (unsigned n = 0; n < nodes; n++)
    for (unsigned i = 0; i < OS_ZONES; i++)
      z->zone[n][i] =
          (struct os_zone){.name = zone_name[i], .node = (uint8_t)n, .index = (uint8_t)i};
}

static uint64_t clamp(uint64_t x, uint64_t lo, uint64_t hi) {
  return x < lo ? lo : x > hi ? hi : x;
}

int os_zones_cut(struct os_zones *z, enum mmu_arch arch, uint32_t frames, uint32_t reserved,
                 unsigned nodes) {
  enum { BLOCK = 1 << (OS_ORDERS - 1) };
  os_zones_init(z, nodes);
  uint64_t at = 0;
  for (unsigned n = 0; n < nodes; n++) {
    uint64_t node_end = (uint64_t)frames * (n + 1) / nodes;
    node_end = n + 1 == nodes ? frames : node_end / BLOCK * BLOCK;
    uint64_t managed = 0;
    for (unsigned i = 0; i < OS_ZONES; i++) {
      uint64_t limit = i < OS_ZONE_NORMAL ? zone_limit[arch][i] : node_end;
      uint64_t end = i > OS_ZONE_NORMAL ? at : clamp(limit, at, node_end);
      uint64_t taken = reserved > at ? reserved - at : 0;
      if (taken > end - at) taken = end - at;
      struct os_zone *o = &z->zone[n][i];
      o->first = (uint32_t)at;
      o->end = (uint32_t)end;
      o->spanned = o->present = end - at;
      o->managed = o->free = end - at - taken;
      managed += o->managed;
      at = end;
    }
    if (managed == 0) return -1;
  }
  return 0;
}

#define EACH_ZONE(z, o)                        \
  for (unsigned n_ = 0; n_ < (z)->nodes; n_++) \
    for (const struct os_zone *(o) = (z)->zone[n_]; (o) < (z)->zone[n_] + OS_ZONES; (o)++)

uint64_t os_zones_managed(const struct os_zones *z) {
  uint64_t sum = 0;
  EACH_ZONE(z, o) sum += o->managed;
  return sum;
}

uint64_t os_zones_free(const struct os_zones *z) {
  uint64_t sum = 0;
  EACH_ZONE(z, o) sum += o->free;
  return sum;
}

/* ---- min_free_kbytes ---- */

static uint64_t isqrt(uint64_t x) {
  uint64_t r = 0;
  for (uint64_t bit = UINT64_C(1) << 31; bit != 0; bit >>= 1)
    if ((r | bit) * (r | bit) <= x) r |= bit;
  return r;
}

uint64_t os_zones_buffer_pages(const struct os_zones *z) {
  uint64_t pages = 0;
  EACH_ZONE(z, o) {
    uint64_t high = os_zone_mark(o, OS_MARK_HIGH);
    if (o->index <= OS_ZONE_NORMAL && !o->highmem && o->managed > high) pages += o->managed - high;
  }
  return pages;
}

uint64_t os_zones_min_free_kbytes(const struct os_zones *z) {
  return clamp(isqrt(os_zones_buffer_pages(z) * 4 * 16), 128, 262144);
}

uint64_t os_zones_thp_min_free_kbytes(const struct os_zones *z, uint64_t min_free_kbytes) {
  enum { PCPTYPES = 3 }; /* unmovable, movable, reclaimable */
  uint64_t zones = 0;
  EACH_ZONE(z, o) zones += o->index <= OS_ZONE_NORMAL && o->managed != 0;
  /* Two free blocks a zone, and for each kind of request one in each kind of block. */
  uint64_t pages = OS_PAGEBLOCK * zones * (2 + PCPTYPES * PCPTYPES);
  uint64_t most = os_zones_buffer_pages(z) / 20;
  if (pages > most) pages = most;
  return pages * 4 > min_free_kbytes ? pages * 4 : min_free_kbytes;
}

bool os_zones_thp_boots(const struct os_zones *z) {
  return os_zones_managed(z) >= UINT64_C(512) << 8;
}

uint64_t os_zones_boot(struct os_zones *z, uint64_t watermark_scale_factor, bool thp) {
  os_zones_set_marks(z, 0, 0);
  uint64_t kbytes = os_zones_min_free_kbytes(z);
  os_zones_set_marks(z, kbytes, watermark_scale_factor);
  if (thp && os_zones_thp_boots(z)) {
    kbytes = os_zones_thp_min_free_kbytes(z, kbytes);
    os_zones_set_marks(z, kbytes, watermark_scale_factor);
  }
  return kbytes;
}

/* ---- marks and reserves ---- */

static uint64_t mult_frac(uint64_t x, uint64_t n, uint64_t d) {
  return x / d * n + x % d * n / d;
}

void os_zones_set_marks(struct os_zones *z, uint64_t min_free_kbytes,
                        uint64_t watermark_scale_factor) {
  uint64_t pages_min = min_free_kbytes / 4;
  uint64_t lowmem = 0;
  EACH_ZONE(z, o) lowmem += o->highmem ? 0 : o->managed;
  for (unsigned n = 0; n < z->nodes; n++)
    for (unsigned i = 0; i < OS_ZONES; i++) {
      struct os_zone *o = &z->zone[n][i];
      uint64_t share = lowmem != 0 ? pages_min * o->managed / lowmem : 0;
      uint64_t min = o->highmem ? clamp(o->managed / 1024, 32, 128) : share;
      uint64_t scaled = mult_frac(o->managed, watermark_scale_factor, 10000);
      uint64_t step = share / 4 > scaled ? share / 4 : scaled;
      for (unsigned m = 0; m < OS_MARKS; m++)
        o->mark[m] = min + m * step;
      o->boost = 0;
    }
}

void os_zones_set_reserves(struct os_zones *z, const uint32_t ratio[OS_ZONES]) {
  for (unsigned n = 0; n < z->nodes; n++)
    for (unsigned i = 0; i < OS_ZONES; i++) {
      struct os_zone *o = &z->zone[n][i];
      uint64_t above = 0;
      for (unsigned j = 0; j < OS_ZONES; j++) {
        o->reserve[j] = 0;
        if (j <= i) continue;
        above += z->zone[n][j].managed;
        if (ratio[i] != 0 && o->managed != 0) o->reserve[j] = above / ratio[i];
      }
    }
}

uint64_t os_zones_totalreserve(const struct os_zones *z) {
  uint64_t sum = 0;
  EACH_ZONE(z, o) {
    uint64_t most = 0;
    for (unsigned j = o->index; j < OS_ZONES; j++)
      if (o->reserve[j] > most) most = o->reserve[j];
    most += os_zone_mark(o, OS_MARK_HIGH);
    sum += most < o->managed ? most : o->managed;
  }
  return sum;
}

uint64_t os_zones_available(const struct os_zones *z, uint64_t file, uint64_t reclaimable) {
  uint64_t low = 0;
  EACH_ZONE(z, o) low += os_zone_mark(o, OS_MARK_LOW);
  uint64_t have = os_zones_free(z);
  have += file - (file / 2 < low ? file / 2 : low);
  have += reclaimable - (reclaimable / 2 < low ? reclaimable / 2 : low);
  uint64_t kept = os_zones_totalreserve(z);
  return have > kept ? have - kept : 0;
}

bool os_zone_boost(struct os_zone *z, uint64_t watermark_boost_factor) {
  if (watermark_boost_factor == 0 || z->managed < (uint64_t)4 * OS_PAGEBLOCK) return false;
  uint64_t most = mult_frac(z->mark[OS_MARK_HIGH], watermark_boost_factor, 10000);
  if (most == 0) return false;
  if (most < OS_PAGEBLOCK) most = OS_PAGEBLOCK;
  z->boost = z->boost + OS_PAGEBLOCK < most ? z->boost + OS_PAGEBLOCK : most;
  return true;
}

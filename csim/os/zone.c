/* SPDX-License-Identifier: Apache-2.0
 * Zones, watermarks and reserves after Linux 6.1 mm/page_alloc.c (calculate_min_free_kbytes,
 * __setup_per_zone_wmarks, setup_per_zone_lowmem_reserve, __zone_watermark_ok, pgdat_balanced).
 * Integer arithmetic as there; exact to the page. */
#include "os/zone.h"

static const char *const zone_name[OS_ZONES] = {"DMA", "DMA32", "Normal", "Movable"};

/* First frame above a zone. arm64 calls everything below 4 GiB DMA; RISC-V calls it DMA32. */
static const uint64_t zone_limit[MMU_ARCH_COUNT][OS_ZONE_NORMAL] = {
    [MMU_ARCH_X86] = {UINT64_C(16) << 8, UINT64_C(4096) << 8},
    [MMU_ARCH_ARM] = {UINT64_C(4096) << 8, UINT64_C(4096) << 8},
    [MMU_ARCH_RISCV] = {0, UINT64_C(4096) << 8},
};

void os_zones_cut(struct os_zone zones[OS_ZONES], enum mmu_arch arch, uint32_t frames,
                  uint32_t reserved) {
  uint32_t at = 0;
  for (unsigned i = 0; i < OS_ZONES; i++) {
    uint64_t limit = i < OS_ZONE_NORMAL ? zone_limit[arch][i] : frames;
    uint32_t end = limit < frames ? (uint32_t)limit : frames;
    if (i == OS_ZONE_MOVABLE) end = at;
    uint32_t taken = reserved > at ? reserved - at : 0;
    if (taken > end - at) taken = end - at;
    zones[i] = (struct os_zone){
        .name = zone_name[i], .first = at, .end = end, .managed = end - at - taken};
    zones[i].free = zones[i].managed;
    zones[i].fresh = at + taken;
    at = end;
  }
}

static uint64_t isqrt(uint64_t x) {
  uint64_t r = 0;
  for (uint64_t bit = UINT64_C(1) << 31; bit != 0; bit >>= 1)
    if ((r | bit) * (r | bit) <= x) r |= bit;
  return r;
}

uint64_t os_zones_min_free_kbytes(const struct os_zone zones[OS_ZONES]) {
  uint64_t pages = 0;
  for (unsigned i = 0; i < OS_ZONES; i++)
    if (zones[i].managed > zones[i].mark[OS_MARK_HIGH])
      pages += zones[i].managed - zones[i].mark[OS_MARK_HIGH];
  uint64_t kb = isqrt(16 * (pages * 4));
  return kb < 128 ? 128 : kb > 262144 ? 262144 : kb;
}

void os_zones_set_marks(struct os_zone zones[OS_ZONES], uint64_t min_free_kbytes,
                        uint64_t watermark_scale_factor) {
  uint64_t pages_min = min_free_kbytes / 4;
  uint64_t lowmem = 0;
  for (unsigned i = 0; i < OS_ZONES; i++)
    lowmem += zones[i].managed;
  for (unsigned i = 0; i < OS_ZONES; i++) {
    struct os_zone *z = &zones[i];
    uint64_t min = lowmem != 0 ? pages_min * z->managed / lowmem : 0;
    uint64_t scaled = z->managed / 10000 * watermark_scale_factor +
                      z->managed % 10000 * watermark_scale_factor / 10000;
    uint64_t step = min / 4 > scaled ? min / 4 : scaled;
    z->mark[OS_MARK_MIN] = min;
    z->mark[OS_MARK_LOW] = min + step;
    z->mark[OS_MARK_HIGH] = min + 2 * step;
  }
}

void os_zones_set_reserves(struct os_zone zones[OS_ZONES], const uint32_t ratio[OS_ZONES]) {
  for (unsigned i = 0; i < OS_ZONES; i++) {
    uint64_t above = 0;
    for (unsigned j = 0; j < OS_ZONES; j++) {
      zones[i].reserve[j] = 0;
      if (j <= i) continue;
      above += zones[j].managed;
      if (ratio[i] != 0 && zones[i].managed != 0) zones[i].reserve[j] = above / ratio[i];
    }
  }
}

bool os_zone_ok(const struct os_zone *z, uint64_t mark, unsigned highest) {
  return z->free > mark + z->reserve[highest];
}

bool os_zones_balanced(const struct os_zone zones[OS_ZONES], unsigned highest) {
  for (unsigned i = 0; i <= highest; i++)
    if (zones[i].managed != 0 && os_zone_ok(&zones[i], zones[i].mark[OS_MARK_HIGH], highest))
      return true;
  return false;
}

/* SPDX-License-Identifier: Apache-2.0
 * Creating and ending the OS model, its counters. Promises that a bad configuration is refused with
 * one line before anything runs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/kernel.h"
#include "os/transfer.h"

static int config_error(const struct os_config *c, char *err, size_t err_len) {
  const char *what = NULL;
  if ((c->memory_bytes & 0xfff) != 0 || c->memory_bytes < UINT64_C(1) << 20)
    what = "memory must be a multiple of 4096 and at least 1 MiB";
  else if (c->memory_bytes > UINT64_C(1) << 43)
    what = "memory of more than 8 TiB is not supported";
  else if (c->reserved_bytes > c->memory_bytes / 2)
    what = "more than half of the memory is reserved";
  else if (c->swap_pages >= UINT32_MAX)
    what = "swap has 2^32 - 2 pages at most";
  else if (c->disk_pages != 0 && c->swap_pages > c->disk_pages)
    what = "swap is larger than the disk";
  else if (c->swappiness > 200)
    what = "swappiness is 0 to 200";
  else if (c->watermark_scale_factor > 3000)
    what = "watermark_scale_factor is 1 to 3000";
  else if (c->min_free_kbytes > c->memory_bytes / 1024 / 2)
    what = "min_free_kbytes is more than half of the memory";
  if (what == NULL) return 0;
  (void)snprintf(err, err_len, "%s", what);
  return -1;
}

/* Cut the zones and set their marks; refuses marks that no reclaim could ever reach. */
static int init_zones(struct os *os, char *err, size_t err_len) {
  uint32_t reserved = (uint32_t)((os->cfg.reserved_bytes + 0xfff) >> 12);
  if (reserved == 0) reserved = 1;
  (void)os_zones_cut(&os->zones, os->cfg.arch, os->frame_count, reserved, 1);
  for (unsigned i = 0; i < OS_ZONES; i++) {
    const struct os_zone *z = &os->zones.zone[0][i];
    os->list[i].fresh = z->end - (uint32_t)z->managed;
  }
  for (uint32_t i = 0; i < reserved; i++)
    os->frames[i].type = OS_FRAME_RESERVED;
  for (unsigned i = 0; i < OS_ZONES; i++)
    if (os->zones.zone[0][i].managed != 0) os->highest = i;
  if (os->cfg.min_free_kbytes == 0)
    os->cfg.min_free_kbytes = (uint32_t)os_zones_min_free_kbytes(&os->zones);
  if (os->cfg.watermark_scale_factor == 0) os->cfg.watermark_scale_factor = 10;
  os_zones_set_marks(&os->zones, os->cfg.min_free_kbytes, os->cfg.watermark_scale_factor);
  os_zones_set_reserves(&os->zones, os_lowmem_reserve_ratio);
  uint64_t managed = 0;
  uint64_t high = 0;
  for (unsigned i = 0; i < OS_ZONES; i++) {
    managed += os->zones.zone[0][i].managed;
    high += os->zones.zone[0][i].mark[OS_MARK_HIGH];
  }
  if (high <= managed / 2) return 0;
  (void)snprintf(err, err_len,
                 "min_free_kbytes and watermark_scale_factor ask for %llu of %llu pages to be kept "
                 "free (more than half); lower them or give more memory",
                 (unsigned long long)high, (unsigned long long)managed);
  return -1;
}

struct os *os_create(const struct os_config *cfg, const struct os_platform *plat, char *err,
                     size_t err_len) {
  if (config_error(cfg, err, err_len) != 0) return NULL;
  const struct os_pt_ops *pt = os_pt_find(cfg, err, err_len);
  const struct os_policy_ops *pol = pt != NULL ? os_policy_find(cfg->policy, err, err_len) : NULL;
  if (pol == NULL) return NULL;
  struct os *os = calloc(1, sizeof *os);
  if (os != NULL) {
    os->cfg = *cfg;
    os->cfg.policy = pol->name;
    if (os->cfg.cpu_hz == 0) os->cfg.cpu_hz = UINT64_C(3000000000);
    os->plat = *plat;
    os->pt = pt;
    os->pol = pol;
    os->frame_count = (uint32_t)(cfg->memory_bytes >> 12);
    os->frames = calloc(os->frame_count, sizeof *os->frames);
    os->asid_used = calloc(pt->asids, 1);
    os->file = calloc(1, sizeof *os->file);
    os->files = 1;
    os->policy = pol->create(os);
  }
  if (os == NULL || os->frames == NULL || os->asid_used == NULL || os->file == NULL ||
      os->policy == NULL || os_swap_init(os) != 0) {
    (void)snprintf(err, err_len, "out of host memory for %llu frames and %llu swap slots",
                   (unsigned long long)(cfg->memory_bytes >> 12),
                   (unsigned long long)cfg->swap_pages);
    os_destroy(os);
    return NULL;
  }
  if (init_zones(os, err, err_len) != 0) {
    os_destroy(os);
    return NULL;
  }
  os->plat.ops->spawn(os->plat.self, "kswapd0", os_kswapd, os, OS_ACCT_KSWAPD);
  return os;
}

static void free_rmap(struct os_rmap *r) {
  while (r != NULL) {
    struct os_rmap *next = r->next;
    free(r);
    r = next;
  }
}

void os_destroy(struct os *os) {
  if (os == NULL) return;
  for (unsigned i = 0; i < OS_ZONES && os->frames != NULL; i++)
    for (uint32_t pfn = os->zones.zone[0][i].first; pfn < os->list[i].fresh; pfn++)
      free_rmap(os->frames[pfn].rmap);
  free_rmap(os->rmap_pool);
  os_transfers_free(os);
  for (uint32_t i = 1; i < os->files; i++)
    free(os->file[i].page);
  free(os->file);
  free(os->swap.maps);
  free(os->swap.page);
  free(os->swap.taken);
  if (os->policy != NULL) os->pol->destroy(os->policy);
  free(os->asid_used);
  free(os->frames);
  while (os->mms != NULL) {
    struct os_mm *mm = os->mms;
    os->mms = mm->next;
    free(mm->vma);
    free(mm);
  }
  free(os);
}

size_t os_zones(const struct os *os, struct os_zone_info *out, size_t max) {
  size_t n = 0;
  for (unsigned i = 0; i < OS_ZONES && n < max; i++) {
    const struct os_zone *z = &os->zones.zone[0][i];
    if (z->managed == 0) continue;
    out[n] = (struct os_zone_info){.name = z->name,
                                   .managed = z->managed,
                                   .free = z->free,
                                   .min = z->mark[OS_MARK_MIN],
                                   .low = z->mark[OS_MARK_LOW],
                                   .high = z->mark[OS_MARK_HIGH]};
    for (unsigned j = 0; j < OS_ZONES; j++)
      out[n].protection[j] = z->reserve[j];
    n++;
  }
  return n;
}

void os_stats(const struct os *os, struct os_stats *out) {
  *out = os->st;
  out->kswapd_failures = os->rec.failures;
}

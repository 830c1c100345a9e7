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
  else if (c->nodes > OS_NODES)
    what = "there are 1 to 8 nodes";
  else if (c->sysctl != NULL && c->sysctl->overcommit_memory > 2)
    what = "overcommit_memory is 0, 1 or 2";
  else if (c->thp > OS_THP_ALWAYS)
    what = "thp is always, madvise or never";
  else if (c->thp_defrag > OS_THP_DEFRAG_NEVER)
    what = "thp_defrag is always, defer, defer+madvise, madvise or never";
  else if (c->sysctl != NULL && c->sysctl->extfrag_threshold > 1000)
    what = "extfrag_threshold is 0 to 1000";
  else if (c->fragment > 100)
    what = "fragment is a percentage";
  else if (c->khugepaged_max_ptes_none > 511)
    what = "khugepaged's max_ptes_none is 0 to 511";
  else if (c->min_free_kbytes > c->memory_bytes / 1024 / 2)
    what = "min_free_kbytes is more than half of the memory";
  if (what == NULL) return 0;
  (void)snprintf(err, err_len, "%s", what);
  return -1;
}

struct os_sysctl os_sysctl_default(void) {
  return (struct os_sysctl){.watermark_boost_factor = 15000,
                            .lowmem_reserve_ratio = {256, 256, 32, 0, 0},
                            .min_unmapped_ratio = 1,
                            .extfrag_threshold = 500,
                            .overcommit_ratio = 50,
                            .dirty_background_ratio = 10,
                            .dirty_ratio = 20,
                            .dirty_expire_centisecs = 3000,
                            .dirty_writeback_centisecs = 500};
}

/* Cut the zones and set their marks; refuses marks that no reclaim could ever reach. */
static int init_zones(struct os *os, char *err, size_t err_len) {
  struct os_zones *z = &os->zones;
  uint32_t reserved = (uint32_t)((os->cfg.reserved_bytes + 0xfff) >> 12);
  if (reserved == 0) reserved = 1;
  uint32_t pool = reserved;
  reserved += os_pt_pool_frames(os);
  if (os_zones_cut(z, os->cfg.arch, os->frame_count, reserved, os->cfg.nodes) != 0) {
    (void)snprintf(err, err_len, "%u nodes need more memory, at least 4 MiB each; give fewer nodes",
                   os->cfg.nodes);
    return -1;
  }
  for (uint32_t i = 0; i < reserved; i++)
    os->frames[i].type = OS_FRAME_RESERVED;
  os_pt_pool_init(os, pool);
  if (os->cfg.watermark_scale_factor == 0) os->cfg.watermark_scale_factor = 10;
  uint64_t by_formula =
      os_zones_boot(z, os->cfg.watermark_scale_factor, os->cfg.thp != OS_THP_NEVER);
  if (os->cfg.min_free_kbytes == 0) os->cfg.min_free_kbytes = (uint32_t)by_formula;
  os_zones_set_marks(z, os->cfg.min_free_kbytes, os->cfg.watermark_scale_factor);
  os_zones_set_reserves(z, os->sysctl.lowmem_reserve_ratio);
  uint64_t managed = os_zones_managed(z);
  uint64_t high = 0;
  for (unsigned i = 0; i < z->nodes * OS_ZONES; i++)
    high += z->zone[i / OS_ZONES][i % OS_ZONES].mark[OS_MARK_HIGH];
  if (high <= managed / 2) return 0;
  (void)snprintf(err, err_len,
                 "min_free_kbytes and watermark_scale_factor ask for %llu of %llu pages to be kept "
                 "free (more than half); lower them or give more memory",
                 (unsigned long long)high, (unsigned long long)managed);
  return -1;
}

static bool create_nodes(struct os *os) {
  os->buddy = os_buddy_create(os->frames, os->frame_count, &os->zones);
  if (os->buddy == NULL) return false;
  os_buddy_set_boost_factor(os->buddy, os->sysctl.watermark_boost_factor);
  os->pcps = os_pcps_create(os->buddy, os->frames, &os->zones, os_cpus(os));
  if (os->pcps == NULL) return false;
  for (unsigned n = 0; n < os->zones.nodes; n++) {
    os->node[n] = (struct os_node){.os = os, .id = n, .highest = OS_ZONES};
    os->node[n].policy = os->pol->create(os, n);
    if (os->node[n].policy == NULL) return false;
  }
  if (os->cfg.dma_pools) os_dma_pools(os);
  os_fragment(os, os->cfg.fragment);
  os_hugetlb_init(os, os->cfg.nr_hugepages);
  os_commit_init(os);
  os_writeback_init(os);
  return true;
}

static bool create_tables(struct os *os) {
  os->frame_count = (uint32_t)(os->cfg.memory_bytes >> 12);
  os->frames = calloc(os->frame_count, sizeof *os->frames);
  os->by_asid = calloc(os->pt->asids, sizeof(struct os_mm *));
  os->file = calloc(1, sizeof *os->file);
  os->files = 1;
  return os->frames != NULL && os->by_asid != NULL && os->file != NULL && os_swap_init(os) == 0;
}

struct os *os_create(const struct os_config *cfg, const struct os_platform *plat, char *err,
                     size_t err_len) {
  if (config_error(cfg, err, err_len) != 0) return NULL;
  const struct os_pt_ops *pt = os_pt_find(cfg, err, err_len);
  const struct os_policy_ops *pol = pt != NULL ? os_policy_find(cfg->policy, err, err_len) : NULL;
  if (pol == NULL) return NULL;
  if (cfg->lru_gen_min_ttl_ms != 0 && pol != &os_policy_mglru) {
    (void)snprintf(err, err_len, "lru_gen_min_ttl_ms is for policy mglru; set it to 0 with %s",
                   pol->name);
    return NULL;
  }
  struct os *os = calloc(1, sizeof *os);
  bool ok = os != NULL;
  if (ok) {
    os->cfg = *cfg;
    os->cfg.policy = pol->name;
    os->sysctl = cfg->sysctl != NULL ? *cfg->sysctl : os_sysctl_default();
    if (os->cfg.nodes == 0) os->cfg.nodes = 1;
    if (os->cfg.khugepaged_pages_to_scan == 0) os->cfg.khugepaged_pages_to_scan = 4096;
    if (os->cfg.khugepaged_scan_sleep_ms == 0) os->cfg.khugepaged_scan_sleep_ms = 10000;
    if (os->cfg.cpu_hz == 0) os->cfg.cpu_hz = UINT64_C(3000000000);
    os->plat = *plat;
    os->last_task = &os->tasks;
    os->pt = pt;
    os->pol = pol;
    ok = create_tables(os);
    if (ok && init_zones(os, err, err_len) != 0) {
      os_destroy(os);
      return NULL;
    }
    ok = ok && create_nodes(os);
  }
  if (!ok) {
    (void)snprintf(err, err_len, "out of host memory for %llu frames and %llu swap slots",
                   (unsigned long long)(cfg->memory_bytes >> 12),
                   (unsigned long long)cfg->swap_pages);
    os_destroy(os);
    return NULL;
  }
  static const char *const names[OS_NODES] = {"kswapd0", "kswapd1", "kswapd2", "kswapd3",
                                              "kswapd4", "kswapd5", "kswapd6", "kswapd7"};
  if (os->cfg.zero_page) {
    os->zero = (uint32_t)((os->cfg.reserved_bytes + 0xfff) >> 12);
    os->zero = os->zero > 1 ? os->zero - 1 : 0; /* the last page of the kernel image */
    if (os->zero != OS_NO_FRAME) os->frames[os->zero].refs = 1;
    if (os->zero != OS_NO_FRAME) os->plat.ops->frame_zero(os->plat.self, os->zero);
  }
  for (unsigned n = 0; n < os->zones.nodes; n++)
    os->plat.ops->spawn(os->plat.self, names[n], os_kswapd, &os->node[n], OS_ACCT_KSWAPD);
  os->plat.ops->spawn(os->plat.self, "flusher", os_flusher, os, OS_ACCT_WRITEBACK);
  if (os->cfg.thp != OS_THP_NEVER)
    os->plat.ops->spawn(os->plat.self, "khugepaged", os_khugepaged, os, OS_ACCT_KHUGEPAGED);
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
  for (uint32_t pfn = 0; pfn < os->touched; pfn++)
    if (os->frames[pfn].mapcount > 1) free_rmap(os->frames[pfn].rmap);
  free_rmap(os->rmap_pool);
  os_transfers_free(os);
  for (uint32_t i = 1; i < os->files; i++) {
    free(os->file[i].page);
    free(os->file[i].dirty);
  }
  free(os->file);
  free(os->swap.maps);
  free(os->swap.page);
  free(os->swap.taken);
  for (unsigned n = 0; n < OS_NODES; n++)
    if (os->node[n].policy != NULL) os->pol->destroy(os->node[n].policy);
  os_pcps_destroy(os->pcps);
  os_buddy_destroy(os->buddy);
  free(os->by_asid);
  free(os->frames);
  free(os->oom.log);
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
  for (unsigned i = 0; i < os->zones.nodes * OS_ZONES && n < max; i++) {
    const struct os_zone *z = &os->zones.zone[i / OS_ZONES][i % OS_ZONES];
    if (z->managed == 0) continue;
    out[n] = (struct os_zone_info){.name = z->name,
                                   .node = z->node,
                                   .managed = z->managed,
                                   .free = z->free,
                                   .min = os_zone_mark(z, OS_MARK_MIN),
                                   .low = os_zone_mark(z, OS_MARK_LOW),
                                   .high = os_zone_mark(z, OS_MARK_HIGH),
                                   .kept = z->reserve[OS_ZONE_NORMAL]};
    for (unsigned j = 0; j < OS_ZONES; j++)
      out[n].protection[j] = z->reserve[j];
    n++;
  }
  return n;
}

void os_stats(const struct os *os, struct os_stats *out) {
  struct os_buddy_counts b;
  *out = os->st;
  os_buddy_counts(os->buddy, &b);
  out->extfrag = b.fallbacks;
  out->given = b.given;
  out->hugepages_total = os->hugetlb.total;
  out->hugepages_free = os->hugetlb.free;
  out->hugepages_rsvd = os->hugetlb.reserved;
  out->committed = os->commit.pages;
  for (unsigned n = 0; n < os->zones.nodes && os->pol->stats != NULL; n++)
    os->pol->stats(os->node[n].policy, out);
  out->nr_dirty = os->wb.dirty;
  out->nr_writeback = os->wb.writeback;
  for (unsigned n = 0; n < os->zones.nodes; n++)
    if (os->node[n].failures > out->kswapd_failures) out->kswapd_failures = os->node[n].failures;
}

/* SPDX-License-Identifier: Apache-2.0
 * /proc after Linux 6.1 fs/proc/meminfo.c and mm/vmstat.c. Policies other than Linux's two have no
 * active lists, so all their pages count as inactive. */
#include "os/proc.h"

#include <inttypes.h>
#include <string.h>

#include "os/kernel.h"
#include "os/proc_zoneinfo.h"

static struct os_use machine_use(const struct os *os) {
  struct os_use sum = {0};
  for (unsigned n = 0; n < os->zones.nodes; n++) {
    struct os_use u = os_node_use(&os->node[n]);
    sum.anon += u.anon;
    sum.file += u.file;
    sum.table += u.table;
    sum.shmem += u.shmem;
    sum.anon_mapped += u.anon_mapped;
    sum.fixed += u.fixed;
    sum.mlocked += u.mlocked;
    sum.mapped += u.mapped;
    sum.dirty += u.dirty;
    sum.writeback += u.writeback;
  }
  return sum;
}

static struct os_lists machine_lists(const struct os *os) {
  struct os_lists sum = {{0}};
  for (unsigned n = 0; n < os->zones.nodes; n++) {
    struct os_lists of = os_node_lists(&os->node[n]);
    for (unsigned i = 0; i < OS_LISTS; i++)
      sum.pages[i] += of.pages[i];
  }
  return sum;
}

/* Anon pages in the swap cache. */
static uint64_t swap_cached(const struct os *os) {
  uint64_t n = 0;
  for (uint32_t s = 0; s < os->swap.slots; s++)
    n += os->swap.taken[s] && os_entry_pfn(os->swap.page[s]) != OS_NO_FRAME;
  return n;
}

static void print_meminfo(const struct os *os, FILE *out) {
  struct os_use u = machine_use(os);
  const struct os_lists lists = machine_lists(os);
  const uint64_t *l = lists.pages;
  const uint64_t all_file = l[OS_INACTIVE_FILE] + l[OS_ACTIVE_FILE];
  const struct {
    const char *name;
    uint64_t pages;
  } row[] = {{"MemTotal", os_zones_managed(&os->zones)},
             {"MemFree", os_zones_free(&os->zones)},
             {"MemAvailable", os_zones_available(&os->zones, all_file, 0)},
             {"Buffers", 0},
             {"Cached", u.file + u.shmem},
             {"SwapCached", swap_cached(os)},
             {"Active", l[OS_ACTIVE_ANON] + l[OS_ACTIVE_FILE]},
             {"Inactive", l[OS_INACTIVE_ANON] + l[OS_INACTIVE_FILE]},
             {"Active(anon)", l[OS_ACTIVE_ANON]},
             {"Inactive(anon)", l[OS_INACTIVE_ANON]},
             {"Active(file)", l[OS_ACTIVE_FILE]},
             {"Inactive(file)", l[OS_INACTIVE_FILE]},
             {"Unevictable", u.mlocked},
             {"Mlocked", u.mlocked},
             {"SwapTotal", os->swap.slots},
             {"SwapFree", os->swap.slots - os->swap.used},
             {"Dirty", u.dirty},
             {"Writeback", u.writeback},
             {"AnonPages", u.anon_mapped},
             {"Mapped", u.mapped},
             {"Shmem", u.shmem},
             {"KReclaimable", 0},
             {"Slab", u.fixed - os->hugetlb.total * OS_HUGE_PAGES},
             {"SReclaimable", 0},
             {"SUnreclaim", u.fixed - os->hugetlb.total * OS_HUGE_PAGES},
             {"KernelStack", 0},
             {"PageTables", os->st.nr_page_table_pages},
             {"CommitLimit", os_commit_limit(os)},
             {"Committed_AS", os->commit.pages},
             {"AnonHugePages", os->st.nr_anon_thps * OS_HUGE_PAGES}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    char name[24];
    (void)snprintf(name, sizeof name, "%s:", row[i].name);
    fprintf(out, "%-16s%8" PRIu64 " kB\n", name, row[i].pages * 4);
  }
  const struct os_hugetlb *h = &os->hugetlb;
  fprintf(out, "HugePages_Total:   %5" PRIu64 "\n", h->total);
  fprintf(out, "HugePages_Free:    %5" PRIu64 "\n", h->free);
  fprintf(out, "HugePages_Rsvd:    %5" PRIu64 "\n", h->reserved);
  fprintf(out, "HugePages_Surp:    %5u\n", 0U);
  fprintf(out, "Hugepagesize:       2048 kB\n");
  fprintf(out, "Hugetlb:        %8" PRIu64 " kB\n", h->total * 2048);
}

/* TEXTS_FOR_ZONES */
static void by_zone(FILE *out, const char *name, const uint64_t count[OS_ZONES]) {
  static const char *const zone[OS_ZONES] = {"dma", "dma32", "normal", "movable", "device"};
  for (unsigned i = 0; i < OS_ZONES; i++)
    fprintf(out, "%s_%s %" PRIu64 "\n", name, zone[i], count[i]);
}

static void print_vmstat(const struct os *os, FILE *out) {
  struct os_stats s;
  struct os_use u = machine_use(os);
  struct os_dirty_limits l = os_dirty_limits_now(os);
  const struct os_lists lists = machine_lists(os);
  os_stats(os, &s);
  const struct {
    const char *name;
    uint64_t value;
  } row[] = {{"nr_free_pages", os_zones_free(&os->zones)},
             {"nr_inactive_anon", lists.pages[OS_INACTIVE_ANON]},
             {"nr_active_anon", lists.pages[OS_ACTIVE_ANON]},
             {"nr_inactive_file", lists.pages[OS_INACTIVE_FILE]},
             {"nr_active_file", lists.pages[OS_ACTIVE_FILE]},
             {"workingset_refault_anon", s.workingset_refault_anon},
             {"workingset_refault_file", s.workingset_refault_file},
             {"workingset_activate_anon", s.workingset_activate_anon},
             {"workingset_activate_file", s.workingset_activate_file},
             {"workingset_restore_anon", s.workingset_restore_anon},
             {"workingset_restore_file", s.workingset_restore_file},
             {"nr_unevictable", u.mlocked},
             {"nr_mlock", u.mlocked},
             {"nr_anon_pages", u.anon_mapped},
             {"nr_mapped", u.mapped},
             {"nr_file_pages", u.file + u.shmem},
             {"nr_dirty", u.dirty},
             {"nr_writeback", u.writeback},
             {"nr_shmem", u.shmem},
             {"nr_vmscan_immediate_reclaim", s.nr_vmscan_immediate_reclaim},
             {"nr_dirtied", s.nr_dirtied},
             {"nr_written", os->wb.written},
             {"nr_page_table_pages", os->st.nr_page_table_pages},
             {"nr_dirty_threshold", l.limit},
             {"nr_dirty_background_threshold", l.background},
             {"pgpgin", s.pgpgin},
             {"pgpgout", s.pgpgout},
             {"pswpin", s.pswpin},
             {"pswpout", s.pswpout},
             {"pgfree", s.pgfree},
             {"pgactivate", s.pgactivate},
             {"pgdeactivate", s.pgdeactivate},
             {"pgfault", s.pgfault},
             {"pgmajfault", s.pgmajfault},
             {"pgrefill", s.pgrefill},
             {"pgsteal_kswapd", s.pgsteal_kswapd},
             {"pgsteal_direct", s.pgsteal_direct},
             {"pgscan_kswapd", s.pgscan_kswapd},
             {"pgscan_direct", s.pgscan_direct},
             {"pgscan_direct_throttle", s.pgscan_direct_throttle},
             {"pgscan_anon", s.pgscan_anon},
             {"pgscan_file", s.pgscan_file},
             {"pgsteal_anon", s.pgsteal_anon},
             {"pgsteal_file", s.pgsteal_file},
             {"zone_reclaim_success", s.zone_reclaim_success},
             {"zone_reclaim_failed", s.zone_reclaim_failed},
             {"kswapd_low_wmark_hit_quickly", s.kswapd_low_wmark_hit_quickly},
             {"kswapd_high_wmark_hit_quickly", s.kswapd_high_wmark_hit_quickly},
             {"pageoutrun", s.pageoutrun},
             {"pgrotated", s.pgrotated},
             {"oom_kill", s.oom_kill},
             {"pgmigrate_success", s.pgmigrate_success},
             {"pgmigrate_fail", s.pgmigrate_fail},
             {"compact_migrate_scanned", s.compact_migrate_scanned},
             {"compact_free_scanned", s.compact_free_scanned},
             {"compact_isolated", s.compact_isolated},
             {"compact_stall", s.compact_stall},
             {"compact_fail", s.compact_fail},
             {"compact_success", s.compact_success},
             {"compact_daemon_wake", s.compact_daemon_wake},
             {"compact_daemon_migrate_scanned", s.compact_daemon_migrate_scanned},
             {"compact_daemon_free_scanned", s.compact_daemon_free_scanned},
             {"nr_anon_transparent_hugepages", s.nr_anon_thps},
             {"thp_fault_alloc", s.thp_fault_alloc},
             {"thp_fault_fallback", s.thp_fault_fallback},
             {"thp_collapse_alloc", s.thp_collapse_alloc},
             {"thp_collapse_alloc_failed", s.thp_collapse_alloc_failed},
             {"thp_split_page", s.thp_split_page},
             {"thp_split_page_failed", s.thp_split_page_failed},
             {"thp_deferred_split_page", s.thp_deferred_split_page},
             {"thp_split_pmd", s.thp_split_pmd},
             {"thp_swpout_fallback", s.thp_swpout_fallback}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    fprintf(out, "%s %" PRIu64 "\n", row[i].name, row[i].value);
    if (strcmp(row[i].name, "pswpout") != 0) continue;
    by_zone(out, "pgalloc", os->rec.pgalloc);
    by_zone(out, "allocstall", os->rec.allocstall);
  }
}

/* ---- zoneinfo ---- */

static uint64_t pcp_count(const void *arg, const struct os_zone *z, unsigned cpu) {
  return os_pcp_count(((const struct os *)arg)->pcps, z, cpu);
}

static unsigned pcp_sharers(const void *arg, const struct os_zone *z) {
  return os_pcps_sharers(((const struct os *)arg)->pcps, z->node);
}

static void line(FILE *out, const char *name, uint64_t value) {
  fprintf(out, "      %-12s %" PRIu64 "\n", name, value);
}

static void list_lines(FILE *out, const char *prefix, const struct os_lists *l) {
  static const char *const names[OS_LISTS] = {"inactive_anon", "active_anon", "inactive_file",
                                              "active_file"};
  for (unsigned i = 0; i < OS_LISTS; i++) {
    char name[32];
    (void)snprintf(name, sizeof name, "%s%s", prefix, names[i]);
    line(out, name, l->pages[i]);
  }
}

static void node_lines(FILE *out, const void *arg, unsigned node) {
  const struct os_node *n = &((const struct os *)arg)->node[node];
  struct os_use u = os_node_use(n);
  struct os_lists l = os_node_lists(n);
  list_lines(out, "nr_", &l);
  line(out, "nr_anon_pages", u.anon_mapped);
  line(out, "nr_mapped", u.mapped);
  line(out, "nr_file_pages", u.file + u.shmem);
  line(out, "nr_dirty", u.dirty);
  line(out, "nr_writeback", u.writeback);
  line(out, "nr_shmem", u.shmem);
}

static void zone_lines(FILE *out, const void *arg, const struct os_zone *z) {
  const struct os_node *n = &((const struct os *)arg)->node[z->node];
  struct os_lists l = os_zone_lists(n, z->index);
  list_lines(out, "nr_zone_", &l);
  line(out, "nr_zone_write_pending", n->use[z->index].dirty + n->use[z->index].writeback);
}

static void print_zoneinfo(const struct os *os, FILE *out) {
  const struct os_zoneinfo more = {.arg = os,
                                   .cpus = os_cpus(os),
                                   .pcp_count = pcp_count,
                                   .sharers = pcp_sharers,
                                   .node_lines = node_lines,
                                   .zone_lines = zone_lines};
  os_zoneinfo_print(out, &os->zones, &more);
}

/* ---- free blocks ---- */

typedef void row_fn(const struct os_zone *z, unsigned order, FILE *out);

static void blocks(const struct os_zone *z, unsigned order, FILE *out) {
  fprintf(out, "%6" PRIu64 " ", z->blocks[order]);
}

static void thousandths(int index, FILE *out) {
  fprintf(out, "%s%d.%03d ", index < 0 ? "-" : "", (index < 0 ? -index : index) / 1000,
          (index < 0 ? -index : index) % 1000);
}

static void fragmentation(const struct os_zone *z, unsigned order, FILE *out) {
  thousandths(os_zone_fragmentation_index(z, order), out);
}

static void unusable(const struct os_zone *z, unsigned order, FILE *out) {
  thousandths(os_zone_unusable_index(z, order), out);
}

static void each_zone(const struct os *os, FILE *out, row_fn *fn) {
  for (unsigned i = 0; i < os->zones.nodes * OS_ZONES; i++) {
    const struct os_zone *z = &os->zones.zone[i / OS_ZONES][i % OS_ZONES];
    if (!os_zone_populated(z)) continue;
    fprintf(out, "Node %u, zone %8s ", z->node, z->name);
    for (unsigned o = 0; o < OS_ORDERS; o++)
      fn(z, o, out);
    fprintf(out, "\n");
  }
}

static void print_buddyinfo(const struct os *os, FILE *out) {
  each_zone(os, out, blocks);
}

static void print_extfrag(const struct os *os, FILE *out) {
  fprintf(out, "extfrag_index\n");
  each_zone(os, out, fragmentation);
  fprintf(out, "unusable_index\n");
  each_zone(os, out, unusable);
}

static const struct {
  const char *name;
  void (*print)(const struct os *os, FILE *out);
} file[] = {{"meminfo", print_meminfo},   {"vmstat", print_vmstat},
            {"zoneinfo", print_zoneinfo}, {"buddyinfo", print_buddyinfo},
            {"extfrag", print_extfrag},   {"dmesg", os_oom_print_log}};

const char *os_proc_name(size_t index) {
  return index < sizeof file / sizeof file[0] ? file[index].name : NULL;
}

void os_proc_print(const struct os *os, size_t index, FILE *out) {
  file[index].print(os, out);
}

// SPDX-License-Identifier: Apache-2.0
// The table of named numbers. Names follow the field where it has one (perf's TLB events, Linux's
// vmstat) and are explained in docs/result-json.md.
// Promises: names are unique and never change meaning.
#include "observer/metric.h"

#include <string.h>

#include "machine/machine.h"

struct row {
  struct metric metric;
  size_t offset, second; /* of uint64_t in struct machine_results; second 0: none */
};

#define AT(field) offsetof(struct machine_results, field)

static const struct row rows[] = {
    {{"accesses", "accesses retired", METRIC_PROGRAM}, AT(accesses), 0},
    {{"instructions", "instructions", METRIC_PROGRAM}, AT(instructions), 0},
    {{"page_crossings", "page crossings", METRIC_PROGRAM}, AT(page_crossings), 0},
    {{"squashed", "squashed and redone", METRIC_PROGRAM}, AT(squashed), 0},
    {{"syscalls", "system calls", METRIC_PROGRAM}, AT(syscalls), 0},
    {{"failed_syscalls", NULL, METRIC_PROGRAM}, AT(failed_syscalls), 0},
    {{"context_switches", "context switches", METRIC_PROGRAM}, AT(context_switches), 0},
    {{"queries", "queries", METRIC_PROGRAM}, AT(queries.count), 0},
    {{"query_cycles", NULL, METRIC_PROGRAM}, AT(queries.cycles), 0},
    {{"query_p50", "... cycles, median", METRIC_PROGRAM}, AT(queries.p50), 0},
    {{"query_p99", "... 99th percentile", METRIC_PROGRAM}, AT(queries.p99), 0},
    {{"query_max", "... the longest", METRIC_PROGRAM}, AT(queries.max), 0},
    {{"l1_hits", "L1 TLB hits", METRIC_MMU}, AT(backend.hits), 0},
    {{"l1_misses", "L1 TLB misses", METRIC_MMU}, AT(backend.misses), 0},
    {{"l2_hits", "L2 TLB hits", METRIC_MMU}, AT(backend.l2_hits), 0},
    {{"l2_misses", "L2 TLB misses", METRIC_MMU}, AT(backend.l2_misses), 0},
    {{"walks", "walks", METRIC_MMU}, AT(backend.walks), 0},
    {{"walk_reads", "table reads", METRIC_MMU}, AT(backend.walk_reads), 0},
    {{"walk_cache_hits", "walk-cache hits", METRIC_MMU}, AT(backend.pwc_hits), 0},
    {{"s2_reads", NULL, METRIC_MMU}, AT(backend.s2_reads), 0},
    {{"nested_hits", NULL, METRIC_MMU}, AT(backend.nested_hits), 0},
    {{"merges", "merged misses", METRIC_MMU}, AT(backend.merges), 0},
    {{"a_updates", "A updates", METRIC_MMU}, AT(backend.cas_a), 0},
    {{"d_updates", "D updates", METRIC_MMU}, AT(backend.cas_d), 0},
    {{"lost_swaps", "lost compare-and-swaps", METRIC_MMU}, AT(backend.cas_lost), 0},
    {{"faults", "faults answered", METRIC_MMU}, AT(backend.faults), 0},
    {{"retries", NULL, METRIC_MMU}, AT(backend.retries), 0},
    {{"invalidations", "invalidations", METRIC_MMU}, AT(backend.invals), 0},
    {{"walk_restarts", NULL, METRIC_MMU}, AT(backend.restarts), 0},
    {{"overlaps", NULL, METRIC_MMU}, AT(backend.overlaps), 0},
    {{"cycles_clocked", "cycles clocked in hardware", METRIC_MMU}, AT(backend.cycles_clocked), 0},
    {{"shootdowns", "shootdowns", METRIC_SHOOTDOWN}, AT(shootdown.shootdowns), 0},
    {{"shootdown_operations", NULL, METRIC_SHOOTDOWN}, AT(shootdown.operations), 0},
    {{"shootdowns_remote", "... that reached another CPU", METRIC_SHOOTDOWN},
     AT(shootdown.remote),
     0},
    {{"ipis", "... interrupts sent", METRIC_SHOOTDOWN}, AT(shootdown.ipis), 0},
    {{"ipis_avoided", "... interrupts avoided", METRIC_SHOOTDOWN}, AT(shootdown.ipis_avoided), 0},
    {{"broadcasts", "... operations broadcast", METRIC_SHOOTDOWN}, AT(shootdown.broadcasts), 0},
    {{"remote_invalidations", "... done by other MMUs", METRIC_SHOOTDOWN},
     AT(shootdown.remote_ops),
     0},
    {{"deferred_flushes", "... put off to a switch", METRIC_SHOOTDOWN}, AT(shootdown.deferred), 0},
    {{"shootdown_cycles", "... cycles of the initiators", METRIC_SHOOTDOWN},
     AT(shootdown.initiator),
     0},
    {{"shootdown_cycles_max", "... of the longest", METRIC_SHOOTDOWN},
     AT(shootdown.initiator_max),
     0},
    {{"shootdown_wait_cycles", "... of them waiting", METRIC_SHOOTDOWN}, AT(shootdown.waited), 0},
    {{"stolen_cycles", "... cycles of the targets", METRIC_SHOOTDOWN}, AT(shootdown.stolen), 0},
    {{"shootdown_cycles_a", "... cycles for cleared A bits", METRIC_SHOOTDOWN},
     AT(shootdown.for_a),
     0},
    {{"invalidation_cycles", "... cycles in the MMUs", METRIC_SHOOTDOWN},
     AT(shootdown.hardware),
     0},
    {{"page_faults", "page faults", METRIC_OS}, AT(os.pgfault), 0},
    {{"major_faults", "major faults", METRIC_OS}, AT(os.pgmajfault), 0},
    {{"cow_faults", NULL, METRIC_OS}, AT(os.cow), 0},
    {{"a_faults", "faults to set A", METRIC_OS}, AT(os.a_faults), 0},
    {{"d_faults", "faults to set D", METRIC_OS}, AT(os.d_faults), 0},
    {{"kswapd_wakeups", "kswapd wake-ups", METRIC_OS}, AT(os.kswapd_wakeups), 0},
    {{"kswapd_scanned", NULL, METRIC_OS}, AT(os.pgscan_kswapd), 0},
    {{"kswapd_reclaimed", "reclaimed by kswapd", METRIC_OS}, AT(os.pgsteal_kswapd), 0},
    {{"kswapd_runs", NULL, METRIC_OS}, AT(os.pageoutrun), 0},
    {{"kswapd_low_quickly", NULL, METRIC_OS}, AT(os.kswapd_low_wmark_hit_quickly), 0},
    {{"kswapd_high_quickly", NULL, METRIC_OS}, AT(os.kswapd_high_wmark_hit_quickly), 0},
    {{"node_reclaims", NULL, METRIC_OS}, AT(os.zone_reclaim_success), AT(os.zone_reclaim_failed)},
    {{"writer_pauses", NULL, METRIC_OS}, AT(os.balance_dirty_pauses), 0},
    {{"fallbacks", NULL, METRIC_OS}, AT(os.extfrag), 0},
    {{"direct_throttles", NULL, METRIC_OS}, AT(os.pgscan_direct_throttle), 0},
    {{"direct_stalls", "direct reclaims", METRIC_OS}, AT(os.allocstall), 0},
    {{"direct_scanned", NULL, METRIC_OS}, AT(os.pgscan_direct), 0},
    {{"direct_reclaimed", "reclaimed directly", METRIC_OS}, AT(os.pgsteal_direct), 0},
    {{"swap_ins", "swap-ins", METRIC_OS}, AT(os.pswpin), 0},
    {{"swap_outs", "swap-outs", METRIC_OS}, AT(os.pswpout), 0},
    {{"refaults", "refaults", METRIC_OS},
     AT(os.workingset_refault_anon),
     AT(os.workingset_refault_file)},
    {{"refaults_anon", NULL, METRIC_OS}, AT(os.workingset_refault_anon), 0},
    {{"refaults_file", NULL, METRIC_OS}, AT(os.workingset_refault_file), 0},
    {{"pgscan_anon", NULL, METRIC_OS}, AT(os.pgscan_anon), 0},
    {{"pgscan_file", NULL, METRIC_OS}, AT(os.pgscan_file), 0},
    {{"pgsteal_anon", NULL, METRIC_OS}, AT(os.pgsteal_anon), 0},
    {{"pgsteal_file", NULL, METRIC_OS}, AT(os.pgsteal_file), 0},
    {{"pgactivate", NULL, METRIC_OS}, AT(os.pgactivate), 0},
    {{"pgdeactivate", NULL, METRIC_OS}, AT(os.pgdeactivate), 0},
    {{"pgrefill", NULL, METRIC_OS}, AT(os.pgrefill), 0},
    {{"pgrotated", NULL, METRIC_OS}, AT(os.pgrotated), 0},
    {{"workingset_activate_anon", NULL, METRIC_OS}, AT(os.workingset_activate_anon), 0},
    {{"workingset_activate_file", NULL, METRIC_OS}, AT(os.workingset_activate_file), 0},
    {{"workingset_restore_anon", NULL, METRIC_OS}, AT(os.workingset_restore_anon), 0},
    {{"workingset_restore_file", NULL, METRIC_OS}, AT(os.workingset_restore_file), 0},
    {{"a_cleared", "A bits cleared by the OS", METRIC_OS}, AT(os.a_cleared), 0},
    {{"d_cleared", NULL, METRIC_OS}, AT(os.d_cleared), 0},
    {{"dirty_written", NULL, METRIC_OS}, AT(os.nr_dirty_written), 0},
    {{"table_pages", NULL, METRIC_OS}, AT(os.nr_page_table_pages), 0},
    {{"table_pages_max", "page-table pages at most", METRIC_OS}, AT(os.page_table_pages_max), 0},
    {{"huge_pages_max", NULL, METRIC_OS}, AT(os.anon_thps_max), 0},
    {{"thp_fault_alloc", "huge pages by faults", METRIC_OS}, AT(os.thp_fault_alloc), 0},
    {{"thp_fault_fallback", NULL, METRIC_OS}, AT(os.thp_fault_fallback), 0},
    {{"thp_collapse_alloc", "huge pages by khugepaged", METRIC_OS}, AT(os.thp_collapse_alloc), 0},
    {{"thp_collapse_alloc_failed", NULL, METRIC_OS}, AT(os.thp_collapse_alloc_failed), 0},
    {{"thp_split_pmd", NULL, METRIC_OS}, AT(os.thp_split_pmd), 0},
    {{"thp_split_page", "huge pages split", METRIC_OS}, AT(os.thp_split_page), 0},
    {{"thp_split_page_failed", NULL, METRIC_OS}, AT(os.thp_split_page_failed), 0},
    {{"thp_deferred_split_page", NULL, METRIC_OS}, AT(os.thp_deferred_split_page), 0},
    {{"thp_swpout_fallback", NULL, METRIC_OS}, AT(os.thp_swpout_fallback), 0},
    {{"compact_stall", "compactions by tasks", METRIC_OS}, AT(os.compact_stall), 0},
    {{"compact_success", NULL, METRIC_OS}, AT(os.compact_success), 0},
    {{"compact_fail", NULL, METRIC_OS}, AT(os.compact_fail), 0},
    {{"compact_daemon_wake", NULL, METRIC_OS}, AT(os.compact_daemon_wake), 0},
    {{"compact_migrate_scanned", NULL, METRIC_OS}, AT(os.compact_migrate_scanned), 0},
    {{"compact_free_scanned", NULL, METRIC_OS}, AT(os.compact_free_scanned), 0},
    {{"pgmigrate_success", "pages moved", METRIC_OS}, AT(os.pgmigrate_success), 0},
    {{"pgmigrate_fail", NULL, METRIC_OS}, AT(os.pgmigrate_fail), 0},
    {{"tables_reclaimed", NULL, METRIC_OS}, AT(os.pt_reclaimed), 0},
    {{"oom_kills", NULL, METRIC_OS}, AT(os.oom_kill), 0},
    {{"forks", NULL, METRIC_OS}, AT(os.forks), 0},
    {{"execs", NULL, METRIC_OS}, AT(os.execs), 0},
    {{"mkwrite_faults", NULL, METRIC_OS}, AT(os.mkwrite), 0},
    {{"shmem_pages_max", NULL, METRIC_OS}, AT(os.shmem_max), 0},
    {{"cow_reused", NULL, METRIC_OS}, AT(os.cow_reused), 0},
    {{"panics", NULL, METRIC_OS}, AT(os.panics), 0},
    {{"disk_reads", "disk reads", METRIC_DISK}, AT(disk_reads), 0},
    {{"disk_writes", "disk writes", METRIC_DISK}, AT(disk_writes), 0},
    {{"disk_busy_cycles", NULL, METRIC_DISK}, AT(disk_busy_cycles), 0},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

size_t metric_count(void) {
  return ROWS;
}

const struct metric *metric_at(size_t index) {
  return &rows[index].metric;
}

size_t metric_find(const char *name) {
  size_t i = 0;
  while (i < ROWS && strcmp(rows[i].metric.name, name) != 0)
    i++;
  return i;
}

static uint64_t read_at(const struct machine_results *r, size_t offset) {
  uint64_t v;
  memcpy(&v, (const char *)r + offset, sizeof v);
  return v;
}

uint64_t metric_value(const struct machine_results *r, size_t index) {
  uint64_t v = read_at(r, rows[index].offset);
  return rows[index].second != 0 ? v + read_at(r, rows[index].second) : v;
}

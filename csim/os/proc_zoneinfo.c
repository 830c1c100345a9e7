/* SPDX-License-Identifier: Apache-2.0
 * The text of /proc/zoneinfo: names, order and indentation as Linux 6.1 mm/vmstat.c prints them. */
#include "os/proc_zoneinfo.h"

#include <inttypes.h>

static void print_pagesets(FILE *out, const struct os_zone *z, const struct os_zoneinfo *m) {
  fprintf(out, "  pagesets\n");
  for (unsigned cpu = 0; cpu < m->cpus; cpu++) {
    uint64_t count = m->pcp_count != NULL ? m->pcp_count(m->arg, z, cpu) : 0;
    fprintf(out,
            "    cpu: %u\n              count: %" PRIu64 "\n              high:  %" PRIu64
            "\n              batch: %" PRIu64 "\n  vm stats threshold: %" PRIu64 "\n",
            cpu, count, os_zone_pcp_high(z, m->sharers != NULL ? m->sharers(m->arg, z) : m->cpus),
            os_zone_pcp_batch(z), os_zone_stat_threshold(z, m->cpus));
  }
}

static void print_zone(FILE *out, const struct os_zone *z, bool first,
                       const struct os_zoneinfo *m) {
  fprintf(out, "Node %u, zone %8s\n", z->node, z->name);
  if (first && m->node_lines != NULL) {
    fprintf(out, "  per-node stats\n");
    m->node_lines(out, m->arg, z->node);
  }
  fprintf(out,
          "  pages free     %" PRIu64 "\n        boost    %" PRIu64 "\n        min      %" PRIu64
          "\n        low      %" PRIu64 "\n        high     %" PRIu64 "\n        spanned  %" PRIu64
          "\n        present  %" PRIu64 "\n        managed  %" PRIu64 "\n        cma      0\n",
          z->free, z->boost, os_zone_mark(z, OS_MARK_MIN), os_zone_mark(z, OS_MARK_LOW),
          os_zone_mark(z, OS_MARK_HIGH), z->spanned, z->present, z->managed);
  fprintf(out, "        protection: (%" PRIu64, z->reserve[0]);
  for (unsigned j = 1; j < OS_ZONES; j++)
    fprintf(out, ", %" PRIu64, z->reserve[j]);
  fprintf(out, ")\n");
  if (!os_zone_populated(z)) return;
  fprintf(out, "      nr_free_pages %" PRIu64 "\n", z->free);
  if (m->zone_lines != NULL) m->zone_lines(out, m->arg, z);
  if (m->cpus != 0) print_pagesets(out, z, m);
  fprintf(out, "  node_unreclaimable:  0\n  start_pfn:           %u\n", z->first);
}

void os_zoneinfo_print(FILE *out, const struct os_zones *z, const struct os_zoneinfo *more) {
  static const struct os_zoneinfo nothing;
  if (more == NULL) more = &nothing;
  for (unsigned n = 0; n < z->nodes; n++) {
    bool first = true; /* the node's first zone with memory carries its lines */
    bool any = false;
    for (unsigned i = 0; i < OS_ZONES; i++)
      any = any || os_zone_populated(&z->zone[n][i]);
    for (unsigned i = 0; any && i < OS_ZONES; i++) {
      const struct os_zone *o = &z->zone[n][i];
      print_zone(out, o, first && os_zone_populated(o), more);
      first = first && !os_zone_populated(o);
    }
  }
}

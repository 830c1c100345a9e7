/* SPDX-License-Identifier: Apache-2.0
 * Zones as text, in the format of Linux 6.1's /proc/zoneinfo (mm/vmstat.c, zoneinfo_show_print):
 * programs that read that file can read this. */
#ifndef COWALK_OS_PROC_ZONEINFO_H
#define COWALK_OS_PROC_ZONEINFO_H

#include <stdio.h>

#include "os/zone.h"

/* What the zones do not know themselves; all may be absent. */
struct os_zoneinfo {
  const void *arg; /* handed back */
  unsigned cpus;   /* lists of free pages, one a CPU; 0: none are printed */
  uint64_t (*pcp_count)(const void *arg, const struct os_zone *z, unsigned cpu); /* NULL: 0 */
  /* CPUs that share the zone's pages; NULL: all. */
  unsigned (*sharers)(const void *arg, const struct os_zone *z);
  /* Lines "      name value" of a node, and of a zone. */
  void (*node_lines)(FILE *out, const void *arg, unsigned node);
  void (*zone_lines)(FILE *out, const void *arg, const struct os_zone *z);
};

/* Nodes without memory are left out; zones without are there, as in Linux. */
void os_zoneinfo_print(FILE *out, const struct os_zones *z, const struct os_zoneinfo *more);

#endif

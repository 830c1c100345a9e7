/* SPDX-License-Identifier: Apache-2.0
 * Lists of single free frames, one a CPU, zone and mobility, in front of the buddy allocator
 * (Linux 6.1 mm/page_alloc.c, per_cpu_pages). Frames on them do not count as free. No time passes.
 */
#ifndef COWALK_OS_PCP_H
#define COWALK_OS_PCP_H

#include "os/buddy.h"

struct os_pcps;

/* For `cpus` CPUs; sizes follow from the zones' managed pages and low marks. All are borrowed.
 * NULL: out of host memory. */
struct os_pcps *os_pcps_create(struct os_buddy *b, struct os_frame *frames, struct os_zones *zones,
                               unsigned cpus);
void os_pcps_destroy(struct os_pcps *p);
/* CPUs whose node this is: how many share a zone's low mark. */
unsigned os_pcps_sharers(const struct os_pcps *p, unsigned node);

/* A frame from this CPU's list, filled from the zone when empty; OS_NO_FRAME if neither has any. */
uint32_t os_pcp_take(struct os_pcps *p, struct os_zone *z, unsigned cpu, enum os_mobility m,
                     bool no_fragment, bool *boosted);
/* reclaiming: kswapd works on the zone, so the lists are kept short. */
void os_pcp_give(struct os_pcps *p, struct os_zone *z, unsigned cpu, uint32_t pfn, bool reclaiming);
/* Give all lists back to the zones (drain_all_pages); how many frames that were. */
uint64_t os_pcps_drain(struct os_pcps *p);
/* All of one CPU's list of a zone back to the buddies (drain_local_pages); how many. */
uint64_t os_pcp_drain(struct os_pcps *p, struct os_zone *z, unsigned cpu);
uint64_t os_pcp_count(const struct os_pcps *p, const struct os_zone *z, unsigned cpu);
int os_pcps_check(const struct os_pcps *p, char *err, size_t err_len);

#endif

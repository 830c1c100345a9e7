/* SPDX-License-Identifier: Apache-2.0
 * Nodes: which one a CPU and a frame belong to, and counts. CPUs are dealt out to the nodes in
 * order, as evenly as they go. */
#include "os/node.h"

#include "os/kernel.h"

struct os_node *os_node_here(struct os *os) {
  return &os->node[os_cpu(os) * os->zones.nodes / os_cpus(os)];
}

struct os_zone *os_zone_of(struct os *os, uint32_t pfn) {
  uint8_t z = os->frames[pfn].zone;
  return &os->zones.zone[z / OS_ZONES][z % OS_ZONES];
}

struct os_node *os_node_of(struct os *os, uint32_t pfn) {
  return &os->node[os->frames[pfn].zone / OS_ZONES];
}

struct os_use *os_use_of(struct os *os, uint32_t pfn) {
  uint8_t z = os->frames[pfn].zone;
  return &os->node[z / OS_ZONES].use[z % OS_ZONES];
}

struct os_use os_node_use(const struct os_node *n) {
  struct os_use sum = {0};
  for (unsigned i = 0; i < OS_ZONES; i++) {
    const struct os_use *u = &n->use[i];
    sum.anon += u->anon;
    sum.file += u->file;
    sum.table += u->table;
    sum.shmem += u->shmem;
    sum.anon_mapped += u->anon_mapped;
    sum.fixed += u->fixed;
    sum.listed_huge += u->listed_huge;
    sum.listed[0] += u->listed[0];
    sum.listed[1] += u->listed[1];
    sum.mlocked += u->mlocked;
    sum.mapped += u->mapped;
    sum.dirty += u->dirty;
    sum.writeback += u->writeback;
  }
  return sum;
}

uint64_t os_zone_reclaimable(const struct os *os, const struct os_zone *z) {
  const struct os_use *u = &os->node[z->node].use[z->index];
  uint64_t anon = u->listed[0] + u->listed_huge * (OS_HUGE_PAGES - 1);
  uint64_t pages = u->listed[1] + (os_swap_available(os) ? anon : 0);
  return pages != 0 ? pages : z->free;
}

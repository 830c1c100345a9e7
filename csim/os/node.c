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

static uint64_t listed_anon(const struct os_use *u) {
  return u->listed[0] + u->listed_huge * (OS_HUGE_PAGES - 1);
}

struct os_lists os_zone_lists(const struct os_node *n, unsigned zone) {
  const struct os_policy_ops *pol = n->os->pol;
  const struct os_use *u = &n->use[zone];
  uint64_t anon = pol->active_in != NULL ? pol->active_in(n->policy, false, zone) : 0;
  uint64_t file = pol->active_in != NULL ? pol->active_in(n->policy, true, zone) : 0;
  return (struct os_lists){{listed_anon(u) - anon, anon, u->listed[1] - file, file}};
}

struct os_lists os_node_lists(const struct os_node *n) {
  struct os_lists sum = {{0}};
  for (unsigned z = 0; z < OS_ZONES; z++) {
    struct os_lists of = os_zone_lists(n, z);
    for (unsigned i = 0; i < OS_LISTS; i++)
      sum.pages[i] += of.pages[i];
  }
  return sum;
}

uint64_t os_zone_reclaimable(const struct os *os, const struct os_zone *z) {
  const struct os_use *u = &os->node[z->node].use[z->index];
  uint64_t anon = listed_anon(u);
  uint64_t pages = u->listed[1] + (os_swap_available(os) ? anon : 0);
  return pages != 0 ? pages : z->free;
}

// SPDX-License-Identifier: Apache-2.0
// The report's names, its birth and end, and what it says of totalpages.
#include "oom/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const oom_stat_name[OOM_STATS] = {"active_anon",
                                              "inactive_anon",
                                              "isolated_anon",
                                              "active_file",
                                              "inactive_file",
                                              "isolated_file",
                                              "unevictable",
                                              "dirty",
                                              "writeback",
                                              "slab_reclaimable",
                                              "slab_unreclaimable",
                                              "mapped",
                                              "shmem",
                                              "pagetables",
                                              "sec_pagetables",
                                              "bounce",
                                              "kernel_misc_reclaimable",
                                              "free",
                                              "free_pcp",
                                              "free_cma"};

const char *const oom_node_name[OOM_NODE_STATS] = {
    "active_anon",    "inactive_anon",  "active_file",     "inactive_file", "unevictable",
    "isolated(anon)", "isolated(file)", "mapped",          "dirty",         "writeback",
    "shmem",          "shmem_thp",      "shmem_pmdmapped", "anon_thp",      "writeback_tmp",
    "kernel_stack",   "pagetables",     "sec_pagetables"};

const char *const oom_zone_name[OOM_ZONE_STATS] = {
    "free",          "boost",         "min",
    "low",           "high",          "reserved_highatomic",
    "active_anon",   "inactive_anon", "active_file",
    "inactive_file", "unevictable",   "writepending",
    "present",       "managed",       "mlocked",
    "bounce",        "free_pcp",      "local_pcp",
    "free_cma"};

void oom_report_init(struct oom_report *r) {
  memset(r, 0, sizeof *r);
  for (size_t i = 0; i < OOM_STATS; i++)
    r->stat[i] = OOM_ABSENT;
  r->pagecache = r->swapcache = r->swap_free_kb = r->swap_total_kb = OOM_ABSENT;
  r->ram = r->highmem = r->reserved = r->cma = r->poisoned = OOM_ABSENT;
  struct oom_cgroup *c = &r->cgroup;
  c->usage_kb = c->limit_kb = c->swap_usage_kb = c->swap_limit_kb = OOM_ABSENT;
  c->kmem_usage_kb = c->kmem_limit_kb = OOM_ABSENT;
  r->page_bytes = 4096;
  r->chosen.pid = r->cpu = r->invoker_pid = -1;
}

void oom_report_free(struct oom_report *r) {
  free(r->nodes);
  free(r->zones);
  free(r->huge);
  free(r->tasks);
  free(r->kills);
  oom_report_init(r);
}

void *oom_grow(void **array, size_t *count, size_t size) {
  /* room for a power of two */
  if ((*count & (*count - 1)) == 0) {
    const size_t room = *count == 0 ? 1 : 2 * *count;
    void *more = room > SIZE_MAX / size ? NULL : realloc(*array, room * size);
    if (more == NULL) return NULL;
    *array = more;
  }
  void *one = (char *)*array + *count * size;
  memset(one, 0, size);
  ++*count;
  return one;
}

bool oom_in_list(const char *list, int number) {
  while (*list >= '0' && *list <= '9') {
    char *end;
    long first = strtol(list, &end, 10), last = first;
    if (*end == '-') last = strtol(end + 1, &end, 10);
    if (number >= first && number <= last) return true;
    if (*end != ',') return false;
    list = end + 1;
  }
  return false;
}

static struct oom_total of_nodes(const struct oom_report *r, uint64_t swap) {
  const char *list = r->constraint == OOM_CPUSET ? r->mems_allowed : r->nodemask;
  struct oom_total t = {.pages = OOM_ABSENT};
  uint64_t pages = 0;
  for (size_t i = 0; i < r->zone_count; i++)
    if (oom_in_list(list, r->zones[i].node < 0 ? 0 : r->zones[i].node) &&
        r->zones[i].kb[ZONE_PRESENT] != OOM_ABSENT)
      pages += r->zones[i].kb[ZONE_PRESENT] / (r->page_bytes / 1024);
  if (pages == 0) {
    snprintf(t.how, sizeof t.how, "the report has no zone of the nodes \"%.40s\"", list);
    return t;
  }
  t.pages = pages + swap;
  /* 4.19 counts whole spans, holes too, which it does not print; 5.4 counts what is present */
  t.exact = r->major == 0 ? !r->tables_in_pages : r->major > 5 || (r->major == 5 && r->minor >= 4);
  snprintf(t.how, sizeof t.how,
           "%" PRIu64 " pages present on its nodes (%.40s) + %" PRIu64 " swap%s", pages, list, swap,
           t.exact ? "" : " (this kernel counts holes between them too)");
  return t;
}

/* Limits print as a number near 2^63 when there is none. */
static bool unlimited(uint64_t kb) {
  return kb >= (uint64_t)1 << 52;
}

static struct oom_total of_cgroup(const struct oom_report *r) {
  const struct oom_cgroup *c = &r->cgroup;
  const uint64_t page_kb = r->page_bytes / 1024;
  struct oom_total t = {.pages = OOM_ABSENT};
  if (c->limit_kb == OOM_ABSENT || unlimited(c->limit_kb)) {
    snprintf(t.how, sizeof t.how, "the report does not print the limit of the cgroup");
    return t;
  }
  const uint64_t limit = c->limit_kb / page_kb;
  uint64_t swap = 0;
  const char *note = "";
  t.exact = true;
  if (c->swap_limit_kb == OOM_ABSENT) {
    note = ", no swap limit printed";
  } else if (unlimited(c->swap_limit_kb)) {
    t.exact = false;
    note = "; the machine's swap counts too, but is not printed";
  } else {
    swap = c->swap_limit_kb / page_kb;
    if (c->v1) swap = swap > limit ? swap - limit : 0;
    if (swap != 0) {
      t.exact = false;
      note = ", if the machine has that much and the cgroup may swap";
    }
  }
  t.pages = limit + swap;
  if (t.pages == 0) t.pages = 1;
  snprintf(t.how, sizeof t.how, "limit of %" PRIu64 " pages + %" PRIu64 " swap%s", limit, swap,
           note);
  return t;
}

static struct oom_total of_machine(const struct oom_report *r, uint64_t swap) {
  struct oom_total t = {.pages = OOM_ABSENT};
  const uint64_t page_kb = r->page_bytes / 1024;
  uint64_t managed = 0;
  for (size_t i = 0; i < r->zone_count; i++)
    if (r->zones[i].kb[ZONE_MANAGED] != OOM_ABSENT)
      managed += r->zones[i].kb[ZONE_MANAGED] / page_kb;
  if (r->ram != OOM_ABSENT && r->reserved != OOM_ABSENT && r->ram >= r->reserved) {
    t.pages = r->ram - r->reserved + swap;
    t.exact = r->swap_total_kb != OOM_ABSENT;
    snprintf(t.how, sizeof t.how,
             "%" PRIu64 " pages RAM - %" PRIu64 " reserved + %" PRIu64 " swap%s", r->ram,
             r->reserved, swap, t.exact ? "" : " (total swap is not in the report)");
  } else if (managed != 0) {
    t.pages = managed + swap;
    snprintf(t.how, sizeof t.how, "%" PRIu64 " pages managed by its zones + %" PRIu64 " swap",
             managed, swap);
  } else {
    snprintf(t.how, sizeof t.how, "neither pages of RAM nor zones are in the report");
  }
  return t;
}

struct oom_total oom_report_total(const struct oom_report *r) {
  const uint64_t swap =
      r->swap_total_kb == OOM_ABSENT ? 0 : r->swap_total_kb / (r->page_bytes / 1024);
  struct oom_total t = r->constraint == OOM_MEMCG ? of_cgroup(r)
                       : r->constraint == OOM_CPUSET || r->constraint == OOM_MEMPOLICY
                           ? of_nodes(r, swap)
                           : of_machine(r, swap);
  if (t.pages == OOM_ABSENT || t.pages <= OOM_LIMIT) return t;
  t = (struct oom_total){.pages = OOM_ABSENT};
  snprintf(t.how, sizeof t.how, "the report's figures exceed any machine");
  return t;
}

// SPDX-License-Identifier: Apache-2.0
// The lines of an OOM report about memory (__show_free_areas and those it calls).
#include <string.h>

#include "oom/read_parts.h"
#include "oom/scan.h"

/* "name:" of a table in a line. */
static bool named(const char *s, const char *name, uint64_t *v) {
  char key[40];
  const size_t n = strlen(name);
  memcpy(key, name, n);
  key[n] = ':';
  key[n + 1] = '\0';
  return scan_value(s, key, v);
}

static void named_all(const char *s, const char *const *names, size_t n, uint64_t *to) {
  for (size_t i = 0; i < n; i++)
    if (!named(s, names[i], &to[i])) to[i] = OOM_ABSENT;
}

/* "Node 3 " at *s: the number, *s behind it. -1: no such thing. */
static int node_number(const char **s) {
  const char *p = *s;
  uint64_t n;
  if (strncmp(p, "Node ", 5) != 0) return -1;
  p += 5;
  if (!scan_unsigned(&p, &n) || n > 1 << 20 || *p != ' ') return -1;
  *s = p + 1;
  return (int)n;
}

static enum part read_node(struct oom_report *r, const char *s, int id) {
  struct oom_node *n = oom_grow((void **)&r->nodes, &r->node_count, sizeof *n);
  if (n == NULL) return PART_FAILED;
  n->id = id;
  named_all(s, oom_node_name, OOM_NODE_STATS, n->kb);
  n->unreclaimable = strstr(s, "all_unreclaimable? yes") != NULL;
  return PART_TAKEN;
}

static enum part read_zone(struct oom_report *r, const char *s, int node) {
  const size_t n = strcspn(s, " ");
  uint64_t v;
  if (n == 0 || n >= 16 || strncmp(s + n, " free:", 6) != 0 || !named(s, "high", &v))
    return PART_NO;
  struct oom_zone *z = oom_grow((void **)&r->zones, &r->zone_count, sizeof *z);
  if (z == NULL) return PART_FAILED;
  z->node = node;
  scan_text(z->name, sizeof z->name, s, s + n);
  named_all(s, oom_zone_name, OOM_ZONE_STATS, z->kb);
  z->blocks[0] = OOM_ABSENT;
  return PART_TAKEN;
}

static void read_reserve(struct oom_report *r, const char *s) {
  struct oom_zone *z = &r->zones[r->zone_count - 1];
  z->reserves = 0;
  while (z->reserves < OOM_RESERVES && scan_signed(&s, &z->reserve[z->reserves]))
    z->reserves++;
}

/* "DMA: 2*4kB (UM) 0*8kB ... = 904kB" */
static enum part read_blocks(struct oom_report *r, const char *s, int node) {
  const size_t n = strcspn(s, ": ");
  struct oom_zone *z = NULL;
  if (s[n] != ':' || n >= sizeof z->name) return PART_NO;
  for (size_t i = 0; i < r->zone_count; i++)
    if (r->zones[i].node == node && strlen(r->zones[i].name) == n &&
        memcmp(r->zones[i].name, s, n) == 0)
      z = &r->zones[i];
  if (z == NULL) return PART_NO;
  s += n + 1;
  for (size_t o = 0; o < OOM_ORDERS; o++) {
    uint64_t count, kb;
    const char *p = s;
    if (!scan_unsigned(&p, &count) || *p++ != '*' || !scan_unsigned(&p, &kb)) break;
    z->blocks[o] = count;
    if (o == 0) r->block_kb = kb;
    p += strncmp(p, "kB", 2) == 0 ? 2 : 0;
    p += strspn(p, " ");
    z->types[o][0] = '\0';
    if (*p == '(') {
      const char *end = strchr(p, ')');
      if (end == NULL) break;
      scan_text(z->types[o], OOM_TYPES, p + 1, end);
      p = end + 1;
    }
    s = p;
  }
  scan_value(s, "= ", &z->blocks_kb);
  return PART_TAKEN;
}

static enum part read_hugepages(struct oom_report *r, const char *s, int node) {
  struct oom_hugepages *h = oom_grow((void **)&r->huge, &r->huge_count, sizeof *h);
  if (h == NULL) return PART_FAILED;
  h->node = node < 0 ? 0 : node;
  scan_value(s, "hugepages_total=", &h->total);
  scan_value(s, "hugepages_free=", &h->free);
  scan_value(s, "hugepages_surp=", &h->surplus);
  scan_value(s, "hugepages_size=", &h->size_kb);
  return PART_TAKEN;
}

/* "65406 pages RAM" */
static bool counted(struct oom_report *r, const char *s) {
  const struct {
    const char *words;
    uint64_t *to;
  } known[] = {{" total pagecache pages", &r->pagecache},
               {" pages in swap cache", &r->swapcache},
               {" pages RAM", &r->ram},
               {" pages HighMem", &r->highmem},
               {" pages reserved", &r->reserved},
               {" pages cma reserved", &r->cma},
               {" pages hwpoisoned", &r->poisoned}};
  uint64_t n;
  const char *p = s;
  if (!scan_unsigned(&p, &n)) return false;
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    if (strncmp(p, known[i].words, strlen(known[i].words)) != 0) continue;
    *known[i].to = n;
    return true;
  }
  return false;
}

static bool swap_line(struct oom_report *r, const char *s) {
  const bool total = strncmp(s, "Total swap = ", 13) == 0;
  if (!total && strncmp(s, "Free swap  = ", 13) != 0) return false;
  s += 13;
  return scan_unsigned(&s, total ? &r->swap_total_kb : &r->swap_free_kb);
}

/* "memory: usage 1kB, limit 2kB, failcnt 3" */
static bool limit_line(struct oom_report *r, const char *s) {
  struct oom_cgroup *c = &r->cgroup;
  const struct {
    const char *words;
    uint64_t *usage, *limit, *failures;
  } known[] = {{"memory: usage ", &c->usage_kb, &c->limit_kb, &c->failures},
               {"swap: usage ", &c->swap_usage_kb, &c->swap_limit_kb, &c->swap_failures},
               {"memory+swap: usage ", &c->swap_usage_kb, &c->swap_limit_kb, &c->swap_failures},
               {"kmem: usage ", &c->kmem_usage_kb, &c->kmem_limit_kb, &c->kmem_failures}};
  for (size_t i = 0; i < 4; i++) {
    if (strncmp(s, known[i].words, strlen(known[i].words)) != 0) continue;
    scan_value(s, "usage ", known[i].usage);
    scan_value(s, "limit ", known[i].limit);
    scan_value(s, "failcnt ", known[i].failures);
    if (i == 2) c->v1 = true;
    r->constraint = OOM_MEMCG;
    return true;
  }
  return false;
}

static bool stat_line(struct oom_report *r, const char *s) {
  /* its first word is one of the counters,in whatever order the version has them */
  const size_t n = strcspn(s, ":");
  bool first = false;
  for (size_t i = 0; i < OOM_STATS; i++)
    first |= strlen(oom_stat_name[i]) == n && memcmp(oom_stat_name[i], s, n) == 0;
  if (!first) return false;
  for (size_t i = 0; i < OOM_STATS; i++)
    named(s, oom_stat_name[i], &r->stat[i]);
  return true;
}

enum part read_memory(struct oom_report *r, const char *s) {
  if (counted(r, s) || swap_line(r, s) || limit_line(r, s) || stat_line(r, s)) return PART_TAKEN;
  if (strncmp(s, "lowmem_reserve[]:", 17) == 0) {
    if (r->zone_count != 0) read_reserve(r, s + 17);
    return PART_TAKEN;
  }
  const char *p = s;
  const int node = node_number(&p);
  if (node >= 0 && strncmp(p, "active_anon:", 12) == 0) return read_node(r, p, node);
  if (strncmp(p, "hugepages_total=", 16) == 0) return read_hugepages(r, p, node);
  const enum part zone = read_zone(r, p, node);
  return zone != PART_NO ? zone : read_blocks(r, p, node);
}

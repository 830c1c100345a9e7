/* SPDX-License-Identifier: Apache-2.0
 * What the kernel prints when it is out of memory, from the model's own counters (Linux 6.1
 * mm/page_alloc.c __show_free_areas, mm/oom_kill.c dump_tasks), and the log it goes to. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "oom/report.h"
#include "oom/write.h"
#include "os/kernel.h"
#include "os/oom.h"

_Static_assert((int)OS_ORDERS <= (int)OOM_ORDERS, "blocks of every order have a place");
_Static_assert((int)OS_ZONES <= (int)OOM_RESERVES, "and reserves of every zone");

/* active_anon is the place of the first of the five. */
static void fill_use(uint64_t *kb, const struct os_lists *l, uint64_t mlocked, size_t active_anon) {
  kb[active_anon] = l->pages[OS_ACTIVE_ANON] * 4;
  kb[active_anon + 1] = l->pages[OS_INACTIVE_ANON] * 4;
  kb[active_anon + 2] = l->pages[OS_ACTIVE_FILE] * 4;
  kb[active_anon + 3] = l->pages[OS_INACTIVE_FILE] * 4;
  kb[active_anon + 4] = mlocked * 4;
}

static bool add_nodes(struct os *os, struct oom_report *r) {
  for (unsigned i = 0; i < os->zones.nodes; i++) {
    struct oom_node *n = oom_grow((void **)&r->nodes, &r->node_count, sizeof *n);
    if (n == NULL) return false;
    struct os_use u = os_node_use(&os->node[i]);
    n->id = (int)i;
    struct os_lists l = os_node_lists(&os->node[i]);
    fill_use(n->kb, &l, u.mlocked, 0);
    n->kb[7] = u.mapped * 4;
    n->kb[8] = u.dirty * 4;
    n->kb[9] = u.writeback * 4;
    n->kb[10] = u.shmem * 4;
    n->kb[16] = u.table * 4;
    n->unreclaimable = os->node[i].failures >= OS_MAX_RETRIES;
    r->stat[OOM_ACTIVE_ANON] += l.pages[OS_ACTIVE_ANON];
    r->stat[OOM_INACTIVE_ANON] += l.pages[OS_INACTIVE_ANON];
    r->stat[OOM_ACTIVE_FILE] += l.pages[OS_ACTIVE_FILE];
    r->stat[OOM_INACTIVE_FILE] += l.pages[OS_INACTIVE_FILE];
    r->stat[OOM_UNEVICTABLE] += u.mlocked;
    r->stat[OOM_DIRTY] += u.dirty;
    r->stat[OOM_WRITEBACK] += u.writeback;
    r->stat[OOM_MAPPED] += u.mapped;
    r->stat[OOM_SHMEM] += u.shmem;
    r->pagecache += u.file + u.shmem;
  }
  return true;
}

static void fill_blocks(struct os *os, const struct os_zone *z, struct oom_zone *out) {
  static const char letter[OS_KINDS] = {
      [OS_UNMOVABLE] = 'U', [OS_MOVABLE] = 'M', [OS_RECLAIMABLE] = 'E', [OS_HIGHATOMIC] = 'H'};
  for (unsigned o = 0; o < OS_ORDERS; o++) {
    size_t n = 0;
    out->blocks[o] = z->blocks[o];
    out->blocks_kb += z->blocks[o] * 4 << o;
    for (unsigned m = 0; m < OS_KINDS; m++)
      if (os_buddy_blocks(os->buddy, z, o, (enum os_mobility)m) != 0)
        out->types[o][n++] = letter[m];
  }
}

static bool add_zone(struct os *os, const struct os_zone *z, struct oom_report *r) {
  struct oom_zone *out = oom_grow((void **)&r->zones, &r->zone_count, sizeof *out);
  if (out == NULL) return false;
  const struct os_use *u = &os->node[z->node].use[z->index];
  uint64_t listed = 0;
  for (uint32_t cpu = 0; cpu < os_cpus(os); cpu++)
    listed += os_pcp_count(os->pcps, z, cpu);
  out->node = z->node;
  (void)snprintf(out->name, sizeof out->name, "%s", z->name);
  out->kb[ZONE_FREE] = z->free * 4;
  out->kb[ZONE_BOOST] = z->boost * 4;
  out->kb[ZONE_MIN] = os_zone_mark(z, OS_MARK_MIN) * 4;
  out->kb[ZONE_LOW] = os_zone_mark(z, OS_MARK_LOW) * 4;
  out->kb[ZONE_HIGH] = os_zone_mark(z, OS_MARK_HIGH) * 4;
  const struct os_lists l = os_zone_lists(&os->node[z->node], z->index);
  fill_use(out->kb, &l, u->mlocked, 6);
  out->kb[11] = (u->dirty + u->writeback) * 4;
  out->kb[ZONE_PRESENT] = z->present * 4;
  out->kb[ZONE_MANAGED] = z->managed * 4;
  out->kb[14] = u->mlocked * 4;
  out->kb[16] = listed * 4;
  out->kb[17] = os_pcp_count(os->pcps, z, os_cpu(os)) * 4;
  for (unsigned j = 0; j < OS_ZONES; j++)
    out->reserve[out->reserves++] = (int64_t)z->reserve[j];
  fill_blocks(os, z, out);
  r->stat[OOM_FREE] += z->free;
  r->stat[OOM_FREE_PCP] += listed;
  r->ram += z->present;
  r->reserved += z->present - z->managed;
  return true;
}

static bool add_task(const struct os_task *t, struct oom_report *r) {
  const struct os_mm *mm = t->mm;
  if (mm->root == 0) return true; /* it has gone */
  struct oom_task *out = oom_grow((void **)&r->tasks, &r->task_count, sizeof *out);
  if (out == NULL) return false;
  *out = (struct oom_task){.pid = t->pid,
                           .tgid = t->pid,
                           .total_vm = os_vma_count(mm, 0, t->os->pt->user_end).all,
                           .rss = mm->rss,
                           .swapents = mm->swapped,
                           .pgtables_bytes = (mm->tables - 1) << 12, /* all but the root */
                           .adj = t->oom_score_adj,
                           .skip = mm->oom_skip,
                           .dying = t->oom_victim && !mm->oom_skip};
  memcpy(out->name, t->name, sizeof t->name);
  return true;
}

bool os_oom_facts(struct os *os, const struct os_request *r, const struct os_task *self,
                  struct oom_report *out) {
  oom_report_init(out);
  memset(out->stat, 0, sizeof out->stat);
  out->pagecache = out->ram = out->highmem = out->reserved = 0;
  out->started = out->table = out->has_swap = out->has_page_tables = out->has_adj = out->has_uid =
      true;
  /* GFP_KERNEL of a table, GFP_HIGHUSER_MOVABLE of a page of a process */
  bool table = r->mobility == OS_UNMOVABLE;
  out->gfp = table ? 0xdc0 : 0x140dca;
  (void)snprintf(out->gfp_names, sizeof out->gfp_names, "%s",
                 table ? "GFP_KERNEL|__GFP_ZERO" : "GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO");
  out->order = (int)r->order;
  (void)snprintf(out->invoker, sizeof out->invoker, "%s", self != NULL ? self->name : "kswapd");
  out->invoker_adj = self != NULL ? self->oom_score_adj : 0;
  out->invoker_pid = self != NULL ? self->pid : 0;
  out->cpu = os_cpu(os);
  (void)snprintf(out->release, sizeof out->release, "6.1.0-cowalk");
  out->major = 6;
  out->minor = 1;
  out->constraint = OOM_GLOBAL;
  (void)snprintf(out->mems_allowed, sizeof out->mems_allowed, "0");
  if (os->zones.nodes > 1)
    (void)snprintf(out->mems_allowed, sizeof out->mems_allowed, "0-%u", os->zones.nodes - 1);
  bool ok = add_nodes(os, out);
  for (unsigned i = 0; ok && i < os->zones.nodes * OS_ZONES; i++) {
    const struct os_zone *z = &os->zones.zone[i / OS_ZONES][i % OS_ZONES];
    if (z->managed != 0) ok = add_zone(os, z, out);
  }
  for (const struct os_task *t = os->tasks; ok && t != NULL; t = t->next)
    ok = add_task(t, out);
  out->stat[OOM_PAGETABLES] = os->st.nr_page_table_pages;
  out->swap_total_kb = (uint64_t)os->swap.slots * 4;
  out->swap_free_kb = (uint64_t)(os->swap.slots - os->swap.used) * 4;
  out->swapcache = 0;
  for (uint32_t s = 0; s < os->swap.slots; s++)
    out->swapcache += os->swap.taken[s] && os_entry_pfn(os->swap.page[s]) != OS_NO_FRAME;
  if (!ok) oom_report_free(out);
  if (!ok) os->plat.ops->no_memory(os->plat.self);
  return ok;
}

/* ---- the log ---- */

void os_oom_log(struct os *os, const struct oom_report *report) {
  char *text = oom_report_text(report);
  if (text == NULL) {
    os->plat.ops->no_memory(os->plat.self);
    return;
  }
  char *log = NULL;
  size_t bytes = 0;
  uint64_t us = os_now(os) / (os->cfg.cpu_hz / 1000000);
  FILE *out = open_memstream(&log, &bytes);
  if (out != NULL && os->oom.log != NULL) (void)fwrite(os->oom.log, 1, os->oom.log_bytes, out);
  for (char *line = text; out != NULL && *line != '\0';) {
    size_t n = strcspn(line, "\n");
    fprintf(out, "[%5" PRIu64 ".%06" PRIu64 "] %.*s\n", us / 1000000, us % 1000000, (int)n, line);
    line += n + (line[n] == '\n');
  }
  free(text);
  if (out == NULL || fclose(out) != 0) {
    os->plat.ops->no_memory(os->plat.self);
    free(log);
    return;
  }
  free(os->oom.log);
  os->oom.log = log;
  os->oom.log_bytes = bytes;
}

void os_oom_print_log(const struct os *os, FILE *out) {
  if (os->oom.log != NULL) (void)fwrite(os->oom.log, 1, os->oom.log_bytes, out);
}

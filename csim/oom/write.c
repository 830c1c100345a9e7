// SPDX-License-Identifier: Apache-2.0
// Writes an OOM report in the layout of 6.1; which kernel function prints which line is said above
// each function here.
#include "oom/write.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t or_zero(uint64_t v) {
  return v == OOM_ABSENT ? 0 : v;
}

/* mm/page_alloc.c, __show_free_areas: counters of the machine, a few on each line */
static void write_stats(FILE *out, const struct oom_report *r) {
  static const unsigned char line_end[OOM_STATS] = {
      [OOM_ISOLATED_ANON] = 1,      [OOM_ISOLATED_FILE] = 1, [OOM_WRITEBACK] = 1,
      [OOM_SLAB_UNRECLAIMABLE] = 1, [OOM_PAGETABLES] = 1,    [OOM_BOUNCE] = 1,
      [OOM_MISC_RECLAIMABLE] = 1,   [OOM_FREE_CMA] = 1};
  bool first = true;
  for (size_t i = 0; i < OOM_STATS; i++) {
    fprintf(out, "%s%s:%" PRIu64 "%s", first ? "" : " ", oom_stat_name[i], or_zero(r->stat[i]),
            line_end[i] ? "\n" : "");
    first = false;
  }
}

static void write_node(FILE *out, const struct oom_node *n) {
  fprintf(out, "Node %d", n->id);
  for (size_t i = 0; i < OOM_NODE_STATS; i++) {
    const char *name = oom_node_name[i];
    const bool huge = strstr(name, "_thp") != NULL || strstr(name, "_pmdmapped") != NULL;
    fprintf(out, " %s:%s%" PRIu64 "kB", name, huge ? " " : "", or_zero(n->kb[i]));
  }
  fprintf(out, " all_unreclaimable? %s\n", n->unreclaimable ? "yes" : "no");
}

static void write_place(FILE *out, const struct oom_zone *z) {
  if (z->node >= 0) fprintf(out, "Node %d ", z->node);
  fputs(z->name, out);
}

static void write_zone(FILE *out, const struct oom_zone *z) {
  write_place(out, z);
  for (size_t i = 0; i < OOM_ZONE_STATS; i++) {
    const char *name = oom_zone_name[i];
    fprintf(out, " %s:%" PRIu64 "%s", name, or_zero(z->kb[i]),
            strcmp(name, "reserved_highatomic") == 0 ? "KB" : "kB");
  }
  fputs("\nlowmem_reserve[]:", out);
  for (size_t i = 0; i < z->reserves; i++)
    fprintf(out, " %" PRId64, z->reserve[i]);
  fputc('\n', out);
}

static void write_blocks(FILE *out, const struct oom_zone *z, uint32_t page_bytes) {
  if (z->blocks[0] == OOM_ABSENT) return;
  write_place(out, z);
  fputs(": ", out);
  for (size_t o = 0; o < OOM_ORDERS; o++) {
    fprintf(out, "%" PRIu64 "*%" PRIu32 "kB ", z->blocks[o], page_bytes / 1024 << o);
    if (z->types[o][0] != '\0') fprintf(out, "(%s) ", z->types[o]);
  }
  fprintf(out, "= %" PRIu64 "kB\n", z->blocks_kb);
}

/* lib/show_mem.c, __show_mem; mm/hugetlb.c, hugetlb_show_meminfo_node; mm/swap_state.c,
 * show_swap_cache_info */
static void write_machine(FILE *out, const struct oom_report *r) {
  fputs("Mem-Info:\n", out);
  write_stats(out, r);
  for (size_t i = 0; i < r->node_count; i++)
    write_node(out, &r->nodes[i]);
  for (size_t i = 0; i < r->zone_count; i++)
    write_zone(out, &r->zones[i]);
  for (size_t i = 0; i < r->zone_count; i++)
    write_blocks(out, &r->zones[i], r->page_bytes);
  for (size_t i = 0; i < r->huge_count; i++) {
    const struct oom_hugepages *h = &r->huge[i];
    fprintf(out,
            "Node %d hugepages_total=%" PRIu64 " hugepages_free=%" PRIu64 " hugepages_surp=%" PRIu64
            " hugepages_size=%" PRIu64 "kB\n",
            h->node, h->total, h->free, h->surplus, h->size_kb);
  }
  fprintf(out, "%" PRIu64 " total pagecache pages\n", or_zero(r->pagecache));
  fprintf(out, "%" PRIu64 " pages in swap cache\n", or_zero(r->swapcache));
  fprintf(out, "Free swap  = %" PRIu64 "kB\n", or_zero(r->swap_free_kb));
  fprintf(out, "Total swap = %" PRIu64 "kB\n", or_zero(r->swap_total_kb));
  fprintf(out, "%" PRIu64 " pages RAM\n", or_zero(r->ram));
  fprintf(out, "%" PRIu64 " pages HighMem/MovableOnly\n", or_zero(r->highmem));
  fprintf(out, "%" PRIu64 " pages reserved\n", or_zero(r->reserved));
  if (r->cma != OOM_ABSENT) fprintf(out, "%" PRIu64 " pages cma reserved\n", r->cma);
  if (r->poisoned != OOM_ABSENT) fprintf(out, "%" PRIu64 " pages hwpoisoned\n", r->poisoned);
}

/* mm/memcontrol.c, mem_cgroup_print_oom_meminfo, without the cgroup's own counters */
static void write_cgroup(FILE *out, const struct oom_report *r) {
  const struct oom_cgroup *c = &r->cgroup;
  static const char form[] = "%s: usage %" PRIu64 "kB, limit %" PRIu64 "kB, failcnt %" PRIu64 "\n";
  fprintf(out, form, "memory", or_zero(c->usage_kb), or_zero(c->limit_kb), c->failures);
  fprintf(out, form, c->v1 ? "memory+swap" : "swap", or_zero(c->swap_usage_kb),
          or_zero(c->swap_limit_kb), c->swap_failures);
  if (c->v1)
    fprintf(out, form, "kmem", or_zero(c->kmem_usage_kb), or_zero(c->kmem_limit_kb),
            c->kmem_failures);
}

/* mm/oom_kill.c, dump_tasks and dump_task */
static void write_tasks(FILE *out, const struct oom_report *r) {
  fputs("Tasks state (memory values in pages):\n", out);
  fputs("[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n",
        out);
  for (size_t i = 0; i < r->task_count; i++) {
    const struct oom_task *t = &r->tasks[i];
    fprintf(out,
            "[%7" PRId64 "] %5" PRId64 " %5" PRId64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64
            " %8" PRIu64 "         %5d %s\n",
            t->pid, t->uid, t->tgid, t->total_vm, t->rss, t->pgtables_bytes, t->swapents, t->adj,
            t->name);
  }
}

/* mm/oom_kill.c, dump_oom_summary; mm/memcontrol.c, mem_cgroup_print_oom_context */
static void write_summary(FILE *out, const struct oom_report *r) {
  static const char *const constraint[] = {"CONSTRAINT_NONE", "CONSTRAINT_NONE",
                                           "CONSTRAINT_CPUSET", "CONSTRAINT_MEMORY_POLICY",
                                           "CONSTRAINT_MEMCG"};
  fprintf(out, "oom-kill:constraint=%s,nodemask=%s,cpuset=%s,mems_allowed=%s",
          constraint[r->constraint], r->nodemask[0] != '\0' ? r->nodemask : "(null)",
          r->cpuset[0] != '\0' ? r->cpuset : "/", r->mems_allowed);
  if (r->constraint == OOM_MEMCG)
    fprintf(out, ",oom_memcg=%s", r->memcg);
  else
    fputs(",global_oom", out);
  fprintf(out, ",task_memcg=%s,task=%s,pid=%" PRId64 ",uid=%" PRId64 "\n", r->task_memcg,
          r->chosen.name, r->chosen.pid, r->chosen.uid);
}

/* mm/oom_kill.c, __oom_kill_process; mm/memcontrol.c, mem_cgroup_print_oom_group */
static void write_kills(FILE *out, const struct oom_report *r) {
  for (size_t i = 0; i < r->kill_count; i++) {
    const struct oom_kill *k = &r->kills[i];
    fprintf(out,
            "%s: Killed process %" PRId64 " (%s) total-vm:%" PRIu64 "kB, anon-rss:%" PRIu64
            "kB, file-rss:%" PRIu64 "kB, shmem-rss:%" PRIu64 "kB, UID:%" PRId64 " pgtables:%" PRIu64
            "kB oom_score_adj:%d\n",
            k->message, k->pid, k->name, k->total_vm_kb, k->anon_kb, k->file_kb, k->shmem_kb,
            k->uid, k->pgtables_kb, k->adj);
    if (i == 0 && r->group)
      fprintf(out, "Tasks in %s are going to be killed due to memory.oom.group set\n", r->memcg);
  }
}

char *oom_report_text(const struct oom_report *r) {
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  if (out == NULL) return NULL;
  fprintf(out, "%s invoked oom-killer: gfp_mask=%#" PRIx64 "(%s), order=%d, oom_score_adj=%d\n",
          r->invoker, r->gfp, r->gfp_names, r->order, r->invoker_adj);
  if (r->release[0] != '\0')
    fprintf(out, "CPU: %" PRId64 " PID: %" PRId64 " Comm: %s Not tainted %s\n", r->cpu,
            r->invoker_pid, r->invoker, r->release);
  if (r->constraint == OOM_MEMCG)
    write_cgroup(out, r);
  else
    write_machine(out, r);
  if (r->table) write_tasks(out, r);
  if (r->chosen.pid >= 0) write_summary(out, r);
  write_kills(out, r);
  if (r->no_candidates) fputs("Out of memory and no killable processes...\n", out);
  if (r->panic[0] != '\0') fprintf(out, "Kernel panic - not syncing: %s\n", r->panic);
  const bool failed = ferror(out) != 0;
  if (fclose(out) == 0 && !failed) return text;
  free(text);
  return NULL;
}

// SPDX-License-Identifier: Apache-2.0
// A judged OOM report for people: one sentence, the memory around it, the tasks by points.
// Promises: the same report gives the same text.
#include "cli/oom_show.h"

#include <inttypes.h>
#include <string.h>

enum { SIZE = 16 };

const char *oom_human(uint64_t bytes, char *text, size_t room) {
  static const char *const unit[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double v = (double)bytes;
  size_t u = 0;
  for (; v >= 1023.95 && u < 6; u++)
    v /= 1024;
  snprintf(text, room, u == 0 || v == 0 ? "%.0f %s" : "%.1f %s", v, unit[u]);
  return text;
}

static const char *pages(const struct oom_shown *s, uint64_t n, char *text) {
  return oom_human(n * s->report->page_bytes, text, SIZE);
}

static const char *kilo(uint64_t kb, char *text) {
  if (kb == OOM_ABSENT) return "?";
  return kb >= (uint64_t)1 << 52 ? "no limit" : oom_human(kb * 1024, text, SIZE);
}

static uint64_t memory_of(const struct oom_machine *m, const struct oom_task *t) {
  return t->rss + t->swapents + oom_table_pages(m, t);
}

static const char *scope(const struct oom_report *r) {
  switch (r->constraint) {
    case OOM_MEMCG:
      return "the memory limit of a cgroup was reached";
    case OOM_CPUSET:
      return "the memory nodes of a cpuset were full";
    case OOM_MEMPOLICY:
      return "the memory nodes of a policy were full";
    case OOM_GLOBAL:
    case OOM_CONSTRAINT_UNKNOWN:
      break;
  }
  return "the whole machine was out of memory";
}

/* What makes its points, in parentheses. */
static void parts(FILE *out, const struct oom_shown *s, const struct oom_task *t) {
  const struct oom_machine *m = &s->fact->machine;
  char a[SIZE], b[SIZE], c[SIZE], d[SIZE];
  if (m->rules.chapter)
    fprintf(out, "%s resident, %s swapped, half of %s virtual%s, oom_score_adj %d",
            pages(s, t->rss, a), pages(s, t->swapents, b), pages(s, t->total_vm, c),
            t->admin ? ", a quarter off for root" : "", t->adj);
  else
    fprintf(out, "%s: %s resident, %s swapped, %s of page tables; oom_score_adj %d",
            pages(s, memory_of(m, t), a), pages(s, t->rss, b), pages(s, t->swapents, c),
            pages(s, oom_table_pages(m, t), d), t->adj);
}

static void kernels_view(FILE *out, const struct oom_shown *s) {
  const struct oom_report *r = s->report;
  const struct oom_verdict *v = s->fact;
  const struct oom_task *t = oom_find(r->tasks, r->task_count, v->kernel_pid);
  const char *name = r->chosen.pid == v->kernel_pid && r->chosen.name[0] != '\0' ? r->chosen.name
                     : r->kill_count != 0                                        ? r->kills[0].name
                                                                                 : "";
  switch (v->agreement) {
    case OOM_SAME:
      fputs(v->kernel_pid < 0 ? "; the kernel found nobody either" : "; the kernel chose the same",
            out);
      break;
    case OOM_SAME_CHILD:
      fprintf(out, "; the kernel chose the same and killed its child %" PRId64 " (%s) instead",
              r->kills[0].pid, r->kills[0].name);
      break;
    case OOM_ALLOCATING:
      fprintf(out,
              "; the kernel killed the task that asked, %" PRId64
              " (%s), since vm.oom_kill_allocating_task is set",
              v->kernel_pid, name);
      break;
    case OOM_UNTOLD:
      fputs("; whom the kernel chose is not in the report", out);
      break;
    case OOM_DIFFERS:
      if (v->kernel_pid < 0) {
        fputs("; but the kernel found nobody to kill", out);
        break;
      }
      fprintf(out, "; but the kernel chose %" PRId64 " (%s)", v->kernel_pid, name);
      if (t == NULL)
        fputs(", which the table does not list", out);
      else
        fprintf(out, ", which has %" PRId64 " points here", v->points[t - r->tasks]);
      break;
  }
}

static void sentence(FILE *out, const struct oom_shown *s) {
  const struct oom_report *r = s->report;
  const struct oom_verdict *v = s->fact;
  fprintf(out, "Report %zu (line %zu): %s; ", s->number, r->line, scope(r));
  if (!r->table) {
    const struct oom_kill *k = r->kill_count != 0 ? &r->kills[0] : &r->chosen;
    if (k->pid >= 0)
      fprintf(out, "the kernel killed %" PRId64 " (%s); without a task table nothing else is known",
              k->pid, k->name);
    else
      fprintf(out, "%sthere is no task table to judge",
              r->no_candidates ? "the kernel found nobody to kill; " : "");
  } else if (v->count == 0) {
    fputs("nobody can be killed", out);
    kernels_view(out, s);
  } else {
    const struct oom_task *t = &r->tasks[v->order[0]];
    fprintf(out, "%s %" PRId64 " (%s) dies with %" PRId64 " points, ",
            v->machine.rules.chapter ? "by the chapter's formula" : "by the rule", t->pid, t->name,
            v->points[v->order[0]]);
    if (v->count == 1)
      fputs("the only candidate (", out);
    else if (v->equals > 1)
      fprintf(out, "the %s of %zu equals, the most of %zu candidates (",
              v->machine.rules.first_of_equals || v->machine.rules.chapter ? "first" : "last",
              v->equals, v->count);
    else
      fprintf(out, "the most of %zu candidates (", v->count);
    parts(out, s, t);
    fputc(')', out);
    kernels_view(out, s);
  }
  fputs(".\n", out);
  if (v->agreement == OOM_SAME && v->score_differs)
    fprintf(out, "The kernel printed score %" PRIu64 ", the rule gives %" PRIu64 "%s.\n",
            r->chosen.score, v->score, v->total.exact ? "" : " with totalpages as assumed below");
  if (r->panic[0] != '\0') fprintf(out, "The kernel then gave up: %s.\n", r->panic);
  if (r->group)
    fprintf(out, "memory.oom.group is set: %zu tasks of the cgroup were killed.\n", r->kill_count);
  if (r->table && v->agreement == OOM_DIFFERS && v->count != 0)
    fputs(
        "The counters are printed after the choice and may have moved; tasks already reaped or in "
        "vfork are not marked.\n",
        out);
}

static void whatif_sentence(FILE *out, const struct oom_shown *s) {
  const struct oom_verdict *w = s->whatif, *v = s->fact;
  if (w == NULL) return;
  fputs("With", out);
  size_t changed = 0;
  for (size_t i = 0; i < s->report->task_count; i++) {
    if (s->tasks[i].adj == s->report->tasks[i].adj) continue;
    if (changed < 4)
      fprintf(out, "%s %" PRId64 "=%d", changed == 0 ? " oom_score_adj" : ",", s->tasks[i].pid,
              s->tasks[i].adj);
    changed++;
  }
  if (changed > 4) fprintf(out, " and %zu more", changed - 4);
  if (changed == 0) fputs(" the values that the tasks had anyway", out);
  if (w->count == 0) {
    fputs(" nobody could be killed, and the kernel would panic or fail the allocation.\n", out);
    return;
  }
  const struct oom_task *t = &s->tasks[w->order[0]];
  const bool same = v->count != 0 && w->order[0] == v->order[0];
  fprintf(out, " %" PRId64 " (%s) %s with %" PRId64 " points.\n", t->pid, t->name,
          same ? "would have died all the same," : "would have died instead,",
          w->points[w->order[0]]);
}

static void totals(FILE *out, const struct oom_shown *s) {
  const struct oom_verdict *v = s->fact;
  char a[SIZE], b[SIZE];
  if (v->total.pages == OOM_ABSENT) {
    fprintf(out, "  totalpages   unknown: %s%s\n", v->total.how,
            v->total_matters ? "; give --total-pages, oom_score_adj counts for nothing meanwhile"
                             : "; no oom_score_adj needs it");
    return;
  }
  fprintf(out,
          "  totalpages   %" PRIu64 " (%s) = %s; a step of oom_score_adj is %" PRIu64
          " pages (%s)\n",
          v->total.pages, pages(s, v->total.pages, a), v->total.how, v->total.pages / 1000,
          pages(s, v->total.pages / 1000, b));
}

static void counter(FILE *out, const struct oom_shown *s, const char *name, uint64_t n) {
  char a[SIZE];
  if (n != OOM_ABSENT) fprintf(out, ", %s %s", name, pages(s, n, a));
}

static uint64_t both(uint64_t a, uint64_t b) {
  return a == OOM_ABSENT || b == OOM_ABSENT ? OOM_ABSENT : a + b;
}

/* What a request of higher zones must leave here (lowmem_reserve), at most. */
static uint64_t reserve_kb(const struct oom_zone *z, uint32_t page_bytes) {
  int64_t most = 0;
  for (size_t i = 0; i < z->reserves; i++)
    if (z->reserve[i] > most) most = z->reserve[i];
  return most > INT32_MAX ? 0 : (uint64_t)most * (page_bytes / 1024);
}

/* __zone_watermark_ok wants more than the mark and the reserve. */
static const char *state(const struct oom_zone *z, uint64_t reserve) {
  const uint64_t *k = z->kb;
  if (k[ZONE_FREE] == OOM_ABSENT) return "";
  if (k[ZONE_FREE] <= k[ZONE_MIN] + reserve) return "  not above min";
  if (k[ZONE_FREE] <= k[ZONE_LOW] + reserve) return "  not above low";
  return k[ZONE_FREE] <= k[ZONE_HIGH] + reserve ? "  not above high" : "  above high";
}

static void machine(FILE *out, const struct oom_shown *s) {
  const struct oom_report *r = s->report;
  const uint64_t *c = r->stat;
  char a[SIZE], b[SIZE], d[SIZE], e[SIZE], f[SIZE];
  if (c[OOM_FREE] != OOM_ABSENT) {
    fprintf(out, "  memory       free %s", pages(s, c[OOM_FREE], a));
    counter(out, s, "anon", both(c[OOM_ACTIVE_ANON], c[OOM_INACTIVE_ANON]));
    counter(out, s, "file", both(c[OOM_ACTIVE_FILE], c[OOM_INACTIVE_FILE]));
    counter(out, s, "locked or unevictable", c[OOM_UNEVICTABLE]);
    counter(out, s, "shmem", c[OOM_SHMEM]);
    counter(out, s, "slab", both(c[OOM_SLAB_RECLAIMABLE], c[OOM_SLAB_UNRECLAIMABLE]));
    counter(out, s, "page tables", c[OOM_PAGETABLES]);
    if (c[OOM_PAGETABLES] != OOM_ABSENT && r->ram != OOM_ABSENT && r->ram != 0)
      fprintf(out, " (%.1f %% of RAM)", 100.0 * (double)c[OOM_PAGETABLES] / (double)r->ram);
    fputc('\n', out);
  }
  if (r->swap_total_kb == 0)
    fputs("  swap         none\n", out);
  else if (r->swap_total_kb != OOM_ABSENT)
    fprintf(out, "  swap         %s free of %s\n", kilo(r->swap_free_kb, a),
            kilo(r->swap_total_kb, b));
  if (r->zone_count != 0)
    fprintf(out, "  zones        %-12s %10s %10s %10s %10s %10s\n", "", "free", "min", "low",
            "high", "managed");
  for (size_t i = 0; i < r->zone_count; i++) {
    const struct oom_zone *z = &r->zones[i];
    const uint64_t *k = z->kb, reserve = reserve_kb(z, r->page_bytes);
    char name[32];
    snprintf(name, sizeof name, "%d:%s", z->node < 0 ? 0 : z->node, z->name);
    fprintf(out, "               %-12s %10s %10s %10s %10s %10s%s", name, kilo(k[ZONE_FREE], a),
            kilo(k[ZONE_MIN], b), kilo(k[ZONE_LOW], d), kilo(k[ZONE_HIGH], e),
            kilo(k[ZONE_MANAGED], f), state(z, reserve));
    if (reserve != 0) fprintf(out, " with a reserve of %s", kilo(reserve, a));
    fputc('\n', out);
  }
}

static void cgroup(FILE *out, const struct oom_shown *s) {
  const struct oom_cgroup *c = &s->report->cgroup;
  char a[SIZE], b[SIZE];
  fprintf(out, "  cgroup       %s: %s in use of %s", s->report->memcg, kilo(c->usage_kb, a),
          kilo(c->limit_kb, b));
  if (c->swap_limit_kb != OOM_ABSENT)
    fprintf(out, ", %s %s of %s", c->v1 ? "memory and swap" : "swap", kilo(c->swap_usage_kb, a),
            kilo(c->swap_limit_kb, b));
  fputc('\n', out);
}

/* The three that hold most, whatever their oom_score_adj. */
static void largest(FILE *out, const struct oom_shown *s) {
  const struct oom_report *r = s->report;
  size_t best[3], n = 0;
  char a[SIZE];
  for (size_t i = 0; i < r->task_count; i++) {
    size_t at = n;
    const uint64_t mine = memory_of(&s->fact->machine, &r->tasks[i]);
    while (at > 0 && memory_of(&s->fact->machine, &r->tasks[best[at - 1]]) < mine)
      at--;
    if (at == 3) continue;
    if (n < 3) n++;
    for (size_t k = n - 1; k > at; k--)
      best[k] = best[k - 1];
    best[at] = i;
  }
  for (size_t i = 0; i < n; i++) {
    const struct oom_task *t = &r->tasks[best[i]];
    fprintf(out, "%s%" PRId64 " (%s) %s", i == 0 ? "  largest      " : ", ", t->pid, t->name,
            pages(s, memory_of(&s->fact->machine, t), a));
  }
  if (n != 0) fputc('\n', out);
}

static void around(FILE *out, const struct oom_shown *s) {
  const struct oom_report *r = s->report;
  char a[SIZE];
  if (r->started) {
    fputs("  asked for    ", out);
    if (r->order < 0)
      fputs("a kill, by SysRq", out);
    else
      fprintf(out, "order %d (%s), gfp %#" PRIx64, r->order,
              r->order < 40 ? pages(s, (uint64_t)1 << r->order, a) : "?", r->gfp);
    if (r->gfp_names[0] != '\0') fprintf(out, " %s", r->gfp_names);
    fprintf(out, ", by %s (oom_score_adj %d)\n", r->invoker, r->invoker_adj);
  }
  fprintf(out, "  kernel       %.*s; %s\n",
          r->release[0] != '\0' ? (int)strcspn(r->release, " ") : 16,
          r->release[0] != '\0' ? r->release : "version unknown", oom_rules_text(s->fact));
  if (!s->fact->machine.rules.chapter) totals(out, s);
  if (r->constraint == OOM_MEMCG)
    cgroup(out, s);
  else
    machine(out, s);
  largest(out, s);
}

/* What oom_score_adj would turn its fate. */
static const char *turn(const struct oom_bounds *b, bool first, char *text, size_t room) {
  if (first && b->lives == OOM_ADJ_MIN)
    snprintf(text, room, "lives only at -1000");
  else if (first)
    snprintf(text, room, "lives at %d", b->lives);
  else if (b->dies == OOM_NO_ADJ)
    snprintf(text, room, "never first");
  else
    snprintf(text, room, "dies first at %d", b->dies);
  return text;
}

static void row(FILE *out, const struct oom_shown *s, size_t i, size_t place) {
  const struct oom_verdict *v = s->whatif != NULL ? s->whatif : s->fact;
  const struct oom_task *t = &s->tasks[i];
  const bool global = s->report->constraint <= OOM_GLOBAL && v->machine.totalpages != 0 &&
                      !v->machine.rules.chapter;
  char a[SIZE], b[SIZE], c[SIZE], d[SIZE], rank[24] = "-", points[24] = "-", score[16] = "-";
  char fate[40];
  int64_t p;
  if (place != 0) {
    snprintf(rank, sizeof rank, "%zu", place);
    snprintf(points, sizeof points, "%" PRId64, v->points[i]);
  }
  if (global) snprintf(score, sizeof score, "%u", oom_score(&v->machine, t));
  fprintf(out, "  %5s %10s %10s %10s %10s %10s %6d%s %5s %8" PRId64 " %-16s ", rank, points,
          pages(s, memory_of(&v->machine, t), a), pages(s, t->rss, b), pages(s, t->swapents, c),
          pages(s, oom_table_pages(&v->machine, t), d), t->adj,
          t->adj != s->report->tasks[i].adj ? "*" : " ", score, t->pid, t->name);
  if (place != 0 || t->adj == OOM_ADJ_MIN)
    fputs(turn(&v->bounds[i], place == 1, fate, sizeof fate), out);
  else
    fputs(oom_exempt_text(oom_badness(&v->machine, t, &p)), out);
  fputc('\n', out);
}

static void table(FILE *out, const struct oom_shown *s) {
  const struct oom_verdict *v = s->whatif != NULL ? s->whatif : s->fact;
  const size_t n = s->report->task_count;
  size_t shown = 0;
  if (n == 0) return;
  fprintf(out, "  %5s %10s %10s %10s %10s %10s %6s  %5s %8s %-16s %s\n", "order", "points",
          "memory", "resident", "swapped", "tables", "adj", "score", "pid", "name",
          "if its oom_score_adj were changed alone");
  for (size_t k = 0; k < v->count && (s->top == 0 || shown < s->top); k++, shown++)
    row(out, s, v->order[k], k + 1);
  for (size_t i = 0; i < n && (s->top == 0 || shown < s->top); i++) {
    int64_t p;
    if (oom_badness(&v->machine, &s->tasks[i], &p) == OOM_CANDIDATE) continue;
    row(out, s, i, 0);
    shown++;
  }
  if (shown < n) fprintf(out, "  and %zu more (--top 0 shows all)\n", n - shown);
}

void oom_show(FILE *out, const struct oom_shown *s) {
  sentence(out, s);
  whatif_sentence(out, s);
  around(out, s);
  table(out, s);
}

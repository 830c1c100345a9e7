// SPDX-License-Identifier: Apache-2.0
// A judged OOM report for people: one sentence, the memory around it, the tasks by points.
// Promises: the same report gives the same text.
#include "cli/oom_show.h"

#include <inttypes.h>
#include <string.h>

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
  char a[OOM_SIZE], b[OOM_SIZE], c[OOM_SIZE], d[OOM_SIZE];
  if (m->rules.chapter)
    fprintf(out, "%s resident, %s swapped, half of %s virtual%s, oom_score_adj %d",
            oom_pages(s, t->rss, a), oom_pages(s, t->swapents, b), oom_pages(s, t->total_vm, c),
            t->admin ? ", a quarter off for root" : "", t->adj);
  else
    fprintf(out, "%s: %s resident, %s swapped, %s of page tables; oom_score_adj %d",
            oom_pages(s, oom_memory(m, t), a), oom_pages(s, t->rss, b),
            oom_pages(s, t->swapents, c), oom_pages(s, oom_table_pages(m, t), d), t->adj);
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
  const bool differs = r->table && v->agreement == OOM_DIFFERS && !v->machine.rules.chapter;
  if (differs && v->total_matters && !v->total.exact)
    fputs("totalpages is not certain, which moves tasks with an oom_score_adj; --total-pages.\n",
          out);
  else if (differs && v->count != 0)
    fputs(
        "The counters are printed after the choice and may have moved; tasks already reaped or in "
        "vfork are not marked.\n",
        out);
}

static void whatif_sentence(FILE *out, const struct oom_shown *s) {
  const struct oom_verdict *w = s->whatif, *v = s->fact;
  if (w == NULL) return;
  size_t changed = 0;
  for (size_t i = 0; i < s->report->task_count; i++) {
    if (s->tasks[i].adj == s->report->tasks[i].adj) continue;
    if (changed < 4)
      fprintf(out, "%s %" PRId64 "=%d", changed == 0 ? "With oom_score_adj" : ",", s->tasks[i].pid,
              s->tasks[i].adj);
    changed++;
  }
  if (changed == 0) {
    fputs("No task of this report has another oom_score_adj.\n", out);
    return;
  }
  if (changed > 4) fprintf(out, " and %zu more", changed - 4);
  if (w->count == 0) {
    fputs(": nobody could be killed, and the kernel would panic or fail the allocation.\n", out);
    return;
  }
  const struct oom_task *t = &s->tasks[w->order[0]];
  const bool same = v->count != 0 && w->order[0] == v->order[0];
  fprintf(out, ": %" PRId64 " (%s) %s, with %" PRId64 " points.\n", t->pid, t->name,
          same ? "would have died all the same" : "would have died instead",
          w->points[w->order[0]]);
}

/* What oom_score_adj would turn its fate. */
static const char *turn(const struct oom_bounds *b, bool first, char *text, size_t room) {
  if (first && b->lives == OOM_ADJ_MIN)
    snprintf(text, room, "lives only at -1000");
  else if (first)
    snprintf(text, room, "lives at %d or less", b->lives);
  else if (b->dies == OOM_NO_ADJ)
    snprintf(text, room, "never first");
  else
    snprintf(text, room, "dies first at %d or more", b->dies);
  return text;
}

static void row(FILE *out, const struct oom_shown *s, size_t i, size_t place) {
  const struct oom_verdict *v = s->whatif != NULL ? s->whatif : s->fact;
  const struct oom_task *t = &s->tasks[i];
  const bool global = s->report->constraint <= OOM_GLOBAL && v->machine.totalpages != 0 &&
                      !v->machine.rules.chapter;
  char a[OOM_SIZE], b[OOM_SIZE], c[OOM_SIZE], d[OOM_SIZE], rank[24] = "-", points[24] = "-",
                                                           score[16] = "-";
  char fate[40];
  int64_t p;
  if (place != 0) {
    snprintf(rank, sizeof rank, "%zu", place);
    snprintf(points, sizeof points, "%" PRId64, v->points[i]);
  }
  if (global) snprintf(score, sizeof score, "%u", oom_score(&v->machine, t));
  fprintf(out, "  %5s %10s %10s %10s %10s %10s %6d%s %5s %8" PRId64 " %-16s ", rank, points,
          oom_pages(s, oom_memory(&v->machine, t), a), oom_pages(s, t->rss, b),
          oom_pages(s, t->swapents, c), oom_pages(s, oom_table_pages(&v->machine, t), d), t->adj,
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
  oom_show_around(out, s);
  table(out, s);
}

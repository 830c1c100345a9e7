// SPDX-License-Identifier: Apache-2.0
// The memory around an OOM report: the request, totalpages, zones against their marks, swap.
#include <inttypes.h>
#include <string.h>

#include "cli/oom_show.h"

const char *oom_human(uint64_t bytes, char *text, size_t room) {
  static const char *const unit[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double v = (double)bytes;
  size_t u = 0;
  for (; v >= 1023.95 && u < 6; u++)
    v /= 1024;
  snprintf(text, room, u == 0 || v == 0 ? "%.0f %s" : "%.1f %s", v, unit[u]);
  return text;
}

const char *oom_pages(const struct oom_shown *s, uint64_t n, char *text) {
  return oom_human(n * s->report->page_bytes, text, OOM_SIZE);
}

uint64_t oom_memory(const struct oom_machine *m, const struct oom_task *t) {
  return t->rss + t->swapents + oom_table_pages(m, t);
}

static const char *kilo(uint64_t kb, char *text) {
  if (kb == OOM_ABSENT) return "?";
  return kb >= (uint64_t)1 << 52 ? "no limit" : oom_human(kb * 1024, text, OOM_SIZE);
}

static void totals(FILE *out, const struct oom_shown *s) {
  const struct oom_verdict *v = s->fact;
  char a[OOM_SIZE], b[OOM_SIZE];
  if (v->total.pages == OOM_ABSENT) {
    fprintf(out, "  totalpages   unknown: %s%s\n", v->total.how,
            v->total_matters ? "; give --total-pages, oom_score_adj counts for nothing meanwhile"
                             : "; no oom_score_adj needs it");
    return;
  }
  fprintf(out,
          "  totalpages   %" PRIu64 " (%s) = %s; a step of oom_score_adj is %" PRIu64
          " pages (%s)\n",
          v->total.pages, oom_pages(s, v->total.pages, a), v->total.how, v->total.pages / 1000,
          oom_pages(s, v->total.pages / 1000, b));
}

static void counter(FILE *out, const struct oom_shown *s, const char *name, uint64_t n) {
  char a[OOM_SIZE];
  if (n != OOM_ABSENT) fprintf(out, ", %s %s", name, oom_pages(s, n, a));
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
  char a[OOM_SIZE], b[OOM_SIZE], d[OOM_SIZE], e[OOM_SIZE], f[OOM_SIZE];
  if (c[OOM_FREE] != OOM_ABSENT) {
    fprintf(out, "  memory       free %s", oom_pages(s, c[OOM_FREE], a));
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
  char a[OOM_SIZE], b[OOM_SIZE];
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
  char a[OOM_SIZE];
  for (size_t i = 0; i < r->task_count; i++) {
    size_t at = n;
    const uint64_t mine = oom_memory(&s->fact->machine, &r->tasks[i]);
    while (at > 0 && oom_memory(&s->fact->machine, &r->tasks[best[at - 1]]) < mine)
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
            oom_pages(s, oom_memory(&s->fact->machine, t), a));
  }
  if (n != 0) fputc('\n', out);
}

void oom_show_around(FILE *out, const struct oom_shown *s) {
  const struct oom_report *r = s->report;
  char a[OOM_SIZE];
  if (r->started) {
    fputs("  asked for    ", out);
    if (r->order < 0)
      fputs("a kill, by SysRq", out);
    else
      fprintf(out, "order %d (%s), gfp %#" PRIx64, r->order,
              r->order < 40 ? oom_pages(s, (uint64_t)1 << r->order, a) : "?", r->gfp);
    if (r->gfp_names[0] != '\0') fprintf(out, " %s", r->gfp_names);
    fprintf(out, ", by %s (oom_score_adj %d)\n", r->invoker, r->invoker_adj);
  }
  fprintf(out, "  kernel       %.*s; %s%s\n",
          r->release[0] != '\0' ? (int)strcspn(r->release, " ") : 16,
          r->release[0] != '\0' ? r->release : "version unknown", oom_rules_text(s->fact),
          s->fact->guessed && !s->fact->machine.rules.chapter ? ", by its layout" : "");
  if (!s->fact->machine.rules.chapter) totals(out, s);
  if (r->constraint == OOM_MEMCG)
    cgroup(out, s);
  else
    machine(out, s);
  largest(out, s);
}

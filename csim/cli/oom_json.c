// SPDX-License-Identifier: Apache-2.0
// A judged OOM report as JSON; the keys are listed in docs/oom.md.
#include "cli/oom_show.h"
#include "oom/read.h"

static void number(cJSON *to, const char *key, uint64_t v) {
  if (v != OOM_ABSENT) cJSON_AddNumberToObject(to, key, (double)v);
}

static void whole(cJSON *to, const char *key, int64_t v) {
  cJSON_AddNumberToObject(to, key, (double)v);
}

static cJSON *task_json(const struct oom_verdict *v, const struct oom_task *t, size_t i) {
  const struct oom_bounds *b = &v->bounds[i];
  int64_t points;
  const enum oom_exempt e = oom_badness(&v->machine, t, &points);
  cJSON *o = cJSON_CreateObject();
  whole(o, "pid", t->pid);
  cJSON_AddStringToObject(o, "name", t->name);
  if (e == OOM_CANDIDATE)
    whole(o, "points", points);
  else
    cJSON_AddStringToObject(o, "exempt", oom_exempt_text(e));
  whole(o, "tgid", t->tgid);
  whole(o, "uid", t->uid);
  whole(o, "oom_score_adj", t->adj);
  number(o, "total_vm", t->total_vm);
  number(o, "rss", t->rss);
  number(o, "swapents", t->swapents);
  number(o, "pgtables_bytes", t->pgtables_bytes);
  if (b->dies != OOM_NO_ADJ)
    whole(o, "dies_first_at_adj", b->dies);
  else
    cJSON_AddNullToObject(o, "dies_first_at_adj");
  whole(o, "lives_at_adj", b->lives);
  return o;
}

/* The candidates in the order they die, each with its /proc/PID/oom_score if it can be had. */
static void add_tasks(cJSON *to, const struct oom_shown *s, const struct oom_verdict *v,
                      const struct oom_task *tasks) {
  const size_t n = s->report->task_count;
  const bool global = s->report->constraint <= OOM_GLOBAL && v->machine.totalpages != 0;
  cJSON *victims = cJSON_AddArrayToObject(to, "victims");
  for (size_t k = 0; k < v->count; k++) {
    cJSON *o = task_json(v, &tasks[v->order[k]], v->order[k]);
    if (global) number(o, "oom_score", oom_score(&v->machine, &tasks[v->order[k]]));
    cJSON_AddItemToArray(victims, o);
  }
  cJSON *exempt = cJSON_AddArrayToObject(to, "exempt");
  for (size_t i = 0; i < n; i++) {
    int64_t p;
    if (oom_badness(&v->machine, &tasks[i], &p) != OOM_CANDIDATE)
      cJSON_AddItemToArray(exempt, task_json(v, &tasks[i], i));
  }
}

static void add_zones(cJSON *to, const struct oom_report *r) {
  cJSON *zones = cJSON_AddArrayToObject(to, "zones");
  for (size_t i = 0; i < r->zone_count; i++) {
    const struct oom_zone *z = &r->zones[i];
    cJSON *o = cJSON_CreateObject();
    whole(o, "node", z->node < 0 ? 0 : z->node);
    cJSON_AddStringToObject(o, "name", z->name);
    number(o, "free_kb", z->kb[ZONE_FREE]);
    number(o, "min_kb", z->kb[ZONE_MIN]);
    number(o, "low_kb", z->kb[ZONE_LOW]);
    number(o, "high_kb", z->kb[ZONE_HIGH]);
    number(o, "managed_kb", z->kb[ZONE_MANAGED]);
    cJSON_AddItemToArray(zones, o);
  }
}

static void add_memory(cJSON *to, const struct oom_report *r) {
  cJSON *m = cJSON_AddObjectToObject(to, "memory");
  cJSON *pages = cJSON_AddObjectToObject(m, "pages");
  for (size_t i = 0; i < OOM_STATS; i++)
    number(pages, oom_stat_name[i], r->stat[i]);
  number(pages, "ram", r->ram);
  number(pages, "reserved", r->reserved);
  number(m, "swap_total_kb", r->swap_total_kb);
  number(m, "swap_free_kb", r->swap_free_kb);
  add_zones(m, r);
  if (r->constraint != OOM_MEMCG) return;
  cJSON *c = cJSON_AddObjectToObject(m, "cgroup");
  cJSON_AddStringToObject(c, "path", r->memcg);
  number(c, "usage_kb", r->cgroup.usage_kb);
  number(c, "limit_kb", r->cgroup.limit_kb);
  number(c, "swap_usage_kb", r->cgroup.swap_usage_kb);
  number(c, "swap_limit_kb", r->cgroup.swap_limit_kb);
}

static void add_request(cJSON *to, const struct oom_report *r) {
  cJSON *a = cJSON_AddObjectToObject(to, "request");
  if (!r->started) return;
  cJSON_AddStringToObject(a, "by", r->invoker);
  whole(a, "order", r->order);
  whole(a, "gfp_mask", (int64_t)(r->gfp & UINT32_MAX));
  cJSON_AddStringToObject(a, "gfp_flags", r->gfp_names);
  whole(a, "oom_score_adj", r->invoker_adj);
}

static void add_kernel(cJSON *to, const struct oom_shown *s) {
  static const char *const agreement[] = {"same", "same, a child was killed",
                                          "allocating task killed", "differs", "unknown"};
  const struct oom_report *r = s->report;
  cJSON *k = cJSON_AddObjectToObject(to, "kernel");
  cJSON_AddStringToObject(k, "release", r->release);
  if (s->fact->kernel_pid >= 0) whole(k, "chose", s->fact->kernel_pid);
  if (r->chosen.pid >= 0) number(k, "score", r->chosen.score);
  cJSON *killed = cJSON_AddArrayToObject(k, "killed");
  for (size_t i = 0; i < r->kill_count; i++) {
    cJSON *o = cJSON_CreateObject();
    whole(o, "pid", r->kills[i].pid);
    cJSON_AddStringToObject(o, "name", r->kills[i].name);
    cJSON_AddItemToArray(killed, o);
  }
  if (r->panic[0] != '\0') cJSON_AddStringToObject(k, "panic", r->panic);
  cJSON_AddStringToObject(k, "agreement", agreement[s->fact->agreement]);
}

cJSON *oom_show_json(const struct oom_shown *s) {
  static const char *const scope[] = {"global", "global", "cpuset", "mempolicy", "memcg"};
  const struct oom_report *r = s->report;
  const struct oom_verdict *v = s->fact;
  char text[256];
  cJSON *o = cJSON_CreateObject();
  if (o == NULL) return NULL;
  whole(o, "report", (int64_t)s->number);
  whole(o, "line", (int64_t)r->line);
  cJSON_AddStringToObject(o, "scope", scope[r->constraint]);
  cJSON_AddStringToObject(o, "missing", oom_missing_text(r->missing, text, sizeof text));
  cJSON_AddStringToObject(o, "formula", v->machine.rules.chapter ? "chapter" : "kernel");
  cJSON_AddStringToObject(o, "rules", oom_rules_text(v));
  number(o, "total_pages", v->total.pages);
  cJSON_AddStringToObject(o, "total_pages_from", v->total.how);
  cJSON_AddBoolToObject(o, "total_pages_exact", v->total.exact);
  whole(o, "page_bytes", r->page_bytes);
  add_request(o, r);
  add_kernel(o, s);
  add_memory(o, r);
  add_tasks(o, s, v, r->tasks);
  if (s->whatif == NULL) return o;
  cJSON *w = cJSON_AddObjectToObject(o, "what_if");
  add_tasks(w, s, s->whatif, s->tasks);
  return o;
}

// SPDX-License-Identifier: Apache-2.0
// result.json: the scenario as it was run, and for each architecture the metrics, the ledger, the
// contracts, the zones and the coverage, by Debian's cJSON.
// Follows docs/result-json.md, which documents every key.
// Promises: nothing in it depends on the host or on time; same scenario and seed, same bytes.
#include "observer/result.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>

#include "machine/cost.h"
#include "observer/diagnosis.h"
#include "observer/metric.h"
#include "observer/timing_enters.h"
#include "scenario/scenario.h"

static void add(cJSON *o, const char *name, uint64_t value) {
  cJSON_AddNumberToObject(o, name, (double)value);
}

static void add_scenario(cJSON *root, const struct scenario *s) {
  cJSON *o = cJSON_AddObjectToObject(root, "scenario");
  char name[80], value[512];
  cJSON_AddStringToObject(o, "name", scenario_name(s));
  for (size_t i = 0; scenario_key(s, i, name, sizeof name, value, sizeof value); i++)
    cJSON_AddStringToObject(o, name, value);
}

/* Where each assumed cost comes from. */
static void add_costs(cJSON *root, const struct scenario *s) {
  cJSON *o = cJSON_AddObjectToObject(root, "costs");
  struct machine_config cfg;
  scenario_config(s, MMU_ARCH_X86, &cfg);
  for (int w = 0; w < OS_WORK_COUNT; w++) {
    const struct cost_entry *e = cost_entry((enum os_work)w);
    cJSON *c = cJSON_AddObjectToObject(o, e->name);
    bool own = cfg.cost[w] != e->cycles;
    add(c, "cycles", cfg.cost[w]);
    cJSON_AddStringToObject(c, "status", own ? "given by the scenario" : "assumed");
    if (!own) cJSON_AddStringToObject(c, "source", e->source);
  }
}

static void add_metrics(cJSON *run, const struct machine_results *r) {
  static const char *const groups[] = {"program", "mmu", "shootdown", "os", "disk"};
  cJSON *group[5];
  for (int g = 0; g < 5; g++)
    group[g] = cJSON_AddObjectToObject(run, groups[g]);
  for (size_t i = 0; i < metric_count(); i++)
    add(group[metric_at(i)->group], metric_at(i)->name, metric_value(r, i));
}

/* Remote shootdowns by how long they took; "16" counts those of 16 to 31 cycles. */
static void add_shootdown_times(cJSON *run, const struct machine_results *r) {
  cJSON *o = cJSON_AddObjectToObject(run, "shootdown_times");
  char name[24];
  for (unsigned i = 0; i < SHOOTDOWN_BINS; i++) {
    if (r->shootdown.took[i] == 0) continue;
    snprintf(name, sizeof name, "%" PRIu64, UINT64_C(1) << i);
    add(o, name, r->shootdown.took[i]);
  }
}

static void add_counters(cJSON *run, const struct machine_results *r) {
  cJSON *perf = cJSON_AddObjectToObject(run, "perf");
  for (int i = 0; i < MMU_PERF_COUNT; i++)
    add(perf, mmu_counter_name((enum mmu_perf)i), r->perf[i]);
}

static void add_ledger(cJSON *run, const struct outcome *o) {
  const struct ledger *l = &o->results.ledger;
  cJSON *ledger = cJSON_AddObjectToObject(run, "ledger");
  for (int a = 0; a < LEDGER_ACCOUNTS; a++)
    add(ledger, ledger_name((enum ledger_account)a),
        ledger_total(l, o->cpus, (enum ledger_account)a));
  cJSON *cpus = cJSON_AddArrayToObject(run, "ledger_cpus");
  for (uint32_t c = 0; c < o->cpus; c++) {
    cJSON *row = cJSON_CreateObject();
    cJSON_AddItemToArray(cpus, row);
    for (int a = 0; a < LEDGER_ACCOUNTS; a++)
      add(row, ledger_name((enum ledger_account)a), l->cycles[c][a]);
  }
}

/* Of programs that mark their phases: accesses and misses by operation and class, and the OS's
 * metrics. */
static void add_phases(cJSON *run, const struct machine_results *r) {
  static const char *const ops[MACHINE_OPS] = {"anon_load", "anon_store", "file_mmap",
                                               "file_pread"};
  if (r->phases == 0) return;
  cJSON *phases = cJSON_AddArrayToObject(run, "phases");
  for (uint32_t i = 0; i < r->phases; i++) {
    const struct machine_phase *p = &r->phase[i];
    cJSON *o = cJSON_CreateObject();
    cJSON_AddItemToArray(phases, o);
    add(o, "mark", p->mark);
    add(o, "cycles", p->cycles);
    cJSON *accesses = cJSON_AddArrayToObject(o, "accesses");
    for (int k = 0; k < MACHINE_OPS * MACHINE_CLASSES; k++) {
      int op = k / MACHINE_CLASSES;
      int cls = k % MACHINE_CLASSES;
      if (p->accesses[op][cls] == 0) continue;
      cJSON *row = cJSON_CreateObject();
      cJSON_AddItemToArray(accesses, row);
      cJSON_AddStringToObject(row, "op", ops[op]);
      add(row, "class", (uint64_t)cls);
      add(row, "accesses", p->accesses[op][cls]);
      add(row, "misses", p->misses[op][cls]);
    }
    const struct machine_results of = {.os = p->os};
    cJSON *os = cJSON_AddObjectToObject(o, "os");
    for (size_t k = 0; k < metric_count(); k++)
      if (metric_at(k)->group == METRIC_OS) add(os, metric_at(k)->name, metric_value(&of, k));
  }
}

static void add_contracts(cJSON *run, const struct contracts *k) {
  cJSON *contracts = cJSON_AddObjectToObject(run, "contracts");
  for (int i = 0; i < CONTRACT_COUNT; i++) {
    const struct contract_record *r = &k->record[i];
    cJSON *c = cJSON_AddObjectToObject(contracts, contract_name((enum contract)i));
    add(c, "checked", r->checked);
    add(c, "broken", r->broken);
    if (r->broken != 0) cJSON_AddStringToObject(c, "first", r->first);
  }
}

static void add_zones(cJSON *run, const struct outcome *o) {
  cJSON *zones = cJSON_AddArrayToObject(run, "zones");
  for (uint32_t i = 0; i < o->zones; i++) {
    const struct outcome_zone *z = &o->zone[i];
    cJSON *zone = cJSON_CreateObject();
    cJSON_AddItemToArray(zones, zone);
    cJSON_AddStringToObject(zone, "name", z->name);
    add(zone, "managed", z->managed);
    add(zone, "free", z->free);
    add(zone, "min", z->min);
    add(zone, "low", z->low);
    add(zone, "high", z->high);
  }
}

/* The OOM killer's victims in order, and the end of the kernel. */
static void add_oom(cJSON *run, const struct machine_results *r) {
  if (r->panic[0] != '\0') cJSON_AddStringToObject(run, "panic", r->panic);
  if (r->kills == 0) return;
  cJSON *all = cJSON_AddArrayToObject(run, "oom_victims");
  for (uint64_t i = 0; i < r->kills; i++) {
    const struct os_oom_kill *k = &r->kill[i];
    cJSON *o = cJSON_CreateObject();
    cJSON_AddItemToArray(all, o);
    add(o, "cycle", k->cycle);
    add(o, "pid", k->pid);
    cJSON_AddStringToObject(o, "name", k->name);
    cJSON_AddNumberToObject(o, "points", (double)k->points);
    add(o, "rss", k->rss);
    add(o, "swapents", k->swapents);
    add(o, "pgtables", k->tables);
    cJSON_AddNumberToObject(o, "oom_score_adj", k->oom_score_adj);
  }
}

static void add_coverage(cJSON *run, const struct outcome *o) {
  cJSON *coverage = cJSON_AddObjectToObject(run, "coverage");
  char name[96];
  for (uint32_t i = 0; i < o->bins; i++) {
    coverage_name(&o->bin[i].bin, name, sizeof name);
    add(coverage, name, o->bin[i].count);
  }
}

static void add_diagnosis(cJSON *run, const struct scenario *s, const struct outcome *o) {
  struct machine_config cfg;
  struct finding found[FINDINGS];
  cJSON *array = cJSON_AddArrayToObject(run, "diagnosis");
  scenario_config(s, o->arch, &cfg);
  diagnose(o, cfg.os.cpu_hz, found);
  for (int i = 0; i < FINDINGS; i++) {
    const struct finding *f = &found[i];
    if (!f->known) continue;
    cJSON *item = cJSON_CreateObject();
    cJSON_AddItemToArray(array, item);
    cJSON_AddStringToObject(item, "name", f->name);
    cJSON_AddBoolToObject(item, "red_flag", f->flag);
    cJSON_AddNumberToObject(item, "figure", f->figure);
    cJSON_AddNumberToObject(item, "threshold", f->threshold);
    cJSON_AddStringToObject(item, "unit", f->unit);
    cJSON_AddStringToObject(item, "what", f->what);
    if (f->flag) cJSON_AddStringToObject(item, "advice", f->advice);
    cJSON_AddStringToObject(item, "source", f->source);
  }
}

static void add_line(void *array, const char *text) {
  cJSON_AddItemToArray(array, cJSON_CreateString(text));
}

static void add_timing(cJSON *run, const struct scenario *s, const struct outcome *o) {
  struct timing_reason reason[TIMING_REASONS];
  cJSON *array = cJSON_AddArrayToObject(run, "timing_enters");
  size_t n = timing_enters(s, o, reason);
  for (size_t i = 0; i < n; i++)
    add_line(array, reason[i].name);
}

static cJSON *run_object(const struct scenario *s, const struct outcome *o) {
  cJSON *run = cJSON_CreateObject();
  cJSON_AddStringToObject(run, "arch", scenario_arch_name(o->arch));
  cJSON_AddBoolToObject(run, "passed", result_passed(s, o));
  if (!o->ran) {
    cJSON_AddStringToObject(run, "error", o->error);
    return run;
  }
  if (o->death[0] != '\0') cJSON_AddStringToObject(run, "killed", o->death);
  add_oom(run, &o->results);
  add(run, "cycles", o->results.cycles);
  add(run, "cpus", o->cpus);
  add(run, "tasks", o->tasks);
  add(run, "events", o->results.events);
  add(run, "footprint_pages", o->results.footprint_pages);
  add_timing(run, s, o);
  add_metrics(run, &o->results);
  add_shootdown_times(run, &o->results);
  add_counters(run, &o->results);
  add_ledger(run, o);
  add_phases(run, &o->results);
  add_contracts(run, &o->results.contracts);
  add_zones(run, o);
  cJSON *caches = cJSON_AddObjectToObject(run, "caches");
  static const char *const levels[] = {"l1_hits", "l2_hits", "l3_hits", "dram"};
  for (int i = 0; i < 4; i++)
    add(caches, levels[i], o->results.timing[i]);
  add_coverage(run, o);
  add_diagnosis(run, s, o);
  result_missed(s, o, add_line, cJSON_AddArrayToObject(run, "missed"));
  return run;
}

char *result_json(const struct scenario *s, const struct outcome *const *runs, size_t count) {
  cJSON *root = cJSON_CreateObject();
  cJSON_AddNumberToObject(root, "format", 1);
  add_scenario(root, s);
  add_costs(root, s);
  cJSON *array = cJSON_AddArrayToObject(root, "runs");
  for (size_t i = 0; i < count; i++)
    cJSON_AddItemToArray(array, run_object(s, runs[i]));
  char *text = cJSON_Print(root);
  cJSON_Delete(root);
  return text;
}

size_t result_missed(const struct scenario *s, const struct outcome *run,
                     void (*line)(void *arg, const char *text), void *arg) {
  size_t missed = 0;
  for (size_t i = 0; i < metric_count(); i++) {
    uint64_t expected = scenario_expect(s, i);
    uint64_t most = scenario_expect_max(s, i);
    uint64_t got = metric_value(&run->results, i);
    char text[160];
    if (got >= expected && got <= most) continue;
    missed++;
    snprintf(text, sizeof text, "%s: %" PRIu64 ", expected at %s %" PRIu64, metric_at(i)->name, got,
             got < expected ? "least" : "most", got < expected ? expected : most);
    if (line != NULL) line(arg, text);
  }
  return missed;
}

static bool expects(const struct scenario *s, const char *metric) {
  return scenario_expect(s, metric_find(metric)) != 0;
}

bool result_passed(const struct scenario *s, const struct outcome *run) {
  /* A scenario that expects the OOM killer passes with its victims. */
  bool oom = expects(s, "oom_kills") || expects(s, "panics");
  bool killed = oom ? run->results.other_deaths != 0 : run->death[0] != '\0';
  if (run->results.panic[0] != '\0' && !expects(s, "panics")) return false;
  return run->ran && !killed && contract_breaks(&run->results.contracts) == 0 &&
         result_missed(s, run, NULL, NULL) == 0;
}

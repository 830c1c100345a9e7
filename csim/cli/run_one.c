// SPDX-License-Identifier: Apache-2.0
// One scenario on one architecture, from the machine's birth to its files. See run.c.
// Promises: o->error says why whenever o->ran is false.
#include "cli/run_one.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/run_files.h"
#include "cli/run_views.h"
#include "observer/report.h"
#include "scenario/scenario.h"

struct progress {
  const char *arch;
  double started, shown;
  bool tty;
};

static double host_time(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void show_progress(void *arg, uint64_t done, uint64_t expected, uint64_t cycles) {
  struct progress *p = arg;
  double now = host_time();
  if (now - p->shown < (p->tty ? 2 : 10)) return;
  p->shown = now;
  char count[32];
  report_number(done, count, sizeof count);
  fprintf(stderr, "%-5s %3.0f %%, %s events, %.1f M simulated cycles/s\n", p->arch,
          expected != 0 ? 100 * (double)done / (double)expected : 0, count,
          (double)cycles / 1e6 / (now - p->started));
}

/* sqlite.fst -> sqlite-arm.fst */
static char *wave_path(const char *path, const char *arch) {
  size_t room = strlen(path) + strlen(arch) + 2;
  char *out = malloc(room);
  const char *dot = strrchr(path, '.');
  if (dot == NULL || strchr(dot, '/') != NULL) dot = path + strlen(path);
  if (out != NULL) snprintf(out, room, "%.*s-%s%s", (int)(dot - path), path, arch, dot);
  return out;
}

static void keep_coverage(struct outcome *o, const struct coverage *c) {
  uint32_t cursor = 0;
  struct coverage_bin bin;
  uint64_t count;
  while (c != NULL && coverage_next(c, o->arch, &cursor, &bin, &count)) {
    if (count == 0 || o->bins == OUTCOME_BINS) continue;
    o->bin[o->bins].bin = bin;
    o->bin[o->bins++].count = count;
  }
}

static void keep_results(struct outcome *o, struct machine *m) {
  struct os_zone_info zone[OUTCOME_ZONES];
  machine_results(m, &o->results);
  o->tasks = machine_tasks(m);
  o->zones = (uint32_t)machine_zones(m, zone, OUTCOME_ZONES);
  for (uint32_t i = 0; i < o->zones; i++) {
    struct outcome_zone *z = &o->zone[i];
    snprintf(z->name, sizeof z->name, "%s", zone[i].name);
    z->managed = zone[i].managed;
    z->free = zone[i].free;
    z->min = zone[i].min;
    z->low = zone[i].low;
    z->high = zone[i].high;
  }
  if (machine_death(m) != NULL) snprintf(o->death, sizeof o->death, "%s", machine_death(m));
}

void run_one(const struct scenario *s, struct outcome *o, const char *folder, bool heat) {
  struct machine_config cfg;
  struct progress p = {.arch = scenario_arch_name(o->arch), .tty = isatty(2)};
  struct coverage *coverage = coverage_create();
  char *wave = NULL;
  scenario_config(s, o->arch, &cfg);
  if (cfg.fst != NULL) cfg.fst = wave = wave_path(cfg.fst, p.arch);
  o->cpus = cfg.cpus;
  cfg.coverage = coverage;
  cfg.progress = show_progress;
  cfg.progress_arg = &p;
  p.started = p.shown = host_time();
  struct run_views *views = NULL;
  if (coverage == NULL)
    snprintf(o->error, sizeof o->error, "the host is out of memory");
  else
    views = run_views_begin(s, &cfg, folder, heat, o->error, sizeof o->error);
  struct machine *m = views != NULL ? machine_create(&cfg, o->error, sizeof o->error) : NULL;
  if (m != NULL && scenario_add_programs(s, m, o->error, sizeof o->error)) {
    o->ran = machine_run(m);
    if (!o->ran) snprintf(o->error, sizeof o->error, "%s", machine_error(m));
    if (o->ran) run_files_proc(o, m, folder);
    keep_results(o, m);
    keep_coverage(o, coverage);
  }
  run_views_end(views, o);
  o->host_seconds = host_time() - p.started;
  machine_destroy(m);
  coverage_destroy(coverage);
  free(wave);
}

// SPDX-License-Identifier: Apache-2.0
// Promises: nothing here changes a run; what cannot be written is told with its path and the
// reason.
#include "cli/run_views.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/run_files.h"
#include "observer/diagnosis.h"
#include "observer/heat.h"
#include "observer/perf_stat.h"
#include "observer/sight.h"
#include "observer/timeline.h"
#include "os/proc.h"
#include "scenario/scenario.h"

struct run_views {
  char folder[640], name[80];
  enum mmu_arch arch;
  uint64_t hz;
  FILE *log;
  struct timeline *timeline;
  struct heat *heat;
  struct sight *sight;
  char error[900]; /* of a file; empty: none */
};

static void failed(struct run_views *v, const char *path) {
  if (v->error[0] == '\0')
    snprintf(v->error, sizeof v->error, "cannot write %s: %s", path, strerror(errno));
}

static FILE *open_file(struct run_views *v, const char *path) {
  FILE *f = fopen(path, "w");
  if (f == NULL) failed(v, path);
  return f;
}

static void close_file(struct run_views *v, FILE *f, const char *path) {
  bool bad = ferror(f) != 0;
  if (fclose(f) != 0 || bad) failed(v, path);
}

/* ---- as a task ends ---- */

static uint64_t field(const char *text, const char *name, bool *found) {
  const char *at = strstr(text, name);
  *found = at != NULL;
  return at != NULL ? strtoull(at + strlen(name), NULL, 10) : 0;
}

/* Anon pages and how many of them are huge, by what meminfo says now. */
static void note_huge_pages(struct run_views *v, const struct machine *m) {
  struct timeline_peaks *p = timeline_peaks(v->timeline);
  char *text = NULL;
  size_t len = 0;
  FILE *f = open_memstream(&text, &len);
  if (f == NULL) return;
  machine_proc(m, 0, f); /* meminfo */
  if (fclose(f) == 0) {
    bool anon, huge;
    uint64_t pages = field(text, "AnonPages:", &anon) / 4;
    uint64_t in_huge = field(text, "AnonHugePages:", &huge) / 4;
    if (anon && huge && pages > p->anon) {
      p->anon = pages;
      p->anon_huge = in_huge;
    }
    p->anon_known = anon && huge;
  }
  free(text);
}

static void task_ends(void *arg, struct machine *m, const struct os_task *t, uint32_t pid) {
  struct run_views *v = arg;
  char path[800];
  snprintf(path, sizeof path, "%s/proc-%s/%" PRIu32, v->folder, scenario_arch_name(v->arch), pid);
  if (!run_files_folders(path)) {
    failed(v, path);
    return;
  }
  const size_t len = strlen(path);
  snprintf(path + len, sizeof path - len, "/smaps");
  FILE *f = open_file(v, path);
  if (f == NULL) return;
  machine_smaps(m, t, f);
  close_file(v, f, path);
  snprintf(path + len, sizeof path - len, "/meminfo");
  f = open_file(v, path);
  if (f == NULL) return;
  machine_proc(m, 0, f);
  close_file(v, f, path);
  note_huge_pages(v, m);
}

static uint64_t sample(void *arg, const struct machine_sample *s) {
  return timeline_sample(((struct run_views *)arg)->timeline, s);
}

/* ---- before and after ---- */

static void destroy(struct run_views *v) {
  if (v->log != NULL) fclose(v->log);
  timeline_destroy(v->timeline);
  sight_destroy(v->sight);
  heat_destroy(v->heat);
  free(v);
}

static bool begin(struct run_views *v, const struct scenario *s, struct machine_config *cfg,
                  bool heat) {
  char path[800];
  snprintf(path, sizeof path, "%s/proc-%s", v->folder, scenario_arch_name(v->arch));
  if (!run_files_folders(path)) failed(v, path);
  snprintf(path, sizeof path, "%s/proc-%s/vmstat.log", v->folder, scenario_arch_name(v->arch));
  v->log = v->error[0] == '\0' ? open_file(v, path) : NULL;
  if (v->log == NULL) return false;
  uint64_t interval = (uint64_t)((double)scenario_interval_us(s) * 1e-6 * (double)v->hz);
  v->timeline = timeline_create(interval != 0 ? interval : 1, v->hz, v->log);
  if (heat) {
    v->heat = heat_create();
    v->sight = sight_create(cfg->os.memory_bytes >> 12, 1, v->heat);
  }
  if (v->timeline != NULL && (!heat || (v->heat != NULL && v->sight != NULL))) return true;
  snprintf(v->error, sizeof v->error, "the host is out of memory");
  return false;
}

struct run_views *run_views_begin(const struct scenario *s, struct machine_config *cfg,
                                  const char *folder, bool heat, char *err, size_t err_len) {
  struct run_views *v = calloc(1, sizeof *v);
  if (v == NULL) {
    snprintf(err, err_len, "the host is out of memory");
    return NULL;
  }
  snprintf(v->folder, sizeof v->folder, "%s", folder);
  snprintf(v->name, sizeof v->name, "%.70s", scenario_name(s));
  v->arch = cfg->arch;
  v->hz = cfg->os.cpu_hz;
  if (!begin(v, s, cfg, heat)) {
    snprintf(err, err_len, "%s", v->error);
    destroy(v);
    return NULL;
  }
  cfg->sample = sample;
  cfg->task_ends = task_ends;
  cfg->sample_arg = v;
  cfg->sight = v->sight;
  return v;
}

static void write_pictures(struct run_views *v) {
  char path[800], title[160];
  const char *arch = scenario_arch_name(v->arch);
  snprintf(path, sizeof path, "%s/timeline-%s.svg", v->folder, arch);
  snprintf(title, sizeof title, "%s, %s: free memory and reclaim", v->name, arch);
  FILE *f = open_file(v, path);
  if (f != NULL) {
    timeline_draw(v->timeline, title, f);
    close_file(v, f, path);
  }
  if (v->heat == NULL) return;
  snprintf(path, sizeof path, "%s/heat-%s.svg", v->folder, arch);
  snprintf(title, sizeof title, "%s, %s: pages over time", v->name, arch);
  f = open_file(v, path);
  if (f == NULL) return;
  heat_draw(v->heat, title, v->hz, f);
  close_file(v, f, path);
}

static void write_counters(struct run_views *v, const struct outcome *o) {
  char path[800];
  struct finding found[FINDINGS];
  const char *arch = scenario_arch_name(v->arch);
  snprintf(path, sizeof path, "%s/proc-%s/perf.txt", v->folder, arch);
  FILE *f = open_file(v, path);
  if (f != NULL) {
    perf_stat_print(f, v->name, o, v->hz);
    close_file(v, f, path);
  }
  snprintf(path, sizeof path, "%s/proc-%s/diagnosis", v->folder, arch);
  f = open_file(v, path);
  if (f == NULL) return;
  diagnose(o, v->hz, found);
  diagnosis_print(f, arch, found);
  close_file(v, f, path);
}

void run_views_end(struct run_views *v, struct outcome *o) {
  if (v == NULL) return;
  if (o->ran) {
    timeline_end(v->timeline);
    o->peaks = *timeline_peaks(v->timeline);
    write_pictures(v);
    write_counters(v, o);
    if (fflush(v->log) != 0) failed(v, "vmstat.log");
    if (v->error[0] != '\0') {
      o->ran = false;
      snprintf(o->error, sizeof o->error, "%s", v->error);
    }
  }
  destroy(v);
}

void run_views_vmstat(const char *folder, enum mmu_arch arch, FILE *out) {
  char path[800], line[256];
  snprintf(path, sizeof path, "%s/proc-%s/vmstat.log", folder, scenario_arch_name(arch));
  FILE *f = fopen(path, "r");
  fprintf(out, "\n%s\n", scenario_arch_name(arch));
  while (f != NULL && fgets(line, sizeof line, f) != NULL)
    fputs(line, out);
  if (f != NULL) fclose(f);
}

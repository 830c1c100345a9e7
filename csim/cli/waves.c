// SPDX-License-Identifier: Apache-2.0
// `cowalk waves`: an FST of the hardware with a GTKWave save file beside it: around a fault of a
// scenario, or the lesson of csim/observer/story.c on the teaching configuration.
// Promises: the save file names what it shows; the same command writes the same files.
#define _XOPEN_SOURCE 700 /* realpath; NOLINT(bugprone-reserved-identifier) */
#include <errno.h>
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/waves_scenario.h"
#include "observer/gtkw.h"
#include "observer/story.h"

static const char *const arch_name[MMU_ARCH_COUNT] = {"x86", "arm", "riscv"};

enum { MAX_SETTINGS = 32 };

struct args {
  char *arch, *out, *scenario;
  char *set[MAX_SETTINGS];
  size_t settings;
  int fault, before, after, nested;
};

static void free_args(struct args *a) {
  for (size_t i = 0; i < a->settings; i++)
    free(a->set[i]);
  free(a->scenario);
  free(a->arch);
  free(a->out);
}

static int refuse(const char *what, const char *why) {
  fprintf(stderr, "cowalk waves: %s: %s; see cowalk waves --help\n", what, why);
  return CLI_USAGE;
}

static int check_args(const struct args *a) {
  if (a->fault < 1) return refuse("--fault", "counts from 1");
  if (a->before < 1 || a->after < 1 || a->before > 1000000 || a->after > 1000000)
    return refuse("--before, --after", "must be 1 to 1000000 cycles");
  if (a->scenario != NULL && a->nested) return refuse("--nested", "is a lesson, not a scenario");
  if (a->scenario == NULL && a->settings != 0) return refuse("--set", "needs a scenario");
  return CLI_OK;
}

static int parse(int argc, const char **argv, struct args *a) {
  char *setting = NULL;
  struct poptOption options[] = {
      {"arch", 'a', POPT_ARG_STRING, &a->arch, 0, "x86, arm or riscv (default: riscv)", "ARCH"},
      {"nested", 'n', POPT_ARG_NONE, &a->nested, 0,
       "the lesson of two stages: a walk of 24 reads, and a stage-2 fault", NULL},
      {"out", 'o', POPT_ARG_STRING, &a->out, 0, "folder for the files (default: build/waves)",
       "DIR"},
      {"set", 's', POPT_ARG_STRING, &setting, 's', "change a key of the scenario",
       "SECTION.KEY=VALUE"},
      {"fault", 'f', POPT_ARG_INT, &a->fault, 0, "which fault of the scenario (default: 1)", "N"},
      {"before", 'B', POPT_ARG_INT, &a->before, 0, "cycles before its answer (default: 60)", "N"},
      {"after", 'A', POPT_ARG_INT, &a->after, 0, "cycles after it (default: 40)", "N"},
      POPT_AUTOHELP POPT_TABLEEND};
  poptContext context = poptGetContext("cowalk waves", argc, argv, options, 0);
  poptSetOtherOptionHelp(context, "[OPTION...] [SCENARIO]");
  int rc;
  while ((rc = poptGetNextOpt(context)) == 's' && a->settings < MAX_SETTINGS) {
    a->set[a->settings++] = setting;
    setting = NULL;
  }
  const char *name = poptGetArg(context);
  const char *extra = poptGetArg(context);
  a->scenario = name != NULL ? strdup(name) : NULL;
  int exit_code = CLI_OK;
  if (rc == 's')
    exit_code = refuse("--set", "used too often");
  else if (rc < -1)
    exit_code = refuse(poptBadOption(context, POPT_BADOPTION_NOALIAS), poptStrerror(rc));
  else if (extra != NULL)
    exit_code = refuse(extra, "only one scenario at a time");
  poptFreeContext(context);
  free(setting);
  return exit_code != CLI_OK ? exit_code : check_args(a);
}

static int find_arch(const char *name) {
  for (int a = 0; a < MMU_ARCH_COUNT; a++)
    if (strcmp(name, arch_name[a]) == 0) return a;
  fprintf(stderr, "cowalk waves: there is no architecture '%s'; use x86, arm or riscv\n", name);
  return -1;
}

/* Write the save file of an FST and say where both are. */
static int save(const char *stem, struct gtkw_view *view, uint64_t fault) {
  char gtkw[600];
  char *real = realpath(view->fst, NULL);
  snprintf(gtkw, sizeof gtkw, "%s.gtkw", stem);
  if (real != NULL) view->fst = real;
  int rc = gtkw_write(gtkw, view);
  free(real);
  if (rc != 0) {
    fprintf(stderr, "cowalk waves: cannot write %s: %s\n", gtkw, strerror(errno));
    return CLI_FAILED;
  }
  printf("%s.fst: %s, fault answered in cycle %llu\n", stem, view->title,
         (unsigned long long)fault);
  printf("look at it with: gtkwave %s\n", gtkw);
  return CLI_OK;
}

/* The lesson around its first fault: once to find the fault, once with the window. */
static int record_lesson(enum mmu_arch arch, bool nested, const char *out) {
  enum story_kind kind = nested ? STORY_NESTED : STORY_LESSON;
  struct story story;
  char err[512], stem[512], fst[520], title[64];
  snprintf(stem, sizeof stem, "%s/%s-%s", out, nested ? "nested" : "lesson", arch_name[arch]);
  snprintf(fst, sizeof fst, "%s.fst", stem);
  snprintf(title, sizeof title, "%s, %s", arch_name[arch], nested ? "two stages" : "the lesson");
  int rc = story_run(kind, arch, NULL, 0, 0, &story, err, sizeof err);
  uint64_t from = nested || story.first_fault <= 100 ? 0 : story.first_fault - 100;
  if (rc == 0)
    rc = story_run(kind, arch, fst, from, story.first_fault + 60, &story, err, sizeof err);
  if (rc != 0) {
    fprintf(stderr, "cowalk %s\n", err);
    return CLI_FAILED;
  }
  struct gtkw_view view = {.fst = fst,
                           .title = title,
                           .arch = arch,
                           .walks = story_geometry(kind).walks,
                           .two_stages = nested,
                           .from = from,
                           .to = nested ? story.mark[1].cycle + 2 : story.first_fault + 2,
                           .marks = story.mark,
                           .mark_count = story.marks};
  return save(stem, &view, story.first_fault);
}

static struct scenario *open_scenario(const struct args *a, char *err, size_t err_len) {
  struct scenario *s = scenario_load(a->scenario, err, err_len);
  bool ok = s != NULL;
  for (size_t i = 0; ok && i < a->settings; i++)
    ok = scenario_set(s, "--set", a->set[i], err, err_len);
  if (ok && scenario_check(s, err, err_len)) return s;
  scenario_destroy(s);
  return NULL;
}

static int record_scenario(const struct args *a, struct scenario *s, enum mmu_arch arch,
                           const char *out) {
  struct waves_window w = {
      .fault = (uint32_t)a->fault, .before = (uint64_t)a->before, .after = (uint64_t)a->after};
  char err[512] = "", stem[512], fst[520], title[96];
  snprintf(stem, sizeof stem, "%s/%s-%s", out, scenario_name(s), arch_name[arch]);
  snprintf(fst, sizeof fst, "%s.fst", stem);
  snprintf(title, sizeof title, "%s, %s", arch_name[arch], scenario_name(s));
  int rc = waves_scenario(s, arch, fst, &w, err, sizeof err);
  if (rc != 0) {
    fprintf(stderr, "cowalk waves: %s: %s\n", a->scenario, err);
    return CLI_FAILED;
  }
  struct gtkw_view view = {.fst = fst,
                           .title = title,
                           .arch = arch,
                           .walks = w.walks,
                           .from = w.cycle > w.before ? w.cycle - w.before : 0,
                           .to = w.cycle + w.after,
                           .marks = w.mark,
                           .mark_count = w.marks};
  return save(stem, &view, w.cycle);
}

/* Make a folder and those above it. */
static int make_folder(const char *path) {
  char part[512];
  size_t n = strlen(path);
  if (n >= sizeof part) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memcpy(part, path, n + 1);
  for (size_t i = 1; i <= n; i++) {
    if (part[i] != '/' && part[i] != '\0') continue;
    char kept = part[i];
    part[i] = '\0';
    if (mkdir(part, 0777) != 0 && errno != EEXIST) return -1;
    part[i] = kept;
  }
  return 0;
}

static int record(const struct args *a, enum mmu_arch arch) {
  const char *out = a->out != NULL ? a->out : "build/waves";
  struct scenario *s = NULL;
  char err[512] = "";
  if (a->scenario != NULL && (s = open_scenario(a, err, sizeof err)) == NULL) {
    fprintf(stderr, "cowalk waves: %s\n", err);
    return CLI_USAGE;
  }
  int rc = CLI_FAILED;
  if (make_folder(out) != 0)
    fprintf(stderr, "cowalk waves: cannot make the folder %s: %s\n", out, strerror(errno));
  else
    rc = s != NULL ? record_scenario(a, s, arch, out) : record_lesson(arch, a->nested != 0, out);
  scenario_destroy(s);
  return rc;
}

int cmd_waves(int argc, const char **argv) {
  struct args a = {.fault = 1, .before = 60, .after = 40};
  int rc = parse(argc, argv, &a);
  int arch = rc == CLI_OK ? find_arch(a.arch != NULL ? a.arch : "riscv") : -1;
  if (rc == CLI_OK) rc = arch >= 0 ? record(&a, (enum mmu_arch)arch) : CLI_USAGE;
  free_args(&a);
  return rc;
}

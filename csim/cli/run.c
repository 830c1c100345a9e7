// SPDX-License-Identifier: Apache-2.0
// `cowalk run`: scenarios, one process an architecture, then the summary and result.json.
// Follows docs/scenario.md and docs/result-json.md.
// Promises: exit 0 only if every run ended, nobody was killed, no contract was broken and every
// expected minimum was reached; 2 for bad arguments and bad scenarios.
#include <errno.h>
#include <popt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/run_files.h"
#include "cli/run_one.h"
#include "cli/run_views.h"
#include "observer/report.h"
#include "scenario/scenario.h"

struct options {
  char *arch, *backend, *out, *interval;
  char **set;
  int json, keys, jobs, vmstat, heat;
  bool several; /* scenarios: a folder each under `out` */
};

/* ---- several architectures: a process each ---- */

struct worker {
  pid_t pid;
  int pipe;
};

static bool start_worker(const struct scenario *s, struct outcome *o, const char *folder, bool heat,
                         struct worker *w) {
  int ends[2];
  if (pipe(ends) != 0) return false;
  fflush(NULL);
  w->pid = fork();
  if (w->pid < 0) return false;
  if (w->pid == 0) {
    close(ends[0]);
    run_one(s, o, folder, heat);
    const char *at = (const char *)o;
    size_t left = sizeof *o;
    while (left != 0) {
      ssize_t n = write(ends[1], at, left);
      if (n <= 0) _exit(1);
      at += n;
      left -= (size_t)n;
    }
    _exit(0);
  }
  close(ends[1]);
  w->pipe = ends[0];
  return true;
}

static void end_worker(struct outcome *o, const struct worker *w) {
  struct outcome *got = malloc(sizeof *got);
  size_t have = 0;
  ssize_t n = 1;
  int status = 0;
  while (got != NULL && have < sizeof *got && n > 0) {
    n = read(w->pipe, (char *)got + have, sizeof *got - have);
    if (n > 0) have += (size_t)n;
  }
  close(w->pipe);
  waitpid(w->pid, &status, 0);
  if (got != NULL && have == sizeof *got)
    *o = *got;
  else
    snprintf(o->error, sizeof o->error, "its process ended early (%s %d)",
             WIFSIGNALED(status) ? "signal" : "exit code",
             WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
  free(got);
}

static void run_all(const struct scenario *s, struct outcome **runs, size_t count,
                    const struct options *opt, const char *folder) {
  const int jobs = opt->jobs;
  struct worker worker[MMU_ARCH_COUNT];
  bool started[MMU_ARCH_COUNT] = {false};
  size_t first = 0;
  if (count == 1 || jobs == 1) {
    for (size_t i = 0; i < count; i++)
      run_one(s, runs[i], folder, opt->heat != 0);
    return;
  }
  for (size_t i = 0; i < count; i++) {
    if (i - first >= (size_t)jobs) { /* the oldest makes room */
      if (started[first]) end_worker(runs[first], &worker[first]);
      first++;
    }
    started[i] = start_worker(s, runs[i], folder, opt->heat != 0, &worker[i]);
    if (!started[i])
      snprintf(runs[i]->error, sizeof runs[i]->error, "cannot start a process: %s",
               strerror(errno));
  }
  for (; first < count; first++)
    if (started[first]) end_worker(runs[first], &worker[first]);
}

/* ---- output ---- */

static void result_folder(const struct scenario *s, const struct options *opt, char folder[600]) {
  if (opt->out == NULL || opt->several)
    snprintf(folder, 600, "%s/%s", opt->out != NULL ? opt->out : "build/run", scenario_name(s));
  else
    snprintf(folder, 600, "%s", opt->out);
}

static int run_scenario(const struct scenario *s, const struct options *opt) {
  enum mmu_arch arch[MMU_ARCH_COUNT];
  struct outcome *runs[MMU_ARCH_COUNT] = {NULL};
  size_t count = scenario_archs(s, arch);
  bool ok = true;
  for (size_t i = 0; i < count; i++) {
    runs[i] = calloc(1, sizeof *runs[i]);
    ok = ok && runs[i] != NULL;
    if (runs[i] != NULL) runs[i]->arch = arch[i];
  }
  if (!ok) fprintf(stderr, "cowalk run: the host is out of memory\n");
  if (ok) {
    const struct outcome *const *done = (const struct outcome *const *)runs;
    char folder[600];
    result_folder(s, opt, folder);
    run_all(s, runs, count, opt, folder);
    char *text = result_json(s, done, count);
    ok = text != NULL && run_files_result(folder, text);
    if (opt->json && text != NULL) puts(text);
    if (!opt->json) report_print(stdout, s, done, count);
    for (size_t i = 0; opt->vmstat && !opt->json && i < count; i++)
      run_views_vmstat(folder, arch[i], stdout);
    free(text);
    for (size_t i = 0; i < count; i++) {
      ok = ok && result_passed(s, runs[i]);
      if (!runs[i]->ran)
        fprintf(stderr, "cowalk run: %s: %s\n", scenario_arch_name(arch[i]), runs[i]->error);
    }
  }
  for (size_t i = 0; i < count; i++)
    free(runs[i]);
  return ok ? CLI_OK : CLI_FAILED;
}

/* ---- what can be refused before anything runs ---- */

static bool folder_ready(const struct scenario *s, const struct options *opt, char *err,
                         size_t err_len) {
  char folder[600];
  result_folder(s, opt, folder);
  if (run_files_folders(folder) && access(folder, W_OK | X_OK) == 0) return true;
  snprintf(err, err_len, "cannot write results into %s: %s; give another folder with --out", folder,
           strerror(errno));
  return false;
}

/* Every machine of the scenario can be built, with its programs; the model stands for the hardware.
 */
static bool machines_ready(const struct scenario *s, char *err, size_t err_len) {
  enum mmu_arch arch[MMU_ARCH_COUNT];
  char why[512];
  size_t count = scenario_archs(s, arch);
  for (size_t i = 0; i < count; i++) {
    struct machine_config cfg;
    scenario_config(s, arch[i], &cfg);
    cfg.backend = MACHINE_MODEL;
    cfg.fst = NULL;
    struct machine *m = machine_create(&cfg, why, sizeof why);
    bool ok = m != NULL && scenario_add_programs(s, m, why, sizeof why);
    machine_destroy(m);
    if (ok) continue;
    snprintf(err, err_len, "%s, %s: %s", scenario_path(s), scenario_arch_name(arch[i]), why);
    return false;
  }
  return true;
}

/* ---- arguments ---- */

static bool override(struct scenario *s, const char *option, const char *key, const char *value,
                     char *err, size_t err_len) {
  char setting[256];
  if (value == NULL) return true;
  snprintf(setting, sizeof setting, "%s=%s", key, value);
  return scenario_set(s, option, setting, err, err_len);
}

static int run_file(const char *path, const struct options *opt) {
  char err[1024];
  struct scenario *s = scenario_load(path, err, sizeof err);
  bool ok = s != NULL && override(s, "--arch", "machine.arch", opt->arch, err, sizeof err) &&
            override(s, "--backend", "mmu.backend", opt->backend, err, sizeof err) &&
            override(s, "--interval", "view.interval", opt->interval, err, sizeof err);
  for (char **set = opt->set; ok && set != NULL && *set != NULL; set++)
    ok = scenario_set(s, "--set", *set, err, sizeof err);
  ok = ok && scenario_check(s, err, sizeof err) && scenario_check_programs(s, err, sizeof err) &&
       machines_ready(s, err, sizeof err) && folder_ready(s, opt, err, sizeof err);
  int code = CLI_USAGE;
  if (ok)
    code = run_scenario(s, opt);
  else
    fprintf(stderr, "cowalk run: %s\n", err);
  scenario_destroy(s);
  return code;
}

int cmd_run(int argc, const char **argv) {
  struct options opt = {.jobs = 2};
  struct poptOption table[] = {
      {"arch", 'a', POPT_ARG_STRING, &opt.arch, 0, "architectures: x86, arm, riscv or all", "LIST"},
      {"backend", 'b', POPT_ARG_STRING, &opt.backend, 0, "rtl, model or lockstep", "NAME"},
      {"set", 's', POPT_ARG_ARGV, &opt.set, 0, "override a key of the scenario; may be repeated",
       "SECTION.KEY=VALUE"},
      {"out", 'o', POPT_ARG_STRING, &opt.out, 0,
       "folder of result.json, one below it a scenario if there are several (default: build/run)",
       "DIR"},
      {"json", 0, POPT_ARG_NONE, &opt.json, 0, "print result.json instead of the summary", NULL},
      {"vmstat", 0, POPT_ARG_NONE, &opt.vmstat, 0, "print vmstat.log, too", NULL},
      {"interval", 0, POPT_ARG_STRING, &opt.interval, 0,
       "simulated time between lines of vmstat.log (view.interval)", "US"},
      {"heat", 0, POPT_ARG_NONE, &opt.heat, 0, "draw heat-ARCH.svg: pages by time", NULL},
      {"jobs", 'j', POPT_ARG_INT, &opt.jobs, 0, "architectures to run at once (default: 2)", "N"},
      {"keys", 0, POPT_ARG_NONE, &opt.keys, 0, "list every key of a scenario and leave", NULL},
      POPT_AUTOHELP POPT_TABLEEND};
  poptContext context = poptGetContext("cowalk run", argc, argv, table, 0);
  poptSetOtherOptionHelp(context, "[OPTIONS] SCENARIO...");
  int rc = poptGetNextOpt(context);
  int code = CLI_OK;
  if (rc < -1) {
    fprintf(stderr, "cowalk run: %s: %s; try --help\n", poptBadOption(context, 0),
            poptStrerror(rc));
    code = CLI_USAGE;
  } else if (opt.jobs < 1) {
    fprintf(stderr, "cowalk run: --jobs %d: give at least 1\n", opt.jobs);
    code = CLI_USAGE;
  } else if (opt.keys) {
    scenario_print_keys(stdout);
  } else if (poptPeekArg(context) == NULL) {
    fprintf(stderr, "cowalk run: no scenario given; try tests/scenarios/default.ini, or --help\n");
    code = CLI_USAGE;
  } else {
    const char **left = poptGetArgs(context);
    opt.several = left[1] != NULL;
    for (const char *path = *left; path != NULL; path = *++left) {
      int one = run_file(path, &opt);
      if (one > code) code = one;
    }
  }
  free(opt.arch);
  free(opt.backend);
  free(opt.out);
  free(opt.interval);
  for (char **set = opt.set; set != NULL && *set != NULL; set++)
    free(*set);
  free(opt.set);
  poptFreeContext(context);
  return code;
}

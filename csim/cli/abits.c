// SPDX-License-Identifier: Apache-2.0
// `cowalk abits`: what page replacement believes from A bits against what programs use, under every
// policy and way to flush, on every architecture. Follows docs/abits.md.
#include <errno.h>
#include <popt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abits/abits.h"
#include "cli/cli.h"
#include "scenario/scenario.h"

static const char default_scenario[] = "tests/scenarios/abits.ini";

struct options {
  char *arch, *backend, *policy, *csv, *plot;
  char **set;
  long window;
  int json, jobs;
};

enum { MAX_POLICIES = 32 };

/* "fifo,clock" -> names; text is cut. False with one line in err. */
static bool split_policies(char *text, const char *names[MAX_POLICIES + 1], char *err, size_t len) {
  size_t n = 0;
  for (char *at = strtok(text, ","); at != NULL; at = strtok(NULL, ",")) {
    size_t i = 0;
    while (os_policy_name(i) != NULL && strcmp(os_policy_name(i), at) != 0)
      i++;
    if (os_policy_name(i) == NULL || n == MAX_POLICIES) {
      size_t at_end =
          (size_t)snprintf(err, len, "--policy %s: there is no such policy; take of", at);
      for (i = 0; os_policy_name(i) != NULL && at_end < len; i++)
        at_end += (size_t)snprintf(err + at_end, len - at_end, " %s", os_policy_name(i));
      return false;
    }
    names[n++] = at;
  }
  names[n] = NULL;
  if (n == 0) snprintf(err, len, "--policy needs at least one name");
  return n != 0;
}

static struct scenario *load(const struct options *opt, const char *path, char *err, size_t len) {
  struct scenario *s = scenario_load(path, err, len);
  char line[256];
  bool ok = s != NULL && scenario_set(s, "--backend", "mmu.backend=model", err, len);
  if (ok && opt->backend != NULL) {
    snprintf(line, sizeof line, "mmu.backend=%s", opt->backend);
    ok = scenario_set(s, "--backend", line, err, len);
  }
  if (ok && opt->arch != NULL) {
    snprintf(line, sizeof line, "machine.arch=%s", opt->arch);
    ok = scenario_set(s, "--arch", line, err, len);
  }
  for (char **set = opt->set; ok && set != NULL && *set != NULL; set++)
    ok = scenario_set(s, "--set", *set, err, len);
  ok = ok && scenario_check(s, err, len) && scenario_check_programs(s, err, len);
  if (ok) return s;
  scenario_destroy(s);
  return NULL;
}

/* Open before anything runs, so that a bad path is told at once. */
static bool open_out(const char *option, const char *path, FILE **f, char *err, size_t len) {
  if (path == NULL) return true;
  *f = fopen(path, "w");
  if (*f != NULL) return true;
  snprintf(err, len, "%s %s: %s; give another file", option, path, strerror(errno));
  return false;
}

static bool close_out(FILE *f) {
  if (f == NULL) return true;
  bool bad = ferror(f) != 0;
  return fclose(f) == 0 && !bad;
}

static int run(const struct options *opt, const char *path) {
  char err[1024] = "";
  const char *names[MAX_POLICIES + 1];
  FILE *csv = NULL;
  FILE *plot = NULL;
  struct abits a = {0};
  struct abits_options how = {
      .window = (uint64_t)opt->window, .jobs = (uint32_t)opt->jobs, .progress = isatty(2) != 0};
  bool ok = opt->policy == NULL || split_policies(opt->policy, names, err, sizeof err);
  if (opt->policy != NULL) how.policy = names;
  struct scenario *s = ok ? load(opt, path, err, sizeof err) : NULL;
  ok = s != NULL && open_out("--csv", opt->csv, &csv, err, sizeof err) &&
       open_out("--plot", opt->plot, &plot, err, sizeof err) &&
       abits_run(&a, s, &how, err, sizeof err);
  int code = ok ? CLI_OK : CLI_USAGE;
  if (ok) {
    char *json = opt->json ? abits_json(&a, scenario_name(s)) : NULL;
    if (json != NULL) puts(json);
    if (!opt->json) abits_text(&a, scenario_name(s), stdout);
    if (!opt->json) abits_summary(&a, stdout);
    if (csv != NULL) abits_csv(&a, csv);
    if (plot != NULL) abits_plot(&a, scenario_name(s), plot);
    if (!abits_passed(&a) || (opt->json && json == NULL)) code = CLI_FAILED;
    if (code == CLI_FAILED) snprintf(err, sizeof err, "a run failed; its row tells why");
    free(json);
  }
  bool written = close_out(csv);
  if (!close_out(plot) || !written) {
    snprintf(err, sizeof err, "an output file cannot be written: %s", strerror(errno));
    code = CLI_FAILED;
  }
  if (code != CLI_OK) fprintf(stderr, "cowalk abits: %s\n", err);
  abits_free(&a);
  scenario_destroy(s);
  return code;
}

int cmd_abits(int argc, const char **argv) {
  struct options opt = {.jobs = 2};
  struct poptOption table[] = {
      {"arch", 'a', POPT_ARG_STRING, &opt.arch, 0, "architectures: x86, arm, riscv or all", "LIST"},
      {"policy", 'p', POPT_ARG_STRING, &opt.policy, 0, "replacement policies (default: all)",
       "LIST"},
      {"backend", 'b', POPT_ARG_STRING, &opt.backend, 0, "model (the default), rtl or lockstep",
       "NAME"},
      {"window", 'w', POPT_ARG_LONG, &opt.window, 0,
       "evictions within which a return is early (default: the machine's pages)", "N"},
      {"set", 's', POPT_ARG_ARGV, &opt.set, 0, "override a key of the scenario; may be repeated",
       "SECTION.KEY=VALUE"},
      {"json", 0, POPT_ARG_NONE, &opt.json, 0, "print JSON instead of the table", NULL},
      {"csv", 0, POPT_ARG_STRING, &opt.csv, 0, "write the table as CSV, too", "FILE"},
      {"plot", 0, POPT_ARG_STRING, &opt.plot, 0, "draw it", "FILE.svg"},
      {"jobs", 'j', POPT_ARG_INT, &opt.jobs, 0, "runs at once (default: 2)", "N"},
      POPT_AUTOHELP POPT_TABLEEND};
  poptContext context = poptGetContext("cowalk abits", argc, argv, table, 0);
  poptSetOtherOptionHelp(context, "[OPTIONS] [SCENARIO]");
  int rc = poptGetNextOpt(context);
  int code = CLI_USAGE;
  const char *path = rc < -1 ? NULL : poptGetArg(context);
  if (rc < -1)
    fprintf(stderr, "cowalk abits: %s: %s; try --help\n", poptBadOption(context, 0),
            poptStrerror(rc));
  else if (poptPeekArg(context) != NULL)
    fprintf(stderr, "cowalk abits: unexpected %s; only one scenario can be given\n",
            poptPeekArg(context));
  else if (opt.jobs < 1 || opt.jobs > 64)
    fprintf(stderr, "cowalk abits: --jobs %d: give 1 to 64\n", opt.jobs);
  else if (opt.window < 0)
    fprintf(stderr, "cowalk abits: --window %ld: give at least 1 eviction\n", opt.window);
  else
    code = run(&opt, path != NULL ? path : default_scenario);
  free(opt.arch);
  free(opt.backend);
  free(opt.policy);
  free(opt.csv);
  free(opt.plot);
  for (char **set = opt.set; set != NULL && *set != NULL; set++)
    free(*set);
  free(opt.set);
  poptFreeContext(context);
  return code;
}

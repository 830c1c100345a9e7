// SPDX-License-Identifier: Apache-2.0
// `cowalk bench`: the speed of the simulator and the cycle figures of the hardware, in one run.
// Options by popt; the recorded traces are those in traces/ unless others are named.
// Promises: a missed target does not make the command fail, a failed measurement does.
#include "bench/bench.h"

#include <glob.h>
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/scale.h"
#include "cli/cli.h"

struct args {
  char *archs;
  char *traces;
  double seconds;
  int json, scale; /* scale: GiB of the largest machine; 0: the streams */
};

static void free_args(struct args *a) {
  free(a->archs);
  free(a->traces);
}

/* 0, or the exit code to leave with. */
static int parse(int argc, const char **argv, struct args *a) {
  struct poptOption options[] = {
      {"arch", 'a', POPT_ARG_STRING, &a->archs, 0, "x86, arm, riscv, or a list (default: all)",
       "LIST"},
      {"seconds", 's', POPT_ARG_DOUBLE, &a->seconds, 0, "host seconds a measurement (default: 0.6)",
       "S"},
      {"traces", 't', POPT_ARG_STRING, &a->traces, 0,
       "trace files, a shell pattern (default: traces/*.zst)", "PATTERN"},
      {"scale", 0, POPT_ARG_INT, &a->scale, 0,
       "measure large machines instead, up to this size (1 to 64)", "GIB"},
      {"json", 'j', POPT_ARG_NONE, &a->json, 0, "print one JSON object instead of tables", NULL},
      POPT_AUTOHELP POPT_TABLEEND};
  poptContext context = poptGetContext("cowalk bench", argc, argv, options, 0);
  int rc = poptGetNextOpt(context);
  const char *extra = poptGetArg(context);
  if (rc < -1)
    fprintf(stderr, "cowalk bench: %s: %s; see cowalk bench --help\n",
            poptBadOption(context, POPT_BADOPTION_NOALIAS), poptStrerror(rc));
  else if (extra != NULL)
    fprintf(stderr, "cowalk bench: unexpected argument '%s'; see cowalk bench --help\n", extra);
  int bad = rc < -1 || extra != NULL;
  poptFreeContext(context);
  if (!bad && !(a->seconds >= 0.01 && a->seconds <= 600)) {
    fprintf(stderr, "cowalk bench: --seconds must be between 0.01 and 600\n");
    bad = 1;
  }
  if (!bad && (a->scale < 0 || a->scale > 64)) {
    fprintf(stderr, "cowalk bench: --scale must be between 1 and 64 GiB\n");
    bad = 1;
  }
  return bad ? 2 : 0;
}

/* Which architectures a list names; false after a message if it names another. */
static bool choose_archs(const char *list, bool chosen[MMU_ARCH_COUNT]) {
  static const char *const name[MMU_ARCH_COUNT] = {"x86", "arm", "riscv"};
  for (const char *p = list; *p != '\0';) {
    size_t n = strcspn(p, ",");
    unsigned a = 0;
    while (a < MMU_ARCH_COUNT && (strlen(name[a]) != n || strncmp(p, name[a], n) != 0))
      a++;
    if (a == MMU_ARCH_COUNT) {
      fprintf(stderr, "cowalk bench: --arch %s: there is no '%.*s'; use x86, arm, riscv\n", list,
              (int)n, p);
      return false;
    }
    chosen[a] = true;
    p += n + (p[n] == ',');
  }
  return true;
}

static int run(const struct args *a, const bool chosen[MMU_ARCH_COUNT], const char *const *traces) {
  struct bench_options opt = {.seconds = a->seconds, .traces = traces};
  struct bench_arch *results = calloc(MMU_ARCH_COUNT, sizeof *results);
  size_t count = 0;
  char err[512] = "the host is out of memory";
  bool ok = results != NULL;
  for (unsigned arch = 0; ok && arch < MMU_ARCH_COUNT; arch++)
    if (chosen[arch])
      ok = bench_measure((enum mmu_arch)arch, &opt, &results[count++], err, sizeof err);
  if (ok)
    bench_report(results, count, a->json != 0);
  else
    fprintf(stderr, "cowalk bench: %s\n", err);
  free(results);
  return ok ? 0 : 1;
}

static int run_scale(const struct args *a) {
  char err[512];
  if (scale_bench((uint64_t)a->scale, a->json != 0, err, sizeof err)) return 0;
  fprintf(stderr, "cowalk bench: %s\n", err);
  return 1;
}

int cmd_bench(int argc, const char **argv) {
  static const char *const none[] = {NULL};
  struct args a = {.seconds = 0.6};
  bool chosen[MMU_ARCH_COUNT] = {false};
  glob_t found = {0};
  int rc = parse(argc, argv, &a);
  if (rc == 0 && !choose_archs(a.archs != NULL ? a.archs : "x86,arm,riscv", chosen)) rc = 2;
  if (rc == 0 && a.scale != 0) {
    rc = run_scale(&a);
  } else if (rc == 0) {
    int g = glob(a.traces != NULL ? a.traces : "traces/*.zst", 0, NULL, &found);
    if (g != 0 && a.traces != NULL) {
      fprintf(stderr, "cowalk bench: no trace matches '%s'\n", a.traces);
      rc = 2;
    } else {
      rc = run(&a, chosen, g == 0 ? (const char *const *)found.gl_pathv : none);
    }
  }
  globfree(&found);
  free_args(&a);
  return rc;
}

// SPDX-License-Identifier: Apache-2.0
// `cowalk waves`: an FST of the hardware with a GTKWave save file beside it.
// The lesson of csim/observer/story.c, recorded on the teaching configuration.
// Promises: the save file names what it shows; the same command writes the same files.
#define _XOPEN_SOURCE 700 /* realpath */
#include <errno.h>
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "observer/gtkw.h"
#include "observer/story.h"

static const char *const arch_name[MMU_ARCH_COUNT] = {"x86", "arm", "riscv"};

struct args {
  char *arch;
  char *out;
};

static int parse(int argc, const char **argv, struct args *a) {
  struct poptOption options[] = {
      {"arch", 'a', POPT_ARG_STRING, &a->arch, 0, "x86, arm or riscv (default: riscv)", "ARCH"},
      {"out", 'o', POPT_ARG_STRING, &a->out, 0, "folder for the files (default: build/waves)",
       "DIR"},
      POPT_AUTOHELP POPT_TABLEEND};
  poptContext context = poptGetContext("cowalk waves", argc, argv, options, 0);
  int rc = poptGetNextOpt(context);
  const char *extra = poptGetArg(context);
  if (rc < -1)
    fprintf(stderr, "cowalk waves: %s: %s; see cowalk waves --help\n",
            poptBadOption(context, POPT_BADOPTION_NOALIAS), poptStrerror(rc));
  else if (extra != NULL)
    fprintf(stderr, "cowalk waves: unexpected argument '%s'; see cowalk waves --help\n", extra);
  int bad = rc < -1 || extra != NULL;
  poptFreeContext(context);
  return bad ? CLI_USAGE : CLI_OK;
}

static int find_arch(const char *name) {
  for (int a = 0; a < MMU_ARCH_COUNT; a++)
    if (strcmp(name, arch_name[a]) == 0) return a;
  fprintf(stderr, "cowalk waves: there is no architecture '%s'; use x86, arm or riscv\n", name);
  return -1;
}

/* Record the lesson around its first fault: once to find the fault, once with the window. */
static int record(enum mmu_arch arch, const char *out) {
  struct story story;
  char err[512];
  char fst[512];
  char gtkw[520];
  char title[128];
  snprintf(fst, sizeof fst, "%s/lesson-%s.fst", out, arch_name[arch]);
  snprintf(gtkw, sizeof gtkw, "%s/lesson-%s.gtkw", out, arch_name[arch]);
  snprintf(title, sizeof title, "%s, the lesson", arch_name[arch]);
  int rc = story_run(arch, NULL, 0, 0, &story, err, sizeof err);
  uint64_t from = story.first_fault > 100 ? story.first_fault - 100 : 0;
  uint64_t to = story.first_fault + 60;
  if (rc == 0) rc = story_run(arch, fst, from, to, &story, err, sizeof err);
  if (rc != 0) {
    fprintf(stderr, "cowalk %s\n", err);
    return CLI_FAILED;
  }
  char *real = realpath(fst, NULL);
  struct gtkw_view view = {.fst = real != NULL ? real : fst,
                           .title = title,
                           .arch = arch,
                           .walks = story_geometry().walks,
                           .from = from,
                           .to = story.first_fault + 2,
                           .marks = story.mark,
                           .mark_count = story.marks};
  rc = gtkw_write(gtkw, &view);
  free(real);
  if (rc != 0) {
    fprintf(stderr, "cowalk waves: cannot write %s: %s\n", gtkw, strerror(errno));
    return CLI_FAILED;
  }
  printf("%s: first fault answered in cycle %llu, recorded %llu to %llu\n", fst,
         (unsigned long long)story.first_fault, (unsigned long long)from,
         (unsigned long long)(story.end < to ? story.end : to));
  printf("look at it with: gtkwave %s\n", gtkw);
  return CLI_OK;
}

int cmd_waves(int argc, const char **argv) {
  struct args a = {NULL, NULL};
  int rc = parse(argc, argv, &a);
  int arch = rc == CLI_OK ? find_arch(a.arch != NULL ? a.arch : "riscv") : -1;
  const char *out = a.out != NULL ? a.out : "build/waves";
  if (rc == CLI_OK && arch < 0) rc = CLI_USAGE;
  if (rc == CLI_OK && mkdir(out, 0777) != 0 && errno != EEXIST) {
    fprintf(stderr, "cowalk waves: cannot make the folder %s: %s\n", out, strerror(errno));
    rc = CLI_FAILED;
  }
  if (rc == CLI_OK) rc = record((enum mmu_arch)arch, out);
  free(a.arch);
  free(a.out);
  return rc;
}

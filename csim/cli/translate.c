// SPDX-License-Identifier: Apache-2.0
// `cowalk translate`: replays a translate file on a backend and explains every access.
// Language and output: docs/translate.md. Promises: reads files and pipes as they come; bad input
// gets one line with file, line and remedy, and exit code 2.
#include <errno.h>
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "translate/session.h"
#include "translate/story.h"

static const char usage[] =
    "Usage: cowalk translate [--backend model|rtl|lockstep] [--json] [--seed N] FILE|-\n"
    "\n"
    "Explains translations: registers, memory words and accesses in, walks out. The text format\n"
    "is in docs/translate.md; examples are in tests/translate/.\n"
    "\n"
    "  --backend B  model, rtl or lockstep (the default: the hardware, judged by the model)\n"
    "  --json       one JSON object a line for each access\n"
    "  --seed N     random start values of the hardware's unreset state (default 1)\n";

struct input {
  const char *name;
  FILE *f;
  char *line;
  size_t room;
  unsigned number;
};

static int complain(const char *what, const char *why) {
  fprintf(stderr, "cowalk translate: %s: %s\n", what, why);
  return CLI_USAGE;
}

static session_backend_fn *backend_named(const char *name) {
  if (name == NULL || strcmp(name, "lockstep") == 0) return mmu_backend_lockstep;
  if (strcmp(name, "rtl") == 0) return mmu_backend_rtl;
  if (strcmp(name, "model") == 0) return mmu_backend_model;
  return NULL;
}

static int report(const struct translation *t, bool json) {
  if (json) return story_print_json(stdout, t);
  story_print(stdout, t);
  return 0;
}

/* All statements of the input. */
static int replay(struct input *in, struct session *s, bool json) {
  static const int code[] = {
      [SESSION_DONE] = CLI_OK,
      [SESSION_TRANSLATED] = CLI_OK,
      [SESSION_BAD_INPUT] = CLI_USAGE,
      [SESSION_FAILED] = CLI_FAILED,
  };
  char err[8192];
  struct statement *st = calloc(1, sizeof *st);
  struct translation *t = calloc(1, sizeof *t);
  int rc = CLI_OK;
  if (st == NULL || t == NULL) rc = complain(in->name, "the host is out of memory");
  ssize_t n;
  while (rc == CLI_OK && (n = getline(&in->line, &in->room, in->f)) >= 0) {
    st->line = ++in->number;
    enum session_result result = SESSION_BAD_INPUT;
    if (memchr(in->line, '\0', (size_t)n) != NULL)
      snprintf(err, sizeof err, "a zero byte; expected text");
    else if (statement_parse(in->line, session_arch(s), st, err, sizeof err) == 0)
      result = session_do(s, st, t, err, sizeof err);
    if (st->kind == STATEMENT_CASE && result == SESSION_DONE && !json)
      printf("case %s\n", st->name);
    if (result == SESSION_TRANSLATED && report(t, json) != 0) result = SESSION_FAILED;
    rc = code[result];
    if (rc != CLI_OK) fprintf(stderr, "%s:%u: %s\n", in->name, in->number, err);
  }
  if (rc == CLI_OK && ferror(in->f)) rc = complain(in->name, strerror(errno));
  free(t);
  free(st);
  return rc;
}

static int open_and_replay(const char *path, session_backend_fn *make, uint64_t seed, bool json) {
  const bool pipe = strcmp(path, "-") == 0;
  struct input in = {.name = pipe ? "standard input" : path};
  in.f = pipe ? stdin : fopen(path, "r");
  if (in.f == NULL) return complain(path, strerror(errno));
  char err[512];
  struct session *s = session_create(make, seed, err, sizeof err);
  int rc;
  if (s != NULL)
    rc = replay(&in, s, json);
  else
    rc = complain("cannot start", err);
  session_destroy(s);
  free(in.line);
  if (!pipe) fclose(in.f);
  if (fflush(stdout) != 0) rc = complain("standard output", strerror(errno));
  return rc;
}

int cmd_translate(int argc, const char **argv) {
  char *backend = NULL;
  int json = 0;
  long seed = 1;
  const struct poptOption table[] = {{"backend", 'b', POPT_ARG_STRING, &backend, 0, NULL, NULL},
                                     {"json", '\0', POPT_ARG_NONE, &json, 0, NULL, NULL},
                                     {"seed", '\0', POPT_ARG_LONG, &seed, 0, NULL, NULL},
                                     {"help", 'h', POPT_ARG_NONE, NULL, 'h', NULL, NULL},
                                     POPT_TABLEEND};
  poptContext pc = poptGetContext("cowalk translate", argc, argv, table, 0);
  const int opt = poptGetNextOpt(pc);
  const char *path = opt == -1 ? poptGetArg(pc) : NULL;
  session_backend_fn *make = backend_named(backend);
  int rc;
  if (opt == 'h') {
    fputs(usage, stdout);
    rc = CLI_OK;
  } else if (opt < -1) {
    rc = complain(poptBadOption(pc, 0), poptStrerror(opt));
  } else if (path == NULL || poptPeekArg(pc) != NULL) {
    rc = complain("arguments", "expects one FILE, or - for standard input; see --help");
  } else if (make == NULL) {
    rc = complain(backend, "unknown backend; known: model rtl lockstep");
  } else if (seed <= 0) {
    rc = complain("--seed", "expects a number of 1 or more");
  } else {
    rc = open_and_replay(path, make, (uint64_t)seed, json != 0);
  }
  poptFreeContext(pc);
  free(backend);
  return rc;
}

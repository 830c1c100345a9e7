// SPDX-License-Identifier: Apache-2.0
// `cowalk trace`: record a program under valgrind, import lackey text, describe a trace.
// Promises: bad input gets one line; import and info read files and pipes alike.
#include <errno.h>
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/trace_info.h"
#include "trace/import.h"

static const char usage[] =
    "Usage: cowalk trace record [--skip N] [--take N] [--name NAME] -o OUT -- PROGRAM [ARGUMENTS]\n"
    "       cowalk trace import [--skip N] [--take N] [--name NAME] FILE|- -o OUT\n"
    "       cowalk trace info [--json] [--profile] FILE|-\n"
    "\n"
    "record  run a program under valgrind's lackey tool and keep a window of its accesses\n"
    "import  the same from lackey's text (--trace-mem=yes --trace-syscalls=yes)\n"
    "info    say what a trace holds\n"
    "\n"
    "  --skip N     memory records (lines I, L, S, M of lackey) before the window\n"
    "  --take N     memory records in the window; to the end without it\n"
    "  -o OUT       the trace to write; - is standard output\n"
    "  --name NAME  the trace's name; the program's without it\n"
    "  --json       one JSON object\n"
    "  --profile    also page use over time and re-use distances\n"
    "\n"
    "Example: cowalk trace record --skip 20000000 --take 5000000 -o ls.zst -- ls -lR /usr/lib\n";

struct options {
  char *skip, *take, *out, *name;
  int json, profile;
};

static void options_free(struct options *o) {
  free(o->skip);
  free(o->take);
  free(o->out);
  free(o->name);
}

static int complain(const char *what, const char *why) {
  fprintf(stderr, "cowalk trace: %s: %s\n", what, why);
  return CLI_USAGE;
}

static int parse_count(const char *name, const char *text, uint64_t fallback, uint64_t *out) {
  *out = fallback;
  if (text == NULL) return 0;
  char *end;
  errno = 0;
  const unsigned long long v = strtoull(text, &end, 10);
  if (errno != 0 || *text < '0' || *text > '9' || *end != '\0')
    return complain(name, "expects a whole number, such as 5000000");
  *out = v;
  return 0;
}

static void report(const struct import_options *opt, const struct import_report *rep) {
  fprintf(stderr, "%s: %llu of %llu memory records kept, %llu system calls, %u areas inferred%s\n",
          opt->input, (unsigned long long)rep->taken, (unsigned long long)rep->records,
          (unsigned long long)rep->syscalls, rep->inferred_maps,
          rep->stopped ? "; the program ran on after the window" : "");
  if (rep->no_syscalls)
    fprintf(stderr,
            "%s: no system calls in the input: every area is inferred from use and no file is "
            "known (record with --trace-syscalls=yes)\n",
            opt->input);
  if (rep->foreign != 0)
    fprintf(stderr, "%s: %llu lines that are not lackey's were ignored\n", opt->input,
            (unsigned long long)rep->foreign);
}

static int do_import(const struct options *o, struct import_options *opt, poptContext pc) {
  const char *path = poptGetArg(pc);
  if (path == NULL || poptPeekArg(pc) != NULL)
    return complain("import", "expects one FILE, or - for standard input");
  if (o->out == NULL) return complain("import", "where to? Give -o OUT");
  FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
  if (in == NULL) return complain(path, strerror(errno));
  opt->input = in == stdin ? "standard input" : path;
  struct import_report rep;
  char err[512];
  const int rc = trace_import(in, o->out, opt, &rep, err, sizeof err);
  if (in != stdin) fclose(in);
  if (rc != 0) {
    fprintf(stderr, "cowalk trace: %s\n", err);
    return CLI_USAGE;
  }
  report(opt, &rep);
  return CLI_OK;
}

/* valgrind with the program, its log on fd. Does not return. */
static void run_valgrind(int fd, const char **program) {
  char log[32];
  size_t n = 0;
  while (program[n] != NULL)
    n++;
  snprintf(log, sizeof log, "--log-fd=%d", fd);
  const char *fixed[] = {"valgrind",
                         "--tool=lackey",
                         "--basic-counts=no",
                         "--trace-mem=yes",
                         "--trace-syscalls=yes",
                         "--child-silent-after-fork=yes",
                         log};
  const size_t fixed_count = sizeof fixed / sizeof fixed[0];
  char **argv = calloc(fixed_count + n + 1, sizeof *argv);
  if (argv == NULL) _exit(127);
  for (size_t i = 0; i < fixed_count; i++)
    argv[i] = strdup(fixed[i]);
  for (size_t i = 0; i < n; i++)
    argv[fixed_count + i] = strdup(program[i]);
  execvp(argv[0], argv);
  fprintf(stderr, "cowalk trace: valgrind cannot be started (%s); install the package valgrind\n",
          strerror(errno));
  _exit(127);
}

static int do_record(const struct options *o, struct import_options *opt, poptContext pc) {
  const char **program = poptGetArgs(pc);
  if (program == NULL) return complain("record", "expects -- PROGRAM [ARGUMENTS]");
  if (o->out == NULL) return complain("record", "where to? Give -o OUT");
  int fd[2];
  if (pipe(fd) != 0) return complain("pipe", strerror(errno));
  const pid_t child = fork();
  if (child < 0) return complain("fork", strerror(errno));
  if (child == 0) {
    close(fd[0]);
    run_valgrind(fd[1], program);
  }
  close(fd[1]);
  FILE *in = fdopen(fd[0], "rb");
  if (in == NULL) return complain("pipe", strerror(errno));
  char folder[4096];
  opt->folder = getcwd(folder, sizeof folder);
  opt->input = program[0];
  struct import_report rep;
  char err[512];
  const int rc = trace_import(in, o->out, opt, &rep, err, sizeof err);
  fclose(in); /* a program that goes on after the window ends here, by SIGPIPE */
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127 && rc != 0) return CLI_FAILED;
  if (rc != 0) {
    fprintf(stderr, "cowalk trace: %s\n", err);
    return CLI_FAILED;
  }
  report(opt, &rep);
  if (!rep.stopped && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
    fprintf(stderr, "%s: the program did not end well (status %d); its trace was kept\n",
            opt->input, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return CLI_OK;
}

static int dispatch(const char *verb, const struct options *o, poptContext pc) {
  struct import_options opt = {.name = o->name};
  if (parse_count("--skip", o->skip, 0, &opt.skip) != 0 ||
      parse_count("--take", o->take, UINT64_MAX, &opt.take) != 0)
    return CLI_USAGE;
  if (strcmp(verb, "import") == 0) return do_import(o, &opt, pc);
  if (strcmp(verb, "record") == 0) return do_record(o, &opt, pc);
  const char *path = poptGetArg(pc);
  if (path == NULL || poptPeekArg(pc) != NULL)
    return complain("info", "expects one FILE, or - for standard input");
  return trace_print_info(path, o->json != 0, o->profile != 0);
}

int cmd_trace(int argc, const char **argv) {
  if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
    fputs(usage, stdout);
    return CLI_OK;
  }
  if (argc < 2 || (strcmp(argv[1], "record") != 0 && strcmp(argv[1], "import") != 0 &&
                   strcmp(argv[1], "info") != 0))
    return complain(argc < 2 ? "no verb" : argv[1],
                    "expects record, import or info; see cowalk trace --help");
  struct options o = {0};
  const struct poptOption table[] = {{"skip", '\0', POPT_ARG_STRING, &o.skip, 0, NULL, NULL},
                                     {"take", '\0', POPT_ARG_STRING, &o.take, 0, NULL, NULL},
                                     {"out", 'o', POPT_ARG_STRING, &o.out, 0, NULL, NULL},
                                     {"name", '\0', POPT_ARG_STRING, &o.name, 0, NULL, NULL},
                                     {"json", '\0', POPT_ARG_NONE, &o.json, 0, NULL, NULL},
                                     {"profile", '\0', POPT_ARG_NONE, &o.profile, 0, NULL, NULL},
                                     {"help", 'h', POPT_ARG_NONE, NULL, 'h', NULL, NULL},
                                     POPT_TABLEEND};
  const unsigned flags = strcmp(argv[1], "record") == 0 ? POPT_CONTEXT_POSIXMEHARDER : 0;
  poptContext pc = poptGetContext("cowalk trace", argc - 1, argv + 1, table, flags);
  const int rc = poptGetNextOpt(pc);
  int code;
  if (rc == 'h') {
    fputs(usage, stdout);
    code = CLI_OK;
  } else if (rc < -1) {
    code = complain(poptBadOption(pc, 0), poptStrerror(rc));
  } else {
    code = dispatch(argv[1], &o, pc);
  }
  poptFreeContext(pc);
  options_free(&o);
  return code;
}

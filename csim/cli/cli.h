/* SPDX-License-Identifier: Apache-2.0
 * The subcommands of cowalk. Each gets the arguments after its name, with argv[0] = its own name,
 * writes results to stdout and everything else to stderr, and returns the program's exit code. */
#ifndef COWALK_CLI_CLI_H
#define COWALK_CLI_CLI_H

enum {
  CLI_OK = 0,
  CLI_FAILED = 1, /* the run, a check or a comparison failed */
  CLI_USAGE = 2   /* bad arguments or bad input */
};

int cmd_run(int argc, const char **argv);
int cmd_trace(int argc, const char **argv);
int cmd_translate(int argc, const char **argv);
int cmd_fuzz(int argc, const char **argv);
int cmd_bench(int argc, const char **argv);
int cmd_waves(int argc, const char **argv);
int cmd_syndrome(int argc, const char **argv);
int cmd_oom(int argc, const char **argv);
int cmd_replay(int argc, const char **argv);
int cmd_abits(int argc, const char **argv);
int cmd_zoneinfo(int argc, const char **argv);

#endif

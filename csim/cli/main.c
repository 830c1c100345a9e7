// SPDX-License-Identifier: Apache-2.0
// The program `cowalk`: finds the subcommand and hands it its arguments.
// Promises: an unknown word gets one line and exit code 2; --help goes to stdout.
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

struct command {
  const char *name;
  int (*run)(int argc, const char **argv);
  const char *what;
};

static const struct command commands[] = {
    {"run", cmd_run, "run scenarios: programs, OS model and MMU hardware together"},
    {"trace", cmd_trace, "record, import and describe program traces"},
    {"translate", cmd_translate, "explain single translations, from a text file"},
    {"fuzz", cmd_fuzz, "random page tables and accesses against the judge"},
    {"bench", cmd_bench, "speed of the simulator and cycle figures of the hardware"},
    {"waves", cmd_waves, "record a wave window with a GTKWave save file"},
    {"syndrome", cmd_syndrome, "explain, make and list fault registers"},
    {"oom", cmd_oom, "explain OOM reports of a kernel log: who dies, why, and what if"},
    {"replay", cmd_replay, "page replacement policies on page traces, without the MMU"},
    {"abits", cmd_abits, "what A bits show against what is used, with and without TLB flushes"},
    {"zoneinfo", cmd_zoneinfo, "watermarks and reserves of a machine, by Linux's formulas"},
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static const char examples[] =
    "\nExamples\n"
    "  cowalk run tests/scenarios/default.ini\n"
    "  cowalk run tests/scenarios/default.ini --arch x86,riscv --backend model --json\n"
    "  cowalk run tests/scenarios/teaching.ini --set machine.memory=8M --out results\n"
    "  cowalk trace info traces/sqlite3.zst\n"
    "  cowalk translate tests/translate/arm_basic.txt\n"
    "  cowalk abits --csv abits.csv --plot abits.svg\n"
    "  cowalk zoneinfo --ram 8G --thp\n"
    "  cowalk syndrome decode --arch arm64 esr=0x93010007\n"
    "  dmesg | cowalk oom - --adj postgres=-500\n"
    "  cowalk replay --policy lru,arc,opt --frames 64:4096:x2 traces/sqlite3.zst\n"
    "\n`cowalk COMMAND --help` lists the options of a command. docs/ explains the rest.\n";

static void help(FILE *out) {
  fprintf(out,
          "cowalk: MMU hardware and an operating-system model in lockstep\n\n"
          "Usage: cowalk COMMAND [ARGUMENTS]\n\nCommands\n");
  for (int i = 0; i < COMMANDS; i++)
    fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].what);
  fputs(examples, out);
}

int main(int argc, const char **argv) {
  if (argc < 2) {
    help(stderr);
    return CLI_USAGE;
  }
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
      strcmp(argv[1], "help") == 0) {
    help(stdout);
    return CLI_OK;
  }
  for (int i = 0; i < COMMANDS; i++) {
    if (strcmp(argv[1], commands[i].name) != 0) continue;
    char name[32];
    snprintf(name, sizeof name, "cowalk %s", argv[1]);
    argv[1] = name; /* for its --help */
    return commands[i].run(argc - 1, argv + 1);
  }
  fprintf(stderr, "cowalk: unknown command \"%s\"; `cowalk --help` lists them\n", argv[1]);
  return CLI_USAGE;
}

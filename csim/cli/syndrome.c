// SPDX-License-Identifier: Apache-2.0
// `cowalk syndrome`: explains fault registers, makes them, and prints their tables.
// Promises: bad input gets one line and exit code 2; see docs/syndromes.md.
#include <errno.h>
#include <popt.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/syndrome_cli.h"

static const char usage[] =
    "Usage: cowalk syndrome decode --arch A [--with LIST] [--json] REGISTER=VALUE...\n"
    "       cowalk syndrome encode --arch A [--with LIST] [--json] KEY=VALUE...\n"
    "       cowalk syndrome table [--arch A] [--format text|markdown|c]\n"
    "\n"
    "Explains what fault registers say, makes them from a fault, prints their tables.\n"
    "\n"
    "  --arch A     x86 (Intel), amd, arm64 or riscv\n"
    "  --with LIST  settings that change bits: mbec,advanced,sss (Intel), gmet (AMD), tge (Arm)\n"
    "  --json       one JSON object\n"
    "  --format F   of the tables (default text)\n"
    "\n"
    "Keys of encode\n"
    "  cause        not-mapped permission reserved misconfigured access-flag address-size key\n"
    "               enclave owner external parity alignment tag tlb-conflict no-atomic exclusive\n"
    "               lockdown page-fault\n"
    "  stage 1|2, level N, access read|write|read+write|fetch, taker guest|hypervisor|firmware,\n"
    "  on-walk update user from-guest from-lower guest-va yes|no, va gpa detail instruction N\n"
    "\n"
    "Examples\n"
    "  cowalk syndrome decode --arch arm64 esr=0x93010007 far=0x12345678 hpfar=0x80000\n"
    "  cowalk syndrome decode --arch x86 reason=48 qual=0x182 gla=0x7000 gpa=0x80001000\n"
    "  cowalk syndrome decode --arch riscv scause=21 stval=0x7000 htval=0x20000 htinst=0x3000\n"
    "  cowalk syndrome encode --arch amd cause=not-mapped stage=2 on-walk=yes gpa=0x5000\n"
    "  cowalk syndrome table --arch arm64 --format markdown\n";

struct options {
  char *arch, *with, *format;
  int json;
};

static int complain(const char *what, const char *why) {
  fprintf(stderr, "cowalk syndrome: %s%s%s\n", what, why[0] != '\0' ? ": " : "", why);
  return CLI_USAGE;
}

/* The architecture of that name; SYN_ARCHES if there is none. */
static enum syn_arch arch_named(const char *name) {
  enum syn_arch a = SYN_X86;
  while (a < SYN_ARCHES && (name == NULL || strcmp(name, syn_arch_name(a)) != 0))
    a = (enum syn_arch)(a + 1);
  return a;
}

static int show(enum syn_arch arch, const struct syn_regs *regs, bool json) {
  if (!json) {
    syndrome_show(stdout, arch, regs);
    return CLI_OK;
  }
  return syndrome_show_json(stdout, arch, regs) == 0 ? CLI_OK : CLI_FAILED;
}

/* What a memory fault is, in each one's registers. */
static const char *const no_fault[SYN_ARCHES] = {
    "these registers tell no memory fault; one is pfec with cr2, or reason 48 with qual, or reason "
    "49",
    "these registers tell no memory fault; one is pfec with cr2, or exitcode 0x400 with exitinfo1",
    "these registers tell no memory fault; one is an esr of class (31:26) 0x20, 0x21, 0x24 or 0x25 "
    "with a known status (5:0)",
    "these registers tell no memory fault; one is a cause of 1, 5, 7, 12, 13, 15, 20, 21 or 23"};

static int decode(enum syn_arch arch, const struct options *o, const char *const *words) {
  char err[512], known[256];
  struct syn_regs regs = {.given = 0};
  if (syndrome_parse_settings(arch, o->with, &regs.settings, err, sizeof err) != 0 ||
      syndrome_parse_regs(arch, words, &regs, err, sizeof err) != 0)
    return complain(err, "");
  if (regs.given == 0)
    return complain("decode expects REGISTER=VALUE; registers",
                    syndrome_reg_list(arch, known, sizeof known));
  if (syn_layout_of(arch, &regs) == NULL) return complain(syn_arch_name(arch), no_fault[arch]);
  return show(arch, &regs, o->json != 0);
}

static int encode(enum syn_arch arch, const struct options *o, const char *const *words) {
  char err[512], known[256];
  struct syn_fault fault = {.level = SYN_LEVEL_UNKNOWN};
  struct syn_regs regs;
  if (syndrome_parse_settings(arch, o->with, &fault.settings, err, sizeof err) != 0 ||
      syndrome_parse_fault(words, &fault, err, sizeof err) != 0)
    return complain(err, "");
  if (syn_encode(arch, &fault, &regs) != SYN_OK) {
    const char *causes = syndrome_cause_list(arch, fault.cause, known, sizeof known);
    if (fault.cause != SYN_NO_CAUSE && causes != NULL) {
      snprintf(err, sizeof err, "cause=%s: %s cannot tell it; it tells %s",
               syn_cause_name(fault.cause), syn_arch_name(arch), causes);
      return complain(err, "");
    }
    return complain(
        syn_arch_name(arch),
        "cannot tell this fault; it takes cause, stage and access, amd also on-walk, arm64 "
        "level and taker, and keys must not contradict");
  }
  return show(arch, &regs, o->json != 0);
}

static int table(const struct options *o) {
  enum syndrome_format format = SYNDROME_TEXT;
  if (o->format != NULL && strcmp(o->format, "markdown") == 0)
    format = SYNDROME_MARKDOWN;
  else if (o->format != NULL && strcmp(o->format, "c") == 0)
    format = SYNDROME_HEADER;
  else if (o->format != NULL && strcmp(o->format, "text") != 0)
    return complain(o->format, "unknown format; known: text markdown c");
  if (format == SYNDROME_HEADER)
    puts(
        "/* SPDX-License-Identifier: Apache-2.0\n * Masks of fault registers; made by `cowalk "
        "syndrome table --format c`. */");
  for (enum syn_arch a = SYN_X86; a < SYN_ARCHES; a = (enum syn_arch)(a + 1))
    if (o->arch == NULL || strcmp(o->arch, syn_arch_name(a)) == 0)
      syndrome_tables(stdout, a, format);
  return CLI_OK;
}

static int act(const char *verb, const struct options *o, const char *const *words) {
  const enum syn_arch arch = arch_named(o->arch);
  const bool tables = verb != NULL && strcmp(verb, "table") == 0;
  const bool decodes = verb != NULL && strcmp(verb, "decode") == 0;
  if (!tables && !decodes && (verb == NULL || strcmp(verb, "encode") != 0))
    return complain(verb != NULL ? verb : "arguments", "expects decode, encode or table");
  if (arch == SYN_ARCHES && (!tables || o->arch != NULL))
    return complain(o->arch != NULL ? o->arch : "--arch", "expects x86, amd, arm64 or riscv");
  if (!tables) return decodes ? decode(arch, o, words) : encode(arch, o, words);
  if (words != NULL && words[0] != NULL) return complain(words[0], "table takes options only");
  return table(o);
}

int cmd_syndrome(int argc, const char **argv) {
  struct options o = {NULL, NULL, NULL, 0};
  const struct poptOption options[] = {{"arch", 'a', POPT_ARG_STRING, &o.arch, 0, NULL, NULL},
                                       {"with", '\0', POPT_ARG_STRING, &o.with, 0, NULL, NULL},
                                       {"format", '\0', POPT_ARG_STRING, &o.format, 0, NULL, NULL},
                                       {"json", '\0', POPT_ARG_NONE, &o.json, 0, NULL, NULL},
                                       {"help", 'h', POPT_ARG_NONE, NULL, 'h', NULL, NULL},
                                       POPT_TABLEEND};
  poptContext pc = poptGetContext("cowalk syndrome", argc, argv, options, 0);
  const int opt = poptGetNextOpt(pc);
  int rc;
  if (opt == 'h') {
    fputs(usage, stdout);
    rc = CLI_OK;
  } else if (opt < -1) {
    rc = complain(poptBadOption(pc, 0), poptStrerror(opt));
  } else {
    const char *verb = poptGetArg(pc);
    rc = act(verb, &o, poptGetArgs(pc));
  }
  if (fflush(stdout) != 0) rc = complain("standard output", strerror(errno));
  poptFreeContext(pc);
  free(o.arch);
  free(o.with);
  free(o.format);
  return rc;
}

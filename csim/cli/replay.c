// SPDX-License-Identifier: Apache-2.0
// `cowalk replay`: replacement policies on page traces, without the MMU.
// Promises: bad input gets one line; results go to standard output only.
#include "replay/replay.h"

#include <errno.h>
#include <popt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "replay/generate.h"
#include "replay/kernel.h"
#include "replay/progress.h"

enum { MAX_POLICIES = 32 };

static const char usage[] =
    "Usage: cowalk replay --frames N[,N...] [OPTIONS] TRACE\n"
    "\n"
    "Counts the misses of page replacement policies on a page trace. TRACE is a file, - for "
    "standard\n"
    "input, or a generator.\n"
    "\n"
    "  --policy P[,P...]  fifo, lru, clock, clock2, arc, 2q, opt; all these without it; twolist "
    "and\n"
    "                     mglru, Linux's two in a small kernel of that many pages. Options follow\n"
    "                     after colons: clock:insert=clear  2q:kin=25%:kout=50%\n"
    "                     clock2:spread=25%:clean=yes:look=32  mglru:read=yes\n"
    "  --frames N[,N...]  memory sizes in frames; also 10:1000:10 and 16:65536:x2\n"
    "  --format F         plain, hex, addr, arc, lirs, lackey, champsim, cowalk; found out without "
    "it\n"
    "  --page-size N      for formats that hold addresses, in bytes; 4096\n"
    "  --kinds LETTERS    of lackey, champsim and cowalk traces: I fetches, L loads, S stores, M "
    "both\n"
    "                     at once; ILSM\n"
    "  --writes P         make P of 100 accesses writes, of a trace that tells no writes\n"
    "  --steps            each access and the policy's lists after it (one policy, one size)\n"
    "  --time             also the speed of the replay\n"
    "  --plot FILE.svg    draw the miss ratio over memory size, with OPT as the bound\n"
    "  --json, --csv      instead of the table\n"
    "\n"
    "Generators\n";

static const char examples[] =
    "\nExamples\n"
    "  cowalk replay --policy lru,opt --frames 3 refs:0,1,2,0,1,3,0,3,1,2,1\n"
    "  cowalk replay --policy lru --frames 3 --steps refs:0,1,2,0,1,3,0,3,1,2,1\n"
    "  cowalk replay --frames 10:1000:10 --plot hotcold.svg hotcold:100000\n"
    "  cowalk replay --frames 64:4096:x2 traces/sqlite3.zst\n"
    "  xz -dc 605.mcf.champsimtrace.xz | cowalk replay --policy arc,lru --frames 1000 -\n";

struct options {
  char *policy, *frames, *format, *page_size, *kinds, *plot, *writes;
  int steps, time, json, csv;
};

static void options_free(struct options *o) {
  free(o->policy);
  free(o->frames);
  free(o->format);
  free(o->page_size);
  free(o->kinds);
  free(o->plot);
  free(o->writes);
}

static int complain(const char *what, const char *why) {
  if (what != NULL)
    fprintf(stderr, "cowalk replay: %s: %s\n", what, why);
  else
    fprintf(stderr, "cowalk replay: %s\n", why);
  return CLI_USAGE;
}

static int parse_policies(const char *text, struct policy_spec *spec, size_t *count) {
  char *copy = strdup(text);
  char err[300] = "out of memory";
  int code = copy != NULL ? CLI_OK : complain(NULL, err);
  *count = 0;
  for (char *at = copy; at != NULL && code == CLI_OK;) {
    char *comma = strchr(at, ',');
    if (comma != NULL) *comma = '\0';
    if (*count == MAX_POLICIES - 1)
      code = complain("--policy", "at most 31 policies in one run");
    else if (replay_spec_parse(at, &spec[*count], err, sizeof err) != 0)
      code = complain("--policy", err);
    ++*count;
    at = comma != NULL ? comma + 1 : NULL;
  }
  free(copy);
  return code;
}

static int all_policies(struct policy_spec *spec, size_t *count) {
  char err[300];
  for (*count = 0; policy_all[*count] != NULL; ++*count)
    if (policy_spec_parse(policy_all[*count]->name, &spec[*count], err, sizeof err) != 0)
      return complain("--policy", err);
  return CLI_OK;
}

static int parse_trace_options(const struct options *o, struct replay_options *out) {
  *out = (struct replay_options){.format = o->format, .page_size = 4096, .kinds = 15};
  if (o->page_size != NULL) {
    char *end;
    errno = 0;
    const unsigned long long v = strtoull(o->page_size, &end, 0);
    if (errno != 0 || o->page_size[0] < '0' || o->page_size[0] > '9' || *end != '\0' || v == 0 ||
        (v & (v - 1)) != 0)
      return complain("--page-size", "expects a power of two in bytes, such as 4096 or 0x200000");
    out->page_size = v;
  }
  if (o->kinds != NULL) {
    static const char letters[] = "ILSM";
    out->kinds = 0;
    for (const char *c = o->kinds; *c != '\0'; c++) {
      const char *at = strchr(letters, *c);
      if (at == NULL) return complain("--kinds", "expects letters out of ILSM");
      out->kinds |= 1u << (at - letters);
    }
    if (out->kinds == 0) return complain("--kinds", "expects letters out of ILSM");
  }
  if (o->writes != NULL) {
    char *end;
    const unsigned long v = strtoul(o->writes, &end, 10);
    if (o->writes[0] < '0' || o->writes[0] > '9' || *end != '\0' || v < 1 || v > 100)
      return complain("--writes", "expects 1 to 100, in per cent of the accesses");
    out->writes = (unsigned)v;
  }
  return CLI_OK;
}

static int show(struct replay *r, const struct options *o) {
  char err[512];
  if (o->steps != 0) {
    if (replay_steps(r->trace, &r->policy[0], r->frames[0], stdout)) return CLI_OK;
    (void)complain(NULL, "out of memory");
    return CLI_FAILED;
  }
  if (!replay_all(r)) {
    (void)complain(NULL, r->error);
    return CLI_FAILED;
  }
  if (o->json != 0 && !replay_print_json(r, o->time != 0, stdout)) {
    (void)complain(NULL, "out of memory");
    return CLI_FAILED;
  }
  if (o->csv != 0)
    replay_print_csv(r, stdout);
  else if (o->json == 0)
    replay_print_table(r, o->time != 0, stdout);
  if (o->plot != NULL && replay_plot(r, o->plot, err, sizeof err) != 0) {
    (void)complain(NULL, err);
    return CLI_FAILED;
  }
  return CLI_OK;
}

/* The plot needs its bound. */
static int add_opt(struct policy_spec *spec, size_t *count) {
  char err[300];
  for (size_t i = 0; i < *count; i++)
    if (spec[i].ops->needs_future) return CLI_OK;
  if (policy_spec_parse("opt", &spec[(*count)++], err, sizeof err) != 0)
    return complain("--policy", err);
  return CLI_OK;
}

static int load_and_show(struct replay *r, const struct replay_options *to,
                         const struct options *o) {
  char err[512];
  const double from = progress_now();
  struct replay_trace *t = replay_trace_load(r->source, to, err, sizeof err);
  if (t == NULL) return complain(NULL, err);
  if (t->foreign != 0)
    fprintf(stderr, "%s: %llu lines that are not %s's were ignored\n", r->source,
            (unsigned long long)t->foreign, t->format);
  if (o->time != 0) fprintf(stderr, "%s: read in %.2f s\n", r->source, progress_now() - from);
  r->trace = t;
  const int code = show(r, o);
  replay_trace_free(t);
  free(r->result);
  return code;
}

static int run(const struct options *o, const char *source) {
  struct policy_spec spec[MAX_POLICIES];
  struct replay r = {.source = source, .policy = spec};
  struct replay_options to;
  char err[512];
  int code = parse_trace_options(o, &to);
  if (code == CLI_OK && o->frames == NULL)
    code = complain("--frames", "which memory sizes? Such as --frames 100 or 16:65536:x2");
  if (code == CLI_OK)
    code = o->policy != NULL ? parse_policies(o->policy, spec, &r.policies)
                             : all_policies(spec, &r.policies);
  if (code != CLI_OK) return code;
  uint32_t *frames = replay_parse_frames(o->frames, &r.sizes, err, sizeof err);
  if (frames == NULL) return complain(NULL, err);
  r.frames = frames;
  if (o->steps != 0 &&
      (r.policies != 1 || r.sizes != 1 || o->json != 0 || o->csv != 0 || o->plot != NULL))
    code =
        complain("--steps", "expects one policy, one size, and neither --json, --csv nor --plot");
  else if (o->steps != 0 && replay_is_kernel(&spec[0]))
    code = complain("--steps", "expects a policy that shows its lists; twolist and mglru do not");
  else if (o->json != 0 && o->csv != 0)
    code = complain("--json and --csv", "expects one of them");
  if (code == CLI_OK && o->plot != NULL) code = add_opt(spec, &r.policies);
  if (code == CLI_OK) code = load_and_show(&r, &to, o);
  free(frames);
  return code;
}

int cmd_replay(int argc, const char **argv) {
  struct options o = {0};
  const struct poptOption table[] = {
      {"policy", '\0', POPT_ARG_STRING, &o.policy, 0, NULL, NULL},
      {"frames", '\0', POPT_ARG_STRING, &o.frames, 0, NULL, NULL},
      {"format", '\0', POPT_ARG_STRING, &o.format, 0, NULL, NULL},
      {"page-size", '\0', POPT_ARG_STRING, &o.page_size, 0, NULL, NULL},
      {"kinds", '\0', POPT_ARG_STRING, &o.kinds, 0, NULL, NULL},
      {"writes", '\0', POPT_ARG_STRING, &o.writes, 0, NULL, NULL},
      {"plot", '\0', POPT_ARG_STRING, &o.plot, 0, NULL, NULL},
      {"steps", '\0', POPT_ARG_NONE, &o.steps, 0, NULL, NULL},
      {"time", '\0', POPT_ARG_NONE, &o.time, 0, NULL, NULL},
      {"json", '\0', POPT_ARG_NONE, &o.json, 0, NULL, NULL},
      {"csv", '\0', POPT_ARG_NONE, &o.csv, 0, NULL, NULL},
      {"help", 'h', POPT_ARG_NONE, NULL, 'h', NULL, NULL},
      POPT_TABLEEND};
  poptContext pc = poptGetContext("cowalk replay", argc, argv, table, 0);
  const int rc = poptGetNextOpt(pc);
  const char *source = rc == -1 ? poptGetArg(pc) : NULL;
  int code;
  if (rc == 'h') {
    fputs(usage, stdout);
    fputs(generate_help, stdout);
    fputs(examples, stdout);
    code = CLI_OK;
  } else if (rc < -1) {
    code = complain(poptBadOption(pc, 0), poptStrerror(rc));
  } else if (source == NULL || poptPeekArg(pc) != NULL) {
    code = complain("TRACE", "expects one file, - or generator; see cowalk replay --help");
  } else {
    code = run(&o, source);
  }
  poptFreeContext(pc);
  options_free(&o);
  return code;
}

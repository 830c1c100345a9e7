// SPDX-License-Identifier: Apache-2.0
// cowalk fuzz: random page tables and accesses against the judge, with the coverage of what was
// met. Promises: a seed gives the same run; a refusal prints both stories and the command that
// repeats it, and the exit code is 1; so it is when a legal bin of the coverage stayed too small.
#include "fuzz/fuzz.h"

#include <inttypes.h>
#include <popt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

enum { ERROR_TEXT = 8192, WAVE_CYCLES = 400 };

struct options {
  const char *arch, *backend, *geometry, *waves, *stages;
  long long seed, accesses;
  int least, coverage, json, quiet;
};

static struct mmu_backend *judged_model(const struct mmu_backend_config *cfg, char *err,
                                        size_t err_len) {
  return mmu_backend_judged(mmu_backend_model, cfg, err, err_len);
}

static const struct {
  const char *name;
  mmu_backend_make *make;
} backends[] = {{"lockstep", mmu_backend_lockstep},
                {"rtl", mmu_backend_rtl},
                {"model", mmu_backend_model},
                {"judged-model", judged_model}};

static const char *const arch_names[MMU_ARCH_COUNT] = {"x86", "arm", "riscv"};

static mmu_backend_make *find_backend(const char *name) {
  for (size_t i = 0; i < sizeof backends / sizeof backends[0]; i++)
    if (strcmp(backends[i].name, name) == 0) return backends[i].make;
  fprintf(stderr,
          "cowalk fuzz: --backend %s: no such backend; give lockstep, rtl, model or judged-model\n",
          name);
  return NULL;
}

/* Bit mask of the architectures named, 0 after an error message. */
static unsigned find_archs(const char *name) {
  if (strcmp(name, "all") == 0) return (1U << MMU_ARCH_COUNT) - 1;
  for (unsigned a = 0; a < MMU_ARCH_COUNT; a++)
    if (strcmp(arch_names[a], name) == 0) return 1U << a;
  fprintf(stderr, "cowalk fuzz: --arch %s: no such architecture; give x86, arm, riscv or all\n",
          name);
  return 0;
}

static bool parse_geometry(const char *text, struct mmu_geometry *g) {
  *g = mmu_geometry_default();
  if (text == NULL) return true;
  if (mmu_geometry_parse(text, g)) return true;
  fprintf(stderr,
          "cowalk fuzz: --geometry %s: give L1I-L1D-L2SETS-L2WAYS-PWC1-PWC2-PWC3-PWC4-PWCKIND-"
          "WALKS-QUEUE-REPLACEMENT-NESTED, for example 4-4-4-2-4-4-4-4-0-1-1-0-4\n",
          text);
  return false;
}

/* 1, 2, or 3 for both; 0 after an error message. */
static uint8_t find_stages(const char *name) {
  if (strcmp(name, "both") == 0) return 3;
  if (strcmp(name, "1") == 0 || strcmp(name, "2") == 0) return (uint8_t)(name[0] - '0');
  fprintf(stderr, "cowalk fuzz: --stages %s: give 1, 2 or both\n", name);
  return 0;
}

static void show_progress(void *self, uint64_t accesses) {
  const struct options *o = self;
  if (accesses % 20000 < 400)
    fprintf(stderr, "\r  %" PRIu64 " of %lld accesses ", accesses, o->accesses);
}

static void list_small_bins(const struct coverage *c, enum mmu_arch arch, uint64_t least) {
  struct coverage_bin b;
  uint64_t n;
  for (uint32_t cursor = 0; coverage_next(c, arch, &cursor, &b, &n);) {
    char name[96];
    bool legal = coverage_legal(arch, &b);
    if (legal && n >= least) continue;
    coverage_name(&b, name, sizeof name);
    printf("  %s: %s, met %" PRIu64 " times\n", arch_names[arch], name, n);
    if (!legal) printf("    which the list of legal bins calls impossible\n");
  }
  struct coverage_operation op;
  for (uint32_t cursor = 0; coverage_next_operation(c, arch, &cursor, &op, &n);) {
    char name[64];
    if (n >= least) continue;
    coverage_operation_name(&op, name, sizeof name);
    printf("  %s: %s, made %" PRIu64 " times\n", arch_names[arch], name, n);
  }
}

/* The same run once more, with waves of the cycles before its refusal. */
static void record_refusal(const struct options *o, const struct fuzz_config *cfg, uint64_t cycle) {
  static char err[ERROR_TEXT];
  struct fuzz_report r;
  struct fuzz_config again = *cfg;
  again.coverage = NULL;
  again.progress = NULL;
  again.waves = o->waves;
  again.waves_from = cycle > WAVE_CYCLES ? cycle - WAVE_CYCLES : 0;
  again.waves_to = cycle;
  if (fuzz_run(&again, &r, err, sizeof err) == FUZZ_NOT_STARTED)
    fprintf(stderr, "cowalk fuzz: %s\n", err);
  else
    printf("waves of cycles %" PRIu64 " to %" PRIu64 ": %s\n", again.waves_from, cycle, o->waves);
}

/* CLI_OK if the run passed and the coverage is as wanted. */
static int fuzz_arch(enum mmu_arch arch, const struct options *o, struct fuzz_config *cfg) {
  static char err[ERROR_TEXT];
  struct fuzz_report r;
  struct coverage *c = coverage_create();
  if (c == NULL) {
    fprintf(stderr, "cowalk fuzz: the host is out of memory\n");
    return CLI_FAILED;
  }
  cfg->arch = arch;
  cfg->coverage = c;
  int failed = fuzz_run(cfg, &r, err, sizeof err);
  if (cfg->progress != NULL) fprintf(stderr, "\r%40s\r", "");
  if (failed == FUZZ_NOT_STARTED) {
    fprintf(stderr, "cowalk fuzz: %s\n", err);
    coverage_destroy(c);
    return CLI_USAGE;
  }
  struct coverage_summary s = coverage_sum(c, arch, (uint64_t)o->least);
  if (o->json && !failed) {
    failed = coverage_print_json(c, arch, arch_names[arch], stdout);
    coverage_destroy(c);
    return failed ? CLI_FAILED : CLI_OK;
  }
  printf("%-5s %s seed %lld: %" PRIu64 " accesses, %" PRIu64 " ok, %" PRIu64 " faults, %" PRIu64
         " retries; %" PRIu64 " table writes, %" PRIu64 " invalidations, %" PRIu64
         " lost swaps; %" PRIu64 " cycles\n",
         arch_names[arch], o->backend, o->seed, r.accesses, r.ok, r.faults, r.retries, r.writes,
         r.invalidations, r.stats.cas_lost, r.cycles);
  if (r.mix.accesses != 0)
    printf("      with a stage 2: %" PRIu64 " accesses, %" PRIu64 " ok (%" PRIu64 " hits), %" PRIu64
           " faults of stage 2; %" PRIu64 " of %" PRIu64 " table reads of stage 2, %" PRIu64
           " nested-TLB hits\n",
           r.mix.accesses, r.mix.ok, r.mix.hits, fuzz_mix_nested_faults(&r.mix), r.stats.s2_reads,
           r.stats.walk_reads, r.stats.nested_hits);
  if (failed) {
    printf("%s", err);
    if (err[0] != '\0' && err[strlen(err) - 1] != '\n') printf("\n");
    printf(
        "repeat it with: cowalk fuzz --arch %s --backend %s --seed %lld --accesses %lld --stages "
        "%s%s%s\n",
        arch_names[arch], o->backend, o->seed, o->accesses, o->stages,
        o->geometry != NULL ? " --geometry " : "", o->geometry != NULL ? o->geometry : "");
  }
  if (failed && o->waves != NULL) record_refusal(o, cfg, r.cycles);
  if (o->coverage) {
    coverage_print(c, arch, stdout);
    if (r.mix.accesses != 0) {
      coverage_nested_print(coverage_stage2(c), arch, stdout);
      fuzz_mix_print(&r.mix, stdout);
    }
  }
  bool covered = s.full == s.legal && s.illegal == 0 && s.operations_full == s.operations;
  if (o->least > 0 && !failed) {
    printf("  %u of %u legal bins at least %d times, smallest %" PRIu64
           ", %u impossible ones; "
           "%u of %u kinds of invalidation\n",
           s.full, s.legal, o->least, s.fewest, s.illegal, s.operations_full, s.operations);
    if (!covered) list_small_bins(c, arch, (uint64_t)o->least);
  }
  coverage_destroy(c);
  return !failed && (o->least == 0 || covered) ? CLI_OK : CLI_FAILED;
}

static int run(const struct options *o) {
  unsigned archs = find_archs(o->arch);
  struct fuzz_config cfg = {.make = find_backend(o->backend),
                            .stages = find_stages(o->stages),
                            .seed = (uint64_t)o->seed,
                            .accesses = (uint64_t)o->accesses,
                            .progress_self = (void *)o};
  if (archs == 0 || cfg.make == NULL || cfg.stages == 0 ||
      !parse_geometry(o->geometry, &cfg.geometry))
    return CLI_USAGE;
  if (o->accesses < 1 || o->least < 0) {
    fprintf(stderr, "cowalk fuzz: --accesses must be at least 1 and --least at least 0\n");
    return CLI_USAGE;
  }
  if (o->json && o->least > 0) {
    fprintf(stderr, "cowalk fuzz: --json prints the counts alone; leave --least out\n");
    return CLI_USAGE;
  }
  if (!o->quiet && isatty(STDERR_FILENO)) cfg.progress = show_progress;
  int result = CLI_OK;
  for (unsigned a = 0; a < MMU_ARCH_COUNT && result != CLI_USAGE; a++) {
    int one = archs >> a & 1 ? fuzz_arch((enum mmu_arch)a, o, &cfg) : CLI_OK;
    if (one != CLI_OK) result = one;
  }
  return result;
}

int cmd_fuzz(int argc, const char **argv) {
  struct options o = {.arch = "all",
                      .backend = "lockstep",
                      .seed = 1,
                      .accesses = 200000,
                      .least = 0,
                      .stages = "both"};
  struct poptOption table[] = {
      {"arch", 'a', POPT_ARG_STRING, &o.arch, 0, "x86, arm, riscv or all", "ARCH"},
      {"backend", 'b', POPT_ARG_STRING, &o.backend, 0, "lockstep, rtl, model or judged-model",
       "NAME"},
      {"seed", 's', POPT_ARG_LONGLONG, &o.seed, 0, "what the run follows from", "N"},
      {"accesses", 'n', POPT_ARG_LONGLONG, &o.accesses, 0, "of each architecture", "N"},
      {"geometry", 'g', POPT_ARG_STRING, &o.geometry, 0, "other than the default",
       "L1I-L1D-L2SETS-L2WAYS-PWC1-PWC2-PWC3-PWC4-PWCKIND-WALKS-QUEUE-REPLACEMENT-NESTED"},
      {"stages", 't', POPT_ARG_STRING, &o.stages, 0,
       "worlds without a stage 2, with one, or both in turn (the default)", "1|2|both"},
      {"waves", 'w', POPT_ARG_STRING, &o.waves, 0,
       "after a refusal, repeat the run and record the cycles before it", "FILE.fst"},
      {"least", 'l', POPT_ARG_INT, &o.least, 0, "fail if a legal bin was met less often", "N"},
      {"coverage", 'c', POPT_ARG_NONE, &o.coverage, 0,
       "print the coverage table, and the mix of two stages", NULL},
      {"json", 'j', POPT_ARG_NONE, &o.json, 0,
       "print the coverage alone, one JSON object a line for each architecture", NULL},
      {"quiet", 'q', POPT_ARG_NONE, &o.quiet, 0, "no progress", NULL},
      POPT_AUTOHELP POPT_TABLEEND};
  poptContext pc = poptGetContext("cowalk fuzz", argc, argv, table, 0);
  int rc = poptGetNextOpt(pc);
  int result = CLI_USAGE;
  if (rc < -1)
    fprintf(stderr, "cowalk fuzz: %s: %s\n", poptBadOption(pc, POPT_BADOPTION_NOALIAS),
            poptStrerror(rc));
  else if (poptPeekArg(pc) != NULL)
    fprintf(stderr, "cowalk fuzz: %s: unexpected argument; see cowalk fuzz --help\n",
            poptPeekArg(pc));
  else
    result = run(&o);
  poptFreeContext(pc);
  return result;
}

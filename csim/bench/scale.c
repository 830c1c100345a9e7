// SPDX-License-Identifier: Apache-2.0
// A machine of many frames in a process of its own. The machine's own samples and progress say how
// far it is, so that building it and taking it down are not counted.
// Promises: the figures are of this machine alone, because its process runs nothing else.
#include "bench/scale.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/stream.h"
#include "machine/machine.h"

enum {
  SAMPLE_CYCLES = 1 << 21,
  RESIDENT_PERCENT = 97, /* of the frames, less what the smaller programs take */
  SMALL_PROGRAM = 64,    /* pages of its code, of its tables and to spare */
  OVERFLOW_PERCENT = 112
};

/* Pages and accesses of the programs of a resident run; the first has all. */
static const struct {
  uint64_t pages, accesses;
} programs[SCALE_PROGRAMS] = {{0, 2500000}, {20, 6000000}, {1024, 5000000}, {65536, 4000000}};

struct run {
  struct scale_result *out;
  uint64_t from[SCALE_PROGRAMS], to[SCALE_PROGRAMS]; /* events between which it is timed */
  uint64_t begun_events[SCALE_PROGRAMS];
  double begun[SCALE_PROGRAMS];
  double start, reclaims;
  uint64_t last_touch, stolen;
  bool touched;
};

static uint64_t stolen(const struct machine_sample *s) {
  return s->os.pgsteal_kswapd + s->os.pgsteal_direct;
}

static uint64_t take_sample(void *arg, const struct machine_sample *s) {
  struct run *r = arg;
  double now = host_seconds();
  if (r->reclaims == 0 && stolen(s) != 0) {
    r->reclaims = now;
    r->stolen = stolen(s);
    if (!r->touched) r->out->touch_s = now - r->start;
  } else if (r->reclaims != 0 && !r->touched) {
    r->out->reclaim_s = now - r->reclaims;
    r->out->reclaimed = stolen(s) - r->stolen;
  }
  return s->cycle + SAMPLE_CYCLES;
}

static void look(void *arg, uint64_t events, uint64_t expected, uint64_t cycles) {
  struct run *r = arg;
  double now = host_seconds();
  (void)expected, (void)cycles;
  if (events == 0) r->start = now;
  if (!r->touched && events >= r->last_touch) {
    r->touched = true;
    if (r->reclaims == 0) r->out->touch_s = now - r->start;
  }
  for (unsigned k = 0; k < SCALE_PROGRAMS; k++) {
    if (events < r->from[k] || events > r->to[k]) continue;
    if (r->begun_events[k] == 0) {
      r->begun_events[k] = events;
      r->begun[k] = now;
    }
    r->out->speed[k].accesses = events - r->begun_events[k];
    r->out->speed[k].seconds = now - r->begun[k];
  }
}

static struct machine_config config_of(const struct scale_load *load, struct run *r) {
  uint64_t bytes = load->mib << 20;
  uint64_t frames = bytes >> 12;
  struct machine_config c = machine_config_default();
  c.arch = MMU_ARCH_X86;
  c.backend = MACHINE_MODEL;
  c.progress = look;
  c.progress_arg = r;
  c.sample = take_sample;
  c.sample_arg = r;
  c.os.mode = MMU_S1_X86_L4;
  c.os.memory_bytes = bytes;
  c.os.swap_pages = frames / 4;
  c.os.policy = load->policy;
  c.access_checks = !load->unchecked;
  return c;
}

/* ---- the programs ---- */

static bool add(struct machine *m, struct scale_result *out, const char *format, uint64_t pages,
                uint64_t accesses, unsigned phase) {
  char spec[160];
  snprintf(spec, sizeof spec, format, (unsigned long long)pages, (unsigned long long)accesses,
           phase);
  return machine_add(m, spec, 1, out->error, sizeof out->error);
}

/* Small machines are for trying out. */
static uint64_t accesses_of(const struct scale_load *load, unsigned k) {
  return programs[k].accesses / (load->mib < 16 << 10 ? 20 : 1);
}

/* A program takes a quarter of the smallest machines. */
static uint64_t pages_of(const struct scale_result *out, unsigned k) {
  return programs[k].pages < out->frames / 4 ? programs[k].pages : out->frames / 4;
}

/* When which program runs: a tenth of its events at the start and a twentieth at the end are not
 * timed, so that what belongs to others is surely not in it. */
static bool add_resident(struct machine *m, const struct scale_load *load, struct run *r) {
  struct scale_result *out = r->out;
  uint64_t at = out->touched;
  for (unsigned k = 0; k < SCALE_PROGRAMS; k++) {
    uint64_t events = 2 * accesses_of(load, k);
    uint64_t pages = k == 0 ? out->touched : pages_of(out, k);
    out->speed[k].pages = pages;
    r->from[k] = at + events / 10;
    r->to[k] = at + events - events / 20;
    at += events;
    const char *format = k == 0 ? "synthetic:pages=%llu touch=1 hold=1 accesses=%llu phase=%u"
                                : "synthetic:pages=%llu touch=1 accesses=%llu phase=%u";
    if (!add(m, out, format, pages, accesses_of(load, k), k)) return false;
  }
  return true;
}

static bool add_programs(struct machine *m, const struct scale_load *load, struct run *r) {
  struct scale_result *out = r->out;
  out->touched = out->frames * (load->resident ? RESIDENT_PERCENT : OVERFLOW_PERCENT) / 100;
  for (unsigned k = 1; load->resident && k < SCALE_PROGRAMS; k++)
    out->touched -= pages_of(out, k) + SMALL_PROGRAM;
  r->last_touch = out->touched;
  for (unsigned k = 0; k < SCALE_PROGRAMS; k++)
    r->from[k] = UINT64_MAX;
  if (load->resident) return add_resident(m, load, r);
  return add(m, out, "synthetic:pages=%llu touch=1 accesses=%llu phase=%u", out->touched, 0, 0);
}

/* ---- a run ---- */

static uint64_t resident_peak(void) {
  struct rusage u;
  return getrusage(RUSAGE_SELF, &u) == 0 ? (uint64_t)u.ru_maxrss * 1024 : 0;
}

static void sum_up(struct machine *m, struct scale_result *out) {
  static const enum ledger_account reclaim[] = {LEDGER_KSWAPD, LEDGER_DIRECT_RECLAIM,
                                                LEDGER_WRITEBACK, LEDGER_SHOOTDOWN};
  struct machine_results *r = calloc(1, sizeof *r);
  if (r == NULL) return;
  machine_results(m, r);
  for (size_t i = 0; i < sizeof reclaim / sizeof *reclaim; i++)
    out->reclaim_cycles += ledger_total(&r->ledger, 1, reclaim[i]);
  out->table_bytes = r->os.page_table_pages_max << 12;
  if (contract_breaks(&r->contracts) != 0)
    snprintf(out->error, sizeof out->error, "a contract is broken");
  free(r);
}

static void run_here(const struct scale_load *load, struct scale_result *out) {
  uint64_t before = resident_peak();
  struct run r = {.out = out};
  struct machine_config cfg = config_of(load, &r);
  out->frames = cfg.os.memory_bytes >> 12;
  struct machine *m = machine_create(&cfg, out->error, sizeof out->error);
  if (m != NULL && add_programs(m, load, &r)) {
    out->error[0] = '\0';
    if (!machine_run(m)) snprintf(out->error, sizeof out->error, "%s", machine_error(m));
    if (machine_death(m) != NULL) snprintf(out->error, sizeof out->error, "%s", machine_death(m));
    sum_up(m, out);
  }
  out->peak_bytes = resident_peak() - before;
  machine_destroy(m);
}

/* ---- processes ---- */

bool scale_start(struct scale_job *job, const struct scale_load *load, char *err, size_t err_len) {
  int ends[2];
  fflush(NULL);
  if (pipe(ends) != 0) {
    snprintf(err, err_len, "bench: cannot make a pipe");
    return false;
  }
  *job = (struct scale_job){.load = *load, .pipe = ends[0], .pid = fork()};
  if (job->pid == 0) {
    struct scale_result out = {0};
    close(ends[0]);
    run_here(load, &out);
    _exit(write(ends[1], &out, sizeof out) == (ssize_t)sizeof out ? 0 : 1);
  }
  close(ends[1]);
  if (job->pid > 0) return true;
  close(ends[0]);
  snprintf(err, err_len, "bench: cannot start a process");
  return false;
}

bool scale_finish(struct scale_job *job, struct scale_result *out, char *err, size_t err_len) {
  size_t have = 0;
  ssize_t n = 1;
  while (have < sizeof *out && n > 0) {
    n = read(job->pipe, (char *)out + have, sizeof *out - have);
    if (n > 0) have += (size_t)n;
  }
  close(job->pipe);
  waitpid(job->pid, NULL, 0);
  bool got = have == sizeof *out;
  if (got && out->error[0] == '\0') return true;
  snprintf(err, err_len, "bench: a machine of %llu MiB, policy %s: %s",
           (unsigned long long)job->load.mib, job->load.policy,
           got ? out->error : "its process ended early (too little memory?)");
  return false;
}

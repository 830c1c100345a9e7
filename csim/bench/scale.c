// SPDX-License-Identifier: Apache-2.0
// A machine of many frames, filled by one program. The machine's own samples say how far it is, so
// that building it and taking it down are not counted.
// Promises: the figures are of this machine alone, because its process runs nothing else.
#include "bench/scale.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/stream.h"
#include "machine/cost.h"
#include "machine/machine.h"

enum { SAMPLE_CYCLES = 1 << 21 };

struct run {
  struct scale_result *out;
  uint64_t first_access; /* events before it */
  uint64_t events, stolen;
  double begun, touched, accessed;
  bool reclaims, done;
};

static uint64_t stolen(const struct machine_sample *s) {
  return s->os.pgsteal_kswapd + s->os.pgsteal_direct;
}

static uint64_t take_sample(void *arg, const struct machine_sample *s) {
  struct run *r = arg;
  double now = host_seconds();
  if (!r->reclaims && stolen(s) != 0) {
    r->reclaims = true;
    r->out->touch_s = now - r->begun;
    r->touched = now;
    r->stolen = stolen(s);
  }
  if (r->reclaims && !r->done) {
    r->out->reclaim_s = now - r->touched;
    r->out->reclaimed = stolen(s) - r->stolen;
  }
  return s->cycle + SAMPLE_CYCLES;
}

/* Which events have been made. */
static void look(void *arg, uint64_t events, uint64_t expected, uint64_t cycles) {
  struct run *r = arg;
  double now = host_seconds();
  (void)cycles;
  if (events == 0) r->begun = now;
  if (r->accessed == 0 && events >= r->first_access) {
    if (!r->reclaims) r->out->touch_s = now - r->begun;
    r->accessed = now;
    r->events = events;
  }
  if (r->accessed != 0 && events > r->events + r->out->accesses) {
    r->out->accesses = events - r->events;
    r->out->access_s = now - r->accessed;
  }
  r->done = events >= expected;
}

static struct machine_config config_of(const struct scale_load *load, struct run *r) {
  uint64_t bytes = load->gib << 30;
  uint64_t frames = bytes >> 12;
  uint64_t over = load->percent > 100 ? (load->percent - 100) * frames / 100 : 0;
  struct machine_config c = {.arch = MMU_ARCH_X86,
                             .backend = MACHINE_MODEL,
                             .cpus = 1,
                             .window = 8,
                             .slice_cycles = 1000000,
                             .geometry = mmu_geometry_default(),
                             .timing = memtiming_default(),
                             .disk_latency = 240000,
                             .disk_block_cycles = 4096,
                             .disk_queue = 32,
                             .seed = 1,
                             .progress = look,
                             .progress_arg = r,
                             .sample = take_sample,
                             .sample_arg = r,
                             .os = {.mode = MMU_S1_X86_L4,
                                    .memory_bytes = bytes,
                                    .reserved_bytes = 1 << 20,
                                    .swap_pages = over + over / 2 + frames / 16,
                                    .swappiness = 60,
                                    .hw_a = true,
                                    .hw_d = true,
                                    .policy = load->policy}};
  cost_default(c.cost);
  return c;
}

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

/* In a process of its own. */
static void run_here(const struct scale_load *load, struct scale_result *out) {
  uint64_t before = resident_peak();
  struct run r = {.out = out};
  struct machine_config cfg = config_of(load, &r);
  char spec[160];
  out->frames = cfg.os.memory_bytes >> 12;
  out->touched = out->frames * load->percent / 100;
  uint64_t setup = 2; /* maps */
  r.first_access = setup + out->touched;
  snprintf(spec, sizeof spec, "synthetic:pages=%llu touch=1 accesses=%llu",
           (unsigned long long)out->touched, (unsigned long long)load->accesses);
  struct machine *m = machine_create(&cfg, out->error, sizeof out->error);
  if (m != NULL && machine_add(m, spec, 1, out->error, sizeof out->error)) {
    out->error[0] = '\0';
    if (!machine_run(m)) snprintf(out->error, sizeof out->error, "%s", machine_error(m));
    if (machine_death(m) != NULL) snprintf(out->error, sizeof out->error, "%s", machine_death(m));
    sum_up(m, out);
  }
  out->peak_bytes = resident_peak() - before;
  machine_destroy(m);
}

static bool read_all(int fd, void *to, size_t bytes) {
  size_t have = 0;
  ssize_t n = 1;
  while (have < bytes && n > 0) {
    n = read(fd, (char *)to + have, bytes - have);
    if (n > 0) have += (size_t)n;
  }
  return have == bytes;
}

bool scale_measure(const struct scale_load *load, struct scale_result *out, char *err,
                   size_t err_len) {
  int ends[2];
  int status = 0;
  *out = (struct scale_result){0};
  fflush(NULL);
  if (pipe(ends) != 0) {
    snprintf(err, err_len, "bench: cannot make a pipe");
    return false;
  }
  pid_t pid = fork();
  if (pid == 0) {
    run_here(load, out);
    _exit(write(ends[1], out, sizeof *out) == (ssize_t)sizeof *out ? 0 : 1);
  }
  close(ends[1]);
  bool got = pid > 0 && read_all(ends[0], out, sizeof *out);
  close(ends[0]);
  if (pid > 0) waitpid(pid, &status, 0);
  if (!got || out->error[0] != '\0')
    snprintf(err, err_len, "bench: a machine of %llu GiB, policy %s: %s",
             (unsigned long long)load->gib, load->policy,
             got ? out->error : "its process ended early");
  return got && out->error[0] == '\0';
}

// SPDX-License-Identifier: Apache-2.0
// The runs, a process each, a few at once, in a fixed order.
// Promises: what a row holds does not depend on how many run at once.
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abits/abits.h"
#include "scenario/scenario.h"

const char *const abits_flush[ABITS_FLUSHES] = {"page", "batch", "none"};

/* ---- one run, in its own process ---- */

static bool settle(struct scenario *s, const struct abits_row *r, char *err, size_t err_len) {
  char line[64];
  const char *hardware = r->by_fault ? "no" : "yes";
  (void)snprintf(line, sizeof line, "os.policy=%s", r->policy);
  bool ok = scenario_set(s, "abits", line, err, err_len);
  (void)snprintf(line, sizeof line, "machine.arch=%s", scenario_arch_name((enum mmu_arch)r->arch));
  ok = ok && scenario_set(s, "abits", line, err, err_len);
  (void)snprintf(line, sizeof line, "os.a_flush=%s", abits_flush[r->flush]);
  ok = ok && scenario_set(s, "abits", line, err, err_len);
  (void)snprintf(line, sizeof line, "mmu.hw_a=%s", hardware);
  ok = ok && scenario_set(s, "abits", line, err, err_len);
  (void)snprintf(line, sizeof line, "mmu.hw_d=%s", hardware);
  return ok && scenario_set(s, "abits", line, err, err_len);
}

static void keep(struct abits_row *r, struct machine *m, uint32_t cpus, const struct sight *sight) {
  struct machine_results got;
  machine_results(m, &got);
  r->sight = sight_counts(sight);
  r->cycles = got.cycles;
  r->shootdowns = got.shootdown.shootdowns;
  r->ipis = got.shootdown.ipis;
  r->broadcasts = got.shootdown.broadcasts;
  r->shootdown_cycles = ledger_total(&got.ledger, cpus, LEDGER_SHOOTDOWN);
  r->clear_cycles = got.shootdown.for_a;
  r->a_cleared = got.os.a_cleared;
  r->a_faults = got.os.a_faults;
  r->major_faults = got.os.pgmajfault;
  const char *death = machine_death(m);
  r->ran = death == NULL && sight_complete(sight) && contract_breaks(&got.contracts) == 0;
  if (death != NULL) (void)snprintf(r->error, sizeof r->error, "killed: %.240s", death);
  for (int k = 0; k < CONTRACT_COUNT; k++)
    if (got.contracts.record[k].broken != 0)
      (void)snprintf(r->error, sizeof r->error, "broken: %s, %.200s",
                     contract_label((enum contract)k), got.contracts.record[k].first);
}

static uint64_t managed_pages(const struct machine *m) {
  struct os_zone_info zone[24];
  uint64_t sum = 0;
  size_t n = machine_zones(m, zone, 24);
  for (size_t i = 0; i < n; i++)
    sum += zone[i].managed;
  return sum;
}

static void run_one(struct abits_row *r, struct scenario *s, uint64_t window) {
  struct machine_config cfg;
  if (!settle(s, r, r->error, sizeof r->error) || !scenario_check(s, r->error, sizeof r->error))
    return;
  scenario_config(s, (enum mmu_arch)r->arch, &cfg);
  cfg.fst = NULL;
  cfg.sight = sight_create(cfg.os.memory_bytes >> 12, window, NULL);
  if (cfg.sight == NULL) {
    (void)snprintf(r->error, sizeof r->error, "the host is out of memory");
    return;
  }
  struct machine *m = machine_create(&cfg, r->error, sizeof r->error);
  if (m != NULL && scenario_add_programs(s, m, r->error, sizeof r->error)) {
    if (machine_run(m))
      keep(r, m, cfg.cpus, cfg.sight);
    else
      (void)snprintf(r->error, sizeof r->error, "%.250s", machine_error(m));
  }
  machine_destroy(m);
  sight_destroy(cfg.sight);
}

/* ---- all of them ---- */

struct worker {
  pid_t pid;
  int pipe;
};

static bool start(struct worker *w, struct abits_row *r, struct scenario *s, uint64_t window) {
  int ends[2];
  if (pipe(ends) != 0) return false;
  fflush(NULL);
  w->pid = fork();
  if (w->pid == 0) {
    close(ends[0]);
    run_one(r, s, window);
    _exit(write(ends[1], r, sizeof *r) == (ssize_t)sizeof *r ? 0 : 1); /* fits into the pipe */
  }
  close(ends[1]);
  w->pipe = ends[0];
  if (w->pid > 0) return true;
  close(ends[0]);
  return false;
}

static void end(const struct worker *w, struct abits_row *r) {
  struct abits_row got = {0};
  size_t have = 0;
  ssize_t n = 1;
  while (have < sizeof got && n > 0) {
    n = read(w->pipe, (char *)&got + have, sizeof got - have);
    if (n > 0) have += (size_t)n;
  }
  close(w->pipe);
  (void)waitpid(w->pid, NULL, 0);
  if (have == sizeof got)
    *r = got;
  else
    (void)snprintf(r->error, sizeof r->error, "its process ended early");
}

static bool run_rows(struct abits *a, struct scenario *s, const struct abits_options *opt) {
  struct worker *worker = calloc(a->rows, sizeof *worker);
  if (worker == NULL) return false;
  size_t first = 0;
  bool ok = true;
  for (size_t i = 0; ok && i < a->rows; i++) {
    if (i - first >= opt->jobs) {
      end(&worker[first], &a->row[first]);
      first++;
      if (opt->progress) fprintf(stderr, "\r%zu of %zu runs", first, a->rows);
    }
    ok = start(&worker[i], &a->row[i], s, a->window);
    if (!ok) a->rows = i;
  }
  for (; first < a->rows; first++)
    end(&worker[first], &a->row[first]);
  if (opt->progress) fprintf(stderr, "\r%zu of %zu runs\n", first, a->rows);
  free(worker);
  return ok;
}

static bool wanted(const struct abits_options *opt, size_t p, const char **name) {
  *name = opt->policy != NULL ? opt->policy[p] : os_policy_name(p);
  return *name != NULL;
}

static void list_rows(struct abits *a, const struct abits_options *opt,
                      const enum mmu_arch arch[MMU_ARCH_COUNT], size_t archs) {
  const char *name;
  for (size_t p = 0; wanted(opt, p, &name); p++)
    for (size_t i = 0; i < archs; i++)
      for (unsigned fault = 0; fault < (arch[i] == MMU_ARCH_X86 ? 1U : 2U); fault++)
        for (uint32_t f = 0; f < ABITS_FLUSHES; f++) {
          struct abits_row *r = &a->row[a->rows++];
          (void)snprintf(r->policy, sizeof r->policy, "%s", name);
          r->arch = arch[i];
          r->by_fault = fault != 0;
          r->flush = f;
        }
}

bool abits_run(struct abits *a, struct scenario *s, const struct abits_options *opt, char *err,
               size_t err_len) {
  enum mmu_arch arch[MMU_ARCH_COUNT];
  struct machine_config cfg;
  const char *name;
  size_t archs = scenario_archs(s, arch);
  size_t policies = 0;
  while (wanted(opt, policies, &name))
    policies++;
  *a = (struct abits){.window = opt->window};
  if (a->window == 0) {
    scenario_config(s, arch[0], &cfg);
    cfg.backend = MACHINE_MODEL;
    struct machine *m = machine_create(&cfg, err, err_len);
    if (m == NULL) return false;
    a->window = managed_pages(m);
    machine_destroy(m);
  }
  a->row = calloc(policies * archs * 2 * ABITS_FLUSHES + 1, sizeof *a->row);
  if (a->row != NULL) list_rows(a, opt, arch, archs);
  if (a->row != NULL && run_rows(a, s, opt)) return true;
  (void)snprintf(err, err_len, "the host is out of memory or processes");
  abits_free(a);
  return false;
}

void abits_free(struct abits *a) {
  free(a->row);
  a->row = NULL;
  a->rows = 0;
}

bool abits_passed(const struct abits *a) {
  for (size_t i = 0; i < a->rows; i++)
    if (!a->row[i].ran) return false;
  return a->rows != 0;
}

const struct abits_row *abits_page_by_page(const struct abits *a, const struct abits_row *r) {
  return &a->row[(size_t)(r - a->row) - r->flush];
}

double abits_saved(const struct abits *a, const struct abits_row *r) {
  const struct abits_row *page = abits_page_by_page(a, r);
  if (r == page || page->a_cleared == 0) return 0;
  double each = (double)page->clear_cycles / (double)page->a_cleared;
  return each * (double)r->a_cleared - (double)r->clear_cycles;
}

double abits_cost(const struct abits_row *r) {
  return r->sight.evictions != 0 ? (double)r->shootdown_cycles / (double)r->sight.evictions : 0;
}

// SPDX-License-Identifier: Apache-2.0
// The machine: putting its parts together and moving its one clock.
// Follows the design's time rule: the CPU or event that acts next acts first, ties by rank; when
// everything waits, time jumps to the next event.
// Promises: deterministic; ends with an error, never hangs, when nothing can happen any more.
#include "machine/machine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "machine/cost.h"
#include "machine/machine_internal.h"
#include "mem/physmem.h"
#include "os/proc.h"

/* How often limits and progress are looked at. Changes nothing else. */
enum { LOOK_UP_CYCLES = 1 << 18 };

void machine_fail(struct machine *m, const char *format, ...) {
  if (m->failed) return;
  va_list args;
  va_start(args, format);
  vsnprintf(m->error, sizeof m->error, format, args);
  va_end(args);
  m->failed = true;
}

void machine_touch(struct machine *m, uint64_t cycle) {
  if (cycle < m->horizon) m->horizon = cycle;
}

/* ---- birth and death ---- */

static bool check_config(const struct machine_config *cfg, char *err, size_t err_len) {
  const char *what = NULL;
  if (cfg->cpus < 1 || cfg->cpus > LEDGER_MAX_CPUS) what = "a machine has 1 to 16 CPUs";
  if (cfg->window < 1 || cfg->window > WINDOW_MAX) what = "a window has 1 to 32 accesses";
  if (cfg->disk_queue < 1) what = "the disk works on at least 1 transfer at once";
  if (cfg->slice_cycles < 1) what = "a time slice has at least 1 cycle";
  if (what == NULL) return true;
  snprintf(err, err_len, "%s", what);
  return false;
}

struct machine_config machine_config_default(void) {
  struct machine_config c = {
      .cpus = 1,
      .window = 8,
      .slice_cycles = 1000000,
      .geometry = mmu_geometry_default(),
      .timing = memtiming_default(),
      .disk_latency = 240000,
      .disk_block_cycles = 4096,
      .disk_queue = 32,
      .access_checks = true,
      .seed = 1,
      .os = {.reserved_bytes = 1 << 20, .swappiness = 60, .hw_a = true, .hw_d = true}};
  cost_default(c.cost);
  return c;
}

struct machine *machine_create(const struct machine_config *cfg, char *err, size_t err_len) {
  if (!check_config(cfg, err, err_len)) return NULL;
  struct machine *m = calloc(1, sizeof *m);
  if (m == NULL) {
    snprintf(err, err_len, "the host is out of memory");
    return NULL;
  }
  m->cfg = *cfg;
  m->cfg.os.arch = cfg->arch;
  m->sample_at = cfg->sample != NULL ? 0 : MMU_NEVER;
  m->events = event_queue_create();
  m->memory = physmem_create(cfg->os.memory_bytes);
  if (cfg->access_checks) m->content = content_create(cfg->os.memory_bytes >> 12);
  m->disk = disk_create(m);
  bool shootdowns = shootdown_create(m);
  if (m->events == NULL || m->memory == NULL || (cfg->access_checks && m->content == NULL) ||
      m->disk == NULL || !shootdowns) {
    snprintf(err, err_len, "the host cannot hold a machine of %llu MiB",
             (unsigned long long)(cfg->os.memory_bytes >> 20));
    machine_destroy(m);
    return NULL;
  }
  for (uint32_t i = 0; i < cfg->cpus; i++) {
    if (cpu_create(m, i, err, err_len)) continue;
    machine_destroy(m);
    return NULL;
  }
  struct os_platform platform = {.ops = &machine_platform_ops, .self = m};
  m->os = os_create(&m->cfg.os, &platform, err, err_len);
  if (m->os != NULL && !m->failed) return m;
  if (m->failed) snprintf(err, err_len, "%s", m->error);
  machine_destroy(m);
  return NULL;
}

void machine_destroy(struct machine *m) {
  if (m == NULL) return;
  for (struct thread *t = m->all; t != NULL; t = t->all_next)
    if (t->task != NULL) task_destroy(t->task);
  sched_destroy(m);
  if (m->os != NULL) os_destroy(m->os);
  for (uint32_t i = 0; i < LEDGER_MAX_CPUS; i++)
    cpu_destroy(&m->cpu[i]);
  for (uint32_t i = 0; i < m->groups; i++)
    free(m->group[i]);
  free(m->group);
  disk_destroy(m->disk);
  content_destroy(m->content);
  physmem_destroy(m->memory);
  event_queue_destroy(m->events);
  freshness_destroy(m->freshness);
  free(m->generation);
  free(m);
}

/* ---- programs ---- */

struct file_place {
  struct os *os;
  uint32_t file;
};

static uint64_t block_of(void *arg, uint64_t page) {
  const struct file_place *f = arg;
  return os_file_block(f->os, f->file, page);
}

/* Create the files of a program; their OS numbers, kept by the machine. */
static uint32_t *create_files(struct machine *m, const struct program *p, char *err,
                              size_t err_len) {
  uint32_t files = program_files(p);
  uint32_t **group = realloc(m->group, (m->groups + 1) * sizeof *group);
  if (group == NULL) return NULL;
  m->group = group;
  uint32_t *number = calloc(files + 1, sizeof *number);
  if (number == NULL) return NULL;
  m->group[m->groups++] = number;
  for (uint32_t f = 1; f <= files; f++) {
    uint64_t pages = program_file_pages(p, f);
    if (pages == 0) pages = 1;
    struct file_place place = {.os = m->os, .file = os_file_create(m->os, pages)};
    if (place.file == 0) {
      if (m->failed)
        snprintf(err, err_len, "%s", m->error);
      else
        snprintf(err, err_len, "program %s: no room on the disk for its file %u of %llu pages",
                 program_name(p), (unsigned)f, (unsigned long long)pages);
      return NULL;
    }
    if (m->content != NULL && content_file(m->content, pages, block_of, &place) != place.file) {
      snprintf(err, err_len, "the host is out of memory");
      return NULL;
    }
    number[f - 1] = place.file;
  }
  return number;
}

bool machine_add(struct machine *m, const char *spec, uint32_t copies, char *err, size_t err_len) {
  snprintf(err, err_len, "the host is out of memory");
  struct program *p = program_open(spec, 63, 0, err, err_len);
  if (p == NULL) return false;
  const uint32_t *file = create_files(m, p, err, err_len);
  program_close(p);
  for (uint32_t i = 0; file != NULL && i < copies; i++)
    if (!task_create(m, spec, file, err, err_len)) return false;
  return file != NULL;
}

/* ---- the clock ---- */

/* The CPU that acts next; the second earliest action bounds how far it may go alone. */
static struct cpu *next_cpu(struct machine *m, uint64_t *others) {
  struct cpu *first = &m->cpu[0];
  *others = MMU_NEVER;
  for (uint32_t i = 1; i < m->cfg.cpus; i++) {
    struct cpu *c = &m->cpu[i];
    if (c->next < first->next) {
      *others = first->next;
      first = c;
    } else if (c->next < *others) {
      *others = c->next;
    }
  }
  return first;
}

/* One event, or one stretch of one CPU; false if nothing will ever happen. */
static bool act(struct machine *m) {
  uint64_t others;
  struct cpu *c = next_cpu(m, &others);
  uint64_t event = event_queue_next(m->events);
  if (event == EVENT_NEVER && c->next == MMU_NEVER) return false;
  while (m->sample_at <= event && m->sample_at <= c->next)
    sample_take(m, m->sample_at);
  if (event <= c->next) {
    m->now = event;
    m->horizon = event;
    event_queue_run(m->events);
    return true;
  }
  m->horizon = event < others ? event : others;
  machine_touch(m, c->next + LOOK_UP_CYCLES);
  machine_touch(m, m->sample_at);
  cpu_run(c);
  return true;
}

static void check_limits(struct machine *m) {
  const struct machine_config *cfg = &m->cfg;
  if (cfg->max_cycles != 0 && m->now >= cfg->max_cycles) m->stopping = true;
  if (m->stopping && m->stage.head != NULL) sched_wake(m, &m->stage);
  if (cfg->progress != NULL)
    cfg->progress(cfg->progress_arg, m->results.events, m->expected, m->now);
}

/* The clock stops: take back what was booked beyond it, book what goes on. */
static void close_books(struct machine *m) {
  struct ledger *l = &m->results.ledger;
  char why[160];
  m->results.cycles = m->now;
  for (uint32_t i = 0; i < m->cfg.cpus; i++) {
    struct cpu *c = &m->cpu[i];
    if (c->mode == CPU_IDLE) {
      cpu_idle_until(c, m->now);
    } else if (c->mode == CPU_SPIN) {
      ledger_book(l, i, LEDGER_SHOOTDOWN, m->now - c->spin_from);
    } else if (c->mode == CPU_HANDLER) {
      ledger_book(l, i, LEDGER_SHOOTDOWN, m->now - c->handler.from);
      ledger_book(l, i, c->busy_account, 0 - c->handler.left);
    } else if (c->mode == CPU_BUSY && c->busy_until > m->now) {
      ledger_book(l, i, c->busy_account, 0 - (c->busy_until - m->now));
    }
    contract_checked(&m->results.contracts, CONTRACT_LEDGER);
    if (!ledger_balanced(l, i, m->now, why, sizeof why))
      contract_break(&m->results.contracts, CONTRACT_LEDGER, "%s", why);
  }
}

/* The counters as a driver reads them, from the registers. */
static void sum_counters(struct machine *m) {
  for (uint32_t i = 0; i < m->cfg.cpus; i++) {
    uint64_t count[MMU_PERF_COUNT];
    if (mmu_read_counters(m->cpu[i].backend, count) != 0) {
      machine_fail(m, "the counters of CPU %u cannot be read", (unsigned)i);
      return;
    }
    for (int k = 0; k < MMU_PERF_COUNT; k++)
      m->results.perf[k] += count[k];
  }
}

static void sum_stats(struct machine *m) {
  struct machine_results *r = &m->results;
  uint64_t *sum = (uint64_t *)&r->backend;
  for (uint32_t i = 0; i < m->cfg.cpus; i++) {
    struct mmu_backend_stats one;
    uint64_t counts[4];
    m->cpu[i].backend->ops->stats(m->cpu[i].backend, &one);
    for (size_t k = 0; k < sizeof one / sizeof(uint64_t); k++)
      sum[k] += ((const uint64_t *)&one)[k];
    memtiming_counts(m->cpu[i].timing, counts);
    for (int k = 0; k < 4; k++)
      r->timing[k] += counts[k];
  }
  os_stats(m->os, &r->os);
  r->kills = os_oom_kills(m->os, r->kill, OS_OOM_KILLS);
  r->other_deaths = m->other_deaths;
  snprintf(r->panic, sizeof r->panic, "%s", m->panic);
  disk_results(m->disk, r);
  query_results(m, r);
}

/* After the end: let kernel threads and the disk finish, so that the books can be checked. */
static void settle(struct machine *m) {
  struct machine_results measured = m->results;
  uint64_t limit = m->now + (UINT64_C(1) << 36);
  while (!m->failed && m->now < limit) {
    bool busy = disk_outstanding(m->disk) != 0 || m->ready_first != NULL;
    for (uint32_t i = 0; i < m->cfg.cpus; i++)
      busy = busy || m->cpu[i].mode != CPU_IDLE;
    if (!busy || !act(m)) break;
  }
  struct contracts found = m->results.contracts;
  m->results = measured;
  m->results.contracts = found;
  watch_end(m);
}

bool machine_run(struct machine *m) {
  for (uint32_t i = 0; i < m->cfg.cpus; i++) {
    char path[512];
    if (m->cfg.fst == NULL || i != 0) continue;
    snprintf(path, sizeof path, "%s", m->cfg.fst);
    struct mmu_backend *b = m->cpu[i].backend;
    if (b->ops->trace(b, path, m->cfg.fst_from, m->cfg.fst_to) != 0)
      machine_fail(m, "cannot write the wave file %s", path);
  }
  for (struct thread *t = m->all; t != NULL; t = t->all_next)
    if (t->task != NULL) sched_ready(m, t);
  while (!m->failed && m->alive != 0 && m->panic[0] == '\0') {
    check_limits(m);
    if (!act(m))
      machine_fail(m, "deadlock at cycle %llu: %u tasks wait and nothing will wake them",
                   (unsigned long long)m->now, (unsigned)m->alive);
  }
  if (m->failed) return false;
  if (m->cfg.sample != NULL) sample_take(m, m->now);
  m->sample_at = MMU_NEVER;
  close_books(m);
  sum_stats(m);
  sum_counters(m);
  if (m->panic[0] == '\0') settle(m); /* after a panic things stay where they are */
  return !m->failed;
}

const char *machine_error(const struct machine *m) {
  return m->failed ? m->error : NULL;
}

void machine_results(struct machine *m, struct machine_results *out) {
  *out = m->results;
}

size_t machine_zones(const struct machine *m, struct os_zone_info *out, size_t max) {
  return os_zones(m->os, out, max);
}

void machine_proc(const struct machine *m, size_t index, FILE *out) {
  os_proc_print(m->os, index, out);
}

uint32_t machine_tasks(const struct machine *m) {
  return m->tasks;
}

const char *machine_death(const struct machine *m) {
  return m->death[0] != '\0' ? m->death : NULL;
}

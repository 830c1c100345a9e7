// SPDX-License-Identifier: Apache-2.0
// Finds a fault of a scenario by running it, and runs it again with the wave window around it.
// Relies on the machine being deterministic (docs/design.md): both runs meet the same cycles.
// Promises: the rtl backend is what runs; no more of the scenario is run than it takes.
#include "cli/waves_scenario.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_ACCESSES = 64, MORE = 16 };

struct watcher {
  struct waves_window *w;
  uint32_t faults;
  bool found, marking;
};

static void add_mark(struct waves_window *w, uint64_t cycle, const char *name) {
  bool inside = cycle + w->before >= w->cycle && cycle <= w->cycle + w->after;
  if (inside && w->marks < GTKW_MAX_MARKS)
    w->mark[w->marks++] = (struct gtkw_mark){.cycle = cycle, .name = name};
}

static void watch(void *self, const struct mmu_event *ev) {
  struct watcher *x = self;
  bool fault = ev->kind == MMU_EV_ANSWER && ev->response->status == MMU_FAULT;
  if (x->marking) {
    if (fault)
      add_mark(x->w, ev->cycle, "fault");
    else if (ev->kind == MMU_EV_INVAL_DONE)
      add_mark(x->w, ev->cycle, "invalidated");
    else if (ev->kind == MMU_EV_CAS)
      add_mark(x->w, ev->cycle, ev->ok ? "A/D" : "lost");
    return;
  }
  x->faults += fault;
  if (fault && x->faults == x->w->fault) {
    x->found = true;
    x->w->cycle = ev->cycle;
  }
}

/* Run the machine; *all tells whether every program ran to its end. */
static bool run(const struct scenario *s, const struct machine_config *cfg, bool *all, char *err,
                size_t err_len) {
  struct machine_results results;
  struct machine *m = machine_create(cfg, err, err_len);
  bool ok = m != NULL && scenario_add_programs(s, m, err, err_len);
  if (ok && !machine_run(m)) {
    snprintf(err, err_len, "%s", machine_error(m));
    ok = false;
  }
  if (ok) {
    machine_results(m, &results);
    *all = results.accesses < cfg->max_accesses;
  }
  machine_destroy(m);
  return ok;
}

static bool find_fault(const struct scenario *s, struct machine_config cfg, struct watcher *x,
                       char *err, size_t err_len) {
  bool all = false;
  uint64_t limit = cfg.max_accesses != 0 ? cfg.max_accesses : UINT64_MAX / MORE;
  for (cfg.max_accesses = FIRST_ACCESSES; !x->found && !all; cfg.max_accesses *= MORE) {
    if (cfg.max_accesses > limit) cfg.max_accesses = limit;
    x->faults = 0;
    if (!run(s, &cfg, &all, err, err_len)) return false;
    all = all || cfg.max_accesses == limit;
  }
  if (!x->found)
    snprintf(err, err_len, "the scenario has only %u faults; ask for one of them with --fault",
             x->faults);
  return x->found;
}

int waves_scenario(const struct scenario *s, enum mmu_arch arch, const char *fst,
                   struct waves_window *w, char *err, size_t err_len) {
  struct machine_config cfg;
  struct watcher x = {.w = w};
  bool all;
  scenario_config(s, arch, &cfg);
  if (cfg.cpus != 1) {
    snprintf(err, err_len, "waves show one CPU; add --set machine.cpus=1");
    return -1;
  }
  cfg.backend = MACHINE_RTL;
  cfg.watch = (struct mmu_observer){.event = watch, .self = &x};
  cfg.progress = NULL;
  cfg.fst = NULL;
  w->marks = 0;
  w->walks = cfg.geometry.walks;
  if (!find_fault(s, cfg, &x, err, err_len)) return -1;
  x.marking = true;
  cfg.fst = fst;
  cfg.fst_from = w->cycle > w->before ? w->cycle - w->before : 0;
  cfg.fst_to = w->cycle + w->after;
  cfg.max_cycles = cfg.fst_to + 1000;
  return run(s, &cfg, &all, err, err_len) ? 0 : -1;
}

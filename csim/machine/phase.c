// SPDX-License-Identifier: Apache-2.0
// Phases of a program that marks them: accesses and misses by operation and class, and what the OS
// model counted meanwhile. Promises: costs no simulated time.
#include <string.h>

#include "machine/machine_internal.h"

static struct machine_phase *current(struct machine *m) {
  return &m->results.phase[m->results.phases];
}

static bool counts(const struct machine *m, uint8_t tag) {
  return tag != 0 && tag <= MACHINE_OPS * MACHINE_CLASSES && m->results.phases < MACHINE_PHASES;
}

void phase_access(struct machine *m, uint8_t tag) {
  if (!counts(m, tag)) return;
  current(m)->accesses[(tag - 1) / MACHINE_CLASSES][(tag - 1) % MACHINE_CLASSES]++;
}

void phase_misses(struct machine *m, uint8_t tag, uint64_t misses) {
  if (!counts(m, tag)) return;
  current(m)->misses[(tag - 1) / MACHINE_CLASSES][(tag - 1) % MACHINE_CLASSES] += misses;
}

/* All members of struct os_stats are uint64_t. */
static struct os_stats since(const struct os_stats *now, const struct os_stats *then) {
  enum { COUNT = sizeof *now / sizeof(uint64_t) };
  uint64_t a[COUNT];
  uint64_t b[COUNT];
  struct os_stats d;
  memcpy(a, now, sizeof a);
  memcpy(b, then, sizeof b);
  for (size_t i = 0; i < COUNT; i++)
    a[i] -= b[i];
  memcpy(&d, a, sizeof d);
  return d;
}

void phase_end(struct machine *m, uint32_t mark) {
  if (m->results.phases == MACHINE_PHASES) return;
  struct machine_phase *p = current(m);
  struct os_stats now;
  os_stats(m->os, &now);
  p->mark = mark;
  p->cycles = m->now - m->phase_from;
  p->os = since(&now, &m->phase_stats);
  m->phase_from = m->now;
  m->phase_stats = now;
  m->results.phases++;
}

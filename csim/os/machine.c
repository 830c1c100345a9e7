/* SPDX-License-Identifier: Apache-2.0
 * The kernel model's calls into its machine, and a sleeping lock. Promises nothing of its own: time
 * and order come from the machine. */
#include "os/machine.h"

#include <stdlib.h>

#include "os/kernel.h"

uint32_t os_cpu(const struct os *os) {
  return os->plat.ops->cpu(os->plat.self);
}

uint32_t os_cpus(const struct os *os) {
  return os->plat.ops->cpus(os->plat.self);
}

uint64_t os_now(struct os *os) {
  return os->plat.ops->now(os->plat.self);
}

void os_spend(struct os *os, enum os_work work, uint32_t count) {
  if (count != 0) os->plat.ops->spend(os->plat.self, work, count);
}

uint64_t os_rd(struct os *os, uint64_t pa) {
  return os->plat.ops->read64(os->plat.self, pa);
}

void os_wr(struct os *os, uint64_t pa, uint64_t value) {
  os->plat.ops->write64(os->plat.self, pa, value);
}

bool os_cas(struct os *os, uint64_t pa, uint64_t expected, uint64_t desired, uint64_t *old) {
  return os->plat.ops->cas64(os->plat.self, pa, expected, desired, old);
}

void os_wait(struct os *os, struct os_waitq *q) {
  os->plat.ops->wait(os->plat.self, q);
}

bool os_wait_us(struct os *os, struct os_waitq *q, uint64_t us) {
  uint64_t cycles = us * (os->cfg.cpu_hz / 1000000);
  return os->plat.ops->wait_until(os->plat.self, q, os_now(os) + cycles);
}

void os_wake(struct os *os, struct os_waitq *q) {
  os->plat.ops->wake(os->plat.self, q);
}

struct os_task *os_current(struct os *os) {
  return *os->plat.ops->current(os->plat.self);
}

void *os_host_alloc(struct os *os, size_t bytes) {
  void *p = calloc(1, bytes);
  if (p == NULL) os->plat.ops->no_memory(os->plat.self);
  return p;
}

void *os_host_realloc(struct os *os, void *p, size_t bytes) {
  void *more = realloc(p, bytes);
  if (more == NULL) os->plat.ops->no_memory(os->plat.self);
  return more;
}

void os_lock(struct os *os, struct os_mutex *m) {
  while (m->held)
    os_wait(os, &m->q);
  m->held = true;
}

void os_unlock(struct os *os, struct os_mutex *m) {
  m->held = false;
  os_wake(os, &m->q);
}

/* SPDX-License-Identifier: Apache-2.0
 * Overcommit after Linux 6.1 mm/util.c (__vm_enough_memory, vm_commit_limit), for a task without
 * CAP_SYS_ADMIN. */
#include "os/commit.h"

#include "os/kernel.h"

static uint64_t least(uint64_t a, uint64_t b) {
  return a < b ? a : b;
}

void os_commit_init(struct os *os) {
  uint64_t free = os_zones_free(&os->zones);
  os->commit.user_reserve = least(free / 32, (UINT64_C(1) << 17) / 4);
  os->commit.admin_reserve = least(free / 32, (UINT64_C(1) << 13) / 4);
}

uint64_t os_commit_limit(const struct os *os) {
  const struct os_sysctl *s = &os->sysctl;
  uint64_t pages = s->overcommit_kbytes != 0
                       ? s->overcommit_kbytes / 4
                       : os_zones_managed(&os->zones) * s->overcommit_ratio / 100;
  return pages + os->swap.slots;
}

static bool enough(const struct os *os, uint64_t pages, uint64_t total_vm) {
  if (os->sysctl.overcommit_memory == OS_OVERCOMMIT_ALWAYS) return true;
  if (os->sysctl.overcommit_memory == OS_OVERCOMMIT_GUESS)
    return pages <= os_zones_managed(&os->zones) + os->swap.slots;
  uint64_t kept = os->commit.admin_reserve + least(total_vm / 32, os->commit.user_reserve);
  return os->commit.pages + pages + kept < os_commit_limit(os);
}

bool os_commit_take(struct os *os, uint64_t pages, uint64_t total_vm) {
  if (!enough(os, pages, total_vm)) return false;
  os->commit.pages += pages;
  return true;
}

void os_commit_give(struct os *os, uint64_t pages) {
  os->commit.pages -= pages;
}

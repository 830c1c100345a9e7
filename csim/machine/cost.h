/* SPDX-License-Identifier: Apache-2.0
 * What kernel code costs: cycles of each primitive, with where the figure comes from. All are
 * assumed until firmware measures them; a scenario may replace each. */
#ifndef COWALK_MACHINE_COST_H
#define COWALK_MACHINE_COST_H

#include <stdint.h>

#include "os/platform.h"

struct cost_entry {
  const char *name;   /* key in the scenario's [cost] section and in result.json */
  uint32_t cycles;    /* default */
  const char *source; /* one line */
};

const struct cost_entry *cost_entry(enum os_work work);
void cost_default(uint32_t cost[OS_WORK_COUNT]);

#endif

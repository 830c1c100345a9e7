// SPDX-License-Identifier: Apache-2.0
// Why the counts of a run may hang on cycles. Follows docs/result-json.md.
// Promises: no reason is given only if tests/backends holds such runs to be the same.
#include "observer/timing_enters.h"

#include "scenario/scenario.h"

size_t timing_enters(const struct scenario *s, const struct outcome *o,
                     struct timing_reason out[TIMING_REASONS]) {
  const struct os_stats *os = &o->results.os;
  struct machine_config cfg;
  scenario_config(s, o->arch, &cfg);
  const struct {
    bool holds;
    struct timing_reason reason;
  } all[TIMING_REASONS] = {
      {o->cpus > 1, {"cpus", "CPUs run side by side"}},
      {cfg.os.a_flush != OS_A_FLUSH_PAGE, {"a_flush", "cleared A bits are not flushed at once"}},
      {o->tasks > 1, {"tasks", "tasks take turns"}},
      {os->pgscan_kswapd != 0, {"kswapd", "kswapd reclaims beside them"}},
      {cfg.os.thp != OS_THP_NEVER, {"khugepaged", "khugepaged works beside them"}}};
  size_t n = 0;
  for (size_t i = 0; i < TIMING_REASONS; i++)
    if (all[i].holds) out[n++] = all[i].reason;
  return n;
}

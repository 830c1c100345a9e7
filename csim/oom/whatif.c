// SPDX-License-Identifier: Apache-2.0
// The bounds of oom_score_adj. Points never fall when oom_score_adj rises, under any of the rules,
// so that bisection finds them.
#include "oom/whatif.h"

struct rival {
  bool some;
  int64_t points;
  size_t place;
};

static bool candidate(const struct oom_machine *m, const struct oom_task *t, int64_t *points) {
  if (t->dying) return false;
  const bool can = oom_badness(m, t, points) == OOM_CANDIDATE;
  if (!t->origin || t->init || t->kernel_thread) return can;
  *points = INT64_MAX;
  return true;
}

/* The worst two: whoever is asked about, one of them is the rival. */
static void worst_two(const struct oom_machine *m, const struct oom_task *tasks, size_t n,
                      struct rival two[2]) {
  for (size_t i = 0; i < n; i++) {
    struct rival r = {.some = true, .place = i};
    if (!candidate(m, &tasks[i], &r.points)) continue;
    if (!two[0].some || oom_worse(m, r.points, i, two[0].points, two[0].place)) {
      two[1] = two[0];
      two[0] = r;
    } else if (!two[1].some || oom_worse(m, r.points, i, two[1].points, two[1].place)) {
      two[1] = r;
    }
  }
}

static bool dies(const struct oom_machine *m, struct oom_task t, size_t place, int adj,
                 const struct rival *other) {
  int64_t points;
  t.adj = adj;
  if (!candidate(m, &t, &points)) return false;
  return !other->some || oom_worse(m, points, place, other->points, other->place);
}

void oom_bounds(const struct oom_machine *m, const struct oom_task *tasks, size_t n,
                struct oom_bounds *bounds) {
  struct rival two[2] = {{.some = false}, {.some = false}};
  worst_two(m, tasks, n, two);
  for (size_t i = 0; i < n; i++) {
    const struct rival *other = two[0].some && two[0].place == i ? &two[1] : &two[0];
    int low = OOM_ADJ_MIN, high = OOM_NO_ADJ; /* lives at low, dies at high */
    if (dies(m, tasks[i], i, low, other)) high = low;
    while (high - low > 1) {
      const int middle = low + (high - low) / 2;
      if (dies(m, tasks[i], i, middle, other))
        high = middle;
      else
        low = middle;
    }
    bounds[i] = (struct oom_bounds){.dies = high, .lives = low};
  }
}

// SPDX-License-Identifier: Apache-2.0
// Badness of a task and the choice among tasks, by the kernel's rule and its older forms.
// Promises: no overflow for inputs up to OOM_LIMIT; the same input gives the same answer.
#include "oom/badness.h"

struct oom_rules oom_rules_of(unsigned major, unsigned minor) {
  struct oom_rules r = {.chapter = false};
  const unsigned v = major > 99 ? 99999 : major * 1000 + (minor > 999 ? 999 : minor);
  if (v == 0) return r;
  r.per_mille = v < 3005;
  r.root = v < 3014 ? OOM_ROOT_30 : v < 4017 ? OOM_ROOT_PERCENT : OOM_ROOT_NONE;
  r.at_least_one = v < 5009;
  r.first_of_equals = v < 5003;
  return r;
}

uint64_t oom_table_pages(const struct oom_machine *m, const struct oom_task *t) {
  return m->page_bytes == 0 ? 0 : t->pgtables_bytes / m->page_bytes;
}

/* "simplified" victim selection of the chapter, 8.6: half of the virtual size counts, privileged
 * tasks get a quarter off, oom_score_adj is added as it is. Its comment exempts -1000. */
static enum oom_exempt chapter_badness(const struct oom_task *t, int64_t *points) {
  if (t->adj == OOM_ADJ_MIN) return OOM_ADJ_IS_MIN;
  int64_t p = (int64_t)(t->rss + t->swapents + t->total_vm / 2);
  if (t->admin) p -= p / 4;
  p += t->adj;
  if (p <= 0) return OOM_NO_POINTS;
  *points = p;
  return OOM_CANDIDATE;
}

/* Up to 3.4 the sum was scaled first, and oom_score_adj and the root bonus were thousandths. */
static int64_t per_mille(const struct oom_machine *m, const struct oom_task *t, int64_t sum) {
  const int64_t total = m->totalpages == 0 ? 1 : (int64_t)m->totalpages;
  int64_t p = sum * 1000 / total;
  if (t->admin && m->rules.root == OOM_ROOT_30) p -= 30;
  p += t->adj;
  return p <= 0 ? 1 : p < 1000 ? p : 1000;
}

enum oom_exempt oom_badness(const struct oom_machine *m, const struct oom_task *t,
                            int64_t *points) {
  const struct oom_rules *r = &m->rules;
  *points = 0;
  if (t->init) return OOM_INIT;
  if (t->kernel_thread) return OOM_KERNEL_THREAD;
  if (t->no_mm) return OOM_NO_MM;
  if (r->chapter) return chapter_badness(t, points);
  if (t->adj == OOM_ADJ_MIN) return OOM_ADJ_IS_MIN;
  if (t->skip) return OOM_SKIPPED;
  if (t->vfork) return OOM_IN_VFORK;
  int64_t p = (int64_t)(t->rss + t->swapents + oom_table_pages(m, t));
  if (r->per_mille) {
    *points = per_mille(m, t, p);
    return OOM_CANDIDATE;
  }
  int64_t adj = t->adj;
  if (t->admin && r->root == OOM_ROOT_PERCENT) p -= p * 3 / 100;
  if (t->admin && r->root == OOM_ROOT_30) adj -= 30;
  p += adj * (int64_t)(m->totalpages / 1000);
  if (r->at_least_one && p <= 0) p = 1;
  *points = p;
  return OOM_CANDIDATE;
}

unsigned oom_score(const struct oom_machine *m, const struct oom_task *t) {
  struct oom_machine proc = *m;
  proc.rules.chapter = false;
  int64_t p;
  if (oom_badness(&proc, t, &p) != OOM_CANDIDATE || m->totalpages == 0) return 0;
  int64_t score = p;
  if (!m->rules.per_mille) score = p * 1000 / (int64_t)m->totalpages;
  if (!m->rules.at_least_one) score = (1000 + score) * 2 / 3;
  return score < 0 ? 0 : score > UINT32_MAX ? UINT32_MAX : (unsigned)score;
}

bool oom_worse(const struct oom_machine *m, int64_t points, size_t place, int64_t other_points,
               size_t other_place) {
  if (points != other_points) return points > other_points;
  if (points == INT64_MAX) return place > other_place; /* the last that asked for it */
  const bool first = m->rules.first_of_equals || m->rules.chapter;
  return first ? place < other_place : place > other_place;
}

ptrdiff_t oom_select(const struct oom_machine *m, const struct oom_task *tasks, size_t n) {
  ptrdiff_t chosen = OOM_NOBODY;
  int64_t most = 0;
  for (size_t i = 0; i < n; i++) {
    int64_t p;
    const struct oom_task *t = &tasks[i];
    if (t->init || t->kernel_thread) continue;
    if (t->dying && t->skip) continue;
    if (t->dying) return OOM_WAIT;
    if (t->origin)
      p = INT64_MAX;
    else if (oom_badness(m, t, &p) != OOM_CANDIDATE)
      continue;
    if (chosen >= 0 && !oom_worse(m, p, i, most, (size_t)chosen)) continue;
    chosen = (ptrdiff_t)i;
    most = p;
  }
  return chosen;
}

/* Heap over order[0..n), the task that dies last on top. */
static void sift(const struct oom_machine *m, size_t *order, const int64_t *points, size_t n,
                 size_t top) {
  for (;;) {
    size_t child = 2 * top + 1;
    if (child >= n) return;
    if (child + 1 < n && oom_worse(m, points[order[child]], order[child], points[order[child + 1]],
                                   order[child + 1]))
      child++;
    if (oom_worse(m, points[order[child]], order[child], points[order[top]], order[top])) return;
    const size_t moved = order[top];
    order[top] = order[child];
    order[child] = moved;
    top = child;
  }
}

size_t oom_order(const struct oom_machine *m, const struct oom_task *tasks, size_t n, size_t *order,
                 int64_t *points) {
  size_t count = 0;
  for (size_t i = 0; i < n; i++) {
    const struct oom_task *t = &tasks[i];
    const bool can = oom_badness(m, t, &points[i]) == OOM_CANDIDATE;
    const bool origin = t->origin && !t->init && !t->kernel_thread;
    if (origin) points[i] = INT64_MAX;
    if ((can || origin) && !t->dying) order[count++] = i;
  }
  for (size_t top = count / 2; top-- > 0;)
    sift(m, order, points, count, top);
  for (size_t last = count; last-- > 1;) {
    const size_t moved = order[0];
    order[0] = order[last];
    order[last] = moved;
    sift(m, order, points, last, 0);
  }
  return count;
}

const char *oom_exempt_text(enum oom_exempt e) {
  static const char *const text[] = {
      "candidate",           "init",           "kernel thread", "no memory of its own",
      "oom_score_adj -1000", "already reaped", "in vfork",      "no points"};
  return text[e];
}

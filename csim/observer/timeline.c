// SPDX-License-Identifier: Apache-2.0
// Promises: an interval holds the sums of those it was merged from; memory does not grow with the
// run.
#include "observer/timeline.h"

#include <stdlib.h>

#include "machine/machine.h"
#include "observer/timeline_internal.h"
#include "observer/vmstat.h"

struct timeline *timeline_create(uint64_t interval, uint64_t hz, FILE *log) {
  struct timeline *t = calloc(1, sizeof *t);
  if (t == NULL) return NULL;
  t->step = 1 << 14;
  t->interval = interval;
  t->hz = hz;
  t->log = log;
  t->point = calloc(TIMELINE_POINTS, sizeof *t->point);
  t->last = calloc(3, sizeof *t->last);
  if (t->point == NULL || t->last == NULL) {
    timeline_destroy(t);
    return NULL;
  }
  if (log != NULL) vmstat_header(log);
  return t;
}

void timeline_destroy(struct timeline *t) {
  if (t == NULL) return;
  free(t->point);
  free(t->last);
  free(t);
}

/* ---- intervals ---- */

static void merge(struct timeline_point *to, const struct timeline_point *a,
                  const struct timeline_point *b) {
  struct timeline_point sum = *b;
  if (a->least_free < sum.least_free) sum.least_free = a->least_free;
  sum.kswapd += a->kswapd;
  sum.direct += a->direct;
  sum.stalls += a->stalls;
  sum.scanned += a->scanned;
  sum.kills += a->kills;
  *to = sum;
}

static void add_point(struct timeline *t, const struct machine_sample *s) {
  const struct machine_sample *was = &t->last[LAST_POINT];
  if (t->points == TIMELINE_POINTS) {
    for (size_t i = 0; i < TIMELINE_POINTS / 2; i++)
      merge(&t->point[i], &t->point[2 * i], &t->point[2 * i + 1]);
    t->points /= 2;
    t->step *= 2;
  }
  t->point[t->points++] = (struct timeline_point){
      .cycle = s->cycle,
      .free = s->free,
      .least_free = t->least_free < s->least_free ? t->least_free : s->least_free,
      .min = s->min,
      .low = s->low,
      .high = s->high,
      .kswapd = s->os.pgsteal_kswapd - was->os.pgsteal_kswapd,
      .direct = s->os.pgsteal_direct - was->os.pgsteal_direct,
      .stalls = s->os.allocstall - was->os.allocstall,
      .scanned = s->os.pgscan_kswapd - was->os.pgscan_kswapd,
      .kills = (uint32_t)(s->os.oom_kill - was->os.oom_kill)};
  t->least_free = s->free;
  t->last[LAST_POINT] = *s;
}

static void add_line(struct timeline *t, const struct machine_sample *s) {
  const struct machine_sample *was = &t->last[LAST_LINE];
  if (s->cycle == was->cycle) return;
  if (t->log != NULL) vmstat_line(t->log, was, s, t->hz);
  t->peaks.lines++;
  t->peaks.swapping += s->os.pswpin != was->os.pswpin && s->os.pswpout != was->os.pswpout;
  t->last[LAST_LINE] = *s;
}

static void add_peaks(struct timeline *t, const struct machine_sample *s) {
  struct timeline_peaks *p = &t->peaks;
  p->managed = s->managed;
  if (s->os.nr_page_table_pages > p->table_pages) {
    p->table_pages = s->os.nr_page_table_pages;
    p->table_cycle = s->cycle;
  }
  if (s->os.nr_dirty > p->dirty) {
    p->dirty = s->os.nr_dirty;
    p->dirty_cycle = s->cycle;
  }
}

uint64_t timeline_sample(void *timeline, const struct machine_sample *s) {
  struct timeline *t = timeline;
  add_peaks(t, s);
  if (!t->begun) {
    t->begun = true;
    t->least_free = s->free;
    t->last[LAST_POINT] = t->last[LAST_LINE] = *s;
  } else {
    if (s->least_free < t->least_free) t->least_free = s->least_free;
    if (s->cycle >= t->last[LAST_POINT].cycle + t->step) add_point(t, s);
    if (s->cycle >= t->last[LAST_LINE].cycle + t->interval) add_line(t, s);
  }
  t->last[LAST_SAMPLE] = *s;
  uint64_t point = t->last[LAST_POINT].cycle + t->step;
  uint64_t line = t->last[LAST_LINE].cycle + t->interval;
  return point < line ? point : line;
}

void timeline_end(struct timeline *t) {
  const struct machine_sample *s = &t->last[LAST_SAMPLE];
  if (!t->begun) return;
  if (s->cycle != t->last[LAST_POINT].cycle) add_point(t, s);
  add_line(t, s);
}

size_t timeline_count(const struct timeline *t) {
  return t->points;
}

const struct timeline_point *timeline_at(const struct timeline *t, size_t index) {
  return &t->point[index];
}

struct timeline_peaks *timeline_peaks(struct timeline *t) {
  return &t->peaks;
}

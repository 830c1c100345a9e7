/* SPDX-License-Identifier: Apache-2.0
 * The replacement policies once more, as plainly as their papers state them: arrays searched from
 * end to end, nothing shared with csim/policy. Lists hold the newest page first. */
#ifndef COWALK_TESTS_POLICY_NAIVE_H
#define COWALK_TESTS_POLICY_NAIVE_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { NAIVE_MAX = 256 };

struct row {
  unsigned n;
  uint64_t page[NAIVE_MAX];
};

static int row_find(const struct row *r, uint64_t page) {
  for (unsigned i = 0; i < r->n; i++)
    if (r->page[i] == page) return (int)i;
  return -1;
}

static uint64_t row_delete(struct row *r, unsigned i) {
  const uint64_t page = r->page[i];
  memmove(&r->page[i], &r->page[i + 1], (r->n - i - 1) * sizeof page);
  r->n--;
  return page;
}

static void row_first(struct row *r, uint64_t page) {
  assert(r->n < NAIVE_MAX);
  memmove(&r->page[1], &r->page[0], r->n * sizeof page);
  r->page[0] = page;
  r->n++;
}

static uint64_t row_last_out(struct row *r) {
  return row_delete(r, r->n - 1);
}

static bool row_remove(struct row *r, uint64_t page) {
  const int i = row_find(r, page);
  if (i >= 0) (void)row_delete(r, (unsigned)i);
  return i >= 0;
}

static void row_show(const struct row *r, const char *name, FILE *out) {
  fprintf(out, "%s:", name);
  for (unsigned i = 0; i < r->n; i++)
    fprintf(out, " %llu", (unsigned long long)r->page[i]);
}

/* Each naive policy: c pages of memory; true on a hit. */
struct naive {
  unsigned c;
  /* FIFO, LRU: q. Clock: a circular array with a hand. */
  struct row q;
  uint64_t slot[NAIVE_MAX];
  bool ref[NAIVE_MAX], dirty[NAIVE_MAX];
  unsigned used, hand, writebacks;
  bool insert_set;
  /* ARC */
  struct row t1, t2, b1, b2;
  double p;
  /* 2Q */
  struct row a1in, am, a1out;
  unsigned kin, kout;
};

static bool naive_fifo(struct naive *k, uint64_t x) {
  if (row_find(&k->q, x) >= 0) return true;
  if (k->q.n == k->c) (void)row_last_out(&k->q);
  row_first(&k->q, x);
  return false;
}

static bool naive_lru(struct naive *k, uint64_t x) {
  const bool hit = row_remove(&k->q, x);
  if (!hit && k->q.n == k->c) (void)row_last_out(&k->q);
  row_first(&k->q, x);
  return hit;
}

static bool naive_clock(struct naive *k, uint64_t x) {
  for (unsigned i = 0; i < k->used; i++) {
    if (k->slot[i] != x) continue;
    k->ref[i] = true;
    return true;
  }
  unsigned at = k->used;
  if (k->used < k->c) {
    k->used++;
  } else {
    while (k->ref[k->hand]) {
      k->ref[k->hand] = false;
      k->hand = (k->hand + 1) % k->c;
    }
    at = k->hand;
    k->hand = (k->hand + 1) % k->c;
  }
  k->slot[at] = x;
  k->ref[at] = k->insert_set;
  return false;
}

/* ---- ARC: figure 4 of the paper, case by case ------------------------------------------------ */

static void naive_arc_replace(struct naive *k, bool in_b2) {
  if (k->t1.n > 0 && (k->t1.n > k->p || (in_b2 && k->t1.n == k->p)))
    row_first(&k->b1, row_last_out(&k->t1));
  else
    row_first(&k->b2, row_last_out(&k->t2));
}

static double larger(double a, double b) {
  return a > b ? a : b;
}

static double smaller(double a, double b) {
  return a < b ? a : b;
}

static bool naive_arc(struct naive *k, uint64_t x) {
  const unsigned c = k->c;
  if (row_remove(&k->t1, x) || row_remove(&k->t2, x)) { /* case I */
    row_first(&k->t2, x);
    return true;
  }
  if (row_find(&k->b1, x) >= 0) { /* case II */
    const double delta = k->b1.n >= k->b2.n ? 1 : (double)k->b2.n / k->b1.n;
    k->p = smaller(k->p + delta, c);
    naive_arc_replace(k, false);
    (void)row_remove(&k->b1, x);
    row_first(&k->t2, x);
    return false;
  }
  if (row_find(&k->b2, x) >= 0) { /* case III */
    const double delta = k->b2.n >= k->b1.n ? 1 : (double)k->b1.n / k->b2.n;
    k->p = larger(k->p - delta, 0);
    naive_arc_replace(k, true);
    (void)row_remove(&k->b2, x);
    row_first(&k->t2, x);
    return false;
  }
  const unsigned all = k->t1.n + k->t2.n + k->b1.n + k->b2.n; /* case IV */
  if (k->t1.n + k->b1.n == c) {
    if (k->t1.n < c) {
      (void)row_last_out(&k->b1);
      naive_arc_replace(k, false);
    } else {
      (void)row_last_out(&k->t1);
    }
  } else if (all >= c) {
    if (all == 2 * c) (void)row_last_out(&k->b2);
    naive_arc_replace(k, false);
  }
  row_first(&k->t1, x);
  return false;
}

static void naive_arc_show(const struct naive *k, FILE *out) {
  row_show(&k->t1, "T1", out);
  row_show(&k->t2, " T2", out);
  row_show(&k->b1, " B1", out);
  row_show(&k->b2, " B2", out);
  fprintf(out, " p: %.6g", k->p);
}

/* ---- 2Q: the full version's procedure ---------------------------------------------------------
 */

static void naive_2q_reclaim(struct naive *k) {
  if (k->a1in.n + k->am.n < k->c) return;
  if (k->a1in.n > k->kin || k->am.n == 0) {
    row_first(&k->a1out, row_last_out(&k->a1in));
    if (k->a1out.n > k->kout) (void)row_last_out(&k->a1out);
  } else {
    (void)row_last_out(&k->am);
  }
}

static bool naive_2q(struct naive *k, uint64_t x) {
  if (row_remove(&k->am, x)) {
    row_first(&k->am, x);
    return true;
  }
  if (row_find(&k->a1in, x) >= 0) return true;
  const bool remembered = row_find(&k->a1out, x) >= 0;
  naive_2q_reclaim(k);
  (void)row_remove(&k->a1out, x);
  row_first(remembered ? &k->am : &k->a1in, x);
  return false;
}

static void naive_2q_show(const struct naive *k, FILE *out) {
  row_show(&k->a1in, "A1in", out);
  row_show(&k->am, " Am", out);
  row_show(&k->a1out, " A1out", out);
}

/* ---- OPT: look ahead for each page ------------------------------------------------------------
 */

static bool naive_opt(struct naive *k, const uint64_t *pages, unsigned n, unsigned now) {
  if (row_find(&k->q, pages[now]) >= 0) return true;
  if (k->q.n == k->c) {
    unsigned worst = 0;
    unsigned furthest = 0;
    for (unsigned i = 0; i < k->q.n; i++) {
      unsigned t = now;
      while (t < n && pages[t] != k->q.page[i])
        t++;
      if (t >= furthest) {
        furthest = t;
        worst = i;
      }
    }
    (void)row_delete(&k->q, worst);
  }
  row_first(&k->q, pages[now]);
  return false;
}

/* ---- two-handed Clock -------------------------------------------------------------------------
 */

/* The ring as a row of pages in the order in which the back hand meets them; the front hand has
 * passed the first `gap`. */
struct naive2 {
  unsigned c, n, gap, spread, look, writebacks;
  bool prefer_clean;
  struct {
    uint64_t page;
    bool ref, dirty;
  } at[NAIVE_MAX];
};

/* The back hand passes the first page: it becomes the last. */
static void naive2_turn(struct naive2 *k) {
  const unsigned last = k->n - 1;
  const uint64_t page = k->at[0].page;
  const bool ref = k->at[0].ref;
  const bool dirty = k->at[0].dirty;
  memmove(&k->at[0], &k->at[1], last * sizeof k->at[0]);
  k->at[last].page = page;
  k->at[last].ref = ref;
  k->at[last].dirty = dirty;
  k->gap--;
}

static void naive2_drop(struct naive2 *k, unsigned i) {
  k->writebacks += k->at[i].dirty;
  memmove(&k->at[i], &k->at[i + 1], (k->n - i - 1) * sizeof k->at[0]);
  k->n--;
}

static void naive2_evict(struct naive2 *k) {
  bool have = false;
  uint64_t noted = 0;
  unsigned since = 0; /* pages looked at since one was noted */
  for (;;) {
    while (k->gap < k->spread && k->gap < k->n)
      k->at[k->gap++].ref = false;
    const unsigned last = k->n - 1;
    naive2_turn(k);
    const bool cold = !k->at[last].ref;
    k->at[last].ref = false;
    since++;
    if (cold && (!k->prefer_clean || !k->at[last].dirty || (have && k->at[last].page == noted))) {
      naive2_drop(k, last);
      return;
    }
    if (cold && !have) {
      have = true;
      noted = k->at[last].page;
      since = 0;
    }
    if (have && since == k->look) break;
  }
  for (unsigned i = 0; i < k->n; i++) {
    if (k->at[i].page != noted) continue;
    if (i < k->gap) k->gap--;
    naive2_drop(k, i);
    return;
  }
}

static bool naive2_access(struct naive2 *k, uint64_t x, bool write) {
  for (unsigned i = 0; i < k->n; i++) {
    if (k->at[i].page != x) continue;
    k->at[i].ref = true;
    k->at[i].dirty = k->at[i].dirty || write;
    return true;
  }
  if (k->n == k->c) naive2_evict(k);
  k->at[k->n].page = x;
  k->at[k->n].ref = false;
  k->at[k->n++].dirty = write;
  return false;
}

#endif

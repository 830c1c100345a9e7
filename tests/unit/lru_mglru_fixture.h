/* SPDX-License-Identifier: Apache-2.0
 * What the tests of MGLRU share: a look inside, and a host to set up (lru_fake.h). */
#ifndef COWALK_TESTS_LRU_MGLRU_FIXTURE_H
#define COWALK_TESTS_LRU_MGLRU_FIXTURE_H

#include <stdlib.h>

#include "lru/mglru.h"
#include "lru_fake.h"

static inline struct fake *start(void) {
  struct fake *h = malloc(sizeof *h);
  assert_non_null(h);
  fake_start(h, &lru_mglru);
  h->swap_free = h->swap_total = 10000;
  return h;
}
static inline void stop(struct fake *h) {
  fake_stop(h);
  free(h);
}
static inline struct mglru *of(struct fake *h) {
  return lru_mglru_of(h->l);
}
static inline int gen(struct fake *h, uint32_t f) {
  return lru_gen_of(lru_at(h->l, f)->word);
}
static inline void seqs(struct fake *h, uint64_t max, uint64_t anon, uint64_t file) {
  assert_int_equal(of(h)->max_seq, max);
  assert_int_equal(of(h)->min_seq[LRU_ANON], anon);
  assert_int_equal(of(h)->min_seq[LRU_FILE], file);
}
static inline void shrink(struct fake *h) {
  struct lru_scan sc = fake_scan(LRU_DEF_PRIORITY, true);
  h->ops->shrink(h->l, &sc);
  fake_check(h);
}
/* So many pages in the youngest generation that the first priority looks at one page. */
static inline void crowd(struct fake *h) {
  for (uint32_t f = 10240; f < 10240 + 4096; f++) {
    fake_map(h, f, LRU_FILE);
    h->page[f].young = 0;
  }
}
static inline void age(struct fake *h) {
  struct mglru *m = of(h);
  assert_true(lru_mglru_try_age(m, m->max_seq, true));
  fake_check(h);
}
static inline void use(struct fake *h, uint32_t f, int times) {
  while (times-- > 0)
    h->ops->mark_accessed(h->l, f);
}

#endif

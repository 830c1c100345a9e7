// SPDX-License-Identifier: Apache-2.0
// The policies under a host that is not a replay, as an operating system is one: pages that leave
// by themselves, victims that come back, a capacity smaller than memory, budgets, and callbacks
// that change the lists before they return. After each step the books must balance.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/policy.h"

enum { FRAMES = 48, STEPS = 20000 };

struct host {
  const struct policy_ops *ops;
  struct policy *p;
  bool listed[FRAMES], young[FRAMES], dirty[FRAMES];
  uint64_t page[FRAMES];
  uint32_t asked; /* the frame that must stay while its callback runs */
  bool yields;
  uint64_t count, x;
};

static uint64_t draw(struct host *h) {
  h->x ^= h->x << 13;
  h->x ^= h->x >> 7;
  h->x ^= h->x << 17;
  return h->x >> 20;
}

static void enter(struct host *h, uint32_t f) {
  h->page[f] = f + FRAMES * (draw(h) % 3);
  h->listed[f] = true;
  h->count++;
  h->ops->enter(h->p, f, h->page[f]);
}

/* One thing that any context may do at any time. */
static void disturb(struct host *h) {
  const uint32_t f = (uint32_t)(draw(h) % FRAMES);
  if (!h->listed[f]) {
    if (f != h->asked) enter(h, f);
  } else if (draw(h) % 3 == 0) {
    h->listed[f] = false; /* also the frame that is asked about: its page may be unmapped */
    h->count--;
    h->ops->leave(h->p, f);
  } else {
    h->ops->used(h->p, f);
  }
}

static bool test_and_clear(void *ctx, uint32_t frame) {
  struct host *h = ctx;
  const bool young = h->young[frame];
  assert_true(frame < FRAMES);
  h->young[frame] = false;
  h->asked = frame;
  if (h->yields && draw(h) % 2 == 0) disturb(h);
  h->asked = POLICY_NONE;
  return young;
}

static bool dirty(void *ctx, uint32_t frame) {
  return ((struct host *)ctx)->dirty[frame];
}

static void balance(const struct host *h) {
  char err[200];
  assert_int_equal(h->ops->size(h->p), h->count);
  if (h->ops->check(h->p, err, sizeof err) != 0) fail_msg("%s: %s", h->ops->name, err);
}

static void reclaim(struct host *h) {
  const uint64_t incoming = draw(h) % 2 == 0 ? POLICY_NO_PAGE : draw(h) % (3 * FRAMES);
  const uint64_t allowed = draw(h) % 20;
  uint64_t budget = allowed;
  const uint32_t f = h->ops->victim(h->p, incoming, &budget);
  assert_true(budget <= allowed);
  if (f == POLICY_NONE) {
    assert_true(budget == 0 || h->count == 0);
    return;
  }
  assert_true(f < FRAMES && h->listed[f] && budget < allowed);
  h->listed[f] = false;
  h->count--;
  balance(h);
  if (draw(h) % 4 != 0) return;
  h->listed[f] = true;
  h->count++;
  h->ops->back(h->p, f, h->page[f]);
}

static void run(const struct policy_ops *ops, uint32_t capacity, bool yields) {
  struct host h = {.ops = ops, .asked = POLICY_NONE, .yields = yields, .x = capacity + 99};
  struct policy_config c = {
      .frames = FRAMES, .capacity = capacity, .host = {&h, test_and_clear, dirty}};
  policy_options_default(&c.options);
  h.p = ops->create(&c);
  assert_non_null(h.p);
  for (unsigned i = 0; i < STEPS; i++) {
    h.young[draw(&h) % FRAMES] = true;
    h.dirty[draw(&h) % FRAMES] = draw(&h) % 2 == 0;
    if (draw(&h) % 3 != 0)
      disturb(&h);
    else
      reclaim(&h);
    balance(&h);
  }
  ops->destroy(h.p);
}

static void test_any_host(void **state) {
  (void)state;
  for (size_t i = 0; policy_all[i] != NULL; i++) {
    if (policy_all[i]->needs_future) continue;
    run(policy_all[i], FRAMES, false);
    run(policy_all[i], FRAMES, true);
    run(policy_all[i], 5, true); /* memory holds more than the policy was told */
    run(policy_all[i], 1, false);
  }
}

/* Bits that only the host sees spare a page, once; a clean cold page goes before a dirty one. */
static void test_callbacks(void **state) {
  (void)state;
  static const char *const clocks[] = {"clock", "clock2"};
  for (size_t i = 0; i < 2; i++) {
    struct host h = {.ops = policy_find(clocks[i], strlen(clocks[i])), .asked = POLICY_NONE};
    struct policy_config c = {.frames = 4, .capacity = 4, .host = {&h, test_and_clear, dirty}};
    policy_options_default(&c.options);
    c.options.insert_set = false;
    h.p = h.ops->create(&c);
    for (uint32_t f = 0; f < 4; f++)
      h.ops->enter(h.p, f, 100 + f);
    h.young[0] = true;
    h.dirty[1] = true;
    uint64_t budget = 100;
    /* clock: 0 is young, 1 is next. clock2: the front hand (spread 1) clears 0 just before. */
    assert_int_equal(h.ops->victim(h.p, POLICY_NO_PAGE, &budget), i == 0 ? 1 : 0);
    h.ops->leave(h.p, i == 0 ? 0 : 3);
    /* clock: 2, then 3. clock2: 1 is dirty and cold, 2 is clean. */
    assert_int_equal(h.ops->victim(h.p, POLICY_NO_PAGE, &budget), 2);
    assert_int_equal(h.ops->victim(h.p, POLICY_NO_PAGE, &budget), i == 0 ? 3 : 1);
    assert_int_equal(h.ops->victim(h.p, POLICY_NO_PAGE, &budget), POLICY_NONE);
    h.ops->destroy(h.p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_any_host),
      cmocka_unit_test(test_callbacks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

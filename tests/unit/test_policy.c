// SPDX-License-Identifier: Apache-2.0
// The replacement policies against the naive ones of policy_naive.h: every access of random traces
// at many sizes, the lists of ARC and 2Q step by step, published figures, and what theory demands
// (LRU and OPT include smaller memories, nothing beats OPT).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/run.h"
#include "replay/build.h"
#include "replay/replay.h"
#include "tests/unit/policy_naive.h"

enum { LENGTH = 1500, SEEDS = 12 };

static uint64_t draw(uint64_t *x) {
  *x ^= *x << 13;
  *x ^= *x >> 7;
  *x ^= *x << 17;
  return *x >> 20;
}

struct sample {
  uint64_t page[LENGTH];
  bool write[LENGTH];
  struct replay_trace *t;
};

/* Mixtures of skew, loops and scans, so that ghosts are hit and targets move. */
static void sample_make(struct sample *s, uint64_t seed) {
  uint64_t x = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
  const uint64_t pages = 5 + draw(&x) % 90;
  struct build *b = build_create("test");
  assert_non_null(b);
  uint64_t at = 0;
  for (unsigned i = 0; i < LENGTH; i++) {
    const uint64_t phase = (i / 150 + seed) % 3;
    const uint64_t r = draw(&x);
    if (phase == 0)
      at = (r % pages) * (r / 128 % pages) / pages;
    else if (phase == 1)
      at = (at + 1) % (3 + pages / 2);
    else
      at = r % 4 == 0 ? 1000 + i : r / 4 % pages;
    s->page[i] = at * 7 + (at & 1) * (UINT64_C(1) << 40);
    s->write[i] = draw(&x) % 3 == 0;
    assert_null(build_add(b, s->page[i], s->write[i]));
  }
  s->t = build_finish(b);
  s->t->tells_writes = true;
  build_destroy(b);
}

static struct policy_spec spec(const char *text) {
  struct policy_spec s;
  char err[300];
  if (policy_spec_parse(text, &s, err, sizeof err) != 0) fail_msg("%s", err);
  return s;
}

static struct replay_result replay_of(const struct sample *s, const char *text, unsigned frames) {
  const struct policy_spec p = spec(text);
  struct replay_result r;
  uint32_t *next = replay_next_use(s->t);
  assert_true(replay_one(s->t, &p, frames, next, &r));
  free(next);
  assert_int_equal(r.evictions, r.misses - (frames < s->t->pages ? frames : s->t->pages));
  return r;
}

static const unsigned sizes[] = {1, 2, 3, 4, 5, 7, 10, 16, 23, 40, 64, 100};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

static void each(void (*one)(const struct sample *s, unsigned frames)) {
  struct sample *s = malloc(sizeof *s);
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    sample_make(s, seed);
    for (unsigned i = 0; i < SIZES; i++)
      one(s, sizes[i]);
    replay_trace_free(s->t);
  }
  free(s);
}

static uint64_t naive_misses(const struct sample *s, struct naive *k,
                             bool (*f)(struct naive *, uint64_t)) {
  uint64_t misses = 0;
  for (unsigned i = 0; i < LENGTH; i++)
    misses += !f(k, s->page[i]);
  return misses;
}

static void queues(const struct sample *s, unsigned frames) {
  struct naive k = {.c = frames};
  assert_int_equal(replay_of(s, "fifo", frames).misses, naive_misses(s, &k, naive_fifo));
  k = (struct naive){.c = frames};
  assert_int_equal(replay_of(s, "lru", frames).misses, naive_misses(s, &k, naive_lru));
  k = (struct naive){.c = frames, .insert_set = true};
  assert_int_equal(replay_of(s, "clock", frames).misses, naive_misses(s, &k, naive_clock));
  k = (struct naive){.c = frames};
  assert_int_equal(replay_of(s, "clock:insert=clear", frames).misses,
                   naive_misses(s, &k, naive_clock));
}

static void test_queues(void **state) {
  (void)state;
  each(queues);
}

/* Hits and lists after each access must be the naive policy's. */
static void lists(const struct sample *s, const char *text, unsigned frames, struct naive *k,
                  bool (*f)(struct naive *, uint64_t), void (*show)(const struct naive *, FILE *)) {
  char *steps;
  char *wanted;
  size_t n;
  FILE *out = open_memstream(&steps, &n);
  const struct policy_spec p = spec(text);
  assert_true(replay_steps(s->t, &p, frames, out));
  assert_int_equal(fclose(out), 0);
  char *line = strchr(steps, '\n') + 1;
  for (unsigned i = 0; i < LENGTH; i++) {
    char *end = strchr(line, '\n');
    *end = '\0';
    const bool hit = f(k, s->page[i]);
    out = open_memstream(&wanted, &n);
    show(k, out);
    assert_int_equal(fclose(out), 0);
    const size_t length = strlen(line);
    if (length < n || strcmp(line + length - n, wanted) != 0 ||
        (strstr(line, " hit ") != NULL) != hit)
      fail_msg("%s, %u frames, access %u:\n%s\nwanted %s %s", text, frames, i, line,
               hit ? "hit" : "miss", wanted);
    free(wanted);
    line = end + 1;
  }
  free(steps);
}

static void arc_and_2q(const struct sample *s, unsigned frames) {
  /* replay never makes memory larger than the trace has pages */
  const unsigned c = frames < s->t->pages ? frames : s->t->pages;
  struct naive k = {.c = c};
  lists(s, "arc", frames, &k, naive_arc, naive_arc_show);
  k = (struct naive){.c = c, .kin = c / 4, .kout = c / 2};
  lists(s, "2q", frames, &k, naive_2q, naive_2q_show);
  k = (struct naive){.c = c, .kin = 3, .kout = 5};
  lists(s, "2q:kin=3:kout=5", frames, &k, naive_2q, naive_2q_show);
  k = (struct naive){.c = c, .kin = c / 2, .kout = c + c / 5};
  lists(s, "2q:kin=50%:kout=120%", frames, &k, naive_2q, naive_2q_show);
  k = (struct naive){.c = c};
  lists(s, "2q:kin=0:kout=0", frames, &k, naive_2q, naive_2q_show);
}

static void test_arc_and_2q(void **state) {
  (void)state;
  each(arc_and_2q);
}

static void opt(const struct sample *s, unsigned frames) {
  struct naive k = {.c = frames};
  uint64_t misses = 0;
  for (unsigned i = 0; i < LENGTH; i++)
    misses += !naive_opt(&k, s->page, LENGTH, i);
  assert_int_equal(replay_of(s, "opt", frames).misses, misses);
  for (size_t i = 0; policy_all[i] != NULL; i++)
    assert_true(replay_of(s, policy_all[i]->name, frames).misses >= misses);
}

static void test_opt(void **state) {
  (void)state;
  each(opt);
}

static void two_hands(const struct sample *s, unsigned frames) {
  static const struct {
    unsigned spread, look;
    bool clean;
  } kind[] = {{1, 0, false}, {3, 0, true},    {3, 4, true},
              {8, 2, true},  {200, 50, true}, {200, 5, false}};
  for (size_t i = 0; i < sizeof kind / sizeof kind[0]; i++) {
    struct naive2 k = {.c = frames < s->t->pages ? frames : s->t->pages,
                       .spread = kind[i].spread,
                       .look = kind[i].look,
                       .prefer_clean = kind[i].clean};
    uint64_t misses = 0;
    for (unsigned a = 0; a < LENGTH; a++)
      misses += !naive2_access(&k, s->page[a], s->write[a]);
    char text[48];
    snprintf(text, sizeof text, "clock2:spread=%u:look=%u:clean=%s", k.spread, k.look,
             k.prefer_clean ? "yes" : "no");
    const struct replay_result r = replay_of(s, text, frames);
    if (r.misses != misses || r.writebacks != k.writebacks)
      fail_msg("%s, %u frames: %llu misses and %llu written back, wanted %llu and %u", text, frames,
               (unsigned long long)r.misses, (unsigned long long)r.writebacks,
               (unsigned long long)misses, k.writebacks);
  }
}

static void test_two_hands(void **state) {
  (void)state;
  each(two_hands);
}

/* What a memory of n holds a memory of n + 1 holds too. */
static void test_inclusion(void **state) {
  (void)state;
  static const char *const stack[] = {"lru", "opt"};
  struct sample *s = malloc(sizeof *s);
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    sample_make(s, seed);
    for (size_t k = 0; k < 2; k++) {
      uint64_t before = UINT64_MAX;
      for (unsigned frames = 1; frames <= s->t->pages; frames++) {
        const uint64_t misses = replay_of(s, stack[k], frames).misses;
        assert_true(misses <= before);
        before = misses;
      }
      assert_int_equal(before, s->t->pages);
    }
    replay_trace_free(s->t);
  }
  free(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_queues),    cmocka_unit_test(test_arc_and_2q),
      cmocka_unit_test(test_opt),       cmocka_unit_test(test_two_hands),
      cmocka_unit_test(test_inclusion),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

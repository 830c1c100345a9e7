// SPDX-License-Identifier: Apache-2.0
// The parts of pictures: round ticks, places, text that cannot break the file; and whole pictures
// of nothing, of one cell and of full maps, which must be well-formed.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/machine.h"
#include "observer/heat.h"
#include "observer/timeline.h"
#include "plot/svg.h"

static void ticks(void **state) {
  (void)state;
  assert_true(svg_nice(1) == 1 && svg_nice(1.01) == 2 && svg_nice(2.01) == 5 &&
              svg_nice(5.01) == 10);
  assert_true(svg_nice(70) == 100 && svg_nice(0.03) > 0.0499 && svg_nice(0.03) < 0.0501);
  struct svg_box b = {.left = 10, .right = 110, .top = 20, .bottom = 220, .x1 = 50, .y1 = 4};
  assert_true(svg_x(&b, 0) == 10 && svg_x(&b, 50) == 110 && svg_x(&b, 25) == 60);
  assert_true(svg_y(&b, 0) == 220 && svg_y(&b, 4) == 20);
}

static void text(void **state) {
  (void)state;
  char *s = NULL;
  size_t len = 0;
  FILE *f = open_memstream(&s, &len);
  svg_text(f, 1, 2, "", "a<b>&\n\xc3\xbc");
  fclose(f);
  assert_string_equal(s,
                      "<text x=\"1.0\" y=\"2.0\" >a&#60;b&#62;&#38;?"
                      "?"
                      "?</text>\n");
  free(s);
}

/* As many elements are closed as opened, no number is not a number; how many times `what` is in it.
 */
static size_t check(char *s, const char *what) {
  size_t depth = 0;
  size_t found = 0;
  assert_null(strstr(s, "nan"));
  assert_null(strstr(s, "inf\""));
  for (const char *at = strchr(s, '<'); at != NULL; at = strchr(at + 1, '<')) {
    const char *end = strchr(at, '>');
    assert_non_null(end);
    if (at[1] == '/')
      depth--;
    else if (end[-1] != '/')
      depth++;
  }
  assert_int_equal(depth, 0);
  for (const char *at = strstr(s, what); at != NULL; at = strstr(at + 1, what))
    found++;
  free(s);
  return found;
}

static char *heat_text(const struct heat *h) {
  char *s = NULL;
  size_t len = 0;
  FILE *f = open_memstream(&s, &len);
  heat_draw(h, "a & b", 1000000, f);
  fclose(f);
  return s;
}

static void heat_maps(void **state) {
  (void)state;
  struct heat *h = heat_create();
  assert_int_equal(check(heat_text(h), "h1v1h-1z"), 0);
  uint32_t p = heat_page(h, 1, 5) - 1;
  heat_access(h, p, 3);
  assert_int_equal(check(heat_text(h), "h1v1h-1z"), 1);
  heat_look(h, p, 3, false);
  assert_int_equal(check(heat_text(h), "h1v1h-1z"), 2);
  for (uint64_t i = 0; i < 300; i++)
    for (uint64_t k = 0; k < 200; k++)
      heat_access(h, heat_page(h, 1, i) - 1, k * 1000000);
  assert_true(check(heat_text(h), "<path") == 24); /* a path a level, twice */
  heat_destroy(h);
}

static char *timeline_text(const struct timeline *t) {
  char *s = NULL;
  size_t len = 0;
  FILE *f = open_memstream(&s, &len);
  timeline_draw(t, "t", f);
  fclose(f);
  return s;
}

static void timelines(void **state) {
  (void)state;
  struct timeline *t = timeline_create(1000, 1000000, NULL);
  assert_int_equal(check(timeline_text(t), "M0 0"), 0);
  struct machine_sample s = {.cpus = 1, .managed = 9000, .free = 9000, .high = 30, .low = 20};
  for (int i = 0; i < 100; i++) {
    s.cycle = timeline_sample(t, &s);
    s.least_free = s.free -= 10;
    s.os.pgscan_kswapd += 7;
    if (i == 60) s.os.oom_kill++;
    if (i == 40) s.os.allocstall = 3;
  }
  timeline_end(t);
  assert_int_equal(check(timeline_text(t), "OOM kills: 1<"), 1);
  assert_int_equal(check(timeline_text(t), "direct reclaims: 3<"), 1);
  assert_int_equal(check(timeline_text(t), "cut off; most free: 34."), 1);
  timeline_destroy(t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ticks),
      cmocka_unit_test(text),
      cmocka_unit_test(heat_maps),
      cmocka_unit_test(timelines),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// The waves: the lesson takes the course it promises, the save file says what it shows.
// Expectations come from csim/observer/story.h and gtkw.h.
#define _XOPEN_SOURCE 700 /* mkdtemp; NOLINT(bugprone-reserved-identifier) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four headers above first
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "observer/gtkw.h"
#include "observer/story.h"

static char *read_file(const char *path) {
  FILE *f = fopen(path, "r");
  assert_non_null(f);
  char *text = calloc(1, 1 << 16);
  assert_non_null(text);
  size_t n = fread(text, 1, (1 << 16) - 1, f);
  text[n] = '\0';
  fclose(f);
  return text;
}

static void test_lesson(void **state) {
  (void)state;
  for (unsigned arch = 0; arch < MMU_ARCH_COUNT; arch++) {
    struct story a, b;
    char err[300] = "";
    assert_int_equal(story_run(STORY_LESSON, (enum mmu_arch)arch, NULL, 0, 0, &a, err, sizeof err), 0);
    assert_in_range(a.first_fault, 20, 200);
    assert_in_range(a.end, a.first_fault, 200); /* it fits one slide */
    assert_int_equal(a.marks, 8);
    assert_string_equal(a.mark[0].name, "cold load");
    assert_string_equal(a.mark[4].name, "fault");
    assert_int_equal(a.mark[4].cycle, a.first_fault);
    assert_int_equal(story_run(STORY_LESSON, (enum mmu_arch)arch, NULL, 0, 0, &b, err, sizeof err), 0);
    assert_int_equal(a.first_fault, b.first_fault);
    assert_int_equal(a.end, b.end);
  }
}

static void test_recording_changes_nothing(void **state) {
  (void)state;
  char path[] = "/tmp/cowalk-story-XXXXXX";
  struct story plain, recorded;
  char err[300] = "";
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  close(fd);
  assert_int_equal(story_run(STORY_LESSON, MMU_ARCH_X86, NULL, 0, 0, &plain, err, sizeof err), 0);
  assert_int_equal(story_run(STORY_LESSON, MMU_ARCH_X86, path, 0, 1000, &recorded, err, sizeof err), 0);
  assert_int_equal(plain.first_fault, recorded.first_fault);
  assert_int_equal(plain.end, recorded.end);
  unlink(path);
  assert_int_equal(story_run(STORY_LESSON, MMU_ARCH_X86, "/nowhere/x.fst", 0, 9, &plain, err, sizeof err), -1);
  assert_non_null(strstr(err, "/nowhere/x.fst"));
}

static void test_save_file(void **state) {
  (void)state;
  char folder[] = "/tmp/cowalk-gtkw-XXXXXX";
  char path[64], states[80];
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/a.gtkw", folder);
  struct gtkw_mark marks[30];
  for (size_t i = 0; i < 30; i++)
    marks[i] = (struct gtkw_mark){.cycle = 100 + i, .name = "step"};
  struct gtkw_view view = {.fst = "some.fst",
                           .title = "a title",
                           .arch = MMU_ARCH_ARM,
                           .walks = 2,
                           .from = 90,
                           .to = 140,
                           .marks = marks,
                           .mark_count = 30};
  assert_int_equal(gtkw_write(path, &view), 0);
  char *text = read_file(path);
  assert_non_null(strstr(text, "[dumpfile] \"some.fst\""));
  assert_non_null(strstr(text, "-a title"));
  assert_non_null(strstr(text, "walk_state_q[1][3:0]"));
  assert_null(strstr(text, "walk_state_q[2]"));
  assert_non_null(strstr(text, "+{ESR} "));
  assert_null(strstr(text, "scause"));
  assert_non_null(strstr(text, "[markername] Zstep"));
  assert_null(strstr(text, "[markername] [")); /* no letter after Z */
  free(text);
  snprintf(states, sizeof states, "%s/a.states.txt", folder);
  text = read_file(states);
  assert_non_null(strstr(text, "1 ?blue4?READ"));
  free(text);
  view.fst = "other.fst";
  assert_int_equal(gtkw_write("/nowhere/a.gtkw", &view), -1);
  static const char *const files[] = {"gtkw",      "states.txt",   "levels.txt", "causes.txt",
                                      "kinds.txt", "statuses.txt", "errors.txt"};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    snprintf(states, sizeof states, "%s/a.%s", folder, files[i]);
    assert_int_equal(unlink(states), 0);
  }
  assert_int_equal(rmdir(folder), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_lesson),
      cmocka_unit_test(test_recording_changes_nothing),
      cmocka_unit_test(test_save_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

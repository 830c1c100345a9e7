// SPDX-License-Identifier: Apache-2.0
// The truth about memory's contents: each way of losing or mixing data is seen.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

#include "machine/content.h"
#include "observer/contract.h"

enum { VA = 0x10000, PAGE = 4096 };

/* Linked with --wrap=realloc: the host has no more of it. */
static bool exhausted;
// NOLINTBEGIN(bugprone-reserved-identifier): the linker's names
void *__real_realloc(void *p, size_t n);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_realloc(void *p, size_t n) {
  return exhausted ? NULL : __real_realloc(p, n);
}
// NOLINTEND(bugprone-reserved-identifier)

static struct content *c;
static struct content_task *t;

static uint64_t block_of(void *arg, uint64_t page) {
  return *(const uint64_t *)arg + page;
}

static int setup(void **state) {
  (void)state;
  c = content_create(64);
  t = content_task_create(c, 1);
  assert_true(content_map(t, VA, 8 * PAGE, 3, 0, 0, false));
  return 0;
}

static int teardown(void **state) {
  (void)state;
  content_task_destroy(t);
  content_destroy(c);
  return 0;
}

static enum content_verdict load(uint64_t va, uint64_t pfn) {
  return content_access(t, va, pfn, CONTENT_READ);
}

static enum content_verdict store(uint64_t va, uint64_t pfn) {
  return content_access(t, va, pfn, CONTENT_WRITE);
}

static void test_anonymous_page(void **state) {
  (void)state;
  content_frame_zero(c, 5);
  assert_int_equal(load(VA, 5), CONTENT_OK);
  assert_int_equal(store(VA + 8, 5), CONTENT_OK);
  assert_int_equal(store(VA + 16, 5), CONTENT_OK);
  assert_int_equal(load(VA, 5), CONTENT_OK);
  content_frame_zero(c, 6);
  assert_int_equal(load(VA, 6), CONTENT_LOST); /* zeroes instead of its data */
  assert_non_null(strstr(content_story(c), "zeroes"));
}

static void test_frame_used_twice(void **state) {
  (void)state;
  content_frame_zero(c, 5);
  assert_int_equal(store(VA, 5), CONTENT_OK);
  assert_int_equal(load(VA + PAGE, 5), CONTENT_FOREIGN);
  assert_int_equal(store(VA + PAGE, 5), CONTENT_FOREIGN);
}

static void test_freed_frame(void **state) {
  (void)state;
  content_frame_zero(c, 5);
  assert_int_equal(store(VA, 5), CONTENT_OK);
  content_frame_free(c, 5);
  assert_int_equal(load(VA, 5), CONTENT_STALE);
  assert_int_equal(load(VA, 64), CONTENT_STALE);
}

static void test_swap_keeps_and_loses(void **state) {
  (void)state;
  content_frame_zero(c, 5);
  assert_int_equal(store(VA, 5), CONTENT_OK);
  uint64_t token = content_capture(c, 5);
  assert_true(content_disk_write(c, 100, token));
  content_frame_free(c, 5);
  content_disk_read(c, 7, 100);
  assert_int_equal(load(VA, 7), CONTENT_OK);
  assert_int_equal(store(VA, 7), CONTENT_OK); /* dirty, and then dropped without a write */
  content_disk_read(c, 8, 100);
  assert_int_equal(load(VA, 8), CONTENT_LOST);
}

static void test_rights(void **state) {
  (void)state;
  content_frame_zero(c, 5);
  assert_int_equal(content_access(t, VA, 5, CONTENT_EXEC), CONTENT_STALE);
  assert_true(content_protect(t, VA + PAGE, PAGE, 1));
  assert_int_equal(store(VA + PAGE, 5), CONTENT_STALE);
  assert_int_equal(load(VA + PAGE, 5), CONTENT_OK);
  assert_int_equal(store(VA + 2 * PAGE, 5), CONTENT_OK);
  assert_int_equal(store(VA + 2 * PAGE, 5), CONTENT_OK);
  assert_true(content_protect(t, VA + 2 * PAGE, PAGE, 1)); /* of the page accessed last */
  assert_int_equal(store(VA + 2 * PAGE, 5), CONTENT_STALE);
  assert_int_equal(load(VA + 2 * PAGE, 5), CONTENT_OK);
}

static void test_unmap_and_map_again(void **state) {
  (void)state;
  content_frame_zero(c, 5);
  assert_int_equal(store(VA + PAGE, 5), CONTENT_OK);
  assert_true(content_unmap(t, VA + PAGE, PAGE));
  assert_int_equal(load(VA + PAGE, 5), CONTENT_STALE);
  assert_false(content_overlaps(t, VA + PAGE, PAGE));
  assert_true(content_overlaps(t, VA, 2 * PAGE));
  assert_true(content_map(t, VA + PAGE, PAGE, 3, 0, 0, false));
  assert_int_equal(load(VA + PAGE, 5), CONTENT_FOREIGN); /* must be zeroes again */
  content_frame_zero(c, 6);
  assert_int_equal(load(VA + PAGE, 6), CONTENT_OK);
  assert_int_equal(load(VA + PAGE, 6), CONTENT_OK);
  assert_true(content_unmap(t, VA + PAGE, PAGE)); /* of the page accessed last */
  assert_int_equal(load(VA + PAGE, 6), CONTENT_STALE);
}

/* An area is cut, and there is no room for the piece: the caller is told, nothing is half done. */
static void test_no_room_for_a_piece(void **state) {
  enum { AREAS = 31, FAR = 0x1000000 };
  (void)state;
  content_frame_zero(c, 5);
  assert_int_equal(store(VA + PAGE, 5), CONTENT_OK);
  for (uint64_t i = 0; i < AREAS; i++) /* as many as the first array holds, with VA's */
    assert_true(content_map(t, FAR + 2 * i * PAGE, PAGE, 3, 0, 0, false));
  exhausted = true;
  assert_false(content_unmap(t, VA + PAGE, PAGE));
  assert_false(content_protect(t, VA + PAGE, PAGE, 1));
  assert_false(content_map(t, VA + PAGE, PAGE, 1, 0, 0, false));
  assert_int_equal(store(VA + PAGE, 5), CONTENT_OK);
  exhausted = false;
  assert_true(content_unmap(t, VA + PAGE, PAGE));
  assert_false(content_overlaps(t, VA + PAGE, PAGE));
  assert_true(content_overlaps(t, VA + 2 * PAGE, PAGE));
}

static void test_files(void **state) {
  uint64_t first = 200;
  (void)state;
  uint32_t f = content_file(c, 4, block_of, &first);
  assert_int_equal(f, 1);
  assert_true(content_map(t, 0x100000, 4 * PAGE, 3, f, 0, true));
  assert_true(content_map(t, 0x200000, 4 * PAGE, 3, f, 0, false));
  content_disk_read(c, 10, 201); /* page 1 */
  assert_int_equal(load(0x101000, 10), CONTENT_OK);
  assert_int_equal(load(0x201000, 10), CONTENT_OK);
  assert_int_equal(load(0x102000, 10), CONTENT_FOREIGN);
  assert_int_equal(store(0x101000, 10), CONTENT_OK); /* shared: the file changes */
  assert_int_equal(content_frame_file(c, 10, f, 1, false), CONTENT_OK);
  content_frame_copy(c, 11, 10); /* copy on write of the private mapping */
  assert_int_equal(store(0x201000, 11), CONTENT_OK);
  assert_int_equal(load(0x201000, 10), CONTENT_FOREIGN); /* the file's frame is not its any more */
  assert_int_equal(content_frame_file(c, 10, f, 1, true), CONTENT_OK);
  assert_int_equal(load(0x101000, 10), CONTENT_OK);
  content_disk_read(c, 12, 201); /* the block was never written back */
  assert_int_equal(load(0x101000, 12), CONTENT_LOST);
  assert_int_equal(content_frame_file(c, 12, f, 1, false), CONTENT_LOST);
}

static void test_descriptor_bits(void **state) {
  (void)state;
  assert_true(contract_leaf_accessed(MMU_ARCH_X86, 0x20));
  assert_false(contract_leaf_accessed(MMU_ARCH_X86, ~UINT64_C(0x20)));
  assert_true(contract_leaf_accessed(MMU_ARCH_ARM, 0x400));
  assert_true(contract_leaf_accessed(MMU_ARCH_RISCV, 0x40));
  assert_true(contract_leaf_dirty(MMU_ARCH_X86, 0x40));
  assert_true(contract_leaf_dirty(MMU_ARCH_ARM, 0));
  assert_false(contract_leaf_dirty(MMU_ARCH_ARM, 0x80));
  assert_true(contract_leaf_dirty(MMU_ARCH_RISCV, 0x80));
}

static void test_breaks_are_counted(void **state) {
  static struct contracts k;
  (void)state;
  contract_break(&k, CONTRACT_FRAME, "first %d", 1);
  contract_break(&k, CONTRACT_FRAME, "second");
  assert_int_equal(contract_breaks(&k), 2);
  assert_string_equal(k.record[CONTRACT_FRAME].first, "first 1");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_anonymous_page, setup, teardown),
      cmocka_unit_test_setup_teardown(test_frame_used_twice, setup, teardown),
      cmocka_unit_test_setup_teardown(test_freed_frame, setup, teardown),
      cmocka_unit_test_setup_teardown(test_swap_keeps_and_loses, setup, teardown),
      cmocka_unit_test_setup_teardown(test_rights, setup, teardown),
      cmocka_unit_test_setup_teardown(test_unmap_and_map_again, setup, teardown),
      cmocka_unit_test_setup_teardown(test_no_room_for_a_piece, setup, teardown),
      cmocka_unit_test_setup_teardown(test_files, setup, teardown),
      cmocka_unit_test(test_descriptor_bits),
      cmocka_unit_test(test_breaks_are_counted),
  };
  return cmocka_run_group_tests_name("machine content", tests, NULL, NULL);
}

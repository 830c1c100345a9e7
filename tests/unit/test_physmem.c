// SPDX-License-Identifier: Apache-2.0
// Physical memory: sparseness, errors by range, compare-and-swap, the watcher.
// Expectations are those of csim/mem/physmem.h.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four headers above first
#include <cmocka.h>

#include "mem/physmem.h"

struct seen {
  uint64_t addr, old, now;
  enum mem_writer who;
  unsigned count;
};

static void watch(void *self, uint64_t addr, uint64_t old, uint64_t now, enum mem_writer who) {
  struct seen *s = self;
  *s = (struct seen){.addr = addr, .old = old, .now = now, .who = who, .count = s->count + 1};
}

static uint64_t get(const struct physmem *m, uint64_t addr) {
  uint64_t value = 0x1234;
  assert_int_equal(physmem_read64(m, addr, &value), MMU_MEM_OK);
  return value;
}

static void test_sparse(void **state) {
  (void)state;
  static const uint64_t sizes[] = {4096, 4096 * 1025, 64ull << 30, 1ull << 52};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    struct physmem *m = physmem_create(sizes[i]);
    assert_non_null(m);
    uint64_t last = sizes[i] - 8;
    assert_int_equal(get(m, last), 0);
    assert_int_equal(physmem_write64(m, last, 0, MEM_WRITER_OS), MMU_MEM_OK);
    assert_int_equal(physmem_host_bytes(m), 0);
    assert_int_equal(physmem_write64(m, last, 7, MEM_WRITER_OS), MMU_MEM_OK);
    assert_int_equal(get(m, last), 7);
    assert_int_equal(get(m, last - 8), 0);
    assert_int_equal(physmem_host_bytes(m), 4096);
    physmem_clear_frame(m, last, MEM_WRITER_OS);
    assert_int_equal(get(m, last), 0);
    assert_int_equal(physmem_host_bytes(m), 0);
    physmem_destroy(m);
  }
}

static void test_frames_are_apart(void **state) {
  (void)state;
  struct physmem *m = physmem_create(1ull << 40);
  for (unsigned bit = 3; bit < 40; bit++)
    assert_int_equal(physmem_write64(m, 1ull << bit, bit, MEM_WRITER_OS), MMU_MEM_OK);
  for (unsigned bit = 3; bit < 40; bit++)
    assert_int_equal(get(m, 1ull << bit), bit);
  physmem_destroy(m);
}

/* A place is good until a frame is given back; errors are those of read64. */
static void test_places(void **state) {
  (void)state;
  struct physmem *m = physmem_create(1 << 20);
  uint64_t value = 0;
  assert_null(physmem_where(m, 0x5008));
  assert_int_equal(physmem_write64(m, 0x5008, 11, MEM_WRITER_OS), MMU_MEM_OK);
  const uint32_t moved = physmem_moved(m);
  const char *place = physmem_where(m, 0x5008);
  for (uint64_t a = 0x10000; a < 0x90000; a += 4096) /* the table of frames grows */
    assert_int_equal(physmem_write64(m, a, a, MEM_WRITER_OS), MMU_MEM_OK);
  assert_int_equal(physmem_write64(m, 0x5008, 12, MEM_WRITER_OS), MMU_MEM_OK);
  assert_int_equal(physmem_moved(m), moved);
  assert_ptr_equal(physmem_where(m, 0x5008), place);
  assert_int_equal(physmem_read64_at(m, 0x5008, place, &value), MMU_MEM_OK);
  assert_int_equal(value, 12);
  assert_int_equal(physmem_set_error(m, 0x5008, 0x5008, MMU_MEM_PARITY), 0);
  assert_int_equal(physmem_read64_at(m, 0x5008, place, &value), MMU_MEM_PARITY);
  assert_int_equal(value, 0);
  physmem_clear_frame(m, 0x6000, MEM_WRITER_OS); /* never written */
  assert_int_equal(physmem_moved(m), moved);
  physmem_clear_frame(m, 0x10000, MEM_WRITER_OS);
  assert_int_not_equal(physmem_moved(m), moved);
  physmem_destroy(m);
}

static void test_refused_addresses(void **state) {
  (void)state;
  struct physmem *m = physmem_create(8192);
  uint64_t value, old;
  bool swapped;
  assert_int_equal(physmem_read64(m, 8192, &value), MMU_MEM_BUS);
  assert_int_equal(physmem_read64(m, 4, &value), MMU_MEM_BUS);
  assert_int_equal(physmem_write64(m, UINT64_MAX - 7, 1, MEM_WRITER_OS), MMU_MEM_BUS);
  assert_int_equal(physmem_cas64(m, 8192, 0, 1, MEM_WRITER_HW, &old, &swapped), MMU_MEM_BUS);
  assert_false(swapped);
  assert_null(physmem_create(0));
  physmem_destroy(m);
}

static void test_cas_and_watch(void **state) {
  (void)state;
  struct physmem *m = physmem_create(1 << 20);
  struct seen seen = {0};
  uint64_t old;
  bool swapped;
  physmem_watch(m, watch, &seen);
  assert_int_equal(physmem_cas64(m, 64, 5, 6, MEM_WRITER_HW, &old, &swapped), MMU_MEM_OK);
  assert_false(swapped);
  assert_int_equal(old, 0);
  assert_int_equal(seen.count, 0);
  assert_int_equal(physmem_cas64(m, 64, 0, 6, MEM_WRITER_HW, &old, &swapped), MMU_MEM_OK);
  assert_true(swapped);
  assert_int_equal(get(m, 64), 6);
  assert_int_equal(seen.count, 1);
  assert_int_equal(seen.addr, 64);
  assert_int_equal(seen.now, 6);
  assert_int_equal(seen.who, MEM_WRITER_HW);
  assert_int_equal(physmem_write64(m, 72, 9, MEM_WRITER_LOADER), MMU_MEM_OK);
  physmem_clear_frame(m, 0, MEM_WRITER_OS);
  assert_int_equal(seen.count, 4);
  assert_int_equal(seen.addr, 72);
  assert_int_equal(seen.old, 9);
  assert_int_equal(seen.now, 0);
  physmem_destroy(m);
}

static void test_error_ranges(void **state) {
  (void)state;
  struct physmem *m = physmem_create(1 << 20);
  uint64_t value, old;
  bool swapped;
  assert_int_equal(physmem_set_error(m, 0x1000, 0x1fff, MMU_MEM_PARITY), 0);
  assert_int_equal(physmem_set_error(m, 0x1800, 0x1807, MMU_MEM_NO_ATOMIC), 0);
  assert_int_equal(physmem_read64(m, 0x17f8, &value), MMU_MEM_PARITY);
  assert_int_equal(physmem_read64(m, 0x1808, &value), MMU_MEM_PARITY);
  assert_int_equal(physmem_write64(m, 0x1ff8, 1, MEM_WRITER_OS), MMU_MEM_PARITY);
  assert_int_equal(physmem_write64(m, 0x1800, 3, MEM_WRITER_OS), MMU_MEM_OK);
  assert_int_equal(physmem_cas64(m, 0x1800, 3, 4, MEM_WRITER_HW, &old, &swapped),
                   MMU_MEM_NO_ATOMIC);
  assert_int_equal(get(m, 0x1800), 3);
  assert_int_equal(get(m, 0x2000), 0);
  assert_int_equal(physmem_set_error(m, 0, UINT64_MAX, MMU_MEM_OK), 0);
  assert_int_equal(get(m, 0x1ff8), 0);
  for (uint64_t i = 0; i < 64; i++)
    assert_int_equal(physmem_set_error(m, i * 4096, i * 4096, MMU_MEM_BUS), 0);
  assert_int_equal(physmem_set_error(m, 1 << 19, 1 << 19, MMU_MEM_BUS), -1);
  assert_int_equal(get(m, 1 << 19), 0);
  physmem_destroy(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sparse),        cmocka_unit_test(test_frames_are_apart),
      cmocka_unit_test(test_places),        cmocka_unit_test(test_refused_addresses),
      cmocka_unit_test(test_cas_and_watch), cmocka_unit_test(test_error_ranges),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

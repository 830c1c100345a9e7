// SPDX-License-Identifier: Apache-2.0
// The host's memory for large tables and for many blocks (csim/host): zeroes, apart, taken again.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sanitizer/asan_interface.h>

#include "host/pool.h"
#include "host/table.h"

enum { BLOCK = 2080, BLOCKS = 10000 }; /* 21 MB: chunks of every size */

static void all_zero(const char *p, size_t bytes) {
  for (size_t i = 0; i < bytes; i++)
    if (p[i] != 0) fail_msg("byte %zu is %d", i, p[i]);
}

static void tables_are_zeroes_from_a_line_on(void **state) {
  static const size_t sizes[] = {1, 64, 4095, 1 << 20, (1 << 20) + 1, (3 << 20) - 64, 5 << 20};
  (void)state;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    char *t = host_table(sizes[i]);
    assert_non_null(t);
    assert_int_equal((uintptr_t)t % 64, 0);
    if (sizes[i] >= 2 << 20) assert_int_equal((uintptr_t)t % (2 << 20), 0);
    all_zero(t, sizes[i]);
    memset(t, 0xff, sizes[i]);
    if (sizes[i] % 8 == 0) assert_true(__asan_address_is_poisoned(t + sizes[i]));
    host_table_free(t);
  }
  host_table_free(NULL);
}

static void a_table_of_everything_is_refused(void **state) {
  (void)state;
  assert_null(host_table(SIZE_MAX));
  assert_null(host_table(SIZE_MAX - 10));
}

static void blocks_lie_apart(void **state) {
  struct host_pool *p = host_pool_create(BLOCK);
  unsigned char **b = calloc(BLOCKS, sizeof *b);
  (void)state;
  assert_non_null(p);
  assert_non_null(b);
  for (uint32_t i = 0; i < BLOCKS; i++) {
    b[i] = host_pool_take(p);
    assert_non_null(b[i]);
    all_zero((char *)b[i], BLOCK);
    memset(b[i], (int)(i % 255 + 1), BLOCK);
  }
  for (uint32_t i = 0; i < BLOCKS; i++)
    for (uint32_t k = 0; k < BLOCK; k++)
      if (b[i][k] != i % 255 + 1) fail_msg("byte %u of block %u was changed", k, i);
  free(b);
  host_pool_destroy(p); /* with all that is out */
  host_pool_destroy(NULL);
}

static void a_block_comes_back_as_zeroes(void **state) {
  struct host_pool *p = host_pool_create(BLOCK);
  (void)state;
  char *a = host_pool_take(p);
  char *b = host_pool_take(p);
  memset(a, 1, BLOCK);
  memset(b, 2, BLOCK);
  host_pool_give(p, a);
  host_pool_give(p, NULL);
  assert_ptr_equal(host_pool_take(p), a);
  all_zero(a, BLOCK);
  for (uint32_t i = 0; i < BLOCK; i++)
    assert_int_equal(b[i], 2);
  host_pool_destroy(p);
}

static void nobody_uses_what_is_not_taken(void **state) {
  struct host_pool *p = host_pool_create(BLOCK);
  (void)state;
  char *a = host_pool_take(p);
  assert_false(__asan_address_is_poisoned(a + BLOCK - 1));
  assert_true(__asan_address_is_poisoned(a + BLOCK)); /* of the next one */
  host_pool_give(p, a);
  assert_true(__asan_address_is_poisoned(a));
  host_pool_destroy(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tables_are_zeroes_from_a_line_on),
      cmocka_unit_test(a_table_of_everything_is_refused),
      cmocka_unit_test(blocks_lie_apart),
      cmocka_unit_test(a_block_comes_back_as_zeroes),
      cmocka_unit_test(nobody_uses_what_is_not_taken),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

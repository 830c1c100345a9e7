/* SPDX-License-Identifier: Apache-2.0
 * Claim R4 of docs/claims.md: the chapter's page that lives from T=0 to 45 s, an ageing every 5 s
 * (which no timer does in Linux; here the test does). Beside it pages that are used before each
 * ageing, one that never is, and one that comes in at each ageing. */
#include "lru_mglru_fixture.h"

/* An eighth of a table is young at each ageing, or the next one would not look into it. */
enum { PAGE = 1, COLD = 3, HOT = 10, HOT_END = HOT + 64, NEW = 100 };

/* Generations younger than the page's. */
static unsigned older_by(struct fake *h, uint32_t f) {
  unsigned youngest = (unsigned)of(h)->max_seq % 4;
  return (youngest + 4 - (unsigned)gen(h, f)) % 4;
}

/* An ageing: the hardware has set A of the hot pages, and of PAGE if it was used since the last. */
static void tick(struct fake *h, uint32_t number, bool used) {
  for (uint32_t f = HOT; f < HOT_END; f++)
    h->page[f].young = 1;
  h->page[PAGE].young = used;
  h->table_young[0] = true;
  age(h);
  fake_map(h, NEW + number, LRU_FILE);
  h->page[NEW + number].young = 0;
}

static void second_wind(void **state) {
  (void)state;
  struct fake *h = start();
  fake_map(h, PAGE, LRU_FILE); /* T=0 */
  for (uint32_t f = HOT; f < HOT_END; f++)
    fake_map(h, f, LRU_FILE);
  fake_map(h, COLD, LRU_FILE);
  h->page[COLD].young = 0;
  assert_int_equal(older_by(h, PAGE), 0);
  /* used before T = 5 and 20 s. Of the four generations the chapter names 3 the youngest. An
   * ageing gives a used page the generation that was the youngest until then, and opens a new one:
   * so 1 here where the chapter says "stays in 3". */
  static const struct {
    bool used;
    unsigned older_by;
  } at[] = {{true, 1},  {false, 2}, {false, 3}, {true, 1},
            {false, 2}, {false, 3}, {false, 3}, {false, 3}};
  for (uint32_t i = 0; i < sizeof at / sizeof at[0]; i++) {
    tick(h, i, at[i].used);
    assert_int_equal(older_by(h, PAGE), at[i].older_by);
    assert_int_equal(older_by(h, HOT), 1);
    assert_int_equal(older_by(h, COLD), i < 3 ? i + 1 : 3);
  }
  /* T = 45 s: the oldest generation goes, and with it what came in meanwhile and was not used
   * since; the hot page stays. */
  crowd(h);
  for (int i = 0; i < 4 && h->page[PAGE].known; i++)
    shrink(h);
  assert_false(h->page[PAGE].known);
  assert_false(h->page[COLD].known);
  assert_true(h->page[HOT].known);
  stop(h);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(second_wind)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

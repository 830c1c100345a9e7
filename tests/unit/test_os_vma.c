/* SPDX-License-Identifier: Apache-2.0
 * Areas of an address space: cut, split, joined, and against a page-by-page model under random
 * calls. */
#include "os/kernel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

enum { PAGES = 64, RO = OS_PROT_READ, RW = OS_PROT_READ | OS_PROT_WRITE };

static void add(struct os_mm *mm, uint64_t page, uint64_t n, uint32_t file, uint64_t file_page,
                uint8_t prot) {
  const struct os_vma v = {.start = page << 12,
                           .end = (page + n) << 12,
                           .file = file,
                           .file_page = file_page,
                           .prot = prot,
                           .shared = false};
  assert_int_equal(os_vma_insert(mm, &v), 0);
}

static void is(const struct os_mm *mm, size_t i, uint64_t page, uint64_t n, uint64_t file_page,
               uint8_t prot) {
  assert_true(i < mm->vmas);
  assert_int_equal(mm->vma[i].start, page << 12);
  assert_int_equal(mm->vma[i].end, (page + n) << 12);
  assert_int_equal(mm->vma[i].file_page, file_page);
  assert_int_equal(mm->vma[i].prot, prot);
}

static void by_hand(void **state) {
  (void)state;
  struct os_mm mm = {0};
  add(&mm, 10, 10, 1, 5, RW);
  add(&mm, 30, 5, 0, 0, RW);
  add(&mm, 20, 10, 1, 15, RW); /* goes on in the file: joined */
  assert_int_equal(mm.vmas, 2);
  is(&mm, 0, 10, 20, 5, RW);
  add(&mm, 35, 5, 0, 0, RW);
  add(&mm, 40, 5, 0, 0, RO); /* other rights: not joined */
  assert_int_equal(mm.vmas, 3);
  is(&mm, 1, 30, 10, 0, RW);
  add(&mm, 5, 5, 1, 1, RW); /* not the page before: not joined */
  assert_int_equal(mm.vmas, 4);

  assert_int_equal(os_vma_remove(&mm, 14 << 12, 16 << 12), 0);
  assert_int_equal(mm.vmas, 5);
  is(&mm, 1, 10, 4, 5, RW);
  is(&mm, 2, 16, 14, 11, RW); /* its file page moved along */
  assert_null(os_vma_find(&mm, 15 << 12));
  assert_ptr_equal(os_vma_find(&mm, (16 << 12) + 7), &mm.vma[2]);
  assert_true(os_vma_any(&mm, 15 << 12, 17 << 12));
  assert_false(os_vma_any(&mm, 14 << 12, 16 << 12));
  assert_true(os_vma_covered(&mm, 30 << 12, 45 << 12));
  assert_false(os_vma_covered(&mm, 10 << 12, 17 << 12));

  assert_int_equal(os_vma_protect(&mm, 32 << 12, 34 << 12, RO), 0);
  assert_int_equal(mm.vmas, 7);
  is(&mm, 4, 32, 2, 0, RO);
  assert_int_equal(os_vma_protect(&mm, 30 << 12, 45 << 12, RO), 0); /* all alike: joined */
  assert_int_equal(mm.vmas, 4);
  is(&mm, 3, 30, 15, 0, RO);
  assert_int_equal(os_vma_remove(&mm, 0, UINT64_C(1) << 40), 0);
  assert_int_equal(mm.vmas, 0);
  free(mm.vma);
}

static uint64_t rnd(uint64_t *s, uint64_t n) {
  *s = *s * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (*s >> 33) % n;
}

static void at_random(void **state) {
  (void)state;
  struct os_mm mm = {0};
  struct {
    uint32_t file;
    uint64_t page;
    uint8_t prot;
    bool mapped;
  } model[PAGES];
  memset(model, 0, sizeof model);
  uint64_t seed = 1;
  for (unsigned step = 0; step < 20000; step++) {
    uint64_t a = rnd(&seed, PAGES);
    uint64_t n = 1 + rnd(&seed, PAGES - a);
    uint8_t prot = rnd(&seed, 2) != 0 ? RW : RO;
    uint64_t op = rnd(&seed, 3);
    if (op == 0) {
      uint32_t file = (uint32_t)rnd(&seed, 3);
      uint64_t at = file != 0 ? a + rnd(&seed, 2) : 0; /* often fits its neighbour */
      assert_int_equal(os_vma_remove(&mm, a << 12, (a + n) << 12), 0);
      add(&mm, a, n, file, at, prot);
      for (uint64_t i = 0; i < n; i++) {
        model[a + i].mapped = true;
        model[a + i].file = file;
        model[a + i].page = file != 0 ? at + i : 0;
        model[a + i].prot = prot;
      }
    } else if (op == 1) {
      n = 1 + n / 4;
      assert_int_equal(os_vma_remove(&mm, a << 12, (a + n) << 12), 0);
      for (uint64_t i = 0; i < n && a + i < PAGES; i++)
        model[a + i].mapped = false;
    } else {
      bool all = true;
      for (uint64_t i = 0; i < n; i++)
        all = all && model[a + i].mapped;
      assert_int_equal(os_vma_covered(&mm, a << 12, (a + n) << 12), all);
      if (!all) continue;
      assert_int_equal(os_vma_protect(&mm, a << 12, (a + n) << 12, prot), 0);
      for (uint64_t i = 0; i < n; i++)
        model[a + i].prot = prot;
    }
    for (uint64_t i = 0; i < PAGES; i++) {
      const struct os_vma *v = os_vma_find(&mm, i << 12);
      assert_int_equal(v != NULL, model[i].mapped);
      if (v == NULL) continue;
      assert_int_equal(v->file, model[i].file);
      assert_int_equal(v->prot, model[i].prot);
      if (v->file != 0)
        assert_int_equal(v->file_page + ((i << 12) - v->start) / 4096, model[i].page);
    }
    for (size_t i = 1; i < mm.vmas; i++)
      assert_true(mm.vma[i - 1].end <= mm.vma[i].start);
  }
  free(mm.vma);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(by_hand), cmocka_unit_test(at_random)};
  return cmocka_run_group_tests_name("os vma", tests, NULL, NULL);
}

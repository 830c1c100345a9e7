/* SPDX-License-Identifier: Apache-2.0
 * Page-table entries of each architecture against values put together by hand from the manuals,
 * and the tables the OS model leaves in memory for one mapping. */
#include "os/kernel.h"
#include "tests/unit/os_fake.h"

enum { RO = OS_PROT_READ, RW = OS_PROT_READ | OS_PROT_WRITE, RX = OS_PROT_READ | OS_PROT_EXEC };
#define PA UINT64_C(0x0000012345678000)

static void x86(void **state) {
  (void)state;
  const struct os_pt_ops *o = &os_pt_x86;
  assert_int_equal(o->table(PA), UINT64_C(0x0000012345678027));
  assert_int_equal(o->leaf(PA, RO, false), UINT64_C(0x8000012345678025));
  assert_int_equal(o->leaf(PA, RW, false), UINT64_C(0x8000012345678027));
  assert_int_equal(o->leaf(PA, RW, true), UINT64_C(0x8000012345678067));
  assert_int_equal(o->leaf(PA, RX, false), UINT64_C(0x0000012345678025));
  assert_int_equal(o->leaf(PA, 0, false), UINT64_C(0x8000012345678021));
  /* Rights taken away: address, A and D stay. */
  assert_int_equal(o->set_prot(UINT64_C(0x8000012345678067), RO), UINT64_C(0x8000012345678065));
  assert_int_equal(o->set_young(UINT64_C(0x8000012345678067), false), UINT64_C(0x8000012345678047));
  assert_true(o->dirty(0x40) && !o->dirty(0x20) && o->young(0x20) && !o->young(0x40));
}

static void arm(void **state) {
  (void)state;
  const struct os_pt_ops *o = &os_pt_arm;
  assert_int_equal(o->table(PA), UINT64_C(0x0800012345678003));
  /* PXN, UXN, nG, AF, inner shareable, AP = read-only for all */
  assert_int_equal(o->leaf(PA, RO, false), UINT64_C(0x0060012345678fc3));
  /* clean but writable: DBM with AP[2] */
  assert_int_equal(o->leaf(PA, RW, false), UINT64_C(0x0068012345678fc3));
  assert_int_equal(o->leaf(PA, RW, true), UINT64_C(0x0068012345678f43));
  assert_int_equal(o->leaf(PA, RX, false), UINT64_C(0x0020012345678fc3));
  assert_int_equal(o->leaf(PA, 0, false), UINT64_C(0x0060012345678f83)); /* no EL0 access */
  /* The hardware sets dirty state by clearing AP[2]. */
  assert_true(o->dirty(UINT64_C(0x0068012345678f43)));
  assert_false(o->dirty(UINT64_C(0x0068012345678fc3)));
  assert_false(o->dirty(UINT64_C(0x0060012345678fc3)));
  /* Dirty survives the loss and return of the right to write. */
  uint64_t e = o->set_prot(UINT64_C(0x0068012345678f43), RO);
  assert_int_equal(e, UINT64_C(0x00e0012345678fc3));
  assert_true(o->dirty(e));
  assert_int_equal(o->set_prot(e, RW), UINT64_C(0x0068012345678f43));
  assert_int_equal(o->set_young(o->leaf(PA, RO, false), false), UINT64_C(0x0060012345678bc3));
}

static void riscv(void **state) {
  (void)state;
  const struct os_pt_ops *o = &os_pt_sv39;
  /* PPN 0x12345678 from bit 10 */
  assert_int_equal(o->table(PA), UINT64_C(0x00000048d159e001));
  assert_int_equal(o->leaf(PA, RO, false), UINT64_C(0x00000048d159e053));
  assert_int_equal(o->leaf(PA, RW, false), UINT64_C(0x00000048d159e057));
  assert_int_equal(o->leaf(PA, RW, true), UINT64_C(0x00000048d159e0d7));
  assert_int_equal(o->leaf(PA, RX, false), UINT64_C(0x00000048d159e05b));
  assert_int_equal(o->leaf(PA, 0, false), UINT64_C(0x00000048d159e043)); /* U = 0 */
  assert_int_equal(o->set_prot(UINT64_C(0x00000048d159e0d7), RO), UINT64_C(0x00000048d159e0d3));
  assert_int_equal(o->address(UINT64_C(0x00000048d159e0d7)), PA);
}

static void common(void **state) {
  (void)state;
  static const struct os_pt_ops *const all[] = {&os_pt_x86, &os_pt_arm, &os_pt_sv39, &os_pt_sv48};
  for (size_t i = 0; i < 4; i++) {
    const struct os_pt_ops *o = all[i];
    for (uint32_t slot = 0; slot < 3; slot++) {
      uint32_t s = slot == 2 ? UINT32_MAX - 1 : slot;
      uint64_t e = o->swap(s);
      assert_true(e != 0 && !o->present(e));
      assert_int_equal(e & 1, 0); /* P, valid, V */
      assert_int_equal(o->slot(e), s);
    }
    uint64_t e = o->leaf(PA, RW, false);
    assert_true(o->present(e) && o->young(e) && !o->dirty(e) && o->writable(e));
    assert_true(o->dirty(o->set_dirty(e)));
    assert_int_equal(o->address(e), PA);
    assert_int_equal(o->next(o->table(PA)), PA);
    assert_false(o->writable(o->leaf(PA, RO, false)));
  }
}

/* Leaves of 2 MiB: PS; a block descriptor; the same leaf one height up. */
static void huge(void **state) {
  (void)state;
  static const struct {
    const struct os_pt_ops *o;
    uint64_t want, third; /* third: its page 3 as an entry of its own */
  } how[] = {{&os_pt_x86, UINT64_C(0x80000123456000e7), UINT64_C(0x8000012345603067)},
             {&os_pt_arm, UINT64_C(0x0068012345600f41), UINT64_C(0x0068012345603f43)},
             {&os_pt_sv39, UINT64_C(0x00000048d15800d7), UINT64_C(0x00000048d1580cd7)},
             {&os_pt_sv48, UINT64_C(0x00000048d15800d7), UINT64_C(0x00000048d1580cd7)}};
  uint64_t pa = UINT64_C(0x0000012345600000);
  for (size_t i = 0; i < sizeof how / sizeof how[0]; i++) {
    const struct os_pt_ops *o = how[i].o;
    uint64_t e = o->huge(o->leaf(pa, RW, true));
    assert_int_equal(e, how[i].want);
    assert_true(o->present(e) && o->is_huge(e) && o->young(e) && o->dirty(e) && o->writable(e));
    assert_int_equal(o->address(e), pa);
    assert_int_equal(o->at(o->page(e), pa + 0x3000), how[i].third);
    assert_false(o->is_huge(o->table(pa)));
    assert_true(o->is_huge(o->set_prot(o->set_young(e, false), RO)));
    assert_int_equal(o->set_prot(o->set_prot(e, RO), RW), e);
  }
}

/* ---- one mapping in memory ---- */

struct walk {
  struct fake *k;
  uint64_t va, entry[4]; /* by height */
  unsigned top;
  struct os_stats st[5];
};

static void kernel_side(void *arg) {
  struct walk *w = arg;
  struct fake *k = w->k;
  struct os_task *t = os_task_create(k->os, 1);
  assert_non_null(t);
  os_stats(k->os, &w->st[0]);
  struct os_mapping m = {.va = w->va, .bytes = 4 << 20, .prot = RW};
  assert_int_equal(os_mmap(t, &m), 0);
  os_stats(k->os, &w->st[1]); /* mapping costs no tables */
  assert_int_not_equal(fk_access(k, t, w->va + 0x1000, true, false), 0);
  os_stats(k->os, &w->st[2]);
  uint64_t base = os_task_context(t)->s1_root0;
  for (unsigned h = w->top + 1; h-- != 0;) {
    w->entry[h] = *fk_word(k, base + 8 * ((w->va + 0x1000) >> (12 + 9 * h) & 511));
    base = fk_target(k->cfg.arch, w->entry[h]);
  }
  assert_int_not_equal(fk_access(k, t, w->va + (2 << 20), false, false), 0);
  os_stats(k->os, &w->st[3]); /* next 2 MiB: one table more */
  assert_int_equal(os_munmap(t, w->va, 2 << 20), 0);
  os_stats(k->os, &w->st[4]); /* its table is gone at once */
  os_task_exit(t);
  os_task_free(t);
}

static void one(enum mmu_arch arch, enum mmu_s1_mode mode, unsigned top, const uint64_t entry[4],
                uint64_t address) {
  struct os_config cfg = {.arch = arch,
                          .mode = mode,
                          .memory_bytes = 4 << 20,
                          .swap_pages = 10,
                          .hw_a = true,
                          .hw_d = true};
  struct fake *k = fk_create(&cfg, 100, 1);
  struct walk w = {.k = k, .va = UINT64_C(0x2480600000), .top = top};
  fk_start(k, kernel_side, &w, false);
  fk_run(k);
  fk_check(k);
  for (unsigned h = 0; h <= top; h++)
    assert_int_equal(w.entry[h] & ~address, entry[h]);
  /* Linux counts the tables of heights 0 and 1. */
  assert_int_equal(w.st[0].nr_page_table_pages, 0);
  assert_int_equal(w.st[1].nr_page_table_pages, 0);
  assert_int_equal(w.st[2].nr_page_table_pages, 2);
  assert_int_equal(w.st[3].nr_page_table_pages, 3);
  assert_int_equal(w.st[4].nr_page_table_pages, 2);
  assert_int_equal(w.st[0].pgalloc, 1);       /* the root */
  assert_int_equal(w.st[2].pgalloc, top + 2); /* root, tables, page */
  struct os_stats end;
  os_stats(k->os, &end);
  assert_int_equal(end.pgalloc, end.pgfree);
  fk_destroy(k);
}

static void in_memory(void **state) {
  (void)state;
  static const uint64_t x[4] = {UINT64_C(0x8000000000000067), 0x27, 0x27, 0x27};
  static const uint64_t a[4] = {UINT64_C(0x0068000000000f43), UINT64_C(0x0800000000000003),
                                UINT64_C(0x0800000000000003), UINT64_C(0x0800000000000003)};
  static const uint64_t r[4] = {0xd7, 1, 1, 1};
  one(MMU_ARCH_X86, MMU_S1_X86_L4, 3, x, UINT64_C(0x000ffffffffff000));
  one(MMU_ARCH_ARM, MMU_S1_ARM_4K, 3, a, UINT64_C(0x0000fffffffff000));
  one(MMU_ARCH_RISCV, MMU_S1_SV39, 2, r, UINT64_C(0x003ffffffffffc00));
  one(MMU_ARCH_RISCV, MMU_S1_SV48, 3, r, UINT64_C(0x003ffffffffffc00));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(x86),       cmocka_unit_test(arm),
                                     cmocka_unit_test(riscv),     cmocka_unit_test(common),
                                     cmocka_unit_test(in_memory), cmocka_unit_test(huge)};
  return cmocka_run_group_tests_name("os page tables", tests, NULL, NULL);
}

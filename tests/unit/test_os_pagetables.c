/* SPDX-License-Identifier: Apache-2.0
 * What page tables cost, against the steps recorded on a Linux 6.1 kernel
 * (tests/data/linux/pagetables.txt, x86-64), for every format: mm->pgtables_bytes and
 * nr_page_table_pages. */
#include "tests/unit/os_fake.h"

enum { PAGE = 4096, RW = OS_PROT_READ | OS_PROT_WRITE, OWN = 3 };
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

struct run {
  struct fake *k;
  struct os_task *t;
  uint64_t base, tables, counted;
  unsigned upper; /* tables of heights above 1 that a first touch takes, root excluded */
  int last;       /* nr_page_table_pages in the recording */
  FILE *recorded;
};

/* The next line of the recording that begins with these words: kB of VmPTE it adds, and
 * nr_page_table_pages. */
static void recorded(struct run *r, const char *words, int *kb, int *pages) {
  char line[200];
  while (fgets(line, sizeof line, r->recorded) != NULL) {
    const char *delta = strstr(line, "VmPTE_kB");
    const char *count = strstr(line, "nr_page_table_pages");
    if (strncmp(line, words, strlen(words)) != 0 || delta == NULL || count == NULL) continue;
    assert_int_equal(sscanf(strchr(delta, '('), "(%d)", kb), 1);
    assert_int_equal(sscanf(count, "nr_page_table_pages %d", pages), 1);
    return;
  }
  fail_msg("the recording has no line \"%s\"", words);
}

/* What changed since the last step equals the recording; uppers: tables of height 2 that come (or
 * go) with it, which Sv39 does not have. */
static void step(struct run *r, const char *words, int uppers) {
  int kb = 0;
  int pages = 0;
  struct os_stats st;
  os_stats(r->k->os, &st);
  recorded(r, words, &kb, &pages);
  int64_t tables = (int64_t)os_task_pgtables(r->t);
  int folded = r->upper == 0 ? uppers : 0;
  assert_int_equal(4 * (tables - (int64_t)r->tables), kb - 4 * folded);
  assert_int_equal((int64_t)st.nr_page_table_pages - (int64_t)r->counted, pages - r->last);
  r->tables = (uint64_t)tables;
  r->counted = st.nr_page_table_pages;
  r->last = pages;
}

static void map(struct run *r, uint64_t bytes, uint8_t huge) {
  struct os_mapping m = {.va = r->base, .bytes = bytes, .prot = RW, .huge = huge};
  assert_int_equal(os_mmap(r->t, &m), 0);
}

static void unmap(struct run *r, uint64_t from, uint64_t bytes) {
  assert_int_equal(os_munmap(r->t, r->base + from, bytes), 0);
}

static void touch(struct run *r, uint64_t at, bool write) {
  assert_int_not_equal(fk_access(r->k, r->t, r->base + at, write, false), 0);
}

/* The pages of its own that the recorded process had: data of the program in one slot of 512 GiB,
 * heap of the libraries and stack in another. Sv39 has no such slots: 1 GiB. */
static void own_pages(struct run *r) {
  const bool sv39 = r->upper == 0;
  const uint64_t at[OWN] = {sv39 ? GIB : UINT64_C(0x555555556000),
                            sv39 ? 3 * GIB : UINT64_C(0x7ffff7f00000),
                            sv39 ? 3 * GIB + 16 * MIB : UINT64_C(0x7ffffffde000)};
  struct os_stats st;
  for (size_t i = 0; i < OWN; i++) {
    const struct os_mapping m = {.va = at[i], .bytes = PAGE, .prot = RW};
    assert_int_equal(os_mmap(r->t, &m), 0);
    assert_int_not_equal(fk_access(r->k, r->t, at[i], true, false), 0);
  }
  int kb = 0; /* of the line: in all */
  recorded(r, "PT base", &kb, &r->last);
  os_stats(r->k->os, &st);
  r->tables = os_task_pgtables(r->t);
  r->counted = st.nr_page_table_pages;
  assert_int_equal(4 * r->tables, kb - (sv39 ? 2 * 4 : 0));
}

/* fork copies the tables of private memory, all of them: the child has what its parent has, and the
 * machine so many more. */
static void forked(struct run *r) {
  int kb = 0;
  int pages = 0;
  struct os_stats st;
  struct os_task *c = os_task_fork(r->t, 2);
  assert_non_null(c);
  recorded(r, "PT  child after fork", &kb, &pages);
  os_stats(r->k->os, &st);
  assert_int_equal(4 * ((int64_t)os_task_pgtables(c) - (int64_t)os_task_pgtables(r->t)), kb);
  assert_int_equal(st.nr_page_table_pages - r->counted, (uint64_t)(pages - r->last));
  os_task_exit(c);
  os_task_free(c);
}

static void sparse(struct run *r) {
  map(r, GIB, 0);
  step(r, "PT mmap 1GiB", 0);
  touch(r, 0, true);
  step(r, "PT store page 0", 1);
  touch(r, PAGE, true);
  step(r, "PT store page 1", 0);
  touch(r, 2 * MIB, true);
  step(r, "PT store in 2nd", 0);
  for (uint64_t i = 0; i < 512; i++)
    touch(r, 2 * MIB * i, true);
  step(r, "PT store one page in each of 512", 0);
  assert_int_equal(os_madvise(r->t, r->base, GIB, OS_MADV_DONTNEED), 0);
  assert_int_equal(os_task_rss(r->t), OWN);
  step(r, "PT madvise(DONTNEED)", 0);
  for (uint64_t i = 0; i < 512; i++)
    touch(r, 2 * MIB * i, true);
  unmap(r, 256 * MIB, 512 * MIB);
  step(r, "PT munmap middle 256", 0);
  for (uint64_t i = 0; i < 64; i++)
    unmap(r, 2 * MIB * i + PAGE, 2 * MIB - PAGE);
  step(r, "PT munmap all but the first", 0);
  for (uint64_t i = 1; i < 64; i++)
    unmap(r, 2 * MIB * i, PAGE);
  step(r, "PT munmap those 63", 0);
  unmap(r, 0, GIB);
  step(r, "PT munmap everything", -1);
  map(r, GIB, 0);
  for (uint64_t i = 0; i < 512; i++)
    touch(r, 2 * MIB * i, false);
  step(r, "PT load (zero page)", 1);
  unmap(r, 0, GIB);
  step(r, "PT munmap", -1);
  map(r, 100 * GIB, 0);
  step(r, "PT mmap 100GiB", 0);
  for (uint64_t i = 0; i < 100; i++)
    touch(r, GIB * i, true);
  step(r, "PT store one page in each of 100", 1);
  unmap(r, 0, 100 * GIB);
  step(r, "PT munmap", -1);
}

static void dense(struct run *r) {
  struct os_stats st;
  map(r, 64 * MIB, OS_VMA_NOHUGE);
  for (uint64_t at = 0; at < 64 * MIB; at += PAGE)
    touch(r, at, true);
  step(r, "PT dense 64MiB, 4KiB", 1);
  forked(r);
  step(r, "PT parent after child exit", 0);
  unmap(r, 0, 64 * MIB);
  step(r, "PT munmap", -1);
  map(r, 64 * MIB, OS_VMA_HUGE);
  for (uint64_t at = 0; at < 64 * MIB; at += PAGE)
    touch(r, at, true);
  os_stats(r->k->os, &st);
  assert_int_equal(st.nr_anon_thps, 32);
  assert_int_equal(st.thp_fault_alloc, 32);
  assert_int_equal(os_task_rss(r->t), 64 * MIB / PAGE + OWN);
  step(r, "PT dense 64MiB, MADV_HUGEPAGE", 1);
  unmap(r, 0, 64 * MIB);
  step(r, "PT munmap", -1);
  map(r, 64 * MIB, OS_VMA_HUGETLB);
  os_stats(r->k->os, &st);
  assert_int_equal(st.hugepages_rsvd, 32);
  for (uint64_t at = 0; at < 64 * MIB; at += PAGE)
    touch(r, at, true);
  os_stats(r->k->os, &st);
  assert_int_equal(st.hugepages_rsvd, 0);
  assert_int_equal(st.hugepages_free, 8);
  assert_int_equal(os_task_rss(r->t), OWN);
  step(r, "PT dense 64MiB, MAP_HUGETLB", 1);
  unmap(r, 0, 64 * MIB);
  step(r, "PT munmap", -1);
}

static void task(void *arg) {
  struct run *r = arg;
  struct os_stats st;
  r->t = os_task_create(r->k->os, 1);
  assert_non_null(r->t);
  own_pages(r);
  sparse(r);
  dense(r);
  map(r, GIB, 0);
  for (uint64_t i = 0; i < 512; i++)
    touch(r, 2 * MIB * i, i % 2 != 0);
  os_task_exit(r->t);
  os_stats(r->k->os, &st);
  assert_int_equal(st.nr_page_table_pages, 0);
  assert_int_equal(os_task_pgtables(r->t), 0);
  assert_int_equal(st.hugepages_free, 40);
  os_task_free(r->t);
}

static void one(enum mmu_arch arch, enum mmu_s1_mode mode, enum os_pt_placement placement) {
  struct os_sysctl sysctl = os_sysctl_default();
  sysctl.overcommit_memory = 1;
  struct os_config cfg = {.arch = arch,
                          .mode = mode,
                          .memory_bytes = 384 * MIB,
                          .swap_pages = 10,
                          .hw_a = true,
                          .hw_d = true,
                          .thp = OS_THP_MADVISE,
                          .nr_hugepages = 40,
                          .pt_placement = placement,
                          .sysctl = &sysctl};
  bool sv39 = mode == MMU_S1_SV39;
  struct fake *k = fk_create(&cfg, 100, 1);
  struct run r = {.k = k, .base = sv39 ? 64 * GIB : 1024 * GIB, .upper = sv39 ? 0 : 1};
  struct os_stats st;
  r.recorded = fopen("tests/data/linux/pagetables.txt", "r");
  assert_non_null(r.recorded);
  fk_start(k, task, &r, false);
  fk_run(k);
  fk_check(k);
  os_stats(k->os, &st);
  assert_int_equal(st.pgalloc, st.pgfree);
  (void)fclose(r.recorded);
  fk_destroy(k);
}

static void x86(void **state) {
  (void)state;
  one(MMU_ARCH_X86, MMU_S1_X86_L4, OS_PT_SPARSE);
}
static void x86_pooled(void **state) {
  (void)state;
  one(MMU_ARCH_X86, MMU_S1_X86_L4, OS_PT_POOLED);
}
static void arm(void **state) {
  (void)state;
  one(MMU_ARCH_ARM, MMU_S1_ARM_4K, OS_PT_SPARSE);
}
static void sv39(void **state) {
  (void)state;
  one(MMU_ARCH_RISCV, MMU_S1_SV39, OS_PT_SPARSE);
}
static void sv48(void **state) {
  (void)state;
  one(MMU_ARCH_RISCV, MMU_S1_SV48, OS_PT_SPARSE);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(x86), cmocka_unit_test(x86_pooled),
                                     cmocka_unit_test(arm), cmocka_unit_test(sv39),
                                     cmocka_unit_test(sv48)};
  return cmocka_run_group_tests_name("os page-table accounting", tests, NULL, NULL);
}

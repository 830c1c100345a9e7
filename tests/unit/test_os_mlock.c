/* SPDX-License-Identifier: Apache-2.0
 * Locked memory stays whatever the pressure, is counted, and can be had again when it is unlocked
 * or unmapped; a page that several map stays until the last lock is gone. */
#include <errno.h>

#include "os/kernel.h"
#include "os/proc.h"
#include "tests/unit/os_fake.h"

enum { LOCKED = 120, EATEN = 600, FILE_PAGES = 40, RW = OS_PROT_READ | OS_PROT_WRITE };
#define LOCK_BASE UINT64_C(0x400000)
#define EAT_BASE UINT64_C(0x10000000)
#define FILE_BASE UINT64_C(0x20000000)

static uint64_t mlocked(struct fake *k) {
  uint64_t n = 0;
  for (unsigned i = 0; i < k->os->zones.nodes; i++)
    n += os_node_use(&k->os->node[i]).mlocked;
  return n;
}

/* The value of a line of meminfo, in pages. */
static uint64_t meminfo(struct fake *k, const char *name) {
  char *text = NULL;
  size_t bytes = 0;
  FILE *f = open_memstream(&text, &bytes);
  assert_non_null(f);
  os_proc_print(k->os, 0, f);
  assert_int_equal(fclose(f), 0);
  const char *at = strstr(text, name);
  assert_non_null(at);
  uint64_t kb = strtoull(at + strlen(name), NULL, 10);
  free(text);
  return kb / 4;
}

static void map(struct os_task *t, uint64_t va, uint64_t pages, uint32_t file) {
  const struct os_mapping m = {
      .va = va, .bytes = pages << 12, .prot = RW, .file = file, .shared = file != 0};
  assert_int_equal(os_mmap(t, &m), 0);
}

static void eat(struct fake *k, struct os_task *t) {
  for (uint64_t p = 0; p < EATEN; p++)
    assert_int_not_equal(fk_access(k, t, EAT_BASE + (p << 12), true, false), 0);
}

static uint64_t resident(struct fake *k, struct os_task *t, uint64_t va, uint64_t pages) {
  uint64_t n = 0;
  for (uint64_t p = 0; p < pages; p++) {
    uint64_t at = os_pt_lookup(t->mm, va + (p << 12));
    n += at != 0 && k->os->pt->present(os_rd(k->os, at));
  }
  return n;
}

static void locked_stays(void *arg) {
  struct fake *k = arg;
  struct os_task *t = os_task_create(k->os, 1);
  assert_non_null(t);
  map(t, LOCK_BASE, LOCKED, 0);
  map(t, EAT_BASE, EATEN, 0);
  map(t, FILE_BASE, FILE_PAGES, 1);
  assert_int_equal(os_mlock(t, LOCK_BASE, 0), -EINVAL);
  assert_int_equal(os_mlock(t, LOCK_BASE + 5, 4096), -EINVAL);
  assert_int_equal(os_mlock(t, 0x70000000, 4096), -ENOMEM);
  assert_int_equal(os_mlockall(t, 0), -EINVAL);
  assert_int_equal(os_mlock(t, LOCK_BASE, LOCKED << 12), 0);
  assert_int_equal(os_mlock(t, FILE_BASE, FILE_PAGES << 12), 0);
  assert_int_equal(os_task_rss(t), LOCKED + FILE_PAGES);
  assert_int_equal(mlocked(k), LOCKED + FILE_PAGES);
  assert_int_equal(meminfo(k, "Mlocked:"), LOCKED + FILE_PAGES);
  assert_int_equal(meminfo(k, "Unevictable:"), LOCKED + FILE_PAGES);
  eat(k, t);
  eat(k, t);
  assert_int_equal(resident(k, t, LOCK_BASE, LOCKED), LOCKED);
  assert_int_equal(resident(k, t, FILE_BASE, FILE_PAGES), FILE_PAGES);
  assert_true(k->os->st.pswpout > EATEN / 4);
  /* A child shares the pages, not the locks: they stay for the parent's sake, then go. */
  struct os_task *c = os_task_fork(t, 2);
  assert_non_null(c);
  assert_int_equal(c->mm->rss >= LOCKED, true);
  assert_int_equal(os_munlock(t, LOCK_BASE, LOCKED << 12), 0);
  assert_int_equal(mlocked(k), FILE_PAGES);
  eat(k, t);
  assert_true(resident(k, t, LOCK_BASE, LOCKED) < LOCKED);
  os_task_exit(c);
  os_task_free(c);
  /* Unmapping a locked area frees it. */
  assert_int_equal(os_munmap(t, FILE_BASE, FILE_PAGES << 12), 0);
  assert_int_equal(mlocked(k), 0);
  /* What will be mapped is brought in. */
  assert_int_equal(os_mlockall(t, OS_MCL_FUTURE), 0);
  map(t, FILE_BASE, 30, 0);
  assert_int_equal(resident(k, t, FILE_BASE, 30), 30);
  assert_int_equal(mlocked(k), 30);
  assert_int_equal(os_munlockall(t), 0);
  assert_int_equal(mlocked(k), 0);
  os_task_exit(t);
  os_task_free(t);
}

/* A reclaimer has the page while its lock goes: it comes back to its list once. */
static void isolated(void *arg) {
  struct fake *k = arg;
  struct os_task *t = os_task_create(k->os, 1);
  assert_non_null(t);
  map(t, LOCK_BASE, 1, 0);
  uint32_t pfn = fk_access(k, t, LOCK_BASE, true, false);
  assert_int_not_equal(pfn, 0);
  struct os_frame *f = os_frame(k->os, pfn);
  uint64_t all = k->os->pol->size(k->os->node[0].policy);
  for (unsigned lock_first = 0; lock_first < 2; lock_first++) {
    os_frame_get(k->os, pfn);
    os_policy_remove(k->os, pfn); /* as a policy takes a victim */
    f->flags |= OS_F_ISOLATED;
    assert_int_equal(os_mlock(t, LOCK_BASE, 4096), 0);
    if (lock_first != 0) assert_false(os_policy_may_return(k->os, pfn));
    assert_int_equal(os_munlock(t, LOCK_BASE, 4096), 0);
    assert_int_equal((f->flags & OS_F_LISTED) != 0,
                     lock_first != 0); /* else it is the reclaimer's */
    if (lock_first == 0) {
      assert_true(os_policy_may_return(k->os, pfn));
      os_policy_add(k->os, pfn, true);
    }
    assert_false(os_frame_put(k->os, pfn));
    assert_int_equal(k->os->pol->size(k->os->node[0].policy), all);
  }
  os_task_exit(t);
  os_task_free(t);
}

static void returned_once(void **state) {
  (void)state;
  for (size_t i = 0; os_policy_name(i) != NULL; i++) {
    struct os_config cfg = {.arch = MMU_ARCH_X86,
                            .mode = MMU_S1_X86_L4,
                            .memory_bytes = 2 << 20,
                            .swap_pages = 10,
                            .hw_a = true,
                            .hw_d = true,
                            .policy = os_policy_name(i)};
    struct fake *k = fk_create(&cfg, cfg.swap_pages, 1);
    fk_start(k, isolated, k, false);
    fk_run(k);
    fk_check(k);
    fk_destroy(k);
  }
}

static void locks(void **state) {
  (void)state;
  for (int a = 0; a < MMU_ARCH_COUNT; a++) {
    static const enum mmu_s1_mode modes[] = {MMU_S1_X86_L4, MMU_S1_ARM_4K, MMU_S1_SV39};
    struct os_config cfg = {.arch = (enum mmu_arch)a,
                            .mode = modes[a],
                            .memory_bytes = 2 << 20,
                            .reserved_bytes = 256 << 10,
                            .swap_pages = 2000,
                            .swappiness = 60,
                            .hw_a = true,
                            .hw_d = true,
                            .zero_page = true};
    struct fake *k = fk_create(&cfg, cfg.swap_pages + FILE_PAGES, 1);
    k->yield_permille = 100;
    assert_int_equal(os_file_create(k->os, FILE_PAGES), 1);
    fk_start(k, locked_stays, k, false);
    fk_run(k);
    fk_check(k);
    assert_int_equal(k->os->st.nr_anon, 0);
    fk_destroy(k);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(locks), cmocka_unit_test(returned_once)};
  return cmocka_run_group_tests_name("os mlock", tests, NULL, NULL);
}

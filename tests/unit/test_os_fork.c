/* SPDX-License-Identifier: Apache-2.0
 * fork on a machine too small for its children: each side keeps its own versions, whatever is
 * swapped, shared or copied meanwhile, for every format and way of keeping A and D. */
#include "os/kernel.h"
#include "tests/unit/os_fake.h"

enum { PAGES = 300, FILE_PAGES = 60, CHILDREN = 8, RW = OS_PROT_READ | OS_PROT_WRITE };
#define ANON_BASE UINT64_C(0x1f0000) /* crosses into a second leaf table */
#define FILE_BASE UINT64_C(0x40000000)
#define SHARED_BASE UINT64_C(0x50000000)

struct proc {
  struct fake *k;
  struct os_task *t;
  uint64_t page[PAGES];      /* what each must hold */
  uint64_t file[FILE_PAGES]; /* private file: own contents; 0: the file's */
  unsigned steps;
  uint32_t pid;
  bool used;
};

struct family {
  struct proc proc[CHILDREN + 1];
  uint64_t shared[FILE_PAGES]; /* the file's contents, as all see them */
  uint32_t members;
};
static struct family *family;

static uint64_t touch(struct proc *p, uint64_t va, bool write) {
  uint32_t pfn = fk_access(p->k, p->t, va, write, false);
  if (pfn == 0) fail_msg("pid %u: %s", p->pid, os_task_death(p->t));
  uint64_t was = p->k->content[pfn];
  if (write) p->k->content[pfn] = p->k->next_content++;
  return write ? p->k->next_content - 1 : was;
}

static void same(const struct proc *p, const char *what, size_t i, uint64_t is, uint64_t must) {
  if (is != must)
    fail_msg("pid %u: %s page %zu holds %llx, must hold %llx", p->pid, what, i,
             (unsigned long long)is, (unsigned long long)must);
}

static void step(struct proc *p) {
  struct fake *k = p->k;
  size_t i = fk_rnd(k, PAGES);
  size_t f = fk_rnd(k, FILE_PAGES);
  bool write = fk_rnd(k, 3) == 0;
  uint64_t got = touch(p, ANON_BASE + (i << 12), write);
  if (write)
    p->page[i] = got;
  else
    same(p, "anon", i, got, p->page[i]);
  if (fk_rnd(k, 4) != 0) return;
  bool own = fk_rnd(k, 2) == 0;
  got = touch(p, (own ? FILE_BASE : SHARED_BASE) + (f << 12), write);
  if (write)
    *(own ? &p->file[f] : &family->shared[f]) = got;
  else if (!own || p->file[f] != 0) /* a private page may show older contents of the file */
    same(p, "file", f, got, own ? p->file[f] : family->shared[f]);
}

static void start(void *arg);

static void do_fork(struct proc *p) {
  if (family->members > CHILDREN) return;
  struct proc *c = &family->proc[family->members++];
  uint32_t pid = family->members;
  struct os_task *t = os_task_fork(p->t, pid);
  assert_non_null(t);
  *c = *p; /* the contents of the moment: only this context changes them */
  c->t = t;
  c->pid = pid;
  c->steps = 300;
  fk_start(p->k, start, c, false);
}

static void work(struct proc *p) {
  for (unsigned s = 0; s < p->steps; s++) {
    step(p);
    if (s % 250 == 100) do_fork(p);
    if (fk_rnd(p->k, 60) == 0) {
      size_t i = fk_rnd(p->k, PAGES - 20);
      bool lock = fk_rnd(p->k, 2) == 0;
      int (*call)(struct os_task *, uint64_t, uint64_t) = lock ? os_mlock : os_munlock;
      assert_int_equal(call(p->t, ANON_BASE + (i << 12), 12 << 12), 0);
      if (lock) assert_true(os_task_rss(p->t) >= 12);
    }
    if (fk_rnd(p->k, 100) == 0) assert_int_equal(os_munlockall(p->t), 0);
    if (fk_rnd(p->k, 150) == 0) {
      size_t i = fk_rnd(p->k, PAGES);
      const uint64_t va = ANON_BASE + (i << 12);
      assert_int_equal(os_mprotect(p->t, va, 4096, OS_PROT_READ), 0);
      assert_int_equal(os_mprotect(p->t, va, 4096, RW), 0);
    }
  }
  for (size_t i = 0; i < PAGES; i++)
    same(p, "anon, at the end,", i, touch(p, ANON_BASE + (i << 12), false), p->page[i]);
  os_task_exit(p->t);
}

static void start(void *arg) {
  work(arg);
}

static void first(void *arg) {
  struct proc *p = arg;
  p->t = os_task_create(p->k->os, 1);
  assert_non_null(p->t);
  const struct os_mapping map[] = {
      {.va = ANON_BASE, .bytes = (uint64_t)PAGES << 12, .prot = RW},
      {.va = FILE_BASE, .bytes = FILE_PAGES << 12, .prot = RW, .file = 1},
      {.va = SHARED_BASE, .bytes = FILE_PAGES << 12, .prot = RW, .file = 1, .shared = true}};
  for (size_t i = 0; i < 3; i++)
    assert_int_equal(os_mmap(p->t, &map[i]), 0);
  work(p);
}

static struct os_config config(enum mmu_s1_mode mode, bool hw) {
  enum mmu_arch arch = mode == MMU_S1_X86_L4   ? MMU_ARCH_X86
                       : mode == MMU_S1_ARM_4K ? MMU_ARCH_ARM
                                               : MMU_ARCH_RISCV;
  return (struct os_config){.arch = arch,
                            .mode = mode,
                            .memory_bytes = 2 << 20,
                            .reserved_bytes = 256 << 10,
                            .swap_pages = 6000,
                            .swappiness = 60,
                            .hw_a = hw,
                            .hw_d = hw,
                            .zero_page = true};
}

static void run(const struct os_config *cfg, uint64_t seed, struct os_stats *st) {
  family = calloc(1, sizeof *family);
  assert_non_null(family);
  struct fake *k = fk_create(cfg, cfg->swap_pages + FILE_PAGES, seed);
  k->yield_permille = seed % 2 == 0 ? 30 : 400;
  assert_int_equal(os_file_create(k->os, FILE_PAGES), 1);
  for (uint64_t p = 0; p < FILE_PAGES; p++)
    family->shared[p] = k->block[os_file_block(k->os, 1, p)];
  family->members = 1;
  family->proc[0] = (struct proc){.k = k, .pid = 1, .steps = 1500};
  fk_start(k, first, &family->proc[0], false);
  fk_run(k);
  fk_check(k);
  os_stats(k->os, st);
  assert_int_equal(st->forks, family->members - 1);
  for (uint32_t i = 0; i < family->members; i++)
    os_task_free(family->proc[i].t);
  assert_int_equal(st->nr_anon + st->nr_page_table_pages + st->nr_swap_used + st->committed, 0);
  fk_destroy(k);
  free(family);
}

static void versions_stay_apart(void **state) {
  (void)state;
  static const struct {
    enum mmu_s1_mode mode;
    bool hw;
  } how[] = {{MMU_S1_X86_L4, true}, {MMU_S1_ARM_4K, true}, {MMU_S1_ARM_4K, false},
             {MMU_S1_SV39, true},   {MMU_S1_SV39, false},  {MMU_S1_SV48, true}};
  const char *more = getenv("OS_RUN_SEEDS");
  uint64_t seeds = more != NULL ? strtoull(more, NULL, 10) : 2;
  for (size_t i = 0; i < sizeof how / sizeof how[0]; i++)
    for (uint64_t seed = 1; seed <= seeds; seed++) {
      struct os_stats st;
      struct os_config cfg = config(how[i].mode, how[i].hw);
      run(&cfg, seed, &st);
      assert_true(st.forks > 0 && st.cow > 0 && st.cow_reused > 0 && st.pswpin > 0);
    }
}

/* ---- what is copied ---- */

struct tables {
  struct fake *k;
  uint64_t anon, file, zero; /* tables of the child of a parent with such pages only */
};

/* A task with one region of two leaf tables; the child's tables beside its root. */
static uint64_t tables_after_fork(struct fake *k, uint32_t pid, uint32_t file, bool write) {
  struct os_task *t = os_task_create(k->os, pid);
  assert_non_null(t);
  const struct os_mapping m = {
      .va = ANON_BASE, .bytes = 32 << 12, .prot = RW, .file = file, .shared = false};
  assert_int_equal(os_mmap(t, &m), 0);
  for (uint64_t p = 0; p < 32; p++)
    assert_int_not_equal(fk_access(k, t, ANON_BASE + (p << 12), write, false), 0);
  uint64_t before = k->invalidations;
  struct os_task *c = os_task_fork(t, pid + 1);
  assert_non_null(c);
  /* the parent's translations go at once if it lost rights, else not at all */
  assert_int_equal(k->invalidations - before, write);
  uint64_t tables = c->mm->tables - 1;
  assert_int_equal(c->mm->rss, write ? 32 : 0);
  os_task_exit(c);
  os_task_free(c);
  /* alone again: a store takes the page over without a copy */
  struct os_stats st;
  os_stats(k->os, &st);
  uint64_t copies = st.cow;
  if (write && file == 0) {
    assert_int_not_equal(fk_access(k, t, ANON_BASE, true, false), 0);
    os_stats(k->os, &st);
    assert_int_equal(st.cow, copies);
    assert_int_equal(st.cow_reused, 1);
  }
  os_task_exit(t);
  os_task_free(t);
  return tables;
}

static void copy_what_is_own(void *arg) {
  struct tables *x = arg;
  x->anon = tables_after_fork(x->k, 10, 0, true);
  x->file = tables_after_fork(x->k, 20, 1, false);
  x->zero = tables_after_fork(x->k, 30, 0, false);
}

static void tables_of_own_pages_only(void **state) {
  (void)state;
  struct os_config cfg = config(MMU_S1_X86_L4, true);
  cfg.memory_bytes = 8 << 20;
  struct fake *k = fk_create(&cfg, cfg.swap_pages + FILE_PAGES, 1);
  struct tables x = {.k = k};
  assert_int_equal(os_file_create(k->os, FILE_PAGES), 1);
  fk_start(k, copy_what_is_own, &x, false);
  fk_run(k);
  fk_check(k);
  assert_int_equal(x.anon, 4); /* two leaf tables and one of each height above */
  assert_int_equal(x.file, 0);
  assert_int_equal(x.zero, 0);
  fk_destroy(k);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(versions_stay_apart),
                                     cmocka_unit_test(tables_of_own_pages_only)};
  return cmocka_run_group_tests_name("os fork", tests, NULL, NULL);
}

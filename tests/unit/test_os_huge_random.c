/* SPDX-License-Identifier: Apache-2.0
 * Random programs with huge pages, swapping and khugepaged, on every format: nothing is lost, mixed
 * up or leaked, whatever the interleaving. OS_RUN_SEEDS=24 for a longer hunt. */
#include "tests/unit/huge_scene.h"

/* ---- random programs ---- */

enum { REGIONS = 6, PAGES = REGIONS * 512, TASKS = 2 };

struct page {
  uint64_t expected;
  uint8_t prot;
  bool mapped;
};

struct program {
  struct fake *k;
  struct os_task *task;
  struct page page[PAGES];
  uint32_t pid;
  unsigned steps;
  bool killed;
};

static uint64_t va_of(size_t i) {
  return BASE + i * PAGE;
}

static void check_page(struct program *p, size_t i, bool write) {
  uint32_t pfn = fk_access(p->k, p->task, va_of(i), write, false);
  if (pfn == 0) {
    p->killed = true;
    return;
  }
  if (p->k->content[pfn] != p->page[i].expected)
    fail_msg("pid %u page %u: frame %u has %llx, expected %llx", p->pid, (unsigned)i, pfn,
             (unsigned long long)p->k->content[pfn], (unsigned long long)p->page[i].expected);
  if (write) p->k->content[pfn] = p->page[i].expected = p->k->next_content++;
}

/* Often whole regions, else any run. */
static size_t pick(struct program *p, size_t *count) {
  struct fake *k = p->k;
  if (fk_rnd(k, 2) == 0) {
    size_t r = fk_rnd(k, REGIONS);
    *count = 512 * (1 + fk_rnd(k, REGIONS - r));
    return r * 512;
  }
  size_t i = fk_rnd(k, PAGES);
  size_t n = 1 + fk_rnd(k, 600);
  *count = i + n > PAGES ? PAGES - i : n;
  return i;
}

static void do_map(struct program *p) {
  size_t n = 0;
  size_t i = pick(p, &n);
  struct os_mapping m = {.va = va_of(i), .bytes = n * PAGE, .prot = RW};
  m.huge = (uint8_t)fk_rnd(p->k, 3);
  if (os_mmap(p->task, &m) != 0) fail_msg("mmap");
  for (size_t j = 0; j < n; j++)
    p->page[i + j] = (struct page){.mapped = true, .prot = RW};
}

static void do_unmap(struct program *p) {
  size_t n = 0;
  size_t i = pick(p, &n);
  assert_int_equal(os_munmap(p->task, va_of(i), n * PAGE), 0);
  memset(&p->page[i], 0, n * sizeof p->page[0]);
}

static size_t mapped_run(const struct program *p, size_t i, size_t n) {
  size_t m = 0;
  while (m < n && p->page[i + m].mapped)
    m++;
  return m;
}

static void do_protect(struct program *p) {
  size_t n = 0;
  size_t i = pick(p, &n);
  n = mapped_run(p, i, n);
  if (n == 0) return;
  uint8_t prot = (uint8_t)(fk_rnd(p->k, 3) == 0 ? RO : RW);
  assert_int_equal(os_mprotect(p->task, va_of(i), n * PAGE, prot), 0);
  for (size_t j = 0; j < n; j++)
    p->page[i + j].prot = prot;
}

static void do_advise(struct program *p) {
  size_t n = 0;
  size_t i = pick(p, &n);
  n = mapped_run(p, i, n);
  if (n == 0) return;
  enum os_advice a = (enum os_advice)fk_rnd(p->k, 3);
  assert_int_equal(os_madvise(p->task, va_of(i), n * PAGE, a), 0);
  for (size_t j = 0; j < n && a == OS_MADV_DONTNEED; j++)
    p->page[i + j].expected = 0;
}

/* A few pages, or the lock of anything taken back. */
static void do_lock(struct program *p) {
  size_t n = 0;
  size_t i = pick(p, &n);
  bool lock = fk_rnd(p->k, 2) != 0;
  n = mapped_run(p, i, lock && n > 20 ? 20 : n);
  if (n == 0) return;
  int r = lock ? os_mlock(p->task, va_of(i), n * PAGE) : os_munlock(p->task, va_of(i), n * PAGE);
  assert_int_equal(r, 0);
}

/* A child sees what its parent had, and what it writes nobody else sees. */
static void do_fork(struct program *p) {
  struct os_task *child = os_task_fork(p->task, p->pid + 100);
  if (child == NULL) return; /* no memory for it */
  for (unsigned n = 0; n < 60; n++) {
    size_t i = fk_rnd(p->k, PAGES);
    if (!p->page[i].mapped) continue;
    bool write = fk_rnd(p->k, 2) != 0 && (p->page[i].prot & OS_PROT_WRITE) != 0;
    uint32_t pfn = fk_access(p->k, child, va_of(i), write, false);
    if (pfn == 0) break; /* killed */
    uint64_t own = UINT64_C(1) << 40 | i;
    if (p->k->content[pfn] != p->page[i].expected && p->k->content[pfn] != own)
      fail_msg("child of %u, page %u: frame %u has %llx, expected %llx", p->pid, (unsigned)i, pfn,
               (unsigned long long)p->k->content[pfn], (unsigned long long)p->page[i].expected);
    if (write) p->k->content[pfn] = own;
    if (!p->killed && fk_rnd(p->k, 3) == 0) check_page(p, i, false);
  }
  os_task_exit(child);
  os_task_free(child);
}

/* Outside the kernel: others may have the map. */
static void do_nap(struct program *p) {
  struct os_waitq q = {0};
  (void)os_wait_us(p->k->os, &q, fk_rnd(p->k, 200000));
}

static void do_accesses(struct program *p) {
  size_t n = 0;
  size_t i = pick(p, &n);
  size_t stride = 1 + fk_rnd(p->k, 9);
  bool write = fk_rnd(p->k, 2) != 0;
  for (size_t j = 0; j < n && !p->killed; j += stride)
    if (p->page[i + j].mapped)
      check_page(p, i + j, write && (p->page[i + j].prot & OS_PROT_WRITE) != 0);
}

static void run_program(void *arg) {
  struct program *p = arg;
  p->task = os_task_create(p->k->os, p->pid);
  assert_non_null(p->task);
  for (unsigned s = 0; s < p->steps && !p->killed; s++) {
    uint64_t op = fk_rnd(p->k, 100);
    if (op < 15)
      do_map(p);
    else if (op < 20)
      do_unmap(p);
    else if (op < 28)
      do_protect(p);
    else if (op < 45)
      do_advise(p);
    else if (op < 50)
      do_nap(p);
    else if (op < 56)
      do_lock(p);
    else if (op < 60)
      do_fork(p);
    else
      do_accesses(p);
  }
  for (size_t i = 0; i < PAGES && !p->killed; i++)
    if (p->page[i].mapped) check_page(p, i, false);
  os_task_exit(p->task);
  assert_int_equal(os_task_rss(p->task), 0);
}

static void add(struct os_stats *sum, const struct os_stats *st) {
  sum->thp_fault_alloc += st->thp_fault_alloc;
  sum->thp_fault_fallback += st->thp_fault_fallback;
  sum->thp_collapse_alloc += st->thp_collapse_alloc;
  sum->thp_split_page += st->thp_split_page;
  sum->thp_swpout_fallback += st->thp_swpout_fallback;
  sum->pt_reclaimed += st->pt_reclaimed;
  sum->pswpin += st->pswpin;
  sum->compact_success += st->compact_success;
  sum->pgmigrate_success += st->pgmigrate_success;
  sum->forks += st->forks;
  sum->cow += st->cow;
  sum->pgmigrate_fail += st->pgmigrate_fail;
  sum->compact_daemon_wake += st->compact_daemon_wake;
  sum->thp_deferred_split_page += st->thp_deferred_split_page;
  sum->thp_split_page_failed += st->thp_split_page_failed;
}

static void random_run(const struct os_config *cfg, uint64_t seed, struct os_stats *sum) {
  struct program *p = calloc(TASKS, sizeof *p);
  assert_non_null(p);
  struct fake *k = fk_create_cpus(cfg, cfg->swap_pages, seed, 2);
  k->yield_permille = seed % 3 == 0 ? 1000 : seed % 3 == 1 ? 100 : 10;
  k->migrate = true;
  for (uint32_t i = 0; i < TASKS; i++) {
    p[i] = (struct program){.k = k, .pid = i + 1, .steps = 100};
    fk_start(k, run_program, &p[i], false);
  }
  fk_run(k);
  fk_check(k);
  struct os_stats st;
  os_stats(k->os, &st);
  for (uint32_t i = 0; i < TASKS; i++) {
    if (p[i].killed) fail_msg("%s", os_task_death(p[i].task));
    os_task_free(p[i].task);
  }
  assert_int_equal(st.nr_anon + st.nr_page_table_pages + st.nr_swap_used, 0);
  assert_int_equal(st.nr_anon_thps + st.committed, 0);
  assert_int_equal(st.pgalloc, st.pgfree);
  add(sum, &st);
  fk_destroy(k);
  free(p);
}

/* crowded: half of the memory that the programs touch is swapped; else there is room to compact. */
static void random_programs(const char *policy, bool crowded) {
  const char *more = getenv("OS_RUN_SEEDS");
  uint64_t seeds = more != NULL ? strtoull(more, NULL, 10) : 4;
  struct os_stats sum = {0};
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
    for (uint64_t seed = 1; seed <= seeds; seed++) {
      struct os_config cfg = config(modes[i], crowded ? seed % 4 < 2 ? 10 : 16 : 20, OS_THP_ALWAYS);
      bool soft = modes[i] != MMU_S1_X86_L4 && seed % 2 == 0; /* A and D by the fault handler */
      cfg.hw_a = cfg.hw_d = !soft;
      cfg.cpu_hz = 1000000;
      cfg.khugepaged_scan_sleep_ms = 1 + (uint32_t)seed % 3;
      cfg.khugepaged_max_ptes_none = seed % 2 != 0 ? 511 : 64;
      cfg.a_flush = (enum os_a_flush)(seed % 3);
      cfg.policy = policy;
      cfg.nodes = seed % 4 == 3 ? 2 : 1;
      if (!crowded) cfg.thp_defrag = (uint32_t)(seed + i) % 4;
      cfg.pt_reclaim = seed % 2 == 0 && policy == NULL;
      cfg.pt_placement = seed % 4 == 1 ? OS_PT_POOLED : OS_PT_SPARSE;
      random_run(&cfg, seed, &sum);
    }
  if (getenv("OS_RUN_VERBOSE") != NULL)
    printf(
        "alloc %llu fallback %llu collapse %llu split %llu deferred %llu failed %llu swpout %llu "
        "swapin %llu tables %llu "
        "compacted %llu moved %llu not %llu kcompactd %llu\n",
        (unsigned long long)sum.thp_fault_alloc, (unsigned long long)sum.thp_fault_fallback,
        (unsigned long long)sum.thp_collapse_alloc, (unsigned long long)sum.thp_split_page,
        (unsigned long long)sum.thp_deferred_split_page,
        (unsigned long long)sum.thp_split_page_failed, (unsigned long long)sum.thp_swpout_fallback,
        (unsigned long long)sum.pswpin, (unsigned long long)sum.pt_reclaimed,
        (unsigned long long)sum.compact_success, (unsigned long long)sum.pgmigrate_success,
        (unsigned long long)sum.pgmigrate_fail, (unsigned long long)sum.compact_daemon_wake);
  assert_true(sum.forks > 0 && sum.cow > 0);
  if (!crowded) {
    assert_true(sum.compact_success > 0 && sum.pgmigrate_success > 1000);
    return;
  }
  assert_true(sum.thp_fault_alloc > 0 && sum.thp_fault_fallback > 0);
  assert_true(sum.thp_collapse_alloc > 0 && sum.thp_split_page > 0);
  assert_true(sum.thp_swpout_fallback > 0 && sum.pswpin > 0 && sum.thp_deferred_split_page > 0);
  if (policy != NULL) assert_int_equal(sum.pt_reclaimed, 0);
}

static void with_clock(void **state) {
  (void)state;
  random_programs(NULL, true);
  random_programs(NULL, false);
}
static void with_twolist(void **state) {
  (void)state;
  random_programs("twolist", true);
  random_programs("twolist", false);
}
static void with_mglru(void **state) {
  (void)state;
  random_programs("mglru", true);
  random_programs("mglru", false);
}
static void with_arc(void **state) {
  (void)state;
  random_programs("arc-sampled", true);
  random_programs("arc-sampled", false);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(with_clock), cmocka_unit_test(with_twolist),
                                     cmocka_unit_test(with_mglru), cmocka_unit_test(with_arc)};
  return cmocka_run_group_tests_name("os huge pages at random", tests, NULL, NULL);
}

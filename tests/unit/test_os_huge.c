/* SPDX-License-Identifier: Apache-2.0
 * Huge pages: when a fault gets one, what splits it, what khugepaged makes of small pages, the
 * pool, fragmentation; and random programs over all of it with every page's contents checked. */
#include "os/kernel.h"
#include "tests/unit/os_fake.h"

enum { PAGE = 4096, RW = OS_PROT_READ | OS_PROT_WRITE, RO = OS_PROT_READ };
#define MIB (UINT64_C(1) << 20)
#define HUGE (2 * MIB)
#define BASE (UINT64_C(64) << 30)

static const enum mmu_s1_mode modes[] = {MMU_S1_X86_L4, MMU_S1_ARM_4K, MMU_S1_SV39, MMU_S1_SV48};

static struct os_config config(enum mmu_s1_mode mode, uint64_t mib, enum os_thp thp) {
  enum mmu_arch arch = mode == MMU_S1_X86_L4   ? MMU_ARCH_X86
                       : mode == MMU_S1_ARM_4K ? MMU_ARCH_ARM
                                               : MMU_ARCH_RISCV;
  return (struct os_config){.arch = arch,
                            .mode = mode,
                            .memory_bytes = mib * MIB,
                            .swap_pages = 20000,
                            .swappiness = 60,
                            .hw_a = true,
                            .hw_d = true,
                            .thp = thp,
                            .khugepaged_max_ptes_none = 511};
}

struct scene {
  struct fake *k;
  struct os_task *t;
  void (*play)(struct scene *s);
  struct os_stats st;
};

static const struct os_stats *stats(struct scene *s) {
  os_stats(s->k->os, &s->st);
  return &s->st;
}

static int map(struct scene *s, uint64_t at, uint64_t bytes, uint8_t huge) {
  struct os_mapping m = {.va = BASE + at, .bytes = bytes, .prot = RW, .huge = huge};
  return os_mmap(s->t, &m);
}

static uint32_t touch(struct scene *s, uint64_t at, bool write) {
  uint32_t pfn = fk_access(s->k, s->t, BASE + at, write, false);
  assert_int_not_equal(pfn, 0);
  return pfn;
}

/* The leaf entry of an address, and its height. */
static uint64_t leaf(struct scene *s, uint64_t at, unsigned *height) {
  const struct os_pt_ops *pt = s->k->os->pt;
  uint64_t base = os_task_context(s->t)->s1_root0;
  for (unsigned h = pt->top;; h--) {
    uint64_t e = *fk_word(s->k, base + 8 * os_pt_index(BASE + at, h));
    *height = h;
    if (h == 0 || !pt->present(e) || (h == 1 && pt->is_huge(e))) return e;
    base = pt->next(e);
  }
}

static void task(void *arg) {
  struct scene *s = arg;
  s->t = os_task_create(s->k->os, 1);
  assert_non_null(s->t);
  s->play(s);
  os_task_exit(s->t);
  assert_int_equal(os_task_rss(s->t), 0);
  os_task_free(s->t);
  assert_int_equal(stats(s)->nr_anon_thps, 0);
  assert_int_equal(s->st.nr_page_table_pages, 0);
}

static void play_on(const struct os_config *cfg, void (*play)(struct scene *s)) {
  struct fake *k = fk_create(cfg, cfg->swap_pages + 100, 7);
  struct scene s = {.k = k, .play = play};
  fk_start(k, task, &s, false);
  fk_run(k);
  fk_check(k);
  fk_destroy(k);
}

static void everywhere(uint64_t mib, enum os_thp thp, void (*play)(struct scene *s)) {
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    struct os_config cfg = config(modes[i], mib, thp);
    play_on(&cfg, play);
  }
}

/* ---- faults ---- */

/* The area must hold the whole aligned 2 MiB. */
static void play_eligible(struct scene *s) {
  assert_int_equal(map(s, PAGE, 2 * HUGE, 0), 0);
  touch(s, PAGE, true);
  assert_int_equal(stats(s)->thp_fault_alloc, 0);
  touch(s, HUGE + 5 * PAGE, false);
  assert_int_equal(stats(s)->thp_fault_alloc, 1);
  touch(s, 2 * HUGE, true); /* the last page */
  assert_int_equal(stats(s)->thp_fault_alloc, 1);
  assert_int_equal(os_task_rss(s->t), 514);
  unsigned h = 9;
  uint64_t e = leaf(s, HUGE, &h);
  assert_int_equal(h, 1);
  assert_true(s->k->os->pt->young(e) && !s->k->os->pt->dirty(e));
  touch(s, HUGE + 7 * PAGE, true); /* the hardware's D, in the one entry */
  assert_true(s->k->os->pt->dirty(leaf(s, HUGE, &h)));
  assert_int_equal(map(s, 8 * HUGE, HUGE, OS_VMA_NOHUGE), 0);
  touch(s, 8 * HUGE, true);
  assert_int_equal(stats(s)->thp_fault_alloc, 1);
  assert_int_equal(s->st.thp_fault_fallback, 0);
}
static void eligible(void **state) {
  (void)state;
  everywhere(32, OS_THP_ALWAYS, play_eligible);
}

static void play_madvise(struct scene *s) {
  assert_int_equal(map(s, 0, 4 * HUGE, 0), 0);
  touch(s, 0, true);
  assert_int_equal(stats(s)->thp_fault_alloc, 0);
  assert_int_equal(os_madvise(s->t, BASE + HUGE, 2 * HUGE, OS_MADV_HUGEPAGE), 0);
  touch(s, HUGE, true);
  touch(s, 3 * HUGE, true); /* not asked for */
  assert_int_equal(stats(s)->thp_fault_alloc, 1);
  assert_int_equal(os_madvise(s->t, BASE + 2 * HUGE, HUGE, OS_MADV_NOHUGEPAGE), 0);
  touch(s, 2 * HUGE, true);
  assert_int_equal(stats(s)->thp_fault_alloc, 1);
  assert_int_equal(os_madvise(s->t, BASE + 3 * HUGE, 2 * HUGE, OS_MADV_HUGEPAGE), -12);
}
static void advised(void **state) {
  (void)state;
  everywhere(32, OS_THP_MADVISE, play_madvise);
}

/* ---- parts ---- */

static void play_parts(struct scene *s) {
  unsigned h = 9;
  assert_int_equal(map(s, 0, 4 * HUGE, 0), 0);
  for (uint64_t i = 0; i < 4; i++)
    s->k->content[touch(s, i * HUGE + 3 * PAGE, true)] = 100 + i;
  uint64_t tables = os_task_pgtables(s->t);
  assert_int_equal(stats(s)->nr_anon_thps, 4);
  /* rights of a whole one: no split */
  assert_int_equal(os_mprotect(s->t, BASE, HUGE, RO), 0);
  assert_int_equal(stats(s)->thp_split_pmd, 0);
  assert_false(s->k->os->pt->writable(leaf(s, 0, &h)));
  assert_int_equal(h, 1);
  /* of a part: split, rights and contents of the rest as before */
  assert_int_equal(os_mprotect(s->t, BASE + HUGE, PAGE, RO), 0);
  assert_int_equal(stats(s)->thp_split_pmd, 1);
  assert_int_equal(s->st.thp_split_page, 1);
  assert_false(s->k->os->pt->writable(leaf(s, HUGE, &h)));
  assert_int_equal(h, 0);
  assert_true(s->k->os->pt->writable(leaf(s, HUGE + PAGE, &h)));
  assert_true(s->k->os->pt->dirty(leaf(s, HUGE + PAGE, &h)));
  assert_int_equal(s->k->content[touch(s, HUGE + 3 * PAGE, true)], 101);
  assert_int_equal(os_task_pgtables(s->t), tables); /* the one set aside */
  /* a part unmapped */
  uint64_t rss = os_task_rss(s->t);
  assert_int_equal(os_munmap(s->t, BASE + 2 * HUGE + 4 * PAGE, 100 * PAGE), 0);
  assert_int_equal(os_task_rss(s->t), rss - 100);
  assert_int_equal(s->k->content[touch(s, 2 * HUGE + 3 * PAGE, false)], 102);
  assert_int_equal(fk_access_now(s->k, s->t, BASE + 2 * HUGE + 4 * PAGE, false, false), 0);
  /* a part discarded; a whole one discarded, which takes its table along */
  assert_int_equal(os_madvise(s->t, BASE + 3 * HUGE, PAGE, OS_MADV_DONTNEED), 0);
  assert_int_equal(stats(s)->thp_split_pmd, 3);
  assert_int_equal(os_task_pgtables(s->t), tables);
  assert_int_equal(os_madvise(s->t, BASE, HUGE, OS_MADV_DONTNEED), 0);
  assert_int_equal(os_task_pgtables(s->t), tables - 1);
  assert_int_equal(stats(s)->nr_anon_thps, 0);
}
static void parts(void **state) {
  (void)state;
  everywhere(64, OS_THP_ALWAYS, play_parts);
}

/* When the table becomes reachable no TLB may hold the huge entry any more. */
static void no_huge_translation(struct fake *k) {
  for (size_t i = 0; i < k->tlb_size; i++)
    assert_false(k->tlb[i].valid && k->tlb[i].huge);
  k->watch_pa = 0;
}

static void play_whole(struct scene *s) {
  struct os *os = s->k->os;
  unsigned h = 9;
  assert_int_equal(map(s, 0, HUGE, 0), 0);
  uint32_t pfn = touch(s, 5 * PAGE, true) - 5;
  uint64_t old = leaf(s, 0, &h);
  assert_int_equal(h, 1);
  s->k->watch = no_huge_translation;
  s->k->watch_pa = os_pt_lookup(s->t->mm, BASE);
  s->k->watch_in = 4; /* found, read, exchanged; then the pointer */
  os_frame_get(os, pfn);
  os_frame_lock(os, pfn);
  assert_true(os_huge_split_frame(os, pfn));
  os_frame_unlock(os, pfn);
  (void)os_frame_put(os, pfn);
  assert_int_equal(s->k->watch_pa, 0); /* it was looked at */
  for (uint64_t i = 0; i < 512; i++) {
    uint64_t e = leaf(s, i * PAGE, &h);
    assert_int_equal(h, 0);
    assert_int_equal(e, os->pt->at(os->pt->page(old), (pfn + i) << 12));
    assert_int_equal(os_frame(os, pfn + (uint32_t)i)->mapcount, 1);
    assert_int_not_equal(os_frame(os, pfn + (uint32_t)i)->flags & OS_F_LISTED, 0);
  }
}
static void whole(void **state) {
  (void)state;
  everywhere(32, OS_THP_ALWAYS, play_whole);
}

/* ---- reclaim ---- */

static void play_swap(struct scene *s) {
  enum { N = 24 };
  assert_int_equal(map(s, 0, N * HUGE, 0), 0);
  for (uint64_t at = 0; at < N * HUGE; at += PAGE)
    s->k->content[touch(s, at, true)] = 5000 + at;
  for (uint64_t at = 0; at < N * HUGE; at += PAGE)
    assert_int_equal(s->k->content[touch(s, at, false)], 5000 + at);
  assert_true(stats(s)->thp_fault_alloc > 3);
  assert_true(s->st.thp_split_page > 0 && s->st.pswpout > 1000 && s->st.pswpin > 1000);
  assert_int_equal(s->st.thp_swpout_fallback, s->st.thp_split_page);
}
static void swapped(void **state) {
  (void)state;
  everywhere(32, OS_THP_ALWAYS, play_swap);
}

/* ---- khugepaged ---- */

static void nap(struct scene *s, uint64_t ms) {
  struct os_waitq q = {0};
  (void)os_wait_us(s->k->os, &q, ms * 1000);
}

static void play_collapse(struct scene *s) {
  unsigned h = 9;
  assert_int_equal(map(s, 0, 3 * HUGE, OS_VMA_NOHUGE), 0);
  for (uint64_t at = 0; at < HUGE; at += 2 * PAGE)
    s->k->content[touch(s, at, true)] = 1 + at;
  touch(s, HUGE, false); /* one page only */
  for (uint64_t at = 2 * HUGE; at < 3 * HUGE; at += PAGE)
    touch(s, at, true);
  assert_int_equal(os_mprotect(s->t, BASE + 2 * HUGE, HUGE, RO), 0); /* none may be written */
  uint64_t tables = os_task_pgtables(s->t);
  assert_int_equal(stats(s)->nr_anon_thps, 0);
  assert_int_equal(os_madvise(s->t, BASE, 3 * HUGE, OS_MADV_HUGEPAGE), 0);
  nap(s, 100);
  assert_int_equal(stats(s)->nr_anon_thps, 1);
  assert_int_equal(s->st.thp_collapse_alloc, 1);
  assert_int_equal(os_task_pgtables(s->t), tables);
  assert_int_equal(os_task_rss(s->t), 512 + 1 + 512);
  (void)leaf(s, 0, &h);
  assert_int_equal(h, 1);
  for (uint64_t at = 0; at < HUGE; at += PAGE)
    assert_int_equal(s->k->content[touch(s, at, false)], at / PAGE % 2 == 0 ? 1 + at : 0);
}
static void collapse(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    struct os_config cfg = config(modes[i], 32, OS_THP_MADVISE);
    cfg.khugepaged_max_ptes_none = 256; /* 256 holes are few enough, 511 too many */
    cfg.khugepaged_scan_sleep_ms = 10;
    play_on(&cfg, play_collapse);
  }
}

/* Nothing is made huge before the first sleep is over, and 4096 entries a round are 8 tables. */
static void play_pace(struct scene *s) {
  assert_int_equal(map(s, 0, 12 * HUGE, OS_VMA_NOHUGE), 0);
  for (uint64_t i = 0; i < 12; i++)
    touch(s, i * HUGE, true);
  assert_int_equal(os_madvise(s->t, BASE, 12 * HUGE, OS_MADV_HUGEPAGE), 0);
  nap(s, 9000);
  assert_int_equal(stats(s)->thp_collapse_alloc, 0);
  nap(s, 6000);
  assert_int_equal(stats(s)->thp_collapse_alloc, 8);
  nap(s, 10000);
  assert_int_equal(stats(s)->thp_collapse_alloc, 12);
}
static void pace(void **state) {
  (void)state;
  struct os_config cfg = config(MMU_S1_X86_L4, 64, OS_THP_MADVISE);
  play_on(&cfg, play_pace);
}

/* ---- the pool, fragmentation, the marks ---- */

static void play_pool(struct scene *s) {
  assert_int_equal(stats(s)->hugepages_total, 4);
  assert_int_equal(map(s, PAGE, HUGE, OS_VMA_HUGETLB), -22);
  assert_int_equal(map(s, 0, 5 * HUGE, OS_VMA_HUGETLB), -12);
  assert_int_equal(map(s, 0, 3 * HUGE, OS_VMA_HUGETLB), 0);
  assert_int_equal(map(s, 8 * HUGE, 2 * HUGE, OS_VMA_HUGETLB), -12);
  assert_int_equal(stats(s)->hugepages_rsvd, 3);
  s->k->content[touch(s, HUGE + PAGE, true)] = 42;
  assert_int_equal(stats(s)->hugepages_free, 3);
  assert_int_equal(s->st.hugepages_rsvd, 2);
  assert_int_equal(os_munmap(s->t, BASE, PAGE), -22);
  assert_int_equal(os_mprotect(s->t, BASE + PAGE, HUGE, RO), -22);
  assert_int_equal(os_mprotect(s->t, BASE + HUGE, HUGE, RO), 0);
  assert_int_equal(s->k->content[touch(s, HUGE + PAGE, false)], 42);
  assert_int_equal(os_madvise(s->t, BASE + HUGE, HUGE, OS_MADV_DONTNEED), 0);
  assert_int_equal(stats(s)->hugepages_free, 4);
  assert_int_equal(s->st.hugepages_rsvd, 3);
  assert_int_equal(s->k->content[touch(s, HUGE + PAGE, false)], 0);
  assert_int_equal(os_munmap(s->t, BASE + HUGE, HUGE), 0);
  assert_int_equal(stats(s)->hugepages_free, 4);
  assert_int_equal(s->st.hugepages_rsvd, 2);
  assert_int_equal(s->st.thp_split_pmd + s->st.committed, 0);
}
static void pool(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    struct os_config cfg = config(modes[i], 32, OS_THP_NEVER);
    cfg.nr_hugepages = 4;
    play_on(&cfg, play_pool);
  }
}

static void play_fragmented(struct scene *s) {
  const struct os *os = s->k->os;
  for (unsigned z = 0; z < OS_ZONES; z++)
    for (unsigned o = 9; o < OS_ORDERS; o++)
      assert_int_equal(os->zones.zone[0][z].blocks[o], 0);
  assert_true(os_zones_free(&os->zones) * 100 > os_zones_managed(&os->zones) * 99);
  assert_int_equal(map(s, 0, 4 * HUGE, 0), 0);
  for (uint64_t i = 0; i < 4; i++)
    touch(s, i * HUGE, true);
  assert_int_equal(stats(s)->thp_fault_alloc, 0);
  assert_int_equal(s->st.thp_fault_fallback, 4);
}
static void fragmented(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    struct os_config cfg = config(modes[i], 64, OS_THP_ALWAYS);
    cfg.fragment = 100;
    play_on(&cfg, play_fragmented);
  }
}

static void half(void **state) {
  (void)state;
  uint64_t whole[2];
  for (unsigned i = 0; i < 2; i++) {
    struct os_config cfg = config(MMU_S1_X86_L4, 64, OS_THP_ALWAYS);
    cfg.fragment = i * 50;
    struct fake *k = fk_create(&cfg, cfg.swap_pages, 1);
    whole[i] = 0;
    for (unsigned z = 0; z < OS_ZONES; z++)
      whole[i] += k->os->zones.zone[0][z].blocks[9] + 2 * k->os->zones.zone[0][z].blocks[10];
    fk_check(k);
    fk_destroy(k);
  }
  assert_true(whole[0] > 20);
  assert_in_range(whole[1], whole[0] / 2, whole[0] / 2 + 4);
}

/* linux-mm.md's 22528 kB a zone come with THP, from 512 MiB of memory. */
static void marks(void **state) {
  (void)state;
  static const struct {
    uint64_t mib;
    enum os_thp thp;
    bool raised;
  } how[] = {{1024, OS_THP_ALWAYS, true},
             {1024, OS_THP_MADVISE, true},
             {1024, OS_THP_NEVER, false},
             {256, OS_THP_ALWAYS, false}};
  for (size_t i = 0; i < sizeof how / sizeof how[0]; i++) {
    struct os_config cfg = config(MMU_S1_X86_L4, how[i].mib, how[i].thp);
    struct fake *k = fk_create(&cfg, cfg.swap_pages, 1);
    assert_int_equal(k->os->cfg.min_free_kbytes == 45056, how[i].raised);
    fk_destroy(k);
  }
}

/* ---- empty tables under pressure ---- */

static void play_empty(struct scene *s) {
  enum { N = 40 };
  assert_int_equal(map(s, 0, N * HUGE, 0), 0);
  for (uint64_t i = 0; i < N; i++)
    touch(s, i * HUGE, true);
  uint64_t tables = os_task_pgtables(s->t);
  assert_int_equal(os_madvise(s->t, BASE, (N - 1) * HUGE, OS_MADV_DONTNEED), 0);
  assert_int_equal(os_task_pgtables(s->t), tables);
  s->k->content[touch(s, (N - 1) * HUGE, true)] = 77;
  assert_int_equal(os_pt_reclaim(s->k->os), N - 1);
  assert_int_equal(os_task_pgtables(s->t), tables - (N - 1));
  assert_int_equal(stats(s)->pt_reclaimed, N - 1);
  assert_int_equal(s->k->content[touch(s, (N - 1) * HUGE, false)], 77);
  touch(s, 0, true); /* and it comes back when it is needed */
  assert_int_equal(os_task_pgtables(s->t), tables - (N - 2));
}
static void empty_tables(void **state) {
  (void)state;
  everywhere(16, OS_THP_NEVER, play_empty);
}

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

static void random_programs(void **state) {
  (void)state;
  const char *more = getenv("OS_RUN_SEEDS");
  uint64_t seeds = more != NULL ? strtoull(more, NULL, 10) : 4;
  struct os_stats sum = {0};
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
    for (uint64_t seed = 1; seed <= seeds; seed++) {
      struct os_config cfg = config(modes[i], seed % 4 < 2 ? 10 : 16, OS_THP_ALWAYS);
      bool soft = modes[i] != MMU_S1_X86_L4 && seed % 2 == 0; /* A and D by the fault handler */
      cfg.hw_a = cfg.hw_d = !soft;
      cfg.cpu_hz = 1000000;
      cfg.khugepaged_scan_sleep_ms = 1 + (uint32_t)seed % 3;
      cfg.khugepaged_max_ptes_none = seed % 2 != 0 ? 511 : 64;
      cfg.a_flush = (enum os_a_flush)(seed % 3);
      cfg.pt_reclaim = seed % 2 == 0;
      cfg.pt_placement = seed % 4 == 1 ? OS_PT_POOLED : OS_PT_SPARSE;
      random_run(&cfg, seed, &sum);
    }
  if (getenv("OS_RUN_VERBOSE") != NULL)
    printf(
        "alloc %llu fallback %llu collapse %llu split %llu swpout %llu swapin %llu tables %llu\n",
        (unsigned long long)sum.thp_fault_alloc, (unsigned long long)sum.thp_fault_fallback,
        (unsigned long long)sum.thp_collapse_alloc, (unsigned long long)sum.thp_split_page,
        (unsigned long long)sum.thp_swpout_fallback, (unsigned long long)sum.pswpin,
        (unsigned long long)sum.pt_reclaimed);
  assert_true(sum.thp_fault_alloc > 0 && sum.thp_fault_fallback > 0);
  assert_true(sum.thp_collapse_alloc > 0 && sum.thp_split_page > 0);
  assert_true(sum.thp_swpout_fallback > 0 && sum.pswpin > 0 && sum.pt_reclaimed > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(eligible),       cmocka_unit_test(advised), cmocka_unit_test(parts),
      cmocka_unit_test(whole),          cmocka_unit_test(swapped), cmocka_unit_test(collapse),
      cmocka_unit_test(pace),           cmocka_unit_test(pool),    cmocka_unit_test(fragmented),
      cmocka_unit_test(half),           cmocka_unit_test(marks),   cmocka_unit_test(empty_tables),
      cmocka_unit_test(random_programs)};
  return cmocka_run_group_tests_name("os huge pages", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 * Compaction: fragmented memory becomes huge pages again, no page is lost on the way, and no stale
 * translation reaches a frame that was left; what each setting of thp_defrag does; how often it is
 * tried; what the zone must look like. */
#include "tests/unit/huge_scene.h"

enum { AREAS = 30, PAGES = AREAS * 512 };

static const char *const policies[] = {"clock", "twolist", "mglru", "arc-sampled"};

/* Half of the pages, in no order that a scanner with a stride could fall in step with. */
static bool gone(uint64_t i) {
  return ((i + 1) * UINT64_C(0x9e3779b97f4a7c15) >> 40 & 1) != 0;
}

static uint64_t left(void) {
  uint64_t n = 0;
  for (uint64_t i = 0; i < PAGES; i++)
    n += !gone(i);
  return n;
}

/* Small pages all over, half of them given back: plenty is free, and no large block. */
static void fragment(struct scene *s) {
  assert_int_equal(map(s, 0, AREAS * HUGE, OS_VMA_NOHUGE), 0);
  for (uint64_t i = 0; i < PAGES; i++)
    s->k->content[touch(s, i * PAGE, true)] = 7000 + i;
  for (uint64_t i = 0; i < PAGES; i++)
    if (gone(i)) assert_int_equal(os_madvise(s->t, BASE + i * PAGE, PAGE, OS_MADV_DONTNEED), 0);
}

static void intact(struct scene *s) {
  for (uint64_t i = 0; i < PAGES; i++)
    if (!gone(i)) assert_int_equal(s->k->content[touch(s, i * PAGE, false)], 7000 + i);
}

static void want_huge(struct scene *s, uint64_t pages, uint8_t advice) {
  assert_int_equal(map(s, AREAS * HUGE, pages * HUGE, advice), 0);
  for (uint64_t i = 0; i < pages; i++)
    touch(s, (AREAS + i) * HUGE, true);
  (void)stats(s);
}

/* 63 MiB of which the areas take 60; nothing can be swapped, and no mark is boosted. */
static struct os_config machine(enum mmu_s1_mode mode, enum os_thp_defrag defrag) {
  static struct os_sysctl sysctl;
  sysctl = os_sysctl_default();
  sysctl.watermark_boost_factor = 0;
  struct os_config cfg = config(mode, 63, OS_THP_ALWAYS);
  cfg.swap_pages = 0;
  cfg.sysctl = &sysctl;
  cfg.thp_defrag = defrag;
  cfg.khugepaged_scan_sleep_ms = 1000000; /* not in these plays */
  return cfg;
}

/* ---- it works ---- */

static void play_compacts(struct scene *s) {
  fragment(s);
  want_huge(s, 4, 0);
  assert_int_equal(s->st.thp_fault_alloc, 4);
  assert_int_equal(s->st.thp_fault_fallback, 0);
  assert_true(s->st.compact_stall > 0 && s->st.compact_success == 4);
  assert_int_equal(s->st.compact_success + s->st.compact_fail, s->st.compact_stall);
  assert_true(s->st.pgmigrate_success >= 512 && s->st.compact_migrate_scanned > 512);
  assert_true(s->st.compact_isolated >= 2 * s->st.pgmigrate_success);
  assert_int_equal(s->st.pswpout + s->st.pgsteal_direct, 0);
  assert_int_equal(os_task_rss(s->t), left() + 4 * 512);
  intact(s);
}
static void compacts(void **state) {
  (void)state;
  for (size_t p = 0; p < sizeof policies / sizeof policies[0]; p++)
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
      struct os_config cfg = machine(modes[i], OS_THP_DEFRAG_ALWAYS);
      cfg.policy = policies[p];
      play_on(&cfg, play_compacts);
    }
}

/* A free pageblock that is kept for requests that may not wait is no reason to stop. */
static void play_atomic_block(struct scene *s) {
  struct os *os = s->k->os;
  struct os_zone *z = &os->zones.zone[0][OS_ZONES - 1];
  while (z->managed < (uint64_t)PAGES / 2)
    z--;
  bool boosted = false;
  uint32_t pfn = os_buddy_take(os->buddy, z, OS_HUGE_ORDER, OS_MOVABLE, false, &boosted);
  assert_int_not_equal(pfn, OS_NO_FRAME);
  os_buddy_reserve_atomic(os->buddy, z, pfn);
  os_buddy_give(os->buddy, z, pfn, OS_HUGE_ORDER);
  assert_int_equal(z->atomic_blocks[OS_HUGE_ORDER], 1);
  fragment(s);
  want_huge(s, 4, 0);
  assert_int_equal(z->atomic_blocks[OS_HUGE_ORDER], 1);
  assert_int_equal(s->st.thp_fault_alloc, 4);
  assert_true(s->st.pgmigrate_success >= 512);
  intact(s);
}
static void atomic_block(void **state) {
  (void)state;
  struct os_config cfg = machine(MMU_S1_ARM_4K, OS_THP_DEFRAG_ALWAYS);
  cfg.memory_bytes += 2 * MIB;
  play_on(&cfg, play_atomic_block);
}

static void play_without(struct scene *s) {
  fragment(s);
  want_huge(s, 4, OS_VMA_HUGE);
  assert_int_equal(s->st.thp_fault_alloc, 0);
  assert_int_equal(s->st.thp_fault_fallback, 4);
  assert_int_equal(s->st.compact_stall + s->st.pgmigrate_success, 0);
}
static void without(void **state) {
  (void)state;
  struct os_config cfg = machine(MMU_S1_X86_L4, OS_THP_DEFRAG_ALWAYS);
  cfg.no_compaction = true;
  play_on(&cfg, play_without);
}

/* ---- no stale translation ---- */

static uint64_t watched;

static void nobody_maps_it(struct fake *k) {
  const struct os_pt_ops *pt = k->os->pt;
  assert_int_equal(*fk_word(k, k->watch_pa), pt->swap(OS_NO_SLOT));
  for (size_t i = 0; i < k->tlb_size; i++)
    assert_false(k->tlb[i].valid && k->tlb[i].vpn == watched >> 12);
  k->watch_pa = 0;
}

/* The block of a frame holds nothing but pages of processes and free ones. */
static bool can_be_emptied(struct os *os, uint32_t pfn) {
  uint32_t block = pfn & ~511u;
  bool all = block + 512 <= os->frame_count && os_buddy_block(os->buddy, pfn) == OS_MOVABLE;
  for (uint32_t f = block; all && f < block + 512; f++) {
    uint8_t type = os_frame(os, f)->type;
    all = type == OS_FRAME_ANON || type == OS_FRAME_FREE || type == OS_FRAME_NONE;
  }
  return all;
}

/* The page in the lowest such block of the zone that is compacted first. */
static uint64_t lowest(struct scene *s) {
  unsigned z = OS_ZONES - 1;
  while (s->k->os->zones.zone[0][z].managed == 0)
    z--;
  uint64_t best = 0;
  uint32_t pfn = UINT32_MAX;
  for (uint64_t i = 0; i < PAGES; i++) {
    if (gone(i)) continue;
    uint32_t f = touch(s, i * PAGE, false);
    if (f < s->k->os->zones.zone[0][z].first || f >= pfn) continue;
    if (!can_be_emptied(s->k->os, f)) continue;
    best = i * PAGE;
    pfn = f;
  }
  return best;
}

static void play_invalidates(struct scene *s) {
  unsigned h;
  fragment(s);
  uint64_t at = lowest(s);
  watched = BASE + at;
  uint64_t content = s->k->content[touch(s, at, true)]; /* in the TLB, dirty */
  uint64_t old = leaf(s, at, &h);
  s->k->watch = nobody_maps_it;
  s->k->watch_pa = os_pt_lookup(s->t->mm, watched);
  s->k->watch_in = 3; /* read, exchanged; then the new entry */
  want_huge(s, 8, 0);
  assert_int_equal(s->k->watch_pa, 0); /* it was looked at */
  uint64_t now = leaf(s, at, &h);
  const struct os_pt_ops *pt = s->k->os->pt;
  assert_true(pt->address(now) != pt->address(old));
  assert_int_equal(now, pt->at(old, pt->address(now))); /* rights, A and D as before */
  assert_int_equal(s->k->content[touch(s, at, false)], content);
}
static void invalidates(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    struct os_config cfg = machine(modes[i], OS_THP_DEFRAG_ALWAYS);
    play_on(&cfg, play_invalidates);
  }
}

/* ---- pages of two processes, and of the swap cache ---- */

static void play_shared(struct scene *s) {
  fragment(s);
  struct os_task *child = os_task_fork(s->t, 2);
  assert_non_null(child);
  want_huge(s, 4, 0);
  assert_true(s->st.pgmigrate_success >= 512);
  for (uint64_t i = 0; i < PAGES; i++) {
    if (gone(i)) continue;
    uint32_t mine = touch(s, i * PAGE, false);
    assert_int_equal(fk_access(s->k, child, BASE + i * PAGE, false, false), mine);
    assert_int_equal(s->k->content[mine], 7000 + i);
    assert_int_equal(os_frame(s->k->os, mine)->mapcount, 2);
  }
  os_task_exit(child);
  os_task_free(child);
}
static void shared(void **state) {
  (void)state;
  for (size_t p = 0; p < sizeof policies / sizeof policies[0]; p++) {
    struct os_config cfg = machine(MMU_S1_X86_L4, OS_THP_DEFRAG_ALWAYS);
    cfg.policy = policies[p];
    play_on(&cfg, play_shared);
  }
}

/* A page that somebody else refers to stays, and its entry is as it was. */
static void play_pinned(struct scene *s) {
  unsigned h;
  fragment(s);
  uint64_t at = lowest(s);
  uint32_t pfn = touch(s, at, true);
  uint64_t e = leaf(s, at, &h);
  os_frame_get(s->k->os, pfn);
  want_huge(s, 4, 0);
  assert_int_equal(leaf(s, at, &h), e);
  assert_true(s->st.pgmigrate_success > 0);
  (void)os_frame_put(s->k->os, pfn);
  intact(s);
}
static void pinned(void **state) {
  (void)state;
  struct os_config cfg = machine(MMU_S1_SV48, OS_THP_DEFRAG_ALWAYS);
  play_on(&cfg, play_pinned);
}

/* One page by hand: not while somebody refers to it, locks it, writes it or has it in mlock. */
static void play_one(struct scene *s) {
  struct os *os = s->k->os;
  unsigned h;
  assert_int_equal(map(s, 0, 16 * PAGE, 0), 0);
  uint32_t from = touch(s, 0, true);
  s->k->content[from] = 77;
  uint64_t e = leaf(s, 0, &h);
  uint32_t to = os_frame_alloc(os, OS_FRAME_ANON);
  os_use_of(os, to)->anon--; /* a frame of nobody's, as compaction has them */
  os_use_of(os, to)->fixed++;
  os->st.nr_anon--;
  os->st.pgfree++;
  os_frame(os, to)->type = OS_FRAME_KERNEL;
  os_policy_hold(os, from);
  os_frame_get(os, from);
  assert_int_equal(os_move_page(os, from, to, true), OS_MOVE_AGAIN);
  assert_int_equal(leaf(s, 0, &h), e);
  (void)os_frame_put(os, from);
  os_frame_lock(os, from);
  assert_int_equal(os_move_page(os, from, to, false), OS_MOVE_AGAIN);
  os_frame_unlock(os, from);
  os_frame(os, from)->flags |= OS_F_WRITEBACK;
  assert_int_equal(os_move_page(os, from, to, true), OS_MOVE_FAILED);
  os_frame(os, from)->flags &= (uint16_t)~OS_F_WRITEBACK;
  os_mlock_frame(os, from);
  assert_int_equal(os_move_page(os, from, to, true), OS_MOVE_AGAIN);
  os_munlock_frame(os, from);
  assert_int_equal(os_frame(os, from)->flags & OS_F_LISTED, 0); /* it is still ours */
  assert_int_equal(os_move_page(os, from, to, true), OS_MOVED);
  assert_int_equal(leaf(s, 0, &h), os->pt->at(e, (uint64_t)to << 12));
  assert_int_equal(touch(s, 0, false), to);
  assert_int_equal(s->k->content[to], 77);
  assert_int_equal(os_frame(os, to)->refs, 1);
  assert_int_not_equal(os_frame(os, to)->flags & OS_F_LISTED, 0);
  os_use_of(os, from)->fixed--;
  *os_frame(os, from) = (struct os_frame){.zone = os_frame(os, to)->zone};
  os_buddy_give(os->buddy, os_zone_of(os, to), from, 0);
  fk_check(s->k);
}
static void one(void **state) {
  (void)state;
  for (size_t p = 0; p < sizeof policies / sizeof policies[0]; p++)
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
      struct os_config cfg = config(modes[i], 16, OS_THP_NEVER);
      cfg.policy = policies[p];
      play_on(&cfg, play_one);
    }
}

/* ---- settings ---- */

/* The fault itself does nothing. kswapd can free nothing; when it has given up after sixteen runs,
 * kcompactd is woken in its place. */
static void play_defer(struct scene *s) {
  struct os_waitq q = {0};
  fragment(s);
  for (unsigned i = 0; i < 20 && stats(s)->compact_daemon_wake == 0; i++) {
    want_huge(s, 1, 0);
    assert_int_equal(s->st.thp_fault_fallback, i + 1);
    (void)os_wait_us(s->k->os, &q, 1000000);
    assert_int_equal(os_munmap(s->t, BASE + AREAS * HUGE, HUGE), 0);
  }
  assert_true(s->st.compact_daemon_wake > 0 && s->st.pgmigrate_success > 200);
  assert_int_equal(s->st.kswapd_failures, 16);
  assert_int_equal(s->st.compact_daemon_migrate_scanned, s->st.compact_migrate_scanned);
  want_huge(s, 1, 0);
  assert_int_equal(s->st.thp_fault_alloc, 1);
  assert_int_equal(s->st.compact_stall, 0);
  intact(s);
}

static void play_nothing(struct scene *s) {
  fragment(s);
  want_huge(s, 2, 0);
  assert_int_equal(s->st.thp_fault_fallback, 2);
  assert_int_equal(s->st.compact_stall + s->st.compact_daemon_wake + s->st.kswapd_wakeups, 0);
}

static void play_advised(struct scene *s) {
  fragment(s);
  want_huge(s, 2, OS_VMA_HUGE);
  assert_int_equal(s->st.thp_fault_alloc, 2);
  assert_true(s->st.compact_success > 0);
}

static void play_advised_in_vain(struct scene *s) {
  fragment(s);
  want_huge(s, 2, OS_VMA_HUGE);
  assert_int_equal(s->st.thp_fault_fallback, 2);
  assert_int_equal(s->st.compact_stall, 0);
}

static void settings(void **state) {
  (void)state;
  static const struct {
    enum os_thp_defrag defrag;
    void (*play)(struct scene *s);
  } v[] = {
      {OS_THP_DEFRAG_DEFER, play_defer},           {OS_THP_DEFRAG_DEFER_MADVISE, play_defer},
      {OS_THP_DEFRAG_MADVISE, play_nothing},       {OS_THP_DEFRAG_NEVER, play_nothing},
      {OS_THP_DEFRAG_DEFER_MADVISE, play_advised}, {OS_THP_DEFRAG_MADVISE, play_advised},
      {OS_THP_DEFRAG_ALWAYS, play_advised},        {OS_THP_DEFRAG_NEVER, play_advised_in_vain}};
  for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
    struct os_config cfg = machine(MMU_S1_X86_L4, v[i].defrag);
    play_on(&cfg, v[i].play);
  }
}

static void play_khugepaged(struct scene *s) {
  struct os_waitq q = {0};
  fragment(s);
  assert_int_equal(os_madvise(s->t, BASE, 2 * HUGE, OS_MADV_HUGEPAGE), 0);
  (void)os_wait_us(s->k->os, &q, 100000);
  assert_int_equal(stats(s)->thp_collapse_alloc, 2);
  assert_true(s->st.compact_success > 0);
  assert_int_equal(s->st.nr_anon_thps, 2);
  intact(s);
}
static void khugepaged(void **state) {
  (void)state;
  struct os_config cfg = machine(MMU_S1_X86_L4, OS_THP_DEFRAG_NEVER);
  cfg.thp = OS_THP_MADVISE;
  cfg.khugepaged_scan_sleep_ms = 10;
  play_on(&cfg, play_khugepaged);
}

/* ---- when it makes sense ---- */

/* A zone whose free pages are `small` single ones and `large` blocks of 512. */
static struct os_zone zone_with(uint64_t small, uint64_t large) {
  struct os_zone z = {.managed = 100000, .free = small + large * 512, .mark = {100, 200, 300, 400}};
  z.blocks[0] = small;
  z.blocks[9] = large;
  return z;
}

static void suitable(void **state) {
  (void)state;
  static struct os os;
  os.sysctl = os_sysctl_default();
  struct os_zone z = zone_with(2000, 1);
  assert_int_equal(os_compact_suitable(&os, &z, 9, OS_MARK_MIN, 2, 0), OS_COMPACT_SUCCESS);
  z = zone_with(1224, 0); /* low + twice the block is not passed */
  assert_int_equal(os_compact_suitable(&os, &z, 9, OS_MARK_MIN, 2, 0), OS_COMPACT_SKIPPED);
  z = zone_with(1225, 0);
  assert_int_equal(os_compact_suitable(&os, &z, 9, OS_MARK_MIN, 2, 0), OS_COMPACT_CONTINUE);
  os.sysctl.extfrag_threshold = 1000; /* never because of fragmentation */
  assert_int_equal(os_compact_suitable(&os, &z, 9, OS_MARK_MIN, 2, 0), OS_COMPACT_SKIPPED);
  z = zone_with(105, 0); /* small orders need min only, and the index is not asked */
  assert_int_equal(os_compact_suitable(&os, &z, 1, OS_MARK_MIN, 2, 0), OS_COMPACT_CONTINUE);
  z = zone_with(104, 0);
  assert_int_equal(os_compact_suitable(&os, &z, 1, OS_MARK_MIN, 2, 0), OS_COMPACT_SKIPPED);
}

/* Blocks with a page of the kernel's in each: it fails, and is tried more and more rarely. */
static void play_hopeless(struct scene *s) {
  struct os *os = s->k->os;
  want_huge(s, 12, OS_VMA_HUGE);
  assert_int_equal(s->st.thp_fault_alloc, 0);
  assert_true(s->st.compact_fail > 0);
  assert_int_equal(s->st.compact_success, 0);
  uint64_t most = 0;
  for (unsigned i = 0; i < OS_ZONES; i++)
    if (os->node[0].compact[i].shift > most) most = os->node[0].compact[i].shift;
  assert_true(most >= 2);
  /* Two looks at each of 31 blocks; the next time they are passed over. */
  assert_in_range(s->st.compact_migrate_scanned, 31, 31 * 4);
}
static void hopeless(void **state) {
  (void)state;
  struct os_config cfg = machine(MMU_S1_ARM_4K, OS_THP_DEFRAG_MADVISE);
  cfg.fragment = 100;
  play_on(&cfg, play_hopeless);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(compacts),    cmocka_unit_test(without),  cmocka_unit_test(atomic_block),
      cmocka_unit_test(invalidates), cmocka_unit_test(shared),   cmocka_unit_test(pinned),
      cmocka_unit_test(one),         cmocka_unit_test(settings), cmocka_unit_test(khugepaged),
      cmocka_unit_test(suitable),    cmocka_unit_test(hopeless)};
  return cmocka_run_group_tests_name("os compaction", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 * What happens as memory runs short, on the machine of the recordings and on two nodes: which zone
 * is drained, when kswapd wakes and sleeps, boosts, throttling, zone_reclaim_mode, overcommit. */
#include <errno.h>

#include "os/kernel.h"
#include "tests/unit/os_fake.h"

enum { RW = OS_PROT_READ | OS_PROT_WRITE };

static struct os_sysctl sysctl;

struct job {
  struct fake *k;
  struct os_task *t;
  uint64_t a, b;
};

static struct os_config x86(uint64_t pages, uint64_t reserved, uint64_t swap) {
  sysctl = os_sysctl_default();
  return (struct os_config){.arch = MMU_ARCH_X86,
                            .mode = MMU_S1_X86_L4,
                            .memory_bytes = pages << 12,
                            .reserved_bytes = reserved << 12,
                            .swap_pages = swap,
                            .sysctl = &sysctl,
                            .hw_a = true,
                            .hw_d = true};
}

static void run(const struct os_config *cfg, uint64_t file_pages, uint32_t cpus,
                void (*fn)(void *arg), struct job *j) {
  struct fake *k = fk_create_cpus(cfg, cfg->swap_pages + file_pages + 1, 1, cpus);
  if (file_pages != 0) assert_int_equal(os_file_create(k->os, file_pages), 1);
  j->k = k;
  fk_start(k, fn, j, false);
  fk_run(k);
  fk_check(k);
  os_task_free(j->t);
  fk_destroy(k);
}

static struct os_stats stats(struct fake *k) {
  struct os_stats st;
  os_stats(k->os, &st);
  return st;
}

static struct os_zone *zone(struct fake *k, unsigned node, unsigned index) {
  return &k->os->zones.zone[node][index];
}

static void sleep_us(struct fake *k, uint64_t us) {
  struct os_waitq q = {NULL};
  fk_wait_until(k, &q, k->now + us * 3000); /* at 3 GHz */
}

static void read_page(struct job *j, uint64_t page) {
  assert_int_equal(os_file_io(j->t, 1, page, 1, false), 0);
}

/* ---- the recorded guest ---- */

/* 256 MiB: DMA 3840 and DMA32 52062 managed pages, the DMA reserve as it was at boot (193). */
static struct os_config guest(uint32_t min_free_kbytes, uint32_t scale) {
  struct os_config c = x86(4096 + 52062, 4096 - 3840, 0);
  c.min_free_kbytes = min_free_kbytes;
  c.watermark_scale_factor = scale;
  sysctl.lowmem_reserve_ratio[0] = 52062 / 193;
  return c;
}

static void drain(void *arg) {
  struct job *j = arg;
  struct fake *k = j->k;
  j->t = os_task_create(k->os, 1);
  const struct os_zone *dma = zone(k, 0, OS_ZONE_DMA);
  const struct os_zone *dma32 = zone(k, 0, OS_ZONE_DMA32);
  uint64_t low32 = dma32->mark[OS_MARK_LOW];
  uint64_t batch = os_zone_pcp_batch(dma32);
  uint64_t last = dma->mark[OS_MARK_LOW] + dma->reserve[OS_ZONE_MOVABLE];
  assert_int_equal(dma->reserve[OS_ZONE_MOVABLE], 193);
  uint64_t page = 0;
  uint64_t full = dma->free;
  while (stats(k).kswapd_wakeups == 0) {
    /* DMA is not touched before DMA32 is at its low mark; then DMA32 is not. */
    if (dma->free < full && (dma32->free > low32 || dma32->free + batch <= low32))
      fail_msg("DMA drained with %llu pages free in DMA32", (unsigned long long)dma32->free);
    /* No wake before DMA is at low + reserve, too. */
    j->a = dma->free;
    j->b = dma32->free;
    read_page(j, page++);
  }
  assert_int_equal(j->a, last);
  assert_true(j->b <= low32 && j->b + batch > low32);
  /* Each run ends with one zone above high, and kswapd asleep; the next starts at the marks again
   * or, within the nap, as soon as no zone is above its high mark. */
  for (unsigned runs = 0; runs < 40; page++) {
    uint64_t before = stats(k).pageoutrun;
    uint64_t low_hits = stats(k).kswapd_low_wmark_hit_quickly;
    uint64_t high_hits = stats(k).kswapd_high_wmark_hit_quickly;
    uint64_t free = dma32->free;
    read_page(j, page);
    sleep_us(k, 1000);
    if (stats(k).pageoutrun == before) continue;
    runs++;
    bool early = stats(k).kswapd_low_wmark_hit_quickly != low_hits ||
                 stats(k).kswapd_high_wmark_hit_quickly != high_hits;
    uint64_t most = early ? dma32->mark[OS_MARK_HIGH] : low32;
    if (free > most + batch)
      fail_msg("a run started with %llu pages free", (unsigned long long)free);
    assert_true(os_zones_balanced(&k->os->zones, 0, 0, OS_ZONE_MOVABLE));
    assert_true(dma32->free < dma32->mark[OS_MARK_HIGH] + 1000);
  }
  assert_true(stats(k).kswapd_high_wmark_hit_quickly > 0);
  assert_int_equal(stats(k).pgsteal_direct, 0);
  os_task_exit(j->t);
}

static void which_zone_is_drained(void **state) {
  (void)state;
  static const uint32_t how[][2] = {{1848, 10}, {8192, 10}, {1848, 300}};
  for (size_t i = 0; i < 3; i++) {
    struct os_config c = guest(how[i][0], how[i][1]);
    struct job j = {0};
    run(&c, 120000, 1, drain, &j);
  }
}

/* ---- the steady state in DMA ---- */

/* With the kernel's pool for DMA, that zone's last free blocks are unmovable. A page that takes one
 * boosts the zone; the run for the boost passes over all pages of DMA32, which come to the head of
 * the two-list LRU, so that the next runs find those of DMA at its tail, some 3000: DMA32 stays
 * where it is, at its low mark. Recorded: DMA32 2377 and 1987, DMA from 368 and 339..342 to 443 and
 * 504. */
static void steady_run(void *arg) {
  struct job *j = arg;
  struct fake *k = j->k;
  j->t = os_task_create(k->os, 1);
  const struct os_zone *dma = zone(k, 0, OS_ZONE_DMA);
  const struct os_zone *dma32 = zone(k, 0, OS_ZONE_DMA32);
  uint64_t low = dma->mark[OS_MARK_LOW] + dma->reserve[OS_ZONE_MOVABLE];
  uint64_t high = dma->mark[OS_MARK_HIGH] + dma->reserve[OS_ZONE_MOVABLE];
  assert_int_equal(dma->free, 3808); /* as recorded of the guest when it has booted */
  uint64_t page = 0;
  uint64_t at_mark = 0;
  uint64_t first = 0;
  for (unsigned runs = 0; first == 0 || page < first + 2500;) {
    uint64_t before = stats(k).pageoutrun;
    j->a = dma->free;
    read_page(j, page++);
    sleep_us(k, 1000);
    if (stats(k).pageoutrun == before) continue;
    if (runs++ == 0) first = page;
    if (runs <= 2) continue; /* the run for the boost, and what it leaves */
    /* Each wake-up's own request is served from DMA32, against min: a page, until it comes round.
     */
    assert_in_range(dma32->free + 4 * os_zone_pcp_batch(dma32), dma32->mark[OS_MARK_LOW],
                    dma32->mark[OS_MARK_LOW] + 4 * os_zone_pcp_batch(dma32));
    assert_in_range(j->a, low, high); /* at low, or within the nap below high */
    assert_in_range(dma->free, high + 1, high + 120);
    at_mark += j->a == low;
  }
  assert_true(at_mark > 0);
  os_task_exit(j->t);
}

static void steady_state(void **state) {
  (void)state;
  static const uint32_t how[][2] = {{8192, 10}, {1848, 300}};
  for (size_t i = 0; i < 2; i++) {
    struct os_config c = guest(how[i][0], how[i][1]);
    struct job j = {0};
    c.policy = "twolist";
    c.dma_pools = true;
    run(&c, 120000, 1, steady_run, &j);
  }
}

/* ---- boosts ---- */

static void boost_run(void *arg) {
  struct job *j = arg;
  struct fake *k = j->k;
  j->t = os_task_create(k->os, 1);
  struct os_zone *dma = zone(k, 0, OS_ZONE_DMA);
  const struct os_zone *dma32 = zone(k, 0, OS_ZONE_DMA32);
  /* A driver takes memory for DMA: the pages left of its pageblocks are of its kind. */
  const struct os_request r = {.order = 8, .mobility = OS_UNMOVABLE, .highest = OS_ZONE_DMA};
  assert_int_not_equal(os_block_alloc(k->os, OS_FRAME_TABLE, &r), OS_NO_FRAME);
  const struct os_use *use = k->os->node[0].use;
  uint64_t page = 0;
  uint64_t free = 0;
  uint64_t dma_file = 0;
  uint64_t dma32_file = 0;
  /* A block of 512 pages of that kind is taken over whole, which does no harm; the next is not. */
  while (stats(k).kswapd_wakeups == 0) {
    free = dma->free;
    dma_file = use[OS_ZONE_DMA].file;
    dma32_file = use[OS_ZONE_DMA32].file;
    read_page(j, page);
    /* Clock is to take it when it first comes by. */
    uint32_t pfn = os_entry_pfn(k->os->file[1].page[page++]);
    os_frame(k->os, pfn)->flags &= (uint16_t)~OS_F_REFERENCED;
  }
  /* Movable pages ran out in DMA before it was at low + reserve; kswapd is told to make room there,
   * though the request was served. */
  assert_int_equal(free, 256);
  assert_true(free > dma->mark[OS_MARK_LOW] + dma->reserve[OS_ZONE_MOVABLE]);
  sleep_us(k, 1000000);
  assert_int_equal(stats(k).kswapd_wakeups, 1);
  assert_int_equal(dma->boost, 0); /* it is over with the run */
  /* Pages of DMA only, and not more than a batch above the boost. */
  uint64_t freed = dma_file + 1 - use[OS_ZONE_DMA].file;
  if (freed < 256 || freed >= 512 + 64) fail_msg("%llu pages freed", (unsigned long long)freed);
  assert_int_equal(use[OS_ZONE_DMA32].file, dma32_file);
  assert_true(dma32->free <= dma32->mark[OS_MARK_LOW]);
  os_task_exit(j->t);
  for (uint32_t pfn = 1; pfn < 4096; pfn++)
    if (os_frame(k->os, pfn)->type == OS_FRAME_TABLE && os_frame(k->os, pfn)->height == 0 &&
        os_frame(k->os, pfn)->refs == 1)
      (void)os_frame_put(k->os, pfn);
}

static void boosts(void **state) {
  (void)state;
  struct os_config c = guest(1848, 10);
  struct job j = {0};
  run(&c, 70000, 1, boost_run, &j);
}

/* ---- hopeless: kswapd gives up after 16 runs, and is tried again after success ---- */

static void hopeless_run(void *arg) {
  struct job *j = arg;
  struct fake *k = j->k;
  j->t = os_task_create(k->os, 1);
  for (uint64_t p = 0; p < 5; p++) {
    struct os_mapping m = {.va = 0x10000000 + (p << 20), .bytes = UINT64_C(200) << 12, .prot = RW};
    assert_int_equal(os_mmap(j->t, &m), 0);
  }
  uint64_t p = 0;
  while (p < 1000 &&
         fk_access(k, j->t, 0x10000000 + (p / 200 << 20) + (p % 200 << 12), true, false))
    p++;
  j->a = p;
  assert_non_null(strstr(os_task_death(j->t), "out of memory"));
  os_task_exit(j->t);
}

/* Its pages stay; requests that may not reclaim wake kswapd, which finds nothing. */
static void give_up(void *arg) {
  struct job *j = arg;
  struct fake *k = j->k;
  j->t = os_task_create(k->os, 1);
  const struct os_mapping m = {.va = 0x10000000, .bytes = UINT64_C(380) << 12, .prot = RW};
  assert_int_equal(os_mmap(j->t, &m), 0);
  for (uint64_t p = 0; p < 380; p++)
    assert_int_not_equal(fk_access(k, j->t, m.va + (p << 12), true, false), 0);
  struct os_request r = os_request_of(OS_FRAME_TABLE);
  r.no_reclaim = true;
  uint32_t got[512];
  size_t n = 0;
  while ((got[n] = os_block_alloc(k->os, OS_FRAME_TABLE, &r)) != OS_NO_FRAME)
    n++;
  for (unsigned i = 0; i < 40; i++) {
    assert_int_equal(os_block_alloc(k->os, OS_FRAME_TABLE, &r), OS_NO_FRAME);
    sleep_us(k, 1000000);
    assert_true(stats(k).kswapd_failures <= OS_MAX_RETRIES);
  }
  assert_int_equal(stats(k).kswapd_failures, OS_MAX_RETRIES);
  j->a = stats(k).pageoutrun;
  (void)os_block_alloc(k->os, OS_FRAME_TABLE, &r);
  sleep_us(k, 1000000);
  assert_int_equal(stats(k).pageoutrun, j->a); /* not woken any more */
  while (n != 0)
    (void)os_frame_put(k->os, got[--n]);
  os_task_exit(j->t);
}

static void hopeless(void **state) {
  (void)state;
  struct os_config c = x86(512, 0, 0);
  struct job j = {0};
  run(&c, 0, 1, hopeless_run, &j);
  assert_true(j.a > 300);
  run(&c, 0, 1, give_up, &j);
  assert_true(j.a >= OS_MAX_RETRIES);
}

/* ---- two nodes ---- */

/* The pages of the file read on CPU 0; where they are. */
static void read_on_node_0(void *arg) {
  struct job *j = arg;
  struct fake *k = j->k;
  j->t = os_task_create(k->os, 1);
  const struct os_zone *n0 = zone(k, 0, OS_ZONE_DMA32);
  uint64_t page = 0;
  k->cpu = 0;
  for (; k->os->node[1].use[OS_ZONE_DMA32].file == 0 && page < j->b; page++)
    read_page(j, page);
  j->a = page; /* the first that went to the other node */
  assert_true(page == j->b || n0->free <= n0->mark[OS_MARK_LOW]);
  while (page < j->b)
    read_page(j, page++);
  j->b = k->os->node[1].use[OS_ZONE_DMA32].file;
  k->cpu = 1; /* the other CPU's pages come from its own node */
  uint64_t before = k->os->node[1].use[OS_ZONE_DMA32].anon;
  const struct os_mapping m = {.va = 0x10000000, .bytes = UINT64_C(20) << 12, .prot = RW};
  assert_int_equal(os_mmap(j->t, &m), 0);
  for (uint64_t p = 0; p < 20; p++)
    assert_int_not_equal(fk_access(k, j->t, m.va + (p << 12), true, false), 0);
  assert_int_equal(k->os->node[1].use[OS_ZONE_DMA32].anon, before + 20);
  os_task_exit(j->t);
  k->cpu = 0;
}

static struct os_config two_nodes(void) {
  /* 8192 frames each; all of DMA reserved. */
  struct os_config c = x86(16384, 4096, 0);
  c.nodes = 2;
  return c;
}

static void nodes(void **state) {
  (void)state;
  struct os_config c = two_nodes();
  struct job j = {.b = 8000};
  run(&c, 8000, 2, read_on_node_0, &j);
  assert_true(j.a > 3500 && j.a < 4096); /* node 0 has 4096 managed pages */
  assert_true(j.b > 3500);
}

/* zone_reclaim_mode: the old pages of the node go rather than that new ones go elsewhere. */
static void zone_reclaim(void **state) {
  (void)state;
  struct os_config c = two_nodes();
  struct job j = {.b = 8000};
  sysctl.zone_reclaim_mode = 1;
  run(&c, 8000, 2, read_on_node_0, &j);
  /* Only while the first freed pages fill the CPU's list. */
  assert_true(j.b < 100);
}

static void mapped_on_node_0(void *arg) {
  struct job *j = arg;
  struct fake *k = j->k;
  j->t = os_task_create(k->os, 1);
  const struct os_mapping m = {
      .va = 0x10000000, .bytes = UINT64_C(6000) << 12, .prot = OS_PROT_READ, .file = 1};
  assert_int_equal(os_mmap(j->t, &m), 0);
  k->cpu = 0;
  for (uint64_t p = 0; p < 6000; p++)
    assert_int_not_equal(fk_access(k, j->t, m.va + (p << 12), false, false), 0);
  j->a = k->os->node[1].use[OS_ZONE_DMA32].file;
  j->b = stats(k).zone_reclaim_success; /* mapped pages need +4 */
  os_task_exit(j->t);
}

static void zone_reclaim_of_mapped(void **state) {
  (void)state;
  struct job j = {0};
  struct os_config c = two_nodes();
  sysctl.zone_reclaim_mode = 1;
  run(&c, 6000, 2, mapped_on_node_0, &j);
  assert_true(j.a > 1500);
  assert_int_equal(j.b, 0);
  c = two_nodes();
  sysctl.zone_reclaim_mode = 1 + 4;
  run(&c, 6000, 2, mapped_on_node_0, &j);
  assert_true(j.a < 100);
  assert_true(j.b > 10);
}

static void node_balance(void *arg) {
  struct job *j = arg;
  struct fake *k = j->k;
  j->t = os_task_create(k->os, 1);
  k->cpu = 0;
  for (uint64_t page = 0; page < 20000; page++)
    read_page(j, page);
  sleep_us(k, 1000000);
  for (unsigned n = 0; n < 2; n++) {
    assert_true(k->os->node[n].asleep);
    assert_true(os_zones_balanced(&k->os->zones, n, 0, OS_ZONE_MOVABLE));
  }
  assert_true(stats(k).kswapd_wakeups > 2);
  assert_int_equal(stats(k).pgsteal_direct, 0);
  os_task_exit(j->t);
}

static void kswapd_of_each_node(void **state) {
  (void)state;
  struct os_config c = two_nodes();
  struct job j = {0};
  run(&c, 20000, 2, node_balance, &j);
}

/* ---- overcommit ---- */

static void promises(void *arg) {
  struct job *j = arg;
  struct os *os = j->k->os;
  j->t = os_task_create(os, 1);
  struct os_mapping m = {.va = 0x10000000, .bytes = j->a << 12, .prot = RW};
  assert_int_equal(os_mmap(j->t, &m), 0);
  assert_int_equal(stats(j->k).committed, j->a);
  m.va = 0x80000000;
  m.bytes = j->b << 12;
  assert_int_equal(os_mmap(j->t, &m), -ENOMEM);
  assert_int_equal(stats(j->k).committed, j->a);
  m.prot = OS_PROT_READ; /* read-only areas promise nothing, */
  assert_int_equal(os_mmap(j->t, &m), 0);
  assert_int_equal(os_mprotect(j->t, m.va, m.bytes, RW), -ENOMEM); /* until they may be written */
  m.prot = RW;
  m.file = 1;
  m.shared = true; /* nor do shared ones */
  assert_int_equal(os_mmap(j->t, &m), 0);
  assert_int_equal(stats(j->k).committed, j->a);
  /* What is given back can be had again; in the middle, too. */
  assert_int_equal(os_munmap(j->t, 0x10000000 + 0x5000, 0x3000), 0);
  assert_int_equal(stats(j->k).committed, j->a - 3);
  assert_int_equal(os_mprotect(j->t, 0x10000000, 0x2000, OS_PROT_READ), 0);
  assert_int_equal(stats(j->k).committed, j->a - 3); /* its pages may be private already */
  assert_int_equal(os_mprotect(j->t, 0x10000000, 0x2000, RW), 0);
  assert_int_equal(stats(j->k).committed, j->a - 3);
  os_task_exit(j->t);
  assert_int_equal(stats(j->k).committed, 0);
}

static void overcommit(void **state) {
  (void)state;
  /* 1023 managed pages and 1000 of swap. 0: as long as one area fits both, any sum. */
  struct os_config c = x86(1024, 0, 1000);
  struct job j = {.a = 2023, .b = 2024};
  run(&c, 3000, 1, promises, &j);
  /* 2: half of memory and swap, 1511, less a 32nd of what was free at boot (31) and of what the
   * task has. */
  c = x86(1024, 0, 1000);
  sysctl.overcommit_memory = 2;
  j = (struct job){.a = 1479, .b = 1};
  run(&c, 3000, 1, promises, &j);
  sysctl.overcommit_ratio = 100; /* 2023 */
  j = (struct job){.a = 1991, .b = 1};
  run(&c, 3000, 1, promises, &j);
  sysctl.overcommit_kbytes = 400; /* 100 + 1000 */
  j = (struct job){.a = 1068, .b = 1};
  run(&c, 3000, 1, promises, &j);
}

static void refused(void *arg) {
  struct job *j = arg;
  j->t = os_task_create(j->k->os, 1);
  struct os_mapping m = {.va = 0x10000000, .bytes = j->a << 12, .prot = RW};
  assert_int_equal(os_mmap(j->t, &m), j->b != 0 ? 0 : -ENOMEM);
  os_task_exit(j->t);
}

static void overcommit_limits(void **state) {
  (void)state;
  /* The last page that the limit refuses, and anything at all in mode 1. */
  struct os_config c = x86(1024, 0, 1000);
  sysctl.overcommit_memory = 2;
  struct job j = {.a = 1480};
  run(&c, 0, 1, refused, &j);
  sysctl.overcommit_memory = 1;
  j = (struct job){.a = 1 << 20, .b = 1};
  run(&c, 0, 1, refused, &j);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(which_zone_is_drained),
                                     cmocka_unit_test(steady_state),
                                     cmocka_unit_test(boosts),
                                     cmocka_unit_test(hopeless),
                                     cmocka_unit_test(nodes),
                                     cmocka_unit_test(zone_reclaim),
                                     cmocka_unit_test(zone_reclaim_of_mapped),
                                     cmocka_unit_test(kswapd_of_each_node),
                                     cmocka_unit_test(overcommit),
                                     cmocka_unit_test(overcommit_limits)};
  return cmocka_run_group_tests_name("os pressure", tests, NULL, NULL);
}

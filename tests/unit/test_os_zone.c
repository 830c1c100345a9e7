/* SPDX-License-Identifier: Apache-2.0
 * The formulas of zones: watermarks and reserves against /proc/zoneinfo of a booted Linux 6.1 on
 * four machines (tests/data/linux), the rest against values worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cjson/cJSON.h>
#include <cmocka.h>

#include "os/proc_zoneinfo.h"
#include "os/zone.h"

static struct os_zones zones;

static struct os_zones *clean(unsigned nodes) {
  os_zones_init(&zones, nodes);
  return &zones;
}

/* ---- recorded ---- */

static cJSON *load(const char *path) {
  static char text[200000];
  FILE *f = fopen(path, "r");
  if (f == NULL) fail_msg("%s is missing; run from the top of the tree", path);
  size_t n = fread(text, 1, sizeof text - 1, f);
  fclose(f);
  text[n] = '\0';
  cJSON *top = cJSON_Parse(text);
  assert_non_null(top);
  return top;
}

static uint64_t number(const cJSON *o, const char *name) {
  const cJSON *n = cJSON_GetObjectItem(o, name);
  assert_true(cJSON_IsNumber(n));
  return (uint64_t)n->valuedouble;
}

static struct os_zone *zone_of(struct os_zones *z, const cJSON *o) {
  const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(o, "name"));
  unsigned i = 0;
  while (i < OS_ZONES && strcmp(os_zone_name(i), name) != 0)
    i++;
  assert_true(i < OS_ZONES);
  return &z->zone[number(o, "node")][i];
}

static void compare(const char *where, const cJSON *set) {
  struct os_zones *z = clean(1);
  const cJSON *o;
  cJSON_ArrayForEach(o, cJSON_GetObjectItem(set, "zones")) zone_of(z, o)->managed =
      number(o, "managed");
  uint32_t ratio[OS_ZONES] = {0};
  for (int i = 0; i < OS_ZONES; i++)
    ratio[i] = (uint32_t)cJSON_GetArrayItem(cJSON_GetObjectItem(set, "ratio"), i)->valuedouble;
  os_zones_set_marks(z, number(set, "min_free_kbytes"), number(set, "watermark_scale_factor"));
  os_zones_set_reserves(z, ratio);
  cJSON_ArrayForEach(o, cJSON_GetObjectItem(set, "zones")) {
    static const char *const names[] = {"min", "low", "high"};
    const struct os_zone *q = zone_of(z, o);
    for (int m = 0; m < 3; m++)
      if (q->mark[m] != number(o, names[m]))
        fail_msg("%s zone %s: %s is %llu, Linux has %llu", where, q->name, names[m],
                 (unsigned long long)q->mark[m], (unsigned long long)number(o, names[m]));
    for (int j = 0; j < OS_ZONES; j++)
      assert_int_equal(q->reserve[j],
                       cJSON_GetArrayItem(cJSON_GetObjectItem(o, "protection"), j)->valuedouble);
  }
}

static void recorded_sets(void **state) {
  (void)state;
  cJSON *top = load("tests/data/linux/watermarks.json");
  const cJSON *run;
  const cJSON *set;
  unsigned sets = 0;
  cJSON_ArrayForEach(run, top) cJSON_ArrayForEach(set, cJSON_GetObjectItem(run, "sets")) {
    char where[100];
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(set, "set"));
    snprintf(where, sizeof where, "%s %s", cJSON_GetStringValue(cJSON_GetObjectItem(run, "run")),
             name);
    if (strcmp(name, "boot") == 0) continue; /* computed from an older `managed` */
    compare(where, set);
    sets++;
  }
  assert_int_equal(sets, 56);
  cJSON_Delete(top);
}

/* ---- min_free_kbytes ---- */

static void min_free(void **state) {
  (void)state;
  struct os_zones *z = clean(1);
  z->zone[0][OS_ZONE_DMA32].managed = 2097152; /* 8 GiB: 4 * sqrt(8388608 kB) = 11585.2 */
  assert_int_equal(os_zones_min_free_kbytes(z), 11585);
  z->zone[0][OS_ZONE_DMA32].managed = 62289; /* sqrt(64 * 62289) = 1996.6 */
  assert_int_equal(os_zones_min_free_kbytes(z), 1996);
  z->zone[0][OS_ZONE_NORMAL].managed = 2560; /* zones add up: sqrt(64 * 64849) = 2037.2 */
  assert_int_equal(os_zones_min_free_kbytes(z), 2037);
  z->zone[0][OS_ZONE_NORMAL].highmem = true; /* no buffer pages there */
  assert_int_equal(os_zones_min_free_kbytes(z), 1996);
  z->zone[0][OS_ZONE_NORMAL].highmem = false;
  z->zone[0][OS_ZONE_MOVABLE].managed = 100000; /* nor there: kernel requests cannot have it */
  assert_int_equal(os_zones_min_free_kbytes(z), 2037);
  z->zone[0][OS_ZONE_DMA32].managed = 100;
  z->zone[0][OS_ZONE_NORMAL].managed = 0;
  assert_int_equal(os_zones_min_free_kbytes(z), 128);     /* clamped */
  z->zone[0][OS_ZONE_NORMAL].managed = UINT64_C(1) << 32; /* 16 TiB */
  assert_int_equal(os_zones_min_free_kbytes(z), 262144);
}

static void min_free_with_thp(void **state) {
  (void)state;
  /* The recorded 8 GiB guest: 22528 kB for each of three zones. */
  struct os_zones *z = clean(1);
  z->zone[0][OS_ZONE_DMA].managed = 3840;
  z->zone[0][OS_ZONE_DMA32].managed = 765920;
  z->zone[0][OS_ZONE_NORMAL].managed = 1266464;
  assert_int_equal(os_zones_boot(z, 10, true), 67584);
  assert_int_equal(z->zone[0][OS_ZONE_NORMAL].mark[OS_MARK_LOW], 13135);
  assert_int_equal(z->zone[0][OS_ZONE_NORMAL].mark[OS_MARK_PROMO], 10508 + 3 * 2627);
  assert_int_equal(os_zones_boot(z, 10, false), 11415); /* isqrt(64 * 2036224) */
  /* Two nodes of 1 GiB: DMA, DMA32, DMA32. */
  z = clean(2);
  z->zone[0][OS_ZONE_DMA].managed = 3840;
  z->zone[0][OS_ZONE_DMA32].managed = 250000;
  z->zone[1][OS_ZONE_DMA32].managed = 255000;
  assert_int_equal(os_zones_boot(z, 10, true), 67584);
  /* Never more than a twentieth of memory. */
  z = clean(1);
  z->zone[0][OS_ZONE_DMA32].managed = 200000;
  assert_int_equal(os_zones_thp_min_free_kbytes(z, 1), 4 * 5632);
  z->zone[0][OS_ZONE_DMA32].managed = 100000;
  assert_int_equal(os_zones_thp_min_free_kbytes(z, 1), 4 * 5000);
  assert_int_equal(os_zones_thp_min_free_kbytes(z, 30000), 30000);
  /* THP is off below 512 MiB. */
  z->zone[0][OS_ZONE_DMA32].managed = (512 << 8) - 1;
  assert_int_equal(os_zones_boot(z, 10, true), os_zones_boot(z, 10, false));
  z->zone[0][OS_ZONE_DMA32].managed++;
  assert_int_equal(os_zones_boot(z, 10, true), 4 * 5632);
}

/* ---- marks by hand ---- */

static void highmem(void **state) {
  (void)state;
  struct os_zones *z = clean(1);
  z->zone[0][OS_ZONE_NORMAL].managed = 200000;
  z->zone[0][OS_ZONE_MOVABLE].managed = 100000;
  z->zone[0][OS_ZONE_MOVABLE].highmem = true;
  os_zones_set_marks(z, 4000, 1);
  /* 1000 pages of 200000 that count */
  assert_int_equal(z->zone[0][OS_ZONE_NORMAL].mark[OS_MARK_MIN], 1000);
  const struct os_zone *h = &z->zone[0][OS_ZONE_MOVABLE];
  assert_int_equal(h->mark[OS_MARK_MIN], 97);       /* 100000 / 1024 */
  assert_int_equal(h->mark[OS_MARK_LOW], 97 + 125); /* its share of min, 500, still sets the step */
  z->zone[0][OS_ZONE_MOVABLE].managed = 1000;
  os_zones_set_marks(z, 4000, 1);
  assert_int_equal(h->mark[OS_MARK_MIN], 32);
  z->zone[0][OS_ZONE_MOVABLE].managed = 1000000;
  os_zones_set_marks(z, 4000, 1);
  assert_int_equal(h->mark[OS_MARK_MIN], 128);
}

/* Products that 32 bits do not hold: 8 TiB at the largest scale factor. */
static void large(void **state) {
  (void)state;
  struct os_zones *z = clean(1);
  z->zone[0][OS_ZONE_NORMAL].managed = UINT64_C(1) << 31;
  os_zones_set_marks(z, UINT64_C(1) << 30, 3000);
  const struct os_zone *o = &z->zone[0][OS_ZONE_NORMAL];
  assert_int_equal(o->mark[OS_MARK_MIN], 1 << 28);
  /* (2^31 / 10000) * 3000 + 3648 * 3000 / 10000 = 214748 * 3000 + 1094 */
  assert_int_equal(o->mark[OS_MARK_LOW] - o->mark[OS_MARK_MIN], UINT64_C(644245094));
}

static void totals(void **state) {
  (void)state;
  struct os_zones *z = clean(1);
  z->zone[0][OS_ZONE_DMA] = (struct os_zone){.index = 0, .managed = 3840, .free = 3800};
  z->zone[0][OS_ZONE_DMA32].managed = 52062;
  z->zone[0][OS_ZONE_DMA32].free = 40000;
  os_zones_set_marks(z, 1848, 10);
  os_zones_set_reserves(z, os_lowmem_reserve_ratio);
  /* high 45 + reserve 203; high 644 */
  assert_int_equal(os_zones_totalreserve(z), 45 + 203 + 644);
  /* low marks: 38 + 537 = 575; half of 1000 is less, half of 6000 is more */
  assert_int_equal(os_zones_available(z, 6000, 1000), 43800 - 892 + 6000 - 575 + 1000 - 500);
  z->zone[0][OS_ZONE_DMA].free = z->zone[0][OS_ZONE_DMA32].free = 400;
  assert_int_equal(os_zones_available(z, 0, 0), 0); /* never negative */
  z->zone[0][OS_ZONE_DMA].managed = 100;            /* a zone keeps no more than it has */
  assert_int_equal(os_zones_totalreserve(z), 100 + 644);
}

static void boosts(void **state) {
  (void)state;
  struct os_zone z = {.managed = 52062, .mark = {430, 537, 644}};
  assert_false(os_zone_boost(&z, 0));
  assert_true(os_zone_boost(&z, 15000));
  assert_int_equal(z.boost, 512);
  assert_int_equal(os_zone_mark(&z, OS_MARK_LOW), 537 + 512);
  assert_true(os_zone_boost(&z, 15000));
  assert_int_equal(z.boost, 966); /* 1.5 times high, not of the boosted one */
  assert_true(os_zone_boost(&z, 15000));
  assert_int_equal(z.boost, 966);
  z.boost = 0;
  z.mark[OS_MARK_HIGH] = 45;
  assert_true(os_zone_boost(&z, 15000));
  assert_int_equal(z.boost, 512); /* at least a block */
  z.managed = 2047;
  assert_false(os_zone_boost(&z, 15000));
  z.managed = 2048;
  z.mark[OS_MARK_HIGH] = 0;
  assert_false(os_zone_boost(&z, 15000));
}

/* ---- cutting ---- */

static void cutting(void **state) {
  (void)state;
  struct os_zones *z = &zones;
  const struct os_zone *o = z->zone[0];
  assert_int_equal(os_zones_cut(z, MMU_ARCH_X86, 1310720, 300, 1), 0); /* 5 GiB */
  assert_int_equal(o[OS_ZONE_DMA].managed, 4096 - 300);
  assert_int_equal(o[OS_ZONE_DMA].spanned, 4096);
  assert_int_equal(o[OS_ZONE_DMA32].managed, 1048576 - 4096);
  assert_int_equal(o[OS_ZONE_NORMAL].first, 1048576);
  assert_int_equal(o[OS_ZONE_NORMAL].managed, 262144);
  assert_int_equal(o[OS_ZONE_MOVABLE].managed, 0);
  assert_int_equal(os_zones_cut(z, MMU_ARCH_X86, 8192, 5000, 1), 0); /* reserved over a border */
  assert_int_equal(o[OS_ZONE_DMA].managed, 0);
  assert_int_equal(o[OS_ZONE_DMA32].managed, 8192 - 5000);
  assert_int_equal(os_zones_cut(z, MMU_ARCH_ARM, 1310720, 1, 1), 0);
  assert_int_equal(o[OS_ZONE_DMA].managed, 1048575);
  assert_int_equal(o[OS_ZONE_DMA32].managed, 0);
  assert_int_equal(o[OS_ZONE_NORMAL].managed, 262144);
  assert_int_equal(os_zones_cut(z, MMU_ARCH_RISCV, 2048, 1, 1), 0);
  assert_int_equal(o[OS_ZONE_DMA].managed, 0);
  assert_int_equal(o[OS_ZONE_DMA32].managed, 2047);
}

static void cutting_nodes(void **state) {
  (void)state;
  struct os_zones *z = &zones;
  assert_int_equal(os_zones_cut(z, MMU_ARCH_X86, 2000000, 256, 2), 0);
  assert_int_equal(z->zone[0][OS_ZONE_DMA].managed, 3840);
  assert_int_equal(z->zone[1][OS_ZONE_DMA].managed, 0);
  assert_int_equal(z->zone[0][OS_ZONE_DMA32].end, 1000000 / 1024 * 1024);
  assert_int_equal(z->zone[1][OS_ZONE_DMA32].first, 1000000 / 1024 * 1024);
  assert_int_equal(z->zone[1][OS_ZONE_DMA32].end, 1048576);
  assert_int_equal(z->zone[1][OS_ZONE_NORMAL].end, 2000000);
  assert_string_equal(z->zone[1][OS_ZONE_NORMAL].name, "Normal");
  assert_int_equal(z->zone[1][OS_ZONE_NORMAL].node, 1);
  assert_int_equal(os_zones_managed(z), 2000000 - 256);
  /* No room for a second node. */
  assert_int_equal(os_zones_cut(z, MMU_ARCH_X86, 1500, 1, 2), -1);
  assert_int_equal(os_zones_cut(z, MMU_ARCH_X86, 4096, 2048, 2), -1);
}

/* ---- the test of a request ---- */

/* Strictly above mark plus reserve; and one zone is enough for balance. */
static void tests_of_marks(void **state) {
  (void)state;
  struct os_zones *zs = clean(1);
  struct os_zone *z = zs->zone[0];
  z[0] = (struct os_zone){.managed = 3840, .free = 231, .mark = {31, 38, 45}};
  z[0].reserve[OS_ZONE_DMA32] = 193;
  z[1] = (struct os_zone){.managed = 52062, .free = 644, .mark = {430, 537, 644}};
  assert_false(os_zone_ok(&z[0], 0, 38, OS_ZONE_DMA32, 0));
  assert_true(os_zone_ok(&z[0], 0, 38, OS_ZONE_DMA, 0));
  z[0].free = 232;
  assert_true(os_zone_ok(&z[0], 0, 38, OS_ZONE_DMA32, 0));
  assert_false(os_zones_balanced(zs, 0, 0, OS_ZONE_DMA32));
  z[1].free = 645;
  assert_true(os_zones_balanced(zs, 0, 0, OS_ZONE_DMA32));
  z[1].boost = 1;
  assert_false(os_zones_balanced(zs, 0, 0, OS_ZONE_DMA32));
  z[1].free = 0;
  z[0].free = 239; /* above 45 + 193 */
  assert_true(os_zones_balanced(zs, 0, 0, OS_ZONE_DMA32));
  z[0].managed = z[1].managed = 0;
  assert_true(os_zones_balanced(zs, 0, 0, OS_ZONE_DMA32)); /* nothing to balance */
}

static bool passes(uint64_t free, unsigned order, unsigned rights) {
  struct os_zone z = {.managed = 100000, .free = free, .highatomic = 100};
  z.blocks[4] = 1;
  z.reserve[OS_ZONE_NORMAL] = 50;
  return os_zone_ok(&z, order, 1000, OS_ZONE_NORMAL, rights);
}

static void least(unsigned order, unsigned rights, uint64_t free) {
  if (passes(free - 1, order, rights) || !passes(free, order, rights))
    fail_msg("order %u, rights %x: %llu is not the least that passes", order, rights,
             (unsigned long long)free);
}

static void rights(void **state) {
  (void)state;
  least(0, 0, 1151); /* above 1000 + 50, not counting 100 reserved */
  least(3, 0, 1151 + 7);
  least(0, OS_ALLOC_MIN_RESERVE, 551);
  least(0, OS_ALLOC_MIN_RESERVE | OS_ALLOC_NON_BLOCK, 426); /* 500 - 125 */
  least(0, OS_ALLOC_OOM, 551);
  least(0, OS_ALLOC_MIN_RESERVE | OS_ALLOC_OOM, 301);
  least(0, OS_ALLOC_NON_BLOCK, 1051); /* only the highatomic pages */
  assert_true(passes(0, 0, OS_ALLOC_NO_MARKS));
  assert_true(passes(1000000, 4, 0));
  assert_false(passes(1000000, 5, 0)); /* pages enough, but no block */
  assert_false(passes(1000000, 5, OS_ALLOC_NO_MARKS));
}

/* ---- fragmentation, the CPUs' lists ---- */

static void fragmentation(void **state) {
  (void)state;
  struct os_zone z = {0};
  assert_int_equal(os_zone_fragmentation_index(&z, 9), 0); /* plain lack of memory */
  assert_int_equal(os_zone_unusable_index(&z, 9), 1000);
  z.blocks[0] = 1000;
  z.blocks[3] = 3;
  assert_int_equal(os_zone_fragmentation_index(&z, 3), -1000);
  assert_int_equal(os_zone_unusable_index(&z, 3), 1000 * 1000 / 1024);
  /* 1024 pages in 1003 blocks, two requests' worth: 1 - (1 + 1024 / 512) / 1003 */
  assert_int_equal(os_zone_fragmentation_index(&z, 9), 1000 - 3000 / 1003);
  z = (struct os_zone){.blocks = {1}}; /* one page: 1 - (1 + 1 / 512) / 1 */
  assert_int_equal(os_zone_fragmentation_index(&z, 9), -1);
  assert_int_equal(os_zone_unusable_index(&z, 9), 1000);
}

static void cpu_lists(void **state) {
  (void)state;
  /* As the recorded guest prints them under "pagesets": batch 1 and 15, high 38 and 537. */
  struct os_zone z = {.managed = 3840, .mark = {31, 38, 45}};
  assert_int_equal(os_zone_pcp_batch(&z), 1);
  assert_int_equal(os_zone_pcp_high(&z, 1), 38);
  z = (struct os_zone){.managed = 52062, .mark = {430, 537, 644}};
  assert_int_equal(os_zone_pcp_batch(&z), 15);
  assert_int_equal(os_zone_pcp_high(&z, 1), 537);
  assert_int_equal(os_zone_pcp_high(&z, 4), 134);
  assert_int_equal(os_zone_pcp_high(&z, 100), 60); /* four batches at least */
  z.managed = UINT64_C(1) << 24;
  assert_int_equal(os_zone_pcp_batch(&z), 63); /* 64 + 32, down to a power of two, less one */
}

/* The table above calculate_normal_threshold in mm/vmstat.c. */
static void stat_thresholds(void **state) {
  (void)state;
  static const struct {
    uint64_t mib;
    unsigned cpus, threshold;
  } row[] = {{958, 1, 8},   {958, 2, 16},   {1500, 2, 20},    {3000, 2, 24}, {6000, 2, 28},
             {9000, 2, 32}, {100, 2, 4},    {3000, 4, 36},    {9000, 4, 48}, {100, 16, 10},
             {958, 16, 40}, {3000, 64, 84}, {65536, 64, 125}, {15, 1, 2}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    struct os_zone z = {.managed = row[i].mib << 8};
    assert_int_equal(os_zone_stat_threshold(&z, row[i].cpus), row[i].threshold);
  }
}

/* A zone of which the kernel hands out nothing is populated all the same: it has the node's lines,
 * counts and pagesets. One without memory ends after its protection. */
static void unmanaged(void **state) {
  (void)state;
  struct os_zones z;
  char *text = NULL;
  size_t bytes = 0;
  os_zones_init(&z, 1);
  assert_int_equal(os_zones_cut(&z, MMU_ARCH_X86, 16384, 4096, 1), 0);
  assert_true(z.zone[0][OS_ZONE_DMA].managed == 0 && z.zone[0][OS_ZONE_DMA].present != 0);
  os_zones_set_marks(&z, 1000, 10);
  os_zones_set_reserves(&z, os_lowmem_reserve_ratio);
  FILE *out = open_memstream(&text, &bytes);
  assert_non_null(out);
  os_zoneinfo_print(out, &z, &(struct os_zoneinfo){.cpus = 2});
  assert_int_equal(fclose(out), 0);
  static const char dma[] =
      "        managed  0\n        cma      0\n"
      "        protection: (0, 0, 0, 0, 0)\n      nr_free_pages 0\n"
      "  pagesets\n    cpu: 0\n              count: 0\n"
      "              high:  4\n              batch: 1\n"
      "  vm stats threshold: 4\n    cpu: 1\n";
  assert_non_null(strstr(text, "Node 0, zone      DMA\n"));
  if (strstr(text, dma) == NULL) fail_msg("%s", text);
  const char *none = strstr(text, "Node 0, zone  Movable\n");
  assert_non_null(none);
  assert_null(strstr(none, "pagesets"));
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(recorded_sets),
                                     cmocka_unit_test(min_free),
                                     cmocka_unit_test(min_free_with_thp),
                                     cmocka_unit_test(highmem),
                                     cmocka_unit_test(large),
                                     cmocka_unit_test(totals),
                                     cmocka_unit_test(boosts),
                                     cmocka_unit_test(stat_thresholds),
                                     cmocka_unit_test(unmanaged),
                                     cmocka_unit_test(cutting),
                                     cmocka_unit_test(cutting_nodes),
                                     cmocka_unit_test(tests_of_marks),
                                     cmocka_unit_test(rights),
                                     cmocka_unit_test(fragmentation),
                                     cmocka_unit_test(cpu_lists)};
  return cmocka_run_group_tests_name("os zone", tests, NULL, NULL);
}

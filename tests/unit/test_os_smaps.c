/* SPDX-License-Identifier: Apache-2.0
 * smaps where its figures are not those of the page tables: the page of zeroes, which is nobody's,
 * and what it says of areas: flags in the kernel's order, page sizes, whether huge pages may come.
 */
#include <stdlib.h>
#include <string.h>

#include "os/proc_smaps.h"
#include "tests/unit/huge_scene.h"

static uint64_t peek(void *arg, uint64_t pa) {
  return *fk_word(arg, pa);
}

static char *smaps(struct scene *s) {
  char *text = NULL;
  size_t bytes = 0;
  FILE *out = open_memstream(&text, &bytes);
  assert_non_null(out);
  os_smaps_print(s->t, peek, s->k, out);
  assert_int_equal(fclose(out), 0);
  return text;
}

/* Between the address of the area and the next line that begins as one. */
static void says(struct scene *s, uint64_t at, const char *line) {
  char *text = smaps(s);
  char name[24];
  (void)snprintf(name, sizeof name, "%llx-", (unsigned long long)(BASE + at));
  const char *area = strstr(text, name);
  assert_non_null(area);
  const char *end = strstr(area, "VmFlags:");
  const char *found = strstr(area, line);
  if (found == NULL || found > strchr(end, '\n')) fail_msg("no \"%s\" in\n%s", line, area);
  free(text);
}

static void play_zeroes(struct scene *s) {
  assert_int_equal(map(s, 0, 16 * PAGE, 0), 0);
  for (uint64_t i = 0; i < 8; i++)
    (void)touch(s, i * PAGE, false);
  assert_int_equal(os_task_rss(s->t), 0);
  says(s, 0, "\nRss:                   0 kB\nPss:                   0 kB\n");
  says(s, 0, "\nReferenced:            0 kB\n");
  for (uint64_t i = 0; i < 3; i++)
    (void)touch(s, i * PAGE, true);
  assert_int_equal(os_task_rss(s->t), 3);
  says(s, 0, "\nRss:                  12 kB\nPss:                  12 kB\n");
  says(s, 0, "\nPrivate_Clean:         0 kB\nPrivate_Dirty:        12 kB\n");
  says(s, 0, "\nAnonymous:            12 kB\n");
}

static void zeroes(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    struct os_config cfg = config(modes[i], 4, OS_THP_NEVER);
    cfg.reserved_bytes = 64 << 10;
    cfg.zero_page = true;
    play_on(&cfg, play_zeroes);
  }
}

static void play_areas(struct scene *s) {
  struct os_mapping shared = {
      .va = BASE, .bytes = 2 * HUGE, .prot = RW | OS_PROT_EXEC, .shared = true};
  assert_int_equal(os_mmap(s->t, &shared), 0);
  assert_int_equal(map(s, 4 * HUGE, 2 * HUGE, 0), 0);
  assert_int_equal(map(s, 8 * HUGE, 2 * HUGE, OS_VMA_HUGE), 0);
  assert_int_equal(map(s, 12 * HUGE, 2 * HUGE, OS_VMA_NOHUGE), 0);
  assert_int_equal(map(s, 16 * HUGE + PAGE, 2 * HUGE - 2 * PAGE, OS_VMA_HUGE), 0);
  assert_int_equal(map(s, 20 * HUGE + PAGE, 2 * HUGE, OS_VMA_HUGE), 0);
  assert_int_equal(map(s, 24 * HUGE, 2 * HUGE, OS_VMA_HUGETLB), 0);
  (void)touch(s, 24 * HUGE, true);
  says(s, 0, "\nTHPeligible:    0\nVmFlags: rd wr ex sh mr mw me ms \n");
  const bool always = s->k->os->cfg.thp == OS_THP_ALWAYS;
  says(s, 4 * HUGE,
       always ? "\nTHPeligible:    1\nVmFlags: rd wr mr mw me ac \n"
              : "\nTHPeligible:    0\nVmFlags: rd wr mr mw me ac \n");
  says(s, 8 * HUGE, "\nTHPeligible:    1\nVmFlags: rd wr mr mw me ac hg \n");
  says(s, 8 * HUGE, "\nKernelPageSize:        4 kB\nMMUPageSize:           4 kB\n");
  says(s, 12 * HUGE, "\nTHPeligible:    0\nVmFlags: rd wr mr mw me ac nh \n");
  says(s, 16 * HUGE + PAGE, "\nTHPeligible:    0\n"); /* no aligned 2 MiB in it */
  says(s, 20 * HUGE + PAGE, "\nTHPeligible:    1\n");
  says(s, 24 * HUGE, "\nTHPeligible:    0\nVmFlags: rd wr mr mw me de ht \n");
  says(s, 24 * HUGE, "\nKernelPageSize:     2048 kB\nMMUPageSize:        2048 kB\nRss:  ");
  says(s, 24 * HUGE, "\nPrivate_Hugetlb:    2048 kB\n");
}

static void areas(void **state) {
  (void)state;
  static const enum os_thp thp[] = {OS_THP_ALWAYS, OS_THP_MADVISE};
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
    for (size_t j = 0; j < 2; j++) {
      struct os_config cfg = config(modes[i], 32, thp[j]);
      cfg.nr_hugepages = 2;
      play_on(&cfg, play_areas);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(zeroes), cmocka_unit_test(areas)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

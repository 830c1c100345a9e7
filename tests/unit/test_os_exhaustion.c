/* SPDX-License-Identifier: Apache-2.0
 * Memory runs out at every request there is: a scene runs again and again, its first, second,
 * third, ... request for frames failing, alone or with all that follow, until it makes no more.
 * Whatever becomes of it, nothing leaks, the books agree, and who survives has its data. The last
 * test says that each line of csim/os which asks for frames has been refused. */
#define _GNU_SOURCE  // NOLINT(bugprone-reserved-identifier): dladdr of exhaustion_sites.h
#include "tests/unit/exhaustion_scenes.h"
#include "tests/unit/exhaustion_sites.h"

static struct sites sites;

static bool refuses(void) {
  if (!shortage.armed || shortage.fail_at == 0) return false;
  shortage.asked++;
  if (shortage.asked < shortage.fail_at || (shortage.failed != 0 && !shortage.sticky)) return false;
  shortage.failed++;
  sites_note(&sites);
  return true;
}

/* The linker makes these names. NOLINTBEGIN(bugprone-reserved-identifier) */
uint32_t __real_os_frame_alloc(struct os *os, enum os_frame_type type);
uint32_t __real_os_block_alloc(struct os *os, enum os_frame_type type, const struct os_request *r);
uint32_t __wrap_os_frame_alloc(struct os *os, enum os_frame_type type);
uint32_t __wrap_os_block_alloc(struct os *os, enum os_frame_type type, const struct os_request *r);

uint32_t __wrap_os_frame_alloc(struct os *os, enum os_frame_type type) {
  return refuses() ? OS_NO_FRAME : __real_os_frame_alloc(os, type);
}

uint32_t __wrap_os_block_alloc(struct os *os, enum os_frame_type type, const struct os_request *r) {
  return refuses() ? OS_NO_FRAME : __real_os_block_alloc(os, type, r);
}

/* NOLINTEND(bugprone-reserved-identifier) */

/* ---- again and again ---- */

static void no_task(void *arg) {
  struct scene *s = arg;
  s->t = os_task_create(s->k->os, 1);
  assert_non_null(s->t);
  s->play(s);
  shortage.armed = false;
  end(s->t);
}

static void any_contents(struct fake *k, uint64_t pfn, uint32_t file, uint64_t page, bool write) {
  (void)file;
  (void)page;
  if (write) k->content[pfn] = k->next_content++;
}

/* One run; false: the scene made fewer requests. */
static bool once(size_t i, enum mmu_s1_mode mode, unsigned fail_at, bool sticky) {
  struct os_config cfg = config(mode, scenes[i].huge ? 12 : 4, OS_THP_MADVISE);
  struct os_sysctl sysctl = os_sysctl_default();
  struct os_stats st;
  sysctl.overcommit_memory = 1;
  cfg.sysctl = &sysctl;
  cfg.zero_page = scenes[i].zero;
  cfg.reserved_bytes = 8192;
  cfg.pt_placement = scenes[i].pooled ? OS_PT_POOLED : OS_PT_SPARSE;
  cfg.nr_hugepages = scenes[i].huge ? 2 : 0;
  cfg.khugepaged_scan_sleep_ms = 100;
  struct fake *k = fk_create(&cfg, cfg.swap_pages + FILE_PAGES, 7);
  struct scene s = {.k = k, .play = scenes[i].play};
  fk_file_access = any_contents;
  shortage = (struct shortage){.fail_at = fail_at, .sticky = sticky};
  assert_int_equal(os_file_create(k->os, FILE_PAGES), 1);
  while (scenes[i].pooled && k->os->pt_pool.head != OS_NO_FRAME) /* full: its tables go elsewhere */
    (void)os_pt_pool_take(k->os);
  k->os->pt_pool.used = 0;
  fk_start(k, no_task, &s, false);
  fk_run(k);
  fk_check(k);
  os_stats(k->os, &st);
  uint64_t left = st.nr_anon + st.nr_shmem + st.nr_anon_thps + st.nr_page_table_pages +
                  st.nr_swap_used + st.committed + st.hugepages_rsvd;
  for (uint32_t id = 0; id < k->os->pt->asids; id++)
    left += k->os->by_asid[id] != NULL;
  if (left != 0 || st.hugepages_free != cfg.nr_hugepages || st.pgalloc - st.pgfree != st.nr_file ||
      k->os->mms != NULL || k->panic[0] != '\0')
    fail_msg("%s, mode %d, request %u%s: something is left", scenes[i].name, (int)mode, fail_at,
             sticky ? " and all later" : "");
  fk_destroy(k);
  return shortage.failed != 0;
}

static void every_request(void **state) {
  (void)state;
  sites_find(&sites);
  for (size_t i = 0; i < SCENES; i++)
    for (size_t m = 0; m < sizeof modes / sizeof modes[0]; m++)
      for (unsigned sticky = 0; sticky < 2; sticky++) {
        unsigned n = 1;
        (void)once(i, modes[m], 0, false); /* it works */
        while (once(i, modes[m], n, sticky != 0))
          n++;
        if (getenv("OS_RUN_VERBOSE") != NULL)
          printf("%s, mode %d: %u requests\n", scenes[i].name, (int)modes[m], n - 1);
        assert_true(n > 1);
      }
}

static void every_line(void **state) {
  (void)state;
  sites_resolve(&sites);
  sites_all_failed(&sites);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_request), cmocka_unit_test(every_line)};
  return cmocka_run_group_tests_name("os exhaustion", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 * Active and inactive pages in the views: zones, nodes, the machine and the OOM killer's report say
 * the same, and it is what is there, huge pages counted as 512. */
#include <stdlib.h>
#include <string.h>

#include "os/proc.h"
#include "tests/unit/huge_scene.h"

static const char *const names[OS_LISTS] = {"inactive_anon", "active_anon", "inactive_file",
                                            "active_file"};

static char *proc(struct scene *s, const char *file) {
  char *text = NULL;
  size_t bytes = 0;
  FILE *out = open_memstream(&text, &bytes);
  assert_non_null(out);
  for (size_t i = 0; os_proc_name(i) != NULL; i++)
    if (strcmp(os_proc_name(i), file) == 0) os_proc_print(s->k->os, i, out);
  assert_int_equal(fclose(out), 0);
  return text;
}

/* Sum of the numbers after each prefix + name + a space. */
static uint64_t sum(const char *text, const char *prefix, const char *name) {
  char word[48];
  uint64_t n = 0;
  (void)snprintf(word, sizeof word, "%s%s ", prefix, name);
  for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word))
    n += strtoull(at + strlen(word), NULL, 10);
  return n;
}

static void agree(struct scene *s, uint64_t all) {
  const struct os *os = s->k->os;
  char *zoneinfo = proc(s, "zoneinfo");
  char *vmstat = proc(s, "vmstat");
  uint64_t total = 0;
  for (unsigned i = 0; i < OS_LISTS; i++) {
    uint64_t pages = 0;
    for (unsigned n = 0; n < os->zones.nodes; n++)
      pages += os_node_lists(&os->node[n]).pages[i];
    assert_int_equal(sum(zoneinfo, " nr_", names[i]), pages);
    assert_int_equal(sum(zoneinfo, " nr_zone_", names[i]), pages);
    assert_int_equal(sum(vmstat, "nr_", names[i]), pages);
    total += pages;
  }
  assert_int_equal(total, all);
  assert_int_equal(sum(vmstat, "pgalloc_", "dma") + sum(vmstat, "pgalloc_", "dma32") +
                       sum(vmstat, "pgalloc_", "normal"),
                   os->st.pgalloc);
  free(zoneinfo);
  free(vmstat);
}

static const char *policy;

static void play_views(struct scene *s) {
  enum { BYTES = 20 * MIB };
  assert_int_equal(map(s, 0, BYTES, 0), 0);
  for (uint64_t at = 0; at < BYTES; at += PAGE)
    (void)touch(s, at, true);
  agree(s, BYTES / PAGE);
  uint64_t active = 0;
  for (unsigned n = 0; n < s->k->os->zones.nodes; n++)
    active += os_node_lists(&s->k->os->node[n]).pages[OS_ACTIVE_ANON];
  /* What faulted in is in MGLRU's youngest generation; on two lists it begins as inactive. */
  assert_int_equal(active, strcmp(policy, "mglru") == 0 ? BYTES / PAGE : 0);
  assert_int_equal(os_munmap(s->t, BASE, BYTES / 2), 0);
  agree(s, BYTES / PAGE / 2);
}

static void views(void **state) {
  static const char *const policies[] = {"clock", "twolist", "mglru", "arc-sampled"};
  static const enum os_thp thp[] = {OS_THP_NEVER, OS_THP_ALWAYS};
  (void)state;
  for (size_t p = 0; p < sizeof policies / sizeof policies[0]; p++)
    for (size_t i = 0; i < 4; i++) {
      struct os_config cfg = config(modes[i % 3], 48, thp[i % 2]);
      cfg.nodes = i < 2 ? 1 : 2;
      cfg.policy = policy = policies[p];
      play_on(&cfg, play_views);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(views)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

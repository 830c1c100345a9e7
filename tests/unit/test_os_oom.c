/* SPDX-License-Identifier: Apache-2.0
 * The OOM killer inside the kernel model: a victim that does not go is reaped after two seconds and
 * is not chosen again; a victim may dip into the reserves; with nobody left the kernel panics. */
#include "os/kernel.h"
#include "os/proc.h"
#include "tests/unit/os_fake.h"

enum { STUCK_PAGES = 200, RW = OS_PROT_READ | OS_PROT_WRITE };
#define BASE UINT64_C(0x400000)
#define HZ UINT64_C(1000000000)

struct duo {
  struct fake *k;
  struct os_task *stuck, *eater;
  uint64_t pages, got;
  uint64_t waited; /* the longest single access, cycles */
};

static struct os_task *task(struct fake *k, uint32_t pid, uint64_t pages, int adj) {
  struct os_task *t = os_task_create(k->os, pid);
  assert_non_null(t);
  os_task_describe(t, pid == 1 ? "stuck" : "eater", adj);
  for (uint64_t p = 0; p < pages; p += 100) {
    const struct os_mapping m = {.va = BASE + (p << 12), .bytes = 100 << 12, .prot = RW};
    assert_int_equal(os_mmap(t, &m), 0);
  }
  return t;
}

/* Takes its memory, then never runs again, not even to die. */
static void stuck(void *arg) {
  struct duo *d = arg;
  d->stuck = task(d->k, 1, STUCK_PAGES, 0);
  for (uint64_t p = 0; p < STUCK_PAGES; p++)
    assert_int_not_equal(fk_access(d->k, d->stuck, BASE + (p << 12), true, false), 0);
}

static void eater(void *arg) {
  struct duo *d = arg;
  d->eater = task(d->k, 2, d->pages, -1000);
  for (; d->got < d->pages; d->got++) {
    uint64_t from = d->k->now;
    if (fk_access(d->k, d->eater, BASE + (d->got << 12), true, false) == 0) break;
    if (d->k->now - from > d->waited) d->waited = d->k->now - from;
  }
}

static struct duo *run(uint64_t pages) {
  const struct os_config cfg = {.arch = MMU_ARCH_X86,
                                .mode = MMU_S1_X86_L4,
                                .memory_bytes = 2 << 20,
                                .reserved_bytes = 256 << 10,
                                .cpu_hz = HZ,
                                .hw_a = true,
                                .hw_d = true};
  struct duo *d = calloc(1, sizeof *d);
  assert_non_null(d);
  d->k = fk_create(&cfg, 1, 1);
  d->pages = pages;
  fk_start(d->k, stuck, d, false);
  fk_run(d->k);
  fk_start(d->k, eater, d, false);
  fk_run(d->k);
  return d;
}

static void end(struct duo *d) {
  os_task_free(d->stuck);
  os_task_free(d->eater);
  fk_destroy(d->k);
  free(d);
}

static void reaped(void **state) {
  (void)state;
  struct duo *d = run(300);
  struct os_oom_kill kill[2];
  assert_int_equal(d->got, 300);
  assert_int_equal(os_oom_kills(d->k->os, kill, 2), 1);
  assert_int_equal(kill[0].pid, 1);
  assert_int_equal(kill[0].rss, STUCK_PAGES);
  assert_string_equal(kill[0].name, "stuck");
  assert_int_equal(os_task_rss(d->stuck), 0);
  assert_non_null(strstr(os_task_death(d->stuck), "out of memory"));
  assert_true(os_task_oom_killed(d->stuck));
  assert_in_range(d->waited, 2 * HZ, 2 * HZ + HZ / 20); /* the delay, and a few ticks */
  assert_null(os_panic(d->k->os));
  fk_check(d->k);
  end(d);
}

static void deadlocked(void **state) {
  (void)state;
  struct duo *d = run(1000);
  struct os_oom_kill kill[2];
  char *text = NULL;
  size_t bytes = 0;
  assert_true(d->got < 1000);
  assert_int_equal(os_oom_kills(d->k->os, kill, 2), 1); /* it is not killed twice */
  assert_string_equal(d->k->panic, "System is deadlocked on memory");
  assert_string_equal(os_panic(d->k->os), d->k->panic);
  FILE *f = open_memstream(&text, &bytes);
  assert_non_null(f);
  for (size_t i = 0; os_proc_name(i) != NULL; i++)
    if (strcmp(os_proc_name(i), "dmesg") == 0) os_proc_print(d->k->os, i, f);
  assert_int_equal(fclose(f), 0);
  assert_non_null(strstr(text, "Out of memory: Killed process 1 (stuck)"));
  assert_non_null(strstr(text, "Out of memory and no killable processes..."));
  free(text);
  end(d);
}

/* Between the marks: everyone is refused, a victim is served. */
static void victims_may_use_reserves(void **state) {
  (void)state;
  struct os_zone z = {.free = 60, .managed = 400};
  z.mark[OS_MARK_MIN] = 80;
  assert_false(os_zone_ok(&z, 0, os_zone_mark(&z, OS_MARK_MIN), OS_ZONE_NORMAL, 0));
  assert_true(os_zone_ok(&z, 0, os_zone_mark(&z, OS_MARK_MIN), OS_ZONE_NORMAL, OS_ALLOC_OOM));
  assert_false(os_oom_is_victim(NULL));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(reaped), cmocka_unit_test(deadlocked),
                                     cmocka_unit_test(victims_may_use_reserves)};
  return cmocka_run_group_tests_name("os oom", tests, NULL, NULL);
}

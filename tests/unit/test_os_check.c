/* SPDX-License-Identifier: Apache-2.0
 * The OS model's check of its policy's lists, on books that are broken on purpose: what it says of
 * a page that is on no list, on a list and taken off, or taken off by nobody. */
#include "os/kernel.h"
#include "tests/unit/os_fake.h"

#define BASE UINT64_C(0x400000)

static struct os_task *task;
static uint32_t page; /* a frame of its, evictable */

static void touch(void *arg) {
  struct fake *k = arg;
  struct os_task *t = task = os_task_create(k->os, 1);
  assert_non_null(t);
  const struct os_mapping m = {.va = BASE, .bytes = 8 << 12, .prot = OS_PROT_READ | OS_PROT_WRITE};
  assert_int_equal(os_mmap(t, &m), 0);
  for (uint64_t p = 0; p < 8; p++)
    assert_int_not_equal(fk_access(k, t, BASE + (p << 12), true, false), 0);
  page = (uint32_t)(os_rd(k->os, os_pt_lookup(t->mm, BASE)) >> 12 & 0xfffff);
}

static void refused(struct fake *k, const char *why) {
  char err[160] = "";
  assert_int_equal(os_check(k->os, err, sizeof err), -1);
  if (strstr(err, why) == NULL) fail_msg("\"%s\" does not say \"%s\"", err, why);
}

static void broken_lists(void **state) {
  (void)state;
  static const char *const policies[] = {"clock", "fifo", "twolist", "mglru"};
  for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
    const struct os_config cfg = {.arch = MMU_ARCH_X86,
                                  .mode = MMU_S1_X86_L4,
                                  .memory_bytes = 4 << 20,
                                  .swap_pages = 100,
                                  .hw_a = true,
                                  .hw_d = true,
                                  .policy = policies[i]};
    struct fake *k = fk_create(&cfg, 200, 1);
    fk_start(k, touch, k, false);
    fk_run(k);
    fk_check(k);
    struct os_frame *f = os_frame(k->os, page);
    assert_int_equal(f->type, OS_FRAME_ANON);
    assert_true((f->flags & OS_F_LISTED) != 0);

    f->flags |= OS_F_ISOLATED;
    refused(k, "although somebody took it off");
    f->flags = (uint16_t)((f->flags & ~OS_F_ISOLATED) | OS_F_MLOCKED);
    refused(k, "although it is unevictable");
    f->flags &= (uint16_t)~OS_F_MLOCKED;
    fk_check(k);

    os_policy_remove(k->os, page); /* forgotten */
    refused(k, "on no list, and nobody holds it");
    f->flags |= OS_F_ISOLATED;
    refused(k, "nobody will put it back");
    os_frame_get(k->os, page); /* somebody has it */
    fk_check(k);
    assert_true(os_policy_may_return(k->os, page));
    os_policy_add(k->os, page, true);
    (void)os_frame_put(k->os, page);
    fk_check(k);
    os_task_free(task);
    fk_destroy(k);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(broken_lists)};
  return cmocka_run_group_tests_name("os check", tests, NULL, NULL);
}

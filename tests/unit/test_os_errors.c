/* SPDX-License-Identifier: Apache-2.0
 * What the OS model does when things go wrong: impossible configurations, accesses that are not
 * allowed, disk errors, memory and identifiers that run out. Every death says why; nothing leaks
 * and nothing hangs. */
#include <errno.h>

#include "tests/unit/os_fake.h"

enum { RW = OS_PROT_READ | OS_PROT_WRITE };

static struct os_config tiny(enum mmu_arch arch, uint64_t swap) {
  static const enum mmu_s1_mode mode[] = {MMU_S1_X86_L4, MMU_S1_ARM_4K, MMU_S1_SV39};
  return (struct os_config){.arch = arch,
                            .mode = mode[arch],
                            .memory_bytes = 2 << 20,
                            .swap_pages = swap,
                            .hw_a = true,
                            .hw_d = true};
}

static void refused(const struct os_config *cfg, const char *word) {
  char err[160] = "";
  struct fake k = {.cfg = *cfg};
  struct os_platform plat = {.ops = &fk_ops, .self = &k};
  struct os *os = os_create(cfg, &plat, err, sizeof err);
  if (os != NULL || strstr(err, word) == NULL || strchr(err, '\n') != NULL)
    fail_msg("expected a refusal about '%s', got: %s", word, err);
}

static void configurations(void **state) {
  (void)state;
  const struct os_config good = tiny(MMU_ARCH_X86, 10);
  struct os_config c = good;
  c.memory_bytes = 4096;
  refused(&c, "memory");
  c.memory_bytes = (2 << 20) + 1;
  refused(&c, "memory");
  c.memory_bytes = UINT64_C(1) << 44;
  refused(&c, "memory");
  c = good;
  c.reserved_bytes = (1 << 20) + 4096;
  refused(&c, "reserved");
  c = good;
  c.swap_pages = UINT64_C(1) << 32;
  refused(&c, "swap");
  c = good;
  c.disk_pages = 9;
  refused(&c, "disk");
  c = good;
  c.swappiness = 201;
  refused(&c, "swappiness");
  c = good;
  c.watermark_scale_factor = 3001;
  refused(&c, "watermark_scale_factor");
  c = good;
  c.min_free_kbytes = 2000;
  refused(&c, "min_free_kbytes");
  c.min_free_kbytes = 800; /* of 2 MiB: the high mark alone is more than half */
  refused(&c, "watermark_scale_factor");
  c = good;
  c.policy = "fifo9";
  refused(&c, "fifo9");
  c = good;
  c.hw_a = false;
  refused(&c, "hw_a");
  c = good;
  c.mode = MMU_S1_SV39;
  refused(&c, "page-table format");
  c = tiny(MMU_ARCH_ARM, 10);
  c.hw_a = false;
  refused(&c, "hw_a");
  c = tiny(MMU_ARCH_RISCV, 10);
  c.hw_d = false;
  refused(&c, "differ");
}

/* ---- deaths ---- */

struct death {
  struct fake *k;
  struct os_task *t;
  struct os_mapping map;
  uint64_t va;
  bool write, fetch;
  const struct mmu_syndrome *syn; /* or these registers */
};

static void die(void *arg) {
  struct death *d = arg;
  d->t = os_task_create(d->k->os, 7);
  assert_non_null(d->t);
  if (d->map.bytes != 0) assert_int_equal(os_mmap(d->t, &d->map), 0);
  if (d->syn != NULL)
    assert_int_equal(os_fault(d->t, d->syn), OS_KILL);
  else
    assert_int_equal(fk_access(d->k, d->t, d->va, d->write, d->fetch), 0);
  os_task_exit(d->t);
}

static void dies(enum mmu_arch arch, struct death d, const char *why, bool disk_fails) {
  struct os_config cfg = tiny(arch, 10);
  struct fake *k = fk_create(&cfg, 100, 1);
  k->fail_read_permille = disk_fails ? 1000 : 0;
  assert_int_equal(os_file_create(k->os, 20), 1);
  d.k = k;
  fk_start(k, die, &d, false);
  fk_run(k);
  const char *death = os_task_death(d.t);
  if (death == NULL || strstr(death, why) == NULL || strstr(death, "pid 7") == NULL)
    fail_msg("expected death by '%s', got: %s", why, death != NULL ? death : "none");
  os_task_free(d.t);
  fk_check(k);
  struct os_stats st;
  os_stats(k->os, &st);
  assert_int_equal(st.nr_anon + st.nr_page_table_pages, 0);
  fk_destroy(k);
}

static void deaths(void **state) {
  (void)state;
  const struct os_mapping ro = {.va = 0x400000, .bytes = 0x3000, .prot = OS_PROT_READ};
  const struct os_mapping rw = {.va = 0x400000, .bytes = 0x3000, .prot = RW};
  const struct os_mapping none = {.va = 0x400000, .bytes = 0x3000, .prot = 0};
  const struct os_mapping file = {
      .va = 0x400000, .bytes = 0x4000, .prot = RW, .file = 1, .file_page = 18, .shared = true};
  for (enum mmu_arch a = MMU_ARCH_X86; a < MMU_ARCH_COUNT; a++) {
    dies(a, (struct death){.va = 0x400000}, "nothing mapped", false);
    dies(a, (struct death){.map = rw, .va = 0x403000, .write = true}, "nothing mapped", false);
    dies(a, (struct death){.map = ro, .va = 0x401000, .write = true}, "not allowed", false);
    dies(a, (struct death){.map = rw, .va = 0x401008, .fetch = true}, "not allowed", false);
    dies(a, (struct death){.map = none, .va = 0x401000}, "not allowed", false);
    dies(a, (struct death){.map = file, .va = 0x402000}, "beyond the end", false);
    dies(a, (struct death){.map = file, .va = 0x401000}, "disk error", true);
    dies(a, (struct death){.map = file, .va = 0x400000, .write = true}, "disk error", true);
  }
  const struct mmu_syndrome gp = {.reg = {13}};
  dies(MMU_ARCH_X86, (struct death){.syn = &gp}, "general protection", false);
  const struct mmu_syndrome rsvd = {.reg = {14, 0xd, 0x400000}};
  dies(MMU_ARCH_X86, (struct death){.syn = &rsvd, .map = rw}, "reserved bits", false);
  const struct mmu_syndrome ext = {.reg = {0x92000217, 0x400000}};
  dies(MMU_ARCH_ARM, (struct death){.syn = &ext, .map = rw}, "bus error", false);
  const struct mmu_syndrome size = {.reg = {0x92000003, 0x400000}};
  dies(MMU_ARCH_ARM, (struct death){.syn = &size, .map = rw}, "physical space", false);
  const struct mmu_syndrome access = {.reg = {5, 0x400000}};
  dies(MMU_ARCH_RISCV, (struct death){.syn = &access, .map = rw}, "bus error", false);
  const struct mmu_syndrome illegal = {.reg = {2, 0x400000}};
  dies(MMU_ARCH_RISCV, (struct death){.syn = &illegal, .map = rw}, "no memory fault", false);
}

/* ---- rights that go away must go away from the TLB too ---- */

static void lose_rights(void *arg) {
  struct death *d = arg;
  struct fake *k = d->k;
  d->t = os_task_create(k->os, 7);
  assert_non_null(d->t);
  const struct os_mapping m = {.va = 0x400000, .bytes = 0x5000, .prot = RW | OS_PROT_EXEC};
  assert_int_equal(os_mmap(d->t, &m), 0);
  for (uint64_t va = m.va; va < m.va + m.bytes; va += 0x1000) {
    assert_int_not_equal(fk_access(k, d->t, va, true, false), 0);
    assert_int_not_equal(fk_access(k, d->t, va, false, true), 0);
  }
  uint64_t va = m.va + 0x1000;
  assert_int_equal(os_mprotect(d->t, va, 0x3000, OS_PROT_READ), 0);
  assert_int_not_equal(fk_access(k, d->t, va, false, false), 0);
  assert_int_equal(fk_access_now(k, d->t, va, true, false), 0);
  assert_int_equal(fk_access_now(k, d->t, va + 0x2000, false, true), 0);
  assert_int_not_equal(fk_access_now(k, d->t, m.va, true, false), 0);
  assert_int_not_equal(fk_access_now(k, d->t, m.va + 0x4000, false, true), 0);
  assert_int_equal(os_mprotect(d->t, va, 0x1000, 0), 0);
  assert_int_equal(fk_access_now(k, d->t, va, false, false), 0);
  /* Given back: a fault that finds the right there just retries. */
  assert_int_equal(os_mprotect(d->t, va, 0x1000, RW), 0);
  assert_int_not_equal(fk_access(k, d->t, va, true, false), 0);
  assert_int_equal(os_munmap(d->t, m.va, 0x1000), 0);
  assert_int_equal(fk_access_now(k, d->t, m.va, false, false), 0);
  assert_int_equal(fk_access(k, d->t, va + 0x1000, true, false), 0); /* and dies */
  os_task_exit(d->t);
}

static void rights_go(void **state) {
  (void)state;
  for (enum mmu_arch a = MMU_ARCH_X86; a < MMU_ARCH_COUNT; a++) {
    struct os_config cfg = tiny(a, 0);
    struct fake *k = fk_create(&cfg, 1, 1);
    struct death d = {.k = k};
    fk_start(k, lose_rights, &d, false);
    fk_run(k);
    fk_check(k);
    assert_non_null(strstr(os_task_death(d.t), "not allowed"));
    os_task_free(d.t);
    fk_destroy(k);
  }
}

/* ---- bad arguments ---- */

static void calls(void *arg) {
  struct fake *k = arg;
  struct os_task *t = os_task_create(k->os, 1);
  assert_non_null(t);
  struct os_mapping m = {.va = 0x1000, .bytes = 0x1000, .prot = RW};
  m.va = 0x1001;
  assert_int_equal(os_mmap(t, &m), -EINVAL);
  m.va = 0x1000;
  m.bytes = 0;
  assert_int_equal(os_mmap(t, &m), -EINVAL);
  m.bytes = UINT64_MAX & ~UINT64_C(0xfff);
  assert_int_equal(os_mmap(t, &m), -EINVAL);
  m.va = UINT64_C(1) << 47;
  m.bytes = 0x1000;
  assert_int_equal(os_mmap(t, &m), -EINVAL); /* x86: not user space */
  m.va = 0x1000;
  m.file = 9;
  assert_int_equal(os_mmap(t, &m), -EINVAL);
  assert_int_equal(os_munmap(t, 0x1000, 0), -EINVAL);
  assert_int_equal(os_munmap(t, 0x1000, 0x1000), 0); /* nothing there: fine */
  assert_int_equal(os_mprotect(t, 0x1000, 0x1000, 0), -ENOMEM);
  assert_int_equal(os_file_io(t, 1, 19, 1, false), 0);
  assert_int_equal(os_file_io(t, 1, 19, 2, false), -EINVAL);
  assert_int_equal(os_file_io(t, 2, 0, 1, false), -EINVAL);
  os_task_exit(t);
  os_task_exit(t); /* once is enough, twice is harmless */
  os_task_free(t);
}

static void bad_arguments(void **state) {
  (void)state;
  struct os_config cfg = tiny(MMU_ARCH_X86, 10);
  struct fake *k = fk_create(&cfg, 40, 1);
  assert_int_equal(os_file_create(k->os, 20), 1);
  assert_int_equal(os_file_create(k->os, 11), 0); /* the disk is full */
  assert_int_equal(os_file_block(k->os, 1, 3), 13);
  fk_start(k, calls, k, false);
  fk_run(k);
  fk_check(k);
  fk_destroy(k);
}

/* ---- memory and identifiers run out ---- */

struct eater {
  struct fake *k;
  struct os_task *t;
  uint64_t pages;
  bool survived;
};

static void eat(void *arg) {
  struct eater *e = arg;
  e->t = os_task_create(e->k->os, 1);
  assert_non_null(e->t);
  /* In pieces: vm.overcommit_memory 0 refuses one that memory and swap could never hold. */
  struct os_mapping m = {.va = 0x400000, .bytes = UINT64_C(100) << 12, .prot = RW};
  for (; m.va < 0x400000 + (e->pages << 12); m.va += m.bytes)
    assert_int_equal(os_mmap(e->t, &m), 0);
  e->survived = true;
  for (uint64_t p = 0; p < e->pages && e->survived; p++)
    e->survived = fk_access(e->k, e->t, 0x400000 + (p << 12), true, false) != 0;
  os_task_exit(e->t);
}

static void exhaustion(void **state) {
  (void)state;
  static const struct {
    uint64_t swap, pages;
    bool survives;
  } how[] = {{0, 300, true}, {0, 2000, false}, {100, 2000, false}, {2000, 2000, true}};
  for (enum mmu_arch a = MMU_ARCH_X86; a < MMU_ARCH_COUNT; a++)
    for (size_t i = 0; i < sizeof how / sizeof how[0]; i++) {
      struct os_config cfg = tiny(a, how[i].swap);
      struct fake *k = fk_create(&cfg, how[i].swap + 1, 1);
      k->yield_permille = 50;
      struct eater e = {.k = k, .pages = how[i].pages};
      fk_start(k, eat, &e, false);
      fk_run(k);
      fk_check(k);
      struct os_stats st;
      os_stats(k->os, &st);
      assert_int_equal(e.survived, how[i].survives);
      assert_int_equal(st.oom_kill, !how[i].survives);
      if (!e.survived) assert_non_null(strstr(os_task_death(e.t), "out of memory"));
      assert_int_equal(st.nr_anon + st.nr_page_table_pages + st.nr_swap_used, 0);
      os_task_free(e.t);
      fk_destroy(k);
    }
}

static void identifiers(void *arg) {
  struct fake *k = arg;
  static struct os_task *t[256];
  uint16_t seen[4096] = {0};
  size_t n = 0;
  /* More tasks than memory has room for: a refusal, not a crash. */
  while (n < 256 && (t[n] = os_task_create(k->os, (uint32_t)n + 1)) != NULL)
    n++;
  assert_true(n > 100);
  for (size_t i = 0; i < n; i++)
    assert_int_equal(seen[os_task_context(t[i])->asid]++, 0); /* all different */
  assert_int_equal(seen[0], 0);
  for (size_t i = 1; i < n; i++) {
    os_task_exit(t[i]);
    os_task_free(t[i]);
  }
  /* More in a row than there are PCIDs, beside one that stays. */
  for (uint32_t i = 0; i < 5000; i++) {
    struct os_task *x = os_task_create(k->os, i);
    assert_non_null(x);
    assert_int_not_equal(os_task_context(x)->asid, os_task_context(t[0])->asid);
    os_task_exit(x);
    os_task_free(x);
  }
  os_task_exit(t[0]);
  os_task_free(t[0]);
}

static void identifiers_run_out(void **state) {
  (void)state;
  struct os_config cfg = tiny(MMU_ARCH_X86, 0);
  cfg.memory_bytes = 1 << 20;
  struct fake *k = fk_create(&cfg, 1, 1);
  fk_start(k, identifiers, k, false);
  fk_run(k);
  fk_check(k);
  fk_destroy(k);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(configurations), cmocka_unit_test(deaths),
      cmocka_unit_test(rights_go),      cmocka_unit_test(bad_arguments),
      cmocka_unit_test(exhaustion),     cmocka_unit_test(identifiers_run_out)};
  return cmocka_run_group_tests_name("os errors", tests, NULL, NULL);
}

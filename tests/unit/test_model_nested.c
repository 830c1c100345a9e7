/* SPDX-License-Identifier: Apache-2.0
 * What the model does with two stages beyond counting reads: execute rights by the kind of page,
 * speculative accesses, swaps that stage 2 must allow, tables in Device memory, invalidation by
 * guest-physical address. All of it before the judge. Source: docs/stage2.md. */
#include "two_stages.h"

enum { VA = 0x3000 };

static struct mmu_backend *judged_model(const struct mmu_backend_config *cfg, char *err,
                                        size_t err_len) {
  return mmu_backend_judged(mmu_backend_model, cfg, err, err_len);
}

static const struct mmu_geometry small = {.l1i_entries = 4,
                                          .l1d_entries = 4,
                                          .l2_sets = 4,
                                          .l2_ways = 2,
                                          .pwc_entries = {4, 4, 4, 4},
                                          .walks = 1,
                                          .miss_queue = 1,
                                          .nested_entries = 8};

/* Two pages of 4 KiB in both stages. */
static struct stages machine(enum mmu_arch arch, uint8_t mode, const struct mmu_geometry *g) {
  uint8_t levels = arch == MMU_ARCH_RISCV ? 3 : 4;
  struct stages s = stages_on(judged_model, arch, mode, levels, levels, g);
  for (uint64_t i = 0; i < 2; i++) {
    s1_map(&s, VA + i * 0x1000, GUEST_DATA + i * 0x1000, 0, 0);
    s2_map(&s, GUEST_DATA + i * 0x1000, 0);
  }
  return s;
}

static void change(struct stages *s, uint64_t pa, uint64_t clear, uint64_t set) {
  put(s, pa, (word(s, pa) & ~clear) | set);
}

/* EPT with mode-based execute control: bit 2 is for pages of the supervisor, bit 10 for the user's,
 * whoever fetches; also from an entry that a read has left in the L2. */
static void execute_by_page(void **state) {
  (void)state;
  for (unsigned i = 0; i < 8; i++) {
    bool user_page = i & 1, user_may = i & 2, read_first = i & 4;
    struct stages s = machine(MMU_ARCH_X86, MMU_S2_EPT, &small);
    s.ctx.s2_mbec = true;
    change(&s, s2_place(&s, GUEST_DATA, 0), user_may ? 4 : 0x400, user_may ? 0x400 : 4);
    if (!user_page) change(&s, s1_place(&s, VA, 0, 0), 4, 0);
    s.ctx.priv = MMU_SUPERVISOR;
    if (read_first) assert_int_equal(translate(&s, VA, MMU_READ, NULL).status, MMU_OK);
    struct mmu_response r = translate(&s, VA, MMU_FETCH, NULL);
    assert_int_equal(r.status, user_page == user_may ? MMU_OK : MMU_FAULT);
    assert_int_equal(r.l2, r.status == MMU_OK && read_first);
    if (r.status == MMU_FAULT) assert_int_equal(r.fault.cause, MMU_CAUSE_PERMISSION);
    finish(&s);
  }
}

static struct mmu_response speculate(struct stages *s, uint64_t va, uint8_t kind) {
  struct mmu_response r;
  struct mmu_request q = {
      .va = va, .access = {.kind = kind, .speculative = true}, .ctx = &s->ctx, .tag = 9};
  q.port = MMU_PORT_DATA;
  assert_int_equal(mmu_translate(s->b, &q, &r), 0);
  return r;
}

/* It leaves nothing behind, in the nested TLB either, and never makes its page dirty. */
static void speculation(void **state) {
  (void)state;
  struct cost cold, after;
  struct stages s = machine(MMU_ARCH_RISCV, MMU_S2_RISCV, &small);
  s.ctx.s2_hw_a = s.ctx.s2_hw_d = true;
  assert_int_equal(speculate(&s, VA, MMU_READ).status, MMU_OK);
  translate(&s, VA, MMU_READ, &cold);
  assert_int_equal(cold.reads, (3 + 1) * (3 + 1) - 1);
  uint64_t leaf = s2_place(&s, GUEST_DATA + 0x1000, 0);
  change(&s, leaf, 0x80, 0); /* D */
  uint64_t before = word(&s, leaf);
  assert_int_equal(speculate(&s, VA + 0x1000, MMU_WRITE).status, MMU_RETRY);
  assert_int_equal(word(&s, leaf), before);
  assert_int_equal(translate(&s, VA + 0x1000, MMU_WRITE, &after).status, MMU_OK);
  assert_int_equal(word(&s, leaf), before | 0x80);
  assert_int_equal(after.swaps, 1);
  finish(&s);
}

/* Stage 1 wants to set A, and stage 2 lets its table only be read. */
static void refused_swap(void **state) {
  (void)state;
  static const uint64_t writable[] = {[MMU_S2_EPT] = 2, [MMU_S2_ARM] = 0x80, [MMU_S2_RISCV] = 4};
  static const uint64_t used[] = {0x20, 0x400, 0x40}; /* A of stage 1, by architecture */
  for (unsigned a = 0; a < MMU_ARCH_COUNT; a++) {
    enum mmu_arch arch = (enum mmu_arch)a;
    uint8_t mode = a == MMU_ARCH_X86   ? (uint8_t)MMU_S2_EPT
                   : a == MMU_ARCH_ARM ? (uint8_t)MMU_S2_ARM
                                       : (uint8_t)MMU_S2_RISCV;
    struct stages s = machine(arch, mode, &small);
    uint64_t table = GUEST_ROOT + 0x10000U * s.s1_top;
    change(&s, s1_place(&s, VA, 0, 0), used[a], 0);
    change(&s, s2_place(&s, table, 0), writable[mode], 0);
    struct mmu_response r = translate(&s, VA, MMU_READ, NULL);
    assert_int_equal(r.status, MMU_FAULT);
    assert_true(r.fault.stage2 && r.fault.on_ad_write && !r.fault.on_walk);
    assert_int_equal(r.fault.gpa, table + 8 * (VA >> 12));
    assert_int_equal(r.fault.s1_level, 0);
    r = translate(&s, VA + 0x1000, MMU_READ, NULL); /* which needs no update */
    assert_int_equal(r.status, MMU_OK);
    finish(&s);
  }
}

/* With A and D flags, tables are written as far as stage 2 can tell. */
static void tables_become_dirty(void **state) {
  (void)state;
  static const uint8_t modes[] = {MMU_S2_EPT, MMU_S2_NPT};
  for (unsigned i = 0; i < 2; i++) {
    uint8_t mode = modes[i];
    uint64_t a = mode == MMU_S2_EPT ? 0x100 : 0x20, d = 2 * a;
    struct stages s = machine(MMU_ARCH_X86, mode, &small);
    s.ctx.s2_hw_a = s.ctx.s2_hw_d = true;
    uint64_t table = s2_place(&s, GUEST_ROOT, 0), page = s2_place(&s, GUEST_DATA, 0);
    change(&s, table, a | d, 0);
    change(&s, page, a | d, 0);
    assert_int_equal(translate(&s, VA, MMU_READ, NULL).status, MMU_OK);
    assert_int_equal(word(&s, table) & (a | d), a | d);
    assert_int_equal(word(&s, page) & (a | d), a);
    assert_int_equal(translate(&s, VA, MMU_WRITE, NULL).status, MMU_OK);
    assert_int_equal(word(&s, page) & (a | d), a | d);
    finish(&s);
  }
}

/* HCR_EL2.PTW: a page of Device memory may be accessed, but no table may be in it, also if the
 * nested TLB knows the page. */
static void table_in_device_memory(void **state) {
  (void)state;
  struct stages s = machine(MMU_ARCH_ARM, MMU_S2_ARM, &small);
  uint64_t table = GUEST_ROOT + 0x10000U * s.s1_top;
  uint64_t at = s2_place(&s, table, 0);
  s.ctx.s2_ptw = true;
  change(&s, at, 0x3c, 0);
  s1_map(&s, VA + 0x400000, table, 0, 0); /* by another table */
  change(&s, at, 0x3c, 0);
  assert_int_equal(translate(&s, VA + 0x400000, MMU_READ, NULL).status, MMU_OK);
  struct mmu_response r = translate(&s, VA, MMU_READ, NULL);
  assert_int_equal(r.status, MMU_FAULT);
  assert_true(r.fault.stage2 && r.fault.on_walk);
  assert_int_equal(r.fault.cause, MMU_CAUSE_PERMISSION);
  s.ctx.s2_ptw = false;
  assert_int_equal(translate(&s, VA, MMU_READ, NULL).status, MMU_OK);
  finish(&s);
}

/* How many stage-2 reads does a third page cost, after an operation on the tables' addresses? */
static uint64_t reads_after(enum mmu_arch arch, uint8_t mode, uint8_t kind, uint64_t addr) {
  struct cost cost;
  struct mmu_geometry g = small;
  for (unsigned i = 0; i < MMU_PWC_HEIGHTS; i++)
    g.pwc_entries[i] = 0;
  struct stages s = machine(arch, mode, &g);
  translate(&s, VA, MMU_READ, NULL);
  struct mmu_inval inv = {.kind = kind, .addr = addr, .asid = 1, .vmid = 1, .id = 2};
  assert_int_equal(mmu_invalidate_wait(s.b, &inv), 0);
  translate(&s, VA + 0x1000, MMU_READ, &cost);
  finish(&s);
  return cost.nested;
}

static void by_guest_physical_address(void **state) {
  (void)state;
  enum { ELSEWHERE = 0x7777000 };
  assert_int_equal(reads_after(MMU_ARCH_ARM, MMU_S2_ARM, MMU_INV_ARM_IPAS2E1, ELSEWHERE), 4);
  assert_int_equal(reads_after(MMU_ARCH_ARM, MMU_S2_ARM, MMU_INV_ARM_IPAS2E1, GUEST_ROOT), 8);
  assert_int_equal(reads_after(MMU_ARCH_ARM, MMU_S2_ARM, MMU_INV_ARM_VMALLE1, 0), 4);
  assert_int_equal(reads_after(MMU_ARCH_ARM, MMU_S2_ARM, MMU_INV_ARM_VMALLS12E1, 0), 20);
  /* a range of another granule: all of the VMID */
  assert_int_equal(reads_after(MMU_ARCH_ARM, MMU_S2_ARM, MMU_INV_ARM_RIPAS2E1, 0), 20);
  uint8_t riscv = MMU_S2_RISCV;
  assert_int_equal(reads_after(MMU_ARCH_RISCV, riscv, MMU_INV_RISCV_GVMA_ADDR, ELSEWHERE >> 2), 3);
  assert_int_equal(reads_after(MMU_ARCH_RISCV, riscv, MMU_INV_RISCV_GVMA_ADDR, GUEST_ROOT >> 2), 6);
  assert_int_equal(reads_after(MMU_ARCH_RISCV, riscv, MMU_INV_RISCV_ALL, 0), 3);
  assert_int_equal(reads_after(MMU_ARCH_RISCV, riscv, MMU_INV_RISCV_GVMA_VMID, 0), 12);
  assert_int_equal(reads_after(MMU_ARCH_X86, MMU_S2_EPT, MMU_INV_X86_EPT, NESTED_ROOT), 20);
  assert_int_equal(reads_after(MMU_ARCH_X86, MMU_S2_EPT, MMU_INV_X86_EPT, ELSEWHERE), 4);
  assert_int_equal(reads_after(MMU_ARCH_X86, MMU_S2_EPT, MMU_INV_X86_VPID, 0), 4);
  assert_int_equal(reads_after(MMU_ARCH_X86, MMU_S2_NPT, MMU_INV_AMD_ASID, 0), 20);
  assert_int_equal(reads_after(MMU_ARCH_X86, MMU_S2_NPT, MMU_INV_AMD_ADDR, VA), 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(execute_by_page),        cmocka_unit_test(speculation),
      cmocka_unit_test(refused_swap),           cmocka_unit_test(tables_become_dirty),
      cmocka_unit_test(table_in_device_memory), cmocka_unit_test(by_guest_physical_address),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

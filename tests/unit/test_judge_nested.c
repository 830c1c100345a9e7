/* SPDX-License-Identifier: Apache-2.0
 * The judge on what an MMU of two stages may remember: combined and nested entries, EPT roots,
 * pages that stage 2 holds clean. The MMU lies (lying_backend.h). */
#include "tests/unit/lying_stages.h"

static bool invalidated(struct stages *s, uint8_t kind, uint64_t addr) {
  struct mmu_inval inv = {
      .kind = kind, .addr = addr, .asid = s->ctx.asid, .vmid = s->ctx.vmid, .id = 1};
  return mmu_invalidate_wait(s->b, &inv) == 0;
}

/* By mode: what ends nested entries alone or with the rest, and what ends all. */
static const uint8_t nested_op[] = {[MMU_S2_EPT] = MMU_INV_X86_EPT,
                                    [MMU_S2_NPT] = MMU_INV_AMD_ASID,
                                    [MMU_S2_ARM] = MMU_INV_ARM_IPAS2E1,
                                    [MMU_S2_RISCV] = MMU_INV_RISCV_GVMA_ADDR};
static const uint8_t full_op[] = {[MMU_S2_EPT] = MMU_INV_X86_EPT_ALL,
                                  [MMU_S2_NPT] = MMU_INV_AMD_ALL,
                                  [MMU_S2_ARM] = MMU_INV_ARM_VMALLS12E1,
                                  [MMU_S2_RISCV] = MMU_INV_RISCV_GVMA_ALL};

static uint64_t operand(const struct stages *s, uint64_t gpa) {
  return s->ctx.s2_mode == MMU_S2_EPT     ? s->ctx.s2_root
         : s->ctx.s2_mode == MMU_S2_RISCV ? gpa >> 2
                                          : gpa;
}

/* Stage 2 moves the page; the operation is done, or only said to be. */
static bool moved(unsigned mode, uint8_t kind, uint64_t addr, bool swallow) {
  struct mmu_response r;
  lie = (struct lie){0};
  struct stages s = liar_of(mode);
  bool believed = asked(&s, VA, MMU_READ, &r);
  put(&s, s2_place(&s, GUEST_DATA, 0), s2_leaf(&s, HOST_BASE + 0x9000, 0));
  lie.swallow_invalidation = swallow;
  believed = believed && invalidated(&s, kind, addr) && asked(&s, VA, MMU_READ, &r);
  finish(&s);
  return believed;
}

static void combined_entries(void **state) {
  (void)state;
  for (unsigned m = 0; m < MODES; m++) {
    uint8_t mode = modes[m].mode;
    assert_true(moved(m, full_op[mode], 0, false));
    assert_false(moved(m, full_op[mode], 0, true));
    struct stages s = liar_of(m);
    uint64_t addr = operand(&s, GUEST_DATA);
    finish(&s);
    assert_true(moved(m, nested_op[mode], addr, false));
    /* on Arm the L1 may go on answering until a VMALLE1 */
    assert_int_equal(moved(m, nested_op[mode], addr, true), mode == MMU_S2_ARM);
  }
}

/* Stage 2 moves the last table of stage 1 (as it stood before), which is then read where it was. */
static bool table_moved(unsigned mode, bool covering, bool swallow) {
  struct mmu_response r;
  lie = (struct lie){0};
  struct stages s = liar_of(mode);
  uint64_t table = GUEST_ROOT + 0x10000U * s.s1_top;
  bool believed = asked(&s, VA, MMU_READ, &r);
  for (uint64_t i = 0; i < 512; i++)
    put(&s, HOST_BASE + 0x80000 + 8 * i, word(&s, HOST_BASE + table + 8 * i));
  put(&s, s2_place(&s, table, 0), s2_leaf(&s, HOST_BASE + 0x80000, 0));
  lie.swallow_invalidation = swallow;
  uint64_t gpa = covering ? table : table + 0x1000;
  believed = believed && invalidated(&s, nested_op[s.ctx.s2_mode], operand(&s, gpa)) &&
             asked(&s, VA + 0x1000, MMU_READ, &r);
  finish(&s);
  return believed;
}

static void nested_entries(void **state) {
  (void)state;
  for (unsigned m = 0; m < MODES; m++) {
    assert_true(table_moved(m, true, false));
    assert_false(table_moved(m, true, true));
    /* elsewhere: on RISC-V the pointers of the walk cache end all the same */
    assert_int_equal(table_moved(m, false, true), modes[m].mode == MMU_S2_ARM);
  }
}

static void another_root(struct mmu_request *q, struct mmu_context *c) {
  (void)q;
  c->s2_root = NESTED_ROOT;
}

/* An entry that came by one EPT root serves no other, whatever the VPID. */
static void entry_of_another_root(void **state) {
  (void)state;
  for (unsigned i = 0; i < 2; i++) {
    struct mmu_response r;
    lie = (struct lie){0};
    struct stages s = liar_of(0);
    put(&s, NESTED_ROOT + 0x8000, word(&s, NESTED_ROOT));
    assert_true(asked(&s, VA, MMU_READ, &r));
    s.ctx.s2_root = NESTED_ROOT + 0x8000;
    if (i == 1) lie.request = another_root;
    assert_int_equal(asked(&s, VA, MMU_READ, &r), i == 0);
    if (i == 0) assert_false(r.hit);
    finish(&s);
  }
}

static void as_read(struct mmu_request *q, struct mmu_context *c) {
  (void)c;
  q->access.kind = MMU_READ;
}

/* A read may come from an entry that stage 2 would not let a write through. */
static void store_through_a_clean_entry(void **state) {
  (void)state;
  for (unsigned m = 0; m < MODES; m++) {
    struct mmu_response r;
    lie = (struct lie){0};
    struct stages s = liar_of(m);
    static const uint64_t writable[] = {
        [MMU_S2_EPT] = 2, [MMU_S2_NPT] = 2, [MMU_S2_ARM] = 0x80, [MMU_S2_RISCV] = 4};
    uint64_t at = s2_place(&s, GUEST_DATA, 0);
    put(&s, at, word(&s, at) & ~writable[s.ctx.s2_mode]);
    assert_true(asked(&s, VA, MMU_READ, &r) && r.status == MMU_OK);
    assert_true(asked(&s, VA, MMU_WRITE, &r) && r.status == MMU_FAULT);
    lie.request = as_read;
    assert_false(asked(&s, VA, MMU_WRITE, &r));
    finish(&s);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(combined_entries),
      cmocka_unit_test(nested_entries),
      cmocka_unit_test(entry_of_another_root),
      cmocka_unit_test(store_through_a_clean_entry),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 * The judge against an MMU that lies about two-stage walks (lying_backend.h), in every mode of
 * stage
 * 2. Every lie must be refused, and the same story told honestly must be accepted. */
#include "tests/unit/lying_backend.h"
#include "tests/unit/two_stages.h"

static bool is_answer(const struct mmu_event *ev) {
  return ev->kind == MMU_EV_ANSWER;
}
static bool is_nested(const struct mmu_event *ev, enum mmu_event_kind kind) {
  return ev->kind == kind && ev->stage == 2;
}
static bool is_nested_leaf(const struct mmu_event *ev) {
  return is_nested(ev, MMU_EV_READ) && ev->level == 0;
}

static bool stage1_began, stage1_ended; /* of the walk that the liar tells of */

/* ---- lies about a translation ---- */

static bool wrong_pa(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.pa ^= 0x1000;
  return true;
}
static bool untranslated_pa(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.pa -= HOST_BASE;
  return true;
}
static bool wrong_s1_size(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.s1_shift += 9;
  return true;
}
static bool wrong_s2_size(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.s2_shift += 9;
  return true;
}
static bool no_s2_size(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.s2_shift = 0;
  return true;
}
static bool wrong_s2_attrs(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.s2_attrs ^= 1;
  return true;
}
static bool read_elsewhere(struct liar *l, struct mmu_event *ev) {
  (void)l;
  if (is_nested_leaf(ev)) ev->addr += 8;
  return true;
}
static bool wrong_level(struct liar *l, struct mmu_event *ev) {
  (void)l;
  if (is_nested_leaf(ev)) ev->level++;
  return true;
}
static bool wrong_stage(struct liar *l, struct mmu_event *ev) {
  (void)l;
  if (is_nested_leaf(ev)) ev->stage = 1;
  return true;
}
static bool table_unasked(struct liar *l, struct mmu_event *ev) {
  (void)l;
  if (ev->kind == MMU_EV_READ && ev->stage == 1) stage1_began = true;
  return stage1_began || !is_nested(ev, MMU_EV_READ);
}
static bool final_unasked(struct liar *l, struct mmu_event *ev) {
  (void)l;
  if (ev->kind == MMU_EV_READ && ev->stage == 1 && ev->level == 0) stage1_ended = true;
  return !stage1_ended || ev->stage != 2;
}
static bool leaf_unread(struct liar *l, struct mmu_event *ev) {
  (void)l;
  return !is_nested_leaf(ev);
}
static bool read_twice(struct liar *l, struct mmu_event *ev) {
  if (is_nested_leaf(ev)) tell(l, ev);
  return true;
}
static bool read_at_the_guest_address(struct liar *l, struct mmu_event *ev) {
  (void)l;
  if (ev->kind == MMU_EV_READ && ev->stage == 1) ev->addr -= HOST_BASE;
  return true;
}
static bool extra_fault(struct liar *l, struct mmu_event *ev) {
  if (!is_answer(ev)) return true;
  l->spare.status = MMU_FAULT;
  l->spare.fault = (struct mmu_fault){.gva = ev->response->fault.gva,
                                      .gpa = GUEST_DATA,
                                      .cause = MMU_CAUSE_NOT_PRESENT,
                                      .stage2 = true};
  return true;
}
static bool needless_retry(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.status = MMU_RETRY;
  return true;
}

/* about an update */
static bool missed_swap(struct liar *l, struct mmu_event *ev) {
  (void)l;
  return !is_nested(ev, MMU_EV_CAS);
}
static bool extra_bit_in_swap(struct liar *l, struct mmu_event *ev) {
  (void)l;
  if (is_nested(ev, MMU_EV_CAS)) ev->desired ^= UINT64_C(1) << 55;
  return true;
}
static bool swap_elsewhere(struct liar *l, struct mmu_event *ev) {
  (void)l;
  if (is_nested(ev, MMU_EV_CAS)) ev->addr += 8;
  return true;
}
static bool swap_twice(struct liar *l, struct mmu_event *ev) {
  if (is_nested(ev, MMU_EV_CAS)) tell(l, ev);
  return true;
}
static bool swap_of_stage_1(struct liar *l, struct mmu_event *ev) {
  (void)l;
  if (is_nested(ev, MMU_EV_CAS)) ev->stage = 1;
  return true;
}

/* ---- lies about a fault ---- */

static bool no_fault(struct liar *l, struct mmu_event *ev) {
  if (!is_answer(ev)) return true;
  l->spare.status = MMU_OK;
  l->spare.pa = HOST_BASE + GUEST_DATA;
  l->spare.s1_shift = l->spare.s2_shift = 12;
  return true;
}
static bool fault_of_stage_1(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.fault.stage2 = false;
  return true;
}
static bool wrong_cause(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.fault.cause ^= 1;
  return true;
}
static bool wrong_gpa(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.fault.gpa ^= 8;
  return true;
}
static bool wrong_gva(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.fault.gva ^= 8;
  return true;
}
static bool wrong_s2_level(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.fault.s2_level++;
  return true;
}
static bool wrong_s1_level(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.fault.s1_level++;
  return true;
}
static bool wrong_rights(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.fault.s2_rights ^= MMU_R2_R;
  return true;
}
static bool wrong_question(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.fault.on_walk = !l->spare.fault.on_walk;
  return true;
}
static bool swap_blamed(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.fault.on_ad_write = !l->spare.fault.on_ad_write;
  return true;
}
static bool for_the_guest(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.syndrome.to_hyp = false;
  return true;
}
static bool wrong_gva_flag(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.syndrome.gva = !l->spare.syndrome.gva;
  return true;
}
static bool wrong_reason(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.syndrome.reg[0] ^= 1;
  return true;
}

/* ---- the stories ---- */

/* One table's height each is enough: four levels, or three of RISC-V. */
static const struct {
  enum mmu_arch arch;
  uint8_t mode, levels;
} modes[] = {{MMU_ARCH_X86, MMU_S2_EPT, 4},
             {MMU_ARCH_X86, MMU_S2_NPT, 4},
             {MMU_ARCH_ARM, MMU_S2_ARM, 4},
             {MMU_ARCH_RISCV, MMU_S2_RISCV, 3}};
enum { MODES = sizeof modes / sizeof modes[0], VA = 0x3000 };

static const struct mmu_geometry small = {.l1i_entries = 4,
                                          .l1d_entries = 4,
                                          .pwc_entries = {4, 4, 4, 4},
                                          .walks = 2,
                                          .miss_queue = 4,
                                          .nested_entries = 8};

static struct mmu_backend *judged_liar(const struct mmu_backend_config *cfg, char *err,
                                       size_t err_len) {
  return mmu_backend_judged(make_liar, cfg, err, err_len);
}

/* Two pages of 4 KiB in both stages, and a liar before the judge. */
static struct stages liar_of(unsigned mode) {
  struct stages s = stages_on(judged_liar, modes[mode].arch, modes[mode].mode, modes[mode].levels,
                              modes[mode].levels, &small);
  s.ctx.s2_hw_a = s.ctx.s2_hw_d = true;
  stage1_began = stage1_ended = false;
  for (uint64_t i = 0; i < 2; i++) {
    s1_map(&s, VA + i * 0x1000, GUEST_DATA + i * 0x1000, 0, 0);
    s2_map(&s, GUEST_DATA + i * 0x1000, 0);
  }
  return s;
}

/* Ask; the answer, if the judge lets it pass. */
static bool asked(struct stages *s, uint64_t va, uint8_t kind, struct mmu_response *r) {
  struct mmu_request q = {.va = va, .access = {.kind = kind}, .ctx = &s->ctx, .tag = 3};
  q.port = kind == MMU_FETCH ? MMU_PORT_FETCH : MMU_PORT_DATA;
  return mmu_translate(s->b, &q, r) == 0 && s->b->ops->error(s->b) == NULL;
}

/* Is this believed, that tells one access? */
typedef bool story(struct stages *s);

static bool plain(struct stages *s) {
  struct mmu_response r;
  return asked(s, VA + 8, MMU_READ, &r) && r.status == MMU_OK && r.pa == HOST_BASE + GUEST_DATA + 8;
}

/* The last descriptor of stage 2 on the way is neither accessed nor dirty. */
static bool updating(struct stages *s) {
  static const uint64_t used[] = {
      [MMU_S2_EPT] = 0x300, [MMU_S2_NPT] = 0x60, [MMU_S2_ARM] = 0x400, [MMU_S2_RISCV] = 0xc0};
  struct mmu_response r;
  uint64_t at = s2_place(s, GUEST_DATA, 0);
  put(s, at, word(s, at) & ~used[s->ctx.s2_mode]);
  return asked(s, VA + 8, MMU_WRITE, &r) && r.status == MMU_OK;
}

static bool final_fault(struct stages *s) {
  struct mmu_response r;
  put(s, s2_place(s, GUEST_DATA, 0), 0);
  return asked(s, VA + 8, MMU_READ, &r) && r.status == MMU_FAULT && r.fault.stage2 &&
         !r.fault.on_walk && r.fault.gpa == GUEST_DATA + 8;
}

static bool table_fault(struct stages *s) {
  struct mmu_response r;
  put(s, s2_place(s, GUEST_ROOT, 0), 0);
  return asked(s, VA + 8, MMU_READ, &r) && r.status == MMU_FAULT && r.fault.on_walk &&
         r.fault.gpa >> 12 == GUEST_ROOT >> 12 && r.fault.s1_level == s->s1_top;
}

static void refused(const char *name, story *tale,
                    bool (*event)(struct liar *, struct mmu_event *)) {
  for (unsigned m = 0; m < MODES; m++) {
    lie = (struct lie){0};
    struct stages s = liar_of(m);
    if (!tale(&s)) fail_msg("%s, mode %u, honestly: %s", name, m, s.b->ops->error(s.b));
    finish(&s);
    s = liar_of(m);
    lie.event = event;
    tale(&s);
    if (s.b->ops->error(s.b) == NULL) fail_msg("%s, mode %u: believed", name, m);
    finish(&s);
  }
}

#define REFUSED(tale, event) refused(#event ", " #tale, tale, event)

static void lies_about_a_translation(void **state) {
  (void)state;
  REFUSED(plain, wrong_pa);
  REFUSED(plain, untranslated_pa);
  REFUSED(plain, wrong_s1_size);
  REFUSED(plain, wrong_s2_size);
  REFUSED(plain, no_s2_size);
  REFUSED(plain, wrong_s2_attrs);
  REFUSED(plain, read_elsewhere);
  REFUSED(plain, wrong_level);
  REFUSED(plain, wrong_stage);
  REFUSED(plain, table_unasked);
  REFUSED(plain, final_unasked);
  REFUSED(plain, leaf_unread);
  REFUSED(plain, read_twice);
  REFUSED(plain, read_at_the_guest_address);
  REFUSED(plain, extra_fault);
  REFUSED(plain, needless_retry);
}

static void lies_about_an_update(void **state) {
  (void)state;
  REFUSED(updating, missed_swap);
  REFUSED(updating, extra_bit_in_swap);
  REFUSED(updating, swap_elsewhere);
  REFUSED(updating, swap_twice);
  REFUSED(updating, swap_of_stage_1);
}

static void lies_about_a_fault(void **state) {
  (void)state;
  static story *const tales[] = {final_fault, table_fault};
  for (unsigned i = 0; i < 2; i++) {
    REFUSED(tales[i], no_fault);
    REFUSED(tales[i], fault_of_stage_1);
    REFUSED(tales[i], wrong_cause);
    REFUSED(tales[i], wrong_gpa);
    REFUSED(tales[i], wrong_gva);
    REFUSED(tales[i], wrong_s2_level);
    REFUSED(tales[i], wrong_s1_level);
    REFUSED(tales[i], wrong_rights);
    REFUSED(tales[i], wrong_question);
    REFUSED(tales[i], swap_blamed);
    REFUSED(tales[i], for_the_guest);
    REFUSED(tales[i], wrong_gva_flag);
    REFUSED(tales[i], wrong_reason);
  }
}

/* ---- histories ---- */

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
      cmocka_unit_test(lies_about_a_translation),
      cmocka_unit_test(lies_about_an_update),
      cmocka_unit_test(lies_about_a_fault),
      cmocka_unit_test(combined_entries),
      cmocka_unit_test(nested_entries),
      cmocka_unit_test(entry_of_another_root),
      cmocka_unit_test(store_through_a_clean_entry),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

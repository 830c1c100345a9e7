/* SPDX-License-Identifier: Apache-2.0
 * The judge against an MMU that lies about two-stage walks (lying_backend.h), in every mode of
 * stage
 * 2. Every lie must be refused, and the same story told honestly must be accepted. */
#include "tests/unit/lying_stages.h"

static bool is_answer(const struct mmu_event *ev) {
  return ev->kind == MMU_EV_ANSWER;
}
static bool is_nested(const struct mmu_event *ev, enum mmu_event_kind kind) {
  return ev->kind == kind && ev->stage == 2;
}
static bool is_nested_leaf(const struct mmu_event *ev) {
  return is_nested(ev, MMU_EV_READ) && ev->level == 0;
}

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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lies_about_a_translation),
      cmocka_unit_test(lies_about_an_update),
      cmocka_unit_test(lies_about_a_fault),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

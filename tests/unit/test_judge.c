/* SPDX-License-Identifier: Apache-2.0
 * The judge against an MMU that lies about one access (liar.h). Every lie must be refused, and
 * the same story told honestly must be accepted. */
#include "tests/unit/liar.h"

static bool wrong_pa(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.pa ^= 0x1000;
  return true;
}
static bool wrong_offset(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.pa ^= 8;
  return true;
}
static bool wrong_size(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.s1_shift = 21;
  return true;
}
static bool wrong_attrs(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.attrs ^= 1;
  return true;
}
static bool missed_swap(struct liar *l, struct mmu_event *ev) {
  (void)l;
  return ev->kind != MMU_EV_CAS;
}
static bool extra_bit_in_swap(struct liar *l, struct mmu_event *ev) {
  (void)l;
  if (ev->kind == MMU_EV_CAS) ev->desired |= 1 << 9;
  return true;
}
static bool swap_elsewhere(struct liar *l, struct mmu_event *ev) {
  (void)l;
  if (ev->kind == MMU_EV_CAS) ev->addr += 8;
  return true;
}
static bool swap_of_unread_value(struct liar *l, struct mmu_event *ev) {
  (void)l;
  if (ev->kind == MMU_EV_CAS) ev->expected ^= RW;
  return true;
}
static bool swap_twice(struct liar *l, struct mmu_event *ev) {
  if (ev->kind == MMU_EV_CAS) tell(l, ev);
  return true;
}
static bool read_elsewhere(struct liar *l, struct mmu_event *ev) {
  (void)l;
  if (ev->kind == MMU_EV_READ && ev->level == 1) ev->addr += 8;
  return true;
}
static bool read_of_wrong_level(struct liar *l, struct mmu_event *ev) {
  (void)l;
  if (ev->kind == MMU_EV_READ && ev->level == 1) ev->level = 2;
  return true;
}
static bool read_of_another_value(struct liar *l, struct mmu_event *ev) {
  (void)l;
  if (ev->kind == MMU_EV_READ && ev->level == 0) ev->old |= 1 << 9; /* which says nothing */
  return true;
}
static bool read_twice(struct liar *l, struct mmu_event *ev) {
  if (ev->kind == MMU_EV_READ && ev->level == 0) tell(l, ev);
  return true;
}
static bool skipped_level(struct liar *l, struct mmu_event *ev) {
  (void)l;
  return ev->kind != MMU_EV_READ || ev->level != 2;
}
static bool unread_leaf(struct liar *l, struct mmu_event *ev) {
  (void)l;
  return ev->kind != MMU_EV_READ || ev->level != 0;
}
static bool ignored_error(struct liar *l, struct mmu_event *ev) {
  (void)l;
  if (ev->kind == MMU_EV_READ && ev->level == 0) ev->error = MMU_MEM_BUS;
  return true;
}
static bool answer_twice(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) tell(l, ev);
  return true;
}
static bool answer_of_another_tag(struct liar *l, struct mmu_event *ev) {
  (void)l;
  if (is_answer(ev)) ev->tag ^= 1;
  return true;
}
static bool extra_fault(struct liar *l, struct mmu_event *ev) {
  if (!is_answer(ev)) return true;
  l->spare.status = MMU_FAULT;
  l->spare.fault = (struct mmu_fault){.gva = VA + 8, .cause = MMU_CAUSE_NOT_PRESENT};
  l->spare.syndrome = (struct mmu_syndrome){.reg = {14, 4, VA + 8, 0}};
  return true;
}
static bool needless_retry(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.status = MMU_RETRY;
  return true;
}
static bool unasked_done(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) tell(l, &(struct mmu_event){.cycle = ev->cycle, .kind = MMU_EV_INVAL_DONE});
  return true;
}
static bool read_after_answer(struct liar *l, struct mmu_event *ev) {
  static struct mmu_event last;
  if (ev->kind == MMU_EV_READ) last = *ev;
  if (!is_answer(ev)) return true;
  tell(l, ev);
  tell(l, &last);
  return false;
}

/* about a fault */
static bool wrong_vector(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.syndrome.reg[0] = 13;
  return true;
}
static bool wrong_code(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.syndrome.reg[1] ^= 4;
  return true;
}
static bool wrong_cr2(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.syndrome.reg[2] &= ~UINT64_C(0xfff);
  return true;
}
static bool wrong_taker(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.syndrome.to_hyp = true;
  return true;
}
static bool wrong_cause(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.fault.cause ^= 1;
  return true;
}
static bool wrong_level(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.fault.s1_level++;
  return true;
}
static bool wrong_gva(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.fault.gva ^= 1;
  return true;
}
static bool wrong_stage(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.fault.stage2 = true;
  return true;
}
static bool no_fault(struct liar *l, struct mmu_event *ev) {
  if (!is_answer(ev)) return true;
  l->spare.status = MMU_OK;
  l->spare.pa = FRAME + 8;
  l->spare.s1_shift = 12;
  l->spare.attrs = 0;
  return true;
}
static bool update_on_fault(struct liar *l, struct mmu_event *ev) {
  if (ev->kind != MMU_EV_READ || ev->level != 0) return true;
  struct mmu_event swap = *ev;
  swap.kind = MMU_EV_CAS;
  swap.expected = ev->old;
  swap.desired = ev->old | A;
  swap.ok = true;
  tell(l, ev);
  tell(l, &swap);
  return false;
}

static bool wrong_access_blamed(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.fault.on_walk = !l->spare.fault.on_walk;
  return true;
}
static bool wrong_error_kind(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.fault.mem_error = MMU_MEM_PARITY;
  return true;
}

struct told {
  const char *name;
  bool (*event)(struct liar *l, struct mmu_event *ev);
  uint64_t pte;
  uint8_t kind;
};

/* Tell each story honestly first: it must be accepted. */
static void lies_about_one_access(void **state) {
  (void)state;
  const uint64_t page = FRAME | P | RW | US | A | D;
  const uint64_t young = FRAME | P | RW | US;
  const uint64_t kernel = FRAME | P | RW;
  const struct told told[] = {
      {"wrong address", wrong_pa, page, MMU_READ},
      {"wrong offset", wrong_offset, page, MMU_READ},
      {"wrong page size", wrong_size, page, MMU_READ},
      {"wrong attributes", wrong_attrs, page, MMU_READ},
      {"missed A", missed_swap, young, MMU_READ},
      {"missed D", missed_swap, young | A, MMU_WRITE},
      {"missed A of a fetch", missed_swap, young, MMU_FETCH},
      {"a bit too many in the update", extra_bit_in_swap, young, MMU_READ},
      {"update of another word", swap_elsewhere, young, MMU_READ},
      {"update from a value not read", swap_of_unread_value, young, MMU_WRITE},
      {"update twice", swap_twice, young, MMU_WRITE},
      {"read of another word", read_elsewhere, page, MMU_READ},
      {"read at the wrong level", read_of_wrong_level, page, MMU_READ},
      {"read of what memory does not hold", read_of_another_value, page, MMU_READ},
      {"needless second read", read_twice, page, MMU_READ},
      {"a level skipped", skipped_level, page, MMU_READ},
      {"a leaf not read", unread_leaf, page, MMU_READ},
      {"memory error ignored", ignored_error, page, MMU_READ},
      {"two answers", answer_twice, page, MMU_READ},
      {"answer to another tag", answer_of_another_tag, page, MMU_READ},
      {"extra fault", extra_fault, page, MMU_READ},
      {"needless retry", needless_retry, page, MMU_READ},
      {"an invalidation done that nobody asked for", unasked_done, page, MMU_READ},
      {"a read after the answer", read_after_answer, page, MMU_READ},
      {"wrong vector", wrong_vector, kernel, MMU_READ},
      {"wrong error code", wrong_code, kernel, MMU_READ},
      {"wrong CR2", wrong_cr2, kernel, MMU_READ},
      {"fault to the hypervisor", wrong_taker, kernel, MMU_READ},
      {"wrong cause", wrong_cause, kernel, MMU_READ},
      {"wrong level", wrong_level, kernel, MMU_READ},
      {"wrong address in the record", wrong_gva, kernel, MMU_READ},
      {"wrong stage", wrong_stage, kernel, MMU_READ},
      {"missed permission fault", no_fault, kernel, MMU_READ},
      {"missed absent page", no_fault, FRAME, MMU_READ},
      {"missed reserved bit", no_fault, page | UINT64_C(1) << 45, MMU_READ},
      {"A written on a fault", update_on_fault, kernel, MMU_READ},
      {"fault of an unread leaf", unread_leaf, kernel, MMU_READ},
  };
  for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
    for (int honest = 1; honest >= 0; honest--) {
      struct machine m = machine(told[i].pte);
      lie = (struct lie){.event = honest ? NULL : told[i].event};
      access_page(&m, told[i].kind);
      if (honest)
        assert_false(m.refused);
      else
        expect_refused(told[i].name, m.refused);
      finish(&m);
    }
  }
}

/* A memory error: the record must blame the right access. */
static void lies_about_an_error(void **state) {
  (void)state;
  static bool (*const told[])(struct liar *, struct mmu_event *) = {
      NULL, wrong_access_blamed, wrong_error_kind, wrong_level, wrong_vector, no_fault};
  for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
    struct machine m = machine(FRAME | P | RW | US | A | D);
    physmem_set_error(m.mem, L1, L1 + 7, MMU_MEM_BUS);
    lie = (struct lie){.event = told[i]};
    access_page(&m, MMU_READ);
    expect_refused("a lie about a memory error", m.refused == (told[i] != NULL));
    finish(&m);
  }
}

/* Translation off: the address itself, or a fault. */
static void lies_without_translation(void **state) {
  (void)state;
  static const struct {
    bool (*event)(struct liar *l, struct mmu_event *ev);
    uint8_t pa_width;
    bool refused;
  } row[] = {{NULL, 40, false}, {wrong_pa, 40, true}, {extra_fault, 40, true},
             {NULL, 12, false}, {no_fault, 12, true}, {wrong_cause, 12, true}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    struct machine m = machine(0);
    m.ctx.s1_mode = MMU_S1_OFF;
    m.ctx.pa_width = row[i].pa_width;
    lie = (struct lie){.event = row[i].event};
    access_page(&m, MMU_READ);
    assert_int_equal(m.refused, row[i].refused);
    finish(&m);
  }
}

/* The story names what happened and what is allowed, and how to repeat it. */
static void story(void **state) {
  (void)state;
  struct machine m = machine(FRAME | P | RW | US | A | D);
  lie = (struct lie){.event = wrong_pa};
  access_page(&m, MMU_READ);
  const char *text = m.b->ops->error(m.b);
  assert_non_null(text);
  assert_non_null(strstr(text, "cpu 5"));
  assert_non_null(strstr(text, "seed 42"));
  assert_non_null(strstr(text, "read [0x4008] = 0x123067"));
  assert_non_null(strstr(text, "pa 0x122008"));
  assert_non_null(strstr(text, "the rules allow: pa 0x123008"));
  assert_int_equal(m.b->ops->step_to(m.b, 1000), MMU_NEVER);
  struct mmu_request q = {.va = VA, .ctx = &m.ctx, .port = 1};
  assert_false(m.b->ops->submit(m.b, &q));
  finish(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lies_about_one_access),
      cmocka_unit_test(lies_about_an_error),
      cmocka_unit_test(lies_without_translation),
      cmocka_unit_test(story),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

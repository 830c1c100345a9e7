/* SPDX-License-Identifier: Apache-2.0
 * The judge against lies that need a history (liar.h): stale entries and pointers, overtaken
 * walks, entries of others. Each legal use of a stale entry must be accepted. */
#include "tests/unit/liar.h"

static void invalidate(struct machine *m, uint8_t kind, uint64_t addr) {
  struct mmu_inval inv = {.kind = kind, .addr = addr, .asid = m->ctx.asid};
  mmu_invalidate_wait(m->b, &inv);
  note_refusal(m);
}

/* Its own walk found something newer than what it may still remember: that counts. */
static bool old_frame(struct liar *l, struct mmu_event *ev) {
  if (is_answer(ev)) l->spare.pa = FRAME + 8;
  return true;
}

static void walk_against_memory(void **state) {
  (void)state;
  for (int honest = 1; honest >= 0; honest--) {
    struct machine m = machine(FRAME | P | RW | US | A | D);
    lie = (struct lie){0};
    access_page(&m, MMU_READ);
    put(&m, PTE, 0x456000 | P | RW | US | A | D);
    lie.event = honest ? NULL : old_frame;
    struct mmu_response r = access_page(&m, MMU_FETCH); /* its own TLB: a walk */
    assert_false(r.hit);
    expect_refused("an answer that its own walk contradicts", m.refused != (honest != 0));
    finish(&m);
  }
}

/* A hit on an entry that no walk could have filled: the leaf was read, but never came to be used.
 */
static bool invented_hit(struct liar *l, struct mmu_event *ev) {
  uint64_t base = 0;
  if (!is_answer(ev)) return false;
  l->spare.status = MMU_OK;
  l->spare.hit = true;
  l->spare.s1_shift = 12;
  l->spare.attrs = 0;
  physmem_read64(l->memory, PTE, &base);
  l->spare.pa = (base >> 45 & 1 ? 0 : FRAME) + 8;
  return true;
}

static void entry_never_filled(void **state) {
  (void)state;
  static const struct {
    uint64_t pte;
    uint8_t error, cause;
  } row[] = {{FRAME | P | RW | US, MMU_MEM_NO_ATOMIC, MMU_CAUSE_NO_ATOMIC},
             {FRAME | P | RW | US | A | UINT64_C(1) << 45, MMU_MEM_OK, MMU_CAUSE_RESERVED}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    struct machine m = machine(row[i].pte);
    physmem_set_error(m.mem, PTE, PTE + 7, (enum mmu_mem_error)row[i].error);
    lie = (struct lie){0};
    struct mmu_response r = access_page(&m, MMU_READ);
    assert_false(m.refused);
    assert_int_equal(r.fault.cause, row[i].cause);
    lie.event = invented_hit;
    access_page(&m, MMU_READ);
    expect_refused("a hit on an entry that was never filled", m.refused);
    finish(&m);
  }
}

/* One invalidation excuses one new beginning. */
static bool begin_twice(struct liar *l, struct mmu_event *ev) {
  static unsigned roots;
  if (ev->kind == MMU_EV_READ && ev->level == 3 && ++roots == 2) tell(l, ev);
  if (is_answer(ev)) roots = 0;
  return true;
}

static void beginning_again(void **state) {
  (void)state;
  for (int honest = 1; honest >= 0; honest--) {
    struct machine m = machine(FRAME | P | RW | US | A | D);
    lie = (struct lie){.event = honest ? NULL : begin_twice};
    struct mmu_request q = {.va = VA, .access = {.kind = MMU_READ}, .ctx = &m.ctx, .port = 1};
    assert_true(m.b->ops->submit(m.b, &q));
    m.b->ops->step_to(m.b, m.b->ops->now(m.b) + 8); /* some tables are read */
    struct mmu_inval all = {.kind = MMU_INV_X86_ALL};
    assert_true(m.b->ops->invalidate(m.b, &all));
    struct mmu_response r;
    uint8_t id;
    for (int i = 0; i < 80 && m.b->ops->poll(m.b, &r, 1) == 0; i++) {
      m.b->ops->inval_poll(m.b, &id);
      m.b->ops->step_to(m.b, m.b->ops->now(m.b) + 1);
    }
    note_refusal(&m);
    expect_refused("a walk that begins once too often", m.refused != (honest != 0));
    finish(&m);
  }
}

/* D5: a load fills a clean entry; the store that follows must still set D. */
static void as_read(struct mmu_request *q, struct mmu_context *c) {
  (void)c;
  q->access.kind = MMU_READ;
}

static void store_through_a_clean_entry(void **state) {
  (void)state;
  for (int honest = 1; honest >= 0; honest--) {
    struct machine m = machine(FRAME | P | RW | US);
    lie = (struct lie){0};
    access_page(&m, MMU_READ);
    lie.request = honest ? NULL : as_read;
    access_page(&m, MMU_WRITE);
    uint64_t pte = 0;
    physmem_read64(m.mem, PTE, &pte);
    assert_int_equal((pte & D) != 0, honest);
    expect_refused("a store through a clean entry", m.refused != (honest != 0));
    finish(&m);
  }
}

/* I10: an entry of another address space. */
static void as_asid_1(struct mmu_request *q, struct mmu_context *c) {
  (void)q;
  c->asid = 1;
}

static void entry_of_another_asid(void **state) {
  (void)state;
  for (int global = 0; global < 2; global++) {
    struct machine m = machine(FRAME | P | RW | US | A | D | (global ? G : 0));
    lie = (struct lie){0};
    access_page(&m, MMU_READ);
    m.ctx.asid = 2;
    lie.request = as_asid_1;
    struct mmu_response r = access_page(&m, MMU_READ);
    assert_int_equal(m.refused, !global);
    if (global) assert_true(r.hit);
    finish(&m);
  }
}

/* A user access through an entry that only the supervisor may use. */
static void as_supervisor(struct mmu_request *q, struct mmu_context *c) {
  (void)q;
  c->priv = MMU_SUPERVISOR;
}

static void entry_of_the_supervisor(void **state) {
  (void)state;
  struct machine m = machine(FRAME | P | RW | A | D);
  lie = (struct lie){0};
  m.ctx.priv = MMU_SUPERVISOR;
  access_page(&m, MMU_READ);
  assert_false(m.refused);
  m.ctx.priv = MMU_USER;
  lie.request = as_supervisor;
  access_page(&m, MMU_READ);
  expect_refused("a user access to a supervisor entry", m.refused);
  finish(&m);
}

/* Until the invalidation is done a stale answer is legal, afterwards it is not. */
static void stale_entry(void **state) {
  (void)state;
  for (int honest = 1; honest >= 0; honest--) {
    struct machine m = machine(FRAME | P | RW | US | A | D);
    lie = (struct lie){0};
    access_page(&m, MMU_READ);
    put(&m, PTE, 0x456000 | P | RW | US | A | D);
    struct mmu_response r = access_page(&m, MMU_READ);
    assert_true(r.hit);
    assert_int_equal(r.pa, FRAME + 8);
    assert_false(m.refused);
    lie.swallow_invalidation = !honest;
    invalidate(&m, MMU_INV_X86_INVLPG, VA);
    assert_false(m.refused);
    r = access_page(&m, MMU_READ);
    if (honest) {
      assert_int_equal(r.pa, 0x456008);
      assert_false(m.refused);
    } else {
      expect_refused("a stale entry after its invalidation", m.refused);
    }
    finish(&m);
  }
}

/* An invalidation that does not cover the entry leaves it legal. */
static void uncovered_entry(void **state) {
  (void)state;
  static const struct {
    uint8_t kind;
    uint64_t addr;
    uint16_t asid;
    bool global, ends;
  } row[] = {{MMU_INV_X86_INVLPG, VA + 0x1000, 1, false, false},
             {MMU_INV_X86_INVLPG, VA + 0xfff, 1, false, true},
             {MMU_INV_X86_INVLPG, VA, 2, false, false},
             {MMU_INV_X86_INVLPG, VA, 2, true, true},
             {MMU_INV_X86_CR3, 0, 1, false, true},
             {MMU_INV_X86_CR3, 0, 1, true, false},
             {MMU_INV_X86_CR3, 0, 2, false, false},
             {MMU_INV_X86_ALL_PCID, 0, 0, true, false},
             {MMU_INV_X86_ALL_GLOBAL, 0, 0, true, true}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    struct machine m = machine(FRAME | P | RW | US | A | D | (row[i].global ? G : 0));
    lie = (struct lie){0};
    access_page(&m, MMU_READ);
    put(&m, PTE, 0);
    lie.swallow_invalidation = true; /* nothing is dropped: only the judge decides */
    m.ctx.asid = row[i].asid;
    invalidate(&m, row[i].kind, row[i].addr);
    m.ctx.asid = 1;
    struct mmu_response r = access_page(&m, MMU_READ);
    assert_int_equal(m.refused, row[i].ends);
    if (!row[i].ends) assert_int_equal(r.pa, FRAME + 8);
    finish(&m);
  }
}

/* I3, R2: what was read before an invalidation may not answer after it. */
static void overtaken_walk(void **state) {
  (void)state;
  for (int honest = 1; honest >= 0; honest--) {
    struct machine m = machine(FRAME | P | RW | US | A | D);
    lie = (struct lie){.swallow_invalidation = !honest};
    struct mmu_request q = {
        .va = VA, .access = {.kind = MMU_READ}, .ctx = &m.ctx, .tag = 9, .port = 1};
    assert_true(m.b->ops->submit(m.b, &q));
    struct mmu_backend_stats s;
    do {
      m.b->ops->step_to(m.b, m.b->ops->now(m.b) + 1);
      m.b->ops->stats(m.b, &s);
    } while (s.walk_reads < 4);
    put(&m, PTE, 0);
    struct mmu_inval inv = {.kind = MMU_INV_X86_INVLPG, .addr = VA, .asid = 1};
    assert_true(m.b->ops->invalidate(m.b, &inv));
    struct mmu_response r = {.status = MMU_RETRY};
    size_t n = 0;
    for (int i = 0; i < 60 && n == 0 && m.b->ops->error(m.b) == NULL; i++) {
      uint8_t id;
      m.b->ops->inval_poll(m.b, &id);
      m.b->ops->step_to(m.b, m.b->ops->now(m.b) + 1);
      n = m.b->ops->poll(m.b, &r, 1);
    }
    note_refusal(&m);
    if (honest) {
      assert_false(m.refused);
      assert_int_equal(r.status, MMU_FAULT);
    } else {
      expect_refused("an overtaken walk that answers", m.refused);
    }
    finish(&m);
  }
}

/* The same for a pointer: the leaf was read after the invalidation was asked for, but through a
 * table that the invalidation covers, and the answer comes after it is done. */
static void overtaken_pointer(void **state) {
  (void)state;
  for (int late = 1; late >= 0; late--) {
    struct machine m = machine(FRAME | P | RW | US | A | D);
    lie = (struct lie){.swallow_invalidation = true, .delay = late ? 4 : 20};
    struct mmu_request q = {.va = VA, .access = {.kind = MMU_READ}, .ctx = &m.ctx, .port = 1};
    assert_true(m.b->ops->submit(m.b, &q));
    struct mmu_backend_stats s;
    do {
      m.b->ops->step_to(m.b, m.b->ops->now(m.b) + 1);
      m.b->ops->stats(m.b, &s);
    } while (s.walk_reads < 3);
    put(&m, L1, 0);
    struct mmu_inval all = {.kind = MMU_INV_X86_ALL};
    assert_true(m.b->ops->invalidate(m.b, &all));
    struct mmu_response r;
    for (int i = 0; i < 40 && m.b->ops->poll(m.b, &r, 1) == 0; i++)
      m.b->ops->step_to(m.b, m.b->ops->now(m.b) + 1);
    note_refusal(&m);
    expect_refused("an answer through an invalidated pointer", m.refused == (late != 0));
    finish(&m);
  }
}

/* A walk cache may be stale too: legal without an invalidation, not after one. */
static void stale_pointer(void **state) {
  (void)state;
  enum { OTHER = 0x5000 };
  for (int honest = 1; honest >= 0; honest--) {
    struct machine m = machine(FRAME | P | RW | US | A | D);
    put(&m, L0 + 16, 0x777000 | P | RW | US | A | D);
    put(&m, OTHER + 16, 0x888000 | P | RW | US | A | D);
    lie = (struct lie){0};
    access_page(&m, MMU_READ);
    put(&m, L1, OTHER | P | RW | US | A);
    struct mmu_request q = {
        .va = VA + 0x1000, .access = {.kind = MMU_READ}, .ctx = &m.ctx, .port = 1};
    struct mmu_response r;
    lie.swallow_invalidation = !honest;
    if (honest) { /* once without an invalidation */
      assert_int_equal(mmu_translate(m.b, &q, &r), 0);
      assert_int_equal(r.pa, 0x777000);
    }
    invalidate(&m, MMU_INV_X86_INVLPG, VA + 0x1000);
    int failed = mmu_translate(m.b, &q, &r);
    note_refusal(&m);
    if (honest) {
      assert_int_equal(failed, 0);
      assert_int_equal(r.pa, 0x888000);
      assert_false(m.refused);
    } else {
      expect_refused("a stale walk-cache entry", m.refused);
    }
    finish(&m);
  }
}

/* A lost race is re-read and re-judged; that is accepted. */
static struct physmem *raced;
static void race_with_os(void *self, const struct mmu_event *ev) {
  int *left = self;
  if (ev->kind != MMU_EV_READ || ev->level != 0 || *left == 0) return;
  --*left;
  physmem_write64(raced, PTE, (UINT64_C(0x500000) + (uint64_t)*left * 0x1000) | P | RW | US,
                  MEM_WRITER_OS);
}

static void lost_races(void **state) {
  (void)state;
  for (int races = 1; races < 12; races++) {
    struct machine m = machine(FRAME | P | RW | US);
    m.b->ops->destroy(m.b);
    int left = races;
    struct mmu_backend_config cfg = {.arch = MMU_ARCH_X86,
                                     .geometry = small,
                                     .memory = m.mem,
                                     .observer = {race_with_os, &left}};
    char err[200];
    lie = (struct lie){0};
    raced = m.mem;
    m.b = mmu_backend_judged(make_liar, &cfg, err, sizeof err);
    struct mmu_response r = access_page(&m, MMU_WRITE);
    assert_false(m.refused);
    assert_int_equal(r.status, races <= 8 ? MMU_OK : MMU_RETRY);
    if (races <= 8) assert_int_equal(r.pa, 0x500008);
    finish(&m);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(walk_against_memory),   cmocka_unit_test(entry_never_filled),
      cmocka_unit_test(beginning_again),       cmocka_unit_test(store_through_a_clean_entry),
      cmocka_unit_test(entry_of_another_asid), cmocka_unit_test(entry_of_the_supervisor),
      cmocka_unit_test(stale_entry),           cmocka_unit_test(uncovered_entry),
      cmocka_unit_test(overtaken_walk),        cmocka_unit_test(overtaken_pointer),
      cmocka_unit_test(stale_pointer),         cmocka_unit_test(lost_races),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

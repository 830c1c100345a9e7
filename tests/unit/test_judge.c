/* SPDX-License-Identifier: Apache-2.0
 * The judge against a lying MMU: the model behind a wrapper that breaks one rule at a time, in
 * what it tells or in what it passes on. Every lie must be refused; the same story told honestly,
 * and every legal use of a stale entry, must be accepted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/lockstep.h"
#include "mem/physmem.h"

enum {
  P = 1,
  RW = 2,
  US = 4,
  A = 32,
  D = 64,
  G = 256,
  ROOT = 0x1000,
  L2 = 0x2000,
  L1 = 0x3000,
  L0 = 0x4000,
  PTE = L0 + 8, /* of VA */
  VA = 0x1000,
  FRAME = 0x123000
};

/* ---- the liar ---- */

struct liar {
  struct mmu_backend base;
  struct mmu_backend *model;
  struct mmu_observer judge;
  struct mmu_response spare;
  bool done_pending, done;
  unsigned wait;
  struct physmem *memory;
  uint8_t done_id;
};

/* One lie. Each function may be NULL. */
struct lie {
  /* Change an event before the judge sees it; false: keep it from the judge. */
  bool (*event)(struct liar *l, struct mmu_event *ev);
  /* Change a request before the model gets it (the judge has the true one). */
  void (*request)(struct mmu_request *q, struct mmu_context *c);
  bool swallow_invalidation; /* say "done" and do nothing */
  unsigned delay;            /* steps of time before it says so */
};

static struct lie lie; /* told by the liar that is made next */

static void tell(struct liar *l, const struct mmu_event *ev) {
  l->judge.event(l->judge.self, ev);
}

static void on_event(void *self, const struct mmu_event *ev) {
  struct liar *l = self;
  struct mmu_event copy = *ev;
  if (ev->response != NULL) {
    l->spare = *ev->response;
    copy.response = &l->spare;
  }
  if (lie.event == NULL || lie.event(l, &copy)) tell(l, &copy);
}

static bool liar_submit(struct mmu_backend *b, const struct mmu_request *req) {
  struct liar *l = (struct liar *)b;
  struct mmu_request q = *req;
  struct mmu_context c = *req->ctx;
  q.ctx = &c;
  if (lie.request != NULL) lie.request(&q, &c);
  return l->model->ops->submit(l->model, &q);
}

static size_t liar_poll(struct mmu_backend *b, struct mmu_response *out, size_t max) {
  struct liar *l = (struct liar *)b;
  return l->model->ops->poll(l->model, out, max);
}

static bool liar_invalidate(struct mmu_backend *b, const struct mmu_inval *inv) {
  struct liar *l = (struct liar *)b;
  if (!lie.swallow_invalidation) return l->model->ops->invalidate(l->model, inv);
  l->done_pending = true;
  l->wait = lie.delay;
  l->done_id = inv->id;
  return true;
}

static bool liar_inval_poll(struct mmu_backend *b, uint8_t *id) {
  struct liar *l = (struct liar *)b;
  if (!l->done) return l->model->ops->inval_poll(l->model, id);
  l->done = false;
  *id = l->done_id;
  return true;
}

static uint64_t liar_next_event(struct mmu_backend *b) {
  struct liar *l = (struct liar *)b;
  return l->done_pending ? l->model->ops->now(l->model) + 1 : l->model->ops->next_event(l->model);
}

static uint64_t liar_now(const struct mmu_backend *b) {
  const struct liar *l = (const struct liar *)b;
  return l->model->ops->now(l->model);
}

static uint64_t liar_step_to(struct mmu_backend *b, uint64_t cycle) {
  struct liar *l = (struct liar *)b;
  if (l->done_pending) cycle = liar_now(b) + 1;
  if (l->done_pending && l->wait-- == 0) {
    l->done_pending = false;
    l->done = true;
    tell(l, &(struct mmu_event){.cycle = cycle, .kind = MMU_EV_INVAL_DONE, .tag = l->done_id});
  }
  return l->model->ops->step_to(l->model, cycle);
}

static const char *liar_error(const struct mmu_backend *b) {
  (void)b;
  return NULL;
}

static void liar_stats(const struct mmu_backend *b, struct mmu_backend_stats *out) {
  const struct liar *l = (const struct liar *)b;
  l->model->ops->stats(l->model, out);
}

static int liar_trace(struct mmu_backend *b, const char *path, uint64_t from, uint64_t to) {
  (void)b, (void)path, (void)from, (void)to;
  return 0;
}

static void liar_destroy(struct mmu_backend *b) {
  struct liar *l = (struct liar *)b;
  l->model->ops->destroy(l->model);
  free(l);
}

static const struct mmu_backend_ops liar_ops = {
    "liar",       liar_submit, liar_poll,  liar_invalidate, liar_inval_poll, liar_next_event,
    liar_step_to, liar_now,    liar_error, liar_stats,      liar_trace,      liar_destroy};

static struct mmu_backend *make_liar(const struct mmu_backend_config *cfg, char *err,
                                     size_t err_len) {
  struct liar *l = calloc(1, sizeof *l);
  assert_non_null(l);
  l->base.ops = &liar_ops;
  l->judge = cfg->observer;
  l->memory = cfg->memory;
  struct mmu_backend_config inner = *cfg;
  inner.observer = (struct mmu_observer){on_event, l};
  l->model = mmu_backend_model(&inner, err, err_len);
  assert_non_null(l->model);
  return &l->base;
}

/* ---- a machine with one mapped page ---- */

struct machine {
  struct physmem *mem;
  struct mmu_backend *b;
  struct mmu_context ctx;
  bool refused;
  char why[160]; /* first line of the refusal */
};

static void put(struct machine *m, uint64_t addr, uint64_t value) {
  physmem_write64(m->mem, addr, value, MEM_WRITER_OS);
}

static struct machine machine(uint64_t pte) {
  struct machine m = {.mem = physmem_create(1 << 24)};
  put(&m, ROOT, L2 | P | RW | US | A);
  put(&m, L2, L1 | P | RW | US | A);
  put(&m, L1, L0 | P | RW | US | A);
  put(&m, PTE, pte);
  struct mmu_backend_config cfg = {
      .arch = MMU_ARCH_X86, .geometry = {4, 4, 4, 2, 4}, .memory = m.mem, .seed = 42, .cpu = 5};
  char err[200] = "";
  m.b = mmu_backend_judged(make_liar, &cfg, err, sizeof err);
  assert_non_null(m.b);
  m.ctx = (struct mmu_context){.s1_root0 = ROOT,
                               .asid = 1,
                               .s1_mode = MMU_S1_X86_L4,
                               .priv = MMU_USER,
                               .pa_width = 40,
                               .wp = true,
                               .nxe = true,
                               .s1_hw_a = true,
                               .s1_hw_d = true};
  return m;
}

static void note_refusal(struct machine *m) {
  const char *story = m->b->ops->error(m->b);
  m->refused = story != NULL;
  if (story != NULL) snprintf(m->why, sizeof m->why, "%.*s", (int)strcspn(story, "\n"), story);
}

static struct mmu_response access_page(struct machine *m, uint8_t kind) {
  struct mmu_response r = {0};
  struct mmu_request q = {.va = VA + 8,
                          .access = {.kind = kind, .size = 3},
                          .ctx = &m->ctx,
                          .tag = 3,
                          .port = kind == MMU_FETCH ? MMU_PORT_FETCH : MMU_PORT_DATA};
  mmu_translate(m->b, &q, &r);
  note_refusal(m);
  return r;
}

static void invalidate(struct machine *m, uint8_t kind, uint64_t addr) {
  struct mmu_inval inv = {.kind = kind, .addr = addr, .asid = m->ctx.asid};
  mmu_invalidate_wait(m->b, &inv);
  note_refusal(m);
}

static void finish(struct machine *m) {
  m->b->ops->destroy(m->b);
  physmem_destroy(m->mem);
}

/* ---- lies about one access ---- */

static bool is_answer(const struct mmu_event *ev) {
  return ev->kind == MMU_EV_ANSWER;
}

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

static void expect_refused(const char *name, bool refused) {
  if (!refused) print_error("accepted: %s\n", name);
  assert_true(refused);
}

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

/* ---- lies that need a history ---- */

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
                                     .geometry = {4, 4, 4, 2, 4},
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
      cmocka_unit_test(walk_against_memory),
      cmocka_unit_test(entry_never_filled),
      cmocka_unit_test(beginning_again),
      cmocka_unit_test(store_through_a_clean_entry),
      cmocka_unit_test(entry_of_another_asid),
      cmocka_unit_test(entry_of_the_supervisor),
      cmocka_unit_test(stale_entry),
      cmocka_unit_test(uncovered_entry),
      cmocka_unit_test(overtaken_walk),
      cmocka_unit_test(overtaken_pointer),
      cmocka_unit_test(stale_pointer),
      cmocka_unit_test(lost_races),
      cmocka_unit_test(story),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

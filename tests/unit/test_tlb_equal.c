/* SPDX-License-Identifier: Apache-2.0
 * The TLBs of the hardware and those of the C model hold the same entries: the same random stream,
 * one request at a time, on both, over two copies of the same memory. After every request the
 * answer, where it came from and the number of table reads must agree, at the end all counts.
 * docs/tlb.md is what both were written from. The world is the fuzzer's (csim/fuzz/world.h): both
 * ports, several address spaces, global pages, every page size, table changes with and without
 * invalidation, every kind of invalidation. With a stage 2 the nested TLB's entries and counters
 * are held against each other too. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "fuzz/world.h"
#include "mem/physmem.h"
#include "rules/rules.h"
#include "small_geometry.h"

enum {
  ARCHS = MMU_ARCH_COUNT,
  DEFAULT = SMALL_SHAPES,
  SHAPES,
  EPOCHS = 150,
  ACCESSES = 250,
  MEMORY = 16 << 20,
  RECENT = 4, /* requests that may come again */
  READS = 32  /* of a step that are kept for the message */
};

struct trial {
  enum mmu_arch arch;
  unsigned shape;
  uint8_t stages;          /* as in struct fuzz_world */
  uint32_t nested_entries; /* of small shapes */
  char name[48];
};

static const char *const arch_name[ARCHS] = {"x86", "arm", "riscv"};
static struct mmu_geometry geometry_of(const struct trial *t) {
  if (t->shape == DEFAULT) return mmu_geometry_default();
  struct mmu_geometry g = small_geometry(t->arch, (enum small_shape)t->shape);
  g.nested_entries = t->nested_entries;
  return g;
}

/* ---- two of everything ---- */

typedef struct mmu_backend *backend_make(const struct mmu_backend_config *cfg, char *err,
                                         size_t err_len);

enum { RTL, MODEL, SIDES };

struct side {
  struct physmem *memory;
  struct mmu_event table[READS]; /* reads and swaps of the step, the first few */
  uint32_t accesses;
  struct fuzz_world world;
  struct mmu_backend *b;
  struct mmu_backend_stats before, after;
  struct mmu_response answer;
  struct mmu_request recent[RECENT];
};

struct pair {
  const struct trial *trial;
  struct side side[SIDES];
  struct fuzz_random random; /* of the test's own choices */
  uint64_t step;
  uint32_t recents; /* requests remembered in this epoch */
  uint64_t shifts;  /* page sizes met, as a mask */
  uint64_t ops;     /* kinds of invalidation met, as a mask */
  uint8_t last_op;
  uint64_t asids; /* met, as a mask */
};

static void note_access(void *self, const struct mmu_event *ev) {
  struct side *s = self;
  if (ev->kind != MMU_EV_READ && ev->kind != MMU_EV_CAS) return;
  if (s->accesses < READS) s->table[s->accesses++] = *ev;
}

static void open_pair(struct pair *p, const struct trial *t) {
  backend_make *const make[SIDES] = {mmu_backend_rtl, mmu_backend_model};
  memset(p, 0, sizeof *p);
  p->trial = t;
  p->random.state = 7 + (uint64_t)t->arch;
  for (unsigned i = 0; i < SIDES; i++) {
    struct side *s = &p->side[i];
    char err[400] = "";
    s->memory = physmem_create(MEMORY);
    assert_non_null(s->memory);
    fuzz_world_init(&s->world, t->arch, t->stages, 11 + t->shape, s->memory);
    struct mmu_backend_config cfg = {.arch = t->arch,
                                     .geometry = geometry_of(t),
                                     .memory = s->memory,
                                     .observer = {.event = note_access, .self = s},
                                     .seed = 5};
    s->b = make[i](&cfg, err, sizeof err);
    if (s->b == NULL) fail_msg("%s", err);
  }
}

static void close_pair(struct pair *p) {
  for (unsigned i = 0; i < SIDES; i++) {
    p->side[i].b->ops->destroy(p->side[i].b);
    physmem_destroy(p->side[i].memory);
  }
}

/* ---- one step on both ---- */

static const char *source_of(const struct mmu_response *a) {
  return a->hit ? "L1" : a->l2 ? "L2" : "walk";
}

static uint64_t reads_of(const struct side *s) {
  return s->after.walk_reads - s->before.walk_reads;
}

/* Equal where the manual defines it. */
static bool same_registers(enum mmu_arch arch, const struct mmu_request *q,
                           const struct mmu_response *a, const struct mmu_response *b) {
  uint64_t mask[4];
  rules_of(arch)->defined(q->ctx, &q->access, &b->fault, mask);
  for (unsigned i = 0; i < 4; i++)
    if (((a->syndrome.reg[i] ^ b->syndrome.reg[i]) & mask[i]) != 0) return false;
  return true;
}

static bool same_answer(enum mmu_arch arch, const struct mmu_request *q,
                        const struct mmu_response *a, const struct mmu_response *b) {
  if (a->status != b->status || a->hit != b->hit || a->l2 != b->l2) return false;
  if (a->status == MMU_OK)
    return a->pa == b->pa && a->s1_shift == b->s1_shift && a->attrs == b->attrs;
  return a->status != MMU_FAULT ||
         (a->fault.cause == b->fault.cause && same_registers(arch, q, a, b));
}

static void say_side(const struct side *s, char *text, size_t room) {
  const struct mmu_response *a = &s->answer;
  int n = snprintf(
      text, room,
      "\n  %s: status %u, 0x%" PRIx64 ", 2^%u, attrs 0x%x, cause %u; %s, %" PRIu64 " reads",
      s->b->ops->name, a->status, a->status == MMU_OK ? a->pa : 0, a->s1_shift, a->attrs,
      a->status == MMU_FAULT ? a->fault.cause : 0, source_of(a), reads_of(s));
  for (uint32_t i = 0; i < s->accesses && n >= 0 && (size_t)n < room; i++) {
    const struct mmu_event *ev = &s->table[i];
    n += snprintf(text + n, room - (size_t)n, "\n    %s of 0x%" PRIx64 ", height %u: 0x%" PRIx64,
                  ev->kind == MMU_EV_READ ? "read" : "swap", ev->addr, ev->level, ev->old);
  }
}

/* What each side answered, and the descriptors that it read for it. */
static void differ(const struct pair *p, const struct mmu_request *q) {
  char text[SIDES][2400];
  for (unsigned i = 0; i < SIDES; i++)
    say_side(&p->side[i], text[i], sizeof text[i]);
  fail_msg("%s, step %" PRIu64 ": access %u of 0x%" PRIx64
           ", asid %u, vmid %u, stage 2 mode %u, port %u; last "
           "invalidation of kind %u%s%s",
           p->trial->name, p->step, q->access.kind, q->va, q->ctx->asid, q->ctx->vmid,
           q->ctx->s2_mode, q->port, p->last_op, text[RTL], text[MODEL]);
}

/* A new request, or one of the last few again: small TLBs would see few hits otherwise. Then a page
 * that was read may be written. */
static void next_request(struct pair *p, struct mmu_request q[SIDES]) {
  bool again = p->recents >= RECENT && fuzz_chance(&p->random, 50);
  uint8_t port = fuzz_chance(&p->random, 30) ? MMU_PORT_FETCH : MMU_PORT_DATA;
  uint32_t which = fuzz_below(&p->random, RECENT);
  bool write = again && fuzz_chance(&p->random, 30);
  if (!again) which = p->recents++ % RECENT;
  for (unsigned i = 0; i < SIDES; i++) {
    struct side *s = &p->side[i];
    struct mmu_access *a = &s->recent[which].access;
    if (!again) fuzz_world_access(&s->world, port, &s->recent[which]);
    if (write && a->kind == MMU_READ && !a->exec_as_read) a->kind = MMU_WRITE;
    q[i] = s->recent[which];
  }
}

static void access_both(struct pair *p) {
  struct mmu_request request[SIDES] = {0};
  next_request(p, request);
  const struct mmu_request *q = &request[MODEL];
  for (unsigned i = 0; i < SIDES; i++) {
    struct side *s = &p->side[i];
    s->accesses = 0;
    s->b->ops->stats(s->b, &s->before);
    if (mmu_translate(s->b, &request[i], &s->answer) != 0) fail_msg("%s", s->b->ops->error(s->b));
    s->b->ops->stats(s->b, &s->after);
  }
  if (!same_answer(p->trial->arch, q, &p->side[RTL].answer, &p->side[MODEL].answer) ||
      reads_of(&p->side[RTL]) != reads_of(&p->side[MODEL]))
    differ(p, q);
  if (p->side[RTL].answer.status != MMU_OK || q->ctx->s1_mode == MMU_S1_OFF) return;
  p->shifts |= UINT64_C(1) << p->side[RTL].answer.s1_shift;
  p->asids |= UINT64_C(1) << q->ctx->asid % 64;
}

/* The hardware's INVEPT takes the entries of nested paging too: no processor has both. */
static bool takes_more(const struct fuzz_world *w, const struct mmu_inval *inv) {
  const bool of_ept = inv->kind == MMU_INV_X86_EPT || inv->kind == MMU_INV_X86_EPT_ALL;
  return of_ept && w->s2_mode == MMU_S2_NPT;
}

static void invalidate_both(struct pair *p) {
  struct mmu_inval inv = {0};
  for (unsigned i = 0; i < SIDES; i++) {
    struct side *s = &p->side[i];
    fuzz_world_invalidation(&s->world, &inv);
    if (takes_more(&s->world, &inv)) continue;
    if (mmu_invalidate_wait(s->b, &inv) != 0) fail_msg("%s", s->b->ops->error(s->b));
  }
  p->ops |= UINT64_C(1) << inv.kind;
  p->last_op = inv.kind;
}

/* Change some descriptor, or the one that was read last: the TLBs still have what it said. */
static void mutate_both(struct pair *p) {
  uint32_t dice = (uint32_t)fuzz_bits(&p->random);
  bool last = fuzz_chance(&p->random, 70);
  const struct side *read = &p->side[MODEL];
  for (unsigned i = 0; i < SIDES; i++) {
    struct fuzz_world *w = &p->side[i].world;
    if (w->words == 0) return;
    uint64_t addr = w->word[dice % w->words];
    uint8_t level = w->word_level[dice % w->words];
    if (last && read->accesses != 0) {
      addr = read->table[read->accesses - 1].addr;
      level = read->table[read->accesses - 1].level;
    }
    fuzz_world_mutate(w, addr, level);
  }
}

/* Other tables; now and then the TLBs keep what the old ones said. */
static void renew_both(struct pair *p) {
  bool forget = fuzz_chance(&p->random, 80);
  p->recents = 0;
  for (unsigned i = 0; i < SIDES; i++) {
    struct side *s = &p->side[i];
    fuzz_world_renew(&s->world);
    for (uint16_t vmid = 0; forget && vmid < FUZZ_FULL; vmid++) {
      struct mmu_inval inv;
      fuzz_world_invalidate_all(&s->world, vmid, &inv);
      if (mmu_invalidate_wait(s->b, &inv) != 0) fail_msg("%s", s->b->ops->error(s->b));
    }
  }
}

/* ---- the end ---- */

static void compare(const struct pair *p, const char *what, uint64_t rtl, uint64_t model) {
  if (rtl != model)
    fail_msg("%s: %s: %" PRIu64 " in rtl, %" PRIu64 " in the model", p->trial->name, what, rtl,
             model);
}

/* The counters that a program of the simulated machine can read. Not compared: the two of cycles
 * (docs/timing.md says where the model is less exact), and what mmu_translate makes no use of. */
static void compare_counters(const struct pair *p) {
  uint64_t count[SIDES][MMU_PERF_COUNT];
  for (unsigned i = 0; i < SIDES; i++)
    assert_int_equal(mmu_read_counters(p->side[i].b, count[i]), 0);
  for (unsigned k = 0; k < MMU_PERF_COUNT; k++)
    if (k != MMU_PERF_WALK_ACTIVE && k != MMU_PERF_WALK_PENDING)
      compare(p, mmu_counter_name((enum mmu_perf)k), count[RTL][k], count[MODEL][k]);
  if (p->trial->stages == 1) return;
  const bool nested = geometry_of(p->trial).nested_entries != 0;
  const uint64_t *c = count[RTL];
  assert_true(c[MMU_PERF_S2_READS] > c[MMU_PERF_S2_WALKS] && c[MMU_PERF_S2_WALKS] > 1000);
  assert_int_equal(c[MMU_PERF_NESTED_MISSES], nested ? c[MMU_PERF_S2_WALKS] : 0);
  assert_int_equal(c[MMU_PERF_NESTED_HITS] > 1000, nested);
}

static void compare_counts(const struct pair *p) {
  const struct mmu_backend_stats *r = &p->side[RTL].after;
  const struct mmu_backend_stats *m = &p->side[MODEL].after;
  compare(p, "requests", r->requests, m->requests);
  compare(p, "L1 hits", r->hits, m->hits);
  compare(p, "L1 misses", r->misses, m->misses);
  compare(p, "L2 hits", r->l2_hits, m->l2_hits);
  compare(p, "L2 misses", r->l2_misses, m->l2_misses);
  compare(p, "walks", r->walks, m->walks);
  compare(p, "table reads", r->walk_reads, m->walk_reads);
  compare(p, "walk-cache hits", r->pwc_hits, m->pwc_hits);
  compare(p, "overlaps", r->overlaps, m->overlaps);
  compare(p, "A updates", r->cas_a, m->cas_a);
  compare(p, "D updates", r->cas_d, m->cas_d);
  compare(p, "faults", r->faults, m->faults);
  compare(p, "stage-2 reads", r->s2_reads, m->s2_reads);
  compare(p, "nested-TLB hits", r->nested_hits, m->nested_hits);
}

/* The stream was worth it: it met what the test is about. */
static void check_coverage(const struct pair *p) {
  static const uint64_t kinds[ARCHS] = {0x7f, UINT64_C(0x3ff) << 16, UINT64_C(0xf) << 32};
  static const uint64_t sizes[ARCHS] = {UINT64_C(1) << 12 | UINT64_C(1) << 21 | UINT64_C(1) << 30,
                                        UINT64_C(1) << 12 | UINT64_C(1) << 21 | UINT64_C(1) << 30,
                                        UINT64_C(1) << 12 | UINT64_C(1) << 21 | UINT64_C(1) << 30 |
                                            UINT64_C(1) << 39 | UINT64_C(1) << 48};
  const struct mmu_backend_stats *s = &p->side[MODEL].after;
  struct mmu_geometry g = geometry_of(p->trial);
  print_message("%s: %" PRIu64 " requests, %" PRIu64 " L1 hits, %" PRIu64 " L2 hits, %" PRIu64
                " walks, %" PRIu64 " reads, %" PRIu64 " walk-cache hits, %" PRIu64
                " overlaps, %" PRIu64 " D updates\n",
                p->trial->name, s->requests, s->hits, s->l2_hits, s->walks, s->walk_reads,
                s->pwc_hits, s->overlaps, s->cas_d);
  assert_int_equal(p->ops, kinds[p->trial->arch]);
  assert_int_equal(p->shifts & sizes[p->trial->arch], sizes[p->trial->arch]);
  assert_true(__builtin_popcountll(p->asids) >= 8);
  assert_true(s->hits > s->requests / 20);
  assert_true(s->cas_d > 10);
  assert_true(s->overlaps > 0);
  if (g.l2_sets != 0) assert_true(s->l2_hits > 100);
  if (g.pwc_entries[0] != 0) assert_true(s->pwc_hits > 100);
}

static void equal(void **state) {
  const struct trial *t = *state;
  struct pair *p = malloc(sizeof *p);
  assert_non_null(p);
  open_pair(p, t);
  for (; p->step < EPOCHS * ACCESSES; p->step++) {
    if (p->step % ACCESSES == 0) renew_both(p);
    uint32_t dice = fuzz_below(&p->random, 1000);
    if (dice < 60) mutate_both(p);
    if (dice >= 40 && dice < 60) invalidate_both(p);
    access_both(p);
  }
  compare_counts(p);
  compare_counters(p);
  if (t->stages == 1) check_coverage(p);
  close_pair(p);
  free(p);
}

int main(void) {
  enum { NESTED_TRIALS = 3 };
  static struct trial trial[ARCHS * (SHAPES + NESTED_TRIALS)];
  static struct CMUnitTest tests[ARCHS * (SHAPES + NESTED_TRIALS)];
  static const struct {
    unsigned shape;
    uint32_t entries;
    const char *name;
  } nested[NESTED_TRIALS] = {{DEFAULT, 0, "two_stages"},
                             {SMALL_VIRTUAL, 3, "two_stages_small"},
                             {SMALL_NO_L2, 0, "two_stages_no_nested_tlb"}};
  size_t n = 0;
  for (unsigned arch = 0; arch < ARCHS; arch++) {
    for (unsigned shape = 0; shape < SHAPES; shape++, n++) {
      trial[n] = (struct trial){.arch = (enum mmu_arch)arch, .shape = shape, .stages = 1};
      snprintf(trial[n].name, sizeof trial[n].name, "%s_%s", arch_name[arch],
               shape == DEFAULT ? "default" : small_shape_name[shape]);
    }
    for (unsigned i = 0; i < NESTED_TRIALS; i++, n++) {
      trial[n] = (struct trial){.arch = (enum mmu_arch)arch,
                                .shape = nested[i].shape,
                                .stages = 3,
                                .nested_entries = nested[i].entries};
      snprintf(trial[n].name, sizeof trial[n].name, "%s_%s", arch_name[arch], nested[i].name);
    }
  }
  for (size_t i = 0; i < n; i++)
    tests[i] =
        (struct CMUnitTest){.name = trial[i].name, .test_func = equal, .initial_state = &trial[i]};
  cmocka_set_test_filter(getenv("TEST_FILTER"));
  return cmocka_run_group_tests(tests, NULL, NULL);
}

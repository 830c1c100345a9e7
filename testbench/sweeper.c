/* SPDX-License-Identifier: Apache-2.0
 * The sweeper. Each case builds its tables in a fixed layout, so what each outcome must be is
 * known from how the case was built:
 *   main       the page whose walk is swept, at OLD before a change and at NEW after it
 *   sibling    the neighbour in the same table: warms the walk cache
 *   far        a 4 KiB page below another entry of the first table
 *   unrelated  the same, in another address space, loaded before: must survive */
#include "testbench/sweeper.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PA_OLD (UINT64_C(1) << 44)
#define PA_NEW (UINT64_C(1) << 45)
#define PA_SIBLING (UINT64_C(3) << 44)
#define PA_FAR UINT64_C(0x0012345000)
#define PA_UNRELATED UINT64_C(0x0054321000)
#define PA_OTHER_SPACE (UINT64_C(5) << 44)

enum { BOUND = 3000, OFFSET = 0x9a8, UNRELATED_ASID = 0x0102, OTHER_ASID = 0x0003 };

/* What a request must be answered with. */
struct outcome {
  enum mmu_cause cause; /* MMU_CAUSE_NONE: the address */
  uint64_t pa;          /* of the first byte of the page */
  uint8_t height;       /* of the page, or of the faulting descriptor */
  bool valid;
};

enum change {
  CHANGE_MOVE,  /* the deciding descriptor becomes a page elsewhere */
  CHANGE_UNMAP, /* ... becomes 0 */
  CHANGE_SPLIT, /* ... becomes a pointer to a table */
  CHANGE_TABLE, /* the pointer above it leads to another table */
  CHANGE_A,     /* someone else sets A in it */
  CHANGE_AD,    /* ... A and D */
  CHANGES
};

struct run {
  struct bench *b;
  const struct format *f;
  const struct sweep_walk *w;
  const struct sweep_timing *timing;
  struct space s;         /* the swept address space */
  struct space unrelated; /* the one that must survive */
  struct mmu_access access;
  uint64_t va, sibling, far;
  uint64_t slot; /* the deciding descriptor: of the page, or the faulting one */
  unsigned slot_height;
  struct outcome before, after;
  size_t main; /* index of the swept request */
  char *err;
  size_t err_len;
  const char *event;
  char variant[48];
  unsigned at;
};

static bool complain(struct run *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool complain(struct run *r, const char *format, ...) {
  char text[256];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  snprintf(r->err, r->err_len, "%s, %s%s, %s %s at %u (latency %u+%u, stall %u): %s", r->f->name,
           r->w->name, r->w->warm ? " (warm)" : "", r->event, r->variant, r->at, r->timing->latency,
           r->timing->jitter, r->timing->stall, text);
  return false;
}

static bool sound(struct run *r) {
  return r->b->problem[0] == '\0' ? true : complain(r, "%s", r->b->problem);
}

static uint64_t page_bytes(unsigned height) {
  return UINT64_C(1) << (12 + 9 * height);
}

/* ---- building
 * ------------------------------------------------------------------------------------ */

static struct outcome page_outcome(const struct run *r, unsigned height, unsigned flags,
                                   uint64_t pa) {
  struct outcome o = {.cause = format_judge(&r->s, flags, (enum mmu_access_kind)r->w->kind),
                      .pa = pa,
                      .height = (uint8_t)height,
                      .valid = true};
  return o;
}

static void build(struct run *r) {
  struct bench *b = r->b;
  const struct sweep_walk *w = r->w;
  bench_reset(b);
  bench_memory(b, 0, 0, 0, 1);
  bench_clear_memory(b, 0x100000);
  r->s = space_new(b, r->f);
  r->unrelated = space_new(b, r->f);
  r->unrelated.ctx.asid = UNRELATED_ASID;
  if (w->software_flags) r->s.ctx.s1_hw_a = r->s.ctx.s1_hw_d = false;
  if (w->door) r->s.ctx.s2_mode = MMU_S2_PASS;

  r->access = (struct mmu_access){.kind = w->kind, .size = 3};
  r->va = space_va(r->f, 3);
  r->sibling = r->va ^ page_bytes(w->height);
  r->far = space_va(r->f, 6);
  r->slot_height = w->fault == SWEEP_SOUND ? w->height : w->fault_height;
  r->slot = space_map(&r->s, r->va, w->height, PA_OLD, w->flags);
  space_map(&r->s, r->sibling, w->height, PA_SIBLING, PAGE_ALL);
  space_map(&r->s, r->far, 0, PA_FAR, PAGE_ALL);
  space_map(&r->unrelated, r->far, 0, PA_UNRELATED, PAGE_ALL);
  r->before = page_outcome(r, w->height, w->flags, PA_OLD);
  if (w->fault != SWEEP_SOUND) {
    r->slot = space_slot(&r->s, r->va, w->fault_height);
    bench_poke(b, r->slot,
               w->fault == SWEEP_ABSENT ? format_absent(r->f, w->fault_height, PA_OLD)
                                        : format_reserved(r->f, w->fault_height, PA_OLD));
    r->before.cause = w->fault == SWEEP_ABSENT ? MMU_CAUSE_NOT_PRESENT : MMU_CAUSE_RESERVED;
    r->before.height = w->fault_height;
  }
  r->after = r->before;
  if (w->fresh_pointers) {
    for (unsigned h = r->f->top; h > r->slot_height; h--) {
      const uint64_t slot = space_slot(&r->s, r->va, h);
      bench_poke(b, slot, bench_peek(b, slot) & ~format_a(r->f));
    }
  }

  /* what the hardware knows before */
  const struct mmu_access load = {.kind = w->kind == MMU_FETCH ? MMU_FETCH : MMU_READ, .size = 3};
  (void)bench_translate(b, r->far, &load, &r->unrelated.ctx);
  if (w->warm) (void)bench_translate(b, r->sibling, &load, &r->s.ctx);
  bench_forget(b);
  bench_memory(b, r->timing->latency, r->timing->jitter, r->timing->stall, r->at + 1u);
}

/* ---- checking
 * ------------------------------------------------------------------------------------ */

static bool answer_is(const struct run *r, const struct bench_request *q,
                      const struct outcome *want) {
  const struct mmu_response *a = &q->response;
  if (want->cause == MMU_CAUSE_NONE) {
    const uint64_t in_page = q->req.va & (page_bytes(want->height) - 1);
    return a->status == MMU_OK && a->pa == (want->pa | in_page) &&
           a->s1_shift == 12 + 9 * want->height;
  }
  if (a->status != MMU_FAULT || a->fault.cause != want->cause || a->fault.s1_level != want->height)
    return false;
  const struct mmu_syndrome s =
      format_syndrome(r->f, &q->ctx, &q->req.access, q->req.va, want->cause, want->height);
  const uint64_t mask = format_syndrome_mask(r->f, &q->req.access, want->cause);
  return (a->syndrome.reg[0] & mask) == (s.reg[0] & mask) && a->syndrome.reg[1] == s.reg[1] &&
         a->syndrome.reg[2] == s.reg[2] && a->syndrome.reg[3] == s.reg[3] && !a->syndrome.to_hyp;
}

static const char *show(const struct bench_request *q, char *text, size_t len) {
  const struct mmu_response *a = &q->response;
  if (q->answered == BENCH_NEVER) {
    snprintf(text, len, "no answer");
  } else if (a->status == MMU_OK) {
    snprintf(text, len, "pa %llx shift %u", (unsigned long long)a->pa, a->s1_shift);
  } else if (a->status == MMU_RETRY) {
    snprintf(text, len, "retry");
  } else {
    snprintf(text, len, "fault cause %u level %u walk %u ad %u registers %llx %llx %llx",
             a->fault.cause, a->fault.s1_level, a->fault.on_walk, a->fault.on_ad_write,
             (unsigned long long)a->syndrome.reg[0], (unsigned long long)a->syndrome.reg[1],
             (unsigned long long)a->syndrome.reg[2]);
  }
  return text;
}

static bool expect(struct run *r, const char *who, size_t i, const struct outcome *want) {
  char text[160];
  const struct bench_request *q = &r->b->request[i];
  if (answer_is(r, q, want)) return true;
  return complain(r, "%s: %s, expected cause %u at level %u or pa %llx", who,
                  show(q, text, sizeof text), want->cause, want->height,
                  (unsigned long long)want->pa);
}

/* The hardware wrote nothing but A and D, where it may. */
static bool updates_legal(struct run *r) {
  const struct bench *b = r->b;
  for (size_t i = 0; i < b->accesses; i++) {
    const struct bench_access *a = &b->access[i];
    if (!a->cas) continue;
    const struct bench_request *q = &b->request[a->tag];
    const bool write = q->req.access.kind == MMU_WRITE || q->req.access.kind == MMU_RMW;
    const bool leaf = r->f->arch != MMU_ARCH_X86 || a->level == 0 || (a->expected >> 7 & 1) != 0;
    if (!q->ctx.s1_hw_a) return complain(r, "an A/D update although software does them");
    if (!format_update_legal(r->f, leaf, write, a->expected, a->desired))
      return complain(r, "update %llx -> %llx at level %u is not legal",
                      (unsigned long long)a->expected, (unsigned long long)a->desired, a->level);
  }
  return true;
}

/* A page that answers has its flags: A, and D after a write. */
static bool flags_set(struct run *r, uint64_t word, bool write) {
  const uint64_t d = word & format_d(r->f);
  if ((word & format_a(r->f)) == 0)
    return complain(r, "A is not set in %llx", (unsigned long long)word);
  if (write && (r->f->arch == MMU_ARCH_ARM ? d != 0 : d == 0))
    return complain(r, "D is not set in %llx after a write", (unsigned long long)word);
  return true;
}

/* Ask again, at leisure: the tables as they are now must answer, and x86 and Arm may never, and
 * our RISC-V does not, answer a fault from memory of it. */
static bool probe(struct run *r, const struct outcome *want) {
  struct bench *b = r->b;
  const size_t again = bench_ask(b, r->va + OFFSET, &r->access, &r->s.ctx);
  if (!bench_settle(b, BOUND)) return sound(r);
  if (!expect(r, "asked again", again, want)) return false;
  return sound(r);
}

static bool unrelated_hits(struct run *r) {
  struct bench *b = r->b;
  const size_t from = b->accesses;
  const struct mmu_access load = {.kind = r->w->kind == MMU_FETCH ? MMU_FETCH : MMU_READ,
                                  .size = 3};
  const struct bench_request *q = bench_translate(b, r->far, &load, &r->unrelated.ctx);
  const struct outcome want = {.cause = MMU_CAUSE_NONE, .pa = PA_UNRELATED, .valid = true};
  if (!answer_is(r, q, &want)) return complain(r, "the unrelated page is answered wrongly");
  if (!q->response.hit || bench_reads(b, from) != 0)
    return complain(r, "the unrelated entry is lost");
  return sound(r);
}

/* ---- events: tables change
 * -------------------------------------------------------------------------- */

/* Prepare a change: what to write where, and what the tables say afterwards. False: this change
 * makes no sense for this case. */
static bool plan(struct run *r, enum change change, uint64_t *addr, uint64_t *value) {
  const struct format *f = r->f;
  struct bench *b = r->b;
  const unsigned h = r->slot_height;
  const uint64_t word = bench_peek(b, r->slot);
  const uint64_t index = r->va >> 12;
  *addr = r->slot;
  switch (change) {
    case CHANGE_MOVE:
      if (h > f->big) return false;
      *value = format_leaf(f, h, PA_NEW, PAGE_ALL);
      r->after = page_outcome(r, h, PAGE_ALL, PA_NEW);
      return true;
    case CHANGE_UNMAP:
      if (r->w->fault == SWEEP_ABSENT) return false;
      *value = 0;
      r->after = (struct outcome){.cause = MMU_CAUSE_NOT_PRESENT, .height = (uint8_t)h, .valid = 1};
      return true;
    case CHANGE_SPLIT: {
      if (h == 0) return false;
      uint64_t table = bench_frame(b);
      *value = format_pointer(f, table, true);
      for (unsigned g = h - 1;; g--) {
        const uint64_t slot = table + 8 * (index >> (9 * g) & 511);
        if (g == 0) {
          bench_poke(b, slot, format_leaf(f, 0, PA_NEW, PAGE_ALL));
          break;
        }
        table = bench_frame(b);
        bench_poke(b, slot, format_pointer(f, table, true));
      }
      r->after = page_outcome(r, 0, PAGE_ALL, PA_NEW);
      return true;
    }
    case CHANGE_TABLE: {
      if (h == f->top || h > f->big) return false;
      const uint64_t table = bench_frame(b);
      bench_poke(b, table + 8 * (index >> (9 * h) & 511), format_leaf(f, h, PA_NEW, PAGE_ALL));
      *addr = space_slot(&r->s, r->va, h + 1);
      *value = format_pointer(f, table, true);
      r->after = page_outcome(r, h, PAGE_ALL, PA_NEW);
      return true;
    }
    case CHANGE_A:
    case CHANGE_AD: {
      const unsigned with = change == CHANGE_A ? PAGE_A : PAGE_A | PAGE_D;
      if (r->w->fault != SWEEP_SOUND || (r->w->flags & with) == with) return false;
      if (change == CHANGE_AD && (r->w->flags & PAGE_W) == 0) return false;
      *value = format_leaf(f, h, PA_OLD, r->w->flags | with);
      r->after = page_outcome(r, h, r->w->flags | with, PA_OLD);
      return *value != word;
    }
    default:
      return false;
  }
}

static const char *const change_names[CHANGES] = {"move",  "unmap", "split",
                                                  "table", "set-a", "set-ad"};

struct operation {
  enum mmu_inval_kind kind;
  const char *name;
  bool pointers; /* covers cached pointers of the address */
  bool address;  /* spares other addresses */
  bool asid;     /* spares other address spaces */
};

static const struct operation x86_operations[] = {
    {MMU_INV_X86_INVLPG, "invlpg", true, true, true},
    {MMU_INV_X86_CR3, "cr3", true, false, true},
    {MMU_INV_X86_ALL, "pge", true, false, false},
    {MMU_INV_X86_PCID_ADDR, "invpcid0", true, true, true},
    {MMU_INV_X86_PCID, "invpcid1", true, false, true},
    {MMU_INV_X86_ALL_GLOBAL, "invpcid2", true, false, false},
    {MMU_INV_X86_ALL_PCID, "invpcid3", true, false, false},
};
static const struct operation arm_operations[] = {
    {MMU_INV_ARM_VMALLE1, "vmalle1", true, false, false},
    {MMU_INV_ARM_VAE1, "vae1", true, true, true},
    {MMU_INV_ARM_VALE1, "vale1", false, true, true},
    {MMU_INV_ARM_VAAE1, "vaae1", true, true, false},
    {MMU_INV_ARM_VAALE1, "vaale1", false, true, false},
    {MMU_INV_ARM_ASIDE1, "aside1", true, false, true},
};
static const struct operation riscv_operations[] = {
    {MMU_INV_RISCV_ALL, "sfence", true, false, false},
    {MMU_INV_RISCV_ADDR, "sfence-va", false, true, false},
    {MMU_INV_RISCV_ASID, "sfence-asid", true, false, true},
    {MMU_INV_RISCV_ADDR_ASID, "sfence-va-asid", false, true, true},
};

static size_t operations_of(enum mmu_arch arch, const struct operation **list) {
  switch (arch) {
    case MMU_ARCH_X86:
      *list = x86_operations;
      return sizeof x86_operations / sizeof x86_operations[0];
    case MMU_ARCH_ARM:
      *list = arm_operations;
      return sizeof arm_operations / sizeof arm_operations[0];
    default:
      *list = riscv_operations;
      return sizeof riscv_operations / sizeof riscv_operations[0];
  }
}

static void start(struct run *r) {
  r->main = bench_ask(r->b, r->va + OFFSET, &r->access, &r->s.ctx);
  for (unsigned c = 0; c < r->at; c++) {
    bench_step(r->b);
  }
}

/* Whether the swept request was answered with the tables before or after the change, and that it
 * may have been. changed: the edge before which memory changed. */
static bool judge_main(struct run *r, uint64_t changed, uint64_t done, struct sweep_result *res) {
  const struct bench_request *q = &r->b->request[r->main];
  const bool is_old = answer_is(r, q, &r->before);
  const bool is_new = answer_is(r, q, &r->after);
  char text[160];
  if (!is_old && !is_new)
    return complain(r, "answered neither old nor new: %s", show(q, text, sizeof text));
  if (is_new && !is_old && q->answered <= changed)
    return complain(r, "answered the new tables before they existed");
  if (is_old && !is_new && q->answered > done)
    return complain(r, "answered the old tables after the invalidation was done");
  res->old_answer += is_old && !is_new;
  res->new_answer += is_new && !is_old;
  if (is_new && r->after.cause == MMU_CAUSE_NONE && q->answered > changed) {
    const uint64_t slot = r->after.height == r->slot_height && r->after.pa == PA_OLD
                              ? r->slot
                              : space_slot(&r->s, r->va, r->after.height);
    if (!flags_set(r, bench_peek(r->b, slot), r->w->kind == MMU_WRITE)) return false;
  }
  /* An old page that needed an update was updated before it answered. */
  if (is_old && !is_new && r->before.cause == MMU_CAUSE_NONE) {
    uint64_t word = format_leaf(r->f, r->w->height, PA_OLD, r->w->flags);
    for (size_t i = 0; i < r->b->accesses; i++) {
      const struct bench_access *a = &r->b->access[i];
      if (a->cas && a->ok && a->addr == r->slot) word = a->desired;
    }
    if (!flags_set(r, word, r->w->kind == MMU_WRITE)) return false;
  }
  return updates_legal(r);
}

/* An address of the swept page to invalidate by: the accessed one, the first, the last in turn. */
static uint64_t inside_page(const struct run *r) {
  const uint64_t within = page_bytes(r->w->height) - 1;
  return r->at % 3 == 0 ? r->va : r->at % 3 == 1 ? r->va & ~within : r->va | within;
}

static bool run_invalidate(struct run *r, enum change change, const struct operation *op,
                           struct sweep_result *res) {
  struct bench *b = r->b;
  uint64_t addr, value;
  build(r);
  if (!plan(r, change, &addr, &value)) return true;
  start(r);
  const uint64_t changed = b->now;
  bench_poke(b, addr, value);
  const size_t i = bench_invalidate(b, op->kind, inside_page(r), r->s.ctx.asid, r->s.ctx.vmid);
  if (!bench_settle(b, BOUND)) return sound(r);
  res->runs++;
  if (!judge_main(r, changed, b->inval[i].done, res)) return false;
  /* What the old tables led to may be free memory by now. */
  for (size_t k = 0; change == CHANGE_TABLE && k < b->accesses; k++) {
    if (b->access[k].addr == r->slot && b->access[k].cas && b->access[k].cycle >= b->inval[i].done)
      return complain(r, "a swap in the old table after the invalidation was done");
  }
  if (!probe(r, &r->after)) return false;
  if (op->address || op->asid) return unrelated_hits(r);
  return true;
}

static bool sweep_invalidate(struct run *r, unsigned cycles, struct sweep_result *res) {
  const struct operation *list;
  const size_t n = operations_of(r->f->arch, &list);
  for (enum change change = CHANGE_MOVE; change <= CHANGE_TABLE; change++) {
    for (size_t i = 0; i < n; i++) {
      if (change == CHANGE_TABLE && !list[i].pointers) continue;
      snprintf(r->variant, sizeof r->variant, "%s/%s", change_names[change], list[i].name);
      for (r->at = 0; r->at < cycles; r->at++) {
        if (!run_invalidate(r, change, &list[i], res)) return false;
      }
    }
  }
  return true;
}

/* The deciding descriptor as it is now, with A or A and D set: how another CPU would leave it. */
static uint64_t flagged(const struct run *r, bool dirty) {
  uint64_t v = bench_peek(r->b, r->slot) | format_a(r->f);
  if (!dirty) return v;
  return r->f->arch == MMU_ARCH_ARM ? v & ~format_d(r->f) : v | format_d(r->f);
}

static bool run_race(struct run *r, enum change change, struct sweep_result *res) {
  struct bench *b = r->b;
  uint64_t addr, value;
  build(r);
  if (!plan(r, change, &addr, &value)) return true;
  start(r);
  const uint64_t changed = b->now;
  if (change == CHANGE_A || change == CHANGE_AD) value = flagged(r, change == CHANGE_AD);
  bench_poke(b, addr, value);
  if (!bench_settle(b, BOUND)) return sound(r);
  res->runs++;
  if (!judge_main(r, changed, BENCH_NEVER, res)) return false;
  /* A fault is never remembered: the new tables answer without any invalidation. Neither is a
   * descriptor that nobody has read. */
  const struct bench_request *q = &b->request[r->main];
  if (q->response.status == MMU_OK && r->after.cause != r->before.cause) {
    const enum mmu_inval_kind one_page[MMU_ARCH_COUNT] = {MMU_INV_X86_INVLPG, MMU_INV_ARM_VAE1,
                                                          MMU_INV_RISCV_ADDR_ASID};
    (void)bench_invalidate(b, one_page[r->f->arch], r->va, r->s.ctx.asid, r->s.ctx.vmid);
    if (!bench_settle(b, BOUND)) return sound(r);
  } else if (q->response.status == MMU_OK && answer_is(r, q, &r->before)) {
    return unrelated_hits(r);
  }
  if (!probe(r, &r->after)) return false;
  return unrelated_hits(r);
}

static bool sweep_race(struct run *r, unsigned cycles, struct sweep_result *res) {
  for (enum change change = CHANGE_MOVE; change < CHANGES; change++) {
    if (change == CHANGE_TABLE) continue;
    snprintf(r->variant, sizeof r->variant, "%s", change_names[change]);
    for (r->at = 0; r->at < cycles; r->at++) {
      if (!run_race(r, change, res)) return false;
    }
  }
  return true;
}

/* ---- events: other requests
 * --------------------------------------------------------------------------- */

static bool finish_with_second(struct run *r, size_t second, const struct outcome *want,
                               struct sweep_result *res) {
  if (!bench_settle(r->b, BOUND)) return sound(r);
  res->runs++;
  if (!expect(r, "first request", r->main, &r->before)) return false;
  if (!expect(r, "second request", second, want)) return false;
  if (!updates_legal(r)) return false;
  return probe(r, &r->before) && unrelated_hits(r);
}

static bool run_second(struct run *r, unsigned variant, struct sweep_result *res) {
  static const char *const names[] = {
      "same-page-read", "same-page-write", "same-page-fetch", "sibling", "far", "other-space"};
  struct bench *b = r->b;
  build(r);
  snprintf(r->variant, sizeof r->variant, "%s", names[variant]);
  struct mmu_access access = {.kind = MMU_READ, .size = 2};
  struct mmu_context ctx = r->s.ctx;
  uint64_t va = r->va + 0x120;
  struct outcome want = r->before;
  const bool on_page = r->w->fault == SWEEP_SOUND;
  switch (variant) {
    case 0:
      break;
    case 1:
      access.kind = MMU_WRITE;
      break;
    case 2:
      access.kind = MMU_FETCH;
      break;
    case 3:
      va = r->sibling + 0x120;
      want = (struct outcome){.pa = PA_SIBLING, .height = r->w->height, .valid = true};
      if (!on_page && r->w->fault_height > r->w->height) want = r->before;
      if (!on_page && r->w->fault_height == r->w->height) want.cause = MMU_CAUSE_NONE;
      break;
    case 4:
      va = r->far + 0x120;
      want = (struct outcome){.pa = PA_FAR, .valid = true};
      break;
    default: {
      struct space other = space_new(b, r->f);
      other.ctx.asid = OTHER_ASID;
      space_map(&other, r->va, 0, PA_OTHER_SPACE, PAGE_ALL);
      ctx = other.ctx;
      want = (struct outcome){.pa = PA_OTHER_SPACE, .valid = true};
      break;
    }
  }
  if (variant < 3 && on_page)
    want.cause = format_judge(&r->s, r->w->flags, (enum mmu_access_kind)access.kind);
  start(r);
  const size_t second = bench_ask(b, va, &access, &ctx);
  return finish_with_second(r, second, &want, res);
}

static bool sweep_second(struct run *r, unsigned cycles, struct sweep_result *res) {
  for (unsigned variant = 0; variant < 6; variant++) {
    for (r->at = 0; r->at < cycles; r->at++) {
      if (!run_second(r, variant, res)) return false;
    }
  }
  return true;
}

/* One field of the context differs in what follows the swept request. */
static const char *change_context(struct mmu_context *c, unsigned field) {
  switch (field) {
    case 0:
      c->s1_root0 ^= 0x1000000;
      return "root0";
    case 1:
      c->s1_root1 ^= 0x1000000;
      return "root1";
    case 2:
      c->asid ^= 0x8000;
      return "asid";
    case 3:
      c->vmid ^= 0x8000;
      return "vmid";
    case 4:
      c->priv = MMU_SUPERVISOR;
      return "priv";
    case 5:
      c->s1_mode = MMU_S1_OFF;
      return "s1_mode";
    case 6:
      c->pa_width = 24;
      return "pa_width";
    case 7:
      c->t0sz = 34;
      return "t0sz";
    case 8:
      c->t1sz = 34;
      return "t1sz";
    case 9:
      c->wp = !c->wp;
      return "wp";
    case 10:
      c->nxe = !c->nxe;
      return "nxe";
    case 11:
      c->smep = !c->smep;
      return "smep";
    case 12:
      c->smap = !c->smap;
      return "smap";
    case 13:
      c->pke = true;
      c->pkru = UINT32_MAX;
      return "pkru";
    case 14:
      c->page1g = !c->page1g;
      return "page1g";
    case 15:
      c->sum = !c->sum;
      return "sum";
    case 16:
      c->mxr = !c->mxr;
      return "mxr";
    case 17:
      c->pan = !c->pan;
      return "pan";
    case 18:
      c->wxn = !c->wxn;
      return "wxn";
    case 19:
      c->epd0 = !c->epd0;
      return "epd0";
    case 20:
      c->epd1 = !c->epd1;
      return "epd1";
    case 21:
      c->hpd0 = c->hpd1 = true;
      return "hpd";
    case 22:
      c->s1_hw_a = c->s1_hw_d = !c->s1_hw_a;
      return "hw_ad";
    case 23:
      c->s1_hw_d = !c->s1_hw_d;
      return "hw_d";
    case 24:
      c->s2_root ^= 0x1000000;
      return "s2_root";
    default:
      return NULL;
  }
}

/* Fields that an architecture does not have stay 0 (the contract of struct mmu_context). */
static bool field_exists(enum mmu_arch arch, unsigned field) {
  if (field <= 6 || field == 24) return field != 1 || arch == MMU_ARCH_ARM;
  if (field == 7 || field == 8 || (field >= 17 && field <= 21)) return arch == MMU_ARCH_ARM;
  if (field >= 9 && field <= 14) return arch == MMU_ARCH_X86;
  if (field == 15 || field == 16) return arch == MMU_ARCH_RISCV;
  if (field == 22) return arch != MMU_ARCH_X86;
  return arch == MMU_ARCH_ARM;
}

static bool same_answer(const struct mmu_response *a, const struct mmu_response *b) {
  if (a->status != b->status) return false;
  if (a->status == MMU_OK) return a->pa == b->pa && a->s1_shift == b->s1_shift;
  return memcmp(a->syndrome.reg, b->syndrome.reg, sizeof a->syndrome.reg) == 0 &&
         a->syndrome.to_hyp == b->syndrome.to_hyp && a->fault.cause == b->fault.cause &&
         a->fault.s1_level == b->fault.s1_level;
}

static bool run_context(struct run *r, unsigned field, const struct mmu_response *alone,
                        struct sweep_result *res) {
  build(r);
  struct mmu_context ctx = r->s.ctx;
  (void)change_context(&ctx, field);
  start(r);
  const struct mmu_access load = {.kind = MMU_READ, .size = 3};
  const size_t second = bench_ask(r->b, r->far, &load, &ctx);
  if (!bench_settle(r->b, BOUND)) return sound(r);
  res->runs++;
  if (!expect(r, "first request", r->main, &r->before)) return false;
  char text[160];
  if (!same_answer(&r->b->request[second].response, alone))
    return complain(r, "the second request is answered differently than alone: %s",
                    show(&r->b->request[second], text, sizeof text));
  return probe(r, &r->before) && unrelated_hits(r);
}

static bool sweep_context(struct run *r, unsigned cycles, struct sweep_result *res) {
  for (unsigned field = 0;; field++) {
    r->at = 0;
    build(r);
    struct mmu_context ctx = r->s.ctx;
    const char *name = change_context(&ctx, field);
    if (name == NULL) return true;
    if (!field_exists(r->f->arch, field)) continue;
    snprintf(r->variant, sizeof r->variant, "%s", name);
    /* what the second request is answered on its own */
    const struct mmu_access load = {.kind = MMU_READ, .size = 3};
    const struct mmu_response alone = bench_translate(r->b, r->far, &load, &ctx)->response;
    if (!sound(r)) return false;
    for (r->at = 0; r->at < cycles; r->at++) {
      if (!run_context(r, field, &alone, res)) return false;
    }
  }
}

/* ---- events: errors and reset
 * --------------------------------------------------------------------------- */

static bool run_error(struct run *r, enum mmu_mem_error error, const struct bench_access *victim,
                      struct sweep_result *res) {
  static const enum mmu_cause causes[] = {MMU_CAUSE_NONE, MMU_CAUSE_BUS, MMU_CAUSE_NO_ATOMIC,
                                          MMU_CAUSE_PARITY};
  struct bench *b = r->b;
  build(r);
  bench_error(b, r->at, error);
  r->main = bench_ask(b, r->va + OFFSET, &r->access, &r->s.ctx);
  if (!bench_settle(b, BOUND)) return sound(r);
  res->runs++;
  const struct outcome want = {.cause = causes[error], .height = victim->level, .valid = true};
  if (!expect(r, "request", r->main, &want)) return false;
  const struct mmu_fault *fault = &b->request[r->main].response.fault;
  if (fault->on_walk != !victim->cas || fault->on_ad_write != victim->cas)
    return complain(r, "on_walk %u on_ad_write %u", fault->on_walk, fault->on_ad_write);
  if (b->accesses != r->at + 1u) return complain(r, "the walk went on after the error");
  if (!updates_legal(r)) return false;
  return probe(r, &r->before) && unrelated_hits(r);
}

static bool sweep_error(struct run *r, struct sweep_result *res) {
  static const char *const names[] = {"", "bus", "no-atomic", "parity"};
  struct bench_access walk[32];
  r->at = 0;
  build(r);
  r->main = bench_ask(r->b, r->va + OFFSET, &r->access, &r->s.ctx);
  if (!bench_settle(r->b, BOUND)) return sound(r);
  size_t n = r->b->accesses;
  if (n > 32) n = 32;
  memcpy(walk, r->b->access, n * sizeof walk[0]);
  for (r->at = 0; r->at < n; r->at++) {
    for (int e = MMU_MEM_BUS; e <= MMU_MEM_PARITY; e++) {
      if (e == MMU_MEM_NO_ATOMIC && !walk[r->at].cas) continue;
      snprintf(r->variant, sizeof r->variant, "%s", names[e]);
      if (!run_error(r, (enum mmu_mem_error)e, &walk[r->at], res)) return false;
    }
  }
  return true;
}

static bool sweep_reset(struct run *r, unsigned cycles, struct sweep_result *res) {
  struct bench *b = r->b;
  snprintf(r->variant, sizeof r->variant, "now");
  for (r->at = 0; r->at < cycles; r->at++) {
    build(r);
    start(r);
    bench_reset(b);
    res->runs++;
    for (int i = 0; i < 20; i++) {
      bench_step(b);
    }
    if (b->out.mem_req_valid || !b->out.idle) return complain(r, "not at rest after reset");
    if (!probe(r, &r->before)) return false;
    /* nothing survives a reset: the walk began at the first table */
    if (b->accesses == 0 || b->access[0].level != r->f->top)
      return complain(r, "the walk after reset did not begin at the root");
  }
  return true;
}

/* ---- the sweep
 * ------------------------------------------------------------------------------------------ */

static const char *const event_names[SWEEP_EVENTS] = {"invalidate", "race",  "second",
                                                      "context",    "error", "reset"};

const char *sweep_event_name(enum sweep_event event) {
  return event_names[event];
}

bool sweep(struct bench *b, const struct format *f, const struct sweep_walk *walk,
           enum sweep_event event, const struct sweep_timing *timing, struct sweep_result *result,
           char *err, size_t err_len) {
  struct run r = {.b = b,
                  .f = f,
                  .w = walk,
                  .timing = timing,
                  .err = err,
                  .err_len = err_len,
                  .event = event_names[event]};
  /* once without any event: how long, and is the answer right at all */
  snprintf(r.variant, sizeof r.variant, "none");
  build(&r);
  r.main = bench_ask(b, r.va + OFFSET, &r.access, &r.s.ctx);
  if (!bench_settle(b, BOUND)) return sound(&r);
  if (!expect(&r, "undisturbed", r.main, &r.before) || !updates_legal(&r)) return false;
  const struct bench_request *q = &b->request[r.main];
  const unsigned cycles = (unsigned)(q->answered - q->offered) + 4;
  if (!probe(&r, &r.before) || !unrelated_hits(&r)) return false;

  switch (event) {
    case SWEEP_INVALIDATE:
      return sweep_invalidate(&r, cycles, result);
    case SWEEP_RACE:
      return sweep_race(&r, cycles, result);
    case SWEEP_SECOND:
      return sweep_second(&r, cycles, result);
    case SWEEP_CONTEXT:
      return sweep_context(&r, cycles, result);
    case SWEEP_ERROR:
      return sweep_error(&r, result);
    default:
      return sweep_reset(&r, cycles, result);
  }
}

/* SPDX-License-Identifier: Apache-2.0
 * One case of the sweeper: building its tables, asking, and what must always hold afterwards. */
#include "testbench/sweep_run.h"

#include <stdarg.h>
#include <stdio.h>

bool sweep_complain(struct sweep_run *r, const char *format, ...) {
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

bool sweep_sound(struct sweep_run *r) {
  return r->b->problem[0] == '\0' ? true : sweep_complain(r, "%s", r->b->problem);
}

uint64_t sweep_page_bytes(unsigned height) {
  return UINT64_C(1) << (12 + 9 * height);
}

/* ---- building
 * ------------------------------------------------------------------------------------ */

struct sweep_outcome sweep_page_outcome(const struct sweep_run *r, unsigned height, unsigned flags,
                                        uint64_t pa) {
  struct sweep_outcome o = {.cause = format_judge(&r->s, flags, (enum mmu_access_kind)r->w->kind),
                            .pa = pa,
                            .height = (uint8_t)height,
                            .valid = true};
  return o;
}

void sweep_build(struct sweep_run *r) {
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
  r->n = NULL;
  r->moved_slot = 0;
  if (w->stage2 != 0) sweep_stage2_build(r);

  r->access = (struct mmu_access){.kind = w->kind, .size = 3};
  r->va = space_va(r->f, 3);
  r->sibling = r->va ^ sweep_page_bytes(w->height);
  r->far = space_va(r->f, 6);
  r->slot_height = w->fault == SWEEP_SOUND ? w->height : w->fault_height;
  r->slot = space_map(&r->s, r->va, w->height, PA_OLD, w->flags);
  space_map(&r->s, r->sibling, w->height, PA_SIBLING, PAGE_ALL);
  space_map(&r->s, r->far, 0, PA_FAR, PAGE_ALL);
  space_map(&r->unrelated, r->far, 0, PA_UNRELATED, PAGE_ALL);
  r->before = sweep_page_outcome(r, w->height, w->flags, PA_OLD);
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

bool sweep_answer_is(const struct sweep_run *r, const struct bench_request *q,
                     const struct sweep_outcome *want) {
  const struct mmu_response *a = &q->response;
  if (want->cause == MMU_CAUSE_NONE) {
    const uint64_t in_page = q->req.va & (sweep_page_bytes(want->height) - 1);
    return a->status == MMU_OK && a->pa == (want->pa | in_page) &&
           a->s1_shift == 12 + 9 * want->height;
  }
  if (want->stage2) return sweep_stage2_faults(r, q, want);
  if (a->status != MMU_FAULT || a->fault.cause != want->cause || a->fault.s1_level != want->height)
    return false;
  const struct mmu_syndrome s =
      format_syndrome(r->f, &q->ctx, &q->req.access, q->req.va, want->cause, want->height);
  const uint64_t mask = format_syndrome_mask(r->f, &q->req.access, want->cause);
  return (a->syndrome.reg[0] & mask) == (s.reg[0] & mask) && a->syndrome.reg[1] == s.reg[1] &&
         a->syndrome.reg[2] == s.reg[2] && a->syndrome.reg[3] == s.reg[3] && !a->syndrome.to_hyp;
}

const char *sweep_show(const struct bench_request *q, char *text, size_t len) {
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

bool sweep_expect(struct sweep_run *r, const char *who, size_t i,
                  const struct sweep_outcome *want) {
  char text[160];
  const struct bench_request *q = &r->b->request[i];
  if (sweep_answer_is(r, q, want)) return true;
  return sweep_complain(r, "%s: %s, expected cause %u at level %u or pa %llx", who,
                        sweep_show(q, text, sizeof text), want->cause, want->height,
                        (unsigned long long)want->pa);
}

/* The hardware wrote nothing but A and D, where it may. */
bool sweep_updates_legal(struct sweep_run *r) {
  const struct bench *b = r->b;
  for (size_t i = 0; i < b->accesses; i++) {
    const struct bench_access *a = &b->access[i];
    if (!a->cas) continue;
    if (a->stage == 2) {
      if (sweep_stage2_update_legal(r, a)) continue;
      return sweep_complain(r, "update %llx -> %llx at level %u of stage 2 is not legal",
                            (unsigned long long)a->expected, (unsigned long long)a->desired,
                            a->level);
    }
    const struct bench_request *q = &b->request[a->tag];
    const bool write = q->req.access.kind == MMU_WRITE || q->req.access.kind == MMU_RMW;
    const bool leaf = r->f->arch != MMU_ARCH_X86 || a->level == 0 || (a->expected >> 7 & 1) != 0;
    if (!q->ctx.s1_hw_a) return sweep_complain(r, "an A/D update although software does them");
    if (!format_update_legal(r->f, leaf, write, a->expected, a->desired))
      return sweep_complain(r, "update %llx -> %llx at level %u is not legal",
                            (unsigned long long)a->expected, (unsigned long long)a->desired,
                            a->level);
  }
  return true;
}

/* A page that answers has its flags: A, and D after a write. */
bool sweep_flags_set(struct sweep_run *r, uint64_t word, bool write) {
  const uint64_t d = word & format_d(r->f);
  if ((word & format_a(r->f)) == 0)
    return sweep_complain(r, "A is not set in %llx", (unsigned long long)word);
  if (write && (r->f->arch == MMU_ARCH_ARM ? d != 0 : d == 0))
    return sweep_complain(r, "D is not set in %llx after a write", (unsigned long long)word);
  return true;
}

/* Ask again, at leisure: the tables as they are now must answer, and x86 and Arm may never, and
 * our RISC-V does not, answer a fault from memory of it. */
bool sweep_probe(struct sweep_run *r, const struct sweep_outcome *want) {
  struct bench *b = r->b;
  const size_t again = bench_ask(b, r->va + OFFSET, &r->access, &r->s.ctx);
  if (!bench_settle(b, BOUND)) return sweep_sound(r);
  if (!sweep_expect(r, "asked again", again, want)) return false;
  return sweep_sound(r);
}

bool sweep_unrelated_hits(struct sweep_run *r) {
  struct bench *b = r->b;
  const size_t from = b->accesses;
  const struct mmu_access load = {.kind = r->w->kind == MMU_FETCH ? MMU_FETCH : MMU_READ,
                                  .size = 3};
  const struct bench_request *q = bench_translate(b, r->far, &load, &r->unrelated.ctx);
  const struct sweep_outcome want = {.cause = MMU_CAUSE_NONE, .pa = PA_UNRELATED, .valid = true};
  if (!sweep_answer_is(r, q, &want))
    return sweep_complain(r, "the unrelated page is answered wrongly");
  if (!q->response.hit || bench_reads(b, from) != 0)
    return sweep_complain(r, "the unrelated entry is lost");
  return sweep_sound(r);
}

void sweep_start(struct sweep_run *r) {
  r->main = bench_ask(r->b, r->va + OFFSET, &r->access, &r->s.ctx);
  for (unsigned c = 0; c < r->at; c++) {
    bench_step(r->b);
  }
}

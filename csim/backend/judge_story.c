/* SPDX-License-Identifier: Apache-2.0
 * The judge's words: one request, every table access the hardware made for it, and its answer, in
 * an order a reader can follow. Formatting only; nothing is decided here. */
#include "backend/judge_parts.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

const char *judge_arch_name(enum mmu_arch a) {
  static const char *const name[MMU_ARCH_COUNT] = {"x86", "arm", "riscv"};
  return a < MMU_ARCH_COUNT ? name[a] : "?";
}

const char *judge_cause_name(uint8_t cause) {
  static const char *const name[MMU_CAUSE_COUNT] = {
      "none",       "not-present",  "reserved",      "permission",    "access-flag",
      "dirty-flag", "address-size", "non-canonical", "root-size",     "root-disabled",
      "bus",        "no-atomic",    "parity",        "protection-key"};
  return cause < MMU_CAUSE_COUNT ? name[cause] : "?";
}

void judge_say(char *text, size_t *used, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int n = vsnprintf(text + *used, JUDGE_TEXT - *used, format, args);
  va_end(args);
  if (n > 0) *used += (size_t)n;
  if (*used >= JUDGE_TEXT) *used = JUDGE_TEXT - 1;
}

static void tell_stage2(char *text, size_t *used, const struct mmu_context *c) {
  static const char *const mode[] = {"off", "pass", "EPT", "NPT", "Arm", "RISC-V"};
  if (c->s2_mode < MMU_S2_EPT) return;
  judge_say(text, used,
            "\nstage 2: %s root %#" PRIx64
            " vmid %u pa_width %u first height %u T0SZ=%u%s%s%s%s%s"
            "%s%s%s%s",
            c->s2_mode <= MMU_S2_RISCV ? mode[c->s2_mode] : "?", c->s2_root, c->vmid,
            c->s2_pa_width, c->s2_top, c->s2_t0sz, c->s2_hw_a ? " HWA" : "",
            c->s2_hw_d ? " HWD" : "", c->s2_mbec ? " MBEC" : "", c->s2_exec_only ? " XO" : "",
            c->s2_page1g ? " 1G" : "", c->s2_nxe ? " NXE" : "", c->s2_ptw ? " PTW" : "",
            c->s2_mxr ? " MXR" : "", c->s2_pbmte ? " PBMTE" : "");
}

static void tell_request(char *text, size_t *used, const struct judge_story *s) {
  static const char *const kind[] = {"read", "write", "fetch", "read-modify-write"};
  static const char *const priv[] = {"user", "supervisor", "hypervisor", "?"};
  static const char *const mode[] = {"off", "x86-4", "x86-5", "arm-4k", "sv39", "sv48", "sv57"};
  const struct mmu_context *c = &s->ctx;
  judge_say(text, used,
            "request: cycle %" PRIu64 " port %u tag %u, %s %s at %#" PRIx64 "%s%s, asid %u\n",
            s->cycle, s->req.port, s->req.tag, priv[c->priv & 3], kind[s->req.access.kind & 3],
            s->req.va, s->req.access.exec_as_read ? " as HLVX" : "",
            s->req.access.implicit_sup             ? " implicit supervisor"
            : s->req.access.op == MMU_OP_CACHE     ? " by cache maintenance"
            : s->req.access.op == MMU_OP_TRANSLATE ? " by address translation"
                                                   : "",
            c->asid);
  judge_say(text, used, "context: %s root0 %#" PRIx64 " root1 %#" PRIx64 " pa_width %u",
            c->s1_mode <= MMU_S1_SV57 ? mode[c->s1_mode] : "?", c->s1_root0, c->s1_root1,
            c->pa_width);
  const struct {
    bool on;
    const char *name;
  } flag[] = {{c->wp, "WP"},     {c->nxe, "NXE"},   {c->smep, "SMEP"},   {c->smap, "SMAP"},
              {c->ac, "AC"},     {c->pke, "PKE"},   {c->page1g, "1G"},   {c->sum, "SUM"},
              {c->mxr, "MXR"},   {c->pan, "PAN"},   {c->pbmte, "PBMTE"}, {c->wxn, "WXN"},
              {c->epd0, "EPD0"}, {c->epd1, "EPD1"}, {c->tbi0, "TBI0"},   {c->tbi1, "TBI1"},
              {c->hpd0, "HPD0"}, {c->hpd1, "HPD1"}, {c->s1_hw_a, "HWA"}, {c->s1_hw_d, "HWD"}};
  for (size_t i = 0; i < sizeof flag / sizeof flag[0]; i++)
    if (flag[i].on) judge_say(text, used, " %s", flag[i].name);
  if (c->s1_mode == MMU_S1_ARM_4K) judge_say(text, used, " T0SZ=%u T1SZ=%u", c->t0sz, c->t1sz);
  tell_stage2(text, used, c);
  judge_say(text, used, "\nhardware:\n");
}

static void tell_event(char *text, size_t *used, const struct mmu_event *e) {
  judge_say(text, used, "  cycle %" PRIu64 " slot %u %slevel %u ", e->cycle, e->slot,
            e->stage == 2 ? "stage 2 " : "", e->level);
  if (e->kind == MMU_EV_READ)
    judge_say(text, used, "read [%#" PRIx64 "] = %#" PRIx64, e->addr, e->old);
  else
    judge_say(text, used, "swap [%#" PRIx64 "] %#" PRIx64 " -> %#" PRIx64 " %s, found %#" PRIx64,
              e->addr, e->expected, e->desired, e->ok ? "done" : "lost", e->old);
  judge_say(text, used, e->error != 0 ? " memory error %u\n" : "\n", e->error);
}

void judge_tell_fault(char *text, size_t *used, const struct mmu_fault *f,
                      const struct mmu_syndrome *regs) {
  judge_say(text, used, "fault %s level %u", judge_cause_name(f->cause), f->s1_level);
  if (f->stage2)
    judge_say(text, used, ", stage 2 level %u of %#" PRIx64 " rights %#x", f->s2_level, f->gpa,
              f->s2_rights);
  judge_say(text, used, "%s%s, registers %#" PRIx64 " %#" PRIx64 " %#" PRIx64 " %#" PRIx64 "%s%s\n",
            f->on_walk ? " on-walk" : "", f->on_ad_write ? " on-ad-write" : "", regs->reg[0],
            regs->reg[1], regs->reg[2], regs->reg[3], regs->to_hyp ? " to the hypervisor" : "",
            regs->gva ? " GVA" : "");
}

static void tell_answer(char *text, size_t *used, const struct mmu_response *a) {
  judge_say(text, used, "  cycle %" PRIu64 " %s lane%s: ", a->cycle, a->hit ? "hit" : "miss",
            a->l2 ? ", from the L2 TLB" : "");
  if (a->status == MMU_OK)
    judge_say(text, used, "pa %#" PRIx64 " page 2^%u, 2^%u of stage 2, attrs %#x and %#x\n", a->pa,
              a->s1_shift, a->s2_shift, a->attrs, a->s2_attrs);
  else if (a->status == MMU_RETRY)
    judge_say(text, used, "retry\n");
  else
    judge_tell_fault(text, used, &a->fault, &a->syndrome);
}

void judge_tell_story(char *text, size_t *used, const struct judge_story *s,
                      const struct mmu_response *answer) {
  tell_request(text, used, s);
  uint32_t first = s->events > JUDGE_EVENTS ? s->events - JUDGE_EVENTS : 0;
  if (first != 0) judge_say(text, used, "  (%u earlier table accesses)\n", first);
  for (uint32_t i = first; i < s->events; i++)
    tell_event(text, used, &s->event[i % JUDGE_EVENTS]);
  if (answer != NULL) tell_answer(text, used, answer);
}

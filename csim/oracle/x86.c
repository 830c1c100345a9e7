/* SPDX-License-Identifier: Apache-2.0
 * x86 cases: what their registers mean (Intel SDM volume 3, "EPTP Format"; AMD APM volume 2, 15.25;
 * stage 1: translate/sysregs.c), and what an emulator showed in its VMCB or VMCS. A guest takes no
 * exception itself: all are intercepted, and a page fault's error code and address are as they
 * would have been. */
#include "oracle/x86.h"

#include "translate/sysregs.h"

enum { LANDING_MOV_EAX = 0xb8, LANDING_LENGTH = 5 };
enum { VECTOR_UD = 6, VECTOR_GP = 13, VECTOR_PF = 14 };
enum { SVM_EXCEPTION = 0x40, SVM_NPF = 0x400 };
enum { VMX_EXCEPTION = 0, VMX_VIOLATION = 48, VMX_MISCONFIGURATION = 49, VMX_HAS_CODE = 1 << 11 };

/* ---- what the registers mean ---- */

static void stage1_of(const struct oracle_case *c, struct mmu_context *ctx) {
  char err[200];
  struct sysregs r = {.arch = MMU_ARCH_X86};
  r.value[SYSREG_CR0] = c->reg[ORACLE_X86_CR0];
  r.value[SYSREG_CR3] = c->reg[ORACLE_X86_CR3];
  r.value[SYSREG_CR4] = c->reg[ORACLE_X86_CR4];
  r.value[SYSREG_EFER] = c->reg[ORACLE_X86_EFER];
  r.value[SYSREG_EFLAGS] = c->reg[ORACLE_X86_RFLAGS];
  r.value[SYSREG_PKRU] = c->reg[ORACLE_X86_PKRU];
  r.value[SYSREG_MAXPHYADDR] = X86_WIDTH;
  r.value[SYSREG_PAGE1GB] = 1;
  sysregs_context(&r, c->reg[ORACLE_X86_CPL] == 3 ? MMU_USER : MMU_SUPERVISOR, ctx, err,
                  sizeof err);
}

static void stage2_of(const struct oracle_case *c, uint8_t mode, struct mmu_context *ctx) {
  uint64_t root = c->reg[ORACLE_X86_ROOT];
  bool ept = mode == MMU_S2_EPT;
  if (root == 0) return;
  ctx->s2_mode = mode;
  ctx->s2_root = root & ~UINT64_C(0xfff);
  ctx->vmid = 1;
  ctx->s2_pa_width = X86_WIDTH;
  ctx->s2_page1g = true;
  ctx->s2_top = (uint8_t)(ept ? root >> 3 & 7 : c->reg[ORACLE_X86_HOST] & 2 ? 4 : 3);
  ctx->s2_hw_a = ctx->s2_hw_d = !ept || (root & X86_EPTP_AD);
  ctx->s2_exec_only = ept;
  ctx->s2_nxe = !ept && (c->reg[ORACLE_X86_HOST] & ORACLE_X86_HOST_NXE);
}

static uint8_t kind_of(uint64_t insn) {
  uint64_t op = (insn & 0xff) == X86_REX_W ? insn >> 8 & 0xff : insn & 0xff;
  return op == X86_LOAD || op == X86_VERR_BYTE ? MMU_READ : op == X86_STORE ? MMU_WRITE : MMU_RMW;
}

static unsigned accesses(const struct oracle_case *c, uint8_t mode,
                         struct oracle_access list[ORACLE_ACCESSES]) {
  uint64_t insn = c->reg[ORACLE_X86_INSN];
  uint8_t size = c->reg[ORACLE_X86_CR0] & X86_PG ? 3 : 2;
  list[0] =
      (struct oracle_access){.acc = {.kind = MMU_FETCH, .size = 2}, .va = c->reg[ORACLE_X86_RIP]};
  stage1_of(c, &list[0].ctx);
  stage2_of(c, mode, &list[0].ctx);
  if (insn == 0) return 1;
  list[1] = (struct oracle_access){.ctx = list[0].ctx,
                                   .acc = {.kind = kind_of(insn),
                                           .size = size,
                                           .implicit_sup = c->door != 0,
                                           .insn = (uint32_t)insn},
                                   .va = c->reg[ORACLE_X86_RDI]};
  if (!x86_twice(insn)) return 2;
  list[2] = list[1];
  list[2].acc.kind = kind_of(insn >> 8 * x86_length(insn));
  return 3;
}

/* ---- what was seen ---- */

/* It got through if it stopped at the UD2 behind. */
static void exception(const struct oracle_case *c, const uint64_t out[ORACLE_OUTS], uint64_t vector,
                      uint64_t code, uint64_t address, struct oracle_outcome *o) {
  uint64_t insn = c->reg[ORACLE_X86_INSN];
  unsigned length = x86_length(insn) * (x86_twice(insn) ? 2 : 1);
  uint64_t end = c->reg[ORACLE_X86_RIP] + (insn == 0 ? LANDING_LENGTH : length);
  if (vector == VECTOR_UD && out[ORACLE_X86_OUT_RIP] == end) {
    o->taker = ORACLE_NOBODY;
    o->value = out[ORACLE_X86_OUT_RAX];
  } else if (vector == VECTOR_PF || vector == VECTOR_GP) {
    o->taker = ORACLE_GUEST;
    o->reg[0] = vector;
    o->reg[1] = code;
    o->reg[2] = vector == VECTOR_PF ? address : 0;
  }
}

static void observe_svm(const struct oracle_case *c, const uint64_t out[ORACLE_OUTS],
                        struct oracle_outcome *o) {
  uint64_t exit = out[ORACLE_X86_OUT_EXIT];
  o->taker = ORACLE_LOST;
  if (exit >= SVM_EXCEPTION && exit < SVM_EXCEPTION + 32)
    exception(c, out, exit - SVM_EXCEPTION, out[ORACLE_X86_OUT_INFO1], out[ORACLE_X86_OUT_INFO2],
              o);
  if (exit != SVM_NPF) return;
  o->taker = ORACLE_HYPERVISOR;
  o->reg[0] = exit;
  o->reg[1] = out[ORACLE_X86_OUT_INFO1];
  o->reg[3] = out[ORACLE_X86_OUT_INFO2];
}

static void observe_vmx(const struct oracle_case *c, const uint64_t out[ORACLE_OUTS],
                        struct oracle_outcome *o) {
  uint64_t reason = out[ORACLE_X86_OUT_EXIT], event = out[ORACLE_X86_OUT_EVENT];
  o->taker = ORACLE_LOST;
  if (reason == VMX_EXCEPTION)
    exception(c, out, event & 0xff, event & VMX_HAS_CODE ? out[ORACLE_X86_OUT_CODE] : 0,
              out[ORACLE_X86_OUT_INFO1], o);
  if (reason != VMX_VIOLATION && reason != VMX_MISCONFIGURATION) return;
  o->taker = ORACLE_HYPERVISOR;
  o->reg[0] = reason;
  o->reg[1] = out[ORACLE_X86_OUT_INFO1];
  o->reg[2] = out[ORACLE_X86_OUT_INFO2];
  o->reg[3] = out[ORACLE_X86_OUT_GPA];
}

static uint64_t landing(uint64_t page) {
  return LANDING_MOV_EAX | oracle_page_number(page) << 8 | (uint64_t)X86_UD2 << 40;
}

/* ---- the machines ---- */

static const struct x86_machine amd = {.s2_mode = MMU_S2_NPT, .la57 = true, .keys = true};
static const struct x86_machine intel = {.s2_mode = MMU_S2_EPT, .keys = true};
static const struct x86_machine ryzen = {.s2_mode = MMU_S2_NPT};

typedef struct fuzz_random *source;
typedef const struct oracle_class *class;

static bool generate_amd(source r, class aim, struct oracle_case *c) {
  return x86_generate(&amd, r, aim, c);
}
static bool generate_intel(source r, class aim, struct oracle_case *c) {
  return x86_generate(&intel, r, aim, c);
}
static bool generate_ryzen(source r, class aim, struct oracle_case *c) {
  return x86_generate(&ryzen, r, aim, c);
}
static bool possible_amd(class k) {
  return x86_possible(&amd, k);
}
static bool possible_intel(class k) {
  return x86_possible(&intel, k);
}
static bool possible_ryzen(class k) {
  return x86_possible(&ryzen, k);
}
static unsigned accesses_npt(const struct oracle_case *c,
                             struct oracle_access list[ORACLE_ACCESSES]) {
  return accesses(c, MMU_S2_NPT, list);
}
static unsigned accesses_ept(const struct oracle_case *c,
                             struct oracle_access list[ORACLE_ACCESSES]) {
  return accesses(c, MMU_S2_EPT, list);
}

#define COMMON \
  .arch = MMU_ARCH_X86, .ram = 0x1000000, .ram_bytes = 0x7000000, .packed = true, .landing = landing

const struct oracle_arch oracle_amd = {.name = "amd",
                                       .deviations = qemu_x86_deviations,
                                       .deviation_count = QEMU_X86_DEVIATIONS,
                                       .most = qemu_x86_most,
                                       .accesses = accesses_npt,
                                       .generate = generate_amd,
                                       .possible = possible_amd,
                                       .observe = observe_svm,
                                       COMMON};
const struct oracle_arch oracle_intel = {.name = "intel",
                                         .deviations = bochs_x86_deviations,
                                         .deviation_count = BOCHS_X86_DEVIATIONS,
                                         .most = bochs_x86_most,
                                         .accesses = accesses_ept,
                                         .generate = generate_intel,
                                         .possible = possible_intel,
                                         .observe = observe_vmx,
                                         COMMON};
const struct oracle_arch oracle_ryzen = {.name = "ryzen",
                                         .deviations = bochs_x86_deviations,
                                         .deviation_count = BOCHS_SVM_DEVIATIONS,
                                         .most = bochs_x86_most,
                                         .accesses = accesses_npt,
                                         .generate = generate_ryzen,
                                         .possible = possible_ryzen,
                                         .observe = observe_svm,
                                         COMMON};

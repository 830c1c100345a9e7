/* SPDX-License-Identifier: Apache-2.0
 * AMD: a guest by VMRUN. Source: AMD APM volume 2, 15.5 and appendix B (VMCB layout). Promise:
 * every guest starts with no translation cached (TLB_CONTROL 1). */
#include "firmware/oracle/x86/host.h"

#define MSR_HSAVE 0xc0010117u
#define EFER_SVME (UINT64_C(1) << 12)
#define EFER_NXE (UINT64_C(1) << 11)

enum { /* byte offsets in the VMCB */
       EXCEPTIONS = 0x008,
       MISC1 = 0x00c,
       MISC2 = 0x010,
       ASID = 0x058,
       TLB_CONTROL = 0x05c,
       EXITCODE = 0x070,
       EXITINFO1 = 0x078,
       EXITINFO2 = 0x080,
       NP_ENABLE = 0x090,
       N_CR3 = 0x0b0,
       ES = 0x400, /* then CS, SS, DS, FS, GS, GDTR, LDTR, IDTR, TR */
       CS = 0x410,
       GDTR = 0x460,
       LDTR = 0x470,
       TR = 0x490,
       CPL = 0x4cb,
       EFER = 0x4d0,
       CR4 = 0x548,
       CR3 = 0x550,
       CR0 = 0x558,
       DR7 = 0x560,
       DR6 = 0x568,
       RFLAGS = 0x570,
       RIP = 0x578,
       RSP = 0x5d8,
       RAX = 0x5f8
};
enum { INTERCEPT_VMRUN = 1 };
#define INTERCEPT_SHUTDOWN (1u << 31)

void svm_enter(uint64_t vmcb, uint64_t rdi);
void x86_host_levels(uint64_t root, uint64_t la57);

static uint8_t vmcb[4096] __attribute__((aligned(4096)));
static uint8_t save_area[4096] __attribute__((aligned(4096)));

static void put64(unsigned at, uint64_t value) {
  *(volatile uint64_t *)&vmcb[at] = value;
}

static void put32(unsigned at, uint32_t value) {
  *(volatile uint32_t *)&vmcb[at] = value;
}

static uint64_t get64(unsigned at) {
  return *(volatile uint64_t *)&vmcb[at];
}

static void segment(unsigned at, uint32_t selector, uint32_t attributes) {
  put32(at, selector | attributes << 16);
  put32(at + 4, UINT32_MAX);
  put64(at + 8, 0);
}

void x86_svm_start(void) {
  x86_wrmsr(X86_MSR_EFER, x86_rdmsr(X86_MSR_EFER) | EFER_SVME);
  x86_wrmsr(MSR_HSAVE, x86_address(save_area));
  put32(EXCEPTIONS, UINT32_MAX);
  put32(MISC1, INTERCEPT_SHUTDOWN);
  put32(MISC2, INTERCEPT_VMRUN);
  put32(ASID, 1);
  segment(LDTR, 0, 0x82);
  segment(TR, TASK, 0x8b);
  put64(DR6, 0xffff0ff0);
  put64(DR7, 0x400);
  put32(GDTR + 4, 0xffff);
}

/* The nested tables are read with the host's NXE and LA57. */
static void host_controls(uint64_t controls) {
  uint64_t efer = x86_rdmsr(X86_MSR_EFER);
  uint64_t want = controls & ORACLE_X86_HOST_NXE ? efer | EFER_NXE : efer & ~EFER_NXE;
  bool la57 = controls & ORACLE_X86_HOST_LA57, is = x86_cr4() >> 12 & 1;
  if (want != efer) x86_wrmsr(X86_MSR_EFER, want);
  if (la57 != is) x86_host_levels(la57 ? HOST_PML5 : HOST_PML4, la57);
}

static void segments(bool long_mode, uint32_t cpl) {
  for (unsigned at = ES; at <= 0x450; at += 0x10)
    segment(at, DATA | cpl, 0xc93 | cpl << 5);
  segment(CS, CODE64 | cpl, (long_mode ? 0xa9b : 0xc9b) | cpl << 5);
  vmcb[CPL] = (uint8_t)cpl;
}

void x86_svm_run(const uint64_t reg[ORACLE_REGS], uint64_t out[ORACLE_OUTS]) {
  host_controls(reg[ORACLE_X86_HOST]);
  segments(reg[ORACLE_X86_CR0] & X86_PG, (uint32_t)reg[ORACLE_X86_CPL]);
  put32(TLB_CONTROL, 1);
  put64(NP_ENABLE, reg[ORACLE_X86_ROOT] != 0);
  put64(N_CR3, reg[ORACLE_X86_ROOT]);
  put64(EFER, reg[ORACLE_X86_EFER] | EFER_SVME);
  put64(CR0, reg[ORACLE_X86_CR0]);
  put64(CR3, reg[ORACLE_X86_CR3]);
  put64(CR4, reg[ORACLE_X86_CR4]);
  put64(RFLAGS, reg[ORACLE_X86_RFLAGS]);
  put64(RIP, reg[ORACLE_X86_RIP]);
  put64(GDTR + 8, reg[ORACLE_X86_GDTR]);
  put64(RSP, 0);
  put64(RAX, reg[ORACLE_X86_RAX]);
  svm_enter(x86_address(vmcb), reg[ORACLE_X86_RDI]);
  out[ORACLE_X86_OUT_EXIT] = get64(EXITCODE);
  out[ORACLE_X86_OUT_INFO1] = get64(EXITINFO1);
  out[ORACLE_X86_OUT_INFO2] = get64(EXITINFO2);
  out[ORACLE_X86_OUT_RAX] = get64(RAX);
  out[ORACLE_X86_OUT_RIP] = get64(RIP);
}

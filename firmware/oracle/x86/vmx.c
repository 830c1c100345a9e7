/* SPDX-License-Identifier: Apache-2.0
 * Intel: a guest by VMLAUNCH. Source: Intel SDM volume 3, chapters on VMCS, VM entries and VM
 * exits, and appendix B (field encodings). Promise: every guest starts with no translation cached
 * (no VPID; INVEPT of all). */
#include "firmware/oracle/x86/host.h"

#define MSR_FEATURE_CONTROL 0x3au
#define MSR_VMX_BASIC 0x480u
#define MSR_PIN 0x481u
#define MSR_PRIMARY 0x482u
#define MSR_EXIT 0x483u
#define MSR_ENTRY 0x484u
#define MSR_SECONDARY 0x48bu
#define CR4_VMXE (UINT64_C(1) << 13)

enum { PRIMARY_SECONDARY = 31 };
enum { SECONDARY_EPT = 1 << 1, SECONDARY_UNRESTRICTED = 1 << 7 };
enum { EXIT_HOST64 = 1 << 9, EXIT_LOAD_EFER = 1 << 21 };
enum { ENTRY_LONG = 1 << 9, ENTRY_LOAD_EFER = 1 << 15 };
enum { UNUSABLE = 1 << 16, ENTRY_FAILED = 0xffff };

enum {                      /* VMCS fields */
       G_SELECTOR = 0x0800, /* ES, CS, SS, DS, FS, GS, LDTR, TR: 2 apart */
       H_SELECTOR = 0x0c00, /* ES, CS, SS, DS, FS, GS, TR */
       EPTP = 0x201a,
       GPA = 0x2400,
       LINK = 0x2800,
       G_EFER = 0x2806,
       H_EFER = 0x2c02,
       PIN = 0x4000,
       PRIMARY = 0x4002,
       EXCEPTIONS = 0x4004,
       EXIT_CONTROLS = 0x400c,
       ENTRY_CONTROLS = 0x4012,
       SECONDARY = 0x401e,
       EXIT_REASON = 0x4402,
       EXIT_EVENT = 0x4404,
       EXIT_CODE = 0x4406,
       G_LIMIT = 0x4800,
       G_GDTR_LIMIT = 0x4810,
       G_IDTR_LIMIT = 0x4812,
       G_RIGHTS = 0x4814,
       QUALIFICATION = 0x6400,
       G_LINEAR = 0x640a,
       G_CR0 = 0x6800,
       G_CR3 = 0x6802,
       G_CR4 = 0x6804,
       G_GDTR = 0x6816,
       G_DR7 = 0x681a,
       G_RSP = 0x681c,
       G_RIP = 0x681e,
       G_RFLAGS = 0x6820,
       H_CR0 = 0x6c00,
       H_CR3 = 0x6c02,
       H_CR4 = 0x6c04,
       H_GDTR = 0x6c0c
};
enum { CS = 2, LDTR = 12, TR = 14, H_TR = 12 };

uint64_t vmx_enter(uint64_t *rax, uint64_t rdi);
extern const uint64_t gdt[];

static uint32_t on_area[1024] __attribute__((aligned(4096)));
static uint32_t vmcs[1024] __attribute__((aligned(4096)));

static void put(uint64_t field, uint64_t value) {
  __asm__ volatile("vmwrite %1, %0" : : "r"(field), "r"(value) : "cc");
}

static uint64_t get(uint64_t field) {
  uint64_t value;
  __asm__ volatile("vmread %1, %0" : "=r"(value) : "r"(field) : "cc");
  return value;
}

/* Controls that must be 1 are in the MSR's low half, those that may be in its high half. */
static uint64_t allowed(uint32_t msr, uint64_t want) {
  uint64_t may = x86_rdmsr(msr);
  return (want | (uint32_t)may) & may >> 32;
}

static void segment(unsigned at, uint64_t selector, uint64_t rights) {
  put(G_SELECTOR + at, selector);
  put(G_RIGHTS + at, rights);
  put(G_LIMIT + at, at == TR ? 0x67 : UINT32_MAX);
}

static void host_state(void) {
  uint64_t cr0, cr3;
  __asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
  __asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
  for (unsigned at = 0; at <= H_TR; at += 2)
    put(H_SELECTOR + at, at == CS ? CODE64 : at == H_TR ? TASK : DATA);
  put(H_CR0, cr0);
  put(H_CR3, cr3);
  put(H_CR4, x86_cr4());
  put(H_EFER, x86_rdmsr(X86_MSR_EFER));
  put(H_GDTR, x86_address(gdt));
}

void x86_vmx_start(void) {
  uint64_t address = x86_address(on_area);
  if (!(x86_rdmsr(MSR_FEATURE_CONTROL) & 1)) x86_wrmsr(MSR_FEATURE_CONTROL, 5);
  x86_set_cr4(x86_cr4() | CR4_VMXE);
  on_area[0] = vmcs[0] = (uint32_t)x86_rdmsr(MSR_VMX_BASIC) & 0x7fffffff;
  __asm__ volatile("vmxon %0" : : "m"(address) : "cc", "memory");
  address = x86_address(vmcs);
  __asm__ volatile("vmclear %0" : : "m"(address) : "cc", "memory");
  __asm__ volatile("vmptrld %0" : : "m"(address) : "cc", "memory");
  host_state();
  put(PIN, allowed(MSR_PIN, 0));
  put(PRIMARY, allowed(MSR_PRIMARY, UINT64_C(1) << PRIMARY_SECONDARY));
  put(EXIT_CONTROLS, allowed(MSR_EXIT, EXIT_HOST64 | EXIT_LOAD_EFER));
  put(EXCEPTIONS, UINT32_MAX);
  put(LINK, UINT64_MAX);
  put(G_GDTR_LIMIT, 0xffff);
  put(G_IDTR_LIMIT, 0xffff);
  segment(LDTR, 0, UNUSABLE);
  segment(TR, TASK, 0x8b);
  put(G_DR7, 0x400);
}

static void segments(bool long_mode, uint64_t cpl) {
  for (unsigned at = 0; at < LDTR; at += 2)
    segment(at, DATA | cpl, 0xc093 | cpl << 5);
  segment(CS, CODE64 | cpl, (long_mode ? 0xa09b : 0xc09b) | cpl << 5);
}

static void forget(uint64_t address) {
  const uint64_t all[2] = {0, 0};
  __asm__ volatile("invept %0, %1" : : "m"(all), "r"(UINT64_C(2)) : "cc", "memory");
  __asm__ volatile("vmclear %0" : : "m"(address) : "cc", "memory");
  __asm__ volatile("vmptrld %0" : : "m"(address) : "cc", "memory");
}

static void guest_state(const uint64_t reg[ORACLE_REGS]) {
  bool long_mode = reg[ORACLE_X86_CR0] & X86_PG;
  bool ept = reg[ORACLE_X86_ROOT] != 0;
  put(SECONDARY, allowed(MSR_SECONDARY, ept ? SECONDARY_EPT | SECONDARY_UNRESTRICTED : 0));
  put(ENTRY_CONTROLS, allowed(MSR_ENTRY, ENTRY_LOAD_EFER | (long_mode ? ENTRY_LONG : 0)));
  if (ept) put(EPTP, reg[ORACLE_X86_ROOT]);
  segments(long_mode, reg[ORACLE_X86_CPL]);
  put(G_EFER, reg[ORACLE_X86_EFER]);
  put(G_CR0, reg[ORACLE_X86_CR0]);
  put(G_CR3, reg[ORACLE_X86_CR3]);
  put(G_CR4, reg[ORACLE_X86_CR4] | CR4_VMXE);
  put(G_RFLAGS, reg[ORACLE_X86_RFLAGS]);
  put(G_RIP, reg[ORACLE_X86_RIP]);
  put(G_GDTR, reg[ORACLE_X86_GDTR]);
  put(G_RSP, 0);
}

void x86_vmx_run(const uint64_t reg[ORACLE_REGS], uint64_t out[ORACLE_OUTS]) {
  uint64_t rax = reg[ORACLE_X86_RAX];
  forget(x86_address(vmcs));
  guest_state(reg);
  if (vmx_enter(&rax, reg[ORACLE_X86_RDI]) != 0) {
    out[ORACLE_X86_OUT_EXIT] = ENTRY_FAILED;
    out[ORACLE_X86_OUT_INFO1] = get(0x4400); /* VM-instruction error */
    return;
  }
  out[ORACLE_X86_OUT_EXIT] = get(EXIT_REASON);
  out[ORACLE_X86_OUT_INFO1] = get(QUALIFICATION);
  out[ORACLE_X86_OUT_INFO2] = get(G_LINEAR);
  out[ORACLE_X86_OUT_GPA] = get(GPA);
  out[ORACLE_X86_OUT_EVENT] = get(EXIT_EVENT);
  out[ORACLE_X86_OUT_CODE] = get(EXIT_CODE);
  out[ORACLE_X86_OUT_RAX] = rax;
  out[ORACLE_X86_OUT_RIP] = get(G_RIP);
}

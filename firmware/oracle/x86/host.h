/* SPDX-License-Identifier: Apache-2.0
 * Inside the x86 payload: instructions, and the two ways to run a guest. */
#ifndef FIRMWARE_ORACLE_X86_HOST_H
#define FIRMWARE_ORACLE_X86_HOST_H

#include <stdbool.h>

#include "firmware/oracle/format.h"
#include "firmware/oracle/x86/layout.h"

#define X86_MSR_EFER 0xc0000080u
#define X86_PG (UINT64_C(1) << 31)

static inline uint64_t x86_rdmsr(uint32_t msr) {
  uint32_t low, high;
  __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
  return (uint64_t)high << 32 | low;
}

static inline void x86_wrmsr(uint32_t msr, uint64_t value) {
  __asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static inline void x86_out(uint16_t port, uint8_t value) {
  __asm__ volatile("outb %0, %1" : : "a"(value), "d"(port));
}

static inline uint64_t x86_cr4(void) {
  uint64_t value;
  __asm__ volatile("mov %%cr4, %0" : "=r"(value));
  return value;
}

static inline void x86_set_cr4(uint64_t value) {
  __asm__ volatile("mov %0, %%cr4" : : "r"(value));
}

static inline uint64_t x86_address(const void *p) {
  return (uint64_t)(uintptr_t)p;
}

/* Once, before any guest. */
void x86_svm_start(void);
void x86_vmx_start(void);
/* Run the guest of a case. */
void x86_svm_run(const uint64_t reg[ORACLE_REGS], uint64_t out[ORACLE_OUTS]);
void x86_vmx_run(const uint64_t reg[ORACLE_REGS], uint64_t out[ORACLE_OUTS]);

#endif

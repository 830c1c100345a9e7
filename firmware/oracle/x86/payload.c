/* SPDX-License-Identifier: Apache-2.0
 * x86: what the common payload asks for. There is no semihosting: the results leave through the
 * debug port of QEMU or the parallel port of Bochs, packed, since each byte costs. Packed: for each
 * 64-bit word of a record a byte that tells which of its bytes are not 0, then those; the words of
 * memory are told as what has changed in them. */
#include <stddef.h>

#include "firmware/oracle/common/machine.h"
#include "firmware/oracle/x86/host.h"

enum { SYS_OPEN = 0x01, SYS_WRITE = 0x05, SYS_EXIT = 0x18 };
enum { PORT_DEBUG = 0xe9, PORT_PARALLEL = 0x378, PORT_SHUTDOWN = 0x8900, PORT_KEYBOARD = 0x64 };
enum { STROBE = 1, SELECTED = 0xc };
enum { CR4_PKE = 1 << 22 };

static struct {
  bool vmx, keys, qemu;
  const uint64_t *reg; /* of the case that ran last */
} machine;

static void cpuid(uint32_t leaf, uint32_t r[4]) {
  __asm__ volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3]) : "a"(leaf), "c"(0));
}

static void byte(uint8_t value) {
  if (machine.qemu) {
    x86_out(PORT_DEBUG, value);
    return;
  }
  x86_out(PORT_PARALLEL, value);
  x86_out(PORT_PARALLEL + 2, SELECTED | STROBE);
  x86_out(PORT_PARALLEL + 2, SELECTED);
}

static void pack(uint64_t value) {
  unsigned mask = 0;
  for (unsigned i = 0; i < 8; i++)
    if (value >> (8 * i) & 0xff) mask |= 1U << i;
  byte((uint8_t)mask);
  for (unsigned i = 0; i < 8; i++)
    if (mask >> i & 1) byte((uint8_t)(value >> (8 * i)));
}

static void write_record(const uint64_t *word, uint64_t count) {
  const struct oracle_word *before = (const struct oracle_word *)(machine.reg + ORACLE_REGS);
  uint64_t head = sizeof(struct oracle_result_head) / 8;
  for (uint64_t i = 0; i < count; i++)
    pack(i < head ? word[i] : word[i] ^ before[i - head].value);
}

static void wrpkru(uint32_t value) {
  __asm__ volatile("wrpkru" : : "a"(value), "c"(0), "d"(0));
}

/* The port of Bochs, then a reset, which ends QEMU. */
static void power_off(void) {
  for (const char *p = "Shutdown"; *p != 0; p++)
    x86_out(PORT_SHUTDOWN, (uint8_t)*p);
  x86_out(PORT_KEYBOARD, 0xfe);
}

static void start(void) {
  uint32_t r[4];
  cpuid(0, r);
  machine.vmx = r[1] == 0x756e6547; /* Genu */
  cpuid(1, r);
  machine.qemu = r[2] >> 31;
  cpuid(7, r);
  machine.keys = r[2] >> 3 & 1;
  if (machine.keys) x86_set_cr4(x86_cr4() | CR4_PKE);
  (machine.vmx ? x86_vmx_start : x86_svm_start)();
}

uint64_t fw_semihost(uint64_t op, const void *argument) {
  const uint64_t *a = argument;
  if (op == SYS_OPEN) start();
  /* NOLINTNEXTLINE(performance-no-int-to-ptr) */
  if (op == SYS_WRITE) write_record((const uint64_t *)(uintptr_t)a[1], a[2] / 8);
  if (op == SYS_EXIT) power_off();
  return 0;
}

void fw_run(const uint64_t reg[ORACLE_REGS], uint64_t out[ORACLE_OUTS], uint64_t door) {
  (void)door;
  machine.reg = reg;
  if (machine.keys) wrpkru((uint32_t)reg[ORACLE_X86_PKRU]);
  (machine.vmx ? x86_vmx_run : x86_svm_run)(reg, out);
  if (machine.keys) wrpkru(0);
}

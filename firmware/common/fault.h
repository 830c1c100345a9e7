/* SPDX-License-Identifier: Apache-2.0
 * What the fault registers of an architecture tell, in neutral words and no more than they tell.
 * Freestanding; no ownership. */
#ifndef COWALK_FIRMWARE_FAULT_H
#define COWALK_FIRMWARE_FAULT_H

#include <stdbool.h>
#include <stdint.h>

enum fw_fault_kind {
  FW_FAULT_NOT_PAGE,    /* the registers do not describe a memory fault */
  FW_FAULT_PAGE,        /* a page fault, reason not told: look at the table */
  FW_FAULT_NOT_PRESENT, /* nothing is mapped there */
  FW_FAULT_PRESENT,     /* an entry is there but refuses: permission (x86), reason in the table */
  FW_FAULT_PERMISSION,
  FW_FAULT_ACCESSED,     /* software must set the accessed flag */
  FW_FAULT_RESERVED,     /* reserved bits set in a table */
  FW_FAULT_ADDRESS_SIZE, /* an address in a table is beyond the physical space */
  FW_FAULT_PROTECTION,   /* general protection: not a canonical address and the like */
  FW_FAULT_BUS,          /* memory answered with an error */
  FW_FAULT_NO_ATOMIC,    /* memory cannot do the hardware's atomic update */
  FW_FAULT_ALIGNMENT
};

enum { FW_LEVEL_UNKNOWN = -1 };

struct fw_fault {
  uint64_t va; /* valid if va_valid */
  enum fw_fault_kind kind;
  int8_t level; /* height of the descriptor, or FW_LEVEL_UNKNOWN */
  bool va_valid;
  bool read, write, fetch; /* at most one; none if not told */
  bool user;               /* from user mode; valid if user_known */
  bool user_known;
};

/* Each takes the four words of a syndrome: x86 vector, error code, CR2; Arm ESR, FAR; RISC-V
 * scause, stval. */
void fw_x86_decode(const uint64_t reg[4], struct fw_fault *out);
void fw_arm64_decode(const uint64_t reg[4], struct fw_fault *out);
void fw_riscv_decode(const uint64_t reg[4], struct fw_fault *out);

#endif

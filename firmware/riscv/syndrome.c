/* SPDX-License-Identifier: Apache-2.0
 * Decodes scause and stval (RISC-V privileged specification, supervisor chapter). A page fault
 * tells the kind of access and the address only: absent, refused, or A or D missing must be learnt
 * from the table. The privilege is in sstatus, which is not given. */
#include "firmware/common/fault.h"

enum {
  CAUSE_FETCH_ACCESS = 1,
  CAUSE_LOAD_MISALIGNED = 4,
  CAUSE_LOAD_ACCESS = 5,
  CAUSE_STORE_MISALIGNED = 6,
  CAUSE_STORE_ACCESS = 7,
  CAUSE_FETCH_PAGE = 12,
  CAUSE_LOAD_PAGE = 13,
  CAUSE_STORE_PAGE = 15
};

void fw_riscv_decode(const uint64_t reg[4], struct fw_fault *out) {
  *out = (struct fw_fault){.kind = FW_FAULT_NOT_PAGE, .level = FW_LEVEL_UNKNOWN};
  switch (reg[0]) { /* interrupts have bit 63 set and match nothing */
    case CAUSE_FETCH_PAGE:
    case CAUSE_LOAD_PAGE:
    case CAUSE_STORE_PAGE:
      out->kind = FW_FAULT_PAGE;
      break;
    case CAUSE_FETCH_ACCESS:
    case CAUSE_LOAD_ACCESS:
    case CAUSE_STORE_ACCESS:
      out->kind = FW_FAULT_BUS;
      break;
    case CAUSE_LOAD_MISALIGNED:
    case CAUSE_STORE_MISALIGNED:
      out->kind = FW_FAULT_ALIGNMENT;
      break;
    default:
      return;
  }
  out->va = reg[1];
  out->va_valid = true;
  out->fetch = reg[0] == CAUSE_FETCH_PAGE || reg[0] == CAUSE_FETCH_ACCESS;
  out->write = reg[0] == CAUSE_STORE_PAGE || reg[0] == CAUSE_STORE_ACCESS ||
               reg[0] == CAUSE_STORE_MISALIGNED;
  out->read = !out->fetch && !out->write;
}

/* SPDX-License-Identifier: Apache-2.0
 * Decodes the x86-64 exception vector, page-fault error code and CR2 (SDM volume 3, section 4.7 and
 * chapter 6). The code tells present, write, user, reserved and fetch; never the level. Promises to
 * report nothing that those registers do not hold. */
#include "firmware/common/fault.h"

enum { VEC_GP = 13, VEC_PF = 14, VEC_AC = 17, VEC_MC = 18 };
enum { PF_P = 1 << 0, PF_WR = 1 << 1, PF_US = 1 << 2, PF_RSVD = 1 << 3, PF_ID = 1 << 4 };

void fw_x86_decode(const uint64_t reg[4], struct fw_fault *out) {
  *out = (struct fw_fault){.kind = FW_FAULT_NOT_PAGE, .level = FW_LEVEL_UNKNOWN};
  switch (reg[0]) {
    case VEC_GP:
      out->kind = FW_FAULT_PROTECTION;
      return;
    case VEC_AC:
      out->kind = FW_FAULT_ALIGNMENT;
      return;
    case VEC_MC:
      out->kind = FW_FAULT_BUS;
      return;
    case VEC_PF:
      break;
    default:
      return;
  }
  uint64_t code = reg[1];
  out->va = reg[2];
  out->va_valid = true;
  out->write = (code & PF_WR) != 0;
  out->fetch = (code & PF_ID) != 0;
  out->read = !out->write && !out->fetch;
  out->user = (code & PF_US) != 0;
  out->user_known = true;
  if ((code & PF_P) == 0)
    out->kind = FW_FAULT_NOT_PRESENT;
  else if ((code & PF_RSVD) != 0)
    out->kind = FW_FAULT_RESERVED;
  else
    out->kind = FW_FAULT_PRESENT;
}

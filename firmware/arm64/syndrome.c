/* SPDX-License-Identifier: Apache-2.0
 * Decodes ESR_EL1 and FAR_EL1 of instruction and data aborts (Arm ARM, ESR_ELx: EC, ISS, and the
 * DFSC/IFSC codes). The fault status tells family and level; Arm's level n is height 3 - n. A write
 * to a page that is clean for the hardware is a plain permission fault: the dirty state is in the
 * descriptor. */
#include "firmware/common/fault.h"

enum { EC_IABT_LOW = 0x20, EC_IABT_CUR = 0x21, EC_DABT_LOW = 0x24, EC_DABT_CUR = 0x25 };

/* Codes without a level, and the ones of level -1, which are outside the families. */
static enum fw_fault_kind plain_code(unsigned fsc, int8_t *level) {
  switch (fsc) {
    case 0x29:
      *level = 4;
      return FW_FAULT_ADDRESS_SIZE;
    case 0x2b:
      *level = 4;
      return FW_FAULT_NOT_PRESENT;
    case 0x13:
    case 0x1b:
      *level = 4;
      return FW_FAULT_BUS;
    case 0x10:
    case 0x18:
      return FW_FAULT_BUS;
    case 0x21:
      return FW_FAULT_ALIGNMENT;
    case 0x31:
      return FW_FAULT_NO_ATOMIC;
    default:
      return FW_FAULT_NOT_PAGE;
  }
}

static enum fw_fault_kind status_code(unsigned fsc, int8_t *level) {
  static const enum fw_fault_kind family[8] = {
      FW_FAULT_ADDRESS_SIZE, FW_FAULT_NOT_PRESENT, FW_FAULT_ACCESSED, FW_FAULT_PERMISSION,
      FW_FAULT_NOT_PAGE,     FW_FAULT_BUS,         FW_FAULT_NOT_PAGE, FW_FAULT_BUS};
  unsigned f = fsc >> 2;
  if (f < 8 && family[f] != FW_FAULT_NOT_PAGE) {
    *level = (int8_t)(3 - (int)(fsc & 3));
    return family[f];
  }
  return FW_FAULT_NOT_PAGE;
}

void fw_arm64_decode(const uint64_t reg[4], struct fw_fault *out) {
  *out = (struct fw_fault){.kind = FW_FAULT_NOT_PAGE, .level = FW_LEVEL_UNKNOWN};
  unsigned ec = (unsigned)(reg[0] >> 26) & 0x3f;
  unsigned fsc = (unsigned)reg[0] & 0x3f;
  bool fetch = ec == EC_IABT_LOW || ec == EC_IABT_CUR;
  if (!fetch && ec != EC_DABT_LOW && ec != EC_DABT_CUR) return;

  int8_t level = FW_LEVEL_UNKNOWN;
  enum fw_fault_kind kind = plain_code(fsc, &level);
  if (kind == FW_FAULT_NOT_PAGE) kind = status_code(fsc, &level);
  out->kind = kind;
  if (kind == FW_FAULT_NOT_PAGE) return;
  out->level = level;
  out->user = ec == EC_IABT_LOW || ec == EC_DABT_LOW;
  out->user_known = true;
  out->fetch = fetch;
  /* WnR is not defined for 0x31. FnV (FAR not valid) exists with 0x10 only. */
  if (!fetch && fsc != 0x31) {
    out->write = (reg[0] >> 6 & 1) != 0;
    out->read = !out->write;
  }
  out->va_valid = !(fsc == 0x10 && (reg[0] >> 10 & 1) != 0);
  out->va = out->va_valid ? reg[1] : 0;
}

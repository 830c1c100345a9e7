// SPDX-License-Identifier: Apache-2.0
// RISC-V: cause, tval, htval or mtval2, htinst or mtinst, and GVA, SPV, SPVP (privileged manual,
// hypervisor extension, "Trap Cause Codes" and "Transformed Instruction or Pseudoinstruction").
// Promises: reads nothing but its arguments.
#include "syndrome/bits.h"

enum { PSEUDO_32 = 0x2000, PSEUDO_64 = 0x3000, PSEUDO_WRITE = 0x20 };
enum { RV32_TABLES = 1 }; /* detail: the pseudoinstruction was one of 32 bits */

/* The three kinds, by access: fetch, load, store. */
static const uint8_t access_kind[3] = {SYN_FETCH, SYN_READ, SYN_WRITE};
static const uint8_t code_external[3] = {1, 5, 7};
static const uint8_t code_page[3] = {12, 13, 15};
static const uint8_t code_guest_page[3] = {20, 21, 23};

/* Bits of the status register: hstatus, or mstatus with no SPVP. */
struct status {
  uint64_t gva, spv, spvp;
};
static struct status status_bits(uint8_t taker) {
  if (taker == SYN_FIRMWARE) return (struct status){SYN_BIT(38), SYN_BIT(39), 0};
  return (struct status){SYN_BIT(6), SYN_BIT(7), SYN_BIT(8)};
}

static bool is_pseudo(uint64_t tinst) {
  return (tinst & ~(uint64_t)(0x1000 | PSEUDO_WRITE)) == PSEUDO_32;
}

/* May this transformed instruction come with this cause? Bit 1 is clear for a compressed one. */
static bool transformed_fits(uint64_t tinst, uint8_t access) {
  const uint32_t opcode = (uint32_t)(tinst | 2) & 0x7f, funct5 = (uint32_t)(tinst >> 27) & 31;
  if ((tinst & 1) == 0 || tinst > UINT32_MAX) return false;
  switch (opcode) {
    case 0x03: /* load, of integer or floating point */
    case 0x07:
      return access == SYN_READ && syn_field(tinst, 31, 20) == 0;
    case 0x23:
    case 0x27:
      return access == SYN_WRITE && syn_field(tinst, 31, 25) == 0 && syn_field(tinst, 11, 7) == 0;
    case 0x2f:
      return access == (funct5 == 2 ? SYN_READ : SYN_WRITE); /* only LR is a load */
    case 0x73:                                               /* HLV, HLVX, HSV */
      return syn_field(tinst, 14, 12) == 4 &&
             access == ((tinst >> 25 & 1) != 0 ? SYN_WRITE : SYN_READ);
    case 0x0f: /* cache-block operations */
      return syn_field(tinst, 14, 12) == 2 && access == SYN_WRITE;
    default:
      return false;
  }
}

static bool find(const uint8_t codes[3], uint64_t code, uint8_t *access) {
  for (unsigned i = 0; i < 3; i++) {
    if (codes[i] != code) continue;
    *access = access_kind[i];
    return true;
  }
  return false;
}

static void read_tinst(const struct syn_regs *in, struct syn_fault *out, struct syn_masks *masks) {
  const uint64_t tinst = in->value[SYN_RV_TINST], tval2 = in->value[SYN_RV_TVAL2];
  const bool told = syn_given(in, SYN_RV_TVAL2) && tval2 != 0;
  out->on_walk = out->stage == 1 ? SYN_NO : SYN_UNKNOWN;
  out->update = out->on_walk;
  if (!syn_given(in, SYN_RV_TINST)) return;
  if (out->stage == 2 && is_pseudo(tinst)) {
    out->on_walk = SYN_YES;
    out->update = syn_tri((tinst & PSEUDO_WRITE) != 0);
    out->detail = (tinst & 0x1000) == 0 ? RV32_TABLES : 0;
  } else if (tinst != 0) {
    out->on_walk = out->update = SYN_NO;
    out->instruction = (uint32_t)tinst;
    if (out->access == SYN_FETCH || !transformed_fits(tinst, out->access))
      masks->odd[SYN_RV_TINST] = tinst;
  } else if (out->stage == 2 && told) {
    out->on_walk = out->update = SYN_NO; /* on a walk, an address comes with a pseudoinstruction */
  }
}

static void read_status(const struct syn_regs *in, struct syn_fault *out, struct syn_masks *masks) {
  const struct status bits = status_bits(in->taker);
  const uint64_t status = in->value[SYN_RV_STATUS];
  masks->undefined[SYN_RV_STATUS] = ~(bits.gva | bits.spv | bits.spvp);
  if (!syn_given(in, SYN_RV_STATUS)) return;
  out->guest_va = syn_tri((status & bits.gva) != 0);
  out->from_guest = syn_tri((status & bits.spv) != 0);
  if ((status & bits.spv) != 0 && bits.spvp != 0)
    out->user = syn_tri((status & bits.spvp) == 0);
  else
    masks->undefined[SYN_RV_STATUS] |= bits.spvp;
  if (out->stage == 2) masks->odd[SYN_RV_STATUS] = ~status & bits.gva; /* always a guest's */
}

static void read_gpa(const struct syn_regs *in, struct syn_fault *out, struct syn_masks *masks) {
  const uint64_t tval2 = in->value[SYN_RV_TVAL2];
  if (!syn_given(in, SYN_RV_TVAL2)) return;
  if (out->stage != 2) {
    masks->odd[SYN_RV_TVAL2] = tval2;
  } else if (tval2 != 0) {
    masks->odd[SYN_RV_TVAL2] = tval2 & syn_mask(63, 62);
    out->gpa = (struct syn_address){tval2 << 2, ~(uint64_t)3};
    if (out->on_walk == SYN_YES) out->gpa.known |= 3;
    if (out->on_walk == SYN_NO && out->va.known != 0) {
      out->gpa.value |= out->va.value & 3;
      out->gpa.known |= 3;
    }
  }
}

enum syn_result syn_riscv_decode(const struct syn_regs *in, struct syn_fault *out,
                                 struct syn_masks *masks) {
  const uint64_t code = in->value[SYN_RV_CAUSE]; /* an interrupt has bit 63 and matches nothing */
  if (!syn_given(in, SYN_RV_CAUSE)) return SYN_NOT_FAULT;
  if (find(code_external, code, &out->access)) {
    out->cause = SYN_EXTERNAL;
  } else if (find(code_page, code, &out->access)) {
    out->cause = SYN_PAGE;
    out->stage = 1;
  } else if (find(code_guest_page, code, &out->access)) {
    out->cause = SYN_PAGE;
    out->stage = 2;
    if (in->taker == SYN_GUEST) masks->odd[SYN_RV_CAUSE] = UINT64_MAX; /* never delegated */
  } else {
    return SYN_NOT_FAULT;
  }
  out->taker = in->taker;
  if (out->taker == SYN_TAKER_UNKNOWN && out->stage == 2) out->taker = SYN_HYPERVISOR;
  out->va = syn_address(in, SYN_RV_TVAL);
  if (out->taker == SYN_GUEST) { /* VS-mode has none of the others */
    for (unsigned r = SYN_RV_TVAL2; r <= SYN_RV_STATUS; r++)
      if (syn_given(in, r)) masks->odd[r] = UINT64_MAX;
    out->on_walk = out->update = out->stage == 1 ? SYN_NO : SYN_UNKNOWN;
    return SYN_OK;
  }
  read_tinst(in, out, masks);
  read_gpa(in, out, masks);
  read_status(in, out, masks);
  return SYN_OK;
}

enum syn_result syn_riscv_encode(const struct syn_fault *in, struct syn_regs *out) {
  const bool page = in->cause == SYN_PAGE;
  if (!(page && (in->stage == 1 || in->stage == 2)) && !(in->cause == SYN_EXTERNAL))
    return SYN_NOT_FAULT;
  if (in->stage == 2 && page && in->taker == SYN_GUEST) return SYN_NOT_FAULT;
  const unsigned kind = (in->access & SYN_FETCH) != 0 ? 0 : (in->access & SYN_WRITE) != 0 ? 2 : 1;
  if (in->access == 0 || (kind == 0 && in->access != SYN_FETCH)) return SYN_NOT_FAULT;
  const uint8_t *codes = !page ? code_external : in->stage == 1 ? code_page : code_guest_page;
  syn_set(out, SYN_RV_CAUSE, codes[kind]);
  if (in->va.known != 0) syn_set(out, SYN_RV_TVAL, in->va.value);
  if (page && in->stage == 2 && in->gpa.known != 0) syn_set(out, SYN_RV_TVAL2, in->gpa.value >> 2);
  uint64_t tinst = in->instruction;
  if (page && in->stage == 2 && in->on_walk == SYN_YES)
    tinst = ((in->detail & RV32_TABLES) != 0 ? PSEUDO_32 : PSEUDO_64) |
            (in->update == SYN_YES ? PSEUDO_WRITE : 0u);
  if (in->taker != SYN_GUEST && (page || tinst != 0)) syn_set(out, SYN_RV_TINST, tinst);
  const struct status bits = status_bits(in->taker);
  const bool gva = in->guest_va == SYN_YES || (page && in->stage == 2);
  if ((gva || in->guest_va == SYN_NO) && in->from_guest != SYN_UNKNOWN && in->taker != SYN_GUEST)
    syn_set(out, SYN_RV_STATUS,
            (gva ? bits.gva : 0) | (in->from_guest == SYN_YES ? bits.spv : 0) |
                (in->from_guest == SYN_YES && in->user == SYN_NO ? bits.spvp : 0));
  return SYN_OK;
}

// SPDX-License-Identifier: Apache-2.0
// Arm: ESR_EL1 and ESR_EL2 with FAR and HPFAR, for instruction and data aborts (Arm ARM,
// register ESR_ELx, "ISS encoding for an exception from a Data Abort"; pseudocode EncodeLDFSC and
// IPAValid).
// Promises: reads nothing but its arguments.
#include "syndrome/bits.h"

enum { EC_IABT_LOWER = 0x20, EC_DABT_LOWER = 0x24 }; /* + 1: from the same level */
enum { FSC_EXTERNAL = 0x10, FSC_NO_ATOMIC = 0x31, FSC_EXCLUSIVE = 0x35 };

#define WNR SYN_BIT(6)
#define S1PTW SYN_BIT(7)
#define CM SYN_BIT(8)
#define EA SYN_BIT(9)
#define FNV SYN_BIT(10)
#define SET_LST syn_mask(12, 11)
#define VNCR SYN_BIT(13)
#define ISV SYN_BIT(24)
#define SSE_TOPLEVEL SYN_BIT(21)
#define OPERAND (syn_mask(23, 22) | syn_mask(20, 14)) /* SAS, SRT, SF, AR; SSE apart */
#define IL SYN_BIT(25)
#define XS syn_mask(36, 32)
#define ISS2 syn_mask(43, 37)                                 /* DirtyBit ... HDBSSF */
#define ISS2_PERMISSION (syn_mask(39, 37) | syn_mask(42, 41)) /* with permission faults only */
#define IABT_DETAIL (IL | SSE_TOPLEVEL | SET_LST | FNV | EA | ISS2)
#define DABT_DETAIL (IABT_DETAIL | ISV | OPERAND | VNCR | CM | XS)

/* The status codes with a level: where level 0 is, and the codes of -1 and -2 (0 if none). */
struct family {
  uint8_t cause, base, minus1, minus2;
  bool walk; /* the access to the table itself failed */
};
static const struct family families[] = {
    {SYN_ADDRESS_SIZE, 0x00, 0x29, 0x2c, false}, {SYN_NOT_MAPPED, 0x04, 0x2b, 0x2a, false},
    {SYN_ACCESS_FLAG, 0x08, 0, 0, false},        {SYN_PERMISSION, 0x0c, 0, 0, false},
    {SYN_EXTERNAL, 0x14, 0x13, 0x12, true},      {SYN_PARITY, 0x1c, 0x1b, 0x1a, true},
    {SYN_OWNER, 0x24, 0x23, 0x22, true},
};
static const struct {
  uint8_t cause, code;
} plain[] = {
    {SYN_EXTERNAL, FSC_EXTERNAL},   {SYN_TAG, 0x11},      {SYN_PARITY, 0x18},
    {SYN_ALIGNMENT, 0x21},          {SYN_OWNER, 0x28},    {SYN_TLB_CONFLICT, 0x30},
    {SYN_NO_ATOMIC, FSC_NO_ATOMIC}, {SYN_LOCKDOWN, 0x34}, {SYN_EXCLUSIVE, FSC_EXCLUSIVE},
};
enum { FAMILIES = sizeof families / sizeof families[0], PLAIN = sizeof plain / sizeof plain[0] };

/* The cause, level and on_walk of a status code; false if the code is not assigned. */
static bool status_decode(unsigned code, struct syn_fault *out) {
  for (unsigned i = 0; i < FAMILIES; i++) {
    const struct family *f = &families[i];
    out->cause = f->cause;
    out->on_walk = syn_tri(f->walk);
    if (code - f->base < 4)
      out->level = (int8_t)(code - f->base);
    else if (f->minus1 != 0 && code == f->minus1)
      out->level = -1;
    else if (f->minus2 != 0 && code == f->minus2)
      out->level = -2;
    else
      continue;
    return true;
  }
  for (unsigned i = 0; i < PLAIN; i++) {
    if (code != plain[i].code) continue;
    out->cause = plain[i].cause;
    out->on_walk = syn_tri(code == FSC_NO_ATOMIC);
    out->level = SYN_LEVEL_UNKNOWN;
    return true;
  }
  return false;
}

/* The other way; -1 if there is no such code. */
static int status_encode(const struct syn_fault *in) {
  for (unsigned i = 0; i < FAMILIES && in->level != SYN_LEVEL_UNKNOWN; i++) {
    const struct family *f = &families[i];
    if (f->cause != in->cause) continue;
    if (f->walk && in->on_walk != SYN_YES) return -1;
    if (in->level >= 0 && in->level <= 3) return f->base + in->level;
    if (in->level == -1 && f->minus1 != 0) return f->minus1;
    if (in->level == -2 && f->minus2 != 0) return f->minus2;
    return -1;
  }
  for (unsigned i = 0; i < PLAIN && in->level == SYN_LEVEL_UNKNOWN; i++)
    if (plain[i].cause == in->cause && (in->on_walk == SYN_YES) == (in->cause == SYN_NO_ATOMIC))
      return plain[i].code;
  return -1;
}

static bool table_check(uint8_t cause) {
  return cause == SYN_NOT_MAPPED || cause == SYN_PERMISSION || cause == SYN_ACCESS_FLAG ||
         cause == SYN_ADDRESS_SIZE;
}

/* Does HPFAR_EL2 hold the address of this fault? */
static bool ipa_valid(const struct syn_fault *f) {
  if (f->stage != 2) return false;
  if (f->on_walk != SYN_YES) return table_check(f->cause) && f->cause != SYN_PERMISSION;
  return table_check(f->cause);
}

/* Who took it, from where, and which stage refused it. */
static void who(const struct syn_regs *in, uint64_t esr, bool data, struct syn_fault *out) {
  const bool lower = (syn_field(esr, 31, 26) & 1) == 0, s1ptw = (esr & S1PTW) != 0;
  const bool tge = (in->settings & SYN_TGE) != 0;
  out->taker = in->taker;
  if (out->taker == SYN_TAKER_UNKNOWN &&
      (s1ptw || (data && (esr & (ISV | VNCR)) != 0) || syn_given(in, SYN_ARM_HPFAR)))
    out->taker = SYN_HYPERVISOR;
  out->from_lower = syn_tri(lower);
  if (out->taker == SYN_GUEST) {
    out->user = syn_tri(lower);
    out->stage = table_check(out->cause) || out->level != SYN_LEVEL_UNKNOWN ? 1 : 0;
  } else if (out->taker == SYN_HYPERVISOR && (!lower || tge)) {
    out->from_guest = syn_tri(data && (esr & VNCR) != 0);
    out->user = syn_tri(lower);
    out->stage = table_check(out->cause) || out->level != SYN_LEVEL_UNKNOWN ? 1 : 0;
  } else if (out->taker == SYN_HYPERVISOR) {
    out->from_guest = SYN_YES;
    if (s1ptw || table_check(out->cause)) out->stage = 2;
    if (s1ptw) out->on_walk = SYN_YES;
  }
}

/* The bits of ESR that the manual does not allow together. */
static uint64_t esr_odd(uint64_t esr, bool data, const struct syn_fault *f) {
  const unsigned code = (unsigned)syn_field(esr, 5, 0);
  const uint64_t fields = data ? DABT_DETAIL | WNR : IABT_DETAIL;
  uint64_t odd = esr & ~(fields | syn_mask(31, 26) | S1PTW | syn_mask(5, 0));
  const bool external = f->cause == SYN_EXTERNAL || f->cause == SYN_PARITY;
  const bool explicit2 = f->stage == 2 && f->on_walk != SYN_YES;
  if (!data || (esr & ISV) == 0) {
    odd |= esr & OPERAND;
    if (f->cause != SYN_PERMISSION) odd |= esr & SSE_TOPLEVEL;
    odd |= ~esr & IL;
  } else if (!explicit2 && f->cause != SYN_EXCLUSIVE) {
    odd |= ISV;
  }
  if (code != FSC_EXTERNAL) odd |= esr & FNV;
  if (code != FSC_EXTERNAL && (code != FSC_EXCLUSIVE || !data)) odd |= esr & SET_LST;
  if (code != FSC_EXCLUSIVE) odd |= esr & XS;
  if (!external) odd |= esr & EA;
  if (f->cause != SYN_PERMISSION) odd |= esr & ISS2_PERMISSION;
  if (data && (esr & CM) != 0) odd |= ~esr & WNR;
  if (f->taker == SYN_GUEST) odd |= esr & (S1PTW | (data ? VNCR : 0));
  /* S1PTW goes with the codes of a table walk, and never with the taker's own stage 1. */
  if (f->level == SYN_LEVEL_UNKNOWN && f->cause != SYN_NO_ATOMIC) odd |= esr & S1PTW;
  if (f->stage != 2) odd |= esr & S1PTW;
  if (data && f->from_lower == SYN_YES) odd |= esr & VNCR;
  return odd;
}

static void addresses(const struct syn_regs *in, uint64_t esr, struct syn_fault *out,
                      struct syn_masks *masks) {
  if ((esr & FNV) == 0)
    out->va = syn_address(in, SYN_ARM_FAR);
  else
    masks->undefined[SYN_ARM_FAR] = UINT64_MAX;
  const uint64_t hpfar = in->value[SYN_ARM_HPFAR];
  if (!ipa_valid(out)) {
    masks->undefined[SYN_ARM_HPFAR] = UINT64_MAX;
  } else if (syn_given(in, SYN_ARM_HPFAR)) {
    out->gpa.value = syn_field(hpfar, 47, 4) << 12;
    out->gpa.known = ~(uint64_t)0xfff;
    out->gpa_ns = (hpfar >> 63) != 0;
    if (out->on_walk != SYN_YES && out->va.known != 0) {
      out->gpa.value |= out->va.value & 0xfff;
      out->gpa.known = UINT64_MAX;
    }
    masks->odd[SYN_ARM_HPFAR] = hpfar & (syn_mask(62, 48) | 0xf);
  }
}

enum syn_result syn_arm64_decode(const struct syn_regs *in, struct syn_fault *out,
                                 struct syn_masks *masks) {
  const uint64_t esr = in->value[SYN_ARM_ESR];
  const unsigned ec = (unsigned)syn_field(esr, 31, 26) & ~1u, code = (unsigned)esr & 63;
  const bool data = ec == EC_DABT_LOWER;
  if (!syn_given(in, SYN_ARM_ESR) || (!data && ec != EC_IABT_LOWER)) return SYN_NOT_FAULT;
  if (in->taker == SYN_FIRMWARE) return SYN_NOT_FAULT; /* EL3 is not covered */
  if (!status_decode(code, out)) {
    *out = (struct syn_fault){.level = SYN_LEVEL_UNKNOWN, .settings = in->settings};
    masks->odd[SYN_ARM_ESR] = syn_mask(5, 0);
    return SYN_NOT_FAULT;
  }
  who(in, esr, data, out);
  out->update = out->on_walk == SYN_NO        ? SYN_NO
                : out->cause == SYN_NO_ATOMIC ? SYN_YES
                                              : SYN_UNKNOWN;
  if (!data) {
    out->access = SYN_FETCH;
  } else if (code == FSC_NO_ATOMIC || code == FSC_EXCLUSIVE) {
    masks->undefined[SYN_ARM_ESR] = WNR;
  } else {
    out->access = (esr & WNR) != 0 ? SYN_WRITE : SYN_READ;
  }
  out->detail = esr & (data ? DABT_DETAIL : IABT_DETAIL);
  addresses(in, esr, out, masks);
  masks->odd[SYN_ARM_ESR] = esr_odd(esr, data, out) & ~masks->undefined[SYN_ARM_ESR];
  return SYN_OK;
}

/* Where it came from, if only implied: stage 2 and EL1 know it. */
static uint8_t from_lower(const struct syn_fault *in, uint8_t taker) {
  if (in->from_lower != SYN_UNKNOWN) return in->from_lower;
  if (taker == SYN_GUEST) return in->user;
  if (taker == SYN_HYPERVISOR && (in->stage == 2 || in->from_guest == SYN_YES)) return SYN_YES;
  return SYN_UNKNOWN;
}

enum syn_result syn_arm64_encode(const struct syn_fault *in, struct syn_regs *out) {
  const int code = status_encode(in);
  const bool data = (in->access & SYN_FETCH) == 0, lone = in->access == SYN_FETCH || data;
  if (in->stage == 2 && out->taker == SYN_TAKER_UNKNOWN) out->taker = SYN_HYPERVISOR;
  const uint8_t lower = from_lower(in, out->taker);
  if (code < 0 || !lone || lower == SYN_UNKNOWN) return SYN_NOT_FAULT;
  if (data && in->access == 0 && code != FSC_NO_ATOMIC && code != FSC_EXCLUSIVE)
    return SYN_NOT_FAULT;
  const unsigned ec = (data ? EC_DABT_LOWER : EC_IABT_LOWER) + (lower == SYN_NO ? 1u : 0u);
  uint64_t esr = (uint64_t)ec << 26 | (uint64_t)code;
  esr |= in->detail & (data ? DABT_DETAIL : IABT_DETAIL);
  if ((esr & ISV) == 0) esr |= IL;
  if (in->stage == 2 && in->on_walk == SYN_YES) esr |= S1PTW;
  if (data && (in->access & SYN_WRITE) != 0 && code != FSC_NO_ATOMIC && code != FSC_EXCLUSIVE)
    esr |= WNR;
  syn_set(out, SYN_ARM_ESR, esr);
  if (in->va.known != 0 && (esr & FNV) == 0) syn_set(out, SYN_ARM_FAR, in->va.value);
  if (in->gpa.known != 0 && ipa_valid(in))
    syn_set(out, SYN_ARM_HPFAR,
            syn_field(in->gpa.value, 55, 12) << 4 | (in->gpa_ns ? SYN_BIT(63) : 0));
  return SYN_OK;
}

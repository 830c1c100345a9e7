// SPDX-License-Identifier: Apache-2.0
// Intel: #PF (SDM vol. 3, 4.7) and the exits EPT violation and misconfiguration (SDM vol. 3, the
// table "Exit Qualification for EPT Violations": 27-7 in 2016, 29-7 later).
// Promises: reads nothing but its arguments.
#include "syndrome/bits.h"

enum {
  PF_P = 1 << 0,
  PF_W = 1 << 1,
  PF_U = 1 << 2,
  PF_RSVD = 1 << 3,
  PF_I = 1 << 4,
  PF_PK = 1 << 5,
  PF_SS = 1 << 6,
  PF_HLAT = 1 << 7,
  PF_SGX = 1 << 15,
};
#define PF_RMP SYN_BIT(31)
#define PF_DETAIL (uint64_t)(PF_SS | PF_HLAT)

enum { EXIT_VIOLATION = 48, EXIT_MISCONFIG = 49 };
enum { Q_RIGHTS = 7 << 3, Q_USER_X = 1 << 6, Q_GLA = 1 << 7, Q_FINAL = 1 << 8 };
enum { Q_ADVANCED = 7 << 9, Q_SSS = 1 << 14 };
/* Bits that only pass through: rights, guest mapping, NMI, shadow stack, paging, asynchronous. */
#define Q_DETAIL (uint64_t)(Q_RIGHTS | Q_USER_X | Q_ADVANCED | (31 << 12))

static uint8_t pf_cause(uint64_t e, bool amd) {
  if ((e & PF_P) == 0) return SYN_NOT_MAPPED;
  if ((e & PF_RSVD) != 0) return SYN_RESERVED;
  if (amd && (e & PF_RMP) != 0) return SYN_OWNER;
  if (!amd && (e & PF_SGX) != 0) return SYN_ENCLAVE;
  return (e & PF_PK) != 0 ? SYN_KEY : SYN_PERMISSION;
}

void syn_pf_decode(const struct syn_regs *in, bool amd, struct syn_fault *out,
                   struct syn_masks *masks) {
  const uint64_t e = in->value[SYN_X86_PFEC];
  out->cause = pf_cause(e, amd);
  out->stage = 1;
  out->taker = in->taker == SYN_TAKER_UNKNOWN ? (uint8_t)SYN_GUEST : in->taker;
  out->access = (e & PF_I) != 0 ? SYN_FETCH : (e & PF_W) != 0 ? SYN_WRITE : SYN_READ;
  out->on_walk = SYN_NO;
  out->update = SYN_NO;
  out->user = syn_tri((e & PF_U) != 0);
  out->va = syn_address(in, SYN_X86_CR2);
  out->detail = e & PF_DETAIL;

  uint64_t odd = e & ~(PF_P | PF_W | PF_U | PF_RSVD | PF_I | PF_PK | PF_DETAIL |
                       (amd ? PF_RMP : (uint64_t)PF_SGX));
  const uint64_t needs_p = PF_RSVD | PF_PK | PF_SGX | PF_RMP;
  if ((e & PF_P) == 0) odd |= e & needs_p;
  if ((e & PF_RSVD) != 0) odd |= e & (PF_PK | PF_SGX | PF_RMP);
  if ((e & (PF_SGX | PF_RMP)) != 0) odd |= e & PF_PK;
  if ((e & PF_I) != 0) odd |= e & (PF_W | PF_PK | PF_SS);
  masks->odd[SYN_X86_PFEC] = odd;
}

enum syn_result syn_pf_encode(const struct syn_fault *in, bool amd, struct syn_regs *out) {
  uint64_t e;
  switch (in->cause) {
    case SYN_NOT_MAPPED:
      e = 0;
      break;
    case SYN_PERMISSION:
      e = PF_P;
      break;
    case SYN_RESERVED:
      e = PF_P | PF_RSVD;
      break;
    case SYN_KEY:
      e = PF_P | PF_PK;
      break;
    case SYN_ENCLAVE:
      e = PF_P | PF_SGX;
      break;
    case SYN_OWNER:
      e = PF_P | PF_RMP;
      break;
    default:
      return SYN_NOT_FAULT;
  }
  if (in->cause == (amd ? SYN_ENCLAVE : SYN_OWNER)) return SYN_NOT_FAULT;
  if (in->cause == SYN_KEY && (in->access & SYN_FETCH) != 0) return SYN_NOT_FAULT;
  e |= in->detail & PF_DETAIL;
  if ((in->access & SYN_FETCH) != 0)
    e = (e & ~(uint64_t)PF_SS) | PF_I;
  else if ((in->access & SYN_WRITE) != 0)
    e |= PF_W;
  if (in->user == SYN_YES) e |= PF_U;
  syn_set(out, SYN_X86_PFEC, e);
  if (in->va.known != 0) syn_set(out, SYN_X86_CR2, in->va.value);
  return SYN_OK;
}

/* Which bits of the qualification are undefined, for these settings. */
static uint64_t qual_undefined(uint64_t q, uint32_t settings) {
  uint64_t mask = 0;
  if ((settings & SYN_MBEC) == 0) mask |= Q_USER_X;
  if ((settings & SYN_ADVANCED) == 0 || (q & (Q_GLA | Q_FINAL)) != (Q_GLA | Q_FINAL))
    mask |= Q_ADVANCED;
  if ((settings & SYN_SSS) == 0) mask |= Q_SSS;
  return mask;
}

static void violation(const struct syn_regs *in, struct syn_fault *out, struct syn_masks *masks) {
  const uint64_t q = in->value[SYN_X86_QUAL];
  const bool gla = (q & Q_GLA) != 0, on_walk = gla && (q & Q_FINAL) == 0;
  const uint64_t undefined = qual_undefined(q, in->settings);
  out->cause = (q & ~undefined & (Q_RIGHTS | Q_USER_X)) != 0 ? SYN_PERMISSION : SYN_NOT_MAPPED;
  out->on_walk = gla ? syn_tri(on_walk) : SYN_UNKNOWN;
  if (on_walk)
    out->update = (q & SYN_WRITE) != 0 ? SYN_UNKNOWN : SYN_NO; /* A/D on: every walk is a write */
  else
    out->access = (uint8_t)(q & 7); /* bits 2:0 are SYN_FETCH, SYN_WRITE, SYN_READ */
  if (out->on_walk == SYN_NO) out->update = SYN_NO;
  out->detail = q & Q_DETAIL & ~undefined;
  if (gla) out->va = syn_address(in, SYN_X86_GLA);
  if (!gla) masks->undefined[SYN_X86_GLA] = UINT64_MAX;
  masks->undefined[SYN_X86_QUAL] = undefined;

  uint64_t odd = q & ~(uint64_t)0x1ffff;
  if (!gla) odd |= q & Q_FINAL;
  if (on_walk && (q & 7) != SYN_READ && (q & 7) != (SYN_READ | SYN_WRITE)) odd |= 7;
  if (!on_walk && ((q & 7) == 0 || ((q & SYN_FETCH) != 0 && (q & 3) != 0))) odd |= 7;
  masks->odd[SYN_X86_QUAL] = odd;
}

enum syn_result syn_x86_decode(const struct syn_regs *in, struct syn_fault *out,
                               struct syn_masks *masks) {
  if (!syn_given(in, SYN_X86_REASON) && !syn_given(in, SYN_X86_QUAL)) {
    if (!syn_given(in, SYN_X86_PFEC)) return SYN_NOT_FAULT;
    syn_pf_decode(in, false, out, masks);
    return SYN_OK;
  }
  const uint64_t reason =
      syn_given(in, SYN_X86_REASON) ? in->value[SYN_X86_REASON] : EXIT_VIOLATION;
  const uint64_t basic = syn_field(reason, 15, 0);
  out->stage = 2;
  out->taker = SYN_HYPERVISOR;
  out->from_guest = SYN_YES;
  out->gpa = syn_address(in, SYN_X86_GPA);
  masks->undefined[SYN_X86_REASON] = syn_mask(30, 16); /* enclave, SMM and the like: not ours */
  masks->odd[SYN_X86_REASON] = reason & ~syn_mask(30, 0);
  if (basic == EXIT_VIOLATION && syn_given(in, SYN_X86_QUAL)) {
    violation(in, out, masks);
  } else if (basic == EXIT_MISCONFIG) {
    out->cause = SYN_MISCONFIGURED;
    masks->undefined[SYN_X86_GLA] = UINT64_MAX;
    masks->undefined[SYN_X86_QUAL] = UINT64_MAX; /* 0 by the text, but no test holds parts to it */
  } else {
    return SYN_NOT_FAULT;
  }
  return SYN_OK;
}

static enum syn_result violation_encode(const struct syn_fault *in, struct syn_regs *out) {
  uint64_t q = 0;
  if (in->on_walk == SYN_YES) {
    q = Q_GLA | (in->update == SYN_NO ? SYN_READ : SYN_READ | SYN_WRITE);
  } else {
    q = in->access & 7u;
    if (q == 0 || ((q & SYN_FETCH) != 0 && (q & 3) != 0)) return SYN_NOT_FAULT;
    if (in->on_walk == SYN_NO) q |= Q_GLA | Q_FINAL;
  }
  q |= in->detail & Q_DETAIL;
  q &= ~qual_undefined(q, in->settings);
  const bool rights = (q & (Q_RIGHTS | Q_USER_X)) != 0;
  if (rights != (in->cause == SYN_PERMISSION)) return SYN_NOT_FAULT;
  syn_set(out, SYN_X86_QUAL, q);
  if ((q & Q_GLA) != 0 && in->va.known != 0) syn_set(out, SYN_X86_GLA, in->va.value);
  return SYN_OK;
}

enum syn_result syn_x86_encode(const struct syn_fault *in, struct syn_regs *out) {
  if (in->stage == 1) return syn_pf_encode(in, false, out);
  if (in->stage != 2) return SYN_NOT_FAULT;
  const bool misconfig = in->cause == SYN_MISCONFIGURED;
  if (!misconfig && in->cause != SYN_NOT_MAPPED && in->cause != SYN_PERMISSION)
    return SYN_NOT_FAULT;
  syn_set(out, SYN_X86_REASON, misconfig ? EXIT_MISCONFIG : EXIT_VIOLATION);
  if (in->gpa.known != 0) syn_set(out, SYN_X86_GPA, in->gpa.value);
  out->taker = SYN_HYPERVISOR;
  return misconfig ? SYN_OK : violation_encode(in, out);
}

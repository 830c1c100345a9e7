// SPDX-License-Identifier: Apache-2.0
// AMD: #PF, and the exit #NPF with EXITINFO1 and EXITINFO2 (APM vol. 2, 15.25.6, and 15.36.10 for
// SNP). Promises: reads nothing but its arguments.
#include "syndrome/bits.h"

enum { EXIT_NPF = 0x400 };
enum { N_P = 1 << 0, N_W = 1 << 1, N_U = 1 << 2, N_RSV = 1 << 3, N_ID = 1 << 4, N_SS = 1 << 6 };
#define N_RMP SYN_BIT(31)
#define N_FINAL SYN_BIT(32)
#define N_WALK SYN_BIT(33)
#define N_SNP (SYN_BIT(34) | SYN_BIT(35) | SYN_BIT(36)) /* ENC, SIZEM, VMPL */
#define N_SSS SYN_BIT(37)
#define N_DETAIL (N_U | N_SS | N_SNP | N_SSS)

static uint8_t npf_cause(uint64_t i) {
  if ((i & N_P) == 0) return SYN_NOT_MAPPED;
  if ((i & N_RSV) != 0) return SYN_RESERVED;
  return (i & N_RMP) != 0 ? SYN_OWNER : SYN_PERMISSION;
}

enum syn_result syn_amd_decode(const struct syn_regs *in, struct syn_fault *out,
                               struct syn_masks *masks) {
  if (!syn_given(in, SYN_AMD_INFO1)) {
    if (!syn_given(in, SYN_AMD_PFEC) || syn_given(in, SYN_AMD_EXITCODE)) return SYN_NOT_FAULT;
    syn_pf_decode(in, true, out, masks);
    return SYN_OK;
  }
  if (syn_given(in, SYN_AMD_EXITCODE) && in->value[SYN_AMD_EXITCODE] != EXIT_NPF)
    return SYN_NOT_FAULT;
  const uint64_t i = in->value[SYN_AMD_INFO1];
  const bool walk = (i & N_WALK) != 0, final = (i & N_FINAL) != 0;
  out->cause = npf_cause(i);
  out->stage = 2;
  out->taker = SYN_HYPERVISOR;
  out->from_guest = SYN_YES;
  out->on_walk = walk == final ? SYN_UNKNOWN : syn_tri(walk);
  out->update = out->on_walk == SYN_NO ? SYN_NO : SYN_UNKNOWN; /* every walk is a write */
  if (!walk) out->access = (i & N_ID) != 0 ? SYN_FETCH : (i & N_W) != 0 ? SYN_WRITE : SYN_READ;
  out->gpa = syn_address(in, SYN_AMD_INFO2);
  out->detail = i & N_DETAIL;

  uint64_t odd = i & ~(N_P | N_W | N_RSV | N_ID | N_RMP | N_FINAL | N_WALK | N_DETAIL);
  if (walk == final) odd |= N_FINAL | N_WALK;
  if ((i & N_P) == 0) odd |= i & (N_RSV | N_RMP);
  if ((i & N_RSV) != 0) odd |= i & N_RMP;
  if ((i & N_ID) != 0) odd |= i & (N_W | N_SS);
  if ((in->settings & SYN_GMET) == 0) odd |= ~i & N_U; /* all nested accesses are a user's */
  if (walk) odd |= (i & N_ID) | (~i & N_W);
  masks->odd[SYN_AMD_INFO1] = odd;
  return SYN_OK;
}

enum syn_result syn_amd_encode(const struct syn_fault *in, struct syn_regs *out) {
  if (in->stage == 1) return syn_pf_encode(in, true, out);
  if (in->stage != 2 || in->on_walk == SYN_UNKNOWN) return SYN_NOT_FAULT;
  uint64_t i = in->detail & N_DETAIL;
  if ((in->settings & SYN_GMET) == 0) i |= N_U;
  switch (in->cause) {
    case SYN_NOT_MAPPED:
      break;
    case SYN_PERMISSION:
      i |= N_P;
      break;
    case SYN_RESERVED:
      i |= N_P | N_RSV;
      break;
    case SYN_OWNER:
      i |= N_P | N_RMP;
      break;
    default:
      return SYN_NOT_FAULT;
  }
  if (in->on_walk == SYN_YES)
    i |= N_WALK | N_W;
  else if ((in->access & SYN_FETCH) != 0)
    i = (i & ~(uint64_t)N_SS) | N_FINAL | N_ID;
  else
    i |= N_FINAL | ((in->access & SYN_WRITE) != 0 ? N_W : 0u);
  syn_set(out, SYN_AMD_EXITCODE, EXIT_NPF);
  syn_set(out, SYN_AMD_INFO1, i);
  if (in->gpa.known != 0) syn_set(out, SYN_AMD_INFO2, in->gpa.value);
  out->taker = SYN_HYPERVISOR;
  return SYN_OK;
}

/* SPDX-License-Identifier: Apache-2.0
 * Shared by the architectures' files only. */
#ifndef COWALK_SYNDROME_BITS_H
#define COWALK_SYNDROME_BITS_H

#include "syndrome/syndrome.h"

#define SYN_BIT(n) (UINT64_C(1) << (n))

static inline uint64_t syn_field(uint64_t value, unsigned hi, unsigned lo) {
  return (value >> lo) & (UINT64_MAX >> (63 - (hi - lo)));
}
static inline uint64_t syn_mask(unsigned hi, unsigned lo) {
  return (UINT64_MAX >> (63 - (hi - lo))) << lo;
}
static inline bool syn_given(const struct syn_regs *r, unsigned reg) {
  return (r->given >> reg & 1u) != 0;
}
static inline uint8_t syn_tri(bool yes) {
  return yes ? SYN_YES : SYN_NO;
}
static inline void syn_set(struct syn_regs *r, unsigned reg, uint64_t value) {
  r->value[reg] = value;
  r->given |= 1u << reg;
}
/* An address that fills its register. */
static inline struct syn_address syn_address(const struct syn_regs *r, unsigned reg) {
  struct syn_address a = {0, 0};
  if (syn_given(r, reg)) a = (struct syn_address){r->value[reg], UINT64_MAX};
  return a;
}

/* #PF, the same on Intel and AMD but for SGX and RMP. */
void syn_pf_decode(const struct syn_regs *in, bool amd, struct syn_fault *out,
                   struct syn_masks *masks);
enum syn_result syn_pf_encode(const struct syn_fault *in, bool amd, struct syn_regs *out);

enum syn_result syn_x86_decode(const struct syn_regs *in, struct syn_fault *out,
                               struct syn_masks *masks);
enum syn_result syn_x86_encode(const struct syn_fault *in, struct syn_regs *out);
enum syn_result syn_amd_decode(const struct syn_regs *in, struct syn_fault *out,
                               struct syn_masks *masks);
enum syn_result syn_amd_encode(const struct syn_fault *in, struct syn_regs *out);
enum syn_result syn_arm64_decode(const struct syn_regs *in, struct syn_fault *out,
                                 struct syn_masks *masks);
enum syn_result syn_arm64_encode(const struct syn_fault *in, struct syn_regs *out);
enum syn_result syn_riscv_decode(const struct syn_regs *in, struct syn_fault *out,
                                 struct syn_masks *masks);
enum syn_result syn_riscv_encode(const struct syn_fault *in, struct syn_regs *out);

#endif

// SPDX-License-Identifier: Apache-2.0
// Picks the architecture. Promises: every field of the results is written.
#include "syndrome/syndrome.h"

#include "syndrome/bits.h"

enum syn_result syn_decode(enum syn_arch arch, const struct syn_regs *in, struct syn_fault *out,
                           struct syn_masks *masks) {
  static enum syn_result (*const decode[SYN_ARCHES])(const struct syn_regs *, struct syn_fault *,
                                                     struct syn_masks *) = {
      syn_x86_decode, syn_amd_decode, syn_arm64_decode, syn_riscv_decode};
  *out = (struct syn_fault){.level = SYN_LEVEL_UNKNOWN, .settings = in->settings};
  *masks = (struct syn_masks){{0}, {0}};
  enum syn_result rc = decode[arch](in, out, masks);
  for (unsigned i = 0; i < SYN_REGS; i++)
    if (masks->odd[i] != 0 && rc == SYN_OK) rc = SYN_ODD;
  return rc;
}

enum syn_result syn_encode(enum syn_arch arch, const struct syn_fault *in, struct syn_regs *out) {
  static enum syn_result (*const encode[SYN_ARCHES])(
      const struct syn_fault *, struct syn_regs *) = {syn_x86_encode, syn_amd_encode,
                                                      syn_arm64_encode, syn_riscv_encode};
  *out = (struct syn_regs){.settings = in->settings, .taker = in->taker};
  return encode[arch](in, out);
}

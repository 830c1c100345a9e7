// SPDX-License-Identifier: Apache-2.0
// Picks the architecture. Promises: every field of the results is written; encode makes no
// registers that say something else than the fault, or that the manual does not allow.
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

/* Does `told` say nothing else than `f`, as far as both say something? */
static bool agree_tri(uint8_t f, uint8_t told) {
  return f == SYN_UNKNOWN || told == SYN_UNKNOWN || f == told;
}

static bool agree_address(const struct syn_address *f, const struct syn_address *told) {
  return ((f->value ^ told->value) & f->known & told->known) == 0;
}

static bool agree(const struct syn_fault *f, const struct syn_fault *told) {
  const bool access = told->access == 0 || f->access == 0 || told->access == f->access ||
                      (told->access == SYN_WRITE && (f->access & SYN_WRITE) != 0);
  return told->cause == f->cause &&
         (f->stage == 0 || told->stage == 0 || f->stage == told->stage) &&
         (f->level == SYN_LEVEL_UNKNOWN || told->level == SYN_LEVEL_UNKNOWN ||
          f->level == told->level) &&
         access && agree_tri(f->taker, told->taker) && agree_tri(f->on_walk, told->on_walk) &&
         agree_tri(f->update, told->update) && agree_tri(f->user, told->user) &&
         agree_tri(f->from_guest, told->from_guest) && agree_tri(f->from_lower, told->from_lower) &&
         agree_tri(f->guest_va, told->guest_va) && agree_address(&f->va, &told->va) &&
         agree_address(&f->gpa, &told->gpa);
}

enum syn_result syn_encode(enum syn_arch arch, const struct syn_fault *in, struct syn_regs *out) {
  static enum syn_result (*const encode[SYN_ARCHES])(
      const struct syn_fault *, struct syn_regs *) = {syn_x86_encode, syn_amd_encode,
                                                      syn_arm64_encode, syn_riscv_encode};
  struct syn_fault told;
  struct syn_masks masks;
  *out = (struct syn_regs){.settings = in->settings, .taker = in->taker};
  if (encode[arch](in, out) != SYN_OK) return SYN_NOT_FAULT;
  if (syn_decode(arch, out, &told, &masks) != SYN_OK) return SYN_NOT_FAULT;
  return agree(in, &told) ? SYN_OK : SYN_NOT_FAULT;
}

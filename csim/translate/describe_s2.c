// SPDX-License-Identifier: Apache-2.0
// Stage-2 descriptors and exits in words. Sources: SDM volume 3, "EPT Translation Mechanism" and
// the table of the exit qualification; APM volume 2, 15.25; Arm ARM D8.3 (stage 2); RISC-V
// privileged (hypervisor chapter). Promises: describes bits as they are; judges nothing.
#include "translate/describe_s2.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct bit_name {
  uint8_t bit;
  const char *name;
};

static const struct bit_name bits_ept[] = {{0, "R"},  {1, "W"}, {2, "X"}, {10, "UX"}, {6, "IPAT"},
                                           {7, "PS"}, {8, "A"}, {9, "D"}, {64, NULL}};
static const struct bit_name bits_arm[] = {{6, "S2AP[0]"}, {7, "S2AP[1]"}, {10, "AF"}, {51, "DBM"},
                                           {53, "XN[0]"},  {54, "XN[1]"},  {64, NULL}};

static void add(char *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(char *out, const char *format, ...) {
  const size_t used = strlen(out);
  va_list args;
  va_start(args, format);
  vsnprintf(out + used, DESCRIBE_ROOM - used, format, args);
  va_end(args);
}

static unsigned long long wide(uint64_t v) {
  return v;
}

static void add_bits(char *out, const struct bit_name *names, uint64_t value) {
  for (size_t i = 0; names[i].name != NULL; i++)
    if ((value >> names[i].bit & 1) != 0)
      add(out, "%s%s", out[0] == '\0' ? "" : " ", names[i].name);
}

/* Address bits hi..lo. */
static uint64_t field(uint64_t value, unsigned hi, unsigned lo) {
  return value & (UINT64_MAX >> (63 - hi)) & (UINT64_MAX << lo);
}

/* ---- tables ---- */

char *describe_s2_mode(char *out, const struct mmu_context *c) {
  out[0] = '\0';
  switch (c->s2_mode) {
    case MMU_S2_EPT:
      add(out, "EPT of %u levels at 0x%llx, VPID %u%s%s", c->s2_top + 1U, wide(c->s2_root), c->vmid,
          c->s2_hw_a ? ", A/D flags" : "", c->s2_mbec ? ", mode-based execute control" : "");
      break;
    case MMU_S2_NPT:
      add(out, "nested paging of %u levels at 0x%llx, ASID %u", c->s2_top + 1U, wide(c->s2_root),
          c->vmid);
      break;
    case MMU_S2_ARM:
      add(out, "stage 2 from level %d, VTTBR 0x%llx T0SZ %u, VMID %u", 3 - c->s2_top,
          wide(c->s2_root), c->s2_t0sz, c->vmid);
      break;
    default:
      add(out, "G-stage Sv%ux4, root 0x%llx, VMID %u", 12U + 9U * (c->s2_top + 1U),
          wide(c->s2_root), c->vmid);
  }
  return out;
}

const char *describe_s2_level(uint8_t mode, uint8_t level) {
  static const char *const name[][5] = {
      [MMU_S2_EPT] = {"EPT PTE", "EPT PDE", "EPT PDPTE", "EPT PML4E", "EPT PML5E"},
      [MMU_S2_NPT] = {"nested PTE", "nested PDE", "nested PDPTE", "nested PML4E", "nested PML5E"},
      [MMU_S2_ARM] = {"stage-2 L3", "stage-2 L2", "stage-2 L1", "stage-2 L0", "stage-2 L-1"},
      [MMU_S2_RISCV] = {"G-stage PTE 0", "G-stage PTE 1", "G-stage PTE 2", "G-stage PTE 3",
                        "G-stage PTE 4"}};
  return mode >= MMU_S2_EPT && mode <= MMU_S2_RISCV && level < 5 ? name[mode][level] : "descriptor";
}

static void describe_ept(char *out, uint8_t level, uint64_t v) {
  static const char *const type[] = {"UC", "WC", "type 2", "type 3", "WT", "WP", "WB", "type 7"};
  const bool leaf = level == 0 || (level < 3 && (v & 0x80) != 0);
  add_bits(out, bits_ept, v & ~(leaf ? 0 : UINT64_C(0x40)));
  if ((v & 0x407) == 0)
    add(out, "%snot present", out[0] == '\0' ? "" : ", ");
  else if (leaf)
    add(out, " %s, page 0x%llx", type[v >> 3 & 7], wide(field(v, 51, 12 + 9U * level)));
  else
    add(out, ", table 0x%llx", wide(field(v, 51, 12)));
}

static void describe_arm(char *out, uint8_t level, uint64_t v) {
  if ((v & 1) == 0) {
    add(out, "invalid");
  } else if (level == 0 && (v & 2) == 0) {
    add(out, "reserved type");
  } else if (level > 0 && (v & 2) != 0) {
    add(out, "table 0x%llx", wide(field(v, 47, 12)));
  } else {
    add_bits(out, bits_arm, v);
    add(out, " MemAttr %u, %s 0x%llx", (unsigned)(v >> 2 & 15), level == 0 ? "page" : "block",
        wide(field(v, 47, 12 + 9U * level)));
  }
}

char *describe_s2_descriptor(char *out, uint8_t mode, uint8_t level, uint64_t v) {
  if (mode == MMU_S2_NPT) return describe_descriptor(out, MMU_ARCH_X86, level, v);
  if (mode == MMU_S2_RISCV) return describe_descriptor(out, MMU_ARCH_RISCV, level, v);
  out[0] = '\0';
  (mode == MMU_S2_EPT ? describe_ept : describe_arm)(out, level, v);
  return out;
}

char *describe_s2_change(char *out, uint8_t mode, uint64_t from, uint64_t to) {
  if (mode == MMU_S2_NPT) return describe_change(out, MMU_ARCH_X86, from, to);
  if (mode == MMU_S2_RISCV) return describe_change(out, MMU_ARCH_RISCV, from, to);
  out[0] = '\0';
  for (const struct bit_name *n = mode == MMU_S2_EPT ? bits_ept : bits_arm; n->name != NULL; n++)
    if (((from ^ to) >> n->bit & 1) != 0)
      add(out, "%s%c%s", out[0] == '\0' ? "" : " ", (to >> n->bit & 1) != 0 ? '+' : '-', n->name);
  return out;
}

/* ---- exits ---- */

char *describe_s2_rights(char *out, uint8_t rights) {
  static const struct bit_name names[] = {{0, "R"}, {1, "W"}, {2, "UX"}, {3, "SX"}, {64, NULL}};
  out[0] = '\0';
  add_bits(out, names, rights);
  if (out[0] == '\0') add(out, "none");
  return out;
}

static void ept_violation(char *out, const uint64_t *reg) {
  static const struct bit_name access[] = {{0, "read"}, {1, "write"}, {2, "fetch"}, {64, NULL}};
  static const struct bit_name may[] = {{3, "R"}, {4, "W"}, {5, "X"}, {6, "UX"}, {64, NULL}};
  char text[DESCRIBE_ROOM] = "";
  add_bits(text, access, reg[1]);
  add(out, "EPT violation (exit reason 48), qualification 0x%llx (%s", wide(reg[1]), text);
  text[0] = '\0';
  add_bits(text, may, reg[1]);
  add(out, "; the entries grant %s", text[0] != '\0' ? text : "nothing");
  add(out, (reg[1] & 0x100) != 0 ? "; the page itself" : "; a guest table");
  add(out, "), linear 0x%llx, guest-physical 0x%llx", wide(reg[2]), wide(reg[3]));
}

char *describe_exit_x86(char *out, const struct mmu_syndrome *syn) {
  static const struct bit_name code[] = {{0, "P"}, {1, "W"},      {2, "U"},      {3, "RSVD"},
                                         {4, "I"}, {32, "final"}, {33, "table"}, {64, NULL}};
  const uint64_t *reg = syn->reg;
  char text[DESCRIBE_ROOM] = "";
  out[0] = '\0';
  if (reg[0] == 48) {
    ept_violation(out, reg);
  } else if (reg[0] == 49) {
    add(out, "EPT misconfiguration (exit reason 49), guest-physical 0x%llx", wide(reg[3]));
  } else if (reg[0] == 0x400) {
    add_bits(text, code, reg[1]);
    add(out, "#NPF (EXITCODE 0x400), EXITINFO1 0x%llx (%s), EXITINFO2 0x%llx", wide(reg[1]), text,
        wide(reg[3]));
  } else {
    add(out, "exit 0x%llx", wide(reg[0]));
  }
  return out;
}

const char *describe_exit_register(enum mmu_arch arch, uint8_t s2_mode, size_t i) {
  static const char *const ept[] = {"exit_reason", "exit_qualification", "guest_linear_address",
                                    "guest_physical_address"};
  static const char *const npt[] = {"exitcode", "exitinfo1", NULL, "exitinfo2"};
  static const char *const arm[] = {"esr_el2", "far_el2", "hpfar_el2", NULL};
  static const char *const riscv[] = {"scause", "stval", "htval", "htinst"};
  if (arch == MMU_ARCH_ARM) return arm[i];
  if (arch == MMU_ARCH_RISCV) return riscv[i];
  return s2_mode == MMU_S2_NPT ? npt[i] : ept[i];
}

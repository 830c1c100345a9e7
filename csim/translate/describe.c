// SPDX-License-Identifier: Apache-2.0
// Descriptors and syndromes in words. Sources: SDM volume 3 4.5 and 4.7, Arm ARM D8.3 and
// D17.2.37 (ESR_EL1), RISC-V privileged 10.3 to 10.6 and 10.1.8 (scause).
// Promises: describes bits as they are; judges nothing.
#include "translate/describe.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "rules/rules.h"
#include "translate/describe_s2.h"

struct bit_name {
  uint8_t bit;
  const char *name;
};

static const struct bit_name bits_x86[] = {{0, "P"},   {1, "RW"},  {2, "US"}, {3, "PWT"},
                                           {4, "PCD"}, {5, "A"},   {6, "D"},  {7, "PS"},
                                           {8, "G"},   {63, "XD"}, {64, NULL}};
static const struct bit_name bits_arm[] = {{10, "AF"},   {11, "nG"},   {51, "DBM"},
                                           {7, "AP[2]"}, {6, "AP[1]"}, {52, "Contiguous"},
                                           {53, "PXN"},  {54, "UXN"},  {64, NULL}};
static const struct bit_name bits_arm_table[] = {{63, "NSTable"},    {62, "APTable[1]"},
                                                 {61, "APTable[0]"}, {60, "UXNTable"},
                                                 {59, "PXNTable"},   {64, NULL}};
static const struct bit_name bits_riscv[] = {{0, "V"}, {1, "R"}, {2, "W"}, {3, "X"},  {4, "U"},
                                             {5, "G"}, {6, "A"}, {7, "D"}, {63, "N"}, {64, NULL}};

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

static const char *mode_name(uint8_t mode) {
  static const char *const name[] = {"translation off",
                                     "4-level paging",
                                     "5-level paging",
                                     "4 KiB granule",
                                     "Sv39",
                                     "Sv48",
                                     "Sv57"};
  return mode < sizeof name / sizeof name[0] ? name[mode] : "unknown mode";
}

char *describe_mode(char *out, enum mmu_arch arch, const struct mmu_context *ctx) {
  out[0] = '\0';
  add(out, "%s", mode_name(ctx->s1_mode));
  if (ctx->s1_mode == MMU_S1_OFF) return out;
  if (arch == MMU_ARCH_X86) add(out, ", CR3 0x%llx", wide(ctx->s1_root0));
  if (arch == MMU_ARCH_RISCV) add(out, ", root 0x%llx", wide(ctx->s1_root0));
  if (arch == MMU_ARCH_ARM)
    add(out, ", TTBR0 0x%llx T0SZ %u, TTBR1 0x%llx T1SZ %u", wide(ctx->s1_root0), ctx->t0sz,
        wide(ctx->s1_root1), ctx->t1sz);
  return out;
}

const char *describe_level(enum mmu_arch arch, uint8_t level) {
  static const char *const name[MMU_ARCH_COUNT][5] = {
      {"PTE", "PDE", "PDPTE", "PML4E", "PML5E"},
      {"L3 descriptor", "L2 descriptor", "L1 descriptor", "L0 descriptor", "L-1 descriptor"},
      {"level-0 PTE", "level-1 PTE", "level-2 PTE", "level-3 PTE", "level-4 PTE"}};
  return level < 5 ? name[arch][level] : "descriptor";
}

/* Address bits hi..lo. */
static uint64_t field(uint64_t value, unsigned hi, unsigned lo) {
  return value & (UINT64_MAX >> (63 - hi)) & (UINT64_MAX << lo);
}

static void describe_x86(char *out, uint8_t level, uint64_t v) {
  add_bits(out, bits_x86, v);
  if ((v & 1) == 0) {
    add(out, "%snot present", out[0] == '\0' ? "" : ", ");
  } else if (level == 0 || (v & 0x80) != 0) {
    if (v >> 59 != 0 && (v >> 59 & 15) != 0) add(out, " key %u", (unsigned)(v >> 59 & 15));
    add(out, ", page 0x%llx", wide(field(v, 51, 12 + 9u * level)));
  } else {
    add(out, ", table 0x%llx", wide(field(v, 51, 12)));
  }
}

static void describe_arm(char *out, uint8_t level, uint64_t v) {
  if ((v & 1) == 0) {
    add(out, "invalid");
  } else if (level == 0 && (v & 2) == 0) {
    add(out, "reserved type");
  } else if (level > 0 && (v & 2) != 0) {
    add_bits(out, bits_arm_table, v);
    add(out, "%stable 0x%llx", out[0] == '\0' ? "" : ", ", wide(field(v, 47, 12)));
  } else {
    add_bits(out, bits_arm, v);
    add(out, " AttrIndx %u SH %u, %s 0x%llx", (unsigned)(v >> 2 & 7), (unsigned)(v >> 8 & 3),
        level == 0 ? "page" : "block", wide(field(v, 47, 12 + 9u * level)));
  }
}

static void describe_riscv(char *out, uint8_t level, uint64_t v) {
  const uint64_t target = field(v, 53, 10) << 2;
  add_bits(out, bits_riscv, v);
  if ((v >> 61 & 3) != 0) add(out, " PBMT %u", (unsigned)(v >> 61 & 3));
  if ((v & 1) == 0)
    add(out, "%sinvalid", out[0] == '\0' ? "" : ", ");
  else if (v >> 63 != 0 && level == 0 && (v & 0xe) != 0 && (target >> 12 & 15) == 8)
    add(out, ", 16 pages 0x%llx", wide(field(target, 55, 16)));
  else if (v >> 63 != 0)
    add(out, ", N with PPN 0x%llx: reserved", wide(target >> 12));
  else
    add(out, ", %s 0x%llx", (v & 0xe) != 0 ? (level == 0 ? "page" : "superpage") : "table",
        wide(target));
}

char *describe_descriptor(char *out, enum mmu_arch arch, uint8_t level, uint64_t value) {
  out[0] = '\0';
  if (arch == MMU_ARCH_X86) describe_x86(out, level, value);
  if (arch == MMU_ARCH_ARM) describe_arm(out, level, value);
  if (arch == MMU_ARCH_RISCV) describe_riscv(out, level, value);
  return out;
}

char *describe_change(char *out, enum mmu_arch arch, uint64_t from, uint64_t to) {
  static const struct bit_name *const all[] = {bits_x86, bits_arm, bits_riscv};
  out[0] = '\0';
  for (const struct bit_name *n = all[arch]; n->name != NULL; n++)
    if (((from ^ to) >> n->bit & 1) != 0)
      add(out, "%s%c%s", out[0] == '\0' ? "" : " ", (to >> n->bit & 1) != 0 ? '+' : '-', n->name);
  return out;
}

static void syndrome_x86(char *out, const uint64_t *reg) {
  static const struct bit_name code[] = {{0, "P"}, {1, "W"},  {2, "U"},  {3, "RSVD"},
                                         {4, "I"}, {5, "PK"}, {64, NULL}};
  char bits[DESCRIBE_ROOM] = "";
  if (reg[0] == 14) {
    add_bits(bits, code, reg[1]);
    add(out, "#PF, error code 0x%llx%s%s%s, CR2 0x%llx", wide(reg[1]), bits[0] != '\0' ? " (" : "",
        bits, bits[0] != '\0' ? ")" : "", wide(reg[2]));
  } else if (reg[0] == 13) {
    add(out, "#GP(0x%llx)", wide(reg[1]));
  } else if (reg[0] == 18) {
    add(out, "#MC");
  } else {
    add(out, "vector %llu, error code 0x%llx", wide(reg[0]), wide(reg[1]));
  }
}

static void fault_status(char *out, unsigned fsc) {
  static const char *const group[] = {"address size fault", "translation fault",
                                      "access flag fault", "permission fault"};
  const unsigned level = fsc & 3;
  if (fsc < 0x10)
    add(out, "%s, level %u", group[fsc >> 2], level);
  else if (fsc == 0x10)
    add(out, "external abort");
  else if ((fsc & 0x3c) == 0x14)
    add(out, "external abort on a table walk, level %u", level);
  else if ((fsc & 0x3c) == 0x1c)
    add(out, "parity error on a table walk, level %u", level);
  else if (fsc == 0x31)
    add(out, "unsupported atomic hardware update");
  else
    add(out, "fault status 0x%x", fsc);
}

static void syndrome_arm(char *out, const struct mmu_syndrome *syn) {
  const uint64_t *reg = syn->reg, esr = reg[0];
  const unsigned el = syn->to_hyp ? 2 : 1;
  const unsigned ec = (unsigned)(esr >> 26 & 63);
  static const char *const class[] = {
      "instruction abort, lower EL", "instruction abort, same EL", "", "",
      "data abort, lower EL",        "data abort, same EL"};
  add(out, "ESR_EL%u 0x%llx: ", el, wide(esr));
  if (ec >= 0x20 && ec <= 0x25 && class[ec - 0x20][0] != '\0')
    add(out, "%s, ", class[ec - 0x20]);
  else
    add(out, "class 0x%x, ", ec);
  fault_status(out, (unsigned)(esr & 63));
  if (ec >= 0x24 && (esr & 64) != 0) add(out, ", WnR");
  if (ec >= 0x24 && (esr & 256) != 0) add(out, ", CM");
  if (syn->to_hyp && (esr & 128) != 0) add(out, ", S1PTW");
  add(out, "; FAR_EL%u 0x%llx", el, wide(reg[1]));
  if (syn->to_hyp) add(out, ", HPFAR_EL2 0x%llx", wide(reg[2]));
}

static void syndrome_riscv(char *out, const struct mmu_syndrome *syn) {
  const uint64_t *reg = syn->reg;
  static const struct {
    uint8_t code;
    const char *name;
  } cause[] = {{1, "instruction access fault"},
               {5, "load access fault"},
               {7, "store/AMO access fault"},
               {12, "instruction page fault"},
               {13, "load page fault"},
               {15, "store/AMO page fault"},
               {20, "instruction guest-page fault"},
               {21, "load guest-page fault"},
               {23, "store/AMO guest-page fault"}};
  const char *name = "unknown cause";
  for (size_t i = 0; i < sizeof cause / sizeof cause[0]; i++)
    if (cause[i].code == reg[0]) name = cause[i].name;
  add(out, "scause %llu (%s), stval 0x%llx", wide(reg[0]), name, wide(reg[1]));
  if (syn->to_hyp)
    add(out, "%s, htval 0x%llx, htinst 0x%llx", syn->gva ? " (GVA)" : "", wide(reg[2]),
        wide(reg[3]));
}

char *describe_syndrome(char *out, enum mmu_arch arch, const struct mmu_syndrome *syn) {
  out[0] = '\0';
  if (arch == MMU_ARCH_X86 && syn->to_hyp) return describe_exit_x86(out, syn);
  if (arch == MMU_ARCH_X86) syndrome_x86(out, syn->reg);
  if (arch == MMU_ARCH_ARM) syndrome_arm(out, syn);
  if (arch == MMU_ARCH_RISCV) syndrome_riscv(out, syn);
  return out;
}

const char *describe_cause(uint8_t cause) {
  static const char *const name[MMU_CAUSE_COUNT] = {
      "none",       "not_present",  "reserved",      "permission", "access_flag",
      "dirty_flag", "address_size", "non_canonical", "root_size",  "root_disabled",
      "bus",        "no_atomic",    "parity",        "pkey"};
  return cause < MMU_CAUSE_COUNT ? name[cause] : "unknown";
}

const char *describe_kind(uint8_t kind) {
  static const char *const name[] = {"read", "write", "fetch", "rmw"};
  return kind < 4 ? name[kind] : "unknown";
}

const char *describe_memory_error(uint8_t error) {
  static const char *const name[] = {"none", "bus", "noatomic", "parity"};
  return error < 4 ? name[error] : "unknown";
}

char *describe_page(char *out, enum mmu_arch arch, uint8_t shift) {
  static const char *const unit[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  const bool group = shift > 12 && (shift - 12) % 9 == RULES_GROUP_BITS;
  out[0] = '\0';
  add(out, "%u %s page%s", 1u << shift % 10, shift < 64 ? unit[shift / 10] : "?",
      !group                   ? ""
      : arch == MMU_ARCH_RISCV ? " (NAPOT)"
                               : " (contiguous)");
  return out;
}

const char *describe_register(enum mmu_arch arch, size_t i) {
  static const char *const name[MMU_ARCH_COUNT][4] = {{"vector", "error_code", "cr2", NULL},
                                                      {"esr_el1", "far_el1", NULL, NULL},
                                                      {"scause", "stval", NULL, NULL}};
  return name[arch][i];
}

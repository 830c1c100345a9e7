// SPDX-License-Identifier: Apache-2.0
// The parser of invalidations in translate files, by the manuals' names. Language:
// docs/translate.md. Promises: a bad line is refused with what is right; nothing is guessed.
#include <string.h>

#include "rules/arm_range.h"
#include "translate/words.h"

struct inval_form {
  const char *word, *second;
  enum mmu_arch arch;
  uint8_t kind; /* enum mmu_inval_kind */
  uint8_t addr; /* position of the address among the operands, from 1; 0: none */
  uint8_t asid;
  uint8_t least; /* operands that must be there */
  const char *form;
  uint8_t vmid;
};

static const struct inval_form inval_forms[] = {
    {"invlpg", NULL, MMU_ARCH_X86, MMU_INV_X86_INVLPG, 1, 0, 1, "invlpg ADDRESS", 0},
    {"mov", "cr3", MMU_ARCH_X86, MMU_INV_X86_CR3, 0, 0, 0, "mov cr3", 0},
    {"mov", "cr4.pge", MMU_ARCH_X86, MMU_INV_X86_ALL, 0, 0, 0, "mov cr4.pge", 0},
    {"invpcid", "0", MMU_ARCH_X86, MMU_INV_X86_PCID_ADDR, 2, 1, 2, "invpcid 0 PCID ADDRESS", 0},
    {"invpcid", "1", MMU_ARCH_X86, MMU_INV_X86_PCID, 0, 1, 1, "invpcid 1 PCID", 0},
    {"invpcid", "2", MMU_ARCH_X86, MMU_INV_X86_ALL_GLOBAL, 0, 0, 0, "invpcid 2", 0},
    {"invpcid", "3", MMU_ARCH_X86, MMU_INV_X86_ALL_PCID, 0, 0, 0, "invpcid 3", 0},
    {"invvpid", "0", MMU_ARCH_X86, MMU_INV_X86_VPID_ADDR, 2, 0, 2, "invvpid 0 VPID ADDRESS", 1},
    {"invvpid", "1", MMU_ARCH_X86, MMU_INV_X86_VPID, 0, 0, 1, "invvpid 1 VPID", 1},
    {"invvpid", "2", MMU_ARCH_X86, MMU_INV_X86_VPID_ALL, 0, 0, 0, "invvpid 2", 0},
    {"invvpid", "3", MMU_ARCH_X86, MMU_INV_X86_VPID_LOCAL, 0, 0, 1, "invvpid 3 VPID", 1},
    {"invept", "1", MMU_ARCH_X86, MMU_INV_X86_EPT, 1, 0, 1, "invept 1 EPTP", 0},
    {"invept", "2", MMU_ARCH_X86, MMU_INV_X86_EPT_ALL, 0, 0, 0, "invept 2", 0},
    {"invlpga", NULL, MMU_ARCH_X86, MMU_INV_AMD_ADDR, 1, 0, 1, "invlpga ADDRESS [ASID]", 2},
    {"tlb_control", "1", MMU_ARCH_X86, MMU_INV_AMD_ALL, 0, 0, 0, "tlb_control 1", 0},
    {"tlb_control", "3", MMU_ARCH_X86, MMU_INV_AMD_ASID, 0, 0, 0, "tlb_control 3 [ASID]", 1},
    {"tlbi", "vmalle1", MMU_ARCH_ARM, MMU_INV_ARM_VMALLE1, 0, 0, 0, "tlbi vmalle1", 0},
    {"tlbi", "vae1", MMU_ARCH_ARM, MMU_INV_ARM_VAE1, 1, 2, 1, "tlbi vae1 ADDRESS [ASID]", 0},
    {"tlbi", "vale1", MMU_ARCH_ARM, MMU_INV_ARM_VALE1, 1, 2, 1, "tlbi vale1 ADDRESS [ASID]", 0},
    {"tlbi", "vaae1", MMU_ARCH_ARM, MMU_INV_ARM_VAAE1, 1, 0, 1, "tlbi vaae1 ADDRESS", 0},
    {"tlbi", "vaale1", MMU_ARCH_ARM, MMU_INV_ARM_VAALE1, 1, 0, 1, "tlbi vaale1 ADDRESS", 0},
    {"tlbi", "aside1", MMU_ARCH_ARM, MMU_INV_ARM_ASIDE1, 0, 1, 0, "tlbi aside1 [ASID]", 0},
    {"tlbi", "ipas2e1", MMU_ARCH_ARM, MMU_INV_ARM_IPAS2E1, 1, 0, 1, "tlbi ipas2e1 ADDRESS", 0},
    {"tlbi", "ipas2le1", MMU_ARCH_ARM, MMU_INV_ARM_IPAS2LE1, 1, 0, 1, "tlbi ipas2le1 ADDRESS", 0},
    {"tlbi", "vmalls12e1", MMU_ARCH_ARM, MMU_INV_ARM_VMALLS12E1, 0, 0, 0, "tlbi vmalls12e1", 0},
    {"tlbi", "alle1", MMU_ARCH_ARM, MMU_INV_ARM_ALLE1, 0, 0, 0, "tlbi alle1", 0},
};

/* HFENCE.GVMA: rs1 has the address shifted; here it stands as it is. */
static int parse_gvma(const struct words *w, struct statement *s) {
  if (words_expect(w, 1, 3, "hfence.gvma [ADDRESS|x0 [VMID|x0]]") != 0) return -1;
  const bool addr = w->count > 1 && strcmp(words_at(w, 1), "x0") != 0;
  uint64_t at = 0, id = 0;
  if (addr && words_number(w, words_at(w, 1), &at) != 0) return -1;
  s->has_vmid = w->count > 2 && strcmp(words_at(w, 2), "x0") != 0;
  if (s->has_vmid && words_number(w, words_at(w, 2), &id) != 0) return -1;
  if (id > 0x3fff) return words_complain(w, "a VMID has 14 bits");
  s->kind = STATEMENT_INVAL;
  s->inval.addr = at >> 2;
  s->inval.vmid = (uint16_t)id;
  if (addr)
    s->inval.kind = s->has_vmid ? MMU_INV_RISCV_GVMA_ADDR_VMID : MMU_INV_RISCV_GVMA_ADDR;
  else
    s->inval.kind = s->has_vmid ? MMU_INV_RISCV_GVMA_VMID : MMU_INV_RISCV_GVMA_ALL;
  return 0;
}

static int parse_sfence(const struct words *w, struct statement *s) {
  if (words_expect(w, 1, 3,
                   strcmp(words_at(w, 0), "sfence.vma") == 0
                       ? "sfence.vma [ADDRESS|x0 [ASID|x0]]"
                       : "hfence.vvma [ADDRESS|x0 [ASID|x0]]") != 0)
    return -1;
  const bool addr = w->count > 1 && strcmp(words_at(w, 1), "x0") != 0;
  const bool asid = w->count > 2 && strcmp(words_at(w, 2), "x0") != 0;
  uint64_t id = 0;
  if (addr && words_number(w, words_at(w, 1), &s->inval.addr) != 0) return -1;
  if (asid && words_number(w, words_at(w, 2), &id) != 0) return -1;
  if (id > 0xffff) return words_complain(w, "an ASID has 16 bits");
  s->kind = STATEMENT_INVAL;
  s->has_asid = true;
  s->inval.asid = (uint16_t)id;
  if (addr)
    s->inval.kind = asid ? MMU_INV_RISCV_ADDR_ASID : MMU_INV_RISCV_ADDR;
  else
    s->inval.kind = asid ? MMU_INV_RISCV_ASID : MMU_INV_RISCV_ALL;
  return 0;
}

static const struct {
  const char *name;
  uint8_t kind;
  bool asid;
  const char *form;
} ranges[] = {
    {"rvae1", MMU_INV_ARM_RVAE1, true, "tlbi rvae1 FIRST LAST [ASID], or tlbi rvae1 xt OPERAND"},
    {"rvale1", MMU_INV_ARM_RVALE1, true,
     "tlbi rvale1 FIRST LAST [ASID], or tlbi rvale1 xt OPERAND"},
    {"rvaae1", MMU_INV_ARM_RVAAE1, false, "tlbi rvaae1 FIRST LAST, or tlbi rvaae1 xt OPERAND"},
    {"ripas2e1", MMU_INV_ARM_RIPAS2E1, false,
     "tlbi ripas2e1 FIRST LAST, or tlbi ripas2e1 xt OPERAND"},
    {"ripas2le1", MMU_INV_ARM_RIPAS2LE1, false,
     "tlbi ripas2le1 FIRST LAST, or tlbi ripas2le1 xt OPERAND"},
    {"rvaale1", MMU_INV_ARM_RVAALE1, false, "tlbi rvaale1 FIRST LAST, or tlbi rvaale1 xt OPERAND"},
};

/* The operand as the register has it: its ASID counts too. */
static int parse_operand(const struct words *w, struct statement *s, bool asid, const char *form) {
  if (words_expect(w, 4, 4, form) != 0 || words_number(w, words_at(w, 3), &s->inval.addr) != 0)
    return -1;
  s->has_asid = asid;
  s->inval.asid = asid ? (uint16_t)(s->inval.addr >> 48) : 0;
  return 0;
}

static int parse_addresses(const struct words *w, struct statement *s, bool asid,
                           const char *form) {
  uint64_t first, last, id = 0;
  if (words_expect(w, 4, asid ? 5 : 4, form) != 0 || words_number(w, words_at(w, 2), &first) != 0 ||
      words_number(w, words_at(w, 3), &last) != 0)
    return -1;
  s->has_asid = w->count == 5;
  if (s->has_asid && words_number(w, words_at(w, 4), &id) != 0) return -1;
  if (id > 0xffff) return words_complain(w, "an ASID has 16 bits");
  if (last < first) return words_complain(w, "the range ends before it starts");
  s->inval.addr = rules_arm_range_operand(first, last);
  s->inval.asid = (uint16_t)id;
  if (s->inval.addr == 0)
    return words_complain(w, "one operation covers at most 8 GiB; write several");
  return 0;
}

/* tlbi rva...: 1 if it is one. */
static int parse_range(const struct words *w, struct statement *s, int *rc) {
  for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
    if (strcmp(words_at(w, 1), ranges[i].name) != 0) continue;
    bool operand = strcmp(words_at(w, 2), "xt") == 0;
    *rc = (operand ? parse_operand : parse_addresses)(w, s, ranges[i].asid, ranges[i].form);
    s->kind = STATEMENT_INVAL;
    s->inval.kind = ranges[i].kind;
    return 1;
  }
  return 0;
}

static int parse_inval(const struct words *w, struct statement *s, const struct inval_form *f) {
  const size_t first = f->second != NULL ? 2 : 1;
  const size_t operands = w->count - first;
  const size_t ids = f->asid > f->vmid ? f->asid : f->vmid;
  const size_t most = f->addr > ids ? f->addr : ids;
  uint64_t id = 0, vmid = 0;
  if (operands < f->least || operands > most) return words_complain(w, "expected: %s", f->form);
  if (f->addr != 0 && words_number(w, words_at(w, first + f->addr - 1), &s->inval.addr) != 0)
    return -1;
  s->has_asid = f->asid != 0 && operands >= f->asid;
  if (s->has_asid && words_number(w, words_at(w, first + f->asid - 1), &id) != 0) return -1;
  if (id > (f->arch == MMU_ARCH_X86 ? 0xfffu : 0xffffu))
    return words_complain(w, "a PCID has 12 bits, an ASID 16");
  s->has_vmid = f->vmid != 0 && operands >= f->vmid;
  if (s->has_vmid && words_number(w, words_at(w, first + f->vmid - 1), &vmid) != 0) return -1;
  if (vmid > 0xffff) return words_complain(w, "a VPID or ASID of a guest has 16 bits");
  s->kind = STATEMENT_INVAL;
  s->inval.asid = (uint16_t)id;
  s->inval.vmid = (uint16_t)vmid;
  s->inval.kind = f->kind;
  return 0;
}

int inval_parse(const struct words *w, struct statement *s, enum mmu_arch arch, int *rc) {
  bool known = false;
  if (arch == MMU_ARCH_RISCV &&
      (strcmp(words_at(w, 0), "sfence.vma") == 0 || strcmp(words_at(w, 0), "hfence.vvma") == 0)) {
    *rc = parse_sfence(w, s);
    return 1;
  }
  if (arch == MMU_ARCH_RISCV && strcmp(words_at(w, 0), "hfence.gvma") == 0) {
    *rc = parse_gvma(w, s);
    return 1;
  }
  if (strcmp(words_at(w, 0), "tlbi") == 0 && arch == MMU_ARCH_ARM && parse_range(w, s, rc))
    return 1;
  for (size_t i = 0; i < sizeof inval_forms / sizeof inval_forms[0]; i++) {
    const struct inval_form *f = &inval_forms[i];
    if (f->arch != arch || strcmp(words_at(w, 0), f->word) != 0) continue;
    known = true;
    if (f->second != NULL && (w->count < 2 || strcmp(words_at(w, 1), f->second) != 0)) continue;
    *rc = parse_inval(w, s, f);
    return 1;
  }
  if (known)
    *rc = words_complain(w, "unknown form of %s; docs/translate.md lists the invalidations",
                         words_at(w, 0));
  return known;
}

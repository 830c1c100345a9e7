// SPDX-License-Identifier: Apache-2.0
// The parser of translate files, one line at a time. Language: docs/translate.md.
// Promises: a bad line is refused with what is wrong and what is right; nothing is guessed.
#include "translate/parse.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "translate/sysregs.h"

enum { MAX_WORDS = STATEMENT_WORDS + 2 };

struct words {
  char *at[MAX_WORDS];
  size_t count;
  char *err;
  size_t err_len;
};

static int complain(const struct words *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int complain(const struct words *w, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(w->err, w->err_len, format, args);
  va_end(args);
  return -1;
}

/* The i-th word of the line; "" beyond the last. */
static const char *word(const struct words *w, size_t i) {
  return i < w->count ? w->at[i] : "";
}

const char *arch_name(enum mmu_arch arch) {
  static const char *const name[] = {"x86", "arm", "riscv"};
  return name[arch];
}

static int number(const struct words *w, const char *text, uint64_t *out) {
  const bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  char *end;
  errno = 0;
  *out = 0;
  if (text[0] >= '0' && text[0] <= '9') {
    *out = strtoull(text, &end, hex ? 16 : 10);
    if (errno == 0 && *end == '\0' && end != text + (hex ? 2 : 0)) return 0;
  }
  return complain(w, "\"%s\" is not a number; write decimal or 0x hexadecimal, up to 64 bits",
                  text);
}

static int word_count(const struct words *w, size_t least, size_t most, const char *form) {
  if (w->count >= least && w->count <= most) return 0;
  return complain(w, "expected: %s", form);
}

static int parse_case(const struct words *w, struct statement *s) {
  if (word_count(w, 2, 2, "case NAME (one word)") != 0) return -1;
  if (strlen(word(w, 1)) >= STATEMENT_NAME)
    return complain(w, "the case's name is longer than %d characters", STATEMENT_NAME - 1);
  s->kind = STATEMENT_CASE;
  snprintf(s->name, sizeof s->name, "%s", word(w, 1));
  return 0;
}

static int parse_arch(const struct words *w, struct statement *s) {
  if (word_count(w, 2, 2, "arch x86|arm|riscv") != 0) return -1;
  s->kind = STATEMENT_ARCH;
  for (int a = 0; a < MMU_ARCH_COUNT; a++) {
    s->arch = (enum mmu_arch)a;
    if (strcmp(word(w, 1), arch_name(s->arch)) == 0) return 0;
  }
  return complain(w, "unknown architecture \"%s\"; known: x86 arm riscv", word(w, 1));
}

static int parse_mem(const struct words *w, struct statement *s) {
  if (word_count(w, 3, MAX_WORDS, "mem ADDRESS VALUE [VALUE ...], at most 64 words") != 0 ||
      number(w, word(w, 1), &s->addr) != 0)
    return -1;
  if ((s->addr & 7) != 0)
    return complain(w, "the address %s is not a multiple of 8; memory is written in 64-bit words",
                    word(w, 1));
  s->kind = STATEMENT_MEM;
  s->count = w->count - 2;
  for (size_t i = 0; i < s->count; i++)
    if (number(w, word(w, i + 2), &s->value[i]) != 0) return -1;
  s->last = s->addr + 8 * s->count - 1;
  if (s->last >> 52 != 0) return complain(w, "physical memory ends at 0xfffffffffffff (52 bits)");
  return 0;
}

static int parse_error(const struct words *w, struct statement *s) {
  static const char *const kind[] = {"none", "bus", "noatomic", "parity"};
  if (word_count(w, 3, 4, "error FIRST [LAST] bus|parity|noatomic|none") != 0 ||
      number(w, word(w, 1), &s->addr) != 0)
    return -1;
  s->kind = STATEMENT_ERROR;
  s->last = s->addr | 7;
  if (w->count == 4 && number(w, word(w, 2), &s->last) != 0) return -1;
  if (s->last < s->addr) return complain(w, "the range ends before it starts");
  for (size_t i = 0; i < 4; i++) {
    s->error = (enum mmu_mem_error)i;
    if (strcmp(word(w, w->count - 1), kind[i]) == 0) return 0;
  }
  return complain(w, "unknown memory error \"%s\"; known: bus parity noatomic none",
                  word(w, w->count - 1));
}

static int parse_memory(const struct words *w, struct statement *s) {
  static const char form[] = "memory cached, or memory uncached [CYCLES] (1 to 1000)";
  s->kind = STATEMENT_MEMORY;
  s->cycles = 1;
  if (w->count == 2 && strcmp(word(w, 1), "cached") == 0) {
    s->cached = true;
    return 0;
  }
  if (w->count < 2 || w->count > 3 || strcmp(word(w, 1), "uncached") != 0)
    return complain(w, "expected: %s", form);
  uint64_t cycles = 1;
  if (w->count == 3 && number(w, word(w, 2), &cycles) != 0) return -1;
  if (cycles < 1 || cycles > 1000) return complain(w, "expected: %s", form);
  s->cycles = (uint32_t)cycles;
  return 0;
}

static int parse_stage2(const struct words *w, struct statement *s) {
  s->kind = STATEMENT_STAGE2;
  if (w->count == 2 && strcmp(word(w, 1), "off") == 0) return 0;
  s->s2_mode = MMU_S2_PASS;
  if (w->count == 2 && strcmp(word(w, 1), "pass") == 0) return 0;
  return complain(w, "expected: stage2 off|pass (tables of a second stage are not modelled yet)");
}

static int parse_option(const struct words *w, struct statement *s, enum mmu_arch arch,
                        const char *text) {
  uint64_t insn;
  if (strcmp(text, "implicit") == 0 && arch == MMU_ARCH_X86) {
    s->access.implicit_sup = true;
  } else if (strcmp(text, "hlvx") == 0 && arch == MMU_ARCH_RISCV) {
    s->access.exec_as_read = true;
  } else if (strcmp(text, "cacheop") == 0) {
    s->access.op = MMU_OP_CACHE;
  } else if (strcmp(text, "at") == 0) {
    s->access.op = MMU_OP_TRANSLATE;
  } else if (strncmp(text, "insn=", 5) == 0) {
    if (number(w, text + 5, &insn) != 0) return -1;
    if (insn >> 32 != 0) return complain(w, "insn= takes 32 bits");
    s->access.insn = (uint32_t)insn;
  } else {
    return complain(w,
                    "unknown option \"%s\"; known: cacheop at insn=BITS, implicit (x86), hlvx "
                    "(riscv)",
                    text);
  }
  return 0;
}

static int parse_privilege(const struct words *w, struct statement *s) {
  static const char *const user[] = {"user", "cpl3", "el0", "u"};
  static const char *const supervisor[] = {"supervisor", "cpl0", "el1", "s"};
  for (size_t i = 0; i < 4; i++) {
    s->priv = MMU_USER;
    if (strcmp(word(w, 1), user[i]) == 0) return 0;
    s->priv = MMU_SUPERVISOR;
    if (strcmp(word(w, 1), supervisor[i]) == 0) return 0;
  }
  return complain(w, "unknown privilege \"%s\"; known: user supervisor (cpl3 cpl0 el0 el1 u s)",
                  word(w, 1));
}

static int parse_access(const struct words *w, struct statement *s, enum mmu_arch arch,
                        enum mmu_access_kind kind) {
  static const char form[] = "read|write|fetch|rmw user|supervisor ADDRESS [BYTES] [OPTION ...]";
  uint64_t bytes = kind == MMU_FETCH ? 4 : 8;
  if (word_count(w, 3, 8, form) != 0 || parse_privilege(w, s) != 0 ||
      number(w, word(w, 2), &s->addr) != 0)
    return -1;
  s->kind = STATEMENT_ACCESS;
  s->access.kind = (uint8_t)kind;
  size_t i = 3;
  if (i < w->count && word(w, i)[0] >= '0' && word(w, i)[0] <= '9') {
    if (number(w, word(w, i++), &bytes) != 0) return -1;
  }
  while (s->access.size < 7 && UINT64_C(1) << s->access.size != bytes)
    s->access.size++;
  if (s->access.size > 6) return complain(w, "an access has 1, 2, 4, 8, 16, 32 or 64 bytes");
  for (; i < w->count; i++)
    if (parse_option(w, s, arch, word(w, i)) != 0) return -1;
  if ((s->addr & 0xfff) + bytes > 0x1000)
    return complain(w, "the access crosses a page; write it as two accesses");
  return 0;
}

struct inval_form {
  const char *word, *second;
  enum mmu_arch arch;
  uint8_t kind; /* enum mmu_inval_kind */
  uint8_t addr; /* position of the address among the operands, from 1; 0: none */
  uint8_t asid;
  uint8_t least; /* operands that must be there */
  const char *form;
};

static const struct inval_form inval_forms[] = {
    {"invlpg", NULL, MMU_ARCH_X86, MMU_INV_X86_INVLPG, 1, 0, 1, "invlpg ADDRESS"},
    {"mov", "cr3", MMU_ARCH_X86, MMU_INV_X86_CR3, 0, 0, 0, "mov cr3"},
    {"mov", "cr4.pge", MMU_ARCH_X86, MMU_INV_X86_ALL, 0, 0, 0, "mov cr4.pge"},
    {"invpcid", "0", MMU_ARCH_X86, MMU_INV_X86_PCID_ADDR, 2, 1, 2, "invpcid 0 PCID ADDRESS"},
    {"invpcid", "1", MMU_ARCH_X86, MMU_INV_X86_PCID, 0, 1, 1, "invpcid 1 PCID"},
    {"invpcid", "2", MMU_ARCH_X86, MMU_INV_X86_ALL_GLOBAL, 0, 0, 0, "invpcid 2"},
    {"invpcid", "3", MMU_ARCH_X86, MMU_INV_X86_ALL_PCID, 0, 0, 0, "invpcid 3"},
    {"tlbi", "vmalle1", MMU_ARCH_ARM, MMU_INV_ARM_VMALLE1, 0, 0, 0, "tlbi vmalle1"},
    {"tlbi", "vae1", MMU_ARCH_ARM, MMU_INV_ARM_VAE1, 1, 2, 1, "tlbi vae1 ADDRESS [ASID]"},
    {"tlbi", "vale1", MMU_ARCH_ARM, MMU_INV_ARM_VALE1, 1, 2, 1, "tlbi vale1 ADDRESS [ASID]"},
    {"tlbi", "vaae1", MMU_ARCH_ARM, MMU_INV_ARM_VAAE1, 1, 0, 1, "tlbi vaae1 ADDRESS"},
    {"tlbi", "vaale1", MMU_ARCH_ARM, MMU_INV_ARM_VAALE1, 1, 0, 1, "tlbi vaale1 ADDRESS"},
    {"tlbi", "aside1", MMU_ARCH_ARM, MMU_INV_ARM_ASIDE1, 0, 1, 0, "tlbi aside1 [ASID]"},
};

static int parse_sfence(const struct words *w, struct statement *s) {
  if (word_count(w, 1, 3, "sfence.vma [ADDRESS|x0 [ASID|x0]]") != 0) return -1;
  const bool addr = w->count > 1 && strcmp(word(w, 1), "x0") != 0;
  const bool asid = w->count > 2 && strcmp(word(w, 2), "x0") != 0;
  uint64_t id = 0;
  if (addr && number(w, word(w, 1), &s->inval.addr) != 0) return -1;
  if (asid && number(w, word(w, 2), &id) != 0) return -1;
  if (id > 0xffff) return complain(w, "an ASID has 16 bits");
  s->kind = STATEMENT_INVAL;
  s->has_asid = true;
  s->inval.asid = (uint16_t)id;
  if (addr)
    s->inval.kind = asid ? MMU_INV_RISCV_ADDR_ASID : MMU_INV_RISCV_ADDR;
  else
    s->inval.kind = asid ? MMU_INV_RISCV_ASID : MMU_INV_RISCV_ALL;
  return 0;
}

static int parse_inval(const struct words *w, struct statement *s, const struct inval_form *f) {
  const size_t first = f->second != NULL ? 2 : 1;
  const size_t operands = w->count - first;
  const size_t most = f->addr > f->asid ? f->addr : f->asid;
  uint64_t id = 0;
  if (operands < f->least || operands > most) return complain(w, "expected: %s", f->form);
  if (f->addr != 0 && number(w, word(w, first + f->addr - 1), &s->inval.addr) != 0) return -1;
  s->has_asid = f->asid != 0 && operands >= f->asid;
  if (s->has_asid && number(w, word(w, first + f->asid - 1), &id) != 0) return -1;
  if (id > (f->arch == MMU_ARCH_X86 ? 0xfffu : 0xffffu))
    return complain(w, "a PCID has 12 bits, an ASID 16");
  s->kind = STATEMENT_INVAL;
  s->inval.asid = (uint16_t)id;
  s->inval.kind = f->kind;
  return 0;
}

/* 1 if the line is an invalidation of this architecture (parsed, or complained about). */
static int try_inval(const struct words *w, struct statement *s, enum mmu_arch arch, int *rc) {
  bool known = false;
  if (strcmp(word(w, 0), "sfence.vma") == 0 && arch == MMU_ARCH_RISCV) {
    *rc = parse_sfence(w, s);
    return 1;
  }
  for (size_t i = 0; i < sizeof inval_forms / sizeof inval_forms[0]; i++) {
    const struct inval_form *f = &inval_forms[i];
    if (f->arch != arch || strcmp(word(w, 0), f->word) != 0) continue;
    known = true;
    if (f->second != NULL && (w->count < 2 || strcmp(word(w, 1), f->second) != 0)) continue;
    *rc = parse_inval(w, s, f);
    return 1;
  }
  if (known)
    *rc = complain(w, "unknown form of %s; docs/translate.md lists the invalidations", word(w, 0));
  return known;
}

static int parse_reg(const struct words *w, struct statement *s, enum mmu_arch arch) {
  struct sysregs probe;
  sysregs_reset(&probe, arch);
  const int known = strlen(word(w, 0)) < STATEMENT_NAME ? sysregs_set(&probe, word(w, 0), 0) : -1;
  if (known != 0)
    return complain(w,
                    "unknown word \"%s\"; statements: case arch mem error memory stage2 read write "
                    "fetch rmw, invalidations; registers of %s: %s",
                    word(w, 0), arch_name(arch), sysregs_names(arch));
  if (w->count != 2) return complain(w, "expected: %s VALUE", word(w, 0));
  if (number(w, word(w, 1), &s->value[0]) != 0) return -1;
  if (sysregs_set(&probe, word(w, 0), s->value[0]) != 0)
    return complain(w, "%s does not fit %s", word(w, 1), word(w, 0));
  s->kind = STATEMENT_REG;
  snprintf(s->name, sizeof s->name, "%s", word(w, 0));
  return 0;
}

static int split(char *line, struct words *w) {
  static const char blank[] = " \t\r\n";
  char *comment = strchr(line, '#');
  char *rest = NULL;
  if (comment != NULL) *comment = '\0';
  for (char *next = strtok_r(line, blank, &rest); next != NULL;
       next = strtok_r(NULL, blank, &rest)) {
    if (w->count == MAX_WORDS) return complain(w, "more than %d words in a line", MAX_WORDS);
    w->at[w->count++] = next;
  }
  return 0;
}

int statement_parse(char *line, enum mmu_arch arch, struct statement *s, char *err,
                    size_t err_len) {
  static const char *const kinds[] = {"read", "write", "fetch", "rmw"};
  struct words w = {.err = err, .err_len = err_len};
  const unsigned at = s->line;
  *s = (struct statement){.kind = STATEMENT_NONE, .line = at};
  if (split(line, &w) != 0) return -1;
  if (w.count == 0) return 0;
  if (strcmp(word(&w, 0), "case") == 0) return parse_case(&w, s);
  if (strcmp(word(&w, 0), "arch") == 0) return parse_arch(&w, s);
  if (strcmp(word(&w, 0), "mem") == 0) return parse_mem(&w, s);
  if (strcmp(word(&w, 0), "error") == 0) return parse_error(&w, s);
  if (strcmp(word(&w, 0), "memory") == 0) return parse_memory(&w, s);
  if (arch == MMU_ARCH_COUNT)
    return complain(&w, "the architecture is not known yet; start with arch x86|arm|riscv");
  if (strcmp(word(&w, 0), "stage2") == 0) return parse_stage2(&w, s);
  for (int i = 0; i < 4; i++)
    if (strcmp(word(&w, 0), kinds[i]) == 0)
      return parse_access(&w, s, arch, (enum mmu_access_kind)i);
  int rc = 0;
  if (try_inval(&w, s, arch, &rc)) return rc;
  return parse_reg(&w, s, arch);
}

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
#include "translate/words.h"

const char *arch_name(enum mmu_arch arch) {
  static const char *const name[] = {"x86", "arm", "riscv"};
  return name[arch];
}

static int parse_case(const struct words *w, struct statement *s) {
  if (words_expect(w, 2, 2, "case NAME (one word)") != 0) return -1;
  if (strlen(words_at(w, 1)) >= STATEMENT_NAME)
    return words_complain(w, "the case's name is longer than %d characters", STATEMENT_NAME - 1);
  s->kind = STATEMENT_CASE;
  snprintf(s->name, sizeof s->name, "%s", words_at(w, 1));
  return 0;
}

static int parse_arch(const struct words *w, struct statement *s) {
  if (words_expect(w, 2, 2, "arch x86|arm|riscv") != 0) return -1;
  s->kind = STATEMENT_ARCH;
  for (int a = 0; a < MMU_ARCH_COUNT; a++) {
    s->arch = (enum mmu_arch)a;
    if (strcmp(words_at(w, 1), arch_name(s->arch)) == 0) return 0;
  }
  return words_complain(w, "unknown architecture \"%s\"; known: x86 arm riscv", words_at(w, 1));
}

static int parse_mem(const struct words *w, struct statement *s) {
  if (words_expect(w, 3, WORDS_MOST, "mem ADDRESS VALUE [VALUE ...], at most 64 words") != 0 ||
      words_number(w, words_at(w, 1), &s->addr) != 0)
    return -1;
  if ((s->addr & 7) != 0)
    return words_complain(
        w, "the address %s is not a multiple of 8; memory is written in 64-bit words",
        words_at(w, 1));
  s->kind = STATEMENT_MEM;
  s->count = w->count - 2;
  for (size_t i = 0; i < s->count; i++)
    if (words_number(w, words_at(w, i + 2), &s->value[i]) != 0) return -1;
  s->last = s->addr + 8 * s->count - 1;
  if (s->last >> 52 != 0)
    return words_complain(w, "physical memory ends at 0xfffffffffffff (52 bits)");
  return 0;
}

static int parse_error(const struct words *w, struct statement *s) {
  static const char *const kind[] = {"none", "bus", "noatomic", "parity"};
  if (words_expect(w, 3, 4, "error FIRST [LAST] bus|parity|noatomic|none") != 0 ||
      words_number(w, words_at(w, 1), &s->addr) != 0)
    return -1;
  s->kind = STATEMENT_ERROR;
  s->last = s->addr | 7;
  if (w->count == 4 && words_number(w, words_at(w, 2), &s->last) != 0) return -1;
  if (s->last < s->addr) return words_complain(w, "the range ends before it starts");
  for (size_t i = 0; i < 4; i++) {
    s->error = (enum mmu_mem_error)i;
    if (strcmp(words_at(w, w->count - 1), kind[i]) == 0) return 0;
  }
  return words_complain(w, "unknown memory error \"%s\"; known: bus parity noatomic none",
                        words_at(w, w->count - 1));
}

static int parse_memory(const struct words *w, struct statement *s) {
  static const char form[] = "memory cached, or memory uncached [CYCLES] (1 to 1000)";
  s->kind = STATEMENT_MEMORY;
  s->cycles = 1;
  if (w->count == 2 && strcmp(words_at(w, 1), "cached") == 0) {
    s->cached = true;
    return 0;
  }
  if (w->count < 2 || w->count > 3 || strcmp(words_at(w, 1), "uncached") != 0)
    return words_complain(w, "expected: %s", form);
  uint64_t cycles = 1;
  if (w->count == 3 && words_number(w, words_at(w, 2), &cycles) != 0) return -1;
  if (cycles < 1 || cycles > 1000) return words_complain(w, "expected: %s", form);
  s->cycles = (uint32_t)cycles;
  return 0;
}

static int parse_stage2(const struct words *w, struct statement *s, enum mmu_arch arch) {
  static const struct {
    const char *word;
    enum mmu_s2_mode mode[MMU_ARCH_COUNT]; /* MMU_S2_OFF: not of this architecture */
  } modes[] = {{"pass", {MMU_S2_PASS, MMU_S2_PASS, MMU_S2_PASS}},
               {"ept", {MMU_S2_EPT, MMU_S2_OFF, MMU_S2_OFF}},
               {"npt", {MMU_S2_NPT, MMU_S2_OFF, MMU_S2_OFF}},
               {"on", {MMU_S2_OFF, MMU_S2_ARM, MMU_S2_RISCV}}};
  s->kind = STATEMENT_STAGE2;
  if (w->count == 2 && strcmp(words_at(w, 1), "off") == 0) return 0;
  for (size_t i = 0; w->count == 2 && i < sizeof modes / sizeof modes[0]; i++) {
    s->s2_mode = modes[i].mode[arch];
    if (strcmp(words_at(w, 1), modes[i].word) == 0 && s->s2_mode != MMU_S2_OFF) return 0;
  }
  return words_complain(w, "expected: stage2 %s",
                        arch == MMU_ARCH_X86 ? "off|pass|ept|npt" : "off|pass|on");
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
    if (words_number(w, text + 5, &insn) != 0) return -1;
    if (insn >> 32 != 0) return words_complain(w, "insn= takes 32 bits");
    s->access.insn = (uint32_t)insn;
  } else {
    return words_complain(
        w,
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
    if (strcmp(words_at(w, 1), user[i]) == 0) return 0;
    s->priv = MMU_SUPERVISOR;
    if (strcmp(words_at(w, 1), supervisor[i]) == 0) return 0;
  }
  return words_complain(w,
                        "unknown privilege \"%s\"; known: user supervisor (cpl3 cpl0 el0 el1 u s)",
                        words_at(w, 1));
}

static int parse_access(const struct words *w, struct statement *s, enum mmu_arch arch,
                        enum mmu_access_kind kind) {
  static const char form[] = "read|write|fetch|rmw user|supervisor ADDRESS [BYTES] [OPTION ...]";
  uint64_t bytes = kind == MMU_FETCH ? 4 : 8;
  if (words_expect(w, 3, 8, form) != 0 || parse_privilege(w, s) != 0 ||
      words_number(w, words_at(w, 2), &s->addr) != 0)
    return -1;
  s->kind = STATEMENT_ACCESS;
  s->access.kind = (uint8_t)kind;
  size_t i = 3;
  if (i < w->count && words_at(w, i)[0] >= '0' && words_at(w, i)[0] <= '9') {
    if (words_number(w, words_at(w, i++), &bytes) != 0) return -1;
  }
  while (s->access.size < 7 && UINT64_C(1) << s->access.size != bytes)
    s->access.size++;
  if (s->access.size > 6) return words_complain(w, "an access has 1, 2, 4, 8, 16, 32 or 64 bytes");
  for (; i < w->count; i++)
    if (parse_option(w, s, arch, words_at(w, i)) != 0) return -1;
  if ((s->addr & 0xfff) + bytes > 0x1000)
    return words_complain(w, "the access crosses a page; write it as two accesses");
  return 0;
}

static int parse_reg(const struct words *w, struct statement *s, enum mmu_arch arch) {
  struct sysregs probe;
  sysregs_reset(&probe, arch);
  const int known =
      strlen(words_at(w, 0)) < STATEMENT_NAME ? sysregs_set(&probe, words_at(w, 0), 0) : -1;
  if (known != 0)
    return words_complain(
        w,
        "unknown word \"%s\"; statements: case arch mem error memory stage2 read write "
        "fetch rmw, invalidations; registers of %s: %s",
        words_at(w, 0), arch_name(arch), sysregs_names(arch));
  if (w->count != 2) return words_complain(w, "expected: %s VALUE", words_at(w, 0));
  if (words_number(w, words_at(w, 1), &s->value[0]) != 0) return -1;
  if (sysregs_set(&probe, words_at(w, 0), s->value[0]) != 0)
    return words_complain(w, "%s does not fit %s", words_at(w, 1), words_at(w, 0));
  s->kind = STATEMENT_REG;
  snprintf(s->name, sizeof s->name, "%s", words_at(w, 0));
  return 0;
}

int statement_parse(char *line, enum mmu_arch arch, struct statement *s, char *err,
                    size_t err_len) {
  static const char *const kinds[] = {"read", "write", "fetch", "rmw"};
  struct words w = {.err = err, .err_len = err_len};
  const unsigned at = s->line;
  *s = (struct statement){.kind = STATEMENT_NONE, .line = at};
  if (words_split(line, &w) != 0) return -1;
  if (w.count == 0) return 0;
  if (strcmp(words_at(&w, 0), "case") == 0) return parse_case(&w, s);
  if (strcmp(words_at(&w, 0), "arch") == 0) return parse_arch(&w, s);
  if (strcmp(words_at(&w, 0), "mem") == 0) return parse_mem(&w, s);
  if (strcmp(words_at(&w, 0), "error") == 0) return parse_error(&w, s);
  if (strcmp(words_at(&w, 0), "memory") == 0) return parse_memory(&w, s);
  if (arch == MMU_ARCH_COUNT)
    return words_complain(&w, "the architecture is not known yet; start with arch x86|arm|riscv");
  if (strcmp(words_at(&w, 0), "stage2") == 0) return parse_stage2(&w, s, arch);
  for (int i = 0; i < 4; i++)
    if (strcmp(words_at(&w, 0), kinds[i]) == 0)
      return parse_access(&w, s, arch, (enum mmu_access_kind)i);
  int rc = 0;
  if (inval_parse(&w, s, arch, &rc)) return rc;
  return parse_reg(&w, s, arch);
}

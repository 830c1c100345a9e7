/* SPDX-License-Identifier: Apache-2.0
 * One line of a translate file as a statement. The language is specified in docs/translate.md. */
#ifndef COWALK_TRANSLATE_PARSE_H
#define COWALK_TRANSLATE_PARSE_H

#include <stddef.h>
#include <stdint.h>

#include "backend/mmu.h"

enum { STATEMENT_WORDS = 64, STATEMENT_NAME = 128 };

enum statement_kind {
  STATEMENT_NONE,   /* blank or comment */
  STATEMENT_CASE,   /* name */
  STATEMENT_ARCH,   /* arch */
  STATEMENT_REG,    /* name, value[0] */
  STATEMENT_MEM,    /* addr, value[count] */
  STATEMENT_ERROR,  /* addr, last, error */
  STATEMENT_MEMORY, /* cached, or uncached with `cycles` */
  STATEMENT_STAGE2, /* s2_mode */
  STATEMENT_ACCESS, /* addr, access, priv */
  STATEMENT_INVAL   /* inval; has_asid, has_vmid if they were given, else the current ones */
};

struct statement {
  enum statement_kind kind;
  unsigned line;
  uint64_t addr, last;
  uint64_t value[STATEMENT_WORDS];
  size_t count;
  char name[STATEMENT_NAME];
  enum mmu_arch arch;
  enum mmu_mem_error error;
  enum mmu_s2_mode s2_mode;
  bool cached, has_asid, has_vmid;
  uint32_t cycles;
  enum mmu_priv priv;
  struct mmu_access access;
  struct mmu_inval inval;
};

/* Parse one line (changed in place) for the architecture in force; arch MMU_ARCH_COUNT: none was
 * named yet. 0, or -1 with the complaint and its remedy in err, without file and line. */
int statement_parse(char *line, enum mmu_arch arch, struct statement *s, char *err, size_t err_len);

const char *arch_name(enum mmu_arch arch); /* "x86" "arm" "riscv" */

#endif

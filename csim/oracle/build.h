/* SPDX-License-Identifier: Apache-2.0
 * Lays out the tables of one case: pages of an arena, a stage-1 path, and stage-2 paths for each of
 * its tables, for the final page and for the code. */
#ifndef COWALK_ORACLE_BUILD_H
#define COWALK_ORACLE_BUILD_H

#include "oracle/oracle.h"

enum {
  BUILD_FINAL = ORACLE_HEIGHTS, /* before it: the stage-1 table of each height */
  BUILD_CODE,
  BUILD_QUESTIONS
};
enum { BUILD_PAGES = 96, BUILD_ANY = 255 };

struct oracle_build;

/* Descriptors by architecture; question: BUILD_*. */
struct oracle_format {
  uint64_t (*s2_leaf)(struct oracle_build *b, uint8_t level, uint64_t base, unsigned question);
  uint64_t (*s1_leaf)(struct oracle_build *b, uint8_t level, uint64_t base);
  /* NULL: fuzz_pointer. */
  uint64_t (*s1_pointer)(struct oracle_build *b, uint64_t table);
  uint64_t (*s2_pointer)(struct oracle_build *b, uint64_t table);
  uint8_t s1_block, s2_block; /* greatest heights of a leaf */
};

struct oracle_build {
  struct fuzz_random *r;
  struct oracle_case *c;
  const struct oracle_class *aim;
  enum mmu_arch arch;
  const struct oracle_format *format;
  uint8_t s2_mode; /* x86: MMU_S2_NPT or MMU_S2_EPT */
  bool s1, s2;
  bool wild; /* random descriptors, else good ones */
  uint8_t s1_top, s1_bits, s1_index_bits;
  uint8_t s2_top, s2_bits, s2_index_bits;
  uint8_t ipa_bits; /* addresses between the stages have at most so many */
  uint8_t s1_leaf, s2_leaf;
  /* apart: the addresses between the stages for `question` have their top bit set, all others
   * clear, so that they share no more than the first table of stage 2. */
  bool apart;
  unsigned question;
  uint8_t table_leaf;        /* height of the stage-2 pages that hold tables; BUILD_ANY */
  uint64_t s1_root, s2_root; /* as the registers have them */
  uint64_t s1_root_pa;
  uint64_t va, ipa, pa;           /* of the access */
  uint64_t code_ipa, code_pa;     /* of the page with the guest's code */
  uint64_t s1_at[ORACLE_HEIGHTS]; /* physical addresses of the descriptors of the path; 0: none */
  uint64_t s2_at[BUILD_QUESTIONS][ORACLE_HEIGHTS];
  uint64_t page[BUILD_PAGES];
  unsigned pages;
};

/* `bytes` of the arena, aligned to that; not used before. */
uint64_t build_page(struct oracle_build *b, uint64_t bytes);
void build_word(struct oracle_build *b, uint64_t addr, uint64_t value);
/* An intermediate address for pa, mapped by stage 2 with a page of this height; pa itself without
 * a stage 2. False: no room for it among what is mapped already. */
bool build_map(struct oracle_build *b, uint64_t pa, uint8_t height, unsigned question,
               uint64_t *ipa);
/* The path of the access, for va with these bits above the page (height: s1_leaf). */
bool build_path(struct oracle_build *b);
/* The word of a descriptor; NULL if there is none. */
struct oracle_word *build_at(struct oracle_build *b, uint64_t addr);

#endif

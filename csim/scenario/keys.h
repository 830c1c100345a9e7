/* SPDX-License-Identifier: Apache-2.0
 * The keys of a scenario: where each lives, what it may hold, what it means. For csim/scenario. */
#ifndef COWALK_SCENARIO_KEYS_H
#define COWALK_SCENARIO_KEYS_H

#include "scenario/scenario.h"

enum { SCENARIO_KEYS = 160, SCENARIO_METRICS = 128, SCENARIO_TEXT = 400, SCENARIO_PROGRAMS = 64 };

struct scenario_program {
  uint32_t copies, line; /* line of the file; 0: from the command line */
  char spec[SCENARIO_TEXT];
};

struct scenario {
  struct machine_config machine; /* its arch, os.mode and pointers are set at the end */
  bool arch[MMU_ARCH_COUNT];
  uint32_t riscv_mode; /* index into its choices */
  uint32_t backend;
  uint32_t a_flush, oom_formula;
  bool compaction;
  uint64_t swap_bytes;
  struct os_sysctl sysctl;
  char policy[24], fst[SCENARIO_TEXT];
  char name[64], directory[SCENARIO_TEXT], path[SCENARIO_TEXT];
  uint32_t line;                  /* that is being read; 0: none is */
  uint32_t set_at[SCENARIO_KEYS]; /* by key: the line that gave it; 0: none, or an override */
  struct scenario_program program[SCENARIO_PROGRAMS];
  uint32_t programs;
  uint64_t interval_us; /* of vmstat's lines */
  uint64_t expect[SCENARIO_METRICS], most[SCENARIO_METRICS];
};

enum key_type {
  KEY_U32,
  KEY_U64,
  KEY_SIZE,
  KEY_BOOL,
  KEY_CHOICE,
  KEY_TEXT,
  KEY_POLICY, /* a name of os_policy_name */
  KEY_ARCHS,
  KEY_RATIOS /* OS_RATIOS numbers with commas between */
};

struct key {
  const char *section, *name;
  size_t offset;
  uint64_t min, max; /* numbers; KEY_TEXT, KEY_POLICY: max = room */
  const char *const *choices;
  const char *unit, *meaning;
  enum key_type type;
};

size_t key_count(void);
const struct key *key_at(size_t index);
const struct key *key_find(const char *section, const char *name);
/* Names that it may have, the index-th; NULL past the last, or if it takes none. */
const char *key_choice(const struct key *k, size_t index);
bool key_section_exists(const char *section);
/* false with what is wrong and the remedy in why. */
bool key_parse(struct scenario *s, const struct key *k, const char *text, char *why, size_t len);
void key_print(const struct scenario *s, const struct key *k, char *out, size_t len);

#endif

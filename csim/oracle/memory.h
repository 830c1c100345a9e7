/* SPDX-License-Identifier: Apache-2.0
 * The memory of one case: a few words, the rest of the RAM is 0, and beyond it is a bus error. */
#ifndef COWALK_ORACLE_MEMORY_H
#define COWALK_ORACLE_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/oracle/format.h"

enum { ORACLE_WORDS = 128 };

struct oracle_memory {
  struct oracle_word word[ORACLE_WORDS];
  uint32_t count;
  uint64_t first, last; /* the RAM */
};

bool oracle_in_ram(const struct oracle_memory *m, uint64_t addr);
/* NULL if it is none of the words. */
struct oracle_word *oracle_find(struct oracle_memory *m, uint64_t addr);
/* False: bus error. */
bool oracle_read(const struct oracle_memory *m, uint64_t addr, uint64_t *value);
/* Adds the word if it is new; false: bus error, or too many words. */
bool oracle_write(struct oracle_memory *m, uint64_t addr, uint64_t value);

#endif

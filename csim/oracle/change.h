/* SPDX-License-Identifier: Apache-2.0
 * How two predictions of one case differ. */
#ifndef COWALK_ORACLE_CHANGE_H
#define COWALK_ORACLE_CHANGE_H

#include "oracle/oracle.h"

/* The same one takes it, and the registers differ in these bits of the first one only. */
static inline bool oracle_only_bits(const struct oracle_expected *a,
                                    const struct oracle_expected *b, uint64_t bits) {
  const struct oracle_outcome *x = &a->outcome, *y = &b->outcome;
  return x->taker == y->taker && ((x->reg[0] ^ y->reg[0]) & ~bits) == 0 && x->reg[1] == y->reg[1] &&
         x->reg[2] == y->reg[2] && x->reg[3] == y->reg[3];
}

/* The bits in which their memories differ, of all words. */
static inline uint64_t oracle_memory_bits(const struct oracle_expected *a,
                                          const struct oracle_expected *b) {
  uint64_t bits = 0;
  for (uint32_t i = 0; i < a->outcome.memory.count && i < b->outcome.memory.count; i++)
    bits |= a->outcome.memory.word[i].value ^ b->outcome.memory.word[i].value;
  return bits;
}

static inline bool oracle_ends(const struct oracle_expected *e, uint8_t where, uint8_t cause) {
  return e->class.where == where && e->class.cause == cause;
}

#endif

// SPDX-License-Identifier: Apache-2.0
// Counting of contract checks and breaks, and the two descriptor bits that the checks read.
// Follows SDM vol. 3 4.8 (A bit 5, D bit 6), Arm ARM D8.5 (AF bit 10, AP[2] bit 7 set is clean),
// RISC-V privileged 12.3.1 (A bit 6, D bit 7).
// Promises: the first break of each kind is kept word for word.
#include "observer/contract.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
  const char *name, *label;
} names[CONTRACT_COUNT] = {
    [CONTRACT_DATA] = {"no_lost_data", "accesses find the program's own data"},
    [CONTRACT_STALE] = {"no_stale_translation", "no access through a stale translation"},
    [CONTRACT_FRAME] = {"no_frame_twice", "no frame serves two pages"},
    [CONTRACT_A] = {"no_lost_accessed", "no fill whose leaf lacks A"},
    [CONTRACT_D] = {"no_lost_dirty", "no store whose leaf lacks D"},
    [CONTRACT_SYNDROME] = {"syndrome_is_cause", "syndromes decode to the walker's cause"},
    [CONTRACT_WATERMARK] = {"watermarks", "reclaim starts when the watermarks say so"},
    [CONTRACT_OS_CHECK] = {"os_books", "the OS model's books are consistent"},
    [CONTRACT_LEDGER] = {"ledger", "every cycle is in exactly one account"},
};

const char *contract_name(enum contract k) {
  return names[k].name;
}

const char *contract_label(enum contract k) {
  return names[k].label;
}

void contract_break(struct contracts *c, enum contract k, const char *format, ...) {
  struct contract_record *r = &c->record[k];
  if (r->broken++ != 0) return;
  va_list args;
  va_start(args, format);
  vsnprintf(r->first, sizeof r->first, format, args);
  va_end(args);
}

uint64_t contract_breaks(const struct contracts *c) {
  uint64_t sum = 0;
  for (int k = 0; k < CONTRACT_COUNT; k++)
    sum += c->record[k].broken;
  return sum;
}

bool contract_leaf_accessed(enum mmu_arch arch, uint64_t leaf) {
  static const unsigned bit[MMU_ARCH_COUNT] = {5, 10, 6};
  return (leaf >> bit[arch]) & 1;
}

bool contract_leaf_dirty(enum mmu_arch arch, uint64_t leaf) {
  if (arch == MMU_ARCH_ARM) return ((leaf >> 7) & 1) == 0;
  return (leaf >> (arch == MMU_ARCH_X86 ? 6 : 7)) & 1;
}

/* SPDX-License-Identifier: Apache-2.0
 * The memory of one case. */
#include "oracle/memory.h"

#include <stddef.h>

bool oracle_in_ram(const struct oracle_memory *m, uint64_t addr) {
  return addr >= m->first && addr <= m->last;
}

struct oracle_word *oracle_find(struct oracle_memory *m, uint64_t addr) {
  for (uint32_t i = 0; i < m->count; i++)
    if (m->word[i].addr == addr) return &m->word[i];
  return NULL;
}

bool oracle_read(const struct oracle_memory *m, uint64_t addr, uint64_t *value) {
  *value = 0;
  if (!oracle_in_ram(m, addr)) return false;
  for (uint32_t i = 0; i < m->count; i++)
    if (m->word[i].addr == addr) *value = m->word[i].value;
  return true;
}

bool oracle_write(struct oracle_memory *m, uint64_t addr, uint64_t value) {
  struct oracle_word *w = oracle_find(m, addr);
  if (w == NULL) {
    if (!oracle_in_ram(m, addr) || m->count == ORACLE_WORDS) return false;
    w = &m->word[m->count++];
    w->addr = addr;
  }
  w->value = value;
  return true;
}

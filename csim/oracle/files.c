/* SPDX-License-Identifier: Apache-2.0
 * Cases and results as files. Promise: what is read has been checked for its size. */
#include "oracle/files.h"

#include <string.h>

#include "oracle/oracle.h"

static int put(FILE *f, const void *data, size_t bytes) {
  return fwrite(data, bytes, 1, f) == 1 ? 0 : -1;
}

static int get(FILE *f, void *data, size_t bytes) {
  return bytes == 0 || fread(data, bytes, 1, f) == 1 ? 0 : -1;
}

int oracle_write_head(FILE *f, enum mmu_arch arch, uint32_t cases) {
  struct oracle_file_head h = {.magic = ORACLE_MAGIC, .arch = (uint32_t)arch, .cases = cases};
  return put(f, &h, sizeof h);
}

int oracle_read_head(FILE *f, enum mmu_arch arch, uint32_t *cases) {
  struct oracle_file_head h;
  if (get(f, &h, sizeof h) != 0 || h.magic != ORACLE_MAGIC || h.arch != (uint32_t)arch) return -1;
  *cases = h.cases;
  return 0;
}

int oracle_write_case(FILE *f, uint32_t index, const struct oracle_case *c) {
  struct oracle_case_head h = {.index = index, .words = c->memory.count, .door = c->door};
  memcpy(h.reg, c->reg, sizeof h.reg);
  if (put(f, &h, sizeof h) != 0) return -1;
  return put(f, c->memory.word, c->memory.count * sizeof c->memory.word[0]);
}

int oracle_read_case(FILE *f, const struct oracle_arch *arch, struct oracle_case *c) {
  struct oracle_case_head h;
  if (get(f, &h, sizeof h) != 0 || h.words > ORACLE_WORDS) return -1;
  *c = (struct oracle_case){.door = h.door};
  memcpy(c->reg, h.reg, sizeof h.reg);
  c->memory.first = arch->ram;
  c->memory.last = arch->ram + arch->ram_bytes - 1;
  c->memory.count = h.words;
  return get(f, c->memory.word, h.words * sizeof c->memory.word[0]);
}

static int read_raw(FILE *f, uint32_t index, const struct oracle_case *c, struct oracle_raw *raw) {
  const uint32_t words = c->memory.count;
  if (get(f, &raw->head, sizeof raw->head) != 0) return -1;
  if (raw->head.index != index || raw->head.words != words) return -1;
  return get(f, raw->value, words * sizeof raw->value[0]);
}

static void mix(const struct oracle_case *c, struct oracle_raw *raw) {
  for (uint32_t i = 0; i < c->memory.count; i++)
    raw->value[i] ^= c->memory.word[i].value;
}

/* One 64-bit word: which of its bytes are not 0, then those. */
static int get_packed(FILE *f, uint64_t *value) {
  int mask = getc(f);
  if (mask == EOF) return -1;
  *value = 0;
  for (unsigned i = 0; i < 8; i++) {
    if (!(mask >> i & 1)) continue;
    int byte = getc(f);
    if (byte == EOF) return -1;
    *value |= (uint64_t)byte << (8 * i);
  }
  return 0;
}

static int read_packed(FILE *f, uint32_t index, const struct oracle_case *c,
                       struct oracle_raw *raw) {
  uint64_t head[sizeof raw->head / 8] = {0};
  for (size_t i = 0; i < sizeof head / sizeof head[0]; i++)
    if (get_packed(f, &head[i]) != 0) return -1;
  memcpy(&raw->head, head, sizeof head);
  if (raw->head.index != index || raw->head.words != c->memory.count) return -1;
  for (uint32_t i = 0; i < c->memory.count; i++)
    if (get_packed(f, &raw->value[i]) != 0) return -1;
  mix(c, raw);
  return 0;
}

int oracle_read_result(FILE *f, const struct oracle_arch *arch, uint32_t index,
                       const struct oracle_case *c, struct oracle_raw *raw) {
  return arch->packed ? read_packed(f, index, c, raw) : read_raw(f, index, c, raw);
}

void oracle_observe(const struct oracle_arch *arch, const struct oracle_case *c,
                    const struct oracle_raw *raw, struct oracle_outcome *seen) {
  *seen = (struct oracle_outcome){.memory = c->memory};
  for (uint32_t i = 0; i < c->memory.count; i++)
    seen->memory.word[i].value = raw->value[i];
  arch->observe(c, raw->head.out, seen);
}

int oracle_write_raw(FILE *f, uint32_t index, const struct oracle_case *c,
                     const struct oracle_raw *raw) {
  struct oracle_raw kept = *raw;
  kept.head.index = index;
  mix(c, &kept);
  if (put(f, &kept.head, sizeof kept.head) != 0) return -1;
  return put(f, kept.value, c->memory.count * sizeof kept.value[0]);
}

int oracle_read_kept(FILE *f, uint32_t index, const struct oracle_case *c, struct oracle_raw *raw) {
  int status = read_raw(f, index, c, raw);
  if (status == 0) mix(c, raw);
  return status;
}

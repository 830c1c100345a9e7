/* SPDX-License-Identifier: Apache-2.0
 * Bins: where x cause x level x kind of access x door x regime, those that are possible. */
#include "oracle/bins.h"

#include <stdlib.h>

enum { CAUSES = MMU_CAUSE_COUNT };
enum {
  ALL = ORACLE_WHERES * CAUSES * ORACLE_HEIGHTS * ORACLE_KINDS * ORACLE_DOORS * ORACLE_REGIMES
};

struct oracle_bins {
  const struct oracle_arch *arch;
  uint32_t count;
  uint32_t bin_of[ALL]; /* 1 + number of the bin; 0: impossible */
  uint32_t key_of[ALL];
  uint32_t cases[ALL];
};

static const char *const where_names[ORACLE_WHERES] = {"done", "stage 1", "stage 2, table",
                                                       "stage 2, update", "stage 2, access"};
static const char *const cause_names[CAUSES] = {
    "none",       "not present",  "reserved",      "permission", "access flag",
    "dirty flag", "address size", "non-canonical", "root size",  "root disabled",
    "bus",        "no atomic",    "parity",        "key"};
static const char *const kind_names[ORACLE_KINDS] = {"read", "write", "fetch", "rmw"};
static const char *const door_names[ORACLE_DOORS] = {"user", "supervisor", "for the user",
                                                     "for the supervisor"};
static const char *const regime_names[ORACLE_REGIMES] = {"stage 1", "stage 2", "both"};

static uint32_t key(const struct oracle_class *k) {
  uint32_t n = k->where;
  n = n * CAUSES + k->cause;
  n = n * ORACLE_HEIGHTS + k->level;
  n = n * ORACLE_KINDS + k->kind;
  n = n * ORACLE_DOORS + k->door;
  return n * ORACLE_REGIMES + k->regime;
}

static struct oracle_class class_of(uint32_t n) {
  struct oracle_class k = {0};
  k.regime = (uint8_t)(n % ORACLE_REGIMES);
  n /= ORACLE_REGIMES;
  k.door = (uint8_t)(n % ORACLE_DOORS);
  n /= ORACLE_DOORS;
  k.kind = (uint8_t)(n % ORACLE_KINDS);
  n /= ORACLE_KINDS;
  k.level = (uint8_t)(n % ORACLE_HEIGHTS);
  n /= ORACLE_HEIGHTS;
  k.cause = (uint8_t)(n % CAUSES);
  k.where = (uint8_t)(n / CAUSES);
  return k;
}

struct oracle_bins *oracle_bins_new(const struct oracle_arch *arch) {
  struct oracle_bins *b = calloc(1, sizeof *b);
  if (b == NULL) return NULL;
  b->arch = arch;
  for (uint32_t n = 0; n < ALL; n++) {
    struct oracle_class k = class_of(n);
    if (!arch->possible(&k)) continue;
    b->key_of[b->count++] = n;
    b->bin_of[n] = b->count;
  }
  return b;
}

void oracle_bins_free(struct oracle_bins *b) {
  free(b);
}

uint32_t oracle_bins_count(const struct oracle_bins *b) {
  return b->count;
}

struct oracle_class oracle_bins_class(const struct oracle_bins *b, uint32_t bin) {
  return class_of(b->key_of[bin]);
}

bool oracle_bins_same(const struct oracle_class *a, const struct oracle_class *b) {
  return key(a) == key(b);
}

bool oracle_bins_add(struct oracle_bins *b, const struct oracle_class *k) {
  uint32_t bin = b->bin_of[key(k)];
  if (bin == 0) return false;
  b->cases[bin - 1]++;
  return true;
}

void oracle_class_text(const struct oracle_class *k, char *text, size_t size) {
  if (k->where == ORACLE_DONE)
    snprintf(text, size, "done, stage 1 height %u, stage 2 height %u, %s, %s, %s", k->level,
             k->cause, kind_names[k->kind], door_names[k->door], regime_names[k->regime]);
  else
    snprintf(text, size, "%s, %s, height %u, %s, %s, %s", where_names[k->where],
             cause_names[k->cause], k->level, kind_names[k->kind], door_names[k->door],
             regime_names[k->regime]);
}

/* One line for a where and a cause: bins, cases, and the fewest in a bin. */
static uint32_t print_group(const struct oracle_bins *b, unsigned where, unsigned cause,
                            FILE *out) {
  uint32_t bins = 0, empty = 0, least = UINT32_MAX, cases = 0;
  for (uint32_t i = 0; i < b->count; i++) {
    struct oracle_class k = oracle_bins_class(b, i);
    if (k.where != where || (k.where != ORACLE_DONE && k.cause != cause)) continue;
    bins++;
    cases += b->cases[i];
    if (b->cases[i] < least) least = b->cases[i];
    if (b->cases[i] != 0) continue;
    char text[160];
    oracle_class_text(&k, text, sizeof text);
    fprintf(out, "  empty: %s\n", text);
    empty++;
  }
  if (bins != 0)
    fprintf(out, "  %-16s %-14s %5u bins %7u cases, at least %u each\n", where_names[where],
            where == ORACLE_DONE ? "" : cause_names[cause], bins, cases, least);
  return empty;
}

uint32_t oracle_bins_print(const struct oracle_bins *b, FILE *out) {
  uint32_t empty = print_group(b, ORACLE_DONE, 0, out);
  for (unsigned where = ORACLE_STAGE1; where < ORACLE_WHERES; where++)
    for (unsigned cause = 0; cause < CAUSES; cause++)
      empty += print_group(b, where, cause, out);
  fprintf(out, "  %u bins, %u empty\n", b->count, empty);
  return empty;
}

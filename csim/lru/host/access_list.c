/* SPDX-License-Identifier: Apache-2.0 */
#include "lru/host/access_list.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random/splitmix64.h"

enum { HOT = 12288, SCAN = 65536, ROUNDS = 3, ZIPF_PAGES = 98304, ZIPF_ACCESSES = 200000 };
enum { MAX_DIVISOR = 1024 };

/* Each power of two below n gets half as much as the one above it: density about 1/page. */
static uint32_t log_uniform(uint64_t *state, uint32_t n) {
  uint64_t r = splitmix64(state);
  unsigned k = 0;
  while (k < 63 && (r >> k & 1) == 0)
    k++;
  uint32_t m = k > 30 ? 0 : n >> k;
  return splitmix64_below(state, m == 0 ? 1 : m);
}

static uint32_t permuted(uint32_t i, uint32_t n) {
  return (uint32_t)(((uint64_t)i * 40507 + 12345) % n);
}

static void put(struct lru_access_list *l, unsigned op, unsigned cls, uint32_t page) {
  l->record[l->count++] = (uint32_t)op << 29 | (uint32_t)cls << 26 | page;
}

static int op_of(const char *s, size_t n) {
  if (n != 2) return -1;
  if (memcmp(s, "an", 2) == 0) return LRU_ANON_STORE;
  if (memcmp(s, "mm", 2) == 0) return LRU_FILE_LOAD;
  return memcmp(s, "fd", 2) == 0 ? LRU_FILE_PREAD : -1;
}

static void need(struct lru_access_list *l, unsigned op, uint32_t pages) {
  uint32_t *have = op == LRU_ANON_STORE ? &l->anon_pages : &l->file_pages;
  if (*have < pages) *have = pages;
}

static void hot_and_scan(struct lru_access_list *l, unsigned x, unsigned y, uint64_t seed,
                         uint32_t divisor) {
  const uint32_t hot = HOT / divisor;
  const uint32_t scan = SCAN / divisor;
  uint32_t first = (x == LRU_ANON_STORE) == (y == LRU_ANON_STORE) ? hot : 0;
  need(l, x, hot);
  need(l, y, first + scan);
  for (uint32_t i = 0; i < ROUNDS * hot; i++)
    put(l, x, 0, i % hot);
  put(l, LRU_MARK, 0, 1);
  for (uint32_t i = 0; i < scan; i++) {
    put(l, y, 1, first + i);
    put(l, x, 0, splitmix64_below(&seed, hot));
  }
  put(l, LRU_MARK, 0, 2);
  for (uint32_t i = 0; i < hot; i++)
    put(l, x, 0, permuted(i, hot));
  put(l, LRU_MARK, 0, 3);
}

static void zipf(struct lru_access_list *l, unsigned x, uint64_t seed, uint32_t divisor) {
  const uint32_t pages = ZIPF_PAGES / divisor;
  const uint32_t accesses = ZIPF_ACCESSES / divisor;
  need(l, x, pages);
  for (uint32_t i = 0; i < accesses; i++) {
    put(l, x, 0, permuted(log_uniform(&seed, pages), pages));
    if (i + 1 == accesses / 2) put(l, LRU_MARK, 0, 1);
  }
  put(l, LRU_MARK, 0, 2);
}

int lru_access_list_part(const char *name, uint64_t seed, uint64_t divisor,
                         struct lru_access_list *out, char *err, size_t err_len) {
  *out = (struct lru_access_list){0};
  size_t len = strlen(name);
  bool is_hs = len == 8 && strncmp(name, "hs_", 3) == 0 && name[5] == '_';
  bool is_zipf = len == 7 && strncmp(name, "zipf_", 5) == 0;
  int x = is_hs ? op_of(name + 3, 2) : is_zipf ? op_of(name + 5, 2) : -1;
  int y = is_hs ? op_of(name + 6, 2) : x;
  if (x < 0 || y < 0) {
    (void)snprintf(err, err_len, "no access list '%s': say hs_X_Y or zipf_X, X and Y of an, mm, fd",
                   name);
    return -1;
  }
  if (divisor < 1 || divisor > MAX_DIVISOR) {
    (void)snprintf(err, err_len, "access list '%s': the divisor is 1 to %d", name, MAX_DIVISOR);
    return -1;
  }
  size_t records = is_hs ? ROUNDS * HOT + 2 * SCAN + HOT + 3 : ZIPF_ACCESSES + 2;
  out->record = malloc(records * sizeof *out->record);
  if (out->record == NULL) {
    (void)snprintf(err, err_len, "out of memory for the access list '%s'", name);
    return -1;
  }
  if (is_hs)
    hot_and_scan(out, (unsigned)x, (unsigned)y, seed, (uint32_t)divisor);
  else
    zipf(out, (unsigned)x, seed, (uint32_t)divisor);
  return 0;
}

int lru_access_list_make(const char *name, uint64_t seed, struct lru_access_list *out, char *err,
                         size_t err_len) {
  return lru_access_list_part(name, seed, 1, out, err, err_len);
}

void lru_access_list_free(struct lru_access_list *list) {
  free(list->record);
  *list = (struct lru_access_list){0};
}

uint64_t lru_access_list_hash(const struct lru_access_list *list) {
  uint64_t h = UINT64_C(0xcbf29ce484222325);
  for (size_t i = 0; i < list->count; i++)
    for (unsigned b = 0; b < 32; b += 8)
      h = (h ^ (list->record[i] >> b & 0xff)) * UINT64_C(0x100000001b3);
  return h;
}

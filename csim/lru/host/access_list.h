/* SPDX-License-Identifier: Apache-2.0
 * The access lists that were run on a recorded kernel: hot and scan pages (hs_X_Y) and a skewed
 * distribution (zipf_X), fixed by name and seed. */
#ifndef COWALK_LRU_HOST_ACCESS_LIST_H
#define COWALK_LRU_HOST_ACCESS_LIST_H

#include <stddef.h>
#include <stdint.h>

enum lru_access_op {
  LRU_ANON_LOAD,
  LRU_ANON_STORE,
  LRU_FILE_LOAD,
  LRU_FILE_PREAD,
  LRU_OPS,
  LRU_MARK = 7
};
enum { LRU_CLASSES = 2 }; /* hot or main, scan */

/* A record: op in bits 31..29, class in 28..26, page (or the phase that ends) in 25..0. */
static inline unsigned lru_record_op(uint32_t r) {
  return r >> 29;
}
static inline unsigned lru_record_class(uint32_t r) {
  return r >> 26 & 7;
}
static inline uint32_t lru_record_page(uint32_t r) {
  return r & 0x3ffffff;
}

struct lru_access_list {
  uint32_t *record; /* owned */
  size_t count;
  uint32_t anon_pages, file_pages;
};

/* Names: hs_X_Y and zipf_X with X, Y of an (anon store), mm (load through a mapping), fd (pread).
 * 0, or -1 with one line in err; then the list is empty. */
int lru_access_list_make(const char *name, uint64_t seed, struct lru_access_list *out, char *err,
                         size_t err_len);
/* The same with all numbers of pages and accesses divided: for small machines. divisor 1..1024. */
int lru_access_list_part(const char *name, uint64_t seed, uint64_t divisor,
                         struct lru_access_list *out, char *err, size_t err_len);
void lru_access_list_free(struct lru_access_list *list);
/* FNV-1a, 64 bits, over the records as little-endian bytes. */
uint64_t lru_access_list_hash(const struct lru_access_list *list);

#endif

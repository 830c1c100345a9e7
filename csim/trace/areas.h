/* SPDX-License-Identifier: Apache-2.0
 * The areas of one address space: disjoint, sorted, page-aligned. The caller owns the list. */
#ifndef COWALK_TRACE_AREAS_H
#define COWALK_TRACE_AREAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct area {
  uint64_t start, end; /* end is the first byte after */
  uint64_t offset;     /* in the file, of start */
  uint32_t file;       /* the caller's number; 0: anonymous */
  uint8_t prot;
  bool shared;
};

struct area_list {
  struct area *at;
  size_t count, room;
};

void area_list_free(struct area_list *l);
/* The first area that ends after addr; NULL if none. It may start after addr. */
const struct area *area_after(const struct area_list *l, uint64_t addr);
const struct area *area_find(const struct area_list *l, uint64_t addr);
/* Each replaces what was in the range. False if out of memory. */
bool area_put(struct area_list *l, const struct area *a);
bool area_remove(struct area_list *l, uint64_t start, uint64_t end);
bool area_protect(struct area_list *l, uint64_t start, uint64_t end, uint8_t prot);
bool area_copy(struct area_list *to, const struct area_list *from);

#endif

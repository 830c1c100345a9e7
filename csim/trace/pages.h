/* SPDX-License-Identifier: Apache-2.0
 * A set of page numbers with eight flag bits each. The caller owns it. */
#ifndef COWALK_TRACE_PAGES_H
#define COWALK_TRACE_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct page_set;

struct page_set *page_set_create(void); /* NULL if out of memory */
void page_set_destroy(struct page_set *s);
/* The flags of a page, added with flags 0 if new; NULL if out of memory. The pointer holds until
 * the next call. */
uint8_t *page_set_at(struct page_set *s, uint64_t page);
bool page_set_has(const struct page_set *s, uint64_t page);
size_t page_set_count(const struct page_set *s);
/* All pages in ascending order, in a new array of page_set_count entries for the caller to free;
 * NULL if out of memory. */
uint64_t *page_set_sorted(const struct page_set *s);

#endif

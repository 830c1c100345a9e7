/* SPDX-License-Identifier: Apache-2.0
 * Large tables that are looked up all over. A host that translates such a table by 4 KiB pages
 * misses its own TLB at nearly every look-up, and a prefetch waits for that like a load; so it is
 * asked for huge pages (Linux madvise(2), MADV_HUGEPAGE; where there are none, nothing changes). */
#ifndef COWALK_HOST_TABLE_H
#define COWALK_HOST_TABLE_H

#include <stddef.h>

/* bytes of zeroes, at the start of a cache line (64 bytes); what is never touched
 * costs nothing, but a huge page is touched as a whole.
 * NULL: out of host memory. The caller owns it and gives it back with host_table_free. */
void *host_table(size_t bytes);
void host_table_free(void *table); /* or NULL */

#endif

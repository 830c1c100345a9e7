// SPDX-License-Identifier: Apache-2.0
// A table of two mebibytes or more starts at a huge page's boundary; what is left at its end is in
// small pages, so that it takes no more than it is.
// Promises: one allocation of the C library a table, so that whatever watches those sees it;
// AddressSanitizer sees a use of what is behind.
#define _DEFAULT_SOURCE /* madvise; NOLINT(bugprone-reserved-identifier) */
#include "host/table.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "host/poison.h"

enum { HUGE = 2 << 20, LINE = 64 };

static char *align_up(char *p, size_t to) {
  return p + (-(uintptr_t)p & (to - 1));
}

void *host_table(size_t bytes) {
  const size_t huge = bytes / HUGE * HUGE;
  const size_t align = huge != 0 ? HUGE : LINE;
  const size_t room = bytes + align + sizeof(void *);
  if (room < bytes) return NULL;
  char *all = calloc(1, room);
  if (all == NULL) return NULL;
  char *table = align_up(all + sizeof(void *), align);
  ((void **)(void *)table)[-1] = all;
#ifdef MADV_HUGEPAGE
  if (huge != 0) (void)madvise(table, huge, MADV_HUGEPAGE);
#endif
  ASAN_POISON_MEMORY_REGION(table + bytes, (size_t)(all + room - (table + bytes)));
  return table;
}

void host_table_free(void *table) {
  if (table != NULL) free(((void **)table)[-1]);
}

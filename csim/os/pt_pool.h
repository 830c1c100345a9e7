/* SPDX-License-Identifier: Apache-2.0
 * Where page tables are put, and what becomes of empty ones: two options of the book's that Linux
 * 6.1 does not have. For csim/os only. */
#ifndef COWALK_OS_PT_POOL_H
#define COWALK_OS_PT_POOL_H

#include <stdbool.h>
#include <stdint.h>

struct os;

/* Frames first .. end - 1 are reserved; the free ones are linked by next. */
struct os_pt_pool {
  uint32_t first, end, head, used;
};

uint32_t os_pt_pool_frames(const struct os *os); /* 0: no pool */
void os_pt_pool_init(struct os *os, uint32_t first);
uint32_t os_pt_pool_take(struct os *os);           /* OS_NO_FRAME: none free */
bool os_pt_pool_give(struct os *os, uint32_t pfn); /* false: not one of its frames */

/* os.pt_reclaim: frees tables without a single entry, of all address spaces but those that are busy
 * with their map; how many. [yields] */
uint64_t os_pt_reclaim(struct os *os);

#endif

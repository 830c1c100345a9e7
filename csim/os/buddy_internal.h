/* SPDX-License-Identifier: Apache-2.0
 * The free lists, inside csim/os/buddy*.c. */
#ifndef COWALK_OS_BUDDY_INTERNAL_H
#define COWALK_OS_BUDDY_INTERNAL_H

#include "os/buddy.h"

enum {
  OS_BUDDY_TOP = OS_ORDERS - 1,
  OS_BUDDY_TYPES_OF_LINUX = 5 /* with HIGHATOMIC and ISOLATE */,
  OS_BUDDY_SKIP = 0x80
};

struct os_buddy_area {
  uint32_t head[OS_ORDERS][OS_KINDS];
  uint64_t blocks[OS_ORDERS][OS_KINDS];
};

struct os_buddy {
  struct os_frame *frame;
  uint32_t frames;
  struct os_zones *zones;
  struct os_buddy_area area[OS_NODES][OS_ZONES];
  uint8_t *block; /* mobility of each pageblock, and OS_BUDDY_SKIP */
  uint32_t boost_factor;
  bool ungrouped;
  bool unreserved; /* some pageblock has been kept apart, and may lie free beside its buddy */
  struct os_buddy_counts counts;
};

struct os_buddy_area *os_buddy_area(struct os_buddy *b, const struct os_zone *z);
void os_buddy_set_block(struct os_buddy *b, uint32_t pfn, enum os_mobility m);
void os_buddy_list_add(struct os_buddy *b, struct os_zone *z, uint32_t pfn, unsigned order,
                       enum os_mobility m, bool tail);
void os_buddy_list_remove(struct os_buddy *b, struct os_zone *z, uint32_t pfn);
/* The buddy of a block if it is free and whole, and whether they may be one. */
uint32_t os_buddy_free_buddy(const struct os_buddy *b, const struct os_zone *z, uint32_t pfn,
                             unsigned order);
bool os_buddy_may_merge(const struct os_buddy *b, uint32_t pfn, uint32_t buddy, unsigned order);
/* From the lists of one kind; the free count is the caller's. */
uint32_t os_buddy_take_own(struct os_buddy *b, struct os_zone *z, unsigned order,
                           enum os_mobility m);
/* Move all free blocks of a pageblock to the lists of m; how many frames that were. movable: frames
 * in use that could be moved. */
uint32_t os_buddy_move_block(struct os_buddy *b, struct os_zone *z, uint32_t pfn,
                             enum os_mobility m, uint32_t *movable);

#endif

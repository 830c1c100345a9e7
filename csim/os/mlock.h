/* SPDX-License-Identifier: Apache-2.0
 * Memory that must stay resident (Linux 6.1 mm/mlock.c). A page that a locked area maps is
 * unevictable: it is on no list of the replacement policy. */
#ifndef COWALK_OS_MLOCK_H
#define COWALK_OS_MLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "os/mm.h"

/* A locked area maps the frame from now on. */
void os_mlock_frame(struct os *os, uint32_t pfn);
/* A mapping went, or its area is locked no more: the page is evictable again if no locked area maps
 * it. */
void os_munlock_frame(struct os *os, uint32_t pfn);
/* Bring in the pages of [start, end) as mlock does; areas that allow nothing are passed over. 0, or
 * a negative errno. For the task itself. [yields] */
int os_mm_populate(struct os_mm *mm, uint64_t start, uint64_t end);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Reports of what replacement believes, for an observer outside (platform.h, page_seen). Nothing
 * depends on whether anybody listens. For csim/os only. */
#ifndef COWALK_OS_SEEN_H
#define COWALK_OS_SEEN_H

#include "os/kernel.h"

/* Names a page of a file, or a swap slot, in one number. */
static inline uint64_t os_page_key(const struct os_frame *f) {
  if (f->type != OS_FRAME_ANON) return (uint64_t)f->file << 32 | f->page;
  return UINT64_C(1) << 63 | f->slot;
}

static inline void os_seen(struct os *os, enum os_seen what, uint32_t pfn) {
  if (os->plat.ops->page_seen == NULL) return;
  os->plat.ops->page_seen(os->plat.self, what, pfn, os_page_key(os_frame(os, pfn)));
}

static inline void os_seen_moved(struct os *os, uint32_t from, uint32_t to) {
  if (os->plat.ops->page_seen == NULL) return;
  os->plat.ops->page_seen(os->plat.self, OS_SEEN_MOVED, from, to);
}

#endif

/* SPDX-License-Identifier: Apache-2.0
 * From a frame to the page-table entries that map it: A bits read and cleared, D bits collected,
 * mappings taken down, all by atomic operations on the entries in memory. */
#ifndef COWALK_OS_RMAP_H
#define COWALK_OS_RMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "os/frame.h"
#include "os/mm.h"

struct os_rmap {
  struct os_mm *mm;
  uint64_t va;
  struct os_rmap *next; /* ordered by (mm->id, va) */
};

/* Take a reference to the frame for the mapping; false if out of host memory. */
bool os_rmap_add(struct os *os, uint32_t pfn, struct os_mm *mm, uint64_t va);
/* Forget the mapping; its reference is the caller's now. */
void os_rmap_remove(struct os *os, uint32_t pfn, struct os_mm *mm, uint64_t va);

/* Of a frame without a mapping that is being made: its only mapping; counts are the caller's. */
void os_rmap_set_only(struct os_frame *f, const struct os_mm *mm, uint64_t va);
/* The first mapping's address space, its table lock held and with a reference; NULL: not mapped.
 * [yields] */
struct os_mm *os_rmap_lock_first(struct os *os, uint32_t pfn, uint64_t *va);
/* Is the one mapping all there is of an anon page: no other, and no entry that points to its slot
 * but `entries` of the caller's? Only then may that mapping write. Under its table lock. */
bool os_anon_exclusive(struct os *os, uint32_t pfn, uint32_t entries);

/* The first `max` mappings, ordered by address space; returns how many there are. No time passes.
 */
size_t os_rmap_list(struct os *os, uint32_t pfn, struct os_rmap *out, size_t max);
/* Does any mapping's place have this property? No time passes. */
bool os_rmap_any(struct os *os, uint32_t pfn, bool (*is)(const struct os_mm *mm, uint64_t va));

/* Was the page used since the last call: A bits of its mappings, cleared here, and the system-call
 * mark. Translations to invalidate go to b, or away at once, as the configuration says. The caller
 * holds a reference. [yields] */
bool os_rmap_referenced(struct os *os, uint32_t pfn, struct os_inval_batch *b);
/* Take down all mappings: anon pages leave their swap entry (the slot is set), file pages nothing.
 * A D bit found makes the frame dirty. The caller holds the frame lock and a reference, and
 * flushes b before anyone may rely on the page not changing. [yields] */
void os_rmap_unmap(struct os *os, uint32_t pfn, struct os_inval_batch *b);

/* page_mkclean: no mapping of a file page may be written to any more, or is dirty; a D bit found
 * makes the frame dirty. The entries stay; each that changed is invalidated by itself, as there.
 * The caller holds the frame lock and a reference. [yields] */
void os_rmap_clean(struct os *os, uint32_t pfn);

/* The first mapping at or after (id of the address space, va), its table lock held and with a
 * reference to the address space, both the caller's to give back; false: none is left. [yields] */
bool os_rmap_next(struct os *os, uint32_t pfn, uint32_t id, uint64_t va, struct os_mm **mm_out,
                  uint64_t *va_out);

#endif

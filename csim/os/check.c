/* SPDX-License-Identifier: Apache-2.0
 * The kernel model's check of itself: each frame is in exactly one state, lists and counts agree,
 * and what the pages of an address space add up to is its resident set. No time passes. */
#include <stdarg.h>
#include <stdio.h>

#include "os/kernel.h"

struct report {
  char *err;
  size_t len;
};

__attribute__((format(printf, 2, 3))) static int bad(const struct report *r, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  (void)vsnprintf(r->err, r->len, fmt, ap);
  va_end(ap);
  return -1;
}

static int check_frame(const struct os *os, uint32_t pfn, const struct report *r) {
  const struct os_frame *f = &os->frames[pfn];
  uint32_t maps = 0;
  for (const struct os_rmap *m = f->rmap; m != NULL; m = m->next)
    maps++;
  if (maps != f->mapcount)
    return bad(r, "frame %u: %u mappings listed, %u counted", pfn, maps, f->mapcount);
  bool cached = false;
  if (f->type == OS_FRAME_ANON && f->slot != OS_NO_SLOT) {
    cached = os_entry_pfn(os->swap.page[f->slot]) == pfn;
    if (!cached) return bad(r, "frame %u: swap slot %u does not know it", pfn, f->slot);
  }
  if (f->type == OS_FRAME_FILE && f->file != 0)
    cached = os_entry_pfn(os->file[f->file].page[f->page]) == pfn;
  uint32_t least = maps + cached + ((f->flags & OS_F_WRITEBACK) != 0);
  if (f->refs < least) return bad(r, "frame %u: %u references, %u known", pfn, f->refs, least);
  if (maps != 0 && f->type != OS_FRAME_ANON && f->type != OS_FRAME_FILE)
    return bad(r, "frame %u: mapped, of type %u", pfn, f->type);
  if (f->type == OS_FRAME_FREE && (f->refs != 0 || f->flags != 0))
    return bad(r, "frame %u: free but in use", pfn);
  return 0;
}

static int check_zone(const struct os *os, const struct os_zone *z, const struct report *r) {
  uint64_t state[OS_FRAME_TYPES] = {0};
  for (uint32_t pfn = z->first; pfn < z->end; pfn++) {
    if (pfn >= os->list[z->index].fresh && os->frames[pfn].type != OS_FRAME_FRESH)
      return bad(r, "zone %s: frame %u was never allocated but is in use", z->name, pfn);
    state[os->frames[pfn].type]++;
    if (pfn < os->list[z->index].fresh && check_frame(os, pfn, r) != 0) return -1;
  }
  uint64_t listed = 0;
  for (uint32_t pfn = os->list[z->index].head; pfn != OS_NO_FRAME; pfn = os->frames[pfn].next) {
    if (os->frames[pfn].type != OS_FRAME_FREE || listed > z->managed)
      return bad(r, "zone %s: free list is broken at frame %u", z->name, pfn);
    listed++;
  }
  if (listed != state[OS_FRAME_FREE] || listed + (z->end - os->list[z->index].fresh) != z->free)
    return bad(r, "zone %s: %llu frames free, list has %llu", z->name,
               (unsigned long long)(z->free - (z->end - os->list[z->index].fresh)),
               (unsigned long long)listed);
  uint64_t used = state[OS_FRAME_TABLE] + state[OS_FRAME_ANON] + state[OS_FRAME_FILE];
  if (used + z->free != z->managed)
    return bad(r, "zone %s: %llu frames used and %llu free of %llu", z->name,
               (unsigned long long)used, (unsigned long long)z->free,
               (unsigned long long)z->managed);
  return 0;
}

static int check_counts(const struct os *os, const struct report *r) {
  uint64_t anon = 0;
  uint64_t file = 0;
  uint64_t tables = 0;
  uint64_t maps = 0;
  uint64_t listed = 0;
  for (uint32_t pfn = 0; pfn < os->frame_count; pfn++) {
    const struct os_frame *f = &os->frames[pfn];
    anon += f->type == OS_FRAME_ANON;
    file += f->type == OS_FRAME_FILE;
    tables += f->type == OS_FRAME_TABLE;
    maps += f->mapcount;
    listed += (f->flags & OS_F_LISTED) != 0;
  }
  uint64_t mm_rss = 0;
  uint64_t mm_tables = 0;
  uint64_t mm_swapped = 0;
  for (const struct os_mm *mm = os->mms; mm != NULL; mm = mm->next) {
    mm_rss += mm->rss;
    mm_tables += mm->tables;
    mm_swapped += mm->swapped;
  }
  uint64_t slot_maps = 0;
  uint64_t slots = 0;
  for (uint32_t s = 0; s < os->swap.slots; s++) {
    slot_maps += os->swap.maps[s];
    slots += os->swap.taken[s];
    if (os->swap.maps[s] != 0 && !os->swap.taken[s])
      return bad(r, "swap slot %u is in use but free", s);
  }
  if (anon != os->st.nr_anon || file != os->st.nr_file)
    return bad(r, "pages by type do not add up to nr_anon and nr_file");
  if (maps != mm_rss) return bad(r, "resident sets do not add up to the mappings");
  if (tables != mm_tables) return bad(r, "page tables do not add up");
  if (slot_maps != mm_swapped || slots != os->swap.used) return bad(r, "swap slots do not add up");
  if (listed != os->pol->size(os->policy))
    return bad(r, "pages marked as listed do not add up to the policy's lists");
  return os->pol->check(os->policy, r->err, r->len);
}

int os_check(const struct os *os, char *err, size_t err_len) {
  struct report r = {err, err_len};
  for (unsigned i = 0; i < OS_ZONES; i++)
    if (check_zone(os, &os->zones.zone[0][i], &r) != 0) return -1;
  return check_counts(os, &r);
}

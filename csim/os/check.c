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

/* An evictable page is on its policy's lists, or somebody who took it off holds a reference beside
 * those of its mappings, its cache and its write-out, and will see to it. */
static int check_listed(const struct os_frame *f, uint32_t pfn, uint32_t known,
                        const struct report *r) {
  bool pages = f->type == OS_FRAME_ANON || f->type == OS_FRAME_FILE || f->type == OS_FRAME_SHMEM;
  bool listed = (f->flags & OS_F_LISTED) != 0;
  bool isolated = (f->flags & OS_F_ISOLATED) != 0;
  bool locked = (f->flags & OS_F_MLOCKED) != 0;
  if (!pages || (f->flags & OS_F_TAIL) != 0)
    return listed || isolated ? bad(r, "frame %u: on a list, of type %u", pfn, f->type) : 0;
  if (listed && isolated) return bad(r, "frame %u: on a list although somebody took it off", pfn);
  if (listed && locked) return bad(r, "frame %u: on a list although it is unevictable", pfn);
  if (f->refs > known || (f->flags & OS_F_UPTODATE) == 0) return 0;
  if (isolated) return bad(r, "frame %u: taken off its list, and nobody will put it back", pfn);
  if (!listed && !locked) return bad(r, "frame %u: on no list, and nobody holds it", pfn);
  return 0;
}

static int check_frame(const struct os *os, uint32_t pfn, const struct report *r) {
  const struct os_frame *f = &os->frames[pfn];
  uint32_t maps = 0;
  for (const struct os_rmap *m = f->mapcount > 1 ? f->rmap : NULL; m != NULL; m = m->next)
    maps++;
  if (f->mapcount == 1) maps = os->by_asid[f->map & 0xffff] != NULL;
  if (maps != f->mapcount)
    return bad(r, "frame %u: %u mappings listed, %u counted", pfn, maps, f->mapcount);
  bool cached = false;
  if (f->type == OS_FRAME_ANON && f->slot != OS_NO_SLOT) {
    cached = os_entry_pfn(os->swap.page[f->slot]) == pfn;
    if (!cached) return bad(r, "frame %u: swap slot %u does not know it", pfn, f->slot);
  }
  if (f->type == OS_FRAME_FILE || f->type == OS_FRAME_SHMEM) cached = os_frame_cached(os, pfn);
  uint32_t least = maps + cached + ((f->flags & OS_F_WRITEBACK) != 0);
  if ((f->flags & OS_F_TAIL) != 0) least = 1; /* the first frame counts for it */
  for (uint32_t i = 1; i < os_huge_parts(f); i++)
    least += os->frames[pfn + i].mapcount;
  if (f->refs < least) return bad(r, "frame %u: %u references, %u known", pfn, f->refs, least);
  if (maps != 0 && f->type != OS_FRAME_ANON && f->type != OS_FRAME_FILE &&
      f->type != OS_FRAME_SHMEM)
    return bad(r, "frame %u: mapped, of type %u", pfn, f->type);
  bool free = f->type == OS_FRAME_FREE || f->type == OS_FRAME_PCP;
  if (free && (f->refs != 0 || f->flags != 0)) return bad(r, "frame %u: free but in use", pfn);
  return check_listed(f, pfn, least, r);
}

/* How many frames of a zone are in each state; free blocks are passed over as a whole. */
static int count_states(const struct os *os, const struct os_zone *z, uint64_t *state,
                        const struct report *r) {
  for (uint32_t pfn = z->first; pfn < z->end;) {
    const struct os_frame *f = &os->frames[pfn];
    if (check_frame(os, pfn, r) != 0) return -1;
    uint32_t size = f->type == OS_FRAME_FREE ? UINT32_C(1) << f->height : 1;
    state[f->type] += size;
    pfn += size;
  }
  return 0;
}

static int check_zone(const struct os *os, const struct os_zone *z, const struct report *r) {
  uint64_t state[OS_FRAME_TYPES] = {0};
  uint64_t on_lists = 0;
  const struct os_use *u = &os->node[z->node].use[z->index];
  if (count_states(os, z, state, r) != 0) return -1;
  for (uint32_t cpu = 0; cpu < os_cpus(os); cpu++)
    on_lists += os_pcp_count(os->pcps, z, cpu);
  if (state[OS_FRAME_NONE] != 0)
    return bad(r, "zone %s: %llu frames are neither free nor in use", z->name,
               (unsigned long long)state[OS_FRAME_NONE]);
  if (state[OS_FRAME_FREE] != z->free || state[OS_FRAME_PCP] != on_lists)
    return bad(r, "zone %s: %llu frames free, and %llu on CPUs' lists; counted %llu and %llu",
               z->name, (unsigned long long)state[OS_FRAME_FREE],
               (unsigned long long)state[OS_FRAME_PCP], (unsigned long long)z->free,
               (unsigned long long)on_lists);
  if (state[OS_FRAME_ANON] != u->anon || state[OS_FRAME_FILE] != u->file ||
      state[OS_FRAME_TABLE] != u->table || state[OS_FRAME_SHMEM] != u->shmem)
    return bad(r, "zone %s: frames by use do not add up", z->name);
  if (state[OS_FRAME_HUGETLB] + state[OS_FRAME_KERNEL] != u->fixed)
    return bad(r, "zone %s: huge pages of the pool and the kernel's own do not add up", z->name);
  uint64_t used = u->table + u->anon + u->file + u->shmem + u->fixed + on_lists;
  if (used + z->free != z->managed)
    return bad(r, "zone %s: %llu frames used and %llu free of %llu", z->name,
               (unsigned long long)used, (unsigned long long)z->free,
               (unsigned long long)z->managed);
  return 0;
}

/* Dirty file pages, in flight too, and what is promised. */
static int check_writeback(const struct os *os, const struct report *r) {
  uint64_t dirty = 0;
  uint64_t out = 0;
  uint64_t all_out = 0;
  uint64_t by_file = 0;
  uint64_t promised = 0;
  struct os_use sum = {0};
  for (uint32_t pfn = 0; pfn < os->touched; pfn++) {
    const struct os_frame *f = &os->frames[pfn];
    all_out += (f->flags & OS_F_WRITEBACK) != 0;
    if (f->type != OS_FRAME_FILE || f->file == 0) continue;
    bool is_dirty = (f->flags & OS_F_DIRTY) != 0;
    dirty += is_dirty;
    out += (f->flags & OS_F_WRITEBACK) != 0;
    if (is_dirty && (os->file[f->file].dirty[f->page / 64] >> f->page % 64 & 1) == 0)
      return bad(r, "frame %u: its file does not know that it is dirty", pfn);
  }
  for (uint32_t i = 1; i < os->files; i++)
    by_file += os->file[i].dirty_pages;
  for (unsigned n = 0; n < os->zones.nodes; n++) {
    struct os_use u = os_node_use(&os->node[n]);
    sum.dirty += u.dirty;
    sum.writeback += u.writeback;
  }
  if (dirty != os->wb.dirty || by_file != dirty || sum.dirty != dirty)
    return bad(r, "dirty pages do not add up");
  if (out != os->wb.writeback || os->rec.flushing != out || sum.writeback != all_out ||
      os->rec.writeback != all_out)
    return bad(r, "pages under writeback do not add up");
  for (const struct os_mm *mm = os->mms; mm != NULL; mm = mm->next)
    promised += os_vma_count(mm, 0, os->pt->user_end).accounted;
  for (uint32_t i = 1; i < os->files; i++)
    if (os->file[i].shmem) promised += os->file[i].pages;
  if (promised != os->commit.pages) return bad(r, "Committed_AS does not add up");
  return 0;
}

/* Mappings by type of page against the address spaces' own counts, and areas of unnamed files. */
static int check_mapped(const struct os *os, const struct report *r) {
  uint64_t maps[OS_FRAME_TYPES] = {0};
  uint64_t mapped[OS_FRAME_TYPES] = {0};
  struct os_use sum = {0};
  for (uint32_t pfn = 0; pfn < os->touched; pfn++) {
    const struct os_frame *f = &os->frames[pfn];
    maps[f->type] += (uint64_t)f->mapcount * os_frame_pages(f);
    mapped[f->type] += f->mapcount != 0 ? os_frame_pages(f) : 0;
  }
  uint64_t areas = 0;
  for (const struct os_mm *mm = os->mms; mm != NULL; mm = mm->next) {
    maps[OS_FRAME_FILE] -= mm->file_rss;
    maps[OS_FRAME_SHMEM] -= mm->shmem_rss;
    maps[OS_FRAME_ANON] -= mm->rss - mm->file_rss - mm->shmem_rss;
    for (size_t i = 0; i < mm->vmas; i++)
      areas += mm->vma[i].shmem;
  }
  if (maps[OS_FRAME_FILE] != 0 || maps[OS_FRAME_SHMEM] != 0 || maps[OS_FRAME_ANON] != 0)
    return bad(r, "RssAnon, RssFile and RssShmem do not add up to the mappings");
  for (unsigned n = 0; n < os->zones.nodes; n++) {
    struct os_use u = os_node_use(&os->node[n]);
    sum.anon_mapped += u.anon_mapped;
    sum.mapped += u.mapped;
  }
  if (sum.anon_mapped != mapped[OS_FRAME_ANON] ||
      sum.mapped != mapped[OS_FRAME_FILE] + mapped[OS_FRAME_SHMEM])
    return bad(r, "pages with a mapping do not add up to AnonPages and Mapped");
  for (uint32_t i = 1; i < os->files; i++)
    areas -= os->file[i].areas;
  return areas == 0 ? 0 : bad(r, "areas of shared anonymous memory do not add up");
}

/* Unnamed files: where their pages are. */
static int check_shmem(const struct os *os, const struct report *r, uint64_t *slots) {
  uint64_t cached = 0;
  for (uint32_t i = 1; i < os->files; i++) {
    const struct os_file *f = &os->file[i];
    uint64_t swapped = 0;
    for (uint64_t p = 0; f->shmem && p < f->pages; p++) {
      bool out = os_entry_is_swap(f->page[p]);
      swapped += out;
      cached += !out && f->page[p] != 0;
      if (out && os->swap.maps[os_entry_slot(f->page[p])] != 1)
        return bad(r, "page %llu of unnamed file %u: slot %u is not its own", (unsigned long long)p,
                   i, os_entry_slot(f->page[p]));
    }
    if (swapped != f->swapped)
      return bad(r, "unnamed file %u: %llu pages in swap, %llu counted", i,
                 (unsigned long long)swapped, (unsigned long long)f->swapped);
    *slots += swapped;
  }
  if (cached > os->st.nr_shmem)
    return bad(r, "unnamed files have %llu pages in memory, %llu counted",
               (unsigned long long)cached, (unsigned long long)os->st.nr_shmem);
  return 0;
}

static int check_counts(const struct os *os, const struct report *r) {
  uint64_t anon = 0;
  uint64_t file = 0;
  uint64_t shmem = 0;
  uint64_t tables = 0;
  uint64_t maps = 0;
  uint64_t listed = 0;
  uint64_t huge = 0;
  uint64_t queued = 0;
  for (uint32_t pfn = 0; pfn < os->touched; pfn++) {
    const struct os_frame *f = &os->frames[pfn];
    anon += f->type == OS_FRAME_ANON;
    file += f->type == OS_FRAME_FILE;
    shmem += f->type == OS_FRAME_SHMEM;
    tables += f->type == OS_FRAME_TABLE;
    maps += (uint64_t)f->mapcount * os_frame_pages(f);
    huge += f->type == OS_FRAME_ANON && os_frame_pages(f) != 1;
    queued += (f->flags & OS_F_QUEUED) != 0;
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
  if (check_shmem(os, r, &mm_swapped) != 0 || check_mapped(os, r) != 0) return -1;
  uint64_t slot_maps = 0;
  uint64_t slots = 0;
  for (uint32_t s = 0; s < os->swap.slots; s++) {
    slot_maps += os->swap.maps[s];
    slots += os->swap.taken[s];
    if (os->swap.maps[s] != 0 && !os->swap.taken[s])
      return bad(r, "swap slot %u is in use but free", s);
  }
  if (anon != os->st.nr_anon || file != os->st.nr_file || shmem != os->st.nr_shmem)
    return bad(r, "pages by type do not add up to nr_anon, nr_file and nr_shmem");
  if (huge != os->st.nr_anon_thps) return bad(r, "huge pages do not add up");
  uint64_t mlocked = 0;
  for (uint32_t pfn = 0; pfn < os->touched; pfn++)
    mlocked += (os->frames[pfn].flags & OS_F_MLOCKED) != 0;
  for (unsigned n = 0; n < os->zones.nodes; n++)
    mlocked -= os_node_use(&os->node[n]).mlocked;
  if (mlocked != 0) return bad(r, "unevictable pages do not add up");
  if (maps != mm_rss) return bad(r, "resident sets do not add up to the mappings");
  if (tables + os->pt_pool.used != mm_tables) return bad(r, "page tables do not add up");
  if (slot_maps != mm_swapped || slots != os->swap.used) return bad(r, "swap slots do not add up");
  uint64_t known = 0;
  for (unsigned n = 0; n < os->zones.nodes; n++) {
    struct os_use u = os_node_use(&os->node[n]);
    uint64_t of_node = os->pol->size(os->node[n].policy);
    queued -= os->node[n].deferred.length;
    /* Linux's two count pages, the others entries. */
    if (os->pol->split != NULL) of_node -= u.listed_huge * (OS_HUGE_PAGES - 1);
    if (of_node != u.listed[0] + u.listed[1])
      return bad(r, "node %u: pages known to its policy do not add up", n);
    if (os->pol->check(os->node[n].policy, r->err, r->len) != 0) return -1;
    known += of_node;
  }
  if (queued != 0) return bad(r, "huge pages that wait to be split do not add up");
  if (listed != known) return bad(r, "pages marked as listed do not add up to the policy's lists");
  return 0;
}

int os_check(const struct os *os, char *err, size_t err_len) {
  struct report r = {err, err_len};
  if (os_buddy_check(os->buddy, err, err_len) != 0) return -1;
  if (os_pcps_check(os->pcps, err, err_len) != 0) return -1;
  for (unsigned i = 0; i < os->zones.nodes * OS_ZONES; i++)
    if (check_zone(os, &os->zones.zone[i / OS_ZONES][i % OS_ZONES], &r) != 0) return -1;
  return check_counts(os, &r) != 0 ? -1 : check_writeback(os, &r);
}

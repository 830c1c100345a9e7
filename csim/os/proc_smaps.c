/* SPDX-License-Identifier: Apache-2.0
 * smaps_pte_entry, smaps_account, __show_smap and show_smap_vma_flags of Linux 6.1
 * fs/proc/task_mmu.c. Promises that the sum of Rss is the task's rss. */
#include "os/proc_smaps.h"

#include <inttypes.h>

#include "os/kernel.h"

struct smaps {
  const struct os *os;
  os_peek *peek;
  void *arg;
  /* Bytes. Pss, pss_dirty and swap_pss are shifted by PSS_SHIFT, as there. */
  uint64_t rss, pss, pss_dirty, shared[2], private[2]; /* clean, dirty */
  uint64_t referenced, anonymous, anon_huge, hugetlb, swap, swap_pss;
  bool pool; /* an area of the explicit pool: its pages are not in Rss */
};

enum { PAGE = 4096, PSS_SHIFT = 12 };

/* The shared page of zeroes is nobody's (vm_normal_page): it counts nowhere. */
static void account_page(struct smaps *s, uint64_t entry, uint64_t bytes) {
  const struct os *os = s->os;
  if (os->zero != OS_NO_FRAME && os->pt->address(entry) >> 12 == os->zero) return;
  const struct os_frame *f = &os->frames[os->pt->address(entry) >> 12];
  bool dirty = os->pt->dirty(entry) || (f->flags & OS_F_DIRTY) != 0;
  uint64_t share = (bytes << PSS_SHIFT) / (f->mapcount > 1 ? f->mapcount : 1);
  s->rss += bytes;
  s->pss += share;
  if (dirty) s->pss_dirty += share;
  (f->mapcount > 1 ? s->shared : s->private)[dirty] += bytes;
  if (os->pt->young(entry) || (f->flags & OS_F_REFERENCED) != 0) s->referenced += bytes;
  if (f->type == OS_FRAME_ANON) s->anonymous += bytes;
}

static void account_swap(struct smaps *s, uint64_t entry) {
  if (entry == s->os->pt->swap(OS_NO_SLOT)) return; /* on the move */
  unsigned maps = s->os->swap.maps[s->os->pt->slot(entry)];
  s->swap += PAGE;
  s->swap_pss += ((uint64_t)PAGE << PSS_SHIFT) / (maps > 1 ? maps : 1);
}

static void account_huge(struct smaps *s, uint64_t entry, uint64_t bytes) {
  if (s->pool) {
    s->hugetlb += bytes;
    return;
  }
  account_page(s, entry, bytes);
  s->anon_huge += bytes;
}

/* The entries of [from, to) in the table of height h at base. */
static void walk(struct smaps *s, uint64_t base, unsigned h, uint64_t from, uint64_t to) {
  const struct os_pt_ops *pt = s->os->pt;
  uint64_t span = UINT64_C(1) << (12 + 9 * h);
  for (uint64_t va = from; va < to; va = (va & ~(span - 1)) + span) {
    uint64_t entry = s->peek(s->arg, base + 8 * os_pt_index(va, h));
    uint64_t end = (va & ~(span - 1)) + span;
    if (h != 0 && pt->present(entry) && pt->is_huge(entry))
      account_huge(s, entry, (end < to ? end : to) - va);
    else if (h != 0 && pt->present(entry))
      walk(s, pt->next(entry), h - 1, va, end < to ? end : to);
    else if (h == 0 && pt->present(entry))
      account_page(s, entry, PAGE);
    else if (h == 0 && entry != 0)
      account_swap(s, entry);
  }
}

/* Device, inode and name: those of the model's files; shared anonymous memory is /dev/zero. */
static void print_header(const struct os_vma *v, FILE *out) {
  int n = fprintf(out, "%08" PRIx64 "-%08" PRIx64 " %c%c%c%c %08" PRIx64 " 00:%02x %" PRIu32 " ",
                  v->start, v->end, (v->prot & OS_PROT_READ) != 0 ? 'r' : '-',
                  (v->prot & OS_PROT_WRITE) != 0 ? 'w' : '-',
                  (v->prot & OS_PROT_EXEC) != 0 ? 'x' : '-', v->shared ? 's' : 'p',
                  v->file != 0 ? v->file_page << 12 : 0, v->file != 0 ? 1U : 0U, v->file);
  int gap = n < 73 ? 73 - n : 1;
  if (v->shmem)
    fprintf(out, "%*s/dev/zero (deleted)", gap, "");
  else if (v->file != 0)
    fprintf(out, "%*s/file/%" PRIu32, gap, "", v->file);
  fputc('\n', out);
}

static void line(FILE *out, const char *name, uint64_t bytes) {
  char label[24];
  (void)snprintf(label, sizeof label, "%s:", name);
  fprintf(out, "%-16s%8" PRIu64 " kB\n", label, bytes >> 10);
}

/* In the order of the kernel's bits. */
static void print_flags(const struct os_vma *v, FILE *out) {
  const bool pool = v->huge == OS_VMA_HUGETLB;
  const struct {
    const char *name;
    bool set;
  } flag[] = {{"rd", (v->prot & OS_PROT_READ) != 0},
              {"wr", (v->prot & OS_PROT_WRITE) != 0},
              {"ex", (v->prot & OS_PROT_EXEC) != 0},
              {"sh", v->shared},
              {"mr", true},
              {"mw", true},
              {"me", true},
              {"ms", v->shared},
              {"lo", v->locked},
              {"de", pool},
              {"ac", v->accounted},
              {"ht", pool},
              {"hg", v->huge == OS_VMA_HUGE},
              {"nh", v->huge == OS_VMA_NOHUGE}};
  fprintf(out, "VmFlags: ");
  for (size_t i = 0; i < sizeof flag / sizeof flag[0]; i++)
    if (flag[i].set) fprintf(out, "%s ", flag[i].name);
  fputc('\n', out);
}

/* hugepage_vma_check for smaps: the last 2 MiB of the area that are aligned lie in it. */
static bool eligible(const struct os *os, const struct os_vma *v) {
  return v->end >= OS_HUGE_BYTES && os_huge_eligible(os, v, v->end - OS_HUGE_BYTES);
}

static void print_area(const struct smaps *s, const struct os_vma *v, FILE *out) {
  const uint64_t page = s->pool ? OS_HUGE_BYTES : PAGE;
  const struct {
    const char *name;
    uint64_t bytes;
  } row[] = {{"Size", v->end - v->start},
             {"KernelPageSize", page},
             {"MMUPageSize", page},
             {"Rss", s->rss},
             {"Pss", s->pss >> PSS_SHIFT},
             {"Pss_Dirty", s->pss_dirty >> PSS_SHIFT},
             {"Shared_Clean", s->shared[0]},
             {"Shared_Dirty", s->shared[1]},
             {"Private_Clean", s->private[0]},
             {"Private_Dirty", s->private[1]},
             {"Referenced", s->referenced},
             {"Anonymous", s->anonymous},
             {"LazyFree", 0},
             {"AnonHugePages", s->anon_huge},
             {"ShmemPmdMapped", 0},
             {"FilePmdMapped", 0},
             {"Shared_Hugetlb", 0},
             {"Private_Hugetlb", s->hugetlb},
             {"Swap", s->swap},
             {"SwapPss", s->swap_pss >> PSS_SHIFT},
             {"Locked", v->locked ? s->pss >> PSS_SHIFT : 0}};
  print_header(v, out);
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    line(out, row[i].name, row[i].bytes);
  fprintf(out, "THPeligible:    %d\n", eligible(s->os, v) ? 1 : 0);
  print_flags(v, out);
}

void os_smaps_print(const struct os_task *t, os_peek *peek, void *arg, FILE *out) {
  const struct os_mm *mm = t->mm;
  for (size_t i = 0; mm->root != 0 && i < mm->vmas; i++) {
    struct smaps s = {
        .os = t->os, .peek = peek, .arg = arg, .pool = mm->vma[i].huge == OS_VMA_HUGETLB};
    if (mm->vma[i].shmem) s.swap = os_shmem_swapped(t->os, &mm->vma[i]) * PAGE;
    walk(&s, mm->root, t->os->pt->top, mm->vma[i].start, mm->vma[i].end);
    print_area(&s, &mm->vma[i], out);
  }
}

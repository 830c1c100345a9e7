/* SPDX-License-Identifier: Apache-2.0
 * fork after Linux 6.1 kernel/fork.c (dup_mmap) and mm/memory.c (copy_page_range): the areas are
 * copied, and the entries of those that have had pages of their own; the others the child finds
 * again by faults. Pages are shared until one side writes: both lose the right to, and the
 * parent's translations go, once, before anybody runs on. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "os/kernel.h"
#include "os/task.h"

#define LEAF_TABLE (UINT64_C(1) << 21)

struct copy {
  struct os_mm *from, *to;
  bool protected; /* some entry of the parent lost its right to write */
};

/* Take the right to write from the parent's entry, against the hardware's own updates. Returns the
 * entry as it is then. */
static uint64_t protect(struct copy *c, uint64_t pte_pa, uint64_t e, uint8_t prot) {
  struct os *os = c->from->os;
  while (os->pt->present(e) && os->pt->writable(e)) {
    uint64_t want = os->pt->set_prot(e, prot);
    uint64_t old = e;
    if (os_cas(os, pte_pa, e, want, &old)) {
      c->protected = true;
      return want;
    }
    e = old;
  }
  return e;
}

/* Both table locks are held. false: out of host memory. */
static bool copy_entry(struct copy *c, const struct os_vma *v, uint64_t va, uint64_t from,
                       uint64_t to) {
  struct os *os = c->from->os;
  uint64_t e = os_rd(os, from);
  if (e == 0) return true;
  if (!os->pt->present(e)) {
    os_swap_map(os, os->pt->slot(e));
    c->to->swapped++;
    os_wr(os, to, e);
    return true;
  }
  uint32_t pfn = (uint32_t)(os->pt->address(e) >> 12);
  if (pfn != os->zero) {
    e = protect(c, from, e, os_leaf_prot(v, false, false));
    if (!os_rmap_add(os, pfn, c->to, va)) return false;
    os_spend(os, OS_WORK_RMAP_STEP, 1);
  }
  os_wr(os, to, os->pt->set_young(e, false));
  return true;
}

/* What of an area lies under one leaf table. false: out of memory. */
static bool copy_table(struct copy *c, const struct os_vma *v, uint64_t start, uint64_t end) {
  struct os *os = c->from->os;
  uint64_t from = os_pt_lookup(c->from, start);
  if (from == 0) return true;
  uint64_t to = os_pt_ensure(c->to, start);
  if (to == 0) return false;
  bool ok = true;
  os_lock(os, &c->from->table);
  os_lock(os, &c->to->table); /* by rising number, as migrate.c */
  for (uint64_t va = start; ok && va < end; va += 4096) {
    uint64_t at = (va - start) / 4096 * 8;
    ok = copy_entry(c, v, va, from + at, to + at);
  }
  os_unlock(os, &c->to->table);
  os_unlock(os, &c->from->table);
  return ok;
}

static bool copy_area(struct copy *c, const struct os_vma *v) {
  struct os *os = c->from->os;
  if (v->huge == OS_VMA_HUGETLB) return false; /* before the child has it: it reserved nothing */
  uint64_t pages = v->accounted ? (v->end - v->start) >> 12 : 0;
  uint64_t total = os_vma_count(c->to, 0, os->pt->user_end).all;
  if (pages != 0 && !os_commit_take(os, pages, total)) return false;
  if (os_vma_insert(c->to, v) != 0) {
    os_commit_give(os, pages);
    return false;
  }
  if (v->shared || !v->anon) return true; /* vma_needs_copy */
  os_lock(os, &c->from->table);           /* the entries of huge pages are not shared */
  os_huge_split_range(c->from, v->start, v->end);
  os_unlock(os, &c->from->table);
  for (uint64_t va = v->start; va < v->end;) {
    uint64_t next = (va & ~(LEAF_TABLE - 1)) + LEAF_TABLE;
    if (next > v->end) next = v->end;
    if (!copy_table(c, v, va, next)) return false;
    va = next;
  }
  return true;
}

/* A task like t with an empty address space. */
static struct os_task *new_child(const struct os_task *t, uint32_t pid) {
  struct os *os = t->os;
  struct os_task *k = os_host_alloc(os, sizeof *k);
  if (k == NULL) return NULL;
  k->mm = os_mm_create(os);
  if (k->mm == NULL) {
    free(k);
    return NULL;
  }
  k->os = os;
  k->pid = pid;
  os->pt->context(&os->cfg, k->mm->root, k->mm->asid, &k->ctx);
  os_task_register(k);
  os_task_describe(k, t->name, t->oom_score_adj);
  return k;
}

struct os_task *os_task_fork(struct os_task *t, uint32_t pid) {
  struct os *os = t->os;
  os_work_for(t);
  enum os_account was = os->plat.ops->account(os->plat.self, OS_ACCT_SYSCALL);
  os_spend(os, OS_WORK_SYSCALL, 1);
  struct os_task *child = new_child(t, pid);
  struct copy c = {.from = t->mm, .to = child != NULL ? child->mm : NULL};
  struct os_vma v;
  bool ok = child != NULL;
  os_lock(os, &t->mm->map);
  if (ok) os_lock(os, &child->mm->map); /* nobody else may look for empty tables there yet */
  bool held = ok;
  for (uint64_t at = 0; ok && os_vma_next(t->mm, at, &v); at = v.end) {
    os_spend(os, OS_WORK_VMA_LOOKUP, 1);
    v.locked = false; /* locks are not inherited */
    ok = copy_area(&c, &v);
  }
  if (c.protected) os_inval_asid(t->mm, false);
  if (held) os_unlock(os, &child->mm->map);
  os_unlock(os, &t->mm->map);
  if (child != NULL && !ok) {
    os_task_exit(child);
    os_task_free(child);
    os_work_for(t);
    child = NULL;
  }
  os->st.forks += child != NULL;
  (void)os->plat.ops->account(os->plat.self, was);
  return child;
}

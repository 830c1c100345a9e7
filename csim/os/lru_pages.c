/* SPDX-License-Identifier: Apache-2.0
 * Pages that come to the lists of csim/lru, are used, split, moved and go; and what the lists
 * count. */
#include "os/lru_host.h"

/* ---- pages come, are used, go ---- */

/* Entries of caches hold 63 bits; a shadow's lowest is always set. */
static void insert(struct os_policy *p, uint32_t pfn, uint64_t shadow, bool in_fault) {
  const struct os_frame *f = os_frame(p->os, pfn);
  const struct lru_new page = {.type = f->type == OS_FRAME_FILE ? LRU_FILE : LRU_ANON,
                               .zone = f->zone % OS_ZONES,
                               .order = (f->flags & OS_F_HUGE) != 0 ? OS_HUGE_ORDER : 0,
                               .shadow = shadow,
                               .in_fault = in_fault};
  p->ops->add(p->lru, pfn, &page);
}

/* Whether a fault brings the page in is told by the account that time goes to (Linux:
 * lru_gen_in_fault, a mark of the task). */
static enum os_account account_now(const struct os_policy *p) {
  const struct os_platform *plat = &p->os->plat;
  enum os_account a = plat->ops->account(plat->self, OS_ACCT_FAULT);
  (void)plat->ops->account(plat->self, a);
  return a;
}

/* Pages without a past come in faults, of mlock too; but for those that khugepaged makes, and those
 * that munlock lets go of. */
void os_lru_add(struct os_policy *p, uint32_t pfn, bool back) {
  insert(p, pfn, LRU_NO_SHADOW, !back && account_now(p) != OS_ACCT_KHUGEPAGED);
}

void os_lru_enter(struct os_policy *p, uint32_t pfn, const uint64_t *shadow) {
  bool in_fault = account_now(p) == OS_ACCT_FAULT;
  insert(p, pfn, shadow != NULL ? *shadow << 1 | 1 : LRU_NO_SHADOW, in_fault);
}

uint64_t os_lru_evicted(struct os_policy *p, uint32_t pfn) {
  return p->ops->evicted(p->lru, pfn) >> 1;
}

void os_lru_remove(struct os_policy *p, uint32_t pfn) {
  p->ops->remove(p->lru, pfn);
}

/* Parts of a page that reclaim has are reclaim's too. */
void os_lru_split(struct os_policy *p, uint32_t pfn) {
  bool listed = (os_frame(p->os, pfn)->flags & OS_F_LISTED) != 0;
  p->ops->split(p->lru, pfn);
  for (uint32_t i = 1; i < OS_HUGE_PAGES; i++) {
    if (listed) {
      os_policy_listed(p->os, pfn + i);
    } else {
      os_frame_get(p->os, pfn + i);
      os_frame(p->os, pfn + i)->flags |= OS_F_ISOLATED;
    }
  }
}

void os_lru_hold(struct os_policy *p, uint32_t pfn) {
  p->ops->isolate(p->lru, pfn);
}

void os_lru_unhold(struct os_policy *p, uint32_t pfn) {
  p->ops->putback(p->lru, pfn);
}

void os_lru_moved(struct os_policy *p, uint32_t from, uint32_t to) {
  p->ops->moved(p->lru, from, to);
}

void os_lru_used(struct os_policy *p, uint32_t pfn) {
  p->ops->mark_accessed(p->lru, pfn);
}

void os_lru_written(struct os_policy *p, uint32_t pfn) {
  p->ops->written(p->lru, pfn);
}

uint64_t os_lru_active_in(const struct os_policy *p, bool file, unsigned zone) {
  return p->ops->active_in(p->lru, file ? LRU_FILE : LRU_ANON, zone);
}

uint64_t os_lru_size(const struct os_policy *p) {
  uint64_t n = 0;
  for (int t = 0; t < LRU_TYPES; t++)
    n += p->ops->size(p->lru, t, false) + p->ops->size(p->lru, t, true);
  return n;
}

void os_lru_stats(const struct os_policy *p, struct os_stats *sum) {
  const struct lru_stats *s = lru_stats(p->lru);
  sum->pgscan_kswapd += s->pgscan_kswapd;
  sum->pgscan_direct += s->pgscan_direct;
  sum->pgsteal_kswapd += s->pgsteal_kswapd;
  sum->pgsteal_direct += s->pgsteal_direct;
  sum->pgscan_anon += s->pgscan[LRU_ANON];
  sum->pgscan_file += s->pgscan[LRU_FILE];
  sum->pgsteal_anon += s->pgsteal[LRU_ANON];
  sum->pgsteal_file += s->pgsteal[LRU_FILE];
  sum->workingset_refault_anon += s->workingset_refault[LRU_ANON];
  sum->workingset_refault_file += s->workingset_refault[LRU_FILE];
  sum->workingset_activate_anon += s->workingset_activate[LRU_ANON];
  sum->workingset_activate_file += s->workingset_activate[LRU_FILE];
  sum->workingset_restore_anon += s->workingset_restore[LRU_ANON];
  sum->workingset_restore_file += s->workingset_restore[LRU_FILE];
  sum->pgactivate += s->pgactivate;
  sum->pgdeactivate += s->pgdeactivate;
  sum->pgrefill += s->pgrefill;
  sum->pgrotated += s->pgrotated;
}

int os_lru_check(const struct os_policy *p, char *err, size_t err_len) {
  return p->ops->check(p->lru, err, err_len);
}

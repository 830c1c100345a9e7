/* SPDX-License-Identifier: Apache-2.0
 * What becomes of isolated pages, after shrink_folio_list and folio_check_references of
 * linux-6.1 mm/vmscan.c. All pages of the batch are judged first and then evicted together; the
 * kernel does one after the other, which makes no difference to any page, because evicting one
 * changes no bit that the judgement of the next reads. */
#include "lru/core.h"

void lru_count_scan(struct lru *l, const struct lru_scan *sc, enum lru_type type, uint64_t pages) {
  *(sc->kswapd ? &l->st.pgscan_kswapd : &l->st.pgscan_direct) += pages;
  l->st.pgscan[type] += pages;
}

void lru_count_steal(struct lru *l, const struct lru_scan *sc, enum lru_type type, uint64_t pages) {
  *(sc->kswapd ? &l->st.pgsteal_kswapd : &l->st.pgsteal_direct) += pages;
  l->st.pgsteal[type] += pages;
}

bool lru_unisolate(struct lru *l, uint32_t frame) {
  uint32_t *word = &lru_at(l, frame)->word;
  l->isolated[lru_type_of(*word)]--;
  *word &= ~(uint32_t)LRU_W_ISOLATED;
  if (l->host.release(l->host.self, frame)) return true;
  *word = 0;
  return false;
}

enum verdict { KEEP, ACTIVATE, EVICT, EVICT_CLEAN };

/* folio_check_references: used once by a mapping is a second chance, twice is activation. */
static enum verdict references(struct lru *l, uint32_t frame, struct lru_look *look) {
  struct lru_young young = {0};
  l->host.referenced(l->host.self, frame, look, &young);
  uint32_t *word = &lru_at(l, frame)->word;
  bool before = (*word & LRU_W_REFERENCED) != 0;
  bool file = (*word & LRU_W_FILE) != 0;
  *word &= ~(uint32_t)LRU_W_REFERENCED;
  if (young.mlocked) return ACTIVATE;
  if (young.busy) return KEEP;
  if (young.mappings != 0) {
    *word |= LRU_W_REFERENCED;
    return before || young.mappings > 1 || (young.exec && file) ? ACTIVATE : KEEP;
  }
  return before && file ? EVICT_CLEAN : EVICT;
}

/* A page under writeback is put out of the way until the write ends. */
static enum verdict in_writeback(struct lru_scan *sc, uint32_t *word) {
  if (sc->kswapd && (*word & LRU_W_RECLAIM) != 0 && sc->node_writeback)
    sc->immediate++;
  else
    sc->writeback++;
  *word |= LRU_W_RECLAIM;
  return ACTIVATE;
}

static enum verdict judge(struct lru *l, uint32_t frame, struct lru_scan *sc,
                          struct lru_look *look) {
  unsigned page = l->host.page(l->host.self, frame);
  uint32_t *word = &lru_at(l, frame)->word;
  if ((page & LRU_PAGE_LOCKED) != 0) return KEEP;
  sc->scanned++;
  if ((page & LRU_PAGE_UNEVICTABLE) != 0) return ACTIVATE;
  bool mapped = (page & LRU_PAGE_MAPPED) != 0;
  if (!sc->may_unmap && mapped) return KEEP;
  /* A look-around found it young after it was isolated. */
  if (look != NULL && mapped && (*word & LRU_W_REFERENCED) != 0) return KEEP;
  bool writeback = (page & LRU_PAGE_WRITEBACK) != 0;
  if ((*word & LRU_W_FILE) != 0) { /* anon is written by reclaim alone: no reason to wait */
    bool dirty = (page & LRU_PAGE_DIRTY) != 0;
    sc->dirty += dirty || writeback;
    sc->unqueued_dirty += dirty && !writeback;
    sc->congested += writeback && (*word & LRU_W_RECLAIM) != 0;
  }
  if (writeback) return in_writeback(sc, word);
  return references(l, frame, look);
}

/* True: the page comes back. */
static bool settle(struct lru *l, struct lru_batch *b, const struct lru_victim *v) {
  if (v->fate == LRU_FATE_FREED) {
    b->freed++; /* and may already be another page */
    return false;
  }
  uint32_t *word = &lru_at(l, v->frame)->word;
  if (v->fate == LRU_FATE_WRITING) {
    b->pageout++;
    *word |= LRU_W_RECLAIM;
  } else if (v->fate != LRU_FATE_KEPT) {
    if (v->fate == LRU_FATE_DIRTY) *word |= LRU_W_RECLAIM;
    *word |= LRU_W_ACTIVE;
    l->st.pgactivate++;
  }
  return true;
}

void lru_shrink_batch(struct lru *l, struct lru_batch *b, struct lru_scan *sc,
                      struct lru_look *look) {
  struct lru_victim victim[LRU_MIN_BATCH];
  size_t victims = 0;
  bool back[LRU_MIN_BATCH];
  size_t of[LRU_MIN_BATCH] = {0}; /* victim -> place in the batch */
  b->freed = b->pageout = 0;
  for (size_t i = 0; i < b->count; i++) {
    enum verdict v = judge(l, b->frame[i], sc, look);
    uint32_t *word = &lru_at(l, b->frame[i])->word;
    back[i] = true;
    if (v == ACTIVATE && (l->host.page(l->host.self, b->frame[i]) & LRU_PAGE_UNEVICTABLE) == 0) {
      *word |= LRU_W_ACTIVE;
      l->st.pgactivate++;
    }
    if (v != EVICT && v != EVICT_CLEAN) continue;
    of[victims] = i;
    victim[victims++] = (struct lru_victim){.frame = b->frame[i],
                                            .clean_only = v == EVICT_CLEAN,
                                            .marked = (*word & LRU_W_RECLAIM) != 0};
  }
  if (victims != 0) l->host.evict(l->host.self, victim, victims, sc);
  for (size_t i = 0; i < victims; i++)
    back[of[i]] = settle(l, b, &victim[i]);
  size_t kept = 0;
  for (size_t i = 0; i < b->count; i++)
    if (back[i]) b->frame[kept++] = b->frame[i];
  b->count = kept;
}

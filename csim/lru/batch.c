/* SPDX-License-Identifier: Apache-2.0
 * What becomes of isolated pages, after shrink_folio_list and folio_check_references of
 * linux-6.1 mm/vmscan.c. Up to 64 pages of the batch are judged first and then evicted together;
 * the kernel does one after the other, which makes no difference to any page, because evicting one
 * changes no bit that the judgement of the next reads. A huge page that cannot be swapped as one
 * falls into its pages, which are then judged one by one. */
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
  l->isolated[lru_type_of(*word)] -= lru_pages_of(*word);
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
  uint64_t pages = lru_pages_of(*word);
  sc->scanned += pages;
  if ((page & LRU_PAGE_UNEVICTABLE) != 0) return ACTIVATE;
  bool mapped = (page & LRU_PAGE_MAPPED) != 0;
  if (!sc->may_unmap && mapped) return KEEP;
  /* A look-around found it young after it was isolated. */
  if (look != NULL && mapped && (*word & LRU_W_REFERENCED) != 0) return KEEP;
  bool writeback = (page & LRU_PAGE_WRITEBACK) != 0;
  if ((*word & LRU_W_FILE) != 0) { /* anon is written by reclaim alone: no reason to wait */
    bool dirty = (page & LRU_PAGE_DIRTY) != 0;
    if (dirty || writeback) sc->dirty += pages;
    if (dirty && !writeback) sc->unqueued_dirty += pages;
    if (writeback && (*word & LRU_W_RECLAIM) != 0) sc->congested += pages;
  }
  if (writeback) return in_writeback(sc, word);
  return references(l, frame, look);
}

/* A part of the batch that is judged, then evicted together. */
struct chunk {
  size_t count, victims;
  uint32_t frame[LRU_MIN_BATCH];
  bool back[LRU_MIN_BATCH];
  size_t of[LRU_MIN_BATCH]; /* victim -> place in the chunk */
  struct lru_victim victim[LRU_MIN_BATCH];
  uint64_t pages[LRU_MIN_BATCH]; /* of each victim, before it was split */
};

static void judge_chunk(struct lru *l, struct chunk *c, struct lru_scan *sc,
                        struct lru_look *look) {
  for (size_t i = 0; i < c->count; i++) {
    uint32_t f = c->frame[i];
    enum verdict v = judge(l, f, sc, look);
    uint32_t *word = &lru_at(l, f)->word;
    c->back[i] = true;
    if (v == ACTIVATE && (l->host.page(l->host.self, f) & LRU_PAGE_UNEVICTABLE) == 0) {
      *word |= LRU_W_ACTIVE;
      l->st.pgactivate += lru_pages_of(*word);
    }
    if (v != EVICT && v != EVICT_CLEAN) continue;
    c->of[c->victims] = i;
    c->pages[c->victims] = lru_pages_of(*word);
    c->victim[c->victims++] = (struct lru_victim){
        .frame = f, .clean_only = v == EVICT_CLEAN, .marked = (*word & LRU_W_RECLAIM) != 0};
  }
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
    l->st.pgactivate += lru_pages_of(*word);
  }
  return true;
}

/* The first part of a huge page has been judged and goes on; the others are next in the batch and
 * are counted as scanned when their turn comes. */
static bool settle_split(struct lru *l, struct lru_batch *b, struct lru_victim *v, uint64_t pages,
                         struct lru_scan *sc) {
  struct lru_head parts = lru_head_empty();
  for (uint32_t i = 1; i < pages; i++)
    lru_push_tail(l, &parts, v->frame + i);
  lru_splice_head(l, &b->list, &parts);
  sc->scanned -= pages - 1;
  l->host.evict(l->host.self, v, 1, sc);
  return settle(l, b, v);
}

void lru_shrink_batch(struct lru *l, struct lru_batch *b, struct lru_scan *sc,
                      struct lru_look *look) {
  struct lru_head kept = lru_head_empty();
  b->freed = b->pageout = 0;
  while (b->list.count != 0) {
    struct chunk c = {.count = 0};
    while (c.count < LRU_MIN_BATCH && b->list.count != 0)
      c.frame[c.count++] = lru_pop_head(l, &b->list);
    judge_chunk(l, &c, sc, look);
    if (c.victims != 0) l->host.evict(l->host.self, c.victim, c.victims, sc);
    for (size_t i = 0; i < c.victims; i++)
      c.back[c.of[i]] = c.victim[i].fate == LRU_FATE_SPLIT
                            ? settle_split(l, b, &c.victim[i], c.pages[i], sc)
                            : settle(l, b, &c.victim[i]);
    for (size_t i = 0; i < c.count; i++)
      if (c.back[i]) lru_push_tail(l, &kept, c.frame[i]);
  }
  b->list = kept;
}

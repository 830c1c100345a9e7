/* SPDX-License-Identifier: Apache-2.0
 * What csim/lru asks of a host: the state of pages, A bits through the reverse map, the walk of
 * page tables, eviction. Frame numbers are 0 up; virtual addresses start at a table boundary. */
#include "lru/host/machine.h"

static struct lru_machine *of(void *self) {
  return self;
}

static unsigned page_state(void *self, uint32_t frame) {
  const struct lru_machine *m = of(self);
  const struct frame *f = &m->frame[frame];
  if (f->page == NO_FRAME) return 0;
  uint8_t pte = m->area[f->type].pte[f->page];
  return ((pte & PTE_PRESENT) != 0 ? LRU_PAGE_MAPPED : 0U) | (f->dirty ? LRU_PAGE_DIRTY : 0U) |
         (f->writeback ? LRU_PAGE_WRITEBACK : 0U) |
         ((pte & PAGE_SLOT) != 0 ? LRU_PAGE_SWAPCACHE : 0U);
}

static bool always(void *self, uint32_t frame) {
  (void)self;
  (void)frame;
  return true;
}

static void end_writes(struct lru_machine *m) {
  while (m->writes != 0 && m->write[m->write_first].done_us <= m->now_us) {
    uint32_t f = m->write[m->write_first].frame;
    m->write_first = (m->write_first + 1) % m->frames;
    m->writes--;
    m->frame[f].writeback = 0;
    m->ops->written(m->lru, f);
  }
}

void lru_machine_spend(struct lru_machine *m, uint64_t us) {
  m->now_us += us;
  end_writes(m);
}

static uint64_t table_id(enum lru_type type, uint32_t table) {
  return UINT64_C(0xffff888000000000) + ((uint64_t)type << 32) + (uint64_t)table * 8;
}

static void look_around(struct lru_machine *m, struct area *a, const struct frame *f,
                        struct lru_look *look) {
  uint64_t start;
  uint64_t end;
  lru_look_window((uint64_t)f->page * 4096, 0, (uint64_t)a->pages * 4096,
                  (uint64_t)TABLE_PAGES * 4096, &start, &end);
  for (uint32_t p = (uint32_t)(start / 4096); p < end / 4096; p++) {
    uint8_t *pte = &a->pte[p];
    if ((*pte & PTE_PRESENT) == 0 || (*pte & PTE_YOUNG) == 0) continue;
    if (!lru_look_wants(look, a->frame[p])) continue;
    *pte &= (uint8_t)~PTE_YOUNG;
    lru_look_young(look, a->frame[p]);
  }
  lru_look_done(look, (uint32_t)((end - start) / 4096), table_id(f->type, f->page / TABLE_PAGES));
  (void)m;
}

static void referenced(void *self, uint32_t frame, struct lru_look *look, struct lru_young *out) {
  struct lru_machine *m = of(self);
  const struct frame *f = &m->frame[frame];
  struct area *a = &m->area[f->type];
  uint8_t *pte = &a->pte[f->page];
  lru_machine_spend(m, m->cfg.scan_us);
  if ((*pte & PTE_PRESENT) == 0 || (*pte & PTE_YOUNG) == 0) return;
  out->mappings = 1;
  if (look != NULL) look_around(m, a, f, look);
  *pte &= (uint8_t)~PTE_YOUNG;
}

static void walk(void *self, struct lru_walk *w) {
  struct lru_machine *m = of(self);
  struct lru_walk_space space = {.fresh = !m->walked,
                                 .ran = true,
                                 .rss = {m->area[LRU_ANON].mapped, m->area[LRU_FILE].mapped}};
  m->walked = true;
  if (!lru_walk_mm(w, &space)) return;
  for (unsigned t = 0; t < LRU_TYPES; t++) {
    struct area *a = &m->area[t];
    for (uint32_t first = 0; first < a->pages; first += TABLE_PAGES) {
      uint8_t *table = &a->table[first / TABLE_PAGES];
      if ((*table & PTE_PRESENT) == 0) continue;
      if (lru_walk_nonleaf(w)) {
        if ((*table & PTE_YOUNG) == 0) continue;
        *table &= (uint8_t)~PTE_YOUNG;
      }
      uint64_t id = table_id(t, first / TABLE_PAGES);
      if (!lru_walk_table(w, id)) continue;
      uint32_t entries = a->pages - first < TABLE_PAGES ? a->pages - first : TABLE_PAGES;
      uint32_t young = 0;
      for (uint32_t p = first; p < first + entries; p++) {
        if ((a->pte[p] & PTE_PRESENT) == 0 || (a->pte[p] & PTE_YOUNG) == 0) continue;
        if (!lru_walk_wants(w, a->frame[p])) continue;
        a->pte[p] &= (uint8_t)~PTE_YOUNG;
        lru_walk_young(w, a->frame[p]);
        young++;
      }
      lru_walk_table_done(w, id, entries, young);
    }
  }
}

/* ---- eviction ---- */

static void unmap(struct area *a, struct frame *f) {
  uint8_t *pte = &a->pte[f->page];
  if ((*pte & PTE_PRESENT) == 0) return;
  if ((*pte & PTE_DIRTY) != 0) f->dirty = 1;
  *pte &= (uint8_t) ~(PTE_PRESENT | PTE_YOUNG | PTE_DIRTY);
  a->mapped--;
}

static void start_write(struct lru_machine *m, uint32_t frame) {
  uint64_t last =
      m->writes != 0 ? m->write[(m->write_first + m->writes - 1) % m->frames].done_us : m->now_us;
  uint64_t from = last > m->now_us ? last : m->now_us;
  m->write[(m->write_first + m->writes++) % m->frames] =
      (struct write){frame, from + m->cfg.write_us};
  m->frame[frame].dirty = 0;
  m->frame[frame].writeback = 1;
  m->st.pswpout++;
}

static enum lru_fate evict_one(struct lru_machine *m, const struct lru_victim *v,
                               const struct lru_scan *sc) {
  struct frame *f = &m->frame[v->frame];
  struct area *a = &m->area[f->type];
  if (f->type == LRU_ANON && (a->pte[f->page] & PAGE_SLOT) == 0) {
    if (m->swap_used == m->cfg.swap_pages) return LRU_FATE_ACTIVATE;
    m->swap_used++;
    a->pte[f->page] |= PAGE_SLOT;
    f->dirty = 1; /* add_to_swap */
  }
  unmap(a, f);
  if (f->dirty) {
    if (f->type == LRU_FILE) return LRU_FATE_DIRTY; /* never here: the file is only read */
    if (v->clean_only || !sc->may_writepage) return LRU_FATE_KEPT;
    start_write(m, v->frame);
    return LRU_FATE_WRITING;
  }
  if (f->writeback) return LRU_FATE_KEPT;
  a->shadow[f->page] = m->ops->evicted(m->lru, v->frame);
  a->frame[f->page] = NO_FRAME;
  m->ops->remove(m->lru, v->frame);
  lru_machine_free(m, v->frame);
  return LRU_FATE_FREED;
}

static void evict(void *self, struct lru_victim *v, size_t count, const struct lru_scan *sc) {
  struct lru_machine *m = of(self);
  for (size_t i = 0; i < count; i++)
    v[i].fate = evict_one(m, &v[i], sc);
}

static struct lru_zone_state zone_state(void *self, unsigned zone) {
  const struct lru_machine *m = of(self);
  if (zone >= ZONES) return (struct lru_zone_state){0};
  const struct zone *z = &m->zone[zone];
  return (struct lru_zone_state){.managed = z->cfg.managed,
                                 .free = lru_zone_nr_free(z),
                                 .low = z->cfg.low,
                                 .high = z->cfg.high};
}

static uint64_t swap_free(void *self) {
  return of(self)->cfg.swap_pages - of(self)->swap_used;
}

static uint64_t swap_total(void *self) {
  return of(self)->cfg.swap_pages;
}

static uint64_t now_ms(void *self) {
  return of(self)->now_us / 1000;
}

static void too_many_isolated(void *self) {
  lru_machine_spend(of(self), 20000);
}

struct lru_host lru_machine_host(struct lru_machine *m) {
  return (struct lru_host){.self = m,
                           .page = page_state,
                           .get = always,
                           .release = always,
                           .referenced = referenced,
                           .evict = evict,
                           .walk = walk,
                           .zone = zone_state,
                           .too_many_isolated = too_many_isolated,
                           .swap_free = swap_free,
                           .swap_total = swap_total,
                           .now_ms = now_ms};
}

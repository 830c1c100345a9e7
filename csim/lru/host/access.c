/* SPDX-License-Identifier: Apache-2.0
 * One access of the process, and the page faults and reads it leads to (linux-6.1 mm/memory.c
 * do_anonymous_page, do_swap_page, do_read_fault; mm/filemap.c filemap_fault, filemap_read). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "lru/host/machine.h"

struct lru_machine_cfg lru_machine_guest_256m(void) {
  return (struct lru_machine_cfg){.zone = {{.managed = 3840,
                                            .free = 3808,
                                            .min = 31,
                                            .low = 38,
                                            .high = 45,
                                            .reserve = 193,
                                            .pcp_batch = 1,
                                            .pcp_high = 38},
                                           {.managed = 52062,
                                            .free = 47200 - 3808,
                                            .min = 430,
                                            .low = 537,
                                            .high = 644,
                                            .pcp_batch = 15,
                                            .pcp_high = 537}},
                                  .swap_pages = 131072,
                                  .tun = lru_tunables_default(),
                                  .access_us = 20,
                                  .miss_us = 150,
                                  .scan_us = 5,
                                  .write_us = 20};
}

static bool area_init(struct area *a, uint32_t pages) {
  size_t n = pages != 0 ? pages : 1;
  a->pages = pages;
  a->pte = calloc(n, 1);
  a->frame = malloc(n * sizeof *a->frame);
  a->shadow = calloc(n, sizeof *a->shadow);
  a->table = calloc(n / TABLE_PAGES + 1, 1);
  a->node = calloc(n / NODE_PAGES + 1, 1);
  if (a->pte == NULL || a->frame == NULL || a->shadow == NULL || a->table == NULL ||
      a->node == NULL)
    return false;
  for (size_t i = 0; i < n; i++)
    a->frame[i] = NO_FRAME;
  return true;
}

struct lru_machine *lru_machine_create(const struct lru_ops *ops, const struct lru_machine_cfg *cfg,
                                       uint32_t anon_pages, uint32_t file_pages) {
  struct lru_machine *m = calloc(1, sizeof *m);
  if (m == NULL) return NULL;
  m->ops = ops;
  m->cfg = *cfg;
  m->frames = cfg->zone[0].free + cfg->zone[1].free;
  m->last_pread = NO_FRAME;
  struct lru_host host = lru_machine_host(m);
  size_t n = m->frames != 0 ? m->frames : 1;
  m->frame = calloc(n, sizeof *m->frame);
  m->write = calloc(n, sizeof *m->write);
  bool ok = m->frame != NULL && m->write != NULL && area_init(&m->area[LRU_ANON], anon_pages) &&
            area_init(&m->area[LRU_FILE], file_pages) &&
            lru_zone_init(&m->zone[0], &cfg->zone[0], 0) &&
            lru_zone_init(&m->zone[1], &cfg->zone[1], cfg->zone[0].free);
  if (ok) {
    for (uint32_t i = 0; i < m->frames; i++)
      m->frame[i].page = NO_FRAME;
    m->lru = ops->create(&host, 0, m->frames, 0);
  }
  if (m->lru == NULL) {
    lru_machine_destroy(m);
    return NULL;
  }
  lru_set_tunables(m->lru, &cfg->tun);
  return m;
}

void lru_machine_destroy(struct lru_machine *m) {
  if (m == NULL) return;
  m->ops->destroy(m->lru);
  for (int i = 0; i < LRU_TYPES; i++) {
    free(m->area[i].pte);
    free(m->area[i].frame);
    free(m->area[i].shadow);
    free(m->area[i].table);
    free(m->area[i].node);
  }
  for (int i = 0; i < ZONES; i++)
    free(m->zone[i].stack);
  free(m->frame);
  free(m->write);
  free(m);
}

/* ---- memory that the kernel itself takes ---- */

static bool take_kernel_page(struct lru_machine *m) {
  uint32_t f = lru_machine_alloc(m);
  if (f == NO_FRAME) return false;
  m->kernel_frames++;
  return true;
}

/* A node of the page cache's (or swap cache's) tree; those that hold only shadows stay. */
static bool need_node(struct lru_machine *m, struct area *a, uint32_t page) {
  if (a->node[page / NODE_PAGES] != 0) return true;
  if (m->tree_nodes % NODES_PER_PAGE == 0 && !take_kernel_page(m)) return false;
  m->tree_nodes++;
  a->node[page / NODE_PAGES] = 1;
  return true;
}

static bool need_table(struct lru_machine *m, struct area *a, uint32_t page) {
  if (a->table[page / TABLE_PAGES] != 0) return true;
  if (!take_kernel_page(m)) return false;
  a->table[page / TABLE_PAGES] = PTE_PRESENT;
  return true;
}

/* ---- faults ---- */

static uint32_t bring_in(struct lru_machine *m, enum lru_type type, uint32_t page, bool in_fault) {
  struct area *a = &m->area[type];
  uint32_t f = lru_machine_alloc(m);
  if (f == NO_FRAME) return f;
  struct lru_new p = {.type = type,
                      .zone = lru_machine_zone_of(m, f),
                      .shadow = a->shadow[page],
                      .in_fault = in_fault};
  m->frame[f] = (struct frame){.page = page, .type = type};
  a->shadow[page] = LRU_NO_SHADOW;
  a->frame[page] = f;
  m->ops->add(m->lru, f, &p);
  return f;
}

static void map(struct area *a, uint32_t page, bool store) {
  a->pte[page] |= (uint8_t)(PTE_PRESENT | PTE_YOUNG | PAGE_KNOWN | (store ? PTE_DIRTY : 0));
  a->mapped++;
}

/* A store to a page in the swap cache that no write holds gives its slot back. */
static void free_slot(struct lru_machine *m, struct area *a, uint32_t page) {
  if ((a->pte[page] & PAGE_SLOT) == 0 || m->frame[a->frame[page]].writeback) return;
  a->pte[page] &= (uint8_t)~PAGE_SLOT;
  m->swap_used--;
  m->frame[a->frame[page]].dirty = 1;
}

static int fault(struct lru_machine *m, enum lru_type type, uint32_t page, bool store) {
  struct area *a = &m->area[type];
  int major = 0;
  m->st.pgfault++;
  if (!need_table(m, a, page)) return -1;
  if (a->frame[page] == NO_FRAME) {
    bool on_disk = type == LRU_FILE || (a->pte[page] & PAGE_SLOT) != 0;
    if (on_disk && !need_node(m, a, page)) return -1;
    if (bring_in(m, type, page, true) == NO_FRAME) return -1;
    if (on_disk) {
      major = 1;
      m->st.pgmajfault++;
      if (type == LRU_ANON) m->st.pswpin++;
    }
    if (type == LRU_FILE) m->st.pgfault++; /* the fault is retried once the page is read */
  }
  map(a, page, store);
  if (type == LRU_ANON && store) free_slot(m, a, page);
  return major;
}

static int touch(struct lru_machine *m, enum lru_type type, uint32_t page, bool store) {
  struct area *a = &m->area[type];
  int major = 0;
  if ((a->pte[page] & PTE_PRESENT) == 0) {
    major = fault(m, type, page, store);
    if (major < 0) return major;
  }
  a->pte[page] |= (uint8_t)(PTE_YOUNG | (store ? PTE_DIRTY : 0));
  a->table[page / TABLE_PAGES] |= PTE_YOUNG;
  return major;
}

static int pread_page(struct lru_machine *m, uint32_t page) {
  struct area *a = &m->area[LRU_FILE];
  int miss = a->frame[page] == NO_FRAME;
  if (miss && (!need_node(m, a, page) || bring_in(m, LRU_FILE, page, false) == NO_FRAME)) return -1;
  /* Reading on in the page of the last read is one use. */
  if (m->last_pread != page) m->ops->mark_accessed(m->lru, a->frame[page]);
  m->last_pread = page;
  return miss;
}

int lru_machine_access(struct lru_machine *m, enum lru_access_op op, unsigned cls, uint32_t page) {
  bool anon = op == LRU_ANON_LOAD || op == LRU_ANON_STORE;
  int miss = op == LRU_FILE_PREAD
                 ? pread_page(m, page)
                 : touch(m, anon ? LRU_ANON : LRU_FILE, page, op == LRU_ANON_STORE);
  if (miss < 0) return miss;
  m->st.accesses[op][cls]++;
  m->st.misses[op][cls] += (uint64_t)miss;
  lru_machine_spend(m, miss != 0 ? m->cfg.miss_us : m->cfg.access_us);
  lru_machine_tick(m);
  return miss;
}

/* ---- what happened ---- */

struct lru_machine_stats lru_machine_stats(const struct lru_machine *m) {
  struct lru_machine_stats st = m->st;
  st.lru = *lru_stats(m->lru);
  return st;
}

uint64_t lru_machine_resident(const struct lru_machine *m) {
  uint64_t n = 0;
  for (uint32_t i = 0; i < m->frames; i++)
    n += m->frame[i].page != NO_FRAME;
  return n;
}

int lru_machine_check(const struct lru_machine *m, char *err, size_t err_len) {
  uint64_t resident = lru_machine_resident(m);
  uint64_t free = (uint64_t)m->zone[0].count + m->zone[1].count;
  if (resident + free + m->kernel_frames != m->frames) {
    (void)snprintf(err, err_len,
                   "machine: %" PRIu64 " pages, %" PRIu64 " free, %" PRIu32
                   " of the kernel, of %" PRIu32 " frames",
                   resident, free, m->kernel_frames, m->frames);
    return -1;
  }
  uint64_t listed = 0;
  for (int i = 0; i < LRU_TYPES; i++)
    listed += m->ops->size(m->lru, i, false) + m->ops->size(m->lru, i, true);
  if (listed != resident) {
    (void)snprintf(err, err_len, "machine: %" PRIu64 " pages, %" PRIu64 " listed", resident,
                   listed);
    return -1;
  }
  return m->ops->check(m->lru, err, err_len);
}

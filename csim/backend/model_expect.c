/* SPDX-License-Identifier: Apache-2.0
 * Hints to the host (mmu_backend_ops.glimpse, .expect, .foresee): what a request will need is
 * fetched into the host's caches while there is other work. Looks where a walk would, in no time.
 * And reads of lowest descriptors where a hint knows that their table lies.
 * Promises: a hint changes nothing and may be of the wrong table; a place is never wrong, and a
 * read gives what physmem_read64 would. */
#include "backend/model.h"
#include "mem/physmem.h"
#include "timing/memtiming.h"

/* Where one stage that is on finds a page. */
struct place {
  struct rules_root root;
  uint64_t table;
  uint8_t level; /* of the table */
};

static const struct mmu_access load = {.kind = MMU_READ};

static void descriptor(const struct model *m, const struct mmu_context *ctx, uint64_t va,
                       const struct place *p, uint64_t pte, struct rules_step *out) {
  m->rules->step(ctx, &load, va, p->level, p->root.upper, pte, RULES_ALL_RIGHTS, false, out);
}

static uint64_t address_in(const struct place *p, uint64_t va) {
  return rules_pte_addr(p->table, va, p->level, p->level == p->root.level ? p->root.index_bits : 9);
}

/* Down to the table of 4 KiB pages, or to 2 MiB of a page, with bit 0 set; false: there is none, or
 * it is the root, which need not be a whole frame. *above: where the last descriptor on the way was
 * read. */
static bool go_down(const struct model *m, const struct mmu_context *ctx, uint64_t va,
                    struct place *p, uint64_t *above) {
  m->rules->root(ctx, &load, va, &p->root);
  if (p->root.cause != MMU_CAUSE_NONE || p->root.level == 0) return false;
  p->level = p->root.level;
  p->table = p->root.table;
  while (p->level != 0) {
    struct rules_step step;
    uint64_t pte;
    *above = address_in(p, va);
    if (physmem_read64(m->cfg.memory, *above, &pte) != MMU_MEM_OK) return false;
    descriptor(m, ctx, va, p, pte, &step);
    if (step.kind == RULES_FAULT) return false;
    p->level--;
    p->table = step.next;
    if (step.kind == RULES_TABLE) continue;
    p->table = (step.next | (va & ~(UINT64_MAX << step.shift))) >> 21 << 21 | 1;
    return true;
  }
  return true;
}

static struct model_hint *hint_of(const struct model *m, uint64_t va) {
  return &m->hint[(va >> 21) % MODEL_HINTS];
}

void model_glimpse(const struct mmu_backend *b, uint64_t va) {
  __builtin_prefetch(hint_of((const struct model *)b, va), 1);
}

static bool is_good(const struct model *m, const struct model_hint *h) {
  return h->moved == physmem_moved(m->cfg.memory);
}

/* Look for it. NULL: there is none. */
static __attribute__((noinline)) const struct model_hint *look(const struct model *m,
                                                               const struct mmu_context *ctx,
                                                               uint64_t va, uint64_t key) {
  struct model_hint *h = hint_of(m, va);
  struct place p;
  uint64_t above = 0;
  if (!go_down(m, ctx, va, &p, &above) || p.table >> 44 != 0) return NULL;
  const bool page = (p.table & 1) != 0;
  const char *where = page ? NULL : physmem_where(m->cfg.memory, p.table);
  if (!page && where == NULL) return NULL;
  *h = (struct model_hint){.key = key,
                           .frame = (uint32_t)(p.table >> 12),
                           .where = where,
                           .above = physmem_where(m->cfg.memory, above),
                           .moved = physmem_moved(m->cfg.memory)};
  return h;
}

/* Of where it is or was: nobody is harmed if it is not there any more. NULL: there is none. */
static const struct model_hint *table_of(const struct model *m, const struct mmu_context *ctx,
                                         uint64_t va) {
  const uint64_t key = (va >> 21) + ((uint64_t)ctx->asid << 48) + 1;
  const struct model_hint *h = hint_of(m, va);
  return h->key == key && is_good(m, h) ? h : look(m, ctx, va, key);
}

enum mmu_mem_error model_read_lowest(const struct model *m, uint64_t va, uint64_t addr,
                                     uint64_t *pte) {
  const struct model_hint *h = hint_of(m, va);
  return h->frame == addr >> 12 && h->where != NULL && is_good(m, h)
             ? physmem_read64_at(m->cfg.memory, addr, h->where + (addr & 0xfff), pte)
             : physmem_read64(m->cfg.memory, addr, pte);
}

/* An address of a descriptor, or of the page with bit 0 set. */
uint64_t model_expect(struct mmu_backend *b, const struct mmu_context *ctx, uint64_t va,
                      const void **where) {
  struct model *m = (struct model *)b;
  if (ctx->s1_mode == MMU_S1_OFF || model_two_stages(ctx)) return MMU_NEVER;
  const struct model_hint *h = table_of(m, ctx, va);
  if (h == NULL) return MMU_NEVER;
  if (h->where == NULL) return (uint64_t)h->frame << 12 | (va & 0x1ff000) | 1;
  uint64_t addr = rules_pte_addr((uint64_t)h->frame << 12, va, 0, 9);
  __builtin_prefetch(h->above);
  *where = h->where + (addr & 0xfff);
  if (m->cfg.timing != NULL) memtiming_expect(m->cfg.timing, addr);
  return addr;
}

bool model_foresee(const struct mmu_backend *b, const struct mmu_context *ctx, uint64_t va,
                   uint64_t at, uint64_t *pa) {
  const struct model *m = (const struct model *)b;
  struct rules_step step;
  uint64_t pte;
  *pa = at & ~UINT64_C(1);
  if ((at & 1) != 0) return at != MMU_NEVER;
  if (model_read_lowest(m, va, at, &pte) != MMU_MEM_OK) return false;
  m->rules->step(ctx, &load, va, 0, false, pte, RULES_ALL_RIGHTS, false, &step);
  *pa = step.next | (va & ~(UINT64_MAX << step.shift));
  return step.kind == RULES_LEAF;
}

/* SPDX-License-Identifier: Apache-2.0
 * Which table the model's walks read next: the root, what the walk caches know, or what the last
 * descriptor says. Behaviour: docs/tlb.md, both organisations of the walk cache. Promises: the
 * deepest known table wins; a descriptor is only trusted while no operation that ends it came. */
#include "backend/model.h"

/* ---- by virtual address ---- */

/* May stage 1 not put out this address? RISC-V with a stage 2 has no such limit. */
static bool beyond(const struct mmu_context *c, uint64_t addr) {
  return c->s2_mode != MMU_S2_RISCV && rules_beyond(addr, c->pa_width);
}

void model_table_start(struct model *m, struct model_walk *w) {
  const struct model_entry *deepest = NULL;
  uint8_t below = w->root.level;
  w->level = w->root.level;
  w->table = w->root.table;
  w->rights = RULES_ALL_RIGHTS;
  w->global = false;
  for (uint8_t h = w->root.level; h >= 1; h--) { /* each height that matches is touched */
    const struct model_entry *e =
        model_cache_find(m->pointers[h], w->r->va, w->r->tag, MODEL_ANY_SIZE);
    if (e == NULL || e->s2_root != w->r->need.s2_root) continue;
    model_cache_touch(m->pointers[h], e);
    deepest = e;
    below = (uint8_t)(h - 1);
  }
  if (deepest == NULL || beyond(&w->r->ctx, deepest->base)) return;
  w->level = below;
  w->table = deepest->base;
  w->rights = deepest->rights;
  w->global = deepest->global;
  m->stats.pwc_hits++;
}

void model_table_down(struct model_walk *w) {
  w->level--;
  w->table = w->step.next;
  w->rights = w->step.rights;
  w->global = w->step.global;
}

/* ---- by physical address: the page is the descriptor's 8 bytes, the tag its height ---- */

enum { DESCRIPTOR_SHIFT = 3 };

static uint64_t height_tag(const struct model_walk *w) {
  return (uint64_t)w->level << 32;
}

void model_table_address(struct model_walk *w) {
  uint8_t bits = w->level == w->root.level ? w->root.index_bits : 9;
  w->gpa = w->addr = rules_pte_addr(w->table, w->r->va, w->level, bits);
}

bool model_table_known(struct model *m, struct model_walk *w) {
  if (m->descriptors == NULL || w->level == 0) return false;
  const struct model_entry *e =
      model_cache_find(m->descriptors, w->addr, height_tag(w), MODEL_ANY_SIZE);
  if (e == NULL) return false;
  model_cache_touch(m->descriptors, e);
  m->rules->step(&w->r->ctx, &w->r->req.access, w->r->va, w->level, w->root.upper, e->base,
                 w->rights, w->global, &w->step);
  if (w->step.kind != RULES_TABLE || w->step.update) return false;
  m->stats.pwc_hits++;
  return true;
}

void model_table_remember(struct model *m, const struct model_walk *w) {
  const struct rules_step *s = &w->step;
  struct model_entry *e;
  bool resized;
  if (w->r->req.access.speculative) return;
  if (m->descriptors != NULL) {
    e = model_cache_place(m->descriptors, w->addr, height_tag(w), DESCRIPTOR_SHIFT, false,
                          &resized);
    e->base = s->update ? s->new_pte : w->pte;
    return;
  }
  uint8_t shift = (uint8_t)(12 + 9 * w->level);
  e = model_cache_place(m->pointers[w->level], w->r->va, w->r->tag, shift, s->global, &resized);
  if (e == NULL) return;
  e->base = s->next;
  e->s2_root = w->r->need.s2_root;
  e->rights = s->rights;
}

/* ---- both ---- */

/* INVPCID of one address ends every pointer of the PCID, as INVLPG does: more than the SDM asks. */
void model_table_invalidate(struct model *m, const struct mmu_inval *inv, bool by_address) {
  struct mmu_inval op = *inv;
  if (op.kind == MMU_INV_X86_PCID_ADDR) op.kind = MMU_INV_X86_INVLPG;
  if (op.kind == MMU_INV_X86_VPID_ADDR || op.kind == MMU_INV_AMD_ADDR) op.kind = MMU_INV_X86_VPID;
  /* A cache without address spaces must forget everything. */
  if (m->descriptors != NULL && rules_ends_pointers(inv->kind)) model_cache_clear(m->descriptors);
  for (unsigned h = 1; h < MODEL_LEVELS; h++)
    model_cache_invalidate(m->pointers[h], m->rules, &op, by_address);
}

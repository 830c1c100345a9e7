/* SPDX-License-Identifier: Apache-2.0
 * The model's invalidations: what an operation drops from the TLBs and walk caches. The rules say
 * what it must; docs/architectures.md and docs/tlb.md say where this MMU takes more than that.
 * Promises: one at a time; afterwards nothing is left that the operation covers; what this MMU is
 * said to keep stays. */
#include "backend/model.h"
#include "rules/arm_range.h"

static bool is_range(const struct mmu_inval *inv) {
  return inv->kind >= MMU_INV_ARM_RVAE1 && inv->kind <= MMU_INV_ARM_RVAALE1;
}

static bool is_stage2_range(const struct mmu_inval *inv) {
  return inv->kind == MMU_INV_ARM_RIPAS2E1 || inv->kind == MMU_INV_ARM_RIPAS2LE1;
}

/* Arm's range operations as this MMU takes them: one of another granule than 4 KiB as everything
 * that the VMID has (in the stage it is for), the others without their level hint. */
static struct mmu_inval as_taken(const struct mmu_inval *inv) {
  struct mmu_inval op = *inv;
  struct rules_arm_range range;
  if (!is_range(inv) && !is_stage2_range(inv)) return op;
  op.addr = rules_arm_range_without_hint(op.addr);
  if (rules_arm_range_of(op.addr, &range)) return op;
  op.kind = is_range(inv) ? MMU_INV_ARM_VMALLE1 : MMU_INV_ARM_VMALLS12E1;
  return op;
}

/* Does it name one page? Then it would spare a page elsewhere that differs in its address alone. */
static bool is_by_address(const struct model *m, const struct mmu_inval *inv) {
  struct rules_entry e = {
      .va = inv->addr, .asid = inv->asid, .vmid = inv->vmid, .regime = inv->regime, .shift = 12};
  if (is_range(inv) || is_stage2_range(inv)) return false;
  bool here = m->rules->covers(inv, &e);
  e.va = ~inv->addr;
  return here && !m->rules->covers(inv, &e);
}

/* The pages of a range, once for each page size, in as many sets. */
static uint32_t sets_of_range(const struct model *m, uint64_t operand) {
  uint32_t sets = 0;
  struct rules_arm_range range;
  if (!rules_arm_range_of(operand, &range)) return m->cfg.geometry.l2_sets;
  for (uint64_t sizes = model_cache_sizes(m->l2); sizes != 0; sizes &= sizes - 1) {
    int shift = __builtin_ctzll(sizes);
    uint64_t pages = (range.last >> shift) - (range.first >> shift) + 1;
    sets += pages < m->cfg.geometry.l2_sets ? (uint32_t)pages : m->cfg.geometry.l2_sets;
  }
  return sets;
}

/* Sets of the L2 to look at: one for each page size, those of a range, or all. */
static uint32_t sets_to_sweep(const struct model *m, const struct mmu_inval *op, bool by_address) {
  if (m->l2 == NULL) return 0;
  if (m->l2_parts) return m->cfg.geometry.l2_sets; /* which may be in any set */
  if (is_range(op)) return sets_of_range(m, op->addr);
  return by_address ? (uint32_t)__builtin_popcountll(model_cache_sizes(m->l2))
                    : m->cfg.geometry.l2_sets;
}

/* From what is found by virtual address. */
static void drop_combined(struct model *m, const struct mmu_inval *op, bool by_address) {
  model_table_invalidate(m, op, by_address);
  if (m->l2 != NULL) {
    bool all = (!by_address && !is_range(op)) || m->l2_parts;
    model_cache_invalidate(m->l2, m->rules, op, by_address && !all);
    if (all) model_cache_recount_sizes(m->l2);
    if (all) m->l2_parts = model_cache_has_parts(m->l2);
  }
  model_cache_invalidate(m->l1[0], m->rules, op, by_address);
  model_cache_invalidate(m->l1[1], m->rules, op, by_address);
}

bool model_inval_begin(struct model *m, const struct mmu_inval *inv) {
  if (m->inval_done != MMU_NEVER) return false;
  struct mmu_inval op = as_taken(inv);
  bool by_address = is_by_address(m, &op);
  uint32_t sets = sets_to_sweep(m, &op, by_address);
  uint64_t drained = model_walk_overtake(m);
  model_cache_invalidate(m->nested, m->rules, &op, false);
  if (!is_stage2_range(inv)) drop_combined(m, &op, by_address);
  m->inval_done = m->now + MODEL_INVAL_CYCLES + sets;
  if (drained > m->inval_done) m->inval_done = drained;
  m->inval_id = inv->id;
  m->epoch++;
  m->stats.invals++;
  return true;
}

// SPDX-License-Identifier: Apache-2.0
// What every backend shares: the default geometry, and the two blocking calls for tests and tools.
// Follows the contract of backend.h only; knows no implementation.
// Promises: the blocking calls end, because every backend stops with an error when it is stuck.
#include "backend/backend.h"

#include <stdio.h>
#include <string.h>

struct mmu_geometry mmu_geometry_default(void) {
  return (struct mmu_geometry){.l1i_entries = 64,
                               .l1d_entries = 64,
                               .l2_sets = 128,
                               .l2_ways = 8,
                               .pwc_entries = {16, 16, 16, 16},
                               .pwc_kind = MMU_PWC_VIRTUAL,
                               .walks = 2,
                               .miss_queue = 4,
                               .replacement = MMU_REPLACE_PLRU,
                               .nested_entries = 16};
}

const char *mmu_geometry_fault(const struct mmu_geometry *g) {
  if (g->l1i_entries < 1 || g->l1i_entries > 256 || g->l1d_entries < 1 || g->l1d_entries > 256)
    return "an L1 TLB has 1 to 256 entries";
  if (g->l2_sets > 4096 || (g->l2_sets & (g->l2_sets - 1)) != 0 || g->l2_sets == 1)
    return "the L2 TLB has a power of two of sets from 2 to 4096, or 0: no L2 TLB";
  if (g->l2_sets != 0 && (g->l2_ways < 1 || g->l2_ways > 16)) return "the L2 TLB has 1 to 16 ways";
  for (unsigned h = 0; h < MMU_PWC_HEIGHTS; h++)
    if (g->pwc_entries[h] > 64) return "a walk cache has 0 to 64 entries a height";
  if (g->pwc_kind >= MMU_PWC_COUNT) return "the walk cache is of kind 0 (virtual) or 1 (physical)";
  if (g->walks < 1 || g->walks > 8) return "there are 1 to 8 walks at once";
  if (g->miss_queue < 1 || g->miss_queue > 16) return "the miss queue has 1 to 16 entries";
  if (g->replacement >= MMU_REPLACE_COUNT)
    return "replacement is 0 (plru), 1 (lru), 2 (fifo) or 3 (random)";
  if (g->nested_entries > 256) return "the nested TLB has 0 to 256 entries";
  return NULL;
}

bool mmu_geometry_same(const struct mmu_geometry *a, const struct mmu_geometry *b) {
  char x[MMU_GEOMETRY_TEXT], y[MMU_GEOMETRY_TEXT];
  mmu_geometry_text(a, x);
  mmu_geometry_text(b, y);
  return strcmp(x, y) == 0;
}

void mmu_geometry_text(const struct mmu_geometry *g, char text[MMU_GEOMETRY_TEXT]) {
  snprintf(text, MMU_GEOMETRY_TEXT, "%u-%u-%u-%u-%u-%u-%u-%u-%u-%u-%u-%u-%u", g->l1i_entries,
           g->l1d_entries, g->l2_sets, g->l2_ways, g->pwc_entries[0], g->pwc_entries[1],
           g->pwc_entries[2], g->pwc_entries[3], g->pwc_kind, g->walks, g->miss_queue,
           g->replacement, g->nested_entries);
}

bool mmu_geometry_parse(const char *text, struct mmu_geometry *g) {
  char rest;
  return sscanf(text, "%u-%u-%u-%u-%u-%u-%u-%u-%u-%u-%u-%u-%u%c", &g->l1i_entries, &g->l1d_entries,
                &g->l2_sets, &g->l2_ways, &g->pwc_entries[0], &g->pwc_entries[1],
                &g->pwc_entries[2], &g->pwc_entries[3], &g->pwc_kind, &g->walks, &g->miss_queue,
                &g->replacement, &g->nested_entries, &rest) == 13;
}

/* One more cycle, or more if nothing happens before; false if the backend failed. */
static bool advance(struct mmu_backend *b) {
  uint64_t next = b->ops->next_event(b);
  uint64_t now = b->ops->now(b);
  if (next == MMU_NEVER || next <= now) next = now + 1;
  return b->ops->step_to(b, next) != MMU_NEVER;
}

int mmu_translate(struct mmu_backend *b, const struct mmu_request *req, struct mmu_response *out) {
  while (!b->ops->submit(b, req))
    if (b->ops->error(b) != NULL || !advance(b)) return -1;
  while (b->ops->poll(b, out, 1) == 0)
    if (!advance(b)) return -1;
  return 0;
}

int mmu_read_counters(struct mmu_backend *b, uint64_t count[MMU_PERF_COUNT]) {
  for (uint32_t i = 0; i < MMU_PERF_COUNT; i++)
    if (b->ops->reg_read(b, MMU_REG_COUNTERS + 8 * i, &count[i]) != 0) return -1;
  return 0;
}

const char *mmu_counter_name(enum mmu_perf counter) {
#define NAME(name, event) event,
  static const char *const names[] = {MMU_PERF_LIST(NAME)};
#undef NAME
  return names[counter];
}

int mmu_invalidate_wait(struct mmu_backend *b, const struct mmu_inval *inv) {
  uint8_t id;
  while (!b->ops->invalidate(b, inv))
    if (b->ops->error(b) != NULL || !advance(b)) return -1;
  while (!b->ops->inval_poll(b, &id))
    if (!advance(b)) return -1;
  return 0;
}

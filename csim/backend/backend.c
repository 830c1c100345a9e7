// SPDX-License-Identifier: Apache-2.0
// What every backend shares: the default geometry, and the two blocking calls for tests and tools.
// Follows the contract of backend.h only; knows no implementation.
// Promises: the blocking calls end, because every backend stops with an error when it is stuck.
#include "backend/backend.h"

struct mmu_geometry mmu_geometry_default(void) {
  return (struct mmu_geometry){
      .l1i_entries = 64, .l1d_entries = 64, .pwc_entries = 16, .walks = 2, .miss_queue = 4};
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

int mmu_invalidate_wait(struct mmu_backend *b, const struct mmu_inval *inv) {
  uint8_t id;
  while (!b->ops->invalidate(b, inv))
    if (b->ops->error(b) != NULL || !advance(b)) return -1;
  while (!b->ops->inval_poll(b, &id))
    if (!advance(b)) return -1;
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0
 * Zones and the allocator, after linux-6.1 mm/page_alloc.c: __zone_watermark_ok, the zonelist walk
 * of get_page_from_freelist, rmqueue_pcplist, free_unref_page_commit. */
#include <stdlib.h>

#include "lru/host/machine.h"

bool lru_zone_init(struct zone *z, const struct lru_machine_zone *cfg, uint32_t first_frame) {
  z->cfg = *cfg;
  z->stack = malloc((cfg->free != 0 ? cfg->free : 1) * sizeof *z->stack);
  if (z->stack == NULL) return false;
  for (uint32_t i = 0; i < cfg->free; i++) /* lowest on top */
    z->stack[i] = first_frame + cfg->free - 1 - i;
  z->count = cfg->free;
  return true;
}

uint32_t lru_zone_nr_free(const struct zone *z) {
  return z->count - z->pcp;
}

bool lru_zone_above(const struct zone *z, uint32_t mark) {
  return lru_zone_nr_free(z) > mark + z->cfg.reserve;
}

uint32_t lru_zone_take(struct zone *z) {
  z->free_factor >>= 1;
  if (z->pcp == 0) {
    uint32_t batch = z->cfg.pcp_batch != 0 ? z->cfg.pcp_batch : 1;
    z->pcp = batch < z->count ? batch : z->count;
  }
  if (z->pcp == 0) return NO_FRAME;
  z->pcp--;
  return z->stack[--z->count];
}

/* How many go back to the zone at once: twice as many each time nothing is taken between. */
static uint32_t pcp_excess(struct zone *z, uint32_t high) {
  uint32_t batch = z->cfg.pcp_batch;
  if (high < batch) return 1;
  uint32_t most = high - batch;
  uint32_t n = batch << z->free_factor;
  if (n < most && z->free_factor < 5) z->free_factor++;
  if (n > most) n = most;
  return n < batch ? batch : n;
}

void lru_zone_give(struct zone *z, uint32_t frame, bool reclaiming) {
  z->stack[z->count++] = frame;
  z->pcp++;
  uint32_t high = z->cfg.pcp_high;
  if (reclaiming && z->cfg.pcp_batch * 4 < high) high = z->cfg.pcp_batch * 4;
  if (z->pcp < high) return;
  uint32_t n = pcp_excess(z, high);
  z->pcp -= n < z->pcp ? n : z->pcp;
}

unsigned lru_machine_zone_of(const struct lru_machine *m, uint32_t frame) {
  return frame < m->zone[0].cfg.free ? 0 : 1;
}

void lru_machine_free(struct lru_machine *m, uint32_t frame) {
  m->frame[frame] = (struct frame){.page = NO_FRAME};
  lru_zone_give(&m->zone[lru_machine_zone_of(m, frame)], frame, m->reclaiming);
}

static uint32_t try_alloc(struct lru_machine *m, bool min) {
  for (unsigned z = ZONES; z-- > 0;)
    if (lru_zone_above(&m->zone[z], min ? m->zone[z].cfg.min : m->zone[z].cfg.low))
      return lru_zone_take(&m->zone[z]);
  return NO_FRAME;
}

uint32_t lru_machine_alloc(struct lru_machine *m) {
  enum { MAX_RECLAIM_RETRIES = 16 };
  uint32_t f = try_alloc(m, false);
  if (f != NO_FRAME) return f;
  lru_machine_wake_kswapd(m);
  f = try_alloc(m, true);
  for (unsigned idle = 0; f == NO_FRAME && idle <= MAX_RECLAIM_RETRIES;) {
    lru_machine_wake_kswapd(m);
    idle = lru_machine_direct_reclaim(m) != 0 ? 0 : idle + 1;
    f = try_alloc(m, true);
  }
  return f;
}

// SPDX-License-Identifier: Apache-2.0
// Replays in the small kernel of csim/lru/host. The trace's pages become those of one file, in the
// order of their numbers, which a process maps and loads from (or reads with pread); so first
// touches miss, and nothing is ever dirty. All memory is one zone with Linux's watermarks for it.
#include "replay/kernel.h"

#include <stdlib.h>
#include <string.h>

#include "lru/formula.h"
#include "lru/host/host.h"
#include "replay/progress.h"

const struct policy_ops replay_twolist = {
    .name = "twolist", .title = "two-list LRU of Linux 6.1", .source = "Linux 6.1, mm/vmscan.c"};
const struct policy_ops replay_mglru = {
    .name = "mglru", .title = "MGLRU of Linux 6.1", .source = "Linux 6.1, mm/vmscan.c"};

bool replay_is_kernel(const struct policy_spec *s) {
  return s->ops == &replay_twolist || s->ops == &replay_mglru;
}

int replay_spec_parse(const char *text, struct policy_spec *out, char *err, size_t err_len) {
  static const struct policy_ops *const kernels[] = {&replay_twolist, &replay_mglru};
  const size_t length = strcspn(text, ":");
  for (size_t i = 0; i < 2; i++)
    if (strlen(kernels[i]->name) == length && memcmp(text, kernels[i]->name, length) == 0)
      return policy_spec_parse_as(kernels[i], text, out, err, err_len);
  if (policy_spec_parse(text, out, err, err_len) == 0) return 0;
  const size_t used = strlen(err);
  if (policy_find(text, length) == NULL && used < err_len)
    (void)snprintf(err + used, err_len - used, ", twolist, mglru");
  return -1;
}

/* ---- the machine ---- */

/* calculate_min_free_kbytes, __setup_per_zone_wmarks, zone_batchsize for one zone. */
static struct lru_machine_cfg machine_of(uint32_t frames) {
  struct lru_machine_cfg c = lru_machine_guest_256m();
  uint64_t kb = lru_isqrt((uint64_t)frames * 4 * 16);
  if (kb < 128) kb = 128;
  if (kb > 262144) kb = 262144;
  const uint32_t min = (uint32_t)(kb / 4);
  uint32_t step = min / 4;
  if (frames / 1000 > step) step = frames / 1000;
  uint32_t batch = frames / 4096 < 64 ? frames / 4096 : 64;
  batch += batch / 2;
  while ((batch & (batch - 1)) != 0)
    batch &= batch - 1; /* the highest power of two */
  c.zone[0] = (struct lru_machine_zone){0};
  c.zone[1] = (struct lru_machine_zone){.managed = frames,
                                        .free = frames,
                                        .min = min,
                                        .low = min + step,
                                        .high = min + 2 * step,
                                        .pcp_batch = batch > 2 ? batch - 1 : 1,
                                        .pcp_high = min + step};
  c.swap_pages = 0;
  return c;
}

/* ---- pages in the order of their numbers ---- */

struct place {
  uint64_t identity;
  uint32_t page;
};

static int by_identity(const void *a, const void *b) {
  const uint64_t x = ((const struct place *)a)->identity;
  const uint64_t y = ((const struct place *)b)->identity;
  return (x > y) - (x < y);
}

/* Of each page of the trace its page of the file; the caller frees it. NULL: out of memory. */
static uint32_t *places(const struct replay_trace *t) {
  struct place *p = malloc(((size_t)t->pages + 1) * sizeof *p);
  uint32_t *at = malloc(((size_t)t->pages + 1) * sizeof *at);
  if (p == NULL || at == NULL) {
    free(p);
    free(at);
    return NULL;
  }
  for (uint32_t i = 0; i < t->pages; i++)
    p[i] = (struct place){t->identity[i], i};
  qsort(p, t->pages, sizeof *p, by_identity);
  for (uint32_t i = 0; i < t->pages; i++)
    at[p[i].page] = i;
  free(p);
  return at;
}

static bool run(struct lru_machine *m, const struct replay_trace *t, const uint32_t *at,
                enum lru_access_op op) {
  for (uint64_t i = 0; i < t->count; i++)
    if (lru_machine_access(m, op, 0, at[t->access[i] >> 1]) < 0) return false;
  return true;
}

bool replay_kernel(const struct replay_trace *t, const struct policy_spec *s, uint32_t frames,
                   struct replay_result *out, char *err, size_t err_len) {
  const enum lru_access_op op = s->options.by_read ? LRU_FILE_PREAD : LRU_FILE_LOAD;
  const struct lru_machine_cfg cfg = machine_of(frames);
  uint32_t *at = places(t);
  struct lru_machine *m =
      at != NULL ? lru_machine_create(s->ops == &replay_mglru ? &lru_mglru : &lru_twolist, &cfg, 0,
                                      t->pages)
                 : NULL;
  bool good = m != NULL;
  if (!good) (void)snprintf(err, err_len, "out of memory");
  const double from = progress_now();
  if (good && !run(m, t, at, op)) {
    (void)snprintf(
        err, err_len,
        "%s: %u frames are too few for a kernel, which keeps %u free and needs pages for "
        "tables; give more with --frames",
        s->label, frames, cfg.zone[1].min);
    good = false;
  }
  if (good) {
    const struct lru_machine_stats st = lru_machine_stats(m);
    *out = (struct replay_result){
        .misses = st.misses[op][0],
        .evictions = st.lru.pgsteal_kswapd + st.lru.pgsteal_direct,
        .looked = st.lru.pgscan_kswapd + st.lru.pgscan_direct + st.lru.pgrefill,
        .seconds = progress_now() - from};
  }
  if (m != NULL) lru_machine_destroy(m);
  free(at);
  return good;
}

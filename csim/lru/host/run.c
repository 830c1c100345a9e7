/* SPDX-License-Identifier: Apache-2.0
 * A whole access list through one machine, phase by phase. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lru/host/host.h"

/* Every member is a count. */
enum { COUNTS = sizeof(struct lru_machine_stats) / sizeof(uint64_t) };
_Static_assert(COUNTS * sizeof(uint64_t) == sizeof(struct lru_machine_stats), "counts only");

static struct lru_machine_stats since(const struct lru_machine_stats *now,
                                      const struct lru_machine_stats *then) {
  uint64_t a[COUNTS];
  uint64_t b[COUNTS];
  memcpy(a, now, sizeof a);
  memcpy(b, then, sizeof b);
  for (size_t i = 0; i < COUNTS; i++)
    a[i] -= b[i];
  struct lru_machine_stats d;
  memcpy(&d, a, sizeof d);
  return d;
}

static size_t marks(const struct lru_access_list *list) {
  size_t n = 0;
  for (size_t i = 0; i < list->count; i++)
    n += lru_record_op(list->record[i]) == LRU_MARK;
  return n;
}

static int run(struct lru_machine *m, const struct lru_access_list *list,
               struct lru_run_phase *phase, size_t *count, char *err, size_t err_len) {
  struct lru_machine_stats then = lru_machine_stats(m);
  for (size_t i = 0; i < list->count; i++) {
    uint32_t r = list->record[i];
    if (lru_record_op(r) != LRU_MARK) {
      int rc = lru_machine_access(m, lru_record_op(r), lru_record_class(r), lru_record_page(r));
      if (rc >= 0) continue;
      (void)snprintf(err, err_len, "access %zu: out of memory, and nothing can be reclaimed", i);
      return -1;
    }
    if (lru_machine_check(m, err, err_len) != 0) return -1;
    struct lru_machine_stats now = lru_machine_stats(m);
    phase[(*count)++] = (struct lru_run_phase){
        .mark = lru_record_page(r), .st = since(&now, &then), .resident = lru_machine_resident(m)};
    then = now;
  }
  return 0;
}

int lru_machine_run(const struct lru_ops *ops, const struct lru_machine_cfg *cfg,
                    const struct lru_access_list *list, struct lru_run_phase **phases,
                    size_t *count, char *err, size_t err_len) {
  *count = 0;
  *phases = calloc(marks(list) + 1, sizeof **phases);
  struct lru_machine *m = lru_machine_create(ops, cfg, list->anon_pages, list->file_pages);
  int rc = -1;
  if (*phases == NULL || m == NULL)
    (void)snprintf(err, err_len, "out of host memory");
  else
    rc = run(m, list, *phases, count, err, err_len);
  lru_machine_destroy(m);
  if (rc != 0) {
    free(*phases);
    *phases = NULL;
  }
  return rc;
}

// SPDX-License-Identifier: Apache-2.0
// Lists of frames: memory, checking and printing.
#include "policy/links.h"

#include <stdlib.h>

bool links_init(struct links *l, uint32_t frames, uint32_t lists) {
  l->frames = frames;
  l->at = calloc((size_t)frames + lists, sizeof *l->at);
  l->page = calloc((size_t)frames + 1, sizeof *l->page);
  l->state = calloc((size_t)frames + 1, sizeof *l->state);
  if (l->at == NULL || l->page == NULL || l->state == NULL) return false;
  for (uint32_t i = 0; i < lists; i++)
    l->at[frames + i] = (struct link){frames + i, frames + i};
  return true;
}

void links_free(struct links *l) {
  free(l->at);
  free(l->page);
  free(l->state);
}

int links_check(const struct links *l, uint32_t list, uint64_t count, uint8_t state, char *err,
                size_t err_len) {
  const uint32_t head = links_head(l, list);
  uint64_t n = 0;
  for (uint32_t f = l->at[head].next, before = head; f != head && n <= count; n++) {
    if (l->at[f].prev != before || f >= l->frames || l->state[f] == 0 ||
        (state != 0 && l->state[f] != state)) {
      (void)snprintf(err, err_len, "list %u: frame %u is not linked well or in a wrong state", list,
                     f);
      return -1;
    }
    before = f;
    f = l->at[f].next;
  }
  if (n == count) return 0;
  (void)snprintf(err, err_len, "list %u: %llu frames are linked, its count says %llu", list,
                 (unsigned long long)n, (unsigned long long)count);
  return -1;
}

void links_show(const struct links *l, uint32_t list, const char *name, const uint64_t *names,
                FILE *out) {
  fprintf(out, "%s:", name);
  const uint32_t head = links_head(l, list);
  for (uint32_t f = l->at[head].next; f != head; f = l->at[f].next)
    fprintf(out, " %llu", (unsigned long long)policy_name(names, l->page[f]));
}

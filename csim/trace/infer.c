// SPDX-License-Identifier: Apache-2.0
// Infers the areas of a process that its system calls do not name: those that the kernel makes
// at exec. Clusters of used pages; each is an image (has code) or anonymous memory.
// Promises: every wanted page is covered, nothing that a system call ever named is.
#include "trace/infer.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum {
  CLUSTER_GAP = 256, /* pages: further apart is another cluster */
  BRIDGE_GAP = 16    /* pages: holes up to this inside an area are filled */
};

struct work {
  const struct infer_input *in;
  uint64_t *page; /* wanted pages, ascending */
  size_t count;
  int made;
  bool failed;
};

static uint8_t use_of(const struct work *k, size_t i) {
  const uint8_t *flags = page_set_at(k->in->pages, k->page[i]);
  return flags != NULL ? *flags : 0;
}

static uint8_t prot_of(uint8_t use, bool image) {
  if (!image) return (use & INFER_X) != 0 ? 7 : 3;
  uint8_t prot = INFER_R;
  if ((use & INFER_W) != 0) prot |= INFER_W;
  if ((use & INFER_X) != 0) prot |= INFER_X;
  return prot;
}

static bool may_bridge(const struct work *k, uint64_t from, uint64_t to) {
  if (to - from > BRIDGE_GAP) return false;
  const struct area *a = area_after(k->in->ever, from << 12);
  return a == NULL || a->start >= to << 12;
}

static void put(struct work *k, const struct trace_event *ev) {
  if (trace_writer_put_first(k->in->w, ev) != 0) k->failed = true;
}

/* Pages from..to of one cluster, one area for each run of equal rights. */
static void write_cluster(struct work *k, size_t from, size_t to) {
  bool image = false;
  for (size_t i = from; i < to; i++)
    image = image || (use_of(k, i) & INFER_X) != 0;
  uint32_t file = 0;
  if (image) {
    char name[320];
    snprintf(name, sizeof name, "%s, image at 0x%" PRIx64, k->in->program, k->page[from] << 12);
    file = file_named(k->in->files, name);
    if (file == 0) {
      k->failed = true;
      return;
    }
    file_extent(k->in->files, file, (k->page[to - 1] + 1 - k->page[from]) << 12);
  }
  for (size_t i = from; i < to;) {
    const uint8_t prot = prot_of(use_of(k, i), image);
    size_t j = i + 1;
    while (j < to && prot_of(use_of(k, j), image) == prot &&
           may_bridge(k, k->page[j - 1] + 1, k->page[j]))
      j++;
    put(k, &(struct trace_event){
               .kind = TRACE_MAP,
               .addr = k->page[i] << 12,
               .bytes = (k->page[j - 1] + 1 - k->page[i]) << 12,
               .prot = prot,
               .file = file == 0 ? 0 : file_number(k->in->files, file),
               .offset = file == 0 ? 0 : (k->page[i] - k->page[from]) << 12,
           });
    k->made++;
    i = j;
  }
}

static void keep_wanted(struct work *k) {
  size_t kept = 0;
  for (size_t i = 0; i < k->count; i++)
    if ((use_of(k, i) & INFER_WANTED) != 0 && area_find(k->in->first, k->page[i] << 12) == NULL)
      k->page[kept++] = k->page[i];
  k->count = kept;
}

int infer_areas(const struct infer_input *in) {
  struct work k = {.in = in, .page = page_set_sorted(in->pages)};
  if (k.page == NULL) return -1;
  k.count = page_set_count(in->pages);
  keep_wanted(&k);
  for (size_t i = 0; i < k.count;) {
    size_t j = i + 1;
    while (j < k.count && k.page[j] - k.page[j - 1] <= CLUSTER_GAP)
      j++;
    write_cluster(&k, i, j);
    i = j;
  }
  for (size_t i = 0; i < in->protects; i++)
    put(&k, &(struct trace_event){.kind = TRACE_PROTECT,
                                  .addr = in->protect[i].start,
                                  .bytes = in->protect[i].end - in->protect[i].start,
                                  .prot = in->protect[i].prot});
  free(k.page);
  return k.failed ? -1 : k.made;
}

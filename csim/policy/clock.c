// SPDX-License-Identifier: Apache-2.0
// Clock, or second chance: pages in a ring; the hand clears the reference bit of a page that was
// used and passes on, and takes a page that was not. A new page takes its place just behind the
// hand, with its bit set (the default: the access that brought the page in is made again and sets
// it) or clear.
// Source: Corbato, "A paging experiment with the Multics system", MIT Project MAC report M-384,
// 1968. Promises: O(1) a call but for victim, which looks at each page at most twice if the host
// tells of no further use meanwhile.
#include <stdlib.h>

#include "policy/links.h"
#include "policy/run.h"

/* state of a frame */
enum { LISTED = 1, REFERENCED = 2 };

struct policy {
  struct links links; /* list 0 is the ring; its sentinel is passed over */
  uint32_t hand;      /* a frame, or the sentinel: the ring is empty */
  uint64_t count;
  bool insert_set;
  struct policy_host host;
};

static void destroy(struct policy *p) {
  if (p == NULL) return;
  links_free(&p->links);
  free(p);
}

static struct policy *create(const struct policy_config *c) {
  struct policy *p = calloc(1, sizeof *p);
  if (p == NULL) return NULL;
  p->insert_set = c->options.insert_set;
  p->host = c->host;
  if (links_init(&p->links, c->frames, 1)) {
    p->hand = links_head(&p->links, 0);
    return p;
  }
  destroy(p);
  return NULL;
}

/* The frame that a hand meets after this one. */
static uint32_t after(const struct policy *p, uint32_t frame) {
  return links_round(&p->links, 0, frame);
}

static void put(struct policy *p, uint32_t frame, uint64_t page, bool set) {
  p->links.page[frame] = page;
  p->links.state[frame] = set ? LISTED | REFERENCED : LISTED;
  links_after(&p->links, p->links.at[p->hand].prev, frame);
  if (p->count++ == 0) p->hand = frame;
}

static void enter(struct policy *p, uint32_t frame, uint64_t page) {
  put(p, frame, page, p->insert_set);
}

/* The hand has just passed it: it has a whole round. */
static void back(struct policy *p, uint32_t frame, uint64_t page) {
  put(p, frame, page, false);
}

static void leave(struct policy *p, uint32_t frame) {
  if (p->hand == frame) p->hand = after(p, frame);
  links_take(&p->links, frame);
  p->links.state[frame] = 0;
  if (--p->count == 0) p->hand = links_head(&p->links, 0);
}

static void used(struct policy *p, uint32_t frame) {
  p->links.state[frame] |= REFERENCED;
}

static uint32_t victim(struct policy *p, uint64_t incoming, uint64_t *budget) {
  (void)incoming;
  while (p->count != 0 && *budget != 0) {
    const uint32_t frame = p->hand;
    bool young = (p->links.state[frame] & REFERENCED) != 0;
    --*budget;
    p->hand = after(p, frame);
    p->links.state[frame] = LISTED;
    if (p->host.test_and_clear != NULL) young = p->host.test_and_clear(p->host.ctx, frame) || young;
    if (young || p->links.state[frame] != LISTED) continue; /* used, or gone meanwhile */
    leave(p, frame);
    return frame;
  }
  return POLICY_NONE;
}

static uint64_t size(const struct policy *p) {
  return p->count;
}

static void show(const struct policy *p, FILE *out, const uint64_t *names) {
  fprintf(out, "from the hand:");
  for (uint64_t n = 0, f = p->hand; n < p->count; n++, f = after(p, (uint32_t)f))
    fprintf(out, " %llu%s", (unsigned long long)policy_name(names, p->links.page[f]),
            (p->links.state[f] & REFERENCED) != 0 ? "*" : "");
}

static int check(const struct policy *p, char *err, size_t err_len) {
  if (links_check(&p->links, 0, p->count, 0, err, err_len) != 0) return -1;
  if (p->count == 0 ? p->hand == links_head(&p->links, 0)
                    : p->hand < p->links.frames && p->links.state[p->hand] != 0)
    return 0;
  (void)snprintf(err, err_len, "clock: the hand is at %u, which is not in the ring", p->hand);
  return -1;
}

static void near(const struct policy *p, uint32_t frame) {
  __builtin_prefetch(&p->links.state[frame], 1);
}

static void run(struct policy *p, struct policy_run *r) {
  policy_run_loop(p, r, enter, used, victim, near, false);
}

const struct policy_ops policy_clock = {
    .name = "clock",
    .title = "Clock (second chance)",
    .source = "Corbato 1968",
    .asks = true,
    .create = create,
    .destroy = destroy,
    .enter = enter,
    .leave = leave,
    .used = used,
    .victim = victim,
    .back = back,
    .size = size,
    .show = show,
    .check = check,
    .run = run,
};

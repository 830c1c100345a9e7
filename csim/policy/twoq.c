// SPDX-License-Identifier: Apache-2.0
// 2Q, full version: a new page waits in the FIFO A1in; one that left A1in is remembered in A1out;
// only a page that comes back while it is remembered enters Am, which is LRU.
// Source: Johnson and Shasha, "2Q: a low overhead high performance buffer management replacement
// algorithm", VLDB 1994, the procedure of section 2.2 to the letter: A1in gives up a page while it
// holds more than Kin, else Am does, and a page of Am is not remembered. A1out is shortened before
// the page that comes in is taken off it. Promises: O(1) a call; |A1out| <= Kout.
#include <stdlib.h>

#include "policy/ghost.h"
#include "policy/links.h"
#include "policy/run.h"

/* Lists of frames; a frame's state is its list + 1. Ghost list 0 is A1out. */
enum { A1IN, AM, LISTS };
enum { A1OUT };

struct policy {
  struct links links;
  struct ghosts *ghosts;
  uint64_t count[LISTS];
  uint64_t kin, kout;
  uint64_t awaited; /* left A1out, as its oldest, by the eviction that makes room for it */
};

static void destroy(struct policy *p) {
  if (p == NULL) return;
  links_free(&p->links);
  ghosts_destroy(p->ghosts);
  free(p);
}

static struct policy *create(const struct policy_config *c) {
  struct policy *p = calloc(1, sizeof *p);
  if (p == NULL) return NULL;
  const uint32_t kout = policy_share_of(c->options.kout, c->capacity);
  p->kin = policy_share_of(c->options.kin, c->capacity);
  p->kout = kout;
  p->awaited = POLICY_NO_PAGE;
  p->ghosts = ghosts_create(kout + 1);
  if (links_init(&p->links, c->frames, LISTS) && p->ghosts != NULL) return p;
  destroy(p);
  return NULL;
}

static void push(struct policy *p, unsigned list, uint32_t frame) {
  p->links.state[frame] = (uint8_t)(list + 1);
  links_push(&p->links, list, frame);
  p->count[list]++;
}

static void leave(struct policy *p, uint32_t frame) {
  p->count[p->links.state[frame] - 1]--;
  p->links.state[frame] = 0;
  links_take(&p->links, frame);
}

static void used(struct policy *p, uint32_t frame) {
  if (p->links.state[frame] != AM + 1) return;
  links_take(&p->links, frame);
  links_push(&p->links, AM, frame);
}

static void enter(struct policy *p, uint32_t frame, uint64_t page) {
  const uint32_t ghost = ghosts_find(p->ghosts, page);
  const bool again = ghost != GHOST_NONE || page == p->awaited;
  if (ghost != GHOST_NONE) ghosts_remove(p->ghosts, ghost);
  if (page == p->awaited) p->awaited = POLICY_NO_PAGE;
  p->links.page[frame] = page;
  push(p, again ? AM : A1IN, frame);
}

static uint32_t victim(struct policy *p, uint64_t incoming, uint64_t *budget) {
  if (p->count[A1IN] + p->count[AM] == 0 || *budget == 0) return POLICY_NONE;
  --*budget;
  const bool first = p->count[AM] == 0 || p->count[A1IN] > p->kin;
  const uint32_t frame = links_oldest(&p->links, first ? A1IN : AM);
  leave(p, frame);
  if (!first) return frame;
  ghosts_push(p->ghosts, A1OUT, p->links.page[frame]);
  if (ghosts_count(p->ghosts, A1OUT) > p->kout) {
    const uint64_t dropped = ghosts_drop(p->ghosts, A1OUT);
    if (dropped == incoming) p->awaited = incoming;
  }
  return frame;
}

/* A page that is remembered was in A1in; the others were in Am. */
static void back(struct policy *p, uint32_t frame, uint64_t page) {
  const uint32_t ghost = ghosts_find(p->ghosts, page);
  if (ghost != GHOST_NONE) ghosts_remove(p->ghosts, ghost);
  p->links.page[frame] = page;
  push(p, ghost != GHOST_NONE ? A1IN : AM, frame);
}

static uint64_t size(const struct policy *p) {
  return p->count[A1IN] + p->count[AM];
}

static void show(const struct policy *p, FILE *out, const uint64_t *names) {
  links_show(&p->links, A1IN, "A1in", names, out);
  links_show(&p->links, AM, " Am", names, out);
  ghosts_show(p->ghosts, A1OUT, " A1out", names, out);
}

static int check(const struct policy *p, char *err, size_t err_len) {
  if (links_check(&p->links, A1IN, p->count[A1IN], A1IN + 1, err, err_len) != 0 ||
      links_check(&p->links, AM, p->count[AM], AM + 1, err, err_len) != 0)
    return -1;
  if (ghosts_count(p->ghosts, A1OUT) <= p->kout) return 0;
  (void)snprintf(err, err_len, "2q: A1out holds %u pages, Kout is %llu",
                 ghosts_count(p->ghosts, A1OUT), (unsigned long long)p->kout);
  return -1;
}

static void near(const struct policy *p, uint32_t frame) {
  __builtin_prefetch(&p->links.at[frame], 1);
  __builtin_prefetch(&p->links.state[frame], 1);
}

static void run(struct policy *p, struct policy_run *r) {
  policy_run_loop(p, r, enter, used, victim, near, false);
}

const struct policy_ops policy_2q = {
    .name = "2q",
    .title = "2Q",
    .source = "Johnson and Shasha 1994",
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

// SPDX-License-Identifier: Apache-2.0
// 2Q, full version: a new page waits in the FIFO A1in; one that left A1in is remembered in A1out;
// only a page that comes back while it is remembered enters Am, which is LRU.
// Source: Johnson and Shasha, "2Q: a low overhead high performance buffer management replacement
// algorithm", VLDB 1994, the procedure of section 2.2 to the letter: A1in gives up a page while it
// holds more than Kin, else Am does, and a page of Am is not remembered. A1out is shortened before
// the page that comes in is taken off it. Promises: O(1) a call; |A1out| <= Kout.
#include <stdlib.h>

#include "policy/pair.h"
#include "policy/run.h"

/* Lists of frames; ghost list 0 is A1out. */
enum { A1IN, AM };
enum { A1OUT };

struct policy {
  struct pair two;
  uint64_t kin, kout;
  uint64_t awaited; /* left A1out, as its oldest, by the eviction that makes room for it */
};

static void destroy(struct policy *p) {
  if (p == NULL) return;
  pair_free(&p->two);
  free(p);
}

static struct policy *create(const struct policy_config *c) {
  struct policy *p = calloc(1, sizeof *p);
  if (p == NULL) return NULL;
  const uint32_t kout = policy_share_of(c->options.kout, c->capacity);
  p->kin = policy_share_of(c->options.kin, c->capacity);
  p->kout = kout;
  p->awaited = POLICY_NO_PAGE;
  if (pair_init(&p->two, c->frames, kout + 1)) return p;
  destroy(p);
  return NULL;
}

static void leave(struct policy *p, uint32_t frame) {
  pair_take(&p->two, frame);
}

static void used(struct policy *p, uint32_t frame) {
  if (p->two.links.state[frame] != AM + 1) return;
  links_take(&p->two.links, frame);
  links_push(&p->two.links, AM, frame);
}

static void enter(struct policy *p, uint32_t frame, uint64_t page) {
  const uint32_t ghost = ghosts_find(p->two.ghosts, page);
  const bool again = ghost != GHOST_NONE || page == p->awaited;
  if (ghost != GHOST_NONE) ghosts_remove(p->two.ghosts, ghost);
  if (page == p->awaited) p->awaited = POLICY_NO_PAGE;
  p->two.links.page[frame] = page;
  pair_push(&p->two, again ? AM : A1IN, frame);
}

static uint32_t victim(struct policy *p, uint64_t incoming, uint64_t *budget) {
  if (pair_size(&p->two) == 0 || *budget == 0) return POLICY_NONE;
  --*budget;
  const bool first = p->two.count[AM] == 0 || p->two.count[A1IN] > p->kin;
  const uint32_t frame = links_oldest(&p->two.links, first ? A1IN : AM);
  leave(p, frame);
  if (!first) return frame;
  ghosts_push(p->two.ghosts, A1OUT, p->two.links.page[frame]);
  if (ghosts_count(p->two.ghosts, A1OUT) > p->kout) {
    const uint64_t dropped = ghosts_drop(p->two.ghosts, A1OUT);
    if (dropped == incoming) p->awaited = incoming;
  }
  return frame;
}

/* A page that is remembered was in A1in; the others were in Am. */
static void back(struct policy *p, uint32_t frame, uint64_t page) {
  const uint32_t ghost = ghosts_find(p->two.ghosts, page);
  if (ghost != GHOST_NONE) ghosts_remove(p->two.ghosts, ghost);
  p->two.links.page[frame] = page;
  pair_push(&p->two, ghost != GHOST_NONE ? A1IN : AM, frame);
}

static uint64_t size(const struct policy *p) {
  return pair_size(&p->two);
}

static void show(const struct policy *p, FILE *out, const uint64_t *names) {
  links_show(&p->two.links, A1IN, "A1in", names, out);
  links_show(&p->two.links, AM, " Am", names, out);
  ghosts_show(p->two.ghosts, A1OUT, " A1out", names, out);
}

static int check(const struct policy *p, char *err, size_t err_len) {
  if (pair_check(&p->two, err, err_len) != 0) return -1;
  if (ghosts_count(p->two.ghosts, A1OUT) <= p->kout) return 0;
  (void)snprintf(err, err_len, "2q: A1out holds %u pages, Kout is %llu",
                 ghosts_count(p->two.ghosts, A1OUT), (unsigned long long)p->kout);
  return -1;
}

static void near(const struct policy *p, uint32_t frame) {
  pair_near(&p->two, frame);
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

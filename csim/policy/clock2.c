// SPDX-License-Identifier: Apache-2.0
// Two-handed Clock: the front hand clears reference bits; the back hand follows `spread` pages
// behind and takes what was not used in between. With prefer_clean a page that is cold but dirty
// is only noted: the back hand looks at up to `look` further pages for one that is cold and clean,
// and takes the noted one if there is none. A new page takes its place just behind the back hand.
// Source: Leffler, McKusick, Karels, Quarterman, "The design and implementation of the 4.3BSD UNIX
// operating system", 1989, 5.12 (two hands); the preference is that of common practice since, made
// exact here. Promises: before the back hand looks, the front hand is min(spread, pages) ahead.
#include <stdlib.h>

#include "policy/links.h"
#include "policy/run.h"

/* state of a frame. SWEPT: the front hand passed it and the back hand did not yet. */
enum { LISTED = 1, REFERENCED = 2, SWEPT = 4, NOTED = 8 };

struct policy {
  struct links links; /* list 0 is the ring; its sentinel is passed over */
  uint32_t front, back;
  uint64_t count, gap; /* gap: SWEPT frames, from the back hand to the front hand */
  uint64_t spread, look;
  bool prefer_clean;
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
  p->spread = policy_share_of(c->options.spread, c->capacity);
  if (p->spread == 0) p->spread = 1; /* the front hand goes first */
  p->look = policy_share_of(c->options.look, c->capacity);
  p->prefer_clean = c->options.prefer_clean;
  p->host = c->host;
  if (links_init(&p->links, c->frames, 1)) {
    p->front = p->back = links_head(&p->links, 0);
    return p;
  }
  destroy(p);
  return NULL;
}

/* The frame that a hand meets after this one. */
static uint32_t after(const struct policy *p, uint32_t frame) {
  return links_round(&p->links, 0, frame);
}

static void enter(struct policy *p, uint32_t frame, uint64_t page) {
  p->links.page[frame] = page;
  p->links.state[frame] = LISTED;
  links_after(&p->links, p->links.at[p->back].prev, frame);
  if (p->gap == p->count) p->front = frame; /* it went all the way round: this one is next */
  if (p->count++ == 0) p->back = frame;
}

static void leave(struct policy *p, uint32_t frame) {
  if (p->front == frame) p->front = after(p, frame);
  if (p->back == frame) p->back = after(p, frame);
  if ((p->links.state[frame] & SWEPT) != 0) p->gap--;
  links_take(&p->links, frame);
  p->links.state[frame] = 0;
  if (--p->count == 0) p->front = p->back = links_head(&p->links, 0);
}

static void used(struct policy *p, uint32_t frame) {
  p->links.state[frame] = (uint8_t)((p->links.state[frame] | REFERENCED) & ~NOTED);
}

/* Was it referenced since it was last asked? [may yield] */
static bool young(struct policy *p, uint32_t frame) {
  const bool told = (p->links.state[frame] & REFERENCED) != 0;
  p->links.state[frame] &= (uint8_t)~REFERENCED;
  if (p->host.test_and_clear == NULL) return told;
  return p->host.test_and_clear(p->host.ctx, frame) || told;
}

static void advance_front(struct policy *p) {
  const uint32_t frame = p->front;
  p->front = after(p, frame);
  p->links.state[frame] |= SWEPT;
  p->gap++;
  (void)young(p, frame);
}

/* Move the back hand by one page. True if that page is cold; it is *frame in any case. */
static bool advance_back(struct policy *p, uint32_t *frame) {
  *frame = p->back;
  p->back = after(p, *frame);
  p->links.state[*frame] &= (uint8_t)~SWEPT;
  p->gap--;
  const bool hot = young(p, *frame);
  return !hot && (p->links.state[*frame] & (LISTED | REFERENCED)) == LISTED;
}

static uint32_t take(struct policy *p, uint32_t frame) {
  leave(p, frame);
  return frame;
}

static uint32_t victim(struct policy *p, uint64_t incoming, uint64_t *budget) {
  (void)incoming;
  uint32_t noted = POLICY_NONE;
  uint64_t left = 0; /* pages to look at before the noted one is taken */
  while (p->count != 0 && *budget != 0) {
    --*budget;
    if (p->gap < p->spread && p->gap < p->count) {
      advance_front(p);
      continue;
    }
    uint32_t frame;
    const bool cold = advance_back(p, &frame);
    if (noted != POLICY_NONE && (p->links.state[noted] & NOTED) == 0)
      noted = POLICY_NONE; /* gone or used while the host was asked */
    if (cold && (frame == noted || !p->prefer_clean || p->host.dirty == NULL ||
                 !p->host.dirty(p->host.ctx, frame))) {
      if (noted != POLICY_NONE) p->links.state[noted] &= (uint8_t)~NOTED;
      return take(p, frame);
    }
    if (noted == POLICY_NONE && cold) {
      noted = frame;
      p->links.state[noted] |= NOTED;
      left = p->look;
    } else if (noted != POLICY_NONE) {
      left--;
    }
    if (noted != POLICY_NONE && left == 0) return take(p, noted);
  }
  if (noted != POLICY_NONE && (p->links.state[noted] & NOTED) != 0) return take(p, noted);
  return POLICY_NONE;
}

static uint64_t size(const struct policy *p) {
  return p->count;
}

static void show(const struct policy *p, FILE *out, const uint64_t *names) {
  fprintf(out, "from the back hand:");
  for (uint64_t n = 0, f = p->back; n < p->count; n++, f = after(p, (uint32_t)f))
    fprintf(out, "%s %llu%s", n == p->gap ? " |" : "",
            (unsigned long long)policy_name(names, p->links.page[f]),
            (p->links.state[f] & REFERENCED) != 0 ? "*" : "");
}

static int check(const struct policy *p, char *err, size_t err_len) {
  if (links_check(&p->links, 0, p->count, 0, err, err_len) != 0) return -1;
  uint32_t f = p->back;
  uint64_t n = 0;
  for (; n < p->count && (p->links.state[f] & SWEPT) != 0; n++)
    f = after(p, f);
  if (n == p->gap && f == p->front) return 0;
  (void)snprintf(err, err_len, "clock2: %llu pages between the hands, the gap says %llu",
                 (unsigned long long)n, (unsigned long long)p->gap);
  return -1;
}

static void near(const struct policy *p, uint32_t frame) {
  __builtin_prefetch(&p->links.state[frame], 1);
}

static void run(struct policy *p, struct policy_run *r) {
  policy_run_loop(p, r, enter, used, victim, near, false);
}

const struct policy_ops policy_clock2 = {
    .name = "clock2",
    .title = "two-handed Clock",
    .source = "Leffler et al. 1989",
    .needs_dirty = true,
    .asks = true,
    .create = create,
    .destroy = destroy,
    .enter = enter,
    .leave = leave,
    .used = used,
    .victim = victim,
    .back = enter,
    .size = size,
    .show = show,
    .check = check,
    .run = run,
};

// SPDX-License-Identifier: Apache-2.0
// ARC: T1 holds pages seen once lately, T2 pages seen again; B1 and B2 remember what left either.
// A page that comes back from B1 raises the target size p of T1, one from B2 lowers it.
// Source: Megiddo and Modha, "ARC: a self-tuning, low overhead replacement cache", FAST 2003,
// figure 4. p is a real number, as there. The figure shortens the ghost lists before it replaces;
// here they are shortened after each step, which keeps the same pages (the test compares the lists
// step by step) and needs no knowledge of what comes next. Promises: O(1) a call;
// |T1| + |B1| <= c and all four <= 2c, unless T1 and T2 alone hold more than c.
#include <stdlib.h>

#include "policy/pair.h"
#include "policy/run.h"

/* Lists of frames, and of ghosts. */
enum { T1, T2 };
enum { B1, B2 };

struct policy {
  struct pair two;
  uint64_t capacity;
  double target;    /* p */
  uint64_t adapted; /* the page for which the target was moved when its victim was chosen */
};

static void destroy(struct policy *p) {
  if (p == NULL) return;
  pair_free(&p->two);
  free(p);
}

static struct policy *create(const struct policy_config *c) {
  struct policy *p = calloc(1, sizeof *p);
  if (p == NULL) return NULL;
  p->capacity = c->capacity;
  p->adapted = POLICY_NO_PAGE;
  if (pair_init(&p->two, c->frames, 2 * c->capacity + 1)) return p;
  destroy(p);
  return NULL;
}

static void leave(struct policy *p, uint32_t frame) {
  pair_take(&p->two, frame);
}

static void used(struct policy *p, uint32_t frame) {
  leave(p, frame);
  pair_push(&p->two, T2, frame);
}

static void adapt(struct policy *p, unsigned ghost_list) {
  const double b1 = ghosts_count(p->two.ghosts, B1);
  const double b2 = ghosts_count(p->two.ghosts, B2);
  const double c = (double)p->capacity;
  if (ghost_list == B1) {
    p->target += b1 >= b2 ? 1 : b2 / b1;
    if (p->target > c) p->target = c;
  } else {
    p->target -= b2 >= b1 ? 1 : b1 / b2;
    if (p->target < 0) p->target = 0;
  }
}

static uint64_t all(const struct policy *p) {
  return pair_size(&p->two) + ghosts_count(p->two.ghosts, B1) + ghosts_count(p->two.ghosts, B2);
}

static void shorten(struct policy *p) {
  while (p->two.count[T1] + ghosts_count(p->two.ghosts, B1) > p->capacity &&
         ghosts_count(p->two.ghosts, B1) != 0)
    ghosts_drop(p->two.ghosts, B1);
  while (all(p) > 2 * p->capacity && ghosts_count(p->two.ghosts, B2) != 0)
    ghosts_drop(p->two.ghosts, B2);
  while (all(p) > 2 * p->capacity && ghosts_count(p->two.ghosts, B1) != 0)
    ghosts_drop(p->two.ghosts,
                B1); /* memory holds more than the capacity: not a case of the paper */
}

static void enter(struct policy *p, uint32_t frame, uint64_t page) {
  const uint32_t ghost = ghosts_find(p->two.ghosts, page);
  p->two.links.page[frame] = page;
  if (ghost == GHOST_NONE) {
    pair_push(&p->two, T1, frame);
  } else {
    if (p->adapted != page) adapt(p, ghosts_list(p->two.ghosts, ghost));
    ghosts_remove(p->two.ghosts, ghost);
    pair_push(&p->two, T2, frame);
  }
  if (p->adapted == page) p->adapted = POLICY_NO_PAGE;
  shorten(p);
}

static uint32_t victim(struct policy *p, uint64_t incoming, uint64_t *budget) {
  if (pair_size(&p->two) == 0 || *budget == 0) return POLICY_NONE;
  --*budget;
  bool from_b2 = false;
  const uint32_t ghost =
      incoming == POLICY_NO_PAGE ? GHOST_NONE : ghosts_find(p->two.ghosts, incoming);
  if (ghost != GHOST_NONE) {
    from_b2 = ghosts_list(p->two.ghosts, ghost) == B2;
    if (p->adapted != incoming) adapt(p, from_b2 ? B2 : B1);
    p->adapted = incoming;
  }
  const double t1 = (double)p->two.count[T1];
  const bool first =
      p->two.count[T2] == 0 || (t1 > 0 && (t1 > p->target || (from_b2 && t1 == p->target)));
  const uint32_t frame = links_oldest(&p->two.links, first ? T1 : T2);
  leave(p, frame);
  ghosts_push(p->two.ghosts, first ? B1 : B2, p->two.links.page[frame]);
  shorten(p);
  return frame;
}

static void back(struct policy *p, uint32_t frame, uint64_t page) {
  const uint32_t ghost = ghosts_find(p->two.ghosts, page);
  const unsigned list = ghost != GHOST_NONE && ghosts_list(p->two.ghosts, ghost) == B2 ? T2 : T1;
  if (ghost != GHOST_NONE) ghosts_remove(p->two.ghosts, ghost);
  p->two.links.page[frame] = page;
  pair_push(&p->two, list, frame);
  shorten(p);
}

static uint64_t size(const struct policy *p) {
  return pair_size(&p->two);
}

static void show(const struct policy *p, FILE *out, const uint64_t *names) {
  links_show(&p->two.links, T1, "T1", names, out);
  links_show(&p->two.links, T2, " T2", names, out);
  ghosts_show(p->two.ghosts, B1, " B1", names, out);
  ghosts_show(p->two.ghosts, B2, " B2", names, out);
  fprintf(out, " p: %.6g", p->target);
}

static int check(const struct policy *p, char *err, size_t err_len) {
  if (pair_check(&p->two, err, err_len) != 0) return -1;
  const uint64_t b1 = ghosts_count(p->two.ghosts, B1);
  const uint64_t b2 = ghosts_count(p->two.ghosts, B2);
  if ((b1 == 0 || p->two.count[T1] + b1 <= p->capacity) &&
      (b1 + b2 == 0 || size(p) + b1 + b2 <= 2 * p->capacity) && p->target >= 0 &&
      p->target <= (double)p->capacity)
    return 0;
  (void)snprintf(err, err_len, "arc: T1 %llu, T2 %llu, B1 %llu, B2 %llu, p %g break a bound",
                 (unsigned long long)p->two.count[T1], (unsigned long long)p->two.count[T2],
                 (unsigned long long)b1, (unsigned long long)b2, p->target);
  return -1;
}

static void near(const struct policy *p, uint32_t frame) {
  pair_near(&p->two, frame);
}

static void run(struct policy *p, struct policy_run *r) {
  policy_run_loop(p, r, enter, used, victim, near, false);
}

const struct policy_ops policy_arc = {
    .name = "arc",
    .title = "ARC",
    .source = "Megiddo and Modha 2003",
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

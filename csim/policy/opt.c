// SPDX-License-Identifier: Apache-2.0
// OPT: the page that will not be used for the longest time leaves; no demand policy has fewer
// misses. It needs the accesses to come, so only a replay can run it. Of pages that are never used
// again the one longest on that list leaves first; which of them does not change the misses.
// Source: Belady, "A study of replacement algorithms for a virtual-storage computer", IBM Systems
// Journal 5(2), 1966 (MIN); Mattson et al. 1970 (OPT, and the proof).
// Promises: a step costs the logarithm, to base 64, of the number of accesses.
#include <stdlib.h>

#include "policy/links.h"
#include "policy/run.h"
#include "policy/timeset.h"

/* state of a frame: its next use is in the set, or it has none and is on list 0 */
enum { AGAIN = 1, NEVER = 2 };

struct policy {
  struct links links;
  struct timeset times;
  uint32_t *when; /* next use of each frame in state AGAIN */
  const struct policy_future *future;
  uint64_t count, never;
};

static void destroy(struct policy *p) {
  if (p == NULL) return;
  links_free(&p->links);
  timeset_free(&p->times);
  free(p->when);
  free(p);
}

static struct policy *create(const struct policy_config *c) {
  struct policy *p = calloc(1, sizeof *p);
  if (p == NULL) return NULL;
  p->future = c->future;
  p->when = calloc((size_t)c->frames + 1, sizeof *p->when);
  if (links_init(&p->links, c->frames, 1) && p->when != NULL &&
      timeset_init(&p->times, c->future->count))
    return p;
  destroy(p);
  return NULL;
}

static void forget(struct policy *p, uint32_t frame) {
  if (p->links.state[frame] == AGAIN) {
    timeset_erase(&p->times, p->when[frame]);
  } else {
    links_take(&p->links, frame);
    p->never--;
  }
  p->links.state[frame] = 0;
}

static void place(struct policy *p, uint32_t frame) {
  const uint32_t next = p->future->next_use[p->future->now];
  p->when[frame] = next;
  if (next != POLICY_NONE) {
    p->links.state[frame] = AGAIN;
    timeset_insert(&p->times, next);
  } else {
    p->links.state[frame] = NEVER;
    links_push(&p->links, 0, frame);
    p->never++;
  }
}

static void enter(struct policy *p, uint32_t frame, uint64_t page) {
  p->links.page[frame] = page;
  p->count++;
  place(p, frame);
}

static void leave(struct policy *p, uint32_t frame) {
  p->count--;
  forget(p, frame);
}

static void used(struct policy *p, uint32_t frame) {
  forget(p, frame);
  place(p, frame);
}

static uint32_t victim(struct policy *p, uint64_t incoming, uint64_t *budget) {
  (void)incoming;
  if (p->count == 0 || *budget == 0) return POLICY_NONE;
  --*budget;
  uint32_t frame;
  if (p->never != 0)
    frame = links_oldest(&p->links, 0);
  else
    frame = p->future->frame_of[p->future->access[timeset_max(&p->times)] >> 1] >> 1;
  leave(p, frame);
  return frame;
}

static uint64_t size(const struct policy *p) {
  return p->count;
}

static void show(const struct policy *p, FILE *out, const uint64_t *names) {
  fprintf(out, "soonest first:");
  for (uint64_t t = p->future->now; p->count != p->never && t < p->future->count; t++)
    if ((p->times.level[0][t >> 6] >> (t & 63) & 1) != 0)
      fprintf(out, " %llu", (unsigned long long)policy_name(names, p->future->access[t] >> 1));
  links_show(&p->links, 0, " never", names, out);
}

static int check(const struct policy *p, char *err, size_t err_len) {
  if (links_check(&p->links, 0, p->never, NEVER, err, err_len) != 0) return -1;
  uint64_t again = 0;
  for (uint32_t f = 0; f < p->links.frames; f++) {
    if (p->links.state[f] != AGAIN) continue;
    const uint32_t t = p->when[f];
    again += p->times.level[0][t >> 6] >> (t & 63) & 1;
  }
  if (again + p->never == p->count) return 0;
  (void)snprintf(err, err_len, "opt: %llu pages have a next use, it should be %llu",
                 (unsigned long long)again, (unsigned long long)(p->count - p->never));
  return -1;
}

static void near(const struct policy *p, uint32_t frame) {
  __builtin_prefetch(&p->when[frame], 1);
}

static void run(struct policy *p, struct policy_run *r) {
  policy_run_loop(p, r, enter, used, victim, near, true);
}

const struct policy_ops policy_opt = {
    .name = "opt",
    .title = "OPT (Belady)",
    .source = "Belady 1966",
    .needs_future = true,
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

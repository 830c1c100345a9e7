// SPDX-License-Identifier: Apache-2.0
// Exact LRU: the page whose latest use is longest ago leaves. Under an operating system "use" is
// what the policy was told of (sampled A bits, system calls), so there it is LRU of the samples.
// Source: Mattson, Gecsei, Slutz, Traiger, "Evaluation techniques for storage hierarchies", IBM
// Systems Journal 9(2), 1970. Promises: O(1) a call.
#include "policy/queue.h"

static void used(struct policy *p, uint32_t frame) {
  links_take(&p->links, frame);
  links_push(&p->links, 0, frame);
}

static void show(const struct policy *p, FILE *out, const uint64_t *names) {
  links_show(&p->links, 0, "stack", names, out);
}

static void near(const struct policy *p, uint32_t frame) {
  __builtin_prefetch(&p->links.at[frame], 1);
}

static void run(struct policy *p, struct policy_run *r) {
  policy_run_loop(p, r, queue_enter, used, queue_victim, near, false);
}

const struct policy_ops policy_lru = {
    .name = "lru",
    .title = "exact LRU",
    .source = "Mattson et al. 1970",
    .create = queue_create,
    .destroy = queue_destroy,
    .enter = queue_enter,
    .leave = queue_leave,
    .used = used,
    .victim = queue_victim,
    .back = queue_enter,
    .size = queue_size,
    .show = show,
    .check = queue_check,
    .run = run,
};

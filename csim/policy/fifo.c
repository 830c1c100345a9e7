// SPDX-License-Identifier: Apache-2.0
// FIFO: the page that has been in memory longest leaves, used or not.
// Source: Belady, "A study of replacement algorithms for a virtual-storage computer", IBM Systems
// Journal 5(2), 1966. Promises: O(1) a call.
#include "policy/queue.h"

static void used(struct policy *p, uint32_t frame) {
  (void)p;
  (void)frame;
}

static void show(const struct policy *p, FILE *out, const uint64_t *names) {
  links_show(&p->links, 0, "queue", names, out);
}

static void run(struct policy *p, struct policy_run *r) {
  policy_run_loop(p, r, queue_enter, used, queue_victim, NULL, false);
}

const struct policy_ops policy_fifo = {
    .name = "fifo",
    .title = "FIFO",
    .source = "Belady 1966",
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

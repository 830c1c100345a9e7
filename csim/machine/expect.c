// SPDX-License-Identifier: Apache-2.0
// Hints to the host. A program's events are taken into the window some thirty at a time; what their
// pages will need is fetched into the host's caches meanwhile: descriptors, what pages must show,
// what frames hold, and the sets of the simulated caches. Promise: changes nothing.
#include "machine/machine_internal.h"

static bool is_data(const struct slot *s) {
  return s->ev.kind <= TRACE_MODIFY && s->port == MMU_PORT_DATA;
}

void expect_event(struct cpu *c, const struct task *k, const struct slot *s) {
  if (c->backend->ops->expect == NULL || !is_data(s)) return;
  if (s->ev.addr >> 12 == c->expected) return; /* as the one before */
  c->expected = s->ev.addr >> 12;
  c->backend->ops->expect(c->backend, os_task_context(k->os), s->ev.addr);
  content_expect_page(k->content, s->ev.addr);
}

void expect_places(const struct cpu *c, struct task *k) {
  uint64_t page = UINT64_MAX, frame = 0;
  bool known = false;
  if (c->backend->ops->foresee == NULL) return;
  for (uint32_t i = k->issued; i < k->count; i++) {
    const struct slot *s = task_slot(k, i);
    if (!is_data(s)) continue;
    if (s->ev.addr >> 12 != page) {
      page = s->ev.addr >> 12;
      known = c->backend->ops->foresee(c->backend, os_task_context(k->os), page << 12, &frame);
      if (known) content_expect_frame(c->m->content, frame >> 12);
    }
    if (known) memtiming_expect(c->timing, frame | (s->ev.addr & 0xfff));
  }
}

// SPDX-License-Identifier: Apache-2.0
// Hints to the host. A program's events are taken into the window some thirty at a time; what their
// pages will need is fetched into the host's caches meanwhile: descriptors, what pages must show,
// what frames hold, and the sets of the simulated caches. Promise: changes nothing.
#include "machine/machine_internal.h"

void expect_page(struct cpu *c, const struct task *k, uint64_t va) {
  c->expected = va >> 12;
  if (c->backend->ops->expect == NULL) return;
  c->backend->ops->expect(c->backend, os_task_context(k->os), va);
  content_expect_page(k->content, va);
}

void expect_places(const struct cpu *c, struct task *k) {
  uint64_t page = UINT64_MAX, frame = 0;
  bool known = false;
  if (c->backend->ops->foresee == NULL) return;
  for (uint32_t i = k->issued; i < k->count; i++) {
    const struct slot *s = task_slot(k, i);
    if (s->port != MMU_PORT_DATA || s->ev.kind > TRACE_MODIFY) continue;
    if (s->ev.addr >> 12 != page) {
      page = s->ev.addr >> 12;
      known = c->backend->ops->foresee(c->backend, os_task_context(k->os), page << 12, &frame);
      if (known) content_expect_frame(c->m->content, frame >> 12);
    }
    if (known) memtiming_expect(c->timing, frame | (s->ev.addr & 0xfff));
  }
}

// SPDX-License-Identifier: Apache-2.0
// Hints to the host. A program's events are taken into the window some thirty at a time; what their
// pages will need is fetched into the host's caches meanwhile: descriptors, what pages must show,
// what frames hold, and the sets of the simulated caches. Promise: changes nothing.
#include "machine/machine_internal.h"

void expect_page(struct cpu *c, const struct task *k, uint64_t va) {
  struct outlook *o = &c->outlook;
  o->page = va >> 12;
  if (c->backend->ops->expect == NULL) return;
  o->at[o->pages++] = c->backend->ops->expect(c->backend, os_task_context(k->os), va);
  content_expect_page(k->content, va);
}

/* The next new page: what its frame holds. */
static void see(struct cpu *c, const struct task *k, uint64_t page, uint32_t i) {
  struct outlook *o = &c->outlook;
  o->seen = page;
  o->known = i < o->pages && c->backend->ops->foresee(c->backend, os_task_context(k->os),
                                                      page << 12, o->at[i], &o->frame);
  if (o->known) content_expect_frame(c->m->content, o->frame >> 12);
}

void expect_places(struct cpu *c, struct task *k) {
  struct outlook *o = &c->outlook;
  uint32_t pages = 0;
  if (c->backend->ops->foresee == NULL) return;
  for (uint32_t i = k->issued; i < k->count; i++) {
    const struct slot *s = task_slot(k, i);
    if (s->port != MMU_PORT_DATA || s->ev.kind > TRACE_MODIFY) continue;
    if (s->ev.addr >> 12 != o->seen) see(c, k, s->ev.addr >> 12, pages++);
    if (o->known) memtiming_expect(c->timing, o->frame | (s->ev.addr & 0xfff));
  }
  o->pages = 0;
}

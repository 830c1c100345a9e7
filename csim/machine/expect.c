// SPDX-License-Identifier: Apache-2.0
// Hints to the host: what pages of coming accesses will need is fetched into the host's caches
// while there is other work. Each finds what the next one reads, so there are three, some time
// apart: when an event is read ahead, the places where its page is looked up; when all are read,
// the page's descriptor and what it must show; when the window holds it, what its frame holds and
// the sets of the simulated caches. Promise: changes nothing.
#include "machine/machine_internal.h"

void expect_new_page(struct cpu *c, struct task *k, uint64_t va) {
  struct outlook *o = &k->outlook;
  uint64_t *recent = &o->recent[(va >> 12) % (sizeof o->recent / sizeof o->recent[0])];
  struct outlook_page *p = &o->page[o->read % SLOTS];
  o->last = va >> 12;
  if (c->backend->ops->glimpse == NULL) return;
  o->read++;
  p->va = *recent != va >> 12 ? va : 0;
  if (p->va == 0) return;
  *recent = va >> 12;
  c->backend->ops->glimpse(c->backend, va);
  content_glimpse_page(k->content, va);
}

static void expect_pages(struct cpu *c, struct task *k) {
  struct outlook *o = &k->outlook;
  for (; o->expected != o->read; o->expected++) {
    struct outlook_page *p = &o->page[o->expected % SLOTS];
    p->descriptor = p->truth = p->held = NULL;
    p->known = false;
    if (p->va == 0) continue;
    p->at = c->backend->ops->expect(c->backend, os_task_context(k->os), p->va, &p->descriptor);
    p->truth = content_expect_page(k->content, p->va);
  }
}

/* The next new page: its frame. */
static const struct outlook_page *foresee(struct cpu *c, struct task *k, uint64_t page) {
  struct outlook *o = &k->outlook;
  struct outlook_page *p = &o->page[o->foreseen++ % SLOTS];
  o->seen = page;
  if (p->va == 0) return p;
  p->known =
      c->backend->ops->foresee(c->backend, os_task_context(k->os), page << 12, p->at, &p->frame);
  if (p->known) p->held = content_expect_frame(c->m->content, p->frame >> 12);
  return p;
}

void expect_places(struct cpu *c, struct task *k, uint32_t from) {
  struct outlook *o = &k->outlook;
  if (c->backend->ops->foresee == NULL) return;
  expect_pages(c, k); /* of what was read just now */
  const struct outlook_page *p = &o->page[(o->foreseen - 1) % SLOTS];
  for (uint32_t i = from; i < k->count; i++) {
    const struct slot *s = task_slot(k, i);
    if (s->port != MMU_PORT_DATA || s->ev.kind > TRACE_MODIFY) continue;
    if (s->ev.addr >> 12 != o->seen) p = foresee(c, k, s->ev.addr >> 12);
    if (p->known) memtiming_expect(c->timing, p->frame | (s->ev.addr & 0xfff));
  }
}

static void fetch(const void *place) {
  if (place != NULL) __builtin_prefetch(place, 1);
}

/* A host that misses its own TLB at a prefetch waits for the walk, but does several walks at once:
 * so all that may miss comes here, one right after the other. */
void expect_end(struct cpu *c, struct task *k) {
  struct outlook *o = &k->outlook;
  expect_pages(c, k);
  for (; o->held != o->foreseen; o->held++)
    fetch(o->page[o->held % SLOTS].held);
  for (; o->fetched != o->expected; o->fetched++) {
    fetch(o->page[o->fetched % SLOTS].descriptor);
    fetch(o->page[o->fetched % SLOTS].truth);
  }
}

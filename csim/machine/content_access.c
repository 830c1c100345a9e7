// SPDX-License-Identifier: Apache-2.0
// What a retired access must find, and what a store leaves: the truth of content_truth.c against
// the token of the frame it went to. Promise: a store makes a token that never was.
#include <inttypes.h>
#include <stdio.h>

#include "machine/content_internal.h"

static const struct area *find_area(const struct content_task *t, struct leaf *l, uint64_t number) {
  if (!in_area(t, l->area, number)) l->area = (uint32_t)content_area_at(t, number);
  return in_area(t, l->area, number) ? &t->area[l->area] : NULL;
}

/* The truth of the file's page that an area shows, or of the common one; NULL: it shows none. */
static uint64_t *shown_truth(const struct content *c, const struct area *a, uint64_t number) {
  uint64_t page = a->file_page + (number - a->first);
  if (a->common != NULL) return &a->common->token[page];
  if (a->file == 0 || a->file > c->files || page >= c->file[a->file - 1].pages) return NULL;
  return &c->file[a->file - 1].token[page];
}

static inline uint32_t next_version(uint32_t page) {
  return OWN | ((page + 1) & ~STATE_MASK);
}

/* The token of a private page's next version. A page that had no contents of its own begins an
 * object. 0: there are no more objects. */
static uint64_t next_own(struct content_task *t, struct leaf *l, uint64_t i) {
  if (l->object == 0)
    l->object = (uint32_t)content_new_run(t->c, false, t->pid, l->number << CONTENT_RUN_BITS);
  if (l->object == 0) return 0;
  l->page[i] = next_version(l->page[i]);
  return own_token(l, i);
}

/* The token of a shared page's next version. A common page begins its object at its first store. */
static uint64_t next_shared(const struct area *a, uint64_t *truth) {
  if (*truth == 0)
    *truth = (a->common->object + (uint64_t)(truth - a->common->token)) << CONTENT_VERSION_BITS;
  return ++*truth;
}

static __attribute__((noinline)) enum content_verdict stale(struct content_task *t, uint64_t pfn,
                                                            const char *why) {
  snprintf(t->c->story, sizeof t->c->story, "frame %" PRIu64 ": %s", pfn, why);
  return CONTENT_STALE;
}

static bool allows(const struct area *a, uint8_t kind) {
  return kind == CONTENT_READ ? a->prot != 0 : (a->prot & kind) != 0;
}

/* Under a private mapping of a file an older version of the file's page is as good. */
static bool older(uint64_t found, uint64_t wanted) {
  return found < wanted && found >> CONTENT_VERSION_BITS == wanted >> CONTENT_VERSION_BITS;
}

/* The whole of the rules. */
static __attribute__((noinline)) enum content_verdict judge_access(struct content_task *t,
                                                                   uint64_t va, uint64_t pfn,
                                                                   uint8_t kind) {
  struct content *c = t->c;
  uint64_t number = va >> PAGE_SHIFT;
  uint64_t i = number % CONTENT_RUN;
  struct leaf *l = leaf_of(t, number >> CONTENT_RUN_BITS);
  if (l == NULL) return CONTENT_UNKNOWN;
  const struct area *a = find_area(t, l, number);
  if (a == NULL) return stale(t, pfn, "the program has no area there");
  if (pfn >= c->frames) return stale(t, pfn, "there is no such frame");
  uint64_t *f = &c->frame[pfn];
  if ((*f & CONTENT_USED) == 0) return stale(t, pfn, "the frame had been freed");
  if (!allows(a, kind)) return stale(t, pfn, "the area does not allow this access");
  uint64_t found = *f & ~CONTENT_USED;
  uint32_t state = l->page[i] & STATE_MASK;
  uint64_t *follow = state == FRESH ? shown_truth(c, a, number) : NULL;
  uint64_t wanted = follow != NULL ? *follow : 0;
  if (state == OWN) wanted = own_token(l, i);
  if (state == INHERITED && l->inherited != NULL) wanted = l->inherited[i];
  if (found != wanted && (follow == NULL || a->shared || !older(found, wanted)))
    return content_judge(c, pfn, found, wanted);
  if (kind != CONTENT_WRITE) return CONTENT_OK;
  uint64_t token = follow != NULL && a->shared ? next_shared(a, follow) : next_own(t, l, i);
  if (token == 0) return CONTENT_UNKNOWN;
  *f = token | CONTENT_USED;
  return CONTENT_OK;
}

/* What a private page must show, if that is its own contents or, before its first store, zeroes;
 * any other contents are for judge_access. */
static inline bool private_truth(const struct leaf *l, uint64_t i, const struct area *a,
                                 uint8_t kind, uint64_t *wanted) {
  uint32_t state = l->page[i] & STATE_MASK;
  *wanted = state == OWN ? own_token(l, i) : 0;
  return state == OWN ||
         (state == FRESH && kind != CONTENT_WRITE && a->file == 0 && a->common == NULL);
}

/* What a next access to the page must find. */
static void know(struct content_task *t, struct leaf *l, uint64_t number, uint64_t pfn,
                 uint8_t prot, uint8_t kind) {
  uint64_t i = number % CONTENT_RUN;
  const bool own = (l->page[i] & STATE_MASK) == OWN;
  uint8_t rights = (uint8_t)(CONTENT_READ | (prot & (CONTENT_WRITE | CONTENT_EXEC)));
  t->again[kind != CONTENT_EXEC] = (struct content_again){
      .number = number,
      .pfn = pfn,
      .frame = &t->c->frame[pfn],
      .page = &l->page[i],
      .object = CONTENT_USED | (own ? ((uint64_t)l->object + i) << CONTENT_VERSION_BITS : 0),
      .state = own ? OWN : FRESH,
      .version = own ? ~STATE_MASK : 0,
      .rights = own ? rights : (uint8_t)(rights & ~CONTENT_WRITE)};
}

/* Private pages, looked up. */
static enum content_verdict look_up(struct content_task *t, uint64_t va, uint64_t pfn,
                                    uint8_t kind) {
  uint64_t number = va >> PAGE_SHIFT;
  uint64_t i = number % CONTENT_RUN;
  uint64_t wanted;
  struct leaf *l = t->recent[(number >> CONTENT_RUN_BITS) % RECENT];
  if (l == NULL || l->number != number >> CONTENT_RUN_BITS || !in_area(t, l->area, number) ||
      pfn >= t->c->frames)
    return judge_access(t, va, pfn, kind);
  const struct area *a = &t->area[l->area];
  uint64_t *f = &t->c->frame[pfn];
  if (!allows(a, kind) || !private_truth(l, i, a, kind, &wanted) || *f != (wanted | CONTENT_USED))
    return judge_access(t, va, pfn, kind);
  if (kind == CONTENT_WRITE) {
    l->page[i] = next_version(l->page[i]);
    *f = own_token(l, i) | CONTENT_USED;
  }
  know(t, l, number, pfn, a->prot, kind);
  return CONTENT_OK;
}

/* Most often it is the page of the last access, which is as it must be; a store just makes its next
 * version. */
enum content_verdict content_access(struct content_task *t, uint64_t va, uint64_t pfn,
                                    uint8_t kind) {
  const struct content_again *r = &t->again[kind != CONTENT_EXEC];
  if (r->number != va >> PAGE_SHIFT || r->pfn != pfn || (r->rights & kind) == 0)
    return look_up(t, va, pfn, kind);
  uint32_t page = *r->page;
  if ((page & STATE_MASK) != r->state || *r->frame != (r->object | (page & r->version)))
    return look_up(t, va, pfn, kind);
  page = kind == CONTENT_WRITE ? next_version(page) : page;
  *r->page = page;
  *r->frame = r->object | (page & r->version);
  return CONTENT_OK;
}

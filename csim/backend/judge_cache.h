/* SPDX-License-Identifier: Apache-2.0
 * What the hardware may legally remember: every descriptor that one of its walks has read and
 * could use, for as long as no completed invalidation covers it. Unbounded, so it holds at least
 * what any TLB or walk cache can hold. */
#ifndef COWALK_BACKEND_JUDGE_CACHE_H
#define COWALK_BACKEND_JUDGE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "backend/mmu.h"
#include "rules/rules.h"

struct judge_cache;

/* A translation is what stage 1 says, or what both stages say together; a nested one what stage 2
 * says of a guest-physical address. */
enum judge_kind { JUDGE_TRANSLATION, JUDGE_POINTER, JUDGE_NESTED };

/* What to look for. */
struct judge_key {
  uint64_t va;      /* of a nested one: the guest-physical address */
  uint64_t space;   /* all of the tag but the ASID */
  uint64_t s2_root; /* with EPT; else 0 */
  uint16_t asid;
  uint8_t kind; /* enum judge_kind */
  uint8_t shift;
};

/* One descriptor as seen through one address: a translation, or a pointer to a table. */
struct judge_node {
  uint64_t va;          /* low bits clear */
  uint64_t base;        /* page base or next table */
  uint64_t addr, value; /* the descriptor, after its A/D update */
  uint64_t space, s2_root;
  uint16_t asid;
  uint8_t kind;                                    /* enum judge_kind */
  uint8_t shift, rights, attrs;                    /* of a nested one: rights, attrs of stage 2 */
  uint8_t s1_shift, s2_shift, s2_rights, s2_attrs; /* of a translation by two stages */
  bool global, dirty;
  uint32_t since; /* invalidations accepted before it was read: those cannot concern it */
  struct judge_node *next;
};

/* NULL if out of host memory. */
struct judge_cache *judge_cache_create(const struct rules_ops *rules);
void judge_cache_destroy(struct judge_cache *c);

/* An invalidation was accepted; the one outstanding is done. */
void judge_cache_invalidate(struct judge_cache *c, const struct mmu_inval *inv);
void judge_cache_done(struct judge_cache *c);
uint32_t judge_cache_accepted(const struct judge_cache *c);
uint32_t judge_cache_completed(const struct judge_cache *c);

/* `since` of something read now through a pointer that was itself read at `parent_since`: if an
 * invalidation that is under way covers that pointer, it will also end what comes from it. */
uint32_t judge_cache_since(const struct judge_cache *c, const struct rules_entry *parent,
                           uint32_t parent_since);
/* Has a completed invalidation, accepted after `since`, covered e? */
bool judge_cache_ended(const struct judge_cache *c, const struct rules_entry *e, uint32_t since);

/* Remember n (its `next` is ignored), or renew it. False if out of host memory. */
bool judge_cache_learn(struct judge_cache *c, const struct judge_node *n);
/* The next live node after `after` (NULL: the first) that serves the key; NULL at the end. */
struct judge_node *judge_cache_find(struct judge_cache *c, const struct judge_key *key,
                                    struct judge_node *after);
/* Page sizes of the nested nodes there ever were, as a mask: bit n for 2^n bytes. */
uint64_t judge_cache_nested_sizes(const struct judge_cache *c);
/* A node as an invalidation sees it. */
struct rules_entry judge_cache_entry(const struct judge_node *n);

#endif

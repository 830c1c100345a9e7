/* SPDX-License-Identifier: Apache-2.0
 * Ghosts: identities of pages that left memory not long ago, in lists ordered by when they left.
 * A fixed number of nodes, found by identity through a hash table. Private to csim/policy. */
#ifndef COWALK_POLICY_GHOST_H
#define COWALK_POLICY_GHOST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { GHOST_LISTS = 2 };
#define GHOST_NONE UINT32_MAX

struct ghosts;

/* Room for that many identities in both lists together. NULL: out of memory. */
struct ghosts *ghosts_create(uint32_t room);
void ghosts_destroy(struct ghosts *g);
/* The node of a page, or GHOST_NONE. */
uint32_t ghosts_find(const struct ghosts *g, uint64_t page);
unsigned ghosts_list(const struct ghosts *g, uint32_t node); /* 0 or 1 */
uint32_t ghosts_count(const struct ghosts *g, unsigned list);
/* At the newest end. The page must not be there yet, and there must be room. */
void ghosts_push(struct ghosts *g, unsigned list, uint64_t page);
void ghosts_remove(struct ghosts *g, uint32_t node);
/* Forget the oldest of a list that is not empty; returns its page. */
uint64_t ghosts_drop(struct ghosts *g, unsigned list);
void ghosts_show(const struct ghosts *g, unsigned list, const char *name, const uint64_t *names,
                 FILE *out);

#endif

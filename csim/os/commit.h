/* SPDX-License-Identifier: Apache-2.0
 * Memory promised to address spaces, and whether more may be (Linux 6.1 mm/util.c,
 * __vm_enough_memory): vm.overcommit_memory 0 refuses only what could never be had, 1 nothing, 2
 * all beyond CommitLimit. Private writable areas count. */
#ifndef COWALK_OS_COMMIT_H
#define COWALK_OS_COMMIT_H

#include <stdbool.h>
#include <stdint.h>

struct os;
struct os_mm;

enum os_overcommit { OS_OVERCOMMIT_GUESS, OS_OVERCOMMIT_ALWAYS, OS_OVERCOMMIT_NEVER };

struct os_commit {
  uint64_t pages;                       /* Committed_AS */
  uint64_t admin_reserve, user_reserve; /* pages */
};

/* init_user_reserve, init_admin_reserve: a 32nd of what is free at boot, 128 MiB and 8 MiB at most.
 */
void os_commit_init(struct os *os);
/* vm_commit_limit, pages. */
uint64_t os_commit_limit(const struct os *os);
/* Promise pages to mm (total_vm: what it has mapped); false: refused, nothing changed. */
bool os_commit_take(struct os *os, uint64_t pages, uint64_t total_vm);
void os_commit_give(struct os *os, uint64_t pages);

#endif

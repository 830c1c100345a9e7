/* SPDX-License-Identifier: Apache-2.0
 * Short names for what the kernel model asks of its machine, and the one sleeping lock built on it.
 * Everything that takes a struct os and is marked [yields] lets time pass. */
#ifndef COWALK_OS_MACHINE_H
#define COWALK_OS_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "os/platform.h"

struct os;

/* Zero-initialise. Not recursive. Order of taking: an address space's map lock, frame lock, its
 * table lock. Never allocate memory while holding one of the last two. */
struct os_mutex {
  bool held;
  struct os_waitq q;
};

uint32_t os_cpu(const struct os *os);  /* the one that runs this */
uint32_t os_cpus(const struct os *os); /* how many there are */
uint64_t os_now(struct os *os);
void os_spend(struct os *os, enum os_work work, uint32_t count); /* [yields] */
uint64_t os_rd(struct os *os, uint64_t pa);                      /* [yields] */
void os_wr(struct os *os, uint64_t pa, uint64_t value);          /* [yields] */
bool os_cas(struct os *os, uint64_t pa, uint64_t expected, uint64_t desired,
            uint64_t *old);                                      /* [yields] */
void os_wait(struct os *os, struct os_waitq *q);                 /* [yields] */
bool os_wait_us(struct os *os, struct os_waitq *q, uint64_t us); /* [yields] */
void os_wake(struct os *os, struct os_waitq *q);
/* An allocation of the host's memory, or NULL, which the machine is told; realloc may be. */
void *os_host_alloc(struct os *os, size_t bytes); /* zeroed */
void *os_host_realloc(struct os *os, void *p, size_t bytes);
/* The task that the running context works for; NULL: a thread of the kernel. */
struct os_task *os_current(struct os *os);
void os_lock(struct os *os, struct os_mutex *m); /* [yields] */
void os_unlock(struct os *os, struct os_mutex *m);

#endif

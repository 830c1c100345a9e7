/* SPDX-License-Identifier: Apache-2.0
 * Kernel contexts as coroutines (Debian's libpcl). One context runs at a time; it gives the host
 * CPU back to whoever switched to it. The creator owns and destroys it. */
#ifndef COWALK_MACHINE_CONTEXT_H
#define COWALK_MACHINE_CONTEXT_H

#include <stdbool.h>

struct context;

/* fn starts at the first switch; when it returns the context has ended. NULL: out of memory. */
struct context *context_create(void (*fn)(void *arg), void *arg);
/* Not from inside the context itself. */
void context_destroy(struct context *c);
/* Run it until it calls context_leave or ends; false once it has ended. */
bool context_enter(struct context *c);
/* From inside a context: back to the context_enter that runs it. */
void context_leave(void);

#endif

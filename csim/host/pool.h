/* SPDX-License-Identifier: Apache-2.0
 * Many blocks of one size, side by side in large tables (table.h). */
#ifndef COWALK_HOST_POOL_H
#define COWALK_HOST_POOL_H

#include <stddef.h>

struct host_pool;

/* Blocks of so many bytes, a multiple of 16 and at most 64 KiB. NULL: out of host memory. */
struct host_pool *host_pool_create(size_t block);
/* With all blocks, given back or not. */
void host_pool_destroy(struct host_pool *p); /* or NULL */
/* A block of zeroes; NULL: out of host memory. It belongs to the caller until it is given back. */
void *host_pool_take(struct host_pool *p);
void host_pool_give(struct host_pool *p, void *block); /* or NULL */

#endif

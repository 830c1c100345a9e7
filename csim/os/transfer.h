/* SPDX-License-Identifier: Apache-2.0
 * Transfers between frames and the disk. */
#ifndef COWALK_OS_TRANSFER_H
#define COWALK_OS_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

struct os;

/* Start reading into a locked frame of a cache; it is unlocked when the transfer ends, up to date
 * unless it failed. False if out of host memory. [yields] */
bool os_read_start(struct os *os, uint32_t pfn, uint64_t block);
/* Start writing a frame; OS_F_WRITEBACK until it ends. False if out of host memory. [yields] */
bool os_write_start(struct os *os, uint32_t pfn, uint64_t block);
void os_transfers_free(struct os *os);

#endif

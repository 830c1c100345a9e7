/* SPDX-License-Identifier: Apache-2.0
 * Shared anonymous memory (Linux 6.1 mm/shmem.c): the pages of an unnamed file that has no place on
 * the disk. A page is in the file's cache (OS_FRAME_SHMEM), on the lists of anonymous memory, or in
 * swap; then the file's entry, not a page table, refers to the slot. The file goes with the last
 * area that maps it. For csim/os only. */
#ifndef COWALK_OS_SHMEM_H
#define COWALK_OS_SHMEM_H

#include <stdbool.h>
#include <stdint.h>

#include "os/cache.h"

struct os_mm;
struct os_vma;

/* A file of that size for a first area, promised whole (shmem_acct_size); total_vm: of who asks.
 * 0: refused by vm.overcommit_memory, or out of host memory. */
uint32_t os_shmem_create(struct os *os, uint64_t pages, uint64_t total_vm);
/* An area came to map the file, or has gone. The file lives on until os_shmem_reap. */
void os_shmem_hold(struct os *os, uint32_t file);
void os_shmem_release(struct os *os, uint32_t file);
/* Free the files that no area maps any more. For a task that has unmapped what it gave up; it
 * holds no lock but its map lock. [yields] */
void os_shmem_reap(struct os *os);

/* The page, created if it is nowhere; see os_file_get. [yields] */
enum os_get os_shmem_get(struct os *os, uint32_t file, uint64_t page, uint32_t *pfn, bool *major);
/* A locked, unmapped page leaves its file for the swap cache (shmem_writepage); false: there is no
 * slot, nothing changed. [yields] */
bool os_shmem_to_swap(struct os *os, uint32_t pfn);
/* Pages of the area that are in swap (shmem_swap_usage). */
uint64_t os_shmem_swapped(const struct os *os, const struct os_vma *v);

#endif

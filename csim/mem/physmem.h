/* SPDX-License-Identifier: Apache-2.0
 * Sparse physical memory shared by the hardware and the OS model. Frames take host memory only
 * once they are written. Every write names its writer; one watcher may follow all writes.
 * The caller owns the object; nothing is shared between two of them. */
#ifndef COWALK_MEM_PHYSMEM_H
#define COWALK_MEM_PHYSMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/mmu.h"

struct physmem;

enum mem_writer {
  MEM_WRITER_HW = 0,
  MEM_WRITER_OS = 1,
  MEM_WRITER_FIRMWARE = 2,
  MEM_WRITER_LOADER = 3
};

/* Called after each write (and each successful compare-and-swap), before anything else runs. */
typedef void physmem_watch_fn(void *self, uint64_t addr, uint64_t old, uint64_t now,
                              enum mem_writer who);

/* bytes: size of the address space from 0, a multiple of 4096, not 0. NULL if out of host memory;
 * should the host run out of memory later, in a write, the program ends with one line. */
struct physmem *physmem_create(uint64_t bytes);
void physmem_destroy(struct physmem *m);
uint64_t physmem_size(const struct physmem *m);

/* 64-bit aligned accesses. Beyond the end, at an unaligned address (both MMU_MEM_BUS), or in a
 * range marked by physmem_set_error, they return that error and change nothing; unwritten memory
 * reads 0. */
enum mmu_mem_error physmem_read64(const struct physmem *m, uint64_t addr, uint64_t *value);
/* For those that read a frame again and again. where: the place of addr in the host's memory, good
 * as long as moved says the same; NULL: the frame is unwritten, or moved can count no further.
 * read64_at: read64, of an address
 * whose place is known. */
const char *physmem_where(const struct physmem *m, uint64_t addr);
uint32_t physmem_moved(const struct physmem *m);
enum mmu_mem_error physmem_read64_at(const struct physmem *m, uint64_t addr, const char *where,
                                     uint64_t *value);
enum mmu_mem_error physmem_write64(struct physmem *m, uint64_t addr, uint64_t value,
                                   enum mem_writer who);
/* Atomic compare-and-swap; *old gets the value found, *swapped whether it was replaced. */
enum mmu_mem_error physmem_cas64(struct physmem *m, uint64_t addr, uint64_t expected,
                                 uint64_t desired, enum mem_writer who, uint64_t *old,
                                 bool *swapped);

/* Drop the contents of a 4 KiB frame (it reads 0 afterwards, its host memory is for the next one).
 * The watcher sees each non-zero word become 0. */
void physmem_clear_frame(struct physmem *m, uint64_t addr, enum mem_writer who);

/* Make [first, last] answer with an error: MMU_MEM_BUS and MMU_MEM_PARITY on every access,
 * MMU_MEM_NO_ATOMIC on compare-and-swap only. MMU_MEM_OK removes marks inside the range.
 * A later mark replaces an earlier one where they overlap. Returns 0, or -1 (and nothing changed)
 * if there are too many ranges (64). */
int physmem_set_error(struct physmem *m, uint64_t first, uint64_t last, enum mmu_mem_error err);

void physmem_watch(struct physmem *m, physmem_watch_fn *fn, void *self);
/* Host bytes used by frame contents, without what is kept for the next ones. */
uint64_t physmem_host_bytes(const struct physmem *m);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Files and descriptors of the traced process. A file is known by its path; it gets a number in
 * the trace when an event first names it. Private to csim/trace. */
#ifndef COWALK_TRACE_FILES_H
#define COWALK_TRACE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/space.h"

struct file_table;

/* folder: files below it are named relative to it; NULL: none; borrowed. NULL if out of memory. */
struct file_table *file_table_create(const char *folder);
void file_table_destroy(struct file_table *t);
/* open, close, dup, lseek ... False if out of memory. */
bool file_call(struct file_table *t, const struct space_syscall *c);
/* The file (from 1) open at a descriptor; 0 if none, or not a file on a disk. */
uint32_t file_of_descriptor(const struct file_table *t, uint64_t fd);
/* A read or write of bytes; at: where, or NULL for the descriptor's position, which advances.
 * Returns the file and sets *offset; 0 if it is none. */
uint32_t file_io_at(struct file_table *t, uint64_t fd, const uint64_t *at, uint64_t bytes,
                    bool write, uint64_t *offset);
/* The file was used up to this byte. */
void file_extent(struct file_table *t, uint32_t file, uint64_t end);
/* A file with this name (made if new); 0 if out of memory. */
uint32_t file_named(struct file_table *t, const char *name);
/* Its number in the trace. */
uint32_t file_number(struct file_table *t, uint32_t file);
/* The numbered files in order, in a new array that the caller frees (the names stay the
 * table's); NULL if out of memory. */
struct trace_file_meta *file_describe(const struct file_table *t, uint32_t *count);

#endif

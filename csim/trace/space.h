/* SPDX-License-Identifier: Apache-2.0
 * What a recording knows of the traced process while it is read: areas, files, descriptors, pages
 * touched. Turns system calls and accesses into trace events. Private to csim/trace. */
#ifndef COWALK_TRACE_SPACE_H
#define COWALK_TRACE_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/trace.h"
#include "trace/writer.h"

struct space;

enum space_call {
  CALL_NONE,
  CALL_MMAP,   /* addr, bytes, prot, flags, fd, offset -> addr */
  CALL_MUNMAP, /* addr, bytes */
  CALL_MPROTECT,
  CALL_MREMAP, /* addr, old bytes, new bytes -> addr */
  CALL_BRK,    /* -> end */
  CALL_OPEN,   /* path, flags -> fd */
  CALL_OPENAT, /* dir, path, flags -> fd */
  CALL_CREAT,  /* path -> fd */
  CALL_CLOSE,
  CALL_DUP,
  CALL_DUP2,
  CALL_FCNTL,
  CALL_LSEEK,  /* fd -> position */
  CALL_READ,   /* fd, buffer, bytes -> bytes */
  CALL_PREAD,  /* fd, buffer, bytes, offset -> bytes */
  CALL_READV,  /* fd -> bytes */
  CALL_PREADV, /* fd, iov, n, offset -> bytes */
  CALL_WRITE,
  CALL_PWRITE,
  CALL_WRITEV,
  CALL_PWRITEV,
  CALL_EXIT
};

struct space_syscall {
  enum space_call call;
  uint64_t arg[6];
  uint64_t result;
  char path[512];
};

/* The writer is borrowed, and so is folder (see file_table_create). NULL: out of memory. */
struct space *space_create(struct trace_writer *w, const char *folder);
void space_destroy(struct space *s);
/* Name of the program, for the areas that no call named. */
void space_program(struct space *s, const char *name);
/* From here on events are written; areas known so far come first. */
bool space_begin(struct space *s);
/* A completed, successful system call. False: space_error says why. */
bool space_syscall(struct space *s, const struct space_syscall *c);
/* An access is about to be written. kind: enum trace_kind, accesses only. */
bool space_access(struct space *s, uint8_t kind, uint64_t addr, uint64_t bytes);
/* Write the inferred areas and describe the files; *meta's file array belongs to the space. */
bool space_end(struct space *s, struct trace_meta *meta);
const char *space_error(const struct space *s);
bool space_exited(const struct space *s);

#endif

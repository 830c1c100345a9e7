/* SPDX-License-Identifier: Apache-2.0
 * Event traces of programs: accesses and system calls of one process, in order. A trace file is
 * a header, zstd-compressed records and a trailer with counts, so that a truncated file is
 * noticed. The format is specified in docs/trace-format.md. */
#ifndef COWALK_TRACE_TRACE_H
#define COWALK_TRACE_TRACE_H

#include <stddef.h>
#include <stdint.h>

enum trace_kind {
  TRACE_FETCH = 0, /* addr; count = instructions fetched from this 64-byte line in a row */
  TRACE_READ = 1,  /* addr, bytes */
  TRACE_WRITE = 2,
  TRACE_MODIFY = 3,    /* read, then write, of the same bytes */
  TRACE_MAP = 4,       /* addr, bytes, prot, shared, file (0 anonymous), offset */
  TRACE_UNMAP = 5,     /* addr, bytes */
  TRACE_PROTECT = 6,   /* addr, bytes, prot */
  TRACE_FILE_READ = 7, /* file, offset, bytes */
  TRACE_FILE_WRITE = 8,
  TRACE_MARK = 9, /* count = number of the phase that ends */
  TRACE_EXIT = 10,
  TRACE_KIND_COUNT
};

struct trace_event {
  uint64_t addr, bytes, offset;
  uint32_t file, count;
  uint8_t kind; /* enum trace_kind */
  uint8_t prot; /* 1 read, 2 write, 4 execute */
  uint8_t shared;
  uint8_t tag;  /* of a generated access, for machine/phase.c; 0 in files */
  uint8_t huge; /* TRACE_MAP, of generators only: see struct os_mapping */
};

struct trace_info {
  char name[64];
  char source[160]; /* how it was made, one line */
  uint64_t events[TRACE_KIND_COUNT];
  uint64_t instructions;
  uint64_t footprint_pages; /* distinct 4 KiB pages touched */
  uint32_t files;           /* files are numbered 1..files */
  uint32_t inferred_maps;   /* areas inferred because the input named none */
};

struct trace_reader;
/* path "-" reads standard input. NULL with one line in err. */
struct trace_reader *trace_open(const char *path, char *err, size_t err_len);
/* 1 and *ev, 0 at the end, -1 with the message of trace_error (truncated, corrupt). */
int trace_next(struct trace_reader *r, struct trace_event *ev);
const char *trace_error(const struct trace_reader *r);
const struct trace_info *trace_info(const struct trace_reader *r); /* from the header */
/* Pages of file 1..files, as large as the program ever used it; 0 for others. */
uint64_t trace_file_pages(const struct trace_reader *r, uint32_t file);
/* Names are for people. */
const char *trace_file_name(const struct trace_reader *r, uint32_t file);
void trace_close(struct trace_reader *r);

#endif

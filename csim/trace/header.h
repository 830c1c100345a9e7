/* SPDX-License-Identifier: Apache-2.0
 * The header of a trace file, parsed. Private to csim/trace; layout in docs/trace-format.md. */
#ifndef COWALK_TRACE_HEADER_H
#define COWALK_TRACE_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/trace.h"

struct trace_header {
  struct trace_info info;
  uint32_t frames;      /* zstd frames that follow */
  uint64_t *file_pages; /* info.files of each */
  char **file_name;
};

/* False if the bytes are no header, or out of memory; free it in any case. */
bool trace_header_parse(struct trace_header *h, const uint8_t *bytes, size_t n);
void trace_header_free(struct trace_header *h);
/* n little-endian bytes, at most eight. */
uint64_t trace_get_bytes(const uint8_t *p, size_t n);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * What reader and writer of a trace file share: constants of docs/trace-format.md and the
 * address predictor, which must run in step on both sides. Private to csim/trace. */
#ifndef COWALK_TRACE_FORMAT_H
#define COWALK_TRACE_FORMAT_H

#include <stdint.h>

enum {
  TRACE_VERSION = 1,
  TRACE_MAGIC_BYTES = 8,
  TRACE_PREAMBLE_BYTES = 20, /* magic, version, header bytes, header CRC */
  TRACE_TRAILER_BYTES = 28,
  TRACE_MAX_HEADER = 16 << 20,
  TRACE_MAX_RECORD = 64,   /* no record is longer */
  TRACE_MAX_ACCESS = 4096, /* bytes of one access */
  /* low three bits of a control byte */
  TRACE_CTL_FETCH = 0, /* line delta follows */
  TRACE_CTL_READ = 1,
  TRACE_CTL_WRITE = 2,
  TRACE_CTL_MODIFY = 3,
  TRACE_CTL_FETCH_PREDICTED = 4,
  TRACE_CTL_OTHER = 7, /* kind in the high five bits */
  TRACE_OTHER_END = 31,
  TRACE_COUNT_ESCAPE = 31, /* in the high five bits of a fetch: a varint follows */
  TRACE_SIZE_ESCAPE = 7,   /* in bits 5:3 of a data access: a varint follows */
  TRACE_CONTEXTS = 4096
};

#define TRACE_MAGIC "cowalkT\n"
#define TRACE_TRAILER_MAGIC "cowalkE\n"

/* Guesses the next fetch line from the present one, and a data address from the fetch line and
 * the number of data accesses since the fetch. */
struct trace_predictor {
  uint64_t line; /* of the latest fetch, address / 64 */
  uint32_t slot; /* of the latest fetch, in both tables */
  uint32_t ordinal;
  uint64_t next_line[TRACE_CONTEXTS];
  uint64_t data[TRACE_CONTEXTS];
};

static inline uint32_t trace_slot(uint64_t line) {
  return (uint32_t)((line * UINT64_C(0x9E3779B97F4A7C15)) >> 52);
}

static inline void trace_predict_fetched(struct trace_predictor *p, uint64_t line) {
  p->next_line[p->slot] = line;
  p->line = line;
  p->slot = trace_slot(line);
  p->ordinal = 0;
}

/* The entry that guesses the next data address; advances the count. */
static inline uint64_t *trace_predict_data(struct trace_predictor *p) {
  return &p->data[(p->slot + 101 * p->ordinal++) % TRACE_CONTEXTS];
}

#endif

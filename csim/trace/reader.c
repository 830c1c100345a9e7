// SPDX-License-Identifier: Apache-2.0
// The reader of trace files. Format: docs/trace-format.md.
// Promises: any file is either read to its end with the counts its header states, or refused with
// one line; no byte sequence makes it read outside its buffers.
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "trace/format.h"
#include "trace/header.h"
#include "trace/trace.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "trace_next copies little-endian bytes");

enum { IN_BYTES = 1 << 17, OUT_BYTES = 1 << 18 };

struct trace_reader {
  /* decoded bytes; TRACE_MAX_RECORD zero bytes follow the last */
  const uint8_t *at, *end;
  bool done, failed, drained; /* drained: every frame was decoded */
  struct trace_predictor predict;
  struct trace_header head;
  uint64_t seen[TRACE_KIND_COUNT];
  uint64_t seen_instructions;
  uint64_t decoded;
  ZSTD_DCtx *zstd;
  size_t in_at, in_used;
  FILE *f;
  char *path;
  char error[256];
  uint8_t in[IN_BYTES];
  uint8_t out[OUT_BYTES + TRACE_MAX_RECORD];
};

static int fail(struct trace_reader *r, const char *why) {
  if (!r->failed) snprintf(r->error, sizeof r->error, "%s: %s", r->path, why);
  r->failed = true;
  return -1;
}

/* ---- header ------------------------------------------------------------------------------- */

static const char *read_header(struct trace_reader *r) {
  uint8_t front[TRACE_PREAMBLE_BYTES];
  const size_t n = fread(front, 1, sizeof front, r->f);
  if (n < TRACE_MAGIC_BYTES || memcmp(front, TRACE_MAGIC, TRACE_MAGIC_BYTES) != 0)
    return "not a cowalk trace; make one with: cowalk trace import FILE -o OUT";
  if (n < sizeof front) return "truncated in the header; copy or record it again";
  const uint32_t version = (uint32_t)trace_get_bytes(front + 8, 4);
  if (version != TRACE_VERSION) {
    snprintf(r->error, sizeof r->error,
             "%s: trace format version %u, this program reads %d; record it again", r->path,
             version, TRACE_VERSION);
    return r->error;
  }
  const size_t n_header = (size_t)trace_get_bytes(front + 12, 4);
  if (n_header > TRACE_MAX_HEADER) return "corrupt header (impossible size)";
  uint8_t *bytes = malloc(n_header + 1);
  if (bytes == NULL) return "out of memory";
  const char *why = NULL;
  if (fread(bytes, 1, n_header, r->f) != n_header)
    why = "truncated in the header; copy or record it again";
  else if (crc32(0, bytes, (uInt)n_header) != trace_get_bytes(front + 16, 4))
    why = "corrupt header (checksum differs)";
  else if (!trace_header_parse(&r->head, bytes, n_header))
    why = "corrupt header (impossible fields)";
  free(bytes);
  return why;
}

struct trace_reader *trace_open(const char *path, char *err, size_t err_len) {
  struct trace_reader *r = calloc(1, sizeof *r);
  const bool pipe = strcmp(path, "-") == 0;
  if (r != NULL) {
    r->path = strdup(pipe ? "standard input" : path);
    r->zstd = ZSTD_createDCtx();
  }
  if (r == NULL || r->path == NULL || r->zstd == NULL) {
    snprintf(err, err_len, "%s: out of memory", path);
    trace_close(r);
    return NULL;
  }
  r->f = pipe ? stdin : fopen(path, "rb");
  const char *why = r->f == NULL ? strerror(errno) : read_header(r);
  if (why != NULL) {
    if (why == r->error)
      snprintf(err, err_len, "%s", why);
    else
      snprintf(err, err_len, "%s: %s", r->path, why);
    trace_close(r);
    return NULL;
  }
  r->at = r->end = r->out;
  return r;
}

void trace_close(struct trace_reader *r) {
  if (r == NULL) return;
  if (r->f != NULL && r->f != stdin) fclose(r->f);
  ZSTD_freeDCtx(r->zstd);
  trace_header_free(&r->head);
  free(r->path);
  free(r);
}

const char *trace_error(const struct trace_reader *r) {
  return r->error;
}
const struct trace_info *trace_info(const struct trace_reader *r) {
  return &r->head.info;
}

uint64_t trace_file_pages(const struct trace_reader *r, uint32_t file) {
  return file >= 1 && file <= r->head.info.files ? r->head.file_pages[file - 1] : 0;
}

const char *trace_file_name(const struct trace_reader *r, uint32_t file) {
  return file >= 1 && file <= r->head.info.files ? r->head.file_name[file - 1] : "";
}

/* ---- records ------------------------------------------------------------------------------ */

/* Get at least one whole record into out[], or all that is left. False: fail() was called. */
static bool refill(struct trace_reader *r) {
  const size_t left = (size_t)(r->end - r->at);
  memmove(r->out, r->at, left);
  ZSTD_outBuffer out = {r->out, OUT_BYTES, left};
  while (out.pos < OUT_BYTES && !r->drained) {
    if (r->in_at == r->in_used) {
      r->in_at = 0;
      r->in_used = fread(r->in, 1, IN_BYTES, r->f);
      if (r->in_used == 0) {
        fail(r, "truncated in the records; copy or record it again");
        return false;
      }
    }
    ZSTD_inBuffer in = {r->in, r->in_used, r->in_at};
    const size_t rc = ZSTD_decompressStream(r->zstd, &out, &in);
    r->in_at = in.pos;
    if (ZSTD_isError(rc)) {
      fail(r, "corrupt records (decompression or checksum failed); copy or record it again");
      return false;
    }
    if (rc == 0 && --r->head.frames == 0) r->drained = true;
  }
  r->decoded += out.pos - left;
  r->at = r->out;
  r->end = r->out + out.pos;
  memset(r->out + out.pos, 0, TRACE_MAX_RECORD);
  return true;
}

static int finish(struct trace_reader *r) {
  uint8_t back[TRACE_TRAILER_BYTES + 1];
  size_t n = 0;
  while (n < sizeof back) {
    if (r->in_at < r->in_used) {
      back[n++] = r->in[r->in_at++];
      continue;
    }
    r->in_at = 0;
    r->in_used = fread(r->in, 1, IN_BYTES, r->f);
    if (r->in_used == 0) break;
  }
  uint64_t records = 0;
  for (size_t i = 0; i < TRACE_KIND_COUNT; i++)
    records += r->seen[i];
  if (n < TRACE_TRAILER_BYTES) return fail(r, "truncated in the trailer; copy or record it again");
  if (r->at != r->end || !r->drained || n > TRACE_TRAILER_BYTES ||
      memcmp(back, TRACE_TRAILER_MAGIC, TRACE_MAGIC_BYTES) != 0 ||
      crc32(0, back, 24) != trace_get_bytes(back + 24, 4) ||
      trace_get_bytes(back + 8, 8) != records || trace_get_bytes(back + 16, 8) != r->decoded ||
      memcmp(r->seen, r->head.info.events, sizeof r->seen) != 0 ||
      r->seen_instructions != r->head.info.instructions)
    return fail(r, "corrupt (the records are not those that header and trailer count)");
  r->done = true;
  return 0;
}

static uint64_t get_varint(const uint8_t **pp, bool *bad) {
  const uint8_t *p = *pp;
  uint64_t v = 0;
  unsigned shift = 0;
  for (; shift < 63 && (*p & 0x80) != 0; shift += 7)
    v |= (uint64_t)(*p++ & 0x7f) << shift;
  if (shift == 63 && *p > 1) *bad = true;
  v |= (uint64_t)(*p++ & 0x7f) << shift;
  *pp = p;
  return v;
}

static uint64_t get_pages(const uint8_t **pp, bool *bad) {
  const uint64_t v = get_varint(pp, bad);
  if (v >> 52 != 0) *bad = true;
  return v << 12;
}

/* Everything but accesses; false if it is not a legal record. */
static bool decode_other(const struct trace_reader *r, const uint8_t **pp, unsigned kind,
                         struct trace_event *ev) {
  bool bad = false;
  ev->kind = (uint8_t)kind;
  switch (kind) {
    case TRACE_MAP:
    case TRACE_UNMAP:
    case TRACE_PROTECT:
      ev->addr = get_pages(pp, &bad);
      ev->bytes = get_pages(pp, &bad);
      if (kind != TRACE_UNMAP) ev->prot = *(*pp)++;
      if (kind == TRACE_MAP) {
        ev->shared = ev->prot >> 3 & 1;
        ev->prot &= 0xf7;
        const uint64_t file = get_varint(pp, &bad);
        ev->file = (uint32_t)file;
        bad = bad || file > r->head.info.files;
        ev->offset = get_pages(pp, &bad);
      }
      return !bad && ev->prot < 8 && ev->bytes != 0 && ev->addr + ev->bytes > ev->addr;
    case TRACE_FILE_READ:
    case TRACE_FILE_WRITE: {
      const uint64_t file = get_varint(pp, &bad);
      ev->file = (uint32_t)file;
      ev->offset = get_varint(pp, &bad);
      ev->bytes = get_varint(pp, &bad);
      return !bad && file >= 1 && file <= r->head.info.files &&
             ev->offset + ev->bytes >= ev->offset;
    }
    case TRACE_MARK: {
      const uint64_t count = get_varint(pp, &bad);
      ev->count = (uint32_t)count;
      return !bad && count <= UINT32_MAX;
    }
    case TRACE_EXIT:
      return true;
    default:
      return false;
  }
}

int trace_next(struct trace_reader *r, struct trace_event *ev) {
  if (r->failed) return -1;
  if (r->done) return 0;
  if (r->end - r->at < TRACE_MAX_RECORD && !r->drained && !refill(r)) return -1;
  const uint8_t *p = r->at;
  const unsigned control = *p++;
  const unsigned low = control & 7;
  bool bad = false;
  *ev = (struct trace_event){0};
  if (low >= TRACE_CTL_READ && low <= TRACE_CTL_MODIFY) {
    const unsigned size = control >> 3 & 7;
    const unsigned width = control >> 6;
    ev->kind = (uint8_t)low;
    ev->bytes = size == TRACE_SIZE_ESCAPE ? get_varint(&p, &bad) : UINT64_C(1) << size;
    uint64_t raw;
    memcpy(&raw, p, sizeof raw);
    const unsigned unused = 64 - (8u << width);
    uint64_t *guess = trace_predict_data(&r->predict);
    *guess += (uint64_t)((int64_t)(raw << unused) >> unused);
    p += (size_t)1 << width;
    ev->addr = *guess;
    bad = bad || ev->bytes == 0 || ev->bytes > TRACE_MAX_ACCESS;
  } else if (low == TRACE_CTL_FETCH || low == TRACE_CTL_FETCH_PREDICTED) {
    const unsigned small = control >> 3;
    const uint64_t count = small == TRACE_COUNT_ESCAPE ? get_varint(&p, &bad) : small;
    uint64_t line = r->predict.next_line[r->predict.slot];
    if (low == TRACE_CTL_FETCH) {
      const uint64_t zigzag = get_varint(&p, &bad);
      line = r->predict.line + (zigzag >> 1 ^ (0 - (zigzag & 1)));
    }
    trace_predict_fetched(&r->predict, line);
    ev->kind = TRACE_FETCH;
    ev->addr = line << 6;
    ev->count = (uint32_t)count;
    r->seen_instructions += count;
    bad = bad || count > UINT32_MAX || line >> 58 != 0;
  } else if (low == TRACE_CTL_OTHER && control >> 3 == TRACE_OTHER_END) {
    r->at = p;
    return finish(r);
  } else if (low != TRACE_CTL_OTHER || !decode_other(r, &p, control >> 3, ev)) {
    bad = true;
  }
  if (bad || p > r->end) return fail(r, "corrupt (an impossible record)");
  r->at = p;
  r->seen[ev->kind]++;
  return 1;
}

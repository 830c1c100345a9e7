// SPDX-License-Identifier: Apache-2.0
// The writer of trace files. Format: docs/trace-format.md.
// Promises: the same events give the same bytes; what cannot be read back is refused.
#include "trace/writer.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "trace/format.h"
#include "trace/pages.h"

enum { RAW_BYTES = 1 << 16, LEVEL = 19, STREAMS = 2 };

/* One zstd frame being made: records wait in raw until it is full. */
struct stream {
  ZSTD_CCtx *zstd;
  uint8_t raw[RAW_BYTES];
  size_t raw_used;
  uint64_t raw_total;
  uint8_t *out;
  size_t out_used, out_room;
};

struct trace_writer {
  struct stream stream[STREAMS]; /* what comes first, and the rest */
  struct trace_predictor predict;
  struct page_set *pages;
  struct trace_info info;
  uint64_t last_page[4]; /* by kind: saves most look-ups of the page set */
  const char *error;
  uint32_t highest_file;
};

static void stream_free(struct stream *s) {
  ZSTD_freeCCtx(s->zstd);
  free(s->out);
}

static bool stream_init(struct stream *s) {
  s->zstd = ZSTD_createCCtx();
  return s->zstd != NULL &&
         !ZSTD_isError(ZSTD_CCtx_setParameter(s->zstd, ZSTD_c_compressionLevel, LEVEL)) &&
         !ZSTD_isError(ZSTD_CCtx_setParameter(s->zstd, ZSTD_c_checksumFlag, 1));
}

/* Compress what waits; ends the frame if asked. */
static bool stream_flush(struct stream *s, bool end) {
  ZSTD_inBuffer in = {s->raw, s->raw_used, 0};
  size_t left;
  do {
    if (s->out_room - s->out_used < RAW_BYTES) {
      const size_t room = s->out_room * 2 + 2 * RAW_BYTES;
      uint8_t *bigger = realloc(s->out, room);
      if (bigger == NULL) return false;
      s->out = bigger;
      s->out_room = room;
    }
    ZSTD_outBuffer out = {s->out, s->out_room, s->out_used};
    left = ZSTD_compressStream2(s->zstd, &out, &in, end ? ZSTD_e_end : ZSTD_e_continue);
    if (ZSTD_isError(left)) return false;
    s->out_used = out.pos;
  } while (in.pos < in.size || (end && left != 0));
  s->raw_total += s->raw_used;
  s->raw_used = 0;
  return true;
}

struct trace_writer *trace_writer_create(void) {
  struct trace_writer *w = calloc(1, sizeof *w);
  if (w == NULL) return NULL;
  w->pages = page_set_create();
  for (size_t i = 0; i < 4; i++)
    w->last_page[i] = UINT64_MAX;
  if (w->pages == NULL || !stream_init(&w->stream[0]) || !stream_init(&w->stream[1])) {
    trace_writer_destroy(w);
    return NULL;
  }
  return w;
}

void trace_writer_destroy(struct trace_writer *w) {
  if (w == NULL) return;
  for (size_t i = 0; i < STREAMS; i++)
    stream_free(&w->stream[i]);
  page_set_destroy(w->pages);
  free(w);
}

const char *trace_writer_error(const struct trace_writer *w) {
  return w->error != NULL ? w->error : "no error";
}

const struct trace_info *trace_writer_info(const struct trace_writer *w) {
  return &w->info;
}

static uint8_t *put_varint(uint8_t *p, uint64_t v) {
  for (; v >= 0x80; v >>= 7)
    *p++ = (uint8_t)(v | 0x80);
  *p++ = (uint8_t)v;
  return p;
}

static uint8_t *put_bytes(uint8_t *p, uint64_t v, size_t n) {
  for (size_t i = 0; i < n; i++)
    *p++ = (uint8_t)(v >> (8 * i));
  return p;
}

static uint8_t *put_fetch(struct trace_writer *w, uint8_t *p, const struct trace_event *ev) {
  struct trace_predictor *pr = &w->predict;
  const uint64_t line = ev->addr >> 6;
  const bool guessed = pr->next_line[pr->slot] == line;
  const uint32_t small = ev->count < TRACE_COUNT_ESCAPE ? ev->count : TRACE_COUNT_ESCAPE;
  *p++ = (uint8_t)(small << 3 | (guessed ? TRACE_CTL_FETCH_PREDICTED : TRACE_CTL_FETCH));
  if (small == TRACE_COUNT_ESCAPE) p = put_varint(p, ev->count);
  if (!guessed) {
    const int64_t delta = (int64_t)(line - pr->line);
    p = put_varint(p, (uint64_t)delta << 1 ^ (delta < 0 ? UINT64_MAX : 0));
  }
  trace_predict_fetched(pr, line);
  return p;
}

static uint8_t *put_data(struct trace_writer *w, uint8_t *p, const struct trace_event *ev) {
  uint64_t *guess = trace_predict_data(&w->predict);
  const int64_t delta = (int64_t)(ev->addr - *guess);
  *guess = ev->addr;
  unsigned size = 0;
  while (size < TRACE_SIZE_ESCAPE && UINT64_C(1) << size != ev->bytes)
    size++;
  unsigned width = 0;
  while (width < 3 &&
         (delta < -(INT64_C(1) << ((8 << width) - 1)) || delta >= INT64_C(1) << ((8 << width) - 1)))
    width++;
  *p++ = (uint8_t)(width << 6 | size << 3 | ev->kind);
  if (size == TRACE_SIZE_ESCAPE) p = put_varint(p, ev->bytes);
  return put_bytes(p, (uint64_t)delta, (size_t)1 << width);
}

static uint8_t *put_other(uint8_t *p, const struct trace_event *ev) {
  *p++ = (uint8_t)(ev->kind << 3 | TRACE_CTL_OTHER);
  switch (ev->kind) {
    case TRACE_MAP:
      p = put_varint(p, ev->addr >> 12);
      p = put_varint(p, ev->bytes >> 12);
      *p++ = (uint8_t)((ev->prot & 7) | (ev->shared != 0 ? 8 : 0));
      p = put_varint(p, ev->file);
      return put_varint(p, ev->offset >> 12);
    case TRACE_UNMAP:
    case TRACE_PROTECT:
      p = put_varint(p, ev->addr >> 12);
      p = put_varint(p, ev->bytes >> 12);
      if (ev->kind == TRACE_PROTECT) *p++ = ev->prot & 7;
      return p;
    case TRACE_FILE_READ:
    case TRACE_FILE_WRITE:
      p = put_varint(p, ev->file);
      p = put_varint(p, ev->offset);
      return put_varint(p, ev->bytes);
    case TRACE_MARK:
      return put_varint(p, ev->count);
    default:
      return p;
  }
}

static const char *fault_of(const struct trace_event *ev) {
  const bool area = ev->kind == TRACE_MAP || ev->kind == TRACE_UNMAP || ev->kind == TRACE_PROTECT;
  if (ev->kind >= TRACE_KIND_COUNT) return "unknown kind of event";
  if (area && ((ev->addr | ev->bytes | ev->offset) & 0xfff) != 0)
    return "an area is not a multiple of 4096 bytes";
  if (area && ev->bytes == 0) return "an area of no bytes";
  if (ev->kind >= TRACE_READ && ev->kind <= TRACE_MODIFY &&
      (ev->bytes == 0 || ev->bytes > TRACE_MAX_ACCESS))
    return "an access of no bytes or of more than 4096";
  if ((ev->kind == TRACE_FILE_READ || ev->kind == TRACE_FILE_WRITE) && ev->file == 0)
    return "a file access without a file";
  return NULL;
}

static bool touch(struct trace_writer *w, const struct trace_event *ev) {
  const uint64_t bytes = ev->kind == TRACE_FETCH ? 1 : ev->bytes;
  const uint64_t last = (ev->addr + bytes - 1) >> 12;
  for (uint64_t page = ev->addr >> 12; page <= last; page++) {
    if (w->last_page[ev->kind] == page) continue;
    w->last_page[ev->kind] = page;
    if (page_set_at(w->pages, page) == NULL) return false;
  }
  w->info.footprint_pages = page_set_count(w->pages);
  return true;
}

static int put(struct trace_writer *w, const struct trace_event *ev, unsigned which) {
  struct stream *s = &w->stream[which];
  const char *why = fault_of(ev);
  if (why == NULL && s->raw_used > RAW_BYTES - TRACE_MAX_RECORD && !stream_flush(s, false))
    why = "out of memory";
  if (why == NULL && ev->kind <= TRACE_MODIFY && !touch(w, ev)) why = "out of memory";
  if (why != NULL) {
    w->error = why;
    return -1;
  }
  uint8_t *const start = s->raw + s->raw_used;
  uint8_t *end;
  if (ev->kind == TRACE_FETCH)
    end = put_fetch(w, start, ev);
  else if (ev->kind <= TRACE_MODIFY)
    end = put_data(w, start, ev);
  else
    end = put_other(start, ev);
  s->raw_used += (size_t)(end - start);
  w->info.events[ev->kind]++;
  if (ev->kind == TRACE_FETCH) w->info.instructions += ev->count;
  if (ev->file > w->highest_file) w->highest_file = ev->file;
  return 0;
}

int trace_writer_put(struct trace_writer *w, const struct trace_event *ev) {
  return put(w, ev, 1);
}

int trace_writer_put_first(struct trace_writer *w, const struct trace_event *ev) {
  if (ev->kind != TRACE_MAP && ev->kind != TRACE_UNMAP && ev->kind != TRACE_PROTECT) {
    w->error = "only areas may come first";
    return -1;
  }
  return put(w, ev, 0);
}

static uint8_t *put_string(uint8_t *p, const char *s, size_t most) {
  const size_t n = strnlen(s != NULL ? s : "", most);
  p = put_bytes(p, n, 2);
  for (size_t i = 0; i < n; i++)
    *p++ = (uint8_t)s[i];
  return p;
}

/* The header's body in a new block; NULL if out of memory. */
static uint8_t *make_header(const struct trace_writer *w, const struct trace_meta *meta,
                            size_t *bytes) {
  size_t room = 4096;
  for (uint32_t i = 0; i < meta->files; i++)
    room += 16 + strlen(meta->file[i].name);
  uint8_t *const block = malloc(room);
  if (block == NULL) return NULL;
  uint8_t *p = put_string(block, meta->name, sizeof w->info.name - 1);
  p = put_string(p, meta->source, sizeof w->info.source - 1);
  p = put_bytes(p, STREAMS, 4);
  p = put_bytes(p, TRACE_KIND_COUNT, 4);
  for (size_t i = 0; i < TRACE_KIND_COUNT; i++)
    p = put_bytes(p, w->info.events[i], 8);
  p = put_bytes(p, w->info.instructions, 8);
  p = put_bytes(p, w->info.footprint_pages, 8);
  p = put_bytes(p, meta->inferred_maps, 4);
  p = put_bytes(p, meta->files, 4);
  for (uint32_t i = 0; i < meta->files; i++) {
    p = put_bytes(p, meta->file[i].pages, 8);
    p = put_string(p, meta->file[i].name, 1024);
  }
  *bytes = (size_t)(p - block);
  return block;
}

static bool write_all(struct trace_writer *w, FILE *f, const uint8_t *header, size_t header_bytes) {
  uint8_t front[TRACE_PREAMBLE_BYTES];
  uint8_t back[TRACE_TRAILER_BYTES];
  memcpy(front, TRACE_MAGIC, TRACE_MAGIC_BYTES);
  put_bytes(front + 8, TRACE_VERSION, 4);
  put_bytes(front + 12, header_bytes, 4);
  put_bytes(front + 16, crc32(0, header, (uInt)header_bytes), 4);
  uint64_t records = 0;
  for (size_t i = 0; i < TRACE_KIND_COUNT; i++)
    records += w->info.events[i];
  memcpy(back, TRACE_TRAILER_MAGIC, TRACE_MAGIC_BYTES);
  put_bytes(back + 8, records, 8);
  put_bytes(back + 16, w->stream[0].raw_total + w->stream[1].raw_total, 8);
  put_bytes(back + 24, crc32(0, back, 24), 4);
  bool ok = fwrite(front, 1, sizeof front, f) == sizeof front &&
            fwrite(header, 1, header_bytes, f) == header_bytes;
  for (size_t i = 0; i < STREAMS; i++)
    ok = ok && fwrite(w->stream[i].out, 1, w->stream[i].out_used, f) == w->stream[i].out_used;
  return ok && fwrite(back, 1, sizeof back, f) == sizeof back && fflush(f) == 0;
}

int trace_writer_finish(struct trace_writer *w, const char *path, const struct trace_meta *meta,
                        char *err, size_t err_len) {
  if (w->highest_file > meta->files) {
    snprintf(err, err_len, "an event names file %u, but only %u are described", w->highest_file,
             meta->files);
    return -1;
  }
  struct stream *rest = &w->stream[1];
  rest->raw[rest->raw_used++] = TRACE_OTHER_END << 3 | TRACE_CTL_OTHER;
  size_t header_bytes = 0;
  uint8_t *header = make_header(w, meta, &header_bytes);
  if (header == NULL || !stream_flush(&w->stream[0], true) || !stream_flush(rest, true)) {
    snprintf(err, err_len, "out of memory");
    free(header);
    return -1;
  }
  FILE *f = strcmp(path, "-") == 0 ? stdout : fopen(path, "wb");
  bool ok = f != NULL && write_all(w, f, header, header_bytes);
  if (f != NULL && f != stdout && fclose(f) != 0) ok = false;
  if (!ok) snprintf(err, err_len, "%s: cannot be written: %s", path, strerror(errno));
  free(header);
  return ok ? 0 : -1;
}

// SPDX-License-Identifier: Apache-2.0
// Bytes of a plain, gzip or zstd file through one buffer.
// Promises: a file that ends early or is damaged is an error, never a shorter trace.
#include "replay/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum { IN_BYTES = 1 << 17, BUFFER = 2 * SOURCE_MAX_LINE };
enum packing { PLAIN, GZIP, ZSTD };

struct source {
  char *path;
  FILE *f;
  enum packing packing;
  z_stream gzip;
  ZSTD_DCtx *zstd;
  bool between; /* packed: at the end of a member or frame, where the file may end */
  bool pending; /* packed: the buffer was full, so more may come without further input */
  bool ended;   /* nothing follows what is in the buffer */
  size_t in_at, in_used;
  size_t at, used; /* unpacked bytes that wait */
  uint64_t line;
  char error[512];
  uint8_t in[IN_BYTES];
  char buffer[BUFFER + 1];
};

static void fail(struct source *s, const char *why) {
  if (s->error[0] == '\0') (void)snprintf(s->error, sizeof s->error, "%s: %s", s->path, why);
  s->ended = true;
}

static bool refill_in(struct source *s) {
  if (s->in_at < s->in_used) return true;
  s->in_at = 0;
  s->in_used = fread(s->in, 1, IN_BYTES, s->f);
  if (s->in_used == 0 && ferror(s->f)) fail(s, strerror(errno));
  return s->in_used != 0;
}

static void unpack_gzip(struct source *s) {
  if (s->between && inflateReset(&s->gzip) != Z_OK) fail(s, "out of memory");
  s->between = false;
  s->gzip.next_in = s->in + s->in_at;
  s->gzip.avail_in = (uInt)(s->in_used - s->in_at);
  s->gzip.next_out = (Bytef *)s->buffer + s->used;
  s->gzip.avail_out = (uInt)(BUFFER - s->used);
  const int rc = inflate(&s->gzip, Z_NO_FLUSH);
  s->in_at = s->in_used - s->gzip.avail_in;
  s->used = BUFFER - s->gzip.avail_out;
  if (rc == Z_STREAM_END)
    s->between = true;
  else if (rc != Z_OK && rc != Z_BUF_ERROR)
    fail(s, "damaged gzip data; copy the file again");
}

static void unpack_zstd(struct source *s) {
  ZSTD_inBuffer in = {s->in, s->in_used, s->in_at};
  ZSTD_outBuffer out = {s->buffer, BUFFER, s->used};
  const size_t rc = ZSTD_decompressStream(s->zstd, &out, &in);
  s->in_at = in.pos;
  s->used = out.pos;
  s->between = rc == 0;
  if (ZSTD_isError(rc)) fail(s, "damaged zstd data; copy the file again");
}

/* Have at least `want` bytes in the buffer, or all that are left. */
static void fill(struct source *s, size_t want) {
  if (s->used - s->at >= want || s->ended) return;
  memmove(s->buffer, s->buffer + s->at, s->used - s->at);
  s->used -= s->at;
  s->at = 0;
  while (s->used < BUFFER && !s->ended) {
    if (!refill_in(s) && (s->between || !s->pending)) {
      if (s->packing != PLAIN && !s->between && s->error[0] == '\0')
        fail(s, "ends in the middle of its packed data; copy the file again");
      s->ended = true;
    } else if (s->packing == GZIP) {
      unpack_gzip(s);
    } else if (s->packing == ZSTD) {
      unpack_zstd(s);
    } else {
      const size_t left = s->in_used - s->in_at;
      const size_t n = left < BUFFER - s->used ? left : BUFFER - s->used;
      memcpy(s->buffer + s->used, s->in + s->in_at, n);
      s->in_at += n;
      s->used += n;
    }
    s->pending = s->used == BUFFER;
  }
}

/* Which packing the first bytes tell. NULL, or why the file cannot be read. */
static const char *start(struct source *s) {
  static const uint8_t gzip_magic[] = {0x1f, 0x8b};
  static const uint8_t zstd_magic[] = {0x28, 0xb5, 0x2f, 0xfd};
  static const uint8_t xz_magic[] = {0xfd, '7', 'z', 'X', 'Z', 0};
  (void)refill_in(s);
  s->between = true;
  if (s->in_used >= sizeof xz_magic && memcmp(s->in, xz_magic, sizeof xz_magic) == 0)
    return "xz data cannot be unpacked here; use: xz -dc FILE | cowalk replay ... -";
  if (s->in_used >= sizeof gzip_magic && memcmp(s->in, gzip_magic, sizeof gzip_magic) == 0) {
    s->packing = GZIP;
    if (inflateInit2(&s->gzip, 16 + MAX_WBITS) != Z_OK) return "out of memory";
  } else if (s->in_used >= sizeof zstd_magic && memcmp(s->in, zstd_magic, sizeof zstd_magic) == 0) {
    s->zstd = ZSTD_createDCtx();
    if (s->zstd == NULL) return "out of memory";
    s->packing = ZSTD;
  }
  return s->error[0] != '\0' ? s->error : NULL;
}

struct source *source_open(const char *path, char *err, size_t err_len) {
  const bool pipe = strcmp(path, "-") == 0;
  struct source *s = calloc(1, sizeof *s);
  if (s != NULL) s->path = strdup(pipe ? "standard input" : path);
  if (s == NULL || s->path == NULL) {
    (void)snprintf(err, err_len, "%s: out of memory", path);
    source_close(s);
    return NULL;
  }
  s->f = pipe ? stdin : fopen(path, "rb");
  const char *why = s->f == NULL ? strerror(errno) : start(s);
  if (why == NULL) return s;
  if (why == s->error)
    (void)snprintf(err, err_len, "%s", why);
  else
    (void)snprintf(err, err_len, "%s: %s", s->path, why);
  source_close(s);
  return NULL;
}

void source_close(struct source *s) {
  if (s == NULL) return;
  if (s->f != NULL && s->f != stdin) fclose(s->f);
  if (s->packing == GZIP) (void)inflateEnd(&s->gzip);
  ZSTD_freeDCtx(s->zstd);
  free(s->path);
  free(s);
}

const char *source_name(const struct source *s) {
  return s->path;
}

size_t source_peek(struct source *s, const char **at) {
  fill(s, SOURCE_PEEK);
  *at = s->buffer + s->at;
  const size_t left = s->used - s->at;
  return left < SOURCE_PEEK ? left : SOURCE_PEEK;
}

bool source_line(struct source *s, const char **begin, const char **end) {
  const char *newline = memchr(s->buffer + s->at, '\n', s->used - s->at);
  if (newline == NULL) {
    fill(s, SOURCE_MAX_LINE);
    newline = memchr(s->buffer + s->at, '\n', s->used - s->at);
  }
  if (s->error[0] != '\0' || (newline == NULL && s->at == s->used)) return false;
  s->line++;
  if (newline == NULL && !s->ended) {
    (void)snprintf(s->error, sizeof s->error,
                   "%s:%llu: the line is longer than a mebibyte; is this a text file?", s->path,
                   (unsigned long long)s->line);
    return false;
  }
  *begin = s->buffer + s->at;
  *end = newline != NULL ? newline : s->buffer + s->used;
  s->at = (size_t)(*end - s->buffer) + (newline != NULL ? 1 : 0);
  if (*end > *begin && (*end)[-1] == '\r') --*end;
  return true;
}

uint64_t source_line_number(const struct source *s) {
  return s->line;
}

size_t source_read(struct source *s, void *to, size_t n) {
  fill(s, n);
  const size_t left = s->used - s->at;
  const size_t got = left < n ? left : n;
  memcpy(to, s->buffer + s->at, got);
  s->at += got;
  return got;
}

const char *source_error(const struct source *s) {
  return s->error[0] != '\0' ? s->error : NULL;
}

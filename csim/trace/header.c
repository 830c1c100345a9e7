// SPDX-License-Identifier: Apache-2.0
// Parses the header of a trace file. Format: docs/trace-format.md.
// Promises: reads inside the bytes it was given, whatever they are.
#include "trace/header.h"

#include <stdlib.h>
#include <string.h>

#include "trace/format.h"

uint64_t trace_get_bytes(const uint8_t *p, size_t n) {
  uint64_t v = 0;
  for (size_t i = 0; i < n; i++)
    v |= (uint64_t)p[i] << (8 * i);
  return v;
}

struct cursor {
  const uint8_t *at, *end;
  bool bad;
};

static uint64_t take(struct cursor *c, size_t n) {
  if ((size_t)(c->end - c->at) < n) {
    c->bad = true;
    return 0;
  }
  c->at += n;
  return trace_get_bytes(c->at - n, n);
}

static void take_string(struct cursor *c, char *out, size_t room) {
  const size_t n = (size_t)take(c, 2);
  if (c->bad || n >= room || (size_t)(c->end - c->at) < n) {
    c->bad = true;
    return;
  }
  memcpy(out, c->at, n);
  out[n] = '\0';
  c->at += n;
}

static bool parse_files(struct trace_header *h, struct cursor *c) {
  const uint32_t n = h->info.files;
  if (n > (size_t)(c->end - c->at) / 10) return false; /* each takes at least ten bytes */
  h->file_pages = calloc((size_t)n + 1, sizeof *h->file_pages);
  h->file_name = calloc((size_t)n + 1, sizeof *h->file_name);
  if (h->file_pages == NULL || h->file_name == NULL) return false;
  for (uint32_t i = 0; i < n && !c->bad; i++) {
    char name[1025];
    h->file_pages[i] = take(c, 8);
    take_string(c, name, sizeof name);
    if (!c->bad) h->file_name[i] = strdup(name);
    if (h->file_name[i] == NULL) return false;
  }
  return !c->bad;
}

bool trace_header_parse(struct trace_header *h, const uint8_t *bytes, size_t n) {
  struct cursor c = {bytes, bytes + n, false};
  struct trace_info *in = &h->info;
  take_string(&c, in->name, sizeof in->name);
  take_string(&c, in->source, sizeof in->source);
  h->frames = (uint32_t)take(&c, 4);
  const uint32_t kinds = (uint32_t)take(&c, 4);
  if (c.bad || kinds != TRACE_KIND_COUNT || h->frames == 0) return false;
  for (size_t i = 0; i < TRACE_KIND_COUNT; i++)
    in->events[i] = take(&c, 8);
  in->instructions = take(&c, 8);
  in->footprint_pages = take(&c, 8);
  in->inferred_maps = (uint32_t)take(&c, 4);
  in->files = (uint32_t)take(&c, 4);
  return !c.bad && parse_files(h, &c) && c.at == c.end;
}

void trace_header_free(struct trace_header *h) {
  for (uint32_t i = 0; h->file_name != NULL && i < h->info.files; i++)
    free(h->file_name[i]);
  free(h->file_name);
  free(h->file_pages);
}

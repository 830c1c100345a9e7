// SPDX-License-Identifier: Apache-2.0
// Reads lackey's text, keeps the window, groups fetches by 64-byte line and writes the trace.
// Follows no manual; the rules are in docs/trace-format.md.
// Promises: one pass, memory in proportion to the footprint and the compressed window.
#include "trace/import.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trace/lackey.h"
#include "trace/space.h"
#include "trace/writer.h"

enum { CHUNK = 1 << 20, GROUP_DATA = 256, GROUP_INSTRUCTIONS = 32, LINE_BYTES = 64 };

/* The instructions fetched from one line, and their data accesses, which follow the fetch. */
struct group {
  uint64_t line;
  uint32_t instructions;
  bool open;
  size_t data;
  struct trace_event at[GROUP_DATA];
};

struct importer {
  const struct import_options *opt;
  struct import_report *rep;
  struct trace_writer *w;
  struct space *space;
  struct group group;
  struct lackey lackey;
  char program[256];
  char source[160];
  const char *error;
  bool in_window, done;
};

static bool put(struct importer *im, const struct trace_event *ev) {
  const uint64_t bytes = ev->kind == TRACE_FETCH ? 1 : ev->bytes;
  if (!space_access(im->space, ev->kind, ev->addr, bytes)) {
    im->error = space_error(im->space);
    return false;
  }
  if (trace_writer_put(im->w, ev) == 0) return true;
  im->error = trace_writer_error(im->w);
  return false;
}

static bool flush_group(struct importer *im) {
  struct group *g = &im->group;
  if (g->open &&
      !put(im, &(struct trace_event){
                   .kind = TRACE_FETCH, .addr = g->line * LINE_BYTES, .count = g->instructions}))
    return false;
  for (size_t i = 0; i < g->data; i++)
    if (!put(im, &g->at[i])) return false;
  g->open = false;
  g->data = 0;
  g->instructions = 0;
  return true;
}

static bool fetch(struct importer *im, uint64_t addr, uint64_t bytes) {
  struct group *g = &im->group;
  const uint64_t first = addr / LINE_BYTES;
  const uint64_t last = (addr + bytes - 1) / LINE_BYTES;
  if (!g->open || g->line != first || g->instructions >= GROUP_INSTRUCTIONS) {
    if (!flush_group(im)) return false;
    g->open = true;
    g->line = first;
  }
  g->instructions++;
  for (uint64_t line = first + 1; line <= last; line++) { /* it goes on in the next line */
    if (!flush_group(im)) return false;
    g->open = true;
    g->line = line;
  }
  return true;
}

static bool access_line(struct importer *im, const struct lackey_item *it) {
  struct import_report *rep = im->rep;
  if (!im->in_window && rep->records >= im->opt->skip) {
    im->in_window = true;
    if (!space_begin(im->space)) {
      im->error = space_error(im->space);
      return false;
    }
  }
  if (im->in_window && rep->taken >= im->opt->take) {
    im->done = rep->stopped = true;
    return true;
  }
  rep->records++;
  if (!im->in_window) {
    if (space_access(im->space, it->kind, it->addr, it->bytes)) return true;
    im->error = space_error(im->space);
    return false;
  }
  rep->taken++;
  if (it->kind == TRACE_FETCH) return fetch(im, it->addr, it->bytes);
  if (im->group.data == GROUP_DATA && !flush_group(im)) return false;
  im->group.at[im->group.data++] =
      (struct trace_event){.kind = it->kind, .addr = it->addr, .bytes = it->bytes};
  return true;
}

static bool syscall_line(struct importer *im, const struct lackey_item *it) {
  im->rep->syscalls++;
  if (im->in_window && !flush_group(im)) return false;
  if (space_syscall(im->space, it->call)) {
    im->done = space_exited(im->space);
    return true;
  }
  im->error = space_error(im->space);
  return false;
}

static void command_line(struct importer *im, const struct lackey_item *it) {
  if (im->source[0] == '\0')
    snprintf(im->source, sizeof im->source, "valgrind lackey: %.*s", (int)it->length, it->at);
  size_t n = 0;
  while (n < it->length && it->at[n] != ' ')
    n++;
  if (n >= sizeof im->program) n = sizeof im->program - 1;
  memcpy(im->program, it->at, n);
  im->program[n] = '\0';
  space_program(im->space, im->program);
}

static bool one_line(struct importer *im, const char *line, const char *end) {
  struct lackey_item it = {0};
  im->rep->lines++;
  switch (lackey_parse(&im->lackey, line, end, &it)) {
    case LACKEY_ACCESS:
      return access_line(im, &it);
    case LACKEY_SYSCALL:
      return syscall_line(im, &it);
    case LACKEY_COMMAND:
      command_line(im, &it);
      return true;
    case LACKEY_FOREIGN:
      im->rep->foreign++;
      return true;
    default:
      return true;
  }
}

/* All lines of `in`, until the window ends. False: im->error. */
static bool read_lines(struct importer *im, FILE *in) {
  char *buffer = malloc(CHUNK + 1);
  if (buffer == NULL) {
    im->error = "out of memory";
    return false;
  }
  size_t held = 0;
  bool ok = true;
  while (ok && !im->done) {
    const size_t n = fread(buffer + held, 1, CHUNK - held, in);
    const bool last = n == 0;
    char *line = buffer;
    char *end = buffer + held + n;
    for (char *stop; ok && !im->done && (stop = memchr(line, '\n', (size_t)(end - line))) != NULL;
         line = stop + 1)
      ok = one_line(im, line, stop);
    held = (size_t)(end - line);
    if (ok && !im->done && (last || held == CHUNK)) { /* no newline at the end, or no text */
      *end = '\0';
      if (held > 0) ok = one_line(im, line, end);
      held = 0;
      if (last) break;
    }
    memmove(buffer, line, held);
  }
  free(buffer);
  if (ok && ferror(in)) {
    im->error = strerror(errno);
    return false;
  }
  return ok;
}

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash != NULL ? slash + 1 : path;
}

static int finish(struct importer *im, const char *out, char *err, size_t err_len) {
  const struct import_options *opt = im->opt;
  struct import_report *rep = im->rep;
  if (rep->records == 0) {
    snprintf(err, err_len,
             "%s: no memory records in %llu lines; expected the output of valgrind --tool=lackey "
             "--trace-mem=yes --trace-syscalls=yes",
             opt->input, (unsigned long long)rep->lines);
    return -1;
  }
  if (rep->taken == 0) {
    snprintf(err, err_len, "%s: the window is empty: it skips %llu of %llu memory records",
             opt->input, (unsigned long long)opt->skip, (unsigned long long)rep->records);
    return -1;
  }
  struct trace_meta meta = {
      .name = opt->name != NULL ? opt->name : base_name(im->program),
      .source = opt->source != NULL ? opt->source : im->source,
  };
  if (!flush_group(im) || !space_end(im->space, &meta)) {
    if (im->error == NULL) im->error = space_error(im->space);
    snprintf(err, err_len, "%s: %s", opt->input, im->error);
    return -1;
  }
  rep->inferred_maps = meta.inferred_maps;
  rep->no_syscalls = rep->syscalls == 0;
  return trace_writer_finish(im->w, out, &meta, err, err_len);
}

int trace_import(FILE *in, const char *out, const struct import_options *opt,
                 struct import_report *rep, char *err, size_t err_len) {
  *rep = (struct import_report){0};
  struct importer *im = calloc(1, sizeof *im);
  int rc = -1;
  snprintf(err, err_len, "out of memory");
  if (im == NULL) return -1;
  im->opt = opt;
  im->rep = rep;
  strcpy(im->program, "program");
  im->w = trace_writer_create();
  im->space = im->w != NULL ? space_create(im->w, opt->folder) : NULL;
  if (im->space != NULL) {
    if (read_lines(im, in))
      rc = finish(im, out, err, err_len);
    else
      snprintf(err, err_len, "%s: line %llu: %s", opt->input, (unsigned long long)rep->lines,
               im->error);
  }
  space_destroy(im->space);
  trace_writer_destroy(im->w);
  free(im);
  return rc;
}

// SPDX-License-Identifier: Apache-2.0
// From a file or a generator's name to a trace.
// Promises: a line that is not understood ends the load with file, line, and what to do.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "random/splitmix64.h"
#include "replay/format.h"
#include "replay/generate.h"

static int unknown_format(const char *name, char *err, size_t err_len) {
  int n = snprintf(err, err_len, "--format: no format \"%s\"; there is", name);
  for (const struct format *f = replay_formats; f->name != NULL && n > 0 && (size_t)n < err_len;
       f++)
    n += snprintf(err + n, err_len - (size_t)n, "%s %s", f == replay_formats ? "" : ",", f->name);
  return -1;
}

static int read_lines(struct reading *r, const struct format *f, struct source *s, char *err,
                      size_t err_len) {
  const char *at;
  const char *end;
  while (source_line(s, &at, &end)) {
    const char *why = f->line(r, at, end);
    if (why != NULL) {
      const int shown = end - at > 40 ? 40 : (int)(end - at);
      (void)snprintf(err, err_len, "%s:%llu: \"%.*s%s\": %s", source_name(s),
                     (unsigned long long)source_line_number(s), shown, at,
                     shown < end - at ? "..." : "", why);
      return -1;
    }
  }
  return 0;
}

/* The format that was read, or NULL with one line in err. */
static const struct format *read_file(struct reading *r, const char *path, char *err,
                                      size_t err_len) {
  const struct format *f = r->opt->format != NULL ? format_find(r->opt->format) : NULL;
  struct source *s = NULL;
  int rc = 0;
  if (f == NULL || strcmp(f->name, "cowalk") != 0) {
    s = source_open(path, err, err_len);
    if (s == NULL) return NULL;
    const char *at;
    const size_t n = source_peek(s, &at);
    if (f == NULL) f = format_detect(path, at, n);
  }
  if (strcmp(f->name, "cowalk") == 0) {
    if (s != NULL && strcmp(path, "-") == 0) {
      (void)snprintf(err, err_len, "standard input: a cowalk trace; say so with --format cowalk");
      rc = -1;
    } else {
      rc = format_read_cowalk(r, path, err, err_len);
    }
  } else if (f->line != NULL) {
    rc = read_lines(r, f, s, err, err_len);
  } else {
    const char *why = format_read_champsim(r, s);
    if (why != NULL) (void)snprintf(err, err_len, "%s: %s", source_name(s), why);
    rc = why != NULL ? -1 : 0;
  }
  if (rc == 0 && s != NULL && source_error(s) != NULL) {
    (void)snprintf(err, err_len, "%s", source_error(s));
    rc = -1;
  }
  source_close(s);
  if (rc == 0 && build_count(r->to) == 0) {
    (void)snprintf(err, err_len,
                   "%s: no access found (read as %s; --format names another format, --kinds which "
                   "accesses count)",
                   path, f->name);
    rc = -1;
  }
  return rc == 0 ? f : NULL;
}

/* Which accesses are writes depends on their place in the trace alone. */
static void make_writes(struct replay_trace *t, unsigned percent) {
  for (uint64_t i = 0; i < t->count; i++) {
    uint64_t at = i * SPLITMIX64_STEP; /* the next number is that of access i */
    if (splitmix64_below(&at, 100) >= percent) continue;
    t->access[i] |= 1;
    t->writes++;
  }
  t->tells_writes = true;
}

struct replay_trace *replay_trace_load(const char *source, const struct replay_options *opt,
                                       char *err, size_t err_len) {
  if (opt->format != NULL && format_find(opt->format) == NULL) {
    (void)unknown_format(opt->format, err, err_len);
    return NULL;
  }
  struct reading r = {.opt = opt, .to = build_create(source)};
  if (r.to == NULL) {
    (void)snprintf(err, err_len, "%s: out of memory", source);
    return NULL;
  }
  r.page_shift = (unsigned)__builtin_ctzll(opt->page_size);
  struct replay_trace *t = NULL;
  if (generate_known(source) && access(source, F_OK) != 0) {
    if (generate(r.to, source, err, err_len) == 0) {
      t = build_finish(r.to);
      t->format = "generator";
    }
  } else {
    const struct format *f = read_file(&r, source, err, err_len);
    if (f != NULL) {
      t = build_finish(r.to);
      t->format = f->name;
      t->tells_writes = f->tells_writes || r.told_write;
      t->foreign = r.foreign;
    }
  }
  build_destroy(r.to);
  if (t == NULL || opt->writes == 0) return t;
  if (!t->tells_writes) {
    make_writes(t, opt->writes);
    return t;
  }
  (void)snprintf(err, err_len, "%s: it tells reads from writes itself; leave --writes out", source);
  replay_trace_free(t);
  return NULL;
}

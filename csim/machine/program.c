// SPDX-License-Identifier: Apache-2.0
// A program is a recorded trace or a generator behind one door.
// Follows csim/trace/trace.h. Addresses too high for the page-table format are packed by remap.h.
// Promises: bad input is told in one line that names the program.
#include "machine/program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/database.h"
#include "machine/hog.h"
#include "machine/list.h"
#include "machine/synthetic.h"
#include "trace/remap.h"

static const char generator[] = "synthetic:", list[] = "list:", hogs[] = "hog:", db[] = "db:";

struct program {
  struct trace_reader *trace;
  struct trace_remap *remap;
  struct synthetic *synthetic;
  struct list_program *list;
  struct hog *hog;
  struct database *database;
  struct program_options options;
  bool begun; /* it has waited for its phase, if it has one */
  char name[96];
  char error[256];
};

/* ---- settings of every program ---- */

static bool number(const char *text, long min, long max, long *out) {
  char *end;
  errno = 0;
  *out = strtol(text, &end, 10);
  return errno == 0 && end != text && *end == '\0' && *out >= min && *out <= max;
}

/* Take one word; 0: it is none of these, -1: its value is wrong. */
static int take_option(struct program_options *o, const char *word) {
  long n;
  if (strncmp(word, "oom_score_adj=", 14) == 0) {
    if (!number(word + 14, -1000, 1000, &n)) return -1;
    o->oom_score_adj = (int)n;
  } else if (strncmp(word, "phase=", 6) == 0) {
    if (!number(word + 6, 0, 1000, &n)) return -1;
    o->phase = (uint32_t)n;
  } else if (strncmp(word, "name=", 5) == 0) {
    if (word[5] == '\0' || strlen(word + 5) > 15) return -1;
    snprintf(o->name, sizeof o->name, "%s", word + 5);
  } else {
    return 0;
  }
  return 1;
}

/* Move such words from the end of spec to options. */
static bool take_options(char *spec, struct program_options *o, char *err, size_t err_len) {
  for (;;) {
    size_t n = strlen(spec);
    while (n != 0 && spec[n - 1] == ' ')
      spec[--n] = '\0';
    char *space = strrchr(spec, ' ');
    char *colon = strchr(spec, ':');
    char *word = space != NULL ? space + 1 : colon != NULL ? colon + 1 : spec;
    int got = take_option(o, word);
    if (got == 0) return true;
    if (got < 0) {
      snprintf(err, err_len,
               "program: \"%s\" must be oom_score_adj=-1000..1000, phase=0..1000 or name= and 1 to "
               "15 characters",
               word);
      return false;
    }
    *word = '\0';
  }
}

struct program *program_open(const char *spec, uint32_t user_bits, uint64_t seed, char *err,
                             size_t err_len) {
  struct program *p = calloc(1, sizeof *p);
  if (p == NULL) {
    snprintf(err, err_len, "the host is out of memory");
    return NULL;
  }
  char text[512];
  snprintf(text, sizeof text, "%s", spec);
  spec = text;
  if (!take_options(text, &p->options, err, err_len)) {
    free(p);
    return NULL;
  }
  p->begun = p->options.phase == 0;
  if (strncmp(spec, hogs, sizeof hogs - 1) == 0) {
    snprintf(p->name, sizeof p->name, "hog");
    p->hog = hog_create(spec + sizeof hogs - 1, err, err_len);
  } else if (strncmp(spec, generator, sizeof generator - 1) == 0) {
    snprintf(p->name, sizeof p->name, "synthetic");
    p->synthetic = synthetic_create(spec + sizeof generator - 1, seed, err, err_len);
  } else if (strncmp(spec, db, sizeof db - 1) == 0) {
    snprintf(p->name, sizeof p->name, "db");
    p->database = database_create(spec + sizeof db - 1, seed, err, err_len);
  } else if (strncmp(spec, list, sizeof list - 1) == 0) {
    snprintf(p->name, sizeof p->name, "%.95s", spec);
    p->list = list_create(spec + sizeof list - 1, err, err_len);
  } else {
    const char *base = strrchr(spec, '/');
    snprintf(p->name, sizeof p->name, "%.95s", base != NULL ? base + 1 : spec);
    p->trace = trace_open(spec, err, err_len);
    if (p->trace != NULL) p->remap = trace_remap_create(p->trace, user_bits);
    if (p->trace != NULL && p->remap == NULL) snprintf(err, err_len, "the host is out of memory");
  }
  if (p->synthetic != NULL || p->hog != NULL || p->database != NULL || p->list != NULL ||
      p->remap != NULL)
    return p;
  program_close(p);
  return NULL;
}

struct program *program_fork(const struct program *p, uint32_t pid) {
  struct program *k = p->synthetic != NULL ? calloc(1, sizeof *k) : NULL;
  if (k == NULL) return NULL;
  *k = *p;
  k->synthetic = synthetic_fork(p->synthetic, pid);
  if (k->synthetic != NULL) return k;
  free(k);
  return NULL;
}

void program_close(struct program *p) {
  if (p == NULL) return;
  synthetic_destroy(p->synthetic);
  list_destroy(p->list);
  hog_destroy(p->hog);
  database_destroy(p->database);
  if (p->remap != NULL) trace_remap_destroy(p->remap);
  if (p->trace != NULL) trace_close(p->trace);
  free(p);
}

int program_next(struct program *p, struct trace_event *ev) {
  if (!p->begun) {
    *ev = (struct trace_event){.kind = PROGRAM_BEGIN};
    p->begun = true;
    return 1;
  }
  if (p->synthetic != NULL) return synthetic_next(p->synthetic, ev);
  if (p->hog != NULL) return hog_next(p->hog, ev);
  if (p->database != NULL) return database_next(p->database, ev);
  if (p->list != NULL) return list_next(p->list, ev);
  int got = trace_remap_next(p->remap, ev);
  if (got < 0) snprintf(p->error, sizeof p->error, "%s", trace_remap_error(p->remap));
  return got;
}

const char *program_error(const struct program *p) {
  return p->error;
}

const struct program_options *program_options(const struct program *p) {
  return &p->options;
}

bool program_holds(const struct program *p) {
  return p->hog != NULL ? hog_holds(p->hog) : p->synthetic != NULL && synthetic_holds(p->synthetic);
}

const char *program_name(const struct program *p) {
  return p->name;
}

uint64_t program_length(const struct program *p) {
  if (p->hog != NULL) return hog_length(p->hog);
  if (p->database != NULL) return database_length(p->database);
  if (p->synthetic != NULL) return synthetic_length(p->synthetic);
  if (p->list != NULL) return list_length(p->list);
  const struct trace_info *info = trace_info(p->trace);
  uint64_t sum = 0;
  for (int k = 0; k < TRACE_KIND_COUNT; k++)
    sum += info->events[k];
  return sum;
}

uint64_t program_footprint(const struct program *p) {
  if (p->hog != NULL) return hog_footprint(p->hog);
  if (p->database != NULL) return database_footprint(p->database);
  if (p->synthetic != NULL) return synthetic_footprint(p->synthetic);
  if (p->list != NULL) return list_footprint(p->list);
  return trace_info(p->trace)->footprint_pages;
}

uint32_t program_files(const struct program *p) {
  if (p->hog != NULL) return 0;
  if (p->database != NULL) return 1;
  if (p->synthetic != NULL) return synthetic_file_pages(p->synthetic) != 0;
  if (p->list != NULL) return list_file_pages(p->list) != 0;
  return trace_info(p->trace)->files;
}

uint64_t program_file_pages(const struct program *p, uint32_t file) {
  if (p->hog != NULL) return 0;
  if (p->database != NULL) return database_pages(p->database);
  if (p->synthetic != NULL) return synthetic_file_pages(p->synthetic);
  if (p->list != NULL) return list_file_pages(p->list);
  return trace_file_pages(p->trace, file);
}

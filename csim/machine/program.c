// SPDX-License-Identifier: Apache-2.0
// A program is a recorded trace or a generator behind one door.
// Follows csim/trace/trace.h. Addresses too high for the page-table format are packed by remap.h.
// Promises: bad input is told in one line that names the program.
#include "machine/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/list.h"
#include "machine/synthetic.h"
#include "trace/remap.h"

static const char generator[] = "synthetic:", list[] = "list:";

struct program {
  struct trace_reader *trace;
  struct trace_remap *remap;
  struct synthetic *synthetic;
  struct list_program *list;
  char name[96];
  char error[256];
};

struct program *program_open(const char *spec, uint32_t user_bits, uint64_t seed, char *err,
                             size_t err_len) {
  struct program *p = calloc(1, sizeof *p);
  if (p == NULL) {
    snprintf(err, err_len, "the host is out of memory");
    return NULL;
  }
  if (strncmp(spec, generator, sizeof generator - 1) == 0) {
    snprintf(p->name, sizeof p->name, "synthetic");
    p->synthetic = synthetic_create(spec + sizeof generator - 1, seed, err, err_len);
  } else if (strncmp(spec, list, sizeof list - 1) == 0) {
    snprintf(p->name, sizeof p->name, "%s", spec);
    p->list = list_create(spec + sizeof list - 1, err, err_len);
  } else {
    const char *base = strrchr(spec, '/');
    snprintf(p->name, sizeof p->name, "%s", base != NULL ? base + 1 : spec);
    p->trace = trace_open(spec, err, err_len);
    if (p->trace != NULL) p->remap = trace_remap_create(p->trace, user_bits);
    if (p->trace != NULL && p->remap == NULL) snprintf(err, err_len, "the host is out of memory");
  }
  if (p->synthetic != NULL || p->list != NULL || p->remap != NULL) return p;
  program_close(p);
  return NULL;
}

void program_close(struct program *p) {
  if (p == NULL) return;
  synthetic_destroy(p->synthetic);
  list_destroy(p->list);
  if (p->remap != NULL) trace_remap_destroy(p->remap);
  if (p->trace != NULL) trace_close(p->trace);
  free(p);
}

int program_next(struct program *p, struct trace_event *ev) {
  if (p->synthetic != NULL) return synthetic_next(p->synthetic, ev);
  if (p->list != NULL) return list_next(p->list, ev);
  int got = trace_remap_next(p->remap, ev);
  if (got < 0) snprintf(p->error, sizeof p->error, "%s", trace_remap_error(p->remap));
  return got;
}

const char *program_error(const struct program *p) {
  return p->error;
}

const char *program_name(const struct program *p) {
  return p->name;
}

uint64_t program_length(const struct program *p) {
  if (p->synthetic != NULL) return synthetic_length(p->synthetic);
  if (p->list != NULL) return list_length(p->list);
  const struct trace_info *info = trace_info(p->trace);
  uint64_t sum = 0;
  for (int k = 0; k < TRACE_KIND_COUNT; k++)
    sum += info->events[k];
  return sum;
}

uint64_t program_footprint(const struct program *p) {
  if (p->synthetic != NULL) return synthetic_footprint(p->synthetic);
  if (p->list != NULL) return list_footprint(p->list);
  return trace_info(p->trace)->footprint_pages;
}

uint32_t program_files(const struct program *p) {
  if (p->synthetic != NULL) return synthetic_file_pages(p->synthetic) != 0;
  if (p->list != NULL) return list_file_pages(p->list) != 0;
  return trace_info(p->trace)->files;
}

uint64_t program_file_pages(const struct program *p, uint32_t file) {
  if (p->synthetic != NULL) return synthetic_file_pages(p->synthetic);
  if (p->list != NULL) return list_file_pages(p->list);
  return trace_file_pages(p->trace, file);
}

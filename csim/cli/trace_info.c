// SPDX-License-Identifier: Apache-2.0
// Describes a trace for people or as JSON. The whole file is read, so that a damaged one is
// noticed. Promises: the same file gives the same text.
#include "cli/trace_info.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "trace/profile.h"
#include "trace/trace.h"

static const char *const kind_name[TRACE_KIND_COUNT] = {
    "fetch",   "read",      "write",      "modify", "map", "unmap",
    "protect", "file_read", "file_write", "mark",   "exit"};

static double mib(uint64_t pages) {
  return (double)pages / 256.0;
}

static void print_people(const struct trace_reader *r, const struct trace_profile *p, bool deep) {
  const struct trace_info *in = trace_info(r);
  uint64_t total = 0;
  for (size_t i = 0; i < TRACE_KIND_COUNT; i++)
    total += in->events[i];
  printf("%s: %s\n", in->name, in->source);
  printf("  events        %12llu\n", (unsigned long long)total);
  for (size_t i = 0; i < TRACE_KIND_COUNT; i++)
    if (in->events[i] != 0)
      printf("    %-11s %12llu\n", kind_name[i], (unsigned long long)in->events[i]);
  printf("  instructions  %12llu\n", (unsigned long long)in->instructions);
  printf("  footprint     %12llu pages (%.1f MiB): %llu written, %llu of code, %llu of files\n",
         (unsigned long long)in->footprint_pages, mib(in->footprint_pages),
         (unsigned long long)p->written_pages, (unsigned long long)p->code_pages,
         (unsigned long long)p->file_pages);
  printf("  highest page  %#12llx%s\n", (unsigned long long)p->highest,
         p->highest >> 38 != 0 ? " (beyond 38 bits: moved for Sv39)" : "");
  printf("  inferred      %12u areas\n", in->inferred_maps);
  for (uint32_t f = 1; f <= in->files; f++)
    printf("  file %-3u %8llu pages  %s\n", f, (unsigned long long)trace_file_pages(r, f),
           trace_file_name(r, f));
  if (!deep) return;
  printf("  pages touched in each tenth (of these, for the first time)\n   ");
  for (size_t i = 0; i < TRACE_PARTS; i++)
    printf(" %llu (%llu)", (unsigned long long)p->touched[i], (unsigned long long)p->fresh[i]);
  printf("\n  pages fetched again under exact LRU, by memory size\n");
  for (size_t i = 0; i < TRACE_SIZES; i++)
    printf("    %8llu pages (%5.1f MiB) %10llu\n", (unsigned long long)p->size[i], mib(p->size[i]),
           (unsigned long long)p->again[i]);
}

static void number(cJSON *to, const char *key, uint64_t v) {
  cJSON_AddNumberToObject(to, key, (double)v);
}

static cJSON *numbers(const uint64_t *v, size_t n) {
  cJSON *list = cJSON_CreateArray();
  for (size_t i = 0; i < n; i++)
    cJSON_AddItemToArray(list, cJSON_CreateNumber((double)v[i]));
  return list;
}

static void print_json(const struct trace_reader *r, const struct trace_profile *p, bool deep) {
  const struct trace_info *in = trace_info(r);
  cJSON *top = cJSON_CreateObject();
  cJSON_AddStringToObject(top, "name", in->name);
  cJSON_AddStringToObject(top, "source", in->source);
  cJSON *events = cJSON_AddObjectToObject(top, "events");
  for (size_t i = 0; i < TRACE_KIND_COUNT; i++)
    number(events, kind_name[i], in->events[i]);
  number(top, "instructions", in->instructions);
  number(top, "footprint_pages", in->footprint_pages);
  number(top, "written_pages", p->written_pages);
  number(top, "code_pages", p->code_pages);
  number(top, "file_backed_pages", p->file_pages);
  number(top, "highest_page", p->highest);
  number(top, "inferred_areas", in->inferred_maps);
  cJSON *files = cJSON_AddArrayToObject(top, "files");
  for (uint32_t f = 1; f <= in->files; f++) {
    cJSON *one = cJSON_CreateObject();
    cJSON_AddStringToObject(one, "name", trace_file_name(r, f));
    number(one, "pages", trace_file_pages(r, f));
    cJSON_AddItemToArray(files, one);
  }
  if (deep) {
    cJSON_AddItemToObject(top, "tenths_touched", numbers(p->touched, TRACE_PARTS));
    cJSON_AddItemToObject(top, "tenths_fresh", numbers(p->fresh, TRACE_PARTS));
    cJSON_AddItemToObject(top, "lru_pages", numbers(p->size, TRACE_SIZES));
    cJSON_AddItemToObject(top, "lru_fetched_again", numbers(p->again, TRACE_SIZES));
  }
  char *text = cJSON_Print(top);
  if (text != NULL) puts(text);
  free(text);
  cJSON_Delete(top);
}

int trace_print_info(const char *path, bool json, bool profile) {
  char err[512];
  struct trace_reader *r = trace_open(path, err, sizeof err);
  if (r == NULL) {
    fprintf(stderr, "cowalk trace: %s\n", err);
    return CLI_USAGE;
  }
  struct trace_profile p;
  const int rc = trace_profile(r, &p);
  if (rc != 0)
    fprintf(stderr, "cowalk trace: %s\n", rc == -1 ? "out of memory" : trace_error(r));
  else if (json)
    print_json(r, &p, profile);
  else
    print_people(r, &p, profile);
  trace_close(r);
  return rc == 0 ? CLI_OK : rc == -1 ? CLI_FAILED : CLI_USAGE;
}

// SPDX-License-Identifier: Apache-2.0
// What replays counted, for people and for programs.
// Promises: counts are exact in all forms; JSON and CSV hold every number of the table.
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "replay/replay.h"

static const struct replay_result *at(const struct replay *r, size_t policy, size_t size) {
  return &r->result[policy * r->sizes + size];
}

static double ratio(const struct replay *r, uint64_t misses) {
  return (double)misses / (double)r->trace->count;
}

static int width_of(const struct replay *r, size_t policy) {
  const int n = (int)strlen(r->policy[policy].label) + 1;
  return n > 12 ? n : 12;
}

static void print_head(const struct replay *r, const char *what, FILE *out) {
  fprintf(out, "\n%s\n%10s", what, "frames");
  for (size_t p = 0; p < r->policies; p++)
    fprintf(out, " %*s", width_of(r, p), r->policy[p].label);
  fputc('\n', out);
}

static void print_counts(const struct replay *r, const char *what, size_t field, FILE *out) {
  print_head(r, what, out);
  for (size_t s = 0; s < r->sizes; s++) {
    fprintf(out, "%10" PRIu32, r->frames[s]);
    for (size_t p = 0; p < r->policies; p++) {
      uint64_t v;
      memcpy(&v, (const char *)at(r, p, s) + field, sizeof v);
      fprintf(out, " %*" PRIu64, width_of(r, p), v);
    }
    fputc('\n', out);
  }
}

static void print_speed(const struct replay *r, FILE *out) {
  print_head(r, "million accesses a second, without reading the trace", out);
  for (size_t s = 0; s < r->sizes; s++) {
    fprintf(out, "%10" PRIu32, r->frames[s]);
    for (size_t p = 0; p < r->policies; p++) {
      const double seconds = at(r, p, s)->seconds;
      fprintf(out, " %*.1f", width_of(r, p),
              seconds > 0 ? (double)r->trace->count / seconds * 1e-6 : 0.0);
    }
    fputc('\n', out);
  }
}

void replay_print_table(const struct replay *r, bool times, FILE *out) {
  const struct replay_trace *t = r->trace;
  fprintf(out, "%.60s%s (%s): %" PRIu64 " accesses to %" PRIu32 " pages", r->source,
          strlen(r->source) > 60 ? "..." : "", t->format, t->count, t->pages);
  if (t->tells_writes) fprintf(out, ", %" PRIu64 " of them writes", t->writes);
  fputc('\n', out);
  print_counts(r, "misses", offsetof(struct replay_result, misses), out);
  if (t->tells_writes)
    print_counts(r, "dirty pages written back at eviction",
                 offsetof(struct replay_result, writebacks), out);
  if (times) print_speed(r, out);
  fputc('\n', out);
  for (size_t p = 0; p < r->policies; p++) {
    char options[80];
    policy_spec_options(&r->policy[p], options, sizeof options);
    if (options[0] != '\0') fprintf(out, "%s: %s\n", r->policy[p].label, options);
  }
}

void replay_print_csv(const struct replay *r, FILE *out) {
  fprintf(out, "policy,options,frames,accesses,misses,miss_ratio,evictions,writebacks,looked\n");
  for (size_t p = 0; p < r->policies; p++) {
    char options[80];
    policy_spec_options(&r->policy[p], options, sizeof options);
    for (size_t s = 0; s < r->sizes; s++) {
      const struct replay_result *k = at(r, p, s);
      fprintf(out, "%s,%s,%" PRIu32 ",%" PRIu64 ",%" PRIu64 ",%.9f,%" PRIu64 ",",
              r->policy[p].ops->name, options, r->frames[s], r->trace->count, k->misses,
              ratio(r, k->misses), k->evictions);
      if (r->trace->tells_writes) fprintf(out, "%" PRIu64, k->writebacks);
      fprintf(out, ",%" PRIu64 "\n", k->looked);
    }
  }
}

static void number(cJSON *to, const char *key, uint64_t v) {
  cJSON_AddNumberToObject(to, key, (double)v);
}

static cJSON *result_json(const struct replay *r, size_t p, size_t s, bool times) {
  const struct replay_result *k = at(r, p, s);
  char options[80];
  policy_spec_options(&r->policy[p], options, sizeof options);
  cJSON *one = cJSON_CreateObject();
  cJSON_AddStringToObject(one, "policy", r->policy[p].ops->name);
  cJSON_AddStringToObject(one, "options", options);
  number(one, "frames", r->frames[s]);
  number(one, "misses", k->misses);
  cJSON_AddNumberToObject(one, "miss_ratio", ratio(r, k->misses));
  number(one, "evictions", k->evictions);
  if (r->trace->tells_writes) number(one, "writebacks", k->writebacks);
  number(one, "looked", k->looked);
  if (times) cJSON_AddNumberToObject(one, "seconds", k->seconds);
  return one;
}

bool replay_print_json(const struct replay *r, bool times, FILE *out) {
  cJSON *top = cJSON_CreateObject();
  cJSON_AddStringToObject(top, "trace", r->source);
  cJSON_AddStringToObject(top, "format", r->trace->format);
  number(top, "accesses", r->trace->count);
  number(top, "pages", r->trace->pages);
  if (r->trace->tells_writes) number(top, "writes", r->trace->writes);
  cJSON *list = cJSON_AddArrayToObject(top, "results");
  for (size_t p = 0; p < r->policies; p++)
    for (size_t s = 0; s < r->sizes; s++)
      cJSON_AddItemToArray(list, result_json(r, p, s, times));
  char *text = cJSON_Print(top);
  if (text != NULL) fprintf(out, "%s\n", text);
  cJSON_Delete(top);
  const bool good = text != NULL;
  free(text);
  return good;
}

// SPDX-License-Identifier: Apache-2.0
// Shows what `cowalk bench` measured, beside the project's targets.
// docs/bench.md explains each row and JSON key.
// Promises: a missed target is said, never hidden; the JSON holds every number of the table.
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"

enum { MAX_TARGETS = 24 };
enum direction { AT_LEAST, AT_MOST };

struct target {
  const char *what, *key;
  double value, goal;
  enum direction direction;
  int digits;
};

static const char *const arch_name[MMU_ARCH_COUNT] = {"x86", "arm", "riscv"};

static double rate(const struct stream_result *r) {
  return r->seconds > 0 ? (double)r->translations / r->seconds : 0;
}

static double per_second(uint64_t n, const struct stream_result *r) {
  return r->seconds > 0 ? (double)n / r->seconds : 0;
}

static double eval_share(const struct stream_result *r) {
  return r->seconds > 0 ? (double)r->stats.eval_ns * 1e-9 / r->seconds : 0;
}

static bool reached(const struct target *t) {
  return t->direction == AT_LEAST ? t->value >= t->goal : t->value <= t->goal;
}

static double ratio(const struct bench_stream *s, enum bench_backend a, enum bench_backend b) {
  double base = rate(&s->result[b]);
  return base > 0 ? rate(&s->result[a]) / base : 0;
}

/* The slowest lockstep of all streams against rtl on the same stream. */
static double worst_lockstep(const struct bench_arch *a) {
  double worst = ratio(&a->stream[0], BENCH_LOCKSTEP, BENCH_RTL);
  for (size_t i = 1; i < a->streams; i++) {
    double r = ratio(&a->stream[i], BENCH_LOCKSTEP, BENCH_RTL);
    worst = r < worst ? r : worst;
  }
  return worst;
}

static size_t list_targets(const struct bench_arch *a, struct target t[MAX_TARGETS]) {
  const struct bench_stream *hits = &a->stream[BENCH_L1_HITS];
  const struct bench_stream *thrash = &a->stream[BENCH_THRASHING];
  const struct stream_result *rtl = &thrash->result[BENCH_RTL];
  const struct stream_result *rtl_l2 = &a->stream[BENCH_L2_HITS].result[BENCH_RTL];
  const struct figures *f = &a->figures;
  const struct target list[] = {
      {"rtl, thrashing: simulated cycles/s", "rtl_simulated_cycles_per_s",
       per_second(rtl->cycles, rtl), 1e6, AT_LEAST, 0},
      {"rtl, L2 hits: simulated cycles/s", "rtl_l2_simulated_cycles_per_s",
       per_second(rtl_l2->cycles, rtl_l2), 1e6, AT_LEAST, 0},
      {"rtl, thrashing: clocked cycles/s", "rtl_clocked_cycles_per_s",
       per_second(rtl->stats.cycles_clocked, rtl), 1e6, AT_LEAST, 0},
      {"rtl, thrashing: share of time in eval", "rtl_eval_share", eval_share(rtl), 0.8, AT_LEAST,
       2},
      {"model, L1 hits: translations/s", "model_hits_per_s", rate(&hits->result[BENCH_MODEL]), 20e6,
       AT_LEAST, 0},
      {"model against rtl, thrashing", "model_over_rtl", ratio(thrash, BENCH_MODEL, BENCH_RTL), 20,
       AT_LEAST, 1},
      {"lockstep against rtl, thrashing", "lockstep_over_rtl",
       ratio(thrash, BENCH_LOCKSTEP, BENCH_RTL), 0.7, AT_LEAST, 2},
      {"lockstep against rtl, worst stream", "lockstep_over_rtl_worst", worst_lockstep(a), 0.7,
       AT_LEAST, 2},
      {"rtl outside a wave window against none", "fst_outside_window", a->fst_outside, 0.97,
       AT_LEAST, 2},
      {"host time with 10^9 idle cycles against 8", "idle_cost", a->idle_cost, 1.1, AT_MOST, 2},
      {"L1 hit: cycles to the answer", "hit_cycles", f->hit_cycles, 1, AT_MOST, 0},
      {"L1 hits a cycle, back to back", "hits_per_cycle", f->hits_per_cycle, 0.99, AT_LEAST, 3},
      {"L2 hit: cycles to the answer", "l2_hit_cycles", f->l2_hit_cycles, 3, AT_MOST, 0},
      {"L2 hits a cycle, back to back", "l2_hits_per_cycle", f->l2_hits_per_cycle, 0.99, AT_LEAST,
       3},
      {"cold walk of 4 levels: memory reads", "cold_reads", f->cold_reads, 4, AT_MOST, 0},
      {"own cycles a level", "own_cycles_per_level", f->level_cycles, 2, AT_MOST, 0},
      {"memory reads with the walk cache", "cached_reads", f->cached_reads, 1, AT_MOST, 0},
      {"two walks against one (100-cycle memory)", "two_walks_over_one",
       (double)f->two_walks_cycles / f->one_walk_cycles, 1.2, AT_MOST, 2},
  };
  size_t n = sizeof list / sizeof *list;
  for (size_t i = 0; i < n; i++)
    t[i] = list[i];
  return n;
}

static void print_number(double v, int digits, int width) {
  if (v >= 1e6)
    printf("%*.2f M", width - 2, v / 1e6);
  else if (v >= 1e4)
    printf("%*.1f k", width - 2, v / 1e3);
  else
    printf("%*.*f", width, digits, v);
}

static void print_streams(const struct bench_arch *a) {
  printf("  %-16s %-9s %14s %14s %14s %9s %9s %8s\n", "stream", "backend", "translations/s",
         "sim cycles/s", "clocked/s", "L1 hits", "L2 hits", "in eval");
  for (size_t i = 0; i < a->streams; i++) {
    for (unsigned k = 0; k < BENCH_BACKENDS; k++) {
      const struct stream_result *r = &a->stream[i].result[k];
      printf("  %-16.16s %-9s ", k == 0 ? a->stream[i].name : "", bench_backend_name[k]);
      print_number(rate(r), 0, 14);
      printf(" ");
      print_number(per_second(r->cycles, r), 0, 14);
      printf(" ");
      print_number(per_second(r->stats.cycles_clocked, r), 0, 14);
      printf(" %8.1f%% %8.1f%%", 100 * (double)r->stats.hits / (double)r->translations,
             100 * (double)r->stats.l2_hits / (double)r->translations);
      if (r->stats.eval_ns != 0) printf(" %7.0f%%", 100 * eval_share(r));
      printf("\n");
    }
  }
}

static int print_targets(const struct target *t, size_t n) {
  int missed = 0;
  printf("\n  %-44s %12s %14s\n", "target", "measured", "wanted");
  for (size_t i = 0; i < n; i++) {
    printf("  %-44s ", t[i].what);
    print_number(t[i].value, t[i].digits, 12);
    printf(" %s", t[i].direction == AT_LEAST ? ">=" : "<=");
    print_number(t[i].goal, t[i].digits, 11);
    printf("   %s\n", reached(&t[i]) ? "reached" : "MISSED");
    missed += !reached(&t[i]);
  }
  return missed;
}

static cJSON *stream_json(const struct bench_stream *s) {
  cJSON *row = cJSON_CreateObject();
  for (unsigned k = 0; k < BENCH_BACKENDS; k++) {
    const struct stream_result *r = &s->result[k];
    cJSON *o = cJSON_AddObjectToObject(row, bench_backend_name[k]);
    cJSON_AddNumberToObject(o, "translations", (double)r->translations);
    cJSON_AddNumberToObject(o, "seconds", r->seconds);
    cJSON_AddNumberToObject(o, "translations_per_s", rate(r));
    cJSON_AddNumberToObject(o, "cycles", (double)r->cycles);
    cJSON_AddNumberToObject(o, "cycles_clocked", (double)r->stats.cycles_clocked);
    cJSON_AddNumberToObject(o, "hits", (double)r->stats.hits);
    cJSON_AddNumberToObject(o, "l2_hits", (double)r->stats.l2_hits);
    cJSON_AddNumberToObject(o, "walks", (double)r->stats.walks);
    cJSON_AddNumberToObject(o, "walk_reads", (double)r->stats.walk_reads);
    cJSON_AddNumberToObject(o, "eval_seconds", (double)r->stats.eval_ns * 1e-9);
  }
  return row;
}

static int add_json(cJSON *root, const struct bench_arch *a) {
  struct target t[MAX_TARGETS];
  size_t n = list_targets(a, t);
  int missed = 0;
  cJSON *o = cJSON_AddObjectToObject(root, arch_name[a->arch]);
  cJSON *streams = cJSON_AddObjectToObject(o, "streams");
  for (size_t i = 0; i < a->streams; i++)
    cJSON_AddItemToObject(streams, a->stream[i].name, stream_json(&a->stream[i]));
  cJSON *targets = cJSON_AddObjectToObject(o, "targets");
  for (size_t i = 0; i < n; i++) {
    cJSON *row = cJSON_AddObjectToObject(targets, t[i].key);
    cJSON_AddNumberToObject(row, "measured", t[i].value);
    cJSON_AddNumberToObject(row, t[i].direction == AT_LEAST ? "at_least" : "at_most", t[i].goal);
    cJSON_AddBoolToObject(row, "reached", reached(&t[i]));
    missed += !reached(&t[i]);
  }
  return missed;
}

int bench_report(const struct bench_arch *results, size_t count, bool json) {
  int missed = 0;
  cJSON *root = json ? cJSON_CreateObject() : NULL;
  for (size_t i = 0; i < count; i++) {
    struct target t[MAX_TARGETS];
    if (json) {
      missed += add_json(root, &results[i]);
      continue;
    }
    printf("%s%s\n", i != 0 ? "\n" : "", arch_name[results[i].arch]);
    print_streams(&results[i]);
    missed += print_targets(t, list_targets(&results[i], t));
  }
  if (json) {
    char *text = cJSON_Print(root);
    if (text != NULL) puts(text);
    free(text);
    cJSON_Delete(root);
  } else {
    printf("\nRates are per second of this process's CPU time. %d target%s missed.\n", missed,
           missed == 1 ? "" : "s");
  }
  return missed;
}

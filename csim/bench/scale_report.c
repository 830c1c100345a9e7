// SPDX-License-Identifier: Apache-2.0
// Which large machines `cowalk bench --scale` runs, and what it says of them.
// docs/bench.md explains each row and JSON key.
// Promises: a missed target is said, never hidden; the JSON holds every number of the table.
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/scale.h"

enum { SIZES = 4, POLICIES = 3, WORKERS = 2, EMPTY_MIB = 64 };
static const uint64_t size_gib[SIZES] = {1, 4, 16, 64};
static const char *const policy[POLICIES] = {"clock", "twolist", "mglru"};

/* Speed of an access, whatever it goes to; bytes; how much more a page costs on the largest. */
static const double least_speed = 10e6;
static const double most_bytes = 64;
static const double most_host_growth = 1.5, most_cycle_growth = 1.1;

struct report {
  uint64_t gib;
  unsigned sizes;
  struct scale_result resident, unchecked; /* the second without access_checks */
  struct scale_result empty;               /* hardly any memory */
  struct scale_result reclaim[POLICIES][SIZES];
  cJSON *json; /* NULL: a table */
  int missed;
};

static void say(const char *what) {
  if (isatty(2)) fprintf(stderr, "\r\033[K  %s", what);
}

/* ---- measuring ---- */

/* Two at a time, largest first. */
static bool measure_reclaim(struct report *r, char *err, size_t err_len) {
  struct scale_job job[WORKERS];
  struct scale_result *to[WORKERS];
  unsigned running = 0;
  bool ok = true;
  for (unsigned i = 0; ok && i < r->sizes * POLICIES; i++) {
    unsigned size = r->sizes - 1 - i / POLICIES;
    const struct scale_load load = {.policy = policy[i % POLICIES], .mib = size_gib[size] << 10};
    if (running == WORKERS) {
      ok = scale_finish(&job[0], to[0], err, err_len);
      job[0] = job[1];
      to[0] = to[1];
      running--;
    }
    to[running] = &r->reclaim[i % POLICIES][size];
    bool started = ok && scale_start(&job[running], &load, err, err_len);
    running += started;
    ok = ok && started;
  }
  for (unsigned k = 0; k < running; k++)
    ok = scale_finish(&job[k], to[k], err, err_len) && ok;
  return ok;
}

static bool measure_one(uint64_t mib, bool unchecked, struct scale_result *to, char *err,
                        size_t err_len) {
  struct scale_job job;
  const struct scale_load load = {
      .policy = "mglru", .mib = mib, .resident = true, .unchecked = unchecked};
  return scale_start(&job, &load, err, err_len) && scale_finish(&job, to, err, err_len);
}

static bool measure_resident(struct report *r, char *err, size_t err_len) {
  return measure_one(EMPTY_MIB, false, &r->empty, err, err_len) &&
         measure_one(r->gib << 10, false, &r->resident, err, err_len) &&
         measure_one(r->gib << 10, true, &r->unchecked, err, err_len);
}

/* ---- figures ---- */

static double speed_of(const struct scale_speed *s) {
  return s->seconds > 0 ? (double)s->accesses / s->seconds : 0;
}

static double fault_ns(const struct scale_result *r) {
  return r->touched != 0 ? r->touch_s * 1e9 / (double)r->touched : 0;
}

static double without_tables(const struct scale_result *r) {
  return (double)r->peak_bytes - (double)r->table_bytes;
}

/* What each further frame takes: what every machine takes is in both, and falls out. */
static double frame_bytes(const struct report *r) {
  return (without_tables(&r->resident) - without_tables(&r->empty)) /
         (double)(r->resident.frames - r->empty.frames);
}

/* What a machine takes before it has a frame. */
static double fixed_bytes(const struct report *r) {
  return without_tables(&r->empty) - frame_bytes(r) * (double)r->empty.frames;
}

static double page_ns(const struct scale_result *r) {
  return r->reclaimed != 0 ? r->reclaim_s * 1e9 / (double)r->reclaimed : 0;
}

static double page_cycles(const struct scale_result *r) {
  return r->reclaimed != 0 ? (double)r->reclaim_cycles / (double)r->reclaimed : 0;
}

/* The dearest size against the cheapest. */
static double growth(const struct report *r, unsigned p,
                     double (*of)(const struct scale_result *)) {
  double least = of(&r->reclaim[p][0]);
  double most = least;
  for (unsigned s = 1; s < r->sizes; s++) {
    double v = of(&r->reclaim[p][s]);
    least = v < least ? v : least;
    most = v > most ? v : most;
  }
  return least > 0 ? most / least : 0;
}

/* ---- showing ---- */

static void target(struct report *r, const char *what, const char *key, double value, double goal,
                   bool at_least) {
  bool reached = at_least ? value >= goal : value <= goal;
  r->missed += !reached;
  if (r->json == NULL) {
    double unit = goal >= 1e6 ? 1e6 : 1;
    printf("  %-56s %8.2f%s %s %6.2f%s   %s\n", what, value / unit, unit > 1 ? " M" : "  ",
           at_least ? ">=" : "<=", goal / unit, unit > 1 ? " M" : "  ",
           reached ? "reached" : "MISSED");
    return;
  }
  cJSON *targets = cJSON_GetObjectItem(r->json, "targets");
  if (targets == NULL) targets = cJSON_AddObjectToObject(r->json, "targets");
  cJSON *o = cJSON_AddObjectToObject(targets, key);
  cJSON_AddNumberToObject(o, "measured", value);
  cJSON_AddNumberToObject(o, at_least ? "at_least" : "at_most", goal);
  cJSON_AddBoolToObject(o, "reached", reached);
}

static void show_speeds(struct report *r, const struct scale_result *x, bool checked) {
  static const char *const name[SCALE_PROGRAMS] = {"all", "l1", "l2", "walks"};
  const char *list = checked ? "resident" : "resident_unchecked";
  cJSON *rows = r->json != NULL ? cJSON_AddArrayToObject(r->json, list) : NULL;
  struct scale_speed together = {0};
  char what[80], key[48];
  for (unsigned k = 0; k < SCALE_PROGRAMS; k++) {
    const struct scale_speed *s = &x->speed[k];
    together.accesses += s->accesses;
    together.seconds += s->seconds;
    snprintf(what, sizeof what, "accesses/s, all resident%s, to %llu pages",
             checked ? "" : ", none checked", (unsigned long long)s->pages);
    snprintf(key, sizeof key, "%s_%s_per_s", list, name[k]);
    target(r, what, key, speed_of(s), least_speed, true);
    if (rows == NULL) continue;
    cJSON *o = cJSON_CreateObject();
    cJSON_AddItemToArray(rows, o);
    cJSON_AddNumberToObject(o, "pages", (double)s->pages);
    cJSON_AddNumberToObject(o, "accesses", (double)s->accesses);
    cJSON_AddNumberToObject(o, "seconds", s->seconds);
  }
  snprintf(what, sizeof what, "accesses/s, all resident%s, %.1f M together",
           checked ? "" : ", none checked", (double)together.accesses / 1e6);
  snprintf(key, sizeof key, "%s_together_per_s", list);
  target(r, what, key, speed_of(&together), least_speed, true);
}

static void show_resident(struct report *r) {
  const struct scale_result *x = &r->resident;
  if (r->json != NULL) {
    cJSON_AddNumberToObject(r->json, "gib", (double)r->gib);
    cJSON_AddNumberToObject(r->json, "frames", (double)x->frames);
    cJSON_AddNumberToObject(r->json, "fault_ns", fault_ns(x));
  } else {
    printf(
        "a machine of %llu GiB, %llu frames, %llu of them touched: %.0f ns of host time a fault\n",
        (unsigned long long)r->gib, (unsigned long long)x->frames, (unsigned long long)x->touched,
        fault_ns(x));
  }
  show_speeds(r, x, true);
  show_speeds(r, &r->unchecked, false);
  target(r, "bytes of host memory a frame, page tables apart", "bytes_per_frame", frame_bytes(r),
         most_bytes, false);
  double all = without_tables(x) / (double)x->frames;
  if (r->json != NULL) {
    cJSON_AddNumberToObject(r->json, "fixed_bytes", fixed_bytes(r));
    cJSON_AddNumberToObject(r->json, "bytes_per_frame_with_fixed", all);
  } else {
    printf("  %-56s %8.2f M (with it %.2f bytes a frame of this one)\n",
           "bytes that a machine of any size takes besides", fixed_bytes(r) / 1e6, all);
  }
}

static void show_reclaim(struct report *r) {
  cJSON *list = r->json != NULL ? cJSON_AddArrayToObject(r->json, "reclaim") : NULL;
  if (list == NULL)
    printf(
        "\n  a reclaimed page: ns of host time, its fault included; cycles of the model\n"
        "  %-9s %16s %16s %16s %16s\n",
        "policy", "1 GiB", "4 GiB", "16 GiB", "64 GiB");
  for (unsigned p = 0; p < POLICIES; p++) {
    if (list == NULL) printf("  %-9s", policy[p]);
    for (unsigned s = 0; s < r->sizes; s++) {
      const struct scale_result *x = &r->reclaim[p][s];
      if (list == NULL) {
        printf(" %7.0f %8.0f", page_ns(x), page_cycles(x));
        continue;
      }
      cJSON *o = cJSON_CreateObject();
      cJSON_AddItemToArray(list, o);
      cJSON_AddStringToObject(o, "policy", policy[p]);
      cJSON_AddNumberToObject(o, "gib", (double)size_gib[s]);
      cJSON_AddNumberToObject(o, "pages", (double)x->reclaimed);
      cJSON_AddNumberToObject(o, "ns", page_ns(x));
      cJSON_AddNumberToObject(o, "cycles", page_cycles(x));
    }
    if (list == NULL) printf("\n");
  }
  for (unsigned p = 0; p < POLICIES; p++) {
    char what[80], key[48];
    snprintf(what, sizeof what, "%s: host time a page, dearest size over cheapest", policy[p]);
    snprintf(key, sizeof key, "%s_host_growth", policy[p]);
    target(r, what, key, growth(r, p, page_ns), most_host_growth, false);
    snprintf(what, sizeof what, "%s: cycles a page, dearest size over cheapest", policy[p]);
    snprintf(key, sizeof key, "%s_cycle_growth", policy[p]);
    target(r, what, key, growth(r, p, page_cycles), most_cycle_growth, false);
  }
}

bool scale_bench(uint64_t gib, bool json, char *err, size_t err_len) {
  struct report *r = calloc(1, sizeof *r);
  if (r == NULL) {
    snprintf(err, err_len, "bench: the host is out of memory");
    return false;
  }
  r->gib = gib;
  while (r->sizes < SIZES && size_gib[r->sizes] <= gib)
    r->sizes++;
  say("large machines: all resident");
  bool ok = measure_resident(r, err, err_len);
  say("large machines: reclaim");
  ok = ok && measure_reclaim(r, err, err_len);
  if (isatty(2)) fprintf(stderr, "\r\033[K");
  cJSON *root = json ? cJSON_CreateObject() : NULL;
  if (root != NULL) r->json = cJSON_AddObjectToObject(root, "scale");
  if (ok) {
    show_resident(r);
    show_reclaim(r);
  }
  if (ok && json) {
    char *text = cJSON_Print(root);
    if (text != NULL) puts(text);
    free(text);
  } else if (ok) {
    printf("\nTimes are CPU time of a machine's own process. %d target%s missed.\n", r->missed,
           r->missed == 1 ? "" : "s");
  }
  cJSON_Delete(root);
  free(r);
  return ok;
}

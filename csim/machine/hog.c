// SPDX-License-Identifier: Apache-2.0
// A hog maps its memory, touches it once in order, and stays if it holds: every page written
// (anon), or one page in each region of 2 MiB, read only (zero) or written (sparse).
// Follows the tool behind tests/data/linux/oom.json.
#include "machine/hog.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/program.h"
#include "machine/settings.h"

enum { PAGE = 4096, REGION = 2 << 20 };
#define CODE_BASE UINT64_C(0x400000)
#define DATA_BASE UINT64_C(0x10000000)

enum kind { KIND_ANON, KIND_ZERO, KIND_SPARSE };

struct hog {
  enum kind kind;
  uint64_t pages, hold, lock;
  uint64_t touch; /* pages that it uses */
  uint64_t step, mapped, done;
  bool fetched;
};

static bool set(void *hog, const char *key, const char *value) {
  static const char *const kinds[] = {"anon", "zero", "sparse"};
  struct hog *h = hog;
  if (strcmp(key, "kind") == 0) {
    int i = settings_choice(kinds, 3, value);
    if (i >= 0) h->kind = (enum kind)i;
    return i >= 0;
  }
  const struct setting keys[] = {{"pages", &h->pages, 0, UINT64_C(1) << 24},
                                 {"touch", &h->touch, 0, UINT64_C(1) << 24},
                                 {"hold", &h->hold, 0, 1},
                                 {"lock", &h->lock, 0, 1}};
  return settings_number(keys, sizeof keys / sizeof keys[0], key, value, 10);
}

struct hog *hog_create(const char *settings, char *err, size_t err_len) {
  struct hog *h = malloc(sizeof *h);
  if (h == NULL) {
    snprintf(err, err_len, "hog program: the host is out of memory");
    return NULL;
  }
  *h = (struct hog){.pages = 1024, .hold = 1, .touch = UINT64_MAX};
  char word[96];
  if (!settings_read(settings, set, h, word)) {
    snprintf(err, err_len,
             "hog program: \"%s\" needs key=value with a value in range; keys: "
             "kind=anon|zero|sparse pages touch hold=0|1 lock=0|1 oom_score_adj phase name",
             word);
    free(h);
    return NULL;
  }
  if (h->touch > h->pages) h->touch = h->pages;
  return h;
}

void hog_destroy(struct hog *h) {
  free(h);
}

bool hog_holds(const struct hog *h) {
  return h->hold != 0;
}

uint64_t hog_length(const struct hog *h) {
  return 2 * h->touch;
}

uint64_t hog_footprint(const struct hog *h) {
  return h->touch + 1;
}

static uint64_t stride(const struct hog *h) {
  return h->kind == KIND_ANON ? PAGE : REGION;
}

int hog_next(struct hog *h, struct trace_event *ev) {
  *ev = (struct trace_event){.addr = CODE_BASE, .bytes = PAGE, .count = 4};
  if (h->step == 0) {
    h->step = 1;
    ev->kind = TRACE_MAP;
    ev->prot = 5;
    return 1;
  }
  if (h->step == 1 || h->step == 2) {
    ev->kind = h->step == 1 ? TRACE_MAP : PROGRAM_LOCK;
    ev->addr = DATA_BASE;
    ev->bytes = h->pages * stride(h);
    ev->prot = 3;
    if (h->step == 1 && h->kind != KIND_ANON) { /* region by region: one could be refused */
      ev->addr += h->mapped++ * stride(h);
      ev->bytes = stride(h);
      if (h->mapped < h->pages) return 1;
    }
    h->step += h->lock != 0 ? 1 : 2;
    return h->pages != 0;
  }
  if (h->done < h->touch) {
    h->fetched = !h->fetched;
    if (h->fetched) {
      ev->kind = TRACE_FETCH;
    } else {
      ev->kind = h->kind == KIND_ZERO ? TRACE_READ : TRACE_WRITE;
      ev->addr = DATA_BASE + h->done++ * stride(h);
      ev->bytes = 8;
    }
    return 1;
  }
  if (h->hold == 0 || h->step > 3) return 0;
  h->step = 4;
  ev->kind = PROGRAM_SETTLE;
  return 1;
}

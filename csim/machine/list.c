// SPDX-License-Identifier: Apache-2.0
// Access lists as programs: each record is one access or one pread of a page.
// Follows csim/lru/host/access_list.h. Promises: name, seed and divisor fix every event.
#include "machine/list.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lru/host/access_list.h"

enum { PAGE_SHIFT = 12 };
#define ANON_BASE UINT64_C(0x10000000)
#define FILE_BASE UINT64_C(0x2000000000)

struct list_program {
  struct lru_access_list list; /* owned */
  size_t next;
  unsigned maps; /* made */
};

/* ",N" at *at; *n keeps its default if there is none. */
static bool number(const char **at, uint64_t *n) {
  char *end;
  if (**at == '\0') return true;
  if (**at != ',' || (*at)[1] < '0' || (*at)[1] > '9') return false;
  errno = 0;
  *n = strtoull(*at + 1, &end, 10);
  *at = end;
  return errno == 0;
}

struct list_program *list_create(const char *settings, char *err, size_t err_len) {
  char name[16];
  uint64_t seed = 1;
  uint64_t divisor = 1;
  size_t n = strcspn(settings, ",");
  const char *rest = settings + n;
  snprintf(name, sizeof name, "%.*s", (int)(n < sizeof name ? n : sizeof name - 1), settings);
  if (!number(&rest, &seed) || !number(&rest, &divisor) || *rest != '\0') {
    snprintf(err, err_len,
             "access list \"%s\": give list:NAME,SEED,DIVISOR, such as list:zipf_mm,1", settings);
    return NULL;
  }
  struct list_program *p = calloc(1, sizeof *p);
  if (p == NULL) {
    snprintf(err, err_len, "access list %s: the host is out of memory", name);
    return NULL;
  }
  if (lru_access_list_part(name, seed, divisor, &p->list, err, err_len) == 0) return p;
  free(p);
  return NULL;
}

void list_destroy(struct list_program *p) {
  if (p == NULL) return;
  lru_access_list_free(&p->list);
  free(p);
}

uint64_t list_length(const struct list_program *p) {
  return p->list.count + (p->list.anon_pages != 0) + (p->list.file_pages != 0);
}

uint64_t list_footprint(const struct list_program *p) {
  return (uint64_t)p->list.anon_pages + p->list.file_pages;
}

uint64_t list_file_pages(const struct list_program *p) {
  return p->list.file_pages;
}

/* The areas, those that have pages. */
static bool make_map(struct list_program *p, struct trace_event *ev) {
  bool file = p->maps++ == 1;
  uint32_t pages = file ? p->list.file_pages : p->list.anon_pages;
  *ev = (struct trace_event){.kind = TRACE_MAP,
                             .addr = file ? FILE_BASE : ANON_BASE,
                             .bytes = (uint64_t)pages << PAGE_SHIFT,
                             .prot = file ? 1 : 3,
                             .shared = file,
                             .file = file};
  return pages != 0;
}

int list_next(struct list_program *p, struct trace_event *ev) {
  while (p->maps < 2)
    if (make_map(p, ev)) return 1;
  if (p->next == p->list.count) return 0;
  uint32_t r = p->list.record[p->next++];
  unsigned op = lru_record_op(r);
  uint64_t at = (uint64_t)lru_record_page(r) << PAGE_SHIFT;
  if (op == LRU_MARK) {
    *ev = (struct trace_event){.kind = TRACE_MARK, .count = lru_record_page(r), .tag = UINT8_MAX};
    return 1;
  }
  *ev = (struct trace_event){.tag = (uint8_t)(1 + op * LRU_CLASSES + lru_record_class(r))};
  if (op == LRU_FILE_PREAD) {
    ev->kind = TRACE_FILE_READ;
    ev->file = 1;
    ev->offset = at;
    ev->bytes = UINT64_C(1) << PAGE_SHIFT;
    return 1;
  }
  ev->kind = op == LRU_ANON_STORE ? TRACE_WRITE : TRACE_READ;
  ev->addr = (op == LRU_FILE_LOAD ? FILE_BASE : ANON_BASE) + at;
  ev->bytes = 8;
  return 1;
}

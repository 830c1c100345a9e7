// SPDX-License-Identifier: Apache-2.0
// Ages of translations, in direct-mapped tables with full keys.
// Follows the contract "no answer from a stale translation after a completed invalidation".
// Promises: no false alarm; forgets, but never guesses.
#include "machine/freshness.h"

#include <stdlib.h>

enum { READS = 1 << 14, PAGES = 1 << 15, SPACES = 1 << 16 };

struct stamp {
  uint64_t key; /* identifier and page; 0: free */
  uint64_t cycle;
};

struct freshness {
  uint32_t cpus;
  struct stamp *read; /* READS for each CPU */
  struct stamp *page; /* PAGES */
  uint64_t *space;    /* SPACES */
};

struct freshness *freshness_create(uint32_t cpus) {
  struct freshness *f = calloc(1, sizeof *f);
  if (f == NULL) return NULL;
  f->cpus = cpus;
  f->read = calloc((size_t)cpus * READS, sizeof *f->read);
  f->page = calloc(PAGES, sizeof *f->page);
  f->space = calloc(SPACES, sizeof *f->space);
  if (f->read != NULL && f->page != NULL && f->space != NULL) return f;
  freshness_destroy(f);
  return NULL;
}

void freshness_destroy(struct freshness *f) {
  if (f == NULL) return;
  free(f->read);
  free(f->page);
  free(f->space);
  free(f);
}

/* 36 bits of page number, 16 of identifier, and one so that no key is 0. */
static uint64_t key_of(uint16_t asid, uint64_t va) {
  return UINT64_C(1) << 52 | (uint64_t)asid << 36 | (va >> 12 & ((UINT64_C(1) << 36) - 1));
}

/* Of the 2 MiB round va: a bit that no page has. */
static uint64_t huge_key(uint16_t asid, uint64_t va) {
  return UINT64_C(1) << 53 | key_of(asid, va >> 21 << 12);
}

static uint32_t place_of(uint64_t key, uint32_t places) {
  return (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 40) & (places - 1);
}

static void read_now(struct freshness *f, uint32_t cpu, uint64_t key, uint64_t cycle) {
  f->read[(size_t)cpu * READS + place_of(key, READS)] = (struct stamp){key, cycle};
}

static uint64_t read_at(const struct freshness *f, uint32_t cpu, uint64_t key) {
  const struct stamp *s = &f->read[(size_t)cpu * READS + place_of(key, READS)];
  return s->key == key ? s->cycle : 0;
}

void freshness_read(struct freshness *f, uint32_t cpu, uint16_t asid, uint64_t va, uint64_t cycle) {
  read_now(f, cpu, key_of(asid, va), cycle);
}

void freshness_read_huge(struct freshness *f, uint32_t cpu, uint16_t asid, uint64_t va,
                         uint64_t cycle) {
  read_now(f, cpu, huge_key(asid, va), cycle);
}

uint64_t freshness_read_at(const struct freshness *f, uint32_t cpu, uint16_t asid, uint64_t va) {
  return read_at(f, cpu, key_of(asid, va));
}

uint64_t freshness_read_huge_at(const struct freshness *f, uint32_t cpu, uint16_t asid,
                                uint64_t va) {
  return read_at(f, cpu, huge_key(asid, va));
}

static void shot(struct freshness *f, uint64_t key, uint64_t begun) {
  struct stamp *s = &f->page[place_of(key, PAGES)];
  if (s->key == key && s->cycle > begun) return; /* a later one was faster */
  *s = (struct stamp){key, begun};
}

void freshness_page(struct freshness *f, uint16_t asid, uint64_t va, uint64_t begun) {
  shot(f, key_of(asid, va), begun);
  shot(f, huge_key(asid, va), begun);
}

void freshness_space(struct freshness *f, uint16_t asid, uint64_t begun) {
  if (f->space[asid] < begun) f->space[asid] = begun;
}

bool freshness_stale(const struct freshness *f, uint16_t asid, uint64_t va, bool huge,
                     uint64_t read) {
  uint64_t key = huge ? huge_key(asid, va) : key_of(asid, va);
  const struct stamp *s = &f->page[place_of(key, PAGES)];
  return read < f->space[asid] || (s->key == key && read < s->cycle);
}

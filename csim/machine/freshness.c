// SPDX-License-Identifier: Apache-2.0
// Ages of translations, in direct-mapped tables with full keys.
// Follows the contract "no answer from a stale translation after a completed invalidation".
// Promises: no false alarm; forgets, but never guesses.
#include "machine/freshness.h"

#include <stdlib.h>

#include "host/table.h"

enum { READS = 1 << 14, PAGES = 1 << 15, SPACES = 1 << 16 };

struct stamp {
  uint64_t key; /* identifier and page; 0: free */
  uint64_t cycle;
};

struct freshness {
  uint32_t cpus;
  struct stamp *page;         /* PAGES */
  struct stamp *read;         /* READS for each CPU */
  uint64_t *space;            /* SPACES */
  uint64_t taken[PAGES / 64]; /* places in `page` that are, a bit each: mostly none */
};

struct freshness *freshness_create(uint32_t cpus) {
  struct freshness *f = calloc(1, sizeof *f);
  if (f == NULL) return NULL;
  f->cpus = cpus;
  f->page =
      host_table((PAGES + (size_t)cpus * READS) * sizeof *f->page + SPACES * sizeof *f->space);
  if (f->page == NULL) {
    free(f);
    return NULL;
  }
  f->read = f->page + PAGES;
  f->space = (uint64_t *)(f->read + (size_t)cpus * READS);
  return f;
}

void freshness_destroy(struct freshness *f) {
  if (f == NULL) return;
  host_table_free(f->page); /* and the others behind it */
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

static uint32_t hash_of(uint64_t key) {
  return (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 40);
}

static void read_now(struct freshness *f, uint32_t cpu, uint64_t key, uint64_t cycle) {
  f->read[(size_t)cpu * READS + (hash_of(key) & (READS - 1))] = (struct stamp){key, cycle};
}

void freshness_read(struct freshness *f, uint32_t cpu, uint16_t asid, uint64_t va, uint64_t cycle) {
  read_now(f, cpu, key_of(asid, va), cycle);
}

void freshness_read_huge(struct freshness *f, uint32_t cpu, uint16_t asid, uint64_t va,
                         uint64_t cycle) {
  read_now(f, cpu, huge_key(asid, va), cycle);
}

static void shot(struct freshness *f, uint64_t key, uint64_t begun) {
  uint32_t place = hash_of(key) & (PAGES - 1);
  struct stamp *s = &f->page[place];
  if (s->key == key && s->cycle > begun) return; /* a later one was faster */
  f->taken[place / 64] |= UINT64_C(1) << place % 64;
  *s = (struct stamp){key, begun};
}

void freshness_page(struct freshness *f, uint16_t asid, uint64_t va, uint64_t begun) {
  shot(f, key_of(asid, va), begun);
  shot(f, huge_key(asid, va), begun);
}

void freshness_space(struct freshness *f, uint16_t asid, uint64_t begun) {
  if (f->space[asid] < begun) f->space[asid] = begun;
}

static uint64_t read_at(const struct freshness *f, uint32_t cpu, uint64_t key) {
  const struct stamp *s = &f->read[(size_t)cpu * READS + (hash_of(key) & (READS - 1))];
  return s->key == key ? s->cycle : 0;
}

uint64_t freshness_read_at(const struct freshness *f, uint32_t cpu, uint16_t asid, uint64_t va) {
  return read_at(f, cpu, key_of(asid, va));
}

uint64_t freshness_read_huge_at(const struct freshness *f, uint32_t cpu, uint16_t asid,
                                uint64_t va) {
  return read_at(f, cpu, huge_key(asid, va));
}

/* Was the page shot down since the cycle `read`? */
static bool shot_since(const struct freshness *f, uint16_t asid, uint64_t key, uint32_t hash,
                       uint64_t read) {
  uint32_t place = hash & (PAGES - 1);
  if (read < f->space[asid]) return true;
  if ((f->taken[place / 64] >> place % 64 & 1) == 0) return false;
  return f->page[place].key == key && read < f->page[place].cycle;
}

uint64_t freshness_age(const struct freshness *f, uint32_t cpu, uint16_t asid, uint64_t va,
                       bool huge, bool *stale) {
  uint64_t key = huge ? huge_key(asid, va) : key_of(asid, va);
  uint64_t read = read_at(f, cpu, key);
  if (read != 0) *stale = shot_since(f, asid, key, hash_of(key), read);
  return read;
}

bool freshness_stale(const struct freshness *f, uint16_t asid, uint64_t va, bool huge,
                     uint64_t read) {
  uint64_t key = huge ? huge_key(asid, va) : key_of(asid, va);
  return shot_since(f, asid, key, hash_of(key), read);
}

// SPDX-License-Identifier: Apache-2.0
// Sparse physical memory: a hash table of the 4 KiB frames that were written, with open addressing.
// Follows no manual: bytes are bytes; what may be read or swapped is decided by the marks.
// Promises: a written frame costs the host its 4 KiB, at most 64 bytes beside, and its part of the
// last chunk (host/pool.h), wherever it lies; unwritten memory costs nothing.
#include "mem/physmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/pool.h"
#include "host/table.h"

enum { FRAME_SHIFT = 12, FRAME_WORDS = 512, FIRST_ROOM = 256, MAX_MARKS = 64 };

struct mark {
  uint64_t first, last;
  enum mmu_mem_error error;
};

struct frame {
  uint64_t number; /* address >> FRAME_SHIFT */
  uint64_t *word;  /* NULL: the place is free */
};

struct physmem {
  uint64_t bytes;
  struct frame *frame; /* linear probing, at most half full */
  uint64_t frames, room;
  uint32_t moved;         /* frames that were given back, so far; ends at UINT32_MAX */
  struct host_pool *pool; /* of the frames */
  physmem_watch_fn *watch;
  void *watch_self;
  size_t marks;
  struct mark mark[MAX_MARKS];
};

struct physmem *physmem_create(uint64_t bytes) {
  struct physmem *m = calloc(1, sizeof *m);
  if (m == NULL || bytes < FRAME_WORDS * sizeof(uint64_t)) {
    free(m);
    return NULL;
  }
  m->bytes = bytes & ~(uint64_t)0xfff;
  m->room = FIRST_ROOM;
  m->frame = host_table(m->room * sizeof *m->frame);
  m->pool = host_pool_create(FRAME_WORDS * sizeof(uint64_t));
  if (m->frame != NULL && m->pool != NULL) return m;
  physmem_destroy(m);
  return NULL;
}

void physmem_destroy(struct physmem *m) {
  if (m == NULL) return;
  host_pool_destroy(m->pool);
  host_table_free(m->frame);
  free(m);
}

uint64_t physmem_size(const struct physmem *m) {
  return m->bytes;
}

uint64_t physmem_host_bytes(const struct physmem *m) {
  return m->frames * FRAME_WORDS * sizeof(uint64_t);
}

static uint64_t home_of(const struct physmem *m, uint64_t number) {
  return (number * UINT64_C(0x9e3779b97f4a7c15) >> 24) & (m->room - 1);
}

/* Where the frame is, or would be. */
static struct frame *place_of(const struct physmem *m, uint64_t number) {
  uint64_t i = home_of(m, number);
  while (m->frame[i].word != NULL && m->frame[i].number != number)
    i = (i + 1) & (m->room - 1);
  return &m->frame[i];
}

static uint64_t *find_frame(const struct physmem *m, uint64_t addr) {
  return place_of(m, addr >> FRAME_SHIFT)->word;
}

static void *need(void *p) {
  if (p == NULL) {
    fprintf(stderr, "physical memory: the host is out of memory; simulate a smaller machine\n");
    exit(1);
  }
  return p;
}

static void grow(struct physmem *m) {
  struct frame *old = m->frame;
  uint64_t room = m->room;
  m->room = 2 * room;
  m->frame = need(host_table(m->room * sizeof *m->frame));
  for (uint64_t i = 0; i < room; i++)
    if (old[i].word != NULL) *place_of(m, old[i].number) = old[i];
  host_table_free(old);
}

static uint64_t *make_frame(struct physmem *m, uint64_t addr) {
  uint64_t number = addr >> FRAME_SHIFT;
  struct frame *f = place_of(m, number);
  if (f->word != NULL) return f->word;
  if (2 * ++m->frames > m->room) {
    grow(m);
    f = place_of(m, number);
  }
  *f = (struct frame){number, need(host_pool_take(m->pool))};
  return f->word;
}

/* Free a place; frames that were put behind it because it was taken move up. */
static void take_out(struct physmem *m, struct frame *f) {
  uint64_t hole = (uint64_t)(f - m->frame);
  uint64_t mask = m->room - 1;
  for (uint64_t i = (hole + 1) & mask; m->frame[i].word != NULL; i = (i + 1) & mask) {
    uint64_t way = (i - home_of(m, m->frame[i].number)) & mask;
    if (way < ((i - hole) & mask)) continue; /* its home is behind the hole */
    m->frame[hole] = m->frame[i];
    hole = i;
  }
  m->frame[hole].word = NULL;
  m->frames--;
  m->moved += m->moved != UINT32_MAX;
}

static size_t word_of(uint64_t addr) {
  return (size_t)(addr >> 3) & (FRAME_WORDS - 1);
}

static enum mmu_mem_error check(const struct physmem *m, uint64_t addr, bool cas) {
  if (addr >= m->bytes || (addr & 7) != 0) return MMU_MEM_BUS;
  for (size_t i = 0; i < m->marks; i++) {
    const struct mark *k = &m->mark[i];
    if (addr >= k->first && addr <= k->last && (cas || k->error != MMU_MEM_NO_ATOMIC))
      return k->error;
  }
  return MMU_MEM_OK;
}

enum mmu_mem_error physmem_read64(const struct physmem *m, uint64_t addr, uint64_t *value) {
  *value = 0;
  enum mmu_mem_error err = check(m, addr, false);
  if (err != MMU_MEM_OK) return err;
  const uint64_t *frame = find_frame(m, addr);
  if (frame != NULL) *value = frame[word_of(addr)];
  return MMU_MEM_OK;
}

enum mmu_mem_error physmem_read64_at(const struct physmem *m, uint64_t addr, const char *where,
                                     uint64_t *value) {
  *value = 0;
  enum mmu_mem_error err = check(m, addr, false);
  if (err == MMU_MEM_OK) memcpy(value, where, sizeof *value);
  return err;
}

uint32_t physmem_moved(const struct physmem *m) {
  return m->moved;
}

const char *physmem_where(const struct physmem *m, uint64_t addr) {
  const uint64_t *frame = m->moved != UINT32_MAX ? find_frame(m, addr) : NULL;
  return frame != NULL ? (const char *)frame + (addr & 0xfff) : NULL;
}

static void store(struct physmem *m, uint64_t addr, uint64_t old, uint64_t now,
                  enum mem_writer who) {
  if (old != now) make_frame(m, addr)[word_of(addr)] = now;
  if (m->watch != NULL) m->watch(m->watch_self, addr, old, now, who);
}

enum mmu_mem_error physmem_write64(struct physmem *m, uint64_t addr, uint64_t value,
                                   enum mem_writer who) {
  uint64_t old;
  enum mmu_mem_error err = physmem_read64(m, addr, &old);
  if (err == MMU_MEM_OK) store(m, addr, old, value, who);
  return err;
}

enum mmu_mem_error physmem_cas64(struct physmem *m, uint64_t addr, uint64_t expected,
                                 uint64_t desired, enum mem_writer who, uint64_t *old,
                                 bool *swapped) {
  *old = 0;
  *swapped = false;
  enum mmu_mem_error err = check(m, addr, true);
  if (err != MMU_MEM_OK) return err;
  const uint64_t *frame = find_frame(m, addr);
  *old = frame != NULL ? frame[word_of(addr)] : 0;
  *swapped = *old == expected;
  if (*swapped) store(m, addr, expected, desired, who);
  return MMU_MEM_OK;
}

void physmem_clear_frame(struct physmem *m, uint64_t addr, enum mem_writer who) {
  if (addr >= m->bytes) return;
  struct frame *f = place_of(m, addr >> FRAME_SHIFT);
  uint64_t *word = f->word;
  if (word == NULL) return;
  uint64_t base = addr & ~(uint64_t)0xfff;
  for (size_t i = 0; i < FRAME_WORDS; i++) {
    uint64_t old = word[i];
    word[i] = 0;
    if (old != 0 && m->watch != NULL) m->watch(m->watch_self, base + i * sizeof old, old, 0, who);
  }
  take_out(m, f);
  host_pool_give(m->pool, word);
}

/* Add one mark; false if the list is full. */
static bool put_mark(struct mark *list, size_t *n, uint64_t first, uint64_t last,
                     enum mmu_mem_error error) {
  if (*n == MAX_MARKS) return false;
  list[(*n)++] = (struct mark){.first = first, .last = last, .error = error};
  return true;
}

int physmem_set_error(struct physmem *m, uint64_t first, uint64_t last, enum mmu_mem_error err) {
  struct mark list[MAX_MARKS] = {0};
  size_t n = 0;
  bool fits = true;
  for (size_t i = 0; i < m->marks; i++) { /* cut first..last out of what is there */
    const struct mark *k = &m->mark[i];
    if (k->first < first)
      fits &= put_mark(list, &n, k->first, k->last < first ? k->last : first - 1, k->error);
    if (k->last > last)
      fits &= put_mark(list, &n, k->first > last ? k->first : last + 1, k->last, k->error);
  }
  if (err != MMU_MEM_OK) fits &= put_mark(list, &n, first, last, err);
  if (!fits) return -1;
  for (size_t i = 0; i < n; i++)
    m->mark[i] = list[i];
  m->marks = n;
  return 0;
}

void physmem_watch(struct physmem *m, physmem_watch_fn *fn, void *self) {
  m->watch = fn;
  m->watch_self = self;
}

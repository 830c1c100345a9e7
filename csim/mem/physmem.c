// SPDX-License-Identifier: Apache-2.0
// Sparse physical memory: a radix tree of 4 KiB frames, as deep as the address space needs.
// Follows no manual: bytes are bytes; what may be read or swapped is decided by the marks.
// Promises: an access costs one walk of at most four nodes, unwritten memory costs nothing.
#include "mem/physmem.h"

#include <stdio.h>
#include <stdlib.h>

enum {
  FRAME_SHIFT = 12,
  FRAME_WORDS = 512,
  NODE_BITS = 12,
  NODE_SLOTS = 1 << NODE_BITS,
  MAX_MARKS = 64
};

struct mark {
  uint64_t first, last;
  enum mmu_mem_error error;
};

struct physmem {
  uint64_t bytes;
  uint64_t host_bytes;
  unsigned depth; /* levels of nodes above the frames */
  void **root;
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
  m->depth = 1;
  for (uint64_t left = (m->bytes - 1) >> (FRAME_SHIFT + NODE_BITS); left != 0; left >>= NODE_BITS)
    m->depth++;
  m->root = calloc(NODE_SLOTS, sizeof *m->root);
  if (m->root == NULL) {
    free(m);
    return NULL;
  }
  return m;
}

static void free_node(void **node, unsigned level) {
  for (size_t i = 0; i < NODE_SLOTS; i++) {
    if (node[i] == NULL) continue;
    if (level > 1)
      free_node(node[i], level - 1);
    else
      free(node[i]);
  }
  free(node);
}

void physmem_destroy(struct physmem *m) {
  if (m == NULL) return;
  free_node(m->root, m->depth);
  free(m);
}

uint64_t physmem_size(const struct physmem *m) {
  return m->bytes;
}

uint64_t physmem_host_bytes(const struct physmem *m) {
  return m->host_bytes;
}

static size_t slot_at(uint64_t addr, unsigned level) {
  return (size_t)(addr >> (FRAME_SHIFT + NODE_BITS * (level - 1))) & (NODE_SLOTS - 1);
}

/* Where the pointer to the frame of addr is kept, or NULL if no node leads there. */
static void **frame_slot(const struct physmem *m, uint64_t addr) {
  void **node = m->root;
  for (unsigned level = m->depth; level > 1; level--) {
    node = node[slot_at(addr, level)];
    if (node == NULL) return NULL;
  }
  return &node[slot_at(addr, 1)];
}

static uint64_t *find_frame(const struct physmem *m, uint64_t addr) {
  void **slot = frame_slot(m, addr);
  return slot != NULL ? *slot : NULL;
}

static void *need(void *p) {
  if (p == NULL) {
    fprintf(stderr, "physical memory: the host is out of memory; simulate a smaller machine\n");
    exit(1);
  }
  return p;
}

static uint64_t *make_frame(struct physmem *m, uint64_t addr) {
  void **node = m->root;
  for (unsigned level = m->depth; level > 1; level--) {
    void **slot = &node[slot_at(addr, level)];
    if (*slot == NULL) *slot = need(calloc(NODE_SLOTS, sizeof *node));
    node = *slot;
  }
  void **slot = &node[slot_at(addr, 1)];
  if (*slot == NULL) {
    *slot = need(calloc(FRAME_WORDS, sizeof(uint64_t)));
    m->host_bytes += FRAME_WORDS * sizeof(uint64_t);
  }
  return *slot;
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
  void **slot = frame_slot(m, addr);
  if (slot == NULL || *slot == NULL) return;
  uint64_t *frame = *slot;
  uint64_t base = addr & ~(uint64_t)0xfff;
  for (size_t i = 0; i < FRAME_WORDS; i++) {
    uint64_t old = frame[i];
    frame[i] = 0;
    if (old != 0 && m->watch != NULL) m->watch(m->watch_self, base + i * sizeof old, old, 0, who);
  }
  *slot = NULL;
  free(frame);
  m->host_bytes -= FRAME_WORDS * sizeof(uint64_t);
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

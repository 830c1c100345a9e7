// SPDX-License-Identifier: Apache-2.0
// Follows docs/abits.md, which defines each count.
// Promises: an access that asked before the clear is not held against the look after it.
#include "observer/sight.h"

#include <stdlib.h>

#include "observer/heat.h"

struct seen_frame {
  uint64_t cleared; /* when an A bit of it last was */
  uint32_t id;      /* of its page in the heat map, + 1; 0: not known */
  bool used;        /* since cleared, truly */
  bool wrong;       /* the last look was */
  bool taken;       /* and a mapping was taken down since */
};

struct gone {       /* an evicted page */
  uint64_t key, at; /* at: evictions before it, + 1; 0: the place is empty */
  bool back, misled;
};

struct sight {
  struct seen_frame *frame;
  uint64_t frames, window;
  struct gone *gone; /* by key, linear probing; room is a power of two */
  uint64_t room, kept;
  struct heat *heat;
  struct sight_counts n;
  bool incomplete;
};

struct sight *sight_create(uint64_t frames, uint64_t window, struct heat *heat) {
  struct sight *s = calloc(1, sizeof *s);
  if (s == NULL) return NULL;
  *s = (struct sight){.frames = frames, .window = window, .room = 1024, .heat = heat};
  s->frame = calloc(frames, sizeof *s->frame);
  s->gone = calloc(s->room, sizeof *s->gone);
  if (s->frame != NULL && s->gone != NULL) return s;
  sight_destroy(s);
  return NULL;
}

void sight_destroy(struct sight *s) {
  if (s == NULL) return;
  free(s->frame);
  free(s->gone);
  free(s);
}

/* ---- what happens to a page in memory ---- */

void sight_access(struct sight *s, uint64_t pfn, uint32_t task, uint64_t vpn, uint64_t asked,
                  uint64_t cycle) {
  if (pfn >= s->frames) return;
  struct seen_frame *f = &s->frame[pfn];
  if (asked >= f->cleared) f->used = true;
  if (f->wrong && f->taken) {
    s->n.rescued++;
    f->wrong = false;
  }
  if (s->heat == NULL) return;
  if (f->id == 0) f->id = heat_page(s->heat, task, vpn);
  if (f->id != 0) heat_access(s->heat, f->id - 1, cycle);
}

void sight_cleared(struct sight *s, uint64_t pfn, uint64_t cycle) {
  if (pfn >= s->frames) return;
  s->frame[pfn].cleared = cycle;
  s->frame[pfn].used = false;
}

void sight_unmapped(struct sight *s, uint64_t pfn, uint64_t cycle) {
  sight_cleared(s, pfn, cycle);
  if (pfn < s->frames) s->frame[pfn].taken = true;
}

void sight_look(struct sight *s, uint64_t pfn, bool used, uint64_t cycle) {
  if (pfn >= s->frames) return;
  struct seen_frame *f = &s->frame[pfn];
  s->n.looks++;
  s->n.unused += !used;
  f->wrong = !used && f->used;
  f->taken = false;
  s->n.wrong_looks += f->wrong;
  if (!used) f->used = false; /* counted; the next look is about what comes now */
  if (s->heat != NULL && f->id != 0) heat_look(s->heat, f->id - 1, cycle, used);
}

void sight_free(struct sight *s, uint64_t pfn) {
  if (pfn < s->frames) s->frame[pfn] = (struct seen_frame){0};
}

void sight_moved(struct sight *s, uint64_t from, uint64_t to) {
  if (from >= s->frames || to >= s->frames) return;
  s->n.moved++;
  s->frame[to] = s->frame[from];
  sight_free(s, from);
}

/* ---- evicted pages ---- */

static struct gone *place(struct gone *table, uint64_t room, uint64_t key) {
  uint64_t i = (key * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (room - 1);
  while (table[i].at != 0 && table[i].key != key)
    i = (i + 1) & (room - 1);
  return &table[i];
}

static bool grow(struct sight *s) {
  uint64_t room = 2 * s->room;
  struct gone *table = calloc(room, sizeof *table);
  if (table == NULL) return false;
  for (uint64_t i = 0; i < s->room; i++)
    if (s->gone[i].at != 0) *place(table, room, s->gone[i].key) = s->gone[i];
  free(s->gone);
  s->gone = table;
  s->room = room;
  return true;
}

void sight_evict(struct sight *s, uint64_t pfn, uint64_t key) {
  bool misled = pfn < s->frames && s->frame[pfn].wrong;
  s->n.evictions++;
  s->n.misled += misled;
  struct gone *g = place(s->gone, s->room, key);
  if (g->at == 0) {
    if (4 * s->kept >= 3 * s->room) {
      if (!grow(s)) {
        s->incomplete = true;
        return;
      }
      g = place(s->gone, s->room, key);
    }
    s->kept++;
  }
  *g = (struct gone){.key = key, .at = s->n.evictions, .misled = misled};
}

void sight_return(struct sight *s, uint64_t key) {
  struct gone *g = place(s->gone, s->room, key);
  if (g->at == 0 || g->back) return;
  g->back = true;
  s->n.returns++;
  if (s->n.evictions - g->at >= s->window) return;
  s->n.early++;
  s->n.wrong += g->misled;
}

struct sight_counts sight_counts(const struct sight *s) {
  return s->n;
}

bool sight_complete(const struct sight *s) {
  return !s->incomplete;
}

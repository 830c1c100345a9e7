// SPDX-License-Identifier: Apache-2.0
// Tokens of frames and disk blocks; object 0 is all zeroes.
// Follows the design: frames hold an identity and a version, so that lost data shows.
// Promises: knows nothing of the OS model's own books; every store makes a token never seen before.
#include "machine/content.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/table.h"
#include "machine/content_internal.h"

struct content *content_create(uint64_t frames) {
  struct content *c = calloc(1, sizeof *c);
  if (c == NULL) return NULL;
  c->frames = frames;
  c->frame = host_table(frames * sizeof *c->frame);
  c->leaves = host_pool_create(CONTENT_RUN * sizeof(uint32_t));
  c->runs = 1;
  if (c->frame != NULL && c->leaves != NULL) return c;
  content_destroy(c);
  return NULL;
}

void content_destroy(struct content *c) {
  if (c == NULL) return;
  for (uint32_t f = 0; f < c->files; f++)
    free(c->file[f].token);
  free(c->file);
  free(c->run);
  host_table_free(c->disk);
  host_pool_destroy(c->leaves);
  host_table_free(c->frame);
  free(c);
}

/* ---- objects: what tokens stand for, for the story only ---- */

uint64_t content_new_run(struct content *c, bool of_file, uint32_t owner, uint64_t page) {
  const uint64_t most = UINT64_C(1) << (31 - CONTENT_RUN_BITS); /* CONTENT_USED is no object's */
  if (c->runs >= most) return 0;
  if (c->runs >= c->run_room) {
    uint64_t room = c->run_room == 0 ? 64 : 2 * c->run_room;
    struct content_run *r = realloc(c->run, room * sizeof *r);
    if (r == NULL) return 0;
    c->run = r;
    c->run_room = room;
  }
  c->run[c->runs] = (struct content_run){page, owner, of_file};
  return c->runs++ << CONTENT_RUN_BITS;
}

static void describe(const struct content *c, uint64_t token, char *out, size_t len) {
  uint64_t object = token >> CONTENT_VERSION_BITS;
  uint64_t version = token & CONTENT_VERSION_MASK;
  uint64_t run = object >> CONTENT_RUN_BITS;
  if (object == 0) {
    snprintf(out, len, "zeroes");
    return;
  }
  if (run == 0 || run >= c->runs) {
    snprintf(out, len, "nothing known");
    return;
  }
  uint64_t page = c->run[run].page + object % CONTENT_RUN;
  if (c->run[run].of_file)
    snprintf(out, len, "page %" PRIu64 " of file %u, version %" PRIu64, page,
             (unsigned)c->run[run].owner, version);
  else
    snprintf(out, len, "page 0x%" PRIx64 "000 of task %u, version %" PRIu64, page,
             (unsigned)c->run[run].owner, version);
}

enum content_verdict content_judge(struct content *c, uint64_t pfn, uint64_t found,
                                   uint64_t wanted) {
  char f[96], w[96];
  describe(c, found, f, sizeof f);
  describe(c, wanted, w, sizeof w);
  snprintf(c->story, sizeof c->story, "frame %" PRIu64 " holds %s; it must hold %s", pfn, f, w);
  bool older = (found >> CONTENT_VERSION_BITS) == (wanted >> CONTENT_VERSION_BITS);
  return older || found == 0 ? CONTENT_LOST : CONTENT_FOREIGN;
}

const char *content_story(const struct content *c) {
  return c->story;
}

/* ---- frames ---- */

const void *content_expect_frame(const struct content *c, uint64_t pfn) {
  return c != NULL && pfn < c->frames ? &c->frame[pfn] : NULL;
}

void content_frame_zero(struct content *c, uint64_t pfn) {
  if (c != NULL && pfn < c->frames) c->frame[pfn] = CONTENT_USED;
}

void content_frame_copy(struct content *c, uint64_t to, uint64_t from) {
  if (c != NULL && to < c->frames && from < c->frames) c->frame[to] = c->frame[from] | CONTENT_USED;
}

void content_frame_free(struct content *c, uint64_t pfn) {
  if (c != NULL && pfn < c->frames) c->frame[pfn] &= ~CONTENT_USED;
}

enum content_verdict content_frame_file(struct content *c, uint64_t pfn, uint32_t file,
                                        uint64_t page, bool write) {
  if (pfn >= c->frames || file == 0 || file > c->files || page >= c->file[file - 1].pages)
    return CONTENT_OK;
  uint64_t *truth = &c->file[file - 1].token[page];
  uint64_t found = content_capture(c, pfn);
  if (found != *truth) return content_judge(c, pfn, found, *truth);
  if (write) c->frame[pfn] = ++*truth | CONTENT_USED;
  return CONTENT_OK;
}

/* ---- the disk ---- */

static bool disk_room(struct content *c, uint64_t block) {
  if (block < c->blocks) return true;
  uint64_t room = c->blocks == 0 ? 4096 : c->blocks;
  while (room <= block)
    room *= 2;
  uint64_t *disk = host_table(room * sizeof *disk); /* sparse: blocks are taken in order */
  if (disk == NULL) return false;
  if (c->blocks != 0) memcpy(disk, c->disk, c->blocks * sizeof *disk);
  host_table_free(c->disk);
  c->disk = disk;
  c->blocks = room;
  return true;
}

uint64_t content_capture(const struct content *c, uint64_t pfn) {
  return c != NULL && pfn < c->frames ? c->frame[pfn] & ~CONTENT_USED : 0;
}

bool content_disk_write(struct content *c, uint64_t block, uint64_t token) {
  if (c == NULL) return true;
  if (!disk_room(c, block)) return false;
  c->disk[block] = token;
  return true;
}

void content_disk_read(struct content *c, uint64_t pfn, uint64_t block) {
  if (c == NULL || pfn >= c->frames) return;
  uint64_t token = block < c->blocks ? c->disk[block] : 0;
  c->frame[pfn] = token | CONTENT_USED;
}

/* ---- files ---- */

uint32_t content_file(struct content *c, uint64_t pages,
                      uint64_t (*block)(void *arg, uint64_t page), void *arg) {
  struct content_file *file = realloc(c->file, (c->files + 1) * sizeof *file);
  if (file == NULL) return 0;
  c->file = file;
  uint64_t *token = calloc(pages, sizeof *token);
  if (token == NULL) return 0;
  c->file[c->files++] = (struct content_file){.pages = pages, .token = token};
  uint64_t first = 0;
  for (uint64_t p = 0; p < pages; p++) {
    if (p % CONTENT_RUN == 0) first = content_new_run(c, true, c->files, p);
    if (first == 0) return 0;
    token[p] = (first + p % CONTENT_RUN) << CONTENT_VERSION_BITS;
    if (!content_disk_write(c, block(arg, p), token[p])) return 0;
  }
  return c->files;
}

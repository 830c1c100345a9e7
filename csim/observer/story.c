// SPDX-License-Identifier: Apache-2.0
// The lessons of `make waves`: loads and stores on hand-filled tables, the OS's part played here.
// Follows backend.h; the page tables are those of csim/bench/world.c.
// Promises: few cycles, every kind of walk once, the same every time.
#include "observer/story.h"

#include <stdio.h>
#include <string.h>

#include "backend/backend.h"
#include "bench/world.h"
#include "timing/memtiming.h"

enum { BASE = 0x10000000, FRAME = 0x40000000, MEMORY_CYCLES = 2, PAUSE = 2 };

struct teller {
  struct world world;
  struct memtiming *timing;
  struct mmu_backend *b;
  struct story *story;
  uint8_t tag;
  char *err;
  size_t err_len;
};

struct mmu_geometry story_geometry(enum story_kind kind) {
  struct mmu_geometry g = {
      .l1i_entries = 4, .l1d_entries = 4, .pwc_entries = {4, 4, 4, 4}, .walks = 1, .miss_queue = 2};
  if (kind == STORY_NESTED) memset(g.pwc_entries, 0, sizeof g.pwc_entries);
  return g;
}

static void mark(struct teller *t, const char *name) {
  if (t->story->marks < GTKW_MAX_MARKS)
    t->story->mark[t->story->marks++] = (struct gtkw_mark){t->b->ops->now(t->b), name};
}

static bool pause_cycles(struct teller *t, uint64_t cycles) {
  return t->b->ops->step_to(t->b, t->b->ops->now(t->b) + cycles) != MMU_NEVER;
}

static bool ask(struct teller *t, uint64_t va, enum mmu_access_kind kind, const char *name,
                enum mmu_status wanted) {
  struct mmu_request req = {.va = va,
                            .access = {.kind = (uint8_t)kind, .size = 3},
                            .ctx = &t->world.context,
                            .tag = ++t->tag,
                            .port = MMU_PORT_DATA};
  struct mmu_response rsp;
  mark(t, name);
  if (mmu_translate(t->b, &req, &rsp) != 0) return false;
  if (rsp.status == MMU_FAULT && t->story->first_fault == 0) {
    t->story->first_fault = rsp.cycle;
    mark(t, "fault");
  }
  if (rsp.status == (uint8_t)wanted) return pause_cycles(t, PAUSE);
  snprintf(t->err, t->err_len, "waves: the %s did not end as the lesson says", name);
  return false;
}

static bool invalidate(struct teller *t, uint64_t va) {
  static const uint8_t kind[MMU_ARCH_COUNT] = {MMU_INV_X86_INVLPG, MMU_INV_ARM_VAE1,
                                               MMU_INV_RISCV_ADDR};
  struct mmu_inval inv = {.addr = va, .asid = 1, .kind = kind[t->world.arch], .id = 1};
  mark(t, "invalidate");
  return mmu_invalidate_wait(t->b, &inv) == 0 && pause_cycles(t, PAUSE);
}

static bool tell(struct teller *t) {
  const uint64_t first = BASE;
  const uint64_t second = BASE + 4096;
  const uint64_t absent = BASE + 2 * 4096;
  world_map(&t->world, first, FRAME, 0, WORLD_OLD);
  world_map(&t->world, second, FRAME + 4096, 0, WORLD_OLD);
  if (!pause_cycles(t, PAUSE) || !ask(t, first + 0x10, MMU_READ, "cold load", MMU_OK) ||
      !ask(t, first + 0x18, MMU_READ, "hit", MMU_OK) ||
      !ask(t, second + 0x20, MMU_WRITE, "store", MMU_OK) ||
      !ask(t, absent + 0x28, MMU_READ, "no page", MMU_FAULT))
    return false;
  world_map(&t->world, absent, FRAME + 2 * 4096, 0, WORLD_FRESH); /* the OS's remedy */
  return ask(t, absent + 0x28, MMU_READ, "again", MMU_OK) && invalidate(t, absent) &&
         ask(t, absent + 0x28, MMU_READ, "after it", MMU_OK);
}

/* The last page has no place in stage 2. */
static bool tell_nested(struct teller *t) {
  world_map(&t->world, BASE, FRAME, 0, WORLD_FRESH);
  world_map(&t->world, BASE + 4096, FRAME + 4096, 0, WORLD_FRESH);
  world_nest(&t->world, FRAME, FRAME);
  return pause_cycles(t, PAUSE) && ask(t, BASE + 0x10, MMU_READ, "cold load", MMU_OK) &&
         ask(t, BASE + 0x18, MMU_READ, "hit", MMU_OK) &&
         ask(t, BASE + 4096, MMU_WRITE, "no page in stage 2", MMU_FAULT);
}

static bool open_backend(struct teller *t, enum story_kind kind, enum mmu_arch arch) {
  t->timing = memtiming_create(&(struct memtiming_config){.dram_cycles = MEMORY_CYCLES}, t->err,
                               t->err_len);
  if (t->timing == NULL || !world_create(&t->world, arch)) return false;
  struct mmu_backend_config cfg = {.arch = arch,
                                   .geometry = story_geometry(kind),
                                   .memory = t->world.memory,
                                   .timing = t->timing,
                                   .seed = 0};
  t->b = mmu_backend_rtl(&cfg, t->err, t->err_len);
  return t->b != NULL;
}

int story_run(enum story_kind kind, enum mmu_arch arch, const char *fst, uint64_t from, uint64_t to,
              struct story *out, char *err, size_t err_len) {
  struct teller t = {.story = out, .err = err, .err_len = err_len};
  memset(out, 0, sizeof *out);
  snprintf(err, err_len, "waves: the host is out of memory");
  bool ok = open_backend(&t, kind, arch);
  if (ok && fst != NULL && t.b->ops->trace(t.b, fst, from, to) != 0) {
    snprintf(err, err_len, "waves: cannot write %s", fst);
    ok = false;
  } else if (ok) {
    ok = kind == STORY_NESTED ? tell_nested(&t) : tell(&t);
    out->end = t.b->ops->now(t.b);
    if (t.b->ops->error(t.b) != NULL) snprintf(err, err_len, "%s", t.b->ops->error(t.b));
  }
  if (t.b != NULL) t.b->ops->destroy(t.b);
  memtiming_destroy(t.timing);
  world_destroy(&t.world);
  return ok ? 0 : -1;
}

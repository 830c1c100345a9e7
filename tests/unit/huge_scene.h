/* SPDX-License-Identifier: Apache-2.0
 * A task on a fake machine with huge pages, for the tests of them: map, touch, look at the leaf. */
#ifndef COWALK_TESTS_HUGE_SCENE_H
#define COWALK_TESTS_HUGE_SCENE_H

#include "os/kernel.h"
#include "tests/unit/os_fake.h"

enum { PAGE = 4096, RW = OS_PROT_READ | OS_PROT_WRITE, RO = OS_PROT_READ };
#define MIB (UINT64_C(1) << 20)
#define HUGE (2 * MIB)
#define BASE (UINT64_C(64) << 30)

static const enum mmu_s1_mode modes[] = {MMU_S1_X86_L4, MMU_S1_ARM_4K, MMU_S1_SV39, MMU_S1_SV48};

static inline struct os_config config(enum mmu_s1_mode mode, uint64_t mib, enum os_thp thp) {
  enum mmu_arch arch = mode == MMU_S1_X86_L4   ? MMU_ARCH_X86
                       : mode == MMU_S1_ARM_4K ? MMU_ARCH_ARM
                                               : MMU_ARCH_RISCV;
  return (struct os_config){.arch = arch,
                            .mode = mode,
                            .memory_bytes = mib * MIB,
                            .swap_pages = 20000,
                            .swappiness = 60,
                            .hw_a = true,
                            .hw_d = true,
                            .thp = thp,
                            .khugepaged_max_ptes_none = 511};
}

struct scene {
  struct fake *k;
  struct os_task *t;
  void (*play)(struct scene *s);
  struct os_stats st;
};

static inline const struct os_stats *stats(struct scene *s) {
  os_stats(s->k->os, &s->st);
  return &s->st;
}

static inline int map(struct scene *s, uint64_t at, uint64_t bytes, uint8_t huge) {
  struct os_mapping m = {.va = BASE + at, .bytes = bytes, .prot = RW, .huge = huge};
  return os_mmap(s->t, &m);
}

static inline uint32_t touch(struct scene *s, uint64_t at, bool write) {
  uint32_t pfn = fk_access(s->k, s->t, BASE + at, write, false);
  assert_int_not_equal(pfn, 0);
  return pfn;
}

/* Store to every step-th byte of [first, end), each time something else. */
static inline void store_each(struct scene *s, uint64_t first, uint64_t end, uint64_t step,
                              uint64_t mark) {
  for (uint64_t at = first; at < end; at += step)
    s->k->content[touch(s, at, true)] = mark + at;
}

/* That is still there. */
static inline void see_each(struct scene *s, uint64_t first, uint64_t end, uint64_t step,
                            uint64_t mark) {
  for (uint64_t at = first; at < end; at += step)
    assert_int_equal(s->k->content[touch(s, at, false)], mark + at);
}

/* The leaf entry of an address, and its height. */
static inline uint64_t leaf(struct scene *s, uint64_t at, unsigned *height) {
  const struct os_pt_ops *pt = s->k->os->pt;
  uint64_t base = os_task_context(s->t)->s1_root0;
  for (unsigned h = pt->top;; h--) {
    uint64_t e = *fk_word(s->k, base + 8 * os_pt_index(BASE + at, h));
    *height = h;
    if (h == 0 || !pt->present(e) || (h == 1 && pt->is_huge(e))) return e;
    base = pt->next(e);
  }
}

static inline void task(void *arg) {
  struct scene *s = arg;
  s->t = os_task_create(s->k->os, 1);
  assert_non_null(s->t);
  s->play(s);
  os_task_exit(s->t);
  assert_int_equal(os_task_rss(s->t), 0);
  os_task_free(s->t);
  assert_int_equal(stats(s)->nr_anon_thps, 0);
  assert_int_equal(s->st.nr_page_table_pages, 0);
}

static inline void play_on(const struct os_config *cfg, void (*play)(struct scene *s)) {
  struct fake *k = fk_create(cfg, cfg->swap_pages + 100, 7);
  struct scene s = {.k = k, .play = play};
  fk_start(k, task, &s, false);
  fk_run(k);
  fk_check(k);
  fk_destroy(k);
}

static inline void everywhere(uint64_t mib, enum os_thp thp, void (*play)(struct scene *s)) {
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    struct os_config cfg = config(modes[i], mib, thp);
    play_on(&cfg, play);
  }
}

#endif

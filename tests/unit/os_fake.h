/* SPDX-License-Identifier: Apache-2.0
 * A machine for tests of the OS model: coroutines that switch at random at every yield (or only
 * when they wait), a disk that completes out of order, a small MMU with a TLB that stays stale
 * until it is invalidated, and contents of frames and blocks as numbers, so that a page that is
 * lost, mixed up or reused too early shows as a wrong number. Deterministic for a seed. */
#ifndef COWALK_TESTS_OS_FAKE_H
#define COWALK_TESTS_OS_FAKE_H

#include <pcl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "os/os.h"
#include "random/splitmix64.h"

enum { FK_CONTEXTS = 24, FK_IOS = 4096, FK_TLB = 2048, FK_STACK = 256 * 1024 };

struct fk_context {
  coroutine_t co;
  void (*fn)(void *arg);
  void *arg;
  struct os_waitq *q; /* waits here */
  uint64_t until;     /* and until this cycle; UINT64_MAX: for ever */
  enum os_account account;
  enum os_work work; /* the last it spent time on */
  bool waiting, woken, done, daemon;
  void *current; /* the kernel's word */
};

struct fk_tlb {
  uint64_t vpn;
  uint32_t pfn;
  uint16_t asid;
  bool valid, write, exec, dirty;
  bool huge; /* vpn and pfn are those of the first 4 KiB */
};

struct fake {
  struct os_config cfg;
  struct os *os;
  uint64_t *words;   /* simulated memory */
  uint64_t *content; /* of frames */
  uint64_t *block;   /* contents of the disk */
  uint64_t blocks;
  uint32_t cpus, cpu; /* cpus 0: one; cpu: which runs all that comes now */
  uint64_t now, rng, next_content, epoch;
  unsigned yield_permille; /* how often a yield switches */
  unsigned fail_read_permille;
  bool at_once; /* walks do not yield now */
  bool blind;   /* this hardware never sets A */
  bool migrate; /* contexts run on any CPU each time */
  uint64_t disk_latency;
  struct fk_context ctx[FK_CONTEXTS];
  size_t contexts, current;
  struct {
    struct os_io *io;
    uint64_t due, snapshot;
    bool at_submit;
  } io[FK_IOS];
  size_t ios;
  struct fk_tlb tlb[FK_TLB];
  uint64_t tlb_size; /* used of it: 256, unless the test says otherwise */
  /* Called before the watch_in'th access of the kernel to the word at watch_pa takes effect. */
  void (*watch)(struct fake *k);
  uint64_t watch_pa;
  unsigned watch_in;
  char panic[160];
  uint64_t a_updates, d_updates, faults, invalidations, spent[OS_WORK_COUNT];
};

static bool fk_tlb_covers(const struct fk_tlb *e, uint64_t vpn) {
  return e->huge ? e->vpn >> 9 == vpn >> 9 : e->vpn == vpn;
}

#define FK_POISON UINT64_C(0xdead000000000000)

static inline uint64_t fk_rnd(struct fake *k, uint64_t n) {
  return (splitmix64(&k->rng) >> 32) * n >> 32;
}

/* ---- contexts ---- */

static void fk_switch(void) {
  co_resume();
}

static void fk_yield(struct fake *k) {
  k->now++;
  if (fk_rnd(k, 1000) < k->yield_permille) fk_switch();
}

static void fk_entry(void *arg) {
  struct fk_context *c = arg;
  c->fn(c->arg);
  c->done = true;
  for (;;)
    fk_switch();
}

static void fk_start(struct fake *k, void (*fn)(void *), void *arg, bool daemon) {
  assert_true(k->contexts < FK_CONTEXTS);
  struct fk_context *c = &k->ctx[k->contexts++];
  *c = (struct fk_context){.fn = fn, .arg = arg, .daemon = daemon};
  c->co = co_create(fk_entry, c, NULL, FK_STACK);
  assert_non_null(c->co);
}

static void fk_disk(struct fake *k) {
  for (size_t i = 0; i < k->ios;) {
    if (k->io[i].due > k->now) {
      i++;
      continue;
    }
    struct os_io *io = k->io[i].io;
    io->error = false;
    if (io->write)
      k->block[io->block] = k->io[i].at_submit ? k->io[i].snapshot : k->content[io->pfn];
    else if (fk_rnd(k, 1000) < k->fail_read_permille)
      io->error = true;
    else
      k->content[io->pfn] = k->block[io->block];
    k->io[i] = k->io[--k->ios];
    io->done(io);
  }
}

/* Run until all contexts but daemons are done, and those sleep. */
static void fk_run(struct fake *k) {
  for (;;) {
    fk_disk(k);
    size_t ready[FK_CONTEXTS];
    size_t n = 0;
    size_t alive = 0;
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < k->contexts; i++) {
      struct fk_context *c = &k->ctx[i];
      if (c->done) continue;
      alive += !c->daemon;
      if (c->waiting && c->until <= k->now) c->waiting = false;
      if (!c->waiting)
        ready[n++] = i;
      else if (c->until < next)
        next = c->until;
    }
    if (k->panic[0] != '\0' || (alive == 0 && k->ios == 0 && n == 0)) return;
    if (n == 0) {
      for (size_t i = 0; i < k->ios; i++)
        if (k->io[i].due < next) next = k->io[i].due;
      if (next == UINT64_MAX) fail_msg("everything waits and nothing will happen");
      k->now = next > k->now ? next : k->now;
      continue;
    }
    k->current = ready[fk_rnd(k, n)];
    if (k->migrate) k->cpu = (uint32_t)fk_rnd(k, k->cpus);
    co_call(k->ctx[k->current].co);
  }
}

/* ---- the platform ---- */

static uint64_t fk_now(void *self) {
  return ((struct fake *)self)->now;
}
static uint32_t fk_cpus(void *self) {
  const struct fake *k = self;
  return k->cpus != 0 ? k->cpus : 1;
}
static uint32_t fk_cpu(void *self) {
  return ((struct fake *)self)->cpu;
}
static enum os_account fk_account(void *self, enum os_account a) {
  struct fake *k = self;
  enum os_account was = k->ctx[k->current].account;
  k->ctx[k->current].account = a;
  return was;
}
static void fk_spend(void *self, enum os_work work, uint32_t count) {
  struct fake *k = self;
  k->spent[work] += count;
  k->ctx[k->current].work = work;
  k->now += (uint64_t)count * 20;
  fk_yield(k);
}
static uint64_t *fk_word(struct fake *k, uint64_t pa) {
  if (pa >= k->cfg.memory_bytes || (pa & 7) != 0)
    fail_msg("table access at %#llx", (unsigned long long)pa);
  return &k->words[pa / 8];
}
static void fk_table_access(struct fake *k, uint64_t pa) {
  fk_yield(k);
  if (k->watch != NULL && pa == k->watch_pa && k->watch_in != 0 && --k->watch_in == 0) k->watch(k);
}
static uint64_t fk_read64(void *self, uint64_t pa) {
  fk_table_access(self, pa);
  return *fk_word(self, pa);
}
static void fk_write64(void *self, uint64_t pa, uint64_t value) {
  fk_table_access(self, pa);
  *fk_word(self, pa) = value;
}
static bool fk_cas64(void *self, uint64_t pa, uint64_t expected, uint64_t desired, uint64_t *old) {
  fk_table_access(self, pa);
  uint64_t *w = fk_word(self, pa);
  *old = *w;
  if (*w != expected) return false;
  *w = desired;
  return true;
}
static void fk_invalidate_one(struct fake *k, const struct mmu_inval *inv) {
  bool by_page = inv->kind == MMU_INV_X86_PCID_ADDR || inv->kind == MMU_INV_ARM_VALE1 ||
                 inv->kind == MMU_INV_RISCV_ADDR_ASID;
  bool by_asid = inv->kind == MMU_INV_X86_PCID || inv->kind == MMU_INV_ARM_ASIDE1 ||
                 inv->kind == MMU_INV_RISCV_ASID;
  assert_true(by_page || by_asid);
  k->now += 100;
  fk_yield(k);
  k->invalidations++;
  k->epoch++;
  for (size_t i = 0; i < k->tlb_size; i++)
    if (k->tlb[i].asid == inv->asid && (by_asid || fk_tlb_covers(&k->tlb[i], inv->addr >> 12)))
      k->tlb[i].valid = false;
  fk_yield(k);
}
static void fk_invalidate(void *self, const struct mmu_inval *inv, uint32_t count,
                          enum os_inval_why why) {
  (void)why; /* every TLB is told of everything */
  for (uint32_t i = 0; i < count; i++)
    fk_invalidate_one(self, &inv[i]);
}
static bool fk_wait_until(void *self, struct os_waitq *q, uint64_t cycle) {
  struct fake *k = self;
  struct fk_context *c = &k->ctx[k->current];
  c->q = q;
  c->until = cycle;
  c->waiting = true;
  c->woken = false;
  fk_switch();
  c->q = NULL;
  return c->woken;
}
static void fk_wait(void *self, struct os_waitq *q) {
  (void)fk_wait_until(self, q, UINT64_MAX);
}
static void fk_wake(void *self, struct os_waitq *q) {
  struct fake *k = self;
  for (size_t i = 0; i < k->contexts; i++) {
    struct fk_context *c = &k->ctx[i];
    if (!c->waiting || c->q != q) continue;
    c->waiting = false;
    c->woken = true;
  }
}
static void fk_resched(void *self) {
  fk_yield(self);
}
static void fk_spawn(void *self, const char *name, void (*fn)(void *arg), void *arg,
                     enum os_account a) {
  struct fake *k = self;
  (void)name;
  fk_start(k, fn, arg, true);
  k->ctx[k->contexts - 1].account = a;
}
static void **fk_current(void *self) {
  struct fake *k = self;
  return &k->ctx[k->current].current;
}
static void fk_load(void *self) {
  (void)self; /* each access asks for the context */
}
/* Tasks of this machine look for themselves, at each access and whenever they are in the kernel. */
static void fk_signal(void *self, uint32_t pid) {
  (void)self;
  (void)pid;
}
/* The test goes on and looks what is left. */
static void fk_no_memory(void *self) {
  (void)self;
}
static void fk_panic(void *self, const char *why) {
  struct fake *k = self;
  snprintf(k->panic, sizeof k->panic, "%s", why);
}
static void fk_submit(void *self, struct os_io *io) {
  struct fake *k = self;
  assert_true(k->ios < FK_IOS);
  assert_true(io->block < k->blocks);
  size_t i = k->ios++;
  k->io[i].io = io;
  k->io[i].due = k->now + 1 + fk_rnd(k, 2 * k->disk_latency);
  k->io[i].snapshot = k->content[io->pfn];
  k->io[i].at_submit = fk_rnd(k, 2) != 0;
}
static void fk_frame_zero(void *self, uint64_t pfn) {
  struct fake *k = self;
  k->content[pfn] = 0;
  memset(&k->words[pfn * 512], 0, 4096);
}
static void fk_frame_copy(void *self, uint64_t to, uint64_t from) {
  struct fake *k = self;
  k->content[to] = k->content[from];
}
static void fk_frame_free(void *self, uint64_t pfn) {
  struct fake *k = self;
  k->content[pfn] = FK_POISON | pfn;
}
/* Set by the test: called for file data of read() and write(). */
static void (*fk_file_access)(struct fake *k, uint64_t pfn, uint32_t file, uint64_t page,
                              bool write);
static void fk_frame_file(void *self, uint64_t pfn, uint32_t file, uint64_t page, bool write) {
  if (fk_file_access != NULL) fk_file_access(self, pfn, file, page, write);
}

static const struct os_platform_ops fk_ops = {.now = fk_now,
                                              .cpus = fk_cpus,
                                              .cpu = fk_cpu,
                                              .account = fk_account,
                                              .spend = fk_spend,
                                              .read64 = fk_read64,
                                              .write64 = fk_write64,
                                              .cas64 = fk_cas64,
                                              .invalidate = fk_invalidate,
                                              .wait = fk_wait,
                                              .wait_until = fk_wait_until,
                                              .wake = fk_wake,
                                              .resched = fk_resched,
                                              .spawn = fk_spawn,
                                              .current = fk_current,
                                              .load = fk_load,
                                              .signal = fk_signal,
                                              .no_memory = fk_no_memory,
                                              .panic = fk_panic,
                                              .disk_submit = fk_submit,
                                              .frame_zero = fk_frame_zero,
                                              .frame_copy = fk_frame_copy,
                                              .frame_free = fk_frame_free,
                                              .frame_file_access = fk_frame_file};

static struct fake *fk_create_cpus(const struct os_config *cfg, uint64_t disk_blocks, uint64_t seed,
                                   uint32_t cpus) {
  struct fake *k = calloc(1, sizeof *k);
  assert_non_null(k);
  k->cfg = *cfg;
  k->cfg.disk_pages = disk_blocks;
  k->cpus = cpus;
  k->rng = seed;
  k->next_content = 1;
  k->disk_latency = 3000;
  k->tlb_size = 256;
  k->words = calloc(cfg->memory_bytes / 8, 8);
  k->content = calloc(cfg->memory_bytes >> 12, 8);
  k->block = calloc(disk_blocks, 8);
  k->blocks = disk_blocks;
  if (k->words == NULL || k->content == NULL || k->block == NULL) abort();
  for (uint64_t b = 0; b < disk_blocks; b++)
    k->block[b] = k->next_content++;
  char err[160] = "";
  struct os_platform plat = {.ops = &fk_ops, .self = k};
  k->os = os_create(&k->cfg, &plat, err, sizeof err);
  if (k->os == NULL) fail_msg("os_create: %s", err);
  return k;
}

static inline struct fake *fk_create(const struct os_config *cfg, uint64_t disk_blocks,
                                     uint64_t seed) {
  return fk_create_cpus(cfg, disk_blocks, seed, 1);
}

static void fk_check(struct fake *k) {
  char err[160] = "";
  if (os_check(k->os, err, sizeof err) != 0) fail_msg("os_check: %s", err);
}

static void fk_destroy(struct fake *k) {
  for (size_t i = 0; i < k->contexts; i++)
    co_delete(k->ctx[i].co);
  os_destroy(k->os);
  free(k->words);
  free(k->content);
  free(k->block);
  free(k);
}

/* ---- a small MMU, written from the manuals for this test ---- */

enum fk_result { FK_OK, FK_ABSENT, FK_REFUSED, FK_NO_A, FK_LOST };

struct fk_leaf {
  uint64_t pa, entry; /* of the entry */
  unsigned height;    /* of the entry that decided */
};

static uint32_t fk_tlb_frame(const struct fk_tlb *e, uint64_t va) {
  return e->huge ? e->pfn + (uint32_t)(va >> 12 & 511) : e->pfn;
}

static bool fk_is_huge(enum mmu_arch a, unsigned h, uint64_t e) {
  if (h != 1) return false;
  if (a == MMU_ARCH_ARM) return (e & 3) == 1;
  return (e & (a == MMU_ARCH_X86 ? 0x81 : 0xf)) > 1 && (e & 1) != 0;
}

static bool fk_is_present(enum mmu_arch a, uint64_t e) {
  return a == MMU_ARCH_ARM ? (e & 3) == 3 : (e & 1) != 0;
}

static uint64_t fk_target(enum mmu_arch a, uint64_t e) {
  if (a == MMU_ARCH_RISCV) return (e >> 10 & ((UINT64_C(1) << 44) - 1)) << 12;
  return e & (a == MMU_ARCH_X86 ? UINT64_C(0x000ffffffffff000) : UINT64_C(0x0000fffffffff000));
}

/* One walk; yields between reading the leaf and updating A and D, as hardware may. */
static enum fk_result fk_walk(struct fake *k, const struct mmu_context *c, uint64_t va, bool write,
                              bool fetch, struct fk_leaf *at, struct fk_tlb *fill) {
  enum mmu_arch a = k->cfg.arch;
  uint64_t base = c->s1_root0;
  uint64_t e = 0;
  bool huge = false;
  unsigned top = c->s1_mode == MMU_S1_SV39 ? 2 : 3;
  for (unsigned h = top + 1; h-- != 0;) {
    at->height = h;
    at->pa = base + 8 * (va >> (12 + 9 * h) & 511);
    e = *fk_word(k, at->pa);
    huge = fk_is_huge(a, h, e);
    if (huge) {
      assert_int_equal(fk_target(a, e) & 0x1fffff, 0);
      break;
    }
    if (!fk_is_present(a, e)) return FK_ABSENT;
    if (h != 0) {
      if (a == MMU_ARCH_RISCV) assert_int_equal(e & 0xfe, 0); /* a pointer, nothing reserved set */
      if (a == MMU_ARCH_X86) assert_int_equal(e & 0x80, 0);
      base = fk_target(a, e);
    }
  }
  uint64_t old = e;
  bool may_write = false;
  bool may_exec = false;
  bool user = false;
  bool accessed = false;
  bool dirty = false;
  if (a == MMU_ARCH_X86) {
    user = (e & 4) != 0;
    may_write = (e & 2) != 0;
    may_exec = e >> 63 == 0;
    accessed = (e & 0x20) != 0;
    dirty = (e & 0x40) != 0;
  } else if (a == MMU_ARCH_ARM) {
    user = (e >> 6 & 1) != 0;
    dirty = (e >> 7 & 1) == 0;
    may_write = dirty || (k->cfg.hw_d && (e >> 51 & 1) != 0);
    may_exec = (e >> 54 & 1) == 0;
    accessed = (e >> 10 & 1) != 0;
    if (!accessed && !k->cfg.hw_a) return FK_NO_A;
  } else {
    user = (e & 0x10) != 0;
    may_write = (e & 4) != 0;
    may_exec = (e & 8) != 0;
    accessed = (e & 0x40) != 0;
    dirty = (e & 0x80) != 0;
    assert_true((e & 2) != 0 || (e & 4) == 0);
  }
  if (!user || (write && !may_write) || (fetch && !may_exec)) return FK_REFUSED;
  if (a == MMU_ARCH_RISCV && !k->cfg.hw_a && (!accessed || (write && !dirty))) return FK_REFUSED;
  bool set_d = write && !dirty;
  if (a == MMU_ARCH_X86)
    e |= 0x20 | (set_d ? 0x40 : 0);
  else if (a == MMU_ARCH_ARM)
    e = (e | UINT64_C(1) << 10) & ~(set_d ? UINT64_C(1) << 7 : 0);
  else
    e |= 0x40 | (set_d ? 0x80 : 0);
  uint64_t epoch = k->epoch;
  if (!k->at_once) fk_yield(k);
  if (epoch != k->epoch || *fk_word(k, at->pa) != old) return FK_LOST;
  if (k->blind && !accessed) e = (e & ~UINT64_C(0x20)) | (old & 0x20); /* x86 only */
  *fk_word(k, at->pa) = e;
  k->a_updates += !accessed;
  k->d_updates += set_d;
  *fill = (struct fk_tlb){.vpn = huge ? va >> 21 << 9 : va >> 12,
                          .huge = huge,
                          .pfn = (uint32_t)(fk_target(a, e) >> 12),
                          .asid = c->asid,
                          .valid = true,
                          .write = may_write,
                          .exec = may_exec,
                          .dirty = dirty || set_d};
  return FK_OK;
}

static struct mmu_syndrome fk_syndrome(enum mmu_arch a, enum fk_result r, const struct fk_leaf *at,
                                       uint64_t va, bool write, bool fetch) {
  struct mmu_syndrome s = {0};
  if (a == MMU_ARCH_X86) {
    s.reg[0] = 14;
    s.reg[1] = (r != FK_ABSENT) | (write ? 2u : 0u) | 4u | (fetch ? 16u : 0u);
    s.reg[2] = va;
  } else if (a == MMU_ARCH_ARM) {
    unsigned family = r == FK_ABSENT ? 4 : r == FK_NO_A ? 8 : 12;
    s.reg[0] = (uint64_t)(fetch ? 0x20 : 0x24) << 26 | 1u << 25 | (write ? 1u << 6 : 0u) | family |
               (3 - at->height);
    s.reg[1] = va;
  } else {
    s.reg[0] = fetch ? 12 : write ? 15 : 13;
    s.reg[1] = va;
  }
  return s;
}

/* The frame that an access reaches without any help from the kernel, now; 0 if it would fault. */
static inline uint32_t fk_access_now(struct fake *k, struct os_task *t, uint64_t va, bool write,
                                     bool fetch) {
  const struct mmu_context *c = os_task_context(t);
  for (size_t i = 0; i < k->tlb_size; i++) {
    const struct fk_tlb *e = &k->tlb[i];
    if (!e->valid || !fk_tlb_covers(e, va >> 12) || e->asid != c->asid) continue;
    if ((!write || (e->write && e->dirty)) && (!fetch || e->exec)) return fk_tlb_frame(e, va);
  }
  struct fk_leaf at;
  struct fk_tlb fill;
  k->at_once = true;
  enum fk_result r = fk_walk(k, c, va, write, fetch, &at, &fill);
  k->at_once = false;
  if (r != FK_OK) return 0;
  k->tlb[fk_rnd(k, k->tlb_size)] = fill;
  return fk_tlb_frame(&fill, va);
}

/* The frame that a user access reaches, after all faults were served; 0 if the task was killed. No
 * time passes between the answer and the return. */
static inline uint32_t fk_access(struct fake *k, struct os_task *t, uint64_t va, bool write,
                                 bool fetch) {
  const struct mmu_context *c = os_task_context(t);
  for (unsigned tries = 0; tries < 2000; tries++) {
    fk_yield(k);
    if (os_task_death(t) != NULL) return 0;
    for (size_t i = 0; i < k->tlb_size; i++) {
      const struct fk_tlb *e = &k->tlb[i];
      if (!e->valid || !fk_tlb_covers(e, va >> 12) || e->asid != c->asid) continue;
      if (write && !(e->write && e->dirty)) continue;
      if (fetch && !e->exec) continue;
      return fk_tlb_frame(e, va);
    }
    struct fk_leaf at;
    struct fk_tlb fill;
    enum fk_result r = fk_walk(k, c, va, write, fetch, &at, &fill);
    if (r == FK_OK) {
      k->tlb[fk_rnd(k, k->tlb_size)] = fill;
      return fk_tlb_frame(&fill, va);
    }
    if (r == FK_LOST) continue;
    struct mmu_syndrome s = fk_syndrome(k->cfg.arch, r, &at, va, write, fetch);
    k->faults++;
    if (os_fault(t, &s) == OS_KILL) return 0;
  }
  fail_msg("access to %#llx never gets through", (unsigned long long)va);
  return 0;
}

#endif

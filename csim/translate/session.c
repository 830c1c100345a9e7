// SPDX-License-Identifier: Apache-2.0
// Executes translate statements: registers, memory, accesses, invalidations. docs/translate.md.
// Promises: a case sees nothing of the cases before it (cleared memory, an invalidation of
// everything, reset registers); what is before the first case is repeated for each.
#include "translate/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem/physmem.h"
#include "timing/memtiming.h"
#include "translate/sysregs.h"

struct statement_list {
  struct statement *at;
  size_t count, room;
};

struct lane { /* one architecture's hardware */
  struct mmu_backend *backend;
  struct memtiming *timing;
  bool cached;
  uint32_t cycles;
  bool used;     /* since it was last invalidated as a whole */
  bool two_used; /* with a stage 2 */
};

struct session {
  session_backend_fn *make;
  uint64_t seed;
  struct physmem *memory;
  struct lane lane[MMU_ARCH_COUNT];
  struct sysregs regs;
  enum mmu_arch arch;
  enum mmu_s2_mode s2_mode;
  bool cached, accessed, in_case, marked;
  uint32_t cycles;
  struct statement_list common;
  uint64_t *frame; /* frames written in this case */
  size_t frames, frame_room;
  char case_name[STATEMENT_NAME];
  struct translation *recording;
};

struct session *session_create(session_backend_fn *make, uint64_t seed, char *err, size_t err_len) {
  struct session *s = calloc(1, sizeof *s);
  if (s != NULL) s->memory = physmem_create(UINT64_C(1) << 52);
  if (s == NULL || s->memory == NULL) {
    snprintf(err, err_len, "out of memory");
    free(s);
    return NULL;
  }
  s->make = make;
  s->seed = seed;
  s->arch = MMU_ARCH_COUNT;
  s->cycles = 1;
  return s;
}

static void lane_close(struct lane *l) {
  if (l->backend != NULL) l->backend->ops->destroy(l->backend);
  memtiming_destroy(l->timing);
  *l = (struct lane){0};
}

void session_destroy(struct session *s) {
  if (s == NULL) return;
  for (size_t i = 0; i < MMU_ARCH_COUNT; i++)
    lane_close(&s->lane[i]);
  physmem_destroy(s->memory);
  free(s->common.at);
  free(s->frame);
  free(s);
}

enum mmu_arch session_arch(const struct session *s) {
  return s->arch;
}

static enum session_result failed(char *err, size_t err_len, const char *why) {
  snprintf(err, err_len, "%s", why);
  return SESSION_FAILED;
}

static void record(void *self, const struct mmu_event *ev) {
  struct session *s = self;
  struct translation *t = s->recording;
  if (t == NULL || (ev->kind != MMU_EV_READ && ev->kind != MMU_EV_CAS)) return;
  const bool swap = ev->kind == MMU_EV_CAS;
  if (swap)
    t->swaps++;
  else
    t->reads++;
  if (t->steps == TRANSLATION_STEPS) {
    t->dropped++;
    return;
  }
  t->step[t->steps++] = (struct translation_step){.addr = ev->addr,
                                                  .value = ev->old,
                                                  .desired = ev->desired,
                                                  .level = ev->level,
                                                  .stage = ev->stage,
                                                  .error = ev->error,
                                                  .swap = swap,
                                                  .ok = ev->ok};
}

/* The backend of the architecture in force, with the memory timing in force. NULL: err. */
static struct lane *lane_open(struct session *s, char *err, size_t err_len) {
  struct lane *l = &s->lane[s->arch];
  if (l->backend != NULL && l->cached == s->cached && l->cycles == s->cycles) return l;
  lane_close(l);
  struct memtiming_config timing = memtiming_default();
  if (!s->cached) timing = (struct memtiming_config){.dram_cycles = s->cycles};
  l->timing = memtiming_create(&timing, err, err_len);
  if (l->timing == NULL) return NULL;
  const struct mmu_backend_config cfg = {
      .arch = s->arch,
      .geometry = mmu_geometry_default(),
      .memory = s->memory,
      .timing = l->timing,
      .observer = {record, s},
      .seed = s->seed,
  };
  l->backend = s->make(&cfg, err, err_len);
  l->cached = s->cached;
  l->cycles = s->cycles;
  return l->backend != NULL ? l : NULL;
}

static int invalidate(const struct lane *l, const struct mmu_inval *inv, char *err,
                      size_t err_len) {
  if (mmu_invalidate_wait(l->backend, inv) == 0) return 0;
  const char *why = l->backend->ops->error(l->backend);
  snprintf(err, err_len, "%s", why != NULL ? why : "the invalidation did not complete");
  return -1;
}

/* ---- cases -------------------------------------------------------------------------------- */

static enum session_result set_arch(struct session *s, const struct statement *st, char *err,
                                    size_t err_len) {
  if (s->accessed && s->arch != st->arch) {
    snprintf(err, err_len, "the architecture changes after an access; start another case");
    return SESSION_BAD_INPUT;
  }
  s->arch = st->arch;
  sysregs_reset(&s->regs, s->arch);
  return SESSION_DONE;
}

static enum session_result forget(struct session *s, char *err, size_t err_len) {
  static const uint8_t everything[MMU_ARCH_COUNT] = {
      [MMU_ARCH_X86] = MMU_INV_X86_ALL_GLOBAL,
      [MMU_ARCH_ARM] = MMU_INV_ARM_VMALLE1,
      [MMU_ARCH_RISCV] = MMU_INV_RISCV_ALL,
  };
  static const uint8_t stage2[MMU_ARCH_COUNT] = {
      /* of all guests */
      [MMU_ARCH_X86] = MMU_INV_AMD_ALL,
      [MMU_ARCH_ARM] = MMU_INV_ARM_ALLE1,
      [MMU_ARCH_RISCV] = MMU_INV_RISCV_GVMA_ALL,
  };
  for (size_t a = 0; a < MMU_ARCH_COUNT; a++) {
    struct lane *l = &s->lane[a];
    if (l->backend == NULL || !l->used) continue;
    if (invalidate(l, &(struct mmu_inval){.kind = everything[a]}, err, err_len) != 0)
      return SESSION_FAILED;
    if (l->two_used && invalidate(l, &(struct mmu_inval){.kind = stage2[a]}, err, err_len) != 0)
      return SESSION_FAILED;
    memtiming_flush(l->timing);
    l->used = l->two_used = false;
  }
  for (size_t i = 0; i < s->frames; i++)
    physmem_clear_frame(s->memory, s->frame[i], MEM_WRITER_LOADER);
  s->frames = 0;
  if (s->marked) physmem_set_error(s->memory, 0, UINT64_MAX, MMU_MEM_OK);
  s->marked = false;
  s->arch = MMU_ARCH_COUNT;
  s->s2_mode = MMU_S2_OFF;
  s->cached = s->accessed = false;
  s->cycles = 1;
  return SESSION_DONE;
}

static bool keep_common(struct session *s, const struct statement *st) {
  struct statement_list *l = &s->common;
  if (l->count == l->room) {
    const size_t room = l->room * 2 + 16;
    struct statement *bigger = realloc(l->at, room * sizeof *bigger);
    if (bigger == NULL) return false;
    l->at = bigger;
    l->room = room;
  }
  l->at[l->count++] = *st;
  return true;
}

/* ---- the other statements --------------------------------------------------------------- */

static bool remember_frame(struct session *s, uint64_t addr) {
  const uint64_t frame = addr & ~UINT64_C(0xfff);
  if (s->frames > 0 && s->frame[s->frames - 1] == frame) return true;
  if (s->frames == s->frame_room) {
    const size_t room = s->frame_room * 2 + 64;
    uint64_t *bigger = realloc(s->frame, room * sizeof *bigger);
    if (bigger == NULL) return false;
    s->frame = bigger;
    s->frame_room = room;
  }
  s->frame[s->frames++] = frame;
  return true;
}

static enum session_result write_memory(struct session *s, const struct statement *st, char *err,
                                        size_t err_len) {
  for (size_t i = 0; i < st->count; i++) {
    const uint64_t addr = st->addr + 8 * i;
    if (!remember_frame(s, addr)) return failed(err, err_len, "out of memory");
    const enum mmu_mem_error e = physmem_write64(s->memory, addr, st->value[i], MEM_WRITER_LOADER);
    if (e == MMU_MEM_OK) continue;
    snprintf(err, err_len, "0x%llx answers with an error; write the memory before its error line",
             (unsigned long long)addr);
    return SESSION_BAD_INPUT;
  }
  return SESSION_DONE;
}

static enum session_result set_timing(struct session *s, const struct statement *st, char *err,
                                      size_t err_len) {
  if (s->accessed) {
    snprintf(err, err_len, "memory timing changes after an access; write it before");
    return SESSION_BAD_INPUT;
  }
  s->cached = st->cached;
  s->cycles = st->cycles;
  return SESSION_DONE;
}

static enum session_result set_error(struct session *s, const struct statement *st, char *err,
                                     size_t err_len) {
  s->marked = true;
  if (physmem_set_error(s->memory, st->addr, st->last, st->error) == 0) return SESSION_DONE;
  snprintf(err, err_len, "more than 64 ranges with errors");
  return SESSION_BAD_INPUT;
}

/* The context of an access under the registers. */
static int context(const struct session *s, enum mmu_priv priv, struct mmu_context *ctx, char *err,
                   size_t err_len) {
  if (s->s2_mode >= MMU_S2_EPT)
    return sysregs_guest_context(&s->regs, priv, s->s2_mode, ctx, err, err_len);
  int rc = sysregs_context(&s->regs, priv, ctx, err, err_len);
  ctx->s2_mode = (uint8_t)s->s2_mode;
  return rc;
}

static enum session_result do_inval(struct session *s, const struct statement *st, char *err,
                                    size_t err_len) {
  struct mmu_context ctx;
  if (context(s, MMU_SUPERVISOR, &ctx, err, err_len) != 0) return SESSION_BAD_INPUT;
  struct lane *l = lane_open(s, err, err_len);
  if (l == NULL) return SESSION_FAILED;
  struct mmu_inval inv = st->inval;
  if (!st->has_asid) inv.asid = ctx.asid;
  if (!st->has_vmid) inv.vmid = ctx.vmid;
  l->used = true;
  return invalidate(l, &inv, err, err_len) == 0 ? SESSION_DONE : SESSION_FAILED;
}

static enum session_result do_access(struct session *s, const struct statement *st,
                                     struct translation *t, char *err, size_t err_len) {
  t->case_name = s->case_name;
  t->line = st->line;
  t->arch = s->arch;
  t->priv = st->priv;
  t->va = st->addr;
  t->access = st->access;
  t->steps = t->dropped = 0;
  t->reads = t->swaps = 0;
  if (context(s, st->priv, &t->ctx, err, err_len) != 0) return SESSION_BAD_INPUT;
  struct lane *l = lane_open(s, err, err_len);
  if (l == NULL) return SESSION_FAILED;
  const struct mmu_request req = {
      .va = st->addr,
      .access = st->access,
      .ctx = &t->ctx,
      .port = st->access.kind == MMU_FETCH ? MMU_PORT_FETCH : MMU_PORT_DATA,
  };
  const uint64_t before = l->backend->ops->now(l->backend);
  s->accessed = l->used = true;
  l->two_used = l->two_used || s->s2_mode >= MMU_S2_EPT;
  s->recording = t;
  const int rc = mmu_translate(l->backend, &req, &t->response);
  s->recording = NULL;
  if (rc != 0) {
    const char *why = l->backend->ops->error(l->backend);
    return failed(err, err_len, why != NULL ? why : "no answer came");
  }
  t->cycles = t->response.cycle - before;
  return SESSION_TRANSLATED;
}

/* A statement that only sets something. */
static enum session_result apply(struct session *s, const struct statement *st, char *err,
                                 size_t err_len) {
  switch (st->kind) {
    case STATEMENT_ARCH:
      return set_arch(s, st, err, err_len);
    case STATEMENT_REG:
      sysregs_set(&s->regs, st->name, st->value[0]); /* the parser tried it */
      return SESSION_DONE;
    case STATEMENT_MEM:
      return write_memory(s, st, err, err_len);
    case STATEMENT_ERROR:
      return set_error(s, st, err, err_len);
    case STATEMENT_MEMORY:
      return set_timing(s, st, err, err_len);
    case STATEMENT_STAGE2:
      s->s2_mode = st->s2_mode;
      return SESSION_DONE;
    case STATEMENT_INVAL:
      return do_inval(s, st, err, err_len);
    default:
      return SESSION_DONE;
  }
}

static enum session_result start_case(struct session *s, const struct statement *st, char *err,
                                      size_t err_len) {
  if (!s->in_case && s->accessed) {
    snprintf(err, err_len, "accesses come before the first case; move them into a case");
    return SESSION_BAD_INPUT;
  }
  enum session_result rc = forget(s, err, err_len);
  s->in_case = true;
  snprintf(s->case_name, sizeof s->case_name, "%s", st->name);
  for (size_t i = 0; i < s->common.count && rc == SESSION_DONE; i++)
    rc = apply(s, &s->common.at[i], err, err_len);
  return rc;
}

enum session_result session_do(struct session *s, const struct statement *st,
                               struct translation *out, char *err, size_t err_len) {
  if (st->kind == STATEMENT_CASE) return start_case(s, st, err, err_len);
  if (st->kind == STATEMENT_ACCESS) return do_access(s, st, out, err, err_len);
  if (!s->in_case && !keep_common(s, st)) return failed(err, err_len, "out of memory");
  return apply(s, st, err, err_len);
}

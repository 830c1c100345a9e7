/* SPDX-License-Identifier: Apache-2.0
 * Cases on a backend of our own. Promise: nothing of one case is left for the next, neither in
 * memory nor in a TLB. */
#include "oracle/replay.h"

#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "mem/physmem.h"

struct oracle_replay {
  const struct oracle_arch *arch;
  struct physmem *memory;
  struct mmu_backend *backend;
};

typedef struct mmu_backend *make_fn(const struct mmu_backend_config *cfg, char *err, size_t len);

static make_fn *maker(const char *name) {
  if (strcmp(name, "rtl") == 0) return mmu_backend_rtl;
  if (strcmp(name, "model") == 0) return mmu_backend_model;
  return strcmp(name, "lockstep") == 0 ? mmu_backend_lockstep : NULL;
}

struct oracle_replay *oracle_replay_new(const struct oracle_arch *arch, const char *backend,
                                        char *err, size_t err_len) {
  make_fn *make = maker(backend);
  struct oracle_replay *r = calloc(1, sizeof *r);
  snprintf(err, err_len, "no backend \"%s\"; there are rtl, model, lockstep", backend);
  if (make == NULL || r == NULL) {
    free(r);
    return NULL;
  }
  r->arch = arch;
  r->memory = physmem_create(arch->ram + arch->ram_bytes);
  struct mmu_backend_config cfg = {
      .arch = arch->arch, .geometry = mmu_geometry_default(), .memory = r->memory, .seed = 1};
  if (r->memory != NULL) {
    physmem_set_error(r->memory, 0, arch->ram - 1, MMU_MEM_BUS);
    r->backend = make(&cfg, err, err_len);
  }
  if (r->backend != NULL) return r;
  oracle_replay_free(r);
  return NULL;
}

void oracle_replay_free(struct oracle_replay *r) {
  if (r->backend != NULL) r->backend->ops->destroy(r->backend);
  if (r->memory != NULL) physmem_destroy(r->memory);
  free(r);
}

static int translate(struct oracle_replay *r, const struct oracle_access *a,
                     struct mmu_response *out) {
  struct mmu_context ctx = a->ctx;
  struct mmu_request q = {.va = a->va,
                          .access = a->acc,
                          .ctx = &ctx,
                          .port = a->acc.kind == MMU_FETCH ? MMU_PORT_FETCH : MMU_PORT_DATA};
  if (ctx.s2_mode <= MMU_S2_PASS) { /* then the interface has one MXR */
    ctx.mxr = ctx.mxr || ctx.s2_mxr;
    ctx.s2_mxr = ctx.s2_ptw = false;
  }
  return mmu_translate(r->backend, &q, out);
}

static void perform(struct oracle_replay *r, const struct oracle_access *a, uint64_t pa,
                    struct oracle_outcome *o) {
  uint64_t value = 0;
  o->taker = ORACLE_NOBODY;
  if (a->acc.op == MMU_OP_TRANSLATE) {
    o->value = oracle_par_of_address(pa);
    return;
  }
  physmem_read64(r->memory, pa & ~UINT64_C(7), &value);
  if (a->acc.kind == MMU_FETCH) {
    o->value = value == r->arch->landing(pa) ? oracle_page_number(pa) : UINT64_MAX;
    return;
  }
  o->value = a->acc.size == 2 ? value & UINT32_MAX : value;
  if (a->acc.kind != MMU_READ)
    physmem_write64(r->memory, pa & ~UINT64_C(7), oracle_stored(value, a->acc.size), MEM_WRITER_OS);
}

/* AT stops after stage 1, a backend does not: what stage 2 makes of the last address is not told.
 */
static bool beyond_us(const struct oracle_access *a, const struct mmu_response *q) {
  const struct mmu_fault *f = &q->fault;
  if (a->acc.op != MMU_OP_TRANSLATE || a->ctx.s2_mode <= MMU_S2_PASS) return false;
  return q->status == MMU_OK || (f->stage2 && !f->on_walk && !f->on_ad_write);
}

static void take(const struct oracle_access *a, const struct mmu_syndrome *s, uint8_t cause,
                 struct oracle_outcome *o) {
  bool to_hyp = s->to_hyp || a->by_hypervisor;
  if (a->acc.op == MMU_OP_TRANSLATE && !to_hyp && cause != MMU_CAUSE_BUS) {
    o->taker = ORACLE_NOBODY;
    o->value = oracle_par_of_fault(s->reg[0]);
    return;
  }
  o->taker = to_hyp ? ORACLE_HYPERVISOR : ORACLE_GUEST;
  o->gva = s->gva || a->by_hypervisor;
  memcpy(o->reg, s->reg, sizeof o->reg);
}

static int run_accesses(struct oracle_replay *r, const struct oracle_case *c,
                        struct oracle_outcome *seen) {
  struct oracle_access list[ORACLE_ACCESSES], vector;
  struct mmu_response q = {0};
  unsigned n = r->arch->accesses(c, list);
  for (unsigned i = 0; i < n; i++) {
    if (translate(r, &list[i], &q) != 0) return -1;
    if (beyond_us(&list[i], &q)) return ORACLE_REPLAY_UNTOLD;
    if (q.status == MMU_OK) continue;
    take(&list[i], &q.syndrome, q.fault.cause, seen);
    if (seen->taker != ORACLE_GUEST || r->arch->vector == NULL) return 0;
    r->arch->vector(c, &vector);
    return translate(r, &vector, &q);
  }
  perform(r, &list[n - 1], q.pa, seen);
  return 0;
}

/* Every translation of every guest. */
static int forget(struct oracle_replay *r) {
  static const uint8_t kinds[MMU_ARCH_COUNT][2] = {
      [MMU_ARCH_X86] = {MMU_INV_AMD_ALL, MMU_INV_X86_EPT_ALL},
      [MMU_ARCH_ARM] = {MMU_INV_ARM_ALLE1, MMU_INV_ARM_ALLE1},
      [MMU_ARCH_RISCV] = {MMU_INV_RISCV_GVMA_ALL, MMU_INV_RISCV_ALL}};
  for (unsigned i = 0; i < 2; i++) {
    struct mmu_inval inv = {.kind = kinds[r->arch->arch][i]};
    if (mmu_invalidate_wait(r->backend, &inv) != 0) return -1;
  }
  return 0;
}

int oracle_replay_run(struct oracle_replay *r, const struct oracle_case *c,
                      struct oracle_outcome *seen, char *err, size_t err_len) {
  const struct oracle_memory *m = &c->memory;
  *seen = (struct oracle_outcome){.memory = *m};
  for (uint32_t i = 0; i < m->count; i++)
    physmem_write64(r->memory, m->word[i].addr, m->word[i].value, MEM_WRITER_OS);
  int status = run_accesses(r, c, seen);
  for (uint32_t i = 0; i < m->count; i++) {
    physmem_read64(r->memory, m->word[i].addr, &seen->memory.word[i].value);
    physmem_write64(r->memory, m->word[i].addr, 0, MEM_WRITER_OS);
  }
  if (status >= 0 && forget(r) != 0) status = -1;
  if (status < 0) {
    const char *why = r->backend->ops->error(r->backend);
    snprintf(err, err_len, "%s", why != NULL ? why : "it gave no answer");
  }
  return status;
}

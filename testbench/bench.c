/* SPDX-License-Identifier: Apache-2.0
 * The bench: port protocol of testbench/shim.h, a memory whose latency, stalls and errors are
 * chosen by the test, and the records. Deterministic: all choices come from the seed. */
#include "testbench/bench.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const hw_names[MMU_ARCH_COUNT] = {"x86", "arm", "riscv"};

const struct hw_ops *bench_hw(enum mmu_arch arch) {
  const char *path = getenv("COWALK_HW");
  if (path == NULL || path[0] == '\0') {
    return arch == MMU_ARCH_X86   ? hw_ops_x86()
           : arch == MMU_ARCH_ARM ? hw_ops_arm()
                                  : hw_ops_riscv();
  }
  void *so = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (so == NULL) {
    fprintf(stderr, "COWALK_HW: %s\n", dlerror());
    exit(2);
  }
  const struct hw_ops *(*entry)(void);
  void *symbol = dlsym(so, "hw_ops_entry");
  if (symbol == NULL) {
    fprintf(stderr, "COWALK_HW: %s exports no hw_ops_entry\n", path);
    exit(2);
  }
  memcpy(&entry, &symbol, sizeof entry);
  const struct hw_ops *ops = entry();
  return strcmp(ops->name, hw_names[arch]) == 0 ? ops : NULL;
}

static uint64_t next_random(struct bench *b) {
  b->random ^= b->random << 13;
  b->random ^= b->random >> 7;
  b->random ^= b->random << 17;
  return b->random;
}

void bench_complain(struct bench *b, const char *format, ...) {
  if (b->problem[0] != '\0') return;
  va_list args;
  va_start(args, format);
  vsnprintf(b->problem, sizeof b->problem, format, args);
  va_end(args);
}

struct bench *bench_new(const struct hw_ops *ops, uint64_t seed) {
  struct bench *b = calloc(1, sizeof *b);
  if (b == NULL) return NULL;
  b->ops = ops;
  b->hw = ops->create(seed);
  b->mem = physmem_create(UINT64_C(1) << 52);
  if (b->hw == NULL || b->mem == NULL) {
    bench_free(b);
    return NULL;
  }
  bench_memory(b, 1, 0, 0, seed);
  bench_clear_memory(b, 0x100000);
  bench_reset(b);
  return b;
}

void bench_free(struct bench *b) {
  if (b == NULL) return;
  if (b->hw != NULL) b->ops->destroy(b->hw);
  if (b->mem != NULL) physmem_destroy(b->mem);
  free(b);
}

void bench_forget(struct bench *b) {
  b->requests = b->invals = b->accesses = 0;
  b->walks = b->pwc_hits = b->nested_hits = b->merges = b->overlaps = b->restarts = 0;
  b->error_at = SIZE_MAX;
}

void bench_reset(struct bench *b) {
  b->replies = 0;
  b->offer_stands = false;
  b->reg_offered = false;
  b->problem[0] = '\0';
  bench_forget(b);
  b->ops->reset(b->hw, &b->out);
}

void bench_clear_memory(struct bench *b, uint64_t base) {
  for (size_t i = 0; i < b->frames; i++) {
    physmem_clear_frame(b->mem, b->frame[i], MEM_WRITER_LOADER);
  }
  b->frames = 0;
  b->frame_base = base;
}

void bench_memory(struct bench *b, unsigned latency, unsigned jitter, unsigned stall,
                  uint64_t seed) {
  b->latency = latency;
  b->jitter = jitter;
  b->stall = stall;
  b->random = seed * 2 + 1;
  b->error_at = SIZE_MAX;
}

void bench_error(struct bench *b, size_t nth, enum mmu_mem_error error) {
  b->error_at = b->accesses + nth;
  b->error = error;
}

uint64_t bench_frame(struct bench *b) {
  if (b->frames == BENCH_FRAMES) {
    bench_complain(b, "the test needs more than %d frames", BENCH_FRAMES);
    return b->frame[0];
  }
  uint64_t addr = b->frame_base + 4096 * (uint64_t)b->frames;
  b->frame[b->frames++] = addr;
  return addr;
}

uint64_t bench_peek(const struct bench *b, uint64_t addr) {
  uint64_t value = 0;
  (void)physmem_read64(b->mem, addr, &value);
  return value;
}

void bench_poke(struct bench *b, uint64_t addr, uint64_t value) {
  (void)physmem_write64(b->mem, addr, value, MEM_WRITER_OS);
}

size_t bench_ask(struct bench *b, uint64_t va, const struct mmu_access *access,
                 const struct mmu_context *ctx) {
  if (b->requests == BENCH_REQUESTS) {
    bench_complain(b, "the test asks more than %d requests", BENCH_REQUESTS);
    return 0;
  }
  size_t i = b->requests++;
  struct bench_request *r = &b->request[i];
  *r = (struct bench_request){
      .ctx = *ctx, .offered = b->now, .accepted = BENCH_NEVER, .answered = BENCH_NEVER};
  r->req = (struct mmu_request){.va = va,
                                .access = *access,
                                .ctx = &r->ctx,
                                .tag = (uint8_t)i,
                                .port = access->kind == MMU_FETCH ? MMU_PORT_FETCH : MMU_PORT_DATA};
  return i;
}

size_t bench_ask_from_regs(struct bench *b, uint64_t va, const struct mmu_access *access,
                           const struct mmu_context *ctx) {
  size_t i = bench_ask(b, va, access, ctx);
  b->request[i].req.from_regs = true;
  return i;
}

void bench_reg(struct bench *b, bool write, uint16_t offset, uint64_t value) {
  b->reg_offered = true;
  b->reg = (struct hw_reg_access){.write = write, .offset = offset, .value = value};
}

static uint64_t reg_access(struct bench *b, bool write, uint16_t offset, uint64_t value) {
  bench_reg(b, write, offset, value);
  bench_step(b);
  if (b->out.reg_error) bench_complain(b, "register access at %#x refused", offset);
  return b->out.reg_value;
}

uint64_t bench_reg_read(struct bench *b, uint16_t offset) {
  return reg_access(b, false, offset, 0);
}

void bench_reg_write(struct bench *b, uint16_t offset, uint64_t value) {
  (void)reg_access(b, true, offset, value);
}

size_t bench_invalidate(struct bench *b, enum mmu_inval_kind kind, uint64_t addr, uint16_t asid,
                        uint16_t vmid) {
  if (b->invals == BENCH_INVALS) {
    bench_complain(b, "the test starts more than %d invalidations", BENCH_INVALS);
    return 0;
  }
  size_t i = b->invals++;
  b->inval[i] = (struct bench_inval){.inv = {.addr = addr,
                                             .asid = asid,
                                             .vmid = vmid,
                                             .kind = (uint8_t)kind,
                                             .id = (uint8_t)(0x40 + i)},
                                     .offered = b->now,
                                     .accepted = BENCH_NEVER,
                                     .done = BENCH_NEVER};
  return i;
}

/* ---- one cycle ---------------------------------------------------------------------------------
 */

static void check_offer(struct bench *b) {
  const struct hw_out *a = &b->last_offer;
  const struct hw_out *o = &b->out;
  if (b->offer_stands &&
      (!o->mem_req_valid || o->mem_req_cas != a->mem_req_cas || o->mem_req_id != a->mem_req_id ||
       o->mem_req_addr != a->mem_req_addr || o->mem_req_desired != a->mem_req_desired)) {
    bench_complain(b, "cycle %llu: a standing memory offer changed", (unsigned long long)b->now);
  }
}

static void memory_take(struct bench *b, struct hw_in *in) {
  const struct hw_out *o = &b->out;
  check_offer(b);
  b->last_offer = *o;
  b->offer_stands = o->mem_req_valid;
  if (!o->mem_req_valid || b->replies == sizeof b->reply / sizeof b->reply[0]) return;
  if (b->stall != 0 && (next_random(b) >> 20) % 256 < b->stall) return;
  b->offer_stands = false;
  in->mem_req_ready = true;

  struct bench_access a = {.cycle = b->now,
                           .addr = o->mem_req_addr,
                           .expected = o->mem_req_expected,
                           .desired = o->mem_req_desired,
                           .stage = o->mem_req_stage,
                           .level = o->mem_req_level,
                           .port = o->mem_req_port,
                           .tag = o->mem_req_tag,
                           .slot = o->mem_req_slot,
                           .cas = o->mem_req_cas};
  if (b->accesses == b->error_at) {
    a.error = (uint8_t)b->error;
    a.old = next_random(b);
  } else if (a.cas) {
    a.error =
        (uint8_t)physmem_cas64(b->mem, a.addr, a.expected, a.desired, MEM_WRITER_HW, &a.old, &a.ok);
  } else {
    a.error = (uint8_t)physmem_read64(b->mem, a.addr, &a.old);
  }
  if (b->accesses < BENCH_ACCESSES) {
    b->access[b->accesses++] = a;
  } else {
    bench_complain(b, "more than %d table accesses", BENCH_ACCESSES);
  }
  unsigned extra = b->jitter == 0 ? 0 : (unsigned)((next_random(b) >> 24) % (b->jitter + 1));
  b->reply[b->replies++] = (struct bench_reply){.due = b->now + b->latency + extra,
                                                .old = a.old,
                                                .id = o->mem_req_id,
                                                .error = a.error,
                                                .ok = a.ok};
}

static void memory_answer(struct bench *b, struct hw_in *in) {
  size_t first = b->replies;
  for (size_t i = 0; i < b->replies; i++) {
    if (b->reply[i].due <= b->now && (first == b->replies || b->reply[i].due < b->reply[first].due))
      first = i;
  }
  if (first == b->replies) return;
  in->mem_rsp_valid = true;
  in->mem_rsp_id = b->reply[first].id;
  in->mem_rsp_error = b->reply[first].error;
  in->mem_rsp_ok = b->reply[first].ok;
  in->mem_rsp_old = b->reply[first].old;
  b->reply[first] = b->reply[--b->replies];
}

static struct bench_request *offered(struct bench *b, enum mmu_port port) {
  for (size_t i = 0; i < b->requests; i++) {
    if (b->request[i].req.port == port && b->request[i].accepted == BENCH_NEVER)
      return &b->request[i];
  }
  return NULL;
}

static void take_answer(struct bench *b, const struct mmu_response *r, enum mmu_port port) {
  if (r->tag >= b->requests || b->request[r->tag].req.port != port ||
      b->request[r->tag].accepted == BENCH_NEVER) {
    bench_complain(b, "cycle %llu: an answer with tag %u that nobody asked for",
                   (unsigned long long)b->now, r->tag);
    return;
  }
  struct bench_request *q = &b->request[r->tag];
  if (q->answered != BENCH_NEVER) {
    bench_complain(b, "cycle %llu: tag %u is answered twice", (unsigned long long)b->now, r->tag);
    return;
  }
  q->answered = b->now;
  q->response = *r;
  q->response.cycle = b->now;
}

void bench_step(struct bench *b) {
  struct hw_in in = {0};
  struct bench_request *fetch = offered(b, MMU_PORT_FETCH);
  struct bench_request *data = offered(b, MMU_PORT_DATA);
  if (fetch != NULL) {
    in.fetch = &fetch->req;
    if (b->out.fetch_ready) fetch->accepted = b->now;
  }
  if (data != NULL) {
    in.data = &data->req;
    if (b->out.data_ready) data->accepted = b->now;
  }
  for (size_t i = 0; i < b->invals; i++) {
    if (b->inval[i].accepted != BENCH_NEVER) continue;
    in.inval = &b->inval[i].inv;
    if (b->out.inval_ready) b->inval[i].accepted = b->now;
    break;
  }
  if (b->reg_offered) in.reg = &b->reg;
  in.time = (uint32_t)b->now;
  memory_take(b, &in);
  memory_answer(b, &in);

  if (b->ops->step(b->hw, &in, &b->out) != 0) {
    bench_complain(b, "cycle %llu: the hardware stopped: %s", (unsigned long long)b->now,
                   b->ops->error(b->hw));
  }
  b->now++;

  const struct hw_out *o = &b->out;
  if (o->reg_valid != b->reg_offered)
    bench_complain(b, "cycle %llu: a register access %s", (unsigned long long)b->now,
                   o->reg_valid ? "is answered that was not made" : "is not answered");
  b->reg_offered = false;
  for (int p = 0; p < 2; p++) {
    if (o->hit_valid[p]) take_answer(b, &o->hit[p], (enum mmu_port)p);
    if (o->miss_valid[p]) take_answer(b, &o->miss[p], (enum mmu_port)p);
  }
  if (o->inval_done) {
    size_t i = (size_t)o->inval_id - 0x40;
    if (i >= b->invals || b->inval[i].accepted == BENCH_NEVER || b->inval[i].done != BENCH_NEVER) {
      bench_complain(b, "cycle %llu: an invalidation is done that is not open",
                     (unsigned long long)b->now);
    } else {
      b->inval[i].done = b->now;
    }
  }
  b->walks += o->ev_walk_start;
  b->pwc_hits += o->ev_pwc_hit;
  b->nested_hits += o->ev_nested_hit;
  b->merges += o->ev_merge;
  b->overlaps += o->ev_overlap;
  b->restarts += o->ev_restart;
}

bool bench_quiet(const struct bench *b) {
  if (b->replies != 0 || b->out.mem_req_valid) return false;
  for (size_t i = 0; i < b->requests; i++) {
    if (b->request[i].answered == BENCH_NEVER) return false;
  }
  for (size_t i = 0; i < b->invals; i++) {
    if (b->inval[i].done == BENCH_NEVER) return false;
  }
  return true;
}

bool bench_settle(struct bench *b, unsigned bound) {
  for (unsigned i = 0; i < bound && b->problem[0] == '\0'; i++) {
    if (bench_quiet(b)) return true;
    bench_step(b);
  }
  bench_complain(b, "cycle %llu: still busy after %u cycles", (unsigned long long)b->now, bound);
  return false;
}

const struct bench_request *bench_translate(struct bench *b, uint64_t va,
                                            const struct mmu_access *access,
                                            const struct mmu_context *ctx) {
  size_t i = bench_ask(b, va, access, ctx);
  (void)bench_settle(b, 2000);
  return &b->request[i];
}

void bench_invalidate_wait(struct bench *b, enum mmu_inval_kind kind, uint64_t addr, uint16_t asid,
                           uint16_t vmid) {
  (void)bench_invalidate(b, kind, addr, asid, vmid);
  (void)bench_settle(b, 2000);
}

size_t bench_reads(const struct bench *b, size_t from) {
  size_t n = 0;
  for (size_t i = from; i < b->accesses; i++) {
    n += !b->access[i].cas;
  }
  return n;
}

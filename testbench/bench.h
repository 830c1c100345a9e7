/* SPDX-License-Identifier: Apache-2.0
 * A bench around one Verilated MMU: offers requests and invalidations, plays the memory, and
 * keeps a record of everything that crosses the ports. It knows the port protocol and nothing of
 * translation; what the answers should be is the test's business.
 *
 * Edge numbers: `now` is the edge that the next step makes. What appears after edge t carries
 * cycle t + 1. A table access takes effect at the edge that takes it from the port. */
#ifndef COWALK_TESTBENCH_BENCH_H
#define COWALK_TESTBENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/mmu.h"
#include "mem/physmem.h"
#include "testbench/shim.h"

#define BENCH_NEVER UINT64_MAX

enum { BENCH_REQUESTS = 128, BENCH_INVALS = 32, BENCH_ACCESSES = 1024, BENCH_FRAMES = 128 };

struct bench_request {
  struct mmu_request req; /* .ctx points to the copy below */
  struct mmu_context ctx;
  uint64_t offered, accepted, answered; /* cycles, or BENCH_NEVER */
  struct mmu_response response;
};

struct bench_inval {
  struct mmu_inval inv;
  uint64_t offered, accepted, done;
};

struct bench_access {
  uint64_t cycle, addr, old, expected, desired;
  uint8_t stage, level, port, tag, slot, error;
  bool cas, ok;
};

struct bench_reply {
  uint64_t due, old;
  uint8_t id, error;
  bool ok;
};

/* Read freely; change only through the functions below. */
struct bench {
  const struct hw_ops *ops;
  struct hw *hw;
  struct hw_out out;
  struct physmem *mem;
  uint64_t now;
  /* records since the last bench_forget */
  struct bench_request request[BENCH_REQUESTS];
  struct bench_inval inval[BENCH_INVALS];
  struct bench_access access[BENCH_ACCESSES];
  size_t requests, invals, accesses;
  size_t walks, pwc_hits, nested_hits, merges, overlaps, restarts;
  /* first broken rule of the port protocol, or "" */
  char problem[160];
  /* how the memory behaves */
  unsigned latency, jitter; /* an access is answered latency + 0..jitter cycles later */
  unsigned stall;           /* of 256 offers this many are left standing for a cycle */
  uint64_t random;
  size_t error_at; /* index into access[] of the access that fails */
  enum mmu_mem_error error;
  /* the bench's own */
  struct bench_reply reply[16];
  size_t replies;
  uint64_t frame[BENCH_FRAMES];
  size_t frames;
  uint64_t frame_base;
  struct hw_out last_offer;
  bool offer_stands;
  bool reg_offered;
  struct hw_reg_access reg;
};

/* The hardware of an architecture: the linked default geometry, or what the shared object named
 * in the environment variable COWALK_HW holds (then NULL for the architectures it is not). */
const struct hw_ops *bench_hw(enum mmu_arch arch);

/* NULL if out of memory. The caller frees it. */
struct bench *bench_new(const struct hw_ops *ops, uint64_t seed);
void bench_free(struct bench *b);

/* Reset the hardware; what it had outstanding is dropped and the records are forgotten. */
void bench_reset(struct bench *b);
/* Forget the records. Only while nothing is outstanding. */
void bench_forget(struct bench *b);
/* Give all frames of bench_frame back, zeroed; the next come from `base` upwards. */
void bench_clear_memory(struct bench *b, uint64_t base);
/* Default behaviour of the memory, from `seed`: latency, no error. */
void bench_memory(struct bench *b, unsigned latency, unsigned jitter, unsigned stall,
                  uint64_t seed);
/* The `nth` table access from now on (0: the next) is answered with an error and random data. */
void bench_error(struct bench *b, size_t nth, enum mmu_mem_error error);

uint64_t bench_frame(struct bench *b); /* a zeroed 4 KiB frame */
uint64_t bench_peek(const struct bench *b, uint64_t addr);
void bench_poke(struct bench *b, uint64_t addr, uint64_t value);

/* Offer from the next edge on, behind what the port already offers. They return the index in
 * the records. The port follows from the access: fetches on the fetch port. */
size_t bench_ask(struct bench *b, uint64_t va, const struct mmu_access *access,
                 const struct mmu_context *ctx);
size_t bench_invalidate(struct bench *b, enum mmu_inval_kind kind, uint64_t addr, uint16_t asid,
                        uint16_t vmid);

/* As bench_ask, under the context of the registers. */
size_t bench_ask_from_regs(struct bench *b, uint64_t va, const struct mmu_access *access,
                           const struct mmu_context *ctx);

/* An access to a register in the next step; what came of it is in `out` after that step. */
void bench_reg(struct bench *b, bool write, uint16_t offset, uint64_t value);
/* The same with the step; a refused access is a problem. */
uint64_t bench_reg_read(struct bench *b, uint16_t offset);
void bench_reg_write(struct bench *b, uint16_t offset, uint64_t value);

void bench_step(struct bench *b);
/* Nothing asked is unanswered, no invalidation or table access is open. */
bool bench_quiet(const struct bench *b);
/* Step until quiet; false (and a problem) if that takes more than `bound` cycles. */
bool bench_settle(struct bench *b, unsigned bound);
/* Ask one thing and settle. */
const struct bench_request *bench_translate(struct bench *b, uint64_t va,
                                            const struct mmu_access *access,
                                            const struct mmu_context *ctx);
void bench_invalidate_wait(struct bench *b, enum mmu_inval_kind kind, uint64_t addr, uint16_t asid,
                           uint16_t vmid);
/* Table reads since access `from`. */
size_t bench_reads(const struct bench *b, size_t from);
/* Record a broken rule, unless one is recorded already. */
void bench_complain(struct bench *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif

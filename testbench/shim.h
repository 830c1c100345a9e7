/* SPDX-License-Identifier: Apache-2.0
 * The Verilated MMU behind plain C. One step is one clock cycle: inputs are applied, the clock
 * rises, the outputs afterwards are copied out. There is no combinational path from an input to
 * an output, so what `out` says (readiness too) holds until the next step. */
#ifndef COWALK_TESTBENCH_SHIM_H
#define COWALK_TESTBENCH_SHIM_H

#include <stdbool.h>
#include <stdint.h>

#include "backend/mmu.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hw; /* one Verilated model */

/* An access to a register (docs/registers.md). */
struct hw_reg_access {
  bool write;
  uint16_t offset; /* bytes, 12 bits */
  uint64_t value;  /* to be written */
};

struct hw_in {
  const struct mmu_request *fetch; /* NULL: nothing offered. Accepted if fetch_ready was set */
  const struct mmu_request *data;
  const struct mmu_inval *inval; /* accepted if inval_ready was set */
  bool mem_req_ready;            /* take the memory request that was offered */
  bool mem_rsp_valid;
  uint8_t mem_rsp_id;
  uint8_t mem_rsp_error; /* enum mmu_mem_error */
  bool mem_rsp_ok;       /* compare-and-swap succeeded */
  uint64_t mem_rsp_old;
  uint32_t time;                   /* the number of this cycle, modulo 2^32 */
  const struct hw_reg_access *reg; /* NULL: none. Always accepted, answered by this step */
};

struct hw_out {
  bool fetch_ready, data_ready, inval_ready;
  bool inval_done;
  uint8_t inval_id;
  bool idle; /* no state changes until an input is applied */
  bool mem_req_valid, mem_req_cas;
  uint8_t mem_req_id;
  uint64_t mem_req_addr, mem_req_expected, mem_req_desired;
  /* debug: whom the memory request serves */
  uint8_t mem_req_tag, mem_req_port, mem_req_level, mem_req_stage, mem_req_slot;
  /* answers: hit and miss lane of each port, indexed by enum mmu_port; .cycle is not set */
  bool hit_valid[2], miss_valid[2];
  struct mmu_response hit[2], miss[2];
  /* registers: the answer to the access of this step; value is what was read */
  bool reg_valid, reg_error;
  uint64_t reg_value;
  bool irq; /* the interrupt line */
  /* debug: one-cycle event pulses */
  bool ev_walk_start, ev_l2_hit, ev_l2_miss, ev_pwc_hit, ev_nested_hit, ev_merge, ev_overlap,
      ev_restart;
};

struct hw_ops {
  const char *name; /* "x86", "arm", "riscv" */
  struct mmu_geometry geometry;
  /* seed != 0: unreset state starts random from it. NULL if out of memory. In reset afterwards. */
  struct hw *(*create)(uint64_t seed);
  void (*reset)(struct hw *h, struct hw_out *out);
  /* 0, or -1 after $fatal, $stop or a failed assertion (then error() says which). */
  int (*step)(struct hw *h, const struct hw_in *in, struct hw_out *out);
  /* Record to an FST from now on; time stamps are `cycle`, given by trace_time before each step. */
  int (*trace_open)(struct hw *h, const char *path);
  void (*trace_time)(struct hw *h, uint64_t cycle);
  void (*trace_close)(struct hw *h);
  const char *(*error)(const struct hw *h);
  /* Host nanoseconds inside Verilator's eval so far, estimated from one step in 61. */
  uint64_t (*eval_ns)(const struct hw *h);
  void (*destroy)(struct hw *h);
};

/* The three default models, linked into the program. Another geometry is a shared object that
 * exports `hw_ops_entry` with the same signature (see the Makefile). */
const struct hw_ops *hw_ops_x86(void);
const struct hw_ops *hw_ops_arm(void);
const struct hw_ops *hw_ops_riscv(void);

#ifdef __cplusplus
}
#endif
#endif

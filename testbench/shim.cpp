// SPDX-License-Identifier: Apache-2.0
// One Verilated MMU behind testbench/shim.h; the only file that sees the generated header.
// Compiled once for each architecture and geometry, with
//   HW_PREFIX  the class that Verilator made        HW_NAME  x86, arm or riscv
//   HW_SYMBOL  the function that this file exports  HW_GEOMETRY, the fields of mmu_geometry
// A step is: inputs, rising edge, outputs, falling edge. Outputs depend on registers only, so
// this is exact. No exception and no C++ type leaves this file.
#include "testbench/shim.h"

#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>

#include "testbench/hw_assert.h"
#include "verilated.h"
#include "verilated_fst_c.h"
#if VM_COVERAGE
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>

#include "verilated_cov.h"
#endif

#define HW_STRING_(x) #x
#define HW_STRING(x) HW_STRING_(x)
#define HW_JOIN_(a, b) a##b
#define HW_JOIN(a, b) HW_JOIN_(a, b)
#include HW_STRING(HW_PREFIX.h)
#if __has_include(HW_STRING(HW_JOIN(HW_PREFIX, ___024root).h))
#include HW_STRING(HW_JOIN(HW_PREFIX, ___024root).h)
#endif

struct hw {
  std::unique_ptr<VerilatedContext> context;
  std::unique_ptr<HW_PREFIX> model;
  std::unique_ptr<VerilatedFstC> fst;
  uint64_t time = 0;
  mmu_context seen[2] = {};  // what the context pins of each port show
  bool seen_valid[2] = {};
  bool failed = false;
  char error[512] = "";
  unsigned until_sample = 0;  // steps until the next one whose eval is timed
  uint64_t sampled_ns = 0, last_ns = 0;
};

namespace {

// The pins of a port differ only in their prefix.
#define SET_REQUEST(m, p, r)                              \
  do {                                                    \
    (m).p##_req_va_i = (r).va;                            \
    (m).p##_req_tag_i = (r).tag;                          \
    (m).p##_req_kind_i = (r).access.kind;                 \
    (m).p##_req_size_i = (r).access.size;                 \
    (m).p##_req_op_i = (r).access.op;                     \
    (m).p##_req_implicit_sup_i = (r).access.implicit_sup; \
    (m).p##_req_exec_as_read_i = (r).access.exec_as_read; \
    (m).p##_req_speculative_i = (r).access.speculative;   \
    (m).p##_req_insn_i = (r).access.insn;                 \
    (m).p##_req_from_regs_i = (r).from_regs;              \
  } while (0)

#define SET_CONTEXT(m, p, c)                                  \
  do {                                                        \
    (m).p##_ctx_root0_i = (c).s1_root0 & ((1ULL << 56) - 1);  \
    (m).p##_ctx_root1_i = (c).s1_root1 & ((1ULL << 56) - 1);  \
    (m).p##_ctx_s2_root_i = (c).s2_root & ((1ULL << 56) - 1); \
    (m).p##_ctx_pkru_i = (c).pkru;                            \
    (m).p##_ctx_asid_i = (c).asid;                            \
    (m).p##_ctx_vmid_i = (c).vmid;                            \
    (m).p##_ctx_s1_mode_i = (c).s1_mode & 15;                 \
    (m).p##_ctx_s2_mode_i = (c).s2_mode & 7;                  \
    (m).p##_ctx_regime_i = (c).regime & 3;                    \
    (m).p##_ctx_priv_i = (c).priv & 3;                        \
    (m).p##_ctx_pa_width_i = (c).pa_width & 63;               \
    (m).p##_ctx_t0sz_i = (c).t0sz & 63;                       \
    (m).p##_ctx_t1sz_i = (c).t1sz & 63;                       \
    (m).p##_ctx_wp_i = (c).wp;                                \
    (m).p##_ctx_nxe_i = (c).nxe;                              \
    (m).p##_ctx_smep_i = (c).smep;                            \
    (m).p##_ctx_smap_i = (c).smap;                            \
    (m).p##_ctx_ac_i = (c).ac;                                \
    (m).p##_ctx_pke_i = (c).pke;                              \
    (m).p##_ctx_page1g_i = (c).page1g;                        \
    (m).p##_ctx_sum_i = (c).sum;                              \
    (m).p##_ctx_mxr_i = (c).mxr;                              \
    (m).p##_ctx_pbmte_i = (c).pbmte;                          \
    (m).p##_ctx_pan_i = (c).pan;                              \
    (m).p##_ctx_wxn_i = (c).wxn;                              \
    (m).p##_ctx_epd0_i = (c).epd0;                            \
    (m).p##_ctx_epd1_i = (c).epd1;                            \
    (m).p##_ctx_tbi0_i = (c).tbi0;                            \
    (m).p##_ctx_tbi1_i = (c).tbi1;                            \
    (m).p##_ctx_hpd0_i = (c).hpd0;                            \
    (m).p##_ctx_hpd1_i = (c).hpd1;                            \
    (m).p##_ctx_s1_hw_a_i = (c).s1_hw_a;                      \
    (m).p##_ctx_s1_hw_d_i = (c).s1_hw_d;                      \
    (m).p##_ctx_s2_hw_a_i = (c).s2_hw_a;                      \
    (m).p##_ctx_s2_hw_d_i = (c).s2_hw_d;                      \
    (m).p##_ctx_s2_pa_width_i = (c).s2_pa_width & 63;         \
    (m).p##_ctx_s2_top_i = (c).s2_top & 7;                    \
    (m).p##_ctx_s2_t0sz_i = (c).s2_t0sz & 63;                 \
    (m).p##_ctx_s2_mbec_i = (c).s2_mbec;                      \
    (m).p##_ctx_s2_exec_only_i = (c).s2_exec_only;            \
    (m).p##_ctx_s2_page1g_i = (c).s2_page1g;                  \
    (m).p##_ctx_s2_exit_info_i = (c).s2_exit_info;            \
    (m).p##_ctx_s2_nxe_i = (c).s2_nxe;                        \
    (m).p##_ctx_s2_ptw_i = (c).s2_ptw;                        \
    (m).p##_ctx_s2_mxr_i = (c).s2_mxr;                        \
    (m).p##_ctx_s2_pbmte_i = (c).s2_pbmte;                    \
  } while (0)

#define GET_HIT(m, p, o)                   \
  do {                                     \
    (o) = mmu_response{};                  \
    (o).tag = (m).p##_hit_tag_o;           \
    (o).hit = true;                        \
    (o).status = MMU_OK;                   \
    (o).pa = (m).p##_hit_pa_o;             \
    (o).s1_shift = (m).p##_hit_s1_shift_o; \
    (o).s2_shift = (m).p##_hit_s2_shift_o; \
    (o).attrs = (m).p##_hit_attrs_o;       \
    (o).s2_attrs = (m).p##_hit_s2_attrs_o; \
    (o).epoch = (m).p##_hit_epoch_o;       \
  } while (0)

#define GET_MISS(m, p, o)                     \
  do {                                        \
    (o) = mmu_response{};                     \
    (o).tag = (m).p##_miss_tag_o;             \
    (o).status = (m).p##_miss_status_o;       \
    (o).epoch = (m).p##_miss_epoch_o;         \
    if ((o).status == MMU_OK) {               \
      (o).pa = (m).p##_miss_pa_o;             \
      (o).s1_shift = (m).p##_miss_s1_shift_o; \
      (o).s2_shift = (m).p##_miss_s2_shift_o; \
      (o).attrs = (m).p##_miss_attrs_o;       \
      (o).s2_attrs = (m).p##_miss_s2_attrs_o; \
      (o).l2 = (m).p##_miss_l2_o;             \
    }                                         \
  } while (0)

void get_fault(const HW_PREFIX &m, mmu_response &o) {
  if (o.status != MMU_FAULT) return;
  o.fault.cause = m.fault_cause_o;
  o.fault.stage2 = m.fault_stage2_o;
  o.fault.s1_level = m.fault_s1_level_o;
  o.fault.s2_level = m.fault_s2_level_o;
  o.fault.on_walk = m.fault_on_walk_o;
  o.fault.on_ad_write = m.fault_on_ad_write_o;
  o.fault.gva = m.fault_gva_o;
  o.fault.gpa = m.fault_gpa_o;
  o.fault.s1_rights = m.fault_s1_rights_o;
  o.fault.s2_rights = m.fault_s2_rights_o;
  o.fault.s1_leaf = m.fault_s1_leaf_o;
  o.fault.mem_error = m.fault_mem_error_o;
  o.syndrome.to_hyp = m.syndrome_to_hyp_o;
  o.syndrome.gva = m.syndrome_gva_o;
  o.syndrome.reg[0] = m.syndrome_reg0_o;
  o.syndrome.reg[1] = m.syndrome_reg1_o;
  o.syndrome.reg[2] = m.syndrome_reg2_o;
  o.syndrome.reg[3] = m.syndrome_reg3_o;
}

void get_outputs(const HW_PREFIX &m, hw_out *out) {
  out->fetch_ready = m.f_req_ready_o;
  out->data_ready = m.d_req_ready_o;
  out->inval_ready = m.inval_ready_o;
  out->inval_done = m.inval_done_o;
  out->inval_id = m.inval_done_id_o;
  out->idle = m.idle_o;
  out->mem_req_valid = m.mem_req_valid_o;
  if (out->mem_req_valid) {
    out->mem_req_cas = m.mem_req_cas_o;
    out->mem_req_id = m.mem_req_id_o;
    out->mem_req_addr = m.mem_req_addr_o;
    out->mem_req_expected = m.mem_req_expected_o;
    out->mem_req_desired = m.mem_req_desired_o;
    out->mem_req_tag = m.mem_req_tag_o;
    out->mem_req_port = m.mem_req_port_o;
    out->mem_req_level = m.mem_req_level_o;
    out->mem_req_stage = m.mem_req_stage_o;
    out->mem_req_slot = m.mem_req_id_o;
  }
  out->hit_valid[MMU_PORT_FETCH] = m.f_hit_valid_o;
  out->hit_valid[MMU_PORT_DATA] = m.d_hit_valid_o;
  out->miss_valid[MMU_PORT_FETCH] = m.f_miss_valid_o;
  out->miss_valid[MMU_PORT_DATA] = m.d_miss_valid_o;
  if (m.f_hit_valid_o) GET_HIT(m, f, out->hit[MMU_PORT_FETCH]);
  if (m.d_hit_valid_o) {
    GET_HIT(m, d, out->hit[MMU_PORT_DATA]);
    out->hit[MMU_PORT_DATA].port = MMU_PORT_DATA;
  }
  if (m.f_miss_valid_o) {
    GET_MISS(m, f, out->miss[MMU_PORT_FETCH]);
    get_fault(m, out->miss[MMU_PORT_FETCH]);
  }
  if (m.d_miss_valid_o) {
    GET_MISS(m, d, out->miss[MMU_PORT_DATA]);
    out->miss[MMU_PORT_DATA].port = MMU_PORT_DATA;
    get_fault(m, out->miss[MMU_PORT_DATA]);
  }
  out->reg_valid = m.reg_rsp_valid_o;
  out->reg_error = m.reg_rsp_error_o;
  out->reg_value = m.reg_rsp_rdata_o;
  out->irq = m.irq_o;
  out->ev_walk_start = m.ev_walk_start_o;
  out->ev_l2_hit = m.ev_l2_hit_o;
  out->ev_l2_miss = m.ev_l2_miss_o;
  out->ev_pwc_hit = m.ev_pwc_hit_o;
  out->ev_nested_hit = m.ev_nested_hit_o;
  out->ev_merge = m.ev_merge_o;
  out->ev_overlap = m.ev_overlap_o;
  out->ev_restart = m.ev_restart_o;
}

// A context is written only when it differs from what the pins show: most requests of a run
// share one.
bool is_new(hw *h, int port, const mmu_context *c) {
  if (h->seen_valid[port] && !std::memcmp(&h->seen[port], c, sizeof *c)) return false;
  std::memcpy(&h->seen[port], c, sizeof *c);
  h->seen_valid[port] = true;
  return true;
}

void set_inputs(hw *h, const hw_in *in) {
  HW_PREFIX &m = *h->model;
  m.f_req_valid_i = in->fetch != nullptr;
  m.d_req_valid_i = in->data != nullptr;
  if (in->fetch) {
    SET_REQUEST(m, f, *in->fetch);
    if (is_new(h, MMU_PORT_FETCH, in->fetch->ctx)) SET_CONTEXT(m, f, *in->fetch->ctx);
  }
  if (in->data) {
    SET_REQUEST(m, d, *in->data);
    if (is_new(h, MMU_PORT_DATA, in->data->ctx)) SET_CONTEXT(m, d, *in->data->ctx);
  }
  m.inval_valid_i = in->inval != nullptr;
  if (in->inval) {
    m.inval_op_i = in->inval->kind;
    m.inval_addr_i = in->inval->addr;
    m.inval_asid_i = in->inval->asid;
    m.inval_vmid_i = in->inval->vmid;
    m.inval_regime_i = in->inval->regime & 3;
    m.inval_id_i = in->inval->id;
  }
  m.time_i = in->time;
  m.reg_req_valid_i = in->reg != nullptr;
  if (in->reg) {
    m.reg_req_write_i = in->reg->write;
    m.reg_req_addr_i = in->reg->offset & 0xfff;
    m.reg_req_wdata_i = in->reg->value;
  }
  m.mem_req_ready_i = in->mem_req_ready;
  m.mem_rsp_valid_i = in->mem_rsp_valid;
  if (in->mem_rsp_valid) {
    m.mem_rsp_id_i = in->mem_rsp_id;
    m.mem_rsp_error_i = in->mem_rsp_error & 3;
    m.mem_rsp_ok_i = in->mem_rsp_ok;
    m.mem_rsp_old_i = in->mem_rsp_old;
  }
}

// The falling edge: nothing in the design waits for it, so all that its evaluation does is to
// remember that the clock is low, for the next rising edge to be one. Where the model keeps that in
// a member of the name that Verilator 5.006 gives it, it is written there; else it is evaluated.
template <class Model>
auto clock_falls(Model &m, int) -> decltype(m.rootp->__Vtrigrprev__TOP__clk_i = 0, void()) {
  m.rootp->__Vtrigrprev__TOP__clk_i = 0;
}
template <class Model>
void clock_falls(Model &m, long) {
  m.eval();
}

void clock_once(hw *h) {
  h->model->clk_i = 1;
  h->model->eval();
  h->model->clk_i = 0;
  clock_falls(*h->model, 0);
}

// What a reader of waves expects: at its time stamp, what the last edge left and what the next
// edge will see.
void dump(hw *h) {
  h->model->eval();
  h->fst->dump(h->time);
}

const unsigned sample_period = 61;  // a prime, so that no loop of a program keeps step with it

const long long interrupted_ns = 20000;

void clock_timed(hw *h) {
  using clock = std::chrono::steady_clock;
  const auto before = clock::now();
  const auto start = clock::now();
  clock_once(h);
  const auto end = clock::now();
  const auto spent = (end - start) - (start - before);  // less what asking for the time takes
  const long long ns = std::chrono::nanoseconds(spent).count();
  // Another program ran in between: count the last good one again.
  if (ns >= 0 && ns < interrupted_ns) h->last_ns = static_cast<uint64_t>(ns);
  h->sampled_ns += h->last_ns;
  h->until_sample = sample_period - 1;
}

int hw_step(hw *h, const hw_in *in, hw_out *out) {
  if (h->failed) return -1;
  set_inputs(h, in);
  if (h->fst) dump(h);
  if (h->until_sample-- == 0)
    clock_timed(h);
  else
    clock_once(h);
  if (hw_assert_take(h->error, sizeof h->error)) {
    h->failed = true;
    return -1;
  }
  get_outputs(*h->model, out);
  return 0;
}

void hw_reset(hw *h, hw_out *out) {
  static const hw_in quiet = {};
  HW_PREFIX &m = *h->model;
  set_inputs(h, &quiet);
  m.rst_ni = 0;
  clock_once(h);
  clock_once(h);
  m.rst_ni = 1;
  m.eval();
  // The L2 TLB clears its valid bits, a set a cycle, before the first request.
  while (!m.inval_ready_o)
    clock_once(h);
  hw_assert_take(h->error, sizeof h->error);  // nothing that reset interrupts is an error
  h->error[0] = '\0';
  h->failed = false;
  if (out) {
    *out = hw_out{};
    get_outputs(m, out);
  }
}

hw *hw_create(uint64_t seed) {
  try {
    std::unique_ptr<hw> h(new hw);
    h->context.reset(new VerilatedContext);
    // Verilator takes seed 0 for "pick one"; random unreset state needs the seed first.
    // Coverage starts from zero: Verilator would count the step from a random value as a toggle.
    h->context->randReset(seed && !VM_COVERAGE ? 2 : 0);
    h->context->randSeed(seed ? static_cast<int>(seed % 0x7fffffff) + 1 : 1);
    h->context->traceEverOn(true);
    Verilated::threadContextp(h->context.get());
    h->model.reset(new HW_PREFIX(h->context.get(), "mmu"));
    h->model->clk_i = 0;
    h->model->rst_ni = 0;
    h->model->eval();
    hw_reset(h.get(), nullptr);
    return h.release();
  } catch (const std::bad_alloc &) {
    return nullptr;
  }
}

int hw_trace_open(hw *h, const char *path) {
  if (h->fst) return -1;
  try {
    h->fst.reset(new VerilatedFstC);
    h->model->trace(h->fst.get(), 99);
    h->fst->open(path);
  } catch (const std::bad_alloc &) {
    h->fst.reset();
    return -1;
  }
  if (!h->fst->isOpen()) {
    h->fst.reset();
    return -1;
  }
  return 0;
}

void hw_trace_time(hw *h, uint64_t cycle) {
  h->time = cycle;
}

void hw_trace_close(hw *h) {
  if (h->fst) h->fst->close();
  h->fst.reset();
}

const char *hw_error(const hw *h) {
  return h->failed ? h->error : nullptr;
}

uint64_t hw_eval_ns(const hw *h) {
  return h->sampled_ns * sample_period;
}

#if VM_COVERAGE
// A model built with --coverage leaves its counts in a file of its own in the folder that
// COWALK_COVERAGE names (make coverage).
void write_coverage(hw *h) {
  static std::atomic<unsigned> models{0};
  const char *folder = std::getenv("COWALK_COVERAGE");
  if (!folder) return;
  const std::string name = std::string(folder) + "/" + std::to_string(getpid()) + "-" +
                           std::to_string(models++) + ".dat";
  h->context->coveragep()->write(name.c_str());
}
#else
void write_coverage(hw *) {}
#endif

void hw_destroy(hw *h) {
  if (!h) return;
  hw_trace_close(h);
  write_coverage(h);
  h->model->final();
  char ignored[1];
  hw_assert_take(ignored, sizeof ignored);
  // A model's scopes leave the thread's current context: it must be their own, and still alive.
  Verilated::threadContextp(h->context.get());
  delete h;
  Verilated::threadContextp(nullptr);
}

const hw_ops ops = {
    HW_STRING(HW_NAME), {HW_GEOMETRY},  hw_create, hw_reset,   hw_step,    hw_trace_open,
    hw_trace_time,      hw_trace_close, hw_error,  hw_eval_ns, hw_destroy,
};

}  // namespace

extern "C" const hw_ops *HW_SYMBOL(void) {
  return &ops;
}

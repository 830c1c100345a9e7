// SPDX-License-Identifier: Apache-2.0
// The three Verilated architecture boxes behind plain C (arch_pins.h).
#include "testbench/block/arch_pins.h"

#include <new>

#include "Varch_arm.h"
#include "Varch_riscv.h"
#include "Varch_x86.h"
#include "verilated.h"

double sc_time_stamp() {
  return 0;
}

struct arch_box {
  virtual ~arch_box() {}
  virtual void eval(const arch_in &in, arch_out &out) = 0;
};

namespace {

template <class Model>
struct box final : arch_box {
  VerilatedContext context;
  Model m{&context};

  void eval(const arch_in &in, arch_out &out) override {
    const mmu_context &c = in.ctx;
    m.va_i = in.va;
    m.kind_i = in.access.kind;
    m.op_i = in.access.op;
    m.implicit_sup_i = in.access.implicit_sup;
    m.exec_as_read_i = in.access.exec_as_read;
    m.ctx_root0_i = c.s1_root0;
    m.ctx_root1_i = c.s1_root1;
    m.ctx_asid_i = c.asid;
    m.ctx_vmid_i = c.vmid;
    m.ctx_s1_mode_i = c.s1_mode;
    m.ctx_regime_i = c.regime;
    m.ctx_priv_i = c.priv;
    m.ctx_pa_width_i = c.pa_width;
    m.ctx_t0sz_i = c.t0sz;
    m.ctx_t1sz_i = c.t1sz;
    m.ctx_pkru_i = c.pkru;
    m.ctx_wp_i = c.wp;
    m.ctx_nxe_i = c.nxe;
    m.ctx_smep_i = c.smep;
    m.ctx_smap_i = c.smap;
    m.ctx_ac_i = c.ac;
    m.ctx_pke_i = c.pke;
    m.ctx_page1g_i = c.page1g;
    m.ctx_sum_i = c.sum;
    m.ctx_mxr_i = c.mxr;
    m.ctx_pbmte_i = c.pbmte;
    m.ctx_pan_i = c.pan;
    m.ctx_wxn_i = c.wxn;
    m.ctx_epd0_i = c.epd0;
    m.ctx_epd1_i = c.epd1;
    m.ctx_tbi0_i = c.tbi0;
    m.ctx_tbi1_i = c.tbi1;
    m.ctx_hpd0_i = c.hpd0;
    m.ctx_hpd1_i = c.hpd1;
    m.ctx_s1_hw_a_i = c.s1_hw_a;
    m.ctx_s1_hw_d_i = c.s1_hw_d;
    m.ctx_s2_mode_i = c.s2_mode;
    m.ctx_s2_root_i = c.s2_root;
    m.ctx_s2_hw_a_i = c.s2_hw_a;
    m.ctx_s2_hw_d_i = c.s2_hw_d;
    m.ctx_s2_pa_width_i = c.s2_pa_width;
    m.ctx_s2_top_i = c.s2_top;
    m.ctx_s2_t0sz_i = c.s2_t0sz;
    m.ctx_s2_mbec_i = c.s2_mbec;
    m.ctx_s2_exec_only_i = c.s2_exec_only;
    m.ctx_s2_page1g_i = c.s2_page1g;
    m.ctx_s2_exit_info_i = c.s2_exit_info;
    m.ctx_s2_nxe_i = c.s2_nxe;
    m.ctx_s2_ptw_i = c.s2_ptw;
    m.ctx_s2_mxr_i = c.s2_mxr;
    m.ctx_s2_pbmte_i = c.s2_pbmte;
    m.insn_i = in.access.insn;
    m.fault_stage2_i = in.fault_stage2;
    m.fault_on_walk_i = in.fault_on_walk;
    m.fault_on_ad_write_i = in.fault_on_ad_write;
    m.fault_s1_leaf_i = in.fault_s1_leaf;
    m.fault_mem_error_i = in.fault_mem_error;
    m.fault_s2_level_i = in.fault_s2_level;
    m.fault_s2_rights_i = in.fault_s2_rights;
    m.fault_gpa_i = in.fault_gpa;
    m.s2_about_i = in.s2_about;
    m.s2_user_page_i = in.s2_user_page;
    m.s2_gpa_i = in.s2_gpa;
    m.s2_pte_i = in.s2_pte;
    m.s2_level_i = in.s2_level;
    m.s2_rights_i = in.s2_rights;
    m.pte_i = in.pte;
    m.level_i = in.level;
    m.index_i = in.index;
    m.upper_i = in.upper;
    m.rights_i = in.rights;
    m.global_i = in.global;
    m.hit_rights_i = in.hit_rights;
    m.hit_attrs_i = in.hit_attrs;
    m.hit_dirty_i = in.hit_dirty;
    m.cause_i = in.cause;
    m.fault_level_i = in.fault_level;
    m.fault_rights_i = in.fault_rights;
    m.inval_op_i = in.inval.kind;
    m.inval_addr_i = in.inval.addr;
    m.inval_asid_i = in.inval.asid;
    m.inval_vmid_i = in.inval.vmid;
    m.eval();
    out.vpn = m.vpn_o;
    out.need.all = m.need_all_o;
    out.need.any = m.need_any_o;
    out.need.deny_user = m.need_deny_user_o;
    out.need.dirty = m.need_dirty_o;
    out.need.key_deny = m.need_key_deny_o;
    out.hit_met = m.hit_met_o;
    out.root.cause = m.root_cause_o;
    out.root.fault_level = m.root_fault_level_o;
    out.root.level = m.root_level_o;
    out.root.table_addr = m.root_table_addr_o;
    out.root.desc_addr = m.root_desc_addr_o;
    out.root.upper = m.root_upper_o;
    out.step.kind = m.step_kind_o;
    out.step.cause = m.step_cause_o;
    out.step.page_shift = m.step_page_shift_o;
    out.step.rights = m.step_rights_o;
    out.step.attrs = m.step_attrs_o;
    out.step.next = m.step_next_o;
    out.step.new_pte = m.step_new_pte_o;
    out.step.global = m.step_global_o;
    out.step.dirty = m.step_dirty_o;
    out.step.update = m.step_update_o;
    out.syndrome.reg[0] = m.syn_reg0_o;
    out.syndrome.reg[1] = m.syn_reg1_o;
    out.syndrome.reg[2] = m.syn_reg2_o;
    out.syndrome.reg[3] = m.syn_reg3_o;
    out.syndrome.to_hyp = m.syn_to_hyp_o;
    out.s2_need.all = m.s2_need_all_o;
    out.s2_need.any = m.s2_need_any_o;
    out.s2_need.dirty = m.s2_need_dirty_o;
    out.s2_need.no_device = m.s2_need_no_device_o;
    out.s2_root.cause = m.s2_root_cause_o;
    out.s2_root.fault_level = m.s2_root_fault_level_o;
    out.s2_root.level = m.s2_root_level_o;
    out.s2_root.desc_addr = m.s2_root_desc_addr_o;
    out.s2_step.kind = m.s2_step_kind_o;
    out.s2_step.cause = m.s2_step_cause_o;
    out.s2_step.next = m.s2_step_next_o;
    out.s2_step.page_shift = m.s2_step_page_shift_o;
    out.s2_step.rights = m.s2_step_rights_o;
    out.s2_step.dirty = m.s2_step_dirty_o;
    out.s2_step.attrs = m.s2_step_attrs_o;
    out.s2_step.update = m.s2_step_update_o;
    out.s2_step.new_pte = m.s2_step_new_pte_o;
    out.inval.nested = m.inv_nested_o;
    out.inval.by_root = m.inv_by_root_o;
    out.inval.but_vmid0 = m.inv_but_vmid0_o;
    out.inval.s2_root = m.inv_s2_root_o;
    out.syndrome.gva = m.syn_gva_o;
    out.inval.flags = m.inv_flags_o;
    out.inval.regime = m.inv_regime_o;
    out.inval.first = m.inv_first_o;
    out.inval.last = m.inv_last_o;
    out.inval.asid = m.inv_asid_o;
    out.inval.vmid = m.inv_vmid_o;
  }
};

}  // namespace

extern "C" struct arch_box *arch_box_create(enum mmu_arch arch) {
  switch (arch) {
    case MMU_ARCH_X86:
      return new (std::nothrow) box<Varch_x86>;
    case MMU_ARCH_ARM:
      return new (std::nothrow) box<Varch_arm>;
    case MMU_ARCH_RISCV:
      return new (std::nothrow) box<Varch_riscv>;
    default:
      return nullptr;
  }
}

extern "C" void arch_box_eval(struct arch_box *b, const struct arch_in *in, struct arch_out *out) {
  b->eval(*in, *out);
}

extern "C" void arch_box_destroy(struct arch_box *b) {
  delete b;
}

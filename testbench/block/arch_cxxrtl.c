/* SPDX-License-Identifier: Apache-2.0
 * Drives the cxxrtl models by pin name (arch_cxxrtl.h). A pin of at most 64 bits is one or two
 * 32-bit words there. */
#include "testbench/block/arch_cxxrtl.h"

#include <backends/cxxrtl/cxxrtl_capi.h>
#include <stdlib.h>
#include <string.h>

cxxrtl_toplevel arch_cxxrtl_x86_create(void);
cxxrtl_toplevel arch_cxxrtl_arm_create(void);
cxxrtl_toplevel arch_cxxrtl_riscv_create(void);

struct pin {
  const char *name;
  size_t offset, size; /* of the field of arch_in or arch_out */
};
#define IN(name, field) \
  { name, offsetof(struct arch_in, field), sizeof((struct arch_in *)0)->field }
#define OUT(name, field) \
  { name, offsetof(struct arch_out, field), sizeof((struct arch_out *)0)->field }

static const struct pin inputs[] = {
    IN("va_i", va),
    IN("kind_i", access.kind),
    IN("op_i", access.op),
    IN("implicit_sup_i", access.implicit_sup),
    IN("exec_as_read_i", access.exec_as_read),
    IN("ctx_root0_i", ctx.s1_root0),
    IN("ctx_root1_i", ctx.s1_root1),
    IN("ctx_asid_i", ctx.asid),
    IN("ctx_vmid_i", ctx.vmid),
    IN("ctx_s1_mode_i", ctx.s1_mode),
    IN("ctx_regime_i", ctx.regime),
    IN("ctx_priv_i", ctx.priv),
    IN("ctx_pa_width_i", ctx.pa_width),
    IN("ctx_t0sz_i", ctx.t0sz),
    IN("ctx_t1sz_i", ctx.t1sz),
    IN("ctx_pkru_i", ctx.pkru),
    IN("ctx_wp_i", ctx.wp),
    IN("ctx_nxe_i", ctx.nxe),
    IN("ctx_smep_i", ctx.smep),
    IN("ctx_smap_i", ctx.smap),
    IN("ctx_ac_i", ctx.ac),
    IN("ctx_pke_i", ctx.pke),
    IN("ctx_page1g_i", ctx.page1g),
    IN("ctx_sum_i", ctx.sum),
    IN("ctx_mxr_i", ctx.mxr),
    IN("ctx_pbmte_i", ctx.pbmte),
    IN("ctx_pan_i", ctx.pan),
    IN("ctx_wxn_i", ctx.wxn),
    IN("ctx_epd0_i", ctx.epd0),
    IN("ctx_epd1_i", ctx.epd1),
    IN("ctx_tbi0_i", ctx.tbi0),
    IN("ctx_tbi1_i", ctx.tbi1),
    IN("ctx_hpd0_i", ctx.hpd0),
    IN("ctx_hpd1_i", ctx.hpd1),
    IN("ctx_s1_hw_a_i", ctx.s1_hw_a),
    IN("ctx_s1_hw_d_i", ctx.s1_hw_d),
    IN("ctx_s2_mode_i", ctx.s2_mode),
    IN("ctx_s2_root_i", ctx.s2_root),
    IN("ctx_s2_hw_a_i", ctx.s2_hw_a),
    IN("ctx_s2_hw_d_i", ctx.s2_hw_d),
    IN("ctx_s2_pa_width_i", ctx.s2_pa_width),
    IN("ctx_s2_top_i", ctx.s2_top),
    IN("ctx_s2_t0sz_i", ctx.s2_t0sz),
    IN("ctx_s2_mbec_i", ctx.s2_mbec),
    IN("ctx_s2_exec_only_i", ctx.s2_exec_only),
    IN("ctx_s2_page1g_i", ctx.s2_page1g),
    IN("ctx_s2_exit_info_i", ctx.s2_exit_info),
    IN("ctx_s2_nxe_i", ctx.s2_nxe),
    IN("ctx_s2_ptw_i", ctx.s2_ptw),
    IN("ctx_s2_mxr_i", ctx.s2_mxr),
    IN("ctx_s2_pbmte_i", ctx.s2_pbmte),
    IN("insn_i", access.insn),
    IN("fault_stage2_i", fault_stage2),
    IN("fault_on_walk_i", fault_on_walk),
    IN("fault_on_ad_write_i", fault_on_ad_write),
    IN("fault_s1_leaf_i", fault_s1_leaf),
    IN("fault_mem_error_i", fault_mem_error),
    IN("fault_s2_level_i", fault_s2_level),
    IN("fault_s2_rights_i", fault_s2_rights),
    IN("fault_gpa_i", fault_gpa),
    IN("s2_about_i", s2_about),
    IN("s2_user_page_i", s2_user_page),
    IN("s2_gpa_i", s2_gpa),
    IN("s2_pte_i", s2_pte),
    IN("s2_level_i", s2_level),
    IN("s2_rights_i", s2_rights),
    IN("pte_i", pte),
    IN("level_i", level),
    IN("index_i", index),
    IN("upper_i", upper),
    IN("rights_i", rights),
    IN("global_i", global),
    IN("hit_rights_i", hit_rights),
    IN("hit_attrs_i", hit_attrs),
    IN("hit_dirty_i", hit_dirty),
    IN("cause_i", cause),
    IN("fault_level_i", fault_level),
    IN("fault_rights_i", fault_rights),
    IN("inval_op_i", inval.kind),
    IN("inval_addr_i", inval.addr),
    IN("inval_asid_i", inval.asid),
    IN("inval_vmid_i", inval.vmid),
};
static const struct pin outputs[] = {
    OUT("vpn_o", vpn),
    OUT("need_all_o", need.all),
    OUT("need_any_o", need.any),
    OUT("need_deny_user_o", need.deny_user),
    OUT("need_dirty_o", need.dirty),
    OUT("need_key_deny_o", need.key_deny),
    OUT("hit_met_o", hit_met),
    OUT("root_cause_o", root.cause),
    OUT("root_fault_level_o", root.fault_level),
    OUT("root_level_o", root.level),
    OUT("root_table_addr_o", root.table_addr),
    OUT("root_desc_addr_o", root.desc_addr),
    OUT("root_upper_o", root.upper),
    OUT("step_kind_o", step.kind),
    OUT("step_cause_o", step.cause),
    OUT("step_page_shift_o", step.page_shift),
    OUT("step_rights_o", step.rights),
    OUT("step_attrs_o", step.attrs),
    OUT("step_next_o", step.next),
    OUT("step_new_pte_o", step.new_pte),
    OUT("step_global_o", step.global),
    OUT("step_dirty_o", step.dirty),
    OUT("step_update_o", step.update),
    OUT("syn_reg0_o", syndrome.reg[0]),
    OUT("syn_reg1_o", syndrome.reg[1]),
    OUT("syn_reg2_o", syndrome.reg[2]),
    OUT("syn_reg3_o", syndrome.reg[3]),
    OUT("syn_to_hyp_o", syndrome.to_hyp),
    OUT("s2_need_all_o", s2_need.all),
    OUT("s2_need_any_o", s2_need.any),
    OUT("s2_need_dirty_o", s2_need.dirty),
    OUT("s2_need_no_device_o", s2_need.no_device),
    OUT("s2_root_cause_o", s2_root.cause),
    OUT("s2_root_fault_level_o", s2_root.fault_level),
    OUT("s2_root_level_o", s2_root.level),
    OUT("s2_root_desc_addr_o", s2_root.desc_addr),
    OUT("s2_step_kind_o", s2_step.kind),
    OUT("s2_step_cause_o", s2_step.cause),
    OUT("s2_step_next_o", s2_step.next),
    OUT("s2_step_page_shift_o", s2_step.page_shift),
    OUT("s2_step_rights_o", s2_step.rights),
    OUT("s2_step_dirty_o", s2_step.dirty),
    OUT("s2_step_attrs_o", s2_step.attrs),
    OUT("s2_step_update_o", s2_step.update),
    OUT("s2_step_new_pte_o", s2_step.new_pte),
    OUT("inv_nested_o", inval.nested),
    OUT("inv_by_root_o", inval.by_root),
    OUT("inv_but_vmid0_o", inval.but_vmid0),
    OUT("inv_s2_root_o", inval.s2_root),
    OUT("syn_gva_o", syndrome.gva),
    OUT("inv_flags_o", inval.flags),
    OUT("inv_regime_o", inval.regime),
    OUT("inv_first_o", inval.first),
    OUT("inv_last_o", inval.last),
    OUT("inv_asid_o", inval.asid),
    OUT("inv_vmid_o", inval.vmid),
};
enum { INPUTS = sizeof inputs / sizeof *inputs, OUTPUTS = sizeof outputs / sizeof *outputs };

struct arch_cxxrtl {
  cxxrtl_handle model;
  struct cxxrtl_object *in[INPUTS], *out[OUTPUTS];
};

struct arch_cxxrtl *arch_cxxrtl_create(enum mmu_arch arch) {
  struct arch_cxxrtl *b = calloc(1, sizeof *b);
  if (!b) return NULL;
  b->model = cxxrtl_create(arch == MMU_ARCH_X86   ? arch_cxxrtl_x86_create()
                           : arch == MMU_ARCH_ARM ? arch_cxxrtl_arm_create()
                                                  : arch_cxxrtl_riscv_create());
  bool complete = true;
  for (size_t n = 0; n < INPUTS; n++) {
    b->in[n] = cxxrtl_get(b->model, inputs[n].name);
    complete = complete && b->in[n] && b->in[n]->next;
  }
  for (size_t n = 0; n < OUTPUTS; n++) {
    b->out[n] = cxxrtl_get(b->model, outputs[n].name);
    complete = complete && b->out[n];
  }
  if (complete) return b;
  arch_cxxrtl_destroy(b);
  return NULL;
}

const char *arch_cxxrtl_compare(struct arch_cxxrtl *b, const struct arch_in *in,
                                const struct arch_out *other) {
  for (size_t n = 0; n < INPUTS; n++) {
    uint64_t value = 0;
    memcpy(&value, (const char *)in + inputs[n].offset, inputs[n].size); /* little-endian host */
    b->in[n]->next[0] = (uint32_t)value;
    if (b->in[n]->width > 32) b->in[n]->next[1] = (uint32_t)(value >> 32);
  }
  cxxrtl_step(b->model);
  for (size_t n = 0; n < OUTPUTS; n++) {
    struct cxxrtl_object *pin = b->out[n];
    /* a pin that is another name of an inner node is computed on request */
    if (pin->type == CXXRTL_OUTLINE) cxxrtl_outline_eval(pin->outline);
    uint64_t value = pin->curr[0], expected = 0;
    if (pin->width > 32) value |= (uint64_t)pin->curr[1] << 32;
    memcpy(&expected, (const char *)other + outputs[n].offset, outputs[n].size);
    if (value != expected) return outputs[n].name;
  }
  return NULL;
}

void arch_cxxrtl_destroy(struct arch_cxxrtl *b) {
  if (!b) return;
  cxxrtl_destroy(b->model);
  free(b);
}

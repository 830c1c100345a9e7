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

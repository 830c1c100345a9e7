/* SPDX-License-Identifier: Apache-2.0
 * RISC-V cases: what their registers mean (privileged architecture, hypervisor chapter: hgatp,
 * vsatp, hstatus, henvcfg; stage 1: translate/sysregs.c), and what an emulator showed in HS mode.
 */
#include "oracle/riscv.h"
#include "translate/sysregs.h"

enum { PA_WIDTH = 52 };

static uint64_t bits(uint64_t value, unsigned shift, unsigned count) {
  return value >> shift & (UINT64_MAX >> (64 - count));
}

static bool user(const struct oracle_case *c) {
  if (c->door == ORACLE_RISCV_GUEST) return c->reg[ORACLE_RISCV_SPP] == 0;
  return !(c->reg[ORACLE_RISCV_HSTATUS] & RISCV_SPVP);
}

static void context_of(const struct oracle_case *c, enum mmu_priv priv, struct mmu_context *ctx) {
  char err[200];
  struct sysregs r = {.arch = MMU_ARCH_RISCV};
  uint64_t hgatp = c->reg[ORACLE_RISCV_HGATP];
  r.value[SYSREG_SATP] = c->reg[ORACLE_RISCV_VSATP];
  r.value[SYSREG_SSTATUS] = c->reg[ORACLE_RISCV_VSSTATUS];
  r.value[SYSREG_MENVCFG] = c->reg[ORACLE_RISCV_HENVCFG];
  r.value[SYSREG_PADDR_BITS] = PA_WIDTH;
  sysregs_context(&r, priv, ctx, err, sizeof err);
  ctx->s2_mxr = c->reg[ORACLE_RISCV_SSTATUS] & RISCV_MXR; /* counts without a G-stage too */
  if (bits(hgatp, 60, 4) == 0) return;
  ctx->s2_mode = MMU_S2_RISCV;
  ctx->s2_top = (uint8_t)(bits(hgatp, 60, 4) - 6); /* 8, 9, 10: three, four, five levels */
  ctx->s2_root = bits(hgatp, 0, 44) << 12;
  ctx->vmid = (uint16_t)bits(hgatp, 44, 14);
  ctx->s2_pa_width = PA_WIDTH;
  ctx->s2_hw_a = ctx->s2_hw_d = c->reg[ORACLE_RISCV_MENVCFG] & RISCV_ADUE;
}

static uint8_t kind_of(uint32_t insn) {
  switch (insn) {
    case RISCV_SD:
    case RISCV_HSV:
      return MMU_WRITE;
    case RISCV_AMOSWAP:
      return MMU_RMW;
    default:
      return MMU_READ;
  }
}

static unsigned accesses(const struct oracle_case *c, struct oracle_access list[2]) {
  uint32_t insn = (uint32_t)c->reg[ORACLE_RISCV_INSN];
  unsigned n = 0;
  struct mmu_context ctx;
  context_of(c, user(c) ? MMU_USER : MMU_SUPERVISOR, &ctx);
  if (c->door == ORACLE_RISCV_GUEST)
    list[n++] = (struct oracle_access){
        .ctx = ctx, .acc = {.kind = MMU_FETCH, .size = 2}, .va = c->reg[ORACLE_RISCV_SEPC]};
  if (insn == 0) return n;
  list[n++] = (struct oracle_access){.ctx = ctx,
                                     .acc = {.kind = kind_of(insn),
                                             .size = insn == RISCV_HLVX ? 2 : 3,
                                             .exec_as_read = insn == RISCV_HLVX,
                                             .insn = insn},
                                     .by_hypervisor = c->door != ORACLE_RISCV_GUEST,
                                     .va = c->reg[ORACLE_RISCV_A1]};
  return n;
}

static void vector(const struct oracle_case *c, struct oracle_access *a) {
  *a = (struct oracle_access){.acc = {.kind = MMU_FETCH, .size = 2},
                              .va = c->reg[ORACLE_RISCV_VSTVEC]};
  context_of(c, MMU_SUPERVISOR, &a->ctx);
}

/* ECALL from VU is cause 8, from VS 10; a hypervisor load or store that got through leaves 0x1000.
 */
static bool got_through(const struct oracle_case *c, uint64_t cause) {
  if (c->door != ORACLE_RISCV_GUEST) return cause == 0x1000;
  return cause == (user(c) ? 8 : 10);
}

static void observe(const struct oracle_case *c, const uint64_t out[ORACLE_OUTS],
                    struct oracle_outcome *o) {
  uint64_t cause = out[ORACLE_RISCV_OUT_SCAUSE];
  o->taker = ORACLE_LOST;
  if (out[ORACLE_RISCV_OUT_MODE] != 1) return;
  if (out[ORACLE_RISCV_OUT_VSCAUSE] != ORACLE_RISCV_UNTAKEN) {
    o->taker = ORACLE_GUEST;
    o->reg[0] = out[ORACLE_RISCV_OUT_VSCAUSE];
    o->reg[1] = out[ORACLE_RISCV_OUT_VSTVAL];
  } else if (got_through(c, cause)) {
    o->taker = ORACLE_NOBODY;
    o->value = out[ORACLE_RISCV_OUT_A0];
    if (c->reg[ORACLE_RISCV_INSN] == 0) o->value >>= 12;
  } else {
    o->taker = ORACLE_HYPERVISOR;
    o->gva = out[ORACLE_RISCV_OUT_HSTATUS] & RISCV_GVA;
    for (unsigned i = 0; i < 4; i++)
      o->reg[i] = out[ORACLE_RISCV_OUT_SCAUSE + i];
  }
}

static bool astray(const struct oracle_access *a, uint64_t pa, struct oracle_outcome *o) {
  (void)a;
  (void)pa;
  (void)o;
  return false;
}

static uint64_t landing(uint64_t page) {
  return (RISCV_LUI_A0 | oracle_page_number(page) << 12) | (uint64_t)RISCV_ECALL << 32;
}

const struct oracle_arch oracle_riscv = {
    .name = "riscv",
    .arch = MMU_ARCH_RISCV,
    .deviations = riscv_deviations,
    .deviation_count = RISCV_DEVIATIONS,
    .ram = 0x80000000,
    .ram_bytes = 0x20000000,
    .accesses = accesses,
    .generate = riscv_generate,
    .possible = riscv_possible,
    .observe = observe,
    .vector = vector,
    .vector_word = RISCV_ECALL,
    .astray = astray,
    .landing = landing,
};

/* SPDX-License-Identifier: Apache-2.0
 * AArch64 cases: what their registers mean (Arm ARM, D17.2: HCR_EL2, VTCR_EL2, VTTBR_EL2; stage 1:
 * translate/sysregs.c), and what an emulator showed at EL2. */
#include "oracle/arm.h"
#include "translate/sysregs.h"

static uint64_t bits(uint64_t value, unsigned shift, unsigned count) {
  return value >> shift & (UINT64_MAX >> (64 - count));
}

static void stage1_of(const struct oracle_case *c, enum mmu_priv priv, struct mmu_context *ctx) {
  char err[200];
  struct sysregs r = {.arch = MMU_ARCH_ARM};
  r.value[SYSREG_TTBR0_EL1] = c->reg[ORACLE_ARM_TTBR0];
  r.value[SYSREG_TTBR1_EL1] = c->reg[ORACLE_ARM_TTBR1];
  r.value[SYSREG_TCR_EL1] = c->reg[ORACLE_ARM_TCR];
  r.value[SYSREG_SCTLR_EL1] = c->reg[ORACLE_ARM_SCTLR];
  r.value[SYSREG_PSTATE] = c->reg[ORACLE_ARM_SPSR];
  sysregs_context(&r, priv, ctx, err, sizeof err);
  /* with stage 1 off the limit is the implemented one (AArch64.S1DisabledOutput) */
  if (ctx->s1_mode == MMU_S1_OFF) ctx->pa_width = 52;
}

static void stage2_of(const struct oracle_case *c, struct mmu_context *ctx) {
  static const uint8_t top_of_sl0[4] = {1, 2, 3, 0}; /* SL0 3: level 3, FEAT_TTST */
  uint64_t vtcr = c->reg[ORACLE_ARM_VTCR], hcr = c->reg[ORACLE_ARM_HCR];
  ctx->s2_ptw = hcr & ARM_HCR_PTW;
  if (!(hcr & ARM_HCR_VM)) return;
  ctx->s2_mode = MMU_S2_ARM;
  ctx->s2_root = bits(c->reg[ORACLE_ARM_VTTBR], 1, 47) << 1;
  ctx->vmid = (uint16_t)bits(c->reg[ORACLE_ARM_VTTBR], 48, 8);
  ctx->s2_t0sz = (uint8_t)bits(vtcr, 0, 6);
  ctx->s2_top = top_of_sl0[bits(vtcr, 6, 2)];
  ctx->s2_pa_width = (uint8_t)arm_width((unsigned)bits(vtcr, 16, 3));
  ctx->s2_hw_a = bits(vtcr, 21, 1);
  ctx->s2_hw_d = ctx->s2_hw_a && bits(vtcr, 22, 1);
}

const struct arm_insn arm_insns[ARM_INSNS] = {
    {0xf9400020, MMU_READ},  /* LDR X0, [X1] */
    {0xf9400021, MMU_READ},  /* LDR X1, [X1] */
    {0xf8400020, MMU_READ},  /* LDUR X0, [X1] */
    {0xf8408420, MMU_READ},  /* LDR X0, [X1], #8 */
    {0xc8dffc20, MMU_READ},  /* LDAR X0, [X1] */
    {0xf9000020, MMU_WRITE}, /* STR X0, [X1] */
    {0xf8000020, MMU_WRITE}, /* STUR X0, [X1] */
    {0xf8008420, MMU_WRITE}, /* STR X0, [X1], #8 */
    {0xc89ffc20, MMU_WRITE}, /* STLR X0, [X1] */
    {0xf8208020, MMU_RMW},   /* SWP X0, X0, [X1] */
    {0xf8e08020, MMU_RMW},   /* SWPAL X0, X0, [X1] */
};

uint8_t arm_kind(uint32_t insn) {
  for (unsigned i = 0; i < ARM_INSNS; i++)
    if (arm_insns[i].insn == insn) return arm_insns[i].kind;
  return MMU_FETCH;
}

static void translation(uint32_t insn, struct oracle_access *a) {
  a->acc.op = MMU_OP_TRANSLATE;
  a->acc.kind = insn & ARM_AT_WRITE ? MMU_WRITE : MMU_READ;
  a->ctx.priv = insn & ARM_AT_EL0 ? MMU_USER : MMU_SUPERVISOR;
}

static unsigned accesses(const struct oracle_case *c, struct oracle_access list[2]) {
  bool el1 = (c->reg[ORACLE_ARM_SPSR] & 0xf) == ARM_EL1H;
  uint32_t insn = (uint32_t)c->reg[ORACLE_ARM_INSN];
  list[0] =
      (struct oracle_access){.acc = {.kind = MMU_FETCH, .size = 2}, .va = c->reg[ORACLE_ARM_ELR]};
  stage1_of(c, el1 ? MMU_SUPERVISOR : MMU_USER, &list[0].ctx);
  stage2_of(c, &list[0].ctx);
  if (insn == 0) return 1;
  list[1] = (struct oracle_access){.ctx = list[0].ctx,
                                   .acc = {.kind = arm_kind(insn), .size = 3, .insn = insn},
                                   .va = c->reg[ORACLE_ARM_X1]};
  if (arm_is_at(insn)) translation(insn, &list[1]);
  return 2;
}

static void vector(const struct oracle_case *c, struct oracle_access *a) {
  bool el1 = (c->reg[ORACLE_ARM_SPSR] & 0xf) == ARM_EL1H;
  *a = (struct oracle_access){.acc = {.kind = MMU_FETCH, .size = 2},
                              .va = c->reg[ORACLE_ARM_VBAR] + (el1 ? 0x200 : 0x400)};
  stage1_of(c, MMU_SUPERVISOR, &a->ctx);
  stage2_of(c, &a->ctx);
}

static uint64_t par(uint64_t value) {
  return value & 1 ? value & 0x37f : oracle_par_of_address(value); /* S, PTW, FST, F */
}

/* Classes of exception: BRK 3c; instruction aborts 20, 21; data aborts 24, 25. */
static void observe(const struct oracle_case *c, const uint64_t out[ORACLE_OUTS],
                    struct oracle_outcome *o) {
  uint64_t esr1 = out[ORACLE_ARM_OUT_ESR1], esr2 = out[ORACLE_ARM_OUT_ESR2];
  uint64_t class = bits(esr2, 26, 6);
  bool fetch = c->reg[ORACLE_ARM_INSN] == 0;
  o->taker = ORACLE_LOST;
  if (out[ORACLE_ARM_OUT_VECTOR] != 0x400) return;
  if (esr1 != ORACLE_ARM_UNTAKEN) {
    o->taker = ORACLE_GUEST;
    o->reg[0] = esr1;
    o->reg[1] = out[ORACLE_ARM_OUT_FAR1];
  } else if (class == 0x3c && (fetch || (esr2 & 0xffff) == ARM_BRK_DONE)) {
    o->taker = ORACLE_NOBODY;
    o->value = fetch ? esr2 & 0xffff : out[ORACLE_ARM_OUT_X0];
    if (arm_is_at((uint32_t)c->reg[ORACLE_ARM_INSN])) o->value = par(o->value);
  } else if (class == 0x20 || class == 0x24) {
    o->taker = ORACLE_HYPERVISOR;
    o->reg[0] = esr2;
    o->reg[1] = out[ORACLE_ARM_OUT_FAR2];
    o->reg[2] = out[ORACLE_ARM_OUT_HPFAR];
  }
}

/* A synchronous external abort, for EL1. Below the RAM and high up the machine has devices. An
 * emulator of one CPU reads before it writes. */
static bool astray(const struct oracle_access *a, uint64_t pa, struct oracle_outcome *o) {
  bool fetch = a->acc.kind == MMU_FETCH, write = a->acc.kind == MMU_WRITE;
  if (pa < UINT64_C(0x60000000) || pa >= UINT64_C(0x4000000000)) return false;
  o->taker = ORACLE_GUEST;
  o->reg[0] = (uint64_t)((fetch ? 0x20 : 0x24) + (a->ctx.priv != MMU_USER)) << 26 | 1U << 25 |
              0x10 | (write ? 1U << 6 : 0U);
  o->reg[1] = a->va;
  return true;
}

static uint64_t landing(uint64_t page) {
  uint64_t brk = ARM_BRK | oracle_page_number(page) << 5;
  return brk | brk << 32;
}

const struct oracle_arch oracle_arm = {
    .name = "arm64",
    .arch = MMU_ARCH_ARM,
    .deviations = arm_deviations,
    .deviation_count = ARM_DEVIATIONS,
    .ram = 0x40000000,
    .ram_bytes = 0x20000000,
    .accesses = accesses,
    .generate = arm_generate,
    .possible = arm_possible,
    .observe = observe,
    .vector = vector,
    .vector_word = ARM_BRK | ARM_BRK_VECTOR << 5,
    .astray = astray,
    .landing = landing,
};

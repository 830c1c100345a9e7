/* SPDX-License-Identifier: Apache-2.0
 * Which register values the manuals allow, row by row, and what RISC-V's status and Arm's level
 * say of where the access came from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "syndrome/syndrome.h"

#define REGS(g, ...) \
  { .value = {__VA_ARGS__}, .given = (g) }
#define EPT(q) SYN_X86, REGS(0x3c, 0, 0, 48, q, 0x7000, 0x5000), SYN_HYPERVISOR
#define NPF(i) SYN_AMD, REGS(0x18, 0, 0, 0, i, 0x5000), SYN_HYPERVISOR
#define PF(e) SYN_X86, REGS(3, e, 0x7000), SYN_GUEST
#define EL1(esr) SYN_ARM64, REGS(3, esr, 0x7000), SYN_GUEST
#define EL2(esr) SYN_ARM64, REGS(7, esr, 0x7000, 0x50), SYN_HYPERVISOR
#define HS(cause, tval2, tinst) SYN_RISCV, REGS(0xf, cause, 0x7000, tval2, tinst), SYN_HYPERVISOR
enum { OK = SYN_OK, ODD = SYN_ODD, NO = SYN_NOT_FAULT };

static const struct {
  enum syn_arch arch;
  struct syn_regs regs;
  uint8_t taker;
  int verdict;
} rows[] = {
    {PF(0x8), ODD},        /* reserved bit without P */
    {PF(0x20), ODD},       /* key without P */
    {PF(0x29), ODD},       /* key with reserved bit */
    {PF(0x12), ODD},       /* a fetch that writes */
    {PF(0x100), ODD},      /* bit 8 is none */
    {PF(0x8001), OK},      /* SGX */
    {PF(0x80000001), ODD}, /* RMP on Intel */
    {SYN_AMD, REGS(3, 0x80000001, 0x7000), SYN_GUEST, OK},
    {SYN_AMD, REGS(3, 0x8001, 0x7000), SYN_GUEST, ODD},
    {EPT(0x101), ODD},   /* bit 8 without bit 7 */
    {EPT(0x82), ODD},    /* a walk with a write alone */
    {EPT(0x84), ODD},    /* a walk that fetches */
    {EPT(0x180), ODD},   /* no access */
    {EPT(0x185), ODD},   /* read and fetch */
    {EPT(0x183), OK},    /* read-modify-write */
    {EPT(0x20181), ODD}, /* bit 17 */
    {SYN_X86, REGS(0x3c, 0, 0, 0x10030, 0x181, 0x7000, 0x5000), SYN_HYPERVISOR, OK},
    {SYN_X86, REGS(0x3c, 0, 0, 0x80000030, 0x181, 0x7000, 0x5000), SYN_HYPERVISOR, ODD},
    {NPF(0x300000006), ODD}, /* final and walk */
    {NPF(0x4), ODD},         /* neither */
    {NPF(0x200000004), ODD}, /* a walk that is no write */
    {NPF(0x200000016), ODD}, /* a walk that fetches */
    {NPF(0x100000000), ODD}, /* not a user's, without GMET */
    {NPF(0x10000000c), ODD}, /* reserved bit without P */
    {EL1(0x90000007), ODD},  /* IL 0 without ISV */
    {EL1(0x920000c7), ODD},  /* S1PTW at EL1 */
    {EL1(0x93000007), ODD},  /* ISV at EL1 */
    {EL1(0x92000407), ODD},  /* FnV with a translation fault */
    {EL1(0x92000410), OK},
    {EL1(0x92000207), ODD},      /* EA with a translation fault */
    {EL1(0x92000215), OK},       /* on an external abort */
    {EL1(0x92000107), ODD},      /* CM with WnR 0 */
    {EL1(0x92000147), OK},       /* and with 1 */
    {EL1(0x92200007), ODD},      /* TopLevel with a translation fault */
    {EL1(0x9220000f), OK},       /* with permission */
    {EL1(0x82000047), ODD},      /* WnR of a fetch */
    {EL1(0x4092000007), ODD},    /* Overlay with a translation fault */
    {EL1(0x409200000f), OK},     /* with permission */
    {EL1(0x10092000007), OK},    /* GCS with any */
    {EL1(0x100092000007), ODD},  /* bit 44 */
    {EL2(0x92002007), ODD},      /* VNCR from a lower level */
    {EL2(0x96002007), OK},       /* VNCR: always the same level */
    {EL2(0x930000c7), ODD},      /* ISV on a walk */
    {EL2(0x92000090), ODD},      /* S1PTW, but not of a walk */
    {EL2(0x960000c7), ODD},      /* S1PTW from the same level */
    {HS(12, 0, 0x2503), ODD},    /* a fetch has no instruction */
    {HS(13, 0, 0x2503), OK},     /* lw */
    {HS(13, 0, 0x102503), ODD},  /* with an offset of its own left in */
    {HS(15, 0, 0x2503), ODD},    /* a load at a store */
    {HS(15, 0, 0xb03023), OK},   /* sd */
    {HS(15, 0, 0x2b03023), ODD}, /* bit 25 left in */
    {HS(13, 0, 0x1005352f), OK}, /* lr.d is a load */
    {HS(15, 0, 0x1005352f), ODD},
    {HS(15, 0, 0x1805352f), OK},  /* sc.d */
    {HS(15, 0, 0x0025200f), OK},  /* cbo.flush */
    {HS(13, 0, 0x0025200f), ODD}, /* is a store */
    {HS(13, 0, 0x3000), ODD},     /* a pseudoinstruction without stage 2 */
    {HS(13, 4, 0), ODD},          /* an address without stage 2 */
    {HS(21, 4, 0x3000), OK},
    {HS(21, 4, 0x3040), ODD}, /* no such pseudoinstruction */
    {HS(21, UINT64_C(1) << 62, 0), ODD},
    {HS(1, 0, 0), OK},
    {HS(2, 0, 0), NO},
    {SYN_RISCV, REGS(3, 21, 0x7000), SYN_GUEST, ODD},                /* never delegated to VS */
    {SYN_RISCV, REGS(7, 13, 0x7000, 4), SYN_GUEST, ODD},             /* VS has no htval */
    {SYN_RISCV, REGS(0x13, 21, 0, 0, 0, 0x80), SYN_HYPERVISOR, ODD}, /* GVA must be 1 */
};

static void verdicts(void **state) {
  (void)state;
  struct syn_fault f;
  struct syn_masks m;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct syn_regs regs = rows[i].regs;
    regs.taker = rows[i].taker;
    const int verdict = (int)syn_decode(rows[i].arch, &regs, &f, &m);
    if (verdict != rows[i].verdict)
      fail_msg("row %zu, register 0 0x%llx, 3 0x%llx: %d", i, (unsigned long long)regs.value[0],
               (unsigned long long)regs.value[3], verdict);
  }
}

/* hstatus and mstatus: GVA, SPV or MPV, SPVP. */
static void riscv_status(void **state) {
  (void)state;
  static const struct {
    uint8_t taker;
    uint64_t status;
    uint8_t guest_va, from_guest, user;
  } rows_status[] = {{SYN_HYPERVISOR, 0x0c0, SYN_YES, SYN_YES, SYN_YES},
                     {SYN_HYPERVISOR, 0x1c0, SYN_YES, SYN_YES, SYN_NO},
                     {SYN_HYPERVISOR, 0x140, SYN_YES, SYN_NO, SYN_UNKNOWN}, /* HLV */
                     {SYN_HYPERVISOR, 0x000, SYN_NO, SYN_NO, SYN_UNKNOWN},
                     {SYN_FIRMWARE, UINT64_C(3) << 38, SYN_YES, SYN_YES, SYN_UNKNOWN},
                     {SYN_FIRMWARE, UINT64_C(1) << 38, SYN_YES, SYN_NO, SYN_UNKNOWN},
                     {SYN_FIRMWARE, 0x1c0, SYN_NO, SYN_NO, SYN_UNKNOWN}};
  struct syn_fault f;
  struct syn_masks m;
  for (size_t i = 0; i < sizeof rows_status / sizeof rows_status[0]; i++) {
    struct syn_regs regs = REGS(0x13, 13, 0x7000, 0, 0, rows_status[i].status);
    regs.taker = rows_status[i].taker;
    assert_int_equal(syn_decode(SYN_RISCV, &regs, &f, &m), SYN_OK);
    assert_int_equal(f.guest_va, rows_status[i].guest_va);
    assert_int_equal(f.from_guest, rows_status[i].from_guest);
    assert_int_equal(f.user, rows_status[i].user);
  }
}

/* The exception class and the taker: from where. */
static void arm_origin(void **state) {
  (void)state;
  static const struct {
    uint64_t esr;
    uint8_t taker, stage, user, from_guest, from_lower;
  } origins[] = {{0x92000007, SYN_GUEST, 1, SYN_YES, SYN_UNKNOWN, SYN_YES},
                 {0x96000007, SYN_GUEST, 1, SYN_NO, SYN_UNKNOWN, SYN_NO},
                 {0x92000015, SYN_GUEST, 1, SYN_YES, SYN_UNKNOWN, SYN_YES},
                 {0x92000021, SYN_GUEST, 0, SYN_YES, SYN_UNKNOWN, SYN_YES},
                 {0x92000007, SYN_HYPERVISOR, 2, SYN_UNKNOWN, SYN_YES, SYN_YES},
                 {0x96000007, SYN_HYPERVISOR, 1, SYN_NO, SYN_NO, SYN_NO},
                 {0x86000007, SYN_HYPERVISOR, 1, SYN_NO, SYN_NO, SYN_NO},
                 {0x96002007, SYN_HYPERVISOR, 1, SYN_NO, SYN_YES, SYN_NO},
                 {0x96000021, SYN_HYPERVISOR, 0, SYN_NO, SYN_NO, SYN_NO},
                 {0x92000015, SYN_HYPERVISOR, 0, SYN_UNKNOWN, SYN_YES, SYN_YES},
                 {0x92000007, SYN_TAKER_UNKNOWN, 0, SYN_UNKNOWN, SYN_UNKNOWN, SYN_YES}};
  struct syn_fault f;
  struct syn_masks m;
  for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++) {
    struct syn_regs regs = REGS(3, origins[i].esr, 0x7000);
    regs.taker = origins[i].taker;
    assert_int_equal(syn_decode(SYN_ARM64, &regs, &f, &m), SYN_OK);
    assert_int_equal(f.stage, origins[i].stage);
    assert_int_equal(f.user, origins[i].user);
    assert_int_equal(f.from_guest, origins[i].from_guest);
    assert_int_equal(f.from_lower, origins[i].from_lower);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(verdicts),
      cmocka_unit_test(riscv_status),
      cmocka_unit_test(arm_origin),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 * The fault registers: worked values from the manuals and public conformance tests, every bit of
 * every register. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "syndrome/fields.h"
#include "syndrome_same.h"

#define U SYN_LEVEL_UNKNOWN
#define REGS(g, ...) \
  { .value = {__VA_ARGS__}, .given = (g) }

/* ---- worked values -------------------------------------------------------------------------- */

struct worked {
  const char *what;
  enum syn_arch arch;
  struct syn_regs regs;
  uint8_t taker_in, settings;
  uint8_t cause, stage;
  int8_t level;
  uint8_t access, on_walk, update, taker;
  uint64_t va, gpa, gpa_known;
};
enum { N = SYN_NO, Y = SYN_YES, Q = SYN_UNKNOWN, G = SYN_GUEST, H = SYN_HYPERVISOR };
enum { R = SYN_READ, W = SYN_WRITE, X = SYN_FETCH };
#define ALL UINT64_MAX
#define PAGE (~UINT64_C(0xfff))

static const struct worked worked[] = {
    {"#PF of a user's write to an absent page", SYN_X86, REGS(3, 6, 0x7008), 0, 0, SYN_NOT_MAPPED,
     1, U, W, N, N, G, 0x7008, 0, 0},
    {"#PF by a reserved bit", SYN_X86, REGS(3, 9, 0x7000), 0, 0, SYN_RESERVED, 1, U, R, N, N, G,
     0x7000, 0, 0},
    {"#PF of a fetch by NX", SYN_X86, REGS(3, 0x15, 0x7000), 0, 0, SYN_PERMISSION, 1, U, X, N, N, G,
     0x7000, 0, 0},
    {"#PF by a protection key", SYN_X86, REGS(3, 0x25, 0x7000), 0, 0, SYN_KEY, 1, U, R, N, N, G,
     0x7000, 0, 0},
    {"EPT: nothing mapped, a load", SYN_X86, REGS(0x3c, 0, 0, 48, 0x181, 0x7000, 0x80001234), 0, 0,
     SYN_NOT_MAPPED, 2, U, R, N, N, H, 0x7000, 0x80001234, ALL},
    {"EPT: a store to a read-only page", SYN_X86, REGS(0x3c, 0, 0, 48, 0x18a, 0x7000, 0x5000), 0, 0,
     SYN_PERMISSION, 2, U, W, N, N, H, 0x7000, 0x5000, ALL},
    {"EPT: a walk, A/D off: a read", SYN_X86, REGS(0x3c, 0, 0, 48, 0x81, 0x7000, 0x5008), 0, 0,
     SYN_NOT_MAPPED, 2, U, 0, Y, N, H, 0x7000, 0x5008, ALL},
    {"EPT: a walk, A/D on: bits 0 and 1", SYN_X86, REGS(0x3c, 0, 0, 48, 0x83, 0x7000, 0x5008), 0, 0,
     SYN_NOT_MAPPED, 2, U, 0, Y, Q, H, 0x7000, 0x5008, ALL},
    {"EPT: a PDPTE load by MOV CR", SYN_X86, REGS(0x3c, 0, 0, 48, 1, 0x7000, 0x5008), 0, 0,
     SYN_NOT_MAPPED, 2, U, R, Q, Q, H, 0, 0x5008, ALL},
    {"EPT: fetch of a user page, MBEC", SYN_X86, REGS(0x3c, 0, 0, 48, 0x1c4, 0x7000, 0x5000), 0,
     SYN_MBEC, SYN_PERMISSION, 2, U, X, N, N, H, 0x7000, 0x5000, ALL},
    {"EPT misconfiguration", SYN_X86, REGS(0x3c, 0, 0, 49, 0, 0, 0xfee00000), 0, 0,
     SYN_MISCONFIGURED, 2, U, 0, Q, Q, H, 0, 0xfee00000, ALL},
    {"NPF: a load, nothing mapped", SYN_AMD, REGS(0x1c, 0, 0, 0x400, 0x100000004, 0x5000), 0, 0,
     SYN_NOT_MAPPED, 2, U, R, N, N, H, 0, 0x5000, ALL},
    {"NPF: a walk of a read-only table", SYN_AMD, REGS(0x1c, 0, 0, 0x400, 0x200000007, 0x5008), 0,
     0, SYN_PERMISSION, 2, U, 0, Y, Q, H, 0, 0x5008, ALL},
    {"NPF: reserved bit, fetch", SYN_AMD, REGS(0x1c, 0, 0, 0x400, 0x10000001d, 0x5000), 0, 0,
     SYN_RESERVED, 2, U, X, N, N, H, 0, 0x5000, ALL},
    {"EL1: translation fault, level 3, user write", SYN_ARM64, REGS(3, 0x92000047, 0x7008), G, 0,
     SYN_NOT_MAPPED, 1, 3, W, N, N, G, 0x7008, 0, 0},
    {"EL1: address size, level -1 is 0x29", SYN_ARM64, REGS(3, 0x96000029, 0x7008), G, 0,
     SYN_ADDRESS_SIZE, 1, -1, R, N, N, G, 0x7008, 0, 0},
    {"EL1: translation, level -1 is 0x2b", SYN_ARM64, REGS(3, 0x8600002b, 0x7008), G, 0,
     SYN_NOT_MAPPED, 1, -1, X, N, N, G, 0x7008, 0, 0},
    {"EL2: translation fault with ISV", SYN_ARM64, REGS(7, 0x93010007, 0x12345678, 0x80000), 0, 0,
     SYN_NOT_MAPPED, 2, 3, R, N, N, H, 0x12345678, 0x8000678, ALL},
    {"EL2: S1PTW, permission", SYN_ARM64, REGS(7, 0x920000cf, 0x7123, 0x80000), H, 0,
     SYN_PERMISSION, 2, 3, W, Y, Q, H, 0x7123, 0x8000000, PAGE},
    {"EL2: permission on the access: no HPFAR", SYN_ARM64, REGS(7, 0x9200004f, 0x7123, 0x80000), H,
     0, SYN_PERMISSION, 2, 3, W, N, N, H, 0x7123, 0, 0},
    {"EL2, TGE: the host's own user", SYN_ARM64, REGS(3, 0x92000007, 0x7008), H, SYN_TGE,
     SYN_NOT_MAPPED, 1, 3, R, N, N, H, 0x7008, 0, 0},
    {"EL2: no atomic update of a descriptor", SYN_ARM64, REGS(3, 0x92000031, 0x7008), H, 0,
     SYN_NO_ATOMIC, 0, U, 0, Y, Y, H, 0x7008, 0, 0},
    {"HS: load guest-page fault on the access", SYN_RISCV, REGS(0xf, 21, 0x7003, 0x1400, 0), H, 0,
     SYN_PAGE, 2, U, R, N, N, H, 0x7003, 0x5003, ALL},
    {"HS: read of a VS entry, by a fetch", SYN_RISCV, REGS(0xf, 20, 0x7002, 0x1402, 0x3000), H, 0,
     SYN_PAGE, 2, U, X, Y, N, H, 0x7002, 0x5008, ALL},
    {"HS: A/D write of a 32-bit VS entry", SYN_RISCV, REGS(0xf, 21, 0x7002, 0x1401, 0x2020), H, 0,
     SYN_PAGE, 2, U, R, Y, Y, H, 0x7002, 0x5004, ALL},
    {"HS: htval 0: no address", SYN_RISCV, REGS(0xf, 23, 0x7002, 0, 0), H, 0, SYN_PAGE, 2, U, W, Q,
     Q, H, 0x7002, 0, 0},
    {"VS: store page fault", SYN_RISCV, REGS(3, 15, 0x7002), G, 0, SYN_PAGE, 1, U, W, N, N, G,
     0x7002, 0, 0},
    {"M: load access fault", SYN_RISCV, REGS(3, 5, 0x7002), SYN_FIRMWARE, 0, SYN_EXTERNAL, 0, U, R,
     Q, Q, SYN_FIRMWARE, 0x7002, 0, 0},
};

static void worked_values(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof worked / sizeof worked[0]; i++) {
    const struct worked *w = &worked[i];
    struct syn_regs regs = w->regs;
    struct syn_fault f;
    struct syn_masks m;
    regs.taker = w->taker_in;
    regs.settings = w->settings;
    const enum syn_result rc = syn_decode(w->arch, &regs, &f, &m);
    if (rc != SYN_OK || f.cause != w->cause || f.stage != w->stage || f.level != w->level ||
        f.access != w->access || f.on_walk != w->on_walk || f.update != w->update ||
        f.taker != w->taker || f.va.value != w->va || f.gpa.value != w->gpa ||
        f.gpa.known != w->gpa_known)
      fail_msg(
          "%s: result %d, cause %s, stage %u, level %d, access %u, walk %u, update %u, taker "
          "%u, va %llx, gpa %llx",
          w->what, rc, syn_cause_name(f.cause), f.stage, f.level, f.access, f.on_walk, f.update,
          f.taker, (unsigned long long)f.va.value, (unsigned long long)f.gpa.value);
  }
}

static void not_memory_faults(void **state) {
  (void)state;
  static const struct {
    enum syn_arch arch;
    struct syn_regs regs;
  } others[] = {{SYN_X86, REGS(4, 0, 0, 10)},
                {SYN_X86, REGS(4, 0, 0, 48)},
                {SYN_X86, REGS(0, 0)},
                {SYN_AMD, REGS(12, 0, 0, 0x4e, 4)},
                {SYN_ARM64, REGS(1, 0x56000000)},
                {SYN_ARM64, REGS(1, 0x92000019)},
                {SYN_RISCV, REGS(1, 22)},
                {SYN_RISCV, REGS(1, UINT64_C(1) << 63 | 5)}};
  struct syn_fault f;
  struct syn_masks m;
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    assert_int_equal(syn_decode(others[i].arch, &others[i].regs, &f, &m), SYN_NOT_FAULT);
}

static void operands(void **state) {
  (void)state;
  static const struct {
    enum syn_arch arch;
    struct syn_regs regs;
    struct syn_operand is;
  } rows[] = {
      {SYN_ARM64, REGS(3, 0x93010007), {.size = 0, .reg = 1}}, /* ldrb w1 */
      {SYN_ARM64, REGS(3, 0x93e58007), {.sign = true, .wide = true, .size = 3, .reg = 5}},
      {SYN_ARM64, REGS(3, 0x939e4047), {.store = true, .ordered = true, .size = 2, .reg = 30}},
      {SYN_RISCV, REGS(9, 21, 0, 0, 0x2503), {.sign = true, .wide = true, .size = 2, .reg = 10}},
      {SYN_RISCV, REGS(9, 21, 0, 0, 0x5501), {.wide = true, .size = 1, .reg = 10}}, /* lhu, c. */
      {SYN_RISCV, REGS(9, 23, 0, 0, 0xb03023), {.store = true, .wide = true, .size = 3, .reg = 11}},
      {SYN_RISCV,
       REGS(9, 21, 0, 0, 0x3507),
       {.wide = true, .floating = true, .size = 3, .reg = 10}}, /* fld fa0 */
      {SYN_RISCV, REGS(9, 21, 0, 0, 0x68104573), {.wide = true, .size = 2, .reg = 10}}, /* hlv.wu */
      {SYN_RISCV,
       REGS(9, 23, 0, 0, 0x6eb04073),
       {.store = true, .wide = true, .size = 3, .reg = 11}}, /* hsv.d */
  };
  struct syn_fault f;
  struct syn_masks m;
  struct syn_operand o;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    assert_int_equal(syn_decode(rows[i].arch, &rows[i].regs, &f, &m), SYN_OK);
    assert_true(syn_operand(rows[i].arch, &f, &o));
    assert_memory_equal(&o, &rows[i].is, sizeof o);
  }
  f.instruction = 0;
  assert_false(syn_operand(SYN_RISCV, &f, &o));
  assert_false(syn_operand(SYN_X86, &f, &o));
}

/* ---- every bit ------------------------------------------------------------------------------ */

static bool covered(enum syn_arch arch, const struct syn_regs *r, unsigned reg, unsigned bit) {
  const struct syn_layout *l = syn_layout_of(arch, r);
  bool any = false;
  for (const struct syn_field *f = l->fields; f->name != NULL; f++) {
    if (f->reg != reg) continue;
    any = true;
    if (syn_field_there(f, r->value[reg]) && (syn_field_mask(f) >> bit & 1) != 0) return true;
  }
  return !any; /* an address */
}

/* Each bit of each worked register: it changes the meaning, or is marked; and the printed tables,
 * which are written apart, have it. */
static void every_bit(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof worked / sizeof worked[0]; i++) {
    struct syn_regs base = worked[i].regs;
    struct syn_fault before, after;
    struct syn_masks m, n;
    base.taker = worked[i].taker_in;
    base.settings = worked[i].settings;
    syn_decode(worked[i].arch, &base, &before, &m);
    for (unsigned r = 0; r < SYN_REGS; r++) {
      for (unsigned bit = 0; bit < 64 && (base.given >> r & 1) != 0; bit++) {
        struct syn_regs other = base;
        other.value[r] ^= UINT64_C(1) << bit;
        if (syn_decode(worked[i].arch, &other, &after, &n) != SYN_OK) continue;
        const bool undefined = ((m.undefined[r] | n.undefined[r]) >> bit & 1) != 0;
        if (!undefined && same_fault(&before, &after))
          fail_msg("%s: bit %u of register %u is lost", worked[i].what, bit, r);
        if (!undefined && !covered(worked[i].arch, &other, r, bit) &&
            !covered(worked[i].arch, &base, r, bit))
          fail_msg("%s: bit %u of register %u is in no table", worked[i].what, bit, r);
      }
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(worked_values),
      cmocka_unit_test(not_memory_faults),
      cmocka_unit_test(operands),
      cmocka_unit_test(every_bit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 * The fault decoders against registers put together by hand from the manuals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "firmware/common/fault.h"

enum access { NO_ACCESS, RD, WR, IF };
enum who { UNKNOWN, USER, KERNEL };

struct expect {
  uint64_t reg[4];
  enum fw_fault_kind kind;
  int level;
  enum access access;
  enum who who;
  int va; /* valid */
};

static void check(const struct expect *e, size_t n,
                  void (*decode)(const uint64_t reg[4], struct fw_fault *out), unsigned va_reg) {
  for (size_t i = 0; i < n; i++) {
    struct fw_fault f;
    decode(e[i].reg, &f);
    enum access a = f.write ? WR : f.fetch ? IF : f.read ? RD : NO_ACCESS;
    enum who w = !f.user_known ? UNKNOWN : f.user ? USER : KERNEL;
    if (f.kind != e[i].kind || f.level != e[i].level || a != e[i].access || w != e[i].who ||
        f.va_valid != e[i].va || f.va != (e[i].va ? e[i].reg[va_reg] : 0))
      fail_msg("row %zu: kind %d level %d access %d who %d va %d", i, (int)f.kind, f.level, (int)a,
               (int)w, f.va_valid);
    assert_true(f.read + f.write + f.fetch <= 1);
  }
}

#define VA UINT64_C(0x00007f1234567abc)
#define N(a) (sizeof(a) / sizeof(a)[0])

static void x86(void **state) {
  (void)state;
  static const struct expect e[] = {
      {{14, 0x04, VA}, FW_FAULT_NOT_PRESENT, -1, RD, USER, 1},
      {{14, 0x06, VA}, FW_FAULT_NOT_PRESENT, -1, WR, USER, 1},
      {{14, 0x14, VA}, FW_FAULT_NOT_PRESENT, -1, IF, USER, 1},
      {{14, 0x00, VA}, FW_FAULT_NOT_PRESENT, -1, RD, KERNEL, 1},
      {{14, 0x07, VA}, FW_FAULT_PRESENT, -1, WR, USER, 1},
      {{14, 0x15, VA}, FW_FAULT_PRESENT, -1, IF, USER, 1},
      {{14, 0x01, VA}, FW_FAULT_PRESENT, -1, RD, KERNEL, 1},
      {{14, 0x0d, VA}, FW_FAULT_RESERVED, -1, RD, USER, 1},
      {{14, 0x25, VA}, FW_FAULT_PRESENT, -1, RD, USER, 1}, /* protection key */
      {{13, 0, VA}, FW_FAULT_PROTECTION, -1, NO_ACCESS, UNKNOWN, 0},
      {{18, 0, 0}, FW_FAULT_BUS, -1, NO_ACCESS, UNKNOWN, 0},
      {{17, 0, 0}, FW_FAULT_ALIGNMENT, -1, NO_ACCESS, UNKNOWN, 0},
      {{3, 0, VA}, FW_FAULT_NOT_PAGE, -1, NO_ACCESS, UNKNOWN, 0},
  };
  check(e, N(e), fw_x86_decode, 2);
}

static void arm64(void **state) {
  (void)state;
  static const struct expect e[] = {
      /* EC 0x24 (data abort, lower EL), IL, translation fault level 3, read: 0x92000007 */
      {{0x92000007, VA}, FW_FAULT_NOT_PRESENT, 0, RD, USER, 1},
      {{0x92000047, VA}, FW_FAULT_NOT_PRESENT, 0, WR, USER, 1},
      {{0x92000004, VA}, FW_FAULT_NOT_PRESENT, 3, RD, USER, 1},
      {{0x9200004f, VA}, FW_FAULT_PERMISSION, 0, WR, USER, 1},
      {{0x9200000e, VA}, FW_FAULT_PERMISSION, 1, RD, USER, 1},
      {{0x9200000b, VA}, FW_FAULT_ACCESSED, 0, RD, USER, 1},
      {{0x9200004a, VA}, FW_FAULT_ACCESSED, 1, WR, USER, 1},
      {{0x92000001, VA}, FW_FAULT_ADDRESS_SIZE, 2, RD, USER, 1},
      {{0x96000007, VA}, FW_FAULT_NOT_PRESENT, 0, RD, KERNEL, 1}, /* EC 0x25 */
      {{0x82000006, VA}, FW_FAULT_NOT_PRESENT, 1, IF, USER, 1},   /* EC 0x20 */
      {{0x8600000f, VA}, FW_FAULT_PERMISSION, 0, IF, KERNEL, 1},  /* EC 0x21 */
      {{0x92000217, VA}, FW_FAULT_BUS, 0, RD, USER, 1},  /* EA, external abort on walk, L3 */
      {{0x9200001d, VA}, FW_FAULT_BUS, 2, RD, USER, 1},  /* parity on walk, L1 */
      {{0x92000010, VA}, FW_FAULT_BUS, -1, RD, USER, 1}, /* not on a walk */
      {{0x92000410, VA}, FW_FAULT_BUS, -1, RD, USER, 0}, /* FnV */
      {{0x92000071, VA}, FW_FAULT_NO_ATOMIC, -1, NO_ACCESS, USER, 1},
      {{0x92000021, VA}, FW_FAULT_ALIGNMENT, -1, RD, USER, 1},
      {{0x92000029, VA}, FW_FAULT_ADDRESS_SIZE, 4, RD, USER, 1}, /* level -1 */
      {{0x9200002b, VA}, FW_FAULT_NOT_PRESENT, 4, RD, USER, 1},
      {{0x56000000, VA}, FW_FAULT_NOT_PAGE, -1, NO_ACCESS, UNKNOWN, 0}, /* SVC */
      {{0x92000034, VA}, FW_FAULT_NOT_PAGE, -1, NO_ACCESS, UNKNOWN, 0},
  };
  check(e, N(e), fw_arm64_decode, 1);
}

static void riscv(void **state) {
  (void)state;
  static const struct expect e[] = {
      {{12, VA}, FW_FAULT_PAGE, -1, IF, UNKNOWN, 1},
      {{13, VA}, FW_FAULT_PAGE, -1, RD, UNKNOWN, 1},
      {{15, VA}, FW_FAULT_PAGE, -1, WR, UNKNOWN, 1},
      {{1, VA}, FW_FAULT_BUS, -1, IF, UNKNOWN, 1},
      {{5, VA}, FW_FAULT_BUS, -1, RD, UNKNOWN, 1},
      {{7, VA}, FW_FAULT_BUS, -1, WR, UNKNOWN, 1},
      {{4, VA}, FW_FAULT_ALIGNMENT, -1, RD, UNKNOWN, 1},
      {{6, VA}, FW_FAULT_ALIGNMENT, -1, WR, UNKNOWN, 1},
      {{2, VA}, FW_FAULT_NOT_PAGE, -1, NO_ACCESS, UNKNOWN, 0},
      {{UINT64_C(1) << 63 | 13, VA}, FW_FAULT_NOT_PAGE, -1, NO_ACCESS, UNKNOWN, 0}, /* interrupt */
  };
  check(e, N(e), fw_riscv_decode, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(x86), cmocka_unit_test(arm64),
                                     cmocka_unit_test(riscv)};
  return cmocka_run_group_tests_name("firmware", tests, NULL, NULL);
}

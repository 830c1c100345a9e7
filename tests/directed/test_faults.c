/* SPDX-License-Identifier: Apache-2.0
 * Every stage-1 fault of every architecture, with its registers to the bit. The figures are
 * written out from the manuals: SDM vol. 3 "Page-Fault Exceptions" (error code), Arm ARM ESR_ELx
 * and EC 0x20, 0x21, 0x24, 0x25 with DFSC and IFSC, RISC-V scause. */
#include "directed.h"

#define BIT(n) (UINT64_C(1) << (n))

enum { NO_WRITE = PAGE_ALL & ~(PAGE_W | PAGE_D), KERNEL = PAGE_ALL & ~PAGE_U };

/* What differs from the plain context: user mode, hardware A and D, everything else off but WP, NXE
 * and 1 GiB pages. */
enum tweak {
  PLAIN = 0,
  SUP = 1, /* supervisor mode; may be added to any of the others */
  NO_WP = 1 << 1,
  NO_NXE = 1 << 2,
  SMEP = 1 << 3,
  SMAP = 1 << 4,
  AC = 1 << 5,
  IMPLICIT = 1 << 6,
  NO_1G = 1 << 7,
  KEY_AD = 1 << 8,
  KEY_WD = 1 << 9,
  SOFT = 1 << 10, /* software sets A and D */
  PAN = 1 << 11,
  WXN = 1 << 12,
  HPD = 1 << 13,
  CACHE = 1 << 14,
  TRANSLATE = 1 << 15,
  SUM = 1 << 16,
  MXR = 1 << 17,
  HLVX = 1 << 18,
  PBMTE = 1 << 19,
  NARROW = 1 << 20 /* 40 physical bits */
};

/* Where: the page's height, or every height of a table, of a page, of a table over a page. */
enum { LEAF_ANY = 100, TABLE_ANY = 101, ABOVE_ANY = 102 };

struct row {
  const char *name;
  unsigned where;
  unsigned flags;      /* of the page */
  uint64_t set, clear; /* in the descriptor that is `where` */
  unsigned kind;       /* enum mmu_access_kind */
  unsigned tweak;
  enum mmu_cause cause; /* MMU_CAUSE_NONE: the access is allowed */
  uint64_t reg[2];      /* x86: vector, error code. Arm: ESR at level 0. RISC-V: scause */
};

/* ---- x86: #PF error code P 1, W 2, U 4, RSVD 8, I 16, PK 32
 * -------------------------------------- */

#define PF(code) \
  { 14, code }
static const struct row x86_rows[] = {
    {"absent, user read", TABLE_ANY, PAGE_ALL, 0, 1, MMU_READ, PLAIN, MMU_CAUSE_NOT_PRESENT, PF(4)},
    {"absent, user write", TABLE_ANY, PAGE_ALL, 0, 1, MMU_WRITE, PLAIN, MMU_CAUSE_NOT_PRESENT,
     PF(6)},
    {"absent, user rmw", 0, PAGE_ALL, 0, 1, MMU_RMW, PLAIN, MMU_CAUSE_NOT_PRESENT, PF(6)},
    {"absent, user fetch", TABLE_ANY, PAGE_ALL, 0, 1, MMU_FETCH, PLAIN, MMU_CAUSE_NOT_PRESENT,
     PF(0x14)},
    {"absent, fetch without NXE, SMEP", 0, PAGE_ALL, 0, 1, MMU_FETCH, NO_NXE, MMU_CAUSE_NOT_PRESENT,
     PF(4)},
    {"absent, fetch with SMEP alone", 0, PAGE_ALL, 0, 1, MMU_FETCH, NO_NXE | SMEP,
     MMU_CAUSE_NOT_PRESENT, PF(0x14)},
    {"absent, kernel read", TABLE_ANY, PAGE_ALL, 0, 1, MMU_READ, SUP, MMU_CAUSE_NOT_PRESENT, PF(0)},
    {"absent, kernel write", 0, PAGE_ALL, 0, 1, MMU_WRITE, SUP, MMU_CAUSE_NOT_PRESENT, PF(2)},
    {"absent, kernel fetch", 0, PAGE_ALL, 0, 1, MMU_FETCH, SUP, MMU_CAUSE_NOT_PRESENT, PF(0x10)},
    {"read-only, user write", LEAF_ANY, NO_WRITE, 0, 0, MMU_WRITE, PLAIN, MMU_CAUSE_PERMISSION,
     PF(7)},
    {"read-only, user rmw", 0, NO_WRITE, 0, 0, MMU_RMW, PLAIN, MMU_CAUSE_PERMISSION, PF(7)},
    {"read-only above, user write", ABOVE_ANY, PAGE_ALL, 0, 2, MMU_WRITE, PLAIN,
     MMU_CAUSE_PERMISSION, PF(7)},
    {"kernel page, user read", LEAF_ANY, KERNEL, 0, 0, MMU_READ, PLAIN, MMU_CAUSE_PERMISSION,
     PF(5)},
    {"kernel table, user read", ABOVE_ANY, PAGE_ALL, 0, 4, MMU_READ, PLAIN, MMU_CAUSE_PERMISSION,
     PF(5)},
    {"XD, user fetch", LEAF_ANY, PAGE_ALL & ~PAGE_X, 0, 0, MMU_FETCH, PLAIN, MMU_CAUSE_PERMISSION,
     PF(0x15)},
    {"XD above, kernel fetch", ABOVE_ANY, KERNEL, BIT(63), 0, MMU_FETCH, SUP, MMU_CAUSE_PERMISSION,
     PF(0x11)},
    {"read-only, kernel write, WP", 0, NO_WRITE, 0, 0, MMU_WRITE, SUP, MMU_CAUSE_PERMISSION, PF(3)},
    {"read-only, kernel write, no WP", 0, NO_WRITE, 0, 0, MMU_WRITE, SUP | NO_WP, MMU_CAUSE_NONE,
     PF(0)},
    {"read-only, user write, no WP", 0, NO_WRITE, 0, 0, MMU_WRITE, NO_WP, MMU_CAUSE_PERMISSION,
     PF(7)},
    {"user page, kernel fetch, SMEP", LEAF_ANY, PAGE_ALL, 0, 0, MMU_FETCH, SUP | SMEP,
     MMU_CAUSE_PERMISSION, PF(0x11)},
    {"user page, kernel fetch", 0, PAGE_ALL, 0, 0, MMU_FETCH, SUP, MMU_CAUSE_NONE, PF(0)},
    {"kernel table, kernel fetch, SMEP", ABOVE_ANY, PAGE_ALL, 0, 4, MMU_FETCH, SUP | SMEP,
     MMU_CAUSE_NONE, PF(0)},
    {"user page, kernel read, SMAP", LEAF_ANY, PAGE_ALL, 0, 0, MMU_READ, SUP | SMAP,
     MMU_CAUSE_PERMISSION, PF(1)},
    {"user page, kernel write, SMAP", 0, PAGE_ALL, 0, 0, MMU_WRITE, SUP | SMAP,
     MMU_CAUSE_PERMISSION, PF(3)},
    {"user page, kernel read, SMAP, AC", 0, PAGE_ALL, 0, 0, MMU_READ, SUP | SMAP | AC,
     MMU_CAUSE_NONE, PF(0)},
    {"user page, implicit read, SMAP, AC", 0, PAGE_ALL, 0, 0, MMU_READ, IMPLICIT | SMAP | AC,
     MMU_CAUSE_PERMISSION, PF(1)},
    {"kernel page, implicit read", 0, KERNEL, 0, 0, MMU_READ, IMPLICIT, MMU_CAUSE_NONE, PF(0)},
    {"reserved, user read", TABLE_ANY, PAGE_ALL, BIT(51), 0, MMU_READ, PLAIN, MMU_CAUSE_RESERVED,
     PF(0xd)},
    {"reserved, user write", TABLE_ANY, PAGE_ALL, BIT(48), 0, MMU_WRITE, PLAIN, MMU_CAUSE_RESERVED,
     PF(0xf)},
    {"reserved, kernel fetch", 0, PAGE_ALL, BIT(48), 0, MMU_FETCH, SUP, MMU_CAUSE_RESERVED,
     PF(0x19)},
    {"beyond the width, user read", TABLE_ANY, PAGE_ALL, BIT(40), 0, MMU_READ, NARROW,
     MMU_CAUSE_RESERVED, PF(0xd)},
    {"XD without NXE", TABLE_ANY, PAGE_ALL, BIT(63), 0, MMU_READ, NO_NXE, MMU_CAUSE_RESERVED,
     PF(0xd)},
    {"1 GiB page without support", 2, PAGE_ALL, 0, 0, MMU_READ, NO_1G, MMU_CAUSE_RESERVED, PF(0xd)},
    {"PS in a PML4 entry", 3, PAGE_ALL, BIT(7), 0, MMU_READ, PLAIN, MMU_CAUSE_RESERVED, PF(0xd)},
    {"key without access, read", LEAF_ANY, PAGE_ALL, UINT64_C(5) << 59, 0, MMU_READ, KEY_AD,
     MMU_CAUSE_PKEY, PF(0x25)},
    {"key without write, write", LEAF_ANY, PAGE_ALL, UINT64_C(5) << 59, 0, MMU_WRITE, KEY_WD,
     MMU_CAUSE_PKEY, PF(0x27)},
    {"key without write, read", 0, PAGE_ALL, UINT64_C(5) << 59, 0, MMU_READ, KEY_WD, MMU_CAUSE_NONE,
     PF(0)},
    {"key without write, kernel write", 0, PAGE_ALL, UINT64_C(5) << 59, 0, MMU_WRITE, SUP | KEY_WD,
     MMU_CAUSE_PKEY, PF(0x23)},
    {"key without write, kernel write, no WP", 0, PAGE_ALL, UINT64_C(5) << 59, 0, MMU_WRITE,
     SUP | KEY_WD | NO_WP, MMU_CAUSE_NONE, PF(0)},
    {"key without access, fetch", 0, PAGE_ALL, UINT64_C(5) << 59, 0, MMU_FETCH, KEY_AD,
     MMU_CAUSE_NONE, PF(0)},
    {"key without access, kernel page", 0, KERNEL, UINT64_C(5) << 59, 0, MMU_READ, SUP | KEY_AD,
     MMU_CAUSE_NONE, PF(0)},
};

/* ---- Arm: ESR of level 0; the level is added
 * -------------------------------------------------------- */

#define ESR(value) \
  { value, 0 }
static const struct row arm_rows[] = {
    {"translation, EL0 read", TABLE_ANY, PAGE_ALL, 0, 1, MMU_READ, PLAIN, MMU_CAUSE_NOT_PRESENT,
     ESR(0x92000004)},
    {"translation, EL0 write", TABLE_ANY, PAGE_ALL, 0, 1, MMU_WRITE, PLAIN, MMU_CAUSE_NOT_PRESENT,
     ESR(0x92000044)},
    {"translation, EL0 fetch", TABLE_ANY, PAGE_ALL, 0, 1, MMU_FETCH, PLAIN, MMU_CAUSE_NOT_PRESENT,
     ESR(0x82000004)},
    {"translation, EL1 read", TABLE_ANY, PAGE_ALL, 0, 1, MMU_READ, SUP, MMU_CAUSE_NOT_PRESENT,
     ESR(0x96000004)},
    {"translation, EL1 write", TABLE_ANY, PAGE_ALL, 0, 1, MMU_WRITE, SUP, MMU_CAUSE_NOT_PRESENT,
     ESR(0x96000044)},
    {"translation, EL1 fetch", TABLE_ANY, PAGE_ALL, 0, 1, MMU_FETCH, SUP, MMU_CAUSE_NOT_PRESENT,
     ESR(0x86000004)},
    {"translation, atomic: a read would fault too", 0, PAGE_ALL, 0, 1, MMU_RMW, PLAIN,
     MMU_CAUSE_NOT_PRESENT, ESR(0x92000004)},
    {"block descriptor at level 3", 0, PAGE_ALL, 0, 2, MMU_READ, PLAIN, MMU_CAUSE_RESERVED,
     ESR(0x92000004)},
    {"block descriptor at level 0", 3, PAGE_ALL, 0, 2, MMU_READ, PLAIN, MMU_CAUSE_RESERVED,
     ESR(0x92000004)},
    {"access flag, EL0 read", LEAF_ANY, PAGE_ALL & ~PAGE_A, 0, 0, MMU_READ, SOFT,
     MMU_CAUSE_ACCESS_FLAG, ESR(0x92000008)},
    {"access flag, EL1 write", LEAF_ANY, PAGE_ALL & ~PAGE_A, 0, 0, MMU_WRITE, SUP | SOFT,
     MMU_CAUSE_ACCESS_FLAG, ESR(0x96000048)},
    {"access flag, EL0 fetch", LEAF_ANY, PAGE_ALL & ~PAGE_A, 0, 0, MMU_FETCH, SOFT,
     MMU_CAUSE_ACCESS_FLAG, ESR(0x82000008)},
    {"read-only, EL0 write", LEAF_ANY, NO_WRITE, 0, 0, MMU_WRITE, PLAIN, MMU_CAUSE_PERMISSION,
     ESR(0x9200004c)},
    {"read-only, EL1 write", LEAF_ANY, NO_WRITE & ~PAGE_U, 0, 0, MMU_WRITE, SUP,
     MMU_CAUSE_PERMISSION, ESR(0x9600004c)},
    {"read-only, EL0 atomic: a read would pass", LEAF_ANY, NO_WRITE, 0, 0, MMU_RMW, PLAIN,
     MMU_CAUSE_PERMISSION, ESR(0x9200004c)},
    {"EL1 page, EL0 atomic: a read would not pass", LEAF_ANY, KERNEL, 0, 0, MMU_RMW, PLAIN,
     MMU_CAUSE_PERMISSION, ESR(0x9200000c)},
    {"EL1 page, EL0 read", LEAF_ANY, KERNEL, 0, 0, MMU_READ, PLAIN, MMU_CAUSE_PERMISSION,
     ESR(0x9200000c)},
    {"UXN, EL0 fetch", LEAF_ANY, PAGE_ALL & ~PAGE_X, 0, 0, MMU_FETCH, PLAIN, MMU_CAUSE_PERMISSION,
     ESR(0x8200000c)},
    {"PXN, EL1 fetch", LEAF_ANY, KERNEL & ~PAGE_X, 0, 0, MMU_FETCH, SUP, MMU_CAUSE_PERMISSION,
     ESR(0x8600000c)},
    {"EL0-writable, EL1 fetch", LEAF_ANY, PAGE_ALL, 0, BIT(53), MMU_FETCH, SUP,
     MMU_CAUSE_PERMISSION, ESR(0x8600000c)},
    {"EL0 page, EL1 read, PAN", LEAF_ANY, PAGE_ALL, 0, 0, MMU_READ, SUP | PAN, MMU_CAUSE_PERMISSION,
     ESR(0x9600000c)},
    {"EL0 page, EL1 read", 0, PAGE_ALL, 0, 0, MMU_READ, SUP, MMU_CAUSE_NONE, ESR(0)},
    {"EL0 page, EL1 atomic, PAN", 0, PAGE_ALL, 0, 0, MMU_RMW, SUP | PAN, MMU_CAUSE_PERMISSION,
     ESR(0x9600000c)},
    {"writable, EL0 fetch, WXN", LEAF_ANY, PAGE_ALL, 0, 0, MMU_FETCH, WXN, MMU_CAUSE_PERMISSION,
     ESR(0x8200000c)},
    {"read-only, EL0 fetch, WXN", 0, NO_WRITE, 0, 0, MMU_FETCH, WXN, MMU_CAUSE_NONE, ESR(0)},
    {"APTable[0], EL0 read", ABOVE_ANY, PAGE_ALL, BIT(61), 0, MMU_READ, PLAIN, MMU_CAUSE_PERMISSION,
     ESR(0x9200000c)},
    {"APTable[1], EL0 write", ABOVE_ANY, PAGE_ALL, BIT(62), 0, MMU_WRITE, PLAIN,
     MMU_CAUSE_PERMISSION, ESR(0x9200004c)},
    {"UXNTable, EL0 fetch", ABOVE_ANY, PAGE_ALL, BIT(60), 0, MMU_FETCH, PLAIN, MMU_CAUSE_PERMISSION,
     ESR(0x8200000c)},
    {"PXNTable, EL1 fetch", ABOVE_ANY, KERNEL, BIT(59), 0, MMU_FETCH, SUP, MMU_CAUSE_PERMISSION,
     ESR(0x8600000c)},
    {"APTable[0] with HPD", ABOVE_ANY, PAGE_ALL, BIT(61), 0, MMU_READ, HPD, MMU_CAUSE_NONE, ESR(0)},
    {"APTable[1] with HPD", ABOVE_ANY, PAGE_ALL, BIT(62), 0, MMU_WRITE, HPD, MMU_CAUSE_NONE,
     ESR(0)},
    {"address size, EL0 read", TABLE_ANY, PAGE_ALL, BIT(40), 0, MMU_READ, NARROW,
     MMU_CAUSE_ADDRESS_SIZE, ESR(0x92000000)},
    {"address size, EL1 write", TABLE_ANY, PAGE_ALL, BIT(47), 0, MMU_WRITE, SUP | NARROW,
     MMU_CAUSE_ADDRESS_SIZE, ESR(0x96000040)},
    {"address size, EL0 fetch", LEAF_ANY, PAGE_ALL, BIT(44), 0, MMU_FETCH, NARROW,
     MMU_CAUSE_ADDRESS_SIZE, ESR(0x82000000)},
    {"AT, translation", 0, PAGE_ALL, 0, 1, MMU_READ, TRANSLATE, MMU_CAUSE_NOT_PRESENT,
     ESR(0x96000144)},
    {"DC by EL0, refused", 0, KERNEL, 0, 0, MMU_READ, CACHE, MMU_CAUSE_PERMISSION, ESR(0x9200014c)},
};

/* ---- RISC-V: scause
 * ----------------------------------------------------------------------------------- */

#define SCAUSE(n) \
  { n, 0 }
static const struct row riscv_rows[] = {
    {"V=0, load", TABLE_ANY, PAGE_ALL, 0, 1, MMU_READ, PLAIN, MMU_CAUSE_NOT_PRESENT, SCAUSE(13)},
    {"V=0, store", TABLE_ANY, PAGE_ALL, 0, 1, MMU_WRITE, PLAIN, MMU_CAUSE_NOT_PRESENT, SCAUSE(15)},
    {"V=0, AMO", 0, PAGE_ALL, 0, 1, MMU_RMW, PLAIN, MMU_CAUSE_NOT_PRESENT, SCAUSE(15)},
    {"V=0, fetch", TABLE_ANY, PAGE_ALL, 0, 1, MMU_FETCH, SUP, MMU_CAUSE_NOT_PRESENT, SCAUSE(12)},
    {"V=0, cache operation", 0, PAGE_ALL, 0, 1, MMU_READ, CACHE, MMU_CAUSE_NOT_PRESENT, SCAUSE(15)},
    {"W without R", LEAF_ANY, PAGE_ALL, 0, 2, MMU_WRITE, PLAIN, MMU_CAUSE_RESERVED, SCAUSE(15)},
    {"bit 63", TABLE_ANY, PAGE_ALL, BIT(63), 0, MMU_READ, PLAIN, MMU_CAUSE_RESERVED, SCAUSE(13)},
    {"PBMT without PBMTE", LEAF_ANY, PAGE_ALL, BIT(61), 0, MMU_READ, PLAIN, MMU_CAUSE_RESERVED,
     SCAUSE(13)},
    {"PBMT with PBMTE", LEAF_ANY, PAGE_ALL, BIT(61), 0, MMU_READ, PBMTE, MMU_CAUSE_NONE, SCAUSE(0)},
    {"PBMT 3", LEAF_ANY, PAGE_ALL, BIT(61) | BIT(62), 0, MMU_FETCH, PBMTE, MMU_CAUSE_RESERVED,
     SCAUSE(12)},
    {"PBMT in a pointer", ABOVE_ANY, PAGE_ALL, BIT(61), 0, MMU_READ, PBMTE, MMU_CAUSE_RESERVED,
     SCAUSE(13)},
    {"A in a pointer", ABOVE_ANY, PAGE_ALL, BIT(6), 0, MMU_READ, PLAIN, MMU_CAUSE_RESERVED,
     SCAUSE(13)},
    {"D in a pointer", ABOVE_ANY, PAGE_ALL, BIT(7), 0, MMU_READ, PLAIN, MMU_CAUSE_RESERVED,
     SCAUSE(13)},
    {"U in a pointer", ABOVE_ANY, PAGE_ALL, BIT(4), 0, MMU_READ, PLAIN, MMU_CAUSE_RESERVED,
     SCAUSE(13)},
    {"RSW in a pointer", ABOVE_ANY, PAGE_ALL, BIT(8) | BIT(9), 0, MMU_READ, PLAIN, MMU_CAUSE_NONE,
     SCAUSE(0)},
    {"pointer at the last level", 0, PAGE_ALL, 0, 0xfe, MMU_FETCH, PLAIN, MMU_CAUSE_RESERVED,
     SCAUSE(12)},
    {"misaligned", 1, PAGE_ALL, BIT(10), 0, MMU_READ, PLAIN, MMU_CAUSE_RESERVED, SCAUSE(13)},
    {"misaligned 1 GiB", 2, PAGE_ALL, BIT(27), 0, MMU_WRITE, PLAIN, MMU_CAUSE_RESERVED, SCAUSE(15)},
    {"read-only, store", LEAF_ANY, NO_WRITE, 0, 0, MMU_WRITE, PLAIN, MMU_CAUSE_PERMISSION,
     SCAUSE(15)},
    {"read-only, AMO", 0, NO_WRITE, 0, 0, MMU_RMW, PLAIN, MMU_CAUSE_PERMISSION, SCAUSE(15)},
    {"no X, fetch", LEAF_ANY, PAGE_ALL & ~PAGE_X, 0, 0, MMU_FETCH, PLAIN, MMU_CAUSE_PERMISSION,
     SCAUSE(12)},
    {"X only, load", LEAF_ANY, PAGE_X | PAGE_U | PAGE_A, 0, 0, MMU_READ, PLAIN,
     MMU_CAUSE_PERMISSION, SCAUSE(13)},
    {"X only, load, MXR", LEAF_ANY, PAGE_X | PAGE_U | PAGE_A, 0, 0, MMU_READ, MXR, MMU_CAUSE_NONE,
     SCAUSE(0)},
    {"R only, HLVX", LEAF_ANY, PAGE_R | PAGE_U | PAGE_A, 0, 0, MMU_READ, HLVX, MMU_CAUSE_PERMISSION,
     SCAUSE(13)},
    {"X only, HLVX", LEAF_ANY, PAGE_X | PAGE_U | PAGE_A, 0, 0, MMU_READ, HLVX, MMU_CAUSE_NONE,
     SCAUSE(0)},
    {"U=0, user load", LEAF_ANY, KERNEL, 0, 0, MMU_READ, PLAIN, MMU_CAUSE_PERMISSION, SCAUSE(13)},
    {"U=1, S load", LEAF_ANY, PAGE_ALL, 0, 0, MMU_READ, SUP, MMU_CAUSE_PERMISSION, SCAUSE(13)},
    {"U=1, S load, SUM", LEAF_ANY, PAGE_ALL, 0, 0, MMU_READ, SUP | SUM, MMU_CAUSE_NONE, SCAUSE(0)},
    {"U=1, S store", 0, PAGE_ALL, 0, 0, MMU_WRITE, SUP, MMU_CAUSE_PERMISSION, SCAUSE(15)},
    {"U=1, S fetch, SUM", LEAF_ANY, PAGE_ALL, 0, 0, MMU_FETCH, SUP | SUM, MMU_CAUSE_PERMISSION,
     SCAUSE(12)},
    {"A=0, Svade, load", LEAF_ANY, PAGE_ALL & ~PAGE_A, 0, 0, MMU_READ, SOFT, MMU_CAUSE_ACCESS_FLAG,
     SCAUSE(13)},
    {"A=0, Svade, fetch", LEAF_ANY, PAGE_ALL & ~PAGE_A, 0, 0, MMU_FETCH, SOFT,
     MMU_CAUSE_ACCESS_FLAG, SCAUSE(12)},
    {"D=0, Svade, store", LEAF_ANY, PAGE_ALL & ~PAGE_D, 0, 0, MMU_WRITE, SOFT, MMU_CAUSE_DIRTY_FLAG,
     SCAUSE(15)},
    {"D=0, Svade, load", LEAF_ANY, PAGE_ALL & ~PAGE_D, 0, 0, MMU_READ, SOFT, MMU_CAUSE_NONE,
     SCAUSE(0)},
    {"beyond the width, load", TABLE_ANY, PAGE_ALL, BIT(38), 0, MMU_READ, NARROW,
     MMU_CAUSE_ADDRESS_SIZE, SCAUSE(5)},
    {"beyond the width, store", TABLE_ANY, PAGE_ALL, BIT(53), 0, MMU_WRITE, NARROW,
     MMU_CAUSE_ADDRESS_SIZE, SCAUSE(7)},
    {"beyond the width, fetch", TABLE_ANY, PAGE_ALL, BIT(38), 0, MMU_FETCH, NARROW,
     MMU_CAUSE_ADDRESS_SIZE, SCAUSE(1)},
};

/* ---- the tables, row by row
 * ---------------------------------------------------------------------------- */

static void apply_tweaks(unsigned tweak, struct mmu_context *c, struct mmu_access *a) {
  if ((tweak & SUP) != 0) c->priv = MMU_SUPERVISOR;
  if ((tweak & NO_WP) != 0) c->wp = false;
  if ((tweak & NO_NXE) != 0) c->nxe = false;
  c->smep = (tweak & SMEP) != 0;
  c->smap = (tweak & SMAP) != 0;
  c->ac = (tweak & AC) != 0;
  if ((tweak & NO_1G) != 0) c->page1g = false;
  c->pke = (tweak & (KEY_AD | KEY_WD)) != 0;
  c->pkru = (tweak & KEY_AD) != 0 ? 1u << 10 : (tweak & KEY_WD) != 0 ? 2u << 10 : 0;
  if ((tweak & SOFT) != 0) c->s1_hw_a = c->s1_hw_d = false;
  c->pan = (tweak & PAN) != 0;
  c->wxn = (tweak & WXN) != 0;
  c->hpd0 = c->hpd1 = (tweak & HPD) != 0;
  c->sum = (tweak & SUM) != 0;
  c->mxr = (tweak & MXR) != 0;
  c->pbmte = (tweak & PBMTE) != 0;
  if ((tweak & NARROW) != 0) c->pa_width = 40;
  a->implicit_sup = (tweak & IMPLICIT) != 0;
  a->exec_as_read = (tweak & HLVX) != 0;
  if ((tweak & CACHE) != 0) a->op = MMU_OP_CACHE;
  if ((tweak & TRANSLATE) != 0) a->op = MMU_OP_TRANSLATE;
}

static void expect_row(struct test *t, const struct row *row, const struct bench_request *q,
                       unsigned at, unsigned level) {
  const struct mmu_response *r = &q->response;
  check(t, r->status == MMU_FAULT && r->fault.cause == row->cause, "%s at %u: status %u cause %u",
        row->name, at, r->status, r->fault.cause);
  check(t, r->fault.s1_level == level, "%s at %u: level %u", row->name, at, r->fault.s1_level);
  uint64_t want[4] = {row->reg[0], row->reg[1], 0, 0};
  if (t->f->arch == MMU_ARCH_X86) {
    want[2] = q->req.va;
  } else {
    want[1] = q->req.va;
    if (t->f->arch == MMU_ARCH_ARM) want[0] += 3 - level;
  }
  for (unsigned i = 0; i < 4; i++) {
    check(t, r->syndrome.reg[i] == want[i], "%s at %u: register %u is %llx, not %llx", row->name,
          at, i, (unsigned long long)r->syndrome.reg[i], (unsigned long long)want[i]);
  }
  check(t, !r->syndrome.to_hyp && !r->fault.stage2, "%s: who takes it", row->name);
}

/* One row with a page of one height and the change in the descriptor of another. */
static void try_row(struct test *t, const struct row *row, unsigned page, unsigned at) {
  const uint64_t va = space_va(t->f, 3) + 0x7f0, pa = UINT64_C(1) << 39;
  const bool leaf_cause = row->cause == MMU_CAUSE_PERMISSION || row->cause == MMU_CAUSE_PKEY;
  const unsigned level = leaf_cause ? page : at; /* rights are judged at the page */
  renew(t);
  struct mmu_access access = access_of((enum mmu_access_kind)row->kind);
  apply_tweaks(row->tweak, &t->s.ctx, &access);
  space_map(&t->s, va, page, pa, row->flags);
  const uint64_t slot = space_slot(&t->s, va, at);
  const uint64_t word = (bench_peek(t->b, slot) | row->set) & ~row->clear;
  bench_poke(t->b, slot, word);
  /* cold, then with what the first walk left in the walk cache */
  for (unsigned again = 0; again < 2; again++) {
    const struct bench_request *q = bench_translate(t->b, va, &access, &t->s.ctx);
    if (row->cause == MMU_CAUSE_NONE) {
      check(t, q->response.status == MMU_OK, "%s at %u, time %u: refused, cause %u", row->name, at,
            again, q->response.fault.cause);
    } else {
      expect_row(t, row, q, at, level);
      check(t, bench_peek(t->b, slot) == word, "%s at %u: the descriptor changed", row->name, at);
    }
  }
}

static void try_rows(struct test *t, const struct row *rows, size_t n) {
  const unsigned biggest = t->f->big < 2 ? t->f->big : 2;
  for (size_t i = 0; i < n; i++) {
    const struct row *row = &rows[i];
    if (row->where == LEAF_ANY) {
      for (unsigned h = 0; h <= biggest; h++)
        try_row(t, row, h, h);
    } else if (row->where == TABLE_ANY || row->where == ABOVE_ANY) {
      for (unsigned h = row->where == ABOVE_ANY; h <= t->f->top; h++)
        try_row(t, row, 0, h);
    } else if (row->where <= t->f->top) {
      try_row(t, row, row->where <= biggest ? row->where : 0, row->where);
    }
  }
}

TEST_EACH_FORMAT(every_stage1_fault_with_its_registers) {
  switch (t->f->arch) {
    case MMU_ARCH_X86:
      try_rows(t, x86_rows, sizeof x86_rows / sizeof x86_rows[0]);
      break;
    case MMU_ARCH_ARM:
      try_rows(t, arm_rows, sizeof arm_rows / sizeof arm_rows[0]);
      break;
    default:
      try_rows(t, riscv_rows, sizeof riscv_rows / sizeof riscv_rows[0]);
      break;
  }
}

/* Faults before any table is read, and those of the memory itself. */
struct early {
  enum mmu_cause cause;
  uint64_t reg0[MMU_ARCH_COUNT][3]; /* read, write, fetch */
};

static const struct early earlies[] = {
    {MMU_CAUSE_NON_CANONICAL, {{13, 13, 13}, {0x92000004, 0x92000044, 0x82000004}, {13, 15, 12}}},
    {MMU_CAUSE_ROOT_SIZE, {{13, 13, 13}, {0x92000000, 0x92000040, 0x82000000}, {5, 7, 1}}},
    {MMU_CAUSE_ROOT_DISABLED, {{0, 0, 0}, {0x92000004, 0x92000044, 0x82000004}, {0, 0, 0}}},
    {MMU_CAUSE_ADDRESS_SIZE, {{0, 0, 0}, {0x92000000, 0x92000040, 0x82000000}, {5, 7, 1}}},
};

TEST_EACH_FORMAT(faults_before_any_table_is_read) {
  for (size_t i = 0; i < sizeof earlies / sizeof earlies[0]; i++) {
    const struct early *e = &earlies[i];
    for (unsigned kind = MMU_READ; kind <= MMU_FETCH; kind++) {
      renew(t);
      uint64_t va = space_va(t->f, 3) + 0x123;
      if (e->cause == MMU_CAUSE_NON_CANONICAL) va ^= BIT(61);
      if (e->cause == MMU_CAUSE_ROOT_SIZE)
        *(t->f->upper ? &t->s.ctx.s1_root1 : &t->s.ctx.s1_root0) |= BIT(50);
      if (e->cause == MMU_CAUSE_ROOT_DISABLED) t->s.ctx.epd0 = t->s.ctx.epd1 = true;
      if (e->cause == MMU_CAUSE_ADDRESS_SIZE) {
        t->s.ctx.s1_mode = MMU_S1_OFF;
        va = BIT(48) + 0x123;
      }
      const uint64_t want = e->reg0[t->f->arch][kind];
      const unsigned cause = e->cause;
      if (want == 0) continue;
      const struct bench_request *q = translate(t, va, (enum mmu_access_kind)kind);
      const struct mmu_response *r = &q->response;
      check(t, r->status == MMU_FAULT && r->fault.cause == e->cause, "cause %u: status %u cause %u",
            cause, r->status, r->fault.cause);
      check(t, r->syndrome.reg[0] == want, "cause %u: register 0 is %llx", cause,
            (unsigned long long)r->syndrome.reg[0]);
      check(t, r->syndrome.reg[1] == (t->f->arch == MMU_ARCH_X86 ? 0 : va), "cause %u: register 1",
            cause);
      check(t, r->syndrome.reg[2] == 0 && r->syndrome.reg[3] == 0, "cause %u: the rest", cause);
      check(t, t->b->accesses == 0, "cause %u: memory was read", cause);
    }
  }
}

TEST_EACH_FORMAT(memory_error_at_each_level) {
  static const uint64_t bus[MMU_ARCH_COUNT][3] = {
      {18, 18, 18}, {0x92000214, 0x92000254, 0x82000214}, {5, 7, 1}};
  const uint64_t va = space_va(t->f, 3) + 0x9c0;
  for (unsigned n = 0; n <= t->f->top; n++) {
    for (unsigned kind = MMU_READ; kind <= MMU_FETCH; kind++) {
      renew(t);
      space_map(&t->s, va, 0, PA_1, PAGE_ALL);
      bench_error(t->b, n, MMU_MEM_BUS);
      const struct bench_request *q = translate(t, va, (enum mmu_access_kind)kind);
      const unsigned height = t->f->top - n;
      const uint64_t level = t->f->arch == MMU_ARCH_ARM ? 3 - height : 0;
      check(t, q->response.status == MMU_FAULT, "level %u", height);
      check(t, q->response.syndrome.reg[0] == bus[t->f->arch][kind] + level,
            "height %u: register 0 is %llx", height,
            (unsigned long long)q->response.syndrome.reg[0]);
      check(t, q->response.syndrome.reg[1] == (t->f->arch == MMU_ARCH_X86 ? 0 : va), "register 1");
      check(t, q->response.fault.on_walk && q->response.fault.s1_level == height, "the record");
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_stage1_fault_with_its_registers),
      cmocka_unit_test(faults_before_any_table_is_read),
      cmocka_unit_test(memory_error_at_each_level),
  };
  return run_directed(tests, sizeof tests / sizeof tests[0]);
}

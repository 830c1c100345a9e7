/* SPDX-License-Identifier: Apache-2.0
 * Page tables for bench tests: descriptors of each architecture made from neutral flags, and what
 * the manuals say of them. The expectations here are derived for the tests alone; they share
 * nothing with the RTL or with the C rules. */
#ifndef COWALK_TESTBENCH_TABLES_H
#define COWALK_TESTBENCH_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "testbench/bench.h"

enum {
  PAGE_R = 1,
  PAGE_W = 2,
  PAGE_X = 4,
  PAGE_U = 8,
  PAGE_A = 16,
  PAGE_D = 32,
  PAGE_G = 64,
  PAGE_ALL = PAGE_R | PAGE_W | PAGE_X | PAGE_U | PAGE_A | PAGE_D
};

struct format {
  const char *name;
  enum mmu_arch arch;
  enum mmu_s1_mode mode;
  uint8_t top;        /* height of the first table */
  uint8_t big;        /* largest page that the tests use (1 GiB pages are switched on) */
  uint8_t first_bits; /* index bits of the first table */
  bool upper;         /* Arm: the TTBR1 half */
};

enum { FORMATS = 9 };
extern const struct format formats[FORMATS];

/* An address space in the bench's memory. Plain value. */
struct space {
  struct bench *b;
  const struct format *f;
  struct mmu_context ctx; /* hardware sets A and D; 48 physical bits; user mode; asid 1 */
  uint64_t host;          /* where its physical address 0 is: 0, but in a guest (nested.h) */
};

struct space space_new(struct bench *b, const struct format *f);
/* An address whose index is `top` in the first table and fixed, different ones below it. */
uint64_t space_va(const struct format *f, unsigned top);
/* Where in memory the descriptor of `va` at a height is; tables on the way are made if missing. */
uint64_t space_slot(struct space *s, uint64_t va, unsigned height);
/* Map a page of a height; returns the byte address of its descriptor. */
uint64_t space_map(struct space *s, uint64_t va, unsigned height, uint64_t pa, unsigned flags);

uint64_t format_leaf(const struct format *f, unsigned height, uint64_t pa, unsigned flags);
/* accessed: x86's A flag; other architectures have none in pointers. */
uint64_t format_pointer(const struct format *f, uint64_t table, bool accessed);
/* A descriptor that says "absent", one with a reserved encoding at this height. */
uint64_t format_absent(const struct format *f, unsigned height, uint64_t pa);
uint64_t format_reserved(const struct format *f, unsigned height, uint64_t pa);
/* The bits by which A and D differ in a descriptor, and whether they are set by being 0. */
uint64_t format_a(const struct format *f);
uint64_t format_d(const struct format *f);
/* May the hardware turn `before` into `after` by setting A, or A and D if the access writes? */
bool format_update_legal(const struct format *f, bool leaf, bool write, uint64_t before,
                         uint64_t after);
/* What user mode finds at a page with these flags: MMU_CAUSE_NONE, or the fault. */
enum mmu_cause format_judge(const struct space *s, unsigned flags, enum mmu_access_kind kind);
/* The registers of a stage-1 fault at a height, and the bits of register 0 that are to be compared:
 * left out on Arm are EA of a parity error and of an update that memory cannot do, WnR of the
 * latter and of a read-modify-write (1 only where a plain read would have been allowed). */
struct mmu_syndrome format_syndrome(const struct format *f, const struct mmu_context *ctx,
                                    const struct mmu_access *access, uint64_t va,
                                    enum mmu_cause cause, unsigned height);
uint64_t format_syndrome_mask(const struct format *f, const struct mmu_access *access,
                              enum mmu_cause cause);

/* How an invalidation names the page of va: its address, or for Arm's ranges the operand (BaseADDR,
 * TG 4 KiB, NUM and SCALE 0) of two pages from there on. */
static inline uint64_t invalidation_operand(enum mmu_inval_kind kind, uint64_t va) {
  const bool range = kind >= MMU_INV_ARM_RVAE1 && kind <= MMU_INV_ARM_RVAALE1;
  return range ? (va >> 12 & UINT64_C(0x1fffffffff)) | UINT64_C(1) << 46 : va;
}

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Hazards of fault meaning and priority (docs/hazards.md, F5 to F16), one test each. Expectations
 * are taken from the manuals: SDM vol. 3 4.7, Arm ARM "Prioritization of synchronous aborts",
 * RISC-V "Virtual Address Translation Process". */
#include "directed.h"

/* Two things wrong at once: which one is reported. */
struct pair {
  const char *name;
  enum mmu_arch arch;
  unsigned flags;      /* of the page */
  uint64_t set, clear; /* bits changed in its descriptor */
  uint8_t height, kind;
  bool software;
  enum mmu_cause cause;
};

#define BIT(n) (UINT64_C(1) << (n))

static const struct pair pairs[] = {
    {"absent over reserved", MMU_ARCH_X86, PAGE_ALL, BIT(50), BIT(0), 0, MMU_READ, false,
     MMU_CAUSE_NOT_PRESENT},
    {"absent over refused", MMU_ARCH_X86, PAGE_R | PAGE_U, 0, BIT(0), 0, MMU_WRITE, false,
     MMU_CAUSE_NOT_PRESENT},
    {"reserved over refused", MMU_ARCH_X86, PAGE_R | PAGE_U, BIT(50), 0, 0, MMU_WRITE, false,
     MMU_CAUSE_RESERVED},
    {"misplaced 2 MiB over refused", MMU_ARCH_X86, PAGE_R | PAGE_U, BIT(14), 0, 1, MMU_WRITE, false,
     MMU_CAUSE_RESERVED},
    {"absent over address size", MMU_ARCH_ARM, PAGE_ALL, BIT(46), BIT(0), 0, MMU_READ, false,
     MMU_CAUSE_NOT_PRESENT},
    {"bad type over address size", MMU_ARCH_ARM, PAGE_ALL, BIT(46), BIT(1), 0, MMU_READ, false,
     MMU_CAUSE_RESERVED},
    {"address size over access flag", MMU_ARCH_ARM, PAGE_ALL & ~PAGE_A, BIT(46), 0, 0, MMU_READ,
     true, MMU_CAUSE_ADDRESS_SIZE},
    {"address size over refused", MMU_ARCH_ARM, PAGE_ALL & ~PAGE_U, BIT(46), 0, 1, MMU_READ, false,
     MMU_CAUSE_ADDRESS_SIZE},
    {"access flag over refused", MMU_ARCH_ARM, PAGE_R | PAGE_U, 0, 0, 0, MMU_WRITE, true,
     MMU_CAUSE_ACCESS_FLAG},
    {"absent over reserved", MMU_ARCH_RISCV, PAGE_ALL, BIT(54), BIT(0), 0, MMU_READ, false,
     MMU_CAUSE_NOT_PRESENT},
    {"reserved over refused", MMU_ARCH_RISCV, PAGE_R | PAGE_U | PAGE_A, BIT(54), 0, 0, MMU_WRITE,
     false, MMU_CAUSE_RESERVED},
    {"write-only over A", MMU_ARCH_RISCV, PAGE_ALL & ~PAGE_A, 0, BIT(1), 0, MMU_WRITE, true,
     MMU_CAUSE_RESERVED},
    {"misaligned over refused", MMU_ARCH_RISCV, PAGE_ALL & ~PAGE_U, BIT(12), 0, 1, MMU_READ, false,
     MMU_CAUSE_RESERVED},
    {"refused over A", MMU_ARCH_RISCV, PAGE_R | PAGE_U, 0, 0, 0, MMU_WRITE, true,
     MMU_CAUSE_PERMISSION},
    {"refused over address size", MMU_ARCH_RISCV, PAGE_R | PAGE_U, BIT(46), 0, 0, MMU_WRITE, false,
     MMU_CAUSE_PERMISSION},
    {"A over address size", MMU_ARCH_RISCV, PAGE_ALL & ~PAGE_A, BIT(46), 0, 0, MMU_READ, true,
     MMU_CAUSE_ACCESS_FLAG},
};

TEST_EACH_FORMAT(hazard_F5_two_faults_at_once) {
  const uint64_t va = space_va(t->f, 3);
  unsigned tried = 0;
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    const struct pair *p = &pairs[i];
    if (p->arch != t->f->arch) continue;
    renew(t);
    t->s.ctx.pa_width = 45; /* bit 46 of Arm's address, bit 44 of a RISC-V PPN lie beyond */
    if (p->arch == MMU_ARCH_RISCV) t->s.ctx.pa_width = 46;
    if (p->software) t->s.ctx.s1_hw_a = t->s.ctx.s1_hw_d = false;
    const uint64_t slot = space_map(&t->s, va, p->height, BIT(40), p->flags);
    const uint64_t word = (bench_peek(t->b, slot) | p->set) & ~p->clear;
    bench_poke(t->b, slot, word);
    const struct bench_request *q = translate(t, va, (enum mmu_access_kind)p->kind);
    check(t, faults(t, q, p->cause, p->height), "%s: status %u cause %u level %u", p->name,
          q->response.status, q->response.fault.cause, q->response.fault.s1_level);
    check(t, bench_peek(t->b, slot) == word, "%s: the descriptor changed", p->name);
    tried++;
  }
  check(t, tried != 0, "no pairs");
}

/* By the definition of each mode's address range; nothing is mapped inside it. */
static enum mmu_cause cause_of_address(const struct format *f, uint64_t va) {
  unsigned width = 12u + 9u * f->top + f->first_bits;
  if (f->arch != MMU_ARCH_ARM) { /* the bits above copy the top one */
    const uint64_t sign = va >> (width - 1);
    return sign == 0 || sign == UINT64_MAX >> (width - 1) ? MMU_CAUSE_NOT_PRESENT
                                                          : MMU_CAUSE_NON_CANONICAL;
  }
  /* bit 55 chooses the half; the half that is not tested has 48 bits and is disabled (EPDx) */
  const bool upper = (va >> 55 & 1) != 0;
  if (upper != f->upper) width = 48;
  if ((upper ? ~va : va) >> width != 0) return MMU_CAUSE_NON_CANONICAL;
  return upper == f->upper ? MMU_CAUSE_NOT_PRESENT : MMU_CAUSE_ROOT_DISABLED;
}

TEST_EACH_FORMAT(hazard_F7_addresses_around_the_canonical_boundaries) {
  for (unsigned bit = 24; bit < 64; bit++) {
    const uint64_t edge = BIT(bit);
    const uint64_t addresses[] = {edge - 1, edge,  edge + 1,        edge + 4096,
                                  0 - edge, ~edge, 0 - edge - 4096, 0 - edge + 1};
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
      for (int kind = MMU_READ; kind <= MMU_FETCH; kind++) {
        const uint64_t va = addresses[i];
        const enum mmu_cause want = cause_of_address(t->f, va);
        const bool inside = want == MMU_CAUSE_NOT_PRESENT;
        bench_forget(t->b);
        const struct bench_request *q = translate(t, va, (enum mmu_access_kind)kind);
        const unsigned outside = t->f->arch == MMU_ARCH_ARM ? 3 : t->f->top;
        check(t, faults(t, q, want, inside ? t->f->top : outside), "%llx: cause %u, expected %u",
              (unsigned long long)va, q->response.fault.cause, (unsigned)want);
        check(t, inside || t->b->accesses == 0, "%llx: memory was read", (unsigned long long)va);
      }
    }
  }
}

/* ---- F8: each bit of each descriptor, flipped alone ---------------------------------------------
 */

enum effect {
  SAME, /* ignored, or of no consequence for a user read of a page with all rights */
  ABSENT,
  RESERVED,
  REFUSED,
  TOO_FAR,
  ELSEWHERE, /* another address or page: not this test's business */
  GETS_A     /* A was cleared: the hardware sets it again */
};

static enum effect x86_flip(unsigned h, bool leaf, unsigned bit) {
  if (bit == 0) return ABSENT;
  if (bit == 2) return REFUSED; /* U/S */
  if (bit == 5) return GETS_A;
  if (bit == 7 && h != 0) return leaf || h < 3 ? ELSEWHERE : RESERVED;
  if (bit == 1 || bit == 3 || bit == 4 || bit == 6 || bit == 7) return SAME;
  if (bit >= 8 && bit <= 11) return SAME;
  if (leaf && h > 0 && bit == 12) return SAME; /* PAT */
  if (leaf && h > 0 && bit > 12 && bit < 12 + 9 * h) return RESERVED;
  if (bit >= 12 && bit < 48) return ELSEWHERE;
  if (bit < 52) return RESERVED; /* beyond the 48 physical bits */
  return SAME;                   /* ignored, keys (switched off), XD of a read */
}

static enum effect arm_flip(unsigned h, bool leaf, unsigned bit) {
  if (bit == 0) return ABSENT;
  if (bit == 1) return h == 0 || h == 3 ? RESERVED : ELSEWHERE;
  if (!leaf) {
    if (bit >= 12 && bit < 45) return ELSEWHERE;
    if (bit >= 45 && bit < 48) return TOO_FAR;
    return bit == 61 ? REFUSED : SAME; /* APTable[0]: no EL0 access */
  }
  if (bit == 6) return REFUSED; /* AP[1] */
  if (bit == 10) return GETS_A;
  if (bit >= 12 && bit < 12 + 9 * h) return SAME; /* low output bits of a block are RES0 */
  if (bit >= 12 && bit < 45) return ELSEWHERE;
  if (bit >= 45 && bit < 48) return TOO_FAR;
  return SAME;
}

static enum effect riscv_flip(unsigned h, bool leaf, unsigned bit) {
  if (bit == 0) return ABSENT;
  if (bit >= 54) return RESERVED; /* N, PBMT and the rest, all switched off or unknown */
  if (bit == 8 || bit == 9 || bit == 5) return SAME; /* RSW, G */
  if (!leaf) {
    if (bit == 2) return RESERVED;              /* W without R */
    if (bit == 1 || bit == 3) return ELSEWHERE; /* becomes a page */
    if (bit < 8) return RESERVED;               /* U, A, D of a pointer */
    return bit < 10 + 33 ? ELSEWHERE : TOO_FAR;
  }
  if (bit == 1) return RESERVED; /* W without R */
  if (bit == 4) return REFUSED;  /* U */
  if (bit == 6) return GETS_A;
  if (bit < 8) return SAME;
  if (bit < 10 + 9 * h) return RESERVED; /* misaligned */
  return bit < 10 + 33 ? ELSEWHERE : TOO_FAR;
}

TEST_EACH_FORMAT(hazard_F8_every_bit_of_every_descriptor_flipped) {
  const uint64_t va = space_va(t->f, 3), base = BIT(34);
  for (unsigned page = 0; page <= (t->f->big < 2 ? t->f->big : 2u); page++) {
    for (unsigned h = page; h <= t->f->top; h++) {
      for (unsigned bit = 0; bit < 64; bit++) {
        const bool leaf = h == page;
        const enum effect effect = t->f->arch == MMU_ARCH_X86   ? x86_flip(h, leaf, bit)
                                   : t->f->arch == MMU_ARCH_ARM ? arm_flip(h, leaf, bit)
                                                                : riscv_flip(h, leaf, bit);
        if (effect == ELSEWHERE) continue;
        renew(t);
        if (t->f->arch != MMU_ARCH_X86) t->s.ctx.pa_width = 45;
        space_map(&t->s, va, page, base, PAGE_ALL);
        const uint64_t slot = space_slot(&t->s, va, h);
        const uint64_t good = bench_peek(t->b, slot), word = good ^ BIT(bit);
        bench_poke(t->b, slot, word);
        const struct bench_request *q = translate(t, va, MMU_READ);
        const uint64_t pa = base + (va & (BIT(12 + 9 * page) - 1));
        bool right = false;
        switch (effect) {
          case SAME:
          case GETS_A:
            right = maps_to(q, pa) && q->response.s1_shift == 12 + 9 * page;
            break;
          case ABSENT:
            right = faults(t, q, MMU_CAUSE_NOT_PRESENT, h);
            break;
          case RESERVED:
            right = faults(t, q, MMU_CAUSE_RESERVED, h);
            break;
          case REFUSED: /* found out at the page, whatever level refuses */
            right = faults(t, q, MMU_CAUSE_PERMISSION, page);
            break;
          default:
            right = faults(t, q, MMU_CAUSE_ADDRESS_SIZE, h);
            break;
        }
        check(t, right, "page height %u, descriptor height %u, bit %u: status %u cause %u level %u",
              page, h, bit, q->response.status, q->response.fault.cause,
              q->response.fault.s1_level);
        check(t, bench_peek(t->b, slot) == (effect == GETS_A ? good : word),
              "page height %u, descriptor height %u, bit %u: the word after", page, h, bit);
      }
    }
  }
}

/* Low address bits of a large page: x86 and RISC-V fault, Arm ignores them. */
TEST_EACH_FORMAT(hazard_F9_misaligned_large_page) {
  const uint64_t va = space_va(t->f, 3);
  for (unsigned h = 1; h <= t->f->big; h++) {
    /* x86: bit 12 is PAT */
    for (unsigned bit = t->f->arch == MMU_ARCH_X86 ? 13 : 12; bit < 12 + 9 * h; bit++) {
      renew(t);
      const uint64_t slot = space_map(&t->s, va, h, PA_1, PAGE_ALL);
      bench_poke(
          t->b, slot,
          bench_peek(t->b, slot) | (t->f->arch == MMU_ARCH_RISCV ? BIT(bit) >> 2 : BIT(bit)));
      const struct bench_request *q = translate(t, va, MMU_READ);
      if (t->f->arch == MMU_ARCH_ARM) {
        check(t, maps_to(q, PA_1 + (va & (BIT(12 + 9 * h) - 1))), "height %u bit %u", h, bit);
      } else {
        check(t, faults(t, q, MMU_CAUSE_RESERVED, h), "height %u bit %u", h, bit);
      }
    }
  }
}

/* The fault address is the access's own, to the byte, on every port and for every cause. */
TEST_EACH_FORMAT(hazard_F11_fault_address_keeps_its_low_bits) {
  static const uint64_t offsets[] = {0, 1, 7, 0x555, 0xaa8, 0xfff};
  const uint64_t va = space_va(t->f, 3);
  const unsigned reg = t->f->arch == MMU_ARCH_X86 ? 2 : 1; /* CR2, FAR, stval */
  for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
    for (int kind = MMU_READ; kind <= MMU_RMW; kind++) {
      renew(t);
      space_map(&t->s, va, 1, PA_1, PAGE_ALL & ~PAGE_U);
      const uint64_t refused = va + offsets[i], absent = space_va(t->f, 9) + offsets[i];
      const struct bench_request *q = translate(t, refused, (enum mmu_access_kind)kind);
      check(t, q->response.syndrome.reg[reg] == refused && q->response.fault.gva == refused,
            "refused at %llx", (unsigned long long)q->response.syndrome.reg[reg]);
      q = translate(t, absent, (enum mmu_access_kind)kind);
      check(t, q->response.syndrome.reg[reg] == absent, "absent at %llx",
            (unsigned long long)q->response.syndrome.reg[reg]);
      for (unsigned k = 0; k < 4; k++) {
        if (k > reg) check(t, q->response.syndrome.reg[k] == 0, "register %u", k);
      }
    }
  }
}

TEST_EACH_FORMAT(hazard_F14_bus_error_wins_over_what_the_data_say) {
  const uint64_t va = space_va(t->f, 3);
  for (unsigned n = 0; n <= t->f->top; n++) {
    for (unsigned bad = 0; bad < 2; bad++) {
      renew(t);
      space_map(&t->s, va, 0, PA_1, PAGE_ALL);
      const unsigned h = t->f->top - n;
      if (bad != 0) bench_poke(t->b, space_slot(&t->s, va, h), format_absent(t->f, h, PA_2));
      bench_error(t->b, n, MMU_MEM_BUS);
      t->b->random = 77 + n; /* the error comes with random data */
      const struct bench_request *q = translate(t, va, MMU_READ);
      check(t, faults(t, q, MMU_CAUSE_BUS, h), "read %u: cause %u", n, q->response.fault.cause);
      check(t, q->response.fault.on_walk && !q->response.fault.on_ad_write, "read %u", n);
      check(t, t->b->accesses == n + 1u, "read %u: the walk went on", n);
    }
  }
}

/* RISC-V: a pointer's G bit makes everything below it global. The others have it in leaves only. */
TEST_EACH_FORMAT(hazard_F15_global_bit_at_each_single_level) {
  const uint64_t va = space_va(t->f, 3);
  for (unsigned h = 0; h <= t->f->top; h++) {
    if (t->f->arch != MMU_ARCH_RISCV && h != 0) continue;
    renew(t);
    space_map(&t->s, va, 0, PA_1, h == 0 ? PAGE_ALL | PAGE_G : PAGE_ALL);
    if (h != 0) {
      const uint64_t slot = space_slot(&t->s, va, h);
      bench_poke(t->b, slot, bench_peek(t->b, slot) | BIT(5));
    }
    /* once through all levels, once from the walk cache */
    for (int warm = 0; warm < 2; warm++) {
      const uint64_t page = same_table(va, (unsigned)warm);
      space_map(&t->s, page, 0, PA_1 + 4096 * (uint64_t)warm,
                h == 0 ? PAGE_ALL | PAGE_G : PAGE_ALL);
      translate(t, page, MMU_READ);
      struct space other = t->s;
      other.ctx.asid = 9;
      const struct bench_request *q = translate_in(t, &other, page, MMU_READ);
      check(t, hits_at(q, PA_1 + 4096 * (uint64_t)warm), "G at height %u, warm %d", h, warm);
    }
  }
  renew(t);
  space_map(&t->s, va, 0, PA_1, PAGE_ALL);
  translate(t, va, MMU_READ);
  struct space other = t->s;
  other.ctx.asid = 9;
  check(t, !translate_in(t, &other, va, MMU_READ)->response.hit, "global without G");
}

/* Nothing of a fault is remembered: the OS mends the descriptor, invalidates nothing, retries. */
TEST_EACH_FORMAT(hazard_F16_mended_descriptor_needs_no_invalidation) {
  const uint64_t va = space_va(t->f, 3);
  for (unsigned h = 0; h <= t->f->top; h++) {
    for (unsigned cause = 0; cause < 3; cause++) {
      renew(t);
      space_map(&t->s, va, 0, PA_1, PAGE_ALL);
      const uint64_t slot = space_slot(&t->s, va, h), good = bench_peek(t->b, slot);
      if (cause == 1 && t->f->arch == MMU_ARCH_ARM && (h == 1 || h == 2)) continue;
      bench_poke(t->b, slot,
                 cause == 0   ? format_absent(t->f, h, PA_2)
                 : cause == 1 ? format_reserved(t->f, h, PA_2)
                              : 0);
      check(t, translate(t, va, MMU_WRITE)->response.status == MMU_FAULT, "no fault");
      bench_poke(t->b, slot, good);
      check(t, maps_to(translate(t, va, MMU_WRITE), PA_1), "height %u: the fault stuck", h);
    }
  }
  /* rights and flags granted after a fault, also when the page was cached with less */
  static const unsigned less[] = {PAGE_ALL & ~(PAGE_W | PAGE_D), PAGE_ALL & ~PAGE_D};
  for (size_t i = 0; i < 2; i++) {
    renew(t);
    if (t->f->arch != MMU_ARCH_X86) t->s.ctx.s1_hw_a = t->s.ctx.s1_hw_d = false;
    if (t->f->arch == MMU_ARCH_X86 && i == 1) continue;
    const uint64_t slot = space_map(&t->s, va, 0, PA_1, less[i]);
    check(t, maps_to(translate(t, va, MMU_READ), PA_1), "a read");
    check(t, translate(t, va, MMU_WRITE)->response.status == MMU_FAULT, "a refused write");
    bench_poke(t->b, slot, format_leaf(t->f, 0, PA_1, PAGE_ALL));
    check(t, maps_to(translate(t, va, MMU_WRITE), PA_1), "the fault stuck");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(hazard_F5_two_faults_at_once),
      cmocka_unit_test(hazard_F7_addresses_around_the_canonical_boundaries),
      cmocka_unit_test(hazard_F8_every_bit_of_every_descriptor_flipped),
      cmocka_unit_test(hazard_F9_misaligned_large_page),
      cmocka_unit_test(hazard_F11_fault_address_keeps_its_low_bits),
      cmocka_unit_test(hazard_F14_bus_error_wins_over_what_the_data_say),
      cmocka_unit_test(hazard_F15_global_bit_at_each_single_level),
      cmocka_unit_test(hazard_F16_mended_descriptor_needs_no_invalidation),
  };
  return run_directed(tests, sizeof tests / sizeof tests[0]);
}

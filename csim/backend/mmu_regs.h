/* SPDX-License-Identifier: Apache-2.0
 * The register map: generated from rtl/control/regs.toml by gen_regs.py (make regs), not to be
 * edited. What each register means is in docs/registers.md. Offsets are in bytes, registers have
 * 64 bits. Readable alone. */
#ifndef COWALK_BACKEND_MMU_REGS_H
#define COWALK_BACKEND_MMU_REGS_H

#include <stdint.h>

#define MMU_FAULT_ENTRIES 8
#define MMU_PERF_COUNT 27

/* offsets */
enum {
  MMU_REG_ID = 0x000,
  MMU_REG_CONTROL = 0x008,
  MMU_REG_FAULT_STATUS = 0x010,
  MMU_REG_FAULT_POINTERS = 0x018,
  MMU_REG_FAULT_DROPS = 0x020,
  MMU_REG_FAULT_POP = 0x028,
  MMU_REG_FAULT_INFO = 0x030,
  MMU_REG_FAULT_VA = 0x038,
  MMU_REG_FAULT_REG0 = 0x040,
  MMU_REG_FAULT_REG1 = 0x048,
  MMU_REG_FAULT_REG2 = 0x050,
  MMU_REG_FAULT_REG3 = 0x058,
  MMU_REG_PERF_CLEAR = 0x060,
  MMU_REG_S1_ROOT0 = 0x100,
  MMU_REG_S1_ROOT1 = 0x108,
  MMU_REG_S2_ROOT = 0x110,
  MMU_REG_MODES = 0x118,
  MMU_REG_SPACE = 0x120,
  MMU_REG_OPTIONS = 0x128,
  MMU_REG_COUNTERS = 0x400 /* counter n of enum mmu_perf is 8 n further on */
};

/* fields: mask in place, and the number of the lowest bit */
#define MMU_ID_ARCH UINT64_C(0x3)
#define MMU_ID_ARCH_LSB 0
#define MMU_ID_VERSION UINT64_C(0xff00)
#define MMU_ID_VERSION_LSB 8
#define MMU_ID_FAULT_ENTRIES UINT64_C(0xff0000)
#define MMU_ID_FAULT_ENTRIES_LSB 16
#define MMU_ID_COUNTERS UINT64_C(0xff000000)
#define MMU_ID_COUNTERS_LSB 24
#define MMU_CONTROL_ENABLE UINT64_C(0x1)
#define MMU_CONTROL_ENABLE_LSB 0
#define MMU_CONTROL_FAULT_ENABLE UINT64_C(0x2)
#define MMU_CONTROL_FAULT_ENABLE_LSB 1
#define MMU_CONTROL_IRQ_ENABLE UINT64_C(0x4)
#define MMU_CONTROL_IRQ_ENABLE_LSB 2
#define MMU_CONTROL_COUNT_ENABLE UINT64_C(0x8)
#define MMU_CONTROL_COUNT_ENABLE_LSB 3
#define MMU_FAULT_STATUS_PENDING UINT64_C(0x1)
#define MMU_FAULT_STATUS_PENDING_LSB 0
#define MMU_FAULT_STATUS_OVERFLOW UINT64_C(0x2)
#define MMU_FAULT_STATUS_OVERFLOW_LSB 1
#define MMU_FAULT_STATUS_FULL UINT64_C(0x4)
#define MMU_FAULT_STATUS_FULL_LSB 2
#define MMU_FAULT_STATUS_IRQ UINT64_C(0x8)
#define MMU_FAULT_STATUS_IRQ_LSB 3
#define MMU_FAULT_POINTERS_HEAD UINT64_C(0xff)
#define MMU_FAULT_POINTERS_HEAD_LSB 0
#define MMU_FAULT_POINTERS_TAIL UINT64_C(0xff00)
#define MMU_FAULT_POINTERS_TAIL_LSB 8
#define MMU_FAULT_POINTERS_COUNT UINT64_C(0xff0000)
#define MMU_FAULT_POINTERS_COUNT_LSB 16
#define MMU_FAULT_DROPS_DROPS UINT64_C(0xffffffff)
#define MMU_FAULT_DROPS_DROPS_LSB 0
#define MMU_FAULT_POP_POP UINT64_C(0x1)
#define MMU_FAULT_POP_POP_LSB 0
#define MMU_FAULT_INFO_VALID UINT64_C(0x1)
#define MMU_FAULT_INFO_VALID_LSB 0
#define MMU_FAULT_INFO_PORT UINT64_C(0x2)
#define MMU_FAULT_INFO_PORT_LSB 1
#define MMU_FAULT_INFO_TO_HYP UINT64_C(0x4)
#define MMU_FAULT_INFO_TO_HYP_LSB 2
#define MMU_FAULT_INFO_GVA UINT64_C(0x8)
#define MMU_FAULT_INFO_GVA_LSB 3
#define MMU_FAULT_INFO_TAG UINT64_C(0xff00)
#define MMU_FAULT_INFO_TAG_LSB 8
#define MMU_FAULT_VA_VA UINT64_C(0xffffffffffffffff)
#define MMU_FAULT_VA_VA_LSB 0
#define MMU_FAULT_REG0_VALUE UINT64_C(0xffffffffffffffff)
#define MMU_FAULT_REG0_VALUE_LSB 0
#define MMU_FAULT_REG1_VALUE UINT64_C(0xffffffffffffffff)
#define MMU_FAULT_REG1_VALUE_LSB 0
#define MMU_FAULT_REG2_VALUE UINT64_C(0xffffffffffffffff)
#define MMU_FAULT_REG2_VALUE_LSB 0
#define MMU_FAULT_REG3_VALUE UINT64_C(0xffffffffffffffff)
#define MMU_FAULT_REG3_VALUE_LSB 0
#define MMU_PERF_CLEAR_CLEAR UINT64_C(0x1)
#define MMU_PERF_CLEAR_CLEAR_LSB 0
#define MMU_S1_ROOT0_ADDRESS UINT64_C(0xffffffffffffff)
#define MMU_S1_ROOT0_ADDRESS_LSB 0
#define MMU_S1_ROOT1_ADDRESS UINT64_C(0xffffffffffffff)
#define MMU_S1_ROOT1_ADDRESS_LSB 0
#define MMU_S2_ROOT_ADDRESS UINT64_C(0xffffffffffffff)
#define MMU_S2_ROOT_ADDRESS_LSB 0
#define MMU_MODES_S1_MODE UINT64_C(0xf)
#define MMU_MODES_S1_MODE_LSB 0
#define MMU_MODES_S2_MODE UINT64_C(0x70)
#define MMU_MODES_S2_MODE_LSB 4
#define MMU_MODES_REGIME UINT64_C(0x300)
#define MMU_MODES_REGIME_LSB 8
#define MMU_MODES_PA_WIDTH UINT64_C(0x3f0000)
#define MMU_MODES_PA_WIDTH_LSB 16
#define MMU_MODES_T0SZ UINT64_C(0x3f000000)
#define MMU_MODES_T0SZ_LSB 24
#define MMU_MODES_T1SZ UINT64_C(0x3f00000000)
#define MMU_MODES_T1SZ_LSB 32
#define MMU_MODES_S2_PA_WIDTH UINT64_C(0x3f0000000000)
#define MMU_MODES_S2_PA_WIDTH_LSB 40
#define MMU_MODES_S2_T0SZ UINT64_C(0x3f000000000000)
#define MMU_MODES_S2_T0SZ_LSB 48
#define MMU_MODES_S2_TOP UINT64_C(0x700000000000000)
#define MMU_MODES_S2_TOP_LSB 56
#define MMU_SPACE_ASID UINT64_C(0xffff)
#define MMU_SPACE_ASID_LSB 0
#define MMU_SPACE_VMID UINT64_C(0xffff0000)
#define MMU_SPACE_VMID_LSB 16
#define MMU_OPTIONS_WP UINT64_C(0x1)
#define MMU_OPTIONS_WP_LSB 0
#define MMU_OPTIONS_NXE UINT64_C(0x2)
#define MMU_OPTIONS_NXE_LSB 1
#define MMU_OPTIONS_SMEP UINT64_C(0x4)
#define MMU_OPTIONS_SMEP_LSB 2
#define MMU_OPTIONS_SMAP UINT64_C(0x8)
#define MMU_OPTIONS_SMAP_LSB 3
#define MMU_OPTIONS_PKE UINT64_C(0x10)
#define MMU_OPTIONS_PKE_LSB 4
#define MMU_OPTIONS_PAGE1G UINT64_C(0x20)
#define MMU_OPTIONS_PAGE1G_LSB 5
#define MMU_OPTIONS_PBMTE UINT64_C(0x40)
#define MMU_OPTIONS_PBMTE_LSB 6
#define MMU_OPTIONS_WXN UINT64_C(0x80)
#define MMU_OPTIONS_WXN_LSB 7
#define MMU_OPTIONS_EPD0 UINT64_C(0x100)
#define MMU_OPTIONS_EPD0_LSB 8
#define MMU_OPTIONS_EPD1 UINT64_C(0x200)
#define MMU_OPTIONS_EPD1_LSB 9
#define MMU_OPTIONS_TBI0 UINT64_C(0x400)
#define MMU_OPTIONS_TBI0_LSB 10
#define MMU_OPTIONS_TBI1 UINT64_C(0x800)
#define MMU_OPTIONS_TBI1_LSB 11
#define MMU_OPTIONS_HPD0 UINT64_C(0x1000)
#define MMU_OPTIONS_HPD0_LSB 12
#define MMU_OPTIONS_HPD1 UINT64_C(0x2000)
#define MMU_OPTIONS_HPD1_LSB 13
#define MMU_OPTIONS_S1_HW_A UINT64_C(0x10000)
#define MMU_OPTIONS_S1_HW_A_LSB 16
#define MMU_OPTIONS_S1_HW_D UINT64_C(0x20000)
#define MMU_OPTIONS_S1_HW_D_LSB 17
#define MMU_OPTIONS_S2_HW_A UINT64_C(0x40000)
#define MMU_OPTIONS_S2_HW_A_LSB 18
#define MMU_OPTIONS_S2_HW_D UINT64_C(0x80000)
#define MMU_OPTIONS_S2_HW_D_LSB 19
#define MMU_OPTIONS_S2_MBEC UINT64_C(0x100000)
#define MMU_OPTIONS_S2_MBEC_LSB 20
#define MMU_OPTIONS_S2_EXEC_ONLY UINT64_C(0x200000)
#define MMU_OPTIONS_S2_EXEC_ONLY_LSB 21
#define MMU_OPTIONS_S2_PAGE1G UINT64_C(0x400000)
#define MMU_OPTIONS_S2_PAGE1G_LSB 22
#define MMU_OPTIONS_S2_EXIT_INFO UINT64_C(0x800000)
#define MMU_OPTIONS_S2_EXIT_INFO_LSB 23
#define MMU_OPTIONS_S2_NXE UINT64_C(0x1000000)
#define MMU_OPTIONS_S2_NXE_LSB 24
#define MMU_OPTIONS_S2_PTW UINT64_C(0x2000000)
#define MMU_OPTIONS_S2_PTW_LSB 25
#define MMU_OPTIONS_S2_MXR UINT64_C(0x4000000)
#define MMU_OPTIONS_S2_MXR_LSB 26
#define MMU_OPTIONS_S2_PBMTE UINT64_C(0x8000000)
#define MMU_OPTIONS_S2_PBMTE_LSB 27

/* X(name, offset, can be read, can be written, bits that are RW, bits that are W1C, reset value,
 * bits of it that the build decides) */
#define MMU_REG_LIST(X)                                        \
  X(ID, 0x000, 1, 0, 0x0, 0x0, 0x100, 0xffff0003)              \
  X(CONTROL, 0x008, 1, 1, 0xf, 0x0, 0x8, 0x0)                  \
  X(FAULT_STATUS, 0x010, 1, 1, 0x0, 0x2, 0x0, 0x0)             \
  X(FAULT_POINTERS, 0x018, 1, 0, 0x0, 0x0, 0x0, 0x0)           \
  X(FAULT_DROPS, 0x020, 1, 0, 0x0, 0x0, 0x0, 0x0)              \
  X(FAULT_POP, 0x028, 0, 1, 0x0, 0x0, 0x0, 0x0)                \
  X(FAULT_INFO, 0x030, 1, 0, 0x0, 0x0, 0x0, 0x0)               \
  X(FAULT_VA, 0x038, 1, 0, 0x0, 0x0, 0x0, 0x0)                 \
  X(FAULT_REG0, 0x040, 1, 0, 0x0, 0x0, 0x0, 0x0)               \
  X(FAULT_REG1, 0x048, 1, 0, 0x0, 0x0, 0x0, 0x0)               \
  X(FAULT_REG2, 0x050, 1, 0, 0x0, 0x0, 0x0, 0x0)               \
  X(FAULT_REG3, 0x058, 1, 0, 0x0, 0x0, 0x0, 0x0)               \
  X(PERF_CLEAR, 0x060, 0, 1, 0x0, 0x0, 0x0, 0x0)               \
  X(S1_ROOT0, 0x100, 1, 1, 0xffffffffffffff, 0x0, 0x0, 0x0)    \
  X(S1_ROOT1, 0x108, 1, 1, 0xffffffffffffff, 0x0, 0x0, 0x0)    \
  X(S2_ROOT, 0x110, 1, 1, 0xffffffffffffff, 0x0, 0x0, 0x0)     \
  X(MODES, 0x118, 1, 1, 0x73f3f3f3f3f037f, 0x0, 0x340000, 0x0) \
  X(SPACE, 0x120, 1, 1, 0xffffffff, 0x0, 0x0, 0x0)             \
  X(OPTIONS, 0x128, 1, 1, 0xfff3fff, 0x0, 0x0, 0x0)

enum mmu_perf {
  MMU_PERF_DTLB_LOADS,
  MMU_PERF_DTLB_LOAD_MISSES,
  MMU_PERF_DTLB_STORES,
  MMU_PERF_DTLB_STORE_MISSES,
  MMU_PERF_ITLB_LOADS,
  MMU_PERF_ITLB_LOAD_MISSES,
  MMU_PERF_STLB_HITS,
  MMU_PERF_STLB_MISSES,
  MMU_PERF_WALKS_STARTED,
  MMU_PERF_WALKS_COMPLETED,
  MMU_PERF_WALK_ACTIVE,
  MMU_PERF_WALK_PENDING,
  MMU_PERF_WALK_READS,
  MMU_PERF_WALK_CACHE_HITS,
  MMU_PERF_WALK_RESTARTS,
  MMU_PERF_MERGED_MISSES,
  MMU_PERF_A_UPDATES,
  MMU_PERF_D_UPDATES,
  MMU_PERF_LOST_SWAPS,
  MMU_PERF_FAULTS,
  MMU_PERF_RETRIES,
  MMU_PERF_INVALIDATIONS,
  MMU_PERF_OVERLAPS,
  MMU_PERF_S2_WALKS,
  MMU_PERF_S2_READS,
  MMU_PERF_NESTED_HITS,
  MMU_PERF_NESTED_MISSES
};

/* X(name, the event's name in perf's style) */
#define MMU_PERF_LIST(X)                    \
  X(DTLB_LOADS, "dTLB-loads")               \
  X(DTLB_LOAD_MISSES, "dTLB-load-misses")   \
  X(DTLB_STORES, "dTLB-stores")             \
  X(DTLB_STORE_MISSES, "dTLB-store-misses") \
  X(ITLB_LOADS, "iTLB-loads")               \
  X(ITLB_LOAD_MISSES, "iTLB-load-misses")   \
  X(STLB_HITS, "stlb-hits")                 \
  X(STLB_MISSES, "stlb-misses")             \
  X(WALKS_STARTED, "walks-started")         \
  X(WALKS_COMPLETED, "walks-completed")     \
  X(WALK_ACTIVE, "walk-active")             \
  X(WALK_PENDING, "walk-pending")           \
  X(WALK_READS, "walk-reads")               \
  X(WALK_CACHE_HITS, "walk-cache-hits")     \
  X(WALK_RESTARTS, "walk-restarts")         \
  X(MERGED_MISSES, "merged-misses")         \
  X(A_UPDATES, "a-updates")                 \
  X(D_UPDATES, "d-updates")                 \
  X(LOST_SWAPS, "lost-swaps")               \
  X(FAULTS, "faults")                       \
  X(RETRIES, "retries")                     \
  X(INVALIDATIONS, "invalidations")         \
  X(OVERLAPS, "overlaps")                   \
  X(S2_WALKS, "s2-walks")                   \
  X(S2_READS, "s2-reads")                   \
  X(NESTED_HITS, "nested-tlb-hits")         \
  X(NESTED_MISSES, "nested-tlb-misses")

#endif

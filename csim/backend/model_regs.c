/* SPDX-License-Identifier: Apache-2.0
 * Written from docs/registers.md alone. */
#include "backend/model_regs.h"

#include <string.h>

#define FIELD(value, name) (((value)&MMU_##name) >> MMU_##name##_LSB)
#define PLACE(value, name) ((uint64_t)(value) << MMU_##name##_LSB & MMU_##name)

/* ---- the map ---- */

struct map_entry {
  uint32_t offset;
  bool readable, writable;
  uint64_t rw, reset;
};

#define ENTRY(name, offset, readable, writable, rw, w1c, reset, build) \
  {offset, readable, writable, rw, reset},
static const struct map_entry map[MODEL_REGS] = {MMU_REG_LIST(ENTRY)};
#undef ENTRY

/* Number of the register at this offset; MODEL_REGS if there is none. */
static uint32_t number_at(uint32_t offset) {
  uint32_t i = 0;
  while (i < MODEL_REGS && map[i].offset != offset)
    i++;
  return i;
}

void model_regs_reset(struct model_regs *r, enum mmu_arch arch) {
  *r = (struct model_regs){.arch = arch};
  for (uint32_t i = 0; i < MODEL_REGS; i++)
    if (map[i].rw != 0) r->value[i] = map[i].reset;
}

/* ---- counters ---- */

static bool counting(const struct model_regs *r) {
  return (r->value[MODEL_REG_CONTROL] & MMU_CONTROL_COUNT_ENABLE) != 0;
}

static uint64_t counter(const struct model_regs *r, const uint64_t *events, uint32_t i) {
  return r->counted[i] + (counting(r) ? events[i] - r->base[i] : 0);
}

/* Put what was counted so far aside, and begin anew from what the events stand at. */
static void counters_hold(struct model_regs *r, const uint64_t *events) {
  for (uint32_t i = 0; i < MMU_PERF_COUNT; i++) {
    r->counted[i] = counter(r, events, i);
    r->base[i] = events[i];
  }
}

static bool is_counter(uint32_t offset) {
  return offset >= MMU_REG_COUNTERS && offset < MMU_REG_COUNTERS + 8 * MMU_PERF_COUNT &&
         offset % 8 == 0;
}

/* ---- faults ---- */

void model_regs_fault(struct model_regs *r, const struct mmu_response *a) {
  if ((r->value[MODEL_REG_CONTROL] & MMU_CONTROL_FAULT_ENABLE) == 0) return;
  if (r->count == MMU_FAULT_ENTRIES) {
    r->overflow = true;
    r->drops++;
    return;
  }
  r->fault[(r->head + r->count++) % MMU_FAULT_ENTRIES] = (struct model_fault){
      .syndrome = a->syndrome, .va = a->fault.gva, .port = a->port, .tag = a->tag};
}

static void pop(struct model_regs *r) {
  if (r->count == 0) return;
  r->head = (r->head + 1) % MMU_FAULT_ENTRIES;
  r->count--;
}

static uint64_t status(const struct model_regs *r) {
  bool irq =
      (r->value[MODEL_REG_CONTROL] & MMU_CONTROL_IRQ_ENABLE) != 0 && (r->count != 0 || r->overflow);
  return PLACE(r->count != 0, FAULT_STATUS_PENDING) | PLACE(r->overflow, FAULT_STATUS_OVERFLOW) |
         PLACE(r->count == MMU_FAULT_ENTRIES, FAULT_STATUS_FULL) | PLACE(irq, FAULT_STATUS_IRQ);
}

static uint64_t oldest(const struct model_regs *r, uint32_t offset) {
  const struct model_fault *f = &r->fault[r->head];
  if (r->count == 0) return 0;
  switch (offset) {
    case MMU_REG_FAULT_INFO:
      return PLACE(1, FAULT_INFO_VALID) | PLACE(f->port, FAULT_INFO_PORT) |
             PLACE(f->syndrome.to_hyp, FAULT_INFO_TO_HYP) | PLACE(f->syndrome.gva, FAULT_INFO_GVA) |
             PLACE(f->tag, FAULT_INFO_TAG);
    case MMU_REG_FAULT_VA:
      return f->va;
    default:
      return f->syndrome.reg[(offset - MMU_REG_FAULT_REG0) / 8];
  }
}

/* ---- accesses ---- */

int model_regs_write(struct model_regs *r, const uint64_t events[MMU_PERF_COUNT], uint32_t offset,
                     uint64_t value) {
  uint32_t i = number_at(offset);
  if (i == MODEL_REGS || !map[i].writable) return -1;
  if (i == MODEL_REG_CONTROL) counters_hold(r, events);
  r->value[i] = value & map[i].rw;
  if (i == MODEL_REG_FAULT_STATUS && (value & MMU_FAULT_STATUS_OVERFLOW) != 0) r->overflow = false;
  if (i == MODEL_REG_FAULT_POP && (value & MMU_FAULT_POP_POP) != 0) pop(r);
  if (i == MODEL_REG_PERF_CLEAR && (value & MMU_PERF_CLEAR_CLEAR) != 0) {
    counters_hold(r, events);
    memset(r->counted, 0, sizeof r->counted);
  }
  return 0;
}

int model_regs_read(const struct model_regs *r, const uint64_t events[MMU_PERF_COUNT],
                    uint32_t offset, uint64_t *value) {
  if (is_counter(offset)) {
    *value = counter(r, events, (offset - MMU_REG_COUNTERS) / 8);
    return 0;
  }
  uint32_t i = number_at(offset);
  if (i == MODEL_REGS || !map[i].readable) return -1;
  switch (i) {
    case MODEL_REG_ID:
      *value = map[i].reset | PLACE(r->arch, ID_ARCH) | PLACE(MMU_FAULT_ENTRIES, ID_FAULT_ENTRIES) |
               PLACE(MMU_PERF_COUNT, ID_COUNTERS);
      break;
    case MODEL_REG_FAULT_STATUS:
      *value = status(r);
      break;
    case MODEL_REG_FAULT_POINTERS:
      *value = PLACE(r->head, FAULT_POINTERS_HEAD) |
               PLACE((r->head + r->count) % MMU_FAULT_ENTRIES, FAULT_POINTERS_TAIL) |
               PLACE(r->count, FAULT_POINTERS_COUNT);
      break;
    case MODEL_REG_FAULT_DROPS:
      *value = r->drops;
      break;
    default:
      *value = map[i].rw != 0 ? r->value[i] : oldest(r, offset);
  }
  return 0;
}

/* ---- the context in force ---- */

struct mmu_context model_regs_context(const struct model_regs *r, const struct mmu_context *own) {
  uint64_t o = r->value[MODEL_REG_OPTIONS];
  uint64_t modes = r->value[MODEL_REG_MODES], space = r->value[MODEL_REG_SPACE];
  bool on = (r->value[MODEL_REG_CONTROL] & MMU_CONTROL_ENABLE) != 0;
  return (struct mmu_context){.s1_root0 = r->value[MODEL_REG_S1_ROOT0],
                              .s1_root1 = r->value[MODEL_REG_S1_ROOT1],
                              .s2_root = r->value[MODEL_REG_S2_ROOT],
                              .pkru = own->pkru,
                              .asid = (uint16_t)FIELD(space, SPACE_ASID),
                              .vmid = (uint16_t)FIELD(space, SPACE_VMID),
                              .s1_mode = on ? (uint8_t)FIELD(modes, MODES_S1_MODE) : MMU_S1_OFF,
                              .s2_mode = (uint8_t)FIELD(modes, MODES_S2_MODE),
                              .regime = (uint8_t)FIELD(modes, MODES_REGIME),
                              .priv = own->priv,
                              .pa_width = (uint8_t)FIELD(modes, MODES_PA_WIDTH),
                              .t0sz = (uint8_t)FIELD(modes, MODES_T0SZ),
                              .t1sz = (uint8_t)FIELD(modes, MODES_T1SZ),
                              .wp = (o & MMU_OPTIONS_WP) != 0,
                              .nxe = (o & MMU_OPTIONS_NXE) != 0,
                              .smep = (o & MMU_OPTIONS_SMEP) != 0,
                              .smap = (o & MMU_OPTIONS_SMAP) != 0,
                              .ac = own->ac,
                              .pke = (o & MMU_OPTIONS_PKE) != 0,
                              .page1g = (o & MMU_OPTIONS_PAGE1G) != 0,
                              .sum = own->sum,
                              .mxr = own->mxr,
                              .pbmte = (o & MMU_OPTIONS_PBMTE) != 0,
                              .pan = own->pan,
                              .wxn = (o & MMU_OPTIONS_WXN) != 0,
                              .epd0 = (o & MMU_OPTIONS_EPD0) != 0,
                              .epd1 = (o & MMU_OPTIONS_EPD1) != 0,
                              .tbi0 = (o & MMU_OPTIONS_TBI0) != 0,
                              .tbi1 = (o & MMU_OPTIONS_TBI1) != 0,
                              .hpd0 = (o & MMU_OPTIONS_HPD0) != 0,
                              .hpd1 = (o & MMU_OPTIONS_HPD1) != 0,
                              .s1_hw_a = (o & MMU_OPTIONS_S1_HW_A) != 0,
                              .s1_hw_d = (o & MMU_OPTIONS_S1_HW_D) != 0,
                              .s2_hw_a = (o & MMU_OPTIONS_S2_HW_A) != 0,
                              .s2_hw_d = (o & MMU_OPTIONS_S2_HW_D) != 0,
                              .s2_pa_width = (uint8_t)FIELD(modes, MODES_S2_PA_WIDTH),
                              .s2_top = (uint8_t)FIELD(modes, MODES_S2_TOP),
                              .s2_t0sz = (uint8_t)FIELD(modes, MODES_S2_T0SZ),
                              .s2_mbec = (o & MMU_OPTIONS_S2_MBEC) != 0,
                              .s2_exec_only = (o & MMU_OPTIONS_S2_EXEC_ONLY) != 0,
                              .s2_page1g = (o & MMU_OPTIONS_S2_PAGE1G) != 0,
                              .s2_exit_info = (o & MMU_OPTIONS_S2_EXIT_INFO) != 0,
                              .s2_nxe = (o & MMU_OPTIONS_S2_NXE) != 0,
                              .s2_ptw = (o & MMU_OPTIONS_S2_PTW) != 0,
                              .s2_mxr = (o & MMU_OPTIONS_S2_MXR) != 0,
                              .s2_pbmte = (o & MMU_OPTIONS_S2_PBMTE) != 0};
}

// SPDX-License-Identifier: Apache-2.0
// The default cost table of kernel primitives, in cycles of a 3 GHz out-of-order core.
// Sources: published latencies of single operations where they exist, else instruction counts of
// the Linux path at about one instruction a cycle; both are assumptions and are reported as such.
// Promises: every primitive has a name, a figure and a source.
#include "machine/cost.h"

static const struct cost_entry table[OS_WORK_COUNT] = {
    [OS_WORK_FAULT_ENTRY] = {"fault_entry", 400,
                             "exception entry with register save, about 0.13 us on 3 GHz cores"},
    [OS_WORK_FAULT_EXIT] = {"fault_exit", 300, "register restore and IRET/ERET/SRET"},
    [OS_WORK_SYSCALL] = {"syscall", 300, "entry and exit of an empty call, about 0.1 us"},
    [OS_WORK_VMA_LOOKUP] = {"vma_lookup", 60, "maple-tree walk of three nodes in L1/L2"},
    [OS_WORK_ALLOC_FRAME] = {"alloc_frame", 120, "per-CPU list hit of the page allocator"},
    [OS_WORK_FREE_FRAME] = {"free_frame", 90, "per-CPU list insertion"},
    [OS_WORK_ZERO_FRAME] = {"zero_frame", 256, "4096 bytes at 16 bytes a cycle"},
    [OS_WORK_COPY_FRAME] = {"copy_frame", 512, "4096 bytes at 8 bytes a cycle"},
    [OS_WORK_CACHE_LOOKUP] = {"cache_lookup", 100, "xarray walk of three nodes in L1/L2"},
    [OS_WORK_LIST_MOVE] = {"list_move", 25, "unlink and link under a held lock"},
    [OS_WORK_RMAP_STEP] = {"rmap_step", 80, "interval-tree step and table lock"},
    [OS_WORK_SWAP_SLOT] = {"swap_slot", 100, "cluster bitmap under its lock"},
    [OS_WORK_IO_SUBMIT] = {"io_submit", 2000, "bio, block layer and doorbell, about 0.7 us"},
    [OS_WORK_IO_COMPLETE] = {"io_complete", 1500, "interrupt and completion, about 0.5 us"},
    [OS_WORK_CONTEXT_SWITCH] = {"context_switch", 1500, "switch between two tasks, about 0.5 us"},
    [OS_WORK_IPI] = {"ipi", 1000, "interrupt entry, queue of calls, end of interrupt; 0.3 us"},
    [OS_WORK_IPI_SEND] = {"ipi_send", 200, "write of the interrupt command register, not cached"},
    [OS_WORK_IPI_DELIVER] = {"ipi_deliver", 600, "on the interconnect and into the core, 0.2 us"},
    [OS_WORK_SBI] = {"sbi", 600, "trap to machine mode, hart mask, return"},
    [OS_WORK_SBI_IPI] = {"sbi_ipi", 500, "machine-mode trap with register save, fence queue"},
    [OS_WORK_DVM] = {"dvm", 100, "a message and its answer on a coherent interconnect"},
};

const struct cost_entry *cost_entry(enum os_work work) {
  return &table[work];
}

void cost_default(uint32_t cost[OS_WORK_COUNT]) {
  for (int w = 0; w < OS_WORK_COUNT; w++)
    cost[w] = table[w].cycles;
}

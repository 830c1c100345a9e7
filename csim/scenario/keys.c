// SPDX-License-Identifier: Apache-2.0
// The table of keys, and how values are read and written.
// Follows docs/scenario.md, which is printed from this table.
// Promises: a value out of range is refused with the range; sizes take K, M and G (powers of 1024).
#include "scenario/keys.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "os/zone.h"

static const char *const backends[] = {"rtl", "model", "lockstep", NULL};
static const char *const riscv_modes[] = {"sv39", "sv48", NULL};
static const char *const targets[] = {"running", "all", NULL};
static const char *const pwc_kinds[] = {"virtual", "physical", NULL};
static const char *const replacements[] = {"plru", "lru", "fifo", "random", NULL};
static const char *const thps[] = {"never", "madvise", "always", NULL};
static const char *const defrags[] = {"madvise", "always", "defer", "defer+madvise", "never", NULL};
static const char *const placements[] = {"sparse", "pooled", NULL};
static const char *const formulas[] = {"kernel", "chapter", NULL};
static const char *const flushes[] = {"batch", "page", "none", NULL};

#define VM(field, max, unit, meaning) \
  { "os", #field, AT(sysctl.field), 0, max, NULL, unit, "sysctl vm." #field ": " meaning, KEY_U32 }
#define AT(field) offsetof(struct scenario, field)
#define COST(i) AT(machine.cost) + sizeof(uint32_t) * (i)
#define G (UINT64_C(1) << 30)

static const struct key table[] = {
    {"machine", "arch", AT(arch), 0, 0, NULL, "",
     "architectures to run, of x86, arm, riscv; or all", KEY_ARCHS},
    {"machine", "riscv_mode", AT(riscv_mode), 0, 0, riscv_modes, "", "page-table format on RISC-V",
     KEY_CHOICE},
    {"machine", "memory", AT(machine.os.memory_bytes), 1 << 20, 4096 * G, NULL, "bytes",
     "RAM, from physical address 0", KEY_SIZE},
    {"machine", "reserved", AT(machine.os.reserved_bytes), 0, 1024 * G, NULL, "bytes",
     "RAM that the kernel image takes", KEY_SIZE},
    {"machine", "nodes", AT(machine.os.nodes), 1, OS_NODES, NULL, "nodes",
     "NUMA nodes; memory and CPUs are dealt out to them in order", KEY_U32},
    {"machine", "cpus", AT(machine.cpus), 1, LEDGER_MAX_CPUS, NULL, "CPUs",
     "CPUs, each with an MMU and caches of its own", KEY_U32},
    {"machine", "cpu_hz", AT(machine.os.cpu_hz), 1000000, 100 * G, NULL, "Hz",
     "clock, for the naps that Linux measures in time", KEY_U64},
    {"machine", "window", AT(machine.window), 1, 32, NULL, "accesses",
     "accesses of one CPU that may be outstanding", KEY_U32},
    {"machine", "slice", AT(machine.slice_cycles), 1, UINT64_MAX, NULL, "cycles",
     "time slice of the round-robin scheduler", KEY_U64},
    {"machine", "ipi_multicast", AT(machine.ipi_multicast), 0, 0, NULL, "",
     "one write sends an interrupt to all its targets (no: one write each)", KEY_BOOL},
    {"machine", "access_checks", AT(machine.access_checks), 0, 0, NULL, "",
     "each access is held against what its program stored and against completed shootdowns (no: "
     "faster, in less memory; all else is the same)",
     KEY_BOOL},
    {"mmu", "backend", AT(backend), 0, 0, backends, "",
     "rtl: the Verilated hardware; model: the C model; lockstep: the hardware, judged", KEY_CHOICE},
    {"mmu", "l1i_entries", AT(machine.geometry.l1i_entries), 1, 256, NULL, "entries",
     "L1 instruction TLB, fully associative", KEY_U32},
    {"mmu", "l1d_entries", AT(machine.geometry.l1d_entries), 1, 256, NULL, "entries",
     "L1 data TLB, fully associative", KEY_U32},
    {"mmu", "l2_sets", AT(machine.geometry.l2_sets), 0, 4096, NULL, "sets",
     "L2 TLB; a power of two, 0: absent", KEY_U32},
    {"mmu", "l2_ways", AT(machine.geometry.l2_ways), 1, 16, NULL, "ways", "L2 TLB", KEY_U32},
    {"mmu", "pwc1_entries", AT(machine.geometry.pwc_entries[0]), 0, 64, NULL, "entries",
     "page-walk cache of pointers that cover 2 MiB; 0: none", KEY_U32},
    {"mmu", "pwc2_entries", AT(machine.geometry.pwc_entries[1]), 0, 64, NULL, "entries",
     "... 1 GiB", KEY_U32},
    {"mmu", "pwc3_entries", AT(machine.geometry.pwc_entries[2]), 0, 64, NULL, "entries",
     "... 512 GiB", KEY_U32},
    {"mmu", "pwc4_entries", AT(machine.geometry.pwc_entries[3]), 0, 64, NULL, "entries",
     "... 256 TiB", KEY_U32},
    {"mmu", "pwc_kind", AT(machine.geometry.pwc_kind), 0, 0, pwc_kinds, "",
     "virtual: pointers by address and height; physical: one array of descriptors by their address",
     KEY_CHOICE},
    {"mmu", "nested_entries", AT(machine.geometry.nested_entries), 0, 256, NULL, "entries",
     "nested TLB, guest-physical to physical; 0: none", KEY_U32},
    {"mmu", "replacement", AT(machine.geometry.replacement), 0, 0, replacements, "",
     "which entry of a full TLB or walk cache goes", KEY_CHOICE},
    {"mmu", "walks", AT(machine.geometry.walks), 1, 8, NULL, "walks", "walks at once", KEY_U32},
    {"mmu", "miss_queue", AT(machine.geometry.miss_queue), 1, 16, NULL, "requests",
     "misses that may wait for a walk slot", KEY_U32},
    {"mmu", "hw_a", AT(machine.os.hw_a), 0, 0, NULL, "",
     "hardware sets A (no: it faults and the OS sets it; Arm HA=0, RISC-V Svade)", KEY_BOOL},
    {"mmu", "hw_d", AT(machine.os.hw_d), 0, 0, NULL, "",
     "hardware sets D (no: it faults and the OS sets it)", KEY_BOOL},
    {"timing", "l1_bytes", AT(machine.timing.l1.bytes), 0, G, NULL, "bytes",
     "L1 cache of a CPU, shared by data and table reads; 0: absent", KEY_SIZE},
    {"timing", "l1_ways", AT(machine.timing.l1.ways), 1, 64, NULL, "ways", "L1 ways", KEY_U32},
    {"timing", "l1_cycles", AT(machine.timing.l1.cycles), 1, 100000, NULL, "cycles",
     "latency of a hit in L1", KEY_U32},
    {"timing", "l2_bytes", AT(machine.timing.l2.bytes), 0, G, NULL, "bytes", "L2 cache; 0: absent",
     KEY_SIZE},
    {"timing", "l2_ways", AT(machine.timing.l2.ways), 1, 64, NULL, "ways", "L2 ways", KEY_U32},
    {"timing", "l2_cycles", AT(machine.timing.l2.cycles), 1, 100000, NULL, "cycles",
     "latency of a hit in L2", KEY_U32},
    {"timing", "l3_bytes", AT(machine.timing.l3.bytes), 0, G, NULL, "bytes", "L3 cache; 0: absent",
     KEY_SIZE},
    {"timing", "l3_ways", AT(machine.timing.l3.ways), 1, 64, NULL, "ways", "L3 ways", KEY_U32},
    {"timing", "l3_cycles", AT(machine.timing.l3.cycles), 1, 100000, NULL, "cycles",
     "latency of a hit in L3", KEY_U32},
    {"timing", "dram_cycles", AT(machine.timing.dram_cycles), 1, 1000000, NULL, "cycles",
     "latency of DRAM; with all caches absent, of every access", KEY_U32},
    {"disk", "latency", AT(machine.disk_latency), 0, UINT64_C(1) << 48, NULL, "cycles",
     "from the start of a transfer to its data", KEY_U64},
    {"disk", "block", AT(machine.disk_block_cycles), 0, UINT64_C(1) << 32, NULL, "cycles",
     "a 4 KiB block on the channel: the bandwidth", KEY_U64},
    {"disk", "queue", AT(machine.disk_queue), 1, 65536, NULL, "transfers",
     "transfers worked on at once", KEY_U32},
    {"os", "swap", AT(swap_bytes), 0, 4096 * G, NULL, "bytes", "swap space; 0: none", KEY_SIZE},
    {"os", "min_free_kbytes", AT(machine.os.min_free_kbytes), 0, 1 << 30, NULL, "KiB",
     "sysctl vm.min_free_kbytes; 0: Linux's formula", KEY_U32},
    {"os", "watermark_scale_factor", AT(machine.os.watermark_scale_factor), 1, 3000, NULL,
     "1/10000", "sysctl vm.watermark_scale_factor", KEY_U32},
    VM(watermark_boost_factor, UINT32_MAX, "1/10000", "0: marks are never boosted"),
    {"os", "lowmem_reserve_ratio", AT(sysctl.lowmem_reserve_ratio), 0, UINT32_MAX, NULL, "",
     "sysctl vm.lowmem_reserve_ratio: DMA, DMA32, Normal, Movable, Device", KEY_RATIOS},
    VM(zone_reclaim_mode, 7, "",
       "1: reclaim in a node before going to another; +2: write; +4: unmap"),
    VM(min_unmapped_ratio, 100, "%", "of a node, file pages that zone_reclaim_mode leaves it"),
    VM(extfrag_threshold, 1000, "1/1000",
       "fragmentation index up to which a large block is missing for lack of memory"),
    VM(overcommit_memory, 2, "", "0: refuse what never fits; 1: nothing; 2: beyond CommitLimit"),
    VM(overcommit_ratio, UINT32_MAX, "%", "of memory that counts for CommitLimit"),
    VM(overcommit_kbytes, UINT32_MAX, "KiB", "instead of the ratio; 0: the ratio"),
    VM(dirty_background_ratio, 100, "%", "of free and file pages: the flusher starts above"),
    VM(dirty_ratio, 100, "%", "writers wait, the longer the nearer"),
    VM(dirty_expire_centisecs, UINT32_MAX, "1/100 s", "age at which dirty pages are written"),
    VM(dirty_writeback_centisecs, UINT32_MAX, "1/100 s", "how often that is looked for"),
    {"os", "swappiness", AT(machine.os.swappiness), 0, 200, NULL, "", "sysctl vm.swappiness",
     KEY_U32},
    {"os", "policy", AT(policy), 0, 24, NULL, "", "page replacement", KEY_POLICY},
    {"os", "lru_gen_min_ttl_ms", AT(machine.os.lru_gen_min_ttl_ms), 0, 86400000, NULL, "ms",
     "policy mglru: /sys/kernel/mm/lru_gen/min_ttl_ms; rather than evict younger pages kswapd "
     "calls "
     "the OOM killer; 0: never",
     KEY_U32},
    {"os", "zero_page", AT(machine.os.zero_page), 0, 0, NULL, "",
     "pages that were only read share one page of zeroes, as in Linux", KEY_BOOL},
    {"os", "oom_formula", AT(oom_formula), 0, 0, formulas, "",
     "whom the OOM killer takes: by Linux's rule or by the book's (oom.md)", KEY_CHOICE},
    {"os", "a_flush", AT(a_flush), 0, 0, flushes, "",
     "when translations of cleared A bits are invalidated", KEY_CHOICE},
    {"os", "shootdown", AT(machine.shootdown), 0, 0, targets, "",
     "which CPUs are interrupted: those that run the address space (the others flush when they "
     "next do), or all",
     KEY_CHOICE},
    {"os", "thp", AT(machine.os.thp), 0, 0, thps, "",
     "transparent huge pages for anonymous memory, as if written after boot", KEY_CHOICE},
    {"os", "thp_defrag", AT(machine.os.thp_defrag), 0, 0, defrags, "",
     "what a fault does when there is no block for a huge page: reclaim and compact, or leave it "
     "to "
     "kswapd and kcompactd",
     KEY_CHOICE},
    {"os", "compaction", AT(compaction), 0, 0, NULL, "",
     "pages are moved to make large blocks free", KEY_BOOL},
    {"os", "khugepaged_pages_to_scan", AT(machine.os.khugepaged_pages_to_scan), 1, UINT32_MAX, NULL,
     "entries", "what khugepaged looks at in a round", KEY_U32},
    {"os", "khugepaged_scan_sleep_millisecs", AT(machine.os.khugepaged_scan_sleep_ms), 1,
     UINT32_MAX, NULL, "ms", "from round to round", KEY_U32},
    {"os", "khugepaged_max_ptes_none", AT(machine.os.khugepaged_max_ptes_none), 0, 511, NULL,
     "entries", "holes that khugepaged fills", KEY_U32},
    {"os", "nr_hugepages", AT(machine.os.nr_hugepages), 0, UINT32_MAX, NULL, "2 MiB",
     "sysctl vm.nr_hugepages: the explicit pool, taken at the start", KEY_U64},
    {"os", "fragment", AT(machine.os.fragment), 0, 100, NULL, "%",
     "of the free 2 MiB blocks: so many are broken for good at the start", KEY_U32},
    {"os", "dma_pools", AT(machine.os.dma_pools), 0, 0, NULL, "",
     "the kernel keeps unmovable blocks for DMA in each zone, as Linux does on x86", KEY_BOOL},
    {"os", "pt_placement", AT(machine.os.pt_placement), 0, 0, placements, "",
     "page tables in any frame, or side by side in one region (not in Linux)", KEY_CHOICE},
    {"os", "pt_reclaim", AT(machine.os.pt_reclaim), 0, 0, NULL, "",
     "reclaim frees empty page tables (not in Linux)", KEY_BOOL},
    {"limits", "accesses", AT(machine.max_accesses), 0, UINT64_MAX, NULL, "accesses",
     "stop after so many, fetches included; 0: run to the end", KEY_U64},
    {"limits", "cycles", AT(machine.max_cycles), 0, UINT64_MAX, NULL, "cycles",
     "stop soon after this cycle; 0: run to the end", KEY_U64},
    {"run", "seed", AT(machine.seed), 0, UINT64_MAX, NULL, "",
     "for generators and for the hardware's unreset state", KEY_U64},
    {"view", "interval", AT(interval_us), 1, UINT64_C(1) << 40, NULL, "us",
     "simulated time between two lines of vmstat.log", KEY_U64},
    {"trace", "fst", AT(fst), 0, SCENARIO_TEXT, NULL, "",
     "wave file of CPU 0 (the architecture is put before its ending); empty: none", KEY_TEXT},
    {"trace", "from", AT(machine.fst_from), 0, UINT64_MAX, NULL, "cycle",
     "first cycle of the wave file", KEY_U64},
    {"trace", "to", AT(machine.fst_to), 0, UINT64_MAX, NULL, "cycle", "last cycle of the wave file",
     KEY_U64},
    {"cost", "fault_entry", COST(0), 0, 1000000, NULL, "cycles", "exception entry", KEY_U32},
    {"cost", "fault_exit", COST(1), 0, 1000000, NULL, "cycles", "exception return", KEY_U32},
    {"cost", "syscall", COST(2), 0, 1000000, NULL, "cycles", "system call, empty", KEY_U32},
    {"cost", "vma_lookup", COST(3), 0, 1000000, NULL, "cycles", "find an area", KEY_U32},
    {"cost", "alloc_frame", COST(4), 0, 1000000, NULL, "cycles", "allocate a frame", KEY_U32},
    {"cost", "free_frame", COST(5), 0, 1000000, NULL, "cycles", "free a frame", KEY_U32},
    {"cost", "zero_frame", COST(6), 0, 1000000, NULL, "cycles", "clear a frame", KEY_U32},
    {"cost", "copy_frame", COST(7), 0, 1000000, NULL, "cycles", "copy a frame", KEY_U32},
    {"cost", "cache_lookup", COST(8), 0, 1000000, NULL, "cycles", "file or swap cache", KEY_U32},
    {"cost", "list_move", COST(9), 0, 1000000, NULL, "cycles", "move a page on a list", KEY_U32},
    {"cost", "rmap_step", COST(10), 0, 1000000, NULL, "cycles", "visit one mapping", KEY_U32},
    {"cost", "swap_slot", COST(11), 0, 1000000, NULL, "cycles", "take or free a slot", KEY_U32},
    {"cost", "io_submit", COST(12), 0, 1000000, NULL, "cycles", "start a transfer", KEY_U32},
    {"cost", "io_complete", COST(13), 0, 1000000, NULL, "cycles", "end a transfer", KEY_U32},
    {"cost", "context_switch", COST(14), 0, 1000000, NULL, "cycles", "switch tasks", KEY_U32},
    {"cost", "ipi", COST(15), 0, 1000000, NULL, "cycles", "take an IPI, up to its handler (x86)",
     KEY_U32},
    {"cost", "ipi_send", COST(16), 0, 1000000, NULL, "cycles", "send an IPI to one CPU, or to all",
     KEY_U32},
    {"cost", "ipi_deliver", COST(17), 0, 1000000, NULL, "cycles", "an IPI on its way", KEY_U32},
    {"cost", "sbi", COST(18), 0, 1000000, NULL, "cycles",
     "call the firmware for a remote fence, and return (RISC-V)", KEY_U32},
    {"cost", "sbi_ipi", COST(19), 0, 1000000, NULL, "cycles",
     "take the firmware's interrupt (RISC-V)", KEY_U32},
    {"cost", "dvm", COST(20), 0, 1000000, NULL, "cycles",
     "a broadcast, or the sync after them, on the interconnect (Arm)", KEY_U32},
};

_Static_assert(sizeof table / sizeof table[0] <= SCENARIO_KEYS, "a line for each");
_Static_assert(OS_WORK_COUNT == 21 && OS_WORK_DVM == 20, "one [cost] key for each primitive");

size_t key_count(void) {
  return sizeof table / sizeof table[0];
}

const struct key *key_at(size_t index) {
  return &table[index];
}

const struct key *key_find(const char *section, const char *name) {
  for (size_t i = 0; i < key_count(); i++)
    if (strcmp(table[i].section, section) == 0 && strcmp(table[i].name, name) == 0)
      return &table[i];
  return NULL;
}

bool key_section_exists(const char *section) {
  for (size_t i = 0; i < key_count(); i++)
    if (strcmp(table[i].section, section) == 0) return true;
  return strcmp(section, "workload") == 0 || strcmp(section, "expect") == 0 ||
         strcmp(section, "expect_max") == 0;
}

/* ---- values ---- */

/* A whole number, with K, M or G if it is a size. */
static bool parse_number(const char *text, bool size, uint64_t *out) {
  char *end;
  errno = 0;
  if (!isdigit((unsigned char)*text)) return false;
  uint64_t n = strtoull(text, &end, 0);
  unsigned shift = 0;
  if (size && *end != '\0') {
    static const char units[] = "KMG";
    const char *u = strchr(units, toupper((unsigned char)*end));
    if (u == NULL) return false;
    shift = 10 * (unsigned)(u - units + 1);
    end++;
  }
  *out = n << shift;
  return errno == 0 && *end == '\0' && (*out >> shift) == n;
}

const char *key_choice(const struct key *k, size_t index) {
  if (k->type == KEY_POLICY) return os_policy_name(index);
  return k->choices != NULL ? k->choices[index] : NULL;
}

/* Its index; why lists what there is if it is none. */
static bool parse_choice(const struct key *k, const char *text, uint32_t *out, char *why,
                         size_t len) {
  const char *name;
  for (*out = 0; (name = key_choice(k, *out)) != NULL; ++*out)
    if (strcmp(name, text) == 0) return true;
  size_t n = (size_t)snprintf(why, len, "must be one of");
  for (size_t i = 0; (name = key_choice(k, i)) != NULL && n < len; i++)
    n += (size_t)snprintf(why + n, len - n, "%s %s", i != 0 ? "," : "", name);
  return false;
}

static bool parse_bool(const char *text, bool *out) {
  static const char *const yes[] = {"yes", "true", "on", "1"};
  static const char *const no[] = {"no", "false", "off", "0"};
  for (int i = 0; i < 4; i++) {
    if (strcmp(text, yes[i]) != 0 && strcmp(text, no[i]) != 0) continue;
    *out = strcmp(text, yes[i]) == 0;
    return true;
  }
  return false;
}

static bool parse_ratios(const char *text, uint32_t out[OS_RATIOS]) {
  uint32_t n[OS_RATIOS];
  for (int i = 0; i < OS_RATIOS; i++) {
    char *end;
    errno = 0;
    if (!isdigit((unsigned char)*text)) return false;
    unsigned long v = strtoul(text, &end, 10);
    if (errno != 0 || v > UINT32_MAX || *end != (i + 1 < OS_RATIOS ? ',' : '\0')) return false;
    n[i] = (uint32_t)v;
    text = end + 1;
  }
  memcpy(out, n, sizeof n);
  return true;
}

static bool parse_value(void *at, const struct key *k, const char *text, char *why, size_t len) {
  uint64_t n;
  uint32_t choice;
  switch (k->type) {
    case KEY_CHOICE:
      if (!parse_choice(k, text, &choice, why, len)) return false;
      *(uint32_t *)at = choice;
      return true;
    case KEY_POLICY:
      if (!parse_choice(k, text, &choice, why, len)) return false;
      snprintf(at, k->max, "%s", text);
      return true;
    case KEY_BOOL:
      snprintf(why, len, "must be yes or no");
      return parse_bool(text, at);
    case KEY_ARCHS:
      snprintf(why, len, "must be all, or names of x86, arm, riscv with commas between");
      return scenario_parse_archs(text, at);
    case KEY_RATIOS:
      snprintf(why, len, "must be %d whole numbers with commas between", OS_RATIOS);
      return parse_ratios(text, at);
    case KEY_TEXT:
      snprintf(why, len, "must be shorter than %" PRIu64 " characters", k->max);
      if (strlen(text) >= k->max) return false;
      memcpy(at, text, strlen(text) + 1);
      return true;
    default:
      snprintf(why, len, "must be a whole number from %" PRIu64 " to %" PRIu64 "%s", k->min, k->max,
               k->type == KEY_SIZE ? " (K, M, G allowed)" : "");
      if (!parse_number(text, k->type == KEY_SIZE, &n) || n < k->min || n > k->max) return false;
      if (k->type == KEY_U32)
        *(uint32_t *)at = (uint32_t)n;
      else
        *(uint64_t *)at = n;
      return true;
  }
}

bool key_parse(struct scenario *s, const struct key *k, const char *text, char *why, size_t len) {
  return parse_value((char *)s + k->offset, k, text, why, len);
}

static void print_size(uint64_t n, char *out, size_t len) {
  unsigned u = 0;
  while (u < 3 && n != 0 && (n & 1023) == 0) {
    n >>= 10;
    u++;
  }
  snprintf(out, len, "%" PRIu64 "%.*s", n, u != 0, &" KMG"[u]);
}

static void print_archs(const bool *arch, char *out, size_t len) {
  size_t n = 0;
  out[0] = '\0';
  for (int a = 0; a < MMU_ARCH_COUNT; a++)
    if (arch[a] && n < len)
      n += (size_t)snprintf(out + n, len - n, "%s%s", n != 0 ? "," : "",
                            scenario_arch_name((enum mmu_arch)a));
}

void key_print(const struct scenario *s, const struct key *k, char *out, size_t len) {
  const void *at = (const char *)s + k->offset;
  switch (k->type) {
    case KEY_CHOICE:
      snprintf(out, len, "%s", k->choices[*(const uint32_t *)at]);
      break;
    case KEY_BOOL:
      snprintf(out, len, "%s", *(const bool *)at ? "yes" : "no");
      break;
    case KEY_ARCHS:
      print_archs(at, out, len);
      break;
    case KEY_TEXT:
    case KEY_POLICY:
      snprintf(out, len, "%s", (const char *)at);
      break;
    case KEY_RATIOS:
      for (size_t i = 0, n = 0; i < OS_RATIOS && n < len; i++)
        n += (size_t)snprintf(out + n, len - n, "%s%" PRIu32, i != 0 ? "," : "",
                              ((const uint32_t *)at)[i]);
      break;
    case KEY_SIZE:
      print_size(*(const uint64_t *)at, out, len);
      break;
    case KEY_U32:
      snprintf(out, len, "%" PRIu32, *(const uint32_t *)at);
      break;
    case KEY_U64:
      snprintf(out, len, "%" PRIu64, *(const uint64_t *)at);
      break;
  }
}

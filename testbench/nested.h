/* SPDX-License-Identifier: Apache-2.0
 * Two stages for bench tests: stage-2 tables of every format, and guests whose tables lie behind
 * them. What the manuals say is written here for the tests alone, as in tables.h. */
#ifndef COWALK_TESTBENCH_NESTED_H
#define COWALK_TESTBENCH_NESTED_H

#include "testbench/tables.h"

struct nested {
  const char *name;
  enum mmu_arch arch;
  enum mmu_s2_mode mode;
  uint8_t top;        /* height of the first table */
  uint8_t big;        /* largest page */
  uint8_t first_bits; /* index bits of the first table; above 9 several tables stand together */
};

enum { NESTEDS = 14 };
extern const struct nested nesteds[NESTEDS];

/* Guest-physical 0 is here, unless a test says otherwise: aligned to the largest pages. */
#define NESTED_HOST (UINT64_C(5) << 39)
/* Tables take their frames, guest or not, from here on; so do guest-physical addresses of tables,
 * from 0x100000. A page of data may be at GUEST_PAGE, whatever the format. */
#define NESTED_FRAMES (NESTED_HOST + 0x100000)
#define GUEST_PAGE UINT64_C(0x1d5000)

/* A guest: a stage 1 in its own memory, which stage 2 maps. Plain value. */
struct guest {
  struct space s;
  const struct nested *n;
  uint8_t by; /* height of the stage-2 pages that hold its tables */
};

/* A stage 2 with empty tables, in whatever frames come next; hardware sets A and D. */
void nested_new(struct bench *b, const struct nested *n, struct mmu_context *ctx);
/* Put one context under the stage 2 of another. */
void nested_share(struct mmu_context *to, const struct mmu_context *from);
/* Frames must come from NESTED_FRAMES on. vmid 1; hardware sets A and D in both stages. */
struct guest guest_new(struct bench *b, const struct format *f, const struct nested *n);
/* Memory address of the stage-1 descriptor; tables on the way are made and mapped by stage 2. */
uint64_t guest_slot(struct guest *g, uint64_t va, unsigned height);
/* Stage 1 maps a page to gpa; stage 2 maps the tables, not the page. Returns as guest_slot. */
uint64_t guest_map(struct guest *g, uint64_t va, unsigned height, uint64_t gpa, unsigned flags);

/* Memory address of the stage-2 descriptor of gpa at a height; tables are made if missing. */
uint64_t nested_slot(struct guest *g, uint64_t gpa, unsigned height);
/* Stage 2 maps the page of that height round gpa, to where the guest's memory is (or to hpa). */
uint64_t nested_map(struct guest *g, uint64_t gpa, unsigned height, unsigned flags);
uint64_t nested_map_to(struct guest *g, uint64_t gpa, unsigned height, uint64_t hpa,
                       unsigned flags);
/* Both: a 4 KiB page for everything, at gpa. Returns where the page is. */
uint64_t guest_page(struct guest *g, uint64_t va, uint64_t gpa);

/* PAGE_U: RISC-V and NPT, and with EPT the right to fetch from user pages. */
uint64_t nested_leaf(const struct nested *n, unsigned height, uint64_t hpa, unsigned flags);
uint64_t nested_pointer(const struct nested *n, uint64_t table, bool accessed);
uint64_t nested_a(const struct nested *n);
uint64_t nested_d(const struct nested *n);
/* Is D set in a leaf? */
bool nested_dirty(const struct nested *n, uint64_t leaf);
/* Bits of a guest-physical address. */
unsigned nested_bits(const struct nested *n);

enum question { ON_FINAL, ON_TABLE, ON_SWAP };

/* A stage-2 fault: what was asked, where, and what the entries together grant (PAGE_R, W, X; 0 if
 * absent). */
struct nested_fault {
  enum question question;
  enum mmu_cause cause;
  uint8_t height;
  uint8_t rights;
  uint64_t gpa;
};

struct mmu_syndrome nested_syndrome(const struct nested *n, const struct mmu_context *ctx,
                                    const struct mmu_access *access, uint64_t va,
                                    const struct nested_fault *fault);
/* The hypervisor is told exactly this. */
bool nested_faults(const struct guest *g, const struct bench_request *q,
                   const struct nested_fault *fault);

/* The invalidation of both stages: of the VMID, or with EPT of the root (in addr). */
struct mmu_inval nested_inval(const struct guest *g);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Words for what the hardware read and reported: descriptors, causes, syndrome registers. Each
 * function writes one line without a newline into out and returns out. */
#ifndef COWALK_TRANSLATE_DESCRIBE_H
#define COWALK_TRANSLATE_DESCRIBE_H

#include <stddef.h>
#include <stdint.h>

#include "backend/mmu.h"

enum { DESCRIBE_ROOM = 256 };

/* "4-level paging, CR3 0x1000" */
char *describe_mode(char *out, enum mmu_arch arch, const struct mmu_context *ctx);
/* "PML4E", "L0 descriptor", "level-3 PTE": the manual's own name for a height. */
const char *describe_level(enum mmu_arch arch, uint8_t level);
/* "P RW US A, table 0x2000" */
char *describe_descriptor(char *out, enum mmu_arch arch, uint8_t level, uint64_t value);
/* Names of the bits that differ: "+A +D" */
char *describe_change(char *out, enum mmu_arch arch, uint64_t from, uint64_t to);
/* "#PF, error code 0x6 (W U), CR2 0x1234" */
char *describe_syndrome(char *out, enum mmu_arch arch, const struct mmu_syndrome *syn);
/* "not_present"; also the name in JSON. */
const char *describe_cause(uint8_t cause);
const char *describe_kind(uint8_t kind); /* "read" "write" "fetch" "rmw" */
const char *describe_memory_error(uint8_t error);
/* "4 KiB page"; "64 KiB page (contiguous)": the size of 16 pages of one level has one name on Arm,
 * another on RISC-V. */
char *describe_page(char *out, enum mmu_arch arch, uint8_t shift);
/* Names of reg[0..3] in JSON; NULL where the architecture has none at stage 1. */
const char *describe_register(enum mmu_arch arch, size_t i);

#endif

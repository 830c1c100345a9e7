/* SPDX-License-Identifier: Apache-2.0
 * Words for stage 2: its descriptors and what a hypervisor reads after a fault. Each function that
 * takes out writes one line without a newline into it (DESCRIBE_ROOM) and returns it. */
#ifndef COWALK_TRANSLATE_DESCRIBE_S2_H
#define COWALK_TRANSLATE_DESCRIBE_S2_H

#include "translate/describe.h"

/* "EPT of 4 levels at 0x1000, VPID 1" */
char *describe_s2_mode(char *out, const struct mmu_context *ctx);
/* "EPT PML4E", "nested PTE", "stage-2 L0", "G-stage 3": a height by the manual's name. */
const char *describe_s2_level(uint8_t s2_mode, uint8_t level);
/* "R W X WB, page 0x2000" */
char *describe_s2_descriptor(char *out, uint8_t s2_mode, uint8_t level, uint64_t value);
/* Names of the bits that differ: "+A +D" */
char *describe_s2_change(char *out, uint8_t s2_mode, uint64_t from, uint64_t to);
/* "EPT violation (exit reason 48), qualification 0x...", or AMD's "#NPF (EXITCODE 0x400), EXITINFO1
 * 0x..." */
char *describe_exit_x86(char *out, const struct mmu_syndrome *syn);
/* "R W UX SX" */
char *describe_s2_rights(char *out, uint8_t rights);
/* Name of reg[i] in JSON if a hypervisor takes the fault; NULL where there is none. */
const char *describe_exit_register(enum mmu_arch arch, uint8_t s2_mode, size_t i);

#endif

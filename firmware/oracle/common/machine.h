/* SPDX-License-Identifier: Apache-2.0
 * What the payload asks of each architecture's assembly. */
#ifndef FIRMWARE_ORACLE_MACHINE_H
#define FIRMWARE_ORACLE_MACHINE_H

#include "firmware/oracle/format.h"

/* Semihosting: the emulator's host does `op`. */
uint64_t fw_semihost(uint64_t op, const void *argument);

/* Load the registers, empty the TLBs, start the case and come back when the hypervisor has an
 * exception. */
void fw_run(const uint64_t reg[ORACLE_REGS], uint64_t out[ORACLE_OUTS], uint64_t door);

/* Called by the start code; it must not return. */
void fw_main(const struct oracle_file_head *cases);

#endif

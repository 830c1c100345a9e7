/* SPDX-License-Identifier: Apache-2.0
 * Where things are in the x86 payload's memory, for C and assembly. */
#ifndef FIRMWARE_ORACLE_X86_LAYOUT_H
#define FIRMWARE_ORACLE_X86_LAYOUT_H

#define CASES 0x8000000
#define CASES_END 0x20000000 /* of the memory */

/* selectors */
#define CODE32 0x08
#define DATA 0x10
#define CODE64 0x18
#define TASK 0x20

/* the payload's own page tables */
#define HOST_PML5 0x10000
#define HOST_PML4 0x11000
#define HOST_PDPT 0x12000
#define HOST_PD 0x13000

#endif

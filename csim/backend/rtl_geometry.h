/* SPDX-License-Identifier: Apache-2.0
 * Finds the Verilated model of an architecture and a geometry: one of the three in the program,
 * or a shared object that is built on demand and loaded. */
#ifndef COWALK_BACKEND_RTL_GEOMETRY_H
#define COWALK_BACKEND_RTL_GEOMETRY_H

#include <stddef.h>

#include "backend/mmu.h"
#include "testbench/shim.h"

/* NULL with one line in err if there is no such hardware. A loaded shared object stays loaded. */
const struct hw_ops *rtl_find_hw(enum mmu_arch arch, const struct mmu_geometry *g, char *err,
                                 size_t err_len);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * The contract of the fault registers: what the firmware decodes from them is what the walker
 * found, as exactly as the architecture tells it. */
#ifndef COWALK_OBSERVER_SYNDROME_CHECK_H
#define COWALK_OBSERVER_SYNDROME_CHECK_H

#include "backend/mmu.h"

/* NULL, or which part of the registers is wrong. `kind`: of the access (enum mmu_access_kind). */
const char *syndrome_check(enum mmu_arch arch, const struct mmu_context *ctx, uint8_t kind,
                           const struct mmu_fault *fault, const struct mmu_syndrome *syndrome);

#endif

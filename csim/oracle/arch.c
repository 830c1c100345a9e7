/* SPDX-License-Identifier: Apache-2.0
 * Finds the cases of an architecture. */
#include <string.h>

#include "oracle/oracle.h"

const struct oracle_arch *oracle_arch_of(const char *name) {
  static const struct oracle_arch *const all[] = {&oracle_arm, &oracle_riscv, &oracle_amd,
                                                  &oracle_intel, &oracle_ryzen};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    if (strcmp(all[i]->name, name) == 0) return all[i];
  return NULL;
}

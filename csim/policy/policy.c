// SPDX-License-Identifier: Apache-2.0
// The policies by name. A further one is a file and an entry here.
#include "policy/policy.h"

#include <string.h>

const struct policy_ops *const policy_all[] = {&policy_fifo,   &policy_lru, &policy_clock,
                                               &policy_clock2, &policy_arc, &policy_2q,
                                               &policy_opt,    NULL};

const struct policy_ops *policy_find(const char *name, size_t length) {
  for (size_t i = 0; policy_all[i] != NULL; i++)
    if (strlen(policy_all[i]->name) == length && memcmp(policy_all[i]->name, name, length) == 0)
      return policy_all[i];
  return NULL;
}

uint32_t policy_share_of(struct policy_share s, uint32_t capacity) {
  const uint64_t pages = s.percent ? (uint64_t)capacity * s.value / 100 : s.value;
  return pages < POLICY_MAX_FRAMES ? (uint32_t)pages : POLICY_MAX_FRAMES;
}

void policy_options_default(struct policy_options *o) {
  *o = (struct policy_options){
      .insert_set = true,
      .spread = {25, true},
      .prefer_clean = true,
      .look = {32, false},
      .kin = {25, true},
      .kout = {50, true},
  };
}

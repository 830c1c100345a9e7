/* SPDX-License-Identifier: Apache-2.0
 * Equality of two decoded faults. */
#ifndef COWALK_TESTS_SYNDROME_SAME_H
#define COWALK_TESTS_SYNDROME_SAME_H

#include "syndrome/syndrome.h"

static inline bool same_fault(const struct syn_fault *a, const struct syn_fault *b) {
  return a->cause == b->cause && a->stage == b->stage && a->level == b->level &&
         a->access == b->access && a->taker == b->taker && a->on_walk == b->on_walk &&
         a->update == b->update && a->user == b->user && a->from_guest == b->from_guest &&
         a->from_lower == b->from_lower && a->guest_va == b->guest_va && a->gpa_ns == b->gpa_ns &&
         a->va.value == b->va.value && a->va.known == b->va.known && a->gpa.value == b->gpa.value &&
         a->gpa.known == b->gpa.known && a->detail == b->detail &&
         a->instruction == b->instruction && a->settings == b->settings;
}

#endif

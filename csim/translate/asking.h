/* SPDX-License-Identifier: Apache-2.0
 * Follows the steps of a two-stage walk and says what stage 2 is asked for before each. Only as far
 * as the steps tell: behind a pointer of the walk cache the guest-physical address is not known. */
#ifndef COWALK_TRANSLATE_ASKING_H
#define COWALK_TRANSLATE_ASKING_H

#include "rules/rules.h"
#include "translate/session.h"

struct asking {
  const struct translation *t;
  struct rules_root root;
  enum rules_about about;
  bool known;    /* gpa is right */
  uint64_t gpa;  /* what is asked for next */
  uint8_t level; /* of the stage-1 descriptor, unless about the final address */
  uint8_t rights;
  bool global;
  struct rules_step step;
};

void asking_begin(struct asking *a, const struct translation *t);
/* A step of stage 1 was made. */
void asking_after(struct asking *a, const struct translation_step *p);
/* Is it the first read of a stage-2 walk? */
bool asking_starts(const struct asking *a, const struct translation_step *p);

#endif

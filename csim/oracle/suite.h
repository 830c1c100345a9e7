/* SPDX-License-Identifier: Apache-2.0
 * A run of cases: make them, judge what an emulator made of them. */
#ifndef COWALK_ORACLE_SUITE_H
#define COWALK_ORACLE_SUITE_H

#include "oracle/bins.h"

/* A case that ends like `aim` by the manual, or with `anyhow` in any way, and that no deviation
 * sends astray. False: none was found in a fair number of attempts. */
bool oracle_make(const struct oracle_arch *arch, struct fuzz_random *r,
                 const struct oracle_class *aim, bool anyhow, uint32_t known,
                 struct oracle_case *c);
/* The deviations that version `version` of the emulator is known to have. */
uint32_t oracle_known(const struct oracle_arch *arch, unsigned version);

enum oracle_verdict {
  ORACLE_AGREES,
  ORACLE_EXCEPTED, /* as the known deviations predict, and not as the manual says */
  ORACLE_STALE,    /* as the manual says, where a known deviation predicts otherwise */
  ORACLE_DIFFERS
};
/* excepted: the deviations without any one of which the prediction would be another. why: what
 * differs. */
enum oracle_verdict oracle_judge(const struct oracle_arch *arch, const struct oracle_case *c,
                                 uint32_t known, const struct oracle_outcome *seen,
                                 struct oracle_class *class, uint32_t *excepted, char *why,
                                 size_t size);

#endif

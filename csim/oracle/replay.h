/* SPDX-License-Identifier: Apache-2.0
 * The same cases on a backend of our own: hardware, model or both in lockstep. */
#ifndef COWALK_ORACLE_REPLAY_H
#define COWALK_ORACLE_REPLAY_H

#include "oracle/oracle.h"

struct oracle_replay;

/* backend: rtl, model, lockstep. NULL, and one line in err. */
struct oracle_replay *oracle_replay_new(const struct oracle_arch *arch, const char *backend,
                                        char *err, size_t err_len);
void oracle_replay_free(struct oracle_replay *r);
enum { ORACLE_REPLAY_UNTOLD = 1 };
/* What the backend makes of a case, as an emulator would show it. 0; UNTOLD: the interface cannot
 * tell (Arm's AT that gets through stage 1); or -1 with err if the backend stopped. */
int oracle_replay_run(struct oracle_replay *r, const struct oracle_case *c,
                      struct oracle_outcome *seen, char *err, size_t err_len);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Made-up traces, selected by NAME:ARGUMENTS in place of a file. Private to csim/replay. */
#ifndef COWALK_REPLAY_GENERATE_H
#define COWALK_REPLAY_GENERATE_H

#include "replay/build.h"

/* Does the text begin with the name of a generator and a colon? */
bool generate_known(const char *text);
/* 0, or -1 with one line in err. */
int generate(struct build *to, const char *text, char *err, size_t err_len);

extern const char generate_help[]; /* lines for --help */

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Linux's two policies in a replay: they need a kernel around them, so each run is one of
 * csim/lru/host, whose free pages at the start are the frames. */
#ifndef COWALK_REPLAY_KERNEL_H
#define COWALK_REPLAY_KERNEL_H

#include "replay/replay.h"

/* Names and descriptions only; they have no functions. */
extern const struct policy_ops replay_twolist, replay_mglru;

bool replay_is_kernel(const struct policy_spec *s);
/* policy_spec_parse for all policies of a replay. */
int replay_spec_parse(const char *text, struct policy_spec *out, char *err, size_t err_len);
/* One run. False with one line in err: out of host memory, or too few frames for a kernel. */
bool replay_kernel(const struct replay_trace *t, const struct policy_spec *s, uint32_t frames,
                   struct replay_result *out, char *err, size_t err_len);

#endif

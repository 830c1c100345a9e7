/* SPDX-License-Identifier: Apache-2.0
 * Programs that take memory and stay: the processes of the recorded out-of-memory experiments
 * (tests/data/linux/oom.md). Settings in docs/scenario.md. Deterministic. */
#ifndef COWALK_MACHINE_HOG_H
#define COWALK_MACHINE_HOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/trace.h"

struct hog;

/* settings: "key=value" words. NULL with one line in err. */
struct hog *hog_create(const char *settings, char *err, size_t err_len);
void hog_destroy(struct hog *h);
int hog_next(struct hog *h, struct trace_event *ev); /* 1, or 0 at the end */
bool hog_holds(const struct hog *h);
uint64_t hog_length(const struct hog *h);
uint64_t hog_footprint(const struct hog *h);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * The ways in which accesses can end, each a bin, and how many cases each has. */
#ifndef COWALK_ORACLE_BINS_H
#define COWALK_ORACLE_BINS_H

#include "oracle/oracle.h"

struct oracle_bins;

/* All that the architecture can produce, empty. NULL: out of memory. */
struct oracle_bins *oracle_bins_new(const struct oracle_arch *arch);
void oracle_bins_free(struct oracle_bins *b);
uint32_t oracle_bins_count(const struct oracle_bins *b);
struct oracle_class oracle_bins_class(const struct oracle_bins *b, uint32_t bin);
bool oracle_bins_same(const struct oracle_class *a, const struct oracle_class *b);
/* False: no bin has it, and the architecture was said to be unable to. */
bool oracle_bins_add(struct oracle_bins *b, const struct oracle_class *k);
/* A table on out; returns how many bins are empty, which are named. */
uint32_t oracle_bins_print(const struct oracle_bins *b, FILE *out);
/* One line: how an access ended. */
void oracle_class_text(const struct oracle_class *k, char *text, size_t size);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Lines as `vmstat` of procps 4.0.2 (Debian 12) prints them, from two samples of the machine.
 * Memory in KiB, si and so in KiB a second, bi and bo in blocks of 1 KiB a second, all of simulated
 * time, rounded as there; cpu in per cent of all CPUs. */
#ifndef COWALK_OBSERVER_VMSTAT_H
#define COWALK_OBSERVER_VMSTAT_H

#include <stdint.h>
#include <stdio.h>

struct machine_sample;

void vmstat_header(FILE *out); /* two lines */
/* What happened from one sample to a later one, and what is at the later. hz: cycles a second. */
void vmstat_line(FILE *out, const struct machine_sample *from, const struct machine_sample *to,
                 uint64_t hz);

#endif

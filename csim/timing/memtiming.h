/* SPDX-License-Identifier: Apache-2.0
 * How long a memory access takes: a small cache hierarchy and DRAM shared by table reads and
 * data accesses of one CPU. With all caches off, every access takes dram_cycles. A cache does not
 * hold addresses of 2^38 times its number of sets and up (256 GiB for one set, 16 TiB for 64). */
#ifndef COWALK_TIMING_MEMTIMING_H
#define COWALK_TIMING_MEMTIMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct memtiming;

struct memtiming_level {
  uint64_t bytes; /* 0: this cache is absent */
  uint32_t ways;
  uint32_t cycles; /* total latency of a hit here */
};

struct memtiming_config {
  struct memtiming_level l1, l2, l3;
  uint32_t dram_cycles; /* at least 1 */
};

/* 32 KiB/8/4, 1 MiB/16/14, 16 MiB/16/50, DRAM 200. */
struct memtiming_config memtiming_default(void);
/* NULL with one line in err if the configuration is impossible. */
struct memtiming *memtiming_create(const struct memtiming_config *cfg, char *err, size_t err_len);
void memtiming_destroy(struct memtiming *t);
/* Latency in cycles of an access to addr now, and the caches' new state. At least 1. */
uint32_t memtiming_access(struct memtiming *t, uint64_t addr, bool write);
/* An access to addr comes soon: a hint to the host, changes nothing. */
void memtiming_expect(const struct memtiming *t, uint64_t addr);
void memtiming_flush(struct memtiming *t);
/* counts[0..3]: hits in l1, l2, l3, and DRAM accesses. */
void memtiming_counts(const struct memtiming *t, uint64_t counts[4]);

#endif

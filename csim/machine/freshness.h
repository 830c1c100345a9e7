/* SPDX-License-Identifier: Apache-2.0
 * How old the translations are that accesses use: for each CPU and page when it last read the leaf
 * descriptor, and for each page when the last completed shootdown of it began. An access through a
 * descriptor read before that is stale, whichever CPU makes it. Knows nothing of the TLBs, nor of
 * how the machine carries a shootdown out. Tables of fixed size: what has fallen out of them is not
 * checked, what is checked is exact. The caller owns the object. */
#ifndef COWALK_MACHINE_FRESHNESS_H
#define COWALK_MACHINE_FRESHNESS_H

#include <stdbool.h>
#include <stdint.h>

struct freshness;

struct freshness *freshness_create(uint32_t cpus); /* NULL: out of host memory */
void freshness_destroy(struct freshness *f);
/* This CPU read, or swapped, the leaf descriptor of a 4 KiB page at this cycle (from 1). */
void freshness_read(struct freshness *f, uint32_t cpu, uint16_t asid, uint64_t va, uint64_t cycle);
/* The same for the leaf of 2 MiB round va, or what may be one. */
void freshness_read_huge(struct freshness *f, uint32_t cpu, uint16_t asid, uint64_t va,
                         uint64_t cycle);
uint64_t freshness_read_huge_at(const struct freshness *f, uint32_t cpu, uint16_t asid,
                                uint64_t va);
/* When it last did; 0: not known. */
uint64_t freshness_read_at(const struct freshness *f, uint32_t cpu, uint16_t asid, uint64_t va);
/* One of these, and whether that was before a shootdown: *stale is left alone if it was not. */
uint64_t freshness_age(const struct freshness *f, uint32_t cpu, uint16_t asid, uint64_t va,
                       bool huge, bool *stale);
/* A shootdown of this page (of any size), of this whole identifier, that began at a cycle is
 * complete now. */
void freshness_page(struct freshness *f, uint16_t asid, uint64_t va, uint64_t begun);
void freshness_space(struct freshness *f, uint16_t asid, uint64_t begun);
/* Must a translation of this page not be used that was read at `read`? (read != 0) huge: one of
 * 2 MiB. */
bool freshness_stale(const struct freshness *f, uint16_t asid, uint64_t va, bool huge,
                     uint64_t read);

#endif

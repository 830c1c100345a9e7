/* SPDX-License-Identifier: Apache-2.0
 * Allocating frames: nodes and zones in order, watermarks, reclaim when memory is short (Linux 6.1
 * mm/page_alloc.c, get_page_from_freelist and __alloc_pages_slowpath). */
#ifndef COWALK_OS_ALLOC_H
#define COWALK_OS_ALLOC_H

#include "os/buddy.h"
#include "os/frame.h"

struct os_request {
  unsigned order;
  enum os_mobility mobility;
  unsigned highest; /* zone */
  unsigned rights;  /* enum os_alloc_right */
  bool no_reclaim;  /* fail rather than reclaim */
  bool no_kswapd;   /* do not wake it (no __GFP_KSWAPD_RECLAIM) */
  bool thisnode;    /* no other node (__GFP_THISNODE) */
  bool noretry;     /* one round of reclaim and compaction (__GFP_NORETRY) */
};

/* One frame with refs = 1. Reclaims when memory is short; OS_NO_FRAME when nothing can be had. The
 * caller holds no lock. Contents are undefined. [yields] */
uint32_t os_frame_alloc(struct os *os, enum os_frame_type type);
/* The first of 2^order frames, each with a reference of its own. [yields] */
uint32_t os_block_alloc(struct os *os, enum os_frame_type type, const struct os_request *r);
/* What os_frame_alloc asks for. */
struct os_request os_request_of(enum os_frame_type type);

#endif

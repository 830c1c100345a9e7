/* SPDX-License-Identifier: Apache-2.0
 * The whole state of the OS model. For csim/os only. */
#ifndef COWALK_OS_KERNEL_H
#define COWALK_OS_KERNEL_H

#include "os/cache.h"
#include "os/frame.h"
#include "os/machine.h"
#include "os/mm.h"
#include "os/os.h"
#include "os/policy.h"
#include "os/pt.h"
#include "os/reclaim.h"
#include "os/rmap.h"
#include "os/zone.h"

struct os_transfer;

struct os_free_list {
  uint32_t fresh; /* frames from here to the zone's end were never allocated */
  uint32_t head;  /* list of freed frames */
};

struct os {
  struct os_config cfg;
  struct os_platform plat;
  const struct os_pt_ops *pt;
  const struct os_policy_ops *pol;
  struct os_policy *policy;

  struct os_frame *frames;
  uint32_t frame_count;
  struct os_zones zones;
  struct os_free_list list[OS_ZONES]; /* of node 0 */
  unsigned highest;                   /* zone of ordinary requests: the highest there is */

  struct os_swap swap;
  struct os_file *file; /* [0] unused */
  uint32_t files;
  uint64_t disk_used;

  struct os_reclaim rec;
  struct os_mm *mms;
  uint32_t next_mm, asid_hand;
  uint8_t *asid_used;
  struct os_rmap *rmap_pool;
  struct os_transfer *transfers; /* all, for the end */
  struct os_transfer *idle;
  struct os_stats st;
};

#endif

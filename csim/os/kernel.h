/* SPDX-License-Identifier: Apache-2.0
 * The whole state of the OS model. For csim/os only. */
#ifndef COWALK_OS_KERNEL_H
#define COWALK_OS_KERNEL_H

#include "os/alloc.h"
#include "os/cache.h"
#include "os/commit.h"
#include "os/frame.h"
#include "os/huge.h"
#include "os/machine.h"
#include "os/mlock.h"
#include "os/mm.h"
#include "os/node.h"
#include "os/oom.h"
#include "os/os.h"
#include "os/pcp.h"
#include "os/policy.h"
#include "os/pt.h"
#include "os/pt_pool.h"
#include "os/reclaim.h"
#include "os/rmap.h"
#include "os/shmem.h"
#include "os/writeback.h"
#include "os/zone.h"

struct os_transfer;

enum { OS_FRAME_QUEUES = 256 }; /* for those who wait for a frame's lock */

struct os {
  struct os_config cfg;
  struct os_sysctl sysctl;
  struct os_platform plat;
  const struct os_pt_ops *pt;
  const struct os_policy_ops *pol;

  struct os_frame *frames;
  uint32_t frame_count;
  uint32_t touched; /* frames from here were never allocated */
  struct os_waitq frame_wait[OS_FRAME_QUEUES];
  struct os_zones zones;
  struct os_buddy *buddy;
  struct os_pcps *pcps;
  struct os_node node[OS_NODES];

  struct os_hugetlb hugetlb;
  struct os_pt_pool pt_pool;
  struct os_waitq khugepaged;
  struct os_swap swap;
  struct os_file *file; /* [0] unused */
  uint32_t files;
  struct os_shmem shmem;
  uint64_t disk_used;

  struct os_reclaim rec;
  struct os_writeback wb;
  struct os_commit commit;
  struct os_oom oom;
  struct os_task *tasks, **last_task; /* by creation */
  uint32_t zero;                      /* the shared frame of zeroes; OS_NO_FRAME: none */
  struct os_mm *mms;
  uint32_t next_mm, asid_hand;
  struct os_mm **by_asid; /* NULL: the identifier is free */
  struct os_rmap *rmap_pool;
  struct os_transfer *transfers; /* all, for the end */
  struct os_transfer *idle;
  struct os_stats st;
};

#endif

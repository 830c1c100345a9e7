/* SPDX-License-Identifier: Apache-2.0
 * What the kernel model may ask of the machine it runs on. Every call is made from a kernel
 * context (a coroutine on a simulated CPU: a task in the kernel, kswapd, a flusher) unless its
 * comment says otherwise. Calls marked [yields] let simulated time pass and other contexts and
 * the hardware run: whatever the caller knew before may have changed after.
 * The kernel model learns nothing else about the world: no backend, observer or trace. */
#ifndef COWALK_OS_PLATFORM_H
#define COWALK_OS_PLATFORM_H

#include <stdbool.h>
#include <stdint.h>

#include "backend/mmu.h"

/* Primitives of kernel code; the machine's cost table turns them into cycles. */
enum os_work {
  OS_WORK_FAULT_ENTRY, /* exception entry and syndrome read */
  OS_WORK_FAULT_EXIT,
  OS_WORK_SYSCALL, /* entry and exit of a system call */
  OS_WORK_VMA_LOOKUP,
  OS_WORK_ALLOC_FRAME,
  OS_WORK_FREE_FRAME,
  OS_WORK_ZERO_FRAME,
  OS_WORK_COPY_FRAME,
  OS_WORK_CACHE_LOOKUP, /* file or swap cache look-up or insertion */
  OS_WORK_LIST_MOVE,    /* one list operation on one page */
  OS_WORK_RMAP_STEP,    /* one mapping visited from a frame */
  OS_WORK_SWAP_SLOT,    /* slot allocation or release */
  OS_WORK_IO_SUBMIT,
  OS_WORK_IO_COMPLETE,
  OS_WORK_CONTEXT_SWITCH,
  /* Of a shootdown, spent by the machine on the kernel's behalf: */
  OS_WORK_IPI,         /* x86: a CPU takes an interrupt from another: entry and dispatch */
  OS_WORK_IPI_SEND,    /* send one */
  OS_WORK_IPI_DELIVER, /* from the sender to the target's core */
  OS_WORK_SBI,         /* RISC-V: call to the firmware and back, of a remote fence */
  OS_WORK_SBI_IPI,     /* RISC-V: a hart takes the firmware's interrupt */
  OS_WORK_DVM,         /* Arm: a broadcast invalidation, or the sync after them, on its way */
  OS_WORK_COUNT
};

/* On whose behalf kernel cycles pass; the machine charges its ledger by it. */
enum os_account {
  OS_ACCT_FAULT, /* fault entry and handler */
  OS_ACCT_SYSCALL,
  OS_ACCT_KSWAPD,
  OS_ACCT_DIRECT_RECLAIM, /* reclaim done by an allocating task */
  OS_ACCT_WRITEBACK,
  OS_ACCT_KHUGEPAGED,
  OS_ACCT_COMPACTION, /* direct, and kcompactd */
  OS_ACCT_COUNT
};

/* Why translations are invalidated. */
enum os_inval_why {
  OS_INVAL_PAGES,  /* entries were taken away or lost rights */
  OS_INVAL_TABLES, /* page tables are freed after it: CPUs only lazily there are told too */
  OS_INVAL_A       /* A bits were cleared, nothing else */
};

/* What a policy found or decided: see page_seen. */
enum os_seen {
  OS_SEEN_USED,   /* it looked: used since it last looked */
  OS_SEEN_UNUSED, /* it looked: not used */
  OS_SEEN_EVICTED,
  OS_SEEN_RETURNED, /* an evicted page is read back (pfn: its new frame) */
  OS_SEEN_MOVED     /* compaction gave it another frame (key) */
};

/* A place to sleep. Zero-initialise; owned by the embedder; no one may sleep on it when freed. */
struct os_waitq {
  void *head; /* the machine's */
};

struct os_io {
  uint64_t block; /* 4 KiB blocks of the one disk */
  uint64_t pfn;
  bool write; /* frame -> block; else block -> frame */
  bool error; /* set on completion */
  /* Called when the transfer is complete, from the event loop, not from a kernel context: it
   * must not yield. It may call ops->wake. The io belongs to the caller until then. */
  void (*done)(struct os_io *io);
  void *owner;
};

struct os_platform_ops {
  uint64_t (*now)(void *self);  /* CPU cycles; any context */
  uint32_t (*cpus)(void *self); /* any context */
  /* The CPU that runs this; any context (in the event loop: the one that ran last). */
  uint32_t (*cpu)(void *self);
  /* Set the account for what follows in this context; returns the previous one. */
  enum os_account (*account)(void *self, enum os_account a);
  /* [yields] The CPU spends count times the cost of this primitive. */
  void (*spend)(void *self, enum os_work work, uint32_t count);
  /* [yields] Timed accesses to page tables in simulated memory, physical byte address. */
  uint64_t (*read64)(void *self, uint64_t pa);
  void (*write64)(void *self, uint64_t pa, uint64_t value);
  /* [yields] Atomic: true if `expected` was found and replaced; *old gets what was found. */
  bool (*cas64)(void *self, uint64_t pa, uint64_t expected, uint64_t desired, uint64_t *old);
  /* [yields] The architecture's invalidations on every CPU that may hold such entries, by the
   * architecture's own means (IPI or broadcast). Returns when no access of any CPU uses an older
   * translation any more. Where other CPUs are interrupted, they are interrupted once for all of
   * them (or once for each part that the machine can take at a time). */
  void (*invalidate)(void *self, const struct mmu_inval *inv, uint32_t count,
                     enum os_inval_why why);
  /* [yields] Sleep until woken. wait_until also ends at that cycle; true if woken before. */
  void (*wait)(void *self, struct os_waitq *q);
  bool (*wait_until)(void *self, struct os_waitq *q, uint64_t cycle);
  /* Make every sleeper on q runnable; any context. */
  void (*wake)(void *self, struct os_waitq *q);
  /* [yields] Give other runnable contexts a turn (cond_resched). */
  void (*resched)(void *self);
  /* Start a kernel thread; fn never returns or ends the thread by returning. At boot or later. */
  void (*spawn)(void *self, const char *name, void (*fn)(void *arg), void *arg, enum os_account a);
  /* A word that belongs to the context which runs, zero when it starts: the kernel keeps there
   * which task it works for. */
  void **(*current)(void *self);
  /* The context of the task that this kernel context works for has changed: the CPU leaves the old
   * address space now. No time passes. */
  void (*load)(void *self);
  /* Task `pid` got a fatal signal: it shall enter the kernel, which ends it, as soon as it can. */
  void (*signal)(void *self, uint32_t pid);
  /* The host has no memory for the kernel model's own books: the run is void. Any context. */
  void (*no_memory)(void *self);
  /* The kernel stops for ever, for this reason; the caller then sleeps and is never woken. */
  void (*panic)(void *self, const char *why);
  /* Queue a transfer; returns at once. Any kernel context. */
  void (*disk_submit)(void *self, struct os_io *io);
  /* What is in frames, for the check that no data is lost. No time passes in these. */
  void (*frame_zero)(void *self, uint64_t pfn);
  void (*frame_copy)(void *self, uint64_t to_pfn, uint64_t from_pfn);
  void (*frame_free)(void *self, uint64_t pfn);
  /* A read() or write() system call touches file data in this frame. */
  void (*frame_file_access)(void *self, uint64_t pfn, uint32_t file, uint64_t page, bool write);
  /* What replacement thinks of the page in a frame, for who measures it; may be NULL. key: which
   * page left or came back (os_page_key), or where it was moved. No time passes and nothing comes
   * back. */
  void (*page_seen)(void *self, enum os_seen what, uint64_t pfn, uint64_t key);
};

struct os_platform {
  const struct os_platform_ops *ops;
  void *self;
};

#endif

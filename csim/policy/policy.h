/* SPDX-License-Identifier: Apache-2.0
 * Page replacement policies as a library of their own: it knows frames (numbers below a limit), the
 * pages they hold (64-bit identities) and what the host tells it, nothing else. Two hosts use it:
 * `cowalk replay`, which tells of every access, and an operating system, which tells of what it
 * saw: A bits it sampled, faults, system calls.
 *
 * The life of a page: enter, any number of used, and then either leave (its owner gave it up) or
 * victim (the policy gave it up; the frame is off its lists when victim returns). A victim that
 * could not be evicted after all goes back with back.
 *
 * Callbacks of the host may yield: enter, leave, used, back and victim may be called on the same
 * policy before they return. The host keeps the frame it is asked about from being given to
 * another page until the callback returns. */
#ifndef COWALK_POLICY_POLICY_H
#define COWALK_POLICY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define POLICY_NONE UINT32_MAX    /* no frame */
#define POLICY_NO_PAGE UINT64_MAX /* no page; the identity of none */
#define POLICY_MAX_FRAMES (UINT32_MAX >> 1)

struct policy;     /* a policy at work */
struct policy_run; /* policy/run.h */

/* What a policy may ask. NULL: the host has nothing to say (never referenced, never dirty). */
struct policy_host {
  void *ctx;
  /* Was the frame referenced since this was last asked? Clears it. What used() told comes on top.
   */
  bool (*test_and_clear)(void *ctx, uint32_t frame);
  bool (*dirty)(void *ctx, uint32_t frame);
};

/* The accesses to come, for the one policy that knows them; kept current by the host. */
struct policy_future {
  const uint32_t *access;   /* page << 1 | is a write */
  const uint32_t *next_use; /* of the page of access i: index of its next access, or POLICY_NONE */
  const uint32_t *frame_of; /* page -> frame << 1 | dirty */
  uint32_t count, now;      /* accesses in all; index of the present one */
};

/* A number of pages, absolute or as a share of the capacity (percent, rounded down). */
struct policy_share {
  uint32_t value;
  bool percent;
};

struct policy_options {
  bool insert_set;            /* clock: a page comes in with its reference bit set */
  struct policy_share spread; /* clock2: pages between the hands */
  bool prefer_clean;          /* clock2: pass over cold dirty pages in search of a clean one */
  struct policy_share look;   /* clock2: pages looked at after the first cold dirty one */
  struct policy_share kin;    /* 2q: pages that A1in may hold for good */
  struct policy_share kout;   /* 2q: identities that A1out remembers */
  bool by_read;               /* Linux's two, in a replay: accesses by pread, not by a mapping */
};

/* clock insert=set; clock2 spread=25%, clean=yes, look=32; 2q kin=25%, kout=50% (its authors'). */
void policy_options_default(struct policy_options *o);
uint32_t policy_share_of(struct policy_share s, uint32_t capacity);

struct policy_config {
  uint32_t frames;   /* frame numbers are below; at most POLICY_MAX_FRAMES */
  uint32_t capacity; /* pages that memory holds, `c` of the papers; at least 1 */
  struct policy_options options;
  struct policy_host host;
  const struct policy_future *future; /* needed if the policy says so; borrowed */
};

struct policy_ops {
  const char *name;   /* on the command line */
  const char *title;  /* for people */
  const char *source; /* where it was published */
  bool needs_future;  /* only a host that knows it can run the policy */
  bool needs_dirty;   /* what it does depends on writes */
  bool asks;          /* victim asks the host for the use of each page that it counts */
  /* NULL: out of memory. The caller destroys it. */
  struct policy *(*create)(const struct policy_config *c);
  void (*destroy)(struct policy *p);
  /* A page came into a frame that is on no list. */
  void (*enter)(struct policy *p, uint32_t frame, uint64_t page);
  /* The page in a listed frame is gone for good: unmapped, truncated, its process dead. */
  void (*leave)(struct policy *p, uint32_t frame);
  /* The page in a listed frame was seen in use. */
  void (*used)(struct policy *p, uint32_t frame);
  /* A frame to give up, or POLICY_NONE if there is none or *budget is spent: no more than that
   * many pages are looked at, and it goes down by one for each. incoming: the page for whose sake
   * this happens, POLICY_NO_PAGE if there is no particular one. */
  uint32_t (*victim)(struct policy *p, uint64_t incoming, uint64_t *budget);
  /* The latest victim of this frame could not be evicted: it stays. */
  void (*back)(struct policy *p, uint32_t frame, uint64_t page);
  uint64_t (*size)(const struct policy *p); /* frames on its lists */
  /* Its lists with the identities of the pages, newest first, on one line without its end.
   * names: printed for the identities, which index it; NULL: they are printed themselves. */
  void (*show)(const struct policy *p, FILE *out, const uint64_t *names);
  /* 0, or -1 with one line in err: the lists are not linked well, or a bound is broken. */
  int (*check)(const struct policy *p, char *err, size_t err_len);
  /* Replay: enter, used and victim for a whole string of accesses, in one tight loop. */
  void (*run)(struct policy *p, struct policy_run *r);
};

static inline uint64_t policy_name(const uint64_t *names, uint64_t page) {
  return names != NULL ? names[page] : page;
}

extern const struct policy_ops policy_fifo, policy_lru, policy_clock, policy_clock2, policy_arc,
    policy_2q, policy_opt;
/* All of them, NULL-terminated, in the order in which people look for them. */
extern const struct policy_ops *const policy_all[];
/* NULL if there is none of that name. */
const struct policy_ops *policy_find(const char *name, size_t length);

/* A policy and its options as text: NAME or NAME:KEY=VALUE:KEY=VALUE, such as 2q:kin=30%:kout=100.
 * docs/replay.md lists the keys. */
struct policy_spec {
  const struct policy_ops *ops;
  struct policy_options options;
  char label[48]; /* the text */
};
/* 0, or -1 with one line in err that names what is wrong and what there is. */
int policy_spec_parse(const char *text, struct policy_spec *out, char *err, size_t err_len);
/* The same for a policy that is not in policy_all and goes by the name that text begins with. */
int policy_spec_parse_as(const struct policy_ops *ops, const char *text, struct policy_spec *out,
                         char *err, size_t err_len);
/* The options that count for the policy, as KEY=VALUE:KEY=VALUE; empty if it has none. */
void policy_spec_options(const struct policy_spec *s, char *out, size_t out_len);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * What memory holds, and what it must hold. Frames, disk blocks and swap slots carry a token that
 * names their contents: whose page it is and which version. Independently of the OS model, the
 * truth says from the programs' own events which token each virtual page must show. A retired
 * access compares the two, so lost data, stale translations and frames used twice show at once.
 * The caller owns the object. Where nobody checks there is none: what takes one takes NULL and
 * does nothing, but for what gives a verdict, which is then not to be asked. */
#ifndef COWALK_MACHINE_CONTENT_H
#define COWALK_MACHINE_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct content;
struct content_task;

/* What a retired access may find. */
enum content_verdict {
  CONTENT_OK,
  CONTENT_STALE,   /* the frame had been freed, or the rights had been taken away */
  CONTENT_LOST,    /* an older version of the right page, or zeroes: a store is lost */
  CONTENT_FOREIGN, /* another page's contents: the frame is used twice */
  CONTENT_UNKNOWN  /* the host is out of memory: the truth is lost */
};

enum { CONTENT_READ = 1, CONTENT_WRITE = 2, CONTENT_EXEC = 4 };

struct content *content_create(uint64_t frames); /* NULL: out of host memory */
void content_destroy(struct content *c);

/* A new file of `pages` pages, its page p at disk block block(arg, p). Returns its number as the
 * truth knows it, 0 if the host is out of memory. */
uint32_t content_file(struct content *c, uint64_t pages,
                      uint64_t (*block)(void *arg, uint64_t page), void *arg);

/* Frames, as the OS model reports. */
void content_frame_zero(struct content *c, uint64_t pfn);
void content_frame_copy(struct content *c, uint64_t to, uint64_t from);
void content_frame_free(struct content *c, uint64_t pfn);
/* A read() or write() system call touches file data here. */
enum content_verdict content_frame_file(struct content *c, uint64_t pfn, uint32_t file,
                                        uint64_t page, bool write);

/* The disk: a write captures the frame when it starts, a read fills the frame when it ends. */
uint64_t content_capture(const struct content *c, uint64_t pfn);
bool content_disk_write(struct content *c, uint64_t block, uint64_t token);
void content_disk_read(struct content *c, uint64_t pfn, uint64_t block);

/* The truth of one task's address space. NULL: out of host memory, or of nothing. */
struct content_task *content_task_create(struct content *c, uint32_t pid);
/* The same areas and pages, each side with its own later versions. NULL: likewise. */
struct content_task *content_task_fork(struct content_task *t, uint32_t pid);
void content_task_destroy(struct content_task *t);
/* These three: false if the host is out of memory; the truth is lost then, and the run must end.
 * file 0 and shared: anonymous memory whose pages children share. */
bool content_map(struct content_task *t, uint64_t va, uint64_t bytes, uint8_t prot, uint32_t file,
                 uint64_t file_page, bool shared);
bool content_unmap(struct content_task *t, uint64_t va, uint64_t bytes);
bool content_protect(struct content_task *t, uint64_t va, uint64_t bytes, uint8_t prot);
/* Any area in [va, va + bytes)? */
bool content_overlaps(const struct content_task *t, uint64_t va, uint64_t bytes);

/* A retired access of this kind (one of the rights above; a write also makes a new version) to one
 * page through frame pfn. */
enum content_verdict content_access(struct content_task *t, uint64_t va, uint64_t pfn,
                                    uint8_t kind);
/* Hints to the host, which change nothing that can be seen: an access to this page will come; a
 * while after, to the page and to the frame: where in the host's memory is what it will need, NULL:
 * unknown. */
void content_glimpse_page(const struct content_task *t, uint64_t va);
const void *content_expect_page(struct content_task *t, uint64_t va);
const void *content_expect_frame(const struct content *c, uint64_t pfn);
/* Tells of the last verdict that was not OK: what was found, what had to be there. */
const char *content_story(const struct content *c);

#endif

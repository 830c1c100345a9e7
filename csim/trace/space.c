// SPDX-License-Identifier: Apache-2.0
// The traced process's areas and pages while its recording is read (Linux mmap semantics).
// Areas that no system call named are inferred from use: see docs/trace-format.md.
// Promises: every access written lies in an area that was written before it and allows it.
#include "trace/space.h"

#include <stdlib.h>
#include <string.h>

#include "trace/areas.h"
#include "trace/files.h"
#include "trace/infer.h"
#include "trace/pages.h"

enum {
  MMAP_SHARED = 1,
  MMAP_ANONYMOUS = 0x20,
  RECENT = 4096,
  MAX_MARKED = 1 << 14 /* pages of one mprotect on an area nobody named */
};

struct recent {
  uint64_t page;
  uint32_t generation;
  uint8_t use;
};

struct space {
  struct trace_writer *w;
  struct area_list now;   /* named by system calls, or inferred in the window */
  struct area_list ever;  /* everything a system call ever named */
  struct area_list first; /* `now` when the window began */
  struct page_set *pages; /* flags: INFER_* */
  struct file_table *files;
  struct trace_file_meta *meta;
  struct infer_protect *protect; /* mprotect before the window on areas nobody named */
  size_t protects;
  char program[256];
  const char *error;
  uint64_t brk_start, brk_end;
  uint32_t inferred;
  uint32_t generation; /* advanced by every change of an area */
  bool writing, exited;
  struct recent recent[RECENT];
};

static bool fail(struct space *s, const char *why) {
  if (s->error == NULL) s->error = why;
  return false;
}

const char *space_error(const struct space *s) {
  return s->error != NULL ? s->error : "no error";
}
bool space_exited(const struct space *s) {
  return s->exited;
}

struct space *space_create(struct trace_writer *w, const char *folder) {
  struct space *s = calloc(1, sizeof *s);
  if (s == NULL) return NULL;
  s->w = w;
  s->generation = 1;
  s->pages = page_set_create();
  s->files = file_table_create(folder);
  strcpy(s->program, "program");
  if (s->pages == NULL || s->files == NULL) {
    space_destroy(s);
    return NULL;
  }
  return s;
}

void space_destroy(struct space *s) {
  if (s == NULL) return;
  area_list_free(&s->now);
  area_list_free(&s->ever);
  area_list_free(&s->first);
  page_set_destroy(s->pages);
  file_table_destroy(s->files);
  free(s->meta);
  free(s->protect);
  free(s);
}

void space_program(struct space *s, const char *name) {
  strncpy(s->program, name, sizeof s->program - 1);
}

static bool emit(struct space *s, const struct trace_event *ev) {
  if (!s->writing) return true;
  return trace_writer_put(s->w, ev) == 0 || fail(s, trace_writer_error(s->w));
}

static struct trace_event map_event(struct space *s, const struct area *a) {
  return (struct trace_event){
      .kind = TRACE_MAP,
      .addr = a->start,
      .bytes = a->end - a->start,
      .prot = a->prot,
      .shared = a->shared,
      .file = a->file == 0 ? 0 : file_number(s->files, a->file),
      .offset = a->file == 0 ? 0 : a->offset,
  };
}

static bool map(struct space *s, const struct area *a) {
  s->generation++;
  if (!area_put(&s->now, a) || !area_put(&s->ever, a)) return fail(s, "out of memory");
  if (a->file != 0) file_extent(s->files, a->file, a->offset + (a->end - a->start));
  if (!s->writing) return true;
  const struct trace_event ev = map_event(s, a);
  return emit(s, &ev);
}

static bool unmap(struct space *s, uint64_t start, uint64_t end) {
  s->generation++;
  if (start == end) return true;
  if (!area_remove(&s->now, start, end)) return fail(s, "out of memory");
  return emit(s, &(struct trace_event){.kind = TRACE_UNMAP, .addr = start, .bytes = end - start});
}

/* mprotect may be the first to speak of an area: the program image as the kernel mapped it. */
static bool protect(struct space *s, uint64_t start, uint64_t end, uint8_t prot) {
  s->generation++;
  if (start == end) return true;
  if (!area_protect(&s->now, start, end, prot)) return fail(s, "out of memory");
  const struct area *known = area_after(&s->ever, start);
  if ((known == NULL || known->start >= end) && (end - start) >> 12 <= MAX_MARKED) {
    for (uint64_t page = start >> 12; page < end >> 12; page++) {
      uint8_t *flags = page_set_at(s->pages, page);
      if (flags == NULL) return fail(s, "out of memory");
      *flags |= INFER_WANTED | ((prot & 4) != 0 ? INFER_X : INFER_W);
    }
    if (!s->writing) {
      struct infer_protect *bigger = realloc(s->protect, (s->protects + 1) * sizeof *bigger);
      if (bigger == NULL) return fail(s, "out of memory");
      s->protect = bigger;
      s->protect[s->protects++] = (struct infer_protect){start, end, prot};
    }
  }
  return emit(s, &(struct trace_event){
                     .kind = TRACE_PROTECT, .addr = start, .bytes = end - start, .prot = prot});
}

static uint64_t page_up(uint64_t v) {
  return (v + 0xfff) & ~UINT64_C(0xfff);
}

static bool call_mmap(struct space *s, const struct space_syscall *c) {
  const bool anonymous = (c->arg[3] & MMAP_ANONYMOUS) != 0;
  const uint32_t file = anonymous ? 0 : file_of_descriptor(s->files, c->arg[4]);
  const struct area a = {
      .start = c->result,
      .end = c->result + page_up(c->arg[1]),
      .prot = c->arg[2] & 7,
      .file = file,
      .offset = file != 0 ? c->arg[5] & ~UINT64_C(0xfff) : 0,
      .shared = file != 0 && (c->arg[3] & MMAP_SHARED) != 0,
  };
  if ((a.start & 0xfff) != 0 || a.end <= a.start) return true; /* not what mmap returns */
  return map(s, &a);
}

static bool call_mremap(struct space *s, const struct space_syscall *c) {
  const uint64_t from = c->arg[0];
  const uint64_t was = page_up(c->arg[1]);
  const uint64_t now = page_up(c->arg[2]);
  const struct area *old = area_find(&s->now, from);
  struct area a = old != NULL ? *old : (struct area){.prot = 3};
  if (old != NULL) a.offset += from - old->start;
  if ((c->result & 0xfff) != 0 || (from & 0xfff) != 0) return true;
  if (c->result != from) {
    a.start = c->result;
    a.end = c->result + now;
    return unmap(s, from, from + was) && map(s, &a);
  }
  if (now < was) return unmap(s, from + now, from + was);
  if (now == was) return true;
  a.offset += was;
  a.start = from + was;
  a.end = from + now;
  return map(s, &a);
}

static bool call_brk(struct space *s, const struct space_syscall *c) {
  const uint64_t end = page_up(c->result);
  if (s->brk_start == 0) {
    s->brk_start = s->brk_end = end;
    return true;
  }
  const uint64_t was = s->brk_end;
  if (end < s->brk_start || end == was) return true;
  s->brk_end = end;
  if (end < was) return unmap(s, end, was);
  return map(s, &(struct area){.start = was, .end = end, .prot = 3});
}

/* read and write. The kernel's copy touches the user's buffer through the same MMU: one access a
 * page stands for it. */
static bool file_io(struct space *s, const struct space_syscall *c) {
  const bool write = c->call >= CALL_WRITE;
  const bool positioned = c->call == CALL_PREAD || c->call == CALL_PREADV ||
                          c->call == CALL_PWRITE || c->call == CALL_PWRITEV;
  const bool buffer = c->call == CALL_READ || c->call == CALL_PREAD || c->call == CALL_WRITE ||
                      c->call == CALL_PWRITE;
  struct trace_event ev = {.kind = write ? TRACE_FILE_WRITE : TRACE_FILE_READ, .bytes = c->result};
  const uint32_t file =
      file_io_at(s->files, c->arg[0], positioned ? &c->arg[3] : NULL, c->result, write, &ev.offset);
  if (file == 0 || c->result == 0 || !s->writing) return true;
  ev.file = file_number(s->files, file);
  if (!emit(s, &ev)) return false;
  const uint64_t end = c->arg[1] + c->result;
  for (uint64_t at = c->arg[1]; buffer && at < end; at = (at | 0xfff) + 1) {
    const uint64_t room = 0x1000 - (at & 0xfff);
    const uint64_t left = end - at < room ? end - at : room;
    const uint8_t kind = write ? TRACE_READ : TRACE_WRITE;
    const struct trace_event copy = {.kind = kind, .addr = at, .bytes = left < 8 ? left : 8};
    if (!space_access(s, kind, at, copy.bytes) || !emit(s, &copy)) return false;
  }
  return true;
}

bool space_syscall(struct space *s, const struct space_syscall *c) {
  const uint64_t start = c->arg[0] & ~UINT64_C(0xfff);
  const uint64_t end = page_up(c->arg[0] + c->arg[1]);
  switch (c->call) {
    case CALL_MMAP:
      return call_mmap(s, c);
    case CALL_MUNMAP:
      return end < start || unmap(s, start, end);
    case CALL_MPROTECT:
      return end < start || protect(s, start, end, c->arg[2] & 7);
    case CALL_MREMAP:
      return call_mremap(s, c);
    case CALL_BRK:
      return call_brk(s, c);
    case CALL_READ:
    case CALL_PREAD:
    case CALL_READV:
    case CALL_PREADV:
    case CALL_WRITE:
    case CALL_PWRITE:
    case CALL_WRITEV:
    case CALL_PWRITEV:
      return file_io(s, c);
    case CALL_EXIT:
      s->exited = true;
      return emit(s, &(struct trace_event){.kind = TRACE_EXIT});
    default:
      return file_call(s->files, c) || fail(s, "out of memory");
  }
}

static bool touch_page(struct space *s, uint64_t page, uint8_t use) {
  uint8_t *flags = page_set_at(s->pages, page);
  if (flags == NULL) return fail(s, "out of memory");
  *flags |= use;
  const uint64_t addr = page << 12;
  const uint8_t need = (uint8_t)((use & INFER_R) | (use & INFER_W) | (use & INFER_X));
  const struct area *a = area_find(&s->now, addr);
  if (a == NULL && area_find(&s->ever, addr) == NULL) {
    *flags |= INFER_WANTED; /* it was there from the start */
    return true;
  }
  if (!s->writing || (a != NULL && (a->prot & need) == need)) return true;
  s->inferred++; /* a call that was not understood made this legal */
  if (a != NULL) return protect(s, addr, addr + 0x1000, a->prot | need);
  return map(s, &(struct area){.start = addr, .end = addr + 0x1000, .prot = need | 3});
}

bool space_access(struct space *s, uint8_t kind, uint64_t addr, uint64_t bytes) {
  static const uint8_t use_of[] = {
      [TRACE_FETCH] = INFER_X,
      [TRACE_READ] = INFER_R,
      [TRACE_WRITE] = INFER_W,
      [TRACE_MODIFY] = INFER_R | INFER_W,
  };
  const uint8_t use = use_of[kind];
  const uint64_t last = (addr + bytes - 1) >> 12;
  for (uint64_t page = addr >> 12; page <= last; page++) {
    struct recent *r = &s->recent[page % RECENT];
    if (r->page == page && r->generation == s->generation) {
      if ((r->use & use) == use) continue;
    } else {
      *r = (struct recent){.page = page};
    }
    if (!touch_page(s, page, use)) return false;
    r->use |= use;
    r->generation = s->generation;
  }
  return true;
}

bool space_begin(struct space *s) {
  if (!area_copy(&s->first, &s->now)) return fail(s, "out of memory");
  for (size_t i = 0; i < s->first.count; i++) {
    const struct trace_event ev = map_event(s, &s->first.at[i]);
    if (trace_writer_put_first(s->w, &ev) != 0) return fail(s, trace_writer_error(s->w));
  }
  s->writing = true;
  s->generation++;
  return true;
}

bool space_end(struct space *s, struct trace_meta *meta) {
  const struct infer_input in = {s->w,       s->pages,    &s->first,  &s->ever,
                                 s->protect, s->protects, s->program, s->files};
  const int made = infer_areas(&in);
  if (made < 0) return fail(s, "out of memory");
  s->meta = file_describe(s->files, &meta->files);
  if (s->meta == NULL) return fail(s, "out of memory");
  meta->file = s->meta;
  meta->inferred_maps = s->inferred + (uint32_t)made;
  return true;
}

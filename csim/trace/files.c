// SPDX-License-Identifier: Apache-2.0
// Files and descriptors of a traced process, as open, dup, lseek, read and write change them.
// Promises: two opens of one path are one file; what is no file of a disk (terminals, pipes,
// sockets, /dev, /proc, /sys, directories) is ignored.
#include "trace/files.h"

#include <stdlib.h>
#include <string.h>

enum {
  DESCRIPTORS = 4096,
  OPEN_APPEND = 02000,
  OPEN_DIRECTORY = 0200000,
  FCNTL_DUP = 0,
  FCNTL_DUP_CLOEXEC = 1030
};

struct file {
  char *name;
  uint64_t bytes;
  uint32_t number; /* in the trace; 0: not named yet */
};

struct descriptor {
  uint64_t position;
  uint32_t file;
  bool append;
};

struct file_table {
  const char *folder;
  struct file *file; /* file[0] is file 1 */
  uint32_t files, room, numbered;
  struct descriptor fd[DESCRIPTORS];
};

struct file_table *file_table_create(const char *folder) {
  struct file_table *t = calloc(1, sizeof *t);
  if (t != NULL) t->folder = folder;
  return t;
}

void file_table_destroy(struct file_table *t) {
  if (t == NULL) return;
  for (uint32_t i = 0; i < t->files; i++)
    free(t->file[i].name);
  free(t->file);
  free(t);
}

uint32_t file_named(struct file_table *t, const char *name) {
  for (uint32_t i = 0; i < t->files; i++)
    if (strcmp(t->file[i].name, name) == 0) return i + 1;
  if (t->files == t->room) {
    const uint32_t room = t->room * 2 + 16;
    struct file *bigger = realloc(t->file, room * sizeof *bigger);
    if (bigger == NULL) return 0;
    t->file = bigger;
    t->room = room;
  }
  t->file[t->files] = (struct file){.name = strdup(name)};
  if (t->file[t->files].name == NULL) return 0;
  return ++t->files;
}

uint32_t file_number(struct file_table *t, uint32_t file) {
  struct file *f = &t->file[file - 1];
  if (f->number == 0) f->number = ++t->numbered;
  return f->number;
}

void file_extent(struct file_table *t, uint32_t file, uint64_t end) {
  struct file *f = &t->file[file - 1];
  if (end > f->bytes) f->bytes = end;
}

static bool on_disk(const char *path, uint64_t flags) {
  static const char *const not_a_disk[] = {"/dev/", "/proc/", "/sys/"};
  if (path[0] == '\0' || (flags & OPEN_DIRECTORY) != 0) return false;
  for (size_t i = 0; i < sizeof not_a_disk / sizeof not_a_disk[0]; i++)
    if (strncmp(path, not_a_disk[i], strlen(not_a_disk[i])) == 0) return false;
  return true;
}

static bool open_file(struct file_table *t, const struct space_syscall *c, uint64_t flags) {
  if (c->result >= DESCRIPTORS) return true;
  struct descriptor d = {.append = (flags & OPEN_APPEND) != 0};
  if (on_disk(c->path, flags)) {
    const size_t n = t->folder != NULL ? strlen(t->folder) : 0;
    const bool below = n != 0 && strncmp(c->path, t->folder, n) == 0 && c->path[n] == '/';
    d.file = file_named(t, below ? c->path + n + 1 : c->path);
    if (d.file == 0) return false;
  }
  t->fd[c->result] = d;
  return true;
}

static void duplicate(struct file_table *t, uint64_t from, uint64_t to) {
  if (from < DESCRIPTORS && to < DESCRIPTORS) t->fd[to] = t->fd[from];
}

bool file_call(struct file_table *t, const struct space_syscall *c) {
  switch (c->call) {
    case CALL_OPEN:
      return open_file(t, c, c->arg[1]);
    case CALL_OPENAT:
      return open_file(t, c, c->arg[2]);
    case CALL_CREAT:
      return open_file(t, c, 0);
    case CALL_CLOSE:
      if (c->arg[0] < DESCRIPTORS) t->fd[c->arg[0]] = (struct descriptor){0};
      return true;
    case CALL_DUP:
    case CALL_DUP2:
      duplicate(t, c->arg[0], c->result);
      return true;
    case CALL_FCNTL:
      if (c->arg[1] == FCNTL_DUP || c->arg[1] == FCNTL_DUP_CLOEXEC)
        duplicate(t, c->arg[0], c->result);
      return true;
    case CALL_LSEEK:
      if (c->arg[0] < DESCRIPTORS) t->fd[c->arg[0]].position = c->result;
      return true;
    default:
      return true;
  }
}

uint32_t file_of_descriptor(const struct file_table *t, uint64_t fd) {
  return fd < DESCRIPTORS ? t->fd[fd].file : 0;
}

uint32_t file_io_at(struct file_table *t, uint64_t fd, const uint64_t *at, uint64_t bytes,
                    bool write, uint64_t *offset) {
  const uint32_t file = file_of_descriptor(t, fd);
  if (file == 0) return 0;
  struct descriptor *d = &t->fd[fd];
  if (at != NULL)
    *offset = *at;
  else
    *offset = write && d->append ? t->file[file - 1].bytes : d->position;
  if (at == NULL) d->position = *offset + bytes;
  file_extent(t, file, *offset + bytes);
  return file;
}

struct trace_file_meta *file_describe(const struct file_table *t, uint32_t *count) {
  struct trace_file_meta *out = calloc((size_t)t->numbered + 1, sizeof *out);
  if (out == NULL) return NULL;
  for (uint32_t i = 0; i < t->files; i++) {
    const struct file *f = &t->file[i];
    if (f->number == 0) continue;
    out[f->number - 1] = (struct trace_file_meta){f->name, (f->bytes + 0xfff) >> 12};
  }
  *count = t->numbered;
  return out;
}

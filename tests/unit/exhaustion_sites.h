/* SPDX-License-Identifier: Apache-2.0
 * Which lines of the OS model ask for frames, by its source text, and which of them were on the
 * stack when a request was made to fail, by binutils' addr2line. */
#ifndef COWALK_TESTS_EXHAUSTION_SITES_H
#define COWALK_TESTS_EXHAUSTION_SITES_H

#include <dlfcn.h>
#include <execinfo.h>
#include <glob.h>
#include <unistd.h>

#include "tests/unit/huge_scene.h"

enum { SITES = 100, CALLS = 2000, DEPTH = 24 };

struct site {
  char place[64]; /* csim/os/FILE:LINE */
  bool failed;
};
struct sites {
  struct site site[SITES];
  size_t count;
  void *call[CALLS]; /* return addresses on stacks of requests that failed */
  size_t calls;
};

/* Ways to ask for a frame, down to the allocator. */
static const char *const allocators[] = {
    "os_frame_alloc(",           "os_block_alloc(", "os_huge_alloc(",
    "os_pt_new_table(",          "os_pt_ensure(",   "os_pt_ensure_at(",
    "os_huge_alloc_khugepaged(", "huge_block("};

/* A call: not a definition, which begins its line, nor a comment. */
static bool calls_one(const char *line) {
  if (line[0] != ' ' || strstr(line, "* ") == line + 1) return false;
  for (size_t i = 0; i < sizeof allocators / sizeof allocators[0]; i++) {
    const char *at = strstr(line, allocators[i]);
    if (at != NULL && at[-1] != '_' && (at[-1] < 'a' || at[-1] > 'z')) return true;
  }
  return false;
}

static void sites_of_file(struct sites *s, const char *path) {
  char line[200];
  FILE *in = fopen(path, "r");
  assert_non_null(in);
  for (unsigned n = 1; fgets(line, sizeof line, in) != NULL; n++) {
    if (!calls_one(line)) continue;
    assert_true(s->count < SITES);
    snprintf(s->site[s->count++].place, sizeof s->site[0].place, "%.50s:%u", path, n);
  }
  (void)fclose(in);
}

/* All but the allocator's own. */
static void sites_find(struct sites *s) {
  glob_t g;
  assert_int_equal(glob("csim/os/*.c", 0, NULL, &g), 0);
  for (size_t i = 0; i < g.gl_pathc; i++)
    if (strcmp(g.gl_pathv[i], "csim/os/alloc.c") != 0) sites_of_file(s, g.gl_pathv[i]);
  globfree(&g);
}

/* Remember who asks now. */
static void sites_note(struct sites *s) {
  void *stack[DEPTH];
  int depth = backtrace(stack, DEPTH);
  for (int i = 0; i < depth; i++) {
    size_t k = 0;
    while (k < s->calls && s->call[k] != stack[i])
      k++;
    if (k != s->calls) continue;
    assert_true(s->calls < CALLS);
    s->call[s->calls++] = stack[i];
  }
}

static void mark(struct sites *s, const char *place) {
  for (size_t i = 0; i < s->count; i++) {
    size_t n = strlen(s->site[i].place);
    size_t len = strlen(place);
    if (len >= n && strcmp(place + len - n, s->site[i].place) == 0) s->site[i].failed = true;
  }
}

/* Look all addresses up; those inlined are told, too. */
static void sites_resolve(struct sites *s) {
  char exe[512];
  char command[64 * 1024];
  char line[600];
  Dl_info info;
  ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
  assert_true(n > 0);
  exe[n] = '\0';
  assert_int_not_equal(dladdr(&allocators, &info), 0);
  int at = snprintf(command, sizeof command, "addr2line -i -e '%s'", exe);
  for (size_t i = 0; i < s->calls && (size_t)at < sizeof command; i++) {
    Dl_info of;
    if (dladdr(s->call[i], &of) == 0 || of.dli_fbase != info.dli_fbase) continue;
    at += snprintf(command + at, sizeof command - (size_t)at, " %#lx",
                   (unsigned long)((char *)s->call[i] - (char *)info.dli_fbase - 1));
  }
  assert_true((size_t)at < sizeof command);
  FILE *out = popen(command, "r");  // NOLINT(cert-env33-c)
  assert_non_null(out);
  while (fgets(line, sizeof line, out) != NULL) {
    line[strcspn(line, " \n")] = '\0';
    mark(s, line);
  }
  assert_int_equal(pclose(out), 0);
}

static void sites_all_failed(const struct sites *s) {
  assert_true(s->count > 10);
  for (size_t i = 0; i < s->count; i++)
    if (!s->site[i].failed) fail_msg("%s was never made to fail", s->site[i].place);
}

#endif

// SPDX-License-Identifier: Apache-2.0
// Trace files: what is written is read back, damaged files are refused, lackey's text becomes the
// right events, regions move below a limit.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace/areas.h"
#include "trace/import.h"
#include "trace/remap.h"
#include "trace/trace.h"
#include "trace/writer.h"

static char path[] = "build/test_trace-XXXXXX";

static int setup(void **state) {
  (void)state;
  snprintf(path, sizeof path, "build/test_trace-XXXXXX");
  const int fd = mkstemp(path);
  return fd < 0 || close(fd) != 0;
}

static int teardown(void **state) {
  (void)state;
  return unlink(path);
}

static uint64_t rnd(uint64_t *s) {
  *s ^= *s << 13;
  *s ^= *s >> 7;
  *s ^= *s << 17;
  return *s;
}

/* Event number i of a stream that uses every kind and awkward values. */
static struct trace_event make(uint64_t i, uint64_t *s) {
  static const uint64_t sizes[] = {1, 2, 4, 8, 16, 32, 64, 3, 28, 512, 4096};
  struct trace_event ev = {.kind = (uint8_t)(rnd(s) % 4)};
  const uint64_t far = rnd(s) >> (rnd(s) % 64);
  switch (i % 50) {
    case 7:
      ev = (struct trace_event){.kind = TRACE_MAP,
                                .addr = far & UINT64_C(0x7ffffffff000),
                                .bytes = 0x1000 + (rnd(s) & 0xfffff000),
                                .prot = (uint8_t)(rnd(s) % 8),
                                .shared = (uint8_t)(rnd(s) % 2),
                                .file = (uint32_t)(rnd(s) % 3),
                                .offset = rnd(s) & 0xfffffff000};
      return ev;
    case 17:
      return (struct trace_event){.kind = TRACE_UNMAP, .addr = 0x5000, .bytes = 0x1000};
    case 27:
      return (struct trace_event){
          .kind = TRACE_PROTECT, .addr = 0x7000, .bytes = 0x3000, .prot = 1};
    case 37:
      return (struct trace_event){.kind = i % 100 == 37 ? TRACE_FILE_READ : TRACE_FILE_WRITE,
                                  .file = 1 + (uint32_t)(rnd(s) % 2),
                                  .offset = rnd(s) & 0xffffffffff,
                                  .bytes = rnd(s) & 0xffffff};
    case 47:
      return (struct trace_event){.kind = TRACE_MARK, .count = (uint32_t)rnd(s)};
    default:
      break;
  }
  ev.addr = i % 3 == 0 ? far : 0x10000 + i * 8;
  if (ev.kind == TRACE_FETCH) {
    ev.addr &= ~UINT64_C(63);
    ev.count = (uint32_t)(i % 97 == 0 ? rnd(s) : rnd(s) % 40);
  } else {
    ev.bytes = sizes[rnd(s) % 11];
    if (ev.addr + ev.bytes < ev.addr) ev.addr = 0;
  }
  return ev;
}

static void write_random(uint64_t count) {
  char err[256];
  uint64_t s = 88172645463325252;
  struct trace_writer *w = trace_writer_create();
  assert_non_null(w);
  for (uint64_t i = 0; i < count; i++) {
    const struct trace_event ev = make(i, &s);
    assert_int_equal(trace_writer_put(w, &ev), 0);
  }
  const struct trace_event end = {.kind = TRACE_EXIT};
  assert_int_equal(trace_writer_put(w, &end), 0);
  const struct trace_event first = {.kind = TRACE_MAP, .addr = 0x9000, .bytes = 0x2000, .prot = 3};
  assert_int_equal(trace_writer_put_first(w, &first), 0);
  const struct trace_file_meta files[] = {{"a", 10}, {"b", 20}};
  const struct trace_meta meta = {"random", "made up", files, 2, 3};
  assert_int_equal(trace_writer_finish(w, path, &meta, err, sizeof err), 0);
  trace_writer_destroy(w);
}

static void assert_event(const struct trace_event *a, const struct trace_event *b) {
  assert_int_equal(a->kind, b->kind);
  assert_int_equal(a->addr, b->addr);
  assert_int_equal(a->bytes, b->bytes);
  assert_int_equal(a->offset, b->offset);
  assert_int_equal(a->file, b->file);
  assert_int_equal(a->count, b->count);
  assert_int_equal(a->prot, b->prot);
  assert_int_equal(a->shared, b->shared);
}

static void what_is_written_is_read(void **state) {
  (void)state;
  enum { COUNT = 300000 };
  char err[256];
  write_random(COUNT);
  struct trace_reader *r = trace_open(path, err, sizeof err);
  assert_non_null(r);
  assert_string_equal(trace_info(r)->name, "random");
  assert_int_equal(trace_info(r)->files, 2);
  assert_int_equal(trace_info(r)->inferred_maps, 3);
  assert_int_equal(trace_file_pages(r, 2), 20);
  assert_int_equal(trace_file_pages(r, 3), 0);
  assert_string_equal(trace_file_name(r, 1), "a");
  struct trace_event ev;
  assert_int_equal(trace_next(r, &ev), 1); /* what was put first */
  assert_int_equal(ev.addr, 0x9000);
  uint64_t s = 88172645463325252;
  for (uint64_t i = 0; i < COUNT; i++) {
    const struct trace_event want = make(i, &s);
    assert_int_equal(trace_next(r, &ev), 1);
    assert_event(&ev, &want);
  }
  assert_int_equal(trace_next(r, &ev), 1);
  assert_int_equal(ev.kind, TRACE_EXIT);
  assert_int_equal(trace_next(r, &ev), 0);
  assert_int_equal(trace_next(r, &ev), 0);
  trace_close(r);
}

static uint8_t *slurp(size_t *n) {
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  fseek(f, 0, SEEK_END);
  *n = (size_t)ftell(f);
  rewind(f);
  uint8_t *data = malloc(*n);
  assert_non_null(data);
  assert_int_equal(fread(data, 1, *n, f), *n);
  fclose(f);
  return data;
}

static void spill(const uint8_t *data, size_t n) {
  FILE *f = fopen(path, "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(data, 1, n, f), n);
  fclose(f);
}

/* Read what is in the file: 0 to its end, -1 refused with one line. */
static int read_through(void) {
  char err[256] = "";
  struct trace_reader *r = trace_open(path, err, sizeof err);
  int rc = -1;
  if (r != NULL) {
    struct trace_event ev;
    while ((rc = trace_next(r, &ev)) == 1) {
    }
    if (rc < 0) snprintf(err, sizeof err, "%s", trace_error(r));
    assert_int_equal(trace_next(r, &ev), rc); /* it stays that way */
  }
  trace_close(r);
  if (rc < 0) {
    assert_non_null(strstr(err, path));
    assert_null(strchr(err, '\n'));
  }
  return rc;
}

static void truncated_files_are_refused(void **state) {
  (void)state;
  write_random(2000);
  size_t n;
  uint8_t *data = slurp(&n);
  for (size_t keep = 0; keep < n; keep += keep < 400 || keep + 100 > n ? 1 : 97) {
    spill(data, keep);
    assert_int_equal(read_through(), -1);
  }
  spill(data, n);
  assert_int_equal(read_through(), 0);
  free(data);
}

static void changed_bytes_are_refused(void **state) {
  (void)state;
  write_random(2000);
  size_t n;
  uint8_t *data = slurp(&n);
  for (size_t i = 0; i < n; i += i < 400 || i + 100 > n ? 1 : 53) {
    data[i] ^= (uint8_t)(1u << (i % 8));
    spill(data, n);
    assert_int_equal(read_through(), -1);
    data[i] ^= (uint8_t)(1u << (i % 8));
  }
  uint8_t *more = calloc(1, n + 1);
  assert_non_null(more);
  memcpy(more, data, n);
  spill(more, n + 1);
  assert_int_equal(read_through(), -1);
  free(more);
  free(data);
}

static void another_version_is_named(void **state) {
  (void)state;
  write_random(10);
  size_t n;
  uint8_t *data = slurp(&n);
  data[8] = 9;
  spill(data, n);
  char err[256];
  assert_null(trace_open(path, err, sizeof err));
  assert_non_null(strstr(err, "version 9"));
  free(data);
}

static void impossible_events_are_not_written(void **state) {
  (void)state;
  static const struct trace_event bad[] = {
      {.kind = TRACE_KIND_COUNT},
      {.kind = TRACE_READ, .addr = 8},
      {.kind = TRACE_WRITE, .addr = 8, .bytes = 5000},
      {.kind = TRACE_MAP, .addr = 0x1001, .bytes = 0x1000},
      {.kind = TRACE_UNMAP, .addr = 0x1000},
      {.kind = TRACE_FILE_READ, .bytes = 4},
  };
  struct trace_writer *w = trace_writer_create();
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_int_equal(trace_writer_put(w, &bad[i]), -1);
  assert_int_equal(trace_writer_put_first(w, &(struct trace_event){.kind = TRACE_EXIT}), -1);
  /* a file that nobody describes */
  char err[256];
  const struct trace_event ev = {.kind = TRACE_FILE_READ, .file = 1, .bytes = 4};
  assert_int_equal(trace_writer_put(w, &ev), 0);
  const struct trace_meta meta = {.name = "x", .source = "y"};
  assert_int_equal(trace_writer_finish(w, path, &meta, err, sizeof err), -1);
  trace_writer_destroy(w);
}

/* ---- import ------------------------------------------------------------------------------- */

static struct import_report import(const char *text, uint64_t skip, uint64_t take) {
  char err[256];
  FILE *f = tmpfile();
  assert_non_null(f);
  fputs(text, f);
  rewind(f);
  const struct import_options opt = {.skip = skip, .take = take, .input = "text"};
  struct import_report rep;
  const int rc = trace_import(f, path, &opt, &rep, err, sizeof err);
  if (rc != 0) print_error("%s\n", err);
  assert_int_equal(rc, 0);
  fclose(f);
  return rep;
}

static void expect_events(const struct trace_event *want, size_t n) {
  char err[256];
  struct trace_reader *r = trace_open(path, err, sizeof err);
  assert_non_null(r);
  struct trace_event ev;
  for (size_t i = 0; i < n; i++) {
    assert_int_equal(trace_next(r, &ev), 1);
    assert_event(&ev, &want[i]);
  }
  assert_int_equal(trace_next(r, &ev), 0);
  trace_close(r);
}

static const char lackey[] =
    "==7== Command: /bin/prog one two\n"
    "I  00401000,3\n"
    "SYSCALL[7,1](12) sys_brk ( 0x0 ) --> [pre-success] Success(0x4035000) \n"
    "SYSCALL[7,1](257) sys_openat ( 4294967196, 0x402(/lib/x, y.so), 524288 ) --> [async] ... \n"
    "SYSCALL[7,1](257) ... [async] --> Success(0x3) \n"
    "SYSCALL[7,1](9) sys_mmap ( 0x0, 8000, 1, 2, 3, 4096 ) --> [pre-success] Success(0x4837000) \n"
    "SYSCALL[7,1](12) sys_brk ( 0x4037000 ) --> [pre-success] Success(0x4037000) \n"
    "SYSCALL[7,1](257) sys_openat ( 4294967196, 0x402(/absent), 524288 ) --> [async] ... \n"
    "SYSCALL[7,1](257) ... [async] --> Failure(0x2) \n"
    "I  00401003,5\n"
    " L 04837008,8\n"
    "hello from the program\n"
    "SYSCALL[7,1](334) unimplemented (by the kernel) syscall: 334! (ni_syscall)\n"
    " --> [pre-fail] Failure(0x26) \n"
    "I  00401008,2\n"
    " S 04035010,4\n"
    "I  0040103e,4\n"
    " M 1ffefff000,16\n"
    "SYSCALL[7,1](0) sys_read ( 3, 0x4035100, 832 ) --> [async] ... \n"
    "SYSCALL[7,1](0) ... [async] --> Success(0x340) \n"
    "SYSCALL[7,1](10) sys_mprotect ( 0x4035000, 4096, 1 )[sync] --> Success(0x0) \n"
    "SYSCALL[7,1](11) sys_munmap ( 0x4837000, 8000 )[sync] --> Success(0x0) \n"
    "SYSCALL[7,1](231) exit_group( 0 ) --> [pre-success] Success(0x0) \n"
    "==7== \n";

static void lackey_becomes_events(void **state) {
  (void)state;
  const struct import_report rep = import(lackey, 0, UINT64_MAX);
  static const struct trace_event want[] = {
      /* inferred, in front: code and stack */
      {.kind = TRACE_MAP, .addr = 0x401000, .bytes = 0x1000, .prot = 5, .file = 2},
      {.kind = TRACE_MAP, .addr = 0x1ffefff000, .bytes = 0x1000, .prot = 3},
      {.kind = TRACE_FETCH, .addr = 0x401000, .count = 1},
      {.kind = TRACE_MAP,
       .addr = 0x4837000,
       .bytes = 0x2000,
       .prot = 1,
       .file = 1,
       .offset = 0x1000},
      {.kind = TRACE_MAP, .addr = 0x4035000, .bytes = 0x2000, .prot = 3},
      {.kind = TRACE_FETCH, .addr = 0x401000, .count = 3}, /* the last goes on in the next line */
      {.kind = TRACE_READ, .addr = 0x4837008, .bytes = 8},
      {.kind = TRACE_WRITE, .addr = 0x4035010, .bytes = 4},
      {.kind = TRACE_FETCH, .addr = 0x401040, .count = 0},
      {.kind = TRACE_MODIFY, .addr = 0x1ffefff000, .bytes = 16},
      {.kind = TRACE_FILE_READ, .file = 1, .bytes = 0x340},
      {.kind = TRACE_WRITE, .addr = 0x4035100, .bytes = 8}, /* the kernel's copy */
      {.kind = TRACE_PROTECT, .addr = 0x4035000, .bytes = 0x1000, .prot = 1},
      {.kind = TRACE_UNMAP, .addr = 0x4837000, .bytes = 0x2000},
      {.kind = TRACE_EXIT},
  };
  assert_int_equal(rep.records, 7);
  assert_int_equal(rep.foreign, 1);
  assert_int_equal(rep.inferred_maps, 2);
  assert_false(rep.no_syscalls);
  char err[256];
  struct trace_reader *r = trace_open(path, err, sizeof err);
  assert_non_null(r);
  assert_string_equal(trace_info(r)->name, "prog");
  assert_string_equal(trace_file_name(r, 1), "/lib/x, y.so");
  assert_int_equal(trace_file_pages(r, 1), 3);
  trace_close(r);
  expect_events(want, sizeof want / sizeof want[0]);
}

static void a_window_starts_with_its_areas(void **state) {
  (void)state;
  const struct import_report rep = import(lackey, 3, 2);
  static const struct trace_event want[] = {
      {.kind = TRACE_MAP, .addr = 0x4035000, .bytes = 0x2000, .prot = 3},
      {.kind = TRACE_MAP,
       .addr = 0x4837000,
       .bytes = 0x2000,
       .prot = 1,
       .file = 1,
       .offset = 0x1000},
      {.kind = TRACE_MAP, .addr = 0x401000, .bytes = 0x1000, .prot = 5, .file = 2},
      {.kind = TRACE_FETCH, .addr = 0x401000, .count = 1},
      {.kind = TRACE_WRITE, .addr = 0x4035010, .bytes = 4},
  };
  assert_int_equal(rep.taken, 2);
  assert_true(rep.stopped);
  expect_events(want, sizeof want / sizeof want[0]);
}

static void without_system_calls_areas_are_inferred(void **state) {
  (void)state;
  const struct import_report rep =
      import("I  00401000,4\n S 00402000,8\n L 7ffff000,8\n", 0, UINT64_MAX);
  static const struct trace_event want[] = {
      {.kind = TRACE_MAP, .addr = 0x401000, .bytes = 0x1000, .prot = 5, .file = 1},
      {.kind = TRACE_MAP,
       .addr = 0x402000,
       .bytes = 0x1000,
       .prot = 3,
       .file = 1,
       .offset = 0x1000},
      {.kind = TRACE_MAP, .addr = 0x7ffff000, .bytes = 0x1000, .prot = 3},
      {.kind = TRACE_FETCH, .addr = 0x401000, .count = 1},
      {.kind = TRACE_WRITE, .addr = 0x402000, .bytes = 8},
      {.kind = TRACE_READ, .addr = 0x7ffff000, .bytes = 8},
  };
  assert_true(rep.no_syscalls);
  assert_int_equal(rep.inferred_maps, 3);
  expect_events(want, sizeof want / sizeof want[0]);
}

static void what_is_not_lackey_is_refused(void **state) {
  (void)state;
  static const struct {
    const char *text, *complaint;
    uint64_t skip;
  } bad[] = {{"", "no memory records", 0},
             {"hello\nworld\n", "no memory records in 2 lines", 0},
             {"I  00401000,4\n", "the window is empty", 5}};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    char err[256] = "";
    FILE *f = tmpfile();
    fputs(bad[i].text, f);
    rewind(f);
    const struct import_options opt = {.skip = bad[i].skip, .take = 1, .input = "text"};
    struct import_report rep;
    assert_int_equal(trace_import(f, path, &opt, &rep, err, sizeof err), -1);
    assert_non_null(strstr(err, bad[i].complaint));
    fclose(f);
  }
}

/* ---- remap -------------------------------------------------------------------------------- */

static void regions_move_below_the_limit(void **state) {
  (void)state;
  static const struct trace_event in[] = {
      {.kind = TRACE_MAP, .addr = 0x7fff3ffff000, .bytes = 0x2000, .prot = 3, .file = 1},
      {.kind = TRACE_READ, .addr = 0x7fff40000008, .bytes = 8},
      {.kind = TRACE_WRITE, .addr = 0x7fff3ffffffc, .bytes = 8},
      {.kind = TRACE_FETCH, .addr = 0x400000, .count = 2},
      {.kind = TRACE_READ, .addr = 0x3fc0001000, .bytes = 4}, /* its number is taken by now */
  };
  static const struct trace_event want[] = {
      {.kind = TRACE_MAP, .addr = 0x3ffffff000, .bytes = 0x1000, .prot = 3, .file = 1},
      {.kind = TRACE_MAP,
       .addr = 0x3f80000000,
       .bytes = 0x1000,
       .prot = 3,
       .file = 1,
       .offset = 0x1000},
      {.kind = TRACE_READ, .addr = 0x3f80000008, .bytes = 8},
      {.kind = TRACE_WRITE, .addr = 0x3ffffffffc, .bytes = 4},
      {.kind = TRACE_WRITE, .addr = 0x3f80000000, .bytes = 4},
      {.kind = TRACE_FETCH, .addr = 0x400000, .count = 2},
      {.kind = TRACE_READ, .addr = 0x3f40001000, .bytes = 4},
  };
  char err[256];
  struct trace_writer *w = trace_writer_create();
  for (size_t i = 0; i < sizeof in / sizeof in[0]; i++)
    assert_int_equal(trace_writer_put(w, &in[i]), 0);
  const struct trace_file_meta file = {"f", 2};
  const struct trace_meta meta = {"m", "s", &file, 1, 0};
  assert_int_equal(trace_writer_finish(w, path, &meta, err, sizeof err), 0);
  trace_writer_destroy(w);
  struct trace_reader *r = trace_open(path, err, sizeof err);
  struct trace_remap *m = trace_remap_create(r, 38);
  struct trace_event ev;
  for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
    assert_int_equal(trace_remap_next(m, &ev), 1);
    assert_event(&ev, &want[i]);
  }
  assert_int_equal(trace_remap_next(m, &ev), 0);
  assert_int_equal(trace_remap_moved(m), 3);
  trace_remap_destroy(m);
  trace_close(r);
  /* too few regions: 2 GiB hold two */
  r = trace_open(path, err, sizeof err);
  m = trace_remap_create(r, 31);
  int rc;
  while ((rc = trace_remap_next(m, &ev)) == 1) {
  }
  assert_int_equal(rc, -1);
  assert_non_null(strstr(trace_remap_error(m), "more 1 GiB regions"));
  trace_remap_destroy(m);
  trace_close(r);
}

/* ---- areas: against one flag a page --------------------------------------------------------- */

static void areas_are_what_the_calls_say(void **state) {
  (void)state;
  enum { PAGES = 64 };
  uint8_t prot[PAGES] = {0}; /* 0: no area */
  struct area_list l = {0};
  uint64_t s = 42;
  for (int round = 0; round < 20000; round++) {
    const uint64_t from = rnd(&s) % PAGES;
    const uint64_t to = from + 1 + rnd(&s) % (PAGES - from);
    const uint8_t p = (uint8_t)(1 + rnd(&s) % 7);
    const unsigned what = (unsigned)(rnd(&s) % 3);
    const struct area a = {.start = from << 12, .end = to << 12, .offset = from << 12, .prot = p};
    if (what == 0) assert_true(area_put(&l, &a));
    if (what == 1) assert_true(area_remove(&l, a.start, a.end));
    if (what == 2) assert_true(area_protect(&l, a.start, a.end, p));
    for (uint64_t i = from; i < to; i++) {
      if (what == 0) prot[i] = p;
      if (what == 1) prot[i] = 0;
      if (what == 2 && prot[i] != 0) prot[i] = p;
    }
    for (uint64_t i = 0; i < PAGES; i++) {
      const struct area *f = area_find(&l, i << 12);
      assert_int_equal(f == NULL ? 0 : f->prot, prot[i]);
      if (f != NULL) assert_int_equal(f->offset, f->start);
    }
  }
  area_list_free(&l);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(what_is_written_is_read, setup, teardown),
      cmocka_unit_test_setup_teardown(truncated_files_are_refused, setup, teardown),
      cmocka_unit_test_setup_teardown(changed_bytes_are_refused, setup, teardown),
      cmocka_unit_test_setup_teardown(another_version_is_named, setup, teardown),
      cmocka_unit_test_setup_teardown(impossible_events_are_not_written, setup, teardown),
      cmocka_unit_test_setup_teardown(lackey_becomes_events, setup, teardown),
      cmocka_unit_test_setup_teardown(a_window_starts_with_its_areas, setup, teardown),
      cmocka_unit_test_setup_teardown(without_system_calls_areas_are_inferred, setup, teardown),
      cmocka_unit_test_setup_teardown(what_is_not_lackey_is_refused, setup, teardown),
      cmocka_unit_test_setup_teardown(regions_move_below_the_limit, setup, teardown),
      cmocka_unit_test(areas_are_what_the_calls_say),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

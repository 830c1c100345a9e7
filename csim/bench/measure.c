// SPDX-License-Identifier: Apache-2.0
// The measurements of `cowalk bench`: three backends on each stream.
// Rates are per CPU second of this process, so that other programs on the machine disturb little.
// Promises: each stream is warmed up, then timed for about as long as was asked.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/world.h"
#include "timing/memtiming.h"
#include "trace/trace.h"

enum {
  HIT_PAGES = 32,
  L2_PAGES = 512,       /* eight times the L1, half the L2 */
  THRASH_PAGES = 16384, /* 64 MiB: far beyond every TLB and walk cache */
  STREAM_REQUESTS = 1 << 16,
  TRACE_REQUESTS = 1 << 21,
  WARM_UP = 4096,
  FST_ROUNDS = 5,
  IDLE_ROUNDS = 5
};

const char *const bench_backend_name[BENCH_BACKENDS] = {"rtl", "model", "lockstep"};
static backend_create_fn *const create_backend[BENCH_BACKENDS] = {
    mmu_backend_rtl, mmu_backend_model, mmu_backend_lockstep};

static const uint64_t data_base = 0x200000000000;

/* xorshift64*: the same stream on every host */
static uint64_t next_random(uint64_t *state) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return *state * 0x2545f4914f6cdd1d;
}

struct source {
  struct world world;
  struct stream stream;
  struct mmu_request *requests;
};

static void progress(const char *arch, const char *what, const char *backend) {
  if (isatty(2)) fprintf(stderr, "\r\033[K  %s: %s, %s", arch, what, backend);
}

static bool open_source(struct source *s, enum mmu_arch arch, size_t count) {
  memset(s, 0, sizeof *s);
  s->requests = calloc(count, sizeof *s->requests);
  return world_create(&s->world, arch) && s->requests != NULL;
}

static void close_source(struct source *s) {
  world_destroy(&s->world);
  free(s->requests);
}

static bool pages_source(struct source *s, enum mmu_arch arch, uint64_t pages) {
  uint64_t seed = 0x9e3779b97f4a7c15;
  if (!open_source(s, arch, STREAM_REQUESTS)) return false;
  for (uint64_t i = 0; i < pages; i++)
    world_map(&s->world, data_base + i * 4096, 0x40000000 + i * 4096, 0, WORLD_FRESH);
  for (size_t i = 0; i < STREAM_REQUESTS; i++) {
    uint64_t r = next_random(&seed);
    s->requests[i] = (struct mmu_request){.va = data_base + (r >> 20) % pages * 4096 + (r & 0xff8),
                                          .access = {.kind = MMU_READ, .size = 3},
                                          .ctx = &s->world.context,
                                          .port = MMU_PORT_DATA};
  }
  s->stream = (struct stream){.requests = s->requests, .count = STREAM_REQUESTS, .window = 8};
  return true;
}

/* The request an event stands for; false if it is no access. */
static bool access_of(const struct trace_event *ev, struct mmu_request *req) {
  static const uint8_t kind[] = {MMU_FETCH, MMU_READ, MMU_WRITE, MMU_RMW};
  if (ev->kind > TRACE_MODIFY) return false;
  req->va = ev->addr & 0x7fffffffffff;
  req->access.kind = kind[ev->kind];
  req->access.size = 2;
  req->port = ev->kind == TRACE_FETCH ? MMU_PORT_FETCH : MMU_PORT_DATA;
  return true;
}

static bool trace_source(struct source *s, enum mmu_arch arch, const char *path, char *err,
                         size_t err_len) {
  struct trace_event ev;
  uint64_t frame = 0;
  int got = 0;
  struct trace_reader *t = trace_open(path, err, err_len);
  if (t == NULL) return false;
  if (!open_source(s, arch, TRACE_REQUESTS)) {
    trace_close(t);
    snprintf(err, err_len, "bench: the host is out of memory");
    return false;
  }
  size_t n = 0;
  while (n < TRACE_REQUESTS && (got = trace_next(t, &ev)) == 1) {
    struct mmu_request *req = &s->requests[n];
    req->ctx = &s->world.context;
    if (!access_of(&ev, req)) continue;
    world_map(&s->world, req->va & ~(uint64_t)0xfff, 0x40000000 + frame++ % 65536 * 4096, 0,
              WORLD_OLD);
    n++;
  }
  bool ok = got >= 0 && n != 0;
  if (!ok)
    snprintf(err, err_len, "%s: %s", path, got < 0 ? trace_error(t) : "no accesses in this trace");
  trace_close(t);
  s->stream = (struct stream){.requests = s->requests, .count = n, .window = 8};
  if (!ok) close_source(s);
  return ok;
}

static struct mmu_backend *make_backend(enum bench_backend kind, const struct source *s,
                                        struct memtiming *timing, char *err, size_t err_len) {
  struct mmu_backend_config cfg = {.arch = s->world.arch,
                                   .geometry = mmu_geometry_default(),
                                   .memory = s->world.memory,
                                   .timing = timing,
                                   .seed = 1};
  return create_backend[kind](&cfg, err, err_len);
}

/* Warm up, find out how fast it is, then run for about `seconds`. */
static bool timed_stream(struct mmu_backend *b, const struct stream *stream, double seconds,
                         struct stream_result *out, char *err, size_t err_len) {
  uint64_t n = WARM_UP;
  bool ok = stream_run(b, stream, n, out);
  while (ok && out->seconds < seconds / 8 && n < (uint64_t)1 << 34) {
    n *= 4;
    ok = stream_run(b, stream, n, out);
  }
  double rate = (double)out->translations / (out->seconds > 1e-9 ? out->seconds : 1e-9);
  ok = ok && stream_run(b, stream, (uint64_t)(rate * seconds) + 1, out);
  if (!ok)
    snprintf(err, err_len, "%s", b->ops->error(b) != NULL ? b->ops->error(b) : "backend failed");
  return ok;
}

/* One stream on one backend, memory with the default caches. */
static bool measure_stream(enum bench_backend kind, const struct source *s, double seconds,
                           struct stream_result *out, char *err, size_t err_len) {
  struct memtiming_config memory = memtiming_default();
  struct memtiming *timing = memtiming_create(&memory, err, err_len);
  struct mmu_backend *b = timing != NULL ? make_backend(kind, s, timing, err, err_len) : NULL;
  bool ok = b != NULL && timed_stream(b, &s->stream, seconds, out, err, err_len);
  if (b != NULL) b->ops->destroy(b);
  memtiming_destroy(timing);
  return ok;
}

static bool measure_source(struct bench_arch *out, const char *arch, const struct source *s,
                           const char *name, double seconds, char *err, size_t err_len) {
  struct bench_stream *row = &out->stream[out->streams++];
  snprintf(row->name, sizeof row->name, "%s", name);
  for (unsigned k = 0; k < BENCH_BACKENDS; k++) {
    progress(arch, name, bench_backend_name[k]);
    if (!measure_stream((enum bench_backend)k, s, seconds, &row->result[k], err, err_len))
      return false;
    if (row->result[k].faults != 0) {
      snprintf(err, err_len, "bench %s, %s on %s: %llu translations were refused", arch, name,
               bench_backend_name[k], (unsigned long long)row->result[k].faults);
      return false;
    }
  }
  return true;
}

/* Loads at random in so many pages. */
static bool measure_pages(struct bench_arch *out, const char *arch, uint64_t pages,
                          const char *name, double seconds, char *err, size_t err_len) {
  struct source s;
  if (!pages_source(&s, out->arch, pages)) return false;
  bool ok = measure_source(out, arch, &s, name, seconds, err, err_len);
  close_source(&s);
  return ok;
}

/* Best of several short runs, alternately with a wave window that is over and without one. */
static bool measure_fst(const struct source *s, double seconds, double *ratio, char *err,
                        size_t err_len) {
  char path[] = "/tmp/cowalk-bench-XXXXXX";
  double best[2] = {0, 0};
  bool ok = true;
  int fd = mkstemp(path);
  if (fd < 0) {
    snprintf(err, err_len, "bench: cannot write a temporary wave file");
    return false;
  }
  close(fd);
  for (unsigned round = 0; ok && round < 2 * FST_ROUNDS; round++) {
    struct stream_result r;
    struct mmu_backend *b = make_backend(BENCH_RTL, s, NULL, err, err_len);
    ok = b != NULL && (round % 2 == 0 || b->ops->trace(b, path, 100, 1100) == 0) &&
         stream_run(b, &s->stream, WARM_UP, &r) &&
         timed_stream(b, &s->stream, seconds / FST_ROUNDS, &r, err, err_len);
    double rate = ok ? (double)r.translations / r.seconds : 0;
    best[round % 2] = rate > best[round % 2] ? rate : best[round % 2];
    if (b != NULL) b->ops->destroy(b);
  }
  unlink(path);
  *ratio = ok ? best[1] / best[0] : 0;
  return ok;
}

/* Host time of an access when the simulated time between two is short, and very long (short is
 * eight cycles: after an answer the L2 still writes its fill): the best of
 * several short runs of each, in turn. */
static bool measure_idle(const struct source *s, double seconds, double *ratio, char *err,
                         size_t err_len) {
  double best[2] = {1e9, 1e9};
  for (unsigned round = 0; round < 2 * IDLE_ROUNDS; round++) {
    struct stream_result r;
    struct stream stream = s->stream;
    stream.window = 1;
    stream.idle_gap = round % 2 != 0 ? 1000000000 : 8;
    struct mmu_backend *b = make_backend(BENCH_RTL, s, NULL, err, err_len);
    bool ok = b != NULL && timed_stream(b, &stream, seconds / (2 * IDLE_ROUNDS), &r, err, err_len);
    if (b != NULL) b->ops->destroy(b);
    if (!ok) return false;
    double cost = r.seconds / (double)r.translations;
    best[round % 2] = cost < best[round % 2] ? cost : best[round % 2];
  }
  *ratio = best[1] / best[0];
  return true;
}

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash != NULL ? slash + 1 : path;
}

bool bench_measure(enum mmu_arch arch, const struct bench_options *opt, struct bench_arch *out,
                   char *err, size_t err_len) {
  static const char *const arch_name[MMU_ARCH_COUNT] = {"x86", "arm", "riscv"};
  const char *name = arch_name[arch];
  struct source s;
  *out = (struct bench_arch){.arch = arch};
  bool ok = figures_measure(arch, mmu_backend_rtl, &out->figures, err, err_len) &&
            measure_pages(out, name, HIT_PAGES, "L1 hits", opt->seconds, err, err_len) &&
            measure_pages(out, name, L2_PAGES, "L2 hits", opt->seconds, err, err_len);
  if (!ok || !pages_source(&s, arch, THRASH_PAGES)) return false;
  ok = measure_source(out, name, &s, "thrashing", opt->seconds, err, err_len);
  progress(name, "waves, idle time", "rtl");
  ok = ok && measure_fst(&s, opt->seconds, &out->fst_outside, err, err_len) &&
       measure_idle(&s, opt->seconds, &out->idle_cost, err, err_len);
  close_source(&s);
  for (size_t i = 0; ok && opt->traces[i] != NULL && out->streams < BENCH_MAX_STREAMS; i++) {
    if (!trace_source(&s, arch, opt->traces[i], err, err_len)) return false;
    ok = measure_source(out, name, &s, base_name(opt->traces[i]), opt->seconds, err, err_len);
    close_source(&s);
  }
  if (isatty(2)) fprintf(stderr, "\r\033[K");
  return ok;
}

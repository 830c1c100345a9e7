// SPDX-License-Identifier: Apache-2.0
// The disk: a queue, several transfers in work at once, one channel for the data.
// Follows no product: a transfer takes the latency, then its share of the bandwidth, in order.
// Promises: completions are events of the one clock; data is what frames held when a write began.
#include <stdlib.h>

#include "machine/machine_internal.h"

struct transfer {
  struct os_io *io;
  uint64_t token;
  struct transfer *next;
  struct disk *disk;
};

struct disk {
  struct machine *m;
  struct transfer *first, *last; /* waiting */
  uint32_t waiting, working;
  uint64_t channel_free, busy_from, busy, reads, writes;
};

struct disk *disk_create(struct machine *m) {
  struct disk *d = calloc(1, sizeof *d);
  if (d != NULL) d->m = m;
  return d;
}

void disk_destroy(struct disk *d) {
  while (d != NULL && d->first != NULL) {
    struct transfer *x = d->first;
    d->first = x->next;
    free(x);
  }
  free(d);
}

uint32_t disk_outstanding(const struct disk *d) {
  return d->waiting + d->working;
}

void disk_results(const struct disk *d, struct machine_results *out) {
  out->disk_reads = d->reads;
  out->disk_writes = d->writes;
  out->disk_busy_cycles = d->busy + (disk_outstanding(d) != 0 ? d->m->now - d->busy_from : 0);
}

/* What idle CPUs wait for is about to change: book the time so far. */
static void settle_idle(struct machine *m) {
  for (uint32_t i = 0; i < m->cfg.cpus; i++)
    if (m->cpu[i].mode == CPU_IDLE) cpu_idle_until(&m->cpu[i], m->now);
}

static void complete(void *arg, uint64_t cycle);

static void start(struct disk *d) {
  struct machine *m = d->m;
  while (d->waiting != 0 && d->working < m->cfg.disk_queue) {
    struct transfer *x = d->first;
    d->first = x->next;
    d->waiting--;
    d->working++;
    uint64_t ready = m->now + m->cfg.disk_latency;
    if (ready < d->channel_free) ready = d->channel_free;
    d->channel_free = ready + m->cfg.disk_block_cycles;
    if (event_queue_add(m->events, d->channel_free, RANK_DISK, complete, x) == 0)
      machine_fail(m, "the host is out of memory");
    machine_touch(m, d->channel_free);
  }
}

static void complete(void *arg, uint64_t cycle) {
  struct transfer *x = arg;
  struct disk *d = x->disk;
  struct machine *m = d->m;
  struct os_io *io = x->io;
  if (disk_outstanding(d) == 1) {
    settle_idle(m);
    d->busy += cycle - d->busy_from;
  }
  d->working--;
  start(d);
  io->error = false;
  if (!io->write) {
    content_disk_read(m->content, io->pfn, io->block);
  } else if (!content_disk_write(m->content, io->block, x->token)) {
    machine_fail(m, "the host is out of memory");
  }
  free(x);
  io->done(io);
}

void disk_submit(struct disk *d, struct os_io *io) {
  struct machine *m = d->m;
  struct transfer *x = calloc(1, sizeof *x);
  if (x == NULL) {
    machine_fail(m, "the host is out of memory");
    return;
  }
  if (disk_outstanding(d) == 0) {
    settle_idle(m);
    d->busy_from = m->now;
  }
  x->io = io;
  x->disk = d;
  if (io->write) x->token = content_capture(m->content, io->pfn);
  d->writes += io->write;
  d->reads += !io->write;
  if (d->waiting++ == 0)
    d->first = x;
  else
    d->last->next = x;
  d->last = x;
  start(d);
}

/* SPDX-License-Identifier: Apache-2.0
 * Dirty limits and the throttling of writers after Linux 6.1 mm/page-writeback.c
 * (domain_dirty_limits, wb_update_write_bandwidth, balance_dirty_pages). Simpler: one disk, so one
 * bandwidth; its rate is shared equally by the writers that wait. */
#include "os/writeback.h"

#include "os/kernel.h"

enum {
  RATE_SHIFT = 10,
  MAX_PAUSE_US = 200000,     /* wb_max_pause */
  ESTIMATE_US = 200000,      /* BANDWIDTH_INTERVAL */
  AVERAGE_SHIFT = 22,        /* of microseconds: 4.2 s (roundup_pow_of_two of 3 s) */
  FIRST_BANDWIDTH = 100 << 8 /* INIT_BW: 100 MiB/s */
};

/* ---- formulas ---- */

struct os_dirty_limits os_dirty_limits(uint64_t dirtyable, unsigned background_ratio,
                                       unsigned ratio) {
  /* Percentages become 1/4096 first, as in Linux. */
  struct os_dirty_limits l = {.limit = ratio * 4096 / 100 * dirtyable / 4096,
                              .background = background_ratio * 4096 / 100 * dirtyable / 4096};
  if (l.background >= l.limit) l.background = l.limit / 2;
  l.free_run = (l.limit + l.background) / 2;
  return l;
}

uint64_t os_dirty_position(const struct os_dirty_limits *l, uint64_t dirty) {
  if (dirty >= l->limit) return 0;
  int64_t set_point = (int64_t)((l->free_run + l->limit) / 2);
  int64_t x =
      (set_point - (int64_t)dirty) * (1 << RATE_SHIFT) / (((int64_t)l->limit - set_point) | 1);
  int64_t cubed = x * x / (1 << RATE_SHIFT) * x / (1 << RATE_SHIFT);
  int64_t p = cubed + (1 << RATE_SHIFT);
  return (uint64_t)(p < 0 ? 0 : p > 2 << RATE_SHIFT ? 2 << RATE_SHIFT : p);
}

uint64_t os_write_bandwidth(uint64_t bandwidth, uint64_t written, uint64_t us) {
  const uint64_t period = UINT64_C(1) << AVERAGE_SHIFT;
  if (us == 0) return bandwidth;
  if (us > period) return written * 1000000 / us;
  return (written * 1000000 + bandwidth * (period - us)) >> AVERAGE_SHIFT;
}

/* ---- where we stand ---- */

void os_writeback_init(struct os *os) {
  os->wb.bandwidth = FIRST_BANDWIDTH;
}

uint64_t os_dirtyable(const struct os *os) {
  uint64_t free = os_zones_free(&os->zones);
  uint64_t kept = os_zones_totalreserve(&os->zones);
  return (free > kept ? free - kept : 0) + os->st.nr_file + 1;
}

struct os_dirty_limits os_dirty_limits_now(const struct os *os) {
  return os_dirty_limits(os_dirtyable(os), os->sysctl.dirty_background_ratio,
                         os->sysctl.dirty_ratio);
}

static uint64_t now_us(struct os *os) {
  return os_now(os) / (os->cfg.cpu_hz / 1000000);
}

static void estimate(struct os *os) {
  struct os_writeback *w = &os->wb;
  uint64_t now = now_us(os);
  if (now - w->stamp_at < ESTIMATE_US) return;
  w->bandwidth = os_write_bandwidth(w->bandwidth, w->written - w->stamp, now - w->stamp_at);
  w->stamp = w->written;
  w->stamp_at = now;
}

void os_writeback_dirtied(struct os *os, uint32_t pfn) {
  const struct os_frame *f = os_frame(os, pfn);
  struct os_file *file = &os->file[f->file];
  file->dirty[f->page / 64] |= UINT64_C(1) << f->page % 64;
  if (file->dirty_pages++ == 0) file->dirtied_us = now_us(os);
  os->wb.dirty++;
  os_use_of(os, pfn)->dirty++;
  os->st.nr_dirtied++;
  if (!os->wb.timed) os_wake(os, &os->wb.flusher); /* it sets its timer */
}

void os_writeback_cleaned(struct os *os, uint32_t pfn) {
  const struct os_frame *f = os_frame(os, pfn);
  struct os_file *file = &os->file[f->file];
  file->dirty[f->page / 64] &= ~(UINT64_C(1) << f->page % 64);
  file->dirty_pages--;
  os->wb.dirty--;
  os_use_of(os, pfn)->dirty--;
}

void os_writeback_started(struct os *os) {
  struct os_writeback *w = &os->wb;
  uint64_t now = now_us(os);
  if (w->writeback++ == 0 && now - w->stamp_at > 1000000) {
    /* The disk had nothing to do; that says nothing of its bandwidth. */
    w->stamp_at = now;
    w->stamp = w->written;
  }
  os->rec.flushing++;
}

void os_writeback_ended(struct os *os) {
  os->wb.writeback--;
  os->wb.written++;
  os->rec.flushing--;
}

void os_flusher_kick(struct os *os) {
  if (os->wb.dirty == 0) return;
  os->wb.kicked = true;
  os_wake(os, &os->wb.flusher);
}

/* ---- writers ---- */

uint64_t os_dirty_interval(const struct os *os) {
  uint64_t n = os_dirty_limits_now(os).limit / (os_cpus(os) * UINT64_C(32));
  return n > 16 ? n : 16;
}

/* How long a task that dirtied `pages` has to wait, in microseconds. */
static uint64_t pause_of(const struct os *os, const struct os_dirty_limits *l, uint64_t pages,
                         uint64_t dirty, bool *stopped) {
  uint64_t rate = os->wb.bandwidth * os_dirty_position(l, dirty) >> RATE_SHIFT;
  rate /= os->wb.throttled + UINT64_C(1);
  *stopped = rate == 0;
  uint64_t us = rate != 0 ? pages * 1000000 / rate : MAX_PAUSE_US;
  return us > MAX_PAUSE_US ? MAX_PAUSE_US : us;
}

void os_balance_dirty(struct os *os, uint64_t pages) {
  struct os_writeback *w = &os->wb;
  for (bool again = true; again;) {
    struct os_dirty_limits l = os_dirty_limits_now(os);
    if (w->dirty > l.background) os_wake(os, &w->flusher);
    uint64_t dirty = w->dirty + w->writeback;
    if (dirty <= l.free_run) break;
    os_wake(os, &w->flusher);
    estimate(os);
    uint64_t us = pause_of(os, &l, pages, dirty, &again);
    if (us == 0) break;
    w->throttled++;
    os->st.balance_dirty_pauses++;
    (void)os_wait_us(os, &w->writers, us);
    w->throttled--;
  }
}

// SPDX-License-Identifier: Apache-2.0
// Columns and rounding follow new_format in src/vmstat.c of procps; what the machine has not
// (buffers, steal) reads 0. `in` counts interrupts between CPUs and one for each disk transfer.
#include "observer/vmstat.h"

#include <inttypes.h>

#include "machine/machine.h"

void vmstat_header(FILE *out) {
  fputs(
      "procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----\n"
      " r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st\n",
      out);
}

/* n events of `unit` each in `cycles`, a second, rounded to the nearest. */
static uint64_t rate(uint64_t n, uint64_t unit, uint64_t cycles, uint64_t hz) {
  const double per_second = (double)n * (double)unit * (double)hz / (double)cycles;
  return (uint64_t)(per_second + 0.5);
}

/* In per cent of `all`, rounded to the nearest as procps does. */
static unsigned share(uint64_t part, uint64_t all) {
  return all != 0 ? (unsigned)((100 * part + all / 2) / all) : 0;
}

void vmstat_line(FILE *out, const struct machine_sample *from, const struct machine_sample *to,
                 uint64_t hz) {
  const uint64_t cycles = to->cycle - from->cycle;
  if (cycles == 0) return;
  const uint64_t all = cycles * to->cpus;
  const uint64_t system = to->system - from->system;
  const uint64_t idle = to->idle - from->idle;
  const uint64_t wait = to->disk_wait - from->disk_wait;
  const uint64_t user = system + idle + wait < all ? all - system - idle - wait : 0;
  fprintf(out,
          "%2" PRIu32 " %2" PRIu32 " %6" PRIu64 " %6" PRIu64 " %6u %6" PRIu64 " %4" PRIu64
          " %4" PRIu64 " %5" PRIu64 " %5" PRIu64 " %4" PRIu64 " %4" PRIu64 " %2u %2u %2u %2u %2u\n",
          to->runnable, to->blocked, 4 * to->os.nr_swap_used, 4 * to->free, 0U,
          4 * (to->os.nr_file + to->os.nr_shmem),
          rate(to->os.pswpin - from->os.pswpin, 4, cycles, hz),
          rate(to->os.pswpout - from->os.pswpout, 4, cycles, hz),
          rate(to->disk_reads - from->disk_reads, 4, cycles, hz),
          rate(to->disk_writes - from->disk_writes, 4, cycles, hz),
          rate(to->interrupts - from->interrupts, 1, cycles, hz),
          rate(to->switches - from->switches, 1, cycles, hz), share(user, all), share(system, all),
          share(idle, all), share(wait, all), 0U);
}

// SPDX-License-Identifier: Apache-2.0
// How long a program's queries take, for programs that say where one ends. A query lasts from the
// end of the one before to its own, waiting for a CPU included: what a client would see that always
// has the next one ready. Promises: costs no simulated time.
#include "machine/machine_internal.h"

void query_mark(struct machine *m, struct task *k, bool ended) {
  if (ended) latency_add(&m->queries, m->now - k->query_from);
  k->query_from = m->now;
}

void query_results(const struct machine *m, struct machine_results *out) {
  const struct latency *l = &m->queries;
  out->queries = (struct query_stats){.count = l->count,
                                      .cycles = l->sum,
                                      .p50 = latency_percentile(l, 50),
                                      .p99 = latency_percentile(l, 99),
                                      .max = l->max};
}

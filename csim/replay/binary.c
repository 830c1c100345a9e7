// SPDX-License-Identifier: Apache-2.0
// Formats that are not text: ChampSim's instruction records and this program's own traces.
// Source of the former: struct input_instr of ChampSim (inc/trace_instruction.h): instruction
// pointer (8 bytes), is_branch, branch_taken (1 each), 2 destination and 4 source registers (1
// each), 2 destination and 4 source addresses (8 each; 0: none), little-endian.
#include <stdio.h>

#include "replay/format.h"
#include "trace/trace.h"

enum { RECORD = 64, STORES = 2, LOADS = 4, AT_STORES = 16, AT_LOADS = 32 };

static uint64_t word(const uint8_t *p) {
  uint64_t v = 0;
  for (unsigned i = 8; i-- > 0;)
    v = v << 8 | p[i];
  return v;
}

const char *format_read_champsim(struct reading *r, struct source *s) {
  uint8_t b[RECORD];
  size_t n;
  const char *why = NULL;
  const unsigned kinds = r->opt->kinds;
  while (why == NULL && (n = source_read(s, b, sizeof b)) == sizeof b) {
    if (b[8] > 1 || b[9] > 1)
      return "not a ChampSim record (is_branch or branch_taken is neither 0 nor 1); is this "
             "another format?";
    if ((kinds & REPLAY_FETCH) != 0) why = reading_add(r, word(b), 1, false);
    for (unsigned i = 0; i < LOADS && why == NULL && (kinds & REPLAY_LOAD) != 0; i++) {
      const uint64_t addr = word(b + AT_LOADS + 8 * (size_t)i);
      if (addr != 0) why = reading_add(r, addr, 1, false);
    }
    for (unsigned i = 0; i < STORES && why == NULL && (kinds & REPLAY_STORE) != 0; i++) {
      const uint64_t addr = word(b + AT_STORES + 8 * (size_t)i);
      if (addr != 0) why = reading_add(r, addr, 1, true);
    }
  }
  if (why == NULL && n != 0 && source_error(s) == NULL)
    return "ends in the middle of a 64-byte record; copy the file again, or is this another "
           "format?";
  return why;
}

int format_read_cowalk(struct reading *r, const char *path, char *err, size_t err_len) {
  static const unsigned kind_of[TRACE_KIND_COUNT] = {[TRACE_FETCH] = REPLAY_FETCH,
                                                     [TRACE_READ] = REPLAY_LOAD,
                                                     [TRACE_WRITE] = REPLAY_STORE,
                                                     [TRACE_MODIFY] = REPLAY_MODIFY};
  struct trace_reader *t = trace_open(path, err, err_len);
  if (t == NULL) return -1;
  struct trace_event ev;
  const char *why = NULL;
  int rc;
  while ((rc = trace_next(t, &ev)) > 0 && why == NULL) {
    if ((kind_of[ev.kind] & r->opt->kinds) == 0) continue;
    const bool write = ev.kind == TRACE_WRITE || ev.kind == TRACE_MODIFY;
    why = reading_add(r, ev.addr, ev.bytes, write);
  }
  if (why != NULL)
    (void)snprintf(err, err_len, "%s: %s", path, why);
  else if (rc < 0)
    (void)snprintf(err, err_len, "%s", trace_error(t));
  trace_close(t);
  return why != NULL || rc < 0 ? -1 : 0;
}

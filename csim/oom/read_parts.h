/* SPDX-License-Identifier: Apache-2.0
 * The parts of the reader; each looks at one line without its prefixes. PART_FAILED: out of
 * memory. */
#ifndef COWALK_OOM_READ_PARTS_H
#define COWALK_OOM_READ_PARTS_H

#include "oom/report.h"

enum part { PART_NO, PART_TAKEN, PART_FAILED };

/* Columns of the task table between the pid in brackets and the name. */
enum column {
  COLUMN_OTHER,
  COLUMN_UID,
  COLUMN_TGID,
  COLUMN_TOTAL_VM,
  COLUMN_RSS,
  COLUMN_TABLE_PAGES,
  COLUMN_TABLE_BYTES,
  COLUMN_SWAP,
  COLUMN_ADJ
};
enum { COLUMNS = 24 };
struct columns {
  unsigned char what[COLUMNS];
  size_t count;
};

/* Mem-Info, zones, swap, pages of RAM, limits of a cgroup. */
enum part read_memory(struct oom_report *r, const char *s);

/* "invoked oom-killer", "CPU: ...", cpuset, "oom-kill:". */
bool is_start(const char *s);
void read_start(struct oom_report *r, const char *s);
enum part read_context(struct oom_report *r, const char *s);

bool is_heading(const char *s);
void read_heading(struct oom_report *r, const char *s, struct columns *c);
/* Tables counted in pages are kept as such in pgtables_bytes until the page size is known. */
enum part read_row(struct oom_report *r, const struct columns *c, const char *s);

enum kill_line { KILL_NONE, KILL_CHOICE, KILL_DONE };
/* A "Kill process" or "Killed process" line. */
enum kill_line read_kill(const char *s, struct oom_kill *k);

#endif

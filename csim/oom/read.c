// SPDX-License-Identifier: Apache-2.0
// Finds the reports in a log: where each begins and ends, and what each lacks.
#include "oom/read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oom/read_parts.h"
#include "oom/scan.h"

struct oom_reader {
  struct oom_report *reports;
  size_t count, lines;
  bool open; /* the last report still takes lines */
  bool done; /* ... and its victim is known */
  struct columns columns;
};

struct oom_reader *oom_reader_new(void) {
  return calloc(1, sizeof(struct oom_reader));
}

void oom_reader_free(struct oom_reader *r) {
  if (r == NULL) return;
  for (size_t i = 0; i < r->count; i++)
    oom_report_free(&r->reports[i]);
  free(r->reports);
  free(r);
}

static struct oom_report *last(struct oom_reader *r) {
  return &r->reports[r->count - 1];
}

/* Page allocation failures print Mem-Info too; without a word of the OOM killer it is not ours. */
static void close_report(struct oom_reader *r) {
  if (!r->open) return;
  const struct oom_report *o = last(r);
  r->open = r->done = false;
  if (o->started || o->table || o->kill_count != 0 || o->chosen.pid >= 0 || o->no_candidates)
    return;
  oom_report_free(last(r));
  r->count--;
}

static struct oom_report *open_report(struct oom_reader *r) {
  close_report(r);
  struct oom_report *o;
  if ((r->count & (r->count - 1)) == 0) {
    const size_t room = r->count == 0 ? 1 : 2 * r->count;
    o = realloc(r->reports, room * sizeof *o);
    if (o == NULL) return NULL;
    r->reports = o;
  }
  o = &r->reports[r->count++];
  oom_report_init(o);
  o->line = r->lines;
  r->open = true;
  r->done = false;
  r->columns.count = 0;
  return o;
}

static int kill_line(struct oom_reader *r, enum kill_line line, const struct oom_kill *k) {
  struct oom_report *o = r->open ? last(r) : NULL;
  /* the line that goes with "Kill process", or a further member of the group */
  const bool same =
      o != NULL && (!r->done || o->group || (line == KILL_DONE && o->kill_count == 0));
  if (!same || (line == KILL_CHOICE && o->chosen.pid >= 0 && o->chosen.score != OOM_ABSENT)) {
    o = open_report(r);
    if (o == NULL) return -1;
  }
  if (strncmp(k->message, "Memory cgroup", 13) == 0) o->constraint = OOM_MEMCG;
  r->done = true;
  if (line == KILL_CHOICE) {
    o->chosen = *k;
    return 0;
  }
  for (size_t i = 0; o->group && i < o->kill_count; i++)
    if (o->kills[i].pid == k->pid) return 0; /* the victim is a member, too */
  struct oom_kill *to = oom_grow((void **)&o->kills, &o->kill_count, sizeof *to);
  if (to == NULL) return -1;
  *to = *k;
  return 0;
}

/* Lines that end a report or add to its end. */
static bool outcome(struct oom_reader *r, const char *s) {
  struct oom_report *o = last(r);
  static const char panic[] = "Kernel panic - not syncing: ";
  if (strncmp(s, "Out of memory and no killable processes", 39) == 0 ||
      strncmp(s, "Memory cgroup out of memory and no killable processes", 53) == 0) {
    o->no_candidates = r->done = true;
    return true;
  }
  if (strncmp(s, panic, sizeof panic - 1) == 0) {
    const char *why = s + sizeof panic - 1;
    o->no_candidates |= strstr(why, "no killable processes") != NULL; /* before 5.0 */
    if (strstr(why, "deadlocked on memory") == NULL && strstr(why, "panic_on_oom") == NULL &&
        !o->no_candidates)
      return true;
    scan_text(o->panic, sizeof o->panic, why, why + strcspn(why, "\r"));
    r->done = true;
    return true;
  }
  if (strstr(s, " are going to be killed due to memory.oom.group set") != NULL) {
    o->group = true;
    return true;
  }
  return false;
}

static bool opens(const char *s) {
  return strncmp(s, "Mem-Info:", 9) == 0 || is_heading(s) ||
         strncmp(s, "oom-kill:constraint=", 20) == 0 ||
         strncmp(s, "Out of memory and no killable processes", 39) == 0;
}

static int take_line(struct oom_reader *r, const char *s) {
  struct oom_kill k;
  if (is_start(s)) {
    struct oom_report *o = open_report(r);
    if (o == NULL) return -1;
    read_start(o, s);
    return 0;
  }
  const enum kill_line kill = read_kill(s, &k);
  if (kill != KILL_NONE) return kill_line(r, kill, &k);
  if ((!r->open || r->done) && opens(s) && open_report(r) == NULL) return -1;
  if (!r->open || outcome(r, s) || r->done) return 0;
  struct oom_report *o = last(r);
  if (is_heading(s)) {
    /* a second table would count every task twice */
    if (!o->table) read_heading(o, s, &r->columns);
    return 0;
  }
  enum part part = r->columns.count == 0 ? PART_NO : read_row(o, &r->columns, s);
  if (o->bad_rows != 0 && o->bad_line == 0) o->bad_line = r->lines;
  if (part == PART_NO) part = read_context(o, s);
  if (part == PART_NO) part = read_memory(o, s);
  return part == PART_FAILED ? -1 : 0;
}

int oom_reader_line(struct oom_reader *r, const char *line) {
  r->lines++;
  if (!scan_coloured(line)) return take_line(r, scan_message(line));
  char *plain = malloc(strlen(line) + 1);
  if (plain == NULL) return -1;
  scan_plain(plain, line);
  const int result = take_line(r, scan_message(plain));
  free(plain);
  return result;
}

/* The size of a free block of order 0; without it RAM in pages against its zones in kB, which tells
 * nothing if zones were left out. */
static uint32_t page_size(const struct oom_report *o) {
  uint64_t kb = 0;
  if (o->block_kb >= 4 && o->block_kb <= 64 && (o->block_kb & (o->block_kb - 1)) == 0)
    return (uint32_t)o->block_kb * 1024;
  for (size_t i = 0; i < o->zone_count; i++)
    if (o->zones[i].kb[ZONE_PRESENT] != OOM_ABSENT) kb += o->zones[i].kb[ZONE_PRESENT];
  for (uint64_t page = 4; kb != 0 && page <= 64; page *= 4)
    if (o->ram < (uint64_t)1 << 52 && o->ram * page == kb) return (uint32_t)page * 1024;
  return 0;
}

static void finish(struct oom_report *o, uint32_t page_bytes) {
  const uint32_t derived = page_bytes != 0 ? page_bytes : page_size(o);
  o->page_bytes_known = derived != 0;
  if (derived != 0) o->page_bytes = derived;
  if (o->tables_in_pages)
    for (size_t i = 0; i < o->task_count; i++)
      o->tasks[i].pgtables_bytes *= o->page_bytes;
  /* before 5.0 the constraint is not printed; a policy of fewer nodes than allowed shows */
  for (int n = 0; n < 1024 && o->constraint == OOM_CONSTRAINT_UNKNOWN && o->nodemask[0] != '\0';
       n++)
    if (oom_in_list(o->mems_allowed, n) && !oom_in_list(o->nodemask, n))
      o->constraint = OOM_MEMPOLICY;
  o->missing = 0;
  if (!o->started) o->missing |= OOM_LACKS_START;
  const bool memory = o->constraint == OOM_MEMCG ? o->cgroup.limit_kb != OOM_ABSENT
                                                 : o->ram != OOM_ABSENT || o->zone_count != 0;
  if (!memory) o->missing |= OOM_LACKS_MEMINFO;
  if (!o->table || (o->task_count == 0 && !o->no_candidates)) o->missing |= OOM_LACKS_TABLE;
  if (o->bad_rows != 0) o->missing |= OOM_LACKS_ROWS;
  if (o->kill_count == 0 && !o->no_candidates && o->panic[0] == '\0')
    o->missing |= OOM_LACKS_OUTCOME;
}

size_t oom_reader_end(struct oom_reader *r, uint32_t page_bytes) {
  close_report(r);
  for (size_t i = 0; i < r->count; i++)
    finish(&r->reports[i], page_bytes);
  return r->count;
}

struct oom_report *oom_reader_report(struct oom_reader *r, size_t i) {
  return &r->reports[i];
}

const char *oom_missing_text(unsigned missing, char *text, size_t room) {
  static const char *const parts[] = {"no \"invoked oom-killer\" line", "no Mem-Info",
                                      "no task table", "unreadable rows in the task table",
                                      "no line that says who was killed"};
  text[0] = '\0';
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
    if ((missing >> i & 1) == 0) continue;
    const size_t used = strlen(text);
    snprintf(text + used, room - used, "%s%s", used == 0 ? "" : ", ", parts[i]);
  }
  return text;
}

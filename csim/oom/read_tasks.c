// SPDX-License-Identifier: Apache-2.0
// The task table and the lines that say who dies. Columns are found by their headings, since they
// changed: cpu and oom_adj up to 3.6, nr_ptes and swapents from 3.7, nr_pmds from 4.0,
// pgtables_bytes from 4.15, rss_anon and its kin from 6.8 on (mm/oom_kill.c, dump_tasks).
#include <string.h>

#include "oom/read_parts.h"
#include "oom/scan.h"

static const struct {
  const char *name;
  enum column what;
} headings[] = {{"uid", COLUMN_UID},
                {"tgid", COLUMN_TGID},
                {"total_vm", COLUMN_TOTAL_VM},
                {"rss", COLUMN_RSS},
                {"nr_ptes", COLUMN_TABLE_PAGES},
                {"nr_pmds", COLUMN_TABLE_PAGES},
                {"nr_puds", COLUMN_TABLE_PAGES},
                {"pgtables_bytes", COLUMN_TABLE_BYTES},
                {"swapents", COLUMN_SWAP},
                {"oom_score_adj", COLUMN_ADJ}};

/* Behind "[ pid ]", or NULL. */
static const char *after_pid(const char *s) {
  if (*s != '[') return NULL;
  s += 1 + strspn(s + 1, " ");
  if (strncmp(s, "pid", 3) != 0) return NULL;
  s += 3 + strspn(s + 3, " ");
  return *s == ']' ? s + 1 : NULL;
}

bool is_heading(const char *s) {
  const char *p = after_pid(s);
  return p != NULL && scan_key(p, "rss") != NULL;
}

void read_heading(struct oom_report *r, const char *s, struct columns *c) {
  const char *p = after_pid(s);
  *c = (struct columns){.count = 0};
  while (*(p += strspn(p, " ")) != '\0') {
    const size_t n = strcspn(p, " ");
    if (n == 4 && memcmp(p, "name", 4) == 0) break;
    if (c->count == COLUMNS) break;
    enum column what = COLUMN_OTHER;
    for (size_t i = 0; i < sizeof headings / sizeof headings[0]; i++)
      if (strlen(headings[i].name) == n && memcmp(headings[i].name, p, n) == 0)
        what = headings[i].what;
    c->what[c->count++] = (unsigned char)what;
    r->has_swap |= what == COLUMN_SWAP;
    r->has_uid |= what == COLUMN_UID;
    r->has_adj |= what == COLUMN_ADJ;
    r->tables_in_pages |= what == COLUMN_TABLE_PAGES;
    r->has_page_tables |= what == COLUMN_TABLE_PAGES || what == COLUMN_TABLE_BYTES;
    p += n;
  }
  r->table = true;
}

static bool put(struct oom_task *t, enum column what, int64_t v) {
  const int64_t limit = (int64_t)OOM_LIMIT;
  switch (what) {
    case COLUMN_UID:
      t->uid = v;
      t->admin = v == 0;
      return true;
    case COLUMN_TGID:
      t->tgid = v;
      return true;
    case COLUMN_ADJ:
      t->adj = (int)v;
      return v >= OOM_ADJ_MIN && v <= OOM_ADJ_MAX;
    case COLUMN_TOTAL_VM:
      t->total_vm = (uint64_t)v;
      break;
    case COLUMN_RSS:
      t->rss = (uint64_t)v;
      break;
    case COLUMN_SWAP:
      t->swapents = (uint64_t)v;
      break;
    case COLUMN_TABLE_BYTES:
      t->pgtables_bytes = (uint64_t)v;
      return v >= 0 && v / 4096 <= limit;
    case COLUMN_TABLE_PAGES:
      t->pgtables_bytes += (uint64_t)(v < 0 ? 0 : v); /* a counter that may lag below 0 */
      return v <= limit / 4;
    case COLUMN_OTHER:
      return true;
  }
  return v >= 0 && v <= limit;
}

enum part read_row(struct oom_report *r, const struct columns *c, const char *s) {
  if (*s != '[') return PART_NO;
  const char *p = s + 1;
  struct oom_task t = {.tgid = -1, .uid = -1};
  if (!scan_signed(&p, &t.pid) || *p != ']') return PART_NO;
  p++;
  bool good = t.pid >= 0;
  for (size_t i = 0; i < c->count; i++) {
    int64_t v;
    if (!scan_signed(&p, &v)) {
      good = false;
      break;
    }
    good &= put(&t, (enum column)c->what[i], v);
  }
  good &= *p == ' '; /* else it is cut, perhaps in the last number; a name may be empty */
  p += strspn(p, " ");
  if (!good) {
    r->bad_rows++;
    return PART_TAKEN;
  }
  if (t.tgid < 0) t.tgid = t.pid;
  t.init = t.pid == 1;
  const size_t n = strcspn(p, "\r");
  scan_text(t.name, sizeof t.name, p, p + n);
  struct oom_task *to = oom_grow((void **)&r->tasks, &r->task_count, sizeof *to);
  if (to == NULL) return PART_FAILED;
  *to = t;
  return PART_TAKEN;
}

/* Where the message before "Kill process" is the kernel's own. */
static bool kernels_own(const char *s, const char *word) {
  if (word == s) return true;
  if (word - s < 2 || word[-1] != ' ' || word[-2] != ':') return false;
  return strncmp(s, "Out of memory", 13) == 0 || strncmp(s, "Memory cgroup out of memory", 27) == 0;
}

enum kill_line read_kill(const char *s, struct oom_kill *k) {
  enum kill_line line = KILL_DONE;
  const char *p = strstr(s, "Killed process ");
  if (p == NULL) {
    p = strstr(s, "Kill process ");
    line = KILL_CHOICE;
  }
  if (p == NULL || !kernels_own(s, p)) return KILL_NONE;
  *k = (struct oom_kill){.uid = -1, .score = OOM_ABSENT};
  if (p != s) scan_text(k->message, sizeof k->message, s, p - 2);
  p = strstr(p, "process ") + 8;
  if (!scan_signed(&p, &k->pid) || k->pid < 0 || strncmp(p, " (", 2) != 0) return KILL_NONE;
  const char *name = p + 2, *end = NULL;
  static const char *const after[] = {") total-vm:", ") score ", "), UID", "), now", ")"};
  for (size_t i = 0; i < sizeof after / sizeof after[0] && end == NULL; i++)
    end = strstr(name, after[i]);
  if (end == NULL) return KILL_NONE;
  scan_text(k->name, sizeof k->name, name, end);
  if (strstr(end, "sharing same memory") != NULL) return KILL_NONE;
  scan_value(end, "score ", &k->score);
  scan_value(end, "total-vm:", &k->total_vm_kb);
  scan_value(end, "anon-rss:", &k->anon_kb);
  scan_value(end, "file-rss:", &k->file_kb);
  scan_value(end, "shmem-rss:", &k->shmem_kb);
  scan_value(end, "pgtables:", &k->pgtables_kb);
  const char *value = scan_key(end, "UID:");
  if (value != NULL) scan_signed(&value, &k->uid);
  int64_t adj;
  value = scan_key(end, "oom_score_adj:");
  if (value != NULL && scan_signed(&value, &adj) && adj >= OOM_ADJ_MIN && adj <= OOM_ADJ_MAX)
    k->adj = (int)adj;
  return line;
}

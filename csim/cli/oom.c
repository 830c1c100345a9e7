// SPDX-License-Identifier: Apache-2.0
// `cowalk oom`: explains the OOM reports of a kernel log. Promises: bad input gets one line; exit
// code 1 if a report lacks parts that the answer needs, with one line that names them.
#include <errno.h>
#include <popt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/oom_show.h"
#include "oom/read.h"

static const char usage[] =
    "Usage: cowalk oom FILE [--report N] [--adj WHO=VALUE]... [--formula kernel|chapter]\n"
    "                  [--total-pages N] [--kernel X.Y] [--page-size SIZE] [--top N] [--json]\n"
    "\n"
    "Explains the out-of-memory reports in a kernel log (dmesg, journalctl, syslog; - is standard\n"
    "input): the points of each task, who dies and why, whether the kernel did the same, who "
    "would\n"
    "be next, and which oom_score_adj would have changed it.\n"
    "\n"
    "  --report N         only the Nth report of the file\n"
    "  --adj WHO=VALUE    what if oom_score_adj of a pid, or of all tasks of a name, were VALUE\n"
    "                     (-1000..1000); may be given several times\n"
    "  --formula F        kernel (default) or chapter, the book's older formula\n"
    "  --total-pages N    pages that oom_score_adj is scaled with, instead of what the report "
    "tells\n"
    "  --kernel X.Y       rules of this version, instead of the one in the report\n"
    "  --page-size SIZE   4K, 8K, 16K, 32K or 64K, instead of what the report tells\n"
    "  --top N            rows of the table (default 0: all)\n"
    "  --json             one JSON object\n"
    "\n"
    "Examples\n"
    "  dmesg | cowalk oom -\n"
    "  cowalk oom /var/log/kern.log --report 2 --top 20\n"
    "  journalctl -k | cowalk oom - --adj postgres=-500 --adj 4711=300\n"
    "  cowalk oom tests/data/linux/oom_06_report.txt --formula chapter\n";

enum { LINE = 16384, CHANGES = 64 };

struct change {
  const char *who; /* up to `length` */
  size_t length;
  int64_t pid; /* -1: a name */
  int value;
};

struct options {
  char *formula, *kernel, *page_size, *total, *report, *top;
  int json;
  char *adj[CHANGES];
  size_t adjs;
  struct change change[CHANGES];
  struct oom_question question;
  uint32_t page_bytes;
  uint64_t only, rows;
};

static int complain(const char *what, const char *why) {
  fprintf(stderr, "cowalk oom: %s%s%s\n", what, why[0] != '\0' ? ": " : "", why);
  return CLI_USAGE;
}

static bool parse_number(const char *text, uint64_t low, uint64_t high, uint64_t *v) {
  char *end;
  if (text == NULL) return true;
  if (text[0] < '0' || text[0] > '9') return false;
  errno = 0;
  *v = strtoull(text, &end, 10);
  return errno == 0 && *end == '\0' && *v >= low && *v <= high;
}

static bool parse_change(const char *text, struct change *c) {
  const char *equals = strrchr(text, '=');
  char *end;
  if (equals == NULL || equals == text || equals[1] == '\0') return false;
  errno = 0;
  const long v = strtol(equals + 1, &end, 10);
  if (errno != 0 || *end != '\0' || v < OOM_ADJ_MIN || v > OOM_ADJ_MAX) return false;
  *c = (struct change){.who = text, .length = (size_t)(equals - text), .pid = -1, .value = (int)v};
  const long long pid = strtoll(text, &end, 10);
  if (end == equals && text[0] >= '0' && text[0] <= '9' && errno == 0) c->pid = pid;
  return true;
}

static int parse(struct options *o) {
  uint64_t kib = 0;
  char unit = '\0', after = '\0';
  if (o->formula != NULL && strcmp(o->formula, "kernel") != 0 && strcmp(o->formula, "chapter") != 0)
    return complain(o->formula, "--formula expects kernel or chapter");
  o->question.chapter = o->formula != NULL && strcmp(o->formula, "chapter") == 0;
  if (!parse_number(o->total, 1, OOM_LIMIT, &o->question.total_pages))
    return complain(o->total, "--total-pages expects a number of pages, 1 to 2^48");
  if (!parse_number(o->report, 1, UINT32_MAX, &o->only))
    return complain(o->report, "--report expects a number from 1");
  if (!parse_number(o->top, 0, UINT32_MAX, &o->rows))
    return complain(o->top, "--top expects a number of rows; 0 is all");
  if (o->kernel != NULL &&
      (sscanf(o->kernel, "%3u.%3u%c", &o->question.major, &o->question.minor, &after) != 2 ||
       o->question.major == 0))
    return complain(o->kernel, "--kernel expects a version such as 4.19");
  if (o->page_size != NULL) {
    unsigned n = 0;
    if (sscanf(o->page_size, "%2u%c%c", &n, &unit, &after) == 2 && (unit == 'K' || unit == 'k'))
      kib = n;
    if (kib < 4 || kib > 64 || (kib & (kib - 1)) != 0)
      return complain(o->page_size, "--page-size expects 4K, 8K, 16K, 32K or 64K");
    o->page_bytes = (uint32_t)kib * 1024;
  }
  for (size_t i = 0; i < o->adjs; i++)
    if (!parse_change(o->adj[i], &o->change[i]))
      return complain(o->adj[i], "--adj expects PID=VALUE or NAME=VALUE, VALUE -1000 to 1000");
  return CLI_OK;
}

/* Lines longer than the buffer lose their rest; a NUL becomes a space. */
static int read_log(struct oom_reader *reader, FILE *in, const char *name) {
  char line[LINE];
  size_t n = 0;
  uint64_t lines = 0;
  time_t told = time(NULL) + 2;
  for (int c = 0; c != EOF;) {
    c = getc(in);
    if (c != '\n' && c != EOF) {
      if (n + 1 < sizeof line) line[n++] = (char)(c == '\0' ? ' ' : c);
      continue;
    }
    if (c == EOF && n == 0) break;
    while (n > 0 && line[n - 1] == '\r')
      n--;
    line[n] = '\0';
    n = 0;
    if (oom_reader_line(reader, line) != 0) {
      complain(name, "not enough memory to read it");
      return CLI_FAILED;
    }
    if ((++lines & 0xffff) == 0 && time(NULL) > told) {
      fprintf(stderr, "cowalk oom: %llu lines read\n", (unsigned long long)lines);
      told = time(NULL) + 2;
    }
  }
  if (ferror(in) == 0) return CLI_OK;
  return complain(name, strerror(errno));
}

/* A process is one row or several threads' rows. */
static bool meant(const struct change *c, const struct oom_task *t) {
  if (c->pid >= 0) return t->pid == c->pid || t->tgid == c->pid;
  return strlen(t->name) == c->length && memcmp(t->name, c->who, c->length) == 0;
}

/* Whether the change means a task of the reports that are shown. */
static bool meets(const struct options *o, const struct change *c, struct oom_reader *reader,
                  size_t n) {
  for (size_t i = 0; i < n; i++) {
    const struct oom_report *r = oom_reader_report(reader, i);
    if (o->only != 0 && o->only != i + 1) continue;
    for (size_t t = 0; t < r->task_count; t++)
      if (meant(c, &r->tasks[t])) return true;
  }
  return false;
}

/* The report's tasks with other oom_score_adj. */
static struct oom_task *changed_tasks(const struct options *o, const struct oom_report *r) {
  struct oom_task *tasks = malloc((r->task_count + 1) * sizeof *tasks);
  if (tasks == NULL) return NULL;
  for (size_t i = 0; i < r->task_count; i++) {
    tasks[i] = r->tasks[i];
    for (size_t k = 0; k < o->adjs; k++)
      if (meant(&o->change[k], &tasks[i])) tasks[i].adj = o->change[k].value;
  }
  return tasks;
}

/* What the whole file comes to: JSON's list of reports and who dies in each. */
struct lists {
  cJSON *reports, *victims; /* NULL: text is wanted */
};

static void add_victim(cJSON *list, size_t number, const struct oom_report *r,
                       const struct oom_verdict *v) {
  if (v->count == 0) return;
  const struct oom_task *t = &r->tasks[v->order[0]];
  cJSON *o = cJSON_CreateObject();
  cJSON_AddNumberToObject(o, "report", (double)number);
  cJSON_AddNumberToObject(o, "pid", (double)t->pid);
  cJSON_AddStringToObject(o, "name", t->name);
  cJSON_AddNumberToObject(o, "points", (double)v->points[v->order[0]]);
  cJSON_AddItemToArray(list, o);
}

/* *matters: whether the answer needs totalpages. */
static int show(struct options *o, const struct oom_report *r, size_t number,
                const struct lists *lists, bool *matters) {
  struct oom_verdict fact, whatif;
  struct oom_task *tasks = NULL;
  struct oom_shown s = {.report = r, .number = number, .tasks = r->tasks, .top = o->rows};
  if (oom_judge(r, r->tasks, &o->question, &fact) != 0) return -1;
  s.fact = &fact;
  *matters = fact.total_matters;
  int rc = 0;
  if (o->adjs != 0) {
    tasks = changed_tasks(o, r);
    rc = tasks == NULL ? -1 : oom_judge(r, tasks, &o->question, &whatif);
    if (rc == 0) {
      s.tasks = tasks;
      s.whatif = &whatif;
    }
  }
  if (rc == 0 && lists->reports != NULL) {
    cJSON *one = oom_show_json(&s);
    rc = one == NULL ? -1 : 0;
    cJSON_AddItemToArray(lists->reports, one);
    add_victim(lists->victims, number, r, &fact);
  } else if (rc == 0) {
    oom_show(stdout, &s);
  }
  if (s.whatif != NULL) oom_verdict_free(&whatif);
  oom_verdict_free(&fact);
  free(tasks);
  return rc;
}

/* Report what is missing; matters: totalpages is needed. */
static int warn(const struct options *o, const struct oom_report *r, size_t n, const char *file,
                bool matters) {
  char text[256];
  unsigned missing = r->missing & ~(unsigned)OOM_LACKS_START;
  if (o->question.total_pages != 0 || !matters) missing &= ~(unsigned)OOM_LACKS_MEMINFO;
  const bool columns = r->table && (!r->has_swap || !r->has_page_tables || !r->has_adj);
  if (missing == 0 && !columns) return CLI_OK;
  if (missing != 0) missing = r->missing;
  const bool rows = missing == OOM_LACKS_ROWS; /* a longer log would not help */
  const char *remedy = rows ? "; correct or remove them" : "; take a longer log";
  const char *old = "no column of swap or page tables (kernel before 3.7), points may be too low";
  if (!r->has_adj) old = "no column of oom_score_adj, all count as 0";
  fprintf(stderr, "cowalk oom: %s:%zu: report %zu is incomplete: %s%s%s%s\n", file,
          rows ? r->bad_line : r->line, n, oom_missing_text(missing, text, sizeof text),
          missing != 0 ? remedy : "", missing != 0 && columns ? "; " : "", columns ? old : "");
  return CLI_FAILED;
}

static int print_json(const char *file, const struct lists *lists) {
  cJSON *top = cJSON_CreateObject();
  cJSON_AddStringToObject(top, "file", file);
  if (!cJSON_AddItemToObject(top, "victims", lists->victims)) cJSON_Delete(lists->victims);
  if (!cJSON_AddItemToObject(top, "reports", lists->reports)) cJSON_Delete(lists->reports);
  char *text = cJSON_Print(top);
  if (text != NULL) puts(text);
  cJSON_Delete(top);
  const int rc = text == NULL ? -1 : 0;
  free(text);
  return rc;
}

static int answer_all(struct options *o, struct oom_reader *reader, const char *file, size_t n) {
  struct lists lists = {NULL, NULL};
  if (o->json != 0) lists = (struct lists){cJSON_CreateArray(), cJSON_CreateArray()};
  int rc = CLI_OK, failed = o->json != 0 && lists.reports == NULL ? -1 : 0;
  bool first = true, matters;
  for (size_t i = 0; i < n && failed == 0; i++) {
    if (o->only != 0 && o->only != i + 1) continue;
    if (!first && o->json == 0) putchar('\n');
    first = false;
    const struct oom_report *r = oom_reader_report(reader, i);
    failed = show(o, r, i + 1, &lists, &matters);
    if (failed == 0 && warn(o, r, i + 1, file, matters) != CLI_OK) rc = CLI_FAILED;
  }
  if (o->json != 0 && print_json(file, &lists) != 0) failed = -1;
  if (failed == 0) return rc;
  complain(file, "not enough memory for the answer");
  return CLI_FAILED;
}

static int answer(struct options *o, struct oom_reader *reader, const char *file) {
  const size_t n = oom_reader_end(reader, o->page_bytes);
  char text[128];
  if (n == 0)
    return complain(file,
                    "no OOM report; it needs the kernel's log from \"invoked oom-killer\" on");
  if (o->only > n) {
    snprintf(text, sizeof text, "--report %llu, but it has %zu", (unsigned long long)o->only, n);
    return complain(file, text);
  }
  for (size_t k = 0; k < o->adjs; k++)
    if (!meets(o, &o->change[k], reader, n))
      return complain(o->adj[k], "no task of that pid or name is in the report's table");
  return answer_all(o, reader, file, n);
}

static int explain(struct options *o, const char *file) {
  const bool standard = strcmp(file, "-") == 0;
  FILE *in = standard ? stdin : fopen(file, "r");
  if (in == NULL) return complain(file, strerror(errno));
  struct oom_reader *reader = oom_reader_new();
  int rc = reader == NULL ? complain(file, "the host is out of memory")
                          : read_log(reader, in, standard ? "standard input" : file);
  if (rc == CLI_OK) rc = answer(o, reader, standard ? "standard input" : file);
  oom_reader_free(reader);
  if (!standard) fclose(in);
  return rc;
}

static void release(struct options *o) {
  free(o->formula);
  free(o->kernel);
  free(o->page_size);
  free(o->total);
  free(o->report);
  free(o->top);
  for (size_t i = 0; i < o->adjs; i++)
    free(o->adj[i]);
}

int cmd_oom(int argc, const char **argv) {
  struct options o = {.json = 0};
  const struct poptOption options[] = {
      {"report", 'r', POPT_ARG_STRING, &o.report, 0, NULL, NULL},
      {"adj", 'a', POPT_ARG_STRING, NULL, 'a', NULL, NULL},
      {"formula", 'f', POPT_ARG_STRING, &o.formula, 0, NULL, NULL},
      {"total-pages", '\0', POPT_ARG_STRING, &o.total, 0, NULL, NULL},
      {"kernel", '\0', POPT_ARG_STRING, &o.kernel, 0, NULL, NULL},
      {"page-size", '\0', POPT_ARG_STRING, &o.page_size, 0, NULL, NULL},
      {"top", 't', POPT_ARG_STRING, &o.top, 0, NULL, NULL},
      {"json", '\0', POPT_ARG_NONE, &o.json, 0, NULL, NULL},
      {"help", 'h', POPT_ARG_NONE, NULL, 'h', NULL, NULL},
      POPT_TABLEEND};
  poptContext pc = poptGetContext("cowalk oom", argc, argv, options, 0);
  int opt, rc = CLI_OK;
  while ((opt = poptGetNextOpt(pc)) == 'a' && o.adjs < CHANGES)
    o.adj[o.adjs++] = poptGetOptArg(pc);
  const char *file = opt == -1 ? poptGetArg(pc) : NULL;
  if (opt == 'h')
    fputs(usage, stdout);
  else if (opt == 'a')
    rc = complain("--adj", "given too often, at most 64 times; names cover many tasks");
  else if (opt < -1)
    rc = complain(poptBadOption(pc, 0), poptStrerror(opt));
  else if (file == NULL)
    rc = complain("expects a file of kernel messages, or - for standard input", "");
  else if (poptPeekArg(pc) != NULL)
    rc = complain(poptPeekArg(pc), "only one file at a time");
  else if ((rc = parse(&o)) == CLI_OK)
    rc = explain(&o, file);
  if (fflush(stdout) != 0) rc = complain("standard output", strerror(errno));
  poptFreeContext(pc);
  release(&o);
  return rc;
}

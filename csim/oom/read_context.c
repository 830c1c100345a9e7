// SPDX-License-Identifier: Apache-2.0
// Who asked for memory, in which kernel, under which constraint, and whom the kernel chose.
#include <stdlib.h>
#include <string.h>

#include "oom/read_parts.h"
#include "oom/scan.h"

static const char invoked[] = " invoked oom-killer: ";

bool is_start(const char *s) {
  return strstr(s, invoked) != NULL && strstr(s, "gfp_mask=") != NULL;
}

/* Up to the comma or the end. */
static void field(const char *s, const char *key, char *to, size_t room) {
  const char *p = scan_key(s, key);
  if (p != NULL) scan_text(to, room, p, p + strcspn(p, ",\r"));
}

/* A list of nodes, which has commas of its own. */
static void nodes(const char *s, const char *key, char *to, size_t room) {
  const char *p = scan_key(s, key);
  if (p == NULL) return;
  scan_text(to, room, p, p + strspn(p, "0123456789-,"));
  const size_t n = strlen(to);
  if (n != 0 && to[n - 1] == ',') to[n - 1] = '\0';
}

static int small(const char *s, const char *key, int low, int high) {
  int64_t v;
  const char *p = scan_key(s, key);
  if (p == NULL || !scan_signed(&p, &v)) return 0;
  return v < low ? low : v > high ? high : (int)v;
}

/* Where a task's name begins that ends there: what a console shows before a stamp is none of it. */
static const char *name_before(const char *s, const char *end) {
  enum { COMM = 15 }; /* TASK_COMM_LEN less the end */
  while (end - s > COMM) {
    const char *next = strstr(s, "] ");
    if (next == NULL || next + 2 > end) return s;
    s = next + 2;
  }
  return s;
}

void read_start(struct oom_report *r, const char *s) {
  const char *p = strstr(s, invoked);
  scan_text(r->invoker, sizeof r->invoker, name_before(s, p), p);
  r->started = true;
  const char *mask = strstr(p, "gfp_mask=");
  if (mask == NULL) return;
  mask += 9;
  r->gfp = strtoull(mask, NULL, 0);
  const char *open = mask + strcspn(mask, "(, ");
  if (*open == '(')
    scan_text(r->gfp_names, sizeof r->gfp_names, open + 1, open + 1 + strcspn(open + 1, ")"));
  r->order = small(p, "order=", -1, 63);
  r->invoker_adj = small(p, "oom_score_adj=", OOM_ADJ_MIN, OOM_ADJ_MAX);
  nodes(p, "nodemask=", r->nodemask, sizeof r->nodemask);
}

static bool digit(char c) {
  return c >= '0' && c <= '9';
}

/* "CPU: 0 PID: 242 Comm: mmtool Not tainted 6.1.0-56-cloud-amd64 #1", up to 3.x
 * "Pid: 242, comm: mmtool Tainted: G  W  3.2.0-4-amd64 #1" */
static bool release_line(struct oom_report *r, const char *s) {
  if (strncmp(s, "CPU: ", 5) != 0 && strncmp(s, "Pid: ", 5) != 0) return false;
  const char *p = strstr(s, "ainted");
  if (p == NULL || r->release[0] != '\0') return p != NULL;
  for (p = strchr(p, ' '); p != NULL; p = strchr(p, ' ')) {
    p += strspn(p, " ");
    const size_t n = strspn(p, "0123456789");
    if (n > 0 && n < 4 && p[n] == '.' && digit(p[n + 1])) break;
  }
  if (p == NULL) return true;
  scan_text(r->release, sizeof r->release, p, p + strcspn(p, "\r"));
  r->major = (unsigned)strtoul(p, NULL, 10);
  p += strcspn(p, ".") + 1;
  const unsigned long minor = strtoul(p, NULL, 10);
  r->minor = minor > 999 ? 999 : (unsigned)minor;
  const char *cpu = scan_key(s, "CPU: "), *pid = scan_key(s, "PID: ");
  if (pid == NULL) pid = scan_key(s, "Pid: ");
  if (cpu != NULL) scan_signed(&cpu, &r->cpu);
  if (pid != NULL) scan_signed(&pid, &r->invoker_pid);
  return true;
}

/* mm/oom_kill.c, dump_oom_summary; since 5.0 */
static void summary(struct oom_report *r, const char *s) {
  static const char *const names[] = {"CONSTRAINT_NONE", "CONSTRAINT_CPUSET",
                                      "CONSTRAINT_MEMORY_POLICY", "CONSTRAINT_MEMCG"};
  static const enum oom_constraint of[] = {OOM_GLOBAL, OOM_CPUSET, OOM_MEMPOLICY, OOM_MEMCG};
  char name[40] = "";
  field(s, "oom-kill:constraint=", name, sizeof name);
  for (size_t i = 0; i < 4; i++)
    if (strcmp(name, names[i]) == 0) r->constraint = of[i];
  nodes(s, "nodemask=", r->nodemask, sizeof r->nodemask);
  nodes(s, "mems_allowed=", r->mems_allowed, sizeof r->mems_allowed);
  field(s, "cpuset=", r->cpuset, sizeof r->cpuset);
  field(s, "oom_memcg=", r->memcg, sizeof r->memcg);
  field(s, "task_memcg=", r->task_memcg, sizeof r->task_memcg);
  field(s, "task=", r->chosen.name, sizeof r->chosen.name);
  const char *p = scan_key(s, "pid=");
  r->chosen.score = OOM_ABSENT;
  r->chosen.uid = -1;
  if (p == NULL || !scan_signed(&p, &r->chosen.pid) || r->chosen.pid < 0) r->chosen.pid = -1;
  p = scan_key(s, "uid=");
  if (p != NULL) scan_signed(&p, &r->chosen.uid);
}

/* "Task in A killed as a result of limit of B" of a cgroup, up to 4.20 */
static bool limited(struct oom_report *r, const char *s) {
  static const char middle[] = " killed as a result of limit of ";
  const char *p = strncmp(s, "Task in ", 8) == 0 ? strstr(s, middle) : NULL;
  if (p == NULL) return false;
  scan_text(r->task_memcg, sizeof r->task_memcg, s + 8, p);
  p += sizeof middle - 1;
  scan_text(r->memcg, sizeof r->memcg, p, p + strcspn(p, "\r"));
  r->constraint = OOM_MEMCG;
  return true;
}

enum part read_context(struct oom_report *r, const char *s) {
  if (release_line(r, s) || limited(r, s)) return PART_TAKEN;
  if (strncmp(s, "oom-kill:", 9) == 0) {
    summary(r, s);
    return PART_TAKEN;
  }
  const char *mems = strstr(s, " mems_allowed=");
  if (mems != NULL && strstr(s, " cpuset=") != NULL) {
    field(s, "cpuset=", r->cpuset, sizeof r->cpuset);
    r->cpuset[strcspn(r->cpuset, " ")] = '\0';
    nodes(s, "mems_allowed=", r->mems_allowed, sizeof r->mems_allowed);
    return PART_TAKEN;
  }
  return PART_NO;
}

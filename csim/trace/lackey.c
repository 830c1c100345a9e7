// SPDX-License-Identifier: Apache-2.0
// The text of valgrind 3.19 lackey with --trace-mem=yes and --trace-syscalls=yes, learned from
// its output. Calls are known by name, so recordings of any host architecture are understood.
// Promises: a line is either understood whole or reported as foreign.
#include "trace/lackey.h"

#include <string.h>

#include "trace/trace.h"

struct call_name {
  const char *name;
  enum space_call call;
};

static const struct call_name names[] = {
    {"mmap", CALL_MMAP},         {"mmap2", CALL_NONE},      {"munmap", CALL_MUNMAP},
    {"mprotect", CALL_MPROTECT}, {"mremap", CALL_MREMAP},   {"brk", CALL_BRK},
    {"open", CALL_OPEN},         {"openat", CALL_OPENAT},   {"creat", CALL_CREAT},
    {"close", CALL_CLOSE},       {"dup", CALL_DUP},         {"dup2", CALL_DUP2},
    {"dup3", CALL_DUP2},         {"fcntl", CALL_FCNTL},     {"lseek", CALL_LSEEK},
    {"read", CALL_READ},         {"pread64", CALL_PREAD},   {"pread", CALL_PREAD},
    {"readv", CALL_READV},       {"preadv", CALL_PREADV},   {"preadv2", CALL_PREADV},
    {"write", CALL_WRITE},       {"pwrite64", CALL_PWRITE}, {"pwrite", CALL_PWRITE},
    {"writev", CALL_WRITEV},     {"pwritev", CALL_PWRITEV}, {"pwritev2", CALL_PWRITEV},
    {"exit_group", CALL_EXIT},
};

static unsigned hex_digit(char c) {
  if (c >= '0' && c <= '9') return (unsigned)(c - '0');
  if (c >= 'a' && c <= 'f') return (unsigned)(c - 'a' + 10);
  return 16;
}

/* " S 1fff000628,8" or "I  0401ab70,3". */
static bool parse_access(const char *p, const char *end, struct lackey_item *item) {
  if (end - p < 6) return false;
  const char letter = p[0] == 'I' ? p[0] : p[1];
  if (p[2] != ' ' || (p[0] == 'I' ? p[1] != ' ' : p[0] != ' ')) return false;
  switch (letter) {
    case 'I':
      item->kind = TRACE_FETCH;
      break;
    case 'L':
      item->kind = TRACE_READ;
      break;
    case 'S':
      item->kind = TRACE_WRITE;
      break;
    case 'M':
      item->kind = TRACE_MODIFY;
      break;
    default:
      return false;
  }
  uint64_t addr = 0;
  unsigned d;
  const char *digits = p += 3;
  for (; p < end && (d = hex_digit(*p)) < 16; p++)
    addr = addr << 4 | d;
  if (p == digits || p - digits > 16 || p == end || *p != ',') return false;
  uint64_t bytes = 0;
  digits = ++p;
  for (; p < end && *p >= '0' && *p <= '9' && bytes < 10000; p++)
    bytes = bytes * 10 + (uint64_t)(*p - '0');
  item->addr = addr;
  item->bytes = bytes;
  return p == end && p != digits && bytes >= 1 && bytes <= 4096 && addr + bytes - 1 >= addr;
}

static bool parse_number(const char **pp, const char *end, uint64_t *out) {
  const char *p = *pp;
  const bool hex = end - p > 2 && p[0] == '0' && p[1] == 'x';
  if (hex) p += 2;
  const char *digits = p;
  uint64_t v = 0;
  unsigned d;
  for (; p < end && (d = hex_digit(*p)) < (hex ? 16u : 10u); p++)
    v = v * (hex ? 16 : 10) + d;
  *out = v;
  *pp = p;
  return p != digits;
}

static const char *find(const char *p, const char *end, const char *what) {
  const size_t n = strlen(what);
  for (; (size_t)(end - p) >= n && p < end; p++)
    if (memcmp(p, what, n) == 0) return p;
  return NULL;
}

/* "sys_openat ( 4294967196, 0x4034bb0(/path), 524288 )": the name and the arguments. */
static enum space_call parse_call(const char **pp, const char *end, struct space_syscall *c) {
  const char *p = *pp;
  const char *open = find(p, end, "(");
  if (open == NULL) return CALL_NONE;
  if (end - p > 4 && memcmp(p, "sys_", 4) == 0) p += 4;
  const char *stop = open;
  while (stop > p && stop[-1] == ' ')
    stop--;
  *c = (struct space_syscall){.call = CALL_NONE};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strlen(names[i].name) == (size_t)(stop - p) &&
        memcmp(p, names[i].name, (size_t)(stop - p)) == 0)
      c->call = names[i].call;
  p = open + 1;
  for (size_t i = 0; i < 6; i++) {
    while (p < end && (*p == ' ' || *p == ','))
      p++;
    if (p == end || !parse_number(&p, end, &c->arg[i])) break;
    if (p == end || *p != '(') continue;
    const char *close = find(p, end, "), ");
    if (close == NULL) close = find(p, end, ") )");
    if (close == NULL) break;
    const size_t n = (size_t)(close - p - 1);
    if (n < sizeof c->path) {
      memcpy(c->path, p + 1, n);
      c->path[n] = '\0';
    }
    p = close + 1;
  }
  *pp = p;
  return c->call;
}

static struct lackey_pending *slot_of(struct lackey *l, uint64_t thread) {
  return &l->pending[thread % LACKEY_THREADS];
}

/* "SYSCALL[pid,thread](number) ...": a call with its result, its start, or its end. */
static enum lackey_line parse_syscall(struct lackey *l, const char *p, const char *end,
                                      struct lackey_item *item) {
  uint64_t thread;
  const char *comma = find(p, end, ",");
  if (comma == NULL) return LACKEY_FOREIGN;
  p = comma + 1;
  if (!parse_number(&p, end, &thread) || p == end || *p != ']') return LACKEY_FOREIGN;
  p = find(p, end, ") ");
  if (p == NULL) return LACKEY_FOREIGN;
  p += 2;
  struct lackey_pending *wait = slot_of(l, thread);
  if (find(p, end, "... [async] --> ") != p) {
    wait->thread = thread;
    if (parse_call(&p, end, &wait->call) == CALL_NONE) return LACKEY_OTHER;
  } else if (wait->thread != thread) {
    return LACKEY_OTHER;
  }
  item->call = &wait->call;
  if (wait->call.call == CALL_EXIT) return LACKEY_SYSCALL;
  const char *result = find(p, end, "Success(");
  if (result == NULL) {
    if (find(p, end, "[async] ... ") == NULL) wait->call.call = CALL_NONE; /* it failed */
    return LACKEY_OTHER;
  }
  result += 8;
  if (wait->call.call == CALL_NONE || !parse_number(&result, end, &wait->call.result))
    return LACKEY_OTHER;
  wait->thread = 0; /* its next line starts another call */
  return LACKEY_SYSCALL;
}

enum lackey_line lackey_parse(struct lackey *l, const char *line, const char *end,
                              struct lackey_item *item) {
  static const char command[] = "Command: ";
  if (parse_access(line, end, item)) return LACKEY_ACCESS;
  if (end - line > 8 && memcmp(line, "SYSCALL[", 8) == 0) return parse_syscall(l, line, end, item);
  if (line == end) return LACKEY_OTHER;
  if (find(line, end, " --> [") == line) return LACKEY_OTHER; /* follows an unknown system call */
  if (end - line < 2 || line[0] != '=' || line[1] != '=') {
    return end - line >= 2 && line[0] == '-' && line[1] == '-' ? LACKEY_OTHER : LACKEY_FOREIGN;
  }
  const char *at = find(line, end, command);
  if (at == NULL) return LACKEY_OTHER;
  item->at = at + sizeof command - 1;
  item->length = (size_t)(end - item->at);
  return LACKEY_COMMAND;
}

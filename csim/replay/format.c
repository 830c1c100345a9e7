// SPDX-License-Identifier: Apache-2.0
// Text formats, one reader for a line each.
// Sources: ARC traces as described with those of Megiddo and Modha (start, count, ignored, request
// number); LIRS traces as used by Jiang and Zhang (a block a line, `*` lines in between); lackey's
// output as valgrind's manual shows it.
#include "replay/format.h"

#include <ctype.h>
#include <string.h>

static bool space(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

static const char *skip(const char *at, const char *end) {
  while (at < end && space(*at))
    at++;
  return at;
}

static unsigned digit_of(char c) {
  if (c >= '0' && c <= '9') return (unsigned)(c - '0');
  if (c >= 'a' && c <= 'f') return (unsigned)(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return (unsigned)(c - 'A') + 10;
  return 16;
}

/* A number in that base; with base 10, 0x begins a hexadecimal one. True if there is one of at most
 * 64 bits; *at is behind it. */
static bool number(const char **at, const char *end, unsigned base, uint64_t *out) {
  const char *p = *at;
  if (end - p > 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
    base = 16;
    p += 2;
  }
  uint64_t v = 0;
  const char *const digits = p;
  for (unsigned d; p < end && (d = digit_of(*p)) < base; p++) {
    if (v > (UINT64_MAX - d) / base) return false;
    v = v * base + d;
  }
  *at = p;
  *out = v;
  return p != digits;
}

/* A line that holds nothing, or a comment. */
static bool blank(const char *at, const char *end) {
  return at == end || *at == '#';
}

static const char *numbers(struct reading *r, const char *at, const char *end, unsigned base,
                           const char *wrong) {
  for (at = skip(at, end); !blank(at, end); at = skip(at, end)) {
    uint64_t page;
    if (!number(&at, end, base, &page) || (at < end && !space(*at))) return wrong;
    const char *why = build_add(r->to, page, false);
    if (why != NULL) return why;
  }
  return NULL;
}

static const char *plain_line(struct reading *r, const char *at, const char *end) {
  return numbers(
      r, at, end, 10,
      "expected page numbers of at most 64 bits, decimal or with 0x; correct the line or "
      "name another --format");
}

static const char *hex_line(struct reading *r, const char *at, const char *end) {
  return numbers(r, at, end, 16,
                 "expected hexadecimal page numbers of at most 64 bits; correct the line or name "
                 "another --format");
}

static bool word_is(const char *at, const char *end, const char *lower) {
  const size_t n = strlen(lower);
  if ((size_t)(end - at) != n) return false;
  for (size_t i = 0; i < n; i++)
    if (tolower((unsigned char)at[i]) != lower[i]) return false;
  return true;
}

/* What the word after an address says: 0 a read, 1 a write, -1 neither. */
static int direction(const char *at, const char *end) {
  if (word_is(at, end, "r") || word_is(at, end, "0") || word_is(at, end, "read")) return 0;
  if (word_is(at, end, "w") || word_is(at, end, "1") || word_is(at, end, "write")) return 1;
  return -1;
}

static const char *addr_line(struct reading *r, const char *at, const char *end) {
  static const char wrong[] =
      "expected ADDRESS,r or ADDRESS,w with an address of at most 64 bits, decimal or with 0x; "
      "correct the line or name another --format";
  at = skip(at, end);
  if (blank(at, end)) return NULL;
  if (build_count(r->to) == 0 && end - at > 4 && word_is(at, at + 4, "addr")) return NULL;
  uint64_t addr;
  if (!number(&at, end, 10, &addr)) return wrong;
  const char *const behind = at;
  at = skip(at, end);
  int write = 0;
  if (at < end) {
    if (*at == ',')
      at = skip(at + 1, end);
    else if (at == behind)
      return wrong;
    while (end > at && space(end[-1]))
      end--;
    write = direction(at, end);
    if (write < 0) return wrong;
    r->told_write = true;
  }
  return build_add(r->to, addr >> r->page_shift, write != 0);
}

static const char *arc_line(struct reading *r, const char *at, const char *end) {
  static const char wrong[] =
      "expected four numbers (first block, blocks, anything, request); correct the line or name "
      "another --format";
  uint64_t field[4];
  at = skip(at, end);
  if (blank(at, end)) return NULL;
  for (unsigned i = 0; i < 4; i++, at = skip(at, end))
    if (!number(&at, end, 10, &field[i]) || (at < end && !space(*at))) return wrong;
  if (at != end) return wrong;
  if (field[1] == 0) return NULL;
  if (field[1] - 1 > UINT64_MAX - field[0])
    return "the blocks go beyond 64 bits; correct the first or the second number";
  if (field[1] > REPLAY_MAX_ACCESSES - build_count(r->to))
    return "more accesses than replay can hold (2^32 - 2); correct the second number";
  return build_add_range(r->to, field[0], field[0] + (field[1] - 1), false);
}

static const char *lirs_line(struct reading *r, const char *at, const char *end) {
  static const char wrong[] =
      "expected one block number or *; correct the line or name another --format";
  uint64_t block;
  at = skip(at, end);
  if (blank(at, end)) return NULL;
  if (*at == '*') return skip(at + 1, end) == end ? NULL : wrong;
  if (!number(&at, end, 10, &block) || skip(at, end) != end) return wrong;
  return build_add(r->to, block, false);
}

/* "I  0401ab70,3", " L 1fff000628,8": the letter, or 0 if the line does not begin so. */
static char lackey_letter(const char *at, const char *end) {
  if (end - at < 4 || at[2] != ' ') return 0;
  if (at[0] == 'I' && at[1] == ' ') return 'I';
  return at[0] == ' ' && (at[1] == 'L' || at[1] == 'S' || at[1] == 'M') ? at[1] : 0;
}

static const char *lackey_line(struct reading *r, const char *at, const char *end) {
  const char letter = lackey_letter(at, end);
  uint64_t addr;
  uint64_t bytes;
  if (letter == 0) {
    r->foreign += at < end && *at != '=' && *at != '-';
    return NULL;
  }
  static const char wrong[] =
      "expected a lackey access such as \" L 1fff000628,8\" (hexadecimal address, size); correct "
      "or remove the line";
  at = skip(at + 3, end);
  if (!number(&at, end, 16, &addr) || at == end || *at++ != ',' || !number(&at, end, 10, &bytes) ||
      skip(at, end) != end || bytes == 0 || bytes > 1 << 20)
    return wrong;
  const unsigned kind = letter == 'I'   ? REPLAY_FETCH
                        : letter == 'L' ? REPLAY_LOAD
                        : letter == 'S' ? REPLAY_STORE
                                        : REPLAY_MODIFY;
  if ((r->opt->kinds & kind) == 0) return NULL;
  return reading_add(r, addr, bytes, letter == 'S' || letter == 'M');
}

const struct format replay_formats[] = {
    {"plain", "page numbers, decimal or with 0x", false, true, plain_line},
    {"hex", "page numbers, hexadecimal without 0x", false, true, hex_line},
    {"addr", "ADDRESS,r or ADDRESS,w a line", false, false, addr_line},
    {"arc", "first block, number of blocks, ignored, request number", false, true, arc_line},
    {"lirs", "a block number a line, * lines skipped", false, true, lirs_line},
    {"lackey", "valgrind --tool=lackey --trace-mem=yes", true, false, lackey_line},
    {"champsim", "64-byte input_instr records", true, false, NULL},
    {"cowalk", "a trace of this program (docs/trace-format.md)", true, false, NULL},
    {NULL, NULL, false, false, NULL},
};

const struct format *format_find(const char *name) {
  for (const struct format *f = replay_formats; f->name != NULL; f++)
    if (strcmp(f->name, name) == 0) return f;
  return NULL;
}

/* ---- what does it look like? ---------------------------------------------------------------- */

struct look {
  unsigned lines, quads; /* lines that hold something; those of exactly four decimal numbers */
  unsigned words, hex;   /* words; those that are hexadecimal but not decimal */
  bool star, lackey, pair;
};

static void look_at(struct look *k, const char *at, const char *end) {
  if (lackey_letter(at, end) != 0 || (end - at > 2 && memcmp(at, "==", 2) == 0)) k->lackey = true;
  at = skip(at, end);
  if (blank(at, end)) return;
  k->lines++;
  if (*at == '*' && skip(at + 1, end) == end) k->star = true;
  if (memchr(at, ',', (size_t)(end - at)) != NULL) k->pair = true;
  unsigned words = 0;
  bool decimal = true;
  for (; !blank(at, end); at = skip(at, end), words++) {
    const char *const word = at;
    while (at < end && !space(*at))
      at++;
    uint64_t v;
    const char *p = word;
    if (number(&p, at, 10, &v) && p == at) continue;
    decimal = false;
    p = word;
    if (words == 1 && direction(word, at) >= 0) k->pair = true;
    k->hex += number(&p, at, 16, &v) && p == at;
  }
  k->words += words;
  if (words == 4 && decimal) k->quads++;
}

static bool named_lis(const char *path) {
  const char *dot = strstr(path, ".lis");
  return dot != NULL && (dot[4] == '\0' || dot[4] == '.');
}

const struct format *format_detect(const char *path, const char *at, size_t n) {
  struct look k = {0};
  if (n >= 8 && memcmp(at, "cowalkT\n", 8) == 0) return format_find("cowalk");
  if (memchr(at, 0, n) != NULL) return format_find("champsim");
  const char *const end = at + n;
  for (const char *line = at; line < end;) {
    const char *stop = memchr(line, '\n', (size_t)(end - line));
    if (stop == NULL && n == SOURCE_PEEK && k.lines != 0) break; /* cut off */
    if (stop == NULL) stop = end;
    look_at(&k, line, stop > line && stop[-1] == '\r' ? stop - 1 : stop);
    line = stop + 1;
  }
  if (k.lackey) return format_find("lackey");
  if (k.star) return format_find("lirs");
  if (k.pair) return format_find("addr");
  if (k.quads == k.lines && (k.lines > 1 || (k.lines == 1 && named_lis(path))))
    return format_find("arc");
  return format_find(k.hex * 4 > k.words ? "hex" : "plain"); /* of random ones most have letters */
}

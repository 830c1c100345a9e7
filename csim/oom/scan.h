/* SPDX-License-Identifier: Apache-2.0
 * Small pieces of a log line. Nothing here fails on hostile text: numbers saturate, text is cut to
 * its room and made printable ASCII. */
#ifndef COWALK_OOM_SCAN_H
#define COWALK_OOM_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A line has what scan_plain takes out: colours of a terminal, a byte order mark, tabs. */
bool scan_coloured(const char *line);
/* Copies the line without colours and mark, tabs as spaces; to has room for as much as the line. */
void scan_plain(char *to, const char *line);

/* A line without what dmesg, journalctl and syslog put before the kernel's words: time stamps,
 * <level>, facility, host and "kernel:". Points into the line. */
const char *scan_message(const char *line);

/* Decimal number at *p, spaces before it skipped; moves *p behind it. Saturates (UINT64_MAX - 1,
 * INT64_MIN, INT64_MAX). false: no digit, *p as before. */
bool scan_unsigned(const char **p, uint64_t *v);
bool scan_signed(const char **p, int64_t *v);

/* What follows "key" in the line where key begins a word; NULL: it is not there. */
const char *scan_key(const char *line, const char *key);

/* The number after "key"; false: not there. */
bool scan_value(const char *line, const char *key, uint64_t *v);

/* Copy from `from` up to `end` (NULL: the line's end) as printable text. */
void scan_text(char *to, size_t room, const char *from, const char *end);

#endif

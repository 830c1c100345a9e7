/* SPDX-License-Identifier: Apache-2.0
 * A file read as bytes or lines; gzip and zstd are unpacked on the way. Private to csim/replay. */
#ifndef COWALK_REPLAY_SOURCE_H
#define COWALK_REPLAY_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SOURCE_PEEK = 1 << 16, SOURCE_MAX_LINE = 1 << 20 };

struct source;

/* path "-": standard input. NULL with one line in err. */
struct source *source_open(const char *path, char *err, size_t err_len);
void source_close(struct source *s);
const char *source_name(const struct source *s);
/* The next bytes, SOURCE_PEEK of them or all that are left, without taking them. */
size_t source_peek(struct source *s, const char **at);
/* The next line without its end; valid until the next call. False at the end, or at an error. */
bool source_line(struct source *s, const char **begin, const char **end);
uint64_t source_line_number(const struct source *s); /* of the latest line, from 1 */
/* Take n bytes, n <= SOURCE_PEEK; fewer at the end, or at an error. */
size_t source_read(struct source *s, void *to, size_t n);
/* NULL, or what went wrong: one line that names the file. */
const char *source_error(const struct source *s);

#endif

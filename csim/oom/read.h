/* SPDX-License-Identifier: Apache-2.0
 * Reads OOM reports out of a kernel log, line by line: 6.1's layout and those since 2.6.36 that
 * differ in columns and prefixes. Other lines are passed over, and nothing in a log can make it
 * fail but the lack of memory. */
#ifndef COWALK_OOM_READ_H
#define COWALK_OOM_READ_H

#include "oom/report.h"

struct oom_reader;

struct oom_reader *oom_reader_new(void); /* NULL: out of memory */
void oom_reader_free(struct oom_reader *r);

/* The next line, without its end. 0, or -1: out of memory. */
int oom_reader_line(struct oom_reader *r, const char *line);

/* No more lines. page_bytes 0: derive the page size, else this one. How many reports there are; a
 * kill without its report (the kernel limits their rate) counts as one that lacks most parts. */
size_t oom_reader_end(struct oom_reader *r, uint32_t page_bytes);

/* Report i, owned by the reader, after oom_reader_end. */
struct oom_report *oom_reader_report(struct oom_reader *r, size_t i);

/* "no task table, ..." for the bits of enum oom_missing. */
const char *oom_missing_text(unsigned missing, char *text, size_t room);

#endif

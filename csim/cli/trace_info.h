/* SPDX-License-Identifier: Apache-2.0
 * `cowalk trace info`: what a trace holds. Returns the program's exit code. */
#ifndef COWALK_CLI_TRACE_INFO_H
#define COWALK_CLI_TRACE_INFO_H

#include <stdbool.h>

int trace_print_info(const char *path, bool json, bool profile);

#endif

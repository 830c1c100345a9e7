/* SPDX-License-Identifier: Apache-2.0
 * The files that `cowalk run` leaves in its folder. */
#ifndef COWALK_CLI_RUN_FILES_H
#define COWALK_CLI_RUN_FILES_H

#include <stdbool.h>

#include "machine/machine.h"
#include "observer/result.h"

/* Create a folder and those above it. */
bool run_files_folders(const char *path);
/* FOLDER/proc-ARCH/meminfo and so on, as they are now. On failure o->ran is false and o->error says
 * why. */
void run_files_proc(struct outcome *o, const struct machine *m, const char *folder);
/* FOLDER/result.json; tells on stderr. */
bool run_files_result(const char *folder, const char *text);

#endif

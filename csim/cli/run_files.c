// SPDX-License-Identifier: Apache-2.0
// The files that `cowalk run` leaves: result.json, and the OS model's /proc of each architecture.
// Promises: what cannot be written is told with its path and the reason.
#include "cli/run_files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "os/proc.h"
#include "scenario/scenario.h"

bool run_files_folders(const char *path) {
  char part[700];
  for (size_t i = 1; i <= strlen(path) && i < sizeof part; i++) {
    if (path[i] != '/' && path[i] != '\0') continue;
    snprintf(part, sizeof part, "%.*s", (int)i, path);
    if (mkdir(part, 0777) != 0 && errno != EEXIST) return false;
  }
  return true;
}

/* The OS model's /proc at the end of the run: FOLDER/proc-x86/meminfo and so on. */
void run_files_proc(struct outcome *o, const struct machine *m, const char *folder) {
  char path[700];
  const char *name;
  snprintf(path, sizeof path, "%s/proc-%s", folder, scenario_arch_name(o->arch));
  bool ok = run_files_folders(path);
  for (size_t i = 0; ok && (name = os_proc_name(i)) != NULL; i++) {
    snprintf(path, sizeof path, "%s/proc-%s/%s", folder, scenario_arch_name(o->arch), name);
    FILE *f = fopen(path, "w");
    ok = f != NULL;
    if (f == NULL) break;
    machine_proc(m, i, f);
    ok = fclose(f) == 0;
  }
  if (ok) return;
  o->ran = false;
  snprintf(o->error, sizeof o->error, "cannot write %s: %s", path, strerror(errno));
}

bool run_files_result(const char *folder, const char *text) {
  char path[700];
  snprintf(path, sizeof path, "%s/result.json", folder);
  FILE *f = fopen(path, "w");
  bool ok = f != NULL && fputs(text, f) >= 0 && fputc('\n', f) != EOF;
  if (f != NULL) ok = fclose(f) == 0 && ok;
  if (!ok) fprintf(stderr, "cowalk run: cannot write %s: %s\n", path, strerror(errno));
  if (ok) fprintf(stderr, "wrote %s\n", path);
  return ok;
}

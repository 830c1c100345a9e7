/* SPDX-License-Identifier: Apache-2.0
 * The coverage table as JSON, by Debian's cJSON. Promise: every bin that coverage_print shows,
 * empty ones too. */
#include <cjson/cJSON.h>

#include "observer/coverage.h"

static void add(cJSON *to, const char *name, uint64_t value) {
  cJSON_AddNumberToObject(to, name, (double)value);
}

static void add_bins(cJSON *run, const struct coverage *c, enum mmu_arch arch) {
  cJSON *answers = cJSON_AddObjectToObject(run, "coverage");
  cJSON *nested = cJSON_AddObjectToObject(run, "coverage_stage2");
  cJSON *operations = cJSON_AddObjectToObject(run, "coverage_invalidations");
  struct coverage_bin b;
  struct coverage_nested_bin s2;
  struct coverage_operation op;
  char name[96];
  uint64_t n;
  for (uint32_t cursor = 0; coverage_next(c, arch, &cursor, &b, &n);) {
    coverage_name(&b, name, sizeof name);
    add(answers, name, n);
  }
  for (uint32_t cursor = 0; coverage_nested_next(coverage_stage2(c), arch, &cursor, &s2, &n);) {
    coverage_nested_name(&s2, name, sizeof name);
    add(nested, name, n);
  }
  for (uint32_t cursor = 0;
       coverage_operations_next(coverage_invalidations(c), arch, &cursor, &op, &n);) {
    coverage_operation_name(&op, name, sizeof name);
    add(operations, name, n);
  }
}

int coverage_print_json(const struct coverage *c, enum mmu_arch arch, const char *arch_name,
                        FILE *out) {
  cJSON *run = cJSON_CreateObject();
  cJSON_AddStringToObject(run, "arch", arch_name);
  add_bins(run, c, arch);
  char *text = cJSON_PrintUnformatted(run);
  if (text != NULL) fprintf(out, "%s\n", text);
  int failed = text == NULL ? -1 : 0;
  cJSON_free(text);
  cJSON_Delete(run);
  return failed;
}

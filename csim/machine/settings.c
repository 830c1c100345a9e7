// SPDX-License-Identifier: Apache-2.0
// Promises: takes nothing that it does not understand to the last character.
#include "machine/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool settings_read(const char *settings, setting_fn *set, void *program, char word[static 96]) {
  while (*settings != '\0') {
    size_t n = strcspn(settings, " ,");
    snprintf(word, 96, "%.*s", (int)(n < 96 ? n : 95), settings);
    settings += n + (settings[n] != '\0');
    char *value = strchr(word, '=');
    if (value != NULL) *value++ = '\0';
    if (n != 0 && (value == NULL || !set(program, word, value))) return false;
  }
  return true;
}

bool settings_number(const struct setting *keys, size_t count, const char *key, const char *value,
                     int base) {
  char *end;
  errno = 0;
  uint64_t n = strtoull(value, &end, base);
  if (errno != 0 || end == value || *end != '\0' || *value == '-') return false;
  for (size_t i = 0; i < count; i++) {
    if (strcmp(key, keys[i].key) != 0) continue;
    if (n < keys[i].min || n > keys[i].max) return false;
    *keys[i].to = n;
    return true;
  }
  return false;
}

int settings_choice(const char *const *names, int count, const char *value) {
  for (int i = 0; i < count; i++)
    if (strcmp(value, names[i]) == 0) return i;
  return -1;
}

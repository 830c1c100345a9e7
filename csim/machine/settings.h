/* SPDX-License-Identifier: Apache-2.0
 * "key=value" words, between spaces or commas, that say what a generated program does. */
#ifndef COWALK_MACHINE_SETTINGS_H
#define COWALK_MACHINE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A key whose value is a number of [min, max]. */
struct setting {
  const char *key;
  uint64_t *to, min, max;
};

/* Give each word to set; false at the first that it refuses, or that has no "=": then word holds
 * its key. */
typedef bool setting_fn(void *program, const char *key, const char *value);
bool settings_read(const char *settings, setting_fn *set, void *program, char word[static 96]);
/* Base as strtoull has it. false: no such key, or not a number in range. */
bool settings_number(const struct setting *keys, size_t count, const char *key, const char *value,
                     int base);
/* Which of the names it is; -1: none. */
int settings_choice(const char *const *names, int count, const char *value);

#endif

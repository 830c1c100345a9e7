/* SPDX-License-Identifier: Apache-2.0
 * A scenario: everything that a run depends on, from an INI file and overrides. Every key has a
 * default; docs/scenario.md lists them (`cowalk run --keys` prints that table). Errors are one line
 * with file, line, key and remedy. The caller owns the scenario. */
#ifndef COWALK_SCENARIO_SCENARIO_H
#define COWALK_SCENARIO_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "machine/machine.h"

struct scenario;

/* All defaults, no program. */
struct scenario *scenario_create(void);
/* Defaults, then the file. NULL with one line in err. */
struct scenario *scenario_load(const char *path, char *err, size_t err_len);
void scenario_destroy(struct scenario *s);
/* "section.key=value"; where: how messages name the place, such as "--set". */
bool scenario_set(struct scenario *s, const char *where, const char *setting, char *err,
                  size_t err_len);
/* Values that do not fit each other; call it after the last change. */
bool scenario_check(const struct scenario *s, char *err, size_t err_len);
/* Can every program be opened? One line in err if not. */
bool scenario_check_programs(const struct scenario *s, char *err, size_t err_len);

const char *scenario_name(const struct scenario *s);
const char *scenario_path(const struct scenario *s); /* for messages: its file */
size_t scenario_archs(const struct scenario *s, enum mmu_arch out[MMU_ARCH_COUNT]);
/* The machine of one architecture; strings in it live as long as the scenario. */
void scenario_config(const struct scenario *s, enum mmu_arch arch, struct machine_config *out);
bool scenario_add_programs(const struct scenario *s, struct machine *m, char *err, size_t err_len);
uint64_t scenario_interval_us(const struct scenario *s); /* view.interval */
/* The least value asked for metric `index` (observer/metric.h); 0: none. */
uint64_t scenario_expect(const struct scenario *s, size_t index);

uint64_t scenario_expect_max(const struct scenario *s, size_t index); /* the most */

/* "machine.memory" and its value as it would be written; false past the last key. For result.json
 * and the documentation. */
bool scenario_key(const struct scenario *s, size_t index, char *name, size_t name_len, char *value,
                  size_t value_len);
void scenario_print_keys(FILE *out); /* the table of docs/scenario.md */

const char *scenario_arch_name(enum mmu_arch arch); /* "x86", "arm", "riscv" */
bool scenario_parse_archs(const char *text, bool out[MMU_ARCH_COUNT]);

#endif

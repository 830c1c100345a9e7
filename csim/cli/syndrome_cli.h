/* SPDX-License-Identifier: Apache-2.0
 * The parts of `cowalk syndrome`. */
#ifndef COWALK_CLI_SYNDROME_CLI_H
#define COWALK_CLI_SYNDROME_CLI_H

#include <stddef.h>
#include <stdio.h>

#include "syndrome/fields.h"

/* "name=value" words into registers, or into a fault. 0, or -1 with one line in err. */
int syndrome_parse_regs(enum syn_arch arch, const char *const *words, struct syn_regs *out,
                        char *err, size_t room);
int syndrome_parse_fault(const char *const *words, struct syn_fault *out, char *err, size_t room);
/* "mbec,advanced,sss" of x86, "gmet" of amd, "tge" of arm64; NULL: none. */
int syndrome_parse_settings(enum syn_arch arch, const char *list, uint32_t *out, char *err,
                            size_t room);
/* For messages: the causes that an architecture's registers can tell, in one line; NULL if this is
 * one. */
const char *syndrome_cause_list(enum syn_arch arch, uint8_t cause, char *text, size_t room);
/* The registers of an architecture in one line, for messages. */
const char *syndrome_reg_list(enum syn_arch arch, char *text, size_t room);

/* Registers with every field, and what they mean. */
void syndrome_show(FILE *out, enum syn_arch arch, const struct syn_regs *regs);
int syndrome_show_json(FILE *out, enum syn_arch arch, const struct syn_regs *regs);

enum syndrome_format { SYNDROME_TEXT, SYNDROME_MARKDOWN, SYNDROME_HEADER };
void syndrome_tables(FILE *out, enum syn_arch arch, enum syndrome_format format);

#endif

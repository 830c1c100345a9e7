/* SPDX-License-Identifier: Apache-2.0
 * The two outputs of `cowalk translate`: a story for people, a JSON line for machines. */
#ifndef COWALK_TRANSLATE_STORY_H
#define COWALK_TRANSLATE_STORY_H

#include <stdio.h>

#include "translate/session.h"

void story_print(FILE *out, const struct translation *t);
/* 0, or -1 if out of memory. */
int story_print_json(FILE *out, const struct translation *t);

#endif

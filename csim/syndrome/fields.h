/* SPDX-License-Identifier: Apache-2.0
 * The fields of the syndrome registers with their names and manual sections, for people: written
 * apart from the decoder's constants, so that a test can hold one against the other. */
#ifndef COWALK_SYNDROME_FIELDS_H
#define COWALK_SYNDROME_FIELDS_H

#include <stddef.h>

#include "syndrome/syndrome.h"

struct syn_value {
  uint64_t value;
  const char *text; /* NULL ends a list */
};

struct syn_field {
  uint8_t reg, hi, lo;
  const char *name; /* NULL ends a list */
  const char *meaning;
  const struct syn_value *values; /* or NULL */
  uint64_t when, is;              /* it is there if (register & when) == is */
};

/* One kind of event. */
struct syn_layout {
  enum syn_arch arch;
  const char *name, *title, *section;
  const struct syn_field *fields;
};

/* A register as the command line names it. */
struct syn_reg_name {
  enum syn_arch arch;
  const char *name;
  uint8_t reg;
  uint8_t taker; /* what the name tells of enum syn_taker */
  const char *what, *section;
};

extern const struct syn_layout syn_layouts_x86[], syn_layouts_amd[], syn_layouts_arm64[],
    syn_layouts_riscv[];                          /* each ends with name == NULL */
extern const struct syn_reg_name syn_reg_names[]; /* ends with name == NULL */

/* All layouts of an architecture. */
const struct syn_layout *syn_layouts(enum syn_arch arch);
/* The layout that these registers have; NULL if they tell no memory fault. */
const struct syn_layout *syn_layout_of(enum syn_arch arch, const struct syn_regs *regs);
bool syn_field_there(const struct syn_field *field, uint64_t value);
uint64_t syn_field_mask(const struct syn_field *field);
uint64_t syn_field_get(const struct syn_field *field, uint64_t value);
/* What this value of the field means; "" if the table has no word for it. */
const char *syn_value_text(const struct syn_field *field, uint64_t value);
/* The register's name; the one for this taker if there are several. */
const struct syn_reg_name *syn_reg_name(enum syn_arch arch, unsigned reg, uint8_t taker);

const char *syn_arch_name(enum syn_arch arch);
const char *syn_cause_name(uint8_t cause);
const char *syn_taker_name(uint8_t taker);

#endif

// SPDX-License-Identifier: Apache-2.0
// The field tables of `cowalk syndrome table`: text, Markdown, or a C header.
#include <ctype.h>

#include "cli/syndrome_cli.h"

static const char *bits_of(const struct syn_field *f, char *text, size_t room) {
  if (f->hi == f->lo)
    snprintf(text, room, "%u", f->hi);
  else
    snprintf(text, room, "%u:%u", f->hi, f->lo);
  return text;
}

static const char *reg_of(const struct syn_layout *layout, const struct syn_field *f) {
  uint8_t taker = SYN_TAKER_UNKNOWN;
  if (layout->arch == SYN_RISCV) {
    const long at = layout - syn_layouts(SYN_RISCV);
    taker = at == 0 ? SYN_HYPERVISOR : at == 1 ? SYN_GUEST : SYN_FIRMWARE;
  }
  return syn_reg_name(layout->arch, f->reg, taker)->name;
}

static void text_table(FILE *out, const struct syn_layout *layout) {
  char bits[16];
  fprintf(out, "%s: %s  [%s]\n", syn_arch_name(layout->arch), layout->title, layout->section);
  for (const struct syn_field *f = layout->fields; f->name != NULL; f++) {
    fprintf(out, "  %-9s %5s  %-11s %s", reg_of(layout, f), bits_of(f, bits, sizeof bits), f->name,
            f->meaning);
    if (f->when != 0)
      fprintf(out, " (if the register & 0x%llx is 0x%llx)", (unsigned long long)f->when,
              (unsigned long long)f->is);
    fputc('\n', out);
    for (const struct syn_value *v = f->values; v != NULL && v->text != NULL; v++)
      fprintf(out, "    0x%-6llx %s\n", (unsigned long long)v->value, v->text);
  }
  fputc('\n', out);
}

static void markdown_table(FILE *out, const struct syn_layout *layout) {
  char bits[16];
  fprintf(out,
          "## %s: %s\n\n%s\n\n| register | bits | field | meaning |\n| --- | --- | --- | --- |\n",
          syn_arch_name(layout->arch), layout->title, layout->section);
  for (const struct syn_field *f = layout->fields; f->name != NULL; f++)
    fprintf(out, "| %s | %s | %s | %s |\n", reg_of(layout, f), bits_of(f, bits, sizeof bits),
            f->name, f->meaning);
  for (const struct syn_field *f = layout->fields; f->name != NULL; f++) {
    if (f->values == NULL) continue;
    fprintf(out, "\n| %s.%s | meaning |\n| --- | --- |\n", reg_of(layout, f), f->name);
    for (const struct syn_value *v = f->values; v->text != NULL; v++)
      fprintf(out, "| 0x%llx | %s |\n", (unsigned long long)v->value, v->text);
  }
  fputc('\n', out);
}

static void upper(FILE *out, const char *text) {
  for (; *text != '\0'; text++)
    fputc(isalnum((unsigned char)*text) ? toupper((unsigned char)*text) : '_', out);
}

static void header_name(FILE *out, const struct syn_layout *layout, const struct syn_field *f) {
  fputs("#define SYN_", out);
  upper(out, syn_arch_name(layout->arch));
  fputc('_', out);
  upper(out, layout->name);
  fputc('_', out);
  upper(out, reg_of(layout, f));
  fputc('_', out);
  upper(out, f->name);
}

static void header_table(FILE *out, const struct syn_layout *layout) {
  fprintf(out, "\n/* %s: %s. %s. */\n", syn_arch_name(layout->arch), layout->title,
          layout->section);
  for (const struct syn_field *f = layout->fields; f->name != NULL; f++) {
    header_name(out, layout, f);
    fprintf(out, " 0x%llxull /* %s */\n", (unsigned long long)syn_field_mask(f), f->meaning);
    for (const struct syn_value *v = f->values; v != NULL && v->text != NULL; v++) {
      header_name(out, layout, f);
      fputc('_', out);
      upper(out, v->text);
      const uint64_t in_place = v->value << f->lo;
      fprintf(out, " 0x%llxull\n", (unsigned long long)in_place);
    }
  }
}

void syndrome_tables(FILE *out, enum syn_arch arch, enum syndrome_format format) {
  for (const struct syn_layout *l = syn_layouts(arch); l->name != NULL; l++) {
    if (format == SYNDROME_TEXT) text_table(out, l);
    if (format == SYNDROME_MARKDOWN) markdown_table(out, l);
    if (format == SYNDROME_HEADER) header_table(out, l);
  }
}

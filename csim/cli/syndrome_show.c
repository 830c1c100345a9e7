// SPDX-License-Identifier: Apache-2.0
// Prints registers field by field, and what they mean; or the same as one JSON object.
// Promises: 64-bit values are hexadecimal strings in JSON; a part that is not told is left out.
#include <cjson/cJSON.h>
#include <stdlib.h>

#include "cli/syndrome_cli.h"

static const char *const levels_told[] = {"unknown", "no", "yes"};

static unsigned long long wide(uint64_t v) {
  return v;
}

static const char *access_name(uint8_t access) {
  if (access == SYN_FETCH) return "fetch";
  if (access == (SYN_READ | SYN_WRITE)) return "read+write";
  return access == SYN_WRITE ? "write" : access == SYN_READ ? "read" : "unknown";
}

static void print_field(FILE *out, const struct syn_field *f, uint64_t value, uint64_t undefined) {
  const uint64_t n = syn_field_get(f, value);
  const char *text = syn_value_text(f, n);
  char bits[16];
  if (f->hi == f->lo)
    snprintf(bits, sizeof bits, "%u", f->hi);
  else
    snprintf(bits, sizeof bits, "%u:%u", f->hi, f->lo);
  fprintf(out, "  %5s  %-11s ", bits, f->name);
  fprintf(out, f->hi - f->lo < 3 ? "%-4llu  " : "0x%-2llx  ", wide(n));
  fprintf(out, "%s%s%s", f->meaning, text[0] != '\0' ? ": " : "", text);
  fputs((undefined & syn_field_mask(f)) != 0 ? "  (undefined here)\n" : "\n", out);
}

static void print_register(FILE *out, const struct syn_layout *layout,
                           const struct syn_reg_name *name, uint64_t value, uint64_t undefined,
                           uint64_t odd) {
  fprintf(out, "%s = 0x%llx  %s  [%s]\n", name->name, wide(value), name->what, name->section);
  for (const struct syn_field *f = layout->fields; f->name != NULL; f++)
    if (f->reg == name->reg && syn_field_there(f, value)) print_field(out, f, value, undefined);
  if (undefined == UINT64_MAX) fprintf(out, "         not defined for this fault\n");
  if (odd != 0) fprintf(out, "         the manual does not allow bits 0x%llx here\n", wide(odd));
}

static void print_address(FILE *out, const char *name, const struct syn_address *a) {
  if (a->known == 0)
    fprintf(out, "  %-11s not told\n", name);
  else if (a->known == UINT64_MAX)
    fprintf(out, "  %-11s 0x%llx\n", name, wide(a->value));
  else
    fprintf(out, "  %-11s 0x%llx, of which 0x%llx holds\n", name, wide(a->value), wide(a->known));
}

static void print_operand(FILE *out, enum syn_arch arch, const struct syn_fault *f) {
  struct syn_operand o;
  if (!syn_operand(arch, f, &o)) return;
  fprintf(out, "  %-11s %s of %u byte%s, %sregister %u%s%s%s\n", "operand",
          o.store ? "store" : "load", 1u << o.size, o.size == 0 ? "" : "s",
          o.floating ? "floating-point " : "", o.reg, o.sign ? ", sign-extended" : "",
          !o.wide ? ", 32 bits" : "", o.ordered ? ", ordered" : "");
}

static void print_fault(FILE *out, const struct syn_fault *f) {
  fprintf(out, "meaning\n  %-11s %s\n", "cause", syn_cause_name(f->cause));
  if (f->stage == 0)
    fprintf(out, "  %-11s unknown\n", "stage");
  else
    fprintf(out, "  %-11s %u\n", "stage", f->stage);
  if (f->level == SYN_LEVEL_UNKNOWN)
    fprintf(out, "  %-11s unknown\n", "level");
  else
    fprintf(out, "  %-11s %d\n", "level", f->level);
  fprintf(out, "  %-11s %s\n", "access", access_name(f->access));
  fprintf(out, "  %-11s %s\n", "on-walk", levels_told[f->on_walk]);
  fprintf(out, "  %-11s %s\n", "update", levels_told[f->update]);
  fprintf(out, "  %-11s %s\n", "user", levels_told[f->user]);
  fprintf(out, "  %-11s %s\n", "from-guest", levels_told[f->from_guest]);
  fprintf(out, "  %-11s %s\n", "taker", syn_taker_name(f->taker));
  print_address(out, "va", &f->va);
  print_address(out, "gpa", &f->gpa);
}

void syndrome_show(FILE *out, enum syn_arch arch, const struct syn_regs *regs) {
  const struct syn_layout *layout = syn_layout_of(arch, regs);
  struct syn_fault f;
  struct syn_masks masks;
  if (layout == NULL || syn_decode(arch, regs, &f, &masks) == SYN_NOT_FAULT) return;
  fprintf(out, "%s  [%s]\n", layout->title, layout->section);
  for (unsigned r = 0; r < SYN_REGS; r++)
    if ((regs->given >> r & 1) != 0)
      print_register(out, layout, syn_reg_name(arch, r, regs->taker), regs->value[r],
                     masks.undefined[r], masks.odd[r]);
  print_fault(out, &f);
  print_operand(out, arch, &f);
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void hex(cJSON *object, const char *name, uint64_t value) {
  char text[24];
  snprintf(text, sizeof text, "0x%llx", wide(value));
  cJSON_AddStringToObject(object, name, text);
}

static void json_fields(cJSON *reg, const struct syn_layout *layout, unsigned number,
                        uint64_t value) {
  cJSON *list = cJSON_AddArrayToObject(reg, "fields");
  for (const struct syn_field *f = layout->fields; f->name != NULL; f++) {
    if (f->reg != number || !syn_field_there(f, value)) continue;
    cJSON *field = cJSON_CreateObject();
    const char *text = syn_value_text(f, syn_field_get(f, value));
    cJSON_AddStringToObject(field, "name", f->name);
    cJSON_AddNumberToObject(field, "hi", f->hi);
    cJSON_AddNumberToObject(field, "lo", f->lo);
    hex(field, "value", syn_field_get(f, value));
    cJSON_AddStringToObject(field, "meaning", f->meaning);
    if (text[0] != '\0') cJSON_AddStringToObject(field, "text", text);
    cJSON_AddItemToArray(list, field);
  }
}

static void json_address(cJSON *object, const char *name, const struct syn_address *a) {
  if (a->known == 0) return;
  cJSON *address = cJSON_AddObjectToObject(object, name);
  hex(address, "value", a->value);
  hex(address, "known", a->known);
}

static void json_told(cJSON *object, const char *name, uint8_t told) {
  if (told != SYN_UNKNOWN) cJSON_AddBoolToObject(object, name, told == SYN_YES);
}

static void json_fault(cJSON *object, const struct syn_fault *f) {
  cJSON_AddStringToObject(object, "cause", syn_cause_name(f->cause));
  if (f->stage != 0) cJSON_AddNumberToObject(object, "stage", f->stage);
  if (f->level != SYN_LEVEL_UNKNOWN) cJSON_AddNumberToObject(object, "level", f->level);
  if (f->access != 0) cJSON_AddStringToObject(object, "access", access_name(f->access));
  if (f->taker != SYN_TAKER_UNKNOWN)
    cJSON_AddStringToObject(object, "taker", syn_taker_name(f->taker));
  json_told(object, "on_walk", f->on_walk);
  json_told(object, "update", f->update);
  json_told(object, "user", f->user);
  json_told(object, "from_guest", f->from_guest);
  json_told(object, "from_lower", f->from_lower);
  json_told(object, "guest_va", f->guest_va);
  json_address(object, "va", &f->va);
  json_address(object, "gpa", &f->gpa);
  hex(object, "detail", f->detail);
  if (f->instruction != 0) hex(object, "instruction", f->instruction);
}

static void json_operand(cJSON *object, enum syn_arch arch, const struct syn_fault *f) {
  struct syn_operand o;
  if (!syn_operand(arch, f, &o)) return;
  cJSON *operand = cJSON_AddObjectToObject(object, "operand");
  cJSON_AddBoolToObject(operand, "store", o.store);
  cJSON_AddNumberToObject(operand, "bytes", 1u << o.size);
  cJSON_AddNumberToObject(operand, "register", o.reg);
  cJSON_AddBoolToObject(operand, "sign", o.sign);
  cJSON_AddBoolToObject(operand, "wide", o.wide);
  cJSON_AddBoolToObject(operand, "floating", o.floating);
  cJSON_AddBoolToObject(operand, "ordered", o.ordered);
}

int syndrome_show_json(FILE *out, enum syn_arch arch, const struct syn_regs *regs) {
  const struct syn_layout *layout = syn_layout_of(arch, regs);
  struct syn_fault f;
  struct syn_masks masks;
  if (layout == NULL || syn_decode(arch, regs, &f, &masks) == SYN_NOT_FAULT) return -1;
  cJSON *root = cJSON_CreateObject();
  cJSON_AddStringToObject(root, "arch", syn_arch_name(arch));
  cJSON_AddStringToObject(root, "event", layout->title);
  cJSON_AddStringToObject(root, "section", layout->section);
  cJSON *list = cJSON_AddObjectToObject(root, "registers");
  for (unsigned r = 0; r < SYN_REGS; r++) {
    if ((regs->given >> r & 1) == 0) continue;
    cJSON *reg = cJSON_AddObjectToObject(list, syn_reg_name(arch, r, regs->taker)->name);
    hex(reg, "value", regs->value[r]);
    hex(reg, "undefined", masks.undefined[r]);
    hex(reg, "odd", masks.odd[r]);
    json_fields(reg, layout, r, regs->value[r]);
  }
  cJSON *fault = cJSON_AddObjectToObject(root, "fault");
  json_fault(fault, &f);
  json_operand(fault, arch, &f);
  char *text = cJSON_PrintUnformatted(root);
  cJSON_Delete(root);
  if (text == NULL) return -1;
  fprintf(out, "%s\n", text);
  free(text);
  return 0;
}

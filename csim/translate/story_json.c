// SPDX-License-Identifier: Apache-2.0
// Prints what one access did as one JSON object a line, for machines. The keys are documented in
// docs/translate.md. Promises: the same translation gives the same bytes; 64-bit values are
// hexadecimal strings; without a stage 2 there is no key of one.
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "translate/describe_s2.h"
#include "translate/story.h"

static unsigned long long wide(uint64_t v) {
  return v;
}

static void add_hex(cJSON *to, const char *key, uint64_t v) {
  char text[24];
  snprintf(text, sizeof text, "0x%llx", wide(v));
  cJSON_AddStringToObject(to, key, text);
}

static void add_number(cJSON *to, const char *key, uint64_t v) {
  cJSON_AddNumberToObject(to, key, (double)v);
}

static void add_walk(cJSON *top, const struct translation *t) {
  cJSON *walk = cJSON_AddArrayToObject(top, "walk");
  for (size_t i = 0; i < t->steps; i++) {
    const struct translation_step *p = &t->step[i];
    cJSON *one = cJSON_CreateObject();
    cJSON_AddStringToObject(one, "op", p->swap ? "cas" : "read");
    if (t->ctx.s2_mode >= MMU_S2_EPT) add_number(one, "stage", p->stage);
    add_number(one, "level", p->level);
    add_hex(one, "addr", p->addr);
    if (p->error != MMU_MEM_OK)
      cJSON_AddStringToObject(one, "error", describe_memory_error(p->error));
    else
      add_hex(one, "value", p->value);
    if (p->swap) {
      add_hex(one, "new", p->desired);
      cJSON_AddBoolToObject(one, "done", p->ok);
    }
    cJSON_AddItemToArray(walk, one);
  }
  cJSON *changed = cJSON_AddArrayToObject(top, "changed");
  for (size_t i = 0; i < t->steps; i++) {
    const struct translation_step *p = &t->step[i];
    if (!p->swap || !p->ok || p->error != MMU_MEM_OK) continue;
    cJSON *one = cJSON_CreateObject();
    add_hex(one, "addr", p->addr);
    add_hex(one, "old", p->value);
    add_hex(one, "new", p->desired);
    cJSON_AddItemToArray(changed, one);
  }
}

static void add_fault(cJSON *top, const struct translation *t) {
  const struct mmu_response *r = &t->response;
  cJSON *syndrome = cJSON_AddObjectToObject(top, "syndrome");
  for (size_t i = 0; i < 4; i++) {
    const char *name = r->syndrome.to_hyp ? describe_exit_register(t->arch, t->ctx.s2_mode, i)
                                          : describe_register(t->arch, i);
    if (name != NULL) add_hex(syndrome, name, r->syndrome.reg[i]);
  }
  if (t->ctx.s2_mode >= MMU_S2_EPT)
    cJSON_AddStringToObject(top, "taker", r->syndrome.to_hyp ? "hypervisor" : "guest");
  if (r->syndrome.to_hyp && t->arch == MMU_ARCH_RISCV)
    cJSON_AddBoolToObject(syndrome, "gva", r->syndrome.gva);
  cJSON *debug = cJSON_AddObjectToObject(top, "debug");
  cJSON_AddStringToObject(debug, "cause", describe_cause(r->fault.cause));
  add_number(debug, "level", r->fault.s1_level);
  cJSON_AddBoolToObject(debug, "on_walk", r->fault.on_walk);
  cJSON_AddBoolToObject(debug, "on_ad_write", r->fault.on_ad_write);
  if (t->ctx.s2_mode < MMU_S2_EPT) return;
  add_number(debug, "stage", r->fault.stage2 ? 2 : 1);
  if (!r->fault.stage2) return;
  add_number(debug, "s2_level", r->fault.s2_level);
  add_number(debug, "s2_rights", r->fault.s2_rights);
  add_hex(debug, "gpa", r->fault.gpa);
}

int story_print_json(FILE *out, const struct translation *t) {
  static const char *const status[] = {"ok", "fault", "retry"};
  static const char *const arch[] = {"x86", "arm", "riscv"};
  const struct mmu_response *r = &t->response;
  cJSON *top = cJSON_CreateObject();
  cJSON_AddStringToObject(top, "case", t->case_name);
  add_number(top, "line", t->line);
  cJSON_AddStringToObject(top, "arch", arch[t->arch]);
  cJSON_AddStringToObject(top, "access", describe_kind(t->access.kind));
  cJSON_AddStringToObject(top, "privilege", t->priv == MMU_USER ? "user" : "supervisor");
  add_hex(top, "va", t->va);
  add_number(top, "bytes", UINT64_C(1) << t->access.size);
  cJSON_AddStringToObject(top, "status", r->status < 3 ? status[r->status] : "unknown");
  if (r->status == MMU_OK) {
    add_hex(top, "pa", r->pa);
    add_number(top, "page_shift", r->s1_shift);
    add_number(top, "attrs", r->attrs);
    if (t->ctx.s2_mode >= MMU_S2_EPT) {
      add_number(top, "s2_page_shift", r->s2_shift);
      add_number(top, "s2_attrs", r->s2_attrs);
    }
    cJSON_AddBoolToObject(top, "hit", r->hit);
    cJSON_AddBoolToObject(top, "l2", r->l2);
  } else if (r->status == MMU_FAULT) {
    add_fault(top, t);
  }
  add_number(top, "cycles", t->cycles);
  add_number(top, "reads", t->reads);
  add_number(top, "writes", t->swaps);
  if (t->dropped > 0) add_number(top, "walk_dropped", t->dropped);
  add_walk(top, t);
  char *text = cJSON_PrintUnformatted(top);
  cJSON_Delete(top);
  if (text == NULL) return -1;
  fprintf(out, "%s\n", text);
  free(text);
  return 0;
}

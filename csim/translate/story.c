// SPDX-License-Identifier: Apache-2.0
// Prints what one access did: the walk as a story, or one JSON object a line.
// The keys of the JSON are documented in docs/translate.md.
// Promises: the same translation gives the same bytes; 64-bit values are hexadecimal strings.
#include "translate/story.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "translate/describe.h"

static unsigned long long wide(uint64_t v) {
  return v;
}

/* ---- for people --------------------------------------------------------------------------- */

static uint8_t top_level(const struct translation *t) {
  switch (t->ctx.s1_mode) {
    case MMU_S1_SV39:
      return 2;
    case MMU_S1_X86_L5:
    case MMU_S1_SV57:
      return 4;
    default:
      return 3;
  }
}

static void print_step(FILE *out, const struct translation *t, const struct translation_step *p) {
  char text[DESCRIBE_ROOM];
  if (p->error != MMU_MEM_OK) {
    fprintf(out, "    level %u  %-13s at 0x%llx: memory answers %s%s\n", p->level,
            describe_level(t->arch, p->level), wide(p->addr), describe_memory_error(p->error),
            p->swap ? " to the A/D write" : "");
  } else if (!p->swap) {
    fprintf(out, "    level %u  %-13s at 0x%llx = 0x%016llx  %s\n", p->level,
            describe_level(t->arch, p->level), wide(p->addr), wide(p->value),
            describe_descriptor(text, t->arch, p->level, p->value));
  } else if (p->ok) {
    fprintf(out, "             A/D write     at 0x%llx = 0x%016llx  %s\n", wide(p->addr),
            wide(p->desired), describe_change(text, t->arch, p->value, p->desired));
  } else {
    fprintf(out, "             A/D write     at 0x%llx lost: found 0x%016llx\n", wide(p->addr),
            wide(p->value));
  }
}

static void print_cost(FILE *out, const struct translation *t) {
  fprintf(out, "; %llu read%s, %llu write%s, %llu cycle%s\n", wide(t->reads),
          t->reads == 1 ? "" : "s", wide(t->swaps), t->swaps == 1 ? "" : "s", wide(t->cycles),
          t->cycles == 1 ? "" : "s");
}

static void print_result(FILE *out, const struct translation *t) {
  const struct mmu_response *r = &t->response;
  char text[DESCRIBE_ROOM];
  if (r->status == MMU_OK) {
    fprintf(out, "    -> 0x%llx", wide(r->pa));
    if (t->ctx.s1_mode != MMU_S1_OFF)
      fprintf(out, ", %s, attributes 0x%x", describe_page(text, t->arch, r->s1_shift), r->attrs);
    print_cost(out, t);
  } else if (r->status == MMU_FAULT) {
    const struct mmu_fault *f = &r->fault;
    fprintf(out, "    -> fault: %s, level %u%s%s", describe_cause(f->cause), f->s1_level,
            f->on_walk ? ", on a table read" : "", f->on_ad_write ? ", on the A/D write" : "");
    print_cost(out, t);
    fprintf(out, "       %s\n", describe_syndrome(text, t->arch, &r->syndrome));
  } else {
    fprintf(out, "    -> ask again");
    print_cost(out, t);
  }
}

void story_print(FILE *out, const struct translation *t) {
  static const char *const arch[] = {"x86-64", "Armv8-A", "RISC-V"};
  char text[DESCRIBE_ROOM];
  fprintf(out, "  line %u: %s %s %s 0x%llx, %u byte%s\n", t->line, arch[t->arch],
          t->priv == MMU_USER ? "user" : "supervisor", describe_kind(t->access.kind), wide(t->va),
          1u << t->access.size, t->access.size == 0 ? "" : "s");
  fprintf(out, "    %s\n", describe_mode(text, t->arch, &t->ctx));
  if (t->steps > 0 && t->arch != MMU_ARCH_ARM && t->step[0].level < top_level(t))
    fprintf(out, "    page-walk cache: the walk starts at level %u\n", t->step[0].level);
  if (t->steps == 0 && t->response.status == MMU_OK && t->ctx.s1_mode != MMU_S1_OFF)
    fprintf(out, "    answered by the %sTLB\n", t->response.l2 ? "L2 " : "");
  for (size_t i = 0; i < t->steps; i++)
    print_step(out, t, &t->step[i]);
  if (t->dropped > 0) fprintf(out, "    ... %zu more table accesses\n", t->dropped);
  print_result(out, t);
}

/* ---- for machines ------------------------------------------------------------------------- */

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
  for (size_t i = 0; i < 4; i++)
    if (describe_register(t->arch, i) != NULL)
      add_hex(syndrome, describe_register(t->arch, i), r->syndrome.reg[i]);
  cJSON *debug = cJSON_AddObjectToObject(top, "debug");
  cJSON_AddStringToObject(debug, "cause", describe_cause(r->fault.cause));
  add_number(debug, "level", r->fault.s1_level);
  cJSON_AddBoolToObject(debug, "on_walk", r->fault.on_walk);
  cJSON_AddBoolToObject(debug, "on_ad_write", r->fault.on_ad_write);
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

// SPDX-License-Identifier: Apache-2.0
// Prints what one access did: the walk as a story, for people.
// Promises: the same translation gives the same bytes.
#include "translate/story.h"

#include "translate/asking.h"
#include "translate/describe_s2.h"

static unsigned long long wide(uint64_t v) {
  return v;
}

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

static bool two_stages(const struct translation *t) {
  return t->ctx.s2_mode >= MMU_S2_EPT;
}

/* A step of stage 2, set in under the question it is for. */
static void print_nested(FILE *out, const struct translation *t, const struct translation_step *p) {
  const uint8_t mode = t->ctx.s2_mode;
  char text[DESCRIBE_ROOM];
  if (p->error != MMU_MEM_OK)
    fprintf(out, "      level %u  %-13s at 0x%llx: memory answers %s%s\n", p->level,
            describe_s2_level(mode, p->level), wide(p->addr), describe_memory_error(p->error),
            p->swap ? " to the A/D write" : "");
  else if (!p->swap)
    fprintf(out, "      level %u  %-13s at 0x%llx = 0x%016llx  %s\n", p->level,
            describe_s2_level(mode, p->level), wide(p->addr), wide(p->value),
            describe_s2_descriptor(text, mode, p->level, p->value));
  else if (p->ok)
    fprintf(out, "               A/D write     at 0x%llx = 0x%016llx  %s\n", wide(p->addr),
            wide(p->desired), describe_s2_change(text, mode, p->value, p->desired));
  else
    fprintf(out, "               A/D write     at 0x%llx lost: found 0x%016llx\n", wide(p->addr),
            wide(p->value));
}

/* What stage 2 is asked for now. */
static void print_question(FILE *out, const struct asking *a, const char *then) {
  const enum mmu_arch arch = a->t->arch;
  if (a->about == RULES_ABOUT_FINAL)
    fprintf(out, "    stage 2: where is the page");
  else
    fprintf(out, "    stage 2: %s the %s",
            a->about == RULES_ABOUT_SWAP ? "may A or D be set in" : "where is",
            describe_level(arch, a->level));
  if (a->known) fprintf(out, ", guest-physical 0x%llx", wide(a->gpa));
  fprintf(out, "?%s\n", then);
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

static void print_fault(FILE *out, const struct translation *t, const struct mmu_fault *f) {
  char text[DESCRIBE_ROOM];
  if (f->stage2)
    fprintf(out, "    -> fault of stage 2: %s, level %u, guest-physical 0x%llx%s%s, rights %s",
            describe_cause(f->cause), f->s2_level, wide(f->gpa),
            f->on_walk ? ", for a table of stage 1" : "",
            f->on_ad_write ? ", for the A/D write of stage 1" : "",
            describe_s2_rights(text, f->s2_rights));
  else
    fprintf(out, "    -> fault: %s, level %u%s%s", describe_cause(f->cause), f->s1_level,
            f->on_walk ? ", on a table read" : "", f->on_ad_write ? ", on the A/D write" : "");
  if (two_stages(t))
    fprintf(out, ", for the %s", t->response.syndrome.to_hyp ? "hypervisor" : "guest");
}

/* The steps of both stages, each walk of stage 2 under its question. */
static void print_two_stages(FILE *out, const struct translation *t) {
  struct asking a;
  bool walked = false; /* stage 2, since the last step of stage 1 */
  asking_begin(&a, t);
  for (size_t i = 0; i < t->steps; i++) {
    const struct translation_step *p = &t->step[i];
    if (asking_starts(&a, p)) print_question(out, &a, "");
    if (p->stage == 2) {
      print_nested(out, t, p);
      walked = true;
      continue;
    }
    if (!p->swap && p->level != a.level) {
      fprintf(out, "    walk cache: stage 1 goes on at level %u\n", p->level);
      a.level = p->level;
      a.known = false;
    }
    if (!walked) print_question(out, &a, " It is known");
    print_step(out, t, p);
    asking_after(&a, p);
    walked = false;
  }
  if (t->response.status == MMU_OK && t->steps != 0 && !walked)
    print_question(out, &a, " It is known");
}

static void print_result(FILE *out, const struct translation *t) {
  const struct mmu_response *r = &t->response;
  char text[DESCRIBE_ROOM];
  if (r->status == MMU_OK) {
    fprintf(out, "    -> 0x%llx", wide(r->pa));
    if (t->ctx.s1_mode != MMU_S1_OFF)
      fprintf(out, ", %s, attributes 0x%x", describe_page(text, t->arch, r->s1_shift), r->attrs);
    if (two_stages(t))
      fprintf(out, "; stage 2: %s, attributes 0x%x", describe_page(text, t->arch, r->s2_shift),
              r->s2_attrs);
    print_cost(out, t);
  } else if (r->status == MMU_FAULT) {
    print_fault(out, t, &r->fault);
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
  if (two_stages(t)) fprintf(out, "    %s\n", describe_s2_mode(text, &t->ctx));
  if (t->steps > 0 && !two_stages(t) && t->arch != MMU_ARCH_ARM && t->step[0].level < top_level(t))
    fprintf(out, "    page-walk cache: the walk starts at level %u\n", t->step[0].level);
  if (t->steps == 0 && t->response.status == MMU_OK &&
      (t->ctx.s1_mode != MMU_S1_OFF || two_stages(t)))
    fprintf(out, "    answered by the %sTLB\n", t->response.l2 ? "L2 " : "");
  if (two_stages(t))
    print_two_stages(out, t);
  else
    for (size_t i = 0; i < t->steps; i++)
      print_step(out, t, &t->step[i]);
  if (t->dropped > 0) fprintf(out, "    ... %zu more table accesses\n", t->dropped);
  print_result(out, t);
}

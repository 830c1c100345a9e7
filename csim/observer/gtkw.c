// SPDX-License-Identifier: Apache-2.0
// GTKWave save files (GTKWave manual, chapter 6 and its save-file keys) for the hardware's FST.
// Signal names are those of rtl/mmu_pins.sv and rtl/walk/s1_walker.sv.
// Promises: the same view gives the same bytes; nothing but these small files is written.
#include "observer/gtkw.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PINS "mmu.mmu_pins."
#define WALKER PINS "u_mmu.u_s1_walker."
#define S2_WALKER PINS "u_mmu.u_s2_walker."

enum { RED = 1, ORANGE = 2, YELLOW = 3, GREEN = 4, VIOLET = 7 }; /* GTKWave's numbers */

/* One value and its name; values as GTKWave shows them, in hexadecimal. */
struct name {
  const char *value, *text;
};

/* Walk states, rtl/walk/s1_walker.sv. A leading ?color? paints the box. */
static const struct name state_names[] = {
    {"0", "idle"},          {"1", "?blue4?READ"},        {"2", "?purple4?UPDATE A/D"},
    {"3", "ask stage 2"},   {"8", "?dark green?root"},   {"9", "?dark green?chk"},
    {"A", "got"},           {"B", "stage 2 done"},       {"C", "?dark green?FILL"},
    {"D", "?dark red?FLT"}, {"E", "?dark orange?retry"}, {NULL, NULL}};
/* States, questions and answers of stage 2, rtl/walk/s2_walker.sv. */
static const struct name s2_state_names[] = {{"0", "idle"},
                                             {"1", "?blue4?READ"},
                                             {"2", "?purple4?UPDATE A/D"},
                                             {"4", "?dark green?look"},
                                             {"5", "?dark green?chk"},
                                             {"6", "got"},
                                             {NULL, NULL}};
static const struct name about_names[] = {
    {"0", "a guest table"}, {"1", "its A/D"}, {"2", "the access"}, {NULL, NULL}};
static const struct name stage_names[] = {
    {"1", "?blue4?guest (1)"}, {"2", "?dark green?host (2)"}, {NULL, NULL}};
static const struct name level_names[] = {{"0", "0: 4 KiB"},   {"1", "1: 2 MiB"},
                                          {"2", "2: 1 GiB"},   {"3", "3: 512 GiB"},
                                          {"4", "4: 256 TiB"}, {NULL, NULL}};
static const struct name cause_names[] = {{"0", "-"},
                                          {"1", "?dark red?not present"},
                                          {"2", "?dark red?reserved bit"},
                                          {"3", "?dark red?permission"},
                                          {"4", "?dark red?access flag"},
                                          {"5", "?dark red?dirty flag"},
                                          {"6", "?dark red?address size"},
                                          {"7", "?dark red?not canonical"},
                                          {"8", "?dark red?root size"},
                                          {"9", "?dark red?root disabled"},
                                          {"A", "?dark red?bus error"},
                                          {"B", "?dark red?no atomics"},
                                          {"C", "?dark red?parity"},
                                          {"D", "?dark red?protection key"},
                                          {NULL, NULL}};
static const struct name kind_names[] = {
    {"0", "load"}, {"1", "store"}, {"2", "fetch"}, {"3", "read-modify-write"}, {NULL, NULL}};
static const struct name status_names[] = {
    {"0", "ok"}, {"1", "?dark red?FLT"}, {"2", "?dark orange?retry"}, {NULL, NULL}};
static const struct name error_names[] = {
    {"0", "-"}, {"1", "bus error"}, {"2", "no atomics"}, {"3", "parity"}, {NULL, NULL}};

struct filter {
  const char *suffix;
  const struct name *names;
};
enum {
  F_NONE,
  F_STATE,
  F_LEVEL,
  F_CAUSE,
  F_KIND,
  F_STATUS,
  F_ERROR,
  F_S2_STATE,
  F_ABOUT,
  F_STAGE,
  F_COUNT
};
static const struct filter filters[F_COUNT] = {
    [F_STATE] = {"states", state_names},          [F_LEVEL] = {"levels", level_names},
    [F_CAUSE] = {"causes", cause_names},          [F_KIND] = {"kinds", kind_names},
    [F_STATUS] = {"statuses", status_names},      [F_ERROR] = {"errors", error_names},
    [F_S2_STATE] = {"s2_states", s2_state_names}, [F_ABOUT] = {"questions", about_names},
    [F_STAGE] = {"stages", stage_names}};

struct writer {
  FILE *f;
  char stem[512]; /* path without .gtkw; filters are <stem>.<suffix>.txt */
};

static int write_filter(const char *stem, const struct filter *filter) {
  char path[600];
  snprintf(path, sizeof path, "%s.%s.txt", stem, filter->suffix);
  FILE *f = fopen(path, "w");
  if (f == NULL) return -1;
  for (const struct name *n = filter->names; n->value != NULL; n++)
    fprintf(f, "%s %s\n", n->value, n->text);
  return fclose(f) == 0 ? 0 : -1;
}

static void group(struct writer *w, const char *name, bool closed) {
  fprintf(w->f, closed ? "@c00200\n-%s\n" : "@800200\n-%s\n", name);
}
static void group_end(struct writer *w, const char *name, bool closed) {
  fprintf(w->f, closed ? "@1401200\n-%s\n" : "@1000200\n-%s\n", name);
}
static void text_row(struct writer *w, const char *text) {
  fprintf(w->f, "@200\n-%s\n", text);
}

/* One row: hexadecimal, or names by a filter, or one bit. */
static void row(struct writer *w, const char *label, const char *signal, unsigned filter,
                int color) {
  bool bit = strchr(signal, ':') == NULL;
  if (color != 0) fprintf(w->f, "[color] %d\n", color);
  if (filter != F_NONE)
    fprintf(w->f, "@2022\n^%u %s.%s.txt\n", filter, w->stem, filters[filter].suffix);
  else
    fprintf(w->f, bit ? "@28\n" : "@22\n");
  fprintf(w->f, "+{%s} %s\n", label, signal);
}

/* Rows of one port; `signal` follows the port's letter. */
struct port_row {
  const char *label, *signal;
  unsigned filter;
  int color;
};

static void port_rows(struct writer *w, char port, const struct port_row *rows, size_t count) {
  char signal[128];
  for (size_t i = 0; i < count; i++) {
    snprintf(signal, sizeof signal, PINS "%c_%s", port, rows[i].signal);
    row(w, rows[i].label, signal, rows[i].filter, rows[i].color);
  }
}

static void request_rows(struct writer *w, char port) {
  static const struct port_row rows[] = {{"asked", "req_valid_i", F_NONE, YELLOW},
                                         {"id", "req_tag_i[7:0]", F_NONE, 0},
                                         {"access", "req_kind_i[1:0]", F_KIND, 0},
                                         {"address", "req_va_i[63:0]", F_NONE, 0}};
  port_rows(w, port, rows, sizeof rows / sizeof *rows);
}

static void answer_rows(struct writer *w, char port) {
  static const struct port_row rows[] = {{"hit", "hit_valid_o", F_NONE, GREEN},
                                         {"hit: id", "hit_tag_o[7:0]", F_NONE, 0},
                                         {"hit: address", "hit_pa_o[55:0]", F_NONE, 0},
                                         {"from below", "miss_valid_o", F_NONE, ORANGE},
                                         {"below: id", "miss_tag_o[7:0]", F_NONE, 0},
                                         {"below: status", "miss_status_o[1:0]", F_STATUS, 0},
                                         {"below: address", "miss_pa_o[55:0]", F_NONE, 0}};
  port_rows(w, port, rows, sizeof rows / sizeof *rows);
}

/* A lane of one slot: rows of what `module` holds for each; the first in colour. */
struct slot_row {
  const char *label, *signal, *bits;
  unsigned filter;
};

static void slot_rows(struct writer *w, const char *name, const char *module, uint32_t slot,
                      const struct slot_row *rows, size_t count) {
  char signal[160];
  group(w, name, false);
  for (size_t i = 0; i < count; i++) {
    snprintf(signal, sizeof signal, "%s%s[%u]%s", module, rows[i].signal, slot, rows[i].bits);
    row(w, rows[i].label, signal, rows[i].filter, i == 0 ? VIOLET : 0);
  }
  group_end(w, name, false);
}

/* What a walk does, at which level, on which descriptor. */
static void walk_rows(struct writer *w, uint32_t slot) {
  static const struct slot_row rows[] = {{"does", "walk_state_q", "[3:0]", F_STATE},
                                         {"for id", "u_requests.tag_q", "[7:0]", F_NONE},
                                         {"level", "walk_level_q", "[2:0]", F_LEVEL},
                                         {"descriptor at", "walk_addr_q", "[55:0]", F_NONE},
                                         {"descriptor", "walk_pte_q", "[63:0]", F_NONE},
                                         {"fault", "walk_cause_q", "[3:0]", F_CAUSE}};
  char name[32];
  snprintf(name, sizeof name, "Walk %u", slot);
  slot_rows(w, name, WALKER, slot, rows, sizeof rows / sizeof *rows);
}

/* Its questions to stage 2. */
static void s2_rows(struct writer *w, uint32_t slot) {
  static const struct slot_row rows[] = {{"does", "s2_state_q", "[2:0]", F_S2_STATE},
                                         {"asked about", "s2_about_q", "[1:0]", F_ABOUT},
                                         {"guest-physical", "s2_gpa_q", "[63:0]", F_NONE},
                                         {"stage-2 level", "s2_level_q", "[2:0]", F_LEVEL},
                                         {"descriptor at", "s2_addr_q", "[51:0]", F_NONE},
                                         {"descriptor", "s2_pte_q", "[63:0]", F_NONE}};
  char name[32];
  snprintf(name, sizeof name, "Walk %u, stage 2", slot);
  slot_rows(w, name, S2_WALKER, slot, rows, sizeof rows / sizeof *rows);
}

static void memory_rows(struct writer *w, bool two_stages) {
  group(w, "Memory", false);
  if (two_stages) {
    row(w, "stage", PINS "mem_req_stage_o[1:0]", F_STAGE, 0);
    fprintf(w->f, "@24\n+{reads of this walk} " PINS "mem_req_reads_o[7:0]\n");
  }
  row(w, "read or swap", PINS "mem_req_valid_o", F_NONE, ORANGE);
  row(w, "swap", PINS "mem_req_cas_o", F_NONE, 0);
  row(w, "address", PINS "mem_req_addr_o[51:0]", F_NONE, 0);
  row(w, "answer", PINS "mem_rsp_valid_i", F_NONE, ORANGE);
  row(w, "value found", PINS "mem_rsp_old_i[63:0]", F_NONE, 0);
  row(w, "swapped", PINS "mem_rsp_ok_i", F_NONE, 0);
  row(w, "error", PINS "mem_rsp_error_i[1:0]", F_ERROR, 0);
  group_end(w, "Memory", false);
}

static void fault_rows(struct writer *w, enum mmu_arch arch, bool two_stages) {
  static const char *const registers[2][MMU_ARCH_COUNT][4] = {
      {{"vector", "error code", "CR2"}, {"ESR", "FAR"}, {"scause", "stval"}},
      {{"vector, exit reason", "error code, qual.", "CR2, guest linear", "guest physical"},
       {"ESR", "FAR", "HPFAR"},
       {"scause", "stval", "htval", "htinst"}},
  };
  const char *const *names = registers[two_stages][arch];
  char signal[64];
  group(w, "Fault registers", false);
  for (unsigned i = 0; i < 4 && names[i] != NULL; i++) {
    snprintf(signal, sizeof signal, PINS "syndrome_reg%u_o[63:0]", i);
    row(w, names[i], signal, F_NONE, i == 0 ? RED : 0);
  }
  group_end(w, "Fault registers", false);
}

static void inval_rows(struct writer *w) {
  group(w, "Invalidation", false);
  row(w, "asked", PINS "inval_valid_i", F_NONE, YELLOW);
  row(w, "address", PINS "inval_addr_i[63:0]", F_NONE, 0);
  row(w, "done", PINS "inval_done_o", F_NONE, YELLOW);
  group_end(w, "Invalidation", false);
}

/* GTKWave draws 200 * 2^zoom pixels a time unit; the lanes have 1,600 on a 1,920-pixel screen. */
static double zoom(const struct gtkw_view *v) {
  double cycles = (double)(v->to - v->from) + 1;
  return log2(1600 / cycles / 200);
}

static void marks(struct writer *w, const struct gtkw_view *v) {
  size_t n = v->mark_count < GTKW_MAX_MARKS ? v->mark_count : GTKW_MAX_MARKS;
  fprintf(w->f, "*%.6f %llu", zoom(v), (unsigned long long)(n != 0 ? v->marks[0].cycle : v->from));
  for (size_t i = 0; i < GTKW_MAX_MARKS; i++) {
    if (i < n)
      fprintf(w->f, " %llu", (unsigned long long)v->marks[i].cycle);
    else
      fprintf(w->f, " -1");
  }
  fprintf(w->f, "\n");
  for (size_t i = 0; i < n; i++)
    fprintf(w->f, "[markername] %c%s\n", (char)('A' + i), v->marks[i].name);
}

static void header(struct writer *w, const struct gtkw_view *v) {
  fprintf(w->f, "[*] written by cowalk\n");
  fprintf(w->f, "[dumpfile] \"%s\"\n[savefile] \"%s.gtkw\"\n", v->fst, w->stem);
  fprintf(w->f, "[timestart] %llu\n", (unsigned long long)v->from);
  fprintf(w->f, "[size] 1910 1040\n[pos] 0 0\n");
  marks(w, v);
  fprintf(w->f, "[sst_expanded] 0\n[sst_width] 1\n[signals_width] 220\n");
}

int gtkw_write(const char *path, const struct gtkw_view *view) {
  struct writer w = {0};
  size_t n = strlen(path);
  if (n < 5 || strcmp(path + n - 5, ".gtkw") == 0) n -= n < 5 ? 0 : 5;
  snprintf(w.stem, sizeof w.stem, "%.*s", (int)n, path);
  for (unsigned i = F_STATE; i < (view->two_stages ? F_COUNT : F_S2_STATE); i++)
    if (write_filter(w.stem, &filters[i]) != 0) return -1;
  w.f = fopen(path, "w");
  if (w.f == NULL) return -1;
  header(&w, view);
  text_row(&w, view->title);
  group(&w, "Data request", false);
  request_rows(&w, 'd');
  group_end(&w, "Data request", false);
  for (uint32_t slot = 0; slot < view->walks; slot++) {
    walk_rows(&w, slot);
    if (view->two_stages) s2_rows(&w, slot);
  }
  memory_rows(&w, view->two_stages);
  group(&w, "Data answer", false);
  answer_rows(&w, 'd');
  group_end(&w, "Data answer", false);
  fault_rows(&w, view->arch, view->two_stages);
  inval_rows(&w);
  group(&w, "Fetch port", true);
  request_rows(&w, 'f');
  answer_rows(&w, 'f');
  group_end(&w, "Fetch port", true);
  return fclose(w.f) == 0 ? 0 : -1;
}

// SPDX-License-Identifier: Apache-2.0
// Scenario files: INI text (Debian's inih) over the table of keys, and the machine they describe.
// Follows docs/scenario.md.
// Promises: the first mistake is told in one line with file, line, key and remedy.
#include "scenario/scenario.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "observer/metric.h"
#include "scenario/keys.h"

static const char *const arch_names[MMU_ARCH_COUNT] = {"x86", "arm", "riscv"};

const char *scenario_arch_name(enum mmu_arch arch) {
  return arch_names[arch];
}

bool scenario_parse_archs(const char *text, bool out[MMU_ARCH_COUNT]) {
  bool found[MMU_ARCH_COUNT] = {false};
  if (strcmp(text, "all") == 0) text = "x86,arm,riscv";
  while (*text != '\0') {
    text += strspn(text, " ,");
    size_t n = strcspn(text, " ,");
    int a = 0;
    while (a < MMU_ARCH_COUNT &&
           (strlen(arch_names[a]) != n || strncmp(text, arch_names[a], n) != 0))
      a++;
    if (n == 0) break;
    if (a == MMU_ARCH_COUNT) return false;
    found[a] = true;
    text += n;
  }
  memcpy(out, found, sizeof found);
  return found[0] || found[1] || found[2];
}

/* ---- defaults ---- */

struct scenario *scenario_create(void) {
  struct scenario *s = calloc(1, sizeof *s);
  if (s == NULL) return NULL;
  s->machine = machine_config_default();
  s->machine.os.memory_bytes = UINT64_C(64) << 20;
  s->machine.os.nodes = 1;
  s->machine.os.watermark_scale_factor = 10;
  s->machine.os.cpu_hz = UINT64_C(3000000000);
  s->sysctl = os_sysctl_default();
  s->compaction = true;
  s->machine.os.khugepaged_pages_to_scan = 4096;
  s->machine.os.khugepaged_scan_sleep_ms = 10000;
  s->machine.os.khugepaged_max_ptes_none = 511;
  s->arch[0] = s->arch[1] = s->arch[2] = true;
  s->backend = MACHINE_LOCKSTEP;
  s->swap_bytes = UINT64_C(256) << 20;
  s->interval_us = 10000;
  memset(s->most, 0xff, sizeof s->most);
  strcpy(s->policy, "clock");
  strcpy(s->name, "defaults");
  strcpy(s->directory, ".");
  return s;
}

void scenario_destroy(struct scenario *s) {
  free(s);
}

const char *scenario_name(const struct scenario *s) {
  return s->name;
}

const char *scenario_path(const struct scenario *s) {
  return s->path[0] != '\0' ? s->path : s->name;
}

/* ---- setting ---- */

/* "[COPIES *] SPEC"; a path is relative to `directory`. */
static bool add_program(struct scenario *s, const char *directory, const char *text, char *why,
                        size_t len) {
  struct scenario_program p = {.copies = 1, .line = s->line};
  char *end;
  unsigned long copies = strtoul(text, &end, 10);
  while (end != text && isspace((unsigned char)*end))
    end++;
  if (end != text && *end == '*') {
    snprintf(why, len, "the number of copies must be 1 to 1000");
    if (copies < 1 || copies > 1000) return false;
    p.copies = (uint32_t)copies;
    text = end + 1 + strspn(end + 1, " \t");
  }
  bool as_is = *text == '/' || strncmp(text, "synthetic:", 10) == 0 ||
               strncmp(text, "list:", 5) == 0 || strncmp(text, "hog:", 4) == 0 ||
               strncmp(text, "db:", 3) == 0 || strcmp(text, "-") == 0 ||
               strcmp(directory, ".") == 0;
  int n = as_is ? snprintf(p.spec, sizeof p.spec, "%s", text)
                : snprintf(p.spec, sizeof p.spec, "%s/%s", directory, text);
  snprintf(why, len,
           "give a trace file, synthetic:SETTINGS, hog:SETTINGS, db:SETTINGS or list:NAME,SEED, in "
           "less than %d characters",
           SCENARIO_TEXT);
  if (*text == '\0' || n < 0 || (size_t)n >= sizeof p.spec) return false;
  snprintf(why, len, "there are at most %d program lines", SCENARIO_PROGRAMS);
  if (s->programs == SCENARIO_PROGRAMS) return false;
  s->program[s->programs++] = p;
  return true;
}

/* limit: of each metric, the last value that passes. */
static bool set_expect(uint64_t *limit, const char *name, const char *value, char *why,
                       size_t len) {
  size_t i = metric_find(name);
  if (i == metric_count()) {
    snprintf(why, len, "unknown metric; docs/result-json.md lists them");
    return false;
  }
  char *end;
  errno = 0;
  limit[i] = strtoull(value, &end, 10);
  snprintf(why, len, "must be a whole number, the last value that passes");
  return errno == 0 && isdigit((unsigned char)*value) && *end == '\0';
}

static bool set(struct scenario *s, const char *directory, const char *section, const char *name,
                const char *value, char *why, size_t len) {
  if (strcmp(section, "expect") == 0) return set_expect(s->expect, name, value, why, len);
  if (strcmp(section, "expect_max") == 0) return set_expect(s->most, name, value, why, len);
  if (strcmp(section, "workload") == 0 && strcmp(name, "program") == 0)
    return add_program(s, directory, value, why, len);
  const struct key *k = key_find(section, name);
  if (k != NULL) {
    s->set_at[k - key_at(0)] = s->line;
    return key_parse(s, k, value, why, len);
  }
  snprintf(why, len,
           key_section_exists(section) ? "unknown key; `cowalk run --keys` lists them"
                                       : "unknown section; `cowalk run --keys` lists them");
  return false;
}

bool scenario_set(struct scenario *s, const char *where, const char *setting, char *err,
                  size_t err_len) {
  char section[32], name[48], why[200];
  const char *dot = strchr(setting, '.');
  const char *equals = strchr(setting, '=');
  if (dot == NULL || equals == NULL || equals < dot || dot == setting ||
      (size_t)(dot - setting) >= sizeof section || (size_t)(equals - dot - 1) >= sizeof name) {
    snprintf(err, err_len, "%s %s: must be section.key=value", where, setting);
    return false;
  }
  snprintf(section, sizeof section, "%.*s", (int)(dot - setting), setting);
  snprintf(name, sizeof name, "%.*s", (int)(equals - dot - 1), dot + 1);
  if (strcmp(section, "workload") == 0) s->programs = 0; /* an override replaces the list */
  if (set(s, ".", section, name, equals + 1, why, sizeof why)) return true;
  snprintf(err, err_len, "%s %s: %s", where, setting, why);
  return false;
}

/* ---- files ---- */

struct parse {
  struct scenario *s;
  FILE *file;
  char first[600]; /* the first mistake */
};

static char *next_line(char *text, int room, void *user) {
  struct parse *p = user;
  p->s->line++;
  return fgets(text, room, p->file);
}

static int handle(void *user, const char *section, const char *name, const char *value) {
  struct parse *p = user;
  char why[200];
  if (section[0] != '\0' && set(p->s, p->s->directory, section, name, value, why, sizeof why))
    return 1;
  if (section[0] != '\0' && p->first[0] == '\0')
    snprintf(p->first, sizeof p->first, "%s.%s = %s: %s", section, name, value, why);
  return 0;
}

static void name_it(struct scenario *s, const char *path) {
  snprintf(s->path, sizeof s->path, "%s", path);
  const char *slash = strrchr(path, '/');
  const char *base = slash != NULL ? slash + 1 : path;
  const char *dot = strrchr(base, '.');
  size_t n = dot != NULL && dot != base ? (size_t)(dot - base) : strlen(base);
  snprintf(s->name, sizeof s->name, "%.*s", (int)n, base);
  if (slash != NULL)
    snprintf(s->directory, sizeof s->directory, "%.*s", slash != path ? (int)(slash - path) : 1,
             path);
}

struct scenario *scenario_load(const char *path, char *err, size_t err_len) {
  struct parse p = {.s = scenario_create()};
  if (p.s == NULL) {
    snprintf(err, err_len, "the host is out of memory");
    return NULL;
  }
  name_it(p.s, path);
  p.file = fopen(path, "r");
  int line = p.file != NULL ? ini_parse_stream(next_line, &p, handle, &p) : -1;
  if (p.file != NULL && ferror(p.file) != 0) line = -1; /* a folder */
  if (line < 0) snprintf(err, err_len, "%s: cannot be read: %s", path, strerror(errno));
  if (p.file != NULL) (void)fclose(p.file);
  p.s->line = 0;
  if (line == 0) return p.s;
  static const char *const odd =
      "neither [section] nor key = value in a section (lines have at most 198 characters)";
  if (line > 0) snprintf(err, err_len, "%s:%d: %s", path, line, p.first[0] != '\0' ? p.first : odd);
  scenario_destroy(p.s);
  return NULL;
}

/* ---- what it describes ---- */

size_t scenario_archs(const struct scenario *s, enum mmu_arch out[MMU_ARCH_COUNT]) {
  size_t n = 0;
  for (int a = 0; a < MMU_ARCH_COUNT; a++)
    if (s->arch[a]) out[n++] = (enum mmu_arch)a;
  return n;
}

void scenario_config(const struct scenario *s, enum mmu_arch arch, struct machine_config *out) {
  static const enum mmu_s1_mode modes[MMU_ARCH_COUNT] = {MMU_S1_X86_L4, MMU_S1_ARM_4K, MMU_S1_SV39};
  *out = s->machine;
  out->arch = arch;
  out->backend = (enum machine_backend)s->backend;
  out->os.arch = arch;
  out->os.mode = modes[arch];
  if (arch == MMU_ARCH_RISCV && s->riscv_mode == 1) out->os.mode = MMU_S1_SV48;
  out->os.swap_pages = s->swap_bytes >> 12;
  out->os.sysctl = &s->sysctl;
  out->os.no_compaction = !s->compaction;
  out->os.policy = s->policy;
  out->os.oom_formula = s->oom_formula == 1;
  out->os.a_flush = (enum os_a_flush)s->a_flush;
  out->os.seed = s->machine.seed;
  out->fst = s->fst[0] != '\0' ? s->fst : NULL;
}

bool scenario_add_programs(const struct scenario *s, struct machine *m, char *err, size_t err_len) {
  for (uint32_t i = 0; i < s->programs; i++)
    if (!machine_add(m, s->program[i].spec, s->program[i].copies, err, err_len)) return false;
  return true;
}

uint64_t scenario_interval_us(const struct scenario *s) {
  return s->interval_us;
}

uint64_t scenario_expect(const struct scenario *s, size_t index) {
  return index < SCENARIO_METRICS ? s->expect[index] : 0;
}

uint64_t scenario_expect_max(const struct scenario *s, size_t index) {
  return index < SCENARIO_METRICS ? s->most[index] : UINT64_MAX;
}

bool scenario_key(const struct scenario *s, size_t index, char *name, size_t name_len, char *value,
                  size_t value_len) {
  if (index < key_count()) {
    const struct key *k = key_at(index);
    snprintf(name, name_len, "%s.%s", k->section, k->name);
    key_print(s, k, value, value_len);
    return true;
  }
  index -= key_count();
  if (index >= s->programs) return false;
  snprintf(name, name_len, "workload.program[%zu]", index);
  snprintf(value, value_len, "%u * %s", (unsigned)s->program[index].copies, s->program[index].spec);
  return true;
}

void scenario_print_keys(FILE *out) {
  struct scenario *s = scenario_create();
  if (s == NULL) return;
  fprintf(out, "| section.key | default | unit | meaning |\n| --- | --- | --- | --- |\n");
  for (size_t i = 0; i < key_count(); i++) {
    const struct key *k = key_at(i);
    char value[SCENARIO_TEXT];
    key_print(s, k, value, sizeof value);
    fprintf(out, "| `%s.%s` | %s | %s | %s", k->section, k->name, value, k->unit, k->meaning);
    const char *name;
    for (size_t c = 0; (name = key_choice(k, c)) != NULL; c++)
      fprintf(out, "%s%s", c != 0 ? ", " : " (", name);
    if (key_choice(k, 0) != NULL) fprintf(out, ")");
    fprintf(out, " |\n");
  }
  scenario_destroy(s);
}

// SPDX-License-Identifier: Apache-2.0
// Values of a scenario that are good alone but do not fit each other, and programs that cannot be
// opened. Follows docs/scenario.md.
// Promises: one line with the file, the line if the file gives the value, and the remedy.
#include <stdio.h>
#include <string.h>

#include "machine/program.h"
#include "scenario/keys.h"

/* "FILE:LINE" of a key; "FILE" if the file does not give it. */
static void place_of(const struct scenario *s, const char *section, const char *name, char *out,
                     size_t len) {
  const struct key *k = name != NULL ? key_find(section, name) : NULL;
  const uint32_t line = k != NULL ? s->set_at[k - key_at(0)] : 0;
  if (line != 0)
    snprintf(out, len, "%s:%u", s->path, (unsigned)line);
  else
    snprintf(out, len, "%s", scenario_path(s));
}

bool scenario_check(const struct scenario *s, char *err, size_t err_len) {
  const struct machine_config *m = &s->machine;
  const struct os_config *os = &m->os;
  const char *geometry = mmu_geometry_fault(&m->geometry);
  const bool waves = s->fst[0] != '\0';
  const struct {
    bool bad;
    const char *section, *name, *what; /* name: the key to change; NULL: no one */
  } rule[] = {
      {s->programs == 0, NULL, NULL,
       "no program; give [workload] program = a trace file, synthetic:SETTINGS or list:NAME,SEED"},
      {geometry != NULL, NULL, NULL, geometry},
      {s->arch[MMU_ARCH_X86] && !(os->hw_a && os->hw_d), "mmu", os->hw_a ? "hw_d" : "hw_a",
       "x86 always sets A and D in hardware: leave x86 out of machine.arch, or set mmu.hw_a and "
       "mmu.hw_d to yes"},
      {os->hw_d && !os->hw_a, "mmu", "hw_a", "mmu.hw_d = yes needs mmu.hw_a = yes"},
      {s->arch[MMU_ARCH_RISCV] && os->hw_a != os->hw_d, "mmu", os->hw_a ? "hw_d" : "hw_a",
       "RISC-V sets A and D both in hardware or both not: make mmu.hw_a and mmu.hw_d equal"},
      {(os->memory_bytes & 0xfff) != 0, "machine", "memory",
       "machine.memory must be a multiple of 4K"},
      {(os->reserved_bytes & 0xfff) != 0, "machine", "reserved",
       "machine.reserved must be a multiple of 4K"},
      {os->reserved_bytes > os->memory_bytes / 2, "machine",
       s->set_at[key_find("machine", "reserved") - key_at(0)] != 0 ? "reserved" : "memory",
       "machine.reserved takes more than half of machine.memory"},
      {(s->swap_bytes & 0xfff) != 0, "os", "swap", "os.swap must be a multiple of 4K"},
      {waves && m->fst_from > m->fst_to, "trace", "from", "trace.from is later than trace.to"},
      {waves && s->backend == MACHINE_MODEL, "trace", "fst",
       "trace.fst needs hardware: set mmu.backend to rtl or lockstep"},
  };
  for (size_t i = 0; i < sizeof rule / sizeof rule[0]; i++) {
    char place[SCENARIO_TEXT + 12];
    if (!rule[i].bad) continue;
    place_of(s, rule[i].section, rule[i].name, place, sizeof place);
    snprintf(err, err_len, "%s: %s", place, rule[i].what);
    return false;
  }
  return true;
}

static bool program_is_good(const char *spec, char *why, size_t len) {
  if (strcmp(spec, "-") == 0) {
    snprintf(why, len, "standard input can be read only once; give a file");
    return false;
  }
  struct program *p = program_open(spec, 63, 0, why, len);
  if (p != NULL) program_close(p);
  return p != NULL;
}

bool scenario_check_programs(const struct scenario *s, char *err, size_t err_len) {
  char why[400];
  for (uint32_t i = 0; i < s->programs; i++) {
    const struct scenario_program *p = &s->program[i];
    if (program_is_good(p->spec, why, sizeof why)) continue;
    char place[SCENARIO_TEXT + 12] = "--set";
    if (p->line != 0) snprintf(place, sizeof place, "%s:%u:", s->path, (unsigned)p->line);
    snprintf(err, err_len, "%s workload.program: %s", place, why);
    return false;
  }
  return true;
}

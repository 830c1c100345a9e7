// SPDX-License-Identifier: Apache-2.0
// Replaces Verilator's vl_fatal, vl_stop and vl_finish, which would end the program. The first
// complaint of a step is kept: later ones are usually its consequences.
#include "testbench/hw_assert.h"

#include <cstdio>
#include <cstring>

#include "verilated.h"

namespace {

thread_local char noted[512];

void note(const char *what, const char *file, int line, const char *scope, const char *text) {
  if (noted[0]) return;
  std::snprintf(noted, sizeof noted, "%s:%d: %s in %s%s%s", file ? file : "?", line, what,
                scope && scope[0] ? scope : "the model", text && text[0] ? ": " : "",
                text ? text : "");
}

}  // namespace

void vl_fatal(const char *file, int line, const char *scope, const char *text) {
  note("$fatal", file, line, scope, text);
}

void vl_stop(const char *file, int line, const char *scope) {
  note("assertion failed or $stop", file, line, scope, nullptr);
}

void vl_finish(const char *file, int line, const char *scope) {
  note("$finish", file, line, scope, nullptr);
}

extern "C" int hw_assert_take(char *text, unsigned long size) {
  if (!noted[0]) return 0;
  if (size) {
    std::strncpy(text, noted, size - 1);
    text[size - 1] = '\0';
  }
  noted[0] = '\0';
  return 1;
}

// SPDX-License-Identifier: Apache-2.0
// Elaborated hardware by geometry. A geometry other than the default is verilated and compiled by
// the project's own Makefile into build/hw/geom/ (kept there) and loaded. The shared object that
// the environment variable COWALK_HW names is taken before any other, if it is of that geometry.
// Promises: an impossible geometry or a failed build is one line that says what to change.
#include "backend/rtl_geometry.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"

#ifndef COWALK_ROOT
#define COWALK_ROOT "."
#endif

static const char *const arch_name[MMU_ARCH_COUNT] = {"x86", "arm", "riscv"};

__attribute__((format(printf, 3, 4))) static const struct hw_ops *refuse(char *err, size_t err_len,
                                                                         const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(err, err_len, format, args);
  va_end(args);
  return NULL;
}

/* Build the shared object if it is not up to date; 0, or -1 with make's last line in err. */
static int build(const char *target, char *err, size_t err_len) {
  char command[512];
  char line[256] = "";
  char last[256] = "make could not be started";
  snprintf(command, sizeof command,
           "env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s -C '%s' '%s' 2>&1", COWALK_ROOT,
           target);
  FILE *f = popen(command, "r");
  if (f == NULL) {
    refuse(err, err_len, "cannot build %s: make could not be started", target);
    return -1;
  }
  while (fgets(line, sizeof line, f) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    if (line[0] != '\0') memcpy(last, line, sizeof last);
  }
  if (pclose(f) == 0) return 0;
  refuse(err, err_len, "cannot build %s (run `make %s` to see why): %s", target, target, last);
  return -1;
}

/* NULL if the file cannot be loaded or holds other hardware. */
static const struct hw_ops *open_hw(const char *path, enum mmu_arch arch,
                                    const struct mmu_geometry *g) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return NULL;
  const struct hw_ops *(*entry)(void) = NULL;
  void *symbol = dlsym(library, "hw_ops_entry");
  memcpy(&entry, &symbol, sizeof entry); /* ISO C has no cast from object to function pointer */
  const struct hw_ops *ops = entry != NULL ? entry() : NULL;
  if (ops != NULL && strcmp(ops->name, arch_name[arch]) == 0 &&
      mmu_geometry_same(&ops->geometry, g))
    return ops;
  dlclose(library);
  return NULL;
}

static const struct hw_ops *load(enum mmu_arch arch, const struct mmu_geometry *g, char *err,
                                 size_t err_len) {
  char target[256];
  char path[512];
  char text[MMU_GEOMETRY_TEXT];
  mmu_geometry_text(g, text);
  snprintf(target, sizeof target, "build/hw/geom/%s-%s.so", arch_name[arch], text);
  snprintf(path, sizeof path, "%s/%s", COWALK_ROOT, target);
  if (build(target, err, err_len) != 0) return NULL;
  const struct hw_ops *ops = open_hw(path, arch, g);
  if (ops == NULL)
    return refuse(err, err_len, "%s is not the hardware it should be; delete it and run again",
                  target);
  return ops;
}

const struct hw_ops *rtl_find_hw(enum mmu_arch arch, const struct mmu_geometry *g, char *err,
                                 size_t err_len) {
  if ((unsigned)arch >= MMU_ARCH_COUNT)
    return refuse(err, err_len, "hardware: there is no architecture number %d", (int)arch);
  const char *fault = mmu_geometry_fault(g);
  char text[MMU_GEOMETRY_TEXT];
  mmu_geometry_text(g, text);
  if (fault != NULL) return refuse(err, err_len, "hardware geometry %s: %s", text, fault);
  const char *named = getenv("COWALK_HW");
  const struct hw_ops *ops = named != NULL ? open_hw(named, arch, g) : NULL;
  if (ops != NULL) return ops;
  struct mmu_geometry standard = mmu_geometry_default();
  if (!mmu_geometry_same(g, &standard)) return load(arch, g, err, err_len);
  switch (arch) {
    case MMU_ARCH_X86:
      return hw_ops_x86();
    case MMU_ARCH_ARM:
      return hw_ops_arm();
    default:
      return hw_ops_riscv();
  }
}

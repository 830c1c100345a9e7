// SPDX-License-Identifier: Apache-2.0
// Words of `cowalk syndrome` into registers and faults.
// Promises: a bad word gets one line that names it and what is known.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/syndrome_cli.h"

static int number(const char *text, uint64_t *out) {
  char *end;
  errno = 0;
  if (text[0] < '0' || text[0] > '9') return -1;
  *out = strtoull(text, &end, 0);
  return *end == '\0' && errno == 0 ? 0 : -1;
}

const char *syndrome_reg_list(enum syn_arch arch, char *text, size_t room) {
  size_t at = 0;
  text[0] = '\0';
  for (const struct syn_reg_name *n = syn_reg_names; n->name != NULL; n++)
    if (n->arch == arch && at < room)
      at += (size_t)snprintf(text + at, room - at, "%s%s", at == 0 ? "" : " ", n->name);
  return text;
}

static const struct syn_reg_name *reg_named(enum syn_arch arch, const char *name, size_t length) {
  for (const struct syn_reg_name *n = syn_reg_names; n->name != NULL; n++)
    if (n->arch == arch && strlen(n->name) == length && memcmp(n->name, name, length) == 0)
      return n;
  return NULL;
}

int syndrome_parse_regs(enum syn_arch arch, const char *const *words, struct syn_regs *out,
                        char *err, size_t room) {
  char known[256];
  for (; words != NULL && *words != NULL; words++) {
    const char *eq = strchr(*words, '=');
    const struct syn_reg_name *n =
        eq == NULL ? NULL : reg_named(arch, *words, (size_t)(eq - *words));
    uint64_t value;
    if (n == NULL) {
      snprintf(err, room, "%s: expects REGISTER=VALUE; registers of %s: %s", *words,
               syn_arch_name(arch), syndrome_reg_list(arch, known, sizeof known));
      return -1;
    }
    if (number(eq + 1, &value) != 0) {
      snprintf(err, room, "%s: expects a 64-bit number after the =, as 0x93010007", *words);
      return -1;
    }
    if ((out->given >> n->reg & 1) != 0) {
      snprintf(err, room, "%s: this register is there twice", *words);
      return -1;
    }
    if (n->taker != SYN_TAKER_UNKNOWN && out->taker != SYN_TAKER_UNKNOWN &&
        n->taker != out->taker) {
      snprintf(err, room, "%s: a register of another privilege level than the others", *words);
      return -1;
    }
    if (n->taker != SYN_TAKER_UNKNOWN) out->taker = n->taker;
    out->value[n->reg] = value;
    out->given |= 1u << n->reg;
  }
  return 0;
}

int syndrome_parse_settings(enum syn_arch arch, const char *list, uint32_t *out, char *err,
                            size_t room) {
  static const struct {
    enum syn_arch arch;
    const char *name;
    uint32_t bit;
  } names[] = {{SYN_X86, "mbec", SYN_MBEC},
               {SYN_X86, "advanced", SYN_ADVANCED},
               {SYN_X86, "sss", SYN_SSS},
               {SYN_ARM64, "tge", SYN_TGE},
               {SYN_AMD, "gmet", SYN_GMET}};
  static const char *const known[SYN_ARCHES] = {"mbec,advanced,sss", "gmet", "tge", "none"};
  *out = 0;
  while (list != NULL) {
    const size_t length = strcspn(list, ",");
    uint32_t bit = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
      if (names[i].arch == arch && strlen(names[i].name) == length &&
          memcmp(list, names[i].name, length) == 0)
        bit = names[i].bit;
    if (bit == 0) {
      snprintf(err, room, "--with %s: unknown setting of %s; known: %s", list, syn_arch_name(arch),
               known[arch]);
      return -1;
    }
    *out |= bit;
    list = list[length] == ',' ? list + length + 1 : NULL;
  }
  return 0;
}

/* ---- faults --------------------------------------------------------------------------------- */

static int cause(const char *text, struct syn_fault *f) {
  for (unsigned c = SYN_NOT_MAPPED; c < SYN_CAUSES; c++) {
    if (strcmp(text, syn_cause_name((uint8_t)c)) != 0) continue;
    f->cause = (uint8_t)c;
    return 0;
  }
  return -1;
}

static int taker(const char *text, struct syn_fault *f) {
  for (unsigned t = SYN_TAKER_UNKNOWN; t <= SYN_FIRMWARE; t++) {
    if (strcmp(text, syn_taker_name((uint8_t)t)) != 0) continue;
    f->taker = (uint8_t)t;
    return 0;
  }
  return -1;
}

static int stage(const char *text, struct syn_fault *f) {
  if (strcmp(text, "1") != 0 && strcmp(text, "2") != 0) return -1;
  f->stage = (uint8_t)(text[0] - '0');
  return 0;
}

static int level(const char *text, struct syn_fault *f) {
  uint64_t n;
  const bool below = text[0] == '-';
  if (number(text + below, &n) != 0 || n > 5) return -1;
  f->level = (int8_t)(below ? -(int)n : (int)n);
  return 0;
}

static int access_kind(const char *text, struct syn_fault *f) {
  f->access = strcmp(text, "read") == 0         ? SYN_READ
              : strcmp(text, "write") == 0      ? SYN_WRITE
              : strcmp(text, "fetch") == 0      ? SYN_FETCH
              : strcmp(text, "read+write") == 0 ? SYN_READ | SYN_WRITE
                                                : 0;
  return f->access != 0 ? 0 : -1;
}

static int yes_no(const char *text, uint8_t *out) {
  if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0) return -1;
  *out = text[0] == 'y' ? SYN_YES : SYN_NO;
  return 0;
}

static int on_walk(const char *text, struct syn_fault *f) {
  return yes_no(text, &f->on_walk);
}
static int update(const char *text, struct syn_fault *f) {
  return yes_no(text, &f->update);
}
static int user(const char *text, struct syn_fault *f) {
  return yes_no(text, &f->user);
}
static int from_guest(const char *text, struct syn_fault *f) {
  return yes_no(text, &f->from_guest);
}
static int from_lower(const char *text, struct syn_fault *f) {
  return yes_no(text, &f->from_lower);
}
static int guest_va(const char *text, struct syn_fault *f) {
  return yes_no(text, &f->guest_va);
}

static int va(const char *text, struct syn_fault *f) {
  f->va.known = UINT64_MAX;
  return number(text, &f->va.value);
}

static int gpa(const char *text, struct syn_fault *f) {
  f->gpa.known = UINT64_MAX;
  return number(text, &f->gpa.value);
}

static int detail(const char *text, struct syn_fault *f) {
  return number(text, &f->detail);
}

static int instruction(const char *text, struct syn_fault *f) {
  uint64_t n;
  if (number(text, &n) != 0 || n > UINT32_MAX) return -1;
  f->instruction = (uint32_t)n;
  return 0;
}

static const struct {
  const char *name;
  int (*set)(const char *, struct syn_fault *);
  const char *expects;
} keys[] = {
    {"cause", cause, "a cause; see --help"},
    {"stage", stage, "1 or 2"},
    {"level", level, "-2 to 5"},
    {"access", access_kind, "read, write, read+write or fetch"},
    {"taker", taker, "guest, hypervisor or firmware"},
    {"on-walk", on_walk, "yes or no"},
    {"update", update, "yes or no"},
    {"user", user, "yes or no"},
    {"from-guest", from_guest, "yes or no"},
    {"from-lower", from_lower, "yes or no"},
    {"guest-va", guest_va, "yes or no"},
    {"va", va, "an address"},
    {"gpa", gpa, "an address"},
    {"detail", detail, "a 64-bit number"},
    {"instruction", instruction, "a 32-bit number"},
};
enum { KEYS = sizeof keys / sizeof keys[0] };

int syndrome_parse_fault(const char *const *words, struct syn_fault *out, char *err, size_t room) {
  unsigned seen = 0;
  for (; words != NULL && *words != NULL; words++) {
    const size_t length = strcspn(*words, "=");
    unsigned k = 0;
    while (k < KEYS && (strlen(keys[k].name) != length || (*words)[length] != '=' ||
                        memcmp(*words, keys[k].name, length) != 0))
      k++;
    if (k == KEYS) {
      snprintf(err, room,
               "%s: expects KEY=VALUE; keys: cause stage level access taker on-walk update user "
               "from-guest from-lower guest-va va gpa detail instruction",
               *words);
      return -1;
    }
    if ((seen >> k & 1) != 0) {
      snprintf(err, room, "%s: this key is there twice", *words);
      return -1;
    }
    seen |= 1u << k;
    if (keys[k].set(*words + length + 1, out) != 0) {
      snprintf(err, room, "%s: expects %s", *words, keys[k].expects);
      return -1;
    }
  }
  return 0;
}

/* Some fault of that cause has registers. */
static bool told(enum syn_arch arch, uint8_t cause) {
  static const uint8_t accesses[] = {SYN_READ, SYN_WRITE, SYN_FETCH};
  struct syn_regs regs;
  for (unsigned n = 0; n < 2u * 3 * 2 * 2 * 2; n++) {
    const struct syn_fault f = {.cause = cause,
                                .stage = (uint8_t)(1 + n % 2),
                                .access = accesses[n / 2 % 3],
                                .on_walk = n / 6 % 2 != 0 ? SYN_YES : SYN_NO,
                                .update = n / 24 != 0 ? SYN_YES : SYN_NO,
                                .level = n / 12 % 2 != 0 ? SYN_LEVEL_UNKNOWN : 2,
                                .taker = n % 2 != 0 ? SYN_HYPERVISOR : SYN_GUEST};
    /* rights of an EPT entry, without which it is none of permission */
    struct syn_fault granted = f;
    granted.detail = UINT64_C(1) << 3;
    if (syn_encode(arch, &f, &regs) == SYN_OK || syn_encode(arch, &granted, &regs) == SYN_OK)
      return true;
  }
  return false;
}

const char *syndrome_cause_list(enum syn_arch arch, uint8_t cause, char *text, size_t room) {
  if (told(arch, cause)) return NULL;
  size_t at = 0;
  text[0] = '\0';
  for (unsigned c = SYN_NOT_MAPPED; c < SYN_CAUSES; c++)
    if (told(arch, (uint8_t)c) && at < room)
      at += (size_t)snprintf(text + at, room - at, "%s%s", at == 0 ? "" : " ",
                             syn_cause_name((uint8_t)c));
  return text;
}

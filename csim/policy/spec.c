// SPDX-License-Identifier: Apache-2.0
// Policies and their options as text. One table says which key belongs to which policy.
// Promises: whatever is refused is named, together with what would have been accepted.
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"

enum kind { SHARE, YES_NO, SET_CLEAR };

struct key {
  const char *policy, *name;
  enum kind kind;
  size_t offset; /* in struct policy_options */
};

static const struct key keys[] = {
    {"clock", "insert", SET_CLEAR, offsetof(struct policy_options, insert_set)},
    {"clock2", "spread", SHARE, offsetof(struct policy_options, spread)},
    {"clock2", "clean", YES_NO, offsetof(struct policy_options, prefer_clean)},
    {"clock2", "look", SHARE, offsetof(struct policy_options, look)},
    {"2q", "kin", SHARE, offsetof(struct policy_options, kin)},
    {"2q", "kout", SHARE, offsetof(struct policy_options, kout)},
    {"twolist", "read", YES_NO, offsetof(struct policy_options, by_read)},
    {"mglru", "read", YES_NO, offsetof(struct policy_options, by_read)},
};

enum { KEYS = sizeof keys / sizeof keys[0], MAX_PERCENT = 10000 };

static const char *const expects[] = {
    [SHARE] = "pages, such as 100, or a share of memory, such as 25%",
    [YES_NO] = "yes or no",
    [SET_CLEAR] = "set or clear",
};

static bool is(const char *text, size_t length, const char *word) {
  return strlen(word) == length && memcmp(text, word, length) == 0;
}

static bool parse_share(const char *text, size_t length, struct policy_share *out) {
  uint64_t v = 0;
  size_t i = 0;
  for (; i < length && text[i] >= '0' && text[i] <= '9'; i++) {
    v = v * 10 + (uint64_t)(text[i] - '0');
    if (v > POLICY_MAX_FRAMES) return false;
  }
  const bool percent = i + 1 == length && text[i] == '%';
  if (i == 0 || (i != length && !percent) || (percent && v > MAX_PERCENT)) return false;
  *out = (struct policy_share){(uint32_t)v, percent};
  return true;
}

static bool parse_value(const struct key *k, const char *text, size_t length,
                        struct policy_options *o) {
  void *field = (char *)o + k->offset;
  if (k->kind == SHARE) return parse_share(text, length, field);
  const char *const yes = k->kind == YES_NO ? "yes" : "set";
  const char *const no = k->kind == YES_NO ? "no" : "clear";
  *(bool *)field = is(text, length, yes);
  return is(text, length, yes) || is(text, length, no);
}

static int unknown_policy(const char *text, size_t length, char *err, size_t err_len) {
  int n = snprintf(err, err_len, "no policy \"%.*s\"; there is:", (int)length, text);
  for (size_t i = 0; policy_all[i] != NULL && n > 0 && (size_t)n < err_len; i++)
    n += snprintf(err + n, err_len - (size_t)n, "%s %s", i == 0 ? "" : ",", policy_all[i]->name);
  return -1;
}

static int unknown_key(const struct policy_ops *ops, const char *text, size_t length, char *err,
                       size_t err_len) {
  int n = snprintf(err, err_len, "policy %s has no option \"%.*s\"; it has", ops->name, (int)length,
                   text);
  bool any = false;
  for (size_t i = 0; i < KEYS && n > 0 && (size_t)n < err_len; i++) {
    if (strcmp(keys[i].policy, ops->name) != 0) continue;
    n += snprintf(err + n, err_len - (size_t)n, "%s %s (%s)", any ? ";" : "", keys[i].name,
                  expects[keys[i].kind]);
    any = true;
  }
  if (!any && n > 0 && (size_t)n < err_len) (void)snprintf(err + n, err_len - (size_t)n, " none");
  return -1;
}

static int parse_option(struct policy_spec *s, const char *text, size_t length, char *err,
                        size_t err_len) {
  const char *equals = memchr(text, '=', length);
  const size_t name = equals != NULL ? (size_t)(equals - text) : length;
  for (size_t i = 0; i < KEYS; i++) {
    if (strcmp(keys[i].policy, s->ops->name) != 0 || !is(text, name, keys[i].name)) continue;
    if (equals != NULL && parse_value(&keys[i], equals + 1, length - name - 1, &s->options))
      return 0;
    (void)snprintf(err, err_len, "policy %s: option %s expects %s", s->ops->name, keys[i].name,
                   expects[keys[i].kind]);
    return -1;
  }
  return unknown_key(s->ops, text, name, err, err_len);
}

int policy_spec_parse(const char *text, struct policy_spec *out, char *err, size_t err_len) {
  const size_t length = strcspn(text, ":");
  const struct policy_ops *ops = policy_find(text, length);
  if (ops == NULL) return unknown_policy(text, length, err, err_len);
  return policy_spec_parse_as(ops, text, out, err, err_len);
}

int policy_spec_parse_as(const struct policy_ops *ops, const char *text, struct policy_spec *out,
                         char *err, size_t err_len) {
  size_t length = strcspn(text, ":");
  policy_options_default(&out->options);
  out->ops = ops;
  if (strlen(text) >= sizeof out->label) {
    (void)snprintf(err, err_len, "policy \"%.20s...\" is longer than %zu characters", text,
                   sizeof out->label - 1);
    return -1;
  }
  (void)snprintf(out->label, sizeof out->label, "%s", text);
  for (const char *at = text + length; *at == ':'; at += length) {
    at++;
    length = strcspn(at, ":");
    if (parse_option(out, at, length, err, err_len) != 0) return -1;
  }
  return 0;
}

void policy_spec_options(const struct policy_spec *s, char *out, size_t out_len) {
  int n = 0;
  out[0] = '\0';
  for (size_t i = 0; i < KEYS && n >= 0 && (size_t)n < out_len; i++) {
    const struct key *k = &keys[i];
    if (strcmp(k->policy, s->ops->name) != 0) continue;
    const void *field = (const char *)&s->options + k->offset;
    const char *sep = n == 0 ? "" : ":";
    if (k->kind == SHARE) {
      const struct policy_share *v = field;
      n += snprintf(out + n, out_len - (size_t)n, "%s%s=%u%s", sep, k->name, v->value,
                    v->percent ? "%" : "");
    } else {
      const bool v = *(const bool *)field;
      const char *word = k->kind == YES_NO ? (v ? "yes" : "no") : (v ? "set" : "clear");
      n += snprintf(out + n, out_len - (size_t)n, "%s%s=%s", sep, k->name, word);
    }
  }
}

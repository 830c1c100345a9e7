/* SPDX-License-Identifier: Apache-2.0
 * Executes the statements of a translate file on a backend and records what each access did.
 * One session serves a whole file; backends are made once and reused between cases. */
#ifndef COWALK_TRANSLATE_SESSION_H
#define COWALK_TRANSLATE_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/backend.h"
#include "translate/parse.h"

enum { TRANSLATION_STEPS = 128 }; /* two stages of 5 levels: 35 reads, and as many updates */

/* One table access of the hardware. */
struct translation_step {
  uint64_t addr, value; /* value read, or found by the compare-and-swap */
  uint64_t desired;
  uint8_t level, stage, error;
  bool swap, ok;
};

/* What one access did. */
struct translation {
  const char *case_name; /* "" without cases */
  unsigned line;
  enum mmu_arch arch;
  enum mmu_priv priv;
  uint64_t va;
  struct mmu_access access;
  struct mmu_context ctx;
  struct mmu_response response;
  uint64_t cycles; /* from request to answer */
  struct translation_step step[TRANSLATION_STEPS];
  size_t steps;   /* kept */
  size_t dropped; /* more than fit */
  uint64_t reads, swaps;
};

typedef struct mmu_backend *session_backend_fn(const struct mmu_backend_config *cfg, char *err,
                                               size_t err_len);

struct session;

/* make: mmu_backend_model, _rtl or _lockstep. NULL with one line in err. */
struct session *session_create(session_backend_fn *make, uint64_t seed, char *err, size_t err_len);
void session_destroy(struct session *s);
/* The architecture in force; MMU_ARCH_COUNT before the first `arch`. */
enum mmu_arch session_arch(const struct session *s);

enum session_result {
  SESSION_DONE,       /* nothing to report */
  SESSION_TRANSLATED, /* *out is filled */
  SESSION_BAD_INPUT,  /* err says what is wrong with the statement */
  SESSION_FAILED      /* err says why the backend stopped */
};
enum session_result session_do(struct session *s, const struct statement *st,
                               struct translation *out, char *err, size_t err_len);

#endif

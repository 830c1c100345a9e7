/* SPDX-License-Identifier: Apache-2.0
 * What a physically tagged walk cache may hold (geometry.pwc_kind MMU_PWC_PHYSICAL): pointers by
 * the physical address and the height at which the hardware read them, whatever the address or
 * address space they were read for. They end all at once. Unbounded, so it holds at least what
 * any such cache can hold. */
#ifndef COWALK_BACKEND_JUDGE_PWC_H
#define COWALK_BACKEND_JUDGE_PWC_H

#include <stdbool.h>
#include <stdint.h>

struct judge_pwc;

/* One value that was read there; several may be remembered. */
struct judge_pointer {
  uint64_t addr, value; /* after its A update */
  uint8_t level;        /* height */
  uint32_t since;       /* invalidations accepted before it was read */
  struct judge_pointer *next;
};

struct judge_pwc *judge_pwc_create(void); /* NULL if out of host memory */
void judge_pwc_destroy(struct judge_pwc *c);

/* Everything read before invalidation number `before` (counted from 0) was accepted is gone, but
 * kept for walks that may have passed it earlier if it was read since invalidation number `keep`.
 */
void judge_pwc_end(struct judge_pwc *c, uint32_t before, uint32_t keep);
/* `before` of the last end, 0 if there was none. */
uint32_t judge_pwc_ended(const struct judge_pwc *c);

/* Remember p (its `next` is ignored), or renew it. False if out of host memory. */
bool judge_pwc_learn(struct judge_pwc *c, const struct judge_pointer *p);
/* The next pointer read at addr and level after `after` (NULL: the first) that was there when
 * judge_pwc_ended was `ended`, or later; NULL at the end. */
struct judge_pointer *judge_pwc_find(struct judge_pwc *c, uint64_t addr, uint8_t level,
                                     uint32_t ended, struct judge_pointer *after);

#endif

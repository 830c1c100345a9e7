/* SPDX-License-Identifier: Apache-2.0
 * Inside an emulator: takes the cases one by one, lays out their memory, runs each and writes what
 * came of it to the host by semihosting (Arm "Semihosting for AArch32 and AArch64", and its RISC-V
 * twin). Promise: a record is out before the next case starts, so the number of records names the
 * case at which an emulator stopped. */
#include "firmware/oracle/common/machine.h"

enum { SYS_OPEN = 0x01, SYS_WRITE = 0x05, SYS_EXIT = 0x18, OPEN_WRITE_BINARY = 5 };
enum { MAX_WORDS = 128 };
#define APPLICATION_EXIT UINT64_C(0x20026)

struct record {
  struct oracle_result_head head;
  uint64_t value[MAX_WORDS];
};

static volatile uint64_t *word_at(uint64_t addr) {
  return (volatile uint64_t *)(uintptr_t)addr; /* NOLINT(performance-no-int-to-ptr) */
}

static _Noreturn void stop(uint64_t status) {
  const uint64_t argument[2] = {APPLICATION_EXIT, status};
  for (;;)
    fw_semihost(SYS_EXIT, argument);
}

static uint64_t open_results(void) {
  static const char name[] = "results.bin";
  const uint64_t argument[3] = {(uint64_t)(uintptr_t)name, OPEN_WRITE_BINARY, sizeof name - 1};
  return fw_semihost(SYS_OPEN, argument);
}

static void run_case(const struct oracle_case_head *c, struct record *r) {
  const struct oracle_word *w = (const struct oracle_word *)(c + 1);
  r->head.index = c->index;
  r->head.words = c->words;
  for (uint32_t i = 0; i < ORACLE_OUTS; i++)
    r->head.out[i] = 0;
  for (uint32_t i = 0; i < c->words; i++)
    *word_at(w[i].addr) = w[i].value;
  fw_run(c->reg, r->head.out, c->door);
  for (uint32_t i = 0; i < c->words; i++)
    r->value[i] = *word_at(w[i].addr);
  for (uint32_t i = 0; i < c->words; i++)
    *word_at(w[i].addr) = 0;
}

void fw_main(const struct oracle_file_head *cases) {
  static struct record r;
  const struct oracle_case_head *c = (const struct oracle_case_head *)(cases + 1);
  if (cases->magic != ORACLE_MAGIC) stop(2);
  uint64_t handle = open_results();
  for (uint32_t i = 0; i < cases->cases; i++) {
    if (c->words > MAX_WORDS) stop(3);
    run_case(c, &r);
    const uint64_t argument[3] = {handle, (uint64_t)(uintptr_t)&r,
                                  sizeof r.head + 8 * (uint64_t)c->words};
    if (fw_semihost(SYS_WRITE, argument) != 0) stop(4);
    c = (const struct oracle_case_head *)((const struct oracle_word *)(c + 1) + c->words);
  }
  stop(0);
}

/* SPDX-License-Identifier: Apache-2.0
 * Drives cxxrtl's model through its C interface (netlist.h). A pin is one or two 32-bit words. */
#include "testbench/cxxrtl/netlist.h"

#include <backends/cxxrtl/cxxrtl_capi.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

cxxrtl_toplevel netlist_design_create(void); /* in what Yosys writes */

enum { UPSET_CYCLE = 2000, MAX_PINS = 512 };

struct netlist {
  cxxrtl_handle model;
  struct cxxrtl_object *clock;
  struct netlist_pins pins;
  struct cxxrtl_object *in[MAX_PINS], *out[MAX_PINS];
  uint64_t cycle;
  /* bits of state counted so far, and the one to invert: 0 is none */
  uint64_t bits, upset;
};

static bool is_state(const struct cxxrtl_object *o) {
  return o->type == CXXRTL_WIRE && (o->flags & CXXRTL_DRIVEN_SYNC) != 0;
}

static void count_bits(void *data, const char *name, struct cxxrtl_object *o, size_t parts) {
  struct netlist *n = data;
  (void)name;
  for (size_t i = 0; i < parts; i++)
    if (is_state(&o[i])) n->bits += o[i].width;
}

static void invert_bit(void *data, const char *name, struct cxxrtl_object *o, size_t parts) {
  struct netlist *n = data;
  for (size_t i = 0; i < parts; i++) {
    if (!is_state(&o[i])) continue;
    if (n->upset > n->bits && n->upset <= n->bits + o[i].width) {
      size_t bit = (size_t)(n->upset - n->bits - 1);
      /* both copies: a register that holds its value keeps what is in the next one */
      o[i].curr[bit / 32] ^= UINT32_C(1) << bit % 32;
      o[i].next[bit / 32] ^= UINT32_C(1) << bit % 32;
      fprintf(stderr, "upset: %s bit %zu\n", name, bit);
    }
    n->bits += o[i].width;
  }
}

struct netlist *netlist_create(const struct netlist_pins *pins) {
  if (pins->inputs > MAX_PINS || pins->outputs > MAX_PINS) return NULL;
  struct netlist *n = calloc(1, sizeof *n);
  if (n == NULL) return NULL;
  n->pins = *pins;
  n->model = cxxrtl_create(netlist_design_create());
  n->clock = cxxrtl_get(n->model, "clk_i");
  bool complete = n->clock != NULL;
  for (unsigned i = 0; i < n->pins.inputs; i++) {
    n->in[i] = cxxrtl_get(n->model, pins->input[i]);
    complete = complete && n->in[i] != NULL && n->in[i]->next != NULL;
  }
  for (unsigned i = 0; i < n->pins.outputs; i++) {
    n->out[i] = cxxrtl_get(n->model, pins->output[i]);
    complete = complete && n->out[i] != NULL;
  }
  const char *upset = getenv("COWALK_UPSET");
  if (upset != NULL) {
    cxxrtl_enum(n->model, n, count_bits);
    if (n->bits != 0)
      n->upset = 1 + strtoull(upset, NULL, 10) * UINT64_C(0x9e3779b97f4a7c15) % n->bits;
  }
  if (complete) return n;
  netlist_destroy(n);
  return NULL;
}

void netlist_destroy(struct netlist *n) {
  if (n == NULL) return;
  cxxrtl_destroy(n->model);
  free(n);
}

void netlist_step(struct netlist *n, const uint64_t *in, unsigned clock) {
  for (unsigned i = 0; i < n->pins.inputs; i++) {
    if (n->in[i] == n->clock) continue;
    n->in[i]->next[0] = (uint32_t)in[i];
    if (n->in[i]->width > 32) n->in[i]->next[1] = (uint32_t)(in[i] >> 32);
  }
  if (clock != 0 && n->clock->curr[0] == 0) {
    cxxrtl_step(n->model);
    if (++n->cycle == UPSET_CYCLE && n->upset != 0) {
      n->bits = 0;
      cxxrtl_enum(n->model, n, invert_bit);
      cxxrtl_step(n->model);
    }
  }
  n->clock->next[0] = clock;
  cxxrtl_step(n->model);
  cxxrtl_step(n->model); /* what the outputs make of the registers' new values */
}

const char *netlist_compare(const struct netlist *n, const uint64_t *out) {
  for (unsigned i = 0; i < n->pins.outputs; i++) {
    const struct cxxrtl_object *pin = n->out[i];
    uint64_t value = pin->curr[0];
    if (pin->width > 32) value |= (uint64_t)pin->curr[1] << 32;
    if (value != out[i]) return n->pins.output[i];
  }
  return NULL;
}

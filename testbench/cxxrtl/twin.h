// SPDX-License-Identifier: Apache-2.0
// A Verilated MMU with a twin in Yosys' cxxrtl: the class that testbench/shim.cpp drives instead
// of Verilator's own when HW_PREFIX is `twin`. Each evaluation sets the same inputs on both and
// compares every output; the first difference is reported as $fatal would be, with the pin's name.
// TWIN_OF is Verilator's class; the lists of its pins are made from its header by
// tests/two_simulators/run.sh. Unreset state begins as zero in both, whatever the seed.
#pragma once

#include <new>

#include "testbench/cxxrtl/netlist.h"
#include "verilated.h"

#define TWIN_STRING_(x) #x
#define TWIN_STRING(x) TWIN_STRING_(x)
#include TWIN_STRING(TWIN_OF.h)

class twin : public TWIN_OF {
 public:
  twin(VerilatedContext *context, const char *name)
      : TWIN_OF(from_zero(context), name), netlist_(create()) {
    if (!netlist_) throw std::bad_alloc();
  }
  ~twin() { netlist_destroy(netlist_); }

  void eval() {
    TWIN_OF::eval();
#define PIN(pin) static_cast<uint64_t>(pin),
    const uint64_t in[] = {
#include "input_pins.h"
    };
    const uint64_t out[] = {
#include "output_pins.h"
    };
#undef PIN
    netlist_step(netlist_, in, clk_i);
    if (const char *pin = netlist_compare(netlist_, out))
      vl_fatal(TWIN_STRING(TWIN_OF), 0, pin, "Verilator and cxxrtl differ");
  }

 private:
  static netlist *create() {
#define PIN(pin) #pin,
    static const char *const in[] = {
#include "input_pins.h"
    };
    static const char *const out[] = {
#include "output_pins.h"
    };
#undef PIN
    const netlist_pins pins = {in, out, sizeof in / sizeof *in, sizeof out / sizeof *out};
    return netlist_create(&pins);
  }
  static VerilatedContext *from_zero(VerilatedContext *context) {
    context->randReset(0);
    return context;
  }
  netlist *netlist_;
};

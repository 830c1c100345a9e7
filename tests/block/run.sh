#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds the architecture box (testbench/block/arch_pins.sv) for the three architectures and runs
# the programs of this folder on it; needs verilator, yosys and yosys-dev. Ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}/block
vroot=${VERILATOR_ROOT:-/usr/share/verilator}
mkdir -p "$build"
yosys_include=$build/include
testbench/cxxrtl/mended_include.sh "$yosys_include" || exit 1
flags="-Icsim -I. -D_POSIX_C_SOURCE=200809L -O1 -g"

verilate() { # name, number
  verilator --cc -Wall -Wno-UNUSEDPARAM -fno-const-bit-op-tree --prefix "Varch_$1" "-GArch=$2" \
    --Mdir "$build/$1" --top-module arch_pins rtl/mmu_pkg.sv testbench/block/arch_pins.sv \
    rtl/arch/*.sv rtl/arch/*/*.sv &&
    make -s -C "$build/$1" -f "Varch_$1.mk" OPT_FAST=-O2 "Varch_$1__ALL.a"
}

# The same sources through Yosys' cxxrtl: another simulator, for test_two_simulators.
second() { # name, number
  local ys=$build/$1_cxxrtl
  yosys -q -e . -p "read_verilog -sv rtl/mmu_pkg.sv testbench/block/arch_pins.sv $(echo rtl/arch/*.sv rtl/arch/*/*.sv)
    hierarchy -check -top arch_pins -chparam Arch $2
    write_cxxrtl -namespace arch_cxxrtl_$1 $ys.cc" &&
    g++ -std=gnu++17 -O1 -I"$yosys_include" $3 -c "$ys.cc" -o "$ys.o"
}

compile() {
  verilate x86 0 && verilate arm 1 && verilate riscv 2 &&
    second x86 0 -DCXXRTL_INCLUDE_CAPI_IMPL && second arm 1 "" && second riscv 2 "" &&
    gcc -std=c17 -Wall -Wextra -Wconversion -Werror $flags -isystem "$yosys_include" \
      -c testbench/block/arch_cxxrtl.c -o "$build/arch_cxxrtl.o" &&
    g++ -std=gnu++17 -O2 -Icsim -I. -I"$build/x86" -I"$build/arm" -I"$build/riscv" \
      -isystem "$vroot/include" -c testbench/block/arch_pins.cpp -o "$build/arch_pins.o" &&
    g++ -std=gnu++17 -O2 -isystem "$vroot/include" -c "$vroot/include/verilated.cpp" \
      -o "$build/verilated.o" &&
    g++ -std=gnu++17 -O2 -isystem "$vroot/include" -c "$vroot/include/verilated_threads.cpp" \
      -o "$build/verilated_threads.o" &&
    gcc -std=c17 -Wall -Wextra -Wconversion -Werror $flags -c tests/block/sweep.c \
      -o "$build/sweep.o" || return 1
  local rules=
  for rules in csim/rules/*.c; do
    gcc -std=c17 -Wall -Wextra -Wconversion -Werror $flags -c "$rules" \
      -o "$build/rules_$(basename "$rules" .c).o" || return 1
  done
  local test
  for test in tests/block/test_*.c; do
    gcc -std=c17 -Wall -Wextra -Wconversion -Werror $flags -c "$test" \
      -o "$build/$(basename "$test" .c).o" &&
      g++ -o "$build/$(basename "$test" .c)" "$build/$(basename "$test" .c).o" "$build/sweep.o" \
        "$build"/rules_*.o "$build"/arch_{pins,cxxrtl}.o "$build"/{x86,arm,riscv}_cxxrtl.o \
        "$build"/{x86,arm,riscv}/Varch_*__ALL.a "$build/verilated.o" \
        "$build/verilated_threads.o" -lcmocka -lpthread -latomic || return 1
  done
}

if ! compile >"$build/build.log" 2>&1; then
  tail -n 20 "$build/build.log"
  echo "0 passed, 1 failed"
  exit 1
fi
passed=0
failed=0
for test in tests/block/test_*.c; do
  log=$build/$(basename "$test" .c).log
  "$build/$(basename "$test" .c)" >"$log" 2>&1
  status=$?
  cat "$log"
  ok=$(grep -c '^\[       OK \]' "$log")
  bad=$(($(grep -c '^\[ RUN      \]' "$log") - ok))
  [ "$status" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
  passed=$((passed + ok))
  failed=$((failed + bad))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The whole MMU in two simulators that share no code: Verilator, and Yosys' cxxrtl, which simulates
# the netlist. Both get the pins of one random lockstep run (random tables, contexts, invalidations,
# memory latency and errors), and every output of both must be the same after every clock edge.
# Then single bits of the netlist's state are inverted, and the comparison must notice.
# One architecture unless more are named: the blocks that differ have a test of their own in
# tests/block. Needs yosys and yosys-dev.
# Usage: BUILD=build COWALK=build/cowalk tests/two_simulators/run.sh [ARCH...]
# Ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
cowalk=${COWALK:-$build/cowalk}
work=$build/two_simulators
accesses=${ACCESSES:-20000}
upsets=12
# Small, so that all overflows; powers of two, so that no index leaves its array.
geometry=4-4-2-2-2-2-2-2-0-2-2-0-4
. testbench/geometry.sh
vroot=${VERILATOR_ROOT:-/usr/share/verilator}
[ $# -gt 0 ] || set -- riscv
mkdir -p "$work"

# Everything of one architecture: $work/ARCH.so. With -noflatten the C++ is larger by what crosses
# the blocks, but compiles in half the time.
build_twin() {
  local arch=$1 dir=$work/$1
  mkdir -p "$dir"
  # shellcheck disable=SC2046
  verilator --cc --trace-fst --assert -Wall -fno-const-bit-op-tree --top-module mmu_pins \
    --timescale-override 1ns/1ns --Mdir "$dir" --prefix "Vmmu_$arch" \
    $(geometry_parameters " -G%s=%s" "$arch" "$geometry") \
    -f rtl/mmu.f || return 1
  # VL_IN8(&name,msb,lsb); a pin wider than 64 bits would be a VL_INW and be missed
  ! grep -q 'VL_\(IN\|OUT\)W' "$dir/Vmmu_$arch.h" || return 1
  sed -n 's/^ *VL_IN[0-9]*(&\([a-z0-9_]*\),.*/PIN(\1)/p' "$dir/Vmmu_$arch.h" >"$dir/input_pins.h"
  sed -n 's/^ *VL_OUT[0-9]*(&\([a-z0-9_]*\),.*/PIN(\1)/p' "$dir/Vmmu_$arch.h" >"$dir/output_pins.h"
  yosys -q -p "read_verilog -sv -Irtl $(grep '\.sv$' rtl/mmu.f | tr '\n' ' ')
    hierarchy -check -top mmu_pins $(geometry_parameters " -chparam %s %s" "$arch" "$geometry")
    write_cxxrtl -g2 -noflatten -namespace netlist_design $dir/netlist_design.cc" || return 1
  # shellcheck disable=SC2086
  ${OBJCACHE:-} g++ -std=gnu++17 -O1 -fPIC -w -I"$yosys_include" -DCXXRTL_INCLUDE_CAPI_IMPL \
    -c "$dir/netlist_design.cc" -o "$dir/netlist_design.o" || return 1
  gcc -std=c17 -O2 -fPIC -Wall -Wextra -Wconversion -Werror -isystem "$yosys_include" -I. \
    -D_POSIX_C_SOURCE=200809L -c testbench/cxxrtl/netlist.c -o "$dir/netlist.o" || return 1
  make -s -C "$dir" -f "$PWD/testbench/hw_model.mk" hw.a ROOT="$PWD" PREFIX="Vmmu_$arch" \
    VERILATOR_ROOT="$vroot" OPT_FAST="-O1 -fPIC" OPT_SLOW="-O0 -fPIC" HW_DEFINES="-DHW_PREFIX=twin \
      -DTWIN_OF=Vmmu_$arch -I$PWD/testbench/cxxrtl -DHW_NAME=$arch -DHW_SYMBOL=hw_ops_entry \
      -DHW_GEOMETRY=${geometry//-/,} -DVL_USER_FATAL -DVL_USER_STOP -DVL_USER_FINISH" || return 1
  g++ -shared -Wl,-Bsymbolic -o "$work/$arch.so" -Wl,--whole-archive "$dir/hw.a" \
    -Wl,--no-whole-archive "$dir/netlist.o" "$dir/netlist_design.o" \
    "$build/hw/runtime_pic/runtime.a" -lpthread -latomic -lz
}
export -f build_twin geometry_parameters
export build work geometry geometry_names vroot
yosys_include=$work/include
export yosys_include

fuzz() { # arch, accesses, further arguments...
  COWALK_HW=$work/$1.so "$cowalk" fuzz --quiet --arch "$1" --backend lockstep --geometry $geometry \
    --accesses "$2" "${@:3}"
}

passed=0
failed=0
count() { # name, 0 if it passed
  if [ "$2" -eq 0 ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $1"
  fi
}

make -s BUILD="$build" "$build/hw/runtime_pic/runtime.a" || exit 1
testbench/cxxrtl/mended_include.sh "$yosys_include" || exit 1
declare -A job
for arch in "$@"; do
  bash -c "build_twin $arch" >"$work/$arch.log" 2>&1 &
  job[$arch]=$!
done
for arch in "$@"; do
  wait "${job[$arch]}" || { tail -n 20 "$work/$arch.log"; count "$arch does not build" 1; continue; }
  fuzz "$arch" "$accesses" --seed 11
  count "$arch: Verilator and cxxrtl" $?
  found=0
  for ((seed = 1; seed <= upsets; seed++)); do
    COWALK_UPSET=$seed fuzz "$arch" 2000 --seed 11 >"$work/$arch.upset" 2>&1
    grep -q 'Verilator and cxxrtl differ' "$work/$arch.upset" && found=$((found + 1))
  done
  echo "$arch: $found of $upsets inverted bits of state were seen at a pin"
  [ "$found" -ge 1 ]
  count "$arch: inverted bits" $?
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

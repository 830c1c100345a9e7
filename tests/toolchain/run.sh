#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Guards against known defects of Debian 12's Verilator 5.006 and Yosys 0.23. Each guard shows
# that the defect is there without the project's remedy and gone with it; a tool in which the
# defect is fixed fails the first half, and the remedy may then be dropped.
# Prints "ok NAME" or "FAILED NAME: why" and ends with "N passed, N failed".
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
build=${BUILD:-build}/toolchain
mkdir -p "$build"
passed=0
failed=0

check() { # name, command...
  local name=$1
  shift
  if "$@" >"$build/last.log" 2>&1; then
    echo "ok $name"
    passed=$((passed + 1))
  else
    echo "FAILED $name: $(tail -n 1 "$build/last.log")"
    failed=$((failed + 1))
  fi
}

# ---- Verilator -----------------------------------------------------------------------------------
# The same source built without and with the flag; its lines are "name wrong-answers".
verilate() { # directory, flags...
  local dir=$build/$1
  shift
  rm -rf "$dir"
  verilator --binary -Wno-lint -Wno-style "$@" -CFLAGS -O0 --Mdir "$dir" \
    --top-module verilator_guards "$here/verilator_guards.sv" >"$dir.log" 2>&1 &&
    "$dir/Vverilator_guards" >"$dir.out"
}
value() { awk -v name="$2" '$1 == name { print $2 }' "$build/$1.out"; }
is_zero() { [ "$(value "$1" "$2")" = 0 ] || { echo "$2 is '$(value "$1" "$2")', not 0"; false; }; }
not_zero() { [ "$(value "$1" "$2")" -gt 0 ] || { echo "$2 is 0: the defect is gone"; false; }; }
refused() { # module, warning: a -Wall lint must name the warning
  ! verilator --lint-only -Wall -Wno-DECLFILENAME --top-module "$1" "$here/verilator_guards.sv" \
    >"$build/lint.log" 2>&1 && grep -q "%Warning-$2" "$build/lint.log"
}

verilate default &
verilate flag -fno-const-bit-op-tree &
wait
check "bit-operation tree is wrong by default" not_zero default bit_op_tree
check "bit-operation tree is right with -fno-const-bit-op-tree" is_zero flag bit_op_tree
check "packed 2-D array with a wrapping index is wrong" not_zero flag index_packed
check "lint refuses that index" refused index_packed WIDTH
check "unpacked array with a plain index is right" is_zero flag index_unpacked
check "select beyond a vector overwrites its neighbour" not_zero flag write_plain
check "a checked select does not" is_zero flag write_checked
check "that test does write" is_zero flag write_plain_seen

# Every place that calls Verilator on the design passes the flag.
flag_everywhere() {
  local file
  for file in testbench/hw.mk .ci/lint.sh tests/block/run.sh tests/two_simulators/run.sh \
    testbench/coverage/coverage.sh; do
    grep -q -- '-fno-const-bit-op-tree' "$root/$file" || { echo "$file lacks the flag"; return 1; }
  done
}
check "the design is built with the flag" flag_everywhere

# ---- Yosys ---------------------------------------------------------------------------------------
evaluate() { # module, inputs "name value ...", defines: prints the value of b_o, or nothing
  local set=""
  set -- "$1" "$2" "${3:-}"
  read -ra words <<<"$2"
  for ((k = 0; k < ${#words[@]}; k += 2)); do set+=" -set ${words[k]} ${words[k + 1]}"; done
  yosys -Q -T -p "read_verilog -sv $3 $here/yosys_guards.sv; hierarchy -check -top $1; proc;
    memory; opt; eval $set -show b_o" 2>"$build/yosys.err" |
    sed -n "s/^Eval result: \\\\b_o = [0-9]*'\([01x]*\).*/\1/p"
}
says() { # expected, module, inputs, defines
  local got
  got=$(evaluate "${@:2}")
  [ "$got" = "$1" ] || { echo "$2 gives '$got', not $1"; false; }
}
lies() {
  local got
  got=$(evaluate "${@:2}")
  [ "$got" != "$1" ] || { echo "$2 gives $1: the defect is gone"; false; }
}
strict() { # module, defines: every warning an error, as for the design
  yosys -q -e . -p "read_verilog -sv $2 -DNO_ARRAYS $here/yosys_guards.sv
    hierarchy -check -top $1; proc; check -assert"
}
strict_refuses() { ! strict "$@"; }
check "array of structures is wrong" lies 101010 array_bad "a_i 42 i_i 0"
check "array of vectors is right" says 101010 array_good "a_i 42 i_i 0"
check "unqualified enum constant is wrong" lies 10 enum_bad "i_i 1" -DBAD_ENUM
check "warnings as errors refuse it" strict_refuses enum_bad -DBAD_ENUM
check "warnings as errors accept the qualified one" strict enum_good ""
check "qualified enum constant is right" says 10 enum_good "i_i 1"
check "function that returns a structure is wrong" lies 010110 return_bad "a_i 5" -DBAD_RETURN
check "structure built in a block is right" says 010110 return_good "a_i 5"

# cxxrtl: what a shift left pushes out of 52 bits must not be in the value
cat >"$build/shift.cpp" <<'CODE'
#include <backends/cxxrtl/cxxrtl.h>
int main() {
  cxxrtl::value<52> ones{0xffffffffu, 0xfffffu}, right{0xf8000000u, 0xfffffu};
  return ones.shl(cxxrtl::value<6>{27u}) == right ? 0 : 1;
}
CODE
shift_left() { # include directory
  g++ -std=gnu++17 -w -I"$1" -o "$build/shift" "$build/shift.cpp" && "$build/shift"
}
shift_left_wrong() { g++ --version >/dev/null && ! shift_left "$1"; }
"$root/testbench/cxxrtl/mended_include.sh" "$build/include"
check "cxxrtl's shift left is wrong" shift_left_wrong "$(yosys-config --datdir)/include"
check "it is right with the mended header" shift_left "$build/include"

# ---- the lint that keeps such forms out of rtl/ --------------------------------------------------
subset_refuses() { # why: the one finding must say so
  "$here/rtl_subset.py" "$build/probe.sv" && return 1
  "$here/rtl_subset.py" "$build/probe.sv" | grep -q -- "$1"
}
while IFS='|' read -r why code; do
  printf '// SPDX-License-Identifier: Apache-2.0\nmodule probe;\n%b\nendmodule\n' "$code" \
    >"$build/probe.sv"
  check "subset refuses: $why" subset_refuses "$why"
done <<'CASES'
packed 2-D array|  logic [7:0][30:0] q;
packed array of a type|  mmu_pkg::rights_t [3:0] q;
array of a structure|  mmu_pkg::step_t q [4];
unpacked-array port|  input logic [3:0] a_i [2], output logic b_o
import|  import mmu_pkg::*;
return|  function logic f(input logic a); return a; endfunction
inside|  assign a = b inside {1, 2};
assignment pattern|  assign a = '{x: 1, y: 2};
type parameter|  parameter type t = logic;
automatic local|  always_comb begin automatic logic x = 1; end
interface|  interface i;
structure in a function|  function logic f(input mmu_pkg::step_t s); f = s.dirty; endfunction
function returns a structure|  function mmu_pkg::step_t f(input logic s); f = s; endfunction
enum constant A|  package p; typedef enum logic {A, B} e; function f(input x); f = A; endfunction endpackage
lint_off|  // verilator lint_off WIDTH\n\n\n\n  assign a = b;
at most 100|  assign a = 1'b0; // xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
one module, named as the file|endmodule\nmodule second;
CASES
printf '// SPDX-License-Identifier: Apache-2.0\nmodule probe;\n  logic [3:0] q [4];\nendmodule\n' \
  >"$build/probe.sv"
check "subset accepts an array of vectors" "$here/rtl_subset.py" "$build/probe.sv"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

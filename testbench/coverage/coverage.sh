#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Line and toggle coverage of the RTL: testbench/coverage/coverage.sh BUILD. Builds the models of
# runs.txt with Verilator's coverage under BUILD/coverage (the program's own models stay as they
# are), runs the tests on them, merges the counts and prints the table of docs/code-coverage.md.
# Fails if a test fails, a model does not build, or report.py is not content.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=$(realpath "${1:-build}")
cov=$build/coverage
accesses=${ACCESSES:-60000}
here=testbench/coverage
flags='--cc --trace-fst --assert --coverage-line -Wno-fatal -Wno-lint'
flags+=' -fno-split'  # a split block counts its branches by what its variables are at its end
flags+=' -fno-const-bit-op-tree --top-module mmu_pins --timescale-override 1ns/1ns'
mkdir -p "$cov"
unset MAKEFLAGS MFLAGS MAKELEVEL
hw_tests=$(ls tests/*/test_hw_*.c tests/directed/test_*.c tests/sweep/test_*.c |
  xargs -n 1 basename | sed 's/\.c$//')

# one NAME COMMAND...: run it with its counts merged into $data/NAME.dat
one() {
  local name=$1 raw=$data/$1
  shift
  mkdir -p "$raw"
  if ! COWALK_HW=$so COWALK_COVERAGE=$raw timeout 1500 "$@" >"$raw.log" 2>&1; then
    echo "$run: $name failed:"
    tail -n 5 "$raw.log"
    return 1
  fi
  verilator_coverage --write "$raw.dat" "$raw"/*.dat >/dev/null && rm -rf "$raw"
}

measure() { # hardware, then all, or names of tests; the fuzzer in any case
  local run=$1 what=$2 so=$cov/hw/geom/$1.so data=$cov/data/$1 test bad=0
  SECONDS=0
  [ "$what" = all ] && flags+=' --coverage-toggle'
  rm -rf "$data" && mkdir -p "$data"
  if ! make -s JOBS=1 BUILD="$cov" HW_OPT=-O1 VERILATOR_FLAGS="$flags" \
    HW_RUNTIME='verilated verilated_threads verilated_fst_c verilated_cov' "$so" \
    >"$data/build.log" 2>&1; then
    tail -n 5 "$data/build.log"
    return 1
  fi
  local built=$SECONDS
  shift
  [ "$what" = all ] && set -- $hw_tests
  for test in "$@"; do
    [ "$test" = fuzz ] || one "$test" "$build/tests/$test" || bad=1
  done
  one fuzz "$build/cowalk" fuzz --quiet --backend lockstep --arch "${run%%-*}" \
    --geometry "${run#*-}" --accesses "$accesses" || bad=1
  verilator_coverage --write "$cov/$run.dat" "$data"/*.dat >/dev/null || bad=1
  echo "  $run: built in $built s, run in $((SECONDS - built)) s"
  return $bad
}
export -f one measure
export build cov accesses flags hw_tests

# The run-time library is common to all: built before they start.
make -s BUILD="$cov" HW_RUNTIME='verilated verilated_threads verilated_fst_c verilated_cov' \
  "$cov/hw/runtime_pic/runtime.a" >"$cov/runtime.log" 2>&1 || { cat "$cov/runtime.log"; exit 1; }
rm -f "$cov"/*.dat
runs=$(grep -v '^#' $here/runs.txt)
echo "$runs" | xargs -P "${JOBS:-$(nproc)}" -L 1 bash -c 'measure "$@"' measure || exit 1
$here/report.py $here/explained.txt "$cov/toggles.txt" "$cov"/*.dat

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Break the project on purpose, one patch at a time, and see which test notices:
#   tests/mutants/run.sh BUILD [PATCH...]
# Each patch of rtl/ and c/ is applied to a copy of the tree under BUILD/mutants; only what it
# touches is built there, and the tests of BUILD, unmodified, are run on it: first the one that the
# patch names, then all. Prints a table; fails if a mutant survives, does not build, or no longer
# applies, or if the tests fail on the unbroken hardware. README.md says how to write one.
set -u
here=tests/mutants
build=$(realpath "$1") || exit 1
shift
work=$build/mutants
geometry=8-8-8-2-4-4-4-4-0-2-4-0-4
hw_tests="test_faults test_hazards_ad test_hazards_fault test_hazards_inval test_hazards_walk
  test_formats test_ranges test_l2 test_victims test_desc_cache test_hazards_regs test_counters test_hw_timing
  test_hw_walks test_hw_stage2 test_hazards_guests test_hazards_stage2 test_hazards_nested test_sweep"
mkdir -p "$work"

field() { sed -n "s/^$2: //p" "$1" | head -n 1; }

# hardware PATCH: architecture and geometry, as the shared object is named
hardware() {
  local other
  other=$(field "$1" Geometry)
  echo "$(field "$1" Hardware)-${other:-$geometry}"
}

# quiet LOG COMMAND...: 0 passed, 1 a test failed, 2 it could not run
quiet() {
  local log=$1
  shift
  timeout 300 "$@" >"$log" 2>&1 </dev/null
  local status=$?
  if [ $status -eq 0 ]; then
    # a filter that matches nothing is no test
    grep -q '^\[       OK \]' "$log" && return 0
    return 2
  fi
  grep -q '^COWALK_HW: ' "$log" && return 2 # not loaded
  [ $status -eq 124 ] && echo 'TIMEOUT' >>"$log" && return 1
  grep -q '^\[==========\]' "$log" && return 1
  return 2
}

first_failure() {
  local name
  name=$(sed -n 's/^\[  FAILED  \] \([a-zA-Z].*\)$/\1/p' "$1" | head -n 1)
  echo "${name:-$(sed -n 's/^\[ RUN      \] //p' "$1" | tail -n 1), which died}"
}

# verdict NAME TEXT SECONDS CODE
verdict() {
  printf '%-40s %-58s %4d s\n' "$1" "$2" "$3"
  echo "$4" >"$work/$1.code"
}

copy_tree() {
  rm -rf "$1"
  mkdir -p "$1/build"
  cp -a Makefile .ci rtl csim firmware testbench tests "$1/"
  cp -a "$build/packages.ok" "$1/build/"
}

# Run the hardware tests on one shared object; prints the failing test, "" if all pass.
hunt() {
  local so=$1 killer=$2 name=$3 program filter status
  program=${killer%% *}
  filter=${killer#* }
  TEST_FILTER=$filter COWALK_HW=$so quiet "$work/$name.log" "$build/tests/$program"
  status=$?
  [ $status -eq 1 ] && first_failure "$work/$name.log" && return 0
  [ $status -eq 2 ] && echo "?named killer cannot run: $killer" && return 0
  for program in $hw_tests; do
    COWALK_HW=$so quiet "$work/$name.log" "$build/tests/$program"
    status=$?
    [ $status -eq 1 ] && echo "$(first_failure "$work/$name.log") (not the named test)" && return 0
    [ $status -eq 2 ] && echo "?$program cannot run" && return 0
  done
}

judge_hunt() {
  local name=$1 result=$2
  case $result in
    '') verdict "$name" 'SURVIVED' "$SECONDS" 1 ;;
    '?'*) verdict "$name" "ERROR: ${result#?}" "$SECONDS" 1 ;;
    *) verdict "$name" "killed by $result" "$SECONDS" 0 ;;
  esac
}

rtl_mutant() {
  local patch=$1 name dir hw so
  name=rtl-$(basename "$patch" .patch)
  dir=$work/$name
  hw=$(hardware "$patch")
  so=$dir/build/hw/geom/$hw.so
  SECONDS=0
  copy_tree "$dir"
  mkdir -p "$dir/build/hw"
  cp -a "$build/hw/runtime_pic" "$dir/build/hw/"
  if ! patch -d "$dir" -p1 -F0 -s <"$patch" >"$work/$name.log" 2>&1; then
    verdict "$name" "ERROR: the patch does not apply" "$SECONDS" 1
    return
  fi
  if ! make -s -C "$dir" JOBS=1 BUILD=build HW_OPT=-O1 \
    VERILATOR_FLAGS='--cc --trace-fst --assert -Wno-fatal -Wno-lint -fno-const-bit-op-tree --top-module mmu_pins --timescale-override 1ns/1ns' \
    "build/hw/geom/$hw.so" >"$work/$name.log" 2>&1; then
    verdict "$name" "ERROR: it does not build, see $work/$name.log" "$SECONDS" 1
    return
  fi
  judge_hunt "$name" "$(hunt "$so" "$(field "$patch" Killer)" "$name")"
  rm -rf "$dir"
}

# A mutant of the C side: the killer is a unit test program, or "fuzz ARCH" for the lockstep.
c_mutant() {
  local patch=$1 name dir killer target
  name=c-$(basename "$patch" .patch)
  dir=$work/$name
  killer=$(field "$patch" Killer)
  SECONDS=0
  copy_tree "$dir"
  mkdir -p "$dir/build/hw"
  cp -a "$build/hw/x86" "$build/hw/arm" "$build/hw/riscv" "$build/hw/runtime" "$dir/build/hw/"
  cp -a "$build/obj" "$build/asan" "$dir/build/"
  if ! patch -d "$dir" -p1 -F0 -s <"$patch" >"$work/$name.log" 2>&1; then
    verdict "$name" "ERROR: the patch does not apply" "$SECONDS" 1
    return
  fi
  case $killer in
    fuzz*) target=build/cowalk ;;
    *) target=build/tests/${killer%% *} ;;
  esac
  if ! make -s -C "$dir" JOBS=1 BUILD=build TRAINED= "$target" >"$work/$name.log" 2>&1; then
    verdict "$name" "ERROR: it does not build, see $work/$name.log" "$SECONDS" 1
    return
  fi
  if [ "$target" = build/cowalk ]; then
    if timeout 180 "$dir/build/cowalk" fuzz --arch "${killer#* }" --backend lockstep --seed 1 \
      --accesses 60000 >"$work/$name.log" 2>&1; then
      verdict "$name" 'SURVIVED' "$SECONDS" 1
    else
      verdict "$name" "killed by lockstep on ${killer#* }" "$SECONDS" 0
    fi
  else
    quiet "$work/$name.log" "$dir/$target"
    case $? in
      0) verdict "$name" 'SURVIVED' "$SECONDS" 1 ;;
      1) verdict "$name" "killed by $(first_failure "$work/$name.log")" "$SECONDS" 0 ;;
      *) verdict "$name" "ERROR: $killer cannot run" "$SECONDS" 1 ;;
    esac
  fi
  rm -rf "$dir"
}

# What kills the unbroken hardware proves nothing about the broken one.
unbroken() {
  local hw=$1 so=$build/hw/geom/$1.so program
  SECONDS=0
  make -s JOBS=1 BUILD="$build" "$so" >"$work/none-$hw.log" 2>&1 ||
    { verdict "none-$hw" 'ERROR: it does not build' "$SECONDS" 1; return; }
  for program in $hw_tests; do
    if ! COWALK_HW=$so quiet "$work/none-$hw.log" "$build/tests/$program"; then
      verdict "none-$hw" "ERROR: $program fails without a mutant" "$SECONDS" 1
      return
    fi
  done
  verdict "none-$hw" 'passes all tests, as it must' "$SECONDS" 0
}

one() {
  case $1 in
    */rtl/*) rtl_mutant "$1" ;;
    */c/*) c_mutant "$1" ;;
    *) unbroken "$1" ;;
  esac
}
export -f field hardware quiet first_failure verdict copy_tree hunt judge_hunt rtl_mutant c_mutant unbroken one
export build work geometry hw_tests

if [ $# -eq 0 ]; then set -- $here/rtl/*.patch $here/c/*.patch; fi
patches=()
for p in "$@"; do [ -e "$p" ] && patches+=("$p"); done
[ ${#patches[@]} -gt 0 ] || { echo 'no mutants found' >&2; exit 1; }

start=$(date +%s)
rm -f "$work"/*.code
unset MAKEFLAGS MFLAGS
make -s BUILD="$build" "$build/hw/runtime_pic/runtime.a" || exit 1
# Mutants of the C side are built plain (TRAINED=): each is linked, and that link is short.
relative=$(realpath --relative-to=. "$build") # as the rules name what they depend on
make -s BUILD="$relative" "$relative/libcowalk.a" || exit 1
hardware=$(for p in "${patches[@]}"; do [ -n "$(field "$p" Hardware)" ] && hardware "$p"; done | sort -u)
# shellcheck disable=SC2086
printf '%s\n' $hardware "${patches[@]}" | xargs -P "$(nproc)" -I{} bash -c 'one {}'
bad=$(cat "$work"/*.code | grep -c -v '^0$')
count=$(ls "$work" | grep -c '\.code$')
echo "${#patches[@]} mutants in $(($(date +%s) - start)) s, $bad not killed"
[ "$bad" -eq 0 ] && [ "$count" -ge ${#patches[@]} ]

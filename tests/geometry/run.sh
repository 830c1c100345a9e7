#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The RTL's tests again, and a lockstep run, on other geometries: one walk at a time, no walk cache, no nested TLB
# and odd counts, no L2, the physical walk cache, many walks. Run from the root of the repository with BUILD set.
set -u
: "${BUILD:=build}"
passed=0
failed=0
for g in riscv-4-4-4-2-4-4-4-4-0-1-1-0-0 x86-2-1-2-1-0-0-0-0-0-3-3-0-0 x86-4-4-0-1-4-4-4-4-1-3-3-0-4 \
  arm-16-8-16-4-4-4-4-4-1-8-8-0-8; do
  so=$BUILD/hw/geom/$g.so
  mkdir -p "$BUILD/hw/geom"
  make -s "$so" >"$so.log" 2>&1 || { cat "$so.log"; exit 1; }
  tests="test_hw_timing test_hw_walks test_hw_stage2 test_hazards_stage2 test_hazards_nested"
  case $g in
    x86-2-1-*) ;; # the directed tests and the sweeper keep four entries in a TLB
    *) tests="$tests test_hazards_guests test_faults test_hazards_ad test_hazards_fault test_hazards_inval
         test_hazards_walk test_formats test_ranges test_l2 test_victims test_desc_cache test_counters
         test_sweep" ;;
  esac
  for t in $tests; do
    make -s "$BUILD/tests/$t" >/dev/null || exit 1
    if COWALK_HW=$so "$BUILD/tests/$t" >"$so.log" 2>&1; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1))
      echo "$t on $g:"
      grep -A1 'ERROR  \|LINE' "$so.log"
    fi
  done
  if COWALK_HW=$so "$BUILD/cowalk" fuzz --quiet --arch "${g%%-*}" --geometry "${g#*-}" \
    --backend lockstep --accesses 20000 --seed 5 >"$so.log" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    cat "$so.log"
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

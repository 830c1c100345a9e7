#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Run test suites, two at a time: tests/run.sh BUILD SUITE...
# A suite is a cmocka program or a script whose last line is "N passed, N failed". Each keeps its
# output in BUILD/logs. The closing line counts them all; a suite that dies counts as one failure.
set -u
unset MAKEFLAGS MFLAGS MAKELEVEL # suites may call make themselves
build=$1
shift
export BUILD=$build COWALK=$build/cowalk
logs=$build/logs
rm -rf "$logs"
mkdir -p "$logs"

# Leaves "passed failed seconds" in the suite's .count
run_suite() {
  local suite=$1 name log passed failed status line
  name=$(basename "$suite")
  [ "$name" = run.sh ] && name=$(basename "$(dirname "$suite")")
  log=$logs/$name.log
  SECONDS=0
  timeout 900 "$suite" >"$log" 2>&1 </dev/null
  status=$?
  line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)
  if [ -n "$line" ]; then
    passed=$(echo "$line" | cut -d' ' -f1)
    failed=$(echo "$line" | cut -d' ' -f3)
  else
    passed=$(grep -c '^\[       OK \]' "$log")
    failed=$(($(grep -c '^\[ RUN      \]' "$log") - passed - $(grep -c '^\[  SKIPPED \] t' "$log")))
  fi
  passed=${passed:-0}
  failed=${failed:-0}
  if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
  if [ $((passed + failed)) -eq 0 ]; then failed=1; fi
  echo "$passed $failed" >"$logs/$name.count"
  printf '  %-28s %5d passed %3d failed  %4d s\n' "$name" "$passed" "$failed" "$SECONDS"
  if [ "$failed" -ne 0 ]; then
    grep -E 'FAILED|ERROR|error|assert|runtime' "$log" | tail -n 8 | sed 's/^/      /'
    echo "      more in $log"
  fi
}
export -f run_suite
export logs

# What takes more than a minute begins first, so that no processor is idle at the end.
long='/(test_tlb_equal|two_simulators/run.sh|geometry/run.sh|lockstep/run.sh|test_waves|block/run.sh|test_machine_hits|test_closed_forms|test_sweep)$'
in_order() {
  printf '%s\n' "$@" | grep -E "$long"
  printf '%s\n' "$@" | grep -vE "$long"
}

in_order "$@" | xargs -P "$(nproc)" -I{} bash -c 'run_suite {}'
cat "$logs"/*.count | awk '{p += $1; f += $2}
  END {printf "%d passed, %d failed\n", p, f; exit f != 0 || p == 0}'

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# make oracle: tests/oracle/oracle.sh DIRECTORY SEED CASES
# Cases for each architecture, run by an emulator and by a backend of our own (BACKEND: lockstep, rtl,
# model); ARCHS: some of them. The last line counts.
set -u
dir=$1 seed=$2 cases=$3
backend=${BACKEND:-lockstep}
here=$(dirname "$0")
. "$here/emulators.sh"
bad=0
runs=0
SECONDS=0

run() { # architecture
  local program version known
  program=$(emulator_of "$1")
  version=$(emulator_version "$program")
  known=$(emulator_measured "$program")
  echo "$1: $program $version, seed $seed"
  case $version in
    $known | $known.*) echo "  the deviations known of $known apply" ;;
    *) echo "  the deviations were measured with $known; what else differs here is still to be named" ;;
  esac
  mkdir -p "$dir/$1"
  "$dir/oracle" make "$1" "$seed" "$cases" "$dir/$1.cases" || bad=1
  emulate "$1" "$dir"
  "$dir/oracle" judge "$1" "$dir/$1.cases" "$dir/$1/results.bin" "${version%%.*}" || bad=1
  "$dir/oracle" replay "$1" "$dir/$1.cases" "$backend" || bad=1
  runs=$((runs + 1))
}

for arch in ${ARCHS:-$ORACLE_ARCHS}; do run "$arch"; done
[ "$bad" -eq 0 ] && verdict="all as the manuals say or as a known deviation predicts" ||
  verdict="something differs, see above"
echo "oracle: $((runs * cases)) cases, seed $seed, $SECONDS s: $verdict"
exit "$bad"

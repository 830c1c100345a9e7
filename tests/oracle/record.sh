#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the reference output again, after `make oracle`: tests/oracle/record.sh DIRECTORY
# A case for every third bin of Arm, for every fifth of RISC-V, for three in five of x86, with what
# the emulator made of it.
set -eu
dir=$1
here=$(dirname "$0")
. "$here/emulators.sh"
for arch in ${ARCHS:-$ORACLE_ARCHS}; do
  case $arch in
    arm64) cases=1302 every=3 ;;
    riscv) cases=2506 every=5 ;;
    amd) cases=2178 every=5 ;;
    intel) cases=1394 every=3 ;;
    ryzen) cases=1256 every=3 ;;
  esac
  program=$(emulator_of "$arch")
  version=$(emulator_version "$program")
  known=$(emulator_measured "$program")
  case $version in
    $known | $known.*) ;;
    *) echo "The reference is of $program $known." >&2 && exit 1 ;;
  esac
  mkdir -p "$dir/$arch"
  "$dir/oracle" make "$arch" 1 "$cases" "$dir/$arch.cases"
  emulate "$arch" "$dir"
  "$dir/oracle" judge "$arch" "$dir/$arch.cases" "$dir/$arch/results.bin" "${version%%.*}" | tail -n 1
  "$dir/oracle" record "$arch" "$dir/$arch.cases" "$dir/$arch/results.bin" "$every" |
    zstd -q -19 -f -o "$here/$arch.zst"
done
ls -l "$here"/*.zst

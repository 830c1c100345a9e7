#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the reference output again, after `make oracle`: tests/oracle/record.sh DIRECTORY
# A case for every third bin of Arm, for every fifth of RISC-V, with what QEMU 7.2 made of it.
set -eu
dir=$1
here=$(dirname "$0")
. "$here/emulators.sh"
for arch in $ORACLE_ARCHS; do
  case $arch in
    arm64) cases=1302 every=3 ;;
    riscv) cases=2506 every=5 ;;
  esac
  case $(emulator_version "$(emulator_of "$arch")") in
    7.2.*) ;;
    *) echo "The reference is of QEMU 7.2." >&2 && exit 1 ;;
  esac
  "$dir/oracle" make "$arch" 1 "$cases" "$dir/$arch.cases"
  emulate "$arch" "$dir"
  "$dir/oracle" judge "$arch" "$dir/$arch.cases" "$dir/$arch/results.bin" 7 | tail -n 1
  "$dir/oracle" record "$arch" "$dir/$arch.cases" "$dir/$arch/results.bin" "$every" |
    zstd -q -19 -f -o "$here/$arch.zst"
done
ls -l "$here"/*.zst

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# make oracle: tests/oracle/oracle.sh DIRECTORY SEED CASES
# Cases for each architecture, run by an emulator and by a backend of our own (BACKEND, default:
# model). The last line counts.
set -u
dir=$1 seed=$2 cases=$3
backend=${BACKEND:-model}
here=$(dirname "$0")
bad=0
SECONDS=0

qemu_version() { "$1" --version | sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p'; }

# Both emulators print nothing; the payload writes results.bin by semihosting.
QUIET="-display none -serial none -monitor none -nic none -m 512M
  -semihosting-config enable=on,target=native"

# One CPU for Arm: with two, an atomic's fault is that of its write (WnR). Two for RISC-V: with one,
# an AMO's fault is that of a load.
emulate() { # architecture
  case $1 in
    arm64) "$here/emulate.sh" "$dir/arm64" qemu-system-aarch64 -M virt,virtualization=on -cpu max \
      -smp 1 $QUIET -kernel ../arm64.elf \
      -device loader,file=../arm64.cases,addr=0x48000000,force-raw=on ;;
    riscv) "$here/emulate.sh" "$dir/riscv" qemu-system-riscv64 -M virt -cpu rv64,h=true -smp 2 \
      $QUIET -bios ../riscv.elf \
      -device loader,file=../riscv.cases,addr=0x88000000,force-raw=on ;;
  esac
}

run() { # architecture, emulator
  local version
  version=$(qemu_version "$2")
  echo "$1: QEMU $version ($2), seed $seed"
  case $version in
    7.*) echo "  the deviations known of QEMU 7.2 apply" ;;
    *) echo "  the deviations were measured with QEMU 7.2: of this version some are unknown" ;;
  esac
  mkdir -p "$dir/$1"
  "$dir/oracle" make "$1" "$seed" "$cases" "$dir/$1.cases" || bad=1
  emulate "$1"
  "$dir/oracle" judge "$1" "$dir/$1.cases" "$dir/$1/results.bin" "${version%%.*}" || bad=1
  "$dir/oracle" replay "$1" "$dir/$1.cases" "$backend" || bad=1
}

run arm64 qemu-system-aarch64
run riscv qemu-system-riscv64
[ "$bad" -eq 0 ] && verdict="all as the manuals say or as a known deviation predicts" ||
  verdict="something differs, see above"
echo "oracle: $((2 * cases)) cases, seed $seed, $SECONDS s: $verdict"
exit "$bad"

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Reads the RTL with Yosys, for each architecture, every warning an error, and holds it to:
#   check -assert   no undriven or doubly driven net, no combinational loop
#   no latch        every process is a register or a function
#   no through path no input reaches an output without a register (clock and reset aside), which is
#                   what lets the simulation harness evaluate once for each clock edge
# The last check is itself checked: with one wire from an input to an output it must fail.
set -eu
cd "$(dirname "$0")/../.."
files=$(grep '\.sv$' rtl/mmu.f | tr '\n' ' ')
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Registers end a path; a memory's write port has no output, its read port is combinational.
through='i:* i:clk_i %d i:rst_ni %d %coe*:-$dff,$dffe,$adff,$adffe,$sdff,$aldff o:* %i'

run() { # description, script
  if ! yosys -q -e '.*' -p "$2" >"$log" 2>&1; then
    echo "$1:" >&2
    tail -n 20 "$log" >&2
    return 1
  fi
}

for arch in 0 1 2; do
  run "synthesis check, Arch=$arch" "
    read_verilog -sv -Irtl $files
    chparam -set Arch $arch mmu_pins
    hierarchy -check -top mmu_pins
    proc
    select -assert-none t:\$dlatch t:\$adlatch t:\$dlatchsr t:\$sr
    check -assert
    flatten
    opt_clean
    check -assert
    select -assert-none $through"
done

if run "planted path" "
    read_verilog -sv -Irtl $files
    hierarchy -top mmu_pins
    proc
    flatten
    connect -nounset -set ev_merge_o mem_rsp_ok_i
    select -assert-none $through" 2>/dev/null || ! grep -q "selection is not empty" "$log"; then
  echo "synthesis check: a planted path from an input to an output was not found" >&2
  tail -n 20 "$log" >&2
  exit 1
fi
echo "synthesis check: 3 architectures, no latch, no path from an input to an output"

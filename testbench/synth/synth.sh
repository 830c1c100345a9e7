#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Maps the MMU to six-input lookup tables, flip-flops and RAM with Yosys, block by block, and
# prints what it takes: testbench/synth/synth.sh BUILD [ARCH...]. docs/synthesis.md says how to read
# it. GEOMETRY=... takes another geometry than the default.
# Fails on a latch, a combinational loop, a bit without a driver or with two, and any warning;
# that it does is checked first, by planting each in a copy of the RTL.
# Leaves BUILD/synth/ARCH.json, the tables for a program to read.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${1:-build}
shift
[ $# -gt 0 ] || set -- x86 arm riscv
work=$build/synth
geometry=${GEOMETRY:-64-64-128-8-16-16-16-16-0-2-4-0-16}
small=4-4-2-2-2-2-2-2-0-1-1-0-4
mkdir -p "$work"

. testbench/geometry.sh
chparams() { geometry_parameters ' -chparam %s %s' "$1" "$2"; } # arch, geometry

# Up to where nothing has been optimised away that should be complained of.
# Dead wires go before the second check: Yosys would count their missing drivers too.
read_and_check() { # arch, geometry, root of the RTL
  local files
  files=$(grep '\.sv$' rtl/mmu.f | sed "s|^|$3/|" | tr '\n' ' ')
  echo "read_verilog -sv -I$3/rtl $files
    hierarchy -check -top mmu_pins $(chparams "$1" "$2")
    proc
    select -assert-none t:\$dlatch t:\$adlatch t:\$dlatchsr t:\$sr
    check -assert"
}

map() {
  local arch=$1 out=$work/$1
  SECONDS=0
  echo "$(read_and_check "$arch" "$geometry" .)
    chformal -remove
    opt
    memory -nomap
    select -set ram t:\$mem_v2 r:SIZE>=64 %i r:RD_PORTS<=2 %i r:RD_CLK_ENABLE=1'b0 r:RD_CLK_ENABLE=2'b00 %u %d
    memory_map t:\$mem_v2 @ram %d
    opt -fast
    techmap
    opt_clean
    abc -fast -lut 6
    opt_clean
    check -assert
    write_json $out.blocks.json
    flatten
    check -assert
    select -assert-none t:\$dlatch t:\$_DLATCH* t:\$sr t:\$_SR*
    write_json $out.flat.json" >"$out.ys"
  if ! yosys -q -e '.*' "$out.ys" >"$out.log" 2>&1; then
    echo "synthesis of $arch:"
    tail -n 20 "$out.log"
    return 1
  fi
  testbench/synth/report.py "$arch" "$geometry" "$out.blocks.json" "$out.flat.json" "$out.json" \
    >"$out.txt" || return 1
  rm -f "$out.flat.json"
  echo "  $arch: $SECONDS s"
}

# plant WHAT SED MESSAGE: with the top edited so, the check must complain and say the message.
plant() {
  local what=$1 edit=$2 message=$3 tree=$work/planted top=rtl/mmu_pins.sv
  rm -rf "$tree" && mkdir -p "$tree" && cp -r rtl "$tree/" || return 1
  sed -i "$edit" "$tree/$top"
  if cmp -s $top "$tree/$top"; then
    echo "synthesis: a $what could not be planted in $top"
    return 1
  fi
  if yosys -q -p "$(read_and_check x86 $small "$tree")
      flatten
      opt_clean
      check -assert" >"$tree/log" 2>&1 || ! grep -q -- "$message" "$tree/log"; then
    echo "synthesis: a planted $what was not found:"
    tail -n 5 "$tree/log"
    return 1
  fi
  echo "  a planted $what is found"
}

plants() {
  plant latch 's/^endmodule/logic plant; always @* if (mem_rsp_ok_i) plant = idle_o;\n&/' \
    'selection is not empty' &&
    plant 'combinational loop' \
      's/^endmodule/logic a, b; assign a = b ^ idle_o; assign b = a ^ mem_rsp_ok_i;\n&/' \
      'found logic loop' &&
    plant 'bit without a driver' \
      's/^endmodule/logic [1:0] a; logic b; assign a[0] = idle_o; assign b = ^a;\n&/' \
      'a \[1\] is used but has no driver' &&
    plant 'unconnected port' '/\.mem_rsp_ok_i  /d' 'rsp_ok_i is used but has no driver'
}
export -f chparams geometry_parameters read_and_check map
export work geometry geometry_names

plants || exit 1
printf '%s\n' "$@" | xargs -P "${JOBS:-1}" -I{} bash -c 'map {}' || exit 1
for arch in "$@"; do
  echo
  cat "$work/$arch.txt"
done

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Copies cxxrtl's headers to DIR and mends value::shl, which in Yosys 0.23 leaves what is shifted
# out of a value in the unused bits of its last word, where a comparison sees it.
# tests/toolchain shows the defect. Usage: mended_include.sh DIR; then compile with -I DIR.
set -eu
mkdir -p "$1/backends"
cp -R "$(yosys-config --datdir)/include/backends/cxxrtl" "$1/backends/"
header=$1/backends/cxxrtl/cxxrtl.h
awk '
  / shl\(const value<AmountBits>/ { inside = 1 }
  inside && /msb_mask/ { mended = 1 }
  inside && /^\t\treturn result;/ {
    if (!mended) print "\t\tresult.data[chunks - 1] &= msb_mask;"
    inside = 0
    mended = 1
  }
  { print }
  END { if (!mended) { print "value::shl not found" >"/dev/stderr"; exit 1 } }
' "$header" >"$header.new"
mv "$header.new" "$header"

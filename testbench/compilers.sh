#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: testbench/compilers.sh CC CXX
# Prints the version of the one GCC that both are, if it is new enough for training.mk: 10, for
# -fprofile-partial-training. "none" if neither is installed yet; nothing if they will not do.
version() {
  printf '__clang__ __GNUC__ __GNUC_MINOR__ __GNUC_PATCHLEVEL__' | $1 -E -P -x c - 2>/dev/null ||
    echo none
}
cc=$(version "$1")
cxx=$(version "$2")
[ "$cc" != none ] || cc=$cxx
[ "$cxx" != none ] || cxx=$cc
case $cc in
  "__clang__ "[1-9][0-9]" "*) [ "$cc" != "$cxx" ] || echo "${cc#* }" | tr ' ' . ;;
  none) echo none ;;
esac

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: testbench/training.sh PROGRAM
# Runs what the models are laid out for (hw.mk): hits in the L1, hits in the L2, walks, and a little
# of everything else, with two stages too. The same on every machine. Writes PROGRAM.log.
set -eu
train=$1
log=$train.log
here=$(dirname "$0")

quiet() {
  "$@" >"$log" 2>&1 || {
    cat "$log" >&2
    exit 1
  }
}

for program in "pages=24 run=8 pattern=loop accesses=6000" \
  "pages=512 run=1 pattern=loop accesses=6000" \
  "pages=4096 run=1 pattern=random accesses=4000"; do
  quiet "$train" run "$here/training.ini" --out "$train.out" \
    --set "workload.program=synthetic:$program compute=1 cross=1"
done
quiet "$train" fuzz --backend rtl --arch all --stages both --accesses 1000 --seed 1 --quiet

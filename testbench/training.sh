#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: testbench/training.sh PROGRAM
# Runs what the program is laid out for (training.mk). Hardware: hits in the L1, hits in the L2,
# walks, and a little of everything else, with two stages too. C model: programs of the same three
# kinds, first touches, reclaim under each policy, several CPUs, huge pages, a recorded program, and
# replays of page traces. The same on every machine: one process at a time, for a child that is
# forked counts nothing. Writes PROGRAM.log.
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

run() { # settings of `cowalk run`...
  quiet "$train" run "$here/training.ini" --jobs 1 --out "$train.out" "$@"
}

# synthetic BACKEND ARCHS MEMORY POLICY PROGRAM [SETTING...]
synthetic() {
  backend=$1 archs=$2 memory=$3 policy=$4 program=$5
  shift 5
  run --backend "$backend" --arch "$archs" --set "machine.memory=$memory" \
    --set "os.policy=$policy" --set "workload.program=synthetic:$program" "$@"
}

for program in "pages=24 run=8 pattern=loop accesses=6000" \
  "pages=512 run=1 pattern=loop accesses=6000" \
  "pages=4096 run=1 pattern=random accesses=4000"; do
  synthetic lockstep all 64M clock "$program compute=1 cross=1"
done
quiet "$train" fuzz --backend lockstep --arch all --stages both --accesses 1000 --seed 1 --quiet

# Memory suffices.
synthetic model all 64M clock "pages=20 touch=1 accesses=150000"
synthetic model all 64M clock "pages=1024 touch=1 accesses=150000"
synthetic model all 512M mglru "pages=65536 touch=1 accesses=150000"
# It does not: all is touched, then used again.
for policy in clock twolist mglru; do
  synthetic model all 32M "$policy" "pages=9000 touch=1 accesses=40000"
done
# Several CPUs, files and children; huge pages; a recorded program.
for program in "pages=20" "pages=1024" "pages=8192 pattern=random run=2" \
  "pages=1200 file=600 shmem=400 fork=2 run=16"; do
  synthetic model all 32M clock "$program accesses=100000" --set machine.cpus=2
done
synthetic model x86 64M clock "pages=6000 accesses=60000 run=4" --set os.thp=always
run --backend model --arch arm --set machine.memory=14M --set limits.accesses=100000 \
  --set "workload.program=$here/../traces/sqlite3.zst"
# The model, asked by others than the machine; page traces.
quiet "$train" fuzz --backend model --arch all --accesses 40000 --seed 1 --quiet
quiet "$train" replay --frames 1000 zipf:200000,10000
quiet "$train" replay --policy twolist,mglru --frames 1000 zipf:50000,10000

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Random page tables and access streams in lockstep: at least 800,000 accesses an architecture,
# with every legal bin of the coverage table at least 20 times; the model under the same judge;
# a small geometry, in which everything is evicted all the time; and two stages.
# Usage: BUILD=build COWALK=build/cowalk tests/lockstep/run.sh
COWALK=${COWALK:-build/cowalk}
passed=0
failed=0

check() {
  name=$1
  shift
  if "$COWALK" fuzz --quiet "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $name"
  fi
}

for arch in x86 arm riscv; do
  check "$arch lockstep" --arch $arch --backend lockstep --stages 1 --seed 1 \
    --accesses 600000 --least 20
  check "$arch lockstep, two stages" --arch $arch --backend lockstep --stages 2 --seed 8 \
    --accesses 200000
  check "$arch model" --arch $arch --backend judged-model --stages 1 --seed 2 \
    --accesses 600000 --least 20
  check "$arch model, two stages" --arch $arch --backend judged-model --stages 2 --seed 7 \
    --accesses 300000
  check "$arch small model" --arch $arch --backend judged-model --seed 3 --accesses 100000 \
    --geometry 2-2-2-1-0-0-0-0-0-1-1-0-0
  check "$arch wide model" --arch $arch --backend judged-model --seed 4 --accesses 100000 \
    --geometry 256-256-128-8-64-64-64-64-0-8-8-0-64
  check "$arch physical model" --arch $arch --backend judged-model --seed 6 --accesses 200000 \
    --geometry 8-8-16-4-8-8-8-8-1-4-4-2-4
done
for arch in x86 arm riscv; do
  check "$arch teaching geometry" --arch $arch --backend lockstep --seed 5 --accesses 50000 \
    --geometry 4-4-4-2-4-4-4-4-0-1-1-0-4
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]

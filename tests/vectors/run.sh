#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The fault vectors are what their generator writes.
set -u
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
passed=0
failed=0
python3 tests/vectors/generate.py "$out" || exit 1
for name in x86 amd arm64 riscv; do
  if cmp "$out/$name.csv" "tests/vectors/$name.csv"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $name.csv: run tests/vectors/generate.py tests/vectors"
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

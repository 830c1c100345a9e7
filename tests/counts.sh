# SPDX-License-Identifier: Apache-2.0
# For a suite to read in (". tests/counts.sh", from the root of the tree): counts what is right and what
# is not. It ends with the line "N passed, N failed", which tests/run.sh looks for.
# shellcheck shell=sh disable=SC2034
passed=0
failed=0

ok() { passed=$((passed + 1)); }
bad() {
  failed=$((failed + 1))
  echo "FAILED: $*"
}

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every static check: .ci/lint.sh JOBS. Prints one line a check and ends non-zero if one complains.
set -u
jobs=$1
bad=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT

check() { # name, command...
  local name=$1
  shift
  SECONDS=0
  if "$@" >"$out" 2>&1; then
    printf '  %-34s ok    %3d s\n' "$name" "$SECONDS"
  else
    printf '  %-34s BAD   %3d s\n' "$name" "$SECONDS"
    tail -n 40 "$out" | sed 's/^/      /'
    bad=1
  fi
}

rtl_lint() { # arch number, further parameters
  verilator --lint-only -Wall -fno-const-bit-op-tree --top-module mmu_pins "-GArch=$@" -f rtl/mmu.f
}

c_files() { find csim firmware tests/unit tests/block testbench -name '*.c' 2>/dev/null | sort; }
all_files() { find csim firmware tests testbench -name '*.[ch]' -o -name '*.cpp' | sort; }

# A file that was clean is looked at again when it or any header has changed.
tidy_one() {
  local stamp=build/lint/$1.ok
  if [ -f "$stamp" ] && [ -z "$(find "$1" .clang-tidy csim firmware testbench tests \
    \( -name '*.h' -o -name .clang-tidy -o -path "$1" \) -newer "$stamp" -print -quit)" ]; then
    return 0
  fi
  mkdir -p "$(dirname "$stamp")"
  clang-tidy --quiet "$1" -- -std=c17 -isystem "$yosys_include" -Icsim -I. -D_POSIX_C_SOURCE=200809L -Wall -Wextra 2>/dev/null &&
    touch "$stamp"
}
export yosys_include=$(yosys-config --datdir)/include
export -f tidy_one
tidy() { c_files | xargs -P "$jobs" -I{} bash -c 'tidy_one {}'; }

static_c() {
  cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
    --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches --error-exitcode=1 \
    -j "$jobs" -Icsim -I. -D_POSIX_C_SOURCE=200809L --library=.ci/cppcheck.cfg \
    csim firmware
}

# Every source says its licence; nothing names a machine's own folders.
headers() {
  local missing
  missing=$(git ls-files | grep -E '\.(c|h|cpp|sv|svh|sh|py|mk|ys)$|(^|/)Makefile$' |
    xargs grep -L 'SPDX-License-Identifier: Apache-2.0')
  [ -z "$missing" ] || { echo "no SPDX line: $missing"; return 1; }
}

if [ -f rtl/mmu.f ]; then
  for arch in 0 1 2; do
    check "verilator arch=$arch" rtl_lint $arch
    check "verilator arch=$arch, smallest" rtl_lint $arch -GWalks=1 -GPwc1Entries=0 -GPwc2Entries=0 -GPwc3Entries=0 -GPwc4Entries=0 -GL2Sets=0 -GMissQueue=1 \
      -GL1IEntries=4 -GL1DEntries=4
  done
  check "verilator 8 walks" rtl_lint 2 -GWalks=8 -GMissQueue=8
fi
check "block diagram" testbench/synth/diagram.py --check docs/mmu_top.svg
for script in testbench/synth/check.sh tests/toolchain/*subset*; do
  [ -x "$script" ] && check "$script" "$script"
done
check "clang-format" bash -c "$(declare -f all_files); clang-format --dry-run -Werror \$(all_files)"
check "licence lines" headers
check "cppcheck" static_c
check "clang-tidy" tidy
exit $bad

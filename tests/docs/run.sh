#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The documentation: every link leads somewhere, every page is in the index, and the translations
# that the tutorial and translate.md print are what the program prints.
set -u
cowalk=${COWALK:-build/cowalk}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
passed=0
failed=0
ok() { passed=$((passed + 1)); }
bad() {
  failed=$((failed + 1))
  echo "FAIL $*"
}

for page in README.md docs/*.md traces/*.md; do
  for link in $(grep -o '](\([^)#]*\)' "$page" | sed 's/^](//' | grep -v '^https\?:'); do
    [ -e "$(dirname "$page")/$link" ] && ok || bad "$page links to $link, which is not there"
  done
done
for page in docs/*.md; do
  name=$(basename "$page")
  [ "$name" = README.md ] || grep -q "]($name)" docs/README.md && ok ||
    bad "docs/README.md does not link to $name"
done

# The fenced block number N of a page.
block() { awk -v n="$2" '/^```/ { inside = !inside; if (inside) i++; next } inside && i == n' "$1"; }
# The page's input block, and its output block: each line but "..." must be printed, in order.
shown() {
  block "$1" "$2" >"$out/in"
  block "$1" "$3" | grep -v '^ *\.\.\.$' >"$out/want"
  "$cowalk" translate "$out/in" >"$out/got" 2>&1
  if [ -s "$out/want" ] && [ "$(diff "$out/want" "$out/got" | grep -c '^<')" = 0 ]; then ok; else
    bad "$1: the program prints something else"
    diff "$out/want" "$out/got" | head -6
  fi
}
shown docs/translate.md 2 3
shown docs/tutorial.md 3 4

echo "$passed passed, $failed failed"
[ $failed = 0 ]

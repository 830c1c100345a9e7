#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The documentation: every link leads somewhere, every page is in the index, and the translations
# that the tutorial and translate.md print are what the program prints.
set -u
cowalk=${COWALK:-build/cowalk}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
. tests/counts.sh
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
# syndromes.md: each command runs; of the first, each printed line but "..." comes, in order.
grep -oE '^(\$ )?cowalk syndrome .*' docs/syndromes.md | sed 's/^\$ //; s/^cowalk //' >"$out/commands"
while read -r line; do
  # shellcheck disable=SC2086
  "$cowalk" $line >"$out/got" 2>&1 </dev/null && ok || bad "docs/syndromes.md: cowalk $line"
done <"$out/commands"
block docs/syndromes.md 1 | sed 1d | grep -v '^\.\.\.$' >"$out/want"
# shellcheck disable=SC2046
"$cowalk" $(head -n 1 "$out/commands") >"$out/got" 2>&1
[ -s "$out/want" ] && [ "$(diff "$out/want" "$out/got" | grep -c '^<')" = 0 ] && ok ||
  bad "docs/syndromes.md: the program prints something else"

echo "$passed passed, $failed failed"
[ $failed = 0 ]

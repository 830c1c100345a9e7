#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs/hazards.md names every hazard once; each row names tests that exist and are run, with a
# mutant that exists and that one of the row's tests kills, or an issue.
set -u
doc=docs/hazards.md
passed=0
failed=0

fail() {
  echo "ERROR $1"
  failed=$((failed + 1))
}

ids=$(for n in $(seq 18); do echo "I$n"; done
  for n in $(seq 13); do echo "W$n"; done
  for n in $(seq 16); do echo "F$n"; done
  for n in $(seq 9); do echo "D$n"; done
  for n in $(seq 7); do echo "Q$n"; done)

for id in $ids; do
  row=$(grep "^| $id |" $doc)
  if [ "$(printf '%s\n' "$row" | grep -c .)" -ne 1 ]; then
    fail "$doc: one row for $id expected"
    continue
  fi
  cover=$(printf '%s' "$row" | cut -d'|' -f4)
  tests=$(printf '%s' "$cover" | grep -o '`[a-z][A-Za-z0-9_]*`' | tr -d '`')
  bad=
  case "$cover" in
    *issue\ [0-9]*) ;;
    *) [ -n "$tests" ] || bad="neither a test nor an issue" ;;
  esac
  for t in $tests; do
    grep -qw "cmocka_unit_test($t)" tests/*/*.c || bad="$bad no test is called $t;"
  done
  for m in $(printf '%s' "$row" | cut -d'|' -f5 | tr ',' ' '); do
    ls tests/mutants/rtl/"$m"-*.patch >/dev/null 2>&1 || bad="$bad no mutant $m;"
  done
  killed=
  for m in $(printf '%s' "$row" | cut -d'|' -f5 | tr ',' ' '); do
    patch=$(ls tests/mutants/rtl/"$m"-*.patch)
    [ "$(sed -n 's/^Hazard: //p' "$patch")" = "$id" ] || bad="$bad mutant $m is of another hazard;"
    killer=$(sed -n 's/^Killer: [^ ]* //p' "$patch")
    for t in $tests; do
      # shellcheck disable=SC2254
      case "$t" in $killer) killed=$m ;; esac
    done
  done
  [ -z "$tests" ] || [ -n "$killed" ] || bad="$bad no mutant that a test of the row kills;"
  if [ -n "$bad" ]; then fail "$doc: $id: $bad"; else passed=$((passed + 1)); fi
done

# a mutant stands in the row of its hazard
for patch in tests/mutants/rtl/*.patch; do
  id=$(sed -n 's/^Hazard: //p' "$patch")
  m=$(basename "$patch" | cut -d- -f1)
  if [ "$id" = none ] || grep "^| $id |" $doc | cut -d'|' -f5 | grep -qw "$m"; then
    passed=$((passed + 1))
  else
    fail "$doc: the row of '$id' does not name mutant $m"
  fi
done

# the other way round: a test that carries an id stands in the row of that id
for t in $(grep -ho 'cmocka_unit_test(hazard_[A-Za-z0-9_]*)' tests/*/*.c | sed 's/.*(//; s/)//' | sort -u); do
  id=$(printf '%s' "$t" | sed 's/hazard_\([A-Z][0-9]*\)_.*/\1/')
  if grep "^| $id |" $doc | grep -q "\`$t\`"; then
    passed=$((passed + 1))
  else
    fail "$doc: the row of $id does not name $t"
  fi
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

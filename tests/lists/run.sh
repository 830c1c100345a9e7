#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The access lists of tests/data/linux through the co-simulation (tests/scenarios/guest.ini, C model
# of the MMU), with both of Linux's policies, against what a booted kernel counted. Needs BUILD and
# COWALK; ends with the counts.
build=${BUILD:-build}
cowalk=${COWALK:-$build/cowalk}
out=$build/logs/lists
mkdir -p "$out"
failed=0

for policy in twolist mglru; do
  for list in hs_an_an hs_mm_fd hs_mm_mm zipf_fd zipf_mm; do
    if ! "$cowalk" run --out "$out/$policy-$list" --set os.policy=$policy \
      --set workload.program=list:$list,1 tests/scenarios/guest.ini >"$out/$policy-$list.txt" 2>&1; then
      echo "FAILED: $policy $list: cowalk run"
      tail -n 3 "$out/$policy-$list.txt"
      failed=$((failed + 1))
    fi
  done
done
[ $failed -eq 0 ] && python3 tests/lists/compare.py "$out" tests/data/linux/replacement.csv || failed=1

# bad lists are refused in one line
for bad in hs_mm_xx zipf_mm,x zipf_mm,1,0 zipf_mm,1,9999 zipf_mm,1,1,1; do
  "$cowalk" run --out "$out/bad" --set workload.program=list:$bad tests/scenarios/guest.ini \
    >/dev/null 2>"$out/bad.err"
  if [ $? -ne 2 ] || [ "$(wc -l <"$out/bad.err")" -ne 1 ]; then
    echo "FAILED: list:$bad is not refused in one line"
    failed=1
  fi
done
[ $failed -eq 0 ]

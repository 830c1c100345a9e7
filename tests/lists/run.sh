#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The access lists of tests/data/linux through the co-simulation (tests/scenarios/guest.ini, C model
# of the MMU), with both of Linux's policies, against what a booted kernel counted; and a sixteenth
# of one on hardware and model. Needs BUILD and COWALK; ends with the counts.
build=${BUILD:-build}
cowalk=${COWALK:-$build/cowalk}
guest=tests/scenarios/guest.ini
out=$build/logs/lists
. tests/counts.sh
mkdir -p "$out"

# run NAME ARGUMENTS...: must exit 0
run() {
  name=$1
  shift
  if "$cowalk" run --out "$out/$name" "$@" $guest >"$out/$name.txt" 2>&1; then
    ok
  else
    bad "cowalk run $*"
    tail -n 3 "$out/$name.txt"
  fi
}

# bad lists are refused in one line
for list in hs_mm_xx zipf_mm,x zipf_mm,1,0 zipf_mm,1,9999 zipf_mm,1,1,1; do
  "$cowalk" run --out "$out/bad" --set workload.program=list:$list $guest >/dev/null 2>"$out/bad.err"
  if [ $? -eq 2 ] && [ "$(wc -l <"$out/bad.err")" -eq 1 ]; then ok; else bad "list:$list"; fi
done

# the judged hardware and the C model lead to the same decisions, on every architecture
for policy in twolist mglru arc-sampled; do
  for backend in model lockstep; do
    run $backend --backend $backend --arch all --set os.policy=$policy \
      --set machine.memory=13131776 --set machine.reserved=1M \
      --set workload.program=list:hs_mm_mm,1,16
  done
  if python3 tests/lists/same.py "$out/model/result.json" "$out/lockstep/result.json"; then
    ok
  else
    bad "$policy: model and lockstep differ"
  fi
done

for policy in twolist mglru; do
  for list in hs_an_an hs_mm_fd hs_mm_mm zipf_fd zipf_mm; do
    run $policy-$list --set os.policy=$policy --set workload.program=list:$list,1
  done
done
python3 tests/lists/compare.py "$out" tests/data/linux/replacement.csv >"$out/compare.txt" ||
  bad "see below"
grep FAILED "$out/compare.txt"
of=$(sed -n 's/^\([0-9]*\) passed.*/\1/p' "$out/compare.txt")
echo "$((passed + ${of:-0})) passed, $failed failed"
[ $failed -eq 0 ]

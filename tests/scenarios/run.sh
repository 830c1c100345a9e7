#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# cowalk run from outside: the small scenarios on all backends, determinism to the byte, bad input in
# one line, and documents that name every key. Needs BUILD and COWALK; ends with the counts.
build=${BUILD:-build}
cowalk=${COWALK:-$build/cowalk}
here=tests/scenarios
out=$build/logs/scenarios
. tests/counts.sh
mkdir -p "$out"

# good NAME ARGUMENTS...: must exit 0
good() {
  name=$1
  shift
  if "$cowalk" run --out "$out/$name" "$@" >"$out/$name.txt" 2>&1; then
    ok
  else
    bad "$name: cowalk run $*"
    tail -n 5 "$out/$name.txt"
  fi
}

# refused CODE PATTERN ARGUMENTS...: must exit with CODE and say PATTERN in one line on stderr
refused() {
  code=$1
  pattern=$2
  shift 2
  "$cowalk" run --out "$out/refused" "$@" >/dev/null 2>"$out/refused.err"
  got=$?
  lines=$(grep -vc '^wrote ' "$out/refused.err")
  if [ "$got" -eq "$code" ] && [ "$lines" -eq 1 ] && grep -q "$pattern" "$out/refused.err"; then
    ok
  else
    bad "cowalk run $*: exit $got, wanted $code and one line with \"$pattern\""
    cat "$out/refused.err"
  fi
}

for s in smoke teaching svade arm-ha0 arm-hd0 smp smp-4 shootdown-2 shootdown-4; do
  good "$s-model" --backend model $here/$s.ini
done
for s in svade arm-ha0 arm-hd0 smp; do
  good "$s-lockstep" --backend lockstep $here/$s.ini
done
for s in thp thp-swap; do
  good "$s-lockstep" --backend lockstep $here/$s.ini
  # two programs at once do not fit without swap
  good "$s-smp" --backend lockstep --set machine.cpus=2 --set os.swap=16M --set expect.thp_split_page=0 \
    --set expect.thp_collapse_alloc=0 $here/$s.ini
done
good hugetlb --backend lockstep --set os.thp=never --set os.nr_hugepages=6 $here/thp.ini \
  --set 'workload.program=synthetic:pages=2048 accesses=20000 hugetlb=1' \
  --set expect.thp_fault_alloc=0 --set expect.thp_fault_fallback=0 --set expect.thp_collapse_alloc=0
good pooled --backend lockstep --set os.pt_placement=pooled --set os.pt_reclaim=yes $here/smoke.ini
good pwc-physical --backend model --set mmu.pwc_kind=physical $here/smoke.ini
good fragment --backend model --set os.fragment=100 $here/page-tables.ini --set os.thp=always \
  --set expect.thp_fault_fallback=100
# huge pages under pressure, with each kind of policy, on one CPU and two; what compaction is good for
for p in clock twolist mglru arc-sampled; do
  for c in 1 2; do
    good "thp-pressure-$p-$c" --set os.policy=$p --set machine.cpus=$c $here/thp-pressure.ini
  done
done
for p in twolist mglru; do
  good "thp-swap-$p" --backend lockstep --set os.policy=$p $here/thp-swap.ini
  good "thp-pressure-$p-lockstep" --backend lockstep --set os.policy=$p --set machine.cpus=2 $here/thp-pressure.ini
done
good thp-compact $here/thp-compact.ini
good thp-compact-off --set os.compaction=no --set expect.thp_fault_alloc=0 --set expect.compact_success=0 \
  --set expect.pgmigrate_success=0 --set expect_max.thp_fault_alloc=10 $here/thp-compact.ini
# kswapd kills when it runs for single pages and all are younger than that
for ttl in 0 60000; do
  good "min-ttl-$ttl" --set os.policy=mglru --set os.thp=never --set os.lru_gen_min_ttl_ms=$ttl \
    --set expect.oom_kills=$((ttl / 60000)) --set expect_max.oom_kills=$((ttl / 60000)) \
    --set expect.thp_fault_alloc=0 --set expect.thp_split_page=0 --set expect.swap_outs=0 $here/thp-pressure.ini
done
refused 2 'policy mglru' --set os.lru_gen_min_ttl_ms=1000 $here/thp-pressure.ini
good oom --arch x86,riscv $here/oom.ini
# sparse, then the one that only read, then the largest; a report that cowalk oom reads the same way
victims=$(awk '/"oom_victims"/ { in_list = 1 } /\]/ { in_list = 0 } in_list && /"pid"/ { gsub(/[^0-9]/, ""); printf "%s ", $0 }' "$out/oom/result.json")
if [ "$victims" = "4 3 2 4 3 2 " ]; then ok; else bad "oom.ini: victims $victims"; fi
if "$cowalk" oom "$out/oom/proc-x86/dmesg" >"$out/oom.report" && [ "$(grep -c 'the kernel chose the same' "$out/oom.report")" -eq 3 ]; then
  ok
else
  bad "oom.ini: its log"
fi
good smoke-rtl --backend rtl $here/smoke.ini
good smoke-lockstep --backend lockstep $here/smoke.ini
good smoke-sv48 --backend lockstep --arch riscv --set machine.riscv_mode=sv48 $here/smoke.ini

# a wave window of a run
good fst --backend rtl --arch riscv --set trace.fst="$out/w.fst" --set trace.to=3000 $here/smoke.ini
[ -s "$out/w-riscv.fst" ] && ok || bad "no wave file"

# the same scenario and seed: the same bytes
for b in model lockstep; do
  good "again-$b" --backend $b $here/smoke.ini
  if cmp "$out/smoke-$b/result.json" "$out/again-$b/result.json"; then ok; else bad "$b differs"; fi
done
good jobs --backend model --jobs 1 $here/smoke.ini
if cmp "$out/smoke-model/result.json" "$out/jobs/result.json"; then ok; else bad "--jobs matters"; fi

# huge pages: the same bytes again; and with the hardware as many as with the model (khugepaged wakes
# by the clock, so single faults may fall before or after)
good thp-model --backend model $here/thp.ini
good thp-again --backend model $here/thp.ini
if cmp "$out/thp-model/result.json" "$out/thp-again/result.json"; then ok; else bad "thp differs"; fi
if python3 - "$out/thp-model/result.json" "$out/thp-lockstep/result.json" <<'END'
import json, sys
def counts(name):
    keys = ["huge_pages_max", "table_pages_max", "thp_fault_alloc", "thp_fault_fallback", "thp_collapse_alloc"]
    return [[run["os"][k] for k in keys] for run in json.load(open(name))["runs"]]
sys.exit(counts(sys.argv[1]) != counts(sys.argv[2]))
END
then ok; else bad "thp: model and hardware differ in huge pages"; fi

good smp-4-again --backend model $here/smp-4.ini
if cmp "$out/smp-4-model/result.json" "$out/smp-4-again/result.json"; then ok; else bad "smp-4 differs"; fi

# who is interrupted must matter, and must be told
good running --backend model --arch x86 $here/shootdown-2.ini
good all --backend model --arch x86 --set os.shootdown=all $here/shootdown-2.ini
if grep -q '"ipis_avoided":.0,' "$out/all/result.json" &&
  ! grep -q '"ipis_avoided":.0,' "$out/running/result.json"; then ok; else bad "os.shootdown"; fi

# a maximum (the claims of docs/claims.md are in tests/claims)
"$cowalk" run --out "$out/most" --backend model --arch x86 $here/smoke.ini --set expect_max.walks=1 \
  >"$out/most.txt" 2>&1 && bad "a missed maximum passes" || ok
grep -q 'MISSED walks.*at most 1' "$out/most.txt" && ok || bad "a missed maximum is not told"
refused 2 'unknown metric' $here/smoke.ini --set expect_max.nonsense=1

# another seed: other accesses
good seed --backend model --set run.seed=2 $here/smoke.ini
if cmp -s "$out/smoke-model/result.json" "$out/seed/result.json"; then bad "the seed is ignored"; else ok; fi

# hardware that never sets A must change what the OS decides
good noa --backend model --arch arm --set mmu.hw_a=no --set mmu.hw_d=no $here/smoke.ini
if grep -q '"a_updates":.0,' "$out/noa/result.json"; then ok; else bad "A updates without hardware A"; fi

refused 2 'no scenario'
refused 2 'No such file' $here/absent.ini
refused 2 'unknown key' $here/smoke.ini --set machine.memroy=1M
refused 2 'x86, arm, riscv' $here/smoke.ini --arch vax
refused 2 'rtl, model, lockstep' $here/smoke.ini --backend silicon
refused 2 'section.key=value' $here/smoke.ini --set memory
refused 2 'from 1 to 16' $here/smoke.ini --set machine.cpus=99
refused 2 'x86 always' $here/smoke.ini --set mmu.hw_a=no
refused 2 'unknown option' $here/smoke.ini --frobnicate
refused 2 'needs hardware' $here/smoke.ini --set trace.fst="$out/x.fst"
printf '[machine]\nmemory = 8M\ncpus = many\n' >"$out/bad.ini"
refused 2 'bad.ini:3: machine.cpus = many' "$out/bad.ini"
refused 2 'absent.zst' $here/smoke.ini --set workload.program=absent.zst
refused 2 'multiple of 512' $here/smoke.ini --set 'workload.program=synthetic:hugetlb=1 pages=100'
refused 2 'never, madvise, always' $here/smoke.ini --set os.thp=sometimes
refused 2 'needs key=value' $here/smoke.ini --set workload.program=synthetic:pages
refused 2 'standard input' $here/smoke.ini --set workload.program=-
head -c 100000 traces/sqlite3.zst >"$out/short.zst"
refused 1 'short.zst' --json --arch x86 $here/smoke.ini --set workload.program="$out/short.zst"

# a run that misses an expectation, and one whose program is killed, fail
"$cowalk" run --out "$out/missed" --backend model $here/smoke.ini --set expect.walks=999999999 \
  >"$out/missed.txt" 2>&1 && bad "a missed minimum passes" || ok
grep -q 'MISSED walks' "$out/missed.txt" && ok || bad "a missed minimum is not told"
"$cowalk" run --out "$out/oom" --backend model $here/smoke.ini --set os.swap=0 --set machine.memory=4M \
  --set 'workload.program=synthetic:pages=3000 write=100' >"$out/oom.txt" 2>&1 &&
  bad "a killed program passes" || ok
grep -q 'KILLED task 1' "$out/oom.txt" && ok || bad "a killed program is not told"

# every key, metric, account and contract is documented
"$cowalk" run --keys | sed -n 's/^| `\([^`]*\)`.*/\1/p' >"$out/keys"
while read -r key; do
  grep -q "\`$key\`" docs/scenario.md && ok || bad "docs/scenario.md lacks $key"
done <"$out/keys"
[ "$(wc -l <"$out/keys")" -gt 40 ] && ok || bad "cowalk run --keys lists too little"
python3 - "$out/smoke-model/result.json" >"$out/names" <<'EOF'
import json, sys
run = json.load(open(sys.argv[1]))["runs"][0]
for group in ("program", "mmu", "shootdown", "os", "disk", "ledger", "contracts"):
    print("\n".join(run[group]))
print("\n".join(run))
EOF
while read -r name; do
  grep -q "\`$name\`" docs/result-json.md && ok || bad "docs/result-json.md lacks $name"
done <"$out/names"
[ "$(wc -l <"$out/names")" -gt 60 ] && ok || bad "result.json holds too little"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

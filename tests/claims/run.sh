#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The claims of docs/claims.md: each scenario with what must come out, on all architectures; with other
# settings; and what one run must be against another (relations.py). C model. Needs BUILD and COWALK;
# ends with the counts. figures.py prints the document's tables from what this leaves; for that of R6 run
# it with QUERIES=4000 (two minutes more).
set -u
: "${QUERIES:=1000}" # of each client of R6's table
: "${BUILD:=build}" "${COWALK:=$BUILD/cowalk}"
here=tests/scenarios
out=$BUILD/logs/claims
. tests/counts.sh
rm -rf "$out"
mkdir -p "$out"

# claim RUN SCENARIO [SETTINGS...]: tests/scenarios/claim-SCENARIO.ini must pass with them
claim() {
  local name=$1 file=$here/claim-$2.ini
  [ -f "$file" ] || file=$here/$2.ini
  shift 2
  claim_file "$name" "$file" "$@"
}
claim_file() { # RUN FILE [SETTINGS...]
  local name=$1 file=$2 args=() s
  shift 2
  for s in "$@"; do args+=(--set "$s"); done
  if "$COWALK" run --backend model --out "$out/$name" "${args[@]}" "$file" >"$out/$name.txt" 2>&1; then ok; else
    bad "$name: cowalk run ${args[*]} $file"
    grep -E 'MISSED|KILLED|BROKEN|cowalk run:' "$out/$name.txt" | head -n 3
  fi
}
flag() { # run, words, how many architectures
  local got
  got=$(grep -c "RED FLAG $2" "$out/$1.txt")
  [ "$got" -eq "$3" ] && ok || bad "$1: $got red flags $2, wanted $3"
}

# A
claim a1 a1 machine.window=1 expect.a_updates=4000
claim a1-fault a1 machine.window=1 machine.arch=arm,riscv mmu.hw_a=no mmu.hw_d=no \
  expect.a_faults=4000 expect_max.a_updates=0
claim a1-bare a1 machine.window=1 timing.l1_bytes=0 timing.l2_bytes=0 timing.l3_bytes=0
claim a7 a7
claim w4 w4
for n in 2 4 8; do
  claim shootdown-$n shootdown-$n
  claim shootdown-$n-all shootdown-$n os.shootdown=all
done
"$COWALK" abits --policy clock --csv "$out/abits.csv" >"$out/abits.txt" 2>&1 && ok || bad "cowalk abits --policy clock"
claim w4-queue w4 disk.queue=32
claim w4-nvme w4 disk.latency=240000 disk.block=4096 disk.queue=32

# R
alone='synthetic:pages=8000 accesses=300000 pattern=random run=4 write=30 cross=0 compute=2'
claim r1 r1
claim r1-alone r1 "workload.program=$alone" expect.accesses=600000
claim r3 r3
claim r3-clock r3 os.policy=clock
for p in twolist mglru clock; do
  none=3080
  [ $p = clock ] && none=9999 # a plain Clock has no defence
  least=0
  [ $p = clock ] && least=4000
  claim r5-$p r5 os.policy=$p expect_max.major_faults=$none expect.major_faults=$least expect.pgsteal_file=0
done
for p in twolist mglru; do
  claim r5-map-$p r5 os.policy=$p workload.program=list:hs_mm_mm,1,4 expect.major_faults=19800 \
    expect_max.major_faults=99999
  claim r6-$p r6 os.policy=$p
  for scan in 0 1000 200 100 50 20; do # the table; 0: never
    claim r6-$scan-$p r6 os.policy=$p expect.queries=$((QUERIES * 4)) expect.disk_reads=1000 expect.kswapd_reclaimed=0 \
      "workload.program=4 * db:pages=16384 queries=$QUERIES touch=8 update=30 scan=$scan scan_pages=2048"
  done
done

# W
for s in w1 w3 w5 w6 w7 w9 w11; do claim $s $s; done
flag w1 PageTables 0
claim w6-late w6 os.dirty_background_ratio=99 os.dirty_ratio=100 expect.dirty_written=0
claim w7-0 w7 os.swappiness=0 expect_max.pgscan_anon=0
claim w7-100 w7 os.swappiness=100
claim w7-200 w7 os.swappiness=200 expect.pgsteal_anon=1500 expect_max.pgsteal_file=600
sed 's/queries=16384/queries=8192/' $here/claim-w7.ini >"$out/w7-once.ini" # the file is read once
for s in 0 60 100 200; do
  claim_file w7-once-$s "$out/w7-once.ini" os.swappiness=$s expect.pgsteal_file=2000 expect_max.pgscan_anon=0
  claim w7-mglru-$s w7 os.policy=mglru os.swappiness=$s expect.pgsteal_file=2000 expect_max.pgscan_anon=0
done
claim w8 w8 expect_max.oom_kills=1
claim w8-chapter w8 os.oom_formula=chapter expect_max.oom_kills=1
claim w9-1 w9 os.dirty_background_ratio=1 os.dirty_ratio=2
claim w9-5 w9 os.dirty_background_ratio=5
claim w9-20 w9 os.dirty_background_ratio=20 os.dirty_ratio=80
claim w9-60 w9 os.dirty_background_ratio=60 os.dirty_ratio=80 expect.dirty_written=0
claim w10-0 w10
claim w10-1 w10 os.overcommit_memory=1 expect.failed_syscalls=0 expect_max.failed_syscalls=0
claim w10-2 w10 os.overcommit_memory=2 expect.failed_syscalls=4 expect_max.failed_syscalls=4
claim w11-1 w11 os.zone_reclaim_mode=1 expect.node_reclaims=100
# W2: the chapter's 8 GB, with the zones of the recorded machine; sums of min, low, high in MiB
marks() { # wanted, arguments
  local wanted=$1 got
  shift
  got=$("$COWALK" zoneinfo --managed 0:DMA=3840,0:DMA32=765920,0:Normal=1266464 "$@" 2>"$out/zoneinfo.err" |
    awk '$1 ~ /^(min|low|high)$/ { s[$1] += $2 } END { printf "%.1f %.1f %.1f", s["min"] / 256, s["low"] / 256, s["high"] / 256 }')
  [ "$got" = "$wanted" ] && ok || bad "W2: zoneinfo $*: $got, wanted $wanted"
}
marks '11.1 19.1 27.0'
marks '66.0 82.5 99.0' --thp
# W8: who is killed, by either rule
for f in w8 w8-chapter; do
  got=$(grep -A3 '"oom_victims"' "$out/$f/result.json" | grep -c '"name":.*"postgres"')
  [ "$got" = 3 ] && ok || bad "$f: postgres is the victim on $got architectures"
done

# T, at 1/80 of the chapter's 10 GB and so on: page-tables.ini
tables() { # run, settings of the program, further settings and expectations
  local name=$1 program=$2
  shift 2
  claim "$name" page-tables machine.memory=200M expect.walks=1 os.overcommit_memory=1 \
    "workload.program=synthetic:write=100 cross=0 compute=1 $program" "$@"
}
all='pattern=loop run=1'
at_random='pages=16384 pattern=random run=1 accesses=100000'
is() { echo "expect.$1=$2 expect_max.$1=$2"; }
# shellcheck disable=SC2046
{
  tables t1 "pages=32768 $all accesses=32768" $(is table_pages_max 66)
  tables t2 "pages=8192 $all accesses=8192" $(is table_pages_max 18)
  tables t2-spread "pages=8192 stride=64 $all accesses=8192" $(is table_pages_max 1028)
  tables t2-idle "pages=8192 stride=64 $all accesses=1" $(is table_pages_max 3)
  tables t4 "$at_random"
  tables t4-pooled "$at_random" os.pt_placement=pooled
  far='pages=8192 stride=64 pattern=random run=1 accesses=60000' # as many tables as pages, nearly
  tables t4-far "$far" mmu.pwc_kind=physical
  tables t4-far-pooled "$far" mmu.pwc_kind=physical os.pt_placement=pooled
  tables t5-thp "$at_random" os.thp=always $(is huge_pages_max 32) $(is table_pages_max 34)
  tables t5-pool "$at_random hugetlb=1" os.nr_hugepages=32 $(is table_pages_max 2)
  tables t6-half "$at_random" os.thp=always os.fragment=50 $(is huge_pages_max 32)
  tables t6 "$at_random" os.thp=always os.fragment=100 $(is huge_pages_max 0) $(is thp_fault_fallback 32)
}
flag t4 'cycles that wait for TLB' 3
flag t4 'AnonPages without' 3 # and huge pages would help, as t5-thp shows
flag t5-thp 'cycles that wait for TLB' 0
flag t6 'AnonPages without' 3

# D
for s in d1 d2 d3 d4; do claim $s $s; done
# D1: as many pages side by side: what is missing in MemAvailable is what the tables took
claim d1-dense d1 'workload.program=synthetic:pages=3000 accesses=3000 pattern=loop run=1 write=100'
flag d1 PageTables 3
flag d1-dense PageTables 0
flag w6-late Dirty 3
flag w7 Dirty 0
flag d2 'cycles that wait for TLB' 0
flag d2 'AnonPages without' 0 # huge pages are off, and nothing is wrong with that
flag d3 'si,' 3
flag d3 'so,' 3
flag d3 'pages that the programs use' 3
flag d4 'AnonPages without' 3
claim d2-slow d2 timing.l1_bytes=0 timing.l2_bytes=0 timing.l3_bytes=0
flag d2-slow 'cycles that wait for TLB' 3
flag d2-slow 'AnonPages without' 3 # now they would help
"$COWALK" run --backend model --out "$out/d3-off" --set os.swap=0 --set os.overcommit_memory=1 \
  $here/claim-d3.ini >"$out/d3-off.txt" 2>&1 &&
  bad "d3 without swap ends well" || ok
grep -q 'out of memory: killed' "$out/d3-off.txt" && ok || bad "d3 without swap: nobody is killed"
# D4: the three things that smaps shows: huge pages missing, pages in swap, memory that grows
claim d4-whole d4 os.fragment=0 expect.thp_fault_fallback=0 \
  'workload.program=synthetic:pages=12000 accesses=60000 pattern=random run=8 write=80' expect.swap_outs=0
leak='workload.program=synthetic:pages=12000 accesses=12000 pattern=loop run=1 write=100 cross=0'
claim d4-leak1 d4 os.thp=never expect.thp_fault_fallback=0 expect.swap_outs=0 "$leak" limits.accesses=8000
claim d4-leak2 d4 os.thp=never expect.thp_fault_fallback=0 expect.swap_outs=0 "$leak" limits.accesses=16000

python3 tests/claims/relations.py "$out" >"$out/relations.txt" 2>&1 || bad "see below"
grep -v ' passed, ' "$out/relations.txt"
of=$(sed -n 's/^\([0-9]*\) passed.*/\1/p' "$out/relations.txt")
echo "$((passed + ${of:-0})) passed, $failed failed"
[ $failed -eq 0 ]

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The same decisions on the hardware and on its C model: one CPU, cleared A bits flushed at once. For
# each policy and mechanism a small run on all architectures in either backend; all that timing does
# not enter must be equal (same.py, docs/result-json.md). Needs BUILD and COWALK; ends with counts.
set -u
: "${BUILD:=build}" "${COWALK:=$BUILD/cowalk}"
out=$BUILD/logs/backends
. tests/counts.sh
mkdir -p "$out"

printf '[machine]\nmemory = 4M\n[os]\na_flush = page\n' >"$out/small.ini"
# A program that used a file's pages in no order, one that keeps memory, and one that wants huge pages:
# what is left lies in their way.
cat >"$out/holes.ini" <<'END'
[machine]
memory = 20M
slice = 1000000000000
[os]
a_flush = page
thp = madvise
[disk]
latency = 0
block = 0
[workload]
program = synthetic:pages=700 file=4500 accesses=12000 pattern=random run=1 write=0
program = hog:pages=1000
program = synthetic:pages=3072 madvise=1 accesses=12000 pattern=loop run=4 write=60 phase=1
END
machine=small

# both NAME SETTINGS...: the same in rtl and model, and it did what its name says (least METRIC)
both() {
  local name=$1 set=() s
  shift
  for s in "$@"; do set+=(--set "$s"); done
  for b in rtl model; do
    "$COWALK" run --backend $b --out "$out/$name-$b" "${set[@]}" "$out/$machine.ini" \
      >"$out/$name-$b.txt" 2>&1 || bad "$name: cowalk run --backend $b ${set[*]} $machine.ini: $(tail -n 1 "$out/$name-$b.txt")"
  done
  if python3 tests/backends/same.py "$out/$name-rtl/result.json" "$out/$name-model/result.json" >"$out/$name.diff"; then
    ok
  else
    bad "$name: hardware and model differ:"
    head -n 12 "$out/$name.diff"
  fi
}

pressure='workload.program=synthetic:pages=1000 file=300 accesses=25000 run=3'
for p in clock twolist mglru fifo clock2 lru-sampled arc-sampled 2q-sampled; do
  both "$p" os.policy=$p "$pressure" expect.kswapd_reclaimed=250 expect.swap_ins=30
done
both svade machine.arch=arm,riscv mmu.hw_a=no mmu.hw_d=no "$pressure" expect.a_faults=50 expect.d_faults=50
both hd0 machine.arch=arm mmu.hw_d=no "$pressure" expect.a_updates=50 expect.d_faults=50
# Tasks take turns only where they wait, and nobody reclaims beside them: when kswapd's nap is over,
# or a slice, is time.
both fork machine.memory=8M machine.slice=1000000000000 \
  'workload.program=synthetic:pages=600 file=100 accesses=12000 run=2 fork=2' \
  expect.forks=2 expect.cow_faults=100 expect.major_faults=50
# A disk that takes no time: what is written may be freed at once on either side.
both thp disk.latency=0 disk.block=0 machine.memory=24M os.thp=always os.khugepaged_scan_sleep_millisecs=100000 \
  'workload.program=synthetic:pages=7000 accesses=20000 run=3 write=60 pattern=random' \
  expect.thp_fault_alloc=5 expect.thp_split_page=1 expect.swap_outs=50
both hugetlb machine.memory=24M os.nr_hugepages=4 \
  'workload.program=synthetic:pages=2048 accesses=10000 hugetlb=1' expect.walks=4
both db 'workload.program=db:pages=2000 queries=600 touch=4 scan=100 scan_pages=300' \
  expect.queries=600 expect.dirty_written=50
both db-map 'workload.program=db:pages=2000 queries=600 touch=4 scan=100 scan_pages=300 io=map' \
  expect.queries=600 expect.dirty_written=50
both shmem 'workload.program=synthetic:pages=400 shmem=900 accesses=25000 run=3 write=50 pattern=random' \
  expect.swap_outs=100 expect.swap_ins=50 expect.shmem_pages_max=300
both shared 'workload.program=synthetic:pages=400 file=900 shared=1 sync=200 accesses=25000 run=3 write=50 pattern=random' \
  expect.mkwrite_faults=200 expect.dirty_written=200 expect.kswapd_reclaimed=100
both lock 'workload.program=synthetic:pages=1300 lock=200 accesses=25000 run=3 pattern=random' expect.swap_outs=100
both swappiness os.policy=twolist os.swappiness=200 'workload.program=synthetic:pages=800 file=600 accesses=25000 run=3' \
  expect.pgsteal_anon=50
both exec 'workload.program=synthetic:pages=1000 file=300 exec=2 accesses=25000 run=3' expect.execs=2
# Tasks that take turns: the same without reclaim, and with it if no transfer takes time.
smoke='workload.program=2 * synthetic:pages=1500 file=300 accesses=25000 run=4'
both turns machine.memory=64M "$smoke" expect.context_switches=20
both turns-no-time machine.memory=8M disk.latency=0 disk.block=0 "$smoke" expect.kswapd_reclaimed=100 \
  expect.context_switches=20
# One task that nobody reclaims from: the run says that no backend counts otherwise, and so it is.
both alone machine.memory=16M 'workload.program=synthetic:pages=1500 file=300 accesses=25000 run=4' expect.major_faults=50
says() { # NAME REASONS: what its results say of timing, on either backend and architecture
  python3 -c '
import json, sys
want = sys.argv[1].split()
runs = [r for f in sys.argv[2:] for r in json.load(open(f))["runs"]]
sys.exit(len(runs) != 6 or any(r["timing_enters"] != want for r in runs))
' "$2" "$out/$1-rtl/result.json" "$out/$1-model/result.json" && ok || bad "$1: timing_enters is not [$2]"
}
says alone ""
says turns tasks
says turns-no-time "tasks kswapd"
says clock kswapd
grep -q '^counts    are the same on hardware and model$' "$out/alone-model.txt" && ok || bad "alone: the summary"
grep -q '^counts    may differ .*: tasks take turns, kswapd' "$out/turns-no-time-rtl.txt" && ok || bad "turns-no-time: the summary"
both oom os.swap=0 os.overcommit_memory=1 'workload.program=hog:pages=2000' expect.oom_kills=1
both node-reclaim machine.memory=8M machine.nodes=2 os.zone_reclaim_mode=7 \
  'workload.program=synthetic:pages=1000 file=2000 accesses=40000 run=3' expect.node_reclaims=50
machine=holes
for p in twolist mglru; do
  both "compact-$p" os.policy=$p expect.pgmigrate_success=100 expect.compact_success=1
done

# the document names what is left out
for name in $(sed -n '/^TIMED/,/)/s/[^a-z0-9_ ]//gp' tests/backends/same.py | tr ' ' '\n' | grep _); do
  sed -n '/^## The same on the hardware/,/^## Contracts/p' docs/result-json.md | grep -q "\`$name\`" && ok ||
    bad "docs/result-json.md does not say that $name may differ"
done

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]

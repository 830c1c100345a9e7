#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Bad input to the commands and to the build: one line that names the place and the remedy, and a
# non-zero exit. Each case: the wanted exit code, a word of the message, the command.
set -u
: "${BUILD:=build}" "${COWALK:=build/cowalk}"
passed=0
failed=0
err=$(mktemp)
trap 'rm -f "$err"' EXIT

refused() { # code, word, command...
  local code=$1 word=$2 status lines
  shift 2
  "$@" >/dev/null 2>"$err" </dev/null
  status=$?
  lines=$(wc -l <"$err")
  if [ "$status" = "$code" ] && [ "$lines" = 1 ] && grep -q -- "$word" "$err"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $* (exit $status, wanted $code with '$word'):"
    head -n 3 "$err"
  fi
}

accepted() { # command...
  if "$@" >"$err" 2>&1 </dev/null; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $*:"
    head -n 3 "$err"
  fi
}

refused 2 'unknown command' "$COWALK" nonsense
refused 2 'program: synthetic' "$COWALK" run --set workload.program=synthetic:foo=1 tests/scenarios/smoke.ini
refused 2 'directory' "$COWALK" run tests
refused 2 'x86, arm' "$COWALK" bench --arch mips
refused 2 'x86, arm' "$COWALK" bench --arch x86,,arm
refused 2 'between' "$COWALK" bench --seconds 0
refused 2 'between' "$COWALK" bench --seconds nan
refused 2 'no trace matches' "$COWALK" bench --traces 'no/such/*.zst'
refused 2 'between 1 and 64' "$COWALK" bench --scale 65
refused 2 'unexpected' "$COWALK" bench extra
refused 2 '--frobnicate' "$COWALK" bench --frobnicate
refused 1 'Makefile' "$COWALK" bench --arch x86 --seconds 0.01 --traces Makefile
refused 2 'x86, arm' "$COWALK" waves --arch mips
refused 2 'only one scenario' "$COWALK" waves a.ini b.ini
refused 2 'no-such.ini' "$COWALK" waves no-such.ini
refused 2 'needs a scenario' "$COWALK" waves --set machine.cpus=1
refused 2 'counts from 1' "$COWALK" waves --fault 0
refused 2 'cycles' "$COWALK" waves --before -5
refused 1 'cannot make the folder' "$COWALK" waves --out Makefile/x
refused 1 'faults' "$COWALK" waves tests/scenarios/smoke.ini --out "$BUILD" --fault 100000000 \
  --set limits.accesses=1000
refused 2 'nonsense' "$COWALK" waves tests/scenarios/smoke.ini --set machine.nonsense=1
refused 2 'decode, encode or table' "$COWALK" syndrome --arch x86
refused 2 'decode, encode or table' "$COWALK" syndrome --arch x86 explain
refused 2 'decode, encode or table' "$COWALK" syndrome
refused 2 'decode, encode or table' "$COWALK" syndrome explain esr=1
refused 2 'x86, amd' "$COWALK" syndrome decode esr=1
refused 2 'x86, amd' "$COWALK" syndrome decode --arch mips esr=1
refused 2 'x86, amd' "$COWALK" syndrome table --arch mips
refused 2 'registers: esr' "$COWALK" syndrome decode --arch arm64
refused 2 'hpfar_el2' "$COWALK" syndrome decode --arch arm64 cr2=1
refused 2 '64-bit number' "$COWALK" syndrome decode --arch arm64 esr=
refused 2 '64-bit number' "$COWALK" syndrome decode --arch arm64 esr=-1
refused 2 '64-bit number' "$COWALK" syndrome decode --arch arm64 esr=0x12z
refused 2 '64-bit number' "$COWALK" syndrome decode --arch arm64 esr=0x10000000000000000
refused 2 'twice' "$COWALK" syndrome decode --arch arm64 esr=1 esr_el2=1
refused 2 'another privilege' "$COWALK" syndrome decode --arch riscv scause=5 mtval=1
refused 2 'no memory fault; one is an esr' "$COWALK" syndrome decode --arch arm64 esr=0x56000000
refused 2 'no memory fault; one is pfec' "$COWALK" syndrome decode --arch x86 reason=10
refused 2 'no memory fault; .*exitinfo1' "$COWALK" syndrome decode --arch amd exitcode=0x400
refused 2 'no memory fault; one is a cause' "$COWALK" syndrome decode --arch riscv scause=22
refused 2 'known: mbec' "$COWALK" syndrome decode --arch x86 --with mbec,x qual=0x181
refused 2 'x86; known: mbec' "$COWALK" syndrome decode --arch x86 --with tge pfec=1
refused 2 'riscv; known: none' "$COWALK" syndrome decode --arch riscv --with tge scause=5
refused 2 'it tells external page-fault$' "$COWALK" syndrome encode --arch riscv cause=permission \
  stage=1 access=read
refused 2 'tlb-conflict no-atomic exclusive lockdown$' "$COWALK" syndrome encode --arch arm64 \
  cause=key stage=1 access=read
refused 2 'it tells not-mapped permission reserved misconfigured key enclave$' "$COWALK" syndrome \
  encode --arch x86 cause=access-flag stage=1 access=read
refused 2 'KEY=VALUE' "$COWALK" syndrome encode --arch x86 causes=key
refused 2 'expects a cause' "$COWALK" syndrome encode --arch x86 cause=none
refused 2 'expects 1 or 2' "$COWALK" syndrome encode --arch x86 stage=3
refused 2 'cannot tell' "$COWALK" syndrome encode --arch arm64 cause=not-mapped stage=2 level=3 \
  access=read taker=guest
refused 2 'known: text' "$COWALK" syndrome table --format pdf
refused 2 'options only' "$COWALK" syndrome table x86
refused 2 '--frobnicate' "$COWALK" syndrome decode --frobnicate
accepted "$COWALK" syndrome --help
# The header compiles and the JSON is one line; what encode makes, decode takes.
"$COWALK" syndrome table --format c >"$err.h"
accepted cc -x c -Wall -Werror -c "$err.h" -o /dev/null
rm -f "$err.h"
accepted "$COWALK" syndrome table --format markdown
accepted "$COWALK" syndrome encode --arch arm64 --json cause=permission stage=2 level=2 access=write \
  on-walk=yes va=0x7008 gpa=0x5000
accepted "$COWALK" syndrome decode --arch arm64 esr_el2=0x920000ce far_el2=0x7008 hpfar_el2=0x50
# The coverage as JSON: every bin by its name, those of stage 2 and empty ones too, and nothing else.
"$COWALK" fuzz --help >"$err.h"
accepted grep -q 'REPLACEMENT-NESTED' "$err.h"
rm -f "$err.h"
refused 2 'leave --least out' "$COWALK" fuzz --json --least 1
"$COWALK" fuzz --quiet --backend model --arch all --stages 2 --accesses 3000 --json >"$err.json"
accepted python3 -c '
import json, sys
runs = [json.loads(line) for line in open(sys.argv[1])]
assert [r["arch"] for r in runs] == ["x86", "arm", "riscv"]
for r, bins in zip(runs, (728, 352, 546)):
    counts = r["coverage_stage2"].values()
    assert len(counts) == bins and 0 in counts and max(counts) > 0, (r["arch"], len(counts))
    assert r["coverage"] and r["coverage_invalidations"]
' "$err.json"
rm -f "$err.json"
accepted "$COWALK" --help
accepted "$COWALK" bench --help
accepted "$COWALK" waves --help
# Memory a frame is known apart from what any machine takes. The target is for large machines; in
# one of 1 GiB the rest of the last huge page and of the last chunks is up to a byte of each frame.
"$COWALK" bench --scale 1 --json >"$err.json"
accepted python3 -c '
import json, sys
s = json.load(open(sys.argv[1]))["scale"]
assert 60 <= s["targets"]["bytes_per_frame"]["measured"] <= 65, s["targets"]["bytes_per_frame"]
' "$err.json"
"$COWALK" bench --scale 4 --json >"$err.json"
accepted python3 -c '
import json, sys
s = json.load(open(sys.argv[1]))["scale"]
each = s["targets"]["bytes_per_frame"]
assert each["reached"] and 48 + 12 <= each["measured"] <= 64, each
assert 2 << 20 < s["fixed_bytes"] < 8 << 20, s["fixed_bytes"]
whole = each["measured"] + s["fixed_bytes"] / s["frames"]
assert abs(whole - s["bytes_per_frame_with_fixed"]) < 0.01, whole
' "$err.json"
rm -f "$err.json"
accepted "$COWALK" bench --arch arm --seconds 0.01 --traces 'traces/sqlite3.zst' --json
accepted "$COWALK" waves tests/scenarios/smoke.ini --out "$BUILD" --arch x86 --fault 2
refused 2 'no such policy' "$COWALK" abits --policy clock,nonsense
refused 2 'at least one' "$COWALK" abits --policy ,
refused 2 'x86, arm' "$COWALK" abits --arch mips
refused 2 'no-such.ini' "$COWALK" abits no-such.ini
refused 2 'only one scenario' "$COWALK" abits a.ini b.ini
refused 2 'machine.nonsense' "$COWALK" abits --set machine.nonsense=1
refused 2 'give 1 to 64' "$COWALK" abits --jobs 0
refused 2 'at least 1' "$COWALK" abits --window -1
refused 2 '--csv Makefile/x' "$COWALK" abits --csv Makefile/x
refused 2 '--frobnicate' "$COWALK" abits --frobnicate
refused 2 '--interval view.interval' "$COWALK" run --interval 0 tests/scenarios/smoke.ini
# A quick run of all of it: page by page there is no wrong look, on any architecture; the three
# outputs hold the same figures.
"$COWALK" abits tests/scenarios/smoke.ini --json --csv "$err.csv" --plot "$err.svg" >"$err.json"
accepted python3 -c '
import csv, json, sys
rows = json.load(open(sys.argv[1]))["rows"]
lines = list(csv.DictReader(open(sys.argv[2])))
assert len(rows) == len(lines) and len(rows) % 15 == 0
of_a = {(r["policy"], r["arch"], r["a_set_by"], r["flush"]): r for r in rows}
assert len({(r["policy"], r["arch"], r["a_set_by"], r["flush"]) for r in rows}) == len(rows)
for r, l in zip(rows, lines):
    assert all(str(r[k]) == l[k] for k in l), (r, l)
    assert r["wrong_evictions"] <= r["misled"] <= r["looks_cold_wrong"] <= r["looks_cold"]
    assert r["flush"] != "page" or r["looks_cold_wrong"] == 0, r
    # cycles of the clears are apart from those of unmapping, and what is saved is of them alone
    page = of_a[r["policy"], r["arch"], r["a_set_by"], "page"]
    assert (r["shootdown_cycles_a"] > 0) == (r["a_cleared"] > 0 and r["flush"] != "none"), r
    assert r["shootdown_cycles_a"] <= r["shootdown_cycles"], r
    each = page["shootdown_cycles_a"] / page["a_cleared"] if page["a_cleared"] else 0
    assert abs(r["shootdown_cycles_saved"] - each * r["a_cleared"] + r["shootdown_cycles_a"]) <= 0.6, r
    assert abs(r["shootdown_cycles_per_eviction"] * r["evictions"] - r["shootdown_cycles"]) \
        <= r["evictions"] or r["evictions"] == 0, r
    assert (r["a_faults"] > 0) == (r["a_set_by"] == "fault") or r["a_cleared"] == 0, r
svg = open(sys.argv[3]).read()
assert svg.endswith("</svg>\n") and svg.count(", A set by ") == 5
assert all(svg.count(">%s</text>" % r["policy"]) == 5 for r in rows)
' "$err.json" "$err.csv" "$err.svg"
rm -f "$err.json" "$err.csv" "$err.svg"
# The short table behind the long one: the figures of the last flush
"$COWALK" abits tests/scenarios/smoke.ini --arch arm --policy clock,fifo --csv "$err.csv" >"$err.txt"
accepted python3 -c '
import csv, sys
rows = {(r["policy"], r["a_set_by"], r["flush"]): r for r in csv.DictReader(open(sys.argv[1]))}
short = open(sys.argv[2]).read().split("flushed not at all")[1].splitlines()
def percent(a, b): return 100 * float(a) / float(b) if float(b) else 0
for line in short[2:]:
    name, cells = line.split()[0], line.split()[1:]
    for k, by in enumerate(("hardware", "fault")):
        r, page = rows[name, by, "none"], rows[name, by, "page"]
        saved = float(r["shootdown_cycles_saved"])
        want = (percent(r["looks_cold_wrong"], r["looks_cold"]),
                percent(r["wrong_evictions"], r["evictions"]),
                percent(saved, saved + float(r["shootdown_cycles"])))
        got = [float(c) for c in cells[3 * k:3 * k + 3]]
        assert all(abs(w - g) <= d for w, g, d in zip(want, got, (0.06, 0.006, 0.6))), (name, by, want, got)
assert len(short) == 4
' "$err.csv" "$err.txt"
rm -f "$err.csv" "$err.txt"
# On one CPU the hardware and its model give the same counts.
for b in rtl model; do
  accepted "$COWALK" abits tests/scenarios/smoke.ini --arch arm --policy clock --backend $b --csv "$err.$b" \
    --set machine.memory=6M --set 'workload.program=synthetic:pages=2400 file=200 accesses=60000 run=8'
done
accepted python3 -c '
import csv, sys
a, b = (list(csv.DictReader(open(f))) for f in sys.argv[1:])
assert len(a) == len(b) == 6 and any(int(r["looks_cold_wrong"]) > 100 for r in a)
for r, l in zip(a, b):
    assert all(r[k] == l[k] for k in r if "cycles" not in k), (r, l)
' "$err.rtl" "$err.model"
rm -f "$err.rtl" "$err.model"
# What others read of a run: Linux formats, pictures.
accepted "$COWALK" run --backend model --arch arm --vmstat --heat --interval 5000 --out "$err.d" \
  tests/scenarios/smoke.ini
for f in heat-arm.svg timeline-arm.svg proc-arm/vmstat.log proc-arm/perf.txt proc-arm/diagnosis \
  proc-arm/1/smaps proc-arm/2/smaps; do
  accepted test -s "$err.d/$f"
done
accepted python3 -c '
import sys, xml.dom.minidom
for f in ("heat-arm.svg", "timeline-arm.svg"):
    xml.dom.minidom.parse(sys.argv[1] + "/" + f)
lines = open(sys.argv[1] + "/proc-arm/vmstat.log").read().splitlines()
assert len(lines) > 4 and all(len(l.split()) == 17 for l in lines[1:])
assert all(99 <= sum(map(int, l.split()[-5:])) <= 102 for l in lines[2:])
' "$err.d"
rm -rf "$err.d"
accepted "$COWALK" abits --help
# What another geometry is built from must be a geometry.
refused 2 'No rule' env -u MAKEFLAGS -u MAKELEVEL make -s "$BUILD/hw/geom/x86-4.so-"
# Missing packages without root: the one command to run.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
  accepted setpriv --reuid=65534 --clear-groups .ci/deps.sh gcc make
  setpriv --reuid=65534 --clear-groups .ci/deps.sh gcc no-such-package >"$err" 2>&1
  if [ $? = 1 ] && grep -q 'apt-get install .* no-such-package$' "$err"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: .ci/deps.sh without root"
  fi
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

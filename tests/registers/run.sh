#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The three files that are made from rtl/control/regs.toml are what it makes; the generator refuses
# a source that contradicts itself; the counters of a run are in its result and its report.
set -u
cowalk=${COWALK:-build/cowalk}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
. tests/counts.sh
generator=rtl/control/gen_regs.py
files="rtl/control/regs_pkg.sv csim/backend/mmu_regs.h docs/registers.md"
"$generator" "$out" && ok || bad "the generator ends with an error"
for f in $files; do
  cmp "$f" "$out/$f" && ok || bad "$f is not what regs.toml says: make regs"
done

# refused SED-EXPRESSION WORD: the source so changed is refused in one line with that word
refused() {
  mkdir -p "$out/bad/rtl/control"
  cp "$generator" "$out/bad/rtl/control/"
  sed "$1" rtl/control/regs.toml >"$out/bad/rtl/control/regs.toml"
  if "$out/bad/rtl/control/gen_regs.py" "$out/none" 2>"$out/err"; then
    bad "'$1' is accepted"
  elif [ "$(wc -l <"$out/err")" = 1 ] && grep -q "$2" "$out/err"; then ok; else
    bad "'$1': $(head -n 3 "$out/err")"
  fi
}
refused 's/offset = 0x010/offset = 0x008/' twice
refused 's/offset = 0x010/offset = 0x014/' offset
refused 's/^name = "SPACE"/name = "MODES"/' twice
refused 's/bits = "31:16", access = "RW", text = "VMID/bits = "31:15", access = "RW", text = "VMID/' overlaps
refused 's/reset = 52/reset = 64/' 'does not fit'
refused 's/access = "W1C"/access = "WR"/' access
refused 's/^event = "iTLB-loads"/event = "dTLB-loads"/' twice
refused 's/^counters_at.*//' counters_at
[ ! -e "$out/none" ] && ok || bad "a refused source leaves files"

# a run's counters: in result.json under their names, and equal to what the backend counted itself
for backend in model rtl; do
  "$cowalk" run tests/scenarios/smoke.ini --arch riscv --backend $backend --out "$out/$backend" \
    >"$out/report" 2>"$out/err" || bad "$backend: $(tail -n 1 "$out/err")"
  python3 - "$out/$backend/result.json" docs/registers.md >"$out/diff" <<'EOF' && ok || bad "$backend: $(cat "$out/diff")"
import json, re, sys
run = json.load(open(sys.argv[1]))["runs"][0]
perf, mmu = run["perf"], run["mmu"]
wrong = []
named = re.findall(r"^\| 0x4\w+ \| `([^`]*)`", open(sys.argv[2]).read(), re.M)
if named != list(perf):
    wrong.append("the names are not those of docs/registers.md")
same = {"walks-started": "walks", "walk-reads": "walk_reads", "walk-cache-hits": "walk_cache_hits",
        "merged-misses": "merges", "a-updates": "a_updates", "d-updates": "d_updates",
        "lost-swaps": "lost_swaps", "faults": "faults", "retries": "retries",
        "invalidations": "invalidations", "walk-restarts": "walk_restarts",
        "overlaps": "overlaps", "s2-reads": "s2_reads", "nested-tlb-hits": "nested_hits"}
for a, b in same.items():
    if perf[a] != mmu[b]:
        wrong.append(f"{a} {perf[a]}, {b} {mmu[b]}")
asked = perf["dTLB-loads"] + perf["dTLB-stores"] + perf["iTLB-loads"]
missed = perf["dTLB-load-misses"] + perf["dTLB-store-misses"] + perf["iTLB-load-misses"]
if asked != mmu["l1_hits"] + mmu["l1_misses"] or missed != mmu["l1_misses"]:
    wrong.append(f"{asked} asked, {missed} missed: {mmu['l1_hits']} hits, {mmu['l1_misses']} misses")
if not 0 < perf["walk-active"] <= perf["walk-pending"] <= run["cycles"] * 8:
    wrong.append(f"walk-active {perf['walk-active']}, walk-pending {perf['walk-pending']}")
print("; ".join(wrong))
sys.exit(bool(wrong) or missed == 0)
EOF
  grep -q '^  dTLB-load-misses  *[1-9]' "$out/report" && ok || bad "$backend: not in the report"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

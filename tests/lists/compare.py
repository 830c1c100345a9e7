# SPDX-License-Identifier: Apache-2.0
# compare.py RESULTS replacement.csv: every phase of every list, misses by operation and class, and
# every counter, against what lies between the recorded runs. The bounds are those of
# tests/unit/test_lru_kernel.c: 15 % of it, or 344 pages (two runs of kswapd at the ends of a
# phase); misses of zipf's second phase within 2 % (twolist) and 3 % (mglru) of the mean, their
# ratio within 0.02; hot misses of hs 7600 to 8200, or at most 20 when the scan is read.
import csv
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import counts
from counts import check

RECORDED = {"twolist": "classic", "mglru": "mglru"}
LISTS = ("hs_an_an", "hs_mm_fd", "hs_mm_mm", "zipf_fd", "zipf_mm")
NAMES = {"workingset_refault_anon": "refaults_anon", "workingset_refault_file": "refaults_file",
         "pswpin": "swap_ins", "pswpout": "swap_outs", "pgmajfault": "major_faults"}
COUNTERS = ("pgscan_anon pgscan_file pgsteal_anon pgsteal_file workingset_refault_anon "
            "workingset_refault_file workingset_activate_anon workingset_activate_file "
            "workingset_restore_anon workingset_restore_file pgactivate pgdeactivate pgrefill "
            "pswpin pswpout pgmajfault").split()


def near(where, got, recorded):
    low, high = min(recorded), max(recorded)
    off = max(low - got, got - high, 0)
    ref = low if got < low else high
    check(off * 100 <= ref * 15 or off <= 344, f"{where}: {got}, recorded {low} to {high}")


def main(results, table):
    rows = list(csv.DictReader(open(table)))
    zipf = {}
    for policy, recorded_as in RECORDED.items():
        for name in LISTS:
            with open(f"{results}/{policy}-{name}/result.json") as f:
                phases = json.load(f)["runs"][0]["phases"]
            for phase in phases:
                for a in phase["accesses"]:
                    where = f"{policy} {name} phase {phase['mark']} {a['op']} {a['class']}"
                    same = [r for r in rows
                            if (r["wl"], r["lru"], r["mark"], r["op"], r["cls"], r["seed"]) ==
                            (name, recorded_as, str(phase["mark"]), a["op"], str(a["class"]), "1")]
                    check(same != [], f"{where}: not recorded")
                    if not same:
                        continue
                    check(str(a["accesses"]) == same[0]["accesses"], f"{where}: accesses")
                    misses = [int(r["misses"]) for r in same]
                    near(f"{where} misses", a["misses"], misses)
                    for c in COUNTERS:
                        near(f"{where} {c}", phase["os"][NAMES.get(c, c)],
                             [int(r[c]) for r in same])
                    if name.startswith("zipf") and phase["mark"] == 2:
                        zipf[policy, name] = (a["misses"], sum(misses) / len(misses))
                        share = 0.02 if policy == "twolist" else 0.03
                        got, want = zipf[policy, name]
                        check(abs(got - want) <= share * want, f"{where}: {got}, mean {want}")
                    elif phase["mark"] == 2 and a["class"] == 0:
                        low, high = (0, 20) if name == "hs_mm_fd" else (7600, 8200)
                        check(low <= a["misses"] <= high, f"{where}: {a['misses']} misses")
    for name in ("zipf_fd", "zipf_mm"):
        mglru, twolist = zipf["mglru", name], zipf["twolist", name]
        check(abs(mglru[0] / twolist[0] - mglru[1] / twolist[1]) <= 0.02, f"{name}: ratio")
    return counts.end()


sys.exit(main(*sys.argv[1:]))

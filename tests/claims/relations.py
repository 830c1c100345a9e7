# SPDX-License-Identifier: Apache-2.0
# relations.py RESULTS: what docs/claims.md says of one run against another, on every architecture.
import json
import re
import sys

ARCHS = ("x86", "arm", "riscv")
passed = failed = 0
results = sys.argv[1]


def check(good, text):
    global passed, failed
    passed += bool(good)
    failed += not good
    if not good:
        print("FAILED:", text)


def runs(name):
    with open(f"{results}/{name}/result.json") as f:
        return {r["arch"]: r for r in json.load(f)["runs"]}


def value(run, key):
    if key == "cycles":
        return run["cycles"]
    for group in ("program", "mmu", "shootdown", "os", "disk", "ledger", "caches"):
        if key in run[group]:
            return run[group][key]
    raise KeyError(key)


def holds(claim, text, rule, key, *names):
    """rule(value of key in each run) on all architectures that all runs have."""
    all_runs = [runs(n) for n in names]
    for arch in ARCHS:
        if all(arch in r for r in all_runs):
            got = [value(r[arch], key) for r in all_runs]
            check(rule(*got), f"{claim}, {arch}: {text}: {key} of {', '.join(names)}: {got}")


def smaps(name, arch, key):
    with open(f"{results}/{name}/proc-{arch}/1/smaps") as f:
        return sum(int(n) for n in re.findall(rf"^{key}: +(\d+) kB$", f.read(), re.M))


def bursts(name, arch):
    """Runs of intervals of vmstat.log in which something was written, and KiB in each."""
    out = []
    was = False
    with open(f"{results}/{name}/proc-{arch}/vmstat.log") as f:
        for line in f:
            word = line.split()
            if not word[0].isdigit():
                continue
            bo = int(word[9]) / 1000  # a second -> an interval of 1 ms
            if bo and not was:
                out.append(0)
            if bo:
                out[-1] += bo
            was = bo != 0
    return len(out), sum(out) / max(len(out), 1)


# A fault costs far more than the hardware's update: 4 cycles with the descriptor in L1, 200 without.
holds("A1", "4 cycles each", lambda c: c == 4 * 4016, "ad_update", "a1")
holds("A1", "200 cycles each", lambda c: c == 200 * 4016, "ad_update", "a1-bare")
holds("A3, A4", "700 cycles and more for each fault", lambda hw, os: os - hw > 700 * 4016, "cycles",
      "a1", "a1-fault")
# Clean pages are dropped in the time it takes to take memory; dirty ones wait for the disk.
holds("A7", "10 times", lambda clean, dirty: dirty > 10 * clean, "query_max", "a7", "w4-nvme")
holds("W4", "250 ms", lambda c: c > 750_000_000, "query_max", "w4")
holds("R1", "a third more accesses of the program's", lambda a, b: b == a + 300_000, "accesses",
      "r1-alone", "r1")
holds("R1", "DRAM not twice", lambda a, b: b < 1.1 * a, "dram", "r1-alone", "r1")
holds("R3", "fewer writes", lambda one, two: two < one / 4, "swap_outs", "r3-clock", "r3")
holds("R3", "more faults", lambda one, two: two > 1.2 * one, "major_faults", "r3-clock", "r3")
holds("R5", "neither", lambda a, b: abs(a - b) < 10, "major_faults", "r5-twolist", "r5-mglru")
holds("R5", "both alike", lambda a, b: abs(a - b) < 0.05 * a, "major_faults", "r5-map-twolist",
      "r5-map-mglru")
holds("R6", "MGLRU reads more", lambda a, b: a < b < 1.1 * a, "disk_reads", "r6-twolist", "r6-mglru")
holds("R6", "and takes longer", lambda a, b: a < b < 1.1 * a, "cycles", "r6-twolist", "r6-mglru")
holds("R6", "but less if scans prevail", lambda a, b: b < 0.95 * a, "disk_reads", "r6-scans-twolist",
      "r6-scans-mglru")
holds("R6", "what two lists activate", lambda a, b: a > 20_000 > b, "pgactivate", "r6-scans-twolist",
      "r6-scans-mglru")
holds("W6", "early writeback pays", lambda a, b: b > 3 * a, "query_cycles", "w6", "w6-late")
holds("W7", "more anon with more swappiness", lambda a, b, c: a <= b < c, "pgsteal_anon", "w7-0",
      "w7", "w7-200")
holds("W11", "the second pass reads again", lambda a, b: b > 1.8 * a, "disk_reads", "w11", "w11-1")
holds("T4", "the same walks", lambda a, b: abs(a - b) <= 0.001 * a, "walk_reads", "t4", "t4-pooled")
holds("T4", "the same walks", lambda a, b: abs(a - b) <= 0.001 * a, "walk_reads", "t4-far",
      "t4-far-pooled")
holds("T4", "the same wait", lambda a, b: abs(a - b) <= 0.01 * a, "walk_memory", "t4-far",
      "t4-far-pooled")
holds("T5", "500 times fewer walks", lambda a, b: a > 500 * b, "walks", "t4", "t5-thp")
# One program on its own: its queries last as long as it runs.
for arch, run in runs("w11").items():
    whole, queries = value(run, "cycles"), value(run, "query_cycles")
    check(0.999 * whole < queries <= whole, f"queries, {arch}: {queries} of {whole} cycles")
    check(value(run, "query_p50") <= value(run, "query_p99") <= value(run, "query_max"), arch)
for arch in ARCHS:
    low, usual = bursts("w9-low", arch), bursts("w9", arch)
    check(low[0] > 3 * usual[0] and low[1] < usual[1] / 3, f"W9, {arch}: bursts {low}, {usual}")
    check(smaps("d4", arch, "AnonHugePages") == 0 and smaps("d4", arch, "Swap") > 1000,
          f"D4, {arch}: broken blocks, swap")
    rss = smaps("d4-whole", arch, "Rss")
    check(smaps("d4-whole", arch, "AnonHugePages") > 0.9 * rss, f"D4, {arch}: huge pages")
    check(smaps("d4-leak2", arch, "Rss") > 1.8 * smaps("d4-leak1", arch, "Rss"), f"D4, {arch}: leak")

print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0)

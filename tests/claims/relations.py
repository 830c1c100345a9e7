# SPDX-License-Identifier: Apache-2.0
# relations.py RESULTS: what docs/claims.md says of one run against another, on every architecture.
import csv
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import counts
from counts import check
from runs import ARCHS, Runs, value

# R6: MGLRU by two lists, pages read and time, by how often a scan comes (0: never). The claim of the
# document is which of the two is ahead, and that the scans decide it.
R6 = ((0, (1, 1.1), (1, 1.1)), (1000, (1, 1.1), (1, 1.1)), (200, (0.99, 1.1), (1, 1.1)), (100, (0.9, 1.02), (0.9, 1.03)),
      (50, (0.7, 0.95), (0.7, 0.95)), (20, (0.6, 0.95), (0.6, 0.95)))

results = Runs(sys.argv[1])


def holds(claim, text, rule, key, *names, archs=ARCHS):
    """rule(value of key in each run) on all these architectures."""
    for arch, got in results.values(key, *names, archs=archs).items():
        check(rule(*got), f"{claim}, {arch}: {text}: {key} of {', '.join(names)}: {got}")


# A fault costs far more than the hardware's update: 4 cycles with the descriptor in L1, 200 without.
holds("A1", "4 cycles each", lambda c: c == 4 * 4016, "ad_update", "a1")
holds("A1", "200 cycles each", lambda c: c == 200 * 4016, "ad_update", "a1-bare")
holds("A3, A4", "700 cycles and more for each fault", lambda hw, os: os - hw > 700 * 4016, "cycles",
      "a1", "a1-fault", archs=("arm", "riscv"))
# Clean pages are dropped in the time it takes to take memory; dirty ones wait for the disk.
holds("A7", "10 times", lambda clean, dirty: dirty > 10 * clean, "query_max", "a7", "w4-nvme")
# Every page that has to go costs a write of 5 ms (15 M cycles), one after the other: a MiB up to 256.
for name, queue, slack in (("w4", 1, 0.03), ("w4-queue", 32, 0.25)):
    for arch, run in results.of(name).items():
        writes = (value(run, "kswapd_reclaimed") + value(run, "direct_reclaimed")) / queue
        took = value(run, "query_cycles") / 15e6
        check(abs(took - writes) < slack * writes, f"W4, {arch}, {name}: {took} times 5 ms, {writes} by the rule")
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
for scan, reads, time in R6:
    pair = (f"r6-{scan}-twolist", f"r6-{scan}-mglru")
    holds("R6", f"MGLRU by two lists, {reads}", lambda a, b: reads[0] < b / a < reads[1], "disk_reads", *pair)
    holds("R6", f"MGLRU by two lists, {time}", lambda a, b: time[0] < b / a < time[1], "cycles", *pair)
holds("R6", "two lists activate what two scans read", lambda a, b, reads: a > 0.5 * reads and b < a / 4,
      "pgactivate", "r6-50-twolist", "r6-50-mglru", "r6-50-twolist")
holds("W6", "early writeback pays", lambda a, b: b > 3 * a, "query_cycles", "w6", "w6-late")
holds("W7", "more anon with more swappiness", lambda a, b, c, d: a == b == 0 < c < d / 10, "pgsteal_anon",
      "w7-0", "w7", "w7-100", "w7-200")
holds("W7", "more of it looked at", lambda a, b, c, d: a == 0 < min(b, c) and max(b, c) < d, "pgscan_anon", "w7-0", "w7", "w7-100",
      "w7-200")
holds("W7", "the file pays up to 100, not with 200", lambda a, b, c, d: min(a, b, c) > 1900 and d < 600,
      "pgsteal_file", "w7-0", "w7", "w7-100", "w7-200")
holds("W7", "read once it pays alone, whatever swappiness", lambda *n: len(set(n)) == 1, "pgsteal_file",
      *(f"w7-once-{s}" for s in (0, 60, 100, 200)))
holds("W11", "the second pass reads again", lambda a, b: b > 1.8 * a, "disk_reads", "w11", "w11-1")
holds("T4", "the same walks", lambda a, b: abs(a - b) <= 0.001 * a, "walk_reads", "t4", "t4-pooled")
holds("T4", "the same walks", lambda a, b: abs(a - b) <= 0.001 * a, "walk_reads", "t4-far",
      "t4-far-pooled")
holds("T4", "the same wait", lambda a, b: abs(a - b) <= 0.01 * a, "walk_memory", "t4-far",
      "t4-far-pooled")
holds("T5", "500 times fewer walks", lambda a, b: a > 500 * b, "walks", "t4", "t5-thp")
# One program on its own: its queries last as long as it runs.
for arch, run in results.of("w11").items():
    whole, queries = value(run, "cycles"), value(run, "query_cycles")
    check(0.999 * whole < queries <= whole, f"queries, {arch}: {queries} of {whole} cycles")
    check(value(run, "query_p50") <= value(run, "query_p99") <= value(run, "query_max"), arch)
for arch in ARCHS:
    # W9: every burst is what the flusher writes at once, 1,024 pages, unless the limit is lower.
    count, kib = zip(*(results.bursts(n, arch) for n in ("w9-1", "w9-5", "w9", "w9-20", "w9-60")))
    check(count[0] > 3 * count[1] and kib[0] < kib[1] / 3, f"W9, {arch}: 1 % against 5 %: {count}, {kib}")
    check(count[1] > count[2] and kib[1] < 4096, f"W9, {arch}: 5 % against 10 %: {count}, {kib}")
    check(kib[2] == kib[3] == 4096 and count[4] == 0, f"W9, {arch}: 10, 20, 60 %: {count}, {kib}")
    # W1, W3: where kswapd's first page is written, and where it stops. Slack: a batch of each zone's CPU
    # list, an interval's pages. While it clears A bits first, free memory falls on.
    least_mark, low, high, kept = results.marks("w1", arch)
    start, stop, least = results.first_reclaim("w1", arch)
    check(least_mark < start < low + kept + 256, f"W1, {arch}: starts at {start} KiB, low {low}, kept {kept}")
    check(stop > high and least == start, f"W1, {arch}: stops at {stop} KiB, high {high}, at least {least}")
    checked = results.of("w1")[arch]["contracts"]["watermarks"]["checked"]
    check(checked > 100, f"W1, {arch}: the contract of the watermarks applied {checked} times")
    low, high, kept = results.marks("w3", arch)[1:]
    start, stop, least = results.first_reclaim("w3", arch)
    boost = 2048  # a pageblock of another kind, added to every mark (boost_watermark)
    check(low < start < low + boost + kept + 256, f"W3, {arch}: starts at {start} KiB, low {low}, kept {kept}")
    check(stop > high, f"W3, {arch}: stops at {stop} KiB, high {high}")
    # D1: what tables take is missing in MemAvailable, and nothing else is.
    pages = {n: {k: results.sum_kb(n, arch, "1/meminfo", k) for k in ("PageTables", "MemAvailable", "AnonPages")}
             for n in ("d1", "d1-dense")}
    spread, dense = pages["d1"], pages["d1-dense"]
    missing = dense["MemAvailable"] - spread["MemAvailable"]
    tables = spread["PageTables"] - dense["PageTables"]
    anon = spread["AnonPages"] - dense["AnonPages"]
    check(tables > 9000 and abs(missing - tables - anon) <= 256, f"D1, {arch}: {pages}")
    check(results.sum_kb("d4", arch, "1/smaps", "AnonHugePages") == 0, f"D4, {arch}: broken blocks")
    check(results.sum_kb("d4", arch, "1/smaps", "Swap") > 1000, f"D4, {arch}: swap")
    rss = results.sum_kb("d4-whole", arch, "1/smaps", "Rss")
    check(results.sum_kb("d4-whole", arch, "1/smaps", "AnonHugePages") > 0.9 * rss, f"D4, {arch}: huge pages")
    leak = [results.sum_kb(n, arch, "1/smaps", "Rss") for n in ("d4-leak1", "d4-leak2")]
    check(leak[1] > 1.8 * leak[0], f"D4, {arch}: leak {leak}")
# A6: one shootdown, where others are interrupted; and batches, from the table of cowalk abits.
each = {n: [run[0] / run[1] for run in zip(*(
    [v[0] for v in results.values(k, f"shootdown-{n}").values()]
    for k in ("shootdown_cycles", "shootdowns_remote")))] for n in
    [f"{c}{w}" for c in (2, 4, 8) for w in ("", "-all")]}
for at, arch in enumerate(ARCHS):
    cycles = [each[f"{c}-all"][at] for c in (2, 4, 8)]
    if arch == "arm":
        check(max(cycles) < 1.2 * min(cycles), f"A6, arm: the same on 2, 4, 8 CPUs: {cycles}")
    else:
        check(1.1 * cycles[0] < cycles[1] < cycles[2] / 1.1, f"A6, {arch}: all interrupted: {cycles}")
        check(each["8"][at] < 0.8 * cycles[2], f"A6, {arch}: those concerned: {each['8'][at]}, all {cycles[2]}")
with open(f"{sys.argv[1]}/abits.csv") as f:
    table = list(csv.DictReader(f))
for arch in ARCHS:
    by = {r["flush"]: r for r in table if r["arch"] == arch and r["a_set_by"] == "hardware"}
    spent = {k: int(r["shootdown_cycles"]) for k, r in by.items()}
    wrong = {k: int(r["looks_cold_wrong"]) for k, r in by.items()}
    check(spent["none"] < spent["batch"] < 0.7 * spent["page"], f"A6, {arch}: batches: {spent}")
    check(max(wrong["page"], wrong["batch"]) * 5 < wrong["none"], f"A5, {arch}: wrong cold looks: {wrong}")
    share = int(by["none"]["wrong_evictions"]) / int(by["none"]["evictions"])
    check(share < 0.001 if arch == "x86" else 0.002 < share < 0.1, f"A8, {arch}: wrong evictions: {share}")

sys.exit(counts.end())

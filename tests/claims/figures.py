# SPDX-License-Identifier: Apache-2.0
# figures.py RESULTS: the tables of docs/claims.md that are read from several runs, from the folder that
# tests/claims/run.sh leaves (BUILD/logs/claims).
import sys

from runs import ARCHS, Runs

runs = Runs(sys.argv[1])
NAMES = {"x86": "x86", "arm": "Arm", "riscv": "RISC-V"}


def row(*cells):
    print("| " + " | ".join(cells) + " |")


def three(text, values):
    return ", ".join(text.format(v) for v in values)


def mib(kib):
    return kib / 1024


def more(a, b):
    return 100 * (b - a) / a


def r6():
    """Pages read, then queries a second, MGLRU against two lists, by how often a scan comes."""
    scans = (0, 1000, 200, 100, 50, 20)
    print("\nR6")
    row("a scan every N queries", *("never" if n == 0 else str(n) for n in scans))
    for a in ARCHS:
        cells = []
        for n in scans:
            pair = (f"r6-{n}-twolist", f"r6-{n}-mglru")
            reads, cycles = runs.values("disk_reads", *pair)[a], runs.values("cycles", *pair)[a]
            cells.append(f"{more(*reads):+.1f}, {more(1 / cycles[0], 1 / cycles[1]):+.1f} %")
        row(NAMES[a], *cells)
    for key, unit, text in (("disk_reads", 1, "{:,.0f}"), ("query_p50", 3e6, "{:.3f} ms"),
                            ("query_p99", 3e6, "{:.2f} ms"), ("pgactivate", 1, "{:,.0f}")):
        for n in ("", "-50"):
            got = runs.values(key, f"r6{n}-twolist", f"r6{n}-mglru")
            print(f"{key}, r6{n}:", "; ".join(" to ".join(text.format(v / unit) for v in got[a]) for a in ARCHS))


def w1():
    print("\nW1, W3: MiB of min, low, high, kept; free when kswapd starts and stops, and at least; direct reclaim")
    for name in ("w1", "w3"):
        for a in ARCHS:
            run = runs.of(name)[a]
            share = 100 * run["ledger"]["reclaim_direct"] / run["cycles"]
            print(f"{name} {a}:", three("{:.1f}", map(mib, runs.marks(name, a))), ";",
                  three("{:.1f}", map(mib, runs.first_reclaim(name, a))), ";",
                  f"{run['os']['direct_stalls']} times, {share:.1f} %; wake-ups {run['os']['kswapd_wakeups']},",
                  f"contract checked {run['contracts']['watermarks']['checked']} times")


def w7():
    print("\nW7")
    row("swappiness", "reclaimed from file", "from anon", "looked at, file", "looked at, anon")
    for n in ("w7-0", "w7", "w7-100", "w7-200", "w7-once-60", "w7-mglru-60"):
        cells = (runs.values(k, n) for k in ("pgsteal_file", "pgsteal_anon", "pgscan_file", "pgscan_anon"))
        row(n, *(three("{:,}", (c[a][0] for a in ARCHS)) for c in cells))


def w9():
    print("\nW9: bursts, KiB in each")
    for n in ("w9-1", "w9-5", "w9", "w9-20", "w9-60"):
        print(f"{n}:", "; ".join("{} of {:,.0f}".format(*runs.bursts(n, a)) for a in ARCHS))


def d1():
    print("\nD1: MiB of PageTables, MemAvailable, MemFree as the program ends, spread and side by side")
    for n in ("d1", "d1-dense"):
        for a in ARCHS:
            print(f"{n} {a}:", three("{:.2f}", (mib(runs.sum_kb(n, a, "1/meminfo", k)) for k in
                                              ("PageTables", "MemAvailable", "MemFree"))))


for table in (r6, w1, w7, w9, d1):
    table()

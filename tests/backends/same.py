# SPDX-License-Identifier: Apache-2.0
# same.py A B: two results agree in everything that timing does not enter. The list is the one of
# docs/result-json.md, "The same on the hardware": all metrics of the groups, and these keys. Prints
# what differs; the last line says how many values were compared.
import json
import sys

SAME = ("passed", "tasks", "events", "footprint_pages", "oom_victims", "zones")
GROUPS = ("program", "os", "disk")
MMU = ("a_updates", "d_updates", "invalidations")
# Durations, and what depends on them.
TIMED = ("squashed", "query_cycles", "query_p50", "query_p99", "query_max", "disk_busy_cycles",
         "kswapd_low_quickly", "kswapd_high_quickly")


def values(run):
    flat = {k: run.get(k) for k in SAME}
    for victim in flat["oom_victims"] or ():
        del victim["cycle"]
    for group in GROUPS:
        for name, value in run[group].items():
            if name not in TIMED:
                flat[f"{group}.{name}"] = value
    for name in MMU:
        flat[f"mmu.{name}"] = run["mmu"][name]
    return flat


def main(first, second):
    a, b = (json.load(open(name))["runs"] for name in (first, second))
    differ = len(a) != len(b)
    compared = 0
    for x, y in zip(a, b):
        v, w = values(x), values(y)
        compared += len(v)
        for key in v:
            if v[key] != w[key]:
                print(f"{x['arch']} {key}: {v[key]}, {w[key]}")
                differ = True
    print(f"{compared} values")
    return differ or compared == 0


sys.exit(main(*sys.argv[1:]))

# SPDX-License-Identifier: Apache-2.0
# same.py A B: the phases of two results are the same: accesses, misses, the OS's counters.
import json
import sys


def phases(path):
    with open(path) as f:
        runs = json.load(f)["runs"]
    return [(r["arch"], p["mark"], p["accesses"], p["os"]) for r in runs for p in r["phases"]]


a, b = phases(sys.argv[1]), phases(sys.argv[2])
for x, y in zip(a, b):
    if x != y:
        print(x[:2], {k: (v, y[3][k]) for k, v in x[3].items() if v != y[3][k]})
sys.exit(a != b or len(a) != 9)

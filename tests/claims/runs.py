# SPDX-License-Identifier: Apache-2.0
# What tests/claims/run.sh leaves, read for relations.py and figures.py. A run that lacks an architecture
# is an error: nothing may pass because it is not there.
import json
import re

ARCHS = ("x86", "arm", "riscv")


class Runs:
    def __init__(self, folder):
        self.folder = folder

    def of(self, name, archs=ARCHS):
        """Architecture -> the run."""
        with open(f"{self.folder}/{name}/result.json") as f:
            got = {r["arch"]: r for r in json.load(f)["runs"]}
        for arch in archs:
            if arch not in got or "error" in got[arch]:
                raise SystemExit(f"{self.folder}/{name}: no result for {arch}: run tests/claims/run.sh")
        return got

    def values(self, key, *names, archs=ARCHS):
        """Architecture -> the values of a metric in these runs."""
        runs = [self.of(n, archs) for n in names]
        return {a: [value(r[a], key) for r in runs] for a in archs}

    def text(self, name, arch, path):
        with open(f"{self.folder}/{name}/proc-{arch}/{path}") as f:
            return f.read()

    def sum_kb(self, name, arch, path, key):
        """Lines "KEY: N kB" of smaps and meminfo, summed."""
        found = re.findall(rf"^{key}: +(\d+) kB$", self.text(name, arch, path), re.M)
        if not found:
            raise SystemExit(f"{name}, {arch}: no {key} in {path}")
        return sum(int(n) for n in found)

    def vmstat(self, name, arch, column):
        """A column of vmstat.log, numbers."""
        words = [line.split() for line in self.text(name, arch, "vmstat.log").splitlines()]
        at = next(w for w in words if w[0] == "r").index(column)
        return [int(w[at]) for w in words if w[0].isdigit()]

    def bursts(self, name, arch):
        """Intervals of 1 ms in a row in which something was written: how many bursts, KiB in each."""
        out = []
        was = False
        for bo in self.vmstat(name, arch, "bo"):
            if bo and not was:
                out.append(0)
            if bo:
                out[-1] += bo / 1000
            was = bo != 0
        return len(out), sum(out) / max(len(out), 1)

    def first_reclaim(self, name, arch):
        """KiB free before the first pages go to swap, and when that ends; KiB free at least."""
        free, so = self.vmstat(name, arch, "free"), self.vmstat(name, arch, "so")
        first = next(i for i, n in enumerate(so) if n)
        last = next((i for i in range(first, len(so)) if so[i] == 0), len(so)) - 1
        return free[first - 1], free[last], min(free)

    def marks(self, name, arch):
        """KiB of min, low and high, and of what is kept from page tables, summed over zones."""
        text = self.text(name, arch, "zoneinfo")
        zones = [z for z in text.split("Node ")[1:] if "managed  0\n" not in z]
        read = lambda word: 4 * sum(int(re.search(rf"^ +{word} +(\d+)$", z, re.M)[1]) for z in zones)
        boost = read("boost")
        kept = 4 * sum(int(re.search(r"protection: \(\d+, \d+, (\d+)", z)[1]) for z in zones)
        return read("min") - boost, read("low") - boost, read("high") - boost, kept


def value(run, key):
    if key == "cycles":
        return run["cycles"]
    for group in ("program", "mmu", "shootdown", "os", "disk", "ledger", "caches"):
        if key in run[group]:
            return run[group][key]
    raise KeyError(key)

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `cowalk zoneinfo` against every recorded setting of a booted kernel, as text and as JSON, and
# against bad arguments. The text is read the way programs read /proc/zoneinfo.
set -u
: "${COWALK:=build/cowalk}"
exec python3 - "$COWALK" <<'PYTHON'
import json
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests")
import counts
from counts import check

cowalk = sys.argv[1]


def run(*args):
    return subprocess.run([cowalk, "zoneinfo", *args], capture_output=True, text=True)


def parse(text):
    """Zones by (node, name), as monitoring programs read /proc/zoneinfo."""
    zones = {}
    for block in re.split(r"^(?=Node )", text, flags=re.M):
        head = re.match(r"Node (\d+), zone\s+(\w+)\n", block)
        if not head:
            continue
        zone = {"node": int(head[1]), "name": head[2]}
        zone["free"] = int(re.search(r"^  pages free\s+(\d+)$", block, re.M)[1])
        for key in "boost", "min", "low", "high", "spanned", "present", "managed", "cma":
            zone[key] = int(re.search(rf"^        {key}\s+(\d+)$", block, re.M)[1])
        guard = re.search(r"^        protection: \(([\d, ]+)\)$", block, re.M)[1]
        zone["protection"] = [int(n) for n in guard.split(",")]
        zones[zone["node"], zone["name"]] = zone
    return zones


def arguments(s):
    managed = ",".join(f'{z["node"]}:{z["name"]}={z["managed"]}' for z in s["zones"])
    return ["--managed", managed, "--min-free-kbytes", str(s["min_free_kbytes"]),
            "--watermark-scale-factor", str(s["watermark_scale_factor"]),
            "--lowmem-reserve-ratio", ",".join(str(r) for r in s["ratio"])]


def equal(got, recorded):
    return all(got[k] == recorded[k] for k in ("boost", "min", "low", "high", "managed", "protection"))


sets = 0
with open("tests/data/linux/watermarks.json") as f:
    runs = json.load(f)
for r in runs:
    for s in r["sets"]:
        if s["set"] == "boot":
            continue  # computed before the memory of initialisation came back
        sets += 1
        where = r["run"] + " " + s["set"]
        # Given marks win: THP matters for the formula only.
        args = arguments(s) + (["--thp"] if r["thp"] == "always" else [])
        text = parse(run(*args).stdout)
        check(all(equal(text[z["node"], z["name"]], z) for z in s["zones"]), where + " as text")
        got = json.loads(run(*args, "--json").stdout)
        check(len(got["zones"]) == len(s["zones"]) and
              all(equal(a, b) for a, b in zip(got["zones"], s["zones"])), where + " as JSON")
check(sets == 56, "56 settings")

# What the formulas find by themselves, and that they say so.
eight = "0:DMA=3840,0:DMA32=765920,0:Normal=1266464"
r = run("--managed", eight, "--thp")
check("67584" in r.stderr and "khugepaged" in r.stderr, "8 GiB with THP: 67584 kB")
check(parse(r.stdout)[0, "Normal"]["min"] == 10508, "8 GiB with THP: min of Normal")
r = run("--managed", "0:DMA=3840,0:DMA32=249000,1:DMA32=257000", "--thp", "--json")
check(json.loads(r.stdout)["min_free_kbytes"] == 67584, "two nodes with THP: 67584 kB")
r = run("--managed", "0:DMA=3840,0:DMA32=52068", "--thp", "--json")
check("off" in json.loads(r.stdout)["min_free_kbytes_from"], "256 MiB boots without THP")
two = parse(run("--managed", "0:DMA32=250000,1:DMA32=100000,1:Normal=200000").stdout)
check(two[0, "DMA32"]["protection"] == [0] * 5, "no reserve for another node's zones")
check(two[1, "DMA32"]["protection"] == [0, 0, 781, 781, 781], "a reserve on the second node")
check(two[0, "Movable"]["managed"] == 0 and (2, "DMA") not in two, "which zones are listed")
r = run("--ram", "5G", "--nodes", "2", "--arch", "riscv")
check("reserved" in r.stderr and "isqrt" in r.stderr, "--ram says how")
zones = parse(r.stdout)
check(zones[1, "DMA32"]["managed"] + zones[0, "DMA32"]["managed"] == (4 << 18) - 256 and
      zones[1, "Normal"]["managed"] == 1 << 18, "--ram 5G on two nodes")

# The files of a run tell one story.
out = tempfile.mkdtemp()
r = subprocess.run([cowalk, "run", "--backend", "model", "--arch", "x86,riscv", "--out", out,
                    "--set", "machine.nodes=2", "--set", "machine.cpus=2",
                    "tests/scenarios/smoke.ini"], capture_output=True, text=True)
check(r.returncode == 0, "a run on two nodes: " + r.stderr)
for arch in "x86", "riscv":
    def proc(name):
        with open(f"{out}/proc-{arch}/{name}") as f:
            return f.read()
    mem = {k: int(v) for k, v in re.findall(r"^(\S+): +(\d+) kB$", proc("meminfo"), re.M)}
    vm = {k: int(v) for k, v in re.findall(r"^(\w+) (\d+)$", proc("vmstat"), re.M)}
    zones = parse(proc("zoneinfo"))
    blocks = re.findall(r"^Node \d+, zone +\w+ ((?: *\d+ ){11})$", proc("buddyinfo"), re.M)
    free = sum(int(n) << i for row in blocks for i, n in enumerate(row.split()))
    check(len(blocks) == 2, arch + ": two rows of buddyinfo")
    check(free == vm["nr_free_pages"] == sum(z["free"] for z in zones.values()) ==
          mem["MemFree"] // 4, arch + ": free pages in four files")
    check(mem["MemTotal"] // 4 == sum(z["managed"] for z in zones.values()), arch + ": MemTotal")
    check(mem["MemFree"] < mem["MemAvailable"] + 4 * sum(z["high"] for z in zones.values()) and
          mem["MemAvailable"] <= mem["MemFree"] + mem["Cached"], arch + ": MemAvailable")
    check(vm["pgfault"] > 1000 and vm["pgscan_kswapd"] >= vm["pgsteal_kswapd"] > 0 and
          vm["pageoutrun"] > 0, arch + ": counters of reclaim")
    check(len(re.findall("_index", proc("extfrag"))) == 2, arch + ": both indices")
shutil.rmtree(out)

for word, args in (
        ("either", []), ("either", ["--managed", "0:DMA=1", "--ram", "1G"]),
        ("zones: DMA", ["--managed", "0:HIGH=3"]), ("zones: DMA", ["--managed", "0:DMA"]),
        ("node", ["--managed", "9:DMA=3"]), ("node", ["--managed", "x:DMA=3"]),
        ("pages", ["--managed", "0:DMA=3x"]), ("twice", ["--managed", "0:DMA=3,0:DMA=4"]),
        ("no pages", ["--managed", "0:DMA=0"]), ("multiple", ["--ram", "5000"]),
        ("up to 8T", ["--ram", "9T"]), ("up to 8T", ["--ram", "some"]),
        ("nothing is left", ["--ram", "1M"]), ("one of x86", ["--ram", "1G", "--arch", "mips"]),
        ("one of x86", ["--ram", "1G", "--arch", "all"]),
        ("fewer nodes", ["--ram", "4M", "--nodes", "2"]), ("1 to 8", ["--ram", "1G", "--nodes", "9"]),
        ("belong to --ram", ["--managed", "0:DMA=3", "--arch", "arm"]),
        ("KiB", ["--ram", "1G", "--min-free-kbytes", "-1"]),
        ("1 to 3000", ["--ram", "1G", "--watermark-scale-factor", "0"]),
        ("256,256,32", ["--ram", "1G", "--lowmem-reserve-ratio", "1,2,3,4,5,6"]),
        ("256,256,32", ["--ram", "1G", "--lowmem-reserve-ratio", "1,,2"]),
        ("unexpected", ["--ram", "1G", "extra"]), ("--frob", ["--frob"])):
    r = run(*args)
    check(r.returncode == 2 and word in r.stderr and r.stderr.count("\n") == 1 and not r.stdout,
          f"refusal of {args}: exit {r.returncode}, {r.stderr!r}")

sys.exit(counts.end())
PYTHON

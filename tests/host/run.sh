#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The host runs out of memory: each allocation of a command in turn fails, alone, then with all that
# follow, in a copy of the program with AddressSanitizer (short.c). The command must say so in one
# line and end with an error, or not need it and print what it always prints. Nothing leaks, no file is
# left half written. `run` makes many allocations: the first 110, then every 23rd; SHORT_ALL=1 all.
set -u
: "${BUILD:=build}"
exec python3 - "$BUILD/tests/cowalk_short" <<'PYTHON'
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests")
import counts
from counts import check

program = sys.argv[1]
told = re.compile(r"out of (host )?memory|not enough memory|host cannot hold|Cannot allocate memory")
noise = re.compile(r"^wrote |doesn't fully support makecontext|stack type: |False positive|"
                   r"For details see|the rules allow: a machine with more of it|^$")

SCENARIO = """[machine]
memory = 4M
arch = x86
[mmu]
backend = model
[workload]
program = synthetic:pages=1000 file=80 shared=1 shmem=100 fork=1 exec=1 sync=400 accesses=1200 run=2 write=60
"""


def whole(folder):
    """Every JSON file in the folder can be read, every picture is finished."""
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if name.endswith(".json"):
            with open(path) as f:
                json.load(f)
        elif name.endswith(".svg"):
            with open(path) as f:
                if not f.read().rstrip().endswith("</svg>"):
                    return False
    return True


def once(args, n, more, where):
    hit = os.path.join(where, "hit")
    out = os.path.join(where, "out")
    for path in [hit] + [os.path.join(out, f) for f in os.listdir(out)]:
        if os.path.isfile(path):
            os.unlink(path)
    env = dict(os.environ, ASAN_OPTIONS="detect_leaks=1:exitcode=99", UBSAN_OPTIONS="exitcode=99")
    if n:
        env.update(COWALK_SHORT=f"{n}{more}", COWALK_SHORT_FILE=hit)
    r = subprocess.run([program] + args, capture_output=True, text=True, env=env, cwd=where,
                       stdin=subprocess.DEVNULL, timeout=60)
    return r, os.path.exists(hit), whole(out)


def steps(dense):
    n = 1
    while True:
        yield n
        n += 1 if n < dense or os.environ.get("SHORT_ALL") else 23


def command(name, args, where, dense, same):
    """same: what it prints without the memory that failed, when it ends with 0."""
    usual, _, _ = once(args, 0, "", where)
    check(usual.returncode == 0, f"{name}: ends with {usual.returncode}: {usual.stderr[:300]}")
    for more in ("", "+"):
        for n in steps(dense):
            try:
                r, hit, files = once(args, n, more, where)
            except subprocess.TimeoutExpired:
                check(False, f"{name}, allocation {n}{more}: it hangs")
                continue
            except json.JSONDecodeError as e:
                check(False, f"{name}, allocation {n}{more}: half a file: {e}")
                continue
            if not hit:
                check(n > 5, f"{name}: only {n - 1} allocations")
                break
            lines = [l for l in r.stderr.splitlines() if not noise.search(l)]
            if r.returncode == 0:
                ok = same and r.stdout == usual.stdout
            else:
                ok = r.returncode in (1, 2) and len(lines) == 1 and told.search(lines[0])
            check(ok and files, f"{name}, allocation {n}{more}: ends with {r.returncode}, says "
                                f"{lines[:3] if lines else 'nothing'}")


with tempfile.TemporaryDirectory() as where:
    program = os.path.abspath(program)
    here = os.getcwd()
    os.mkdir(os.path.join(where, "out"))
    with open(os.path.join(where, "short.ini"), "w") as f:
        f.write(SCENARIO)
    command("run", ["run", "short.ini", "--out", "out", "--jobs", "1"], where, 110, False)
    command("oom", ["oom", "--json", f"{here}/tests/data/linux/oom_06_report.txt"], where, 10**6,
            True)
    command("replay", ["replay", "--frames", "10,20", "--plot", "out/curve.svg",
                       "zipf:2000,100,0.9"], where, 10**6, True)
    command("translate", ["translate", "--backend", "model",
                          f"{here}/tests/translate/arm_basic.txt"], where, 10**6, True)
sys.exit(counts.end())
PYTHON

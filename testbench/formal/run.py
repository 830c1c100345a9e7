#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run the proofs of testbench/formal/proofs.ini:

    testbench/formal/run.py BUILD [NAME...]      all of them, or those named (a proof or a mutant)

For each proof: Yosys turns its harness and the RTL into an and-inverter graph, ABC proves every
assertion in it. Then the covers of the harness must all be reached, and each mutant of
tests/mutants/formal that names the proof must make it fail. A counterexample is replayed on the graph
and left as a VCD under BUILD/formal. Prints what each proof proves, given what, and a table; all of it is
also in BUILD/formal/results.json. Ends non-zero if anything is not as it must be. JOBS in the
environment: how many run at a time (default: all processors)."""

import concurrent.futures
import configparser
import ctypes.util
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
import aiger  # noqa: E402

HERE = "testbench/formal"
MUTANTS = "tests/mutants/formal"
MACRO = re.compile(r'^\s*`(ASSUME|PROVE|COVER)\(\s*(\w+),\s*"([^"]*)"', re.M)
LIMIT = int(os.environ.get("FORMAL_LIMIT", "300"))  # seconds for one run of a tool


# Yosys allocates so much that another allocator makes it a fifth faster; it works without, too.
TCMALLOC = ctypes.util.find_library("tcmalloc_minimal")
ENVIRONMENT = dict(os.environ, LD_PRELOAD=TCMALLOC) if TCMALLOC else None


class Failed(Exception):
    """A tool stopped, or a proof is set up wrong; says why."""


class Crashed(Failed):
    """A tool crashed."""


class Tools:
    """Runs tools for one job, and adds up the processor time they took."""

    def __init__(self, limit):
        self.limit, self.seconds = limit, 0.0

    def run(self, command, log):
        """Both streams go to the log file; returns them."""
        with open(log, "w", encoding="utf-8") as f:
            process = subprocess.Popen(command, stdout=f, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=ENVIRONMENT,
                                       preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (self.limit, self.limit)))
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.seconds += usage.ru_utime + usage.ru_stime
        with open(log, encoding="utf-8") as f:
            text = f.read()
        if process.returncode == -signal.SIGSEGV:
            raise Crashed(f"{command[0]} crashed, see {log}")
        if process.returncode < 0:
            raise Failed(f"{command[0]} was stopped after {usage.ru_utime:.0f} s")
        if process.returncode != 0:
            raise Failed(f"{command[0]} failed, see {log}: {text.strip().splitlines()[-1:]}")
        return text


def text_of(path):
    """A file, with what it includes of this folder in its place."""
    def included(match):
        file = f"{HERE}/{match[1]}"
        return text_of(file) if os.path.exists(file) else match[0]
    with open(path, encoding="utf-8") as f:
        return re.sub(r'^ *`include "(\w+\.svh)"', included, f.read(), flags=re.M)


def rtl_files(root, top):
    """The packages, and the files of those modules that the harness needs."""
    with open(f"{root}/rtl/mmu.f", encoding="utf-8") as f:
        files = [f"{root}/{n.strip()}" for n in f if n.strip().endswith(".sv")]
    files += [f"{HERE}/{n}" for n in sorted(os.listdir(HERE)) if n.endswith(".sv") and n != f"{top}.sv"]
    todo = [text_of(f"{HERE}/{top}.sv")]
    needed = {f for f in files if f.endswith("_pkg.sv")}
    text = {file: re.sub(r"//.*", "", text_of(file)) for file in files}
    while todo:
        now = todo.pop()
        for file in files:
            module = os.path.basename(file)[:-3]
            if file not in needed and re.search(rf"^\s*{module}\s+(#\(|\w+\s*\()", now, re.M):
                needed.add(file)
                todo.append(text[file])
    return [f for f in files if f in needed]


def build(tools, proof, root, out, also=""):
    """Harness and RTL of `root` as OUT.aig, with the assertions, and OUT.cover.aig, with the covers.
    An RTL assertion is proven like the harness's own, but for those of the proof's `drop` and `also`.
    Returns the names of both, in order."""
    top = proof["top"]
    params = "".join(f" -set {p.replace('=', ' ')}" for p in proof.get("parameters", "").split())
    # Deferred: no module is worked out that is not used, or with parameters that are not.
    named = f"chparam{params} {top}\nhierarchy -check -top {top}\nrename -top {top}" if params else f"hierarchy -check -top {top}"
    drop = "".join(f"chformal -assert -remove c:{n}\n" for n in f"{proof.get('drop', '')} {also}".split())
    script = f"""
read_verilog -defer -formal -sv -I{root}/rtl -I{HERE} {' '.join(rtl_files(root, top))} {HERE}/{top}.sv
{named}
proc
memory_collect
memory_map
flatten
async2sync
{drop}chformal -early
formalff -clk2ff -ff2anyinit
setundef -undriven -anyseq
opt_expr
opt_merge
opt_clean
techmap
setundef -undriven -anyseq
simplemap
dffunmap
aigmap
tee -o {out}.asserts select -list t:$assert
write_aiger -zinit -B -no-startoffset -vmap {out}.vmap {out}.all.aig
"""
    with open(f"{out}.ys", "w", encoding="utf-8") as f:
        f.write(script)
    tools.run(["yosys", "-q", "-s", f"{out}.ys"], f"{out}.yosys.log")
    graph = aiger.read(f"{out}.all.aig")
    names = assertions(out)
    covers = [n for n in names if n.startswith("cover_")]
    for suffix, chosen in (("", set(names) - set(covers)), (".cover", set(covers))):
        bads = [b for n, b in zip(names, graph[2]) if n in chosen]
        aiger.write(f"{out}{suffix}.aig", len(graph[0]), [n for _, n in graph[1]], bads, graph[3],
                    [(x, y) for _, x, y in graph[4]])
    return [n for n in names if n not in covers], covers


def assertions(out):
    """The names of the assertions of OUT.all.aig, in its order."""
    with open(f"{out}.asserts", encoding="utf-8") as f:
        return [n.strip().split("/", 1)[1] for n in f if "/" in n]


def proven(out):
    """Those of OUT.aig."""
    return [n for n in assertions(out) if not n.startswith("cover_")]


def abc(tools, aig, command, log):
    """Run ABC on a graph; returns its output and [(output, frame)] of the assertions that fail."""
    text = tools.run(["yosys-abc", "-c", f"read_aiger {aig}; fold; strash; {command}"], log)
    return text, [(int(o), int(f)) for o, f in
                  re.findall(r"Output\s+(\d+)\b.*asserted in frame\s+(\d+)", text)]


def bounded(tools, out, cycles, suffix="", prepare=""):
    """No assertion fails within so many cycles; else the counterexample is in OUT.aiw."""
    text, failures = abc(tools, f"{out}{suffix}.aig", f"orpos; {prepare}bmc3 -g -F {cycles}; write_cex -a {out}{suffix}.aiw",
                         f"{out}{suffix}.abc.log")
    if not failures and f"No output asserted in {cycles} frames" not in text:
        raise Failed(f"bound not reached, see {out}{suffix}.abc.log")
    return not failures


def covered(tools, out, depth):
    """The covers of OUT.cover.aig that some run of so many cycles reaches: their number, and the cycle."""
    aig = f"{out}.cover.aig"
    try:
        return dict(abc(tools, aig, f"bmc3 -a -g -F {depth}", f"{out}.cover.abc.log")[1])
    except Crashed:  # which ABC's search for all at once now and then does: one by one
        graph, reached = aiger.read(aig), {}
        for i, bad in enumerate(graph[2]):
            one = f"{out}.cover{i}"
            aiger.write(f"{one}.aig", len(graph[0]), [n for _, n in graph[1]], [bad], graph[3], [(x, y) for _, x, y in graph[4]])
            for _, frame in abc(tools, f"{one}.aig", f"orpos; bmc3 -g -F {depth}", f"{one}.abc.log")[1]:
                reached[i] = frame
        return reached


def holds(tools, proof, out):
    """Whether the engine of this proof proves every assertion; if not, the counterexample is in OUT.aiw."""
    how = proof["engine"].split()
    prepare = f"{proof['prepare']}; " if "prepare" in proof else ""  # makes the graph smaller first
    if how[0] == "bounded":
        return bounded(tools, out, int(how[1]), prepare=prepare)
    if how[0] == "induction":
        k = int(how[1])
        if not bounded(tools, out, k + 1):
            return False
        aiger.step_case(f"{out}.step.aig", aiger.read(f"{out}.aig"), k)
        if bounded(tools, out, k + 1, ".step", prepare):
            return True
        # Broken, or only not inductive any more?
        step = f"not inductive any more: {show_step(out)}"
        depth = int(os.environ.get("FORMAL_DEPTH", proof.get("cover_depth", "20")))
        try:
            if not bounded(tools, out, depth):
                return False
        except Failed as e:
            raise Failed(f"{step}; {e}") from e
        raise Failed(step)
    if how[0] == "pdr":
        text, failures = abc(tools, f"{out}.aig", f"orpos; scorr; dc2; pdr; write_cex -a {out}.aiw", f"{out}.abc.log")
        if not failures and "Property proved" not in text:
            raise Failed(f"not decided, see {out}.abc.log")
        return not failures
    raise Failed(f"no engine {how[0]}")


def stimuli(path, width):
    """The inputs of each frame in a witness of ABC's; its first line is the state, all zero."""
    with open(path, encoding="utf-8") as f:
        bits = "".join(f.read().split("\n", 1)[1].split())
    return [bits[i:i + width] for i in range(0, len(bits) - width + 1, width)]


def show_step(out):
    """Write the counterexample to an induction as a VCD; returns which assertions fail at its end."""
    graph = aiger.read(f"{out}.aig")
    ninput, nlatch = len(graph[0]), len(graph[1])
    lines = stimuli(f"{out}.step.aiw", ninput + nlatch)
    frames = aiger.replay(graph, [s[:ninput] for s in lines], [int(b) for b in lines[0][ninput:]])
    aiger.write_vcd(f"{out}.step.vcd", frames, aiger.signals(f"{out}.vmap"))
    broken = [n for n, bad in zip(proven(out), graph[2]) if aiger.value(frames[-1], bad)]
    return f"{', '.join(broken)} fails after any state, see {out}.step.vcd"


def show_failure(out):
    """Replay ABC's counterexample; returns (the assertions that fail in it, cycle, VCD)."""
    graph, names = aiger.read(f"{out}.aig"), proven(out)
    frames = aiger.replay(graph, stimuli(f"{out}.aiw", len(graph[0])), [0] * len(graph[1]))
    for t, frame in enumerate(frames):
        if not all(aiger.value(frame, c) for c in graph[3]):
            raise Failed(f"the counterexample breaks an assumption in cycle {t}, see {out}.aiw")
        broken = [n for n, bad in zip(names, graph[2]) if aiger.value(frame, bad)]
        if broken:
            aiger.write_vcd(f"{out}.vcd", frames[:t + 1], aiger.signals(f"{out}.vmap"))
            return broken, t, f"{out}.vcd"
    raise Failed(f"the counterexample does not replay, see {out}.aiw")


def macros(proof):
    """The properties of a harness and of what it includes, in order: (kind, name, sentence)."""
    return MACRO.findall(text_of(f"{HERE}/{proof['top']}.sv"))


def bound(proof):
    how = proof["engine"].split()
    return f"{how[1]} cycles" if how[0] == "bounded" else "unbounded"


class Job:
    """One proof with its covers, or a mutant of it."""

    def __init__(self, kind, name, proof, patch=None):
        self.kind, self.name, self.proof, self.patch = kind, name, proof, patch
        self.tools = Tools(int(proof.get("limit", LIMIT)))
        self.good, self.verdict, self.reached, self.assertions = False, "", {}, 0

    def run(self, work):
        try:
            self.good, self.verdict = getattr(self, self.kind)(work)
        except Failed as e:
            self.verdict = f"ERROR: {e}"
        print(f"  {self.kind:6} {self.name:34} {self.tools.seconds:5.0f} s  {self.verdict}", flush=True)

    def prove(self, work):
        out = f"{work}/{self.name}"
        names, covers = build(self.tools, self.proof, ".", out)
        if not holds(self.tools, self.proof, out):
            broken, cycle, vcd = show_failure(out)
            return False, f"FAILED: {', '.join(broken)} in cycle {cycle}, see {vcd}"
        depth = self.proof.get("cover_depth", "20")
        reached = covered(self.tools, out, depth)
        missed = [n for i, n in enumerate(covers) if i not in reached]
        if missed or not covers:
            return False, f"NOT REACHED: {', '.join(missed) or 'it has no cover'}"
        self.reached = {n: reached[i] for i, n in enumerate(covers)}
        self.assertions = len(names)
        return True, f"proven: {len(names)} assertions; {len(covers)} covers reached"

    def mutant(self, work):
        out = f"{work}/mutant-{self.name}"
        root = f"{out}.tree"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree("rtl", f"{root}/rtl")
        with open(self.patch, encoding="utf-8") as f:
            done = subprocess.run(["patch", "-d", root, "-p1", "-F0", "-s"], stdin=f, capture_output=True, check=False)
        if done.returncode != 0:
            raise Failed("the patch does not apply")
        build(self.tools, self.proof, root, out, self.proof.get("mutant_drop", ""))
        how = self.proof["engine"].split()
        # An induction that fails shows no way there: look for one from the reset.
        survived = (bounded(self.tools, out, int(self.proof.get("mutant_depth", "12"))) if how[0] == "induction"
                    else holds(self.tools, self.proof, out))
        if survived:
            return False, f"SURVIVED {self.proof.name}"
        broken, cycle, _ = show_failure(out)
        shutil.rmtree(root)
        self.reached = {n: cycle for n in broken}
        return True, f"killed by {self.proof.name}: {', '.join(broken)} in cycle {cycle}"


def jobs(table, chosen):
    found = []
    for name in table.sections():
        if not chosen or name in chosen:
            found.append(Job("prove", name, table[name]))
    for file in sorted(os.listdir(MUTANTS)):
        if not file.endswith(".patch"):
            continue
        with open(f"{MUTANTS}/{file}", encoding="utf-8") as f:
            proof = re.search(r"^Proof: (\S+)", f.read(), re.M)[1]
        name = file[:-len(".patch")]
        if not chosen or name in chosen or proof in chosen:
            found.append(Job("mutant", name, table[proof], f"{MUTANTS}/{file}"))
    return found


def report(done):
    print("\nWhat is proven")
    for job in (j for j in done if j.kind == "prove"):
        proof = job.proof
        print(f"\n  {job.name} ({proof['property']}): {job.verdict}\n"
              f"    engine {proof['engine'].split()[0]}, {bound(proof)}; {proof.get('parameters') or 'no parameters'}; "
              f"{job.tools.seconds:.0f} s")
        for kind, name, text in macros(proof):
            if kind == "PROVE":
                print(f"    proves     {text}")
            elif kind == "ASSUME":
                print(f"    given that {text}")
            else:
                print(f"    reached    {text}, in cycle {job.reached.get('cover_' + name, 'NONE')}")
    mutated = {j.proof.name for j in done if j.kind == "mutant"}
    bare = [n for n in {j.name for j in done if j.kind == "prove"} if n not in mutated]
    for name in sorted(bare):
        print(f"  no mutant breaks {name}")
    print_table(done)
    return not bare


def print_table(done):
    rows = [("proof", "of", "sizes", "engine", "holds for", "proves", "given", "reached", "mutants", "s", "")]
    for job in (j for j in done if j.kind == "prove"):
        kinds = [kind for kind, _, _ in macros(job.proof)]
        killed = [j.good for j in done if j.kind == "mutant" and j.proof.name == job.name]
        last = max(job.reached.values(), default=0)
        rows.append((job.name, job.proof["property"], job.proof.get("parameters", "-"), job.proof["engine"].split()[0],
                     bound(job.proof), str(job.assertions), str(kinds.count("ASSUME")),
                     f"{len(job.reached)}/{kinds.count('COVER')} by {last}", f"{sum(killed)}/{len(killed)}",
                     f"{job.tools.seconds:.0f}", "" if job.good else "NOT PROVEN"))
    width = [max(len(r[i]) for r in rows) for i in range(len(rows[0]))]
    print()
    for row in rows:
        print("  " + "  ".join(c.ljust(w) for c, w in zip(row, width)).rstrip())


def record(done, seconds, path):
    """All of it for a program to read."""
    out = {"wall_seconds": round(seconds, 1), "proofs": [], "mutants": []}
    for job in done:
        if job.kind == "mutant":
            out["mutants"].append({"name": job.name, "proof": job.proof.name, "killed": job.good, "verdict": job.verdict,
                                   "broken": job.reached, "seconds": round(job.tools.seconds, 1)})
            continue
        texts = macros(job.proof)
        out["proofs"].append({
            "name": job.name, "property": job.proof["property"], "harness": f"{HERE}/{job.proof['top']}.sv",
            "sizes": dict(p.split("=") for p in job.proof.get("parameters", "").split()),
            "engine": job.proof["engine"], "bound": bound(job.proof), "proven": job.good, "verdict": job.verdict,
            "assertions": job.assertions, "left_to_other_proofs": job.proof.get("drop", "").split(),
            "properties": {n: t for k, n, t in texts if k == "PROVE"},
            "assumptions": {n: t for k, n, t in texts if k == "ASSUME"},
            "covers": {n: {"text": t, "cycle": job.reached.get("cover_" + n)} for k, n, t in texts if k == "COVER"},
            "seconds": round(job.tools.seconds, 1)})
    with open(path, "w", encoding="utf-8") as f:
        json.dump(out, f, indent=1)
        f.write("\n")


def main():
    build_dir, chosen = sys.argv[1], sys.argv[2:]
    table = configparser.ConfigParser()
    table.read(f"{HERE}/proofs.ini")
    work = f"{build_dir}/formal"
    os.makedirs(work, exist_ok=True)
    todo = jobs(table, chosen)
    if not todo:
        sys.exit(f"no proof or mutant {' '.join(chosen)}")
    start = time.monotonic()
    order = sorted(todo, key=lambda j: (not j.proof["top"].startswith("mmu_"), j.kind == "mutant"))  # the longest first
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", os.cpu_count()))) as pool:
        list(pool.map(lambda j: j.run(work), order))
    complete = report(todo)
    record(todo, time.monotonic() - start, f"{work}/results.json")
    bad = sum(not j.good for j in todo)
    count = {k: sum(j.kind == k for j in todo) for k in ("prove", "mutant")}
    print(f"\n{count['prove']} proofs, {count['mutant']} mutants in "
          f"{time.monotonic() - start:.0f} s, {sum(j.tools.seconds for j in todo):.0f} s of processor time; {bad} not as they must be; "
          f"{work}/results.json")
    sys.exit(0 if bad == 0 and (complete or chosen) else 1)


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The block diagram of mmu_top, drawn from its instances and wires as Yosys reads them.

    diagram.py SVG          draw docs/mmu_top.svg anew (needs yosys and graphviz)
    diagram.py --check SVG  fail if the drawing is not that of the RTL (needs yosys only)

An arrow is what outputs of one block drive inputs of another, also through gates of mmu_top; its
label names the groups of signals (the first word of the driver's port name) each way, its width
follows the number of bits. Brown: rules of the architecture, and invalidation. Clock, reset and the block that only watches are left out. The drawing
carries the hash of the graph that it was made from."""
import collections
import hashlib
import json
import math
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.relpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
SKIP = {"mmu_check"}
ARCH = "u_arch"
# What lies outside, by the prefix of the pin: where inputs come from, where outputs go.
PINS = [("f_", "fetch requests", "fetch answers"), ("d_", "data requests", "data answers"),
        ("inval_", "invalidations", "invalidations"), ("mem_", "memory", "memory"),
        ("miss_", None, "fault registers")]


def netlist():
    with open(ROOT + "/rtl/mmu.f", encoding="utf-8") as f:
        files = [ROOT + "/" + line.strip() for line in f if line.strip().endswith(".sv")]
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        # The wires of mmu_top do not depend on the sizes; small ones are quicker to read.
        script = ("read_verilog -sv -I%s/rtl %s; hierarchy -check -top mmu_pins -chparam L1IEntries 4"
                  " -chparam L1DEntries 4 -chparam L2Sets 4 -chparam L2Ways 2 -chparam Pwc1Entries 2;"
                  " proc; opt_clean; write_json %s" % (ROOT, " ".join(files), out.name))
        subprocess.run(["yosys", "-q", "-p", script], check=True)
        modules = json.load(out)["modules"]
    name = modules["mmu_pins"]["cells"]["u_mmu"]["type"]
    return modules, modules[name]


def plain(kind):
    return re.sub(r"^\$paramod(\$[0-9a-f]+)?\\([^\\]*).*", r"\2", kind)


def group(port):
    """f_miss_va_o: miss; a port's own prefix is said by the block at the arrow's end."""
    words = re.sub(r"_(i|o|io)$", "", port).split("_")
    if words[0] in ("f", "d") and len(words) > 1:
        words = words[1:]
    return words[0]


def outside(port, direction):
    return next((p[1 if direction == "input" else 2] for p in PINS if port.startswith(p[0])), None)


def edges(modules, top):
    """(driver, reader) -> group -> bits, with the blocks' instance names or names of pins."""
    source = {}  # net bit -> set of (node, group) that it comes from
    gates = []
    for name, cell in top["cells"].items():
        if cell["type"] not in modules:
            gates.append(cell)
            continue
        for port, bits in cell["connections"].items():
            if cell["port_directions"][port] == "output":
                for bit in bits:
                    source.setdefault(bit, set()).add((name, group(port)))
    for port, p in top["ports"].items():
        node = outside(port, "input")
        if p["direction"] == "input" and node:
            for bit in p["bits"]:
                source.setdefault(bit, set()).add((node, group(port)))
    changed = True
    while changed:  # gates of mmu_top pass on what drives them
        changed = False
        for cell in gates:
            drive = set()
            for port, bits in cell["connections"].items():
                if cell["port_directions"][port] == "input":
                    for bit in bits:
                        drive |= source.get(bit, set())
            for port, bits in cell["connections"].items():
                if cell["port_directions"][port] == "output":
                    for bit in bits:
                        if not drive <= source.get(bit, set()):
                            source.setdefault(bit, set()).update(drive)
                            changed = True
    found = collections.defaultdict(lambda: collections.defaultdict(set))
    for name, cell in top["cells"].items():
        if cell["type"] not in modules or plain(cell["type"]) in SKIP:
            continue
        for port, bits in cell["connections"].items():
            if cell["port_directions"][port] == "input":
                for bit in bits:
                    for node, what in source.get(bit, ()):
                        if node != name:
                            found[node, name][what].add(bit)
    for port, p in top["ports"].items():
        node = outside(port, "output")
        if p["direction"] == "output" and node:
            for bit in p["bits"]:
                for driver, what in source.get(bit, ()):
                    found[driver, node][what].add(bit)
    return found


def distances(found):
    """How many blocks away from the requests each node is: the drawing goes in that order."""
    far = {n: 0 for pair in found for n in pair if n.endswith(" requests")}
    queue = list(far)
    for node in queue:
        for a, b in sorted(found):
            if a == node and b not in far:
                far[b] = far[node] + 1
                queue.append(b)
    return far


def words(groups):
    ordered = sorted(groups, key=lambda g: (-len(groups[g]), g))
    return ", ".join(ordered[:4] + (["..."] if len(ordered) > 4 else []))


def graph(modules, top):
    found = edges(modules, top)
    far = distances(found)
    lines = ["digraph mmu_top {", "  rankdir=LR; nodesep=0.4; ranksep=1.2;",
             '  node [shape=box, style="filled,rounded", fillcolor="#eef3fb", fontname="Helvetica",'
             ' fontsize=15, margin="0.2,0.12"];',
             '  edge [fontname="Helvetica", fontsize=11];']
    for name, cell in sorted(top["cells"].items()):
        if cell["type"] in modules and plain(cell["type"]) not in SKIP:
            kind = plain(cell["type"])
            label = kind if kind == name[2:] else "%s\\n(%s)" % (name[2:], kind)
            lines.append('  "%s" [label="%s"];' % (name, label))
    for node in sorted({n for pair in found for n in pair if not n.startswith("u_")}):
        lines.append('  "%s" [shape=plain, style="", fontsize=15];' % node)
    for a, b in sorted({tuple(sorted(p, key=lambda n: (far.get(n, 99), n))) for p in found}):
        there, back = found.get((a, b), {}), found.get((b, a), {})
        bits = len(set().union(*there.values(), *back.values()))
        label = ["%s \u2192" % words(there)] if there else []
        label += ["\u2190 %s" % words(back)] if back else []
        side = ARCH in (a, b) or "u_inval_unit" in (a, b)
        lines.append('  "%s" -> "%s" [label="%s", dir=%s, penwidth=%.1f, color="%s", '
                     'fontcolor="%s"%s];'
                     % (a, b, "\\n".join(label),
                        "both" if there and back else "forward" if there else "back",
                        0.6 + math.log2(bits + 1) / 4, "#b08968" if side else "#335c9c",
                        "#7a5230" if side else "#1f3a66",
                        ""))
    return "\n".join(lines + ["}"]) + "\n"


def main():
    check = sys.argv[1] == "--check"
    svg = sys.argv[-1]
    dot = graph(*netlist())
    mark = "<!-- graph %s -->" % hashlib.sha256(dot.encode()).hexdigest()
    if check:
        with open(svg, encoding="utf-8") as f:
            if mark in f.read():
                return 0
        print("%s is not drawn from this RTL: run testbench/synth/diagram.py %s" % (svg, svg))
        return 1
    drawn = subprocess.run(["dot", "-Tsvg"], input=dot, check=True, capture_output=True,
                           text=True).stdout
    head, rest = drawn.split("<svg", 1)
    head = re.sub(r"<!--.*?-->\n?", "", head, flags=re.S)  # the program's own name and version
    with open(svg, "w", encoding="utf-8") as f:
        f.write(head + "<!-- SPDX-License-Identifier: Apache-2.0 -->\n" + mark + "\n<svg" + rest)
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tables from a mapped netlist: report.py ARCH GEOMETRY BLOCKS.json FLAT.json OUT.json

BLOCKS.json and FLAT.json are the same netlist of Yosys, with its blocks and without. Prints the
tables of docs/synthesis.md and writes the same figures to OUT.json.

A cell is a lookup table of at most six inputs. The delay of a path is the number of lookup tables
on it; registers, RAM and pins begin and end paths. An asynchronous reset ends none."""
import collections
import json
import re
import sys

TOP = "mmu_pins"
INSTANCE = "u_mmu"


def is_register(kind):
    return re.match(r"\$_(S|A|AL)?DFF", kind) is not None


def is_ram(kind):
    return kind.startswith("$mem")


def number(text):
    return int(text, 2) if isinstance(text, str) else int(text)


def ram_bits(cell):
    return number(cell["parameters"]["WIDTH"]) * number(cell["parameters"]["SIZE"])


def plain(kind):
    """Name of the source module of a Yosys module."""
    return re.sub(r"^\$paramod(\$[0-9a-f]+)?\\([^\\]*).*", r"\2", kind)


def count(modules, name, known):
    """Cells of a module and all below it, by kind; lookup tables by their inputs."""
    if name in known:
        return known[name]
    total = collections.Counter()
    for cell in modules[name]["cells"].values():
        kind = cell["type"]
        if kind in modules:
            total.update(count(modules, kind, known))
        elif kind == "$lut":
            total["LUT%d" % number(cell["parameters"]["WIDTH"])] += 1
        elif is_register(kind):
            total["flip-flop"] += 1
        elif is_ram(kind):
            total["RAM"] += 1
            total["RAM bits"] += ram_bits(cell)
        elif kind != "$scopeinfo":
            total[kind] += 1
    known[name] = total
    return total


def luts(counter):
    return sum(n for kind, n in counter.items() if kind.startswith("LUT"))


class Netlist:
    """The flat netlist as a graph: for each net bit the cell that drives it."""

    def __init__(self, module):
        # a cell without a name of its own is "$flatten\\u_mmu.\\u_l1d.$..." after flattening
        self.cells = {name.replace("$flatten", "").replace("\\", ""): cell
                      for name, cell in module["cells"].items()}
        names = self.name_bits(module)
        self.names = {bit: min(all_, key=len) for bit, all_ in names.items()}
        self.driver = {}
        for name, cell in self.cells.items():
            if cell["type"] == "$lut":
                for bit in cell["connections"]["Y"]:
                    self.driver[bit] = name
        self.source = {}  # registers and RAM: where a path begins
        for name, cell in self.cells.items():
            if is_register(cell["type"]):
                self.source[cell["connections"]["Q"][0]] = name
            elif is_ram(cell["type"]):
                for bit in cell["connections"]["RD_DATA"]:
                    self.source[bit] = name
        for bit, name in self.source.items():  # a register is called as in its own block
            block = name.split("$")[0].rpartition(".")[0]
            own = [n for n in names.get(bit, []) if n.rpartition(".")[0] == block]
            if own:
                self.names[bit] = min(own, key=len)
        self.ports = module["ports"]

    @staticmethod
    def name_bits(module):
        """The names from the source of each net bit."""
        names = collections.defaultdict(list)
        for name, net in module["netnames"].items():
            if "$" in name:
                continue
            for i, bit in enumerate(net["bits"]):
                text = "%s[%d]" % (name, i) if len(net["bits"]) > 1 else name
                names[bit].append(text)
        return names

    def ends(self, prefix):
        """(what it is called, bit) for each place where a path may end, below a prefix."""
        for name, cell in self.cells.items():
            if not name.startswith(prefix):
                continue
            if is_register(cell["type"]):
                where = self.names.get(cell["connections"]["Q"][0], name)
                pins = ["D", "E"] + (["R"] if cell["type"].startswith("$_SDFF") else [])
                for pin in pins:
                    for bit in cell["connections"].get(pin, []):
                        yield where + (" (enable)" if pin == "E" else ""), bit
            elif is_ram(cell["type"]):
                for pin, bits in cell["connections"].items():
                    if pin != "RD_DATA" and not pin.endswith("CLK"):
                        for bit in bits:
                            yield "%s (%s)" % (name, pin.lower()), bit

    def longest(self, prefix=""):
        """Levels, start, end, and the cells of the longest path through cells below a prefix.

        What enters the blocks below the prefix from outside begins a path."""
        depth, via = {}, {}

        def inside(bit):
            cell = self.driver.get(bit)
            return cell if cell is not None and cell.startswith(prefix) else None

        def inputs(cell):
            return [b for b in self.cells[cell]["connections"]["A"] if inside(b)]

        for root in list(self.driver.values()):
            if not root.startswith(prefix) or root in depth:
                continue
            stack = [root]
            while stack:
                cell = stack[-1]
                if cell in depth:
                    stack.pop()
                    continue
                missing = [self.driver[b] for b in inputs(cell) if self.driver[b] not in depth]
                if missing:
                    stack.extend(missing)
                    continue
                best, came = 0, None
                for bit in inputs(cell):
                    if depth[self.driver[bit]] > best:
                        best, came = depth[self.driver[bit]], bit
                depth[cell], via[cell] = best + 1, came
                stack.pop()
        best = (0, "", None)
        if prefix:  # what leaves the block ends a path too
            candidates = [(self.names.get(b, "an output"), b) for b, c in self.driver.items()
                          if c.startswith(prefix)]
            candidates += list(self.ends(prefix))
        else:
            candidates = list(self.ends(""))
            candidates += [(port, b) for port, p in self.ports.items()
                           if p["direction"] == "output" for b in p["bits"]]
        for where, bit in candidates:
            cell = inside(bit)
            if cell and (depth[cell], where) > best[:2]:
                best = (depth[cell], where, bit)
        if best[2] is None:
            return {"levels": 0, "from": "", "to": "", "through": []}
        path, bit = [], best[2]
        while bit is not None and inside(bit):
            path.append(inside(bit))
            last, bit = bit, via[inside(bit)]
        first = path[-1]
        start = next((self.names[b] for b in self.cells[first]["connections"]["A"]
                      if b in self.source and b in self.names),
                     next((self.names[b] for b in self.cells[first]["connections"]["A"]
                           if b in self.names), "?"))
        return {"levels": best[0], "from": start, "to": best[1],
                "through": self.blocks_of(reversed(path))}

    @staticmethod
    def blocks_of(path):
        """[block, levels] along a path of cells."""
        steps = []
        for cell in path:
            parts = cell.split("$")[0].split(".")[1:-1]
            block = ".".join(parts) or "mmu_top"
            if steps and steps[-1][0] == block:
                steps[-1][1] += 1
            else:
                steps.append([block, 1])
        return steps


def short(name):
    return name.replace(INSTANCE + ".", "", 1)


def main():
    arch, geometry, blocks_file, flat_file, out_file = sys.argv[1:]
    with open(blocks_file, encoding="utf-8") as f:
        modules = json.load(f)["modules"]
    with open(flat_file, encoding="utf-8") as f:
        net = Netlist(json.load(f)["modules"][TOP])
    known = {}
    total = count(modules, TOP, known)
    top = modules[TOP]["cells"][INSTANCE]["type"]
    rows = []
    for name, cell in sorted(modules[top]["cells"].items()):
        if cell["type"] not in modules:
            continue
        c = known[cell["type"]]
        if luts(c) + c["flip-flop"] + c["RAM bits"] == 0:
            continue
        path = net.longest("%s.%s." % (INSTANCE, name))
        rows.append({"instance": name, "module": plain(cell["type"]), "luts": luts(c),
                     "flip_flops": c["flip-flop"], "ram_bits": c["RAM bits"],
                     "longest_path": path})
    rams = [{"name": short(n), "bits": ram_bits(c), "words": number(c["parameters"]["SIZE"])}
            for n, c in net.cells.items() if is_ram(c["type"])]
    path = net.longest()
    result = {"arch": arch, "geometry": geometry, "luts": luts(total),
              "flip_flops": total["flip-flop"], "ram_bits": total["RAM bits"],
              "cells": dict(sorted(total.items())), "rams": rams, "blocks": rows,
              "longest_path": path}
    with open(out_file, "w", encoding="utf-8") as f:
        json.dump(result, f, indent=1)
        f.write("\n")

    print("%s, geometry %s" % (arch, geometry))
    print("  cells: " + ", ".join("%d %s" % (n, k) for k, n in sorted(total.items())
                                  if k not in ("RAM bits", "RAM")))
    line = "  %-14s %-12s %8s %8s %9s %7s"
    print(line % ("block", "module", "LUTs", "flip-fl.", "RAM bits", "levels"))
    for r in rows:
        print(line % (r["instance"], r["module"], r["luts"], r["flip_flops"], r["ram_bits"],
                      r["longest_path"]["levels"]))
    print(line % ("all", "", result["luts"], result["flip_flops"], result["ram_bits"],
                  path["levels"]))
    for ram in rams:
        print("  RAM %s: %d words of %d bits" % (ram["name"], ram["words"],
                                                ram["bits"] // ram["words"]))
    print("  longest path: %d lookup tables, from %s to %s" % (path["levels"], short(path["from"]),
                                                              short(path["to"])))
    print("    through " + ", ".join("%s %d" % (b, n) for b, n in path["through"]))


if __name__ == "__main__":
    main()

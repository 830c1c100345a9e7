#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write the register package, the C header and the documentation from regs.toml.

gen_regs.py [FOLDER] writes below FOLDER (default: the project), and ends with 1 and one line if
the source contradicts itself. Standard library only.
"""
import pathlib
import sys
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ACCESS = ("RO", "RW", "W1C", "WO")
LAST = 0xFF8  # offsets have 12 bits


class SourceError(Exception):
    """The source contradicts itself."""


# ---- the source, checked --------------------------------------------------------------------------

class Field:
    def __init__(self, register, entry):
        self.name = entry["name"]
        ends = [int(b) for b in entry["bits"].split(":")]
        self.high, self.low = ends[0], ends[-1]
        self.access = entry["access"]
        self.build = entry.get("reset") == "build"
        self.reset = 0 if self.build else entry.get("reset", 0)
        self.text = entry["text"]
        if not 0 <= self.low <= self.high <= 63 or len(ends) > 2:
            raise SourceError(f"{register}.{self.name}: bits {entry['bits']}")
        if self.access not in ACCESS:
            raise SourceError(f"{register}.{self.name}: access {self.access}")
        if self.reset >> self.width:
            raise SourceError(f"{register}.{self.name}: the reset value does not fit")

    @property
    def width(self):
        return self.high - self.low + 1

    @property
    def mask(self):
        return ((1 << self.width) - 1) << self.low

    @property
    def bits(self):
        return f"{self.high}:{self.low}" if self.width > 1 else f"{self.low}"


class Register:
    def __init__(self, entry):
        self.name = entry["name"]
        self.offset = entry["offset"]
        self.text = entry["text"]
        self.context = entry.get("context", False)
        self.fields = sorted((Field(self.name, f) for f in entry["fields"]), key=lambda f: f.low)
        used = 0
        for f in self.fields:
            if used & f.mask:
                raise SourceError(f"{self.name}.{f.name}: overlaps another field")
            used |= f.mask

    def masks(self, *access):
        return sum(f.mask for f in self.fields if f.access in access)

    @property
    def reset(self):
        return sum(f.reset << f.low for f in self.fields)

    @property
    def readable(self):
        return any(f.access != "WO" for f in self.fields)

    @property
    def writable(self):
        return any(f.access != "RO" for f in self.fields)

    @property
    def access(self):
        kinds = [a for a in ACCESS if any(f.access == a for f in self.fields)]
        return ", ".join(kinds)

    @property
    def build(self):
        return any(f.build for f in self.fields)


class Source:
    def __init__(self, text):
        data = tomllib.loads(text)
        self.intro = data["intro"].strip("\n")
        self.fault_entries = data["fault_entries"]
        self.base = data["counters_at"]
        self.registers = [Register(r) for r in data["register"]]
        self.counters = data["counter"]
        for i, c in enumerate(self.counters):
            c["offset"] = self.base + 8 * i
        offsets = [r.offset for r in self.registers] + [c["offset"] for c in self.counters]
        names = [r.name for r in self.registers] + [c["name"] for c in self.counters]
        events = [c["event"] for c in self.counters]
        for what in (offsets, names, events):
            if len(set(what)) != len(what):
                raise SourceError(f"twice: {', '.join(sorted({str(w) for w in what if what.count(w) > 1}))}")
        for o in offsets:
            if o % 8 or not 0 <= o <= LAST:
                raise SourceError(f"offset {o:#x}")
        if not self.counters or self.base % 256 or len(self.counters) > 31:
            raise SourceError("1 to 31 counters, from a multiple of 256 on")


def camel(name):
    return "".join(part.capitalize() for part in name.split("_"))


# ---- SystemVerilog --------------------------------------------------------------------------------

def sv_struct(r):
    """The register as a packed structure of 64 bits, gaps named by their low bit."""
    rows = []
    at = 64
    for f in reversed(r.fields):
        if f.high + 1 < at:
            rows.append((at - f.high - 1, f"zero{f.high + 1}"))
        rows.append((f.width, f.name))
        at = f.low
    if at:
        rows.append((at, "zero0"))
    out = ["  typedef struct packed {"]
    for width, name in rows:
        kind = "logic" if width == 1 else f"logic [{width - 1}:0]"
        out.append(f"    {kind:<12} {name};")
    out.append(f"  }} {r.name.lower()}_t;")
    return out


def sv(s):
    out = [
        "// SPDX-License-Identifier: Apache-2.0",
        "// The register map: generated from regs.toml by gen_regs.py (make regs), not to be edited.",
        "// What each register means is in docs/registers.md.",
        "package regs_pkg;",
        "",
        f"  localparam int unsigned FaultEntries = {s.fault_entries};",
        f"  localparam int unsigned Counters     = {len(s.counters)};",
        "",
        "  // ---- offsets; counter n is at AddrCounters + 8 n " + "-" * 43,
        "  typedef enum logic [11:0] {",
    ]
    width = max(len(camel(r.name)) for r in s.registers) + 4
    for r in s.registers:
        out.append(f"    {'Addr' + camel(r.name):<{width}} = 12'h{r.offset:03x},")
    out += [f"    {'AddrCounters':<{width}} = 12'h{s.base:03x}", "  } addr_e;", "",
            "  // ---- counters " + "-" * 78, "  typedef enum logic [4:0] {"]
    width = max(len(camel(c["name"])) for c in s.counters) + 5
    for i, c in enumerate(s.counters):
        comma = "," if i + 1 < len(s.counters) else ""
        out.append(f"    {'Count' + camel(c['name']):<{width}} = 5'd{i}{comma}")
    out += ["  } count_e;", "", "  // ---- registers: fields, and of those that are RW the bits and the reset value " + "-" * 14]
    for r in s.registers:
        out += sv_struct(r)
        if r.masks("RW"):
            out += [f"  localparam logic [63:0] {camel(r.name)}Mask  = 64'h{r.masks('RW'):016x};",
                    f"  localparam logic [63:0] {camel(r.name)}Reset = 64'h{r.reset:016x};"]
        out.append("")
    out += ["  // All that requests may be translated by.", "  typedef struct packed {"]
    out += [f"    {r.name.lower()}_t {r.name.lower()};" for r in s.registers if r.context]
    out += ["  } context_t;", "", "endpackage", ""]
    return "\n".join(out)


# ---- C --------------------------------------------------------------------------------------------

def c_list(name, rows):
    """An X-macro, its backslashes in one column as clang-format has them."""
    lines = [f"#define {name}(X)"] + [f"  {row}" for row in rows]
    width = max(len(line) for line in lines[:-1]) + 1
    return [f"{line:<{width}}\\" for line in lines[:-1]] + [lines[-1], ""]


def c(s):
    out = [
        "/* SPDX-License-Identifier: Apache-2.0",
        " * The register map: generated from rtl/control/regs.toml by gen_regs.py (make regs), not to be",
        " * edited. What each register means is in docs/registers.md. Offsets are in bytes, registers have",
        " * 64 bits. Readable alone. */",
        "#ifndef COWALK_BACKEND_MMU_REGS_H",
        "#define COWALK_BACKEND_MMU_REGS_H",
        "",
        "#include <stdint.h>",
        "",
        f"#define MMU_FAULT_ENTRIES {s.fault_entries}",
        f"#define MMU_PERF_COUNT {len(s.counters)}",
        "",
        "/* offsets */",
        "enum {",
    ]
    for r in s.registers:
        out.append(f"  MMU_REG_{r.name} = {r.offset:#05x},")
    out += [f"  MMU_REG_COUNTERS = {s.base:#05x} /* counter n of enum mmu_perf is 8 n further on */", "};",
            "", "/* fields: mask in place, and the number of the lowest bit */"]
    for r in s.registers:
        for f in r.fields:
            name = f"MMU_{r.name}_{f.name.upper()}"
            out.append(f"#define {name} UINT64_C({f.mask:#x})")
            out.append(f"#define {name}_LSB {f.low}")
    out += ["",
            "/* X(name, offset, can be read, can be written, bits that are RW, bits that are W1C, reset value,",
            " * bits of it that the build decides) */"]
    rows = []
    for r in s.registers:
        build = sum(f.mask for f in r.fields if f.build)
        rows.append(f"X({r.name}, {r.offset:#05x}, {int(r.readable)}, {int(r.writable)}, "
                    f"{r.masks('RW'):#x}, {r.masks('W1C'):#x}, {r.reset:#x}, {build:#x})")
    out += c_list("MMU_REG_LIST", rows)
    out += ["enum mmu_perf {"]
    out += [f"  MMU_PERF_{c_['name']},".replace(",", "," if i + 1 < len(s.counters) else "")
            for i, c_ in enumerate(s.counters)]
    out += ["};", "", "/* X(name, the event's name in perf's style) */"]
    out += c_list("MMU_PERF_LIST", [f"X({c_['name']}, \"{c_['event']}\")" for c_ in s.counters])
    out += ["#endif", ""]
    return "\n".join(out)


# ---- documentation ----------------------------------------------------------------------------------

def doc(s):
    out = [s.intro, "", "## Map", "",
           "| offset | register | access | reset | |", "| --- | --- | --- | --- | --- |"]
    for r in s.registers:
        reset = "by build" if r.build else f"{r.reset:#x}"
        out.append(f"| {r.offset:#05x} | `{r.name}` | {r.access} | {reset} | {r.text} |")
    last = s.counters[-1]["offset"]
    out.append(f"| {s.base:#05x} to {last:#05x} | counters | RO | 0x0 | One each 8 bytes, in the order of the table at the end. |")
    out += ["", "## Fields", ""]
    for r in s.registers:
        out += [f"### {r.name} ({r.offset:#05x})", "", "| bits | field | access | reset | |", "| --- | --- | --- | --- | --- |"]
        for f in r.fields:
            reset = "by build" if f.build else f"{f.reset}"
            out.append(f"| {f.bits} | `{f.name}` | {f.access} | {reset} | {f.text} |")
        out.append("")
    out += ["## What each counter counts", "", "| offset | event | counts | like |", "| --- | --- | --- | --- |"]
    for c_ in s.counters:
        out.append(f"| {c_['offset']:#05x} | `{c_['event']}` | {c_['counts']} | {c_.get('like', '')} |")
    out.append("")
    return "\n".join(out)


def main():
    if any(a.startswith("-") for a in sys.argv[1:]):
        sys.exit("usage: gen_regs.py [FOLDER to write to, instead of the repository]")
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    try:
        source = Source((HERE / "regs.toml").read_text(encoding="utf-8"))
    except (SourceError, KeyError, ValueError, tomllib.TOMLDecodeError) as e:
        print(f"regs.toml: {e}", file=sys.stderr)
        return 1
    for path, text in (("rtl/control/regs_pkg.sv", sv(source)),
                       ("csim/backend/mmu_regs.h", c(source)),
                       ("docs/registers.md", doc(source))):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Refuse SystemVerilog that this project's tools take wrongly: rtl_subset.py [FILE...]

Without arguments it reads every file under rtl/. One line a finding, with file, line and remedy;
exit status 1 if there is one. The defects behind the rules are shown by run.sh in this folder.
"""
import pathlib
import re
import sys

TYPE = r"(?:mmu_pkg::)?\w+_[te]\b"
# (pattern on code without comments and strings, what to do instead)
RULES = [
    (r"\b(?:logic|reg|wire|bit)\s*(?:signed\s*)?\[[^\]]*\]\s*\[[^\]]*\]\s*\w+",
     "packed 2-D array: use an unpacked array of vectors, or slices of one vector"),
    (rf"\b{TYPE}\s*\[[^\]]*\]", "packed array of a type: use a plain vector of the whole width"),
    (rf"\b{TYPE}\s+\w+\s*\[[^\]]*\]\s*[;,]",
     "array of a structure or enum: store plain vectors, one array a field"),
    (r"\b(?:input|output|inout)\b[^;,()]*\b\w+\s*\[[^\]]*\]\s*(?:,|\)|$)",
     "unpacked-array port: use one wide vector"),
    (r"\bimport\b", "import: write mmu_pkg::name"),
    (r"\breturn\b", "return: assign to the function's name"),
    (r"\binside\b", "inside: compare, or use a case"),
    (r"'\{", "assignment pattern: assign the fields one by one"),
    (r"\bparameter\s+type\b", "type parameter: use widths"),
    (r"(?<!function )\bautomatic\b", "automatic local in a block: declare it static at the top"),
    (r"\binterface\b|\bmodport\b", "interface: use structures and plain ports"),
    (r"\b(?:struct|union)\s+(?!packed)", "unpacked structure: write struct packed"),
    (r"\bassert\s+property\b|##\d", "clocked property: use the macros of mmu_assert.svh"),
    (r"\balways\s*@\s*(?:\*|\(\s*\*)", "always @*: write always_comb"),
]
FUNCTION_RULES = [
    (rf"\bfunction\s+(?:automatic\s+)?{TYPE}", "function returns a structure: return a vector"),
    (rf"(?:\binput\s+|^\s*){TYPE}\s+\w+", "structure in a function: pass the fields it needs"),
]


def strip(text):
    """Blank out comments and strings, keeping line numbers."""
    def blank(m):
        return re.sub(r"[^\n]", " ", m.group(0))
    return re.sub(r'//[^\n]*|/\*.*?\*/|"[^"\n]*"', blank, text, flags=re.S)


def enum_constants(code):
    names = []
    for body in re.findall(r"\benum\b[^{]*\{([^}]*)\}", code):
        names += re.findall(r"(\w+)\s*(?:=[^,]*)?(?:,|$)", body.strip())
    return names


def check(path):
    text = path.read_text(encoding="utf-8")
    code = strip(text)
    found = []

    def at(pos, what):
        found.append((code.count("\n", 0, pos) + 1, what))

    for pattern, what in RULES:
        if path.name == "mmu_assert.svh" and "mmu_assert.svh" in what:
            continue
        for m in re.finditer(pattern, code, flags=re.M):
            at(m.start(), what)
    for f in re.finditer(r"\bfunction\b.*?\bendfunction\b", code, flags=re.S):
        for pattern, what in FUNCTION_RULES:
            for m in re.finditer(pattern, f.group(0), flags=re.M):
                at(f.start() + m.start(), what)
    for p in re.finditer(r"\bpackage\b.*?\bendpackage\b", code, flags=re.S):
        names = enum_constants(p.group(0))
        for f in re.finditer(r"\bfunction\b.*?\bendfunction\b", p.group(0), flags=re.S):
            for m in re.finditer(r"(?<![\w:.])(\w+)\b", f.group(0)):
                if m.group(1) in names:
                    at(p.start() + f.start() + m.start(),
                       f"enum constant {m.group(1)} in a package function: write package::name")
        for m in re.finditer(r"\$bits\b", p.group(0)):
            at(p.start() + m.start(), "$bits in a package: write the number")

    lines = text.split("\n")
    for n, line in enumerate(lines, 1):
        if len(line) > 100:
            found.append((n, f"{len(line)} columns: at most 100"))
        if "\t" in line or line != line.rstrip():
            found.append((n, "tab or blank at the end of the line"))
        # A waiver covers one line and says why on the line above it.
        if re.search(r"verilator\s+lint_off", line):
            on = next((k for k in range(n, min(n + 3, len(lines)))
                       if re.search(r"verilator\s+lint_on", lines[k])), None)
            why = n >= 2 and re.match(r"\s*//", lines[n - 2])
            if on is None or on > n + 1 or not why:
                found.append((n, "lint_off: cover one line, and say why on the line above"))
    if path.suffix == ".sv":
        names = re.findall(r"^\s*(?:module|package)\s+(\w+)", code, flags=re.M)
        if names != [path.stem]:
            found.append((1, f"holds {', '.join(names) or 'nothing'}: one module, named as the file"))
        if not text.startswith("// SPDX-License-Identifier: Apache-2.0\n"):
            found.append((1, "no licence line"))
    return sorted(set(found))


def main():
    paths = [pathlib.Path(a) for a in sys.argv[1:]]
    if not paths:
        rtl = pathlib.Path(__file__).resolve().parents[2] / "rtl"
        paths = sorted(p for p in rtl.rglob("*") if p.suffix in (".sv", ".svh"))
    bad = 0
    for path in paths:
        for line, what in check(path):
            print(f"{path}:{line}: {what}")
            bad += 1
    print(f"{len(paths)} files, {bad} findings")
    return 1 if bad or not paths else 0


if __name__ == "__main__":
    sys.exit(main())

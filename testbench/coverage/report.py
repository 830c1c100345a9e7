#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The coverage table of the RTL: report.py EXPLAINED TOGGLES FILE.dat...

The files are Verilator's counts. A point is a place in the source (file, line, column, what it is);
the same point of several instances, geometries and architectures counts as one, met if any met
it. A line is covered if every point that names it was met; a toggle point is one bit of a signal
that went up or down.

Exit code 1: less than LEAST percent of a file's lines are covered, or an uncovered line has no
explanation (EXPLAINED: file | regular expression of the source line | reason)."""
import collections
import re
import sys

LEAST = 95.0


def points(path):
    """(type, file, line, column, comment, lines) and count of each point of one file."""
    with open(path, encoding="latin-1") as f:
        for text in f:
            match = re.match(r"C '(.*)' (\d+)$", text.rstrip("\n"))
            if not match:
                continue
            key = {}
            for item in match[1].split("\x01"):
                if "\x02" in item:
                    name, value = item.split("\x02", 1)
                    key[name] = value
            yield key, int(match[2])


def numbers(text):
    """"3,5-7" is 3, 5, 6, 7."""
    for part in text.split(","):
        if part:
            first, _, last = part.partition("-")
            yield from range(int(first), int(last or first) + 1)


def explanations(path):
    with open(path, encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                file, pattern, reason = (p.strip() for p in line.split(" | ", 2))
                yield file, re.compile(pattern), reason


def main():
    explained_file, toggles_file, *data = sys.argv[1:]
    toggles, met = collections.Counter(), collections.Counter()
    for path in data:
        for key, count in points(path):
            where = (key["f"], int(key["l"]), key.get("n", ""), key.get("o", ""))
            if "toggle" in key.get("page", ""):
                toggles[where] += count
            else:
                met[where + (key.get("S", key["l"]),)] += count
    worst = collections.defaultdict(dict)  # file -> line -> fewest times of its points
    for (file, line, _, _, lines), count in met.items():
        for n in set(numbers(lines)) | {line}:
            worst[file][n] = min(worst[file].get(n, count), count)
    rules = list(explanations(explained_file))
    used, bad, listing = set(), [], []
    print("%-30s %16s %9s %22s" % ("file", "lines", "explained", "toggles"))
    total = collections.Counter()
    for file in sorted(set(worst) | {w[0] for w in toggles}):
        with open(file, encoding="utf-8") as f:
            source = f.read().split("\n")
        lines = worst[file]
        missing = sorted(n for n, count in lines.items() if count == 0)
        explained = 0
        for n in missing:
            text = source[n - 1]
            why = next((i for i, (f, p, _) in enumerate(rules) if f == file and p.search(text)), None)
            if why is not None:
                used.add(why)
                explained += 1
            listing.append("%s:%d: %s\n    %s" % (file, n, text.strip(), "NOT EXPLAINED"
                                                  if why is None else rules[why][2]))
        bits = [c for w, c in toggles.items() if w[0] == file]
        covered, up = len(lines) - len(missing), sum(c > 0 for c in bits)
        total.update(lines=len(lines), covered=covered, explained=explained, bits=len(bits), up=up)
        percent = 100.0 * covered / len(lines) if lines else 100.0
        print("%-30s %4d/%4d %5.1f %% %9d %8d/%6d %5.1f %%%s" % (
            file, covered, len(lines), percent, explained, up, len(bits),
            100.0 * up / len(bits) if bits else 100.0, "" if percent >= LEAST else "  <--"))
        if percent < LEAST:
            bad.append("%s: %.1f %% of the lines, less than %.0f" % (file, percent, LEAST))
        if len(missing) > explained:
            bad.append("%s: %d uncovered lines without an explanation" % (file,
                                                                         len(missing) - explained))
    print("%-30s %4d/%4d %5.1f %% %9d %8d/%6d %5.1f %%" % (
        "all", total["covered"], total["lines"], 100.0 * total["covered"] / total["lines"],
        total["explained"], total["up"], total["bits"], 100.0 * total["up"] / total["bits"]))
    still = sorted(w for w, count in toggles.items() if count == 0)
    with open(toggles_file, "w", encoding="utf-8") as f:
        f.writelines("%s:%d: %s\n" % (w[0], w[1], w[3]) for w in still)
    if listing:
        print("\nlines not covered:\n" + "\n".join(listing))
    for i, (file, pattern, _) in enumerate(rules):
        if i not in used:
            bad.append("explanation not needed: %s | %s" % (file, pattern.pattern))
    if bad:
        print("\n" + "\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: Apache-2.0
"""And-inverter graphs as Yosys writes them (AIGER 1.9, binary): read, replay a counterexample,
write it as a VCD. The replay does not trust the engine that found it: it evaluates the graph."""


def read(path):
    """Return (inputs, latches, bads, constraints, ands); literals as in AIGER, 2 * variable + sign."""
    with open(path, "rb") as f:
        data = f.read()
    end = data.index(b"\n")
    head = data[:end].decode().split()
    maxvar, ninput, nlatch, nout, nand = (int(x) for x in head[1:6])
    nbad, nconstraint = (int(x) for x in (head[6:8] + ["0", "0"])[:2])
    pos = end + 1

    def line():
        nonlocal pos
        stop = data.index(b"\n", pos)
        words = [int(x) for x in data[pos:stop].split()]
        pos = stop + 1
        return words

    inputs = [2 * (i + 1) for i in range(ninput)]
    latches = []
    for i in range(nlatch):
        words = line()
        latches.append((2 * (ninput + i + 1), words[0]))
    for _ in range(nout):
        line()
    bads = [line()[0] for _ in range(nbad)]
    constraints = [line()[0] for _ in range(nconstraint)]

    def number():
        nonlocal pos
        value, shift = 0, 0
        while True:
            byte = data[pos]
            pos += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return value

    ands = []
    for i in range(nand):
        left = 2 * (ninput + nlatch + i + 1)
        a = left - number()
        ands.append((left, a, a - number()))
    assert maxvar == ninput + nlatch + nand
    return inputs, latches, bads, constraints, ands


def replay(graph, stimuli, state):
    """Values of every variable in each frame; stimuli: one string of 0 and 1 a frame; state: of the
    latches at first."""
    inputs, latches, _, _, ands = graph
    size = len(inputs) + len(latches) + len(ands) + 1
    frames = []
    for stimulus in stimuli:
        v = bytearray(size)
        for lit, bit in zip(inputs, stimulus):
            v[lit >> 1] = bit == "1"
        for (lit, _), bit in zip(latches, state):
            v[lit >> 1] = bit
        for left, a, b in ands:
            v[left >> 1] = (v[a >> 1] ^ (a & 1)) & (v[b >> 1] ^ (b & 1))
        frames.append(v)
        state = [v[n >> 1] ^ (n & 1) for _, n in latches]
    return frames


def write(path, ninput, latches, bads, constraints, ands):
    """The inverse of read; variables must be numbered inputs, latches, ands."""
    def number(n):
        out = bytearray()
        while n > 0x7F:
            out.append(n & 0x7F | 0x80)
            n >>= 7
        out.append(n)
        return bytes(out)

    with open(path, "wb") as f:
        total = ninput + len(latches) + len(ands)
        f.write(f"aig {total} {ninput} {len(latches)} 0 {len(ands)} {len(bads)} {len(constraints)} 0 0\n".encode())
        for lit in latches + bads + constraints:
            f.write(f"{lit}\n".encode())
        for n, (a, b) in enumerate(ands):
            left = 2 * (ninput + len(latches) + n + 1)
            f.write(number(left - max(a, b)) + number(max(a, b) - min(a, b)))


def step_case(path, graph, k):
    """Write the step of an induction over k cycles: any state, from which no assertion has failed
    for k cycles, and then one fails. The inputs are those of the graph, then one for each latch, its
    first value."""
    inputs, latches, bads, constraints, ands = graph
    ninput = len(inputs) + len(latches)
    nlatch = len(latches) + k + 1  # the last ones: started, one for each cycle without a failure
    new, fresh = [], {}

    def conj(a, b):
        if a == b:
            return a
        if 0 in (a, b) or a == b ^ 1:
            return 0
        if a == 1:
            return b
        if b == 1:
            return a
        key = (max(a, b), min(a, b))
        if key not in fresh:
            new.append(key)
            fresh[key] = 2 * (ninput + nlatch + len(new))
        return fresh[key]

    def old_latch(i):
        return 2 * (ninput + i + 1)

    started = old_latch(len(latches))
    table = {0: 0}
    for i, lit in enumerate(inputs):
        table[lit >> 1] = 2 * (i + 1)
    for i, (lit, _) in enumerate(latches):
        first = 2 * (len(inputs) + i + 1)
        table[lit >> 1] = conj(conj(started, old_latch(i)) ^ 1, conj(started ^ 1, first) ^ 1) ^ 1

    def to(lit):
        return table[lit >> 1] ^ (lit & 1)

    for left, a, b in ands:
        table[left >> 1] = conj(to(a), to(b))
    good = 1
    for bad in bads:
        good = conj(good, to(bad) ^ 1)
    held = [old_latch(len(latches) + 1 + n) for n in range(k)]  # held[n]: for n + 1 cycles so far
    nexts = [to(n) for _, n in latches] + [1]
    nexts += [good if n == 0 else conj(held[n - 1], good) for n in range(k)]
    write(path, ninput, nexts, [conj(held[-1], good ^ 1)], [to(c) for c in constraints], new)


def value(frame, lit):
    return frame[lit >> 1] ^ (lit & 1)


def signals(vmap_path):
    """Public signals of a -vmap file: {name: {bit: literal}}; inputs and wires."""
    names = {}
    with open(vmap_path, encoding="utf-8") as f:
        for text in f:
            kind, first, bit, name = text.split(None, 3)
            name = name.strip()
            if kind == "wire" and not name.startswith("$"):
                names.setdefault(name, {})[int(bit)] = int(first)
    return names


def write_vcd(path, frames, names):
    """Every public signal, one time step of 10 a cycle."""
    def code(n):
        text = ""
        while True:
            text += chr(33 + n % 94)
            n //= 94
            if n == 0:
                return text

    with open(path, "w", encoding="utf-8") as f:
        f.write("$timescale 1ns $end\n")
        order = sorted(names)
        scope = []
        for n, name in enumerate(order):
            *place, leaf = name.split(".") if "[" not in name else name.replace(".[", "[").split(".")
            while scope != place[:len(scope)]:
                f.write("$upscope $end\n")
                scope.pop()
            for part in place[len(scope):]:
                f.write(f"$scope module {part} $end\n")
                scope.append(part)
            width = max(names[name]) + 1
            f.write(f"$var wire {width} {code(n)} {leaf.replace('[', '_').replace(']', '')} $end\n")
        f.write("$upscope $end\n" * len(scope) + "$enddefinitions $end\n")
        last = {}
        for t, frame in enumerate(frames):
            f.write(f"#{10 * t}\n")
            for n, name in enumerate(order):
                bits = names[name]
                text = "".join(str(value(frame, bits[b])) if b in bits else "x"
                               for b in range(max(bits), -1, -1))
                if last.get(n) != text:
                    last[n] = text
                    f.write(f"b{text} {code(n)}\n")
        f.write(f"#{10 * len(frames)}\n")

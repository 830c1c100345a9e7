#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the fault vectors, x86.csv, amd.csv, arm64.csv and riscv.csv: generate.py DIRECTORY.

A derivation of its own from the manuals, apart from csim/rules and csim/syndrome: what an access,
refused in this place for this reason, leaves in the fault registers. README.md describes the
columns. Instruction words were assembled with binutils."""
import itertools
import os
import sys

COLUMNS = ("s1", "s2", "with", "priv", "access", "op", "size", "insn", "va", "stage", "question",
           "height", "cause", "rights1", "rights2", "gpa", "taker", "gva", "reg0", "reg1", "reg2",
           "reg3")
VAS = (0x12345678, 0x7ffff0000ff8, 0x400000, 0x3ffffff008)
PAGES = (0x80001, 0x5, 0x3fffe, 0x123456)
TABLES = (0x8123000, 0x40a0ff8, 0x7000010, 0xabc0800)
MEMORY = ("bus", "no-atomic", "parity")


class Value(object):
    """A register: its value, and the bits that the manual leaves undefined, all of them: None."""

    def __init__(self, value=0, undefined=0):
        self.value, self.undefined = value, undefined

    def __str__(self):
        if self.value is None:
            return "-"
        return "%#x" % self.value + ("~%#x" % self.undefined if self.undefined else "")


OPEN = Value(None)


class Table(object):
    def __init__(self):
        self.rows = []

    def add(self, row, taker, regs, gva=0):
        row = dict({"s2": "off", "with": "", "op": "normal", "size": 3, "insn": 0,
                    "question": "final", "height": 0, "rights1": "", "rights2": "", "gpa": 0}, **row)
        n = len(self.rows)
        if "va" not in row:
            row["va"] = VAS[n % 4] & (0x3fffffffff if row["s1"] == "sv39" else (1 << 64) - 1)
        row["va"] = row["va"] >> row["size"] << row["size"]
        if row["stage"] == 2 and row["gpa"] == 0:
            final = row["question"] == "final"
            row["gpa"] = PAGES[n % 4] << 12 | row["va"] & 0xfff if final else TABLES[n % 4]
        if row["cause"] == "non-canonical" and row["stage"] == 2:
            row["gpa"] |= row["beyond"]
            row["va"] |= row["beyond"] if row["s1"] == "off" else 0
        if row["stage"] == 2 and row["s1"] == "off":
            row["gpa"] = row["va"]
        regs = [r if isinstance(r, Value) else Value(r) for r in regs(row)]
        row.update(taker=taker, gva=gva, **{"reg%d" % i: str(r) for i, r in enumerate(regs)})
        for k in ("va", "gpa", "insn"):
            row[k] = "%#x" % row[k]
        self.rows.append(",".join(str(row[c]) for c in COLUMNS))

    def write(self, path):
        with open(path, "w") as f:
            f.write(",".join(COLUMNS) + "\n" + "\n".join(self.rows) + "\n")


def words(*flags):
    return " ".join(word for word, on in flags if on)


# ---- x86: stage 1, of both makers ----------------------------------------------------------------

def x86_denied(access, priv, smep, nxe):
    """Rights of stage 1 that refuse this access, and the setting that it takes; None if there are
    none."""
    if access in ("write", "rmw"):
        return ("rxRXU", "") if priv == "user" else ("rx", "wp")
    if access == "fetch" and nxe:
        return ("rwRWU", "") if priv == "user" else ("rw", "")
    if priv == "user":
        return "rwx", ""
    if access == "fetch":
        return ("rwxRWXU", "") if smep else None
    return "rwxRWXU", "smap"


def page_faults(t, s2, s2_pages):
    """#PF: P unless something was absent, W, U of the access, RSVD, I with SMEP or NX, PK."""
    for cause, access, priv in itertools.product(
            ("not-present", "permission", "reserved", "pkey"), ("read", "write", "fetch", "rmw"),
            ("user", "supervisor")):
        if cause == "pkey" and access == "fetch":
            continue
        for smep, nxe in ((0, 0), (1, 0), (0, 1)) if access == "fetch" else ((0, 1),):
            denied = x86_denied(access, priv, smep, nxe) if cause == "permission" else ("", "")
            if denied is None:
                continue
            code = {"not-present": 0, "permission": 1, "reserved": 9, "pkey": 33}[cause]
            code |= 2 if access in ("write", "rmw") else 0
            code |= 4 if priv == "user" else 0
            code |= 16 if access == "fetch" and (smep or nxe) else 0
            row = dict(s1=("4-level", "5-level")[len(t.rows) % 2], s2=s2_pages[len(t.rows) % 2],
                       priv=priv, access=access, stage=1, cause=cause,
                       height=len(t.rows) % 3, rights1=denied[0])
            row["with"] = words(("smep", smep), ("nxe", nxe), (denied[1], denied[1]),
                                ("pke", cause == "pkey"))
            t.add(row, "guest", lambda r: (14, code, Value(r["va"]), 0))
    # a supervisor access on behalf of user code is one of the system
    t.add(dict(s1="4-level", priv="user", access="read", stage=1, cause="permission",
               rights1="rwxRWXU", **{"with": "nxe smap implicit"}), "guest",
          lambda r: (14, 1, Value(r["va"]), 0))
    t.add(dict(s1="4-level", priv="user", access="read", stage=1, cause="non-canonical", height=3,
               va=0x800000000000), "guest", lambda r: (13, 0, 0, 0))
    t.add(dict(s1="5-level", priv="user", access="write", stage=1, cause="non-canonical", height=4,
               va=0x100000000000000), "guest", lambda r: (13, 0, 0, 0))
    for cause, stage, question in itertools.product(MEMORY, (1, 2), ("table", "swap")):
        if (cause == "no-atomic") != (question == "swap"):
            continue
        t.add(dict(s1="4-level", s2=s2, priv="user", access="read", stage=stage, cause=cause,
                   question=question, height=1), "guest", lambda r: (18, 0, 0, 0))


# ---- Intel: EPT ----------------------------------------------------------------------------------

def guest_bits(rights1):
    """Exit qualification 11:9: user page, writable, execute-disable."""
    return 0x200 * ("U" in rights1) | 0x400 * ("w" in rights1) | 0x800 * ("x" not in rights1)


def violation(t, s2, access, question, cause, height, rights2="", rights1="", ad=0, mbec=0, info=0,
              xo=0, s1="4-level", priv="user", beyond=0):
    q = 0x80
    if question == "swap" or (question == "table" and ad):
        q |= 3  # a guest's table is read and written
    elif question == "table":
        q |= 1
    else:
        q |= 0x100 | {"read": 1, "write": 2, "rmw": 2, "fetch": 4}[access]
    undefined = 0x4000  # bit 14, without supervisor shadow-stack control
    q |= 0x08 * ("r" in rights2) | 0x10 * ("w" in rights2) | 0x20 * ("s" in rights2)
    if mbec:
        q |= 0x40 * ("u" in rights2)
    else:
        undefined |= 0x40
    if info and question == "final":
        q |= 0x600 if s1 == "off" else guest_bits(rights1)
    else:
        undefined |= 0xe00
    if access == "rmw" and question == "final":
        undefined |= 1
    row = dict(s1=s1, s2=s2, priv=priv, access=access, stage=2, question=question, cause=cause,
               height=height, rights1=rights1, rights2=rights2, beyond=beyond)
    row["with"] = words(("ad", ad), ("mbec", mbec), ("info", info), ("execonly", xo), ("nxe", 1))
    t.add(row, "hypervisor", lambda r: (48, Value(q, undefined), Value(r["va"]), Value(r["gpa"])))


def ept(t):
    settings = tuple(itertools.product((0, 1), repeat=3))  # ad, mbec, info
    for access, (ad, mbec, info), height in itertools.product(
            ("read", "write", "fetch", "rmw"), settings, (0, 3)):
        rights1 = {"read": "rRU", "write": "rwRWU", "fetch": "rxRXU", "rmw": "rwx"}[access]
        violation(t, "ept4", access, "final", "not-present", height, rights1=rights1, ad=ad,
                  mbec=mbec, info=info, priv="supervisor" if access == "rmw" else "user")
    denied = [("read", "su", "xo"), ("write", "r", ""), ("write", "rsu", ""), ("fetch", "r", ""),
              ("fetch", "rw", ""), ("rmw", "r", "")]
    for (access, rights2, xo), (ad, mbec, info) in itertools.product(denied, settings):
        violation(t, "ept5", access, "final", "permission", len(t.rows) % 3, rights2,
                  "rwxRWXU", ad, mbec, info, xo != "")
    for info, height in itertools.product((0, 1), (0, 1, 2)):  # execute rights of user and kernel
        violation(t, "ept4", "fetch", "final", "permission", height, "rs", "rxRXU", 0, 1, info)
        violation(t, "ept4", "fetch", "final", "permission", height, "ru", "rx", 0, 1, info,
                  priv="supervisor")
    for question, access, (ad, mbec, info) in itertools.product(
            ("table", "swap"), ("read", "write", "fetch"), settings):
        violation(t, "ept4", access, question, "not-present", len(t.rows) % 4, ad=ad, mbec=mbec,
                  info=info)
        if question == "swap" or ad:
            violation(t, "ept4", access, question, "permission", len(t.rows) % 3, "rsu", "", ad, mbec,
                      info)
    for access, info in itertools.product(("read", "write", "fetch"), (0, 1)):
        violation(t, "ept4", access, "final", "not-present", 2, info=info, s1="off",
                  priv="supervisor")
        violation(t, "ept4", access, "final", "non-canonical", 3, info=info, s1="off",
                  priv="supervisor", beyond=1 << (48 + info))
    for access, question, height in itertools.product(("read", "write", "fetch"), ("final", "table"),
                                                      range(4)):
        row = dict(s1="4-level", s2="ept4", priv="user", access=access, stage=2, question=question,
                   cause="reserved", height=height)
        t.add(row, "hypervisor", lambda r: (49, OPEN, OPEN, Value(r["gpa"])))
    t.add(dict(s1="4-level", s2="ept4", priv="user", access="read", stage=2, cause="root-size",
               height=3), "hypervisor", lambda r: (OPEN,) * 4)


# ---- AMD: nested paging --------------------------------------------------------------------------

def npt(t):
    causes = ("not-present", "permission", "reserved", "non-canonical")
    for cause, access, question, (s2, top), nxe, priv in itertools.product(
            causes, ("read", "write", "fetch", "rmw"), ("final", "table", "swap"),
            (("npt4", 3), ("npt5", 4)), (0, 1), ("user", "supervisor")):
        if cause == "non-canonical" and (s2 == "npt5" or question != "final"):
            continue
        if question != "final" and (access == "rmw" or not nxe):
            continue
        if cause == "permission" and access == "fetch" and question == "final" and not nxe:
            rights2 = ""  # without NX only a supervisor page refuses a fetch
        else:
            rights2 = {"read": "", "write": "rsu", "rmw": "r", "fetch": "rw"}[access]
        if question != "final":
            rights2 = "rsu"
        info = 4 | (1 << 32 if question == "final" else 1 << 33)
        info |= 0 if cause in ("not-present", "non-canonical") else 1
        info |= 8 if cause == "reserved" else 0
        info |= 2 if question != "final" or access in ("write", "rmw") else 0
        undefined = 0
        if question == "final" and access == "fetch":
            if nxe:
                info |= 16
            else:
                undefined = 16  # it hangs on the host's SMEP then
        row = dict(s1="4-level", s2=s2, priv=priv, access=access, stage=2, question=question,
                   cause=cause, height=top if cause == "non-canonical" else len(t.rows) % 3,
                   rights2=rights2 if cause == "permission" else "", beyond=1 << 50)
        row["with"] = words(("hostnxe", nxe), ("nxe", 1))
        t.add(row, "hypervisor", lambda r: (0x400, Value(info, undefined), 0, Value(r["gpa"])))


# ---- Arm -----------------------------------------------------------------------------------------

STATUS = {"address-size": 0x00, "root-size": 0x00, "not-present": 0x04, "reserved": 0x04,
          "non-canonical": 0x04, "root-disabled": 0x04, "access-flag": 0x08, "permission": 0x0c,
          "bus": 0x14, "parity": 0x1c}
LEVELS = {"not-present": (0, 1, 2, 3), "reserved": (0, 3), "permission": (0, 1, 2),
          "access-flag": (0, 1, 2), "address-size": (0, 1, 2, 3), "non-canonical": (3,),
          "root-size": (3,), "root-disabled": (3,), "bus": (0, 1, 2, 3), "parity": (0, 2),
          "no-atomic": (0,)}
# instruction, access, size, and ISV's fields: SAS, SSE, SRT, SF, AR; bits left open
A64 = ((0xf9400483, "read", 3, (3, 0, 3, 1, 0), 0),       # ldr x3, [x4, #8]
       (0x39c00441, "read", 0, (0, 1, 1, 0, 0), 0),       # ldrsb w1, [x2, #1]
       (0xb9800507, "read", 2, (2, 1, 7, 1, 0), 0),       # ldrsw x7, [x8, #4]
       (0xc8dfff17, "read", 3, (3, 0, 23, 1, 1), 0),      # ldar x23, [x24]
       (0xc8df7c41, "read", 3, (3, 0, 1, 1, 0), 1 << 14),  # ldlar x1, [x2]
       (0xf8408441, "read", 3, None, 0),                  # ldr x1, [x2], #8
       (0xa9400861, "read", 3, None, 0),                  # ldp x1, x2, [x3]
       (0xfd400000, "read", 3, None, 0),                  # ldr d0, [x0]
       (0x38000ad5, "write", 0, (0, 0, 21, 0, 0), 0),     # sttrb w21, [x22]
       (0xb81fc251, "write", 2, (2, 0, 17, 0, 0), 0),     # stur w17, [x18, #-4]
       (0xf9000149, "write", 3, (3, 0, 9, 1, 0), 0),      # str x9, [x10]
       (0x889fff9b, "write", 2, (2, 0, 27, 0, 1), 0),     # stlr w27, [x28]
       (0xc8007c41, "write", 3, None, 0),                 # stxr w0, x1, [x2]
       (0xf8e10062, "rmw", 3, None, 0))                   # ldaddal x1, x2, [x3]


def abort(t, stage, access, priv, question, cause, height, op="normal", rights="", insn=0, size=3,
          fields=None, left_open=0, s2=None, beyond=0, pan=0):
    fetch, memory, walk = access == "fetch", cause in MEMORY, stage == 2 and question != "final"
    esr = (0x20 if fetch else 0x24) << 26 | 1 << 25
    undefined = left_open
    if stage == 1 and (priv == "supervisor" or op == "translate"):  # AT is executed above EL0
        esr |= 1 << 26
    if cause == "no-atomic":
        esr |= 0x31
        undefined |= 1 << 9 | (0 if fetch else 1 << 6)
    else:
        esr |= STATUS[cause] + 3 - height
    if cause in ("bus", "parity"):
        esr |= 1 << 9
    if walk:
        esr |= 1 << 7
    if not fetch:
        wnr = access == "write" or op != "normal"
        if access == "rmw" and cause == "permission" and not walk:
            readable = "R" if stage == 1 and priv == "user" else "r"
            wnr = readable in rights and not pan  # a read would have passed
        if access == "rmw" and cause in ("bus", "parity") and op == "normal":
            undefined |= 1 << 6
        esr |= wnr << 6 | (op != "normal") << 8
    if fields is not None and stage == 2 and not walk and not memory and op == "normal":
        sas, sse, srt, sf, ar = fields
        esr |= 1 << 24 | sas << 22 | sse << 21 | srt << 16 | sf << 15 | ar << 14
    row = dict(s1="4k", s2=s2 or ("arm-l0-48" if stage == 2 else "off"), priv=priv, access=access,
               op=op, size=size, insn=insn, stage=stage, question=question, cause=cause,
               height=height, beyond=beyond)
    row["rights%d" % stage] = rights
    row["with"] = words(("pan", pan))
    if stage == 1:
        hpfar = lambda r: 0  # not written
    elif memory or (cause == "permission" and not walk):
        hpfar = lambda r: OPEN
    else:
        hpfar = lambda r: Value(r["gpa"] >> 12 << 4)
    t.add(row, "guest" if stage == 1 else "hypervisor",
          lambda r: (Value(esr, undefined), Value(r["va"]), hpfar(r), 0))


# Rights of stage 1 that refuse.
ARM_DENIED = {"user": {"read": "rw", "write": "rRU", "fetch": "rwRWU", "rmw": "rRU"},
              "supervisor": {"read": "rwRWU", "write": "r", "fetch": "rw", "rmw": "r"}}
RV_DENIED = {"user": {"read": "rw", "write": "rRU", "fetch": "rwRWU", "rmw": "rRU"},
             "supervisor": {"read": "x", "write": "r", "fetch": "rw", "rmw": "r"}}


def arm(t):
    accesses = ("read", "write", "fetch", "rmw")
    for cause, access, priv in itertools.product(
            ("not-present", "reserved", "permission", "access-flag", "address-size", "root-size",
             "root-disabled", "bus", "parity"), accesses, ("user", "supervisor")):
        levels = LEVELS[cause]
        question = "table" if cause in MEMORY else "final"
        rights = ARM_DENIED[priv][access] if cause == "permission" else ""
        pan = "U" in rights and priv == "supervisor"  # what else EL1 may not read there is none
        abort(t, 1, access, priv, question, cause, levels[len(t.rows) % len(levels)], rights=rights,
              pan=pan)
    abort(t, 1, "rmw", "supervisor", "final", "permission", 0, rights="rwRWU", pan=1)
    abort(t, 1, "write", "user", "swap", "no-atomic", 0)
    abort(t, 1, "read", "supervisor", "final", "not-present", 1, op="cache")
    abort(t, 1, "read", "user", "final", "permission", 1, op="translate", rights="rw")
    denied = {"read": "w", "write": "rsu", "fetch": "rw", "rmw": "r"}
    for cause, access, question in itertools.product(
            ("not-present", "reserved", "permission", "access-flag", "address-size", "bus", "parity"),
            accesses, ("final", "table", "swap")):
        if question != "final" and access == "rmw" and cause != "permission":
            continue
        if question == "swap" and cause not in ("permission", "not-present", "bus"):
            continue
        for height in LEVELS[cause]:
            rights = denied[access] if question == "final" else "w" if question == "table" else "r"
            abort(t, 2, access, ("user", "supervisor")[height % 2], question, cause, height,
                  rights=rights if cause == "permission" else "")
    abort(t, 2, "rmw", "user", "final", "permission", 0, rights="w")  # a read would fail too
    for access, s2, beyond in itertools.product(("read", "write", "fetch"),
                                                ("arm-l1-40", "arm-l2-34"), (0, 3)):
        bits = int(s2[-2:])
        abort(t, 2, access, "user", "final", "non-canonical", 3, s2=s2, beyond=1 << (bits + beyond))
        abort(t, 2, access, "user", "final", "root-size", 3, s2=s2)
    abort(t, 2, "write", "user", "swap", "no-atomic", 0)
    for insn, access, size, fields, left_open in A64:
        for cause in ("not-present", "access-flag", "permission", "bus"):
            rights = denied[access] if cause == "permission" else ""
            abort(t, 2, access, "user", "final", cause, len(t.rows) % 3, rights=rights, insn=insn,
                  size=size, fields=fields, left_open=left_open if cause not in MEMORY else 0)
        abort(t, 2, access, "user", "table", "not-present", 1, insn=insn, size=size, fields=fields)
    for op, question in itertools.product(("cache", "translate"), ("final", "table")):
        abort(t, 2, "read", "supervisor", question, "not-present", 0, op=op)
        abort(t, 2, "read", "supervisor", question, "permission", 0, op=op, rights="w")


# ---- RISC-V --------------------------------------------------------------------------------------

# instruction, access, size, the transformed one (the same with offset 0 and rs1 = x0)
RV = ((0x00558503, "read", 0, 0x00000503),   # lb a0, 5(a1)
      (0x0045e503, "read", 2, 0x00006503),   # lwu a0, 4(a1)
      (0x0085b503, "read", 3, 0x00003503),   # ld a0, 8(a1)
      (0x0085b507, "read", 3, 0x00003507),   # fld fa0, 8(a1)
      (0x1405b52f, "read", 3, 0x1400352f),   # lr.d.aq a0, (a1)
      (0x6c05c573, "read", 3, 0x6c004573),   # hlv.d a0, (a1)
      (0x41c8, "read", 2, 0x00002501),       # c.lw a0, 4(a1)
      (0x6fa2, "read", 3, 0x00003f81),       # c.ldsp t6, 8(sp)
      (0x00a582a3, "write", 0, 0x00a00023),  # sb a0, 5(a1)
      (0xfff13c23, "write", 3, 0x01f03023),  # sd t6, -8(sp)
      (0x00a5a227, "write", 2, 0x00a02027),  # fsw fa0, 4(a1)
      (0x1ac5b52f, "write", 3, 0x1ac0352f),  # sc.d.rl a0, a2, (a1)
      (0x6aa5c073, "write", 2, 0x6aa04073),  # hsv.w a0, (a1)
      (0xe49c, "write", 3, 0x00f03021),      # c.sd a5, 8(s1)
      (0x00c5a52f, "rmw", 2, 0x00c0252f),    # amoadd.w a0, a2, (a1)
      (0x0045200f, "cache", 3, 0),           # cbo.zero (a0)
      (0, "fetch", 2, 0))


def trap(t, stage, access, priv, question, cause, height, s1="sv48", s2="off", insn=0, size=3,
         transformed=0, hlvx=0, rights="", beyond=0):
    kind = {"fetch": 0, "read": 1}.get(access, 3)
    access_fault = cause in MEMORY + ("address-size", "root-size")
    guest_page = stage == 2 and not access_fault
    code = kind + (20 if guest_page else 12)
    if access_fault:
        code = (1, 5, None, 7)[kind]
    told = transformed if guest_page and question == "final" and access != "fetch" else 0
    if guest_page and question != "final":
        told = 0x3020 if question == "swap" else 0x3000
    hyp = s2 != "off" and (access_fault or stage == 2)
    row = dict(s1=s1, s2=s2, priv=priv, access="read" if access == "cache" else access,
               op="cache" if access == "cache" else "normal", size=size, insn=insn, stage=stage,
               question=question, cause=cause, height=height, beyond=beyond)
    row["with"] = words(("hlvx", hlvx))
    row["rights%d" % stage] = rights
    t.add(row, "hypervisor" if hyp else "guest",
          lambda r: (code, Value(r["va"]), Value(r["gpa"] >> 2 if guest_page else 0), told),
          gva=int(hyp))


def riscv(t):
    modes = ("sv39", "sv48", "sv57")
    s2s = ("sv39x4", "sv48x4", "sv57x4")
    accesses = ("read", "write", "fetch", "rmw")
    causes = ("not-present", "reserved", "permission", "access-flag", "dirty-flag", "address-size",
              "bus", "parity")
    for cause, access, on in itertools.product(causes, accesses, (0, 1)):
        if cause == "dirty-flag" and access in ("read", "fetch"):
            continue
        if on and cause == "address-size":
            continue  # stage 1 puts out guest-physical addresses then
        n = len(t.rows)
        priv = ("user", "supervisor")[n % 2]
        trap(t, 1, access, priv, "table" if cause in MEMORY else "final", cause, n % 3, modes[n % 3],
             s2s[n % 3] if on else "off",
             rights=RV_DENIED[priv][access] if cause == "permission" else "")
    trap(t, 1, "write", "user", "swap", "no-atomic", 0)
    trap(t, 1, "cache", "user", "final", "permission", 0, insn=0x0045200f, rights="r")
    denied = {"read": "su", "write": "r", "fetch": "rw", "rmw": "r", "cache": "su"}
    for insn, access, size, transformed in RV:
        for cause, question in itertools.product(causes, ("final", "table", "swap")):
            if question == "table" and cause == "dirty-flag":
                continue
            if cause == "dirty-flag" and question == "final" and access not in ("write", "rmw"):
                continue
            if question != "final" and insn & 0x7f in (0x07, 0x27):
                continue
            n = len(t.rows)
            rights = denied[access] if question == "final" else "su" if question == "table" else "r"
            trap(t, 2, access, ("user", "supervisor")[n % 2], question, cause, n % 3, modes[n % 3],
                 s2s[(n + n // 3) % 3], insn, size, transformed,
                 rights=rights if cause == "permission" else "")
    trap(t, 2, "read", "supervisor", "final", "permission", 0, "sv39", "sv39x4", 0x6835c573, 2,
         0x68304573, 1, "r")
    trap(t, 2, "write", "user", "swap", "no-atomic", 0, "sv39", "sv39x4")
    for i, access, beyond in itertools.product(range(3), accesses, (0, 4)):
        trap(t, 2, access, "user", "final", "non-canonical", 2 + i, "off", s2s[i],
             beyond=1 << ((41, 50, 59)[i] + beyond))
        trap(t, 2, access, "user", "final", "root-size", 2 + i, "off", s2s[i])


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: generate.py DIRECTORY")
    tables = {name: Table() for name in ("x86", "amd", "arm64", "riscv")}
    page_faults(tables["x86"], "ept4", ("off", "ept4"))
    ept(tables["x86"])
    page_faults(tables["amd"], "npt4", ("off", "npt4"))
    npt(tables["amd"])
    arm(tables["arm64"])
    riscv(tables["riscv"])
    for name, table in tables.items():
        table.write(os.path.join(sys.argv[1], name + ".csv"))


if __name__ == "__main__":
    main()

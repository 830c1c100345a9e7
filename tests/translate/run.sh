#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Replays each tests/translate/*.txt on every backend and compares with *.expected (the story) and
# *.json (the JSON lines); then bad input, pipes, and ten thousand cold cases against the clock.
# UPDATE=1 writes the expected outputs anew from lockstep.
set -u
cowalk=${COWALK:-build/cowalk}
here=tests/translate
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
. tests/counts.sh

for file in "$here"/*.txt; do
  base=${file%.txt}
  backends=$(sed -n 's/^# backends: //p' "$file")
  if [ "${UPDATE:-0}" = 1 ]; then
    "$cowalk" translate "$file" >"$base.expected" && "$cowalk" translate --json "$file" >"$base.json"
  fi
  for backend in ${backends:-model rtl lockstep}; do
    timeout 60 "$cowalk" translate --backend "$backend" "$file" >"$out/story" 2>&1
    if cmp -s "$base.expected" "$out/story"; then ok; else
      bad "$file on $backend: the story differs"
      diff "$base.expected" "$out/story" | head -8
    fi
    timeout 60 "$cowalk" translate --backend "$backend" --json "$file" >"$out/json" 2>&1
    if cmp -s "$base.json" "$out/json"; then ok; else
      bad "$file on $backend: the JSON differs"
      diff "$base.json" "$out/json" | head -4
    fi
  done
done

# A pipe gives the same as a file.
"$cowalk" translate - <"$here/x86_basic.txt" >"$out/story" 2>&1
if cmp -s "$out/story" "$here/x86_basic.expected"; then ok; else bad "standard input"; fi

# Bad input: exit code 2 and one line that names the place and what to do.
refuse() { # expected text, input
  printf '%b' "$2" >"$out/in"
  timeout 20 "$cowalk" translate --backend model "$out/in" >/dev/null 2>"$out/err"
  local rc=$?
  if [ $rc = 2 ] && [ "$(wc -l <"$out/err")" = 1 ] && grep -qF -- "$1" "$out/err"; then ok; else
    bad "code $rc, expected one line with \"$1\" for: $2"
    cat "$out/err"
  fi
}
refuse 'in:1: the architecture is not known yet' 'read user 0\n'
refuse 'in:1: unknown architecture "mips"; known: x86 arm riscv' 'arch mips\n'
refuse 'expected: stage2 off|pass|ept|npt' 'arch x86\nstage2 on\n'
refuse 'expected: stage2 off|pass|on' 'arch arm\nstage2 ept\n'
refuse 'hgatp.MODE must be 8' 'arch riscv\nstage2 on\nread user 0\n'
refuse 'HCR_EL2.VM is 0' 'arch arm\nstage2 on\nhcr_el2 0\nread user 0\n'
refuse 'eptp.pwl must be 3' 'arch x86\nstage2 ept\neptp 0x10006\nread user 0\n'
refuse 'expected: invept 1 EPTP' 'arch x86\ninvept 1\n'
refuse 'a VMID has 14 bits' 'arch riscv\nhfence.gvma x0 0x4000\n'
refuse 'in:2: unknown word "cr9"' 'arch x86\ncr9 1\n'
refuse 'in:2: unknown word "satp"' 'arch x86\nsatp 1\n'
refuse 'is not a number' 'arch x86\ncr3 12z\n'
refuse 'is not a number' 'arch x86\ncr3 0x\n'
refuse 'is not a number' 'arch x86\ncr3 0x11112222333344445\n'
refuse 'in:2: 2 does not fit cr0.wp' 'arch x86\ncr0.wp 2\n'
refuse 'expected: cr3 VALUE' 'arch x86\ncr3\n'
refuse 'not a multiple of 8' 'mem 0x1004 1\n'
refuse 'expected: mem ADDRESS VALUE' 'mem 0x1000\n'
refuse 'physical memory ends' 'mem 0x10000000000000 1\n'
refuse 'unknown memory error "fire"' 'error 0x1000 fire\n'
refuse 'the range ends before it starts' 'error 0x2000 0x1000 bus\n'
refuse 'expected: memory cached' 'memory slow\n'
refuse 'crosses a page' 'arch x86\nread user 0xffc 8\n'
refuse 'an access has 1, 2, 4' 'arch x86\nread user 0 3\n'
refuse 'unknown privilege "root"' 'arch x86\nread root 0\n'
refuse 'unknown option "hlvx"' 'arch x86\nread user 0 8 hlvx\n'
refuse 'expected: invlpg ADDRESS' 'arch x86\ninvlpg\n'
refuse 'unknown form of tlbi' 'arch arm\ntlbi all\n'
refuse 'expected: tlbi rvae1 FIRST LAST [ASID], or tlbi rvae1 xt OPERAND' 'arch arm\ntlbi rvae1 1\n'
refuse 'expected: tlbi rvaae1 FIRST LAST, or' 'arch arm\ntlbi rvaae1 0 0x1000 5\n'
refuse 'expected: tlbi rvale1 FIRST LAST' 'arch arm\ntlbi rvale1 xt 5 6\n'
refuse 'the range ends before it starts' 'arch arm\ntlbi rvae1 0x2000 0x1000\n'
refuse 'one operation covers at most 8 GiB' 'arch arm\ntlbi rvae1 0 0x200000000\n'
refuse 'an ASID has 16 bits' 'arch arm\ntlbi rvae1 0 0 0x10000\n'
refuse 'accesses come before the first case' 'arch x86\nread user 0\ncase a\n'
refuse 'the architecture changes after an access' 'arch x86\nread user 0\narch arm\n'
refuse 'paging without CR4.PAE' 'arch x86\ncr4 0\nread user 0\n'
refuse 'only 4 KiB (0) is modelled' 'arch arm\ntcr_el1.tg0 1\nread user 0\n'
refuse 'satp.MODE must be' 'arch riscv\nsatp.mode 1\nread user 0\n'
refuse 'maxphyaddr is 60' 'arch x86\nmaxphyaddr 60\nread user 0\n'
refuse 'write the memory before its error line' 'arch x86\nerror 0x1000 bus\nmem 0x1000 1\n'
refuse 'a zero byte' 'arch x86\nread \0user 0\n'
refuse 'expected: case NAME' 'case\n'
timeout 20 "$cowalk" translate "$out/absent" >/dev/null 2>"$out/err"
if [ $? = 2 ] && grep -q 'No such file' "$out/err"; then ok; else bad "missing file"; fi
timeout 20 "$cowalk" translate --backend qemu "$here/x86_basic.txt" >/dev/null 2>"$out/err"
if [ $? = 2 ] && grep -q 'unknown backend' "$out/err"; then ok; else bad "unknown backend"; fi

# Ten thousand cold cases in rtl mode in less than ten seconds (of this process's own time).
awk 'BEGIN { print "arch riscv\nsatp.mode 8\nsatp.ppn 1\nmem 0x1000 0x801\nmem 0x2000 0xc01";
  for (i = 0; i < 10000; i++)
    printf "case %d\nmem 0x%x 0x%x\nread user 0x%x\n", i, 12288 + 8 * (i % 512),
      (i + 16) * 1024 + 215, (i % 512) * 4096 }' >"$out/many"
TIMEFORMAT='%U %S'
used=$({ time timeout 120 "$cowalk" translate --backend rtl --json "$out/many" >"$out/json"; } 2>&1)
right=$(grep -c '"status":"ok".*"reads":3' "$out/json")
if [ "$right" = 10000 ]; then ok; else bad "10,000 cold cases: $right of them right"; fi
if awk -v t="$used" 'BEGIN { split(t, p, " "); exit !(p[1] + p[2] < 10) }'; then ok; else
  bad "10,000 cold cases took $used s of user and system time, more than 10"
fi
echo "ten thousand cold cases in rtl mode: $used s (user, system)"
echo "$passed passed, $failed failed"
[ $failed = 0 ]

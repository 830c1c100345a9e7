#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The command line of cowalk trace: the recorded traces are whole, files and pipes give the same,
# bad input gets one line; and, where valgrind is installed, a program is recorded.
set -u
cowalk=${COWALK:-build/cowalk}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
. tests/counts.sh
for trace in traces/*.zst; do
  "$cowalk" trace info --json "$trace" >"$out/info" 2>&1 && ok || bad "$trace cannot be read"
  note=${trace%.zst}.md
  pages=$(sed -n 's/.*"footprint_pages":[^0-9]*\([0-9]*\).*/\1/p' "$out/info")
  grep -q "$pages pages" "$note" && ok || bad "$note does not say its footprint of $pages pages"
  "$cowalk" trace info --json - <"$trace" | cmp -s - "$out/info" && ok || bad "$trace from a pipe"
done

cat >"$out/lackey" <<'END'
==9== Command: /bin/thing
I  00401000,3
 S 1ffefff000,8
SYSCALL[9,1](12) sys_brk ( 0x0 ) --> [pre-success] Success(0x4035000) 
SYSCALL[9,1](12) sys_brk ( 0x4037000 ) --> [pre-success] Success(0x4037000) 
I  00401003,3
 L 04035ff8,8
END
"$cowalk" trace import "$out/lackey" -o "$out/a.zst" 2>"$out/err" && ok || bad "import"
"$cowalk" trace import - -o - <"$out/lackey" 2>/dev/null >"$out/b.zst" && ok || bad "import, pipes"
cmp -s "$out/a.zst" "$out/b.zst" && ok || bad "a pipe gives another trace than a file"
"$cowalk" trace info "$out/a.zst" | grep -q 'footprint *3 pages' && ok || bad "footprint"
grep -q '4 of 4 memory records kept, 2 system calls, 2 areas inferred' "$out/err" && ok ||
  bad "report: $(cat "$out/err")"
grep '^I' "$out/lackey" | "$cowalk" trace import - -o "$out/c.zst" 2>&1 |
  grep -q 'every area is inferred' && ok || bad "bare lackey output is not announced"

refuse() { # expected text, command...
  local want=$1
  shift
  timeout 20 "$@" >/dev/null 2>"$out/err" </dev/null
  local rc=$?
  if [ $rc = 2 ] && [ "$(wc -l <"$out/err")" = 1 ] && grep -qF -- "$want" "$out/err"; then ok; else
    bad "code $rc, expected one line with \"$want\": $*"
    cat "$out/err"
  fi
}
head -c 3000 traces/sqlite3.zst >"$out/short"
printf 'not a trace at all' >"$out/text"
refuse 'truncated' "$cowalk" trace info "$out/short"
refuse 'not a cowalk trace' "$cowalk" trace info "$out/text"
refuse 'not a cowalk trace' "$cowalk" trace info -
refuse 'No such file' "$cowalk" trace info "$out/absent"
refuse 'no memory records' "$cowalk" trace import "$out/text" -o "$out/x"
refuse 'the window is empty' "$cowalk" trace import --skip 100 "$out/lackey" -o "$out/x"
refuse 'expects a whole number' "$cowalk" trace import --take 1e6 "$out/lackey" -o "$out/x"
refuse 'Give -o OUT' "$cowalk" trace import "$out/lackey"
refuse 'cannot be written' "$cowalk" trace import "$out/lackey" -o "$out/no/x"
refuse 'expects record, import or info' "$cowalk" trace show
refuse 'expects -- PROGRAM' "$cowalk" trace record -o "$out/x"
refuse 'unknown option' "$cowalk" trace info --colour "$out/a.zst"

if command -v valgrind >/dev/null; then
  "$cowalk" trace record --skip 1000 --take 50000 -o "$out/r.zst" -- ls / >"$out/ls" 2>"$out/err" &&
    ok || bad "record: $(cat "$out/err")"
  grep -q '50000 of 51000 memory records kept' "$out/err" && ok || bad "record: $(cat "$out/err")"
  "$cowalk" trace info "$out/r.zst" | head -1 | grep -q '^ls: valgrind lackey: ' && ok ||
    bad "the recorded trace does not name its program"
else
  echo "valgrind is not installed: recording is not tested here"
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]

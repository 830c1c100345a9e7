#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# cowalk oom as its user sees it: recorded kills, what-ifs, older layouts, cut and hostile logs, and
# the examples of docs/oom.md.
set -u
: "${BUILD:=build}" "${COWALK:=build/cowalk}"
data=tests/data/linux
. tests/counts.sh
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

bad() {
  failed=$((failed + 1))
  echo "FAILED: $*"
  head -n 4 "$out/text" "$out/err"
}
has() { [ -z "$1" ] || grep -qF -- "$1" "$2"; }
# exit code, words of the text (refused input has none), words of the one line on stderr ("": no
# line), arguments of oom
expect() {
  local code=$1 words=$2 err=$3 status lines=0
  shift 3
  "$COWALK" oom "$@" >"$out/text" 2>"$out/err"
  status=$?
  [ -n "$err" ] && lines=1
  [ "$status" = "$code" ] && [ "$(wc -l <"$out/err")" = $lines ] && has "$words" "$out/text" &&
    has "$err" "$out/err" && { [ "$code" != 2 ] || [ ! -s "$out/text" ]; } && ok ||
    bad "oom $* (exit $status, wanted $code, '$words', '$err')"
}

log=$data/oom_06_report.txt
expect 0 'by the rule 105 (mmtool) dies with 3260 points' '' $log
expect 0 'the kernel chose the same' '' $log
expect 0 '55908 (218.4 MiB) = 65406 pages RAM - 9498 reserved + 0 swap' '' $log
expect 0 'order 0 (4.0 KiB), gfp 0x140dca GFP_HIGHUSER_MOVABLE' '' $log
expect 0 'page tables 18.5 MiB' '' $log
expect 0 'Report 1' '' - <$log
expect 0 '105=-4: 101 (mmtool) would have died instead' '' $log --adj 105=-4
expect 0 '105=-3: 105 (mmtool) would have died all the same' '' $log --adj 105=-3
expect 0 '243=58: 243 (sleep) would have died instead' '' $log --adj sleep=58
expect 0 '243=57: 105 (mmtool) would have died all the same' '' $log --adj sleep=57
expect 0 ': 243 (sleep) would have died instead, with 72 points' '' $log --adj mmtool=-1000
expect 0 'nobody could be killed' '' $log --adj mmtool=-1000 --adj 243=-1000
expect 0 '101 (mmtool) dies with 576174 points' '' $log --formula chapter
expect 0 'but the kernel chose 105' '' $log --formula chapter
expect 0 '1000000 (3.8 GiB) = given' '' $log --total-pages 1000000
expect 0 'rules of 3.14 to 4.16' '' $log --kernel 4.9
expect 0 'and 5 more' '' $log --top 1
expect 0 '567 (postgres) dies with 550914 points' '' $data/oom_chapter.txt
expect 0 '567 (postgres) dies with 1074176 points' '' $data/oom_chapter.txt --formula chapter
for f in "$data"/oom_layout/*.txt; do
  case $f in
    */3.2.txt) expect 1 'the kernel chose the same' 'no column of swap or page tables' "$f" ;;
    */3.10.txt) expect 0 'killed its child 2250 (java worker) instead' '' "$f" ;;
    *) expect 0 'the kernel chose the same' '' "$f" ;;
  esac
done
expect 0 '3 tasks of the cgroup were killed' '' $data/oom_layout/5.10-memcg.txt
expect 0 '2 tasks of the cgroup were killed' '' $data/oom_layout/6.12-memcg.txt # one of them told of twice
sed 's/task=batch,pid=802/task=ml,pid=801/; s/process 802 (batch)/process 801 (ml)/' \
  $data/oom_layout/6.8-cpuset.txt >"$out/differs"
expect 0 'but the kernel chose 801 (ml), which has 30006 points here' '' "$out/differs"
sed 's/Out of memory: K/Out of memory (oom_kill_allocating_task): K/' $log >"$out/allocating"
expect 0 'vm.oom_kill_allocating_task' '' "$out/allocating"
sed 's/score 180/score 181/' $data/oom_layout/4.4.txt >"$out/score"
expect 0 'printed score 181, the rule gives 180' '' "$out/score"

sed '/^\(\[[^]]*\] \)*\[ *101\]/s/0 mmtool/5000 mmtool/' $log >"$out/row"
n=$(grep -n '5000 mmtool' "$out/row" | cut -d: -f1)
expect 1 'by the rule 105' "row:$n: report 1 is incomplete: unreadable rows in the task table; correct" "$out/row"

# prefixes that other tools put there, colours, a byte order mark: the same report
sed 's/^\[ *[0-9.]*\] //' $log >"$out/bare"
"$COWALK" oom "$out/bare" >"$out/want"
for how in 's/^/2026-11-26T07:54:38,123456+00:00 /' 's/^/2026-11-26T07:54:38.123456789Z [    2.59] /' \
  's/^/Thu 2026-11-26 07:54:38 UTC host kernel: /' 's/^/Nov 26 07:54:38 host kernel:[    2.59] /' \
  's/^/<4>1 2026-11-26T07:54:38.123Z host kernel - - - /' 's/^/12:[    2.59] /' \
  's/^/\x1b[32m[    2.59] \x1b[0m\x1b[33m/; s/:/\x1b[0m:/' 's/^\(.*\)$/host kernel: \x1b[0;1;31m\1\x1b[0m/' \
  '1s/^/\xef\xbb\xbf/' '1s/^/host login: [    2.59] /' 's/$/\r/' 's/^/[    2.59][ T1234] /'; do
  sed "$how" "$out/bare" >"$out/text.log"
  "$COWALK" oom "$out/text.log" >"$out/text" 2>"$out/err" && cmp -s "$out/want" "$out/text" && ok || bad "prefix $how"
done
# rows: names that are empty or have brackets, lines of others between, columns that are not there
add='[    999]     0   999    99999    20000    65536        0             0 '
for name in '' 'a (b) [c'; do
  sed "/ sleep\$/a $add$name" "$out/bare" | sed '/\[    999\]/i audit: type=1400 audit(1.0:2): x' >"$out/row"
  expect 0 '20016   78.2 MiB' '' "$out/row"
done
sed "/ sleep\$/a ${add% }" "$out/bare" >"$out/row" # may be cut in its last number
expect 1 'by the rule 105' 'unreadable rows' "$out/row"
sed 's/ oom_score_adj name/ name/; /^\[ *[0-9]/s/ -\{0,1\}[0-9]* \([a-z]*\)$/ \1/' "$out/bare" >"$out/row"
expect 1 '242 (mmtool) dies with' 'no column of oom_score_adj, all count as 0' "$out/row"

# several reports in one file; --report
cat $log $data/oom_layout/4.4.txt $data/oom_13_tail.txt >"$out/several"
expect 1 'Report 3 (line 94)' 'report 3 is incomplete' "$out/several"
expect 0 'Report 2 (line 64)' '' "$out/several" --report 2
expect 1 'No task of this report has another' 'incomplete' "$out/several" --adj sleep=5
expect 2 '' 'it has 3' "$out/several" --report 4

# cut logs: what is left is shown, one line says what is missing
head -n 40 $log >"$out/cut"
expect 1 'there is no task table' 'no task table, no line that says who was killed' "$out/cut"
head -n 58 $log >"$out/cut"
expect 1 'the most of 4 candidates' 'no line that says who was killed' "$out/cut"
head -c 5000 $log | sed '$d' | sed '/Total swap/q' >"$out/cut"
expect 1 'no task table' 'no task table' "$out/cut"
sed -n '54,$p' $log >"$out/cut"
expect 0 '105 (mmtool) dies' '' "$out/cut"
sed '/pages RAM/d; /managed/d; s/  0             0 mmtool/  0             7 mmtool/' $log >"$out/cut"
expect 1 'unknown: neither pages of RAM' 'no Mem-Info' "$out/cut"
expect 0 'given' '' "$out/cut" --total-pages 55908

# hostile and useless input
head -c 300000 "$COWALK" >"$out/binary"
expect 2 '' 'no OOM report' "$out/binary"
: >"$out/empty"
expect 2 '' 'no OOM report' "$out/empty"
{ head -c 5000000 /dev/zero | tr '\0' x; echo; cat $log; } >"$out/long"
expect 0 'line 2' '' "$out/long"
sed 's/$/\r/' $log >"$out/crlf"
expect 0 '105 (mmtool) dies with 3260' '' "$out/crlf"
expect 2 '' 'no-such-file' no-such-file
expect 2 '' "$out" "$out"

# arguments
expect 2 '' 'expects a file'
expect 2 '' 'only one file' $log $log
expect 2 '' 'kernel or chapter' $log --formula best
expect 2 '' 'PID=VALUE' $log --adj 105
expect 2 '' 'PID=VALUE' $log --adj 105=1001
expect 2 '' 'PID=VALUE' $log --adj =5
expect 2 '' 'no task of that' $log --adj 77=5
expect 2 '' 'no task of that' $log --adj nginx=5
expect 2 '' 'pages' $log --total-pages 0
expect 2 '' 'pages' $log --total-pages 99999999999999999999
expect 2 '' 'number' $log --report 0
expect 2 '' '4.19' $log --kernel six
expect 2 '' '64K' $log --page-size 12K
expect 2 '' 'rows' $log --top -1
expect 2 '' '--frobnicate' $log --frobnicate
expect 0 'Examples' '' --help

# every recorded run as a log of its own: victims in the recorded order, points and scores too
if python3 - "$COWALK" "$data/oom.json" "$out/run" <<'PY'
import json, subprocess, sys
cowalk, data, name = sys.argv[1:]
row = "[%7d]     0 %5d %8d %8d %8d %8d         %5d %s\n"
for run in json.load(open(data)):
    if not run["events"]:
        continue
    swap, ram = run["swaptotal_pages"], run["memtotal_pages"]
    with open(name, "w") as f:
        for e in run["events"]:
            f.write("[ 1.0] x invoked oom-killer: gfp_mask=0x0(), order=0, oom_score_adj=0\n"
                    "[ 1.0] Total swap = %dkB\n[ 1.0] %d pages RAM\n[ 1.0] 9 pages reserved\n"
                    "[ 1.0] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents "
                    "oom_score_adj name\n" % (swap * 4, ram + 9))
            for t in e["table"]:
                f.write("[ 1.0] " + row % (t["pid"], t["pid"], t["total_vm"], t["rss"],
                        t["pgtables_bytes"], t["swapents"], t["adj"], t["comm"]))
            f.write("[ 1.0] Out of memory: Killed process %d (%s) total-vm:0kB\n"
                    % (e["victim"], e["comm"]))
    got = json.loads(subprocess.run([cowalk, "oom", name, "--json"], capture_output=True,
                                    check=True).stdout)
    want = [(e["victim"], e["badness"]) for e in run["events"]]
    assert [(v["pid"], v["points"]) for v in got["victims"]] == want, run["run"]
    for e, r in zip(run["events"], got["reports"]):
        assert r["kernel"]["agreement"] == "same" and r["total_pages"] == run["totalpages"]
        points = {t["pid"]: t["badness"] for t in e["table"]}
        assert {t["pid"]: t.get("points") for t in r["victims"] + r["exempt"]} == points
        order = [t["points"] for t in r["victims"]]
        assert order == sorted(order, reverse=True)
PY
then ok; else bad "the recorded runs"; fi

# JSON of everything parses; the what-if is beside the fact
"$COWALK" oom "$out/several" --json --adj 105=-4 >"$out/text" 2>"$out/err"
python3 - "$out/text" <<'PY' && ok || bad "JSON"
import json, sys
d = json.load(open(sys.argv[1]))
assert [v["pid"] for v in d["victims"]] == [105, 1500]
assert [v["pid"] for v in d["reports"][0]["victims"]] == [105, 101, 97, 109, 243]
assert d["reports"][0]["what_if"]["victims"][0]["pid"] == 101
assert d["reports"][0]["victims"][1]["dies_first_at_adj"] == 4
assert d["reports"][0]["victims"][1]["oom_score"] == 703
assert d["reports"][2]["missing"] != "" and d["reports"][2]["kernel"]["panic"]
PY

# docs/oom.md: each command in a block that starts with "$ " prints the block's lines
awk -v dir="$out" '/^```/ { inside = !inside; if (inside) n++; next }
  inside { print > (dir "/doc." n) }' docs/oom.md
for block in "$out"/doc.*; do
  grep -q '^\$ cowalk' "$block" || continue
  command=$(sed -n '1s/^\$ cowalk //p' "$block")
  # shellcheck disable=SC2086
  "$COWALK" $command >"$out/text" 2>"$out/err"
  sed 1d "$block" | grep -v '^ *\.\.\.$' >"$out/want"
  [ -s "$out/want" ] && [ "$(diff "$out/want" "$out/text" | grep -c '^<')" = 0 ] && ok ||
    bad "docs/oom.md: $command prints something else"
done

echo "$passed passed, $failed failed"
[ $failed = 0 ]

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `cowalk replay` from the outside: published miss counts, every format with the same accesses,
# packed files, the picture, and refusals.
set -u
: "${BUILD:=build}" "${COWALK:=build/cowalk}"
passed=0
failed=0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

verdict() { # 0 or 1, what
  if [ "$1" = 0 ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $2"
  fi
}

misses() { # wanted, policy, frames, further arguments
  local wanted=$1 got
  shift
  got=$("$COWALK" replay --csv --policy "$1" --frames "$2" "${@:3}" 2>"$dir/err" </dev/null |
    awk -F, 'NR == 2 { print $5 }')
  [ "$got" = "$wanted" ]
  verdict $? "$*: $got misses, wanted $wanted; $(head -n 1 "$dir/err")"
}

refused() { # word, arguments
  local word=$1 status
  shift
  "$COWALK" replay "$@" >/dev/null 2>"$dir/err" </dev/null
  status=$?
  [ "$status" = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ] && grep -q -- "$word" "$dir/err"
  verdict $? "$* (exit $status, wanted 2 with '$word'): $(head -n 2 "$dir/err")"
}

misses 5 lru 3 refs:0,1,2,0,1,3,0,3,1,2,1
for p in fifo lru clock; do misses 505500 $p 100 loop:1011,500; done
misses 456000 opt 100 loop:1011,500
misses 49663 fifo 100 hotcold:100000
misses 42981 lru 100 hotcold:100000
misses 39830 clock:insert=clear 100 hotcold:100000
misses 45731 clock:insert=set 100 hotcold:100000
misses 45731 clock 100 hotcold:100000
misses 19284 opt 100 hotcold:100000
misses 7 clock 4 refs:6,4,2,1,5,4,3,6,3,4
misses 8 clock 5 refs:6,4,2,1,5,4,3,6,3,4
misses 9 fifo 3 refs:1,2,3,4,1,2,5,1,2,3,4,5  # Belady's own string
misses 10 fifo 4 refs:1,2,3,4,1,2,5,1,2,3,4,5

# Claims of docs/claims.md. R2: Belady's anomaly on his own string, and the chapter's eight pages
misses 9 clock 3 refs:1,2,3,4,1,2,5,1,2,3,4,5
misses 10 clock 4 refs:1,2,3,4,1,2,5,1,2,3,4,5
misses 10 lru 3 refs:1,2,3,4,1,2,5,1,2,3,4,5
misses 8 lru 4 refs:1,2,3,4,1,2,5,1,2,3,4,5
"$COWALK" replay --steps --policy clock --frames 8 refs:0,1,2,3,4,5,6,7,8,2,4,6,9 >"$dir/out"
grep -q '9 r 8 .* evicts 0 .*hand: 1 2 3 4 5 6 7 8\*$' "$dir/out" && grep -q '13 r 9 .* evicts 1 ' "$dir/out"
verdict $? "the chapter's eight pages"
figure() { # column, arguments
  local column=$1
  shift
  "$COWALK" replay --csv "$@" 2>"$dir/err" | awk -F, -v c="$column" 'NR == 2 { print $c }'
}
# R3: 1000 evictions; which pages are dirty when half of what came in was written, and in the long run
equal() { # wanted, what, column, arguments
  local got
  got=$(figure "${@:3}")
  [ "$got" = "$1" ]
  verdict $? "$2: $got, wanted $1"
}
equal 1000 'R3, evictions' 7 --writes 50 --policy clock --frames 4096 loop:5096,1
equal 517 'R3, one hand' 8 --writes 50 --policy clock --frames 4096 loop:5096,1
equal 0 'R3, two hands' 8 --writes 50 --policy clock2 --frames 4096 loop:5096,1
one=$(figure 8 --writes 50 --policy clock --frames 4096 loop:81920,1)
two=$(figure 8 --writes 50 --policy clock2 --frames 4096 loop:81920,1)
[ "$two" -gt $((one * 94 / 100)) ] && [ "$two" -lt "$one" ]
verdict $? "R3, in the long run: $two of $one"
# the smaller the spread, the more like FIFO; with all of memory between the hands better than LRU
equal 183447 'R3, spread 1' 5 --policy clock2:clean=no:spread=1 --frames 1024 zipf:400000,8192,0.9
equal 183447 'FIFO' 5 --policy fifo --frames 1024 zipf:400000,8192,0.9
equal 165914 'R3, spread 512' 5 --policy clock2:clean=no:spread=512 --frames 1024 zipf:400000,8192,0.9
# R7: ARC and 2Q between Clock and OPT
set -- $(for p in opt arc 2q lru clock fifo; do figure 5 --policy $p --frames 1000 zipf:400000,8192,0.9; done)
[ "$#" = 6 ] && [ "$1" -lt "$2" ] && [ "$2" -lt "$3" ] && [ "$3" -lt "$4" ] && [ "$4" -lt "$5" ] && [ "$5" -lt "$6" ]
verdict $? "R7: opt, arc, 2q, lru, clock, fifo: $*"

# Linux's two: nothing is evicted if all fits; first touches miss; nothing beats OPT (19284)
for p in twolist mglru twolist:read=yes mglru:read=yes; do
  misses 1000 $p 2000 hotcold:100000
  got=$("$COWALK" replay --csv --policy $p --frames 100 hotcold:100000 | awk -F, 'NR == 2 { print $5 }')
  [ "$got" -gt 19284 ] && [ "$got" -lt 100000 ]
  verdict $? "$p in 100 frames: $got misses"
done
"$COWALK" replay --policy mglru --frames 20 loop:100,3 >"$dir/out" 2>"$dir/err"
[ $? = 1 ] && grep -q 'too few for a kernel' "$dir/err"
verdict $? "20 frames: $(head -n 1 "$dir/err")"

# The same pages in every format: 0 1 2 0 1 3 0 3 1 2 1
cd "$dir" || exit 1
case $COWALK in /*) ;; *) COWALK=$OLDPWD/$COWALK ;; esac
pages='0 1 2 0 1 3 0 3 1 2 1'
printf '%s\n' $pages >plain
echo "$pages" >oneline
printf '0x%x\n' $pages | sed '1i # a comment' >hex0x
for p in $pages; do printf '7fa%x\n' "$p"; done >hex
for p in $pages; do printf '0x%x,%s\r\n' $((p * 4096 + 5)) "$([ "$p" = 1 ] && echo W || echo r)"; done >addr
printf '%s\n' '0 3 0 0' '0 2 0 1' '3 1 0 2' '0 1 0 3' '3 1 0 4' '1 2 0 5' '1 1 0 6' >trace.lis
{ printf '%s\n' 0 1 2 0 1 '*' 3 0 3 1 2 1 '*'; } >lirs
{ echo '==7== Lackey'; for p in $pages; do printf ' L %x,4\n' $((p * 4096 + 64)); done; } >lackey
zeros() { head -c "$1" /dev/zero; }
for p in $pages; do # one instruction at 0 each, which loads from page p + 16
  zeros 33
  printf "\\$(printf %03o $(((p & 15) << 4)))\\001"
  zeros 29
done >champsim
gzip -k plain
zstd -q plain -o plain.zst
for f in plain oneline hex0x hex addr trace.lis lirs lackey plain.gz plain.zst; do
  misses 5 lru 3 $f
done
misses 5 lru 3 --kinds LS champsim
misses 10 lru 3 champsim # the instruction's page holds one frame: 1 + 9 in the other two
[ "$("$COWALK" replay --csv --policy lru --frames 3 - <plain | awk -F, 'NR == 2 {print $5}')" = 5 ]
verdict $? 'a pipe'

# Page 1 is written in `addr`; LRU evicts it never in 3 frames, and twice in 1 frame or thrice
[ "$("$COWALK" replay --csv --policy lru --frames 1,3 addr | cut -d, -f8 | tr '\n' ' ')" = 'writebacks 3 0 ' ]
verdict $? 'writebacks'
printf ' S 1ffc,8\n' >cross
[ "$("$COWALK" replay --json --policy lru --frames 4 cross | grep -c '"misses":	2')" = 1 ]
verdict $? 'an access that crosses a page'
[ "$("$COWALK" replay --csv --policy fifo --frames 10:30:10,1:8:x2 plain | cut -d, -f3 | tr '\n' ' ')" = \
  'frames 1 2 4 8 10 20 30 ' ]
verdict $? 'ranges of sizes'
"$COWALK" replay --policy lru --frames 1:64:x2 --plot p.svg zipf:5000,200 >table &&
  grep -q 'opt' table && grep -q 'miss ratio' p.svg && grep -q 'the bound' p.svg &&
  [ "$(grep -c '<polyline' p.svg)" = 2 ]
verdict $? 'the picture with its bound'
"$COWALK" replay --policy lru --frames 3 --steps plain | grep -q '10 r 2 .* miss evicts 0 .*stack: 2 1 3$'
verdict $? 'step by step'
"$COWALK" replay --frames 3 --plot /no/such/folder/p.svg plain >/dev/null 2>err
[ $? = 1 ] && grep -q 'cannot be written' err
verdict $? 'a picture that cannot be written'

printf '1\n2\nx3\n' >bad
refused 'bad:3: "x3": expected page numbers' --frames 3 bad
printf '1\n99999999999999999999999\n' >big
refused 'big:2:' --frames 3 big
printf '4096,r\n8192,q\n' >badrw
refused 'badrw:2: .*ADDRESS,w' --frames 3 badrw
printf '1 2 0 0\n1 2 0\n' >bad.lis
refused 'bad.lis:2: .*four numbers' --frames 3 --format arc bad.lis
printf '18446744073709551615 2 0 0\n' >wrap.lis
refused 'beyond 64 bits' --frames 3 wrap.lis
printf '*\n1 2\n' >badlirs
refused 'badlirs:2: .*block number' --frames 3 badlirs
printf ' L 10,4\n L zz,4\n' >badlackey
refused 'badlackey:2: .*lackey access' --frames 3 badlackey
head -c 100 champsim >cut
refused '64-byte record' --frames 3 cut
head -c 10 plain.gz >cut.gz
refused 'middle of its packed data' --frames 3 cut.gz
: >empty
refused 'no access found' --frames 3 empty
refused 'no-such-file' --frames 3 no-such-file
refused 'which memory sizes' plain
refused 'first:last:step' --frames 0 plain
refused 'first:last:step' --frames 5:1:1 plain
refused 'first:last:step' --frames 1:100:x1 plain
refused 'there is: fifo, lru' --policy mru --frames 3 plain
refused 'set or clear' --policy clock:insert=maybe --frames 3 plain
refused 'it has kin' --policy 2q:king=3 --frames 3 plain
refused 'has no option' --policy lru:x=1 --frames 3 plain
refused 'there is plain' --format nonsense --frames 3 plain
refused 'mglru' --policy mru --frames 3 plain
refused 'it has read' --policy mglru:kin=3 --frames 100 plain
refused 'shows its lists' --policy mglru --steps --frames 100 plain
refused 'power of two' --page-size 1000 --frames 3 addr
refused 'ILSM' --kinds IX --frames 3 lackey
refused 'expected loop:PAGES,TIMES' --frames 3 loop:5
refused 'ask for fewer' --frames 3 loop:99999999999,5
refused 'ask for fewer' --frames 3 loop:1000000000,5
refused 'ask for fewer' --frames 3 hotcold:99999999999
refused 'ask for fewer' --frames 3 uniform:99999999999,5
refused 'ask for fewer' --frames 3 zipf:99999999999
refused 'there is plain' --format nonsense --frames 3 refs:1
for i in 1 2; do "$COWALK" replay --json --frames 10:50:10 hotcold:20000 >"$dir/json-$i"; done
cmp -s "$dir/json-1" "$dir/json-2" && ! grep -q '"seconds"' "$dir/json-1"
verdict $? "the same words give the same bytes"
"$COWALK" replay --json --time --frames 10 hotcold:2000 2>/dev/null | grep -q '"seconds"'
verdict $? "--json --time tells the time"
refused '1 to 100' --writes 0 --frames 3 plain
refused 'itself' --writes 5 --frames 3 addr
refused 'one policy' --steps --frames 3 plain
refused 'one of them' --json --csv --frames 3 plain
refused '--frobnicate' --frobnicate

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]

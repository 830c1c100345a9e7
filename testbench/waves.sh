#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The waves of each architecture, testbench/waves.sh BUILD: the lesson, the lesson of two stages, and
# the first fault of the teaching scenario. Then GTKWave opens two of them on a screen of its own, and
# their pictures are kept beside the waves.
build=$1
out=$build/waves
for arch in x86 arm riscv; do
  "$build/cowalk" waves --arch $arch --out "$out" || exit 1
  "$build/cowalk" waves --nested --arch $arch --out "$out" || exit 1
  [ ! -f tests/scenarios/teaching.ini ] ||
    "$build/cowalk" waves tests/scenarios/teaching.ini --arch $arch --out "$out" || exit 1
done
# Every lane of a save file must be a signal of its wave file.
for lesson in lesson-x86 lesson-arm lesson-riscv nested-x86 nested-arm nested-riscv; do
  fst2vcd "$out/$lesson.fst" 2>/dev/null | awk '
    $1 == "$scope" { path = path $3 "." }
    $1 == "$upscope" { sub(/[^.]*\.$/, "", path) }
    $1 == "$var" { print path $5 ($6 == "$end" ? "" : $6) }
    $1 == "$enddefinitions" { exit }' | sort -u >"$out/signals.txt"
  sed -n 's/^+{.*} //p' "$out/$lesson.gtkw" | sort -u | comm -23 - "$out/signals.txt" |
    { ! grep .; } || { echo "lanes of $lesson.gtkw that its FST lacks" >&2; exit 1; }
done
for lesson in lesson-riscv nested-x86; do
  picture=$out/$lesson.png
  rm -f "$picture"
  xvfb-run -a -s '-screen 0 1920x1080x24' sh -c "
    gtkwave '$out/$lesson.gtkw' >'$out/gtkwave.log' 2>&1 & viewer=\$!
    for i in 1 2 3 4 5 6 7 8 9 10; do
      sleep 1
      xdotool search --name GTKWave >/dev/null 2>&1 && break
    done
    sleep 3
    import -window root -crop 1895x950+42+95 +repage '$picture'
    kill \$viewer"
  [ -s "$picture" ] || { echo "no picture: see $out/gtkwave.log" >&2; exit 1; }
  echo "picture: $picture"
done

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records the programs of traces/ again: traces/record.sh BUILD [NAME...]. Some minutes each.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- $(cd "$top/traces/gen" && ls ./*.sh | sed 's|^./||; s|\.sh$||')
for name in "$@"; do
  folder=$build/traces/$name
  rm -rf "$folder"
  mkdir -p "$folder"
  echo "$name:"
  (cd "$folder" && "$top/traces/gen/$name.sh" "$build/cowalk" "$folder/out.zst")
  mv "$folder/out.zst" "$top/traces/$name.zst"
  "$build/cowalk" trace info "$top/traces/$name.zst" | head -1
done

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Run an emulator on its cases: tests/oracle/emulate.sh DIRECTORY COMMAND...
# It runs in DIRECTORY and writes results.bin there. One that writes nothing for 10 seconds is ended;
# the judge then names the case.
set -u
cd "$1" || exit 1
shift
rm -f results.bin
"$@" >emulator.log 2>&1 </dev/null &
pid=$!
still=0
last=-1
while kill -0 "$pid" 2>/dev/null; do
  sleep 0.2
  now=$(stat -c %s results.bin 2>/dev/null || echo 0)
  if [ "$now" = "$last" ]; then still=$((still + 1)); else still=0; fi
  last=$now
  if [ "$still" -ge 50 ]; then
    echo "  the emulator stands still; ending it"
    kill -KILL "$pid" 2>/dev/null
    break
  fi
done
wait "$pid" 2>/dev/null
status=$?
[ "$status" -eq 0 ] || echo "  the emulator ended with status $status; its messages are in $PWD/emulator.log"
exit 0

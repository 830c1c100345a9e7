#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Bochs, which wants a terminal, a video ROM and a word to start: tests/oracle/bochs.sh RC MODEL CASES
# Runs in the current directory; the end that the payload asks for is "fatal" to Bochs.
set -u
truncate -s 512 vga.rom
echo c >start
export TERM=xterm
exec script -qec "bochs -q -f '$1' -rc start 'cpu: model=$2, ips=400000000, reset_on_triple_fault=0' \
  'optramimage1: file=$3, address=0x8000000'; grep -q 'shutdown requested' bochs.log" /dev/null

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The firmware is freestanding: each file compiles without a C library and asks for no symbol that
# is not the firmware's own.
set -u
build=${BUILD:-build}/firmware
mkdir -p "$build"
passed=0
failed=0

for source in firmware/*/*.c; do
  object=$build/$(echo "${source%.c}" | tr / _).o
  if ! ${CC:-gcc} -std=c17 -ffreestanding -nostdlib -fno-builtin -Os -Wall -Wextra -Wconversion \
    -Werror -I. -c "$source" -o "$object"; then
    failed=$((failed + 1))
    continue
  fi
  foreign=$(nm -u "$object" | awk '{print $2}' | grep -v '^fw_')
  if [ -n "$foreign" ]; then
    echo "$source needs from outside: $foreign"
    failed=$((failed + 1))
  else
    passed=$((passed + 1))
  fi
done

# The check itself must notice: memory of the C library.
probe=$build/probe
echo 'void *malloc(unsigned long); void *fw_probe(void) { return malloc(1); }' >"$probe.c"
${CC:-gcc} -ffreestanding -c "$probe.c" -o "$probe.o"
if nm -u "$probe.o" | awk '{print $2}' | grep -qv '^fw_'; then
  passed=$((passed + 1))
else
  echo "the check does not see a foreign symbol"
  failed=$((failed + 1))
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The syndrome library against the constants of Linux: of the kernel headers that Debian ships
# (package of .ci/linux_headers.sh), the #defines go into a test of their own.
# LINUX_HEADERS: another folder to take them from.
set -u
headers=${LINUX_HEADERS:-$(ls -d /usr/src/linux-headers-6.1.0-*[0-9]-common 2>/dev/null | sort -V | tail -n 1)}
if [ ! -d "$headers/arch" ]; then
  echo "no Linux headers; as root: apt-get install $(.ci/linux_headers.sh)"
  echo "0 passed, 1 failed"
  exit 1
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# The #defines of a header whose name starts so, with their continuation lines.
defines() { # header, pattern
  sed -nE "/^#[ ]*define[ \t]+($2)/{:a;/\\\\\$/{N;ba};p}" "$headers/arch/$1"
}
{
  echo '#define UL(x) x##UL'
  echo '#define _AC(x, y) x##y'
  defines x86/include/asm/vmx.h 'EPT_VIOLATION_|VMX_EPT_(RWX_MASK|READABLE|WRITABLE|EXECUTABLE)|INTR_INFO_UNBLOCK_NMI'
  defines x86/include/uapi/asm/vmx.h 'EXIT_REASON_EPT_[A-Z]*[[:space:]]'
  defines x86/include/uapi/asm/svm.h 'SVM_EXIT_NPF'
  defines x86/include/asm/kvm_host.h 'PFERR_'
  sed -n '/^enum x86_pf_error_code/,/^};/p' "$headers/arch/x86/include/asm/trap_pf.h"
  defines arm64/include/asm/esr.h 'ESR_ELx_'
  defines arm64/include/asm/kvm_arm.h 'HPFAR_MASK'
  defines riscv/include/asm/csr.h 'EXC_|HSTATUS_(GVA|SPV|SPVP)|CAUSE_IRQ_FLAG'
} >"$out/linux.h"
echo "from $(basename "$headers")"
if ! ${CC:-cc} -std=c17 -Wall -Wextra -Wconversion -Werror -Icsim -I"$out" -o "$out/linux" \
  tests/syndrome/linux.c csim/syndrome/*.c; then
  echo "0 passed, 1 failed"
  exit 1
fi
"$out/linux"

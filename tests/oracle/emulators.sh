# SPDX-License-Identifier: Apache-2.0
# For sourcing: how the emulators are started. `here` is the folder of this file.

ORACLE_ARCHS="arm64 riscv"
emulator_of() { # architecture
  case $1 in
    arm64) echo qemu-system-aarch64 ;;
    riscv) echo qemu-system-riscv64 ;;
  esac
}

emulator_version() { "$1" --version | sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p'; }

# Both print nothing; the payload writes results.bin by semihosting.
QUIET="-display none -serial none -monitor none -nic none -m 512M
  -semihosting-config enable=on,target=native"

# One CPU for Arm: with two, an atomic's fault is that of its write (WnR). Two for RISC-V: with one,
# an AMO's fault is that of a load.
emulate() { # architecture, directory
  case $1 in
    arm64) "$here/emulate.sh" "$2/arm64" qemu-system-aarch64 -M virt,virtualization=on -cpu max \
      -smp 1 $QUIET -kernel ../arm64.elf \
      -device loader,file=../arm64.cases,addr=0x48000000,force-raw=on ;;
    riscv) "$here/emulate.sh" "$2/riscv" qemu-system-riscv64 -M virt -cpu rv64,h=true -smp 2 \
      $QUIET -bios ../riscv.elf \
      -device loader,file=../riscv.cases,addr=0x88000000,force-raw=on ;;
  esac
}

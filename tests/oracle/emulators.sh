# SPDX-License-Identifier: Apache-2.0
# For sourcing: how the emulators are started. `here` is the folder of this file.

ORACLE_ARCHS="arm64 riscv amd intel ryzen"
emulator_of() { # architecture
  case $1 in
    arm64) echo qemu-system-aarch64 ;;
    riscv) echo qemu-system-riscv64 ;;
    amd) echo qemu-system-x86_64 ;;
    intel | ryzen) echo bochs ;;
  esac
}

emulator_version() { # program
  case $1 in
    bochs) bochs --help features 2>&1 | sed -n 's/^ *Bochs x86 Emulator \([0-9.]*\).*/\1/p' ;;
    *) "$1" --version | sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p' ;;
  esac
}

# The version whose deviations are known.
emulator_measured() { # program
  case $1 in
    bochs) echo 2.7 ;;
    *) echo 7.2 ;;
  esac
}

# All print nothing; the payload of Arm and RISC-V writes results.bin by semihosting.
QUIET="-display none -serial none -monitor none -nic none -m 512M
  -semihosting-config enable=on,target=native"

# The debug port of x86 is where its payload writes.
PC="-M pc -m 512M -display none -serial none -monitor none -nic none -vga none -no-reboot
  -debugcon file:results.bin -global isa-debugcon.iobase=0xe9"

# One CPU for Arm: with two, an atomic's fault is that of its write (WnR). Two for RISC-V: with one,
# an AMO's fault is that of a load; x86 alike.
emulate() { # architecture, directory
  case $1 in
    arm64) "$here/emulate.sh" "$2/arm64" qemu-system-aarch64 -M virt,virtualization=on -cpu max \
      -smp 1 $QUIET -kernel ../arm64.elf \
      -device loader,file=../arm64.cases,addr=0x48000000,force-raw=on ;;
    riscv) "$here/emulate.sh" "$2/riscv" qemu-system-riscv64 -M virt -cpu rv64,h=true -smp 2 \
      $QUIET -bios ../riscv.elf \
      -device loader,file=../riscv.cases,addr=0x88000000,force-raw=on ;;
    amd) "$here/emulate.sh" "$2/amd" qemu-system-x86_64 $PC -cpu max,+svm,+npt -smp 2 \
      -bios ../x86.rom -device loader,file=../amd.cases,addr=0x8000000,force-raw=on ;;
    intel) "$here/emulate.sh" "$2/intel" "$(realpath "$here")/bochs.sh" \
      "$(realpath "$here")/bochsrc" corei7_icelake_u ../intel.cases ;;
    ryzen) "$here/emulate.sh" "$2/ryzen" "$(realpath "$here")/bochs.sh" \
      "$(realpath "$here")/bochsrc" ryzen ../ryzen.cases ;;
  esac
}

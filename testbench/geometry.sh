# SPDX-License-Identifier: Apache-2.0
# To be sourced: the parameters of mmu_pins in the order of a geometry's thirteen numbers
# (mmu_geometry_text in csim/backend/backend.h), and the numbers of the architectures.
geometry_names="L1IEntries L1DEntries L2Sets L2Ways Pwc1Entries Pwc2Entries Pwc3Entries \
  Pwc4Entries PwcKind Walks MissQueue Replacement NestedEntries"

# geometry_parameters FORMAT ARCH GEOMETRY: FORMAT, as of printf, for each parameter and its value.
# Fails unless there are thirteen numbers.
geometry_parameters() {
  local format=$1 arch=$2 values=$3 name
  case $values in
    *[!0-9-]* | *-*-*-*-*-*-*-*-*-*-*-*-*-*) values= ;;
    [0-9]*-*-*-*-*-*-*-*-*-*-*-*-*[0-9]) ;;
    *) values= ;;
  esac
  if [ -z "$values" ]; then
    echo "geometry $3: expects thirteen numbers with - between" >&2
    return 1
  fi
  case $arch in x86) arch=0 ;; arm) arch=1 ;; riscv) arch=2 ;; *) return 1 ;; esac
  # shellcheck disable=SC2059
  printf -- "$format" Arch "$arch"
  for name in $geometry_names; do
    # shellcheck disable=SC2059
    printf -- "$format" "$name" "${values%%-*}"
    values=${values#*-}
  done
}

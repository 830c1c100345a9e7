# SPDX-License-Identifier: Apache-2.0
# The payloads that run inside an emulator, and the host's side of `make oracle`. A further
# architecture adds a folder to firmware/oracle/, a rule here and a line in tests/oracle/oracle.sh.

ORACLE := $(BUILD)/oracle
ORACLE_PAYLOADS := $(ORACLE)/arm64.elf $(ORACLE)/riscv.elf $(ORACLE)/x86.rom
ORACLE_COMMON := firmware/oracle/common/payload.c
ORACLE_HEADERS := firmware/oracle/format.h firmware/oracle/common/machine.h
ORACLE_CFLAGS := -std=c17 -ffreestanding -nostdlib -fno-builtin -fno-pic -no-pie -static -O2 -Wall \
  -Wextra -Wconversion -Werror -I. -Wl,--build-id=none,--no-warn-rwx-segments

$(ORACLE)/packages.ok: .ci/deps.sh
	@.ci/deps.sh $(PACKAGES_ORACLE)
	@mkdir -p $(@D) && touch $@

# $(call oracle_payload,architecture,compiler,flags)
define oracle_payload
$(ORACLE)/$(1).elf: firmware/oracle/$(1)/start.S firmware/oracle/$(1)/link.ld $(ORACLE_COMMON) \
    $(ORACLE_HEADERS) tests/oracle/oracle.mk | $(ORACLE)/packages.ok
	@mkdir -p $$(@D)
	@echo "  ELF   $$@"
	@$(2) $(ORACLE_CFLAGS) $(3) -T firmware/oracle/$(1)/link.ld -o $$@ \
	  firmware/oracle/$(1)/start.S $(ORACLE_COMMON)
endef
$(eval $(call oracle_payload,arm64,aarch64-linux-gnu-gcc,-mgeneral-regs-only -mstrict-align))
$(eval $(call oracle_payload,riscv,riscv64-linux-gnu-gcc,-march=rv64ima_zicsr_zifencei -mabi=lp64 \
  -mcmodel=medany))

# x86 is a ROM, of more than one C file.
ORACLE_X86 := $(wildcard firmware/oracle/x86/*.S firmware/oracle/x86/*.c)
$(ORACLE)/x86.rom: firmware/oracle/x86/link.ld $(ORACLE_X86) $(wildcard firmware/oracle/x86/*.h) \
    $(ORACLE_COMMON) $(ORACLE_HEADERS) tests/oracle/oracle.mk | $(ORACLE)/packages.ok
	@mkdir -p $(@D)
	@echo "  ROM   $@"
	@x86_64-linux-gnu-gcc $(ORACLE_CFLAGS) -mno-red-zone -mgeneral-regs-only -fno-stack-protector \
	  -fcf-protection=none -Wl,-z,noexecstack -T firmware/oracle/x86/link.ld -o $(@:.rom=.elf) \
	  $(ORACLE_X86) $(ORACLE_COMMON)
	@x86_64-linux-gnu-objcopy -O binary $(@:.rom=.elf) $@

-include $(BUILD)/obj/tests/oracle/oracle.d
$(ORACLE)/oracle: $(BUILD)/obj/tests/oracle/oracle.o $(LIB) $(HW_ARCHIVES)
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CXX) -o $@.new $< $(LIB) $(HW_ARCHIVES) $(LIBS) && mv $@.new $@

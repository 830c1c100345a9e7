# SPDX-License-Identifier: Apache-2.0
# cowalk: everything is built under build/. `make help` lists the targets.

BUILD := build
.DEFAULT_GOAL := all
JOBS ?= $(shell nproc)
MAKEFLAGS += --no-builtin-rules
ifeq ($(filter -j% --jobs%,$(MAKEFLAGS))$(LOCKED),)
MAKEFLAGS += -j$(JOBS)
endif
.DELETE_ON_ERROR:
.SECONDARY:

# ---- what must be installed (Debian 12) ------------------------------------------------------
PACKAGES := gcc g++ libc6-dev verilator zlib1g-dev libpopt-dev libinih-dev libcjson-dev \
  libzstd-dev libcmocka-dev libpcl1-dev uthash-dev zstd python3
PACKAGES_TEST := yosys yosys-dev patch
PACKAGES_LINT := yosys yosys-dev clang-format clang-tidy cppcheck
PACKAGES_WAVES := gtkwave xvfb xauth imagemagick xdotool
PACKAGES_SYNTH := yosys graphviz python3
PACKAGES_FORMAL := yosys patch python3 libtcmalloc-minimal4
PACKAGES_TRACES := valgrind zstd sqlite3
PACKAGES_ORACLE := qemu-system-arm qemu-system-misc qemu-system-x86 bochs bochs-term \
  gcc-aarch64-linux-gnu gcc-riscv64-linux-gnu bsdutils

# ---- sources -----------------------------------------------------------------------------------
LIB_SRC := $(filter-out csim/cli/main.c,$(wildcard csim/*/*.c csim/*/*/*.c firmware/*/*.c))
# tests/block has models of its own; its run.sh builds them
TEST_SRC := $(filter-out tests/block/%,$(wildcard tests/*/test_*.c))
# make mutants runs its own
SUITES := $(filter-out tests/mutants/%,$(wildcard tests/*/run.sh))
RTL_SRC := $(shell find rtl -name '*.sv' -o -name '*.svh' -o -name '*.f')
C_ALL := $(shell find csim firmware testbench tests \( -name '*.c' -o -name '*.h' -o -name '*.cpp' \))

CPPFLAGS := -Icsim -I. -D_POSIX_C_SOURCE=200809L
CFLAGS := -std=c17 -O2 -g -Wall -Wextra -Wconversion -Werror
SAN := -fsanitize=address,undefined -fno-sanitize-recover=undefined
LIBS := -lpopt -linih -lcjson -lzstd -lpcl -lm -ldl -lz -lpthread -latomic

LIB := $(BUILD)/libcowalk.a
ASAN_LIB := $(BUILD)/asan/libcowalk.a
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/obj/%.o)
ASAN_OBJ := $(patsubst %.c,$(BUILD)/asan/%.o,$(LIB_SRC) $(wildcard testbench/*.c))
HW_TESTS := $(addprefix $(BUILD)/tests/,$(basename $(notdir $(wildcard tests/*/test_hw_*.c \
  tests/directed/test_*.c tests/sweep/test_*.c))))
TESTS := $(addprefix $(BUILD)/tests/,$(basename $(notdir $(TEST_SRC))))
PROGRAM := $(if $(wildcard csim/cli/main.c),$(BUILD)/cowalk)
DEPS_OK := $(BUILD)/packages.ok

include testbench/hw.mk
include tests/oracle/oracle.mk

.PHONY: all help regs cosim test headers lint bench waves soak oracle mutants formal synth coverage \
  traces format clean install-deps
all: $(PROGRAM) ## build the program (build/cowalk); the default

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

# ---- compile and link ----------------------------------------------------------------------
$(DEPS_OK): Makefile .ci/deps.sh
	@.ci/deps.sh $(PACKAGES)
	@mkdir -p $(@D) && touch $@

# $(call compile,name,flags): $< to $@ and its dependencies, each there only when it is whole: another
# make may look. The name, without an ending, is the one that the compiler sees.
compile = o=$(1).$$$$; { $(CC) $(CPPFLAGS) $(CFLAGS) $(2) $(FLAGS_$(notdir $*)) -MMD -MP -MF $$o.d \
  -MT $@ -c $< -o $$o && mv $$o.d $(@:.o=.d) && mv $$o $@; } || { rm -f $$o $$o.d; exit 1; }

$(BUILD)/obj/%.o: %.c | $(DEPS_OK)
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(call compile,$(@:.o=),)

$(BUILD)/asan/%.o: %.c | $(DEPS_OK)
	@mkdir -p $(@D)
	@echo "  ASAN  $<"
	@$(call compile,$(@:.o=),-O1 $(SAN))

$(LIB): $(LIB_OBJ)
	@rm -f $@.new && $(AR) qcs $@.new $^ && mv $@.new $@

$(ASAN_LIB): $(ASAN_OBJ)
	@rm -f $@.new && $(AR) qcs $@.new $^ && mv $@.new $@

$(BUILD)/cowalk: $(PROGRAM_OBJ) $(HW_ARCHIVES) $(BUILD)/mode
	@echo "  LINK  $@$(LINK_NOTE)"
	@$(CXX) $(LINK_FLAGS) -o $@.$$$$ $(PROGRAM_OBJ) $(HW_ARCHIVES) $(LIBS) && mv $@.$$$$ $@ || \
	  { rm -f $@.$$$$; exit 1; }

$(foreach t,$(TEST_SRC),$(eval $(BUILD)/tests/$(basename $(notdir $t)): $(BUILD)/asan/$(t:.c=.o)))
$(TESTS): $(ASAN_LIB) $(HW_ARCHIVES)
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CXX) $(SAN) $(LDFLAGS_$(notdir $@)) -o $@.new $(filter %.o,$^) $(ASAN_LIB) $(HW_ARCHIVES) \
	  -lcmocka $(LIBS) && mv $@.new $@

# The program, with allocations of the host's memory that can be made to fail.
SHORT := $(BUILD)/tests/cowalk_short
comma := ,
$(SHORT): $(BUILD)/asan/csim/cli/main.o $(BUILD)/asan/tests/host/short.o $(ASAN_LIB) $(HW_ARCHIVES)
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CXX) $(SAN) $(addprefix -Wl$(comma)--wrap=,malloc calloc realloc strdup strndup) -o $@.new \
	  $(filter %.o,$^) $(ASAN_LIB) $(HW_ARCHIVES) $(LIBS) && mv $@.new $@

# It lets allocations of frames fail.
LDFLAGS_test_os_exhaustion := -Wl,--wrap=os_frame_alloc,--wrap=os_block_alloc

# It lets the host run out of memory.
LDFLAGS_test_machine_content := -Wl,--wrap=realloc

# A model of another geometry is built by make at run time, from this directory.
FLAGS_rtl_geometry := -DCOWALK_ROOT='"$(CURDIR)"'

-include $(foreach d,train trained,$(TRAINED_SRC:%.c=$(BUILD)/$(d)/%.d))
-include $(LIB_SRC:%.c=$(BUILD)/obj/%.d) $(BUILD)/obj/csim/cli/main.d $(BUILD)/asan/csim/cli/main.d
-include $(ASAN_OBJ:.o=.d) $(TEST_SRC:%.c=$(BUILD)/asan/%.d)

# ---- run -----------------------------------------------------------------------------------------
cosim: all ## run the recorded programs through the hardware and the OS model
	@tests/cosim.sh $(BUILD)

test: all $(TESTS) $(SHORT) ## run every test
	@.ci/deps.sh $(PACKAGES_TEST) $$(.ci/linux_headers.sh)
	@tests/run.sh $(BUILD) $(SUITES) $(TESTS)

headers: all ## of the tests, the one that holds fault registers against the Linux headers of Debian
	@.ci/deps.sh $$(.ci/linux_headers.sh)
	@BUILD=$(BUILD) COWALK=$(BUILD)/cowalk tests/syndrome/run.sh

bench: all ## speed of the simulator and cycle figures of the hardware, against the targets
	@$(BUILD)/cowalk bench
	@$(BUILD)/cowalk bench --scale 64
	@$(BUILD)/cowalk replay --time --policy fifo,lru,clock,arc,2q,opt --frames 100000 zipf:20000000,1000000,0.9

waves: all ## record an FST around a first fault, with a GTKWave save file and a picture
	@.ci/deps.sh $(PACKAGES_WAVES)
	@testbench/waves.sh $(BUILD)

SEED ?= 1
ACCESSES ?= 5000000
soak: all ## long random lockstep runs: make soak SEED=7 ACCESSES=5000000
	@for a in x86 arm riscv; do \
	  $(BUILD)/cowalk fuzz --arch $$a --seed $(SEED) --accesses $(ACCESSES) --backend lockstep \
	    || exit 1; done

CASES ?= 60000
oracle: $(ORACLE)/oracle $(ORACLE_PAYLOADS) ## ask QEMU and Bochs what they make of two stages: make oracle SEED=7 CASES=100000
	@.ci/deps.sh $(PACKAGES_ORACLE)
	@tests/oracle/oracle.sh $(ORACLE) $(SEED) $(CASES)

mutants: all $(TESTS) ## break the hardware and the judge on purpose; every break must be caught
	@.ci/deps.sh $(PACKAGES_TEST)
	@tests/mutants/run.sh $(BUILD)

formal: ## prove the hardware with Yosys and ABC; each proof has covers and a mutant
	@.ci/deps.sh $(PACKAGES_FORMAL)
	@JOBS=$(JOBS) testbench/formal/run.py $(BUILD) $(PROOFS)

synth: ## map the hardware with Yosys: cells, flip-flops, RAM, longest path
	@.ci/deps.sh $(PACKAGES_SYNTH)
	@JOBS=$(JOBS) testbench/synth/synth.sh $(BUILD)
	@testbench/synth/diagram.py --check docs/mmu_top.svg || testbench/synth/diagram.py docs/mmu_top.svg

coverage: all $(HW_TESTS) ## line and toggle coverage of the RTL over the hardware tests
	@.ci/deps.sh $(PACKAGES)
	@JOBS=$(JOBS) testbench/coverage/coverage.sh $(BUILD)

traces: all ## record the programs of traces/ again
	@.ci/deps.sh $(PACKAGES_TRACES)
	@traces/record.sh $(BUILD)

# ---- lint ----------------------------------------------------------------------------------------
regs: ## make the register map (RTL, C, documentation) again from rtl/control/regs.toml
	@rtl/control/gen_regs.py

lint: $(DEPS_OK) ## Verilator, Yosys, clang-format, clang-tidy, cppcheck
	@.ci/deps.sh $(PACKAGES) $(PACKAGES_LINT)
	@.ci/lint.sh $(JOBS)

format: ## clang-format every C file in place
	@.ci/deps.sh $(PACKAGES_LINT)
	@clang-format -i $(C_ALL)

install-deps: ## install every Debian package that any target needs
	@.ci/deps.sh $(PACKAGES) $(PACKAGES_TEST) $(PACKAGES_LINT) $(PACKAGES_WAVES) \
	  $(PACKAGES_SYNTH) $(PACKAGES_FORMAL) $(PACKAGES_TRACES) $(PACKAGES_ORACLE) $$(.ci/linux_headers.sh)

clean: ## remove build/
	@rm -rf $(BUILD)

# SPDX-License-Identifier: Apache-2.0
# The Verilated models: three of the default geometry, linked into the program, and any other
# geometry as a shared object, built when it is asked for:
#   make build/hw/geom/<arch>-<geometry>.so
# A geometry is the thirteen numbers of mmu_geometry_text (csim/backend/backend.h).

HW := $(BUILD)/hw
HW_ARCHS := x86 arm riscv
HW_GEOMETRY := 64-64-128-8-16-16-16-16-0-2-4-0-16
include testbench/training.mk
VERILATOR_ROOT ?= /usr/share/verilator
# Loops over TLB entries stay loops: smaller code, which is faster here even with -O2.
VERILATOR_FLAGS := --cc --trace-fst --assert -Wall -fno-const-bit-op-tree --unroll-count 8 \
  --top-module mmu_pins --timescale-override 1ns/1ns
HW_RUNTIME := verilated verilated_threads verilated_fst_c
HW_DEFS := -DVL_USER_FATAL -DVL_USER_STOP -DVL_USER_FINISH
HW_OPT ?= -O2
# Two makes in one tree must not compile one model at the same time.
LOCK := flock

HW_ARCHIVES := $(if $(and $(wildcard rtl/mmu.f),$(wildcard testbench/shim.cpp)),$(HW_ARCHS:%=$(HW)/%/hw.a) $(HW)/runtime/runtime.a)

hw_comma := ,
# $(call verilate,arch,geometry,directory)
hw_parameters = $(shell . testbench/geometry.sh && geometry_parameters '-G%s=%s ' $(1) $(2))
verilate = verilator $(VERILATOR_FLAGS) --Mdir $(3) --prefix Vmmu_$(1) \
  $(or $(call hw_parameters,$(1),$(2)),$(error no parameters for $(1) $(2))) -f rtl/mmu.f

# $(call hw_compile,arch,geometry,directory,symbol,extra flags,target): from the Verilated sources
hw_compile = $(MAKE) --no-print-directory -s -C $(3) -f $(CURDIR)/testbench/hw_model.mk $(or $(6),hw.a) \
  ROOT=$(CURDIR) COUNTS=$(filter trained,$(MODE)) PREFIX=Vmmu_$(1) \
  VERILATOR_ROOT=$(VERILATOR_ROOT) OPT_FAST="$(HW_OPT) $(5)" \
  OPT_SLOW="$(5)" HW_DEFINES="-DHW_PREFIX=Vmmu_$(1) -DHW_NAME=$(1) -DHW_SYMBOL=$(4) \
    -DHW_GEOMETRY=$(subst -,$(hw_comma),$(2)) $(HW_DEFS)" >/dev/null

HW_SHIM := testbench/shim.cpp testbench/shim.h csim/backend/mmu.h testbench/hw.mk \
  testbench/hw_model.mk testbench/geometry.sh

$(HW)/%/verilated: $(RTL_SRC) $(HW_SHIM) | $(DEPS_OK)
	@mkdir -p $(@D)
	@echo "  HW    $* $(HW_GEOMETRY)"
	+@$(LOCK) $(@D)/lock sh -c 'rm -f $(@D)/*.cpp && \
	  $(call verilate,$*,$(HW_GEOMETRY),$(@D)) && touch $@'

# The models that count their branches, for the training, and those that are laid out by it
# (training.mk). A model is much more code than a processor caches: it is the layout that decides
# the speed. Models of other geometries are not trained.
$(HW)/%/train/hw.a: $(HW)/%/verilated | $(TRAIN)/place
	+@$(LOCK) $(HW)/$*/lock sh -c \
	  '$(call hw_compile,$*,$(HW_GEOMETRY),$(HW)/$*,hw_ops_$*,,train/hw.a)'

$(HW)/%/hw.a: $(HW)/%/verilated $(if $(filter trained,$(MODE)),$(TRAINING))
	+@$(LOCK) $(@D)/lock sh -c '$(call hw_compile,$*,$(HW_GEOMETRY),$(@D),hw_ops_$*,) && touch $@'

# The Verilator run-time library, with $fatal and $stop handed to the shim.
hw_runtime = mkdir -p $(1) && for f in $(HW_RUNTIME); do \
  $(CXX) -std=gnu++17 -O2 $(2) -faligned-new -w -I$(VERILATOR_ROOT)/include \
    -I$(VERILATOR_ROOT)/include/vltstd -DVM_COVERAGE=0 -DVM_SC=0 -DVM_TRACE=1 -DVM_TRACE_FST=1 \
    -DVM_TRACE_VCD=0 $(HW_DEFS) -c $(VERILATOR_ROOT)/include/$$f.cpp -o $(1)/$$f.o || exit 1; \
  done && $(CXX) -std=gnu++17 -O2 $(2) -I. -I$(VERILATOR_ROOT)/include -c testbench/hw_assert.cpp \
    -o $(1)/hw_assert.o && rm -f $(1)/new.a && \
  ar rcs $(1)/new.a $(HW_RUNTIME:%=$(1)/%.o) $(1)/hw_assert.o && mv $(1)/new.a $(1)/runtime.a

$(HW)/runtime/runtime.a: testbench/hw.mk testbench/hw_assert.cpp testbench/hw_assert.h | $(DEPS_OK)
	@echo "  HW    runtime"
	@mkdir -p $(@D) && $(LOCK) $(@D)/lock sh -c '$(call hw_runtime,$(@D),)'

$(HW)/runtime_pic/runtime.a: testbench/hw.mk testbench/hw_assert.cpp testbench/hw_assert.h | $(DEPS_OK)
	@echo "  HW    runtime (shared)"
	@mkdir -p $(@D) && $(LOCK) $(@D)/lock sh -c '$(call hw_runtime,$(@D),-fPIC)'

# Stem: <arch>-<geometry>. All symbols but the entry stay inside.
geom_arch = $(firstword $(subst -, ,$(1)))
geom_geometry = $(patsubst $(call geom_arch,$(1))-%,%,$(1))
$(HW)/geom/%.so: $(RTL_SRC) $(HW_SHIM) $(HW)/runtime_pic/runtime.a | $(DEPS_OK)
	@mkdir -p $(HW)/geom/$*
	+@$(LOCK) $(HW)/geom/$*/lock sh -c ' \
	  $(call verilate,$(call geom_arch,$*),$(call geom_geometry,$*),$(HW)/geom/$*) && \
	  $(call hw_compile,$(call geom_arch,$*),$(call geom_geometry,$*),$(HW)/geom/$*,hw_ops_entry,-fPIC) && \
	  $(CXX) -shared -Wl,-Bsymbolic -o $@.new -Wl,--whole-archive $(HW)/geom/$*/hw.a \
	  -Wl,--no-whole-archive $(HW)/runtime_pic/runtime.a -lpthread -latomic -lz && mv $@.new $@'

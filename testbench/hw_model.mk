# SPDX-License-Identifier: Apache-2.0
# Runs inside the directory of one Verilated model: its sources and the shim become hw.a.
# The generated makefile says which features the model was built with (VM_TRACE and the like).
# train/hw.a is the same, but counts the branches it takes, in train/*.gcda; if COUNTS is not empty,
# hw.a is laid out by them (hw.mk); gcc looks for X.gcda beside X.o.
include $(PREFIX).mk

FAST := $(VM_CLASSES_FAST) shim
REST := $(VM_CLASSES_SLOW) $(VM_SUPPORT_FAST) $(VM_SUPPORT_SLOW)
COMPILE = $(OBJCACHE) $(CXX) -std=gnu++17 $(CXXFLAGS) $(CPPFLAGS) $(OPT_FAST) -I$(ROOT)/csim -I$(ROOT)

hw.a: $(FAST:%=fast/%.o) $(REST:%=%.o)
	rm -f $@.new && $(AR) qcs $@.new $^ && mv $@.new $@

train/hw.a: $(FAST:%=train/%.o) $(REST:%=%.o)
	rm -f $@.new && $(AR) qcs $@.new $^ && mv $@.new $@

vpath shim.cpp $(ROOT)/testbench
SHIM_DEPS := $(ROOT)/testbench/shim.h $(ROOT)/csim/backend/mmu.h
fast/shim.o train/shim.o: CPPFLAGS += $(HW_DEFINES)
fast/shim.o train/shim.o: $(SHIM_DEPS)

# A function that training never entered is laid out as without it.
# $(call COUNTED,name): the counts of one source, or with * of all.
COUNTED = $(if $(COUNTS),$(wildcard train/$(1).gcda))
fast/%.o: %.cpp $(call COUNTED,*)
	@mkdir -p $(@D)
	@rm -f fast/$*.gcda
	$(if $(call COUNTED,$*),cp train/$*.gcda fast/)
	$(COMPILE) $(if $(call COUNTED,$*),-fprofile-use -Wno-missing-profile) -c -o $@ $<

train/%.o: %.cpp
	@mkdir -p $(@D)
	$(COMPILE) -fprofile-generate -fprofile-update=single -c -o $@ $<

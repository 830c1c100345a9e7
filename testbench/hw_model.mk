# SPDX-License-Identifier: Apache-2.0
# Runs inside the directory of one Verilated model: its sources and the shim become hw.a.
# The generated makefile says which features the model was built with (VM_TRACE and the like).
include $(PREFIX).mk

hw.a: $(PREFIX)__ALL.a shim.o
	cp $(PREFIX)__ALL.a $@.new && $(AR) rs $@.new shim.o && mv $@.new $@

shim.o: $(ROOT)/testbench/shim.cpp $(ROOT)/testbench/shim.h $(ROOT)/csim/backend/mmu.h
	$(CXX) -std=gnu++17 $(CXXFLAGS) $(CPPFLAGS) $(OPT_FAST) -I$(ROOT)/csim -I$(ROOT) \
	  $(HW_DEFINES) -c -o $@ $<

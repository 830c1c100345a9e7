# SPDX-License-Identifier: Apache-2.0
# What simulates is built twice: the first build counts how often each branch is taken by the runs of
# training.sh, the second is laid out by that, models and C side, and the C side optimised as a whole
# when the program is linked (docs/bench.md says what that brings).
#   build/train/    objects that count, and the program that is run
#   build/trained/  objects of the program, and the counts beside them
#   build/obj/      plain objects: rooms that only prepare and report, and all of them for TRAINED=,
#                   the mutants and the oracle
# The stamp `trained/done` decides when to train: once, and again when the models, the training or
# GCC change. A C file that changes is only compiled again, by the old counts less those of functions
# that changed. To train anew remove the stamp.
# TRAINED= (empty) builds everything once, without; models that are built already stay as they are.
TRAINED ?= yes
GCC_VERSION := $(if $(TRAINED),$(shell testbench/compilers.sh '$(CC)' '$(CXX)'))
MODE := $(if $(GCC_VERSION),trained,plain)

# $(call remembers,file,text,text for the shell): a file that is made again when it holds another text
define remembers
$(1): $(if $(filter $(2),$(file <$(1))),,FORCE) | $(DEPS_OK)
	@mkdir -p $$(@D) && echo $(3) >$$@
endef
.PHONY: FORCE
$(eval $(call remembers,$(BUILD)/mode,$(MODE),$(MODE)))

TRAINED_ROOMS := firmware $(addprefix csim/,backend lru machine mem observer os policy replay \
  rules time timing trace)
TRAINED_SRC := $(filter $(addsuffix /%,$(TRAINED_ROOMS)),$(LIB_SRC))
OTHER_SRC := $(filter-out $(TRAINED_SRC),$(LIB_SRC)) csim/cli/main.c
TRAIN := $(BUILD)/train
TRAINING := $(BUILD)/trained/done
TRAIN_HW := $(HW_ARCHS:%=$(HW)/%/train/hw.a)

ifeq ($(MODE),plain)
PROGRAM_OBJ := $(BUILD)/obj/csim/cli/main.o $(LIB)
ifneq ($(TRAINED),)
LINK_NOTE := , plain: training takes GCC 10 or later, the same as CC and CXX
endif
else
OTHER_OBJ := $(OTHER_SRC:%.c=$(BUILD)/obj/%.o)
TRAIN_OBJ := $(TRAINED_SRC:%.c=$(TRAIN)/%.o) $(OTHER_OBJ)
PROGRAM_OBJ := $(TRAINED_SRC:%.c=$(BUILD)/trained/%.o) $(OTHER_OBJ)
TRAINING_FLAGS = -frandom-seed=$(BUILD)/$*
# Whether something looks uninitialised depends on the counts: the plain compilers and that of the
# tests judge it. Of a function that is newer than the counts GCC warns, under no name that could be
# left out, so that no warning here is an error; for each file all are, when it is first counted.
COUNT_FLAGS := -g0 -fprofile-generate -fprofile-update=single -Wno-error=maybe-uninitialized
# What training did not reach is optimised as without it, not for size. Vectors of small members that
# were written one by one make the host wait for each of the stores: 1.5 % of a run.
USE_FLAGS := -fprofile-use -fprofile-partial-training -Wno-missing-profile -Wno-coverage-mismatch \
  -Wno-error -fno-tree-vectorize -fno-tree-slp-vectorize
LINK_FLAGS := -O2 -flto=auto $(USE_FLAGS)

# Another GCC can neither link these objects nor read these counts.
COMPILER := $(BUILD)/trained/compiler
$(eval $(call remembers,$(COMPILER),$(GCC_VERSION),$$$$(testbench/compilers.sh '$(CC)' '$(CXX)')))

# An object that counts has its place in it, and writes there, for the GCC it was made by.
HERE := $(CURDIR) $(GCC_VERSION)
$(TRAIN)/place: | $(DEPS_OK)
	@mkdir -p $(@D) && echo '$(HERE)' >$@

# It is compiled under the name of the object that will use the counts, so that these are found, and
# fit: names of static functions contain it. The seed makes an object the same to the byte when it is
# made again, as by a second make while the first links; and is for ccache, which ignores names.
$(TRAIN)/%.o: %.c $(COMPILER) | $(TRAIN)/place
	@mkdir -p $(@D) $(BUILD)/trained/$(*D)
	@echo "  COUNT $<"
	@$(call compile,$(BUILD)/trained/$*,$(COUNT_FLAGS) $(TRAINING_FLAGS))

$(BUILD)/trained/%.o: %.c $(TRAINING)
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(call compile,$(BUILD)/trained/$*,-flto $(USE_FLAGS) $(TRAINING_FLAGS))

# Of two makes in one tree one trains; the other waits, and sees then that nothing is left to do.
# Objects that count are asked for in time, but once trained no more. (Without FORCE make does not
# miss a stamp that is gone: .SECONDARY.)
training_files := $(TRAIN_HW) testbench/training.sh testbench/training.ini $(COMPILER) \
  $(if $(wildcard $(TRAINING)),,FORCE)
ifneq ($(LOCKED),yes)
$(TRAINING): $(training_files) | $(HW)/runtime/runtime.a $(if $(wildcard $(TRAINING)),,$(TRAIN_OBJ))
	+@$(LOCK) $(@D)/lock sh -c '[ "$$(cat $(TRAIN)/place)" = "$(HERE)" ] || \
	  rm -rf $(TRAIN) $(dir $(TRAIN_HW)); exec $(MAKE) -s LOCKED=yes $@'
else
$(TRAINING): $(training_files) | $(HW)/runtime/runtime.a $(TRAIN_OBJ)
	@echo "  TRAIN $(HW_ARCHS)"
	@find $(BUILD)/trained $(dir $(TRAIN_HW)) -name '*.gcda' -delete
	@$(CXX) --coverage -o $(TRAIN)/cowalk $(TRAIN_OBJ) $(TRAIN_HW) $(HW)/runtime/runtime.a $(LIBS)
	@testbench/training.sh $(TRAIN)/cowalk
	@for d in $(BUILD)/trained $(dir $(TRAIN_HW)); do \
	  [ -n "$$(find $$d -name '*.gcda' -print -quit)" ] || \
	    { echo "$$d: the training left no counts; try make clean" >&2; exit 1; }; done
	@touch $@
endif
endif

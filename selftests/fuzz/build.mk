# SPDX-License-Identifier: BSD-3-Clause
# Fuzz targets: clang's libFuzzer with ASan and UBSan, on objects of their own.

CLANG ?= clang-14
FUZZ_DIR := selftests/fuzz
FUZZ_OBJ := $(BUILD)/obj/$(FUZZ_DIR)
FUZZ_OUT := $(BUILD)/fuzz
FUZZ_TARGETS := packet key action message server
FUZZ_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_CFLAGS := $(CFLAGS_COMMON) $(FUZZ_SANITIZE) $(OVSNL_CFLAGS) \
	-I$(CURDIR)/netlink_api/selftest -I$(CURDIR)/$(FUZZ_DIR)

# netlink_api, its slow twins and vectors, and what the targets share.
FUZZ_LIB_SRC := $(wildcard netlink_api/*.c) \
	$(addprefix netlink_api/selftest/, check_rewrite.c oracle_packet.c \
		oracle_rewrite.c selftest.c) \
	$(wildcard netlink_api/selftest/run_*.c netlink_api/selftest/vectors_*.c) \
	$(FUZZ_DIR)/fake_datapath.c $(FUZZ_DIR)/fake_limits.c
FUZZ_LIB := $(FUZZ_LIB_SRC:%.c=$(FUZZ_OBJ)/%.o)
FUZZ_PROGRAMS := $(addprefix $(FUZZ_OUT)/fuzz_,$(FUZZ_TARGETS))

$(FUZZ_OBJ)/%.o: %.c
	@mkdir -p $(@D)
	$(CLANG) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link -MMD -c $< -o $@

# The daemon's server, of which only the log is another.
FUZZ_SERVER_SRC := $(addprefix userspace_dp/, \
	$(filter-out log.c, $(TWIN_NL_SRC)) genl_ovs.c)
FUZZ_SERVER := $(FUZZ_SERVER_SRC:%.c=$(FUZZ_OBJ)/%.o)
$(FUZZ_OUT)/fuzz_server: $(FUZZ_SERVER)
$(FUZZ_SERVER) $(FUZZ_OBJ)/$(FUZZ_DIR)/fuzz_server.o: FUZZ_CFLAGS += -I$(CURDIR)/userspace_dp

$(FUZZ_OUT)/fuzz_%: $(FUZZ_OBJ)/$(FUZZ_DIR)/fuzz_%.o $(FUZZ_LIB)
	@mkdir -p $(@D)
	$(CLANG) $(FUZZ_SANITIZE) -fsanitize=fuzzer $^ -o $@

$(FUZZ_OUT)/make_seeds: $(FUZZ_OBJ)/$(FUZZ_DIR)/make_seeds.o $(FUZZ_LIB)
	@mkdir -p $(@D)
	$(CLANG) $(FUZZ_SANITIZE) $^ -o $@

.SECONDARY: $(FUZZ_LIB) $(FUZZ_TARGETS:%=$(FUZZ_OBJ)/$(FUZZ_DIR)/fuzz_%.o)

# The same programs with counters instead of sanitizers: `make fuzz-coverage`.
FUZZ_COVER_OBJ := $(BUILD)/obj/fuzz-coverage
FUZZ_COVER_FLAGS := $(filter-out $(FUZZ_SANITIZE),$(FUZZ_CFLAGS)) \
	-fprofile-instr-generate -fcoverage-mapping
FUZZ_COVER := $(FUZZ_TARGETS:%=$(FUZZ_OUT)/cover_%)

$(FUZZ_COVER_OBJ)/%.o: %.c
	@mkdir -p $(@D)
	$(CLANG) $(FUZZ_COVER_FLAGS) -I$(CURDIR)/userspace_dp -MMD -c $< -o $@

$(FUZZ_OUT)/cover_server: $(FUZZ_SERVER_SRC:%.c=$(FUZZ_COVER_OBJ)/%.o)
$(FUZZ_OUT)/cover_%: $(FUZZ_COVER_OBJ)/$(FUZZ_DIR)/fuzz_%.o \
		$(FUZZ_LIB_SRC:%.c=$(FUZZ_COVER_OBJ)/%.o)
	@mkdir -p $(@D)
	$(CLANG) -fprofile-instr-generate -fsanitize=fuzzer $^ -o $@

.SECONDARY: $(FUZZ_LIB_SRC:%.c=$(FUZZ_COVER_OBJ)/%.o) \
	$(FUZZ_SERVER_SRC:%.c=$(FUZZ_COVER_OBJ)/%.o) \
	$(FUZZ_TARGETS:%=$(FUZZ_COVER_OBJ)/$(FUZZ_DIR)/fuzz_%.o)
-include $(wildcard $(FUZZ_COVER_OBJ)/*/*.d $(FUZZ_COVER_OBJ)/*/*/*.d)

FUZZERS += $(FUZZ_PROGRAMS) $(FUZZ_COVER)
-include $(FUZZ_LIB:.o=.d) $(FUZZ_SERVER:.o=.d) $(wildcard $(FUZZ_OBJ)/$(FUZZ_DIR)/*.d)

# Seconds that `make fuzz` gives to each target.
FUZZ_SECONDS ?= 60

fuzz: deps ## fuzz each target for FUZZ_SECONDS=60 seconds
	@$(MAKE) --no-print-directory $(FUZZ_PROGRAMS)
	@$(FUZZ_DIR)/run --build $(BUILD) $(FUZZ_SECONDS) $(FUZZ_TARGETS)

.PHONY: fuzz-coverage
fuzz-coverage: deps ## lines of netlink_api's parsers that the corpus reaches
	@$(MAKE) --no-print-directory $(FUZZ_COVER)
	@$(FUZZ_DIR)/coverage --build $(BUILD) $(FUZZ_TARGETS)

.PHONY: fuzz-corpus
# Makes the checked-in corpus anew from the vectors.
fuzz-corpus: $(FUZZ_PROGRAMS) $(FUZZ_OUT)/make_seeds
	@$(FUZZ_DIR)/make_corpus $(FUZZ_OUT) $(FUZZ_TARGETS)

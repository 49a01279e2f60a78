# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
# Unit tests of netlink_api under ASan and UBSan, and its vectors as a module.
# Included by netlink_api/build.mk.

OVSNL_TEST_DIR := netlink_api/selftest
OVSNL_TEST_OBJ := $(BUILD)/obj/$(OVSNL_TEST_DIR)
OVSNL_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
OVSNL_TEST_CFLAGS := $(CFLAGS_COMMON) $(OVSNL_CFLAGS) $(OVSNL_SANITIZE) \
	-I$(CURDIR)/$(OVSNL_TEST_DIR)

# The library once more, with the sanitizers.
OVSNL_TEST_LIB := $(OVSNL_SRC:netlink_api/%.c=$(OVSNL_TEST_OBJ)/lib/%.o)
# What the programs share: vectors, their runners, oracles, generators.
OVSNL_TEST_COMMON_SRC := $(filter-out $(OVSNL_TEST_DIR)/test_%.c, \
	$(wildcard $(OVSNL_TEST_DIR)/*.c))
OVSNL_TEST_COMMON := $(OVSNL_TEST_COMMON_SRC:$(OVSNL_TEST_DIR)/%.c=$(OVSNL_TEST_OBJ)/%.o)
# One program for each test_*.c.
OVSNL_TESTS := $(patsubst $(OVSNL_TEST_DIR)/test_%.c,$(BUILD)/test/ovsnl_%, \
	$(wildcard $(OVSNL_TEST_DIR)/test_*.c))

$(OVSNL_TEST_OBJ)/lib/%.o: netlink_api/%.c
	@mkdir -p $(@D)
	$(CC) $(OVSNL_TEST_CFLAGS) -MMD -c $< -o $@

$(OVSNL_TEST_OBJ)/%.o: $(OVSNL_TEST_DIR)/%.c
	@mkdir -p $(@D)
	$(CC) $(OVSNL_TEST_CFLAGS) -MMD -c $< -o $@

$(BUILD)/test/ovsnl_%: $(OVSNL_TEST_OBJ)/test_%.o $(OVSNL_TEST_COMMON) $(OVSNL_TEST_LIB)
	@mkdir -p $(@D)
	$(CC) $(OVSNL_SANITIZE) $^ -lcmocka -o $@

# The library against a datapath that runs: in the VM, or below twinpath exec,
# whose preloaded library gets along with no sanitizer.
OVSNL_COMPARE := $(BUILD)/test/compare_datapath
OVSNL_COMPARE_SRC := $(wildcard $(OVSNL_TEST_DIR)/stock/*.c) \
	$(OVSNL_TEST_COMMON_SRC)

$(OVSNL_COMPARE): $(OVSNL_COMPARE_SRC) $(OVSNL_LIB) \
		$(wildcard $(OVSNL_TEST_DIR)/*.h $(OVSNL_TEST_DIR)/stock/*.h)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_COMMON) $(OVSNL_CFLAGS) -I$(CURDIR)/$(OVSNL_TEST_DIR) \
		$(OVSNL_COMPARE_SRC) $(OVSNL_LIB) -o $@

TEST_TARGETS += $(OVSNL_COMPARE)

.SECONDARY: $(OVSNL_TESTS:$(BUILD)/test/ovsnl_%=$(OVSNL_TEST_OBJ)/test_%.o)

UNIT_TESTS += $(OVSNL_TESTS)
-include $(wildcard $(OVSNL_TEST_OBJ)/*.d $(OVSNL_TEST_OBJ)/lib/*.d)

# As the top-level Makefile does it: kbuild's objects stay out of the sources.
OVSNL_SELFTEST_KO := $(BUILD)/ovsnl_selftest.ko
OVSNL_SELFTEST_KO_SRC := $(wildcard netlink_api/*.[ch] \
	netlink_api/env_kernel/*.h $(OVSNL_TEST_DIR)/*.[ch] \
	$(OVSNL_TEST_DIR)/kernel/*)

TEST_TARGETS += $(OVSNL_SELFTEST_KO)

$(OVSNL_SELFTEST_KO): $(OVSNL_SELFTEST_KO_SRC)
	@rm -rf $(BUILD)/kbuild_selftest && mkdir -p $(BUILD)/kbuild_selftest
	@cp -rs $(CURDIR)/netlink_api $(CURDIR)/$(OVSNL_TEST_DIR)/kernel/Kbuild \
		$(BUILD)/kbuild_selftest/
	$(MAKE) -C $(KDIR) M=$(BUILD)/kbuild_selftest W=1 KCFLAGS=-Werror modules
	@cp $(BUILD)/kbuild_selftest/ovsnl_selftest.ko $@

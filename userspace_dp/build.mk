# SPDX-License-Identifier: BSD-3-Clause
# twinpathd, the twinpath command and their tests.

TWIN_DPDK_CFLAGS := $(filter -I% -include rte_config.h -m%,$(shell pkg-config --cflags libdpdk 2>/dev/null))
TWIN_CFLAGS = -Iuserspace_dp $(OVSNL_CFLAGS) $(TWIN_DPDK_CFLAGS)
TWIN_OBJ := $(BUILD)/obj/userspace_dp

# The netlink socket's server: no DPDK in it.
TWIN_NL_SRC := loop.c log.c nl_conn.c nl_port.c nl_ctl.c nl_dump.c nl_server.c \
	genl.c genl_policy.c nlctrl.c
TWIN_NL_OBJ := $(TWIN_NL_SRC:%.c=$(TWIN_OBJ)/%.o)

$(TWIN_OBJ)/%.o: userspace_dp/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_COMMON) $(TWIN_CFLAGS) -MMD -c $< -o $@

$(BUILD)/selftest/nl_serve: $(TWIN_OBJ)/selftest/nl_serve.o $(TWIN_NL_OBJ) $(OVSNL_LIB)
	@mkdir -p $(@D)
	$(CC) -o $@ $^ -lpthread

# The daemon: all C files of the folder but the command's.
TWINPATHD_SRC := $(filter-out userspace_dp/twinpath%.c,$(wildcard userspace_dp/*.c))
TWINPATHD_OBJ := $(TWINPATHD_SRC:userspace_dp/%.c=$(TWIN_OBJ)/%.o)
TWINPATHD_LIBS = $(shell pkg-config --libs libdpdk libsystemd libnl-3.0) -lpthread

$(BUILD)/twinpathd: $(TWINPATHD_OBJ) $(OVSNL_LIB)
	$(CC) -o $@ $^ $(TWINPATHD_LIBS)

ALL_TARGETS += $(BUILD)/twinpathd

# The command.
TWINPATH_OBJ := $(patsubst userspace_dp/%.c,$(TWIN_OBJ)/%.o,$(wildcard userspace_dp/twinpath*.c))
$(TWINPATH_OBJ): TWIN_CFLAGS += -Iovs_integration -Inetlink_api/client

# exec.o is ovs_integration's, whose build.mk is read after this one.
$(BUILD)/twinpath: $(TWINPATH_OBJ) $(BUILD)/obj/ovs_integration/exec.o \
		$(OVSNL_CLIENT_LIB)
	$(CC) -o $@ $^ $(shell pkg-config --libs jansson libnl-genl-3.0 zlib)

ALL_TARGETS += $(BUILD)/twinpath

# Copying, saving and restoring, on datapaths of the test's own.
TWIN_MOVE_SRC := twinpath_move.c twinpath_place.c twinpath_report.c twinpath_state_write.c \
	twinpath_state_walk.c twinpath_file_read.c twinpath_file_record.c twinpath_file_write.c

$(BUILD)/selftest/move_test: userspace_dp/selftest/move_test.c $(TWIN_MOVE_SRC:%=userspace_dp/%) \
		$(wildcard userspace_dp/twinpath*.h netlink_api/client/*.h netlink_api/*.h)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_COMMON) -Iuserspace_dp $(OVSNL_CFLAGS) -Inetlink_api/client \
		-fsanitize=address,undefined -fno-omit-frame-pointer -o $@ $(filter %.c,$^) \
		$(shell pkg-config --libs jansson zlib) -lcmocka

UNIT_TESTS += $(BUILD)/selftest/move_test

# The flow table: of DPDK it needs headers only. Its test is built from source
# once more, with sanitizers.
TWIN_FLOW_SRC := mem.c flow_slab.c flow_hash.c flow_order.c flow_cache.c \
	flow_mask.c flow_mask_group.c flow_mask_list.c flow_lookup.c flow_lookup_scalar.c \
	flow_lookup_avx2.c flow_lookup_avx512.c flow_table.c
TWIN_ASAN := -fsanitize=address,undefined -fno-omit-frame-pointer

$(BUILD)/selftest/flow_table_test: userspace_dp/selftest/flow_table_test.c \
		$(TWIN_FLOW_SRC:%=userspace_dp/%) $(OVSNL_LIB) \
		$(wildcard userspace_dp/*.h userspace_dp/*.inc netlink_api/*.h)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_COMMON) $(TWIN_CFLAGS) $(TWIN_ASAN) -o $@ $(filter %.c %.a,$^) -lcmocka -lpthread

# The daemon once more, with sanitizers: build/asan/twinpathd and
# build/tsan/twinpathd. DPDK itself and its memory stay as they are.
# $(1): directory, $(2): what is sanitized, $(3): warnings to leave out
define twin_sanitized
$(BUILD)/$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS_COMMON) -O1 $$(TWIN_CFLAGS) -fsanitize=$(2) \
		-fno-omit-frame-pointer -Wno-maybe-uninitialized $(3) -MMD -c $$< -o $$@

$(BUILD)/$(1)/twinpathd: $(TWINPATHD_SRC:%.c=$(BUILD)/$(1)/%.o) \
		$(patsubst %.c,$(BUILD)/$(1)/%.o,$(wildcard netlink_api/*.c))
	$$(CC) -fsanitize=$(2) -o $$@ $$^ $$(TWINPATHD_LIBS)
	@ln -sf ../twinpath ../libtwinpath-nl.so $$(@D)

TEST_TARGETS += $(BUILD)/$(1)/twinpathd
-include $$(wildcard $(BUILD)/$(1)/*/*.d)
endef

$(eval $(call twin_sanitized,asan,address,))
$(eval $(call twin_sanitized,tsan,thread,-Wno-tsan))

ALL_TARGETS += $(BUILD)/selftest/nl_serve
UNIT_TESTS += userspace_dp/selftest/nl_server_test.py \
	userspace_dp/selftest/twinpathd_test.py userspace_dp/selftest/probe_test.py \
	userspace_dp/selftest/survive_test.py userspace_dp/selftest/worker_test.py \
	$(BUILD)/selftest/flow_table_test

-include $(wildcard $(TWIN_OBJ)/*.d $(TWIN_OBJ)/selftest/*.d)

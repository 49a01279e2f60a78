# SPDX-License-Identifier: BSD-3-Clause
# The preload library, and the part of `twinpath exec` that starts programs
# under it: TWIN_EXEC_OBJ is linked into the twinpath command.

TWIN_PRELOAD_SRC := $(wildcard ovs_integration/preload/*.c)
TWIN_PRELOAD_OBJ := $(TWIN_PRELOAD_SRC:%.c=$(BUILD)/obj/%.o)
TWIN_PRELOAD_MAP := ovs_integration/preload/libtwinpath-nl.map
TWIN_EXEC_OBJ := $(BUILD)/obj/ovs_integration/exec.o $(OVSNL_TRANSPORT_OBJ)

TWIN_TRANSPORT_TEST := $(BUILD)/obj/ovs_integration/test
TWIN_PROBE_SRC := $(wildcard ovs_integration/test/probe*.c)
TWIN_PROBE_OBJ := $(TWIN_PROBE_SRC:%.c=$(BUILD)/obj/%.o)
TWIN_EXEC_TOOL_OBJ := $(TWIN_TRANSPORT_TEST)/exec_tool.o $(TWIN_EXEC_OBJ)

TWIN_INTEGRATION_OBJ := $(TWIN_PRELOAD_OBJ) $(BUILD)/obj/ovs_integration/exec.o \
	$(TWIN_PROBE_OBJ) $(TWIN_TRANSPORT_TEST)/exec_tool.o

$(TWIN_INTEGRATION_OBJ): $(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_COMMON) $(OVSNL_CFLAGS) -MMD -c $< -o $@

$(BUILD)/libtwinpath-nl.so: $(TWIN_PRELOAD_OBJ) $(OVSNL_TRANSPORT_OBJ) $(TWIN_PRELOAD_MAP)
	$(CC) -shared -Wl,-z,defs -Wl,-z,relro,-z,now \
		-Wl,--version-script=$(TWIN_PRELOAD_MAP) \
		-o $@ $(TWIN_PRELOAD_OBJ) $(OVSNL_TRANSPORT_OBJ)

$(TWIN_TRANSPORT_TEST)/probe: $(TWIN_PROBE_OBJ)
	$(CC) -o $@ $^ -pthread

$(TWIN_TRANSPORT_TEST)/exec_tool: $(TWIN_EXEC_TOOL_OBJ)
	$(CC) -o $@ $^

ALL_TARGETS += $(BUILD)/libtwinpath-nl.so
TEST_TARGETS += $(TWIN_TRANSPORT_TEST)/probe $(TWIN_TRANSPORT_TEST)/exec_tool
-include $(TWIN_INTEGRATION_OBJ:.o=.d)

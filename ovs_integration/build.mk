# SPDX-License-Identifier: BSD-3-Clause
# The preload library, and the part of `twinpath exec` that starts programs
# under it (linked into the twinpath command).

TWIN_PRELOAD_SRC := $(wildcard ovs_integration/preload/*.c)
TWIN_PRELOAD_OBJ := $(TWIN_PRELOAD_SRC:%.c=$(BUILD)/obj/%.o)
TWIN_PRELOAD_MAP := ovs_integration/preload/libtwinpath-nl.map

$(TWIN_PRELOAD_OBJ): $(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_COMMON) $(OVSNL_CFLAGS) -MMD -c $< -o $@

$(BUILD)/libtwinpath-nl.so: $(TWIN_PRELOAD_OBJ) $(OVSNL_TRANSPORT_OBJ) $(TWIN_PRELOAD_MAP)
	$(CC) -shared -Wl,-z,defs -Wl,-z,relro,-z,now \
		-Wl,--version-script=$(TWIN_PRELOAD_MAP) \
		-o $@ $(TWIN_PRELOAD_OBJ) $(OVSNL_TRANSPORT_OBJ)

ALL_TARGETS += $(BUILD)/libtwinpath-nl.so
-include $(TWIN_PRELOAD_OBJ:.o=.d)

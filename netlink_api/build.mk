# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
# libovsnl.a: the API as the daemon and the client library link it.

OVSNL_SRC := $(wildcard netlink_api/*.c)
OVSNL_OBJ := $(OVSNL_SRC:netlink_api/%.c=$(BUILD)/obj/netlink_api/%.o)
OVSNL_CFLAGS := -I$(CURDIR)/netlink_api -I$(CURDIR)/netlink_api/env_user
OVSNL_LIB := $(BUILD)/obj/netlink_api/libovsnl.a

$(BUILD)/obj/netlink_api/%.o: netlink_api/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_COMMON) $(OVSNL_CFLAGS) -MMD -c $< -o $@

$(OVSNL_LIB): $(OVSNL_OBJ)
	@rm -f $@
	ar rcs $@ $^

ALL_TARGETS += $(OVSNL_LIB)
-include $(OVSNL_OBJ:.o=.d)

# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
# The client's half of the unix-socket transport, for the client library and the
# preload library.

OVSNL_TRANSPORT_OBJ := $(BUILD)/obj/netlink_api/client/transport.o

$(BUILD)/obj/netlink_api/client/%.o: netlink_api/client/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_COMMON) $(OVSNL_CFLAGS) -MMD -c $< -o $@

-include $(OVSNL_TRANSPORT_OBJ:.o=.d)

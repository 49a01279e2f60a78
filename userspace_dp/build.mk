# SPDX-License-Identifier: BSD-3-Clause
# twinpathd, the twinpath command and their tests.

TWIN_CFLAGS := -Iuserspace_dp $(OVSNL_CFLAGS)
TWIN_OBJ := $(BUILD)/obj/userspace_dp

# The netlink socket's server: no DPDK in it.
TWIN_NL_SRC := loop.c log.c nl_conn.c nl_port.c nl_ctl.c nl_dump.c nl_server.c \
	genl.c nlctrl.c
TWIN_NL_OBJ := $(TWIN_NL_SRC:%.c=$(TWIN_OBJ)/%.o)

$(TWIN_OBJ)/%.o: userspace_dp/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_COMMON) $(TWIN_CFLAGS) -MMD -c $< -o $@

$(BUILD)/selftest/nl_serve: $(TWIN_OBJ)/selftest/nl_serve.o $(TWIN_NL_OBJ) $(OVSNL_LIB)
	@mkdir -p $(@D)
	$(CC) -o $@ $^ -lpthread

ALL_TARGETS += $(BUILD)/selftest/nl_serve
UNIT_TESTS += userspace_dp/selftest/nl_server_test.py

-include $(wildcard $(TWIN_OBJ)/*.d $(TWIN_OBJ)/selftest/*.d)

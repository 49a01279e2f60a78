# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
# libovsnl-client.a, its example and its test. OVSNL_TRANSPORT_OBJ is the
# client's half of the unix-socket transport, which needs libc only: the preload
# library uses it too.

OVSNL_TRANSPORT_OBJ := $(BUILD)/obj/netlink_api/client/transport.o
OVSNL_CLIENT_SRC := $(filter-out %/transport.c %/example.c,$(wildcard netlink_api/client/*.c))
OVSNL_CLIENT_OBJ := $(OVSNL_CLIENT_SRC:%.c=$(BUILD)/obj/%.o)
OVSNL_CLIENT_LIB := $(BUILD)/libovsnl-client.a
OVSNL_CLIENT_LIBS = $(shell pkg-config --libs libnl-genl-3.0)
OVSNL_CLIENT_PROGRAMS := $(BUILD)/obj/netlink_api/client/example.o \
	$(BUILD)/obj/netlink_api/client/test/client_test.o

$(BUILD)/obj/netlink_api/client/%.o: netlink_api/client/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_COMMON) $(OVSNL_CFLAGS) -I$(CURDIR)/netlink_api/client \
		$(shell pkg-config --cflags libnl-genl-3.0) -MMD -c $< -o $@

$(OVSNL_CLIENT_LIB): $(OVSNL_CLIENT_OBJ) $(OVSNL_TRANSPORT_OBJ) $(OVSNL_OBJ)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/ovsnl-example: $(BUILD)/obj/netlink_api/client/example.o $(OVSNL_CLIENT_LIB)
	$(CC) -o $@ $^ $(OVSNL_CLIENT_LIBS)

$(BUILD)/obj/netlink_api/client/test/client_test: %: %.o $(OVSNL_CLIENT_LIB)
	$(CC) -o $@ $^ $(OVSNL_CLIENT_LIBS)

# The transport is the test's own.
OVSNL_REQUEST_SRC := netlink_api/client/request.c netlink_api/client/flow.c
$(BUILD)/selftest/request_test: netlink_api/client/test/request_test.c $(OVSNL_REQUEST_SRC) \
		$(OVSNL_LIB) $(wildcard netlink_api/client/*.h netlink_api/*.h)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_COMMON) $(OVSNL_CFLAGS) -Inetlink_api/client \
		-fsanitize=address,undefined -fno-omit-frame-pointer \
		$(shell pkg-config --cflags libnl-genl-3.0) -o $@ $(filter %.c %.a,$^) \
		$(OVSNL_CLIENT_LIBS) -lcmocka

UNIT_TESTS += $(BUILD)/selftest/request_test
ALL_TARGETS += $(OVSNL_CLIENT_LIB) $(BUILD)/ovsnl-example
TEST_TARGETS += $(BUILD)/obj/netlink_api/client/test/client_test
-include $(OVSNL_TRANSPORT_OBJ:.o=.d) $(OVSNL_CLIENT_OBJ:.o=.d) $(OVSNL_CLIENT_PROGRAMS:.o=.d)

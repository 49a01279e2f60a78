# SPDX-License-Identifier: BSD-3-Clause
# Tests of the packet side: built from source once more, with sanitizers.
# Alignment is not checked: packets have none.

TWIN_TEST_SAN := -fsanitize=address,undefined -fno-sanitize=alignment \
	-fno-omit-frame-pointer
TWIN_TEST_LIBS := -lcmocka -lrte_eal -lrte_mbuf -lrte_mempool \
	-lrte_mempool_ring
TWIN_OFFLOAD_SRC := offload.c offload_segment.c packet_mark.c pool.c
TWIN_ACTIONS_SRC := actions.c header.c header_burst.c input.c output.c packet.c packet_burst.c \
	packet_burst_avx512.c packet_second.c set_field.c

# $(1): name of the test, $(2): sources in userspace_dp/
define twin_packet_test
$(BUILD)/selftest/$(1): userspace_dp/selftest/$(1).c userspace_dp/selftest/frame.c \
		$(2:%=userspace_dp/%) $(OVSNL_LIB) \
		$(wildcard userspace_dp/*.h userspace_dp/selftest/*.h netlink_api/*.h)
	@mkdir -p $$(@D)
	$(CC) $(CFLAGS_COMMON) $(TWIN_CFLAGS) -Iuserspace_dp/selftest \
		$(TWIN_TEST_SAN) -o $$@ $$(filter %.c %.a,$$^) $(TWIN_TEST_LIBS)
UNIT_TESTS += $(BUILD)/selftest/$(1)
endef

$(eval $(call twin_packet_test,offload_test,$(TWIN_OFFLOAD_SRC)))
$(eval $(call twin_packet_test,actions_test,$(TWIN_ACTIONS_SRC) $(TWIN_OFFLOAD_SRC)))
$(eval $(call twin_packet_test,header_test,header.c header_burst.c packet.c set_field.c $(TWIN_OFFLOAD_SRC)))

# Without DPDK's libraries.
# $(1): name of the test, $(2): sources in userspace_dp/
define twin_plain_test
$(BUILD)/selftest/$(1): userspace_dp/selftest/$(1).c $(2:%=userspace_dp/%) $(wildcard userspace_dp/*.h)
	@mkdir -p $$(@D)
	$(CC) $(CFLAGS_COMMON) $(TWIN_CFLAGS) $(TWIN_TEST_SAN) -o $$@ $$(filter %.c,$$^) -lcmocka
UNIT_TESTS += $(BUILD)/selftest/$(1)
endef

$(eval $(call twin_plain_test,work_test,work.c))
$(eval $(call twin_plain_test,rxq_plan_test,rxq_plan.c))

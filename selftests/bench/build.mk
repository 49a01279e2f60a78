# SPDX-License-Identifier: BSD-3-Clause
# Small programs of the benchmarks.

BENCH_PROGRAMS := $(BUILD)/bench/flow_rate $(BUILD)/bench/tsc_hz

$(BUILD)/bench/%: selftests/bench/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_COMMON) -MMD $< -o $@

# Loaded by testpmd, OVS-DPDK and twinpathd.
$(BUILD)/bench/fill.so: selftests/bench/fill.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_COMMON) $(shell pkg-config --cflags libdpdk) -D_GNU_SOURCE -fPIC -shared -MMD $< -o $@ \
		-lrte_ethdev -lrte_mbuf -lpthread

$(BUILD)/bench/pace.so: selftests/bench/pace.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_COMMON) $(shell pkg-config --cflags libdpdk) -D_GNU_SOURCE -fPIC -shared -MMD $< -o $@ \
		-lrte_ethdev -lrte_mbuf -lpthread

# A client of either datapath.
$(BUILD)/bench/upcall_echo: selftests/bench/upcall_echo.c $(OVSNL_CLIENT_LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_COMMON) $(OVSNL_CFLAGS) -Inetlink_api/client -MMD $< -o $@ \
		$(OVSNL_CLIENT_LIB) $(OVSNL_CLIENT_LIBS)

TEST_TARGETS += $(BUILD)/bench/pace.so $(BUILD)/bench/upcall_echo
TEST_TARGETS += $(BENCH_PROGRAMS) $(BUILD)/bench/fill.so
-include $(BENCH_PROGRAMS:=.d)

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

TEST_TARGETS += $(BENCH_PROGRAMS) $(BUILD)/bench/fill.so
-include $(BENCH_PROGRAMS:=.d)

# SPDX-License-Identifier: BSD-3-Clause
# Small programs of the benchmarks.

BENCH_PROGRAMS := $(BUILD)/bench/flow_rate $(BUILD)/bench/tsc_hz

$(BUILD)/bench/%: selftests/bench/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_COMMON) -MMD $< -o $@

TEST_TARGETS += $(BENCH_PROGRAMS)
-include $(BENCH_PROGRAMS:=.d)

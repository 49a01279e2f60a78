# SPDX-License-Identifier: BSD-3-Clause
# Small programs of the benchmarks.

BENCH_PROGRAMS := $(addprefix $(BUILD)/bench/,flow_rate flow_fill upcall_rate setup_rate tsc_hz)

$(BUILD)/bench/%: selftests/bench/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_COMMON) -MMD $< -o $@

# Loaded by testpmd, OVS-DPDK and twinpathd.
$(BUILD)/bench/fill.so: selftests/bench/fill.c selftests/bench/fill.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_COMMON) $(shell pkg-config --cflags libdpdk) -D_GNU_SOURCE -fPIC -shared $< -o $@ \
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

# It keeps a worker's account.
$(BUILD)/bench/gaps: selftests/bench/gaps.c $(BUILD)/obj/userspace_dp/work.o
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_COMMON) $(TWIN_CFLAGS) -MMD $^ -o $@

# The twin's packet path and nothing else of the daemon.
BENCH_PATH_OBJ := $(patsubst %,$(BUILD)/obj/userspace_dp/%.o,actions header header_burst input output packet \
	packet_burst packet_burst_avx512 packet_mark packet_second set_field offload offload_segment pool mem flow_slab \
	flow_hash flow_order flow_cache flow_mask flow_mask_group flow_mask_list flow_lookup flow_lookup_scalar \
	flow_lookup_avx2 flow_lookup_avx512 flow_table)

$(BUILD)/bench/packet_path: selftests/bench/packet_path.c $(BENCH_PATH_OBJ) $(OVSNL_LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_COMMON) $(TWIN_CFLAGS) -o $@ $^ -lrte_eal -lrte_mbuf -lrte_mempool -lrte_mempool_ring

# What there is without a datapath; only for the benchmark.
BENCH_FLOOR_SRC := $(wildcard selftests/bench/floor/*)

$(BUILD)/bench/bench_floor.ko: $(BENCH_FLOOR_SRC)
	@rm -rf $(BUILD)/kbuild_floor && mkdir -p $(BUILD)/kbuild_floor $(@D)
	@cp -rs $(addprefix $(CURDIR)/,$(BENCH_FLOOR_SRC)) $(BUILD)/kbuild_floor/
	$(MAKE) -C $(KDIR) M=$(BUILD)/kbuild_floor W=1 KCFLAGS=-Werror modules
	@cp $(BUILD)/kbuild_floor/bench_floor.ko $@

BENCH_TEST_TARGETS := $(BENCH_PROGRAMS) $(BUILD)/bench/fill.so $(BUILD)/bench/packet_path \
	$(BUILD)/bench/pace.so $(BUILD)/bench/upcall_echo $(BUILD)/bench/gaps
BENCH_TARGETS := $(BENCH_TEST_TARGETS) $(BUILD)/bench/bench_floor.ko
TEST_TARGETS += $(BENCH_TEST_TARGETS)
-include $(BENCH_PROGRAMS:=.d)

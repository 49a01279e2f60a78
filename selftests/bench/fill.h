/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWBENCH_FILL_H
#define TWBENCH_FILL_H

#include <stdint.h>

/* What the benchmark tells the source (fill.c), and what it says back: two
 * files that are mapped. fill.py has the same layout.
 */

#define FILL_TEMPLATES 16
#define FILL_SLOTS 64
#define FILL_HEAD 128
#define FILL_ORDER 65536
#define FILL_CAPTURED 64
#define FILL_CAPTURED_BYTES 192
/* Latencies: so many cycles of the TSC a step, and so many steps. */
#define FILL_STEP 16
#define FILL_STEPS 8192

/**
 * struct fill_template - a kind of packet. Of each packet, a number is drawn.
 * @flows: numbers are 0 to so many less one
 * @first_addr: number 0's 32-bit word at @addr_ofs, others add to it; host
 *              order, as all here
 * @ip_sum, @l4_sum: 16-bit words that the checksums are over, summed, but for
 *                   those that differ from packet to packet
 * @first_port, @port_mod: the 16-bit word at @port_ofs is @first_port + number
 *                         modulo @port_mod
 * @len: bytes of the packet
 * @addr_ofs, @port_ofs, @ip_csum_ofs, @l4_csum_ofs: 0 for none
 * @head: the packet's first bytes
 */
struct fill_template {
	uint32_t flows;
	uint32_t first_addr;
	uint32_t ip_sum;
	uint32_t l4_sum;
	uint16_t first_port;
	uint16_t port_mod;
	uint16_t len;
	uint8_t addr_ofs;
	uint8_t port_ofs;
	uint8_t ip_csum_ofs;
	uint8_t l4_csum_ofs;
	uint8_t pad[6];
	uint8_t head[FILL_HEAD];
};

/**
 * struct fill_control - written by the benchmark.
 * @generation: changes last, when all else is written
 * @n_slots: entries of @slots in use
 * @burst: packets a poll, at most
 * @n_order: 0 for numbers drawn uniformly, or FILL_ORDER: drawn from @order
 * @capture: the first packets sent are to be copied into the report
 * @latency: packets are to carry the time at which they were received, and the
 *           time until they are sent is to be reported
 * @pace: 256ths of a TSC cycle from packet to packet, 0: as fast as is polled
 * @slots: template of each, drawn uniformly
 */
struct fill_control {
	uint32_t generation;
	uint32_t n_slots;
	uint32_t burst;
	uint32_t n_order;
	uint32_t capture;
	uint32_t latency;
	uint32_t pace;
	uint32_t pad;
	uint8_t slots[FILL_SLOTS];
	struct fill_template templates[FILL_TEMPLATES];
	uint32_t order[FILL_ORDER];
};

/**
 * struct fill_report - written by the source, some hundred times a second.
 * @generation: in force
 * @n_captured: entries of @captured
 * @generated: packets received since the program started
 * @sent: packets that left through the sink since then
 * @time_ns: CLOCK_MONOTONIC when these were read
 * @latency: packets by cycles; the last step is that or more
 */
struct fill_report {
	uint32_t generation;
	uint32_t n_captured;
	uint64_t generated;
	uint64_t sent;
	uint64_t time_ns;
	uint32_t latency[FILL_STEPS];
	struct {
		uint32_t len;
		uint8_t bytes[FILL_CAPTURED_BYTES];
	} captured[FILL_CAPTURED];
};

#endif

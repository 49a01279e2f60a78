/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_DROP_H
#define OVSNL_DROP_H

/* Why a datapath dropped a packet, or a copy that an action made: one list for
 * both, from which come the enums and the names that administrators see
 * (`twinpath stats`, /proc/net/openvswitch_drops). Drops at a device are in the
 * port's own counters.
 *
 * X(ID, name)
 */
#define OVSNL_DROP_REASONS(X)                                                  \
	X(NO_VPORT, "no-vport") /* arrived on a port just detached */          \
	X(MALFORMED, "malformed") /* shorter than its Ethernet header */       \
	X(MISS_NO_CLIENT, "miss-no-client") /* upcall pid 0 */                 \
	X(UPCALL_QUEUE_FULL, "upcall-queue-full")                              \
	X(UPCALL_REJECTED, "upcall-rejected") /* client gone or not reading */ \
	X(FLOW_DROP, "flow-drop") /* empty action list, or no output ran */    \
	X(UPCALL_BUDGET,                                                       \
	  "upcall-budget") /* more would take time from packets that hit */    \
	X(OUTPUT_NO_PORT, "output-no-port") /* no such port */                 \
	X(OUTPUT_DOWN, "output-down") /* link or device down */                \
	X(OVER_MTU, "over-mtu")                                                \
	X(RECURSION, "recursion-limit")                                        \
	X(DEFERRED, "deferred-limit")                                          \
	X(ACTION_ERROR, "action-error") /* a set or push did not apply */      \
	X(OUTPUT_L3,                                                           \
	  "output-no-ethernet") /* no header, and the port needs one */        \
	X(METER, "meter") /* beyond a meter's rate */                          \
	X(EXPLICIT, "explicit-drop") /* action drop(0) */                      \
	X(EXPLICIT_ERROR, "explicit-drop-error") /* and with another reason */ \
	X(TTL, "ttl-expired") /* dec_ttl without a list for it */              \
	X(CONNTRACK, "conntrack") /* action ct: not there yet */               \
	X(PSAMPLE, "psample-lost") /* samples, not packets */                  \
	X(NO_MEMORY, "no-memory")                                              \
	X(SEGMENT, "segmentation") /* GSO packet could not be split */

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_DROP_H
#define TWIN_DROP_H

/* Why the datapath dropped a packet: one list, from which come the enum and
 * the names that `twinpath stats` prints. Drops at a device are in the port's
 * own counters.
 */
#define TWIN_DROP_REASONS(X)                                                   \
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
	X(NO_MEMORY, "no-memory") /* no mbuf for a clone */                    \
	X(SEGMENT, "segmentation") /* GSO packet could not be split */

#define TWIN_DROP_ENUM(id, name) TWIN_DROP_##id,
enum twin_drop { TWIN_DROP_REASONS(TWIN_DROP_ENUM) TWIN_DROP_COUNT };
#undef TWIN_DROP_ENUM

/** twin_drop_name() - as printed, a string constant. */
const char *twin_drop_name(enum twin_drop reason);

#endif

/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_UAPI_NEW_H
#define OVSNL_UAPI_NEW_H

/* Wire numbers of the API that are newer than the <linux/openvswitch.h> of
 * Linux 6.1, with the release that brought them. They are macros of our own
 * names, so that a header which has the enumerators does not clash.
 */

/* Linux 6.2: nested in vports' answers. */
#define OVSNL_VPORT_ATTR_UPCALL_STATS 10
#define OVSNL_VPORT_UPCALL_ATTR_SUCCESS 0 /* u64 */
#define OVSNL_VPORT_UPCALL_ATTR_FAIL 1 /* u64 */

/* Linux 6.6: u32 reason; must be the last of its list. */
#define OVSNL_ACTION_ATTR_DROP 24

/* Linux 6.10: struct ovs_action_hash.hash_alg. */
#define OVSNL_HASH_ALG_SYM_L4 1

/* Linux 6.11: report to the psample family. */
#define OVSNL_ACTION_ATTR_PSAMPLE 25
#define OVSNL_PSAMPLE_ATTR_GROUP 1 /* u32 */
#define OVSNL_PSAMPLE_ATTR_COOKIE 2 /* up to 16 bytes */

/* Linux 6.17: u32 port id that all upcalls of an EXECUTE go to. */
#define OVSNL_PACKET_ATTR_UPCALL_PID 12

#endif

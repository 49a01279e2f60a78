/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_DATAPATH_H
#define TWIN_DATAPATH_H

#include <net/if.h>
#include <stdint.h>
#include <sys/queue.h>

#include "flow_table.h"
#include "ovsnl_family.h"
#include "port.h"
#include "worker.h"

/* Datapaths and vports of the twin. Changed by the control thread only;
 * read by contexts under QSBR.
 */

/** struct twin_dp_stats - one context's share, one cache line. */
struct twin_dp_stats {
	uint64_t n_hit;
	uint64_t n_missed;
	uint64_t n_lost;
	uint64_t n_mask_hit;
	uint64_t n_cache_hit;
} __rte_cache_aligned;

/** struct twin_pids - upcall port ids, replaced as a whole (QSBR). */
struct twin_pids {
	uint32_t n;
	uint32_t pids[];
};

struct twin_meters;
struct twin_vport_upcalls;

/** struct vport - a port's place in a datapath.
 * @type: enum ovs_vport_type
 * @upcalls: upcall.c's own
 */
struct vport {
	struct datapath *dp;
	struct twin_port *port;
	uint32_t port_no;
	uint32_t type;
	struct twin_pids *upcall_pids;
	struct twin_vport_upcalls *upcalls;
};

/** struct datapath.
 * @ports: by port number, OVSNL_MAX_PORTS entries, NULL where free
 * @stats: one entry a context
 * @n_lost_upcalls: counted by the upcall thread
 * @port_limit: no port has this number or a higher one
 * @ifindex: of its local port; the upcall thread reads it too
 */
struct datapath {
	struct twin_flow_table *table;
	struct twin_meters *meters;
	struct vport **ports;
	uint32_t user_features;
	struct twin_pids *percpu_pids;
	struct twin_dp_stats *stats;
	uint64_t n_lost_upcalls;
	/* control thread only */
	uint32_t port_limit;
	uint32_t masks_cache_size;
	int ifindex;
	TAILQ_ENTRY(datapath) link;
};

/** twin_datapath_port() - vport @port_no or NULL; any context (QSBR). */
static inline struct vport *twin_datapath_port(const struct datapath *dp,
					       uint32_t port_no)
{
	if (port_no >= OVSNL_MAX_PORTS)
		return NULL;
	return __atomic_load_n(&dp->ports[port_no], __ATOMIC_ACQUIRE);
}

/* The rest is for the control thread. */

/** twin_datapath_init() - caches of the contexts, and following what becomes
 * of ports. Contexts exist. Return: 0 or -ENOMEM.
 */
int twin_datapath_init(void);

/** twin_datapath_fini() - destroy all datapaths. Workers still run. */
void twin_datapath_fini(void);

/** twin_datapath_alloc() - a datapath without ports that is in no list. NULL
 * when memory is short.
 */
struct datapath *twin_datapath_alloc(void);

/** twin_datapath_free() - free such a one. */
void twin_datapath_free(struct datapath *dp);

/** twin_datapath_next() - iterate; NULL starts. */
struct datapath *twin_datapath_next(struct datapath *prev);

/** twin_datapath_destroy() - with all its vports and flows. */
void twin_datapath_destroy(struct datapath *dp);

/** twin_datapath_pids() - a copy of a request's port ids, or NULL. */
struct twin_pids *twin_datapath_pids(const struct ovsnl_pids *pids);

/** twin_datapath_hook() - loop hook: what is to be done now and then. */
int twin_datapath_hook(void);

/** twin_datapath_ops - the API's operations table of the twin. */
extern const struct ovsnl_ops twin_datapath_ops;

#endif

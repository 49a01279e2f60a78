// SPDX-License-Identifier: BSD-3-Clause
/*
 * Port ids and multicast groups.
 *
 * Overview
 *
 *	A hash of connections by port id and a list of members per group.
 *
 * Life cycle
 *
 *	A connection is in the hash from accept to hang-up. Memberships are
 *	allocated on joining and die with it.
 *
 * Synchronisation
 *
 *	Written by the control thread under the write lock; the control thread
 *	itself reads without it. Other threads send under the read lock, which
 *	keeps connections from being destroyed meanwhile. Writers are preferred,
 *	since the upcall thread takes the read lock again and again.
 */
#define _GNU_SOURCE
#include "nl_port.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

#define BUCKETS 4096

LIST_HEAD(conn_list, twin_nl_conn);
LIST_HEAD(member_list, twin_nl_member);

/** struct twin_nl_member - one connection's membership of one group. */
struct twin_nl_member {
	LIST_ENTRY(twin_nl_member) link;
	struct twin_nl_conn *conn;
	uint32_t group;
};

static pthread_rwlock_t lock =
	PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static struct conn_list buckets[BUCKETS];
static struct member_list groups[TWIN_NL_GROUPS + 1];
/* Members of each; read without the lock. */
static uint32_t n_members[TWIN_NL_GROUPS + 1];

static struct conn_list *bucket(uint32_t portid)
{
	return &buckets[(portid * 2654435761u) / (UINT32_MAX / BUCKETS + 1)];
}

struct twin_nl_conn *twin_nl_port_find(uint32_t portid)
{
	struct twin_nl_conn *conn;

	LIST_FOREACH(conn, bucket(portid), hash)
	if (conn->portid == portid)
		return conn;
	return NULL;
}

/* Where the kernel goes too when a process id is taken: negative numbers. -1
 * is left out, since Open vSwitch gives it a meaning of its own.
 */
static uint32_t random_free(void)
{
	uint32_t portid = 0;

	do {
		if (getrandom(&portid, sizeof(portid), 0) != sizeof(portid))
			portid++;
		portid |= 1u << 31;
	} while (portid == UINT32_MAX || twin_nl_port_find(portid));
	return portid;
}

int twin_nl_port_bind(struct twin_nl_conn *conn, uint32_t portid, bool any)
{
	struct twin_nl_conn *owner = portid ? twin_nl_port_find(portid) : NULL;

	if (owner == conn || (!portid && conn->portid))
		return 0;
	if (owner && !any)
		return -EADDRINUSE;
	if (owner || !portid)
		portid = random_free();
	pthread_rwlock_wrlock(&lock);
	if (conn->portid)
		LIST_REMOVE(conn, hash);
	conn->portid = portid;
	LIST_INSERT_HEAD(bucket(portid), conn, hash);
	pthread_rwlock_unlock(&lock);
	__atomic_store_n(&conn->page->portid, portid, __ATOMIC_RELAXED);
	return 0;
}

/* With the write lock. */
static void enlist(struct twin_nl_member *m, uint32_t group)
{
	LIST_INSERT_HEAD(&groups[group], m, link);
	__atomic_store_n(&n_members[group], n_members[group] + 1,
			 __ATOMIC_RELAXED);
}

static void unlist(struct twin_nl_member *m)
{
	LIST_REMOVE(m, link);
	__atomic_store_n(&n_members[m->group], n_members[m->group] - 1,
			 __ATOMIC_RELAXED);
}

void twin_nl_port_remove(struct twin_nl_conn *conn)
{
	struct twin_nl_member *m;
	unsigned int i;

	pthread_rwlock_wrlock(&lock);
	if (conn->portid)
		LIST_REMOVE(conn, hash);
	conn->portid = 0;
	for (i = 0; i < OVSNL_TRANSPORT_GROUPS_MAX; i++)
		if (conn->members[i])
			unlist(conn->members[i]);
	pthread_rwlock_unlock(&lock);
	for (i = 0; i < OVSNL_TRANSPORT_GROUPS_MAX; i++) {
		m = conn->members[i];
		conn->members[i] = NULL;
		free(m);
	}
}

void twin_nl_port_for_each(void (*fn)(struct twin_nl_conn *conn))
{
	struct twin_nl_conn *conn, *next;
	unsigned int i;

	for (i = 0; i < BUCKETS; i++)
		for (conn = LIST_FIRST(&buckets[i]); conn; conn = next) {
			next = LIST_NEXT(conn, hash);
			fn(conn);
		}
}

/* Entry of @group in the connection's table, or the first free one, or -1. */
static int member_slot(const struct twin_nl_conn *conn, uint32_t group)
{
	int i, slot = -1;

	for (i = 0; i < OVSNL_TRANSPORT_GROUPS_MAX; i++) {
		if (conn->members[i] && conn->members[i]->group == group)
			return i;
		if (!conn->members[i] && slot < 0)
			slot = i;
	}
	return slot;
}

int twin_nl_port_join(struct twin_nl_conn *conn, uint32_t group,
		      uint16_t nlmsg_type)
{
	struct twin_nl_member *m;
	int slot;

	if (!group || group > TWIN_NL_GROUPS)
		return -EINVAL;
	slot = member_slot(conn, group);
	if (slot < 0)
		return -ENOMEM;
	if (conn->members[slot])
		return 0;
	m = malloc(sizeof(*m));
	if (!m)
		return -ENOMEM;
	m->conn = conn;
	m->group = group;
	conn->members[slot] = m;
	__atomic_store_n(&conn->page->groups[slot].nlmsg_type, nlmsg_type,
			 __ATOMIC_RELAXED);
	__atomic_store_n(&conn->page->groups[slot].group, group,
			 __ATOMIC_RELEASE);
	pthread_rwlock_wrlock(&lock);
	enlist(m, group);
	pthread_rwlock_unlock(&lock);
	return 0;
}

int twin_nl_port_leave(struct twin_nl_conn *conn, uint32_t group)
{
	struct twin_nl_member *m;
	int slot;

	if (!group || group > TWIN_NL_GROUPS)
		return -EINVAL;
	slot = member_slot(conn, group);
	if (slot < 0 || !conn->members[slot])
		return 0;
	m = conn->members[slot];
	pthread_rwlock_wrlock(&lock);
	unlist(m);
	pthread_rwlock_unlock(&lock);
	conn->members[slot] = NULL;
	__atomic_store_n(&conn->page->groups[slot].group, 0, __ATOMIC_RELEASE);
	free(m);
	return 0;
}

int twin_nl_unicast(uint32_t portid, const struct iovec *iov, unsigned int n,
		    bool yield)
{
	struct twin_nl_conn *conn;
	int ret = -ECONNREFUSED;

	pthread_rwlock_rdlock(&lock);
	conn = twin_nl_port_find(portid);
	if (conn && yield && twin_nl_conn_is_filling(conn)) {
		twin_nl_conn_lose(conn);
		ret = -EAGAIN;
	} else if (conn) {
		ret = twin_nl_conn_send(conn, iov, n);
	}
	pthread_rwlock_unlock(&lock);
	return ret;
}

void twin_nl_multicast(uint32_t group, uint32_t exclude,
		       const struct iovec *iov, unsigned int n)
{
	struct twin_nl_member *m;

	pthread_rwlock_rdlock(&lock);
	LIST_FOREACH(m, &groups[group], link)
	if (m->conn->portid != exclude)
		twin_nl_conn_send(m->conn, iov, n);
	pthread_rwlock_unlock(&lock);
}

bool twin_nl_has_listeners(uint32_t group)
{
	return __atomic_load_n(&n_members[group], __ATOMIC_RELAXED);
}

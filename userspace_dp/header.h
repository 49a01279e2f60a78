/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_HEADER_H
#define TWIN_HEADER_H

#include "packet.h"

/* Headers pushed in front of packets and popped: MPLS, Ethernet, NSH. The
 * packet's key is stale afterwards. All may replace the mbuf.
 *
 * Return, where not said otherwise: 0; -ENOMEM when memory is short or (as from
 * the kernel's skb_ensure_writable()) the header is cut; -EINVAL when segments
 * of the packet could not be made any more. An error leaves the packet to be
 * dropped.
 */

/** twin_header_push_mpls() - a label stack entry in front of the network
 * header, or of the whole packet.
 */
int twin_header_push_mpls(struct twin_packet *pkt,
			  const struct ovsnl_op_push_mpls *op);

/** twin_header_pop_mpls() - remove the outermost label stack entry, if there is
 * one. @next: type of what is behind it.
 */
int twin_header_pop_mpls(struct twin_packet *pkt, __be16 next);

/** twin_header_push_eth() - put an Ethernet header in front.
 * Return: also -EPROTO when there is one.
 */
int twin_header_push_eth(struct twin_packet *pkt,
			 const struct ovs_key_ethernet *addresses);

/** twin_header_pop_eth() - remove the Ethernet header.
 * Return: also -EPROTO when there is none or it has tags.
 */
int twin_header_pop_eth(struct twin_packet *pkt);

/** twin_header_push_nsh() - put a Network Service Header (RFC 8300) in front.
 * Return: also -EAFNOSUPPORT for packets that it can't carry.
 */
int twin_header_push_nsh(struct twin_packet *pkt,
			 const struct ovsnl_op_push_nsh *op);

/** twin_header_pop_nsh() - remove the Network Service Header in front.
 * Return: also -EAFNOSUPPORT when what it carries is unknown.
 */
int twin_header_pop_nsh(struct twin_packet *pkt);

#endif

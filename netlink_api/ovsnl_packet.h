/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_PACKET_H
#define OVSNL_PACKET_H

#include "ovsnl_env.h"
#include "ovsnl_key.h"

/* Packet headers: parse them into a flow key, rewrite them in place.
 * Both work on a linear window at the start of the packet.
 */

/**
 * struct ovsnl_window - the readable start of a packet.
 * @data: first byte: the Ethernet header, or the network header where
 *        key.mac_proto is OVSNL_MAC_NONE. No alignment is assumed.
 * @len: bytes that may be read at @data
 * @pkt_len: length of the whole packet in bytes, at least @len
 * @vlan_tci: an outermost VLAN tag kept beside the packet (skb's hwaccel tag,
 *            an mbuf's stripped tag), network order with OVSNL_VLAN_PRESENT
 *            set; 0 for none
 * @vlan_tpid: its TPID, network order
 */
struct ovsnl_window {
	const __u8 *data;
	__u32 len;
	__u32 pkt_len;
	__be16 vlan_tci;
	__be16 vlan_tpid;
};

/* struct ovsnl_layout offsets: no such header. */
#define OVSNL_NO_OFS 0xffff

/**
 * struct ovsnl_layout - where the parser found the headers.
 * @l3_ofs: network header, in bytes from window.data: what follows the type
 *          (or the 802.2 length, or the SNAP header): for MPLS the outermost
 *          label stack entry, for NSH its header. Always set; whether a known
 *          header is there, key.eth_type tells.
 * @inner_ofs: MPLS: what follows the label stack, OVSNL_NO_OFS otherwise or
 *             when the stack is cut
 * @l4_ofs: transport header, OVSNL_NO_OFS when the packet has none that could
 *          be located (not IP, bad IP header, later fragment)
 * @l4_ok: ip_proto is TCP, UDP, SCTP, ICMP (on IPv4) or ICMPv6 (on IPv6), and
 *         the fixed part of that header (20, 8, 12, 8, 8 bytes) is entirely
 *         in the packet. A TCP header with a bad data offset counts, though
 *         its fields read as zero.
 */
struct ovsnl_layout {
	__u16 l3_ofs;
	__u16 l4_ofs;
	__u16 inner_ofs;
	bool l4_ok;
};

/**
 * ovsnl_packet_parse() - fill the header fields of a key from a packet.
 * @win: the packet
 * @key: metadata fields (recirc_id, in_port, skb_mark, priority, dp_hash,
 *       ct_*, tun, mac_proto) are the caller's and stay; with
 *       mac_proto OVSNL_MAC_NONE eth_type is an input too. Every other field
 *       is written, absent headers as zero.
 * @layout: filled on success
 *
 * Same results as the kernel module's key extraction: a truncated transport
 * header gives zero fields, an invalid IP header zero IP fields, LLC/SNAP is
 * resolved, a repeated ND option clears the ND fields, IPv6 extension headers
 * are walked (ip_proto is 59, "none", when the walk fails, 44 for a later
 * fragment), later fragments have no transport fields, two VLAN tags. Of an
 * MPLS stack up to three entries are noted; those of a stack that is cut are
 * too, with mpls_labels 0. The
 * caller marks the parts of a packet that is yet to be fragmented (UDP
 * fragmentation offload) as OVS_FRAG_TYPE_FIRST.
 *
 * Return: 0; a positive number of bytes when the window must be at least so
 * long before parsing can go on (never more than win.pkt_len: pull and call
 * again); -EINVAL when the packet is shorter than its Ethernet header, or
 * starts without one and eth_type is that of a VLAN tag, or has an NSH header
 * that is cut, of another version than 0 or of another metadata type than 1
 * (24 bytes long) and 2. @key holds no
 * defined header fields and @layout nothing unless 0 is returned.
 */
int ovsnl_packet_parse(const struct ovsnl_window *win, struct ovsnl_key *key,
		       struct ovsnl_layout *layout);

/**
 * ovsnl_packet_protocol() - what the kernel's skb->protocol says of a packet
 * whose key was just parsed: the type of its network header, but of packets
 * with two tags (the first of which is not in the frame there) the second
 * tag's TPID.
 */
static __always_inline __be16 ovsnl_packet_protocol(const struct ovsnl_key *key)
{
	return unlikely(key->cvlan_tci) ? key->cvlan_tpid : key->eth_type;
}

/** enum ovsnl_csum - who completes the transport checksum of a packet. */
enum ovsnl_csum {
	OVSNL_CSUM_FULL, /* it is complete in the packet: update it whole */
	OVSNL_CSUM_PARTIAL, /* the field holds the pseudo-header sum only (the
			     * kernel's CHECKSUM_PARTIAL, TX offload): update
			     * it for pseudo-header changes and leave port
			     * changes to whoever completes it */
};

/**
 * struct ovsnl_headers - a packet open for rewriting.
 * @data: start of the writable window
 * @len: bytes that may be read and written at @data; all headers up to the
 *       fixed part of the transport header if layout.l4_ok
 * @layout: as the parser found it, kept up to date by push and pop in the
 *          datapath
 * @protocol: type of the header at layout.l3_ofs, or the TPID of the second
 *            tag if there is one: see ovsnl_packet_protocol(). MPLS and
 *            time-to-live go by it, not by the key, as the key can be that of
 *            the packet before headers were pushed or popped.
 * @csum: state of the transport checksum
 */
struct ovsnl_headers {
	__u8 *data;
	__u32 len;
	struct ovsnl_layout layout;
	__be16 protocol;
	enum ovsnl_csum csum;
};

/* Each rewrite function replaces the bits of @mask by those of @value (bits
 * outside the mask in @value are ignored), in the packet and in @key, and
 * updates the checksums it disturbs incrementally (RFC 1624, equation 3). A
 * UDP checksum of zero stays zero; one that becomes zero is written 0xffff.
 * SCTP's CRC32c is recomputed by the caller: see ovsnl_rewrite_sctp().
 * Transport checksums over addresses are those of TCP and UDP, and of ICMPv6
 * on IPv6, in packets whose layout.l4_ok is true (so never in later
 * fragments). A new destination leaves them alone when an IPv6 routing header
 * with segments left is there. Protocol and fragment fields are ignored.
 * The sum over the whole packet that some drivers leave (the kernel's
 * CHECKSUM_COMPLETE) is the caller's.
 *
 * Return: 0, or with nothing changed -EINVAL when the header is not of that
 * kind, -ENOMEM when it is not within the window (the kernel's
 * skb_ensure_writable() puts it so).
 */
int ovsnl_rewrite_eth(struct ovsnl_headers *h, struct ovsnl_key *key,
		      const struct ovs_key_ethernet *value,
		      const struct ovs_key_ethernet *mask);
int ovsnl_rewrite_ipv4(struct ovsnl_headers *h, struct ovsnl_key *key,
		       const struct ovs_key_ipv4 *value,
		       const struct ovs_key_ipv4 *mask);
int ovsnl_rewrite_ipv6(struct ovsnl_headers *h, struct ovsnl_key *key,
		       const struct ovs_key_ipv6 *value,
		       const struct ovs_key_ipv6 *mask);
int ovsnl_rewrite_tcp(struct ovsnl_headers *h, struct ovsnl_key *key,
		      const struct ovs_key_tcp *value,
		      const struct ovs_key_tcp *mask);
int ovsnl_rewrite_udp(struct ovsnl_headers *h, struct ovsnl_key *key,
		      const struct ovs_key_udp *value,
		      const struct ovs_key_udp *mask);
/**
 * ovsnl_rewrite_sctp() - ports only.
 * @old_crc: set to the checksum field as it was before the change. The caller
 * computes CRC32c over the packet before and after and stores
 * old_crc ^ before ^ after, so that a wrong checksum stays wrong.
 */
int ovsnl_rewrite_sctp(struct ovsnl_headers *h, struct ovsnl_key *key,
		       const struct ovs_key_sctp *value,
		       const struct ovs_key_sctp *mask, __le32 *old_crc);

/**
 * ovsnl_rewrite_mpls() - outermost label stack entry, if headers.protocol is
 * one of MPLS.
 */
int ovsnl_rewrite_mpls(struct ovsnl_headers *h, struct ovsnl_key *key,
		       __be32 value, __be32 mask);

/**
 * ovsnl_rewrite_dec_ttl() - one hop less in the IPv4 or IPv6 header that
 * headers.protocol promises; other packets are left alone.
 * Return: 0, -EHOSTUNREACH with nothing changed when there was at most one
 * left, -ENOMEM as above.
 */
int ovsnl_rewrite_dec_ttl(struct ovsnl_headers *h, struct ovsnl_key *key);

/* Headers pushed and popped. The datapath makes the room and moves what stands
 * in front; key and layout are its business too.
 */

/**
 * ovsnl_nsh_next() - the Next Protocol of NSH (RFC 8300, 2.2) for an EtherType.
 * @type: ETH_P_TEB stands for Ethernet frames
 * Return: 0 for a type that can't follow NSH.
 */
__u8 ovsnl_nsh_next(__be16 type);

/** ovsnl_nsh_type() - the EtherType of a Next Protocol, 0 for unknown ones. */
__be16 ovsnl_nsh_type(__u8 next);

/**
 * ovsnl_nsh_pop() - how much an NSH header at the start of a packet takes.
 * @data, @len: the packet's window; bytes beyond it don't exist
 * @type: set to the EtherType of what follows, ETH_P_TEB for an Ethernet frame
 *
 * Return: bytes of the header; -EINVAL when it claims less than 8, -ENOMEM
 * when it is cut, -EAFNOSUPPORT when what follows is unknown.
 */
int ovsnl_nsh_pop(const __u8 *data, __u32 len, __be16 *type);

/**
 * ovsnl_csum_update() - RFC 1624 update of a checksum field for one changed
 * byte range. @csum: field in network order; @from, @to: old and new bytes,
 * @len even, at the same even offset of the checksummed area.
 * Return: the new field.
 */
__be16 ovsnl_csum_update(__be16 csum, const void *from, const void *to,
			 size_t len);

/**
 * ovsnl_csum_sum() - one's complement sum of @len bytes, folded (RFC 1071).
 * @start: the sum of what goes before, an even number of bytes; 0 for nothing
 * Return: the sum as it would stand in memory: its complement, copied as it
 * is, makes the checksum field.
 */
__u16 ovsnl_csum_sum(const void *data, size_t len, __u32 start);

#endif

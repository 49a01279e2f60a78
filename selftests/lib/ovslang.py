# SPDX-License-Identifier: BSD-3-Clause
"""The words of the Open vSwitch API: flow keys, actions, and reading them back.

Each builder returns the bytes of one attribute; a key, mask or list of actions is their
concatenation: `key.in_port(1) + key.eth(a, b) + key.eth_type(0x800)`.
"""
import ipaddress
import struct

from ovsnl import attr, be16, be32, parse, u32

KEY_NAMES = {
    1: 'encap',
    2: 'priority',
    3: 'in_port',
    4: 'eth',
    5: 'vlan',
    6: 'eth_type',
    7: 'ipv4',
    8: 'ipv6',
    9: 'tcp',
    10: 'udp',
    11: 'icmp',
    12: 'icmpv6',
    13: 'arp',
    14: 'nd',
    15: 'skb_mark',
    16: 'tunnel',
    17: 'sctp',
    18: 'tcp_flags',
    19: 'dp_hash',
    20: 'recirc_id',
    21: 'mpls',
    22: 'ct_state',
    23: 'ct_zone',
    24: 'ct_mark',
    25: 'ct_labels',
    26: 'ct_tuple4',
    27: 'ct_tuple6',
    28: 'nsh',
    29: 'packet_type',
    30: 'nd_extensions',
    31: 'tunnel_info',
    32: 'ipv6_exthdrs',
}
ACTION_NAMES = {
    1: 'output',
    2: 'userspace',
    3: 'set',
    4: 'push_vlan',
    5: 'pop_vlan',
    6: 'sample',
    7: 'recirc',
    8: 'hash',
    9: 'push_mpls',
    10: 'pop_mpls',
    11: 'set_masked',
    12: 'ct',
    13: 'trunc',
    14: 'push_eth',
    15: 'pop_eth',
    16: 'ct_clear',
    17: 'push_nsh',
    18: 'pop_nsh',
    19: 'meter',
    20: 'clone',
    21: 'check_pkt_len',
    22: 'add_mpls',
    23: 'dec_ttl',
    24: 'drop',
    25: 'psample',
}
KEY = {name: number for number, name in KEY_NAMES.items()}
ACTION = {name: number for number, name in ACTION_NAMES.items()}

FRAG_NONE, FRAG_FIRST, FRAG_LATER = 0, 1, 2


def mac(text):
    return bytes.fromhex(text.replace(':', '')) if isinstance(text, str) else text


def ip4(text):
    return ipaddress.IPv4Address(text).packed if isinstance(text, str) else text


def ip6(text):
    return ipaddress.IPv6Address(text).packed if isinstance(text, str) else text


class key:
    """Key attributes; as masks they take the mask's bits."""

    @staticmethod
    def encap(*attributes):
        return attr(KEY['encap'], b''.join(attributes))

    @staticmethod
    def priority(value):
        return attr(KEY['priority'], u32(value))

    @staticmethod
    def in_port(value):
        return attr(KEY['in_port'], u32(value))

    @staticmethod
    def skb_mark(value):
        return attr(KEY['skb_mark'], u32(value))

    @staticmethod
    def dp_hash(value):
        return attr(KEY['dp_hash'], u32(value))

    @staticmethod
    def recirc_id(value):
        return attr(KEY['recirc_id'], u32(value))

    @staticmethod
    def ct_state(value):
        return attr(KEY['ct_state'], u32(value))

    @staticmethod
    def ct_zone(value):
        return attr(KEY['ct_zone'], struct.pack('=H', value))

    @staticmethod
    def ct_mark(value):
        return attr(KEY['ct_mark'], u32(value))

    @staticmethod
    def ct_labels(value):
        return attr(KEY['ct_labels'], value)

    @staticmethod
    def eth(src, dst):
        return attr(KEY['eth'], mac(src) + mac(dst))

    @staticmethod
    def eth_type(value):
        return attr(KEY['eth_type'], be16(value))

    @staticmethod
    def vlan(tci):
        return attr(KEY['vlan'], be16(tci))

    @staticmethod
    def ipv4(src, dst, proto, tos=0, ttl=64, frag=0):
        return attr(KEY['ipv4'], ip4(src) + ip4(dst) + bytes((proto, tos, ttl, frag)))

    @staticmethod
    def ipv6(src, dst, proto, label=0, tclass=0, hlimit=64, frag=0):
        return attr(
            KEY['ipv6'], ip6(src) + ip6(dst) + be32(label) + bytes((proto, tclass, hlimit, frag))
        )

    @staticmethod
    def ipv6_exthdrs(bits):
        return attr(KEY['ipv6_exthdrs'], struct.pack('=H', bits))

    @staticmethod
    def tcp(src, dst):
        return attr(KEY['tcp'], be16(src) + be16(dst))

    @staticmethod
    def tcp_flags(value):
        return attr(KEY['tcp_flags'], be16(value))

    @staticmethod
    def udp(src, dst):
        return attr(KEY['udp'], be16(src) + be16(dst))

    @staticmethod
    def sctp(src, dst):
        return attr(KEY['sctp'], be16(src) + be16(dst))

    @staticmethod
    def icmp(kind, code):
        return attr(KEY['icmp'], bytes((kind, code)))

    @staticmethod
    def icmpv6(kind, code):
        return attr(KEY['icmpv6'], bytes((kind, code)))

    @staticmethod
    def arp(sip, tip, op, sha, tha):
        return attr(KEY['arp'], ip4(sip) + ip4(tip) + be16(op) + mac(sha) + mac(tha) + bytes(2))

    @staticmethod
    def nd(target, sll, tll):
        return attr(KEY['nd'], ip6(target) + mac(sll) + mac(tll))

    @staticmethod
    def mpls(*entries):
        """Label stack entries from the outermost on."""
        return attr(KEY['mpls'], b''.join(map(be32, entries)))

    @staticmethod
    def nsh(*attributes):
        """`attributes` are OVS_NSH_KEY_ATTR_*."""
        return attr(KEY['nsh'], b''.join(attributes))

    @staticmethod
    def nsh_base(flags, ttl, mdtype, np, path_hdr):
        return attr(1, bytes((flags, ttl, mdtype, np)) + be32(path_hdr))

    @staticmethod
    def nsh_md1(*context):
        return attr(2, b''.join(map(be32, context)))

    @staticmethod
    def ct_tuple4(src, dst, sport, dport, proto):
        payload = ip4(src) + ip4(dst) + be16(sport) + be16(dport) + bytes((proto, 0, 0, 0))
        return attr(KEY['ct_tuple4'], payload)

    @staticmethod
    def ct_tuple6(src, dst, sport, dport, proto):
        payload = ip6(src) + ip6(dst) + be16(sport) + be16(dport) + bytes((proto, 0, 0, 0))
        return attr(KEY['ct_tuple6'], payload)

    @staticmethod
    def tunnel(*attributes):
        """`attributes` are OVS_TUNNEL_KEY_ATTR_*, see tun."""
        return attr(KEY['tunnel'], b''.join(attributes))


class tun:
    """OVS_TUNNEL_KEY_ATTR_*."""

    @staticmethod
    def id(value):
        return attr(0, struct.pack('>Q', value))

    @staticmethod
    def ipv4(src, dst):
        return (attr(1, ip4(src)) if src else b'') + attr(2, ip4(dst))

    @staticmethod
    def ipv6(src, dst):
        return (attr(12, ip6(src)) if src else b'') + attr(13, ip6(dst))

    @staticmethod
    def tos(value):
        return attr(3, bytes((value,)))

    @staticmethod
    def ttl(value):
        return attr(4, bytes((value,)))

    @staticmethod
    def df():
        return attr(5)

    @staticmethod
    def csum():
        return attr(6)

    @staticmethod
    def oam():
        return attr(7)

    @staticmethod
    def geneve(options):
        return attr(8, options)

    @staticmethod
    def ports(src, dst):
        return attr(9, be16(src)) + attr(10, be16(dst))

    @staticmethod
    def vxlan(gbp):
        return attr(11, attr(1, u32(gbp)))

    @staticmethod
    def erspan(options):
        return attr(15, options)

    @staticmethod
    def bridge():
        return attr(16)


class act:
    """Actions."""

    @staticmethod
    def output(port):
        return attr(ACTION['output'], u32(port))

    @staticmethod
    def userspace(pid, userdata=None, actions=False):
        inner = attr(1, u32(pid))
        if userdata is not None:
            inner += attr(2, userdata)
        return attr(ACTION['userspace'], inner + (attr(4) if actions else b''))

    @staticmethod
    def set(key_attribute):
        return attr(ACTION['set'], key_attribute)

    @staticmethod
    def set_masked(value, mask):
        """`value` and `mask` are key attributes of one kind."""
        ((kind, bits),) = parse(value)
        ((_, mask_bits),) = parse(mask)
        return attr(ACTION['set_masked'], attr(kind, bits + mask_bits))

    @staticmethod
    def push_vlan(tci, tpid=0x8100):
        return attr(ACTION['push_vlan'], be16(tpid) + be16(tci))

    @staticmethod
    def pop_vlan():
        return attr(ACTION['pop_vlan'])

    @staticmethod
    def recirc(number):
        return attr(ACTION['recirc'], u32(number))

    @staticmethod
    def trunc(length):
        return attr(ACTION['trunc'], u32(length))

    @staticmethod
    def sample(probability, *actions):
        return attr(ACTION['sample'], attr(1, u32(probability)) + attr(2, b''.join(actions)))

    @staticmethod
    def clone(*actions):
        return attr(ACTION['clone'], b''.join(actions))

    @staticmethod
    def push_mpls(lse, eth_type=0x8847):
        return attr(ACTION['push_mpls'], be32(lse) + be16(eth_type) + bytes(2))

    @staticmethod
    def pop_mpls(eth_type):
        return attr(ACTION['pop_mpls'], be16(eth_type))

    @staticmethod
    def add_mpls(lse, eth_type=0x8847, layer3=False):
        flags = struct.pack('=H', layer3)
        return attr(ACTION['add_mpls'], be32(lse) + be16(eth_type) + flags)

    @staticmethod
    def push_eth(src, dst):
        return attr(ACTION['push_eth'], mac(src) + mac(dst))

    @staticmethod
    def pop_eth():
        return attr(ACTION['pop_eth'])

    @staticmethod
    def push_nsh(*attributes):
        """`attributes` are OVS_NSH_KEY_ATTR_*."""
        return attr(ACTION['push_nsh'], attr(KEY['nsh'], b''.join(attributes)))

    @staticmethod
    def pop_nsh():
        return attr(ACTION['pop_nsh'])

    @staticmethod
    def hash(basis, algorithm=0):
        return attr(ACTION['hash'], u32(algorithm) + u32(basis))

    @staticmethod
    def meter(number):
        return attr(ACTION['meter'], u32(number))

    @staticmethod
    def ct(*attributes):
        """`attributes` are OVS_CT_ATTR_*."""
        return attr(ACTION['ct'], b''.join(attributes))

    @staticmethod
    def ct_clear():
        return attr(ACTION['ct_clear'])

    @staticmethod
    def check_pkt_len(length, longer=b'', shorter=b''):
        inner = attr(1, struct.pack('=H', length)) + attr(2, longer) + attr(3, shorter)
        return attr(ACTION['check_pkt_len'], inner)

    @staticmethod
    def dec_ttl(*actions):
        """`actions` are for packets that have no hop left."""
        return attr(ACTION['dec_ttl'], attr(1, b''.join(actions)))

    @staticmethod
    def drop(reason):
        return attr(ACTION['drop'], u32(reason))

    @staticmethod
    def psample(group, cookie=None):
        inner = attr(1, u32(group)) + (b'' if cookie is None else attr(2, cookie))
        return attr(ACTION['psample'], inner)


def read_key(data):
    """{name: payload} of a key or mask; the payload of `encap` is such a dictionary."""
    found = {}
    for kind, payload in parse(data):
        name = KEY_NAMES.get(kind, f'key{kind}')
        found[name] = read_key(payload) if name == 'encap' else payload
    return found


def read_actions(data):
    """[(name, payload)] of a list of actions."""
    return [(ACTION_NAMES.get(kind, f'action{kind}'), payload) for kind, payload in parse(data)]

# SPDX-License-Identifier: BSD-3-Clause
"""Generated packets: cut at every byte, damaged, rewritten, looked up.

`run --seed` chooses other ones. Every packet is executed, in batches; upcalls bring back its key
and its bytes, with the packet's number as userdata.
"""
import random

import ovsnl
import packet_grammar as g
import packets as p
import scene
from grammar import State, action_list
from mutate import encode
from ovslang import ACTION, KEY, act, key
from ovsnl import ACK, REQUEST, attr, be16, be32, parse, u32
from scene import case

BATCH = 25
# Packets go on in lists of flows with these numbers.
FIRST_RECIRC = 10


def metadata(packet):
    return key.in_port(1) + (b'' if packet.ethernet else key.eth_type(packet.eth_type))


def number(index):
    return be16(index)


def execute_all(t, packets_and_actions):
    """Each (packet, its actions) as one EXECUTE, many a datagram."""
    requests = [
        (
            f'{index}',
            ovsnl.ovs(
                t.ids['ovs_packet'],
                ovsnl.PACKET_EXECUTE,
                t.dp,
                attr(ovsnl.PACKET_PACKET, packet.data),
                attr(ovsnl.PACKET_KEY, metadata(packet)),
                attr(ovsnl.PACKET_ACTIONS, actions),
                flags=REQUEST | ACK,
                version=ovsnl.VERSIONS['ovs_packet'],
                seq=t.seq(),
            ),
        )
        for index, (packet, actions) in enumerate(packets_and_actions)
    ]
    for at in range(0, len(requests), BATCH):
        t.send_many(requests[at : at + BATCH])


def to_user(t, index):
    return t.to_user(number(index))


# Cut at every byte


def layers(eth_type, data, **more):
    packet = g.Packet(eth_type)
    packet.data = p.eth(eth_type, data, **more)
    return packet


def without_ethernet(packet):
    packet.ethernet, packet.data = False, packet.data[14:]
    return packet


def nsh(mdtype, following, context, data):
    first = 0x0FC0 | 2 + len(context) // 4
    return be16(first) + bytes((mdtype, following)) + be32(0x1234FF) + context + data


UDP4 = p.ipv4(p.UDP, p.udp(payload=b'payload'))
UDP6 = p.ipv6(p.UDP, p.udp(p.IP6_A, p.IP6_B, payload=b'payload'))
CHAIN = (
    p.extension(p.ROUTING)
    + p.extension(p.AH)
    + bytes((p.FRAGMENT, 1))
    + bytes(10)
    + p.fragment(p.DEST, 0, 1)
    + p.extension(p.TCP, bytes(14))
    + p.tcp(p.IP6_A, p.IP6_B)
)
SOLICIT = p.nd(options=p.nd_option(1) + p.nd_option(14) + p.nd_option(2))
LABELS = bytes.fromhex('00010040 00020041 00030042 00040143')
SHAPES = {
    'ipv4-options-tcp': lambda: layers(
        g.IPV4, p.ipv4(p.TCP, p.tcp(offset=7, payload=bytes(10)), options=bytes(8))
    ),
    'ipv4-udp': lambda: layers(g.IPV4, UDP4),
    'ipv4-icmp': lambda: layers(g.IPV4, p.ipv4(p.ICMP, p.icmp())),
    'ipv4-sctp': lambda: layers(g.IPV4, p.ipv4(p.SCTP, p.sctp(payload=bytes(4)))),
    'ipv6-udp': lambda: layers(g.IPV6, UDP6),
    'ipv6-chain-tcp': lambda: layers(g.IPV6, p.ipv6(p.HOP, CHAIN)),
    'ipv6-nd': lambda: layers(g.IPV6, p.ipv6(p.ICMPV6, SOLICIT)),
    'arp': lambda: layers(g.ARP, p.arp()),
    'double-tagged': lambda: layers(g.IPV4, UDP4, tags=[(0x88A8, 7), (0x8100, 5)]),
    'snap': lambda: layers(40, b'\xaa\xaa\3\0\0\0\x08\0' + UDP4),
    'mpls': lambda: layers(g.MPLS, LABELS + UDP4),
    'nsh-1': lambda: layers(g.NSH, nsh(1, 1, bytes(range(16)), UDP4)),
    'nsh-2': lambda: layers(g.NSH, nsh(2, 2, bytes(range(12)), UDP6)),
    'bare-ipv4': lambda: without_ethernet(layers(g.IPV4, p.ipv4(p.TCP, p.tcp()))),
    'bare-ipv6': lambda: without_ethernet(layers(g.IPV6, p.ipv6(p.HOP, CHAIN))),
    'bare-mpls': lambda: without_ethernet(layers(g.MPLS, LABELS + UDP6)),
    'bare-nsh': lambda: without_ethernet(layers(g.NSH, nsh(1, 3, bytes(16), p.eth(0x9000)))),
}
REWRITES = {
    g.IPV4: act.set_masked(
        key.ipv4('1.2.3.4', '0.0.0.0', 0, 0, 0), key.ipv4('255.255.255.255', '0.0.0.0', 0, 0, 0)
    ),
    g.IPV6: act.set_masked(
        key.ipv6('2001:db8::99', '::', 0, hlimit=0),
        key.ipv6('ffff:' * 7 + 'ffff', '::', 0, hlimit=0),
    ),
}

for shape, make in SHAPES.items():

    @case(f'generated-packets/cut/{shape}')
    def cut(t, make=make):
        whole = make()
        chain = []
        for length in range(g.SHORTEST, len(whole.data) + 1):
            packet = make()
            packet.data = whole.data[:length]
            chain.append((packet, to_user(t, length)))
            if packet.eth_type in REWRITES:
                rewrite = REWRITES[packet.eth_type]
                chain.append((packet, rewrite + to_user(t, length)))
        execute_all(t, chain)


# Keys

for turn in range(30):

    @case(f'generated-packets/keys/{turn:02}')
    def keys(t, turn=turn):
        rng = random.Random(f'{scene.SEED}/packet/{turn}')
        execute_all(t, [(g.any_packet(rng, 0.5), to_user(t, index)) for index in range(75)])


# Actions


def state_of(packet):
    state = State()
    state.__dict__.update(
        ethernet=packet.ethernet,
        tags=packet.tags,
        eth_type=packet.eth_type,
        proto=packet.proto,
        frag=packet.frag,
        labels=packet.labels,
        execute=True,
    )
    return state


# Where nested lists are.
PARTS = {ACTION['sample']: (2,), ACTION['check_pkt_len']: (2, 3), ACTION['dec_ttl']: (1,)}


def without_recirc(tree):
    """A key is made anew in the middle of a list or not, depending on the list: what follows then
    sees one or the other. Here packets recirculate at the end."""
    found = [node for node in tree if node.kind != ACTION['recirc']]
    for node in found:
        if node.kind == ACTION['clone']:
            node.body = without_recirc(node.body)
        for part in node.body if node.kind in PARTS else ():
            if part.kind in PARTS[node.kind]:
                part.body = without_recirc(part.body)
    return found


# The longest header that NSH's length can tell of.
NSH_LONGEST = 63 * 4
POPS = [ACTION[name] for name in ('pop_eth', 'pop_mpls', 'pop_nsh')]


def pops(tree):
    """How many headers a list may take off, nested lists included."""
    return sum(
        (node.kind in POPS) + (pops(node.body) if isinstance(node.body, list) else 0)
        for node in tree
    )


def lengthened(packet, tree):
    """So that something of the packet is left: the distribution's module ends in a BUG() where
    it has an empty one to send to a client. (The scenario nothing_left asks that of ours.)"""
    packet.data += bytes(NSH_LONGEST * pops(tree))
    return packet


for turn in range(30):

    @case(f'generated-packets/actions/{turn:02}')
    def actions(t, turn=turn):
        rng = random.Random(f'{scene.SEED}/packet-actions/{turn}')
        rng.pids = (t.up1.pid, t.up2.pid)
        chain = []
        for index in range(50):
            packet = g.any_packet(rng, 0.2)
            tree = without_recirc(action_list(rng, state_of(packet)))
            chain.append(
                (
                    lengthened(packet, tree),
                    encode(tree) + to_user(t, index) + act.recirc(FIRST_RECIRC),
                )
            )
        execute_all(t, chain)


# Look-ups: flows made of the packets' own keys, some bits of which they leave open


def keys_of(t, packets):
    """{number: key} as the datapath reads them, from upcalls."""
    first = len(t.steps)
    execute_all(t, [(packet, to_user(t, index)) for index, packet in enumerate(packets)])
    found = {}
    for _, _, got in t.steps[first:]:
        for name, data in got:
            if name == 'up1' and isinstance(data, str):
                message = ovsnl.Message(bytes.fromhex(data))
                index = int.from_bytes(message.get(ovsnl.PACKET_USERDATA), 'big')
                found[index] = message.get(ovsnl.PACKET_KEY)
    return found


def in_turn(data, recirc):
    """The key, for packets that recirculation brings."""
    return b''.join(
        attr(kind, u32(recirc) if kind == KEY['recirc_id'] else payload)
        for kind, payload in parse(data)
    )


EXACT = (KEY['eth_type'], KEY['vlan'], KEY['recirc_id'], KEY['ct_state'])


def random_bits(rng, count):
    how = rng.random()
    if how < 0.4:
        return bytes(count)
    if how < 0.7:
        return bytes(rng.choice((0, 0xFF)) for _ in range(count))
    return rng.randbytes(count) if how < 0.9 else b'\xff' * count


def mask_of(rng, data):
    """A mask for a key that leaves bits open; protocols mostly are matched."""
    found = b''
    for kind, payload in parse(data):
        if kind == KEY['encap']:
            found += attr(kind, mask_of(rng, payload))
            continue
        bits = b'\xff' * len(payload) if kind in EXACT else random_bits(rng, len(payload))
        if kind in (KEY['ipv4'], KEY['ipv6']):
            at = 8 if kind == KEY['ipv4'] else 36
            bits = bits[:at] + b'\xff' + bits[at + 1 : at + 3] + b'\xff'
        if kind == KEY['ipv6']:
            bits = bits[:32] + bytes((0, bits[33] & 0xF)) + bits[34:]
        if kind in EXACT or any(bits):
            found += attr(kind, bits)
    return found


def same_under(mask, a, b):
    """Are two keys equal in all that the mask looks at? None: they differ in shape."""
    a, b = dict(parse(a)), dict(parse(b))
    if a.keys() != b.keys():
        return None
    same = True
    for kind, bits in parse(mask):
        left, right = a.get(kind, bytes(len(bits))), b.get(kind, bytes(len(bits)))
        if kind == KEY['encap']:
            inner = same_under(bits, left, right)
            if inner is None:
                return None
            same = same and inner
        elif len(left) != len(bits) or len(right) != len(bits):
            return None
        else:
            same = same and not any((x ^ y) & m for x, y, m in zip(left, right, bits))
    return same


def near(rng, packet):
    """The packet with a few bits changed, most of them in headers."""
    twin = g.Packet(packet.eth_type)
    twin.ethernet = packet.ethernet
    data = bytearray(packet.data)
    for _ in range(rng.choice((1, 1, 2, 3))):
        at = rng.randrange(min(len(data), 80))
        data[at] ^= 1 << rng.randrange(8)
    twin.data = bytes(data)
    return twin


def stored_mask(got):
    """FLOW_MASK of the echo to a request; None for a refusal."""
    for name, data in got:
        if name == 'main' and isinstance(data, str) and data[8:12] not in ('0200', '0300'):
            return ovsnl.Message(bytes.fromhex(data)).get(ovsnl.FLOW_MASK, b'')
    return None


def hits(t, first):
    """Numbers of the packets whose upcalls come from flows, which say 'hit'."""
    found = set()
    for _, _, got in t.steps[first:]:
        for name, data in got:
            if name != 'up1' or not isinstance(data, str):
                continue
            message = ovsnl.Message(bytes.fromhex(data))
            if message.get(ovsnl.PACKET_USERDATA, b'').startswith(b'hit'):
                found.add(bytes(message.get(ovsnl.PACKET_PACKET)))
    return found


def look_up(t, seed, index, packet, its_key):
    """One flow, and packets that differ a little from the one that it was made of. What is sent
    depends on no answer but the packet's key."""
    recirc = FIRST_RECIRC + index
    flow_key = in_turn(its_key, recirc)
    got = t.put(
        flow_key,
        t.to_user(b'hit' + number(index)),
        mask_of(random.Random(f'{seed}/mask/{index}'), flow_key),
        label=f'flow {index}',
    )
    mask = stored_mask(got)
    rng = random.Random(f'{seed}/near/{index}')
    others = [packet] + [near(rng, packet) for _ in range(9)]
    its_keys = keys_of(t, others)
    first = len(t.steps)
    execute_all(t, [(other, act.recirc(recirc)) for other in others])
    if mask is None:
        return
    found = hits(t, first)
    for turn, other in enumerate(others):
        if turn not in its_keys:
            continue
        same = same_under(mask, flow_key, in_turn(its_keys[turn], recirc))
        hit = other.data in found
        if same is not None and same != hit:
            t.note(f'flow {index}, packet {turn}', f'same: {same}, hit: {hit}')


for turn in range(15):

    @case(f'generated-packets/flows/{turn:02}')
    def flows(t, turn=turn):
        """Packets that are equal under an installed mask are treated equally; flows count."""
        seed = f'{scene.SEED}/packet-flows/{turn}'
        rng = random.Random(seed)
        packets = [g.any_packet(rng, 0.2) for _ in range(8)]
        for index, its_key in keys_of(t, packets).items():
            look_up(t, seed, index, packets[index], its_key)
        t.dump('ovs_flow', ovsnl.FLOW_GET, label='flows')

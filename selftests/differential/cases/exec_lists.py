# SPDX-License-Identifier: BSD-3-Clause
"""Actions that choose or end lists, and those on metadata, executed: what clients see of it."""

import ovsnl
from ovsnl import PACKET_HASH, attr, u16, u32, u64
from ovslang import ACTION, act, key
import packets as p
from protocols import METADATA, join
from scene import case

SW_HASH, L4_HASH = 1 << 32, 1 << 33
ALWAYS = 0xFFFFFFFF
KEY = key.in_port(1)
UDP = p.eth(0x800, p.ipv4(p.UDP, p.udp(payload=bytes(18))))
CHANGE = act.set(key.udp(7, 8))


def hash_of(basis, algorithm=0):
    return attr(ACTION['hash'], u32(algorithm) + u32(basis))


def check_pkt_len(length, greater, other):
    return attr(ACTION['check_pkt_len'], attr(1, u16(length)) + attr(2, greater) + attr(3, other))


def dec_ttl(*expired):
    return attr(ACTION['dec_ttl'], attr(1, b''.join(expired)))


def with_hash(value):
    return attr(PACKET_HASH, u64(value))


@case('exec/hash')
def hashes(t):
    """dp_hash depends on the packet's hash, which the client gives, and on the basis."""
    for number in (1, 0x12345678, 0xFFFFFFFF):
        for basis in (0, 1, 0xDEADBEEF, 0xFFFFFFFF):
            t.execute(
                UDP,
                KEY,
                hash_of(basis) + t.to_user(),
                with_hash(number | L4_HASH),
                label=f'{number:#x} with {basis:#x}',
            )
    given = with_hash(5 | SW_HASH)
    for label, actions in (
        ('twice', hash_of(1) + hash_of(2) + t.to_user()),
        ('recirculated', hash_of(1) + act.recirc(3)),
        ('in a clone', act.clone(hash_of(1), t.to_user(b'c')) + t.to_user(b'after')),
        ('before a set', hash_of(1) + CHANGE + t.to_user()),
    ):
        t.execute(UDP, KEY, actions, given, label=label)
    t.execute(UDP, KEY + key.dp_hash(9), hash_of(1) + t.to_user(), given, label='over another')


@case('exec/check_pkt_len')
def lengths(t):
    greater, other = t.to_user(b'greater'), t.to_user(b'other')
    tagged = p.eth(0x800, p.ipv4(p.UDP, p.udp(payload=bytes(18))), tags=[(0x8100, 5)])
    for name, frame in (('plain', UDP), ('tagged', tagged)):
        for length in (1, len(frame) - 5, len(frame) - 4, len(frame) - 1, len(frame), 65535):
            t.execute(
                frame, KEY, check_pkt_len(length, greater, other), label=f'{name}, {length} bytes'
            )
    for mru in (1, 41, 42, 43, 60, 1000):
        for length in (54, 55, 56, 60, 1013, 1014):
            t.execute(
                UDP,
                KEY,
                check_pkt_len(length, greater, other),
                attr(ovsnl.PACKET_MRU, u16(mru)),
                label=f'mru {mru}, {length} bytes',
            )


@case('exec/check_pkt_len/lists')
def length_lists(t):
    after = t.to_user(b'after')
    for length in (10, 1000):
        for label, actions in (
            ('empty', check_pkt_len(length, b'', b'') + after),
            ('empty, last', check_pkt_len(length, b'', b'')),
            ('changes', check_pkt_len(length, CHANGE + t.to_user(b'g'), t.to_user(b'o')) + after),
            (
                'changes, last',
                check_pkt_len(length, CHANGE + t.to_user(b'g'), CHANGE + act.recirc(3)),
            ),
            (
                'truncates',
                check_pkt_len(length, act.trunc(20) + t.to_user(b'g'), act.trunc(20)) + after,
            ),
            ('truncated', act.trunc(20) + check_pkt_len(15, t.to_user(b'g'), t.to_user(b'o'))),
            (
                'nested',
                check_pkt_len(
                    length,
                    check_pkt_len(20, t.to_user(b'gg'), t.to_user(b'go')),
                    check_pkt_len(20, t.to_user(b'og'), t.to_user(b'oo')),
                )
                + after,
            ),
            ('in a clone', act.clone(check_pkt_len(length, t.to_user(b'g'), CHANGE)) + after),
            (
                'after a tag',
                act.push_vlan(0x1005) + check_pkt_len(60, t.to_user(b'g'), t.to_user(b'o')),
            ),
            ('of actions', check_pkt_len(length, t.to_user(b'g', True), t.to_user(b'o', True))),
        ):
            t.execute(UDP, KEY, actions, label=f'{label}, {length}')


@case('exec/check_pkt_len/deep')
def deep_lengths(t):
    for depth in (3, 4, 6):
        actions = t.to_user(b'core')
        for _ in range(depth):
            actions = check_pkt_len(10, CHANGE + actions, b'') + t.to_user(b'level')
        t.execute(UDP, KEY, actions, label=f'{depth} deep')


def hops(left):
    """Packets with so many hops left."""
    return {
        'ipv4': p.eth(0x800, p.ipv4(p.UDP, p.udp(payload=bytes(18)), ttl=left)),
        'ipv4 options': p.eth(0x800, p.ipv4(p.UDP, p.udp(), options=bytes(8), ttl=left)),
        'ipv4 later': p.eth(0x800, p.ipv4(p.UDP, bytes(24), ttl=left, frag=5)),
        'ipv6': p.eth(0x86DD, p.ipv6(p.UDP, p.udp(p.IP6_A, p.IP6_B), hlimit=left)),
        'tagged': p.eth(0x800, p.ipv4(p.UDP, p.udp(), ttl=left), tags=[(0x8100, 5)]),
        'double': p.eth(0x800, p.ipv4(p.UDP, p.udp(), ttl=left), tags=[(0x88A8, 7), (0x8100, 5)]),
    }


@case('exec/dec_ttl')
def time_to_live(t):
    for left in (0, 1, 2, 64, 255):
        for name, frame in hops(left).items():
            t.execute(
                frame,
                KEY,
                dec_ttl(t.to_user(b'expired')) + t.to_user(b'alive'),
                label=f'{name}, {left}',
            )
    for name, frame in (
        ('arp', p.eth(0x806, p.arp())),
        ('unknown', p.eth(0x9000, bytes(46))),
        ('ipv4 cut', p.eth(0x800, p.ipv4(p.UDP)[:19])),
        ('ipv4 bad', p.eth(0x800, p.ipv4(p.UDP, p.udp(), ihl=3))),
        ('ipv6 cut', p.eth(0x86DD, p.ipv6(p.UDP)[:39])),
    ):
        t.execute(frame, KEY, dec_ttl(t.to_user(b'expired')) + t.to_user(b'alive'), label=name)


@case('exec/dec_ttl/lists')
def time_lists(t):
    expired, after = t.to_user(b'expired'), t.to_user(b'after')
    for left in (1, 2, 3):
        frame = hops(left)['ipv4']
        for label, actions in (
            ('no list', dec_ttl() + after),
            ('no list, last', t.to_user(b'before') + dec_ttl()),
            ('twice', dec_ttl(expired) + dec_ttl(t.to_user(b'second')) + after),
            ('in a clone', act.clone(dec_ttl(expired), t.to_user(b'c')) + after),
            ('in a sample', act.sample(ALWAYS, dec_ttl(expired), t.to_user(b's')) + after),
            ('in check_pkt_len', check_pkt_len(10, dec_ttl(expired) + after, b'') + after),
            ('of a dec_ttl', dec_ttl(dec_ttl(expired) + t.to_user(b'inner')) + after),
            ('changes', dec_ttl(CHANGE, t.to_user(b'changed')) + after),
            ('recirculates', dec_ttl(act.recirc(3)) + after),
            ('after a tag', act.push_vlan(0x1005) + dec_ttl(expired) + after),
            ('after two tags', act.push_vlan(0x1005) * 2 + dec_ttl(expired) + after),
            ('after recirculation', dec_ttl(expired) + act.recirc(3)),
        ):
            t.execute(frame, KEY, actions, label=f'{label}, {left}')
    t.dp_ask(ovsnl.DP_GET, label='counters')


@case('exec/ct_clear')
def ct_clear(t):
    clear = attr(ACTION['ct_clear'])
    metadata = join(METADATA)
    for label, actions in (
        ('then an upcall', clear + t.to_user()),
        ('then recirculation', clear + act.recirc(3)),
        ('in a clone', act.clone(clear, t.to_user(b'c')) + t.to_user(b'after')),
        ('twice', clear + clear + t.to_user()),
    ):
        t.execute(UDP, KEY, actions, label=f'of nothing, {label}')
        t.execute(UDP, KEY + metadata, actions, label=label)


@case('exec/meter')
def meters(t):
    """A meter that isn't there lets all pass."""
    meter = attr(ACTION['meter'], u32(77))
    for label, actions in (
        ('first', meter + t.to_user()),
        ('last', t.to_user() + meter),
        ('alone', meter),
        ('in a clone', act.clone(meter, t.to_user(b'c')) + t.to_user(b'after')),
        ('in a sample', act.sample(ALWAYS, meter, t.to_user(b's')) + t.to_user(b'after')),
    ):
        t.execute(UDP, KEY, actions, label=label)


@case('exec/sample')
def samples(t):
    """Lists within lists; each gets the packet as it was where it stands."""
    after = t.to_user(b'after')
    for label, actions in (
        ('clone in a sample', act.sample(ALWAYS, act.clone(CHANGE, t.to_user(b'c'))) + after),
        ('sample in a clone', act.clone(act.sample(ALWAYS, CHANGE, t.to_user(b's'))) + after),
        ('change before and in', CHANGE + act.sample(ALWAYS, CHANGE, t.to_user(b's')) + after),
        ('truncated', act.trunc(30) + act.sample(ALWAYS, t.to_user(b's')) + after),
        ('truncates', act.sample(ALWAYS, act.trunc(30), t.to_user(b's'), t.to_user(b't')) + after),
        ('never, last', t.to_user(b'before') + act.sample(0, t.to_user(b's'))),
        ('hash', act.sample(ALWAYS, hash_of(3), t.to_user(b's')) + after),
    ):
        t.execute(UDP, KEY, actions, with_hash(5 | L4_HASH), label=label)


@case('exec/lists/by-flow', 'shared')
def by_flow(t):
    """The same from flows, behind a recirculation; their counters."""
    match = key.recirc_id(0xFFFFFFFF) + key.in_port(0xFFFFFFFF)
    flow_key = key.recirc_id(4) + KEY + key.eth(p.A, p.B) + key.eth_type(0x9000)
    frame = hops(1)['ipv4']
    for label, actions in (
        ('dec_ttl', dec_ttl(t.to_user(b'expired')) + t.to_user(b'alive')),
        ('check_pkt_len', check_pkt_len(50, t.to_user(b'greater'), t.to_user(b'other'))),
        ('hash', hash_of(7) + t.to_user()),
        ('ct_clear', attr(ACTION['ct_clear']) + act.recirc(9)),
        ('meter', attr(ACTION['meter'], u32(5)) + t.to_user()),
    ):
        t.put(flow_key, actions, match, label=f'{label}: flow')
        t.execute(frame, KEY + key.ct_mark(3), act.recirc(4), with_hash(5 | L4_HASH), label=label)
        t.flow_ask(ovsnl.FLOW_GET, attr(ovsnl.FLOW_KEY, flow_key), label=f'{label}: counters')
        t.flush()

# SPDX-License-Identifier: BSD-3-Clause
"""Netlink itself: message headers, batches, flags, acknowledgements, versions."""
import struct

import ovsnl
from ovsnl import (
    ACK,
    CREATE,
    DP_GET,
    DUMP,
    ECHO,
    EXCL,
    FLOW_GET,
    MATCH,
    REQUEST,
    ROOT,
    VPORT_GET,
    attr,
    raw,
    u32,
)
from ovslang import act, key
from packets import A, B
from scene import FAMILIES, case, name_attr, port_no

SOME_KEY = key.in_port(1) + key.eth(A, B) + key.eth_type(0x9000)


def get_dp(t, **more):
    return ovsnl.ovs(t.ids['ovs_datapath'], DP_GET, t.dp, version=2, seq=t.seq(), **more)


@case('transport/control-types')
def control_types(t):
    for kind in range(0, 16):
        t.send(f'type {kind} with ack', raw(kind, b'', REQUEST | ACK, t.seq()))
        t.send(f'type {kind} without ack', raw(kind, b'', REQUEST, t.seq()))


@case('transport/no-request-flag')
def no_request_flag(t):
    t.send('ack only', get_dp(t, flags=ACK))
    t.send('no flag', get_dp(t, flags=0))
    t.send('dump', get_dp(t, flags=DUMP))


@case('transport/unknown-family')
def unknown_family(t):
    for kind in (0x3FE, 0x3FF, 0x400, 0x7FFF, 0xFEFF):
        t.send(f'type {kind:#x}', ovsnl.genl(kind, 1, 1, bytes(8), seq=t.seq()))
        t.send(f'type {kind:#x} dump', ovsnl.genl(kind, 3, 1, bytes(8), REQUEST | DUMP, t.seq()))
        t.send(f'type {kind:#x} no body', raw(kind, b'', seq=t.seq()))


@case('transport/lengths')
def lengths(t):
    whole = get_dp(t)
    for length in (0, 1, 15, len(whole) + 1, len(whole) + 4, 0x7FFFFFFF, 0xFFFFFFFF):
        t.send(f'nlmsg_len {length}', u32(length) + whole[4:])
    for length in (1, 4, 15):
        t.send(f'{length} bytes', whole[:length])
    for family in FAMILIES:
        for length in (16, 17, 19, 20, 21, 23, 24):
            message = ovsnl.ovs(t.ids[family], 3, t.dp, version=1, seq=t.seq())
            t.send(f'{family} cut to {length}', ovsnl.pad(u32(length) + message[4:length]))
    t.send('bytes after the message', get_dp(t) + b'\1\2\3\4\5')
    t.send('unaligned length', u32(len(whole) + 3) + whole[4:] + b'\0\0\0')


@case('transport/empty-datagram')
def empty(t):
    t.send('no byte', b'')


@case('transport/batch')
def batch(t):
    t.send('three', get_dp(t) + get_dp(t) + get_dp(t))
    wrong = ovsnl.ovs(t.ids['ovs_datapath'], 77, t.dp, version=2, seq=t.seq())
    t.send('wrong in the middle', get_dp(t) + wrong + get_dp(t))
    t.send('broken in the middle', get_dp(t) + u32(7) + wrong[4:] + get_dp(t))
    t.send(
        'without acks',
        get_dp(t, flags=REQUEST) + wrong[:6] + b'\1\0' + wrong[8:] + get_dp(t, flags=REQUEST),
    )
    flows = b''
    for number in range(40):
        flow_key = key.in_port(1) + key.eth(A, B) + key.eth_type(0x9000 + number)
        flows += ovsnl.ovs(
            t.ids['ovs_flow'],
            1,
            t.dp,
            attr(1, flow_key),
            attr(2, act.output(2)),
            flags=REQUEST | CREATE,
            seq=t.seq(),
        )
    t.send('forty flows', flows)
    t.dump('ovs_flow', FLOW_GET, label='the flows')
    t.send('the forty flows again', flows)


@case('transport/dump-in-batch')
def dump_in_batch(t):
    dump = ovsnl.ovs(t.ids['ovs_vport'], VPORT_GET, t.dp, flags=REQUEST | DUMP, seq=t.seq())
    t.send('get, then dump', get_dp(t, flags=REQUEST) + dump, dump=True)


@case('transport/two-dumps')
def two_dumps(t):
    """The second one ends while the first one is not read: both are small and done at once."""
    for _ in range(2):
        t.send(
            'dump',
            ovsnl.ovs(t.ids['ovs_vport'], VPORT_GET, t.dp, flags=REQUEST | DUMP, seq=t.seq()),
            dump=True,
        )


@case('transport/headers')
def headers(t):
    message = get_dp(t)
    for pid in (1, 0xFFFFFFFF):
        t.send(f'nlmsg_pid {pid:#x}', message[:12] + u32(pid) + message[16:])
    for seq in (0, 0xFFFFFFFF):
        t.send(f'nlmsg_seq {seq:#x}', message[:8] + u32(seq) + message[12:])
    t.send('reserved bits', message[:18] + b'\xff\xff' + message[20:])
    t.send('reserved bits, unknown command', message[:16] + b'\x63\2\xff\xff' + message[20:])
    t.send(
        'dump flag, unknown command', message[:6] + b'\5\3' + message[8:16] + b'\x63' + message[17:]
    )
    t.send(
        'root flag, unknown command', message[:6] + b'\5\1' + message[8:16] + b'\x63' + message[17:]
    )
    t.send(
        'odd flags, unknown command',
        message[:6] + b'\5\xf8' + message[8:16] + b'\x63' + message[17:],
    )


@case('transport/flags')
def flags(t):
    for bits in (
        REQUEST,
        REQUEST | ECHO,
        REQUEST | ACK | ECHO,
        REQUEST | ACK | ROOT,
        REQUEST | ACK | MATCH,
        REQUEST | ACK | CREATE | 0x800,
        REQUEST | ACK | 0x10,
        REQUEST | ACK | 0x20,
        REQUEST | ACK | 0xF000,
    ):
        t.send(f'dp get, flags {bits:#x}', get_dp(t, flags=bits))
        t.vport_ask(VPORT_GET, port_no(1), flags=bits, label=f'vport get, flags {bits:#x}')


@case('transport/dump-of-what-has-none')
def no_dump(t):
    for family in FAMILIES:
        for cmd in (0, 1, 2, 4, 9):
            t.dump(family, cmd, label=f'{family} command {cmd}')
    t.dump('ovs_packet', 3, label='execute')


@case('transport/unknown-commands')
def unknown_commands(t):
    for family in FAMILIES:
        for cmd in (0, 5, 6, 100, 255):
            t.ask(family, cmd, label=f'{family} command {cmd}')
    for cmd in (1, 2):
        t.ask('ovs_packet', cmd, label=f'packet command {cmd}, which only the datapath sends')


for family in FAMILIES:

    @case(f'transport/versions/{family}')
    def versions(t, family=family):
        body = {'ovs_vport': port_no(1), 'ovs_flow': attr(ovsnl.FLOW_KEY, SOME_KEY)}.get(
            family, b''
        )
        t.put(SOME_KEY)
        for version in (0, 1, 2, 3, 255):
            t.ask(family, 3, body, version=version, label=f'version {version}')


@case('transport/no-datapath', 'bare')
def no_datapath(t):
    for family in FAMILIES:
        for cmd in (1, 2, 3, 4):
            for ifindex in (0, 1, 99999, 0xFFFFFFFF):
                t.send(
                    f'{family} command {cmd} dp {ifindex:#x}',
                    ovsnl.ovs(
                        t.ids[family], cmd, struct.unpack('=i', u32(ifindex))[0], seq=t.seq()
                    ),
                )
        t.dump(family, 3, label=f'{family} dump')


@case('transport/options/cap-ack')
def cap_ack(t):
    with_option(t, ovsnl.CAP_ACK, 'capped')


@case('transport/options/ext-ack')
def ext_ack(t):
    with_option(t, ovsnl.EXT_ACK, 'extended')


@case('transport/options/both')
def both(t):
    t.main.option(ovsnl.CAP_ACK, 1)
    with_option(t, ovsnl.EXT_ACK, 'both')
    t.main.option(ovsnl.CAP_ACK, 0)


def with_option(t, option, word):
    t.main.option(option, 1)
    t.send(f'{word}: success', get_dp(t))
    t.send(f'{word}: unknown command', ovsnl.ovs(t.ids['ovs_datapath'], 77, t.dp, seq=t.seq()))
    t.dp_ask(DP_GET, name_attr('x' * 20), label=f'{word}: policy')
    t.dp_ask(DP_GET, name_attr('none'), label=f'{word}: no such datapath')
    t.dp_ask(DP_GET, name_attr('none'), flags=REQUEST, label=f'{word}: no ack wanted')
    t.dp_ask(4, attr(ovsnl.DP_MASKS_CACHE_SIZE, u32(5000)), label=f'{word}: out of range')
    t.dump('ovs_datapath', DP_GET, label=f'{word}: dump')
    t.dump('ovs_flow', FLOW_GET, dp=99999, label=f'{word}: failing dump')
    t.main.option(option, 0)


@case('transport/other-socket')
def other_socket(t):
    """Replies go to who asked, whoever made the datapath."""
    message = get_dp(t)
    t.send('from up1', message, on='up1')
    t.send('from events', get_dp(t), on='events')
    t.put(SOME_KEY)
    t.send(
        'flow get from up2',
        ovsnl.ovs(t.ids['ovs_flow'], FLOW_GET, t.dp, attr(1, SOME_KEY), seq=t.seq()),
        on='up2',
    )


@case('transport/flow-flags')
def flow_flags(t):
    """NLM_F_* of FLOW NEW, on no flow and on one that is there."""
    for bits in (0, CREATE, EXCL, CREATE | EXCL, 0x100, 0x800, CREATE | 0x800, CREATE | 0x100):
        t.flush()
        for turn in ('new', 'again'):
            t.put(
                SOME_KEY,
                act.output(2) if turn == 'again' else b'',
                flags=REQUEST | ACK | ECHO | bits,
                label=f'{turn}, flags {bits:#x}',
            )
        t.flow_ask(FLOW_GET, attr(ovsnl.FLOW_KEY, SOME_KEY), label='what is there')

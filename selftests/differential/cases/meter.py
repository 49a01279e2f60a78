# SPDX-License-Identifier: BSD-3-Clause
"""Meters: every attribute of every command; what packets leave of a bucket."""
import socket
import struct
import time

import ovsnl
from ovsnl import (
    ACK,
    BAND_BURST,
    BAND_DROP,
    BAND_RATE,
    BAND_STATS,
    BAND_TYPE,
    DUMP,
    ECHO,
    METER_BANDS,
    METER_CLEAR,
    METER_DEL,
    METER_FEATURES,
    METER_GET,
    METER_ID,
    METER_KBPS,
    METER_MAX_BANDS,
    METER_MAX_METERS,
    METER_SET,
    METER_STATS,
    METER_USED,
    REQUEST,
    attr,
    nest,
    u32,
    u64,
)
from ovslang import ACTION, key
import packets as p
from scene import case

FRAME = p.eth(0x800, p.ipv4(p.UDP, p.udp(payload=bytes(18))))
KEY = key.in_port(1)


def meter_id(number=1):
    return attr(METER_ID, u32(number))


def band(rate=1000, burst=100, kind=BAND_DROP, *more, number=0):
    return nest(
        number,
        attr(BAND_TYPE, u32(kind)),
        attr(BAND_RATE, u32(rate)),
        attr(BAND_BURST, u32(burst)),
        *more,
    )


def bands(*found):
    return nest(METER_BANDS, *(found or (band(),)))


def ask(t, label, cmd, *attributes, **more):
    return t.ask('ovs_meter', cmd, *attributes, label=label, **more)


def put(t, label, number=1, *attributes, meter_bands=None, **more):
    return ask(t, label, METER_SET, meter_id(number), meter_bands or bands(), *attributes, **more)


def get(t, label='get', number=1, **more):
    return ask(t, label, METER_GET, meter_id(number), **more)


def delete(t, label='delete', number=1, **more):
    return ask(t, label, METER_DEL, meter_id(number), **more)


def stats(packets, octets):
    return struct.pack('=QQ', packets, octets)


def clear(t, *numbers):
    for number in numbers or (1,):
        delete(t, f'clear {number}', number)


@case('meter/features')
def features(t):
    for flags in (REQUEST, REQUEST | ACK, REQUEST | ACK | ECHO):
        ask(t, f'flags {flags:#x}', METER_FEATURES, flags=flags)
    ask(t, 'with attributes', METER_FEATURES, meter_id(), bands(band(0)))
    ask(t, 'bad id', METER_FEATURES, attr(METER_ID, b'ab'))
    for version in (0, 1, 2, 255):
        ask(t, f'version {version}', METER_FEATURES, version=version)
    for flags in (REQUEST | ACK | DUMP, REQUEST | ACK | 0x400, REQUEST | ACK | 0x800):
        ask(t, f'flags {flags:#x}', METER_FEATURES, flags=flags, dump=bool(flags & DUMP))


@case('meter/no-datapath', 'bare')
def no_datapath(t):
    for cmd in (METER_FEATURES, METER_SET, METER_DEL, METER_GET):
        for dp in (0, 1, 999999, -1):
            ask(t, f'command {cmd} of {dp}', cmd, meter_id(), bands(), dp=dp)
        ask(t, f'command {cmd} without id', cmd, bands())
        ask(t, f'command {cmd} with bad bands', cmd, meter_id(), bands(band(0)))


@case('meter/any-internal-port')
def any_internal_port(t):
    """Datapaths are named by any of their internal ports."""
    dp = socket.if_nametoindex('int2')
    put(t, 'set', dp=dp)
    get(t, dp=dp)
    ask(t, 'features', METER_FEATURES, dp=dp)
    delete(t, dp=dp)


@case('meter/commands')
def commands(t):
    for cmd in (0, 5, 6, 99, 255):
        ask(t, f'command {cmd}', cmd, meter_id(), bands())
    for cmd in (METER_SET, METER_DEL, METER_GET):
        ask(t, f'dump of {cmd}', cmd, meter_id(), bands(), flags=REQUEST | ACK | DUMP, dump=True)


@case('meter/life')
def life(t):
    get(t, 'get before')
    delete(t, 'delete before')
    put(t, 'set')
    get(t)
    put(t, 'set again')
    put(t, 'set with echo', flags=REQUEST | ACK | ECHO)
    put(t, 'set without acknowledgement', flags=REQUEST)
    get(t, 'get without acknowledgement', flags=REQUEST)
    get(t, 'get with echo', flags=REQUEST | ACK | ECHO)
    delete(t, 'delete with echo', flags=REQUEST | ACK | ECHO)
    delete(t, 'delete again')
    get(t, 'get after')


@case('meter/ids')
def ids(t):
    numbers = (0, 1, 2, 1023, 1022, 0xFFFFFFFF, 0x7FFFFFFF)
    for number in numbers:
        put(t, f'set {number:#x}', number)
    for number in numbers:
        get(t, f'get {number:#x}', number)
    for number in numbers:
        delete(t, f'delete {number:#x}', number)
        get(t, f'get deleted {number:#x}', number)


@case('meter/id-probe')
def id_probe(t):
    """What Open vSwitch does to see whether meters can be used."""
    pair = (54545401, 54545402)
    for number in pair:
        put(t, f'set {number}', number, attr(METER_KBPS), meter_bands=bands(band(1, 0)))
    for number in pair:
        get(t, f'get {number}', number)
    for number in pair:
        delete(t, f'delete {number}', number)


@case('meter/id-collision')
def id_collision(t):
    """Ids that are the same below some power of two."""
    numbers = (5, 5 + 1024, 5 + 65536)
    for number in numbers:
        put(t, f'set {number}', number)
    for number in numbers:
        get(t, f'get {number}', number)
    clear(t, *numbers)


@case('meter/id-lengths')
def id_lengths(t):
    for length in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9):
        for cmd in (METER_SET, METER_GET, METER_DEL):
            number = attr(METER_ID, (u32(7) + b'\xff' * 8)[:length])
            ask(t, f'command {cmd}, {length} bytes', cmd, number, bands())
    for cmd in (METER_SET, METER_GET, METER_DEL):
        ask(t, f'command {cmd} without', cmd, bands())
        ask(t, f'command {cmd} twice', cmd, meter_id(3), meter_id(4), bands())
    clear(t, 3, 4, 7)


@case('meter/many')
def many(t):
    """More than the table holds at first."""
    for number in range(1500):
        t.main.request('ovs_meter', METER_SET, t.dp, meter_id(number), bands())
    for number in (0, 1, 750, 1498, 1499, 1500):
        get(t, f'get {number}', number)
    for number in range(1500):
        t.main.request('ovs_meter', METER_DEL, t.dp, meter_id(number))
    for number in (0, 750, 1499):
        get(t, f'get {number} afterwards', number)


@case('meter/lengths')
def lengths(t):
    """Each attribute of SET at every length."""
    for kind, longest in (
        (METER_KBPS, 5),
        (METER_STATS, 20),
        (METER_USED, 12),
        (METER_CLEAR, 5),
        (METER_MAX_METERS, 8),
        (METER_MAX_BANDS, 8),
        (9, 8),
        (10, 8),
        (0, 4),
    ):
        for length in range(longest + 1):
            put(t, f'attribute {kind}, {length} bytes', 1, attr(kind, b'\5' * length))
            get(t)
            delete(t)


@case('meter/clear')
def clear_flag(t):
    """CLEAR: this meter's statistics are not told by the SET that replaces it."""
    start = attr(METER_STATS, stats(7, 700))
    for first in ((), (start,), (attr(METER_CLEAR),), (attr(METER_CLEAR), start)):
        for second in ((), (attr(METER_CLEAR),), (start,)):
            put(t, f'set, {len(first)} more', 1, *first)
            get(t)
            put(t, f'set, {len(second)} more', 1, *second)
            get(t)
            delete(t)


@case('meter/used')
def used(t):
    put(t, 'with a time', 1, attr(METER_USED, u64(12345)))
    get(t)
    delete(t)


@case('meter/bands/number')
def bands_number(t):
    ask(t, 'none', METER_SET, meter_id())
    get(t)
    for count in range(4):
        ask(t, f'{count} bands', METER_SET, meter_id(), nest(METER_BANDS, *[band()] * count))
        get(t)
        delete(t)
    put(t, 'bands twice', 1, bands(band(5)))
    get(t)
    delete(t)
    ask(t, 'nested flag', METER_SET, meter_id(), nest(METER_BANDS, band(), flag=True))
    delete(t)
    for number in (0, 1, 2, 99, 0x8001):
        put(t, f'band of type {number:#x}', meter_bands=bands(band(number=number)))
        get(t)
        delete(t)


@case('meter/bands/types')
def bands_types(t):
    for kind in (0, 1, 2, 3, 0xFFFFFFFF):
        put(t, f'type {kind}', meter_bands=bands(band(kind=kind)))
        get(t)
        delete(t)


@case('meter/bands/rates')
def bands_rates(t):
    for rate in (0, 1, 1000, 0x7FFFFFFF, 0xFFFFFFFF):
        for burst in (0, 1, 1000, 4294967, 4294968, 0xFFFFFFFF):
            for kbps in ((), (attr(METER_KBPS),)):
                put(t, f'{rate} {burst}', 1, *kbps, meter_bands=bands(band(rate, burst)))
        get(t, f'get of {rate}')
        delete(t)


@case('meter/bands/missing')
def bands_missing(t):
    whole = {BAND_TYPE: u32(1), BAND_RATE: u32(10), BAND_BURST: u32(10)}
    for chosen in range(8):
        kinds = [kind for bit, kind in enumerate(whole) if chosen >> bit & 1]
        one = nest(0, *(attr(kind, whole[kind]) for kind in kinds))
        put(t, f'with {kinds}', meter_bands=bands(one))
        get(t)
        delete(t)


@case('meter/bands/lengths')
def bands_lengths(t):
    """Each attribute of a band at every length; of two the last one counts."""
    for kind in (BAND_TYPE, BAND_RATE, BAND_BURST):
        for length in range(10):
            extra = attr(kind, b'\1' * length)
            put(t, f'{kind}, {length} bytes', meter_bands=bands(band(10, 10, 1, extra)))
            get(t)
            delete(t)
    for kind, longest in ((BAND_STATS, 18), (5, 5), (0, 5)):
        for length in range(longest):
            extra = attr(kind, b'\1' * length)
            put(t, f'{kind}, {length} bytes', meter_bands=bands(band(10, 10, 1, extra)))
            get(t)
            delete(t)
    put(t, 'rate 0 behind', meter_bands=bands(band(10, 10, 1, attr(BAND_RATE, u32(0)))))
    put(t, 'rate 0 before', meter_bands=bands(band(0, 10, 1, attr(BAND_RATE, u32(5)))))
    get(t)
    delete(t)


@case('meter/bands/malformed')
def bands_malformed(t):
    for length in range(0, 9):
        whole = attr(METER_BANDS, b'\1\0\0\0\1\0\0\0'[:length])
        ask(t, f'bands of {length} bytes', METER_SET, meter_id(), whole)
        get(t)
        delete(t)
    inner = attr(BAND_TYPE, u32(1)) + attr(BAND_RATE, u32(1)) + attr(BAND_BURST, u32(1))
    for length in (0, 3, 4, 8, 27, 28, 29, 31, 32, 60):
        whole = nest(METER_BANDS, attr(0, inner, length))
        ask(t, f'band that says {length} bytes', METER_SET, meter_id(), whole)
        get(t)
        delete(t)
    for left in range(1, 5):
        whole = nest(METER_BANDS, band() + b'\7' * left)
        ask(t, f'{left} bytes behind the band', METER_SET, meter_id(), whole)
        get(t)
        delete(t)


@case('meter/failed-set')
def failed_set(t):
    """A SET that is refused leaves the meter as it was."""
    put(t, 'set', 1, attr(METER_STATS, stats(3, 300)))
    put(t, 'refused', 1, meter_bands=bands(band(0)))
    put(t, 'refused too', 1, attr(METER_KBPS, b'x'))
    get(t)
    delete(t)


@case('meter/permission')
def permission(t):
    put(t, 'set')
    requests = [
        (
            f'command {cmd}',
            ovsnl.ovs(
                t.ids['ovs_meter'], cmd, t.dp, meter_id(), bands(), flags=REQUEST | ACK, seq=cmd
            ),
        )
        for cmd in (METER_FEATURES, METER_SET, METER_DEL, METER_GET)
    ]
    t.unprivileged(requests)
    delete(t)


@case('meter/datapath-goes', 'fresh')
def datapath_goes(t):
    """Meters end with their datapath."""
    put(t, 'set')
    t.dp_ask(ovsnl.DP_DEL, label='delete the datapath')
    get(t)
    t.dp = t.main.dp_new('dp0').ifindex
    t.learn_devices()
    get(t, 'get in a new datapath')


# Packets. Rates are slow, so that no token comes while a train passes: at most one packet or
# 125 bytes a second, or a train is over long before the bucket is empty.


def metered(*numbers):
    return b''.join(attr(ACTION['meter'], u32(number)) for number in numbers)


def train(t, length, actions, packet=FRAME, label='packet'):
    for number in range(length):
        t.execute(packet, KEY, actions + t.to_user(bytes([number])), label=f'{label} {number}')


@case('meter/train/packets')
def train_packets(t):
    for burst in (0, 1, 3, 100):
        put(t, f'burst {burst}', meter_bands=bands(band(1, burst)))
        train(t, 6, metered(1))
        get(t)
        delete(t)


@case('meter/train/bits')
def train_bits(t):
    """A kilobit is 125 bytes, whatever a packet's length."""
    for burst, size in ((1, 60), (1, 125), (1, 126), (2, 60), (8, 300), (100, 1514)):
        put(t, f'burst {burst}', 1, attr(METER_KBPS), meter_bands=bands(band(1, burst)))
        train(t, 7, metered(1), FRAME + bytes(size - len(FRAME)), f'{size} bytes')
        get(t)
        delete(t)


@case('meter/train/no-band')
def train_no_band(t):
    put(t, 'no band', meter_bands=nest(METER_BANDS))
    train(t, 3, metered(1))
    get(t)
    delete(t)


@case('meter/train/other-type')
def train_other_type(t):
    """A band that isn't one to drop counts only."""
    for kind in (0, 2):
        put(t, f'type {kind}', meter_bands=bands(band(1, 1, kind)))
        train(t, 4, metered(1))
        get(t)
        delete(t)


@case('meter/train/no-meter')
def train_no_meter(t):
    train(t, 2, metered(77))
    put(t, 'another', 78, meter_bands=bands(band(1, 0)))
    train(t, 2, metered(77))
    delete(t, number=78)


@case('meter/train/two')
def train_two(t):
    """What the first one lets pass is charged to the second; twice the same is charged twice."""
    put(t, 'first', 1, meter_bands=bands(band(1, 4)))
    put(t, 'second', 2, meter_bands=bands(band(1, 2)))
    train(t, 6, metered(1, 2))
    get(t, number=1)
    get(t, number=2)
    put(t, 'first again', 1, meter_bands=bands(band(1, 4)))
    train(t, 4, metered(1, 1))
    get(t, number=1)
    clear(t, 1, 2)


@case('meter/train/statistics')
def train_statistics(t):
    """Counting goes on from what SET gave; a SET without CLEAR tells what its predecessor had."""
    put(t, 'set', 1, attr(METER_STATS, stats(5, 500)), meter_bands=bands(band(1, 2)))
    train(t, 3, metered(1))
    get(t)
    put(t, 'set again', meter_bands=bands(band(1, 2)))
    train(t, 1, metered(1))
    put(t, 'set with CLEAR', 1, attr(METER_CLEAR), meter_bands=bands(band(1, 2)))
    train(t, 3, metered(1))
    get(t)
    put(t, 'set after CLEAR')
    delete(t)


@case('meter/train/lengths')
def train_lengths(t):
    """Bytes are the whole packet's, even if it was to be cut."""
    put(t, 'set', meter_bands=bands(band(1, 100)))
    for size in (42, 60, 61, 1000, 1514, 9000):
        packet = FRAME + bytes(max(0, size - len(FRAME)))
        train(t, 1, metered(1), packet, f'{size} bytes')
        train(t, 1, attr(ACTION['trunc'], u32(20)) + metered(1), packet, f'{size} bytes, cut')
        get(t)
    delete(t)


@case('meter/train/nested')
def train_nested(t):
    """A meter within a list ends that list."""
    put(t, 'set', meter_bands=bands(band(1, 1)))
    inner = attr(ACTION['clone'], metered(1) + t.to_user(b'inner'))
    train(t, 3, inner)
    get(t)
    delete(t)


@case('meter/train/refill')
def train_refill(t):
    """Two seconds fill a bucket that two seconds of its rate fill, and nothing overfills it."""
    for rate, burst in ((1, 2), (1000, 3)):
        put(t, f'rate {rate}', meter_bands=bands(band(rate, burst)))
        if rate == 1:
            train(t, 4, metered(1))
        time.sleep(2.2)
        train(t, 1, metered(1))
        get(t)
        delete(t)


@case('meter/flow')
def flow(t):
    """Flows name a meter that may come and go."""
    wanted = key.in_port(1) + key.eth(p.A, p.B) + key.eth_type(0x9000)
    t.put(wanted, metered(5) + t.to_user())
    put(t, 'set', 5)
    delete(t, number=5)
    t.put(wanted, metered(6))
    t.dump('ovs_flow', ovsnl.FLOW_GET)

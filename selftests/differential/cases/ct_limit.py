# SPDX-License-Identifier: BSD-3-Clause
"""Limits of connections by zone: the raw array in its attribute, at every length, with any zone.

Limits belong to the namespace: each case leaves none behind.
"""
import struct

import ovsnl
from ovsnl import (
    ACK,
    CT_LIMIT_DEL,
    CT_LIMIT_GET,
    CT_LIMIT_SET,
    CT_LIMIT_ZONE_LIMIT,
    DEFAULT_ZONE,
    DUMP,
    ECHO,
    REQUEST,
    attr,
)
from scene import case

ZONES = (0, 1, 2, 5, 255, 256, 511)


def entry(zone, limit=0, count=0):
    return struct.pack('=iII', zone, limit, count)


def limits(*entries):
    return attr(CT_LIMIT_ZONE_LIMIT, b''.join(entries))


def ask(t, label, cmd, *attributes, **more):
    return t.ask('ovs_ct_limit', cmd, *attributes, label=label, **more)


def put(t, label, *entries, **more):
    return ask(t, label, CT_LIMIT_SET, limits(*entries), **more)


def delete(t, label, *entries, **more):
    return ask(t, label, CT_LIMIT_DEL, limits(*entries), **more)


def get(t, label, *entries, **more):
    return ask(t, label, CT_LIMIT_GET, limits(*entries), **more)


def get_all(t, label='get all'):
    return ask(t, label, CT_LIMIT_GET)


def clear(t, *zones):
    delete(t, 'clear', *(entry(zone) for zone in (DEFAULT_ZONE, *(zones or ZONES))))


@case('ct_limit/life')
def life(t):
    get_all(t, 'get before')
    get(t, 'get of zones before', entry(0), entry(7), entry(DEFAULT_ZONE))
    put(t, 'set', entry(1, 10), entry(2, 20))
    get_all(t)
    get(t, 'get of zones', entry(2), entry(1), entry(3), entry(1))
    put(t, 'set again', entry(1, 11, 99))
    get_all(t)
    put(t, 'set of the default', entry(DEFAULT_ZONE, 5))
    get(t, 'get of zones', entry(DEFAULT_ZONE), entry(1), entry(3))
    get_all(t)
    put(t, 'unlimited', entry(1, 0))
    get(t, 'get of zones', entry(1), entry(3))
    delete(t, 'delete', entry(1))
    get_all(t)
    get(t, 'get of zones', entry(1))
    delete(t, 'delete again', entry(1), entry(9))
    delete(t, 'delete the default', entry(DEFAULT_ZONE, 77))
    get_all(t)
    delete(t, 'delete the last', entry(2))
    get_all(t)


@case('ct_limit/flags')
def flags(t):
    for name, cmd in (('set', CT_LIMIT_SET), ('get', CT_LIMIT_GET), ('delete', CT_LIMIT_DEL)):
        for bits in (REQUEST, REQUEST | ACK, REQUEST | ACK | ECHO, REQUEST | ECHO):
            ask(t, f'{name} {bits:#x}', cmd, limits(entry(5, 6)), flags=bits)
        for bits in (REQUEST | ACK | DUMP, REQUEST | ACK | 0x400):
            ask(t, f'{name} {bits:#x}', cmd, flags=bits, dump=bits & DUMP == DUMP)
        for version in (0, 1, 2, 255):
            ask(t, f'{name} version {version}', cmd, limits(entry(5, 6)), version=version)
    for cmd in (0, 4, 5, 255):
        ask(t, f'command {cmd}', cmd, limits(entry(5, 6)))
    clear(t)


@case('ct_limit/datapaths')
def datapaths(t):
    """Which datapath a request names is of no account."""
    for dp in (0, 1, -1, 999999):
        put(t, f'set in {dp}', entry(5, 50), dp=dp)
        get(t, f'get in {dp}', entry(5), dp=dp)
        ask(t, f'get all in {dp}', CT_LIMIT_GET, dp=dp)
        delete(t, f'delete in {dp}', entry(5), dp=dp)


@case('ct_limit/no-datapath', 'bare')
def no_datapath(t):
    put(t, 'set', entry(5, 50))
    get_all(t)
    clear(t)


@case('ct_limit/zones')
def zones(t):
    for zone in (*ZONES, DEFAULT_ZONE, 65535, 65536, -2, -65536, 0x7FFFFFFF, -0x80000000):
        put(t, f'set {zone}', entry(zone, 100))
        get(t, f'get {zone}', entry(zone))
        get_all(t, f'get all with {zone}')
        delete(t, f'delete {zone}', entry(zone))
    get_all(t)
    put(t, 'some that are none', entry(-2, 1), entry(1, 1), entry(65536, 2), entry(2, 2))
    get(t, 'some that are none', entry(-2), entry(1), entry(65536), entry(2))
    delete(t, 'some that are none', entry(-2), entry(1), entry(65536), entry(2))
    get_all(t)


@case('ct_limit/values')
def values(t):
    for limit in (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF):
        for zone in (DEFAULT_ZONE, 0):
            put(t, f'set {limit}', entry(zone, limit, 0xFFFFFFFF))
            get_all(t)
    clear(t)


@case('ct_limit/lengths')
def lengths(t):
    whole = entry(1, 10, 0) + entry(2, 20, 0) + entry(5, 50, 0)
    for length in range(len(whole) + 1):
        for name, cmd in (('set', CT_LIMIT_SET), ('get', CT_LIMIT_GET), ('delete', CT_LIMIT_DEL)):
            ask(t, f'{name} {length} bytes', cmd, attr(CT_LIMIT_ZONE_LIMIT, whole[:length]))
            get_all(t)


@case('ct_limit/attributes')
def attributes(t):
    for name, cmd in (('set', CT_LIMIT_SET), ('get', CT_LIMIT_GET), ('delete', CT_LIMIT_DEL)):
        ask(t, f'{name} without', cmd)
        ask(t, f'{name} twice', cmd, limits(entry(1, 1)), limits(entry(2, 2)))
        get_all(t)
        ask(t, f'{name} nested', cmd, attr(CT_LIMIT_ZONE_LIMIT | 0x8000, entry(1, 3)))
        ask(t, f'{name} unknown', cmd, attr(2, b'abcd'), limits(entry(1, 4)))
        ask(t, f'{name} type 0', cmd, attr(0, b'abcd'), limits(entry(1, 5)))
        for length in (0, 3, 4, 15, 17, 400):
            odd = attr(CT_LIMIT_ZONE_LIMIT, entry(1, 6), length)
            ask(t, f'{name} that says {length} bytes', cmd, odd)
        get_all(t)
    clear(t)


@case('ct_limit/many')
def many(t):
    chosen = range(0, 500, 2)
    put(t, 'set', *(entry(zone, zone + 1) for zone in chosen))
    get_all(t)
    get(t, 'get of zones', *(entry(zone) for zone in range(250)))
    clear(t, *chosen)
    get_all(t)


@case('ct_limit/thousands')
def thousands(t):
    """More than fit the stock module's answer."""
    for zone in range(0, 65536, 64):
        t.main.request('ovs_ct_limit', CT_LIMIT_SET, 0, limits(entry(zone, zone)))
    get_all(t)
    get(t, 'get of zones', *(entry(zone) for zone in range(0, 65536, 64)))
    clear(t, *range(0, 65536, 64))
    get_all(t)


@case('ct_limit/order')
def order(t):
    """Zones beyond the stock module's hash buckets."""
    put(t, 'set', *(entry(zone, 9) for zone in (700, 100, 65535, 512, 0, 1024)))
    get_all(t)
    clear(t, 700, 100, 65535, 512, 0, 1024)


@case('ct_limit/permission')
def permission(t):
    requests = [
        (
            f'command {cmd}',
            ovsnl.ovs(
                t.ids['ovs_ct_limit'],
                cmd,
                t.dp,
                limits(entry(5, 5)),
                flags=REQUEST | ACK,
                seq=cmd,
            ),
        )
        for cmd in (CT_LIMIT_SET, CT_LIMIT_DEL, CT_LIMIT_GET)
    ]
    t.unprivileged(requests)
    get_all(t)

# SPDX-License-Identifier: BSD-3-Clause
"""Clients of 09_move.sh: datapaths that hold something of everything, and telling what they hold."""
import json
import random
import re
import resource
import struct
import subprocess
import sys
import zlib

import ovsnl
from grammar import action_list, flow_key, flow_mask
from mutate import encode
from ovslang import act, key
from ovsnl import NlError, Socket, attr, nest, u32
from testbed import expect, expect_true, main, shown

SAID = {ovsnl.FLOW_UFID: 'ufid', ovsnl.FLOW_KEY: 'key', ovsnl.FLOW_MASK: 'mask', ovsnl.FLOW_ACTIONS: 'actions'}
METERS = {0: (True, 1000, 10), 7: (False, 50, 5), 1023: (True, 1, 0), 3000: (False, 4000000000, 1)}


def found():
    sock = Socket(timeout=60)
    return sock, sock.dp_get('dp').ifindex


def limit_request(command, *limits):
    sock, index = found()
    entries = b''.join(struct.pack('=iII', zone, value, 0) for zone, value in limits)
    sock.request('ovs_ct_limit', command, index, attr(ovsnl.CT_LIMIT_ZONE_LIMIT, entries))


def make(*devices):
    """The datapath, its ports with gaps between their numbers, and one limit."""
    sock = Socket()
    index = sock.dp_new('dp', ovsnl.F_UNALIGNED | ovsnl.F_VPORT_PIDS).ifindex
    sock.dp_set(index, ovsnl.F_UNALIGNED | ovsnl.F_VPORT_PIDS, attr(ovsnl.DP_MASKS_CACHE_SIZE, u32(512)))
    for number, name in enumerate(devices, 1):
        sock.vport_new(index, name, number=number)
    sock.vport_new(index, 'inside', ovsnl.INTERNAL, number=77)
    limit_request(ovsnl.CT_LIMIT_SET, (5, 50))


def remove():
    sock, index = found()
    sock.dp_del(index)


def no_limits():
    """Limits are the namespace's, not the datapath's: they stay."""
    limit_request(ovsnl.CT_LIMIT_DEL, (5, 0))


def no_limits_anywhere():
    """The same where the datapath has gone."""
    with Socket() as sock:
        index = sock.dp_new('dp2').ifindex
        entries = struct.pack('=iII', 5, 0, 0)
        sock.request('ovs_ct_limit', ovsnl.CT_LIMIT_DEL, index, attr(ovsnl.CT_LIMIT_ZONE_LIMIT, entries))
        sock.dp_del(index)


def band(rate, burst):
    return nest(0, attr(ovsnl.BAND_TYPE, u32(ovsnl.BAND_DROP)), attr(ovsnl.BAND_RATE, u32(rate)),
                attr(ovsnl.BAND_BURST, u32(burst)))


def add_meters(sock, index):
    for number, (kbps, rate, burst) in METERS.items():
        sock.request('ovs_meter', ovsnl.METER_SET, index, attr(ovsnl.METER_ID, u32(number)),
                     *[attr(ovsnl.METER_KBPS)] * kbps, nest(ovsnl.METER_BANDS, band(rate, burst)))


def said_again(sock, index, ufid):
    """Does the datapath take the flow in the words in which it tells it? A flow with a UFID is told by
    its masked key: a protocol, address or label that the mask takes away may be one that a key needs.
    """
    said = dict(sock.flow_get(index, ufid=ufid).attributes)
    sock.flow_del(index, ufid=ufid)
    try:
        sock.flow_new(index, said[ovsnl.FLOW_KEY], said[ovsnl.FLOW_ACTIONS], said[ovsnl.FLOW_MASK], ufid)
    except NlError:
        return False
    return True


def speak(seed, count):
    """`count` flows of all that the language can say, and meters."""
    rng = random.Random(f'move/{seed}')
    rng.pids = ()
    sock, index = found()
    add_meters(sock, index)
    taken, kinds, actions, named, unsayable = 0, set(), set(), 0, 0
    for number in range(100 * int(count)):
        tree, state = flow_key(rng)
        mask = encode(flow_mask(rng, tree)) if rng.random() < 0.5 else None
        ufid = random.Random(number).randbytes(rng.choice((1, 15, 16))) if rng.random() < 0.5 else None
        todo = action_list(rng, state)
        try:
            sock.flow_new(index, encode(tree), encode(todo), mask, **({'ufid': ufid} if ufid else {}))
        except NlError:
            continue
        if ufid and not said_again(sock, index, ufid):
            unsayable += 1
            continue
        taken += 1
        named += ufid is not None
        kinds |= {node.kind for node in tree}
        actions |= {node.kind for node in todo}
        if taken == int(count):
            break
    # A narrow flow within a wide one: the wide one first, and the narrow one is refused.
    for third, bits in (('10.9.8.0', b'\xff\xff\xff\0'), ('10.9.8.7', b'\xff' * 4)):
        taken += narrow(sock, index, third, bits)
    expect_true(taken >= int(count), f'{taken} flows of {count} were taken')
    expect_true(unsayable < named / 4 and named < taken, f'{named} UFIDs, {unsayable} others')
    print(f'{taken} flows, {named} with UFIDs, keys {sorted(kinds)}, actions {sorted(actions)}')
    expect_true(int(count) < 500 or len(kinds) >= 24 and len(actions) >= 18, 'the language is not whole')


def narrow(sock, index, address, bits):
    zero = key.eth(bytes(6), bytes(6))
    try:
        sock.flow_new(index, key.in_port(4242) + zero + key.eth_type(0x800) + key.ipv4('0.0.0.0', address, 99),
                      act.output(1),
                      key.in_port(0xffffffff) + zero + key.eth_type(0xffff) + key.ipv4(bytes(4), bits, 255, 0, 0, 0))
    except NlError:
        return 0
    return 1


def many(count):
    """As many flows with one mask; each has another address."""
    sock, index = found()
    zero, batch = key.eth(bytes(6), bytes(6)), []
    mask = key.in_port(0xffffffff) + zero + key.eth_type(0xffff) + key.ipv4(b'\xff' * 4, bytes(4), 255, 0, 0)
    family = sock.family('ovs_flow').id
    for number in range(int(count)):
        address = struct.pack('!I', 0x0a000000 + number)
        wanted = key.in_port(1) + zero + key.eth_type(0x800) + key.ipv4(address, bytes(4), 99)
        batch.append(ovsnl.ovs(family, ovsnl.FLOW_NEW, index, attr(ovsnl.FLOW_KEY, wanted),
                               attr(ovsnl.FLOW_MASK, mask), attr(ovsnl.FLOW_ACTIONS, act.output(2)),
                               flags=ovsnl.REQUEST))
        if len(batch) == 100:
            sock.send(b''.join(batch))
            batch = []
    if batch:
        sock.send(b''.join(batch))
    expect([message.error for message in sock.receive(0)], [], 'refusals')
    expect(len(sock.dump('ovs_flow', ovsnl.FLOW_GET, index, attr(ovsnl.FLOW_UFID_FLAGS, u32(7)))), int(count), 'flows')


def long_lists():
    """Lists of actions longer than a part of a dump."""
    sock, index = found()
    for number, length in enumerate((10, 3900, 7000)):
        for ufid in (None, bytes([number]) * 16):
            wanted = key.in_port(number + 10 * (ufid is None)) + key.eth(bytes(6), bytes(6)) + key.eth_type(0x9000)
            actions = b''.join(act.output(n % 50 + 1) for n in range(length))
            sock.flow_new(index, wanted, actions, **({'ufid': ufid} if ufid else {}))


def meter_lines(sock, index):
    for number in METERS:
        try:
            message = sock.request('ovs_meter', ovsnl.METER_GET, index, attr(ovsnl.METER_ID, u32(number)),
                                   attr(ovsnl.METER_BANDS))[0]
        except NlError:
            continue
        bands = [[(kind, shown(value)) for kind, value in ovsnl.parse(one) if kind != ovsnl.BAND_STATS]
                 for _, one in ovsnl.parse(message.get(ovsnl.METER_BANDS))]
        yield f'meter {number} {message.get(ovsnl.METER_KBPS) is not None} {bands}'


def tell(path):
    """Everything that a datapath holds and that can be carried, a line each."""
    sock, index = found()
    dp = sock.dp_get('dp')
    lines = [f'dp {dp.text(ovsnl.DP_NAME)} {dp.number(ovsnl.DP_USER_FEATURES)} {dp.number(ovsnl.DP_MASKS_CACHE_SIZE)}']
    for message in sock.dump('ovs_vport', ovsnl.VPORT_GET, index):
        lines.append(f'port {message.number(ovsnl.VPORT_PORT_NO)} {message.number(ovsnl.VPORT_TYPE)} '
                     f'{shown(message.get(ovsnl.VPORT_OPTIONS, b""))} {message.text(ovsnl.VPORT_NAME)}')
    for message in sock.request('ovs_ct_limit', ovsnl.CT_LIMIT_GET, index):
        data = message.get(ovsnl.CT_LIMIT_ZONE_LIMIT)
        lines += [f'limit {zone} {value}' for zone, value, _ in struct.iter_unpack('=iII', data)]
    lines += meter_lines(sock, index)
    for message in sock.dump('ovs_flow', ovsnl.FLOW_GET, index):
        said = {SAID[kind]: value for kind, value in message.attributes if kind in SAID}
        if 'actions' not in said:
            name = 'ufid' if 'ufid' in said else 'key'
            which = attr(ovsnl.FLOW_UFID if name == 'ufid' else ovsnl.FLOW_KEY, said[name])
            said['actions'] = sock.request('ovs_flow', ovsnl.FLOW_GET, index, which)[0].get(ovsnl.FLOW_ACTIONS)
        lines.append('flow ' + ' '.join(f'{name}={shown(value)}' for name, value in sorted(said.items())))
    with open(path, 'w', encoding='ascii') as out:
        out.write('\n'.join(sorted(lines)) + '\n')


def measured(megabytes, *command):
    """Runs a command that may use so much memory at most."""
    subprocess.run(command, check=True, timeout=200)
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f'{used} MB at most')
    expect_true(used <= int(megabytes), f'{used} MB were used, {megabytes} are allowed')


# Damaged files


def sealed(lines):
    """The lines with a checksum that is right."""
    body = b''.join(line + b'\n' for line in lines[:-1])
    end = json.loads(lines[-1])
    end['end']['crc32'] = zlib.crc32(body)
    return body + json.dumps(end).encode() + b'\n'


def edited(lines, number, change):
    """The file with line `number`, as an object, changed; the checksum fits."""
    record = json.loads(lines[number])
    change(record)
    return sealed(lines[:number] + [json.dumps(record).encode()] + lines[number + 1:])


def index_of(lines, kind):
    return next(number for number, line in enumerate(lines) if line.startswith(b'{"' + kind))


def damages(data):
    """[(what was done, the file, what must be said)]"""
    lines = data.split(b'\n')[:-1]
    flow, port, meter = (index_of(lines, kind) for kind in (b'flow', b'port', b'limit'))
    end = len(lines) - 1

    def flow_is(**members):
        return edited(lines, flow, lambda record: record['flow'].update(members))

    yield 'empty', b'', 'line 0: .*the rest is missing'
    yield 'cut off behind a line', b'\n'.join(lines[:-1]) + b'\n', 'the rest is missing'
    yield 'cut off within a line', data[:-20], 'breaks off'
    yield 'a byte 0', data[:300] + b'\0' + data[301:], 'breaks off or has a byte 0'
    yield 'another digit', data.replace(b'"key":"0', b'"key":"1', 1), '(attributes|checksum)'
    yield 'a line less', b'\n'.join(lines[:flow] + lines[flow + 1:]) + b'\n', f'line {end}: the file should have'
    yield 'lines behind the end', data + lines[flow] + b'\n', f'line {end + 2}: stands behind the end'
    yield 'not JSON', sealed(lines[:flow] + [b'{"flow": {'] + lines[flow + 1:]), f'line {flow + 1}: column'
    yield 'a list', sealed(lines[:flow] + [b'[]'] + lines[flow + 1:]), f'line {flow + 1}: is not an object'
    yield 'deeply nested', sealed(lines[:flow] + [b'[' * 100000] + lines[flow + 1:]), f'line {flow + 1}: column'
    yield 'a long line', sealed(lines[:flow] + [b'"' + b'x' * 2000000 + b'"'] + lines[flow + 1:]), 'too long'
    yield 'an unknown record', sealed(lines[:flow] + [b'{"moon": 1}'] + lines[flow:]), "known of 'moon'"
    yield 'not of this project', b'{"a": 1}\n' + data, 'line 1: is not the first of a saved datapath'
    yield 'a later version', edited(lines, 0, lambda r: r['twinpath'].update(version=2)), 'version 2; known'
    yield 'another byte order', edited(lines, 0, lambda r: r['twinpath'].update(byte_order='big')), 'byte order'
    yield 'no datapath', sealed(lines[:1] + lines[2:]), 'line 2: is not about the datapath'
    yield 'two datapaths', sealed(lines[:3] + lines[1:2] + lines[3:]), 'line 4: a datapath may stand'
    yield 'a name too long', edited(lines, 1, lambda r: r['datapath'].update(name='x' * 16)), 'name is not of'
    yield 'a path as name', edited(lines, 1, lambda r: r['datapath'].update(name='../x')), 'a character'
    yield 'a number too large', edited(lines, 1, lambda r: r['datapath'].update(user_features=1 << 32)), 'user_features'
    yield 'a negative number', edited(lines, meter, lambda r: r['limit'].update(limit=-1)), 'limit is not a number'
    yield 'no zone', edited(lines, meter, lambda r: r['limit'].update(zone=65536)), 'zone is not from'
    yield 'a port without a type', edited(lines, port, lambda r: r['port'].update(type='moon')), "called 'moon'"
    yield 'a port beyond all', edited(lines, port, lambda r: r['port'].update(number=65535)), 'number of a port'
    yield 'port ids that are none', edited(lines, port, lambda r: r['port'].update(pids=[-1])), 'a port id'
    yield 'too many port ids', edited(lines, port, lambda r: r['port'].update(pids=[1] * 5000)), 'at most 4096'
    yield 'a member more', flow_is(colour='red'), f'line {flow + 1}: flow: '
    yield 'a flow of another kind', flow_is(key=5), f'line {flow + 1}: flow: '
    yield 'half a byte', flow_is(key='0'), 'whole bytes'
    yield 'no hexadecimal', flow_is(key='zz'), 'not hexadecimal'
    yield 'half an attribute', flow_is(key='0800'), 'whole netlink attributes'
    yield 'an attribute too long', flow_is(mask='ffff0100'), 'whole netlink attributes'
    yield 'a key too long', flow_is(key='00' * 65532), 'at most 65531'
    yield 'a long UFID', flow_is(ufid='00' * 17), 'ufid is not of 1 to 16 bytes'


def damage(path, twinpath, place):
    """Each damage to the file must be told, and nothing come of it."""
    with open(path, 'rb') as file:
        data = file.read()
    number = 0
    for what, damaged, wanted in damages(data):
        with open(path + '.bad', 'wb') as file:
            file.write(damaged)
        done = subprocess.run([twinpath, 'restore', path + '.bad', place], capture_output=True, text=True,
                              timeout=60, check=False)
        print(f'{what}: {done.stderr.strip()}')
        expect(done.returncode, 1, f'{what}: exit status ({done.stderr})')
        expect_true(re.search(wanted, done.stderr), f'{what}: "{wanted}" is not in: {done.stderr}')
        expect(done.stdout, '', f'{what}: output')
        number += 1
    expect_true(number > 30, 'damages')


def lose_port(path):
    """The file names one more port, whose device there is not."""
    with open(path, 'rb') as file:
        lines = file.read().split(b'\n')[:-1]
    end = json.loads(lines[-1])
    end['end']['ports'] += 1
    gone = json.dumps({'port': {'number': 99, 'type': 'netdev', 'name': 'gone', 'pids': []}}).encode()
    with open(path, 'wb') as file:
        file.write(sealed(lines[:-1] + [gone, json.dumps(end).encode()]))


if __name__ == '__main__':
    sys.setrecursionlimit(10000)
    main()

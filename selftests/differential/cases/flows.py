# SPDX-License-Identifier: BSD-3-Clause
"""The flow family: identity, UFIDs, updates, what replies hold, clearing, flushing, dumps."""
import random

from ovsnl import (
    ACK,
    CREATE,
    ECHO,
    EXCL,
    FLOW_ACTIONS,
    FLOW_CLEAR,
    FLOW_DEL,
    FLOW_GET,
    FLOW_KEY,
    FLOW_MASK,
    FLOW_NEW,
    FLOW_PROBE,
    FLOW_SET,
    FLOW_UFID,
    FLOW_UFID_FLAGS,
    REQUEST,
    attr,
    u32,
)
from ovslang import act, key
from packets import IP_B
from protocols import SHAPES, join, shape
from scene import case

LOUD = REQUEST | ACK | ECHO
KEY = join(SHAPES['ipv4-udp'])
OTHER = join(SHAPES['ipv4-tcp'])
MASK = (
    key.in_port(0xFFFFFFFF) + key.eth_type(0xFFFF) + key.ipv4('255.255.0.0', '0.0.0.0', 0, 0, 0, 0)
)
UFID = bytes(range(16))


def ufid(data=UFID):
    return attr(FLOW_UFID, data)


def omit(bits):
    return attr(FLOW_UFID_FLAGS, u32(bits))


@case('flow/ufid/lengths')
def ufid_lengths(t):
    """A UFID of a length that none has is as none."""
    for length in (0, 1, 2, 8, 15, 16, 17, 20, 64):
        t.put(KEY, b'', None, ufid(bytes(range(length))), label=f'new, {length} bytes')
        for cmd in (FLOW_GET, FLOW_SET, FLOW_DEL):
            t.flow_ask(cmd, ufid(bytes(range(length))), flags=LOUD, label=f'{cmd}, {length} bytes')
        t.flush()


@case('flow/ufid/omit')
def ufid_omit(t):
    for bits in (*range(8), 8, 0xFFFFFFFF):
        t.put(KEY, act.output(1), MASK, ufid(), omit(bits), label=f'new, omit {bits}')
        t.flow_ask(FLOW_GET, ufid(), omit(bits), label=f'get, omit {bits}')
        t.flow_ask(FLOW_SET, ufid(), omit(bits), flags=LOUD, label=f'set, omit {bits}')
        t.flow_ask(
            FLOW_SET,
            ufid(),
            attr(FLOW_KEY, KEY),
            attr(FLOW_MASK, MASK),
            attr(FLOW_ACTIONS, act.output(2)),
            omit(bits),
            flags=LOUD,
            label=f'set actions, omit {bits}',
        )
        t.dump('ovs_flow', FLOW_GET, omit(bits), label=f'dump, omit {bits}')
        t.flow_ask(FLOW_DEL, ufid(), omit(bits), flags=LOUD, label=f'del, omit {bits}')


@case('flow/key/omit')
def key_omit(t):
    """Without a UFID the key is never omitted."""
    for bits in range(8):
        t.put(KEY, act.output(1), MASK, omit(bits), label=f'new, omit {bits}')
        t.flow_ask(FLOW_GET, attr(FLOW_KEY, KEY), omit(bits), label=f'get, omit {bits}')
        t.dump('ovs_flow', FLOW_GET, omit(bits), label=f'dump, omit {bits}')
        t.flow_ask(FLOW_DEL, attr(FLOW_KEY, KEY), omit(bits), flags=LOUD, label=f'del, omit {bits}')


@case('flow/identity')
def identity(t):
    """One key under two names, one name for two keys, and whom GET finds."""
    t.put(KEY, b'', None, ufid(), label='with a ufid')
    t.flow_ask(FLOW_GET, attr(FLOW_KEY, KEY), label='get by key')
    t.put(KEY, b'', None, flags=LOUD, label='same key without a ufid')
    t.put(KEY, b'', None, ufid(b'other'), flags=LOUD, label='same key, other ufid')
    t.put(OTHER, b'', None, ufid(), flags=LOUD, label='other key, same ufid')
    t.put(OTHER, b'', None, ufid(), label='other key, same ufid, create')
    t.put(KEY, act.output(1), None, ufid(), flags=LOUD, label='same key and ufid')
    t.flow_ask(FLOW_GET, ufid(), attr(FLOW_KEY, OTHER), label='get by ufid and other key')
    t.flow_ask(FLOW_GET, ufid(b'other'), attr(FLOW_KEY, KEY), label='get by other ufid and key')
    t.flow_ask(FLOW_GET, ufid(), attr(FLOW_KEY, b'\1'), label='get by ufid and bad key')
    t.flush()
    t.put(KEY, b'', label='without a ufid')
    t.put(KEY, b'', None, ufid(), flags=LOUD, label='same key with a ufid')
    t.flow_ask(FLOW_GET, ufid(), label='get by ufid')
    t.flow_ask(FLOW_DEL, ufid(), label='del by ufid')


@case('flow/identity/unmasked')
def unmasked(t):
    """A masked flow is found by the key that it was made with, and by no other."""
    similar = join(shape(0x800)) + key.ipv4('10.0.9.9', IP_B, 47)
    t.put(KEY, act.output(1), MASK, label='new')
    for cmd in (FLOW_GET, FLOW_SET):
        t.flow_ask(cmd, attr(FLOW_KEY, KEY), flags=LOUD, label=f'{cmd} by its key')
        t.flow_ask(
            cmd, attr(FLOW_KEY, similar), flags=LOUD, label=f'{cmd} by a key that it matches'
        )
    t.put(similar, act.output(2), MASK, flags=LOUD, label='new, a key that it matches')
    t.put(similar, act.output(2), None, flags=LOUD, label='new, exactly that key')
    t.flow_ask(
        FLOW_SET,
        attr(FLOW_KEY, KEY),
        attr(FLOW_MASK, b''),
        attr(FLOW_ACTIONS),
        flags=LOUD,
        label='set with another mask',
    )
    t.flow_ask(FLOW_DEL, attr(FLOW_KEY, similar), flags=LOUD, label='del by a key that it matches')
    t.flow_ask(FLOW_DEL, attr(FLOW_KEY, KEY), flags=LOUD, label='del by its key')


@case('flow/new/needs')
def new_needs(t):
    for label, parts in (
        ('nothing', []),
        ('key', [attr(FLOW_KEY, KEY)]),
        ('actions', [attr(FLOW_ACTIONS)]),
        ('ufid and actions', [ufid(), attr(FLOW_ACTIONS)]),
        ('key, empty mask, actions', [attr(FLOW_KEY, KEY), attr(FLOW_MASK), attr(FLOW_ACTIONS)]),
        ('mask and actions', [attr(FLOW_MASK, MASK), attr(FLOW_ACTIONS)]),
    ):
        t.flow_ask(FLOW_NEW, *parts, flags=LOUD | CREATE, label=label)
    t.flow_ask(
        FLOW_NEW,
        attr(FLOW_KEY, b'\1'),
        attr(FLOW_ACTIONS, b'\1'),
        dp=9999,
        label='bad key, no datapath',
    )
    t.flow_ask(
        FLOW_NEW,
        attr(FLOW_KEY, KEY),
        attr(FLOW_ACTIONS, attr(50)),
        dp=9999,
        label='bad actions, no datapath',
    )
    t.flow_ask(FLOW_NEW, attr(FLOW_KEY, KEY), attr(FLOW_ACTIONS), dp=9999, label='no datapath')


@case('flow/set/needs')
def set_needs(t):
    t.put(KEY, act.output(1), None, label='new')
    actions = attr(FLOW_ACTIONS, act.output(2))
    for label, parts in (
        ('nothing', []),
        ('actions', [actions]),
        ('ufid', [ufid()]),
        ('ufid, actions', [ufid(), actions]),
        ('key', [attr(FLOW_KEY, KEY)]),
        ('key, actions', [attr(FLOW_KEY, KEY), actions]),
        ('key, bad actions', [attr(FLOW_KEY, KEY), attr(FLOW_ACTIONS, attr(50))]),
        ('key, mask, actions', [attr(FLOW_KEY, KEY), attr(FLOW_MASK, MASK), actions]),
        ('other key', [attr(FLOW_KEY, OTHER), actions]),
        ('key, bad ufid', [attr(FLOW_KEY, KEY), ufid(bytes(17))]),
    ):
        t.flow_ask(FLOW_SET, *parts, flags=LOUD, label=label)
        t.flow_ask(FLOW_GET, attr(FLOW_KEY, KEY), label='now')
    t.flow_ask(FLOW_SET, attr(FLOW_KEY, KEY), dp=9999, label='no datapath')


@case('flow/set/actions-judged-by-request')
def set_judged(t):
    """SET judges actions by the key and mask that it brings, not by those of the flow."""
    t.put(KEY, b'', MASK, ufid(), label='new')
    change = attr(FLOW_ACTIONS, act.set(key.udp(5, 6)))
    t.flow_ask(FLOW_SET, ufid(), attr(FLOW_KEY, KEY), change, flags=LOUD, label='exact')
    t.flow_ask(
        FLOW_SET,
        ufid(),
        attr(FLOW_KEY, KEY),
        attr(FLOW_MASK, MASK),
        change,
        flags=LOUD,
        label='masked',
    )
    t.flow_ask(FLOW_SET, ufid(), attr(FLOW_KEY, OTHER), change, flags=LOUD, label='other key')


@case('flow/probe')
def probe(t):
    """How Open vSwitch finds out what a datapath can: put, get, delete."""
    flag = attr(FLOW_PROBE)
    for label, flow_key, actions in (
        ('good', KEY, b''),
        ('bad key', key.in_port(1), b''),
        ('bad actions', KEY, attr(50)),
    ):
        t.put(flow_key, actions, None, flag, label=f'{label}: put')
        t.flow_ask(FLOW_GET, attr(FLOW_KEY, flow_key), flag, label=f'{label}: get')
        t.flow_ask(FLOW_SET, attr(FLOW_KEY, flow_key), flag, flags=LOUD, label=f'{label}: set')
        t.flow_ask(FLOW_DEL, attr(FLOW_KEY, flow_key), flag, flags=LOUD, label=f'{label}: del')
    t.put(KEY, b'', None, attr(FLOW_PROBE, b'\1'), label='a flag with payload')


@case('flow/clear')
def clear(t):
    t.put(KEY, act.output(1))
    t.flow_ask(FLOW_SET, attr(FLOW_KEY, KEY), attr(FLOW_CLEAR), flags=LOUD, label='set')
    t.put(KEY, act.output(1), None, attr(FLOW_CLEAR), flags=LOUD, label='new with clear')
    t.flow_ask(FLOW_SET, attr(FLOW_KEY, OTHER), attr(FLOW_CLEAR), label='of none')
    t.flow_ask(FLOW_SET, attr(FLOW_KEY, KEY), attr(FLOW_CLEAR, b'\1'), label='with payload')


@case('flow/flush')
def flush(t):
    for number in range(5):
        t.put(join(shape(0x9000 + number)), b'', label=f'{number}')
    t.flow_ask(FLOW_DEL, flags=LOUD, label='flush, echo wanted')
    t.dump('ovs_flow', FLOW_GET, label='empty')
    t.flow_ask(FLOW_DEL, flags=LOUD, label='flush nothing')
    t.put(KEY)
    t.flow_ask(FLOW_DEL, ufid(bytes(17)), label='a ufid that is none flushes')
    t.dump('ovs_flow', FLOW_GET, label='empty')
    t.put(KEY)
    t.flow_ask(FLOW_DEL, attr(FLOW_MASK, MASK), label='a mask alone flushes')
    t.dump('ovs_flow', FLOW_GET, label='empty')
    t.flow_ask(FLOW_DEL, dp=9999, label='no datapath')


@case('flow/del')
def delete(t):
    for flags in (REQUEST, REQUEST | ACK, REQUEST | ECHO, LOUD):
        t.put(KEY, act.output(1), MASK, ufid(), label='new')
        t.flow_ask(FLOW_DEL, ufid(), flags=flags, label=f'del, flags {flags:#x}')
    t.put(KEY, act.output(1), MASK, label='new')
    t.flow_ask(FLOW_DEL, attr(FLOW_KEY, KEY), ufid(), label='key and a ufid of none')
    t.flow_ask(
        FLOW_DEL, attr(FLOW_KEY, KEY), attr(FLOW_ACTIONS, attr(50)), flags=LOUD, label='bad actions'
    )
    t.flow_ask(FLOW_DEL, attr(FLOW_KEY, b''), label='empty key')


@case('flow/no-listener')
def no_listener(t):
    """With nobody in the group and without ECHO nothing is said."""
    t.events.leave('ovs_flow')
    for flags in (REQUEST, REQUEST | ACK, REQUEST | ECHO, LOUD):
        t.put(KEY, act.output(1), flags=flags, label=f'new, flags {flags:#x}')
        t.put(KEY, act.output(2), flags=flags, label=f'update, flags {flags:#x}')
        t.flow_ask(FLOW_SET, attr(FLOW_KEY, KEY), flags=flags, label=f'set, flags {flags:#x}')
        t.flow_ask(FLOW_DEL, attr(FLOW_KEY, KEY), flags=flags, label=f'del, flags {flags:#x}')
    t.events.join('ovs_flow')


@case('flow/update')
def update(t):
    for flags in (LOUD, LOUD | CREATE, LOUD | EXCL, LOUD | CREATE | EXCL, LOUD | 0x100):
        t.put(KEY, act.output(1), MASK, flags=flags, label=f'new, flags {flags:#x}')
        t.put(KEY, act.output(2), MASK, flags=flags, label=f'again, flags {flags:#x}')
        t.put(KEY, attr(50), MASK, flags=flags, label=f'bad actions, flags {flags:#x}')
        t.flow_ask(FLOW_GET, attr(FLOW_KEY, KEY), label='now')
        t.flush()


@case('flow/dump')
def dump(t):
    for number in range(30):
        more = [ufid(bytes([number]) * 16)] if number & 1 else []
        mask = MASK if number % 3 == 0 else None
        flow_key = join(shape(0x800)) + key.ipv4(f'10.{number}.0.1', IP_B, 47)
        t.put(flow_key, act.output(number), mask, *more, flags=REQUEST | CREATE, label=f'{number}')
    t.dump('ovs_flow', FLOW_GET, label='all')
    t.dump('ovs_flow', FLOW_GET, omit(7), label='tersely')
    t.dump('ovs_flow', FLOW_GET, attr(FLOW_KEY, KEY), label='a key in a dump is ignored')
    t.dump('ovs_flow', FLOW_GET, attr(FLOW_KEY, b'\1'), label='a bad key in a dump')
    t.dump('ovs_flow', FLOW_GET, attr(FLOW_UFID_FLAGS, b'\1'), label='short flags in a dump')
    t.dump('ovs_flow', FLOW_GET, dp=9999, label='no datapath')


@case('flow/random')
def random_flows(t):
    """Keys and masks at random, the same in each run: taken or refused alike."""
    dice = random.Random(20240601)
    names = sorted(SHAPES)
    for number in range(150):
        attributes = list(SHAPES[dice.choice(names)])
        flow_key = scramble(dice, attributes, 0.15)
        mask = None if dice.random() < 0.3 else scramble(dice, attributes, 0.5, True)
        t.try_put(f'{number}', flow_key, b'', mask)


def scramble(dice, attributes, chance, whole=False):
    """A key with some attributes' bytes changed, left out or doubled; `whole` fills in masks."""
    data = b''
    for _, one in attributes:
        length = int.from_bytes(one[:2], 'little') - 4
        payload = one[4 : 4 + length]
        if whole:
            payload = bytes(dice.choice((0, 0xFF, 0xFF, 0x0F)) for _ in range(length))
        elif dice.random() < chance:
            payload = bytes(dice.randrange(256) for _ in range(length))
        roll = dice.random()
        count = 0 if roll < 0.04 else 2 if roll > 0.98 else 1
        data += attr(int.from_bytes(one[2:4], 'little'), payload) * count
    return data


@case('flow/random/bytes')
def random_bytes(t):
    """Attributes of random bytes: refused with the same errno, or taken alike."""
    dice = random.Random(20240602)
    for number in range(150):
        data = bytearray(
            attr(FLOW_KEY, KEY)
            + attr(FLOW_MASK, MASK)
            + attr(FLOW_ACTIONS, act.clone(act.output(1)))
        )
        for _ in range(dice.randrange(1, 4)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        got = t.flow_ask(FLOW_NEW, bytes(data), flags=LOUD | CREATE, label=f'{number}')
        if len(got) > 1:
            t.flush()


@case('flows/nsh-without-context')
def nsh_without_context(t):
    """A key of NSH may lack the context; the kernel then compares it with a flow's up to there."""
    start = key.in_port(2) + key.eth_type(0x894F)
    base = key.nsh_base(0, 1, 1, 3, 0x1234FF)
    short = start + key.nsh(base)
    more = {
        'short': short,
        'other base': start + key.nsh(key.nsh_base(0, 2, 1, 3, 0x1234FF)),
        'other port': key.in_port(1) + key.eth_type(0x894F) + key.nsh(base),
        'other context': start + key.nsh(base, key.nsh_md1(1, 2, 3, 5)),
        'with a mark': short + key.ct_mark(0),
        'with labels': short + key.ct_labels(bytes(16)),
        'with a hash': short + key.dp_hash(0),
    }
    nobody = key.in_port(0xFFFFFFFF) + key.eth_type(0xFFFF)
    masks = {
        'no context': nobody,
        'base only': nobody + key.nsh(key.nsh_base(0xFF, 0xFF, 0xFF, 0xFF, 0xFFFFFFFF)),
        'with context': nobody + key.nsh(key.nsh_md1(*(0xFFFFFFFF,) * 4)),
        'exact': None,
    }
    for context in ((1, 2, 3, 4), (0, 0, 0, 0)):
        for word, mask in masks.items():
            t.put(start + key.nsh(base, key.nsh_md1(*context)), act.output(1), mask, label=word)
            for name, wanted in more.items():
                label = f'{word}, {name}, context {context[0]}'
                asked = attr(FLOW_KEY, wanted)
                t.flow_ask(FLOW_GET, asked, label=f'get: {label}')
                t.flow_ask(
                    FLOW_SET,
                    asked,
                    attr(FLOW_ACTIONS, act.output(2)),
                    flags=LOUD,
                    label=f'set: {label}',
                )
                t.put(wanted, act.output(1), mask, flags=LOUD, label=f'new: {label}')
            t.flow_ask(FLOW_DEL, attr(FLOW_KEY, short), flags=LOUD, label=f'del: {word}')
            t.flush()
    t.put(short, act.output(1), nobody, ufid(), label='with a UFID')
    t.flow_ask(FLOW_GET, attr(FLOW_KEY, short), label='get by key what has a UFID')

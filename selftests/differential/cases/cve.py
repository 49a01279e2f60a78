# SPDX-License-Identifier: BSD-3-Clause
"""What once broke the kernel's module in its action lists, by the number it was given."""
from ovslang import ACTION, KEY, act, ip4, key
from ovsnl import attr, be32, u32
from packets import A, B
from protocols import SHAPES, join
from scene import case

TCP = join(SHAPES['ipv4-tcp'])
MPLS = key.in_port(1) + key.eth(A, B) + key.eth_type(0x8847) + attr(KEY['mpls'], be32(0x15140))
NSH_BASE, NSH_MD1 = attr(1, bytes((0, 63, 1, 1)) + be32(0x5FF)), attr(2, bytes(range(16)))
NSH = attr(KEY['nsh'], NSH_BASE + NSH_MD1)
TUNNEL = attr(KEY['tunnel'], attr(2, ip4('10.0.0.2')) + attr(4, b'\x40'))
FRAME = bytes(12) + b'\x90\0' + bytes(46)
QUIET = 1 | 4 | 0x400


@case('cve/2022-2639')
def growing_list(t):
    """A list grew beyond the room that was reckoned for it."""
    for count in (1000, 1600, 1700, 3200, 3276):
        for name, action in (('set', act.set(key.eth(A, B))), ('ct', act.clone(act.ct()))):
            if len(action) * count < 65500:
                t.try_put(f'{count} times {name}', TCP, action * count, flags=QUIET)


@case('cve/2026-64531')
def nested_beyond_16_bits(t):
    """A list inside of another grew beyond what nla_len can say."""
    for name, wrap in (
        ('clone', act.clone),
        ('sample', lambda inner: act.sample(1, inner)),
        ('dec_ttl', act.dec_ttl),
        ('check_pkt_len', lambda inner: act.check_pkt_len(1, inner)),
    ):
        t.try_put(f'{name} of 16000 ct', TCP, wrap(act.ct() * 16000), flags=QUIET)
        t.try_put(f'{name} of 50 ct', TCP, wrap(act.ct() * 50))


@case('cve/2026-31679')
def variable_mpls(t):
    """More than one label in a set action."""
    for labels in range(5):
        for name in ('set', 'set_masked'):
            data = attr(ACTION[name], attr(KEY['mpls'], b'\xff' * 4 * labels))
            t.try_put(f'{name} of {labels} words', MPLS, data)


@case('cve/2025-37789')
def short_inner_attribute(t):
    """An attribute inside of a set action that is shorter than its head."""
    for length in range(5):
        for kind in (KEY['skb_mark'], KEY['eth'], KEY['tunnel'], KEY['mpls']):
            inner = bytes((length, 0, kind, 0))
            for name in ('set', 'set_masked', 'push_nsh'):
                t.try_put(f'{name}: {length} of {kind}', TCP, attr(ACTION[name], inner))
                t.try_put(f'{name}: {length} of {kind}, cut', TCP, attr(ACTION[name], inner[:length]))


@case('cve/2025-37998')
def userspace_walk(t):
    """Attributes of a userspace action were walked without looking at their lengths."""
    pid = attr(1, u32(t.up1.pid))
    for label, data in (
        ('length 0 behind', pid + bytes(4)),
        ('length 3 behind', pid + b'\3\0\2\0'),
        ('length beyond the end', pid + attr(2, b'abcd', 200)),
        ('left over', pid + b'\1\2\3'),
        ('unknown', pid + attr(77, b'abc')),
        ('padding missing', pid + attr(2, b'abcde')[:9]),
    ):
        t.try_put(label, TCP, attr(ACTION['userspace'], data))
        t.execute(FRAME, None, attr(ACTION['userspace'], data), label=f'{label}, executed')


@case('cve/2025-68785')
def nsh_in_the_middle(t):
    """A push_nsh that isn't the list's last action was read beyond its end."""
    push = attr(ACTION['push_nsh'], NSH)
    for label, actions in (
        ('alone', push),
        ('first', push + t.to_user(b'')),
        ('in the middle', act.output(99) + push + t.to_user(b'')),
        ('twice', push + act.push_eth(A, B) + push + t.to_user(b'')),
    ):
        t.try_put(label, TCP, actions)
        t.execute(FRAME, None, actions, label=f'{label}, executed')


@case('cve/2025-40254')
def set_nsh(t):
    """A set of NSH was checked as something else than it was."""
    flow_key = key.in_port(1) + key.eth(A, B) + key.eth_type(0x894F) + NSH
    for label, inner in (
        ('whole', NSH),
        ('base', attr(KEY['nsh'], NSH_BASE)),
        ('doubled', attr(KEY['nsh'], (NSH_BASE + NSH_MD1) * 2)),
        ('nothing', attr(KEY['nsh'])),
    ):
        for name in ('set', 'set_masked'):
            t.try_put(f'{name} {label}', flow_key, attr(ACTION[name], inner))


@case('cve/2024-1151')
def nested_without_end(t):
    """Lists in lists used up the stack."""
    wraps = (
        ('clone', act.clone),
        ('sample', lambda inner: act.sample(1, inner)),
        ('dec_ttl', act.dec_ttl),
        ('check_pkt_len', lambda inner: act.check_pkt_len(1, inner)),
    )
    for name, wrap in wraps:
        actions = act.output(1)
        for depth in range(1, 65):
            actions = wrap(actions)
            if depth in (1, 8, 15, 16, 17, 18, 32, 64):
                t.try_put(f'{depth} times {name}', TCP, actions)
                t.execute(FRAME, None, actions, label=f'{depth} times {name}, executed')


@case('cve/2022-49086')
def refused_behind_what_holds_memory(t):
    """What a list that is refused had built so far stayed for ever."""
    for _ in range(20):
        for label, held in (('tunnel', act.set(TUNNEL)), ('ct', act.ct(attr(1)))):
            bad = act.output(99999)
            t.try_put(f'{label} alone', TCP, held + bad)
            t.try_put(f'{label} in a clone', TCP, act.clone(held + bad))
            t.try_put(f'{label} in a clone before', TCP, act.clone(held) + bad)
            t.try_put(f'{label} in a sample', TCP, act.sample(1, act.clone(held), bad))
            t.try_put(f'{label} by length', TCP, act.check_pkt_len(1, held, held + bad))
            t.try_put(f'{label} by ttl', TCP, act.dec_ttl(held, bad))

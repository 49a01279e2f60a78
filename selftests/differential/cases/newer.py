# SPDX-License-Identifier: BSD-3-Clause
"""Actions of kernels later than the distribution's, whose module refuses them."""
from ovslang import ACTION, act
from ovsnl import attr, u32
from protocols import SHAPES, join
from scene import case

TCP = join(SHAPES['ipv4-tcp'])


@case('newer/drop')
def drop(t):
    for length in range(8):
        t.try_put(f'{length} bytes', TCP, attr(ACTION['drop'], bytes(length)))
    for reason in (0, 1, 0xFFFFFFFF):
        t.try_put(f'reason {reason}', TCP, act.output(1) + act.drop(reason))
    t.try_put('not the last', TCP, act.drop(1) + act.output(1))
    t.try_put('in a clone', TCP, act.clone(act.drop(1)) + act.output(1))
    t.execute(bytes(60), None, t.to_user(b'') + act.drop(5), label='executed')


@case('newer/psample')
def psample(t):
    group = attr(1, u32(5))
    for label, data in (
        ('nothing', b''),
        ('group', group),
        ('cookie alone', attr(2, b'x')),
        ('unknown', group + attr(3)),
        ('left over', group + b'\1'),
        *((f'group of {length} bytes', attr(1, bytes(length))) for length in range(10)),
        *((f'cookie of {length} bytes', group + attr(2, bytes(length))) for length in range(20)),
    ):
        t.try_put(label, TCP, attr(ACTION['psample'], data))
        t.try_put(f'{label}, in a sample', TCP, act.sample(5, attr(ACTION['psample'], data)))


@case('newer/hash')
def symmetric(t):
    for basis in (0, 1, 0xFFFFFFFF):
        t.try_put(f'basis {basis}', TCP, act.hash(basis, 1))

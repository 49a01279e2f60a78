# SPDX-License-Identifier: BSD-3-Clause
"""Attributes as trees, and small wrongs done to them.

A tree is a list of nodes; a node's body is bytes or a tree. mutate() changes a copy of a tree in
one place and says in a word what it did: lengths, types, order, repetition, nesting, truncation,
values.
"""
import struct

from ovsnl import NLA_F_NESTED, NLA_F_NET_BYTEORDER


class Node:
    """One attribute. `length` overrides nla_len. `kept` ones, and those around them, are left as
    they are: their values depend on the run."""

    def __init__(self, kind, body=b'', kept=False):
        self.kind = kind
        self.body = body
        self.flags = 0
        self.length = None
        self.kept = kept

    def copy(self):
        body = copy_of(self.body) if isinstance(self.body, list) else self.body
        new = Node(self.kind, body, self.kept)
        new.flags, new.length = self.flags, self.length
        return new

    def payload(self):
        return encode(self.body) if isinstance(self.body, list) else self.body

    def bytes(self):
        data = self.payload()
        length = 4 + len(data) if self.length is None else self.length
        head = struct.pack('=HH', length & 0xFFFF, self.kind | self.flags)
        return head + data + bytes(-len(data) % 4)


def copy_of(tree):
    return [node.copy() for node in tree]


def encode(tree):
    return b''.join(node.bytes() for node in tree)


def places(tree, path=''):
    """[(tree, index, path)] of all nodes, at any depth."""
    found = []
    for index, node in enumerate(tree):
        here = f'{path}/{node.kind}'
        found.append((tree, index, here))
        if isinstance(node.body, list):
            found += places(node.body, here)
    return found


def holds_kept(node):
    return node.kept or isinstance(node.body, list) and any(map(holds_kept, node.body))


def flat(node):
    """The node's body as bytes, from now on."""
    node.body = node.payload()
    return node.body


def shorten(rng, tree, index):
    body = flat(tree[index])
    tree[index].body = body[: rng.randrange(len(body))] if body else b''


def lengthen(rng, tree, index):
    tree[index].body = flat(tree[index]) + rng.randbytes(rng.choice((1, 2, 3, 4, 8, 12)))


def wrong_length(rng, tree, index):
    right = 4 + len(tree[index].payload())
    tree[index].length = rng.choice((0, 1, 2, 3, 4, right - 1, right + 1, right + 4, 0xFFFF))


def omit(_, tree, index):
    del tree[index]


def repeat(rng, tree, index):
    tree.insert(rng.randrange(len(tree) + 1), tree[index].copy())


def retype(rng, tree, index):
    tree[index].kind = rng.choice((0, *range(1, 24), *range(26, 36), 63, 200, 0x3FFF))


def flag(rng, tree, index):
    tree[index].flags ^= rng.choice((NLA_F_NESTED, NLA_F_NET_BYTEORDER))


def swap(rng, tree, index):
    other = rng.randrange(len(tree))
    tree[index], tree[other] = tree[other], tree[index]


def wrap(_, tree, index):
    tree[index] = Node(tree[index].kind, [tree[index]])


def unwrap(_, tree, index):
    body = tree[index].body
    tree[index : index + 1] = body if isinstance(body, list) else []


def flip(rng, tree, index):
    body = bytearray(flat(tree[index]))
    for _ in range(rng.choice((1, 1, 2))):
        if body:
            body[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
    tree[index].body = bytes(body)


def fill(rng, tree, index):
    tree[index].body = bytes([rng.choice((0, 1, 0x7F, 0x80, 0xFF))]) * len(flat(tree[index]))


def transplant(rng, tree, index):
    """A node from somewhere else beside this one."""
    donor_tree, donor, _ = rng.choice(rng.donors)
    tree.insert(index, donor_tree[donor].copy())


def stray_bytes(rng, tree, index):
    """Bytes behind the last attribute of a nest that are too few for one."""
    tree[index].body = flat(tree[index]) + rng.randbytes(rng.randrange(1, 4))
    tree[index].length = 4 + len(tree[index].body)


MUTATIONS = (
    shorten,
    lengthen,
    wrong_length,
    omit,
    repeat,
    retype,
    flag,
    swap,
    wrap,
    unwrap,
    flip,
    flip,
    fill,
    transplant,
    stray_bytes,
)


def mutate(rng, tree):
    """(a changed copy, what was done to it)."""
    changed = copy_of(tree)
    found = [place for place in places(changed) if not holds_kept(place[0][place[1]])]
    if not found:
        return changed, ''
    where, index, path = rng.choice(found)
    how = rng.choice(MUTATIONS)
    rng.donors = found
    how(rng, where, index)
    return changed, f'{how.__name__} {path}'

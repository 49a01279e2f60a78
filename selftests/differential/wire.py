# SPDX-License-Identifier: BSD-3-Clause
"""Turns messages into lines of text that hold all of their bytes, with names for what may differ.

A number that depends on the run is replaced by a name only where the API puts such a number, and
only if it is one that the trace knows: a port id of its own sockets, the ifindex of a device that
was there, the number of a family or group, a time within the case, a random packet hash. Anything
else is written as it is. Nothing is left out: lengths, flags, order and padding are in the lines.
"""
import struct

from ovslang import ACTION_NAMES, KEY_NAMES

# What an attribute's payload is: a kind, or a dictionary {type: (name, kind)} of nested ones.
TUNNEL = {
    0: ('ID', 'hex'),
    1: ('IPV4_SRC', 'hex'),
    2: ('IPV4_DST', 'hex'),
    3: ('TOS', 'hex'),
    4: ('TTL', 'hex'),
    5: ('DONT_FRAGMENT', 'hex'),
    6: ('CSUM', 'hex'),
    7: ('OAM', 'hex'),
    8: ('GENEVE_OPTS', 'hex'),
    9: ('TP_SRC', 'hex'),
    10: ('TP_DST', 'hex'),
    11: ('VXLAN_OPTS', {1: ('GBP', 'hex')}),
    12: ('IPV6_SRC', 'hex'),
    13: ('IPV6_DST', 'hex'),
    14: ('PAD', 'hex'),
    15: ('ERSPAN_OPTS', 'hex'),
    16: ('IPV4_INFO_BRIDGE', 'hex'),
}
NSH = {1: ('BASE', 'hex'), 2: ('MD1', 'hex'), 3: ('MD2', 'hex')}
KEY = {number: (name, 'hex') for number, name in KEY_NAMES.items()}
KEY[1] = ('encap', KEY)
KEY[16] = ('tunnel', TUNNEL)
KEY[28] = ('nsh', NSH)
NAT = {
    1: ('SRC', 'hex'),
    2: ('DST', 'hex'),
    3: ('IP_MIN', 'hex'),
    4: ('IP_MAX', 'hex'),
    5: ('PROTO_MIN', 'u16'),
    6: ('PROTO_MAX', 'u16'),
    7: ('PERSISTENT', 'hex'),
    8: ('PROTO_HASH', 'hex'),
    9: ('PROTO_RANDOM', 'hex'),
}
CT = {
    1: ('COMMIT', 'hex'),
    2: ('ZONE', 'u16'),
    3: ('MARK', 'hex'),
    4: ('LABELS', 'hex'),
    5: ('HELPER', 'text'),
    6: ('NAT', NAT),
    7: ('FORCE_COMMIT', 'hex'),
    8: ('EVENTMASK', 'hex'),
    9: ('TIMEOUT', 'text'),
}
ACTIONS = {number: (name, 'hex') for number, name in ACTION_NAMES.items()}
ACTIONS[1] = ('output', 'u32')
ACTIONS[2] = (
    'userspace',
    {
        1: ('PID', 'pids'),
        2: ('USERDATA', 'hex'),
        3: ('EGRESS_TUN_PORT', 'u32'),
        4: ('ACTIONS', 'hex'),
    },
)
ACTIONS[3] = ('set', KEY)
ACTIONS[6] = ('sample', {1: ('PROBABILITY', 'u32'), 2: ('ACTIONS', ACTIONS)})
ACTIONS[11] = ('set_masked', KEY)
ACTIONS[12] = ('ct', CT)
ACTIONS[17] = ('push_nsh', KEY)
ACTIONS[20] = ('clone', ACTIONS)
ACTIONS[21] = (
    'check_pkt_len',
    {1: ('PKT_LEN', 'u16'), 2: ('IF_GREATER', ACTIONS), 3: ('IF_LESS_EQUAL', ACTIONS)},
)
ACTIONS[23] = ('dec_ttl', {1: ('ACTION', ACTIONS)})
BAND = {1: ('TYPE', 'u32'), 2: ('RATE', 'u32'), 3: ('BURST', 'u32'), 4: ('STATS', 'u64s')}
GROUP = {1: ('NAME', 'text'), 2: ('ID', 'group')}
OP = {1: ('ID', 'u32'), 2: ('FLAGS', 'u32')}
POLICY = {}
FAMILIES = {
    'nlctrl': {
        1: ('FAMILY_ID', 'family'),
        2: ('FAMILY_NAME', 'text'),
        3: ('VERSION', 'u32'),
        4: ('HDRSIZE', 'u32'),
        5: ('MAXATTR', 'u32'),
        6: ('OPS', ('each', OP)),
        7: ('MCAST_GROUPS', ('each', GROUP)),
        8: ('POLICY', ('each', ('each', POLICY))),
        9: ('OP_POLICY', ('each', POLICY)),
        10: ('OP', 'u32'),
    },
    'ovs_datapath': {
        1: ('NAME', 'text'),
        2: ('UPCALL_PID', 'pids'),
        3: ('STATS', 'u64s'),
        4: ('MEGAFLOW_STATS', 'u64s'),
        5: ('USER_FEATURES', 'u32'),
        6: ('PAD', 'hex'),
        7: ('MASKS_CACHE_SIZE', 'u32'),
        8: ('PER_CPU_PIDS', 'pids'),
        9: ('IFINDEX', 'ifindex'),
    },
    'ovs_vport': {
        1: ('PORT_NO', 'u32'),
        2: ('TYPE', 'u32'),
        3: ('NAME', 'text'),
        4: ('OPTIONS', 'hex'),
        5: ('UPCALL_PID', 'pids'),
        6: ('STATS', 'u64s'),
        7: ('PAD', 'hex'),
        8: ('IFINDEX', 'ifindex'),
        9: ('NETNSID', 'u32'),
        10: ('UPCALL_STATS', {0: ('SUCCESS', 'u64s'), 1: ('FAIL', 'u64s')}),
    },
    'ovs_flow': {
        1: ('KEY', KEY),
        2: ('ACTIONS', ACTIONS),
        3: ('STATS', 'u64s'),
        4: ('TCP_FLAGS', 'hex'),
        5: ('USED', 'time'),
        6: ('CLEAR', 'hex'),
        7: ('MASK', KEY),
        8: ('PROBE', 'hex'),
        9: ('UFID', 'hex'),
        10: ('UFID_FLAGS', 'u32'),
        11: ('PAD', 'hex'),
    },
    'ovs_packet': {
        1: ('PACKET', 'hex'),
        2: ('KEY', KEY),
        3: ('ACTIONS', ACTIONS),
        4: ('USERDATA', 'hex'),
        5: ('EGRESS_TUN_KEY', TUNNEL),
        8: ('PROBE', 'hex'),
        9: ('MRU', 'u16'),
        10: ('LEN', 'u32'),
        11: ('HASH', 'hash'),
        12: ('UPCALL_PID', 'pids'),
    },
    'ovs_meter': {
        1: ('ID', 'u32'),
        2: ('KBPS', 'hex'),
        3: ('STATS', 'u64s'),
        4: ('BANDS', ('each', BAND)),
        5: ('USED', 'run_time'),
        6: ('CLEAR', 'hex'),
        7: ('MAX_METERS', 'u32'),
        8: ('MAX_BANDS', 'u32'),
        9: ('PAD', 'hex'),
    },
    'ovs_ct_limit': {1: ('ZONE_LIMIT', 'zones')},
}
EXTENDED = {
    1: ('MSG', 'text'),
    2: ('OFFS', 'u32'),
    3: ('COOKIE', 'hex'),
    4: ('POLICY', POLICY),
    5: ('MISS_TYPE', 'u32'),
    6: ('MISS_NEST', 'u32'),
}

# A time may lie so far outside of its case: the kernel counts in jiffies, which an emulated machine
# on a busy host catches up with late. Milliseconds.
TIME_SLACK = 2000


class Context:
    """The names of one trace's numbers, for one step of one case."""

    def __init__(self, trace, record):
        self.families = {number: name for name, number in trace['families'].items()}
        self.groups = {int(number): name for number, name in trace['groups'].items()}
        self.pids = {int(pid): name for pid, name in trace['pids'].items()}
        self.ifindexes = {int(number): name for number, name in trace['ifindexes'].items()}
        self.start = record['start'] - TIME_SLACK
        self.end = record['end'] + TIME_SLACK
        self.first = min(r['start'] for r in trace['cases'].values()) - TIME_SLACK
        self.sent = []

    def set_sent(self, data):
        self.sent = []
        while len(data) >= 16:
            (length,) = struct.unpack_from('=I', data)
            if not 16 <= length <= len(data):
                break
            self.sent.append(data[:length])
            data = data[(length + 3) & ~3 :]

    @staticmethod
    def name(names, number):
        return f'<{names[number]}>' if number in names else str(number)

    def show(self, kind, data):
        """The payload as text."""
        shown = getattr(self, f'show_{kind}')(data) if data else None
        return data.hex() if shown is None else shown

    def show_hex(self, data):
        return data.hex()

    def show_u16(self, data):
        return str(*struct.unpack('=H', data)) if len(data) == 2 else None

    def show_u32(self, data):
        return str(*struct.unpack('=I', data)) if len(data) == 4 else None

    def show_u64s(self, data):
        return (
            ' '.join(map(str, struct.unpack(f'={len(data) // 8}Q', data)))
            if not len(data) % 8
            else None
        )

    def show_text(self, data):
        return repr(data.decode('latin-1'))

    def show_pids(self, data):
        if len(data) % 4:
            return None
        return ' '.join(
            self.name(self.pids, pid) if pid else '0'
            for pid in struct.unpack(f'={len(data) // 4}I', data)
        )

    def show_ifindex(self, data):
        return self.name(self.ifindexes, *struct.unpack('=I', data)) if len(data) == 4 else None

    def show_group(self, data):
        return self.name(self.groups, *struct.unpack('=I', data)) if len(data) == 4 else None

    def show_family(self, data):
        return self.name(self.families, *struct.unpack('=H', data)) if len(data) == 2 else None

    def show_time(self, data):
        if len(data) != 8:
            return None
        (value,) = struct.unpack('=Q', data)
        return '<within the case>' if self.start <= value <= self.end else str(value)

    def show_run_time(self, data):
        value = int.from_bytes(data, 'little')
        return '<within the run>' if len(data) == 8 and self.first <= value <= self.end else None

    def show_zones(self, data):
        if len(data) % 12:
            return None
        return ', '.join(
            f'{zone} limit {limit} count {count}'
            for zone, limit, count in struct.iter_unpack('=iII', data)
        )

    def show_hash(self, data):
        if len(data) != 8:
            return None
        value, flags = struct.unpack('=II', data)
        return f'{"<hash>" if value else 0} flags {flags}'


def attribute_lines(context, data, table, depth):
    """Lines for a run of attributes."""
    lines = []
    indent = '  ' * depth
    at = 0
    while len(data) - at >= 4:
        length, kind = struct.unpack_from('=HH', data, at)
        if length < 4 or at + length > len(data):
            break
        lines += one_attribute(context, kind, data[at + 4 : at + length], table, depth)
        padding = data[at + length : at + ((length + 3) & ~3)]
        if padding.strip(b'\0'):
            lines.append(f'{indent}padding {padding.hex()}')
        if len(padding) != -length % 4:
            lines.append(f'{indent}no padding')
        at += (length + 3) & ~3
    if at < len(data):
        lines.append(f'{indent}no attribute: {data[at:].hex()}')
    return lines


def one_attribute(context, kind, payload, table, depth):
    indent = '  ' * depth
    number = kind & 0x3FFF
    if isinstance(table, tuple):
        name, shape = '', table[1]
    else:
        name, shape = table.get(number, ('', 'hex'))
    flags = {0: '', 0x8000: ' nested', 0x4000: ' byteorder', 0xC000: ' nested byteorder'}[
        kind & 0xC000
    ]
    head = f'{indent}{number}{flags} {name}'.rstrip()
    if isinstance(shape, str):
        return [f'{head} [{len(payload)}] {context.show(shape, payload)}'.rstrip()]
    return [f'{head} [{len(payload)}]'] + attribute_lines(context, payload, shape, depth + 1)


def error_lines(context, message, flags):
    """NLMSG_ERROR: the errno and what is repeated of the request."""
    if len(message) < 36:
        return [f'short: {message[16:].hex()}']
    (code,) = struct.unpack_from('=i', message, 16)
    (inner,) = struct.unpack_from('=I', message, 20)
    whole = not flags & 0x100 and code
    end = len(message)
    if flags & 0x200:
        end = 36 if not whole else 20 + ((inner + 3) & ~3)
    echo = message[20:end]
    for index, sent in enumerate(context.sent):
        if echo in (sent, sent[:16], sent + bytes(-len(sent) % 4)):
            place = f' {index}' if len(context.sent) > 1 else ''
            what = 'header' if len(echo) == 16 and len(sent) > 16 else 'whole'
            echo = f'{what} of request{place}'
            break
    else:
        echo = echo.hex()
    return [f'  {code}, {echo}'] + attribute_lines(context, message[end:], EXTENDED, 1)


def done_lines(context, message):
    code = message[16:20].hex() if len(message) < 20 else struct.unpack_from('=i', message, 16)[0]
    return [f'  {code}'] + attribute_lines(context, message[20:], EXTENDED, 1)


def message_lines(context, message):
    """Lines for one message; the first one has its headers."""
    length, kind, flags, seq, pid = struct.unpack_from('=IHHII', message)
    family = {2: 'error', 3: 'done'}.get(kind) or context.families.get(kind, str(kind))
    head = (
        f'{family} flags {flags:#x} seq {seq} pid {context.name(context.pids, pid) if pid else 0}'
    )
    if length != len(message):
        head += f' nlmsg_len {length} of {len(message)}'
    if kind == 2:
        return [head] + error_lines(context, message, flags)
    if kind == 3:
        return [head] + done_lines(context, message)
    if family not in FAMILIES or len(message) < (20 if family == 'nlctrl' else 24):
        return [head, f'payload {message[16:].hex()}']
    cmd, version, reserved = struct.unpack_from('=BBH', message, 16)
    head += f' cmd {cmd} version {version}' + (f' reserved {reserved}' if reserved else '')
    at = 20
    if family != 'nlctrl':
        (ifindex,) = struct.unpack_from('=I', message, 20)
        head += f' dp {context.name(context.ifindexes, ifindex)}'
        at = 24
    return [head] + attribute_lines(context, message[at:], FAMILIES[family], 1)


def received(context, name, data):
    """Lines for one entry of a step's record."""
    if isinstance(data, str) and name not in ('ip', 'note'):
        lines = message_lines(context, bytes.fromhex(data))
        return [f'{name}: {lines[0]}'] + lines[1:]
    return [f'{name}: {data}']


def is_flow_dump(entry):
    """One flow of a dump: the order of a dump of flows is that of a randomly keyed hash table."""
    name, data = entry
    if name in ('ip', 'note') or not isinstance(data, str):
        return False
    return int.from_bytes(bytes.fromhex(data[12:16]), 'little') & 2 and data[8:12] not in (
        '0200',
        '0300',
    )


def step_lines(context, step, flow_family):
    """Lines for a step: a title, then what came, each entry a list of lines."""
    label, sent, got = step
    context.set_sent(bytes.fromhex(sent))
    flows, rest = [], []
    wire_id = struct.pack('=H', flow_family).hex()
    for name, data in got:
        if is_flow_dump((name, data)) and data[8:12] == wire_id:
            flows.append(received(context, name, data))
        else:
            rest.append(received(context, name, data))
    lines = [f'--- {label}']
    for entry in sorted(flows) + rest:
        lines += entry
    return lines


def case_steps(trace, record):
    """The lines of each step; one more step tells why the case failed."""
    context = Context(trace, record)
    steps = [step_lines(context, step, trace['families']['ovs_flow']) for step in record['steps']]
    if 'failed' in record:
        steps.append(['--- failed'] + record['failed'].splitlines())
    return steps


def requests(trace, record):
    """{title of a step: lines of the requests that were sent}."""
    context, shown = Context(trace, record), {}
    for label, sent, _ in record['steps']:
        context.set_sent(bytes.fromhex(sent))
        lines = shown.setdefault(f'--- {label}', [])
        for message in context.sent:
            lines += message_lines(context, message)
    return shown

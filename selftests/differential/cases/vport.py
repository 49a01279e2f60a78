# SPDX-License-Identifier: BSD-3-Clause
"""The vport family: types, numbers, names, pids, notifications, dumps, devices that go away."""
import ovsnl
from ovsnl import ACK, ECHO, REQUEST, VPORT_DEL, VPORT_GET, VPORT_NEW, VPORT_SET, attr, nest, u32
from ovslang import act, key
from scene import case, name_attr, port_no, vport_name

LOUD = REQUEST | ACK | ECHO


def kind(number):
    return attr(ovsnl.VPORT_TYPE, u32(number))


def pids(*numbers):
    return attr(ovsnl.VPORT_UPCALL_PID, b''.join(map(u32, numbers)))


def new(t, name, number=None, vport_type=2, *more, **options):
    extra = [] if number is None else [port_no(number)]
    options.setdefault('label', f'new {name}')
    options.setdefault('flags', LOUD)
    return t.vport_ask(
        VPORT_NEW, vport_name(name), kind(vport_type), pids(0), *extra, *more, **options
    )


@case('vport/new/numbers', 'fresh')
def numbers(t):
    for number in (
        None,
        0,
        5,
        5,
        1,
        2,
        None,
        65534,
        65535,
        65536,
        0x80000000,
        0xFFFFFFFF,
        1000,
        1024,
        1025,
    ):
        new(t, f'p{number}'[:15], number, label=f'number {number}')
    t.dump('ovs_vport', VPORT_GET, label='all')


@case('vport/new/lowest-free', 'fresh')
def lowest(t):
    for name in ('a', 'b', 'c'):
        new(t, name)
    t.vport_ask(VPORT_DEL, vport_name('b'), flags=LOUD, label='delete b')
    new(t, 'd')
    new(t, 'e')
    new(t, 'f', 0)


@case('vport/new/types', 'fresh')
def types(t):
    for number in (0, 6, 0xFFFFFFFF):
        new(t, 'x1', None, number, label=f'type {number}')


@case('vport/new/name-taken', 'fresh')
def name_taken(t):
    new(t, 'int1')
    for name in ('int1', 'dp0', 'lo'):
        new(t, name, label=f'internal {name}')
        new(t, name, 7, label=f'internal {name}, number')
    new(t, 'int2', 1, label='number taken')
    new(t, 'int1', 1, label='name and number taken')


@case('vport/new/unsuitable-netdev', 'fresh')
def unsuitable(t):
    new(t, 'int1')
    for name in ('lo', 'none', 'int1', 'dp0'):
        new(t, name, 7, 1, label=f'netdev {name}')
    t.ip(
        'link add dfveth type veth peer name dfpeer',
        'link add dfbr type bridge',
        'link set dfveth master dfbr',
    )
    new(t, 'dfveth', None, 1, label='in a bridge')
    t.ip('link set dfveth nomaster', 'link del dfbr', 'link del dfveth')


@case('vport/netdev/other-name', 'fresh')
def other_name(t):
    t.ip(
        'link add dfveth type veth peer name dfpeer', 'link property add dev dfveth altname dfother'
    )
    new(t, 'dfother', 7, 1, label='by its other name')
    t.vport_ask(VPORT_GET, vport_name('dfother'), label='found by it')
    t.vport_ask(VPORT_GET, vport_name('dfveth'), label='found by its name')
    t.vport_ask(VPORT_DEL, port_no(7), label='del')
    t.ip('link del dfveth')


@case('vport/netdev/life', 'fresh')
def netdev(t):
    """A veth as a port: new, in use, gone."""
    t.ip('link add dfveth type veth peer name dfpeer')
    new(t, 'dfveth', 7, 1)
    t.vport_ask(VPORT_GET, port_no(7), label='get')
    t.vport_ask(VPORT_GET, vport_name('dfveth'), dp=0, label='get by name')
    new(t, 'dfveth', 8, 1, label='again')
    t.dp_ask(1, name_attr('dp1'), attr(2, u32(0)), label='a second datapath')
    t.vport_ask(
        VPORT_NEW, vport_name('dfveth'), kind(1), pids(0), label='into it', dp=index(t, 'dp1')
    )
    t.vport_ask(VPORT_SET, port_no(7), pids(t.up1.pid), flags=LOUD, label='set')
    t.vport_ask(VPORT_DEL, port_no(7), flags=LOUD, label='del')
    t.vport_ask(VPORT_GET, port_no(7), label='get')
    new(t, 'dfveth', 9, 1, label='again')
    t.vport_ask(VPORT_DEL, vport_name('dfveth'), dp=0, flags=LOUD, label='del by name')
    t.ip('link del dfveth')


@case('vport/netdev/deleted', 'fresh')
def netdev_deleted(t):
    t.ip('link add dfveth type veth peer name dfpeer')
    new(t, 'dfveth', 7, 1)
    t.ip('link del dfveth')
    t.wait_event('its notification')
    t.vport_ask(VPORT_GET, port_no(7), label='get')
    new(t, 'int1', 7, label='its number is free')


@case('vport/netdev/renamed', 'fresh')
def netdev_renamed(t):
    t.ip('link add dfveth type veth peer name dfpeer')
    new(t, 'dfveth', 7, 1)
    t.ip('link set dfveth name dfnew')
    t.vport_ask(VPORT_GET, port_no(7), label='get')
    t.vport_ask(VPORT_GET, vport_name('dfnew'), dp=0, label='by the new name')
    t.vport_ask(VPORT_GET, vport_name('dfveth'), dp=0, label='by the old name')
    t.ip('link del dfnew')
    t.wait_event('its notification')


@case('vport/internal/refuses-ip-link-del', 'fresh')
def internal_del(t):
    new(t, 'int1')
    t.ip('link del int1')
    t.vport_ask(VPORT_GET, vport_name('int1'), label='still there')


@case('vport/options', 'fresh')
def options(t):
    new(t, 'int1', 1)
    t.vport_ask(VPORT_SET, port_no(1), nest(ovsnl.VPORT_OPTIONS), flags=LOUD, label='empty')
    t.vport_ask(
        VPORT_SET, port_no(1), nest(ovsnl.VPORT_OPTIONS, attr(1, b'\1\2')), label='with something'
    )
    new(t, 'int2', 2, 2, nest(ovsnl.VPORT_OPTIONS, attr(1, b'\1\2')), label='new with options')


@case('vport/ifindex', 'fresh')
def ifindex(t):
    """Only a new internal port may ask for one."""
    wanted = attr(ovsnl.VPORT_IFINDEX, u32(5000))
    new(t, 'int1', 1, 2, wanted)
    new(t, 'int2', 2, 2, wanted, label='taken')
    new(t, 'int3', 3, 2, attr(ovsnl.VPORT_IFINDEX, u32(0)), label='zero')
    new(t, 'int4', 4, 2, attr(ovsnl.VPORT_IFINDEX, u32(0xFFFFFFFF)), label='negative')
    new(t, 'lo', 5, 1, wanted, label='netdev')
    new(t, 'int5', 70000, 1, wanted, label='netdev, number too high')
    for cmd in (VPORT_GET, VPORT_SET, VPORT_DEL):
        t.vport_ask(cmd, wanted, label=f'{cmd} by it')
        t.vport_ask(cmd, wanted, port_no(1), label=f'{cmd} by number and it')
        t.vport_ask(cmd, wanted, vport_name('int1'), label=f'{cmd} by name and it')


@case('vport/lookup', 'fresh')
def lookup(t):
    new(t, 'int1', 1)
    t.dp_ask(1, name_attr('dp1'), attr(2, u32(0)), attr(5, u32(3)), label='a second datapath')
    other = index(t, 'dp1')
    for cmd in (VPORT_GET, VPORT_SET):
        for number in (0, 1, 2, 65534, 65535, 65536, 0xFFFFFFFF):
            t.vport_ask(cmd, port_no(number), label=f'{cmd} number {number}')
            t.vport_ask(cmd, port_no(number), dp=0, label=f'{cmd} number {number}, no dp')
        for name in ('int1', 'dp0', 'dp1', 'lo', 'none'):
            t.vport_ask(cmd, vport_name(name), label=f'{cmd} name {name}')
            t.vport_ask(cmd, vport_name(name), dp=0, label=f'{cmd} name {name}, no dp')
            t.vport_ask(cmd, vport_name(name), dp=other, label=f'{cmd} name {name}, other dp')
        t.vport_ask(
            cmd, vport_name('int1'), dp=index(t, 'int1'), label=f"{cmd} name, port's ifindex"
        )
        t.vport_ask(cmd, vport_name('int1'), port_no(0), label=f'{cmd} name and other number')
        t.vport_ask(cmd, port_no(1), dp=9999, label=f'{cmd} number, wrong dp')
        t.vport_ask(cmd, port_no(1), dp=index(t, 'int1'), label=f"{cmd} number, port's ifindex")
        t.vport_ask(cmd, label=f'{cmd} nothing')


@case('vport/set', 'fresh')
def set_port(t):
    new(t, 'int1', 1)
    for number in (0, 1, 2, 3, 99):
        t.vport_ask(VPORT_SET, port_no(1), kind(number), flags=LOUD, label=f'type {number}')
    t.vport_ask(VPORT_SET, port_no(0), kind(2), flags=LOUD, label='local port')
    t.vport_ask(VPORT_SET, port_no(1), flags=LOUD, label='nothing')
    t.vport_ask(VPORT_SET, port_no(1), flags=REQUEST | ACK, label='nothing, no echo')
    t.vport_ask(VPORT_SET, vport_name('int1'), attr(6, bytes(64)), flags=LOUD, label='stats')
    t.vport_ask(VPORT_SET, vport_name('int1'), attr(9, u32(3)), flags=LOUD, label='netnsid')


@case('vport/pids', 'fresh')
def port_pids(t):
    new(t, 'int1', 1)
    for numbers in (
        (t.up1.pid,),
        (t.up1.pid, t.up2.pid),
        (0,),
        (0, 0),
        (0, t.up1.pid),
        (t.up1.pid, 0),
        (1, 2),
        (t.up1.pid,) * 3,
    ):
        t.vport_ask(VPORT_SET, port_no(1), pids(*numbers), flags=LOUD, label=f'{len(numbers)} pids')
    t.vport_ask(VPORT_SET, port_no(1), pids(), flags=LOUD, label='empty')
    for length in (1, 2, 3, 5, 6, 7, 9):
        t.vport_ask(
            VPORT_SET, port_no(1), attr(5, b'\1' * length), flags=LOUD, label=f'{length} bytes'
        )
    t.vport_ask(VPORT_SET, port_no(1), kind(1), pids(5), label='wrong type, then pids')
    t.vport_ask(VPORT_GET, port_no(1), label='get')


@case('vport/pids/new', 'fresh')
def new_pids(t):
    for length in (0, 1, 3, 4, 5, 8):
        t.vport_ask(
            VPORT_NEW,
            vport_name(f'int{length}'),
            kind(2),
            attr(5, b'\1' * length),
            flags=LOUD,
            label=f'{length} bytes',
        )
    t.dump('ovs_vport', VPORT_GET, label='all')


@case('vport/pids/feature', 'fresh')
def pids_feature(t):
    """Without OVS_DP_F_VPORT_PIDS a port reports one pid only."""
    new(t, 'int1', 1)
    t.vport_ask(VPORT_SET, port_no(1), pids(t.up1.pid, t.up2.pid), flags=LOUD, label='two pids')
    t.dp_ask(4, attr(5, u32(1)), label='without the feature')
    t.vport_ask(VPORT_GET, port_no(1), label='get')
    t.vport_ask(VPORT_SET, port_no(1), pids(t.up2.pid, t.up1.pid), flags=LOUD, label='two pids')
    t.vport_ask(VPORT_SET, port_no(1), pids(0, t.up1.pid), flags=LOUD, label='zero first')
    t.dp_ask(4, attr(5, u32(3)), label='with the feature')
    t.vport_ask(VPORT_GET, port_no(1), label='get')


@case('vport/pids/dispatch', 'fresh')
def dispatch(t):
    """A miss goes to the port's pid; a hash picks among several."""
    new(t, 'int1', 1)
    for numbers in ((0,), (t.up1.pid,), (t.up1.pid, t.up2.pid), (0, t.up2.pid)):
        t.vport_ask(VPORT_SET, port_no(1), pids(*numbers), label=f'{len(numbers)} pids')
        for value in range(len(numbers) > 1, 6):  # a hash of 0 is made up, hence random
            t.execute(
                bytes(60),
                key.in_port(1),
                act.recirc(9),
                attr(ovsnl.PACKET_HASH, ovsnl.u64(3 << 32 | value)) if value else b'',
                label=f'miss with hash {value}',
            )
    t.dp_ask(ovsnl.DP_GET, label='stats')


@case('vport/del', 'fresh')
def delete(t):
    new(t, 'int1', 1)
    new(t, 'int2', 2)
    for label, parts in (
        ('local port', [port_no(0)]),
        ("local port's name", [vport_name('dp0')]),
        ('absent', [port_no(9)]),
        ('too high', [port_no(65535)]),
        ('nothing', []),
        ('name that is no port', [vport_name('lo')]),
    ):
        t.vport_ask(VPORT_DEL, *parts, flags=LOUD, label=label)
    t.vport_ask(VPORT_DEL, port_no(1), flags=LOUD, label='by number')
    t.vport_ask(VPORT_DEL, port_no(1), flags=LOUD, label='again')
    t.vport_ask(
        VPORT_DEL, vport_name('int2'), port_no(1), dp=0, flags=REQUEST, label='by name, silently'
    )
    t.dump('ovs_vport', VPORT_GET, label='what is left')


@case('vport/dump', 'fresh')
def dump(t):
    """In order of the number modulo 1024, the latest first among equals."""
    for number in (5, 1029, 2053, 3, 1024, 1023, 700, 60000):
        new(t, f'p{number}', number)
    t.dump('ovs_vport', VPORT_GET, label='all')
    t.dump('ovs_vport', VPORT_GET, dp=9999, label='wrong datapath')
    t.dump('ovs_vport', VPORT_GET, dp=0, label='no datapath')
    t.dump('ovs_vport', VPORT_GET, port_no(5), label='a number in a dump is ignored')
    t.dump('ovs_vport', VPORT_GET, attr(6, b'\1'), label='a bad attribute in a dump')
    t.dump('ovs_vport', VPORT_GET, dp=index(t, 'p5'), label="by a port's ifindex")


@case('vport/dump/many', 'fresh')
def dump_many(t):
    for number in range(1, 61):
        new(t, f'p{number}', number, flags=REQUEST)
    t.dump('ovs_vport', VPORT_GET, label='sixty')


@case('vport/acknowledgements', 'fresh')
def acknowledgements(t):
    for flags in (REQUEST, REQUEST | ACK, REQUEST | ECHO, LOUD):
        new(t, 'int1', 1, flags=flags, label=f'new, flags {flags:#x}')
        t.vport_ask(VPORT_SET, port_no(1), pids(5), flags=flags, label=f'set, flags {flags:#x}')
        t.vport_ask(VPORT_DEL, port_no(1), flags=flags, label=f'del, flags {flags:#x}')


@case('vport/listener-in-requester', 'fresh')
def listener(t):
    """A requester that listens itself gets the notification once more with ECHO."""
    data = ovsnl.ovs(
        t.ids['ovs_vport'],
        VPORT_NEW,
        t.dp,
        vport_name('int1'),
        kind(2),
        pids(0),
        flags=LOUD,
        seq=t.seq(),
    )
    t.send('new with echo', data, on='events')
    data = ovsnl.ovs(
        t.ids['ovs_vport'], VPORT_DEL, t.dp, vport_name('int1'), flags=REQUEST | ACK, seq=t.seq()
    )
    t.send('del without echo', data, on='events')


def index(t, name):
    return {found: number for number, found in t.ifindexes.items()}[name]

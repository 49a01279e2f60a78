# SPDX-License-Identifier: BSD-3-Clause
"""A collector of sFlow (version 5), IPFIX (RFC 7011) or NetFlow (version 5) on loopback.

collector.py KIND PORT FILE - keeps in FILE, as JSON, an account of what has arrived so far, until it
is killed. What it can't parse ends it.
"""
import collections
import json
import os
import socket
import struct
import sys


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        found = struct.unpack_from('!' + form, self.data, self.at)
        self.at += struct.calcsize('!' + form)
        return found if len(found) > 1 else found[0]

    def skip(self, length):
        self.at += length
        if self.at > len(self.data):
            raise ValueError('a length beyond the end')

    def bytes(self, length):
        self.skip(length)
        return self.data[self.at - length:self.at]

    def left(self):
        return len(self.data) - self.at


class Sflow:
    """Counts samples; Ethernet headers by their addresses; pairs of interfaces "IN>OUT"."""

    FLOW_SAMPLE, COUNTER_SAMPLE, RAW_HEADER, ETHERNET = 1, 2, 1, 1

    def __init__(self):
        self.account = {'datagrams': 0, 'flow_samples': 0, 'counter_samples': 0,
                        'headers': collections.Counter(), 'interfaces': []}

    def datagram(self, data):
        reader = Reader(data)
        version, address_type = reader.take('II')
        if (version, address_type) != (5, 1):
            raise ValueError(f'sFlow version {version}, address type {address_type}')
        reader.take('IIII')  # agent, sub-agent, sequence number, uptime
        self.account['datagrams'] += 1
        for _ in range(reader.take('I')):
            kind, length = reader.take('II')
            sample = Reader(reader.bytes(length))
            if kind == self.FLOW_SAMPLE:
                self.flow_sample(sample)
            elif kind == self.COUNTER_SAMPLE:
                self.account['counter_samples'] += 1
        if reader.left():
            raise ValueError(f'{reader.left()} bytes behind the samples')

    def flow_sample(self, sample):
        *_, source, target, records = sample.take('IIIIIIII')
        self.account['flow_samples'] += 1
        pair = f'{source}>{target}'
        if pair not in self.account['interfaces']:
            self.account['interfaces'].append(pair)
        for _ in range(records):
            kind, length = sample.take('II')
            record = Reader(sample.bytes(length))
            if kind == self.RAW_HEADER:
                protocol, _, _, size = record.take('IIII')
                if protocol != self.ETHERNET:
                    raise ValueError(f'header of protocol {protocol}')
                self.account['headers'][record.bytes(size)[:12].hex()] += 1


class Ipfix:
    """Counts data records by observation domain."""

    TEMPLATE_SET, OPTIONS_TEMPLATE_SET, ENTERPRISE = 2, 3, 0x8000

    def __init__(self):
        self.account = {'datagrams': 0, 'records': collections.Counter()}
        self.templates = {}

    def datagram(self, data):
        reader = Reader(data)
        version, length, _, _, domain = reader.take('HHIII')
        if version != 10 or length != len(data):
            raise ValueError(f'IPFIX version {version}, length {length} of {len(data)}')
        self.account['datagrams'] += 1
        while reader.left():
            number, length = reader.take('HH')
            contents = Reader(reader.bytes(length - 4))
            if number == self.TEMPLATE_SET:
                self.template(contents, domain)
            elif number > 255:
                self.records(contents, domain, number)

    def template(self, contents, domain):
        while contents.left() >= 4:
            number, count = contents.take('HH')
            lengths = []
            for _ in range(count):
                element, length = contents.take('HH')
                lengths.append(length)
                if element & self.ENTERPRISE:
                    contents.take('I')
            self.templates[domain, number] = lengths

    def records(self, contents, domain, number):
        lengths = self.templates.get((domain, number))
        if lengths is None:
            return  # its template was sent before this collector started
        least = sum(1 if length == 0xffff else length for length in lengths)
        while contents.left() >= least:
            for length in lengths:
                if length == 0xffff:
                    length = contents.take('B')
                    length = contents.take('H') if length == 255 else length
                contents.skip(length)
            self.account['records'][str(domain)] += 1


class Netflow:
    """Counts packets by "SOURCE>TARGET"."""

    def __init__(self):
        self.account = {'datagrams': 0, 'packets': collections.Counter()}

    def datagram(self, data):
        reader = Reader(data)
        version, count = reader.take('HH')
        if version != 5 or len(data) != 24 + 48 * count:
            raise ValueError(f'NetFlow version {version}, {count} records in {len(data)} bytes')
        reader.skip(20)
        self.account['datagrams'] += 1
        for _ in range(count):
            source, target, _, _, _, packets, *_ = reader.take('4s4sIHHIIIIHHBBBBHHBBH')
            self.account['packets'][f'{socket.inet_ntoa(source)}>{socket.inet_ntoa(target)}'] += packets


def main():
    kind, port, path = sys.argv[1:]
    collector = {'sflow': Sflow, 'ipfix': Ipfix, 'netflow': Netflow}[kind]()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(('127.0.0.1', int(port)))
        while True:
            with open(path + '.new', 'w', encoding='ascii') as out:
                json.dump(collector.account, out)
            os.rename(path + '.new', path)
            collector.datagram(sock.recv(1 << 16))


if __name__ == '__main__':
    main()

# SPDX-License-Identifier: BSD-3-Clause
"""K7: attributes that are newer than the clients' headers, in what a datapath said.

Clients refuse a whole message for a key that they don't know (Linux 5.18 broke them that way), and
some for any attribute. So nothing beyond Linux 6.1's <linux/openvswitch.h> may come unasked, but
for what LISTED says; actions come back as they were given.
"""
import ovsnl

KEY_MAX, TUNNEL_INFO, TUNNEL_MAX, NSH_MAX = 32, 31, 16, 3

# By family: the newest attribute, and which are nested, in what.
TUNNEL = (TUNNEL_MAX, {})
KEY = (KEY_MAX, {16: TUNNEL, 28: (NSH_MAX, {})})
KEY[1][1] = KEY  # encap
FAMILIES = {
    'ovs_datapath': (9, {}),
    'ovs_vport': (9, {}),
    'ovs_flow': (11, {1: KEY, 7: KEY}),
    'ovs_packet': (11, {2: KEY, 5: TUNNEL}),
    'ovs_meter': (9, {4: (0, {0: (4, {})})}),
    'ovs_ct_limit': (1, {}),
}
# Statistics of upcalls (Linux 6.2), which every known client of vports passes over.
LISTED = {('ovs_vport', 10)}


def strangers(name, data, schema):
    """Attributes in `data` that the schema doesn't know, as text."""
    newest, nested = schema
    for kind, payload in ovsnl.parse(data):
        if (name, kind) in LISTED:
            continue
        if kind > newest or (schema is KEY and kind == TUNNEL_INFO):
            yield f'{name}: attribute {kind}'
        elif nested.get(kind):
            yield from strangers(f'{name}/{kind}', payload, nested[kind])


def newer(trace):
    """Lines "CASE: STEP: what is newer than it may be", and how many messages were looked at."""
    families = {number: name for name, number in trace['families'].items() if name in FAMILIES}
    sockets = set(trace['pids'].values())
    found, looked, known = [], 0, set()
    for case, record in trace['cases'].items():
        for label, _, got in record['steps']:
            for data in (data for name, data in got if name in sockets and isinstance(data, str)):
                message = ovsnl.Message(bytes.fromhex(data[:40]))
                if message.kind not in families or len(data) < 48:
                    continue
                looked += 1
                # The same words in answer to another request.
                said = families[message.kind], data[48:]
                if said in known:
                    continue
                known.add(said)
                found += [
                    f'{case}: {label}: {text}'
                    for text in strangers(said[0], bytes.fromhex(said[1]), FAMILIES[said[0]])
                ]
    return found, looked

# SPDX-License-Identifier: BSD-3-Clause
"""A dump that is fed back gives the same dump: for the flows of generated sessions."""
import ovsnl
import scene
from ovsnl import ACK, CREATE, REQUEST, attr
from scene import case
from session import BATCH, Session

# What a flow's dump says of it, as opposed to what happened to it.
SAID = (ovsnl.FLOW_KEY, ovsnl.FLOW_MASK, ovsnl.FLOW_UFID, ovsnl.FLOW_ACTIONS)


def flows(t):
    """The flows that there are: {identity: attributes as they are dumped}."""
    found = {}
    for message in t.main.dump('ovs_flow', ovsnl.FLOW_GET, t.dp):
        said = [(kind, body) for kind, body in message.attributes if kind in SAID]
        found[said[0]] = said
    return found


def again(t, dumped):
    """Ask for the flows in the words of the dump."""
    requests = []
    for number, said in enumerate(dumped):
        body = b''.join(attr(kind, data) for kind, data in said)
        data = ovsnl.ovs(
            t.ids['ovs_flow'],
            ovsnl.FLOW_NEW,
            t.dp,
            body,
            flags=REQUEST | ACK | CREATE,
            seq=t.seq(),
        )
        requests.append((f'{number} again', data))
    for at in range(0, len(requests), BATCH):
        t.send_many(requests[at : at + BATCH])


for session in range(0, scene.SESSIONS, 3):

    @case(f'generated-dump/{session:04}')
    def round_trip(t, session=session):
        Session(t, f'{scene.SEED}/dump/{session}').only_flows(3)
        before = flows(t)
        t.flush()
        again(t, [before[name] for name in sorted(before)])
        t.dump('ovs_flow', ovsnl.FLOW_GET)
        after = flows(t)
        t.note('flows', len(before))
        t.note(
            'differ',
            sorted(
                f'{name[1].hex()} {[b.hex() for _, b in before.get(name, ())]} '
                f'{[b.hex() for _, b in after.get(name, ())]}'
                for name in before.keys() | after.keys()
                if before.get(name) != after.get(name)
            ),
        )

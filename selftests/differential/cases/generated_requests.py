# SPDX-License-Identifier: BSD-3-Clause
"""Generated requests: sessions over the whole language, valid requests and damaged ones.

`run --seed` chooses other ones and `--sessions` how many. A case's name and the seed are all that
it takes to ask the same again.
"""
import scene
from scene import case
from session import Session

for number in range(scene.SESSIONS):

    @case(f'generated-flow/{number:04}')
    def flows(t, number=number):
        Session(t, f'{scene.SEED}/flow/{number}').flows_and_packets(5)

    if number % 5 == 0:

        @case(f'generated-port/{number:04}', 'fresh')
        def ports(t, number=number):
            Session(t, f'{scene.SEED}/port/{number}').datapaths_and_ports(4)

# SPDX-License-Identifier: BSD-3-Clause
"""Has the kernel's fault injection make the Nth allocation of this thread fail."""
import os
import pathlib

DEBUG = pathlib.Path('/sys/kernel/debug')
# All sizes and kinds, but what programs ask for in user space.
KNOBS = {
    'failslab/ignore-gfp-wait': 'N',
    'fail_page_alloc/ignore-gfp-wait': 'N',
    'fail_page_alloc/ignore-gfp-highmem': 'Y',
    'fail_page_alloc/min-order': '0',
}


class Injector:
    """Counts the allocations that this thread makes in the kernel, and has one of them fail."""

    def __init__(self, stacks=False):
        """`stacks`: the kernel's log tells where each allocation that failed was asked for."""
        verbose = '2' if stacks else '0'
        knobs = {**KNOBS, 'failslab/verbose': verbose, 'fail_page_alloc/verbose': verbose}
        for name, value in knobs.items():
            (DEBUG / name).write_text(value, encoding='ascii')
        self.file = os.open('/proc/thread-self/fail-nth', os.O_RDWR)

    def during(self, number, function):
        """Call `function`; True if it made so many allocations that one was made to fail."""
        text = str(number).encode()
        os.pwrite(self.file, text, 0)
        try:
            function()
        finally:
            left = os.pread(self.file, 16, 0)
            os.pwrite(self.file, b'0', 0)
        return int(left) == 0

# SPDX-License-Identifier: BSD-3-Clause
"""Python reads this when it starts, with this folder on PYTHONPATH.

Two things of Debian's python3-pyroute2 that the kernel's ovs-dpctl.py trips over are mended:
- It lacks the file that holds its version, and calls itself "unknown", which the script takes for
  a number. The version that the package's metadata holds stands in.
- It takes only lists for attributes that are arrays, where the script gives a single number.
"""
import sys
import types
from importlib.metadata import version

found = types.ModuleType('pyroute2.config.version')
found.__version__ = version('pyroute2')
sys.modules[found.__name__] = found

from pyroute2.netlink import nlmsg_atoms  # noqa: E402  (asks for the version)

encode_list = nlmsg_atoms.array.encode


def encode(self):
    if isinstance(self.value, int):
        self.value = [self.value]
    encode_list(self)


nlmsg_atoms.array.encode = encode

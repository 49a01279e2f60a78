# SPDX-License-Identifier: BSD-3-Clause
"""Programs that are run to their end, and waiting."""
import os
import subprocess
import time

START_SECONDS = 60


class Failed(Exception):
    pass


def run(*argv, env=None, timeout=90):
    try:
        done = subprocess.run(argv, capture_output=True, text=True,
                              env={**os.environ, **(env or {})}, timeout=timeout)
    except subprocess.TimeoutExpired as failure:
        raise Failed(str(failure)) from failure
    if done.returncode:
        raise Failed("%s: exit %d: %s" % (" ".join(argv), done.returncode,
                                          (done.stderr or done.stdout).strip()))
    return done.stdout


def wait_for(what, probe, seconds=START_SECONDS):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if probe():
            return
        time.sleep(0.1)
    raise Failed("timed out: " + what)

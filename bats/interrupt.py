"""Run a command and press Ctrl-C, so to speak, once a prefix holds a key, or a file is there.

usage: interrupt.py [--freeze=PID] ENDPOINT PREFIX COMMAND...
       interrupt.py --file=PATTERN COMMAND...

The command gets SIGINT with its default action, which a shell takes away from
what it starts in the background, and its whole process group gets it, as from a
terminal. Exits with the command's status. With --freeze that process, an etcd, is
stopped first, so that the command has to wait; then Ctrl-C is pressed twice.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from base64 import b64encode
from glob import glob

import requests

DEADLINE = 30  # seconds


def main() -> int:
    """Start, wait for a key or a file, interrupt; the command's status."""
    frozen, pattern = flag("--freeze="), flag("--file=")
    endpoint, prefix, *command = ["", "", *sys.argv[1:]] if pattern else sys.argv[1:]
    process = subprocess.Popen(
        command,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    end = time.monotonic() + DEADLINE
    while not (glob(pattern) if pattern else has_key(endpoint, prefix)):
        if process.poll() is not None or time.monotonic() > end:
            sys.exit(f"ended, or wrote nothing, before it was interrupted: {command}")
        time.sleep(0.01)
    if not frozen:
        os.killpg(process.pid, signal.SIGINT)
        return process.wait(DEADLINE)
    os.kill(int(frozen), signal.SIGSTOP)
    try:
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.5)
        if process.poll() is not None:
            sys.exit(f"did not wait for what was in flight: {command}")
        os.killpg(process.pid, signal.SIGINT)
        return process.wait(1)
    finally:
        os.kill(int(frozen), signal.SIGCONT)


def flag(name: str) -> str:
    """Take the first argument when it is that flag: its value, or nothing."""
    return sys.argv.pop(1).removeprefix(name) if sys.argv[1].startswith(name) else ""


def has_key(endpoint: str, prefix: str) -> bool:
    """Whether etcd holds a key at or after `prefix`, which tests start without."""
    request = {"key": b64encode(prefix.encode()).decode(), "range_end": "AA==", "limit": 1}
    return "kvs" in requests.post(f"{endpoint}/v3/kv/range", json=request, timeout=5).json()


if __name__ == "__main__":
    sys.exit(main())

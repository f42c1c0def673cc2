#!/usr/bin/env python3
"""etcdctl.py - etcdctl in Python, with the same output to the byte.

usage: etcdctl.py [flags] COMMAND [flags] [arguments]

commands:
  get put del txn watch compaction version
  lease grant|revoke|timetolive|list|keep-alive
  user add|delete|get|list|passwd|grant-role|revoke-role
  role add|delete|get|list|grant-permission|revoke-permission
  auth enable|disable|status          alarm list|disarm
  endpoint health|status|hashkv       member add|list|promote|remove|update
  defrag move-leader options

Flags, output (-w simple, json, fields, table), ETCDCTL_* variables and exit statuses are
etcdctl's; COMMAND --help lists the flags. Three flags are not:

  --like 3.5|3.6|3.7          the release of etcdctl to be like  (default 3.7, $ETCDCTL_LIKE)
  --transport gateway|native  the JSON gateway over HTTP, or gRPC with python-etcd3
                              (default gateway, $ETCDCTL_TRANSPORT)
  --as-curl                   print the curl command that sends COMMAND's request to the
                              gateway (the first of several), and send nothing

examples:
  py/etcdctl.py put demo/key "hello world"
  py/etcdctl.py get demo/ --prefix -w json
  py/etcdctl.py --transport native watch demo/ --prefix --rev=1
  py/etcdctl.py --like 3.5 endpoint status
  py/etcdctl.py --as-curl get demo/ --prefix
  diff <(etcdctl get '' --prefix) <(py/etcdctl.py get '' --prefix)
  ETCDCTL=py/etcdctl.py scripts/walk_basics.sh

exits: as etcdctl: 0 done, 1 failed, 2 no connection or bad credentials, 3 bad
input, 4 unsupported format, 5 watch canceled, 128 bad arguments
"""

from __future__ import annotations

import etcdlab.bootstrap  # noqa: F401

# isort: split
import os
import signal
import sys
from collections.abc import Sequence

from etcdlab.cli.main import run
from etcdlab.etcdctl.dispatch import dispatch


def main(arguments: Sequence[str]) -> int:
    """Run the command; return etcdctl's exit status."""
    try:
        status = dispatch(arguments, f"{__doc__}")
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # End as etcdctl does. SIGPIPE stays ignored until here: sockets raise it, too.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGPIPE)
        raise


if __name__ == "__main__":
    run(main)

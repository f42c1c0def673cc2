#!/usr/bin/env python3
"""etcd_certificates.py - a certificate authority of one's own, for an etcd on loopback.

usage: etcd_certificates.py -folder DIR        (part of: make up TLS=1)

Writes ca.pem, server.pem with server-key.pem, which is good for etcd and its peers on
127.0.0.1, ::1 and localhost and under the names of the services in docker-compose.yml, and
client.pem with client-key.pem. Keys are for their owner only (0600). The authority's own key
is written nowhere: nobody can sign with it again.

The client's certificate has no common name: with one, and with users, etcd's JSON gateway
refuses every request.

examples:
  py/etcd_certificates.py -folder certificates

exits: 0 written, 1 failed, 2 wrong usage
"""

from __future__ import annotations

import etcdlab.bootstrap  # noqa: F401

# isort: split
from collections.abc import Sequence

from etcdlab.cli.flag_types import file_value
from etcdlab.cli.flags import Flags
from etcdlab.cli.main import run
from etcdlab.errors import EXIT_DONE, LabError
from etcdlab.testbed.certificates import make_certificates


def main(arguments: Sequence[str]) -> int:
    """Make them; the exit status."""
    flags = Flags(__doc__ or "")
    flags.add(
        "folder DIR", file_value, "certificates", "the folder to make, which must not be there"
    )
    folder = flags.parse(arguments).folder
    if folder.exists():
        raise LabError(f"{folder}: is there already")
    try:
        make_certificates(folder)
    except OSError as error:
        raise LabError(f"{folder}: {error.strerror}") from error
    return EXIT_DONE


if __name__ == "__main__":
    run(main)

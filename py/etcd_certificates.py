#!/usr/bin/env python3
"""etcd_certificates.py - make certificates for an etcd on loopback, and their authority.

usage: etcd_certificates.py -folder DIR        (part of: make up TLS=1)

Writes ca.pem, server.pem with server-key.pem, and client.pem with client-key.pem. The
server's certificate is valid for etcd and its peers on 127.0.0.1, ::1 and localhost, and for
the services' names in docker-compose.yml. Only their owner can read the keys (0600). The
authority's own key is not kept: nobody can sign with it again.

The client's certificate has no common name: with one, etcd's JSON gateway refuses every
request as soon as there are users.

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
    """Make the certificates; return the exit status."""
    flags = Flags(__doc__ or "")
    flags.add("folder DIR", file_value, "certificates", "the folder to make, which must not exist")
    folder = flags.parse(arguments).folder
    if folder.exists():
        raise LabError(f"{folder}: already exists")
    try:
        make_certificates(folder)
    except OSError as error:
        raise LabError(f"{folder}: {error.strerror}") from error
    return EXIT_DONE


if __name__ == "__main__":
    run(main)

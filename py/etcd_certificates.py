#!/usr/bin/env python3
"""etcd_certificates.py - a certificate authority of one's own, for an etcd on loopback.

usage: etcd_certificates.py -folder DIR        (part of: make up TLS=1)

Writes ca.pem, server.pem with server-key.pem, which is good for etcd and its peers on
127.0.0.1, ::1 and localhost, and client.pem with client-key.pem. Keys are for their owner
only (0600). The authority's own key is written nowhere: nobody can sign with it again.

The client's certificate has no common name: with one, and with users, etcd's JSON gateway
refuses every request.

examples:
  py/etcd_certificates.py -folder certificates

exits: 0 written, 1 failed, 2 wrong usage
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import trustme

from etcdlab.cli import run
from etcdlab.errors import EXIT_DONE, LabError
from etcdlab.flags import Flags, file_value

SERVER = ("127.0.0.1", "::1", "localhost")
CLIENT = ("client@etcd-lab.example",)


def main(arguments: Sequence[str]) -> int:
    """Make them; the exit status."""
    flags = Flags(__doc__ or "")
    flags.add("folder", file_value, "certificates", "the folder to make, which must not be there")
    folder: Path = flags.parse(arguments).folder
    if folder.exists():
        raise LabError(f"{folder}: is there already")
    try:
        # All of it or nothing, and nobody else's to read from the first moment on.
        new = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
        try:
            write(new)
            new.rename(folder)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    except OSError as error:
        raise LabError(f"{folder}: {error.strerror}") from error
    return EXIT_DONE


def write(folder: Path) -> None:
    """Make an authority, and have it sign a pair each for etcd and its clients."""
    authority = trustme.CA(organization_name="etcd lab")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    for name, identities in (("server", SERVER), ("client", CLIENT)):
        signed = authority.issue_cert(*identities, organization_name="etcd lab")
        key = folder / f"{name}-key.pem"
        key.touch(mode=0o600)
        signed.private_key_pem.write_to_path(key)
        signed.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")


if __name__ == "__main__":
    run(main)

"""Certificates signed by a new authority, whose key is not kept."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import trustme

# The services of docker-compose.yml call each other by name.
SERVER = ("127.0.0.1", "::1", "localhost", "etcd", "etcd1", "etcd2", "etcd3")
CLIENT = ("client@etcd-lab.example",)
_OWNER = "etcd lab"


def make_certificates(folder: Path) -> None:
    """Make the folder, which must not exist, with PEM files in it, or nothing; raises OSError.

    The files are ca.pem, server.pem for etcd and its peers, client.pem for its clients, and
    their keys in server-key.pem and client-key.pem, readable by their owner only.
    """
    # mkdtemp: nobody else can read the keys at any moment.
    new = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        _write(new)
        new.rename(folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _write(folder: Path) -> None:
    authority = trustme.CA(organization_name=_OWNER)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    for name, identities in (("server", SERVER), ("client", CLIENT)):
        signed = authority.issue_cert(*identities, organization_name=_OWNER)
        key = folder / f"{name}-key.pem"
        key.touch(mode=0o600)
        signed.private_key_pem.write_to_path(key)
        signed.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")

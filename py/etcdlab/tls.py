"""Certificates, for both transports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from etcdlab.errors import LabError, Unreachable

if TYPE_CHECKING:
    import grpc
    import requests

_TIMEOUT = 2.0  # seconds


@dataclass(frozen=True)
class Tls:
    """Paths of PEM files, as etcdctl's flags --cacert, --cert and --key name them.

    Without `cacert` the system's authorities are trusted; `skip_verify` trusts
    whoever answers.
    """

    cacert: str = ""
    cert: str = ""
    key: str = ""
    skip_verify: bool = False

    def check(self) -> None:
        """LabError for a file that cannot be read, or half of a pair."""
        if bool(self.cert) != bool(self.key):
            raise LabError("--cert and --key must be given together")
        for path in filter(None, (self.cacert, self.cert, self.key)):
            try:
                Path(path).read_bytes()
            except OSError as error:
                raise LabError(f"{path}: {error.strerror}") from error

    def apply_to(self, session: requests.Session) -> None:
        """Make a session of `requests` use them."""
        if self.skip_verify:
            import urllib3

            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        session.verify = False if self.skip_verify else self.cacert or True
        session.cert = (self.cert, self.key) if self.cert else None

    def credentials(self, endpoint: str) -> tuple[grpc.ChannelCredentials, list[tuple[str, str]]]:
        """What gRPC needs to connect to `endpoint` (a base URL), and options for its channel.

        gRPC always verifies: to skip that, the certificate that the server shows
        is fetched first, and then trusted under the name that it bears.
        """
        import grpc

        roots = Path(self.cacert).read_bytes() if self.cacert else None
        options = []
        if self.skip_verify:
            pem, name = _shown_certificate(endpoint)
            roots = pem.encode()
            options = [("grpc.ssl_target_name_override", name)]
        pair = [Path(path).read_bytes() if path else None for path in (self.key, self.cert)]
        return grpc.ssl_channel_credentials(roots, *pair), options


def _shown_certificate(endpoint: str) -> tuple[str, str]:
    """The certificate (PEM) that the server shows, unverified, and a name in it."""
    import socket
    import ssl
    from urllib.parse import urlsplit

    url = urlsplit(endpoint)
    address = (url.hostname or "", url.port or 443)
    try:
        pem = ssl.get_server_certificate(address, timeout=_TIMEOUT)
        # Only a certificate that was verified is decoded: verify it against itself.
        context = ssl.create_default_context(cadata=pem)
        context.check_hostname = False
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        with (
            socket.create_connection(address, timeout=_TIMEOUT) as connection,
            context.wrap_socket(connection) as encrypted,
        ):
            names = (encrypted.getpeercert() or {}).get("subjectAltName", ())
    except OSError as error:
        raise Unreachable(endpoint, "no TLS connection could be made") from error
    return pem, str(names[0][1]) if names else address[0]

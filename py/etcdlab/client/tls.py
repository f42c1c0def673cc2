"""Certificates for both transports, and why a handshake fails."""

from __future__ import annotations

import socket
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from etcdlab.client.endpoints import port_of
from etcdlab.errors import LabError, Unreachable, Untrusted, UsageError

if TYPE_CHECKING:
    import ssl

    import grpc

# Of OpenSSL's X509_V_ERR_*: https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/
_NOT_YET_VALID, _EXPIRED = 9, 10
_UNKNOWN_AUTHORITY = (2, 18, 19, 20, 21)
_OTHER_NAME = (62, 64)
_ALERT = 0.5  # seconds to wait for a server's alert about the client's certificate


@dataclass(frozen=True)
class Tls:
    """Paths of PEM files, named as etcdctl's flags --cacert, --cert and --key.

    Without `cacert` the system's authorities are trusted; `skip_verify` trusts any server.
    """

    cacert: str = ""
    cert: str = ""
    key: str = ""
    skip_verify: bool = False

    def check(self) -> None:
        """Raise UsageError if a file is unreadable or no certificate or key, or half a pair."""
        if bool(self.cert) != bool(self.key):
            raise UsageError("--cert and --key must be given together")
        files = [path for path in (self.cacert, self.cert, self.key) if path]
        if not files:
            return  # loading the system's authorities takes a while
        import ssl

        for path in files:
            try:
                Path(path).read_bytes()
            except (OSError, ValueError) as error:
                raise UsageError(f"{path}: {getattr(error, 'strerror', error)}") from error
        try:
            self.context()
        except ssl.SSLError as error:
            paths = ", ".join(files)
            raise UsageError(f"{paths}: not a certificate or key, or not a pair") from error

    def context(self) -> ssl.SSLContext:
        """Return a context for Python's own sockets; ssl.SSLError or OSError for a bad file."""
        import ssl

        context = ssl.create_default_context(cafile=self.cacert or None)
        context.hostname_checks_common_name = False  # as gRPC and Go
        if self.skip_verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self.cert:
            context.load_cert_chain(self.cert, self.key)
        return context

    def credentials(
        self, endpoint: str, timeout: float
    ) -> tuple[grpc.ChannelCredentials, list[tuple[str, str]]]:
        """Return gRPC's credentials for `endpoint` (a base URL), and options for the channel.

        gRPC always verifies. To skip that, fetch the server's certificate first, within
        `timeout` seconds, and trust it under the name that it bears.
        """
        import grpc

        roots = Path(self.cacert).read_bytes() if self.cacert else None
        options = []
        if self.skip_verify:
            pem, name = self._shown_certificate(endpoint, timeout)
            roots = pem.encode()
            options = [("grpc.ssl_target_name_override", name)]
        pair = [Path(path).read_bytes() if path else None for path in (self.key, self.cert)]
        return grpc.ssl_channel_credentials(roots, *pair), options

    def refusal(self, endpoint: str, timeout: float) -> LabError:
        """Return why TLS to `endpoint` (a base URL) fails: Untrusted or Unreachable.

        Makes one more handshake, of at most `timeout` seconds, so that both transports report
        the same, and more than gRPC does.
        """
        import ssl

        try:
            with self._handshake(endpoint, timeout) as encrypted:
                # With TLS 1.3 a server refuses the client's certificate after the handshake.
                encrypted.settimeout(min(timeout, _ALERT))
                encrypted.recv(1)
        except ssl.SSLCertVerificationError as error:
            return Untrusted(endpoint, self._distrust(error))
        except ConnectionRefusedError:
            return Unreachable(endpoint, "no connection")
        except OSError as error:
            if "ALERT" in (getattr(error, "reason", None) or ""):
                return Untrusted(endpoint, self._wanted())
            if _answers_in_plain(endpoint, timeout):
                return Untrusted(endpoint, "does not speak TLS: use http://")
        return Unreachable(endpoint, "no TLS connection could be made")

    def _distrust(self, error: ssl.SSLCertVerificationError) -> str:
        """Return what is wrong with the server's certificate."""
        if error.verify_code == _EXPIRED:
            return "its certificate has expired"
        if error.verify_code == _NOT_YET_VALID:
            return "its certificate is not valid yet"
        if error.verify_code in _OTHER_NAME:
            return "its certificate is for another host"
        if error.verify_code in _UNKNOWN_AUTHORITY:
            known = self.cacert or "known to this system: name one with -cacert"
            return (
                f"its certificate is not signed by an authority {'of ' * bool(self.cacert)}{known}"
            )
        return f"its certificate is not valid: {error.verify_message}"

    def _wanted(self) -> str:
        """Return what the server that sent an alert wants of the client."""
        if self.cert:
            return f"does not take the client certificate {self.cert}"
        return "wants a client certificate: use -cert and -key"

    def greets(self, endpoint: str, timeout: float) -> bool:
        """Return whether `endpoint` (a base URL of either scheme) speaks TLS."""
        try:
            replace(self, skip_verify=True)._handshake(endpoint, timeout).close()
        except OSError:
            return False
        return True

    def _handshake(self, endpoint: str, timeout: float) -> ssl.SSLSocket:
        """Open a TLS connection to `endpoint`; OSError if that fails within `timeout` seconds."""
        connection = open_connection(endpoint, timeout)
        try:
            return self.context().wrap_socket(
                connection, server_hostname=urlsplit(endpoint).hostname
            )
        except BaseException:
            connection.close()
            raise

    def _shown_certificate(self, endpoint: str, timeout: float) -> tuple[str, str]:
        """Return the certificate (PEM) that the server shows, unverified, and a name in it."""
        import datetime
        import ssl

        from cryptography import x509

        try:
            with self._handshake(endpoint, timeout) as encrypted:
                shown = encrypted.getpeercert(binary_form=True) or b""
        except OSError as error:
            raise self.refusal(endpoint, timeout) from error
        certificate = x509.load_der_x509_certificate(shown)
        if certificate.not_valid_after_utc < datetime.datetime.now(datetime.timezone.utc):
            raise Untrusted(endpoint, "its certificate has expired, and gRPC verifies that always")
        try:
            names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        except x509.ExtensionNotFound:
            raise Untrusted(endpoint, "its certificate names no host, and gRPC wants one") from None
        return ssl.DER_cert_to_PEM_cert(shown), str(next(iter(names.value)).value)


def open_connection(url: str, timeout: float | None) -> socket.socket:
    """Open a TCP connection to a URL's host and port; OSError if that fails in time."""
    address = (urlsplit(url).hostname or "", port_of(url))
    return socket.create_connection(address, timeout)


def _answers_in_plain(endpoint: str, timeout: float) -> bool:
    """Return whether that endpoint speaks HTTP without TLS."""
    try:
        with open_connection(endpoint, timeout) as connection:
            connection.sendall(b"GET /health HTTP/1.0\r\n\r\n")
            return connection.recv(5) == b"HTTP/"
    except OSError:
        return False

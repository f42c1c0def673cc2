"""The connection flags: endpoints, transport, TLS, user, with etcdctl's names and variables."""

from __future__ import annotations

from argparse import Namespace

from etcdlab.cli.flag_types import file_value, name_value, one_of
from etcdlab.cli.flags import Flags
from etcdlab.cli.password import login_of
from etcdlab.client.api import REQUEST_TIMEOUT
from etcdlab.client.connect import TRANSPORTS, Settings
from etcdlab.client.endpoints import parse_endpoint
from etcdlab.client.tls import Tls
from etcdlab.errors import UsageError


def add_connection(flags: Flags, transport: bool = True) -> None:
    """Add the connection flags; -transport only if the script leaves the choice."""
    flags.add(
        "endpoints ENDPOINTS",
        endpoints_value,
        "http://127.0.0.1:2379",
        "host:port or URL, several separated by commas",
        ("ETCD_ENDPOINT", "ETCDCTL_ENDPOINTS"),
    )
    if transport:
        flags.add(
            "transport NAME",
            one_of(*TRANSPORTS),
            "gateway",
            "gateway (JSON over HTTP) or native (gRPC)",
        )
    for name, text in (
        ("cacert", "PEM file of the authority that signed etcd's certificate"),
        ("cert", "PEM file of the client's certificate"),
        ("key", "PEM file of that certificate's key"),
    ):
        flags.add(f"{name} FILE", file_value, "", text, _variables(name))
    for name, text in (
        ("insecure-skip-tls-verify", "accept any certificate from etcd; for tests only"),
        ("insecure-transport", "allow a password in plain text to another machine"),
    ):
        flags.add_switch(name, False, text, _variables(name))
    flags.add(
        "user NAME",
        name_value,
        "",
        "NAME, or NAME:PASSWORD; without a password, ask for it",
        _variables("user"),
    )
    flags.add(
        "password PASSWORD",
        name_value,
        "",
        "the user's password; the variable hides it from other users",
        _variables("password"),
    )


def _variables(name: str) -> tuple[str]:
    """The variable that etcdctl reads for the flag."""
    return (f"ETCDCTL_{name.upper().replace('-', '_')}",)


def settings_of(values: Namespace, timeout: float = REQUEST_TIMEOUT) -> Settings:
    """The settings that the flags give; `timeout` is a request's, in seconds.

    Asks for the password if the user has none. Raises UsageError for flags that contradict
    each other and for files that cannot be used.
    """
    paths = [str(path or "") for path in (values.cacert, values.cert, values.key)]
    tls = Tls(*paths, skip_verify=values.insecure_skip_tls_verify)
    if "password" in values.given and not values.user:
        raise UsageError("-password needs -user")
    wanted = tls if tls != Tls() else None
    if wanted:
        wanted.check()
    scheme = "https" if wanted else "http"
    return Settings(
        endpoints=[parse_endpoint(text, scheme) for text in values.endpoints],
        transport=getattr(values, "transport", TRANSPORTS[0]),
        timeout=timeout,
        tls=wanted,
        login=login_of(values.user, values.password or "") if values.user else None,
        plain_password=values.insecure_transport,
    )


def endpoints_value(text: str) -> list[str]:
    """Split endpoints at commas, as typed; ValueError as in client.endpoints.parse_endpoint."""
    texts = [part.strip(" ") for part in text.split(",")]
    for each in texts:
        parse_endpoint(each)
    return texts

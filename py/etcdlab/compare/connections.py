"""Clients of both libraries, with the certificates and the token of the settings."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import etcd3
import requests
import urllib3

from etcdlab.client.connect import Settings, connect
from etcdlab.client.endpoints import port_of
from etcdlab.client.tls import Tls

RETRY_AFTER = 300.0  # seconds, python-etcd3's default


def session_to(settings: Settings) -> requests.Session:
    """A session of `requests` with the client certificate and the user's token."""
    session = requests.Session()
    session.trust_env = False
    tls = settings.tls or Tls()
    if tls.skip_verify:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    session.verify = False if tls.skip_verify else tls.cacert or True
    session.cert = (tls.cert, tls.key) if tls.cert else None
    if token := _token(settings):
        session.headers["Authorization"] = token
    return session


def client_to(
    settings: Settings,
    grpc_options: Sequence[tuple[str, Any]] = (),
    time_retry: float = RETRY_AFTER,
    **more: Any,  # noqa: ANN401
) -> etcd3.MultiEndpointEtcd3Client:
    """A client of python-etcd3, which refuses its node for `time_retry` seconds after a failure.

    Builds its own Endpoint, since etcd3.client() requires the authority's certificate. Shares
    the settings' token: a client created with name and password (possible through `more`)
    requests one at once, and cannot use it over plain HTTP.
    """
    endpoint = settings.endpoints[0]
    credentials, options = None, []
    if is_secure := endpoint.startswith("https:"):
        tls = settings.tls or Tls()
        credentials, options = tls.credentials(endpoint, settings.connect_timeout)
    node = etcd3.Endpoint(
        urlsplit(endpoint).hostname,
        port_of(endpoint),
        secure=is_secure,
        creds=credentials,
        time_retry=time_retry,
        opts=[*grpc_options, *options],
    )
    client = etcd3.MultiEndpointEtcd3Client([node], **more)
    if token := _token(settings):
        client.metadata = (("token", token),)
    return client


def _token(settings: Settings) -> str:
    """The token of the settings' user, requested once; empty without a user."""
    if settings.login is None:
        return ""
    with closing(connect(settings)) as client:
        return settings.login.token(client.authenticate)

"""What etcd tells whoever can read HTTP, whatever the user: pages beside the gateway.

https://etcd.io/docs/v3.5/metrics/ for /metrics; /version is as old as etcd.
"""

from __future__ import annotations

from contextlib import suppress

import orjson

from etcdlab.tls import Tls


def page(url: str, path: str, tls: Tls | None, connect_timeout: float, timeout: float) -> str:
    """The page at `path` of the endpoint with that base URL; empty where there is none.

    Timeouts are in seconds.
    """
    import requests  # half of a script's start, and not every script asks for a page

    session = requests.Session()
    session.trust_env = False
    if tls:
        tls.apply_to(session)
    try:
        with session:
            found = session.get(f"{url}{path}", timeout=(connect_timeout, timeout))
            return found.text if found.ok else ""
    except requests.exceptions.RequestException:
        return ""


def version_in(text: str) -> str:
    """The server's version by the page at /version; empty where it does not say."""
    with suppress(orjson.JSONDecodeError, LookupError, TypeError):
        return str(orjson.loads(text)["etcdserver"])
    return ""

"""Pages that etcd serves over HTTP without a user: /metrics, /health and /version.

https://etcd.io/docs/v3.5/metrics/
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import orjson

from etcdlab.client.tls import Tls


def page(url: str, path: str, tls: Tls | None, connect_timeout: float, timeout: float) -> str:
    """Return the text of the page at `path` of a base URL, whatever its status.

    Empty if nothing answers. Timeouts are in seconds.
    """
    # Half of a script's start, and not every script asks for a page.
    from requests.exceptions import RequestException

    from etcdlab.client.http1 import Session

    try:
        with Session(tls) as session:
            reply = session.get(f"{url}{path}", timeout=(connect_timeout, timeout))
            return reply.content.decode(errors="replace")
    except RequestException:
        return ""


def version_in(text: str) -> str:
    """Return the server's version from the page at /version; empty if it has none."""
    with suppress(orjson.JSONDecodeError, LookupError, TypeError):
        return str(orjson.loads(text)["etcdserver"])
    return ""


def is_healthy(
    url: str, ignored: Iterable[str], tls: Tls | None, connect_timeout: float, timeout: float
) -> bool | None:
    """Return whether the member is healthy apart from the `ignored` alarms; None if unknown.

    Asks for the member's own state, which etcd answers from 3.5 on. Timeouts are in seconds.
    """
    query = "".join(f"&exclude={alarm}" for alarm in ignored)
    text = page(url, f"/health?serializable=true{query}", tls, connect_timeout, timeout)
    with suppress(orjson.JSONDecodeError, LookupError, TypeError):
        return bool(orjson.loads(text)["health"] == "true")
    return None
